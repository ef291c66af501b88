//! What the tests of keys in finite fields share.

use std::sync::LazyLock;

use claviger_plugin_sdk::kmip::Value;
use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, KeyFormatType, ObjectType};
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{Formats, KeyDescription, KeyPair};
use claviger_plugin_sdk::testkit::SeededRandom;
use openssl::dh::Dh;
use openssl::dsa::Dsa;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;

use super::family::FiniteField;
use crate::encoding::{AsFormats, trial_pairs};

static NO_ATTRIBUTES: Attributes = Attributes::new();

/// What is known of a key of this type and algorithm.
pub(super) fn facts(object_type: ObjectType, algorithm: CryptographicAlgorithm) -> KeyFacts<'static> {
    let algorithm = Some(algorithm);
    KeyFacts { object_type, algorithm, length: None, format: None, attributes: &NO_ATTRIBUTES }
}

/// A DSA pair for the suites.
pub(super) fn next_dsa_pair(_: &mut SeededRandom) -> KeyPair {
    static KEYS: LazyLock<[PKey<Private>; 2]> =
        LazyLock::new(|| [(); 2].map(|()| PKey::from_dsa(Dsa::generate(1024).unwrap()).unwrap()));
    trial_pairs::next_pair(CryptographicAlgorithm::DSA, &*KEYS)
}

/// A Diffie-Hellman pair for the suites, with and without an order of its group.
pub(super) fn next_dh_pair(_: &mut SeededRandom) -> KeyPair {
    static KEYS: LazyLock<[PKey<Private>; 2]> = LazyLock::new(|| {
        let without = Dh::generate_params(512, 2).and_then(Dh::generate_key).unwrap();
        let with = Dh::get_1024_160().and_then(Dh::generate_key).unwrap();
        [PKey::from_dh(without).unwrap(), PKey::from_dhx(with).unwrap()]
    });
    trial_pairs::next_pair(CryptographicAlgorithm::DH, &*KEYS)
}

/// Keys of other algorithms.
pub(super) fn strangers() -> Vec<(ObjectType, Material)> {
    let rsa = PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap();
    let bytes = |format, bytes: Vec<u8>| Material::new(format, Value::ByteString(bytes.into()));
    vec![
        (ObjectType::PRIVATE_KEY, bytes(KeyFormatType::PKCS_8, rsa.private_key_to_pkcs8().unwrap())),
        (ObjectType::PRIVATE_KEY, bytes(KeyFormatType::RAW, vec![7; 32])),
        (ObjectType::PUBLIC_KEY, bytes(KeyFormatType::X_509, rsa.public_key_to_der().unwrap())),
        (ObjectType::PUBLIC_KEY, bytes(KeyFormatType::PKCS_1, Vec::new())),
    ]
}

/// Converts both halves of OpenSSL's pair to the transparent format and back, which gives OpenSSL's bytes again, and
/// the public key of the private one, which is OpenSSL's. Returns what the private key is taken for.
pub(super) fn convert_as_openssl(family: FiniteField, openssl: &PKey<Private>) -> KeyDescription {
    let algorithm = family.algorithm;
    let [private_transparent, _] = *family.private_formats else { panic!("two formats") };
    let [public_transparent, _] = *family.public_formats else { panic!("two formats") };
    let formats = AsFormats(family);
    let halves = [
        (ObjectType::PRIVATE_KEY, private_transparent, KeyFormatType::PKCS_8, openssl.private_key_to_pkcs8()),
        (ObjectType::PUBLIC_KEY, public_transparent, KeyFormatType::X_509, openssl.public_key_to_der()),
    ];
    let mut descriptions = Vec::new();
    let mut transparents = Vec::new();
    for (object_type, transparent, encoded, der) in halves {
        let (facts, der) = (facts(object_type, algorithm), Value::ByteString(der.unwrap().into()));
        let material = Material::new(encoded, der.clone());
        let description = formats.recognise(&facts, &material).unwrap().expect("it is such a key");
        assert_eq!(description.object_type, object_type);
        let value = formats.convert(&facts, &material, transparent.into()).unwrap();
        let through = Material::new(transparent, value.clone());
        assert_eq!(formats.recognise(&facts, &through).unwrap().as_ref(), Some(&description));
        assert_eq!(formats.convert(&facts, &through, encoded.into()).unwrap(), der);
        descriptions.push(description);
        transparents.push((material, value));
    }
    let block = formats.public_key(&facts(ObjectType::PRIVATE_KEY, algorithm), &transparents[0].0).unwrap();
    let Some(claviger_plugin_sdk::kmip::objects::KeyValue::Plain(plain)) = block.key_value else {
        panic!("plain")
    };
    assert_eq!((block.key_format_type, &plain.key_material), (public_transparent, &transparents[1].1));
    descriptions.swap_remove(0)
}
