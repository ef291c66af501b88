//! What Create Split Key and Join Split Key share: the bytes of a key that are split, and the key of joined bytes (KMIP
//! 2.1 sections 6.1.10 and 6.1.27).

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{
    CryptographicParameters, KeyBlock, KeyValue, ManagedObject, PlainKeyValue,
};
use claviger_plugin_sdk::kmip::tables::enumerations::SplitKeyMethod;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::scheme::{Capability, Scheme, SplitScheme};

use crate::born;

/// The types of objects that can be split.
pub(crate) const DIVISIBLE: &[ObjectType] =
    &[ObjectType::SYMMETRIC_KEY, ObjectType::PRIVATE_KEY, ObjectType::SECRET_DATA];

/// The scheme for a method.
///
/// # Errors
/// Unsupported Cryptographic Parameters: there is none.
pub(crate) fn scheme(cx: &Context<'_>, method: SplitKeyMethod) -> Result<&'static dyn SplitScheme> {
    let facts = KeyFacts {
        object_type: ObjectType::SPLIT_KEY,
        algorithm: None,
        length: None,
        format: None,
        attributes: &Attributes::new(),
    };
    match cx.scheme(Capability::Split(method), &facts, &CryptographicParameters::NONE)? {
        Scheme::Split(_, scheme) => Ok(*scheme),
        _ => Err(Error::server("a scheme that splits keys does something else")),
    }
}

/// The bytes that are split of a plain key: in the first of its formats that is a byte string.
///
/// # Errors
/// Key Format Type Not Supported: it has no such format. What converting says.
pub(crate) fn divisible_bytes(
    cx: &Context<'_>,
    object: &ManagedObject,
    attributes: &Attributes,
) -> Result<ByteString> {
    let kind = born::kind(cx.catalogue(), object.object_type())?;
    let block = object.key_block().ok_or_else(not_divisible)?;
    for format in kind.formats(cx.catalogue(), &KeyFacts::of(object.object_type(), Some(block), attributes)) {
        let mut block = block.clone();
        kind.convert(cx.catalogue(), &mut block, attributes, (*format).into())?;
        if let Some(KeyValue::Plain(PlainKeyValue { key_material: Value::ByteString(bytes), .. })) =
            &block.key_value
        {
            return Ok(bytes.clone());
        }
    }
    Err(not_divisible())
}

/// The object of these bytes: in the format that its attributes state or, if they state none, in the first that fits.
///
/// # Errors
/// Cryptographic Failure: the bytes are no such object, so the parts do not belong together. Key Format Type Not
/// Supported.
pub(crate) fn whole(
    cx: &Context<'_>,
    bytes: &ByteString,
    attributes: &Attributes,
    into_object: impl Fn(KeyBlock) -> ManagedObject,
) -> Result<ManagedObject> {
    let key_block = |key_format_type| KeyBlock {
        key_format_type,
        key_compression_type: None,
        key_value: Some(KeyValue::Plain(PlainKeyValue {
            key_material: Value::ByteString(bytes.clone()),
            attributes: None,
        })),
        cryptographic_algorithm: attributes.one::<kinds::CryptographicAlgorithm>(),
        cryptographic_length: attributes.one::<kinds::CryptographicLength>(),
        key_wrapping_data: None,
    };
    let object_type = into_object(key_block(KeyFormatType::RAW)).object_type();
    let kind = born::kind(cx.catalogue(), object_type)?;
    let stated = attributes.one::<kinds::KeyFormatType>();
    let facts = KeyFacts { format: None, ..KeyFacts::of(object_type, None, attributes) };
    let formats = match stated {
        Some(format) => vec![format],
        None => kind.formats(cx.catalogue(), &facts).to_vec(),
    };
    formats
        .into_iter()
        .map(|format| into_object(key_block(format)))
        .find(|object| kind.check_object(cx.catalogue(), object, &mut attributes.clone()).is_ok())
        .ok_or_else(|| {
            Error::cryptographic(format!("the parts, joined, give no {object_type:?} with these attributes"))
        })
}

fn not_divisible() -> Error {
    Error::unsupported("the key has no format that is a byte string, which could be split")
        .with_reason(ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED)
}
