//! The fuzzing corpora, as they are and with seeded damage: no panic, and what is read is written stably.

use std::fs;
use std::path::Path;

use crate::forms::{FORMS, Form};

/// Damaged inputs a form.
const MUTATIONS: u64 = 4000;

#[test]
fn every_message_of_the_corpus_is_read_and_written_stably() {
    for form in FORMS {
        for (name, message) in corpus(form) {
            let once = form.rewrite(&message).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(form.rewrite(&once).unwrap(), once, "{name}");
        }
    }
}

#[test]
fn damaged_messages_of_the_corpus_are_refused_or_written_stably() {
    for form in FORMS {
        let messages = corpus(form);
        let mut random = SplitMix(0x5EED);
        let mut read = 0;
        for round in 0..MUTATIONS {
            let (name, message) = &messages[random.below(messages.len())];
            let mut damaged = message.clone();
            for _ in 0..=random.below(3) {
                damage(&mut damaged, &messages, &mut random);
            }
            if let Ok(once) = form.rewrite(&damaged) {
                read += 1;
                let twice =
                    form.rewrite(&once).unwrap_or_else(|error| panic!("{name} round {round}: {error}"));
                assert_eq!(twice, once, "{name} round {round}");
            }
        }
        assert!(read > 0, "{form:?}: no damaged message is read, so that the damage proves nothing");
    }
}

fn corpus(form: Form) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(form.folder());
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut messages: Vec<_> = entries
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.display().to_string(), fs::read(&path).unwrap())
        })
        .collect();
    messages.sort();
    assert!(!messages.is_empty(), "{}", folder.display());
    messages
}

/// Flips, overwrites, removes, repeats or borrows some bytes.
fn damage(message: &mut Vec<u8>, messages: &[(String, Vec<u8>)], random: &mut SplitMix) {
    if message.is_empty() {
        return;
    }
    let at = random.below(message.len());
    let end = (at + random.below(16)).min(message.len());
    match random.below(6) {
        0 => message[at] ^= 1 << random.below(8),
        1 => message[at] = *b"\0\x01\xFF\"<>{}[]0xF,:&"[..].get(random.below(16)).unwrap(),
        2 => drop(message.drain(at..end)),
        3 => {
            let part = message[at..end].to_vec();
            message.splice(at..at, part);
        }
        4 => message.truncate(at),
        _ => {
            let (_, other) = &messages[random.below(messages.len())];
            let from = random.below(other.len());
            let part = other[from..(from + 24).min(other.len())].to_vec();
            message.splice(at..at, part);
        }
    }
}

/// The SplitMix64 generator, so that every run damages alike.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % bound.max(1) as u64).unwrap()
    }
}
