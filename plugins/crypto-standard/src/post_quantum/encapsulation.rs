//! Encapsulation by ML-KEM (FIPS 203).

use std::sync::Arc;

use aws_lc_rs::kem::{Ciphertext, DecapsulationKey, EncapsulationKey};
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{
    Cost, EncapsulateKey, EncapsulateScheme, Encapsulated, Scheme, SchemeEntry,
};
use claviger_plugin_sdk::{Error, Result, register_scheme};

use super::family::Key;
use super::parameter_set::{Kind, MECHANISMS};

struct Encapsulation;

const ENCAPSULATION: SchemeEntry = SchemeEntry {
    name: "ML-KEM",
    algorithms: MECHANISMS,
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Encapsulate(&Encapsulation),
};
register_scheme!(ENCAPSULATION);

impl EncapsulateScheme for Encapsulation {
    fn prepare(&self, facts: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn EncapsulateKey>> {
        Ok(Arc::new(MlKemKey::new(&Key::of(facts, material)?)?))
    }
}

/// A key of ML-KEM as AWS-LC has it.
pub(super) struct MlKemKey {
    name: &'static str,
    private: Option<DecapsulationKey>,
    public: EncapsulationKey,
}

impl MlKemKey {
    /// Takes a checked key.
    ///
    /// # Errors
    /// Cryptographic Failure: it is a key for signatures.
    pub(super) fn new(key: &Key) -> Result<Self> {
        let Kind::Mechanism { algorithm, .. } = &key.set.kind else {
            return Err(Error::cryptographic(format!("{} keys are for signatures", key.set.name)));
        };
        let refused = |error: aws_lc_rs::error::KeyRejected| {
            Error::cryptographic(format!("the key is none for {}", key.set.name)).because(error)
        };
        let private = key.private.as_ref().map(|private| DecapsulationKey::new(algorithm, &private.expanded));
        Ok(Self {
            name: key.set.name,
            private: private.transpose().map_err(refused)?,
            public: EncapsulationKey::new(algorithm, &key.public).map_err(refused)?,
        })
    }
}

impl EncapsulateKey for MlKemKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn encapsulate(&self, _: &CryptographicParameters, _: &mut dyn RandomSource) -> Result<Encapsulated> {
        let (ciphertext, secret) = self.public.encapsulate().map_err(|error| {
            Error::cryptographic(format!("{} cannot encapsulate", self.name)).because(error)
        })?;
        Ok(Encapsulated { secret: secret.as_ref().into(), ciphertext: ciphertext.as_ref().into() })
    }

    /// A ciphertext of the right length always gives a secret; that of a wrong one is of no use to anybody (implicit
    /// rejection).
    fn decapsulate(&self, ciphertext: &[u8], _: &CryptographicParameters) -> Result<ByteString> {
        let private = self.private.as_ref().ok_or_else(no_private_key)?;
        let secret = private.decapsulate(Ciphertext::from(ciphertext));
        secret.map(|secret| secret.as_ref().into()).map_err(|error| no_ciphertext(self.name).because(error))
    }
}

/// There is no private key to decapsulate with.
pub(super) fn no_private_key() -> Error {
    Error::cryptographic("this is a public key; decapsulate with the private one of the pair")
}

