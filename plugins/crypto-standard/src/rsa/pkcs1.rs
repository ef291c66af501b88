//! RSAES-PKCS1-v1_5 (RFC 8017 section 7.2): for compatibility only. Whoever may ask for decryptions of ciphertexts of his
//! own making could decrypt others, too, if he learnt which of them were padded well. So nobody learns it: what was not is
//! decrypted to random bytes.

use std::sync::{Arc, OnceLock};

use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, PaddingMethod};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{CipherKey, CipherScheme, Cost, Scheme, SchemeEntry, WrapKey, WrapScheme};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use openssl::error::ErrorStack;
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use zeroize::Zeroizing;

use super::implicit_rejection::Substitutes;
use super::key::RsaKey;
use crate::parameters::{allow, bad_parameters};
use crate::public_key_cipher::{PublicKeyCipher, Seal, no_private_key};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "RSA PKCS1 v1.5",
    algorithms: &[CryptographicAlgorithm::RSA],
    claims: |_, parameters| claimed(parameters),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Cipher(&Pkcs1),
};
register_scheme!(CIPHER);

const WRAP: SchemeEntry = SchemeEntry {
    name: "RSA PKCS1 v1.5",
    algorithms: &[CryptographicAlgorithm::RSA],
    claims: |_, parameters| claimed(parameters),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Wrap(&Pkcs1),
};
register_scheme!(WRAP);

fn claimed(parameters: &CryptographicParameters) -> bool {
    allow(parameters, CryptographicAlgorithm::RSA)
        && parameters.padding_method == Some(PaddingMethod::PKCS1_V1_5)
}

struct Pkcs1;

impl CipherScheme for Pkcs1 {
    fn prepare(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn CipherKey>> {
        Ok(Arc::new(PublicKeyCipher(Pkcs1Key::new(key, material)?)))
    }
}

impl WrapScheme for Pkcs1 {
    fn prepare(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn WrapKey>> {
        Ok(Arc::new(PublicKeyCipher(Pkcs1Key::new(key, material)?)))
    }
}

struct Pkcs1Key {
    key: RsaKey<NotUsed>,
    substitutes: OnceLock<Substitutes>,
}

/// AWS-LC tells whether the padding was right, and has no way not to.
enum NotUsed {}

impl Pkcs1Key {
    fn new(facts: &KeyFacts<'_>, material: &Material) -> Result<Self> {
        Ok(Self { key: RsaKey::new(facts, material, |_| None)?, substitutes: OnceLock::new() })
    }
}

impl Seal for Pkcs1Key {
    fn name(&self) -> &'static str {
        "RSA PKCS1 v1.5"
    }

    fn cost(&self) -> Cost {
        self.key.cost()
    }

    fn takes_additional_data(&self) -> bool {
        false
    }

    fn seal(
        &self,
        plain: &[u8],
        _: &[u8],
        _: &CryptographicParameters,
        _: &mut dyn RandomSource,
    ) -> Result<Vec<u8>> {
        /// Eight bytes of padding at least, and three of its frame.
        const AROUND: usize = 11;
        let longest = self.key.size().saturating_sub(AROUND);
        if plain.len() > longest {
            return Err(bad_parameters(format!(
                "RSA PKCS1 v1.5 with this key encrypts at most {longest} bytes, not {}",
                plain.len()
            )));
        }
        let mut encrypted = Vec::with_capacity(self.key.size());
        PkeyCtx::new(self.key.public())
            .and_then(|mut context| {
                context.encrypt_init()?;
                context.set_rsa_padding(Padding::PKCS1)?;
                context.encrypt_to_vec(plain, &mut encrypted)
            })
            .map_err(|error| Error::cryptographic("the RSA key cannot encrypt this").because(error))?;
        Ok(encrypted)
    }

    /// What was not padded well comes out as random bytes, the same each time; see [`Substitutes`].
    fn open(
        &self,
        sealed: &[u8],
        _: &[u8],
        _: &CryptographicParameters,
    ) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let private = self.key.private().ok_or_else(no_private_key)?;
        if sealed.len() != self.key.size() {
            return Ok(None);
        }
        let key = private.openssl()?;
        let mut padded = Zeroizing::new(Vec::with_capacity(self.key.size()));
        let decrypted = PkeyCtx::new(key).and_then(|mut context| {
            context.decrypt_init()?;
            context.set_rsa_padding(Padding::NONE)?;
            context.decrypt_to_vec(sealed, &mut padded)
        });
        // A number that is not below the modulus, which everybody can see.
        if decrypted.is_err() || padded.len() != self.key.size() {
            return Ok(None);
        }
        let failed = |error: ErrorStack| Error::server("an RSA key cannot be used").because(error);
        let substitutes = match self.substitutes.get() {
            Some(substitutes) => substitutes,
            None => {
                let made = Substitutes::of(key).map_err(failed)?;
                self.substitutes.get_or_init(|| made)
            }
        };
        substitutes.unpad(&padded, sealed).map(Some).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
    use openssl::pkey::PKey;

