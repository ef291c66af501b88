//! What the tests of keys in finite fields share.

use claviger_plugin_sdk::kmip::Value;
use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, KeyFormatType, ObjectType};
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{Formats, KeyDescription};
use openssl::pkey::{PKey, Private};

use super::family::FiniteField;
use crate::encoding::AsFormats;

static NO_ATTRIBUTES: Attributes = Attributes::new();

/// What is known of a key of this type and algorithm.
pub(super) fn facts(object_type: ObjectType, algorithm: CryptographicAlgorithm) -> KeyFacts<'static> {
    let algorithm = Some(algorithm);
    KeyFacts { object_type, algorithm, length: None, format: None, attributes: &NO_ATTRIBUTES }
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
