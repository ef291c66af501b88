//! What the kinds that have a key value share: the plain material, its digest, and the facts that the key block and
//! the attributes both tell.

use claviger_plugin_sdk::kmip::attributes::{AttributeType, Attributes};
use claviger_plugin_sdk::kmip::codec::binary;
use claviger_plugin_sdk::kmip::objects::{KeyBlock, KeyValue};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::Encoding;

/// The plain key material; nothing if it is wrapped or not there.
pub(super) fn plain(block: &KeyBlock) -> Option<&Value> {
    match &block.key_value {
        Some(KeyValue::Plain(plain)) if block.key_wrapping_data.is_none() => Some(&plain.key_material),
        _ => None,
    }
}

/// The bytes over which the digest of plain key material is computed: itself, or its TTLV encoding if it is a
/// structure (KMIP 2.1 section 4.21).
pub(super) fn digest_input(block: &KeyBlock) -> Option<ByteString> {
    match plain(block)? {
        Value::ByteString(bytes) => Some(bytes.clone()),
        structure @ Value::Structure(_) => {
            Some(binary::encode(&Ttlv::new(Tag::KEY_MATERIAL, structure.clone())).into())
        }
        _ => None,
    }
}

/// The length of plain key material that is bytes, in bits.
pub(super) fn plain_bits(block: &KeyBlock) -> Option<i32> {
    match plain(block)? {
        Value::ByteString(bytes) => i32::try_from(bytes.len().checked_mul(8)?).ok(),
        _ => None,
    }
}

/// Checks that the format is one of the kind's.
///
/// # Errors
/// Key Format Type Not Supported.
pub(super) fn check_format(block: &KeyBlock, formats: &[KeyFormatType]) -> Result<()> {
    if formats.contains(&block.key_format_type) {
        Ok(())
    } else {
        Err(unsupported(block.key_format_type, formats))
    }
}

/// The error for a format that the kind does not have.
pub(super) fn unsupported(format: KeyFormatType, formats: &[KeyFormatType]) -> Error {
    Error::unsupported(format!(
        "the object cannot be had as {format:?}; the formats of its type are {formats:?}"
    ))
    .with_reason(ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED)
}

/// Checks that plain key material is a byte string.
///
/// # Errors
/// Invalid Field.
pub(super) fn check_bytes(block: &KeyBlock) -> Result<()> {
    match plain(block) {
        None | Some(Value::ByteString(_)) => Ok(()),
        Some(_) => Err(Error::invalid("the Key Material is a Byte String in this format")),
    }
}

/// Gives the key another of its formats, in all of which it is the same bytes.
///
/// # Errors
/// Key Format Type Not Supported, Key Compression Type Not Supported, Key Value Not Present.
pub(super) fn rename_format(block: &mut KeyBlock, to: Encoding, formats: &[KeyFormatType]) -> Result<()> {
    let to = uncompressed(to)?;
    if !formats.contains(&to) {
        return Err(unsupported(to, formats));
    }
    if to != block.key_format_type && plain(block).is_none() {
        return Err(not_here());
    }
    block.key_format_type = to;
    Ok(())
}

/// The format of an encoding of keys that are no points of elliptic curves.
///
/// # Errors
/// Key Compression Type Not Supported.
pub(super) fn uncompressed(to: Encoding) -> Result<KeyFormatType> {
    match to.compression {
        None => Ok(to.format),
        Some(_) => Err(Error::unsupported("only keys on elliptic curves have a Key Compression Type")
            .with_reason(ResultReason::KEY_COMPRESSION_TYPE_NOT_SUPPORTED)),
    }
}

/// The error for a key that cannot be converted, because its value is not there in plain.
pub(super) fn not_here() -> Error {
    Error::state("a key that is wrapped, or managed without its value, can be had in its own format only")
        .with_reason(ResultReason::KEY_VALUE_NOT_PRESENT)
}

/// The fact that the key block and the attributes both may tell, put into the attributes.
///
/// # Errors
/// Invalid Field: they contradict one another.
pub(super) fn agree<A>(of_block: Option<A::Value>, attributes: &mut Attributes) -> Result<Option<A::Value>>
where
    A: AttributeType,
    A::Value: Copy + PartialEq + std::fmt::Debug,
{
    match (of_block, attributes.one::<A>()) {
        (Some(block), Some(attribute)) if block != attribute => Err(Error::invalid(format!(
            "{:?} is {block:?} in the Key Block and {attribute:?} among the attributes",
            A::TAG
        ))),
        (Some(block), _) => {
            attributes.put::<A>(block);
            Ok(Some(block))
        }
        (None, attribute) => Ok(attribute),
    }
}
