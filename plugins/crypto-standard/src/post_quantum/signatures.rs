//! Signatures by ML-DSA (FIPS 204), pure and with an empty context. It needs all data at once, and no hash before it.

use std::sync::Arc;

use aws_lc_rs::signature::{ParsedPublicKey, PqdsaKeyPair};
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{Cost, Scheme, SchemeEntry, SignInput, SignKey, SignScheme, SignStream};
use claviger_plugin_sdk::{Error, Result, register_scheme};

use super::family::Key;
use super::parameter_set::{Kind, ParameterSet, SIGNATURES};
use crate::parameters::{all_at_once, bad_parameters};

struct Signatures;

const ML_DSA: SchemeEntry = SchemeEntry {
    name: "ML-DSA",
    algorithms: SIGNATURES,
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Sign(&Signatures),
};
register_scheme!(ML_DSA);

impl SignScheme for Signatures {
    fn prepare(&self, facts: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn SignKey>> {
        Ok(Arc::new(MlDsaKey::new(&Key::of(facts, material)?)?))
    }
}

struct MlDsaKey {
    set: &'static ParameterSet,
    signer: Option<PqdsaKeyPair>,
    verifier: ParsedPublicKey,
}

impl MlDsaKey {
    fn new(key: &Key) -> Result<Self> {
        let Kind::Signature { signing, verifying } = &key.set.kind else {
            return Err(Error::cryptographic(format!("{} keys encapsulate", key.set.name)));
        };
        let refused = |error: aws_lc_rs::error::KeyRejected| {
            Error::cryptographic(format!("the key is none for {}", key.set.name)).because(error)
        };
        let signer = key
            .private
            .as_ref()
            .map(|private| PqdsaKeyPair::from_raw_private_key(signing, &private.expanded));
        Ok(Self {
            set: key.set,
            signer: signer.transpose().map_err(refused)?,
            verifier: ParsedPublicKey::new(*verifying, &key.public).map_err(refused)?,
        })
    }

    fn data<'a>(&self, input: SignInput<'a>, parameters: &CryptographicParameters) -> Result<&'a [u8]> {
        let name = self.set.name;
        if let Some(hash) = parameters.hashing_algorithm {
            return Err(bad_parameters(format!(
                "{name} signs the data itself; leave Hashing Algorithm ({hash:?}) out"
            )));
        }
        if let Some(other) = parameters.digital_signature_algorithm {
            return Err(bad_parameters(format!("an {name} key makes no signatures {other:?}")));
        }
        match input {
            SignInput::Data(data) => Ok(data),
            SignInput::Digest(_) => Err(bad_parameters(format!(
                "{name} signs the data itself; give Data in place of Digested Data"
            ))),
        }
    }
}

