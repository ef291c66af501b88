//! Rules of [`MacScheme`](crate::scheme::MacScheme).

use std::sync::Arc;

use claviger_kmip::objects::CryptographicParameters;

use super::{ROUNDS, SeededRandom, changed, facts_of_raw_key, random_key};
use crate::random::RandomSource;
use crate::scheme::{MacKey, Scheme, SchemeEntry};

/// A scheme that makes MACs, and what it should do.
pub struct MacSubject {
    /// The entry.
    pub entry: SchemeEntry,
    /// Lengths of keys that it takes, in bytes.
    pub key_lengths: &'static [usize],
    /// Parameters that it claims.
    pub parameters: CryptographicParameters,
    /// The length of its MACs in bytes.
    pub length: usize,
}

impl MacSubject {
    fn key(&self, length: usize, rng: &mut SeededRandom) -> Arc<dyn MacKey> {
        match self.entry.scheme {
            Scheme::Mac(scheme) => scheme
                .prepare(&facts_of_raw_key(&self.entry, length), &random_key(length, rng))
                .expect("the length is one of its own"),
            _ => panic!("{} makes no MACs", self.entry.name),
        }
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
    use super::*;

    pub fn claims_a_key_with_its_parameters(subject: &MacSubject) {
        for length in subject.key_lengths {
            let facts = facts_of_raw_key(&subject.entry, *length);
            assert!((subject.entry.claims)(&facts, &subject.parameters));
        }
    }

    pub fn verifies_what_it_made(subject: &MacSubject) {
        subject.each(|key, data, _| {
            let mac = key.mac(&data, &subject.parameters).unwrap();
            assert_eq!(mac.len(), subject.length);
            assert!(key.verify(&data, &mac, &subject.parameters).unwrap());
        });
    }

    pub fn refuses_what_was_changed(subject: &MacSubject) {
        subject.each(|key, data, rng| {
            let mac = key.mac(&data, &subject.parameters).unwrap();
            let verify = |data: &[u8], mac: &[u8]| key.verify(data, mac, &subject.parameters).unwrap();
            assert!(!verify(&data, &changed(&mac, rng)), "a changed MAC");
            assert!(!verify(&data, &mac[..mac.len() - 1]), "a MAC that lacks a byte");
            assert!(!verify(&data, &[&mac[..], &[0]].concat()), "a MAC with a byte more");
            assert!(!verify(&data, &[]), "no MAC");
            assert!(!verify(&[&data[..], &[0]].concat(), &mac), "data with a byte more");
            if !data.is_empty() {
                assert!(!verify(&changed(&data, rng), &mac), "changed data");
            }
        });
    }

    pub fn needs_the_same_key_to_verify(subject: &MacSubject) {
        subject.each(|key, data, rng| {
            let other = subject.key(subject.key_lengths[0], rng);
            let mac = other.mac(&data, &subject.parameters).unwrap();
            assert!(!key.verify(&data, &mac, &subject.parameters).unwrap());
        });
    }

    pub fn is_made_of_key_and_data_alone(subject: &MacSubject) {
        subject.each(|key, data, _| {
            let mac = || key.mac(&data, &subject.parameters).unwrap();
            assert_eq!(mac(), mac());
        });
    }
}