    use super::super::known_answers::ENCRYPTIONS_PKCS1;
    use super::super::trial_keys::{Trial, TrialCipher, wrap_and_unwrap};
    use super::*;

    const PARAMETERS: CryptographicParameters = CryptographicParameters {
        padding_method: Some(PaddingMethod::PKCS1_V1_5),
        ..CryptographicParameters::NONE
    };

    #[test]
    fn published_ciphertexts_are_decrypted() {
        for answer in ENCRYPTIONS_PKCS1 {
            let cipher = TrialCipher::new(&CIPHER, Trial::published(answer.p, answer.q, "010001"));
            let plain = cipher.decrypt(&hex::decode(answer.encrypted).unwrap(), &PARAMETERS).unwrap();
            assert_eq!(hex::encode(plain), answer.plain);
        }
    }

    #[test]
    fn openssl_decrypts_and_encrypts_the_same() {
        for bits in [1024, 2048] {
            let cipher = TrialCipher::new(&CIPHER, Trial::new(bits));
            let rsa = cipher.trial.openssl.rsa().unwrap();
            for length in [0, 1, 32, bits as usize / 8 - 11] {
                let plain = vec![7; length];
                let ours = cipher.encrypt(&plain, &PARAMETERS).unwrap();
                let mut decrypted = vec![0; bits as usize / 8];
                let length = rsa.private_decrypt(&ours, &mut decrypted, Padding::PKCS1).unwrap();
                assert_eq!(decrypted[..length], plain);
                let mut theirs = vec![0; bits as usize / 8];
                rsa.public_encrypt(&plain, &mut theirs, Padding::PKCS1).unwrap();
                assert_eq!(cipher.decrypt(&theirs, &PARAMETERS).unwrap(), plain);
            }
        }
    }

    #[test]
    fn what_is_no_ciphertext_of_the_key_is_refused_with_the_same_words() {
        let cipher = TrialCipher::new(&CIPHER, Trial::new(2048));
        let words = cipher.decrypt(&[], &PARAMETERS).unwrap_err().message().to_owned();
        for wrong in [vec![0; 255], vec![0; 257], vec![0xFF; 256]] {
            let error = cipher.decrypt(&wrong, &PARAMETERS).expect_err("it is refused");
            assert_eq!((error.reason(), error.message()), (ResultReason::CRYPTOGRAPHIC_FAILURE, &*words));
        }
        cipher.refuses_nonces_tags_and_parts(&PARAMETERS);
    }

    /// Every way in which the padding can be wrong, by a library that encrypts whatever it is given.
    #[test]
    fn wrong_paddings_are_decrypted_to_random_bytes_the_same_each_time() {
        let cipher = TrialCipher::new(&CIPHER, Trial::new(2048));
        let encrypted = |changes: &[(usize, u8)]| {
            let mut padded = vec![0xAA; 256];
            for (place, byte) in [(0, 0), (1, 2), (200, 0)].iter().chain(changes) {
                padded[*place] = *byte;
            }
            let mut encrypted = vec![0; 256];
            let rsa = cipher.trial.openssl.rsa().unwrap();
            rsa.public_encrypt(&padded, &mut encrypted, Padding::NONE).unwrap();
            encrypted
        };
        assert_eq!(cipher.decrypt(&encrypted(&[]), &PARAMETERS).unwrap(), [0xAA; 55]);
        let mut seen = Vec::new();
        for change in [(0, 1), (1, 1), (1, 0), (2, 0), (9, 0), (200, 1)] {
            let encrypted = encrypted(&[change]);
            let random = cipher.decrypt(&encrypted, &PARAMETERS).unwrap();
            assert_eq!(random, cipher.decrypt(&encrypted, &PARAMETERS).unwrap(), "{change:?}");
            assert!(random.len() <= 245 && !seen.contains(&random), "{change:?}");
            seen.push(random);
        }
    }

    /// What the `cryptography` package, over OpenSSL 4.0, decrypts ciphertexts to that were not padded well.
    #[test]
    fn random_bytes_are_those_of_openssl() {
        let key = PKey::private_key_from_der(include_bytes!("implicit_rejection/key.der")).unwrap();
        let cipher = TrialCipher::new(&CIPHER, Trial::of(&key));
        let lines = include_str!("implicit_rejection/decrypted.txt").lines();
        assert_eq!(lines.clone().count(), 40);
        for line in lines {
            let (encrypted, decrypted) = line.split_once(' ').unwrap();
            let ours = cipher.decrypt(&hex::decode(encrypted).unwrap(), &PARAMETERS).unwrap();
            assert_eq!(hex::encode(ours), decrypted);
        }
    }

    #[test]
    fn data_that_is_too_long_is_refused() {
        let cipher = TrialCipher::new(&CIPHER, Trial::new(1024));
        let error = cipher.encrypt(&[1; 118], &PARAMETERS).unwrap_err();
        assert_eq!(error.reason(), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
    }

    #[test]
    fn keys_are_wrapped_with_it_on_request() {
        wrap_and_unwrap(&WRAP, &[7; 32], &PARAMETERS);
    }
}
