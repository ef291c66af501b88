//! The vectors of Project Wycheproof for ML-KEM-512 (FIPS 203): keys from seeds, encapsulation and decapsulation.

// Tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use ml_kem::array::Array;
use ml_kem::kem::{Decapsulate as _, Encapsulate as _};
use ml_kem::{DecapsulationKey, EncapsulationKey, EncodedSizeUser as _, KemCore as _, MlKem512};
use wycheproof::TestResult;
use wycheproof::mlkem::{Test, TestName, TestSet};

/// Gives the bytes that it was made of.
struct Fixed<'b>(&'b [u8]);

impl rand_core_6::RngCore for Fixed<'_> {
    fn next_u32(&mut self) -> u32 {
        panic!("numbers are not drawn")
    }

    fn next_u64(&mut self) -> u64 {
        panic!("numbers are not drawn")
    }

    fn fill_bytes(&mut self, buffer: &mut [u8]) {
        let (drawn, rest) = self.0.split_at(buffer.len());
        buffer.copy_from_slice(drawn);
        self.0 = rest;
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), rand_core_6::Error> {
        self.fill_bytes(buffer);
        Ok(())
    }
}

impl rand_core_6::CryptoRng for Fixed<'_> {}

fn tests(name: TestName) -> impl Iterator<Item = Test> {
    TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|group| group.tests)
}

/// The pair of a seed.
fn pair(seed: &[u8]) -> (DecapsulationKey, EncapsulationKey) {
    let mut rng = Fixed(seed);
    let pair = MlKem512::generate(&mut rng);
    assert!(rng.0.is_empty(), "the seed is all that is drawn");
    pair
}

/// What a key gives for a ciphertext; nothing if one of them cannot be.
fn secret(key: &DecapsulationKey, ciphertext: &[u8]) -> Option<Vec<u8>> {
    let ciphertext = Array::try_from(ciphertext).ok()?;
    key.decapsulate(&ciphertext).ok().map(|secret| secret.to_vec())
}

#[test]
fn keys_of_a_seed() {
    let mut count = 0;
    for test in tests(TestName::MlKem512KeyGenSeed) {
        let (private, public) = pair(&test.seed.unwrap());
        assert_eq!(public.as_bytes()[..], test.encaps_key.unwrap()[..], "{}", test.tc_id);
        assert_eq!(private.as_bytes()[..], test.decaps_key.unwrap()[..], "{}", test.tc_id);
        count += 1;
    }
    assert_eq!(count, 100);
}

/// How many tests are valid, for which the secret is made that they have, and how many invalid, for which none is.
fn counts(name: TestName, make: impl Fn(&Test) -> Option<Vec<u8>>) -> (u32, u32) {
    let (mut valid, mut invalid) = (0, 0);
    for test in tests(name) {
        match (make(&test), test.result) {
            (Some(secret), TestResult::Valid) => {
                assert_eq!(secret[..], test.shared_secret.unwrap()[..], "{}", test.tc_id);
                valid += 1;
            }
            (None, TestResult::Invalid) => invalid += 1,
            (_, result) => panic!("{} is {result:?}", test.tc_id),
        }
    }
    (valid, invalid)
}

#[test]
fn secrets_of_a_public_key() {
    let made = counts(TestName::MlKem512Encaps, |test| {
        let key = Array::try_from(&test.encaps_key.as_ref()?[..]).ok()?;
        let mut message = Fixed(test.msg.as_ref()?);
        let (ciphertext, secret) = EncapsulationKey::from_bytes(&key).encapsulate(&mut message).ok()?;
        assert_eq!(ciphertext[..], test.ct.as_ref().unwrap()[..], "{}", test.tc_id);
        Some(secret.to_vec())
    });
    assert_eq!(made, (133, 128));
}

/// Changed ciphertexts among them, for which there is a secret of their own.
#[test]
fn secrets_of_a_private_key() {
    let made = counts(TestName::MlKem512, |test| {
        // Seeds of another length cannot be drawn.
        let seed = test.seed.as_ref().filter(|seed| seed.len() == 64)?;
        secret(&pair(seed).0, test.ct.as_ref()?)
    });
    assert_eq!(made, (160, 40));
}

#[test]
fn secrets_of_an_expanded_private_key() {
    let made = counts(TestName::MlKem512SemiExpandedDecaps, |test| {
        let key = Array::try_from(&test.decaps_key.as_ref()?[..]).ok()?;
        secret(&DecapsulationKey::from_bytes(&key), test.ct.as_ref()?)
    });
    assert_eq!(made, (3, 6));
}
