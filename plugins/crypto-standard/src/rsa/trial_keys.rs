//! Keys for tests.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::key_material::TransparentRsaPrivateKey;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    CryptographicAlgorithm, HashingAlgorithm, KeyFormatType, ObjectType, PaddingMethod, ResultReason,
};
use claviger_plugin_sdk::kmip::{BigInteger, Value};
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{CipherInput, CipherKey, KeyPair, Scheme, SchemeEntry};
use claviger_plugin_sdk::testkit::SeededRandom;
use openssl::bn::{BigNum, BigNumContext};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;

use crate::encoding::trial_pairs;

static NO_ATTRIBUTES: Attributes = Attributes::new();

/// What is known of an RSA key of this type.
pub(super) fn facts(object_type: ObjectType) -> KeyFacts<'static> {
    let algorithm = Some(CryptographicAlgorithm::RSA);
    KeyFacts { object_type, algorithm, length: None, format: None, attributes: &NO_ATTRIBUTES }
}

/// Both halves of a pair, and the same as OpenSSL has it.
pub(super) struct Trial {
    pub(super) private: Material,
    pub(super) public: Material,
    pub(super) openssl: PKey<Private>,
}

impl Trial {
    /// A pair of this many bits: the next of two, so that one test has both and all tests make no more.
    pub(super) fn new(bits: u32) -> Self {
        static PAIRS: Mutex<BTreeMap<u32, [PKey<Private>; 2]>> = Mutex::new(BTreeMap::new());
        thread_local! { static TURN: Cell<usize> = const { Cell::new(0) } }
        let mut pairs = PAIRS.lock().unwrap();
        let new = || PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap();
        let pairs = pairs.entry(bits).or_insert_with(|| [new(), new()]);
        Self::of(&pairs[TURN.replace(TURN.get() + 1) % 2])
    }

    /// A pair that OpenSSL has.
    pub(super) fn of(openssl: &PKey<Private>) -> Self {
        let bytes = |format, der: Vec<u8>| Material::new(format, Value::ByteString(der.into()));
        Self {
            private: bytes(KeyFormatType::PKCS_8, openssl.private_key_to_pkcs8().unwrap()),
            public: bytes(KeyFormatType::X_509, openssl.public_key_to_der().unwrap()),
            openssl: openssl.clone(),
        }
    }

    /// A published pair: primes and public exponent in hexadecimal.
    pub(super) fn published(p: &str, q: &str, e: &str) -> Self {
        let number = |digits: &str| BigNum::from_hex_str(digits).unwrap();
        let mut modulus = BigNum::new().unwrap();
        modulus.checked_mul(&number(p), &number(q), &mut BigNumContext::new().unwrap()).unwrap();
        let integer = |number: BigNum| BigInteger::from_unsigned_be(&number.to_vec());
        let key = TransparentRsaPrivateKey {
            modulus: integer(modulus),
            private_exponent: None,
            public_exponent: Some(integer(number(e))),
            p: Some(integer(number(p))),
            q: Some(integer(number(q))),
            prime_exponent_p: None,
            prime_exponent_q: None,
            crt_coefficient: None,
        };
        let rsa = super::components::complete(&key).unwrap();
        let private = Material::new(KeyFormatType::TRANSPARENT_RSA_PRIVATE_KEY, key.into_value());
        Self { private, ..Self::of(&PKey::from_rsa(rsa).unwrap()) }
    }
}

/// A pair for the suites: of 1024, 2048 and 768 bits in turn.
pub(super) fn next_pair(_: &mut SeededRandom) -> KeyPair {
    static KEYS: LazyLock<[PKey<Private>; 5]> =
        LazyLock::new(|| [1024, 2048, 768, 1024, 2048].map(|bits| Trial::new(bits).openssl));
    trial_pairs::next_pair(CryptographicAlgorithm::RSA, &*KEYS)
}

/// Parameters that name a padding, a hash and the hash of MGF1.
pub(super) fn padded(
    padding: PaddingMethod,
    hash: HashingAlgorithm,
    mask: Option<HashingAlgorithm>,
) -> CryptographicParameters {
    CryptographicParameters {
        padding_method: Some(padding),
        hashing_algorithm: Some(hash),
        mask_generator_hashing_algorithm: mask,
        ..CryptographicParameters::NONE
    }
}

/// Every hash for signatures and paddings.
pub(super) fn hashes() -> [(HashingAlgorithm, MessageDigest); 11] {
    let named = |name| MessageDigest::from_name(name).unwrap();
    [
        (HashingAlgorithm::SHA_1, named("SHA1")),
        (HashingAlgorithm::SHA_224, named("SHA224")),
        (HashingAlgorithm::SHA_256, named("SHA256")),
        (HashingAlgorithm::SHA_384, named("SHA384")),
        (HashingAlgorithm::SHA_512, named("SHA512")),
        (HashingAlgorithm::SHA_512_224, named("SHA512-224")),
        (HashingAlgorithm::SHA_512_256, named("SHA512-256")),
        (HashingAlgorithm::SHA3_224, named("SHA3-224")),
        (HashingAlgorithm::SHA3_256, named("SHA3-256")),
        (HashingAlgorithm::SHA3_384, named("SHA3-384")),
        (HashingAlgorithm::SHA3_512, named("SHA3-512")),
    ]
}

