//! Containers of keys and certificates, such as PKCS#12: what comes in one is taken apart, and Get and Export put an object
//! into one (KMIP 2.1 sections 4.39 and 6.1.19).
//!
//! The password is the Secret Data that the object's PKCS#12 Password Link names, in a request that registers or imports
//! as well as on an object that is handed out. It serves all containers alike, also a private key under a password, of which
//! KMIP says nothing.

use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::objects::{
    Certificate, CryptographicParameters, KeyBlock, KeyValue, ManagedObject, PlainKeyValue,
};
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{Capability, ContainerScheme, Contents, Scheme};

use crate::bundle::Further;
use crate::certificate::USUAL_TYPE;
use crate::certified_key::if_admitted;
use crate::{born, links};

/// The Secret Data with the password.
const PASSWORD: Role = Role("password");

/// The name under which a key stands in a container if its PKCS#12 Friendly Name does not say another (section 4.39).
const USUAL_NAME: &str = "alias";

/// Certificates that a chain may have.
const LONGEST_CHAIN: usize = 32;

/// The scheme of a format that is one of containers.
pub(crate) fn scheme(
    catalogue: &dyn Catalogue,
    format: KeyFormatType,
) -> Option<&'static dyn ContainerScheme> {
    match catalogue.scheme(Capability::Container, &of_format(format), &CryptographicParameters::NONE) {
        Some(Scheme::Container(scheme)) => Some(*scheme),
        _ => None,
    }
}

/// All that is known of a container before it is opened or made.
fn of_format(format: KeyFormatType) -> KeyFacts<'static> {
    static NONE: Attributes = Attributes::new();
    KeyFacts {
        object_type: ObjectType::PRIVATE_KEY,
        algorithm: None,
        length: None,
        format: Some(format),
        attributes: &NONE,
    }
}

/// Takes a private key that a client hands over out of its container, with the certificates that are there besides. The
/// key is kept as PKCS#8. Anything else stays as it is, and so does a key that is encrypted under the name of another format
/// if no password is linked.
///
/// # Errors
/// Bad Password. Invalid Field: it is no such container, or has no private key.
pub(crate) async fn opened(
    cx: &mut Context<'_>,
    mut object: ManagedObject,
    attributes: &mut Attributes,
) -> Result<(ManagedObject, Further)> {
    let ManagedObject::PrivateKey(key) = &mut object else { return Ok((object, Further::default())) };
    let Some((scheme, container)) = of_key(cx.catalogue(), &key.key_block) else {
        return Ok((object, Further::default()));
    };
    let password = linked_password(cx, attributes).await?;
    if password.is_none() && scheme.is_hidden {
        return Ok((object, Further::default()));
    }
    let scheme = scheme.scheme;
    let name = friendly_name(attributes);
    let contents = cx
        .compute(scheme.cost(), move |_| scheme.open(&container, text(password.as_ref())?, name.as_deref()))
        .await?;
    let Contents { private_key, certificate, further, friendly_name } = contents;
    let private_key = private_key
        .ok_or_else(|| Error::invalid("the Key Material is a container without a private key in it"))?;
    put(&mut key.key_block, KeyFormatType::PKCS_8, private_key);
    if let (Some(name), false) = (friendly_name, attributes.contains(Tag::PKCS_12_FRIENDLY_NAME)) {
        attributes.set(Tag::PKCS_12_FRIENDLY_NAME, Value::TextString(name));
    }
    let certifies = certificate.is_some();
    let certificates = certificate.into_iter().chain(further).map(|certificate_value| {
        ManagedObject::Certificate(Certificate { certificate_type: USUAL_TYPE, certificate_value })
    });
    Ok((object, Further { certificates: certificates.collect(), certifies }))
}

