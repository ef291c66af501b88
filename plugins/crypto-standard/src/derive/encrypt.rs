//! ENCRYPT: the derivation data, encrypted with the base key.

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::DerivationMethod;
use claviger_plugin_sdk::scheme::{
    Capability, CipherInput, Cost, DeriveInput, DeriveScheme, PreparedKey, Scheme, SchemeEntry,
};
use claviger_plugin_sdk::{Error, Result, register_scheme};

use super::input::{Field, beginning, cryptographic, key_and_data, needed, takes_only};
use super::prf::NoRandomness;

struct Encrypt;

const ENCRYPT: SchemeEntry = SchemeEntry {
    name: "ENCRYPT",
    algorithms: &[],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Derive(DerivationMethod::ENCRYPT, &Encrypt),
};
register_scheme!(ENCRYPT);

impl DeriveScheme for Encrypt {
    fn builds_on(&self) -> Option<Capability> {
        Some(Capability::Cipher)
    }

    fn cost(&self, input: &DeriveInput) -> Cost {
        let data: usize = input.parameters.derivation_data.iter().map(|data| data.len()).sum();
        match &input.prepared {
            Some(PreparedKey::Cipher(key)) if data <= 64 << 10 => key.cost(),
            _ => Cost::Heavy,
        }
    }

    fn derive(&self, input: &DeriveInput) -> Result<ByteString> {
        takes_only(input, "ENCRYPT", &[Field::DerivationData, Field::InitializationVector])?;
        let (_, data) = key_and_data(input, "ENCRYPT")?;
        let Some(PreparedKey::Cipher(key)) = &input.prepared else {
            return Err(Error::server("a derivation was given no key to encrypt with"));
        };
        // No nonce is made up: a derivation has to give the same each time.
        let parameters = CryptographicParameters { random_iv: Some(false), ..cryptographic(input).clone() };
        let mut randomness = NoRandomness::default();
        let nonce = input.parameters.initialization_vector.as_deref().filter(|nonce| !nonce.is_empty());
        let encrypted = key.encrypt(
            CipherInput {
                parameters: &parameters,
                data: needed(data, "ENCRYPT")?,
                nonce,
                additional_data: &[],
                tag: None,
            },
            &mut randomness,
        )?;
        randomness.check()?;
        beginning(&encrypted.data, input.length, "ENCRYPT of this data")
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey};
    use aws_lc_rs::iv::FixedLength;
    use claviger_plugin_sdk::kmip::tables::enumerations::{
        BlockCipherMode, CryptographicAlgorithm, PaddingMethod,
    };
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::DeriveSubject;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn from(
        key: &[u8],
        parameters: CryptographicParameters,
        iv: &[u8],
        data: &[u8],
        length: usize,
    ) -> DeriveInput {
        let mut input = derive_input(key, length);
        input.prepared = Some(prepared(Capability::Cipher, CryptographicAlgorithm::AES, &parameters, key));
        input.parameters.cryptographic_parameters = Some(parameters);
        input.parameters.initialization_vector = (!iv.is_empty()).then(|| iv.into());
        input.parameters.derivation_data = vec![data.into()];
        input
    }

    fn sound(rng: &mut SeededRandom) -> DeriveInput {
        from(&random(rng, 16), in_mode(BlockCipherMode::CBC), &random(rng, 16), &random(rng, 48), 0)
    }

    scheme_conformance!(derive conformance: DeriveSubject {
        entry: ENCRYPT,
        input: sound,
        least: 1,
        most: 48,
        counts: &[
            |input| input.parameters.initialization_vector = Some(vec![7; 16].into()),
            |input| input.parameters.derivation_data = vec![vec![7; 48].into()],
        ],
        refused: &[
            |input| input.parameters.initialization_vector = None,
            |input| input.parameters.initialization_vector = Some(vec![7; 15].into()),
            |input| input.parameters.derivation_data.clear(),
            |input| input.parameters.derivation_data = vec![vec![7; 47].into()],
            |input| input.parameters.salt = Some(b"salt"[..].into()),
            |input| input.parameters.cryptographic_parameters = Some(CryptographicParameters {
                padding_method: Some(PaddingMethod::ISO_10126),
                ..in_mode(BlockCipherMode::CBC)
            }),
        ],
    });

    /// SP 800-38A sections F.1.1 and F.2.1.
    #[test]
    fn it_gives_the_answers_of_sp_800_38a() {
        let (key, data) = (bytes(SP_800_38A_KEYS[0]), bytes(SP_800_38A));
        let ecb = from(&key, in_mode(BlockCipherMode::ECB), &[], &data, 32);
        check_derive(&ENCRYPT, &ecb, "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf");
        let iv: Vec<u8> = (0..16).collect();
        let cbc = from(&key, in_mode(BlockCipherMode::CBC), &iv, &data, 16);
        check_derive(&ENCRYPT, &cbc, "7649abac8119b246cee98e9b12e9197d");
    }

    proptest! {
        #[test]
        fn aws_lc_derives_the_same(key: [u8; 16], iv: [u8; 16], data in prop::collection::vec(any::<u8>(), 1..100)) {
            let mut theirs = data.clone();
            EncryptingKey::ctr(UnboundCipherKey::new(&AES_128, &key).unwrap())
                .unwrap()
                .less_safe_encrypt(&mut theirs, EncryptionContext::Iv128(FixedLength::from(iv)))
                .unwrap();
            let input = from(&key, in_mode(BlockCipherMode::CTR), &iv, &data, data.len());
            check_derive(&ENCRYPT, &input, &hex::encode(theirs));
        }
    }
}
