//! RSAES-PKCS1-v1_5 (RFC 8017 section 7.2): for compatibility only. Whoever may ask for decryptions of ciphertexts of his
//! own making can decrypt others, too, once he learns which of them were padded well; no answer here says more than that
//! decryption failed, but that one it has to give.

use std::sync::Arc;

use aws_lc_rs::rsa::{Pkcs1PrivateDecryptingKey, PrivateDecryptingKey};
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, PaddingMethod};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{CipherKey, CipherScheme, Cost, Scheme, SchemeEntry, WrapKey, WrapScheme};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use zeroize::Zeroizing;

use super::key::RsaKey;
use crate::parameters::{allow, bad_parameters};
use crate::public_key_cipher::{PublicKeyCipher, Seal, no_private_key};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "RSA PKCS1 v1.5",
    algorithms: &[CryptographicAlgorithm::RSA],
    claims: |_, parameters| claimed(parameters),
    scheme: Scheme::Cipher(&Pkcs1),
};
register_scheme!(CIPHER);

const WRAP: SchemeEntry = SchemeEntry {
    name: "RSA PKCS1 v1.5",
    algorithms: &[CryptographicAlgorithm::RSA],
    claims: |_, parameters| claimed(parameters),
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

struct Pkcs1Key(RsaKey<Pkcs1PrivateDecryptingKey>);

impl Pkcs1Key {
    fn new(facts: &KeyFacts<'_>, material: &Material) -> Result<Self> {
        let aws_lc = |pkcs8: &[u8]| {
            let key = PrivateDecryptingKey::from_pkcs8(pkcs8).ok()?;
            Pkcs1PrivateDecryptingKey::new(key).ok()
        };
        RsaKey::new(facts, material, aws_lc).map(Self)
    }
}

impl Seal for Pkcs1Key {
    fn name(&self) -> &'static str {
        "RSA PKCS1 v1.5"
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
        _: &CryptographicParameters,
        _: &mut dyn RandomSource,
    ) -> Result<Vec<u8>> {
        /// Eight bytes of padding at least, and three of its frame.
        const AROUND: usize = 11;
        let longest = self.0.size().saturating_sub(AROUND);
        if plain.len() > longest {
            return Err(bad_parameters(format!(
                "RSA PKCS1 v1.5 with this key encrypts at most {longest} bytes, not {}",
                plain.len()
            )));
        }
        let mut encrypted = Vec::with_capacity(self.0.size());
        PkeyCtx::new(self.0.public())
            .and_then(|mut context| {
                context.encrypt_init()?;
                context.set_rsa_padding(Padding::PKCS1)?;
                context.encrypt_to_vec(plain, &mut encrypted)
            })
            .map_err(|error| Error::cryptographic("the RSA key cannot encrypt this").because(error))?;
        Ok(encrypted)
    }

    /// For keys that AWS-LC does not take, OpenSSL from 3.2 on gives random bytes where the padding is wrong.
    fn open(
        &self,
        sealed: &[u8],
        _: &[u8],
        _: &CryptographicParameters,
    ) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let private = self.0.private().ok_or_else(no_private_key)?;
        if sealed.len() != self.0.size() {
            return Ok(None);
        }
        if let Some(key) = private.aws_lc() {
            let mut plain = Zeroizing::new(vec![0; key.min_output_size()]);
            let length = key.decrypt(sealed, &mut plain).map(|plain| plain.len());
            return Ok(length.ok().map(|length| {
                plain.truncate(length);
                plain
            }));
        }
        let mut plain = Zeroizing::new(Vec::with_capacity(self.0.size()));
        let decrypted = PkeyCtx::new(private.openssl()?).and_then(|mut context| {
            context.decrypt_init()?;
            context.set_rsa_padding(Padding::PKCS1)?;
            context.decrypt_to_vec(sealed, &mut plain)
        });
        Ok(decrypted.ok().map(|_| plain))
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;

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
    fn all_other_ciphertexts_are_refused_with_the_same_words() {
        let cipher = TrialCipher::new(&CIPHER, Trial::new(2048));
        cipher.refuses_other_shapes(&PARAMETERS);
        cipher.refuses_nonces_tags_and_parts(&PARAMETERS);
    }

    /// Every way in which the padding can be wrong, by a library that encrypts whatever it is given.
    #[test]
    fn wrong_paddings_are_refused_with_the_same_words() {
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
        let words = cipher.decrypt(&[], &PARAMETERS).unwrap_err().message().to_owned();
        for change in [(0, 1), (1, 1), (1, 0), (2, 0), (9, 0), (200, 1)] {
            let error = cipher.decrypt(&encrypted(&[change]), &PARAMETERS).expect_err("the padding is wrong");
            assert_eq!((error.reason(), error.message()), (ResultReason::CRYPTOGRAPHIC_FAILURE, &*words));
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
