//! The fuzzing corpus of what clients send to the plugin, as it is and with seeded damage: all of it is answered.

// A helper that meets what it does not expect is to fail right there, too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "outside/tried.rs"]
mod tried;

use std::fs;
use std::path::Path;

use claviger_plugin_sdk::testkit::SeededRandom;

/// Damaged inputs, in all.
const DAMAGED: usize = 2000;

fn corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/covercrypt");
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

#[test]
fn everything_in_the_corpus_is_answered() {
    corpus().iter().for_each(|bytes| tried::tried(bytes));
}

#[test]
fn damaged_inputs_of_the_corpus_are_answered() {
    let corpus = corpus();
    let mut random = SeededRandom::new(0x5EED);
    for _ in 0..DAMAGED {
        let mut bytes = random.pick(&corpus).clone();
        for _ in 0..=random.below(3) {
            damage(&mut bytes, &mut random);
        }
        tried::tried(&bytes);
    }
}

/// Changes, removes, repeats or cuts off some bytes behind the first, which says what they are.
fn damage(bytes: &mut Vec<u8>, random: &mut SeededRandom) {
    if bytes.len() < 2 {
        return;
    }
    let place = 1 + random.below(bytes.len() - 1);
    match random.below(5) {
        0 => bytes[place] ^= 1 << random.below(8),
        1 => bytes[place] = *random.pick(&[0, 1, 0x7F, 0x80, 0xFF]),
        2 => _ = bytes.remove(place),
        3 => {
            let repeated = bytes[place..].iter().copied().take(1 + random.below(8)).collect::<Vec<_>>();
            bytes.splice(place..place, repeated);
        }
        _ => bytes.truncate(place),
    }
}
