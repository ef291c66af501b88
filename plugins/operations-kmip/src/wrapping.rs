//! Wrapping keys on their way out and unwrapping them on their way in (KMIP 2.1 sections 3.2, 3.3 and 7.18).
//!
//! What is wrapped is the bare Key Material (No Encoding) or the binary TTLV of the Key Value, with attributes if the
//! client names some (TTLV Encoding, the default), or what a plugin makes of it. A transparent key has no bare material:
//! it is wrapped as its Raw form.

use claviger_plugin_sdk::filter::Page;
use claviger_plugin_sdk::kmip::attributes::{AttributeReference, Attributes, kinds};
use claviger_plugin_sdk::kmip::codec::binary;
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::legacy::key_value_from_2_1;
use claviger_plugin_sdk::kmip::objects::{
    CryptographicParameters, KeyBlock, KeyInformation, KeyValue, KeyWrappingData, KeyWrappingSpecification,
    ManagedObject, PlainKeyValue,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{EncodingOption, LinkType, WrappingMethod};
use claviger_plugin_sdk::object_kind::ObjectKind;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::Capability;
use claviger_plugin_sdk::wrapped_key::{self, NamedKeys, UsableKey, WrappingKeys};

use crate::{born, links};

/// The keys that wrap something that leaves the server.
pub(crate) fn targets(specification: &KeyWrappingSpecification) -> impl Iterator<Item = Target> {
    let id = |information: &KeyInformation| information.unique_identifier.clone();
    let encrypts = specification.encryption_key_information.as_ref().map(id).map(wrapped_key::to_wrap);
    let signs = specification.mac_signature_key_information.as_ref().map(id);
    encrypts.into_iter().chain(signs.map(wrapped_key::to_authenticate))
}

/// The keys of a wrapping, admitted.
#[derive(Default)]
pub(crate) struct Keys {
    encryption: Option<Authorized>,
    authentication: Option<Authorized>,
}

impl Keys {
    /// Those that [`targets`] declared.
    ///
    /// # Errors
    /// Internal Server Error: they were not declared.
    pub(crate) fn declared(cx: &Context<'_>, specification: &KeyWrappingSpecification) -> Result<Self> {
        let of = |information: &Option<KeyInformation>, role| {
            information.as_ref().map(|_| cx.target(role)).transpose()
        };
        Ok(Self {
            encryption: of(&specification.encryption_key_information, Role::WRAPPING_KEY)?,
            authentication: of(&specification.mac_signature_key_information, Role::AUTHENTICATION_KEY)?,
        })
    }

    /// Those that unwrap what the data is about.
    ///
    /// # Errors
    /// What admission says of them. Wrapping Object Not Found: a public key or a certificate wrapped, and does not lead to
    /// the private key.
    async fn unwrapping(cx: &mut Context<'_>, named: NamedKeys<'_>) -> Result<Self> {
        let mut keys = Self::default();
        if let Some(information) = named.encryption {
            let id = unwrapping_key(cx, information.unique_identifier.clone()).await?;
            keys.encryption = Some(cx.load_one(wrapped_key::to_unwrap(id)).await?);
        }
        if let Some(information) = named.authentication {
            let target = wrapped_key::to_verify(information.unique_identifier.clone());
            keys.authentication = Some(cx.load_one(target).await?);
        }
        Ok(keys)
    }

    /// The keys, parsed for the parameters that are named with them.
    async fn parsed(&self, cx: &mut Context<'_>, named: NamedKeys<'_>) -> Result<WrappingKeys> {
        let mut keys = WrappingKeys::default();
        if let (Some(key), Some(information)) = (&self.encryption, named.encryption) {
            keys.encryption = Some(usable(cx, key, Capability::Wrap, information).await?);
        }
        if let (Some(key), Some(information)) = (&self.authentication, named.authentication) {
            let capability = wrapped_key::authentication_of(key.object_type());
            keys.authentication = Some(usable(cx, key, capability, information).await?);
        }
        Ok(keys)
    }
}

/// The identifier of the key that unwraps what the named one wrapped: that one, or the private key that it links to,
/// that links to it or that has its key identifier. What leads there may be in any state.
async fn unwrapping_key(cx: &mut Context<'_>, named: UniqueIdentifier) -> Result<UniqueIdentifier> {
    let mut id = named;
    // From a certificate to its public key to its private key, and no further.
    for _ in 0..2 {
        let target = Target::subject(Some(id.clone()), OperationCode::GET);
        let target = target.states(StateSet::ALL).also_archived();
        let key = cx.load_one(target.role(Role::WRAPPING_KEY)).await?;
        let towards = wrapped_key::towards_unwrapping(key.object_type());
        if towards.is_empty() {
            break;
        }
        id = match towards.iter().find_map(|link| links::linked(key.attributes(), *link)) {
            Some(linked) => linked,
            None => {
                let mut private = None;
                for filter in wrapped_key::leading_back(key.id(), key.attributes()) {
                    if private.is_none() {
                        private = cx.locate(filter, Page::first(1)).await?.ids.into_iter().next();
                    }
                }
                private.ok_or_else(no_private_key)?.as_str().into()
            }
        };
    }
    Ok(id)
}

fn no_private_key() -> Error {
    Error::new(
        ResultReason::WRAPPING_OBJECT_NOT_FOUND,
        ErrorClass::NotFound,
        "the key that wrapped does not lead to the private key that unwraps",
    )
}

async fn usable(
    cx: &mut Context<'_>,
    key: &Authorized,
    capability: Capability,
    information: &KeyInformation,
) -> Result<UsableKey> {
    let parameters = wrapped_key::parameters(information, key.attributes());
    let key = cx.prepared(key, capability, &parameters).await?;
    Ok(UsableKey { key, parameters })
}

/// The key that is to wrap a new one: the one that a Wrapping Key Link among its attributes names.
pub(crate) fn by_link(attributes: &Attributes) -> Option<Target> {
    links::linked(attributes, LinkType::WRAPPING_KEY_LINK).map(wrapped_key::to_wrap)
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
    wrap_new_with(cx, wrapping_key, new).await
}

/// Wraps a new key: its bare material or, where it has none, its Key Value. What it was wrapped with is kept with it.
///
/// # Errors
/// What [`wrap`] says.
pub(crate) async fn wrap_new_with(
    cx: &mut Context<'_>,
    wrapping_key: Authorized,
    new: NewObject,
) -> Result<NewObject> {
    let NewObject { id, object, attributes } = new;
    let kind = born::kind(cx.catalogue(), object.object_type())?;
    let is_bare = object.key_block().is_some_and(|block| bare(cx, kind, block, &attributes).is_ok());
    let specification = KeyWrappingSpecification {
        wrapping_method: WrappingMethod::ENCRYPT,
        encryption_key_information: Some(KeyInformation {
            unique_identifier: wrapping_key.id().as_str().into(),
            cryptographic_parameters: wrapping_key.attributes().one::<kinds::CryptographicParameters>(),
        }),
        mac_signature_key_information: None,
        attribute_name: Vec::new(),
        encoding_option: is_bare.then_some(EncodingOption::NO_ENCODING),
    };
    let keys = Keys { encryption: Some(wrapping_key), authentication: None };
    let object = wrap(cx, &keys, specification, object, &attributes).await?;
    Ok(NewObject { id, object, attributes })
}

/// Wraps the key of an object with admitted keys. Where their uses are counted in bytes, those that are wrapped count.
///
/// # Errors
/// Feature Not Supported: an unknown method. Invalid Field: keys that the method does not take. Encoding Option Error:
/// attributes without TTLV Encoding. Bad Cryptographic Parameters, Invalid Attribute, what the schemes say.
pub(crate) async fn wrap(
    cx: &mut Context<'_>,
    keys: &Keys,
    specification: KeyWrappingSpecification,
    mut object: ManagedObject,
    attributes: &Attributes,
) -> Result<ManagedObject> {
    let KeyWrappingSpecification { wrapping_method: method, encoding_option, .. } = specification;
    let (encryption, authentication) =
        (specification.encryption_key_information, specification.mac_signature_key_information);
    let named = NamedKeys::of(method, encryption.as_ref(), authentication.as_ref())?;
    check_parameters(keys.encryption.as_ref(), named.encryption)?;
    check_parameters(keys.authentication.as_ref(), named.authentication)?;
    let kind = born::kind(cx.catalogue(), object.object_type())?;
    let Some(block) = object.key_block_mut() else { return Err(no_key()) };
    let attached = named_attributes(cx, &specification.attribute_name, attributes)?;
    let plain = encode(cx, kind, block, attributes, encoding_option, attached)?;
    let parsed = keys.parsed(cx, named).await?;
    for key in [&keys.encryption, &keys.authentication].into_iter().flatten() {
        cx.consume_bytes(key, plain.len()).await?;
    }
    let wrapped = cx.compute(parsed.cost(), move |rng| parsed.wrap(method, &plain, rng)).await?;
    block.key_value = Some(KeyValue::Wrapped(wrapped.value));
    block.key_wrapping_data = Some(KeyWrappingData {
        wrapping_method: method,
        encryption_key_information: by_identifier(encryption, keys.encryption.as_ref()),
        mac_signature_key_information: by_identifier(authentication, keys.authentication.as_ref()),
        mac_signature: wrapped.mac_signature,
        iv_counter_nonce: wrapped.nonce,
        encoding_option,
    });
    Ok(object)
}

/// What the client said of a key, with the identifier that the key really has.
fn by_identifier(information: Option<KeyInformation>, key: Option<&Authorized>) -> Option<KeyInformation> {
    let (information, key) = (information?, key?);
    Some(KeyInformation { unique_identifier: key.id().as_str().into(), ..information })
}

/// Unwraps the key of an object, into the format that its key block states: as often as it was wrapped.
///
/// # Errors
/// Feature Not Supported: an unknown method, or too many wrappings. Invalid Field: the key is not wrapped, or not as it says.
/// Cryptographic Failure: the bytes are not what these keys wrapped.
pub(crate) async fn unwrap(
    cx: &mut Context<'_>,
    mut object: ManagedObject,
    attributes: &Attributes,
) -> Result<ManagedObject> {
    let object_type = object.object_type();
    let Some(block) = object.key_block_mut() else { return Err(no_key()) };
    for _ in 0..wrapped_key::MOST_WRAPPINGS {
        let (Some(value), Some(data)) = (block.wrapped().cloned(), block.key_wrapping_data.clone()) else {
            return Err(Error::invalid("the Key Block holds no wrapped Key Value, which is a Byte String"));
        };
        let named = NamedKeys::of_data(&data)?;
        let keys = Keys::unwrapping(cx, named).await?;
        let parsed = keys.parsed(cx, named).await?;
        let unwrapping = data.clone();
        let plain = cx.compute(parsed.cost(), move |_| parsed.unwrap(&unwrapping, &value)).await?;
        wrapped_key::restore(cx.catalogue(), object_type, block, attributes, plain)?;
        if block.key_wrapping_data.is_none() {
            return Ok(object);
        }
    }
    Err(wrapped_key::wrapped_too_often())
}

fn no_key() -> Error {
    Error::invalid("an object of this type has no key to wrap").with_reason(ResultReason::INVALID_OBJECT_TYPE)
}

/// A key that states parameters wraps with one of them only (section 7.18). A key that states none takes those of the
/// request: the section demands an error, which would leave clients that cannot set the attribute without wrapping.
fn check_parameters(key: Option<&Authorized>, information: Option<&KeyInformation>) -> Result<()> {
    let requested = information.and_then(|information| information.cryptographic_parameters.as_ref());
    let (Some(key), Some(requested)) = (key, requested) else { return Ok(()) };
    let mut stated = key.attributes().all::<kinds::CryptographicParameters>().peekable();
    if stated.peek().is_none() || stated.any(|stated: CryptographicParameters| stated == *requested) {
        return Ok(());
    }
    Err(Error::invalid("the wrapping key's Cryptographic Parameters do not have those of the request")
        .with_reason(ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS))
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

/// The bytes that are wrapped.
fn encode(
    cx: &Context<'_>,
    kind: &dyn ObjectKind,
    block: &KeyBlock,
    attributes: &Attributes,
    option: Option<EncodingOption>,
    attached: Option<Attributes>,
) -> Result<ByteString> {
    if block.key_wrapping_data.is_some() && block.wrapped().is_some() {
        return encode_wrapped(block, option, attached.as_ref());
    }
    let plain = plain(block)?;
    match option {
        Some(other) if attached.is_some() && other != EncodingOption::TTLV_ENCODING => Err(Error::invalid(
            "only TTLV Encoding wraps attributes that the client names: leave out the attribute names",
        )
        .with_reason(ResultReason::ENCODING_OPTION_ERROR)),
        Some(EncodingOption::NO_ENCODING) => bare(cx, kind, block, attributes),
        Some(EncodingOption::TTLV_ENCODING) | None => {
            let value = PlainKeyValue { key_material: plain.clone(), attributes: attached }.into_value();
            let value = key_value_from_2_1(value, cx.version());
            Ok(binary::encode(&Ttlv::new(Tag::KEY_VALUE, value)).into())
        }
        Some(other) => match cx.catalogue().key_value_encoding(other) {
            Some(encoding) => encoding.encode(plain, attributes),
            None => Err(wrapped_key::unknown_encoding(other)),
        },
    }
}

/// The bytes that are wrapped around a key that is wrapped already: its whole Key Block, since the bare bytes would not
/// tell how they were wrapped before. The specification leaves this open.
fn encode_wrapped(
    block: &KeyBlock,
    option: Option<EncodingOption>,
    attached: Option<&Attributes>,
) -> Result<ByteString> {
    match option {
        Some(EncodingOption::TTLV_ENCODING) | None if attached.is_none() => {
            Ok(binary::encode(&Ttlv::new(Tag::KEY_BLOCK, block.clone().into_value())).into())
        }
        _ => Err(Error::unsupported(
            "a key that is stored wrapped is wrapped again with TTLV Encoding, and without attributes",
        )
        .with_reason(ResultReason::ENCODING_OPTION_ERROR)),
    }
}

fn plain(block: &KeyBlock) -> Result<&Value> {
    match &block.key_value {
        Some(KeyValue::Plain(plain)) if block.key_wrapping_data.is_none() => Ok(&plain.key_material),
        _ => Err(Error::unsupported("the key is wrapped already, or its value is not here")
            .with_reason(ResultReason::KEY_VALUE_NOT_PRESENT)),
    }
}

/// The bytes that No Encoding wraps: the Key Material or, of a structure, its Raw form.
fn bare(
    cx: &Context<'_>,
    kind: &dyn ObjectKind,
    block: &KeyBlock,
    attributes: &Attributes,
) -> Result<ByteString> {
    if let Value::ByteString(bytes) = plain(block)? {
        return Ok(bytes.clone());
    }
    let no_bytes = || {
        Error::invalid("the Key Material is a structure: ask for TTLV Encoding or for another format")
            .with_reason(ResultReason::ENCODING_OPTION_ERROR)
    };
    let mut raw = block.clone();
    kind.convert(cx.catalogue(), &mut raw, attributes, KeyFormatType::RAW.into()).map_err(|_| no_bytes())?;
    match plain(&raw)? {
        Value::ByteString(bytes) => Ok(bytes.clone()),
        _ => Err(no_bytes()),
    }
}
