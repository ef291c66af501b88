//! The algorithm policy with real algorithms: what a scheme fills in counts as if the client had said it, and what may
//! only process protects nothing new.

use claviger_engine::{AlgorithmPolicy, PolicyTexts};
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{CryptographicParameters, KeyWrappingSpecification};
use claviger_plugin_sdk::kmip::payloads::{CreateKeyPairRequest, DeriveKeyRequest, EncryptRequest};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    BlockCipherMode, DerivationMethod, DigitalSignatureAlgorithm, EncodingOption, HashingAlgorithm,
    PaddingMethod, RecommendedCurve, ValidityIndicator,
};
use claviger_plugin_sdk::kmip::vocabulary::Vocabulary;
use claviger_plugin_sdk::prelude::*;

use crate::certify;
use crate::cipher::{ciphertext, mode, plaintext};
use crate::derived_keys::derivation;
use crate::keys::{EVERY_USE, aes, raw};
use crate::macs::mac;
use crate::server::{START, Server};
use crate::signatures::{sign, verify};
use crate::wrapping::specification;

use CryptographicUsageMask as Mask;

const NONE: CryptographicParameters = CryptographicParameters::NONE;

fn strict(server: &Server, texts: PolicyTexts<'_>) -> Server {
    server.under_policy(AlgorithmPolicy::parse(Vocabulary::standard(), texts).unwrap())
}

/// What little an operator allows.
fn little(server: &Server) -> Server {
    let texts = PolicyTexts {
        modes: Some("CBC"),
        paddings: Some("PKCS5, OAEP, PSS"),
        hashes: Some("SHA_512"),
        ..PolicyTexts::default()
    };
    strict(server, texts)
}

fn hash(hash: HashingAlgorithm) -> CryptographicParameters {
    CryptographicParameters { hashing_algorithm: Some(hash), ..NONE }
}

fn padding(padding: PaddingMethod) -> CryptographicParameters {
    CryptographicParameters { padding_method: Some(padding), ..NONE }
}

fn signature(algorithm: DigitalSignatureAlgorithm) -> CryptographicParameters {
    CryptographicParameters { digital_signature_algorithm: Some(algorithm), ..NONE }
}

/// A wrapping by a key in a way that nobody names.
fn wrapping_by(key: &str) -> KeyWrappingSpecification {
    let mut wrapping = specification(key, Some(EncodingOption::NO_ENCODING));
    wrapping.encryption_key_information.as_mut().unwrap().cryptographic_parameters = None;
    wrapping
}

#[track_caller]
fn refused<T: std::fmt::Debug>(answer: Result<T>) {
    let error = answer.unwrap_err();
    assert_eq!(error.reason(), ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS, "{error:?}");
    assert!(error.message().contains("algorithm policy"), "{error:?}");
}

impl Server {
    /// An active RSA pair of alice's: its private and its public key.
    async fn rsa_pair(&self) -> (String, String) {
        let mut common = Attributes::new();
        common.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::RSA);
        common.put::<kinds::CryptographicLength>(2048);
        common.put::<kinds::ActivationDate>(DateTime(START));
        let uses = |mask: u32| {
            let mut attributes = Attributes::new();
            attributes.put::<kinds::CryptographicUsageMask>(mask.cast_signed());
            Some(attributes)
        };
        let request = CreateKeyPairRequest {
            common_attributes: Some(common),
            private_key_attributes: uses(Mask::SIGN.0 | Mask::DECRYPT.0 | Mask::UNWRAP_KEY.0),
            public_key_attributes: uses(Mask::VERIFY.0 | Mask::ENCRYPT.0 | Mask::WRAP_KEY.0),
            common_protection_storage_masks: None,
            private_protection_storage_masks: None,
            public_protection_storage_masks: None,
        };
        self.create_pair(request).await.unwrap()
    }

    async fn encrypts(&self, id: &str, parameters: CryptographicParameters) -> Result<ByteString> {
        let request =
            EncryptRequest { cryptographic_parameters: Some(parameters), ..plaintext(id, &[7; 32]) };
        self.encrypt(request).await.map(|encrypted| encrypted.data.unwrap())
    }

    async fn decrypts(&self, id: &str, data: ByteString, parameters: CryptographicParameters) -> bool {
        let mut request = ciphertext(id, data);
        request.cryptographic_parameters = Some(parameters);
        self.decrypt(request).await.unwrap().data.as_deref() == Some(&[7; 32])
    }

    async fn signs(&self, id: &str, parameters: CryptographicParameters) -> Result<ByteString> {
        let mut request = sign(id, b"data");
        request.cryptographic_parameters = Some(parameters);
        self.sign(request).await.map(|signed| signed.signature_data.unwrap())
    }

    async fn verifies(&self, id: &str, signature: &ByteString, parameters: CryptographicParameters) -> bool {
        let mut request = verify(id, b"data", signature);
        request.cryptographic_parameters = Some(parameters);
        self.verify(request).await.unwrap().validity_indicator == Some(ValidityIndicator::VALID)
    }
}

