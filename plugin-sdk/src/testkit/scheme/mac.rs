//! Rules of [`MacScheme`](crate::scheme::MacScheme).

use std::sync::Arc;

use claviger_kmip::objects::CryptographicParameters;

use super::{ROUNDS, SeededRandom, changed, facts_of_raw_key, random_key};
use crate::random::RandomSource;
use crate::scheme::{MacKey, MacScheme, Scheme, SchemeEntry};

/// A scheme that makes MACs, and what it should do.
pub struct MacSubject {
    /// The entry.
    pub entry: SchemeEntry,
    /// Lengths of keys that it takes, in bytes.
    pub key_lengths: &'static [usize],
    /// Lengths of keys that it refuses, in bytes.
    pub refused_key_lengths: &'static [usize],
    /// Parameters that it claims.
    pub parameters: CryptographicParameters,
    /// The length of its MACs in bytes.
    pub length: usize,
    /// Whether each MAC has a nonce of its own, and is another MAC therefore.
    pub has_nonce: bool,
}

impl MacSubject {
    fn scheme(&self) -> &'static dyn MacScheme {
        match self.entry.scheme {
            Scheme::Mac(scheme) => scheme,
            _ => panic!("{} makes no MACs", self.entry.name),
        }
    }

    fn key(&self, length: usize, rng: &mut SeededRandom) -> Arc<dyn MacKey> {
        self.scheme()
            .prepare(&facts_of_raw_key(&self.entry, length), &random_key(length, rng))
            .expect("the length is one of its own")
    }

    /// Tries a rule with each length of keys, on data of other lengths each time.
    fn each(&self, mut rule: impl FnMut(Arc<dyn MacKey>, Vec<u8>, &mut SeededRandom)) {
        for length in self.key_lengths {
            for round in 0..ROUNDS {
                let mut rng = SeededRandom::new(round);
                let key = self.key(*length, &mut rng);
                let data = rng.bytes(if round == 0 { 0 } else { 1 + round as usize * 23 }).into_vec();
                rule(key, data, &mut rng);
            }
        }
    }
}

/// The rules.
#[allow(missing_docs)] // each is a sentence
pub mod rules {
    use super::super::in_random_parts;
    use super::*;
    use crate::scheme::MacStream;

    pub fn claims_a_key_with_its_parameters(subject: &MacSubject) {
        for length in subject.key_lengths {
            let facts = facts_of_raw_key(&subject.entry, *length);
            assert!((subject.entry.claims)(&facts, &subject.parameters));
        }
    }

    pub fn verifies_what_it_made(subject: &MacSubject) {
        subject.each(|key, data, rng| {
            let mac = key.mac(&data, &subject.parameters, rng).unwrap();
            assert_eq!(mac.len(), subject.length);
            assert!(key.verify(&data, &mac, &subject.parameters).unwrap());
        });
    }

    pub fn refuses_what_was_changed(subject: &MacSubject) {
        subject.each(|key, data, rng| {
            let mac = key.mac(&data, &subject.parameters, rng).unwrap();
            refuses_changes(&data, &mac, rng, |data, mac| {
                key.verify(data, mac, &subject.parameters).unwrap()
            });
        });
    }

    pub fn needs_the_same_key_to_verify(subject: &MacSubject) {
        subject.each(|key, data, rng| {
            let other = subject.key(subject.key_lengths[0], rng);
            let mac = other.mac(&data, &subject.parameters, rng).unwrap();
            assert!(!key.verify(&data, &mac, &subject.parameters).unwrap());
        });
    }

    pub fn is_made_of_key_data_and_nonce_alone(subject: &MacSubject) {
        subject.each(|key, data, _| {
            let mac = |seed| key.mac(&data, &subject.parameters, &mut SeededRandom::new(seed)).unwrap();
            assert_eq!(mac(1), mac(1));
            assert_eq!(mac(1) != mac(2), subject.has_nonce);
        });
    }

    pub fn gives_in_parts_what_it_gives_at_once(subject: &MacSubject) {
        subject.each(|key, data, rng| {
            let mac = key.mac(&data, &subject.parameters, &mut SeededRandom::new(1)).unwrap();
            let started = |rng: &mut SeededRandom| {
                let mut stream = key.in_parts(&subject.parameters).unwrap();
                in_random_parts(&data, rng, |part| stream.update(part).unwrap());
                stream
            };
            assert_eq!(started(rng).finish(&mut SeededRandom::new(1)).unwrap(), mac);
            assert!(started(rng).verify(&mac).unwrap());
        });
    }

    pub fn refuses_in_parts_what_was_changed(subject: &MacSubject) {
        subject.each(|key, data, rng| {
            let mac = key.mac(&data, &subject.parameters, rng).unwrap();
            refuses_changes(&data, &mac, rng, |data, mac| {
                let mut stream: Box<dyn MacStream> = key.in_parts(&subject.parameters).unwrap();
                stream.update(data).unwrap();
                stream.verify(mac).unwrap()
            });
        });
    }

    pub fn refuses_keys_of_other_lengths(subject: &MacSubject) {
        let mut rng = SeededRandom::new(1);
        for length in subject.refused_key_lengths {
            let facts = facts_of_raw_key(&subject.entry, *length);
            let prepared = subject.scheme().prepare(&facts, &random_key(*length, &mut rng));
            assert!(prepared.is_err(), "a key of {length} bytes");
        }
    }

    fn refuses_changes(
        data: &[u8],
        mac: &[u8],
        rng: &mut SeededRandom,
        verify: impl Fn(&[u8], &[u8]) -> bool,
    ) {
        assert!(!verify(data, &changed(mac, rng)), "a changed MAC");
        assert!(!verify(data, &mac[..mac.len() - 1]), "a MAC that lacks a byte");
        assert!(!verify(data, &[mac, &[0]].concat()), "a MAC with a byte more");
        assert!(!verify(data, &[]), "no MAC");
        assert!(!verify(data, &mac[..1]), "the first byte of a MAC");
        assert!(!verify(&[data, &[0]].concat(), mac), "data with a byte more");
        if !data.is_empty() {
            assert!(!verify(&changed(data, rng), mac), "changed data");
        }
    }
}
