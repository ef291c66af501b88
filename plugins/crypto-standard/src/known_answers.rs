//! Published test vectors, in hexadecimal, and how a scheme is held to them.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::Value;
use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::payloads::DerivationParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    BlockCipherMode, CryptographicAlgorithm, HashingAlgorithm, KeyFormatType, ObjectType,
};
use claviger_plugin_sdk::plugin::{EntryKind, linked};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{
    Capability, CipherInput, CipherKey, DeriveInput, MacKey, PreparedKey, Scheme, SchemeEntry, Share,
    SplitPlan, SplitScheme, WrapKey,
};
use claviger_plugin_sdk::testkit::SeededRandom;
use claviger_plugin_sdk::testkit::scheme::{base_key, facts_of_raw_key};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;

/// What a cipher gives. A nonce or tag that the cipher does not have is empty.
pub(crate) struct Answer<'a> {
    pub(crate) key: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) additional_data: &'a str,
    pub(crate) plain: &'a str,
    pub(crate) encrypted: &'a str,
    pub(crate) tag: &'a str,
}

/// Encrypts and decrypts, at once, and in parts where the cipher can.
pub(crate) fn check(entry: &SchemeEntry, parameters: &CryptographicParameters, answer: &Answer<'_>) {
    let key = cipher(entry, &bytes(answer.key));
    let (plain, nonce, tag) = (bytes(answer.plain), bytes(answer.nonce), bytes(answer.tag));
    let additional_data = bytes(answer.additional_data);
    let input = CipherInput {
        parameters,
        data: &plain,
        nonce: (!nonce.is_empty()).then_some(&nonce),
        additional_data: &additional_data,
        tag: None,
    };
    let encrypted = key.encrypt(input, &mut SeededRandom::new(1)).unwrap();
    assert_eq!(hex::encode(&*encrypted.data), answer.encrypted);
    assert_eq!(hex::encode(encrypted.tag.as_deref().unwrap_or_default()), answer.tag);
    let back = CipherInput { data: &encrypted.data, tag: encrypted.tag.as_ref().map(|_| &tag[..]), ..input };
    assert_eq!(hex::encode(&*key.decrypt(back).unwrap()), answer.plain);

    if let Ok((mut stream, _)) = key.encrypt_in_parts(input, &mut SeededRandom::new(1)) {
        let mut output = stream.update(&plain).unwrap().to_vec();
        let (last, tag) = stream.finish().unwrap();
        output.extend_from_slice(&last);
        assert_eq!(hex::encode(output), answer.encrypted);
        assert_eq!(hex::encode(tag.as_deref().unwrap_or_default()), answer.tag);
    }
}

/// Wraps and unwraps: key, data, wrapped data.
pub(crate) fn check_wrap(entry: &SchemeEntry, key: &str, plain: &str, wrapped: &str) {
    let Scheme::Wrap(scheme) = entry.scheme else { panic!("{} does not wrap", entry.name) };
    let key: Arc<dyn WrapKey> = {
        let key = bytes(key);
        scheme.prepare(&facts_of_raw_key(entry, key.len()), &raw(&key)).unwrap()
    };
    let none = &CryptographicParameters::NONE;
    let result = key.wrap(&bytes(plain), none, &mut SeededRandom::new(1)).unwrap();
    assert_eq!(hex::encode(&*result.data), wrapped);
    assert_eq!(hex::encode(&*key.unwrap(&result.data, none, None).unwrap()), plain);
}

/// Makes a MAC without a nonce.
pub(crate) fn check_mac(entry: &SchemeEntry, key: &[u8], data: &[u8], mac: &str) {
    let key = mac_key(entry, key);
    let made = key.mac(data, &CryptographicParameters::NONE, &mut SeededRandom::new(1)).unwrap();
    assert_eq!(hex::encode(&*made), mac);
    assert!(key.verify(data, &bytes(mac), &CryptographicParameters::NONE).unwrap());
}

/// A key for MACs.
pub(crate) fn mac_key(entry: &SchemeEntry, key: &[u8]) -> Arc<dyn MacKey> {
    let Scheme::Mac(scheme) = entry.scheme else { panic!("{} makes no MACs", entry.name) };
    scheme.prepare(&facts_of_raw_key(entry, key.len()), &raw(key)).unwrap()
}

/// Gives the digest of the data where the parameters name the hash function.
pub(crate) fn check_digest(entry: &SchemeEntry, hash: HashingAlgorithm, data: &[u8], digest: &str) {
    let Scheme::Digest(scheme) = entry.scheme else { panic!("{} does not hash", entry.name) };
    let parameters = with_hash(hash);
    assert!((entry.claims)(&facts_of_raw_key(entry, 0), &parameters));
    assert_eq!(hex::encode(&*scheme.digest(data, &parameters).unwrap()), digest);
}

/// Parameters that name nothing but a hash function.
pub(crate) fn with_hash(hash: HashingAlgorithm) -> CryptographicParameters {
    CryptographicParameters { hashing_algorithm: Some(hash), ..CryptographicParameters::NONE }
}