/// Puts an object that is to be handed out into a container: a private key with its certificate and the chain of that, or
/// a certificate with its chain. Certificates that the caller may not get are left out, with what comes behind them.
///
/// # Errors
/// Unsupported Cryptographic Parameters: the algorithm policy does not allow what protects the container. Bad Password. Key
/// Format Type Not Supported: the container takes no such object. Key Wrap Type Not Supported: the key is
/// wrapped. Invalid Field: the key has several certificates, and none is told to be the current one.
pub(crate) async fn sealed(
    cx: &mut Context<'_>,
    scheme: &'static dyn ContainerScheme,
    target: &Authorized,
    mut object: ManagedObject,
    format: KeyFormatType,
) -> Result<ManagedObject> {
    // Whether the operator lets things be protected so.
    cx.scheme(Capability::Container, &of_format(format), &CryptographicParameters::NONE)?;
    let name = friendly_name(target.attributes()).unwrap_or_else(|| USUAL_NAME.to_owned());
    let friendly_name = Some(name);
    let mut contents = Contents { friendly_name, ..Contents::default() };
    let first = match object.object_type() {
        ObjectType::PRIVATE_KEY => {
            object = pkcs8(cx, target, object).await?;
            contents.private_key = Some(bytes(&object)?);
            certificate_of(cx, target).await?
        }
        ObjectType::CERTIFICATE => Some(target.clone()),
        other => {
            return Err(Error::unsupported(format!("an object of type {other:?} is put into no container"))
                .with_reason(ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED));
        }
    };
    if let Some(first) = first {
        let mut chain = chain(cx, first).await?.into_iter();
        contents.certificate = chain.next();
        contents.further = chain.collect();
    }
    let password = linked_password(cx, target.attributes()).await?;
    let sealed =
        cx.compute(scheme.cost(), move |rng| scheme.seal(&contents, text(password.as_ref())?, rng)).await?;
    match &mut object {
        ManagedObject::Certificate(certificate) => certificate.certificate_value = sealed,
        other => {
            if let Some(block) = other.key_block_mut() {
                put(block, format, sealed);
            }
        }
    }
    Ok(object)
}

/// A container, and whether it goes by the name of another format.
struct Found {
    scheme: &'static dyn ContainerScheme,
    is_hidden: bool,
}

/// The container that a key block holds, if it holds one.
fn of_key(catalogue: &dyn Catalogue, block: &KeyBlock) -> Option<(Found, ByteString)> {
    let Some(KeyValue::Plain(plain)) = &block.key_value else { return None };
    let (Value::ByteString(bytes), None) = (&plain.key_material, &block.key_wrapping_data) else {
        return None;
    };
    if let Some(scheme) = scheme(catalogue, block.key_format_type) {
        return Some((Found { scheme, is_hidden: false }, bytes.clone()));
    }
    let material = Material::new(block.key_format_type, plain.key_material.clone());
    let hidden = catalogue.schemes(Capability::Container).into_iter().find_map(|entry| match entry.scheme {
        Scheme::Container(scheme) if scheme.is_hidden_in(&material) => Some(scheme),
        _ => None,
    });
    hidden.map(|scheme| (Found { scheme, is_hidden: true }, bytes.clone()))
}

/// The password that is linked; nothing if none is.
///
/// # Errors
/// Bad Password: several are, or what is linked is not there for the caller, no Secret Data, or not Active (section 11.51).
async fn linked_password(cx: &mut Context<'_>, attributes: &Attributes) -> Result<Option<ByteString>> {
    let mut linked = links::all_linked(attributes, LinkType::PKCS_12_PASSWORD_LINK);
    let (id, second) = (linked.next(), linked.next());
    drop(linked);
    let Some(id) = id else { return Ok(None) };
    if second.is_some() {
        return Err(bad_password("the object has several PKCS#12 Password Links"));
    }
    let target = Target::subject(Some(id), OperationCode::GET)
        .role(PASSWORD)
        .states(StateSet::ACTIVE)
        .types(&[ObjectType::SECRET_DATA]);
    let secret = cx.load_one(target).await.map_err(|error| match error.class() {
        ErrorClass::Server | ErrorClass::Storage => error,
        _ => {
            bad_password("the PKCS#12 Password Link names no Active Secret Data of the caller").because(error)
        }
    })?;
    match cx.material(&secret).await?.value() {
        Value::ByteString(password) => Ok(Some(password.clone())),
        _ => Err(bad_password("the PKCS#12 Password Link names Secret Data that are no bytes")),
    }
}

fn friendly_name(attributes: &Attributes) -> Option<String> {
    match attributes.get(Tag::PKCS_12_FRIENDLY_NAME) {
        Some(Value::TextString(name)) => Some(name.clone()),
        _ => None,
    }
}

