//! CKM_RSA_AES_KEY_WRAP of PKCS #11: RSA-OAEP of a fresh AES key, then AES key wrap with padding (RFC 5649) of the data
//! with that key. It takes data of any length, private keys among them. Whoever asks for OAEP and the algorithm AES with
//! an RSA key gets it.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    BlockCipherMode, CryptographicAlgorithm, PaddingMethod,
};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{CipherKey, CipherScheme, Cost, Scheme, SchemeEntry, WrapKey, WrapScheme};
use claviger_plugin_sdk::{Result, register_scheme};
use zeroize::Zeroizing;

use super::oaep::{self, OaepKey};
use crate::aes_key_wrap_padding;
use crate::parameters::with_mode;
use crate::public_key_cipher::{PublicKeyCipher, Seal};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "RSA-AES key wrap",
    algorithms: &[CryptographicAlgorithm::RSA],
    claims: |_, parameters| claimed(parameters),
    effective: |_, parameters| effective(parameters),
    scheme: Scheme::Cipher(&RsaAes),
};
register_scheme!(CIPHER);

const WRAP: SchemeEntry = SchemeEntry {
    name: "RSA-AES key wrap",
    algorithms: &[CryptographicAlgorithm::RSA],
    claims: |_, parameters| claimed(parameters),
    effective: |_, parameters| effective(parameters),
    scheme: Scheme::Wrap(&RsaAes),
};
register_scheme!(WRAP);

fn effective(parameters: &CryptographicParameters) -> CryptographicParameters {
    with_mode(&oaep::effective(parameters), BlockCipherMode::AES_KEY_WRAP_PADDING)
}

fn claimed(parameters: &CryptographicParameters) -> bool {
    parameters.cryptographic_algorithm == Some(CryptographicAlgorithm::AES)
        && parameters.padding_method.is_none_or(|padding| padding == PaddingMethod::OAEP)
}

struct RsaAes;

impl CipherScheme for RsaAes {
    fn prepare(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn CipherKey>> {
        Ok(Arc::new(PublicKeyCipher(RsaAesKey(OaepKey::new(key, material)?))))
    }
}

impl WrapScheme for RsaAes {
    fn prepare(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn WrapKey>> {
        Ok(Arc::new(PublicKeyCipher(RsaAesKey(OaepKey::new(key, material)?))))
    }
}

struct RsaAesKey(OaepKey);

/// The length in bytes of the AES keys that are made here; others are unwrapped, too.
const AES_KEY: usize = 32;

impl Seal for RsaAesKey {
    fn name(&self) -> &'static str {
        "RSA-AES key wrap"
    }

    fn cost(&self) -> Cost {
        self.0.cost()
    }

    fn takes_additional_data(&self) -> bool {
        false
    }

    fn seal(
        &self,
        plain: &[u8],
        _: &[u8],
        parameters: &CryptographicParameters,
        rng: &mut dyn RandomSource,
    ) -> Result<Vec<u8>> {
        let key = rng.bytes(AES_KEY);
        let wrapped = aes_key_wrap_padding::wrap(&key, plain)?;
        let mut sealed = self.0.seal(&key, &[], parameters, rng)?;
        sealed.extend_from_slice(&wrapped);
        Ok(sealed)
    }

    fn open(
        &self,
        sealed: &[u8],
        _: &[u8],
        parameters: &CryptographicParameters,
    ) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let (sealed_key, wrapped) = sealed.split_at(sealed.len().min(self.0.size()));
        let Some(key) = self.0.open(sealed_key, &[], parameters)? else { return Ok(None) };
        Ok(aes_key_wrap_padding::unwrap(&key, wrapped).ok().map(|plain| Zeroizing::new(plain.into_vec())))
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrapPadded};
    use claviger_plugin_sdk::kmip::tables::enumerations::{HashingAlgorithm, ResultReason};
    use openssl::encrypt::{Decrypter, Encrypter};
    use openssl::hash::MessageDigest;
    use openssl::pkey::{PKey, Private};
    use openssl::rsa::Padding;

    use super::super::trial_keys::{Trial, TrialCipher, padded, wrap_and_unwrap};
    use super::*;

    const PARAMETERS: CryptographicParameters = CryptographicParameters {
        cryptographic_algorithm: Some(CryptographicAlgorithm::AES),
        padding_method: Some(PaddingMethod::OAEP),
        ..CryptographicParameters::NONE
    };

    /// What PKCS #11 says, with OpenSSL's OAEP and AWS-LC's key wrap.
    fn encrypt(key: &PKey<Private>, aes: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut encrypter = Encrypter::new(key).unwrap();
        encrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
        encrypter.set_rsa_oaep_md(MessageDigest::sha256()).unwrap();
        let mut sealed = vec![0; encrypter.encrypt_len(aes).unwrap()];
        let length = encrypter.encrypt(aes, &mut sealed).unwrap();
        sealed.truncate(length);
        let mut wrapped = vec![0; plain.len() + 16];
        let algorithm = if aes.len() == 16 { &AES_128 } else { &AES_256 };
        let kek = AesKek::new(algorithm, aes).unwrap();
        sealed.extend_from_slice(kek.wrap_with_padding(plain, &mut wrapped).unwrap());
        sealed
    }

