//! HPKE (RFC 9180) in base mode, one message a key: with keys on P-256, P-384, P-521 and X25519.
//!
//! A request asks for it by a Block Cipher Mode of the vendor range, which names the AEAD: [`HPKE_AES_128_GCM`],
//! [`HPKE_AES_256_GCM`] or [`HPKE_CHACHA20_POLY1305`]. The KEM follows from the curve of the key, and the KDF is the
//! KEM's hash: HKDF-SHA256 for P-256 and X25519, HKDF-SHA384 for P-384, HKDF-SHA512 for P-521. The `info` of the RFC is
//! the P Source of the parameters, empty if it is absent; `aad` is the additional data. What comes out is `enc`, then
//! the ciphertext with its tag.
//!
//! The suites are those that rustls has for encrypted client hellos, over AWS-LC.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    BlockCipherMode, CryptographicAlgorithm, HashingAlgorithm,
};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{CipherKey, CipherScheme, Cost, Scheme, SchemeEntry, WrapKey, WrapScheme};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use rustls::crypto::aws_lc_rs::hpke as suites;
use rustls::crypto::hpke::{EncapsulatedSecret, Hpke, HpkePrivateKey, HpkePublicKey};
use zeroize::Zeroizing;

use super::curve::Curve;
use super::family::curve_of;
use super::key::Key;
use crate::digest::naming_hash;
use crate::parameters::bad_parameters;
use crate::public_key_cipher::{PublicKeyCipher, Seal, no_private_key};

// The number of the RFC, then that of the AEAD in section 7.3.

/// HPKE with AES-128-GCM.
pub(crate) const HPKE_AES_128_GCM: BlockCipherMode = BlockCipherMode(0x9180_0001);
/// HPKE with AES-256-GCM.
pub(crate) const HPKE_AES_256_GCM: BlockCipherMode = BlockCipherMode(0x9180_0002);
/// HPKE with ChaCha20-Poly1305.
pub(crate) const HPKE_CHACHA20_POLY1305: BlockCipherMode = BlockCipherMode(0x9180_0003);

/// The algorithms of keys that agree.
const ALGORITHMS: &[CryptographicAlgorithm] = &[
    CryptographicAlgorithm::EC,
    CryptographicAlgorithm::ECDSA,
    CryptographicAlgorithm::ECDH,
    CryptographicAlgorithm::ECMQV,
];

const CIPHER: SchemeEntry = SchemeEntry {
    name: "HPKE",
    algorithms: ALGORITHMS,
    claims: |_, parameters| claimed(parameters),
    effective,
    scheme: Scheme::Cipher(&InBaseMode),
};
register_scheme!(CIPHER);

const WRAP: SchemeEntry = SchemeEntry {
    name: "HPKE",
    algorithms: ALGORITHMS,
    claims: |_, parameters| claimed(parameters),
    effective,
    scheme: Scheme::Wrap(&InBaseMode),
};
register_scheme!(WRAP);

fn claimed(parameters: &CryptographicParameters) -> bool {
    parameters
        .block_cipher_mode
        .is_some_and(|mode| [HPKE_AES_128_GCM, HPKE_AES_256_GCM, HPKE_CHACHA20_POLY1305].contains(&mode))
}

/// The mode names the AEAD; the curve tells the hash function of the KDF.
fn effective(facts: &KeyFacts<'_>, parameters: &CryptographicParameters) -> CryptographicParameters {
    let hash = match curve_of(facts) {
        Some(Curve::P384) => HashingAlgorithm::SHA_384,
        Some(Curve::P521) => HashingAlgorithm::SHA_512,
        _ => HashingAlgorithm::SHA_256,
    };
    naming_hash(parameters, hash)
}

struct InBaseMode;