/// What splits secrets.
pub(crate) fn splitter(entry: &SchemeEntry) -> &'static dyn SplitScheme {
    let Scheme::Split(_, scheme) = entry.scheme else { panic!("{} does not split", entry.name) };
    scheme
}

/// The shares of a secret.
pub(crate) fn split(entry: &SchemeEntry, secret: &[u8], plan: &SplitPlan) -> Vec<Share> {
    let values = splitter(entry).split(secret, plan, &mut SeededRandom::new(1)).unwrap();
    (1..).zip(values).map(|(identifier, value)| Share { identifier, value }).collect()
}

/// Derives.
pub(crate) fn check_derive(entry: &SchemeEntry, input: &DeriveInput, derived: &str) {
    let Scheme::Derive(_, scheme) = entry.scheme else { panic!("{} does not derive", entry.name) };
    assert_eq!(hex::encode(&*scheme.derive(input).unwrap()), derived);
}

/// A derivation of so many bytes from a key and nothing else.
pub(crate) fn derive_input(key: &[u8], length: usize) -> DeriveInput {
    DeriveInput {
        base: vec![base_key(ObjectType::SYMMETRIC_KEY, None, key)],
        prepared: None,
        parameters: DerivationParameters {
            cryptographic_parameters: None,
            initialization_vector: None,
            derivation_data: Vec::new(),
            salt: None,
            iteration_count: None,
        },
        length,
    }
}

/// A derivation with the MAC that an AES key makes with these parameters.
pub(crate) fn with_prf(
    key: &[u8],
    parameters: CryptographicParameters,
    data: &[u8],
    length: usize,
) -> DeriveInput {
    let mut input = derive_input(key, length);
    input.prepared = Some(prepared(Capability::Mac, CryptographicAlgorithm::AES, &parameters, key));
    input.parameters.cryptographic_parameters = Some(parameters);
    input.parameters.derivation_data = vec![data.into()];
    input
}

/// A key, prepared by the scheme of this crate that claims it, as the registry finds it.
pub(crate) fn prepared(
    capability: Capability,
    algorithm: CryptographicAlgorithm,
    parameters: &CryptographicParameters,
    key: &[u8],
) -> PreparedKey {
    let attributes = Attributes::new();
    let facts = KeyFacts {
        object_type: ObjectType::SYMMETRIC_KEY,
        algorithm: Some(algorithm),
        length: i32::try_from(key.len() * 8).ok(),
        format: Some(KeyFormatType::RAW),
        attributes: &attributes,
    };
    let schemes = linked().into_iter().filter_map(|entry| match entry.kind {
        EntryKind::Scheme(entry) => Some(entry),
        _ => None,
    });
    let mut claim =
        schemes.filter(|entry| entry.serves(capability, &facts) && (entry.claims)(&facts, parameters));
    match claim.next().map(|entry| entry.scheme) {
        Some(Scheme::Cipher(scheme)) => PreparedKey::Cipher(scheme.prepare(&facts, &raw(key)).unwrap()),
        Some(Scheme::Mac(scheme)) => PreparedKey::Mac(scheme.prepare(&facts, &raw(key)).unwrap()),
        _ => panic!("no scheme claims the key"),
    }
}

/// HMAC-SHA256 of OpenSSL.
pub(crate) fn openssl_hmac_sha256(key: &[u8], data: &[u8]) -> Vec<u8> {
    let key = PKey::hmac(key).unwrap();
    Signer::new(MessageDigest::sha256(), &key).unwrap().sign_oneshot_to_vec(data).unwrap()
}

/// So many random bytes.
pub(crate) fn random(rng: &mut SeededRandom, length: usize) -> Vec<u8> {
    rng.bytes(length).to_vec()
}

/// A key of a cipher.
pub(crate) fn cipher(entry: &SchemeEntry, key: &[u8]) -> Arc<dyn CipherKey> {
    let Scheme::Cipher(scheme) = entry.scheme else { panic!("{} is no cipher", entry.name) };
    scheme.prepare(&facts_of_raw_key(entry, key.len()), &raw(key)).unwrap()
}

/// The bytes of a raw key as material.
pub(crate) fn raw(key: &[u8]) -> Material {
    Material::new(KeyFormatType::RAW, Value::ByteString(key.into()))
}

/// Parameters that name nothing but a mode.
pub(crate) fn in_mode(mode: BlockCipherMode) -> CryptographicParameters {
    CryptographicParameters { block_cipher_mode: Some(mode), ..CryptographicParameters::NONE }
}

/// The bytes of hexadecimal digits.
pub(crate) fn bytes(digits: &str) -> Vec<u8> {
    hex::decode(digits).unwrap()
}

/// The four blocks of plaintext of SP 800-38A appendix F.
pub(crate) const SP_800_38A: &str = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
                                     30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";

/// The keys of SP 800-38A appendix F.
pub(crate) const SP_800_38A_KEYS: [&str; 3] = [
    "2b7e151628aed2a6abf7158809cf4f3c",
    "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
];