/// The ciphertext is none of the mechanism.
pub(super) fn no_ciphertext(name: &str) -> Error {
    Error::cryptographic(format!("this is no ciphertext of {name}: it is damaged, or of another mechanism"))
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::tables::enumerations::{
        CryptographicAlgorithm, KeyFormatType, ObjectType,
    };
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::EncapsulateSubject;
    use ml_kem::kem::{Decapsulate, KeyExport};
    use openssl::hash::{MessageDigest, hash_xof};

    use super::super::trial_keys::*;
    use super::super::{ML_KEM_512, ML_KEM_768, ML_KEM_1024};
    use super::*;

    const NONE: &CryptographicParameters = &CryptographicParameters::NONE;

    macro_rules! conformance {
        ($name:ident: $algorithm:expr, $ciphertext:literal) => {
            scheme_conformance!(encapsulate $name: EncapsulateSubject {
                entry: ENCAPSULATION,
                pair: |rng| raw_pair($algorithm, rng),
                parameters: CryptographicParameters::NONE,
                secret_length: 32,
                ciphertext_length: $ciphertext,
            });
        };
    }

    // FIPS 203 table 3.
    conformance!(ml_kem_512: ML_KEM_512, 768);
    conformance!(ml_kem_768: ML_KEM_768, 1088);
    conformance!(ml_kem_1024: ML_KEM_1024, 1568);

    fn prepared(
        algorithm: CryptographicAlgorithm,
        object_type: ObjectType,
        bytes: &[u8],
    ) -> Arc<dyn EncapsulateKey> {
        let key = encoded(KeyFormatType::RAW, bytes);
        Encapsulation.prepare(&facts(object_type, algorithm), &key).unwrap()
    }

    /// OpenSSL 4.0 encapsulated this for the example key of RFC 9935.
    #[test]
    fn it_decapsulates_what_openssl_encapsulated() {
        let seed: Vec<u8> = (0..64).collect();
        let private = prepared(ML_KEM_768, ObjectType::PRIVATE_KEY, &seed);
        let secret = private.decapsulate(include_bytes!("vectors/ml_kem_768_ciphertext.bin"), NONE).unwrap();
        assert_eq!(hex::encode(&*secret), "51a7075291a9f78eb8f2b31c48de7bfe60fcc67406fbd43dae60ba734aa3a32b");
    }

    /// Each library decapsulates what the other encapsulated.
    macro_rules! another_library {
        ($name:ident: $algorithm:expr, $set:ident) => {
            #[test]
            fn $name() {
                for round in 0..8 {
                    let seed = SeededRandom::new(round).bytes(64);
                    let theirs = ml_kem::$set::DecapsulationKey::from_seed((&seed[..]).try_into().unwrap());
                    let public = theirs.encapsulation_key();
                    let ours = prepared($algorithm, ObjectType::PUBLIC_KEY, &public.to_bytes());
                    let made = ours.encapsulate(NONE, &mut SeededRandom::new(1)).unwrap();
                    let secret = theirs.decapsulate((&made.ciphertext[..]).try_into().unwrap());
                    assert_eq!(secret[..], made.secret[..]);
                    let (ciphertext, secret) = public.encapsulate_deterministic(&[round as u8; 32].into());
                    let ours = prepared($algorithm, ObjectType::PRIVATE_KEY, &seed);
                    assert_eq!(ours.decapsulate(&ciphertext, NONE).unwrap()[..], secret[..]);
                }
            }
        };
    }

    another_library!(another_library_gives_the_same_secrets_of_ml_kem_512: ML_KEM_512, ml_kem_512);
    another_library!(another_library_gives_the_same_secrets_of_ml_kem_768: ML_KEM_768, ml_kem_768);
    another_library!(another_library_gives_the_same_secrets_of_ml_kem_1024: ML_KEM_1024, ml_kem_1024);

    /// FIPS 203 algorithm 18: SHAKE256 of the last 32 bytes of the seed and the ciphertext.
    #[test]
    fn a_wrong_ciphertext_gives_the_secret_of_implicit_rejection() {
        let seed = SeededRandom::new(1).bytes(64);
        let private = prepared(ML_KEM_512, ObjectType::PRIVATE_KEY, &seed);
        let ciphertext = SeededRandom::new(2).bytes(768);
        let mut rejected = [0; 32];
        hash_xof(MessageDigest::shake_256(), &[&seed[32..], &ciphertext].concat(), &mut rejected).unwrap();
        assert_eq!(private.decapsulate(&ciphertext, NONE).unwrap()[..], rejected);
    }
}