impl SignKey for MlDsaKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn sign(
        &self,
        input: SignInput<'_>,
        parameters: &CryptographicParameters,
        _: &mut dyn RandomSource,
    ) -> Result<ByteString> {
        let data = self.data(input, parameters)?;
        let signer = self.signer.as_ref().ok_or_else(|| {
            Error::cryptographic("this is a public key; sign with the private one of the pair")
        })?;
        let mut signature = vec![0; signer.algorithm().signature_len()];
        signer
            .sign(data, &mut signature)
            .map_err(|error| Error::cryptographic("the signature failed").because(error))?;
        Ok(signature.into())
    }

    fn verify(
        &self,
        input: SignInput<'_>,
        signature: &[u8],
        parameters: &CryptographicParameters,
    ) -> Result<bool> {
        Ok(self.verifier.verify_sig(self.data(input, parameters)?, signature).is_ok())
    }

    fn in_parts(&self, _: &CryptographicParameters) -> Result<Box<dyn SignStream>> {
        Err(all_at_once(self.set.name))
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::tables::enumerations::{
        CryptographicAlgorithm, HashingAlgorithm, KeyFormatType, ObjectType, ResultReason,
    };
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::SignSubject;
    use ml_dsa::{KeyExport, MlDsa44, MlDsa65, MlDsa87};

    use super::super::ML_DSA_65;
    use super::super::trial_keys::*;
    use super::*;

    const NONE: &CryptographicParameters = &CryptographicParameters::NONE;

    macro_rules! suites {
        ($($name:ident: $algorithm:ident;)*) => {$(
            scheme_conformance!(sign $name: SignSubject {
                entry: ML_DSA,
                pair: |rng| raw_pair(crate::post_quantum::$algorithm, rng),
                parameters: CryptographicParameters::NONE,
                digest: None,
                in_parts: false,
                repeats: false,
            });
        )*};
    }

    suites! {
        ml_dsa_44: ML_DSA_44;
        ml_dsa_65: ML_DSA_65;
        ml_dsa_87: ML_DSA_87;
    }

    fn prepared(
        algorithm: CryptographicAlgorithm,
        object_type: ObjectType,
        bytes: &[u8],
    ) -> Arc<dyn SignKey> {
        let key = encoded(KeyFormatType::RAW, bytes);
        Signatures.prepare(&facts(object_type, algorithm), &key).unwrap()
    }

    fn sign(key: &Arc<dyn SignKey>, data: &[u8]) -> ByteString {
        key.sign(SignInput::Data(data), NONE, &mut SeededRandom::new(1)).unwrap()
    }

    fn verify(key: &Arc<dyn SignKey>, data: &[u8], signature: &[u8]) -> bool {
        key.verify(SignInput::Data(data), signature, NONE).unwrap()
    }

    /// OpenSSL 4.0 signed this with the example key of RFC 9881.
    #[test]
    fn it_verifies_what_openssl_signed() {
        let seed: Vec<u8> = (0..32).collect();
        let private = prepared(ML_DSA_65, ObjectType::PRIVATE_KEY, &seed);
        let signature = include_bytes!("vectors/ml_dsa_65_signature.bin");
        assert!(verify(&private, b"Hello", signature));
        assert!(!verify(&private, b"hello", signature));
    }

    macro_rules! another_library {
        ($($test:ident: $algorithm:ident, $set:ident;)*) => {$(
            /// Each library verifies what the other signed.
            #[test]
            fn $test() {
                use ml_dsa::signature::{Keypair, Verifier};
                for round in 0..3 {
                    let seed = SeededRandom::new(round).bytes(32);
                    let theirs = ml_dsa::SigningKey::<$set>::from_seed((&seed[..]).try_into().unwrap());
                    let their_public = theirs.verifying_key();
                    let private = prepared(super::super::$algorithm, ObjectType::PRIVATE_KEY, &seed);
                    let public =
                        prepared(super::super::$algorithm, ObjectType::PUBLIC_KEY, &their_public.to_bytes());
                    let signature = sign(&private, b"data");
                    assert!(verify(&public, b"data", &signature));
                    let signature = ml_dsa::Signature::<$set>::try_from(&signature[..]).unwrap();
                    their_public.verify(b"data", &signature).unwrap();
                    let signature = theirs.expanded_key().sign_deterministic(b"data", &[]).unwrap().encode();
                    assert!(verify(&public, b"data", &signature));
                    let other = theirs.expanded_key().sign_deterministic(b"data", b"context").unwrap().encode();
                    assert!(!verify(&public, b"data", &other), "the context is empty");
                }
            }
        )*};
    }

    another_library! {
        ml_dsa_44_signs_as_another_library_does: ML_DSA_44, MlDsa44;
        ml_dsa_65_signs_as_another_library_does: ML_DSA_65, MlDsa65;
        ml_dsa_87_signs_as_another_library_does: ML_DSA_87, MlDsa87;
    }

    #[test]
    fn what_was_changed_is_not_valid() {
        for algorithm in SIGNATURES.iter().copied() {
            let pair = raw_pair(algorithm, &mut SeededRandom::new(1));
            let private = prepared(algorithm, ObjectType::PRIVATE_KEY, material(&pair.private));
            let public = prepared(algorithm, ObjectType::PUBLIC_KEY, material(&pair.public));
            let other = raw_pair(algorithm, &mut SeededRandom::new(2));
            let other = prepared(algorithm, ObjectType::PUBLIC_KEY, material(&other.public));
            let signature = sign(&private, b"data");
            assert!(verify(&public, b"data", &signature));
            assert!(!verify(&other, b"data", &signature), "another key");
            for place in (0..signature.len()).step_by(97) {
                let mut changed = signature.to_vec();
                changed[place] ^= 1;
                assert!(!verify(&public, b"data", &changed));
                assert!(!verify(&public, b"data", &signature[..place]));
            }
            assert!(!verify(&public, b"data", &[&signature[..], &[0]].concat()));
        }
    }

    #[test]
    fn what_it_cannot_do_is_refused() {
        let pair = raw_pair(ML_DSA_65, &mut SeededRandom::new(1));
        let private = prepared(ML_DSA_65, ObjectType::PRIVATE_KEY, material(&pair.private));
        let public = prepared(ML_DSA_65, ObjectType::PUBLIC_KEY, material(&pair.public));
        let reason = |key: &Arc<dyn SignKey>, input, parameters: &CryptographicParameters| {
            key.sign(input, parameters, &mut SeededRandom::new(1)).expect_err("refused").reason()
        };
        let data = SignInput::Data(b"data");
        let hashed = CryptographicParameters {
            hashing_algorithm: Some(HashingAlgorithm::SHA_256),
            ..CryptographicParameters::NONE
        };
        assert_eq!(reason(&private, data, &hashed), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
        let digest = SignInput::Digest(&[0; 32]);
        assert_eq!(reason(&private, digest, NONE), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
        assert_eq!(reason(&public, data, NONE), ResultReason::CRYPTOGRAPHIC_FAILURE);
        assert!(private.in_parts(NONE).is_err());
    }
}
