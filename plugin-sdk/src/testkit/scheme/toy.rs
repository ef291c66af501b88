//! A scheme that keeps every rule, and the same scheme with one fault at a time, which proves that the rule notices.

mod cipher;
mod generate;
mod mac;
mod wrap;

use std::sync::atomic::{AtomicU64, Ordering};

use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm, ResultReason};

use super::SeededRandom;
use crate::error::{Error, ErrorClass, Result};
use crate::random::RandomSource;
use crate::record::Material;
use crate::scheme::*;
use crate::testkit::assert_broken;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Nothing,
    ClaimsNothing,
    LosesTheLastByte,
    RepeatsItsNonce,
    DrawsItsOwnRandomness,
    IgnoresRandomIv,
    TakesAnyNonce,
    AssumesANonce,
    TakesAnyData,
    IgnoresTheKey,
    IgnoresTheTag,
    WantsTheTagApart,
    IgnoresAdditionalData,
    BeginsAnewInEachPart,
    ReleasesEarly,
    PretendsToWorkInParts,
    TakesAnyKey,
    PanicsOnShortData,
    KeepsState,
    MakesOtherLengths,
    NamesNoLength,
    MakesRawOnly,
}

/// Encrypts by adding numbers that follow from key and nonce; its tag follows from all of them. Not a cipher.
#[derive(Clone, Copy)]
struct Toy {
    fault: Fault,
    tag: bool,
    in_parts: bool,
    /// Whether its MACs begin with a nonce.
    nonce_in_mac: bool,
}

struct ToyKey {
    toy: Toy,
    key: Vec<u8>,
    calls: AtomicU64,
}

static OWN_RANDOMNESS: AtomicU64 = AtomicU64::new(0);

/// FNV-1a over the parts, each with its length.
pub(super) fn hash(parts: &[&[u8]]) -> u64 {
    let mut hash: u64 = 0xCBF2_9CE4_8422_2325;
    for part in parts {
        for byte in part.iter().copied().chain(part.len().to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
    hash
}

impl Toy {
    fn is(self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn bad(reason: ResultReason) -> Error {
        Error::new(reason, ErrorClass::Request, "the toy refuses this")
    }

    fn key(self, material: &Material) -> Result<ToyKey> {
        let key = material.symmetric_key()?.to_vec();
        if key.len() != 16 && !self.is(Fault::TakesAnyKey) {
            return Err(Error::cryptographic("the toy takes keys of 16 bytes"));
        }
        let key = if self.is(Fault::IgnoresTheKey) { vec![0; 16] } else { key };
        Ok(ToyKey { toy: self, key, calls: AtomicU64::new(0) })
    }
}

impl ToyKey {
    fn keystream(&self, nonce: &[u8], data: &[u8]) -> Vec<u8> {
        let calls = self.calls.fetch_add(1, Ordering::SeqCst);
        let state = if self.toy.is(Fault::KeepsState) { calls.to_le_bytes() } else { [0; 8] };
        let mut stream = SeededRandom::new(hash(&[&self.key, nonce, &state]));
        data.iter().map(|byte| byte ^ stream.next_u64() as u8).collect()
    }

    fn tag(&self, nonce: &[u8], additional_data: &[u8], data: &[u8]) -> Vec<u8> {
        let bytes = |salt: &[u8]| hash(&[salt, &self.key, nonce, additional_data, data]).to_be_bytes();
        [bytes(b"1"), bytes(b"2")].concat()
    }

    fn check_nonce<'a>(&self, nonce: Option<&'a [u8]>) -> Result<&'a [u8]> {
        match nonce {
            Some(nonce) if nonce.len() == 12 || self.toy.is(Fault::TakesAnyNonce) => Ok(nonce),
            Some(_) => Err(Toy::bad(ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS)),
            None if self.toy.is(Fault::AssumesANonce) => Ok(&[0; 12]),
            None => Err(Toy::bad(ResultReason::INVALID_MESSAGE)),
        }
    }

    fn nonce(&self, input: &CipherInput<'_>, rng: &mut dyn RandomSource) -> Result<(Vec<u8>, bool)> {
        if let Some(nonce) = input.nonce {
            return Ok((self.check_nonce(Some(nonce))?.to_vec(), false));
        }
        if input.parameters.random_iv == Some(false) && !self.toy.is(Fault::IgnoresRandomIv) {
            return Err(Toy::bad(ResultReason::INVALID_MESSAGE));
        }
        let mut nonce = vec![0; 12];
        match self.toy.fault {
            Fault::RepeatsItsNonce => {}
            Fault::DrawsItsOwnRandomness => {
                nonce[..8].copy_from_slice(&OWN_RANDOMNESS.fetch_add(1, Ordering::SeqCst).to_le_bytes());
            }
            _ => rng.fill(&mut nonce),
        }
        Ok((nonce, true))
    }

    fn check_authentication(&self, input: &CipherInput<'_>) -> Result<()> {
        let asked = !input.additional_data.is_empty() || input.tag.is_some_and(|tag| !tag.is_empty());
        if !self.toy.tag && asked && !self.toy.is(Fault::IgnoresAdditionalData) {
            return Err(Toy::bad(ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS));
        }
        Ok(())
    }

    fn check_length(&self, length: usize) -> Result<()> {
        if !length.is_multiple_of(4) && !self.toy.is(Fault::TakesAnyData) {
            return Err(Toy::bad(ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS));
        }
        Ok(())
    }
}

fn entry(fault: Fault, scheme: Scheme) -> SchemeEntry {
    let claims: fn(&crate::record::KeyFacts<'_>, &CryptographicParameters) -> bool =
        if fault == Fault::ClaimsNothing { |_, _| false } else { |_, _| true };
    SchemeEntry {
        name: "toy",
        algorithms: &[CryptographicAlgorithm::AES],
        claims,
        effective: SchemeEntry::as_asked,
        scheme,
    }
}

fn toy(fault: Fault, tag: bool, in_parts: bool) -> &'static Toy {
    Box::leak(Box::new(Toy { fault, tag, in_parts, nonce_in_mac: false }))
}

#[test]
fn overlapping_claims_are_found_whatever_parameter_they_share() {
    let claim = |claims| SchemeEntry {
        claims,
        ..entry(Fault::Nothing, Scheme::Cipher(toy(Fault::Nothing, true, true)))
    };
    let gcm = claim(|_, parameters| parameters.block_cipher_mode == Some(BlockCipherMode::GCM));
    let long = claim(|facts, _| facts.length == Some(512));
    let none = claim(|_, parameters| parameters.block_cipher_mode.is_none());
    super::claims_do_not_overlap([&gcm, &none]);
    assert_broken(|| super::claims_do_not_overlap([&gcm, &none, &long]));
    let elsewhere = SchemeEntry { algorithms: &[CryptographicAlgorithm::CHACHA20], ..claim(|_, _| true) };
    super::claims_do_not_overlap([&gcm, &elsewhere]);
    let of_any_key = SchemeEntry { algorithms: &[], ..claim(|_, _| true) };
    assert_broken(|| super::claims_do_not_overlap([&elsewhere, &of_any_key]));
}