impl CipherScheme for InBaseMode {
    fn prepare(&self, facts: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn CipherKey>> {
        Ok(Arc::new(PublicKeyCipher(HpkeKey::new(&Key::of(facts, material)?)?)))
    }
}

impl WrapScheme for InBaseMode {
    fn prepare(&self, facts: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn WrapKey>> {
        Ok(Arc::new(PublicKeyCipher(HpkeKey::new(&Key::of(facts, material)?)?)))
    }
}

struct HpkeKey {
    curve: Curve,
    recipient: HpkePublicKey,
    private: Option<HpkePrivateKey>,
}

impl HpkeKey {
    fn new(key: &Key) -> Result<Self> {
        let curve = key.curve();
        if suite(curve, HPKE_AES_128_GCM).is_none() {
            return Err(Error::unsupported(format!(
                "HPKE takes keys on P-256, P-384, P-521 and X25519, not on {}",
                curve.name()
            )));
        }
        Ok(Self {
            curve,
            recipient: HpkePublicKey(key.public().bytes().to_vec()),
            private: match key {
                Key::Private(key) => Some(HpkePrivateKey::from(key.secret().to_vec())),
                Key::Public(_) => None,
            },
        })
    }

    fn suite(&self, parameters: &CryptographicParameters) -> Result<&'static dyn Hpke> {
        let suite = parameters.block_cipher_mode.and_then(|mode| suite(self.curve, mode));
        suite.ok_or_else(|| bad_parameters("the Block Cipher Mode names no suite of HPKE".to_owned()))
    }
}

impl Seal for HpkeKey {
    fn name(&self) -> &'static str {
        "HPKE"
    }

    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn takes_additional_data(&self) -> bool {
        true
    }

    fn seal(
        &self,
        plain: &[u8],
        additional_data: &[u8],
        parameters: &CryptographicParameters,
        _: &mut dyn RandomSource,
    ) -> Result<Vec<u8>> {
        let sealed = self.suite(parameters)?.seal(info(parameters), additional_data, plain, &self.recipient);
        let (EncapsulatedSecret(enc), ciphertext) = sealed
            .map_err(|error| Error::cryptographic("nobody can decrypt for this public key").because(error))?;
        Ok([enc, ciphertext].concat())
    }

    fn open(
        &self,
        sealed: &[u8],
        additional_data: &[u8],
        parameters: &CryptographicParameters,
    ) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let suite = self.suite(parameters)?;
        let private = self.private.as_ref().ok_or_else(no_private_key)?;
        // As many bytes as the public key of the recipient (section 7.1).
        let Some((enc, ciphertext)) = sealed.split_at_checked(self.recipient.0.len()) else {
            return Ok(None);
        };
        let enc = EncapsulatedSecret(enc.to_vec());
        let plain = suite.open(&enc, info(parameters), additional_data, ciphertext, private);
        Ok(plain.ok().map(Zeroizing::new))
    }
}

fn info(parameters: &CryptographicParameters) -> &[u8] {
    parameters.p_source.as_deref().unwrap_or_default()
}