/// A cipher or a wrapping, of both halves of a pair.
pub(super) struct TrialCipher {
    pub(super) trial: Trial,
    private: Arc<dyn CipherKey>,
    public: Arc<dyn CipherKey>,
}

impl TrialCipher {
    pub(super) fn new(entry: &SchemeEntry, trial: Trial) -> Self {
        let Scheme::Cipher(scheme) = entry.scheme else { panic!("{} is no cipher", entry.name) };
        let prepare = |object_type, material| scheme.prepare(&facts(object_type), material).unwrap();
        Self {
            private: prepare(ObjectType::PRIVATE_KEY, &trial.private),
            public: prepare(ObjectType::PUBLIC_KEY, &trial.public),
            trial,
        }
    }

    pub(super) fn encrypt(&self, plain: &[u8], parameters: &CryptographicParameters) -> Result<Vec<u8>> {
        let encrypted = self.public.encrypt(input(plain, parameters), &mut SeededRandom::new(1))?;
        assert_eq!((encrypted.nonce, encrypted.tag), (None, None));
        Ok(encrypted.data.to_vec())
    }

    pub(super) fn decrypt(&self, encrypted: &[u8], parameters: &CryptographicParameters) -> Result<Vec<u8>> {
        self.private.decrypt(input(encrypted, parameters)).map(|plain| plain.to_vec())
    }

    /// Ciphertexts of another length or beyond the modulus are refused, all with the same words; so is a public key.
    pub(super) fn refuses_other_shapes(&self, parameters: &CryptographicParameters) {
        let encrypted = self.encrypt(b"some plain text", parameters).unwrap();
        let wrong: [&[u8]; 9] = [
            &[],
            &encrypted[1..],
            &encrypted[..encrypted.len() - 1],
            &[&encrypted[..], &[0]].concat(),
            &[&[0], &encrypted[..]].concat(),
            &vec![0; encrypted.len()],
            &vec![0xFF; encrypted.len()],
            &vec![1; 3 * encrypted.len()],
            &self.trial.openssl.rsa().unwrap().n().to_vec(),
        ];
        for encrypted in wrong {
            assert_eq!(self.refusal(encrypted, parameters), self.refusal(&[], parameters));
        }
        let error = self.public.decrypt(input(&encrypted, parameters)).expect_err("a public key");
        assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE);
    }

    /// Ciphertexts with a changed bit are refused with the same words. Not for PKCS1 v1.5, which finds one in 2^17 of
    /// them well padded.
    pub(super) fn refuses_what_was_changed(&self, parameters: &CryptographicParameters) {
        let encrypted = self.encrypt(b"some plain text", parameters).unwrap();
        for bit in (0..8 * encrypted.len()).step_by(61) {
            let mut changed = encrypted.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(self.refusal(&changed, parameters), self.refusal(&[], parameters), "bit {bit}");
        }
    }

    fn refusal(&self, encrypted: &[u8], parameters: &CryptographicParameters) -> String {
        let error = self.decrypt(encrypted, parameters).expect_err("the ciphertext is refused");
        assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE);
        error.message().to_owned()
    }

    /// What only other modes have is refused.
    pub(super) fn refuses_nonces_tags_and_parts(&self, parameters: &CryptographicParameters) {
        let input = input(b"data", parameters);
        for input in [
            CipherInput { nonce: Some(&[0; 12]), ..input },
            CipherInput { additional_data: &[1], ..input },
            CipherInput { tag: Some(&[1; 16]), ..input },
        ] {
            let error = self.public.encrypt(input, &mut SeededRandom::new(1)).unwrap_err();
            assert_eq!(error.reason(), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
            let error = self.private.decrypt(input).unwrap_err();
            assert_eq!(error.reason(), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
        }
        let error = self.public.encrypt_in_parts(input, &mut SeededRandom::new(1)).map(drop).unwrap_err();
        assert_eq!(error.reason(), ResultReason::FEATURE_NOT_SUPPORTED);
        let error = self.private.decrypt_in_parts(input).map(drop).unwrap_err();
        assert_eq!(error.reason(), ResultReason::FEATURE_NOT_SUPPORTED);
    }
}

/// Wraps with the public key of a pair and unwraps with the private one.
pub(super) fn wrap_and_unwrap(entry: &SchemeEntry, plain: &[u8], parameters: &CryptographicParameters) {
    let Scheme::Wrap(scheme) = entry.scheme else { panic!("{} does not wrap", entry.name) };
    let trial = Trial::new(1024);
    let public = scheme.prepare(&facts(ObjectType::PUBLIC_KEY), &trial.public).unwrap();
    let wrapped = public.wrap(plain, parameters, &mut SeededRandom::new(1)).unwrap();
    assert_eq!(wrapped.nonce, None);
    let private = scheme.prepare(&facts(ObjectType::PRIVATE_KEY), &trial.private).unwrap();
    assert_eq!(*private.unwrap(&wrapped.data, parameters, None).unwrap(), *plain);
    assert!(private.unwrap(&wrapped.data[1..], parameters, None).is_err());
    assert!(public.unwrap(&wrapped.data, parameters, None).is_err());
}

fn input<'a>(data: &'a [u8], parameters: &'a CryptographicParameters) -> CipherInput<'a> {
    CipherInput { parameters, data, nonce: None, additional_data: &[], tag: None }
}
