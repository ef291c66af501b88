//! Rules of [`DeriveScheme`](crate::scheme::DeriveScheme).

use claviger_kmip::ByteString;
use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::tables::enumerations::{CryptographicAlgorithm, ObjectType};

use super::{ROUNDS, SeededRandom, raw_key};
use crate::error::Result;
use crate::random::RandomSource;
use crate::scheme::{BaseKey, DeriveInput, DeriveScheme, Scheme, SchemeEntry};

/// A way to derive keys, and what it should do.
pub struct DeriveSubject {
    /// The entry.
    pub entry: SchemeEntry,
    /// A sound input with random base keys; the suite sets the length.
    pub input: fn(&mut SeededRandom) -> DeriveInput,
    /// The fewest bytes that it derives.
    pub least: usize,
    /// The most bytes that it derives from such an input.
    pub most: usize,
    /// What may be different in an input, so that something else is derived.
    pub counts: &'static [fn(&mut DeriveInput)],
    /// What must not be in an input, or must not be absent.
    pub refused: &'static [fn(&mut DeriveInput)],
}

/// A base key of raw bytes for a derivation.
pub fn base_key(
    object_type: ObjectType,
    algorithm: Option<CryptographicAlgorithm>,
    bytes: impl Into<ByteString>,
) -> BaseKey {
    BaseKey { object_type, algorithm, domain: None, material: raw_key(bytes.into()) }
}

impl DeriveSubject {
    fn scheme(&self) -> &'static dyn DeriveScheme {
        match self.entry.scheme {
            Scheme::Derive(_, scheme) => scheme,
            _ => panic!("{} does not derive keys", self.entry.name),
        }
    }

    fn input(&self, seed: u64, length: usize) -> DeriveInput {
        DeriveInput { length, ..(self.input)(&mut SeededRandom::new(seed)) }
    }

    fn derive(&self, seed: u64, length: usize) -> Result<ByteString> {
        self.scheme().derive(&self.input(seed, length))
    }

    /// A length at which nothing is equal by chance, if the scheme gives so much.
    fn safe(&self) -> usize {
        self.most.min(32)
    }
}

/// The rules.
#[allow(missing_docs)] // each is a sentence
pub mod rules {
    use claviger_kmip::tables::enumerations::ResultReason;

    use super::super::facts_of_raw_key;
    use super::*;
    use crate::error::Error;

    pub fn claims_its_parameters(subject: &DeriveSubject) {
        let input = subject.input(1, 1);
        let parameters = input.parameters.cryptographic_parameters.unwrap_or(CryptographicParameters::NONE);
        let facts = facts_of_raw_key(&subject.entry, 32);
        assert!((subject.entry.claims)(&facts, &parameters));
    }

    pub fn derives_as_many_bytes_as_are_asked_for(subject: &DeriveSubject) {
        let lengths = [1, 2, 15, 16, 17, 32, 33, 64, 65, 255, subject.least, subject.most];
        let given = subject.least..=subject.most;
        for length in lengths.into_iter().filter(|length| given.contains(length)) {
            assert_eq!(subject.derive(1, length).unwrap().len(), length);
        }
    }

    pub fn derives_the_same_from_the_same(subject: &DeriveSubject) {
        for seed in 0..ROUNDS {
            let derive = || subject.derive(seed, subject.safe()).unwrap();
            assert_eq!(derive(), derive());
        }
    }

    pub fn derives_something_else_from_other_keys(subject: &DeriveSubject) {
        let mut other = subject.input(1, subject.safe());
        other.base = subject.input(2, 1).base;
        other.prepared = subject.input(2, 1).prepared;
        let derived = subject.scheme().derive(&other).unwrap();
        assert_ne!(derived, subject.derive(1, subject.safe()).unwrap());
    }

    pub fn every_part_of_the_input_counts(subject: &DeriveSubject) {
        for (number, change) in subject.counts.iter().enumerate() {
            let mut other = subject.input(1, subject.safe());
            change(&mut other);
            let derived = subject.scheme().derive(&other).unwrap();
            assert_ne!(derived, subject.derive(1, subject.safe()).unwrap(), "change {number}");
        }
    }

    pub fn refuses_more_and_less_than_it_gives(subject: &DeriveSubject) {
        for length in [subject.most + 1, 1 << 32, usize::MAX / 2, usize::MAX] {
            let error = subject.derive(1, length).expect_err("so much is refused");
            assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE, "{length} bytes: {error}");
        }
        for length in 0..subject.least {
            expect_refusal(subject.derive(1, length), "fewer bytes");
        }
    }

    pub fn refuses_to_derive_from_nothing(subject: &DeriveSubject) {
        let mut input = subject.input(1, subject.safe());
        input.base = Vec::new();
        input.prepared = None;
        input.parameters.derivation_data = Vec::new();
        assert!(subject.scheme().derive(&input).is_err(), "there is no key");
    }

    pub fn refuses_what_it_cannot_honour(subject: &DeriveSubject) {
        for (number, change) in subject.refused.iter().enumerate() {
            let mut input = subject.input(1, subject.safe());
            change(&mut input);
            expect_refusal(subject.scheme().derive(&input), &format!("change {number}"));
        }
    }

    pub fn never_panics_on_random_parameters(subject: &DeriveSubject) {
        for seed in 0..ROUNDS * 8 {
            let mut rng = SeededRandom::new(seed);
            let mut input = subject.input(seed, rng.below(80));
            let mut bytes = || (!rng.one_in(3)).then(|| rng.bytes(rng.clone().below(40)));
            input.parameters.derivation_data = [bytes(), bytes(), bytes()].into_iter().flatten().collect();
            input.parameters.salt = bytes();
            input.parameters.initialization_vector = bytes();
            input.parameters.iteration_count =
                *rng.pick(&[None, Some(i32::MIN), Some(0), Some(1), Some(i32::MAX)]);
            // Whether it derives anything does not matter here; that it returns does.
            drop((subject.scheme().cost(&input), subject.scheme().derive(&input)));
        }
    }

    fn expect_refusal(result: Result<ByteString>, what: &str) {
        let error: Error = result.expect_err(what);
        let reasons = [
            ResultReason::INVALID_FIELD,
            ResultReason::INVALID_MESSAGE,
            ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS,
            ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS,
            ResultReason::CRYPTOGRAPHIC_FAILURE,
        ];
        assert!(reasons.contains(&error.reason()), "{what}: {error}");
    }
}