fn text(password: Option<&ByteString>) -> Result<Option<&str>> {
    let text = password.map(|password| std::str::from_utf8(password)).transpose();
    text.map_err(|_| bad_password("the password is no text in UTF-8"))
}

/// The private key that is to be put into a container.
async fn pkcs8(cx: &mut Context<'_>, target: &Authorized, object: ManagedObject) -> Result<ManagedObject> {
    if object.key_block().is_some_and(|block| block.key_wrapping_data.is_some()) {
        return Err(Error::unsupported("the key is stored wrapped: ask for the Key Wrap Type Not Wrapped")
            .with_reason(ResultReason::KEY_WRAP_TYPE_NOT_SUPPORTED));
    }
    born::convert(cx, object, target.attributes(), KeyFormatType::PKCS_8.into()).await
}

fn bytes(object: &ManagedObject) -> Result<ByteString> {
    match object.key_block().and_then(|block| block.key_value.as_ref()) {
        Some(KeyValue::Plain(PlainKeyValue { key_material: Value::ByteString(bytes), .. })) => {
            Ok(bytes.clone())
        }
        _ => Err(Error::state("the server does not hold the value of this key")
            .with_reason(ResultReason::KEY_VALUE_NOT_PRESENT)),
    }
}

fn put(block: &mut KeyBlock, format: KeyFormatType, bytes: ByteString) {
    block.key_format_type = format;
    block.key_compression_type = None;
    block.key_value =
        Some(KeyValue::Plain(PlainKeyValue { key_material: Value::ByteString(bytes), attributes: None }));
}

/// The current certificate of a private key: that of its public key, else its own.
async fn certificate_of(cx: &mut Context<'_>, key: &Authorized) -> Result<Option<Authorized>> {
    let mut holders = Vec::new();
    if let Some(id) = links::linked(key.attributes(), LinkType::PUBLIC_KEY_LINK) {
        let public = Target { right: Right::Any, ..Target::subject(Some(id), OperationCode::GET) };
        let public = public.role(Role::LINKED).types(&[ObjectType::PUBLIC_KEY]).cardinality(Cardinality::One);
        holders.extend(if_admitted(cx, public).await?);
    }
    holders.push(key.clone());
    for holder in holders {
        for link_type in [LinkType::PKCS_12_CERTIFICATE_LINK, LinkType::CERTIFICATE_LINK] {
            if let Some(id) = only_linked(holder.attributes(), link_type)? {
                return if_admitted(cx, certificate(id)).await;
            }
        }
    }
    Ok(None)
}

/// The certificate and those of its issuers, as far as the caller may get them.
async fn chain(cx: &mut Context<'_>, first: Authorized) -> Result<Vec<ByteString>> {
    let (mut chain, mut seen) = (Vec::new(), Vec::new());
    let mut next = Some(first);
    while let Some(current) = next.take() {
        if chain.len() >= LONGEST_CHAIN || seen.contains(current.id()) {
            break;
        }
        if let ManagedObject::Certificate(certificate) = current.without_material().object {
            chain.push(certificate.certificate_value);
        }
        if let Some(issuer) = only_linked(current.attributes(), LinkType::CERTIFICATE_LINK)? {
            next = if_admitted(cx, certificate(issuer)).await?;
        }
        seen.push(current.id().clone());
    }
    Ok(chain)
}

fn certificate(id: UniqueIdentifier) -> Target {
    let target = Target::subject(Some(id), OperationCode::GET).role(Role::LINKED);
    target.types(&[ObjectType::CERTIFICATE]).cardinality(Cardinality::One)
}

/// What the one link of a type names. "It is an error if there is more than one valid certificate chain."
fn only_linked(attributes: &Attributes, link_type: LinkType) -> Result<Option<UniqueIdentifier>> {
    let mut linked = links::all_linked(attributes, link_type);
    match (linked.next(), linked.next()) {
        (id, None) => Ok(id),
        _ => Err(Error::invalid(
            "there are several certificates: say by a PKCS#12 Certificate Link which one is meant",
        )),
    }
}

fn bad_password(why: &'static str) -> Error {
    Error::new(ResultReason::BAD_PASSWORD, ErrorClass::Request, why)
}
