//! Rules of [`WrapScheme`](crate::scheme::WrapScheme).

use std::sync::Arc;

use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::tables::enumerations::ResultReason;

use super::{ROUNDS, SeededRandom, changed, facts_of_raw_key, random_key};
use crate::random::RandomSource;
use crate::scheme::{Scheme, SchemeEntry, WrapKey, WrapScheme};

/// A scheme that wraps keys, and what it should do.
pub struct WrapSubject {
    /// The entry.
    pub entry: SchemeEntry,
    /// Lengths of wrapping keys that it takes, in bytes.
    pub key_lengths: &'static [usize],
    /// Parameters that it claims.
    pub parameters: CryptographicParameters,
    /// Whether it wraps data of this many bytes.
    pub wraps: fn(usize) -> bool,
}

impl WrapSubject {
    fn scheme(&self) -> &'static dyn WrapScheme {
        match self.entry.scheme {
            Scheme::Wrap(scheme) => scheme,
            _ => panic!("{} does not wrap", self.entry.name),
        }
    }

    fn key(&self, length: usize, rng: &mut SeededRandom) -> Arc<dyn WrapKey> {
        self.scheme()
            .prepare(&facts_of_raw_key(&self.entry, length), &random_key(length, rng))
            .expect("the length is one of its own")
    }

    /// Tries a rule with each length of keys, on data of every length that is wrapped up to 96 bytes.
    fn each(&self, mut rule: impl FnMut(Arc<dyn WrapKey>, Vec<u8>, &mut SeededRandom)) {
        for length in self.key_lengths {
            for data in (0..=96).filter(|length| (self.wraps)(*length)) {
                let mut rng = SeededRandom::new(data as u64);
                let key = self.key(*length, &mut rng);
                let data = rng.bytes(data).into_vec();
                rule(key, data, &mut rng);
            }
        }
    }
}

/// The rules.
#[allow(missing_docs)] // each is a sentence
pub mod rules {
    use super::*;

    pub fn claims_a_key_with_its_parameters(subject: &WrapSubject) {
        for length in subject.key_lengths {
            let facts = facts_of_raw_key(&subject.entry, *length);
            assert!((subject.entry.claims)(&facts, &subject.parameters));
        }
    }

    pub fn unwraps_what_it_wrapped(subject: &WrapSubject) {
        subject.each(|key, data, rng| {
            let wrapped = key.wrap(&data, &subject.parameters, rng).unwrap();
            assert_ne!(&wrapped.data[..], &data[..]);
            let plain = key.unwrap(&wrapped.data, &subject.parameters, wrapped.nonce.as_deref()).unwrap();
            assert_eq!(&plain[..], &data[..]);
        });
    }

    pub fn takes_randomness_from_nowhere_else(subject: &WrapSubject) {
        subject.each(|key, data, _| {
            let wrap = || key.wrap(&data, &subject.parameters, &mut SeededRandom::new(1)).unwrap();
            assert_eq!(wrap(), wrap());
        });
    }

    pub fn refuses_what_was_changed(subject: &WrapSubject) {
        subject.each(|key, data, rng| {
            let wrapped = key.wrap(&data, &subject.parameters, rng).unwrap();
            let refused = |data: &[u8], what: &str| {
                let error = key.unwrap(data, &subject.parameters, wrapped.nonce.as_deref()).expect_err(what);
                assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE, "{what}: {error}");
            };
            refused(&changed(&wrapped.data, rng), "changed data is refused");
            refused(&wrapped.data[..wrapped.data.len() - 1], "data that lacks a byte is refused");
            refused(&wrapped.data[..wrapped.data.len() - 8], "data that lacks 8 bytes is refused");
            refused(&[&wrapped.data[..], &[0; 8]].concat(), "data with 8 bytes more is refused");
            refused(&[], "no data is refused");
        });
    }

    pub fn needs_the_same_key_to_unwrap(subject: &WrapSubject) {
        subject.each(|key, data, rng| {
            let other = subject.key(subject.key_lengths[0], rng);
            let wrapped = other.wrap(&data, &subject.parameters, rng).unwrap();
            let error = key
                .unwrap(&wrapped.data, &subject.parameters, wrapped.nonce.as_deref())
                .expect_err("another key does not unwrap");
            assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE, "{error}");
        });
    }

    pub fn refuses_data_of_other_lengths(subject: &WrapSubject) {
        let mut rng = SeededRandom::new(1);
        let key = subject.key(subject.key_lengths[0], &mut rng);
        for length in (0..=96).filter(|length| !(subject.wraps)(*length)) {
            let data = rng.bytes(length);
            let error =
                key.wrap(&data, &subject.parameters, &mut rng).expect_err("the length is not wrapped");
            assert_eq!(error.reason(), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS, "{length} bytes: {error}");
        }
    }

    pub fn refuses_keys_of_other_lengths(subject: &WrapSubject) {
        let mut rng = SeededRandom::new(1);
        for length in (0..=72).filter(|length| !subject.key_lengths.contains(length)) {
            assert!(
                subject
                    .scheme()
                    .prepare(&facts_of_raw_key(&subject.entry, length), &random_key(length, &mut rng))
                    .is_err(),
                "a key of {length} bytes"
            );
        }
    }

    pub fn never_panics_on_random_data(subject: &WrapSubject) {
        let mut rng = SeededRandom::new(1);
        let key = subject.key(subject.key_lengths[0], &mut rng);
        for length in 0..ROUNDS as usize * 8 {
            let data = rng.bytes(length);
            let nonce = rng.bytes(length % 20);
            // Refused, whatever the reason; that it returns is the rule.
            assert!(key.unwrap(&data, &subject.parameters, None).is_err());
            assert!(key.unwrap(&data, &subject.parameters, Some(&nonce)).is_err());
        }
    }
}
