//! A mechanism that keeps every rule of encapsulation, and the same with one fault at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use claviger_kmip::objects::{CryptographicParameters, KeyBlock, KeyValue, PlainKeyValue};
use claviger_kmip::tables::enumerations::{CryptographicAlgorithm, KeyFormatType, ObjectType};
use claviger_kmip::{ByteString, Value};

use super::SeededRandom;
use super::encapsulate::{EncapsulateSubject, rules};
use crate::error::{Error, Result};
use crate::random::RandomSource;
use crate::record::{KeyFacts, Material};
use crate::scheme::{Cost, EncapsulateKey, EncapsulateScheme, Encapsulated, KeyPair, Scheme, SchemeEntry};
use crate::testkit::assert_broken;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Nothing,
    ClaimsNothing,
    LosesTheLastByte,
    RepeatsItsSecret,
    IgnoresTheEndOfTheCiphertext,
    IgnoresTheKey,
    TakesAnyCiphertext,
    DecapsulatesWithThePublicKey,
    TakesAnyKey,
    PanicsOnShortCiphertexts,
    KeepsState,
}

/// The public key follows from the private one, the secret from the public key and the ciphertext. Not a mechanism.
struct Toy(Fault);

struct ToyKey {
    fault: Fault,
    private: bool,
    public: Vec<u8>,
    calls: AtomicU64,
}

const SIZE: usize = 16;

/// Pseudo-random bytes that follow from the parts.
fn follow(parts: &[&[u8]], length: usize) -> Vec<u8> {
    let mut hash: u64 = 0xCBF2_9CE4_8422_2325;
    for part in parts {
        for byte in part.iter().copied().chain(part.len().to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
    SeededRandom::new(hash).bytes(length).into_vec()
}

impl EncapsulateScheme for Toy {
    fn prepare(&self, facts: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn EncapsulateKey>> {
        let key = material.symmetric_key()?;
        if key.len() != SIZE && self.0 != Fault::TakesAnyKey {
            return Err(Error::cryptographic("the toy takes keys of 16 bytes"));
        }
        let private = facts.object_type == ObjectType::PRIVATE_KEY;
        let public = if private { follow(&[key], SIZE) } else { key.to_vec() };
        Ok(Arc::new(ToyKey { fault: self.0, private, public, calls: AtomicU64::new(0) }))
    }
}

impl ToyKey {
    fn secret(&self, ciphertext: &[u8]) -> Vec<u8> {
        let calls = self.calls.fetch_add(1, Ordering::SeqCst);
        match self.fault {
            Fault::IgnoresTheKey => follow(&[ciphertext], 32),
            Fault::RepeatsItsSecret => follow(&[&self.public], 32),
            Fault::IgnoresTheEndOfTheCiphertext => follow(&[&self.public, &ciphertext[..SIZE - 1]], 32),
            Fault::KeepsState if self.private && calls > 0 => follow(&[ciphertext, &self.public], 32),
            _ => follow(&[&self.public, ciphertext], 32),
        }
    }
}

impl EncapsulateKey for ToyKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn encapsulate(&self, _: &CryptographicParameters, rng: &mut dyn RandomSource) -> Result<Encapsulated> {
        let ciphertext = rng.bytes(SIZE);
        Ok(Encapsulated { secret: self.secret(&ciphertext).into(), ciphertext })
    }

    fn decapsulate(&self, ciphertext: &[u8], _: &CryptographicParameters) -> Result<ByteString> {
        if !self.private && self.fault != Fault::DecapsulatesWithThePublicKey {
            return Err(Error::cryptographic("the toy decapsulates with a private key"));
        }
        if self.fault == Fault::PanicsOnShortCiphertexts {
            assert!(ciphertext.len() >= SIZE);
        }
        if ciphertext.len() != SIZE && self.fault != Fault::TakesAnyCiphertext {
            return Err(Error::cryptographic("the toy makes ciphertexts of 16 bytes"));
        }
        let mut secret = self.secret(ciphertext);
        if self.fault == Fault::LosesTheLastByte {
            secret.pop();
        }
        Ok(secret.into())
    }
}

fn pair(rng: &mut SeededRandom) -> KeyPair {
    let private = rng.bytes(SIZE);
    let public = follow(&[&private], SIZE).into();
    KeyPair::new(block(private), block(public))
}

fn block(bytes: ByteString) -> KeyBlock {
    let plain = PlainKeyValue { key_material: Value::ByteString(bytes), attributes: None };
    KeyBlock {
        key_format_type: KeyFormatType::RAW,
        key_compression_type: None,
        key_value: Some(KeyValue::Plain(plain)),
        cryptographic_algorithm: Some(CryptographicAlgorithm::EC),
        cryptographic_length: Some(128),
        key_wrapping_data: None,
    }
}

fn toy(fault: Fault) -> EncapsulateSubject {
    let claims: fn(&KeyFacts<'_>, &CryptographicParameters) -> bool =
        if fault == Fault::ClaimsNothing { |_, _| false } else { |_, _| true };
    EncapsulateSubject {
        entry: SchemeEntry {
            name: "toy",
            algorithms: &[CryptographicAlgorithm::EC],
            claims,
            effective: SchemeEntry::as_asked,
            scheme: Scheme::Encapsulate(Box::leak(Box::new(Toy(fault)))),
        },
        pair,
        parameters: CryptographicParameters::NONE,
        secret_length: 32,
        ciphertext_length: SIZE,
    }
}

crate::scheme_conformance!(encapsulate without_a_fault: toy(Fault::Nothing));

#[test]
fn each_fault_of_a_mechanism_is_found() {
    let broken = |rule: fn(&EncapsulateSubject), fault| assert_broken(|| rule(&toy(fault)));
    broken(rules::claims_a_key_with_its_parameters, Fault::ClaimsNothing);
    broken(rules::decapsulates_what_it_encapsulated, Fault::LosesTheLastByte);
    broken(rules::makes_another_secret_each_time, Fault::RepeatsItsSecret);
    broken(rules::gives_no_secret_for_a_changed_ciphertext, Fault::IgnoresTheEndOfTheCiphertext);
    broken(rules::needs_the_same_key_to_decapsulate, Fault::IgnoresTheKey);
    broken(rules::refuses_ciphertexts_of_other_lengths, Fault::TakesAnyCiphertext);
    broken(rules::refuses_to_decapsulate_with_a_public_key, Fault::DecapsulatesWithThePublicKey);
    broken(rules::refuses_keys_of_other_lengths, Fault::TakesAnyKey);
    broken(rules::never_panics_on_random_ciphertexts, Fault::PanicsOnShortCiphertexts);
    broken(rules::serves_many_threads, Fault::KeepsState);
}
