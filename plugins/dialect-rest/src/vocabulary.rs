//! Names that the family uses beside those of KMIP.

use std::borrow::Cow;

use claviger_plugin_sdk::kmip::tables::enumerations::RecommendedCurve;
use claviger_plugin_sdk::kmip::ttlv::ItemType;
use claviger_plugin_sdk::kmip::vocabulary::Extension;
use claviger_plugin_sdk::prelude::*;

use crate::cover_crypt;

/// The vendor identification of the family's attributes.
pub(crate) const VENDOR: &str = "cosmian";

/// The field that newer clients put around the bytes of a key material: `KeyMaterial { ByteString }`.
pub(crate) const BYTE_STRING: Tag = Tag(0x54_5202);

/// The family's spelling of RFC 5649 key wrapping.
pub(crate) const NIST_KEY_WRAP: u32 = 0x8000_0001;

/// The family's names of Edwards curves: KMIP has one name for both forms of a curve.
pub(crate) const CURVE_ED25519: RecommendedCurve = RecommendedCurve(0x8000_0001);
pub(crate) const CURVE_ED448: RecommendedCurve = RecommendedCurve(0x8000_0002);

/// The tag of [`BYTE_STRING`], that of the generation, and the family's vendor values of KMIP enumerations.
pub(crate) const EXTENSIONS: &[Extension] = &[
    tag(BYTE_STRING, "ByteString", ItemType::ByteString),
    tag(crate::generation::TAG, "RESTGeneration", ItemType::Enumeration),
    value("CryptographicAlgorithm", cover_crypt::ALGORITHM.0, "CoverCrypt"),
    value("CryptographicAlgorithm", 0x8880_0005, "CoverCryptBulk"),
    value("KeyFormatType", 0x8880_0005, "EnclaveECKeyPair"),
    value("KeyFormatType", 0x8880_0006, "EnclaveECSharedKey"),
    value("KeyFormatType", cover_crypt::SECRET_KEY.0, "CoverCryptSecretKey"),
    value("KeyFormatType", cover_crypt::PUBLIC_KEY.0, "CoverCryptPublicKey"),
    value("KeyFormatType", 0x8880_0001, "Pkcs12Legacy"),
    value("KeyFormatType", 0x8880_0002, "PKCS7"),
    value("RecommendedCurve", CURVE_ED25519.0, "CURVEED25519"),
    value("RecommendedCurve", CURVE_ED448.0, "CURVEED448"),
    value("EncodingOption", crate::key_value_json::JSON_ENCODING.0, "JSONEncoding"),
    value("BlockCipherMode", 0x8000_0002, "GCMSIV"),
    value("SecretDataType", 0x8000_0001, "FunctionalKey"),
    value("SecretDataType", 0x8000_0002, "FunctionalKeyShare"),
    value("OpaqueDataType", 0x8000_0001, "Unknown"),
];

const fn tag(tag: Tag, name: &'static str, item_type: ItemType) -> Extension {
    Extension::Tag { tag, name: Cow::Borrowed(name), item_type, values: None }
}

const fn value(of: &'static str, code: u32, name: &'static str) -> Extension {
    Extension::Value { of: Cow::Borrowed(of), code, name: Cow::Borrowed(name) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_plugin_sdk::kmip::vocabulary::Vocabulary;

    #[test]
    fn no_name_clashes_with_the_standard() {
        let vocabulary = Vocabulary::standard().extended(EXTENSIONS).unwrap();
        assert_eq!(
            vocabulary.enumeration_value(Tag::KEY_FORMAT_TYPE, "CoverCryptSecretKey"),
            Some(0x8880_000C)
        );
        assert_eq!(vocabulary.tag("ByteString"), Some(BYTE_STRING));
    }
}