    fn decrypt(key: &PKey<Private>, sealed: &[u8]) -> Vec<u8> {
        let (sealed_key, wrapped) = sealed.split_at(key.size());
        let mut decrypter = Decrypter::new(key).unwrap();
        decrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
        decrypter.set_rsa_oaep_md(MessageDigest::sha256()).unwrap();
        let mut aes = vec![0; decrypter.decrypt_len(sealed_key).unwrap()];
        let length = decrypter.decrypt(sealed_key, &mut aes).unwrap();
        let mut plain = vec![0; wrapped.len()];
        let kek = AesKek::new(&AES_256, &aes[..length]).unwrap();
        kek.unwrap_with_padding(wrapped, &mut plain).unwrap().to_vec()
    }

    #[test]
    fn two_other_libraries_together_decrypt_and_encrypt_the_same() {
        for bits in [2048, 3072] {
            let cipher = TrialCipher::new(&CIPHER, Trial::new(bits));
            let key = &cipher.trial.openssl;
            for length in [1, 7, 8, 9, 32, 1218, 100_000] {
                let plain = vec![7; length];
                assert_eq!(decrypt(key, &cipher.encrypt(&plain, &PARAMETERS).unwrap()), plain);
                for aes in [&[1; 16][..], &[2; 32]] {
                    assert_eq!(cipher.decrypt(&encrypt(key, aes, &plain), &PARAMETERS).unwrap(), plain);
                }
            }
        }
    }

    #[test]
    fn aes_keys_of_24_bytes_are_accepted() {
        let cipher = TrialCipher::new(&CIPHER, Trial::new(2048));
        let mut sealed = encrypt(&cipher.trial.openssl, &[3; 32], b"data");
        let mut encrypter = Encrypter::new(&cipher.trial.openssl).unwrap();
        encrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
        encrypter.set_rsa_oaep_md(MessageDigest::sha256()).unwrap();
        encrypter.encrypt(&[3; 24], &mut sealed[..256]).unwrap();
        sealed.truncate(256);
        // RFC 5649 section 6 wraps with a key of 24 bytes; OpenSSL's cipher gives those answers (aes_key_wrap_padding).
        sealed.extend_from_slice(&aes_key_wrap_padding::wrap(&[3; 24], b"data").unwrap());
        assert_eq!(cipher.decrypt(&sealed, &PARAMETERS).unwrap(), b"data");
    }

    #[test]
    fn all_other_ciphertexts_are_refused_with_the_same_words() {
        let cipher = TrialCipher::new(&CIPHER, Trial::new(2048));
        cipher.refuses_other_shapes(&PARAMETERS);
        cipher.refuses_what_was_changed(&PARAMETERS);
        cipher.refuses_nonces_tags_and_parts(&PARAMETERS);
        let error = |sealed: &[u8]| cipher.decrypt(sealed, &PARAMETERS).unwrap_err().message().to_owned();
        let sealed = encrypt(&cipher.trial.openssl, &[1; 16], b"data");
        for length in 0..sealed.len() {
            assert_eq!(error(&sealed[..length]), error(&[]));
        }
        // A key that is none of AES.
        let mut sealed = sealed;
        let mut encrypter = Encrypter::new(&cipher.trial.openssl).unwrap();
        encrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
        encrypter.set_rsa_oaep_md(MessageDigest::sha256()).unwrap();
        encrypter.encrypt(&[3; 20], &mut sealed[..256]).unwrap();
        assert_eq!(error(&sealed), error(&[]));
    }

    #[test]
    fn the_hash_may_be_chosen_and_no_data_is_refused() {
        let cipher = TrialCipher::new(&CIPHER, Trial::new(2048));
        let sha1 = CryptographicParameters {
            cryptographic_algorithm: Some(CryptographicAlgorithm::AES),
            ..padded(PaddingMethod::OAEP, HashingAlgorithm::SHA_1, None)
        };
        let sealed = cipher.encrypt(b"data", &sha1).unwrap();
        assert_eq!(cipher.decrypt(&sealed, &sha1).unwrap(), b"data");
        assert!(cipher.decrypt(&sealed, &PARAMETERS).is_err());
        let error = cipher.encrypt(&[], &PARAMETERS).unwrap_err();
        assert_eq!(error.reason(), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
    }

    #[test]
    fn private_keys_are_wrapped_with_it() {
        wrap_and_unwrap(&WRAP, &[7; 1218], &PARAMETERS);
    }
}
