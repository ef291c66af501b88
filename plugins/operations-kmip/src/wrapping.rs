//! Wrapping keys on their way out and unwrapping them on their way in (KMIP 2.1 sections 3.2, 3.3 and 7.18).
//!
//! What is wrapped is the bare Key Material (No Encoding) or the binary TTLV of the Key Value, with attributes if the
//! client names some (TTLV Encoding, the default).

use claviger_plugin_sdk::kmip::attributes::{AttributeReference, Attributes, kinds};
use claviger_plugin_sdk::kmip::codec::{binary, limits::Limits};
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::legacy::{key_value_from_2_1, key_value_to_2_1};
use claviger_plugin_sdk::kmip::objects::{
    CryptographicParameters, KeyBlock, KeyInformation, KeyValue, KeyWrappingData, KeyWrappingSpecification,
    ManagedObject, PlainKeyValue,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{EncodingOption, LinkType, WrappingMethod};
use claviger_plugin_sdk::object_kind::ObjectKind;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;

use crate::{key_use, links};

/// The key that wraps something that leaves the server.
pub(crate) fn to_wrap(information: &KeyInformation) -> Target {
    Target::subject(Some(information.unique_identifier.clone()), OperationCode::GET)
        .role(Role::WRAPPING_KEY)
        .states(StateSet::ACTIVE)
        .usage(CryptographicUsageMask::WRAP_KEY)
        .consumes(0)
}

/// The key that unwraps something that enters the server.
pub(crate) fn to_unwrap(information: &KeyInformation) -> Target {
    Target::subject(Some(information.unique_identifier.clone()), OperationCode::GET)
        .role(Role::WRAPPING_KEY)
        .states(StateSet::PROCESSING)
        .usage(CryptographicUsageMask::UNWRAP_KEY)
}

/// The key that is to wrap a new one: the one that a Wrapping Key Link among its attributes names.
pub(crate) fn by_link(attributes: &Attributes) -> Option<KeyInformation> {
    let unique_identifier = links::linked(attributes, LinkType::WRAPPING_KEY_LINK)?;
    Some(KeyInformation { unique_identifier, cryptographic_parameters: None })
}

/// Wraps a new key with the one that is admitted in this role, if its attributes link it to one.
///
/// # Errors
/// What [`wrap`] says.
pub(crate) async fn wrap_new(cx: &mut Context<'_>, role: Role, new: NewObject) -> Result<NewObject> {
    if by_link(&new.attributes).is_none() {
        return Ok(new);
    }
    let wrapping_key = cx.target(role)?;
    wrap_new_with(cx, &wrapping_key, new).await
}

/// Wraps a new key: its bare material or, where that is a structure, its Key Value.
///
/// # Errors
/// What [`wrap`] says.
pub(crate) async fn wrap_new_with(
    cx: &mut Context<'_>,
    wrapping_key: &Authorized,
    new: NewObject,
) -> Result<NewObject> {
    let NewObject { id, object, attributes } = new;
    let bare = object.key_block().is_some_and(
        |block| matches!(&block.key_value, Some(KeyValue::Plain(plain)) if bare(&plain.key_material).is_ok()),
    );
    let specification = KeyWrappingSpecification {
        wrapping_method: WrappingMethod::ENCRYPT,
        encryption_key_information: Some(KeyInformation {
            unique_identifier: wrapping_key.id().as_str().into(),
            cryptographic_parameters: None,
        }),
        mac_signature_key_information: None,
        attribute_name: Vec::new(),
        encoding_option: bare.then_some(EncodingOption::NO_ENCODING),
    };
    let object = wrap(cx, wrapping_key, specification, object, &attributes).await?;
    Ok(NewObject { id, object, attributes })
}

/// Wraps the key of an object with the admitted wrapping key.
///
/// # Errors
/// Feature Not Supported: another method than Encrypt, or an object of a type that cannot be wrapped. Encoding Option
/// Error: attributes without TTLV Encoding. Bad Cryptographic Parameters, Invalid Attribute, what the scheme says.
pub(crate) async fn wrap(
    cx: &mut Context<'_>,
    wrapping_key: &Authorized,
    specification: KeyWrappingSpecification,
    mut object: ManagedObject,
    attributes: &Attributes,
) -> Result<ManagedObject> {
    check_wrappable(&object)?;
    let information = encryption(specification.wrapping_method, specification.encryption_key_information)?;
    if specification.mac_signature_key_information.is_some() {
        return Err(only_encrypt());
    }
    let parameters = parameters(wrapping_key, information.cryptographic_parameters.as_ref())?;
    let Some(block) = object.key_block_mut() else { return Err(no_key()) };
    let named = named_attributes(cx, &specification.attribute_name, attributes)?;
    let plain = encode(block, specification.encoding_option, named, cx.version())?;
    let key = key_use::wrap(cx, wrapping_key, &parameters).await?;
    let wrapped = key.wrap(&plain, &parameters, cx.rng())?;
    block.key_value = Some(KeyValue::Wrapped(wrapped.data));
    block.key_wrapping_data = Some(KeyWrappingData {
        wrapping_method: WrappingMethod::ENCRYPT,
        encryption_key_information: Some(KeyInformation {
            unique_identifier: UniqueIdentifier::Text(wrapping_key.id().to_string()),
            cryptographic_parameters: information.cryptographic_parameters,
        }),
        mac_signature_key_information: None,
        mac_signature: None,
        iv_counter_nonce: wrapped.nonce,
        encoding_option: specification.encoding_option,
    });
    Ok(object)
}

/// Unwraps the key of an object with the admitted wrapping key, into the format that its key block states.
///
/// # Errors
/// Feature Not Supported: another method than Encrypt. Cryptographic Failure: the bytes are not what this key wrapped.
pub(crate) async fn unwrap(
    cx: &mut Context<'_>,
    kind: &dyn ObjectKind,
    mut object: ManagedObject,
    attributes: &Attributes,
) -> Result<ManagedObject> {
    check_wrappable(&object)?;
    let Some(block) = object.key_block_mut() else { return Err(no_key()) };
    let (Some(wrapped), Some(data)) = (block.wrapped().cloned(), block.key_wrapping_data.take()) else {
        return Err(Error::invalid("the Key Block holds no wrapped Key Value"));
    };
    let information = encryption(data.wrapping_method, data.encryption_key_information)?;
    let wrapping_key = cx.target(Role::WRAPPING_KEY)?;
    let parameters = parameters(&wrapping_key, information.cryptographic_parameters.as_ref())?;
    let key = key_use::wrap(cx, &wrapping_key, &parameters).await?;
    let plain = key.unwrap(&wrapped, &parameters, data.iv_counter_nonce.as_deref())?;
    let material = match data.encoding_option {
        Some(EncodingOption::NO_ENCODING) => Value::ByteString(plain),
        _ => decode(&plain, cx.version())?,
    };
    block.key_value = Some(KeyValue::Plain(PlainKeyValue { key_material: material, attributes: None }));
    settle_format(cx.catalogue(), kind, block, attributes)?;
    Ok(object)
}

/// Puts bare bytes, such as No Encoding wraps, into the structure that the stated format demands.
///
/// # Errors
/// Key Format Type Not Supported.
pub(crate) fn settle_format(
    catalogue: &dyn Catalogue,
    kind: &dyn ObjectKind,
    block: &mut KeyBlock,
    attributes: &Attributes,
) -> Result<()> {
    let bare = matches!(
        &block.key_value,
        Some(KeyValue::Plain(PlainKeyValue { key_material: Value::ByteString(_), .. }))
    );
    let stated = block.key_format_type;
    let facts = KeyFacts::of(kind.object_type(), Some(block), attributes);
    match kind.formats(catalogue, &facts).first() {
        Some(&default) if bare && default == KeyFormatType::RAW => {
            block.key_format_type = default;
            kind.convert(catalogue, block, attributes, stated.into())
        }
        _ => Ok(()),
    }
}

/// Objects whose wrapped form has no other key format than the plain one.
fn check_wrappable(object: &ManagedObject) -> Result<()> {
    match object.object_type() {
        ObjectType::SYMMETRIC_KEY | ObjectType::SECRET_DATA | ObjectType::SPLIT_KEY => Ok(()),
        other => {
            Err(Error::unsupported(format!("this server does not wrap or unwrap objects of type {other:?}")))
        }
    }
}

fn encryption(method: WrappingMethod, information: Option<KeyInformation>) -> Result<KeyInformation> {
    if method != WrappingMethod::ENCRYPT {
        return Err(only_encrypt());
    }
    information.ok_or_else(|| Error::invalid("wrapping by encryption needs Encryption Key Information"))
}

fn only_encrypt() -> Error {
    Error::unsupported(
        "the only Wrapping Method of this server is Encrypt; use an authenticated mode instead of a MAC",
    )
}

fn no_key() -> Error {
    Error::invalid("an object of this type has no key to wrap").with_reason(ResultReason::INVALID_OBJECT_TYPE)
}

/// The parameters of the request, else the first of the key.
///
/// A key that states parameters is used with one of them only (section 7.18). A key that states none takes those of the
/// request: the section demands an error, which would leave clients that cannot set the attribute without wrapping.
fn parameters(
    wrapping_key: &Authorized,
    requested: Option<&CryptographicParameters>,
) -> Result<CryptographicParameters> {
    let mut stated = wrapping_key.attributes().all::<kinds::CryptographicParameters>().peekable();
    match (requested, stated.peek().is_some()) {
        (Some(requested), false) => Ok(requested.clone()),
        (None, _) => Ok(stated.next().unwrap_or(CryptographicParameters::NONE)),
        (Some(requested), true) => stated.find(|stated| stated == requested).ok_or_else(|| {
            Error::invalid("the wrapping key's Cryptographic Parameters do not have those of the request")
                .with_reason(ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS)
        }),
    }
}

/// The attributes that the client wants wrapped with the key; it names them as 1.x does.
fn named_attributes(
    cx: &Context<'_>,
    names: &[String],
    attributes: &Attributes,
) -> Result<Option<Attributes>> {
    if names.is_empty() {
        return Ok(None);
    }
    let table = cx.catalogue().attribute_table();
    let mut named = Attributes::new();
    for name in names {
        let reference = match (table.by_name(name), name.split_once('-')) {
            (Some(rule), _) if table.is_visible(rule.tag) => AttributeReference::Tagged(rule.tag),
            (None, Some((vendor @ ("x" | "y"), name))) => {
                AttributeReference::Vendor { vendor: vendor.to_owned(), name: name.to_owned() }
            }
            _ => {
                return Err(Error::invalid(format!("{name:?} is not the name of an attribute"))
                    .with_reason(ResultReason::INVALID_ATTRIBUTE));
            }
        };
        for instance in attributes.instances(&reference) {
            named.add(instance.tag, instance.value.clone());
        }
    }
    Ok(Some(named))
}

fn encode(
    block: &KeyBlock,
    option: Option<EncodingOption>,
    attributes: Option<Attributes>,
    version: ProtocolVersion,
) -> Result<ByteString> {
    let Some(KeyValue::Plain(plain)) = &block.key_value else {
        return Err(Error::unsupported("the key is wrapped already, or its value is not here")
            .with_reason(ResultReason::KEY_VALUE_NOT_PRESENT));
    };
    if option == Some(EncodingOption::NO_ENCODING) {
        if attributes.is_some() {
            return Err(Error::invalid("No Encoding wraps the key alone: leave out the attribute names")
                .with_reason(ResultReason::ENCODING_OPTION_ERROR));
        }
        return bare(&plain.key_material);
    }
    let value = PlainKeyValue { key_material: plain.key_material.clone(), attributes }.into_value();
    Ok(binary::encode(&Ttlv::new(Tag::KEY_VALUE, key_value_from_2_1(value, version))).into())
}

/// The bytes that No Encoding wraps.
fn bare(material: &Value) -> Result<ByteString> {
    match material {
        Value::ByteString(bytes) => Ok(bytes.clone()),
        Value::Structure(fields) => match fields.as_slice() {
            [Ttlv { tag: Tag::KEY, value: Value::ByteString(bytes) }] => Ok(bytes.clone()),
            _ => Err(Error::invalid(
                "the Key Material is a structure: ask for TTLV Encoding or for another format",
            )
            .with_reason(ResultReason::ENCODING_OPTION_ERROR)),
        },
        _ => Err(Error::server("the Key Material has a type that no format has")),
    }
}

/// The Key Material of a TTLV-encoded Key Value. Attributes in it are not taken over: those of the request count.
fn decode(plain: &[u8], version: ProtocolVersion) -> Result<Value> {
    let wrong = || {
        Error::cryptographic(
            "the unwrapped bytes are no TTLV Key Value; was the key wrapped with No Encoding?",
        )
    };
    let Ttlv { tag: Tag::KEY_VALUE, value } =
        binary::decode(plain, &Limits::default()).map_err(|_| wrong())?
    else {
        return Err(wrong());
    };
    let value = key_value_to_2_1(value, version)?;
    Ok(PlainKeyValue::from_value(Tag::KEY_VALUE, value)?.key_material)
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_plugin_sdk::testkit::TestCatalogue;

    use crate::kinds::SymmetricKeyKind;
    use crate::kinds::examples::{symmetric, transparent};

    #[test]
    fn ttlv_encoding_wraps_the_key_value_with_its_header() {
        let object = symmetric(&[0xAB; 16]);
        let encoded = encode(object.key_block().unwrap(), None, None, ProtocolVersion::V2_1).unwrap();
        let expected = ["42004501000000184200430800000010", &"ab".repeat(16)].concat();
        assert_eq!(hex::encode(&*encoded), expected);
        assert_eq!(
            decode(&encoded, ProtocolVersion::V2_1).unwrap(),
            Value::ByteString(vec![0xAB; 16].into())
        );
    }

    #[test]
    fn no_encoding_wraps_the_bare_key_of_either_format_and_no_attributes() {
        let option = Some(EncodingOption::NO_ENCODING);
        for object in [symmetric(&[5; 16]), transparent(&[5; 16])] {
            let encoded = encode(object.key_block().unwrap(), option, None, ProtocolVersion::V2_1).unwrap();
            assert_eq!(&*encoded, [5; 16]);
        }
        let object = symmetric(&[5; 16]);
        let refused =
            encode(object.key_block().unwrap(), option, Some(Attributes::new()), ProtocolVersion::V2_1)
                .unwrap_err();
        assert_eq!(refused.reason(), ResultReason::ENCODING_OPTION_ERROR);
    }

    #[test]
    fn bare_bytes_take_the_structure_of_the_stated_format() {
        let mut object = symmetric(&[5; 16]);
        let block = object.key_block_mut().unwrap();
        block.key_format_type = KeyFormatType::TRANSPARENT_SYMMETRIC_KEY;
        settle_format(&TestCatalogue::default(), &SymmetricKeyKind, block, &Attributes::new()).unwrap();
        assert_eq!(object, transparent(&[5; 16]));
    }
}