#[tokio::test]
async fn a_mode_or_padding_that_is_left_out_is_the_one_that_would_be_used() {
    let server = Server::new();
    let key = server.active().await;
    let strict = little(&server);
    refused(strict.encrypt(plaintext(&key, &[7; 32])).await);
    refused(strict.encrypt(EncryptRequest { init_indicator: Some(true), ..plaintext(&key, &[7; 32]) }).await);
    refused(strict.encrypts(&key, mode(BlockCipherMode::AEAD)).await);
    // Without padding is a padding, too.
    refused(strict.encrypts(&key, mode(BlockCipherMode::CBC)).await);
    let padded =
        CryptographicParameters { padding_method: Some(PaddingMethod::PKCS5), ..mode(BlockCipherMode::CBC) };
    strict.encrypts(&key, padded).await.unwrap();
    let gcm = PolicyTexts { modes: Some("GCM"), ..PolicyTexts::default() };
    self::strict(&server, gcm).encrypt(plaintext(&key, &[7; 32])).await.unwrap();
}

#[tokio::test]
async fn keys_are_not_wrapped_by_a_mode_that_nobody_named() {
    let server = Server::new();
    let (kek, id) = (server.active().await, server.active().await);
    let (_, public) = server.rsa_pair().await;
    for wrapping in [&kek, &public] {
        server.get_wrapped(&id, wrapping_by(wrapping)).await.unwrap();
        refused(little(&server).get_wrapped(&id, wrapping_by(wrapping)).await);
    }
    let wraps = PolicyTexts { modes: Some("AESKeyWrapPadding"), ..PolicyTexts::default() };
    strict(&server, wraps).get_wrapped(&id, wrapping_by(&kek)).await.unwrap();
}

#[tokio::test]
async fn a_mac_is_not_made_by_a_mode_or_hash_that_nobody_named() {
    let server = Server::new();
    let mut attributes = aes(0x180);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    let key = server.create(attributes.clone()).await;
    let strict = little(&server);
    refused(strict.mac(mac(&key, b"data")).await);
    attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::HMAC_SHA256);
    let key = server.create(attributes.clone()).await;
    refused(strict.mac(mac(&key, b"data")).await);
    attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::HMAC_SHA512);
    let key = server.create(attributes).await;
    strict.mac(mac(&key, b"data")).await.unwrap();
}

#[tokio::test]
async fn the_hash_and_padding_of_rsa_are_those_that_would_be_used() {
    let server = Server::new();
    let (private, public) = server.rsa_pair().await;
    let strict = little(&server);
    refused(strict.signs(&private, NONE).await);
    refused(strict.signs(&private, signature(DigitalSignatureAlgorithm::SHA_1_WITH_RSA_ENCRYPTION)).await);
    refused(strict.signs(&private, signature(DigitalSignatureAlgorithm::SHA_512_WITH_RSA_ENCRYPTION)).await);
    strict.signs(&private, hash(HashingAlgorithm::SHA_512)).await.unwrap();
    refused(strict.encrypts(&public, NONE).await);
    refused(strict.encrypts(&public, padding(PaddingMethod::PKCS1_V1_5)).await);
    strict.encrypts(&public, hash(HashingAlgorithm::SHA_512)).await.unwrap();
    // The hash of the mask that nobody named.
    let hashes = PolicyTexts { signatures: Some("SHA_512WithRSAEncryption"), ..PolicyTexts::default() };
    let named = self::strict(&server, hashes);
    refused(named.signs(&private, hash(HashingAlgorithm::SHA_512)).await);
    let pkcs1 = CryptographicParameters {
        padding_method: Some(PaddingMethod::PKCS1_V1_5),
        ..hash(HashingAlgorithm::SHA_512)
    };
    named.signs(&private, pkcs1).await.unwrap();
}