fn suite(curve: Curve, mode: BlockCipherMode) -> Option<&'static dyn Hpke> {
    Some(match (curve, mode) {
        (Curve::P256, HPKE_AES_128_GCM) => suites::DH_KEM_P256_HKDF_SHA256_AES_128,
        (Curve::P256, HPKE_AES_256_GCM) => suites::DH_KEM_P256_HKDF_SHA256_AES_256,
        (Curve::P256, HPKE_CHACHA20_POLY1305) => suites::DH_KEM_P256_HKDF_SHA256_CHACHA20_POLY1305,
        (Curve::P384, HPKE_AES_128_GCM) => suites::DH_KEM_P384_HKDF_SHA384_AES_128,
        (Curve::P384, HPKE_AES_256_GCM) => suites::DH_KEM_P384_HKDF_SHA384_AES_256,
        (Curve::P384, HPKE_CHACHA20_POLY1305) => suites::DH_KEM_P384_HKDF_SHA384_CHACHA20_POLY1305,
        (Curve::P521, HPKE_AES_128_GCM) => suites::DH_KEM_P521_HKDF_SHA512_AES_128,
        (Curve::P521, HPKE_AES_256_GCM) => suites::DH_KEM_P521_HKDF_SHA512_AES_256,
        (Curve::P521, HPKE_CHACHA20_POLY1305) => suites::DH_KEM_P521_HKDF_SHA512_CHACHA20_POLY1305,
        (Curve::X25519, HPKE_AES_128_GCM) => suites::DH_KEM_X25519_HKDF_SHA256_AES_128,
        (Curve::X25519, HPKE_AES_256_GCM) => suites::DH_KEM_X25519_HKDF_SHA256_AES_256,
        (Curve::X25519, HPKE_CHACHA20_POLY1305) => suites::DH_KEM_X25519_HKDF_SHA256_CHACHA20_POLY1305,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
    use claviger_plugin_sdk::scheme::CipherInput;
    use claviger_plugin_sdk::testkit::SeededRandom;

    use super::super::trial_keys::*;
    use super::*;

    const MODES: [BlockCipherMode; 3] = [HPKE_AES_128_GCM, HPKE_AES_256_GCM, HPKE_CHACHA20_POLY1305];
    const CURVES: [Curve; 4] = [Curve::P256, Curve::P384, Curve::P521, Curve::X25519];

    fn with_info(mode: BlockCipherMode, info: &[u8]) -> CryptographicParameters {
        CryptographicParameters {
            block_cipher_mode: Some(mode),
            p_source: Some(info.into()),
            ..CryptographicParameters::NONE
        }
    }

    fn input<'a>(parameters: &'a CryptographicParameters, data: &'a [u8]) -> CipherInput<'a> {
        CipherInput { parameters, data, nonce: None, additional_data: b"Count-0", tag: None }
    }

    fn cipher(facts: &KeyFacts<'_>, material: &Material) -> Arc<dyn CipherKey> {
        CipherScheme::prepare(&InBaseMode, facts, material).unwrap()
    }

    /// RFC 9180 appendices A.1.1, A.2.1, A.3.1 and A.6.1, sequence number 0.
    #[test]
    fn it_reads_the_ciphertexts_of_rfc_9180() {
        let cases = [
            (
                Curve::X25519,
                HPKE_AES_128_GCM,
                "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
                "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
                "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
            ),
            (
                Curve::X25519,
                HPKE_CHACHA20_POLY1305,
                "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb",
                "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a",
                "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
            ),
            (
                Curve::P256,
                HPKE_AES_128_GCM,
                "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2",
                "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4",
                "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434",
            ),
        ];
        for (curve, mode, secret, enc, ciphertext) in cases {
            let (private, _) = pair(curve, &hex::decode(secret).unwrap());
            let key = cipher(&pair_facts(curve).0, &private);
            let sealed = [hex::decode(enc).unwrap(), hex::decode(ciphertext).unwrap()].concat();
            let parameters = with_info(mode, b"Ode on a Grecian Urn");
            let plain = key.decrypt(input(&parameters, &sealed)).unwrap();
            assert_eq!(&plain[..], b"Beauty is truth, truth beauty");
        }
    }

    /// Made with Python's cryptography over OpenSSL 4.0, of suites of which the RFC has no vectors.
    #[test]
    fn it_reads_what_other_software_wrote() {
        let cases = [
            (
                Curve::P384,
                "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
                "04ab71c3c51289f93e56d6f451888e6a9cacb9dfe5e7ebd14118e395c998477c900b14293b1719e03c883207b6a2c7a1c07fb2099d5bea7180e7477a859d7599c34409258330353951ec94136b2e15b296ec51d4fda252beb2414be1b0443f2a238e294d3160c0e31b2c7e15d76ee0c78628a534789cb842310a9c26a9c7a0a4",
            ),
            (
                Curve::P521,
                "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
                "04005c32abbcbd1cba4a99c2df9647ca8534c0ee695cf308e65ec71e3d511f82ab6bd97b306975f14178eddb0d2735df2736b95487290740dc3240ee6b15487f49a16100d3f85d4c5267e0e42e17ce5435bcf25aea5aeeb1225b471469671283e7af594257af69bd96ccef4bdfdc67f2cabe137c24b765990fe62dbd6387d5633d10d46490e976ab271a009a4193c0b04b1ce1fb4af243884b4cbe4bd7a072206badd966",
            ),
        ];
        for (curve, secret, sealed) in cases {
            let (private, _) = pair(curve, &hex::decode(secret).unwrap());
            let key = cipher(&pair_facts(curve).0, &private);
            let (parameters, sealed) = (with_info(HPKE_AES_256_GCM, b"info"), hex::decode(sealed).unwrap());
            let of_no_data = CipherInput { additional_data: &[], ..input(&parameters, &sealed) };
            assert_eq!(&key.decrypt(of_no_data).unwrap()[..], b"Hello, Claviger", "{}", curve.name());
        }
    }

    fn refused(key: &Arc<dyn CipherKey>, input: CipherInput<'_>) -> String {
        let error = key.decrypt(input).expect_err("damaged");
        assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE);
        error.message().to_owned()
    }

    #[test]
    fn it_decrypts_what_it_encrypted_and_nothing_else() {
        for (curve, mode) in CURVES.into_iter().flat_map(|curve| MODES.map(|mode| (curve, mode))) {
            let (private_facts, public_facts) = pair_facts(curve);
            let (private, public) = new_pair(curve, 1);
            let (private, public) = (cipher(&private_facts, &private), cipher(&public_facts, &public));
            let other = cipher(&private_facts, &new_pair(curve, 2).0);
            let parameters = with_info(mode, b"info");
            let rng = &mut SeededRandom::new(1);
            let sealed = public.encrypt(input(&parameters, b"data"), rng).unwrap().data.to_vec();
            assert_eq!(&private.decrypt(input(&parameters, &sealed)).unwrap()[..], b"data");
            let message = refused(&other, input(&parameters, &sealed));
            for place in 0..sealed.len() {
                let mut changed = sealed.clone();
                changed[place] ^= 1;
                assert_eq!(
                    refused(&private, input(&parameters, &changed)),
                    message,
                    "{} {place}",
                    curve.name()
                );
                assert_eq!(refused(&private, input(&parameters, &sealed[..place])), message);
            }
            assert_eq!(refused(&private, input(&with_info(mode, b"other"), &sealed)), message);
            let other_data = CipherInput { additional_data: b"", ..input(&parameters, &sealed) };
            assert_eq!(refused(&private, other_data), message);
            let other_mode = MODES.into_iter().find(|other| *other != mode).unwrap();
            assert_eq!(refused(&private, input(&with_info(other_mode, b"info"), &sealed)), message);
        }
    }

    #[test]
    fn it_wraps_and_takes_no_keys_that_have_no_suite() {
        let parameters = with_info(HPKE_AES_256_GCM, b"");
        let (private, public) = new_pair(Curve::P384, 1);
        let (private_facts, public_facts) = pair_facts(Curve::P384);
        let public = WrapScheme::prepare(&InBaseMode, &public_facts, &public).unwrap();
        let private = WrapScheme::prepare(&InBaseMode, &private_facts, &private).unwrap();
        let wrapped = public.wrap(b"a key", &parameters, &mut SeededRandom::new(1)).unwrap();
        assert_eq!(&private.unwrap(&wrapped.data, &parameters, None).unwrap()[..], b"a key");
        for curve in [Curve::P224, Curve::Secp256k1, Curve::X448] {
            assert!(CipherScheme::prepare(&InBaseMode, &pair_facts(curve).1, &new_pair(curve, 1).1).is_err());
        }
    }

    #[test]
    fn no_other_scheme_claims_its_modes() {
        use claviger_plugin_sdk::plugin::{EntryKind, linked};
        for mode in MODES {
            let parameters = with_info(mode, b"");
            let (facts, _) = pair_facts(Curve::P256);
            let claiming = linked().into_iter().filter(|entry| {
                matches!(entry.kind, EntryKind::Scheme(scheme)
                    if scheme.serves(claviger_plugin_sdk::scheme::Capability::Cipher, &facts)
                        && (scheme.claims)(&facts, &parameters))
            });
            assert_eq!(claiming.count(), 1);
        }
    }
}