#[tokio::test]
async fn the_hash_of_signatures_on_curves_is_the_one_that_would_be_used() {
    let server = Server::new();
    let uses = Mask::SIGN.0 | Mask::CERTIFICATE_SIGN.0;
    let (private, public) = certify::pair(&server, RecommendedCurve::P_256, uses).await;
    let strict = little(&server);
    refused(strict.signs(&private, NONE).await);
    refused(strict.signs(&private, signature(DigitalSignatureAlgorithm::ECDSA_WITH_SHA_1)).await);
    strict.signs(&private, hash(HashingAlgorithm::SHA_512)).await.unwrap();
    let (stronger, _) = certify::pair(&server, RecommendedCurve::P_521, uses).await;
    strict.signs(&stronger, NONE).await.unwrap();
    // Certificates are signed, too.
    let request = || certify::certify(Some(&public), certify::for_subject("Example"));
    refused(strict.certify(request()).await);
    server.certify(request()).await.unwrap();
}

#[tokio::test]
async fn the_hash_of_a_derivation_is_the_one_that_would_be_used() {
    let server = Server::new();
    let mut derives = aes(Mask::DERIVE_KEY.0.cast_signed());
    derives.put::<kinds::ActivationDate>(DateTime(START));
    let base = server.register(raw(&[1; 32]), derives).await.unwrap();
    let request = |method, parameters| {
        let mut request: DeriveKeyRequest = derivation(&[&base], aes(EVERY_USE));
        request.derivation_method = method;
        request.derivation_parameters.cryptographic_parameters = parameters;
        request.derivation_parameters.salt = Some(vec![2; 16].into());
        request.derivation_parameters.iteration_count = (method == DerivationMethod::PBKDF2).then_some(10);
        request
    };
    let strict = little(&server);
    for method in [DerivationMethod::HKDF, DerivationMethod::PBKDF2] {
        refused(strict.derive(request(method, None)).await);
        strict.derive(request(method, Some(hash(HashingAlgorithm::SHA_512)))).await.unwrap();
        server.derive(request(method, None)).await.unwrap();
    }
}

#[tokio::test]
async fn what_protects_nothing_new_still_verifies_decrypts_and_unwraps() {
    let server = Server::new();
    let (private, public) = server.rsa_pair().await;
    let texts = PolicyTexts {
        signing_hashes: Some("SHA_256"),
        encrypting_paddings: Some("OAEP"),
        ..PolicyTexts::default()
    };
    let strict = strict(&server, texts);
    let sha_1 = || signature(DigitalSignatureAlgorithm::SHA_1_WITH_RSA_ENCRYPTION);
    refused(strict.signs(&private, sha_1()).await);
    strict.signs(&private, NONE).await.unwrap();
    let signed = server.signs(&private, sha_1()).await.unwrap();
    assert!(strict.verifies(&public, &signed, sha_1()).await);

    let pkcs1 = || padding(PaddingMethod::PKCS1_V1_5);
    refused(strict.encrypts(&public, pkcs1()).await);
    strict.encrypts(&public, NONE).await.unwrap();
    let encrypted = server.encrypts(&public, pkcs1()).await.unwrap();
    assert!(strict.decrypts(&private, encrypted, pkcs1()).await);

    let id = server.active().await;
    let mut by = wrapping_by(&public);
    by.encryption_key_information.as_mut().unwrap().cryptographic_parameters = Some(pkcs1());
    refused(strict.get_wrapped(&id, by.clone()).await);
    // Kept wrapped, and unwrapped for each use.
    let wrapped = server.get_wrapped(&id, by).await.unwrap();
    let kept = strict.register(wrapped, aes(EVERY_USE)).await.unwrap();
    strict.activate(&kept).await;
    strict.encrypt(plaintext(&kept, &[7; 32])).await.unwrap();
}
