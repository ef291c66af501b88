//! The attributes that every new object gets from the server, beside those that the engine stamps on it.
//!
//! Create, Register and Import differ in what the client may say ([`Making`]); what is missing afterwards is completed
//! here, alike for all (KMIP 2.1 section 4, "SHALL always have a value").

use claviger_plugin_sdk::kmip::attributes::rules::{self, Making};
use claviger_plugin_sdk::kmip::attributes::{
    ApplicationSpecificInformation, Attributes, Digest, Link, RngParameters, UsageLimits, kinds,
};
use claviger_plugin_sdk::kmip::objects::{KeyValue, ManagedObject};
use claviger_plugin_sdk::kmip::payloads::ProtectionStorageMasks;
use claviger_plugin_sdk::kmip::tables::enumerations::{HashingAlgorithm, LinkType, RngAlgorithm};
use claviger_plugin_sdk::object_kind::ObjectKind;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::scheme::Encoding;
use sha2::{Digest as _, Sha256};

use crate::kinds::key_pair;
use crate::protection_storage;

/// Seconds for which a lease is given at most.
const LEASE_TIME: Interval = Interval(3600);

/// The random number generator, of which the server tells no details.
pub(crate) const RNG: RngParameters = RngParameters {
    rng_algorithm: RngAlgorithm::UNSPECIFIED,
    cryptographic_algorithm: None,
    cryptographic_length: None,
    hashing_algorithm: None,
    drbg_algorithm: None,
    recommended_curve: None,
    fips186_variation: None,
    prediction_resistance: None,
};

/// An object on its way into the server.
pub(crate) struct Newborn {
    /// How it came about.
    pub(crate) making: Making,
    /// The object.
    pub(crate) object: ManagedObject,
    /// What the client said of it.
    pub(crate) attributes: Attributes,
    /// Where the client lets it be kept.
    pub(crate) storage: Option<ProtectionStorageMasks>,
}

impl Newborn {
    /// As [`Newborn::complete`], where there is time for it: an object that a client hands over may be of any size.
    ///
    /// # Errors
    /// As [`Newborn::complete`].
    pub(crate) async fn completed(self, cx: &mut Context<'_>) -> Result<NewObject> {
        let (catalogue, now) = (cx.shared_catalogue(), cx.now());
        let cost = kind(&*catalogue, self.object.object_type())?.cost(&*catalogue, &self.object);
        cx.compute(cost, move |_| self.complete(&*catalogue, now)).await
    }

    /// Checks the object against its kind and completes its attributes.
    ///
    /// # Errors
    /// Invalid Object Type, what the kind says of the object, Invalid Attribute Value, Application Namespace Not
    /// Supported, Protection Storage Unavailable.
    pub(crate) fn complete(self, catalogue: &dyn Catalogue, now: DateTime) -> Result<NewObject> {
        let Self { making, mut object, mut attributes, storage } = self;
        let kind = kind(catalogue, object.object_type())?;
        let made_from = object.key_block().map(|block| block.key_format_type);
        kind.check_object(catalogue, &object, &mut attributes)?;
        key_pair::strip(catalogue, &mut object, &attributes);
        if object.object_type() == ObjectType::TEMPLATE {
            // What follows are attributes of what can be used.
            return Ok(NewObject { id: None, object, attributes });
        }
        if let Some(format) = made_from {
            attributes.put::<kinds::KeyFormatType>(format);
        }
        complete_protection(making, &mut attributes);
        complete_usage(making, &mut attributes)?;
        if making == Making::Generated {
            attributes.put::<kinds::OriginalCreationDate>(now);
            attributes.put::<kinds::RandomNumberGenerator>(RNG);
        }
        attributes.put::<kinds::ProtectionStorageMask>(protection_storage::chosen(storage.as_ref())?);
        put_if_absent::<kinds::LeaseTime>(&mut attributes, LEASE_TIME);
        complete_from_key(catalogue, kind, &object, &mut attributes)?;
        Ok(NewObject { id: None, object, attributes })
    }
}

/// The rules of an object type.
///
/// # Errors
/// Invalid Object Type: no plugin knows the type.
pub(crate) fn kind(catalogue: &dyn Catalogue, object_type: ObjectType) -> Result<&'static dyn ObjectKind> {
    catalogue.object_kind(object_type).ok_or_else(|| {
        Error::unsupported(format!("this server keeps no objects of type {object_type:?}"))
            .with_reason(ResultReason::INVALID_OBJECT_TYPE)
    })
}

/// Brings the key of an object into another encoding, where there is time for it.
///
/// # Errors
/// What the kind says.
pub(crate) async fn convert(
    cx: &mut Context<'_>,
    mut object: ManagedObject,
    attributes: &Attributes,
    to: Encoding,
) -> Result<ManagedObject> {
    let catalogue = cx.shared_catalogue();
    let kind = kind(&*catalogue, object.object_type())?;
    let cost = kind.cost(&*catalogue, &object);
    let attributes = attributes.clone();
    cx.compute(cost, move |_| {
        if let Some(block) = object.key_block_mut() {
            kind.convert(&*catalogue, block, &attributes, to)?;
        }
        Ok(object)
    })
    .await
}

/// Checks what the client says of a new object against the attribute table, and that a stated Object Type is the
/// right one.
///
/// # Errors
/// What [`rules::check_new_object`] says; Invalid Attribute Value. Feature Not Supported: what the server is to make asks
/// for a random number generator that the server does not have.
pub(crate) fn check_attributes(
    catalogue: &dyn Catalogue,
    making: Making,
    object_type: ObjectType,
    attributes: &Attributes,
) -> Result<()> {
    rules::check_new_object(catalogue.attribute_table(), making, object_type, attributes)?;
    if making == Making::Generated {
        check_generator(attributes)?;
    }
    match attributes.one::<kinds::ObjectType>() {
        Some(stated) if stated != object_type => Err(Error::invalid(format!(
            "the Object Type attribute says {stated:?} where the object is a {object_type:?}"
        ))
        .with_reason(ResultReason::INVALID_ATTRIBUTE_VALUE)),
        _ => Ok(()),
    }
}

/// A client that asks for a random number generator gets that one or nothing (KMIP 2.1 section 4.46).
fn check_generator(attributes: &Attributes) -> Result<()> {
    match attributes.one::<kinds::RandomNumberGenerator>() {
        Some(wanted) if wanted != RNG => Err(Error::unsupported(
            "this server has no such Random Number Generator; Query RNGs tells which it has",
        )),
        _ => Ok(()),
    }
}

/// Checks what the client says of an object that the server is to make.
///
/// # Errors
/// What [`check_attributes`] and the kind say.
pub(crate) fn check_template(
    catalogue: &dyn Catalogue,
    object_type: ObjectType,
    attributes: &Attributes,
) -> Result<()> {
    let kind = kind(catalogue, object_type)?;
    check_attributes(catalogue, Making::Generated, object_type, attributes)?;
    kind.check_template(attributes)
}

/// Checks that the object is of the type that the request states.
///
/// # Errors
/// Invalid Object Type.
pub(crate) fn check_same_type(stated: ObjectType, object: &ManagedObject) -> Result<()> {
    let found = object.object_type();
    if stated == found {
        return Ok(());
    }
    Err(Error::invalid(format!("the Object Type is {stated:?} and the object is a {found:?}"))
        .with_reason(ResultReason::INVALID_OBJECT_TYPE))
}

/// Takes out the attributes that a plain key value encloses: the object gets those of the request, which is where the
/// specification puts them (KMIP 2.1 sections 6.1.25 and 6.1.43).
pub(crate) fn drop_enclosed_attributes(object: &mut ManagedObject) {
    if let Some(KeyValue::Plain(plain)) = object.key_block_mut().and_then(|block| block.key_value.as_mut()) {
        plain.attributes = None;
    }
}

/// Usage Limits with the count at their total: what a client says of the count is ignored (KMIP 2.1 section 4.59).
///
/// # Errors
/// Invalid Field: they are no Usage Limits.
pub(crate) fn full_limits(value: Value) -> Result<Value> {
    let limits = UsageLimits::from_value(Tag::USAGE_LIMITS, value)?;
    Ok(UsageLimits { count: Some(limits.total), ..limits }.into_value())
}

/// Application Specific Information as it is, if it has its data: the server generates none.
///
/// # Errors
/// Application Namespace Not Supported.
pub(crate) fn with_application_data(value: Value) -> Result<Value> {
    let information =
        ApplicationSpecificInformation::from_value(Tag::APPLICATION_SPECIFIC_INFORMATION, value)?;
    if information.application_data.is_none() {
        return Err(Error::unsupported("this server generates no Application Data: give it in the request")
            .with_reason(ResultReason::APPLICATION_NAMESPACE_NOT_SUPPORTED));
    }
    Ok(information.into_value())
}

/// Sensitive, Extractable and their histories, which a client may lower and never raise; Fresh.
fn complete_protection(making: Making, attributes: &mut Attributes) {
    let sensitive = attributes.one::<kinds::Sensitive>().unwrap_or(false);
    let extractable = attributes.one::<kinds::Extractable>().unwrap_or(true);
    let always_sensitive = sensitive && attributes.one::<kinds::AlwaysSensitive>().unwrap_or(true);
    let never_extractable = !extractable && attributes.one::<kinds::NeverExtractable>().unwrap_or(true);
    attributes.put::<kinds::Sensitive>(sensitive);
    attributes.put::<kinds::AlwaysSensitive>(always_sensitive);
    attributes.put::<kinds::Extractable>(extractable);
    attributes.put::<kinds::NeverExtractable>(never_extractable);
    let fresh = making == Making::Generated || attributes.one::<kinds::Fresh>().unwrap_or(true);
    attributes.put::<kinds::Fresh>(fresh);
}

/// An object that comes with its history has left what it had left; others begin at their Total.
fn complete_usage(making: Making, attributes: &mut Attributes) -> Result<()> {
    if let Some(limits) = attributes.get(Tag::USAGE_LIMITS).cloned() {
        let limits = match making {
            Making::Imported => rules::completed(Tag::USAGE_LIMITS, limits),
            Making::Generated | Making::Registered => full_limits(limits)?,
        };
        attributes.set(Tag::USAGE_LIMITS, limits);
    }
    attributes
        .instances(Tag::APPLICATION_SPECIFIC_INFORMATION)
        .try_for_each(|instance| with_application_data(instance.value.clone()).map(|_| ()))
}

/// What follows from the key: digests, the link to the key that wraps it, and whether its value is here at all.
fn complete_from_key(
    catalogue: &dyn Catalogue,
    kind: &dyn ObjectKind,
    object: &ManagedObject,
    attributes: &mut Attributes,
) -> Result<()> {
    put_digests(catalogue, kind, object, attributes)?;
    let Some(block) = object.key_block() else { return Ok(()) };
    if block.key_value.is_none() {
        attributes.put::<kinds::KeyValuePresent>(false);
    }
    let wrapping_key = block
        .key_wrapping_data
        .as_ref()
        .and_then(|data| data.encryption_key_information.as_ref())
        .map(|information| information.unique_identifier.clone());
    let linked = attributes.all::<kinds::Link>().any(|link| link.link_type == LinkType::WRAPPING_KEY_LINK);
    if let (Some(wrapping_key), false) = (wrapping_key, linked) {
        attributes.push::<kinds::Link>(Link {
            link_type: LinkType::WRAPPING_KEY_LINK,
            linked_object_identifier: wrapping_key,
        });
    }
    Ok(())
}

/// Computes the digests of an object whose key has changed.
///
/// # Errors
/// Invalid Object Type; what the kind says of the key.
pub(crate) fn renew_digests(
    catalogue: &dyn Catalogue,
    object: &ManagedObject,
    attributes: &mut Attributes,
) -> Result<()> {
    put_digests(catalogue, kind(catalogue, object.object_type())?, object, attributes)
}

fn put_digests(
    catalogue: &dyn Catalogue,
    kind: &dyn ObjectKind,
    object: &ManagedObject,
    attributes: &mut Attributes,
) -> Result<()> {
    attributes.remove(Tag::DIGEST);
    for digest in digests(catalogue, kind, object, attributes)? {
        attributes.push::<kinds::Digest>(digest);
    }
    Ok(())
}

/// The digest of the object in the default format of its kind and, if it is kept in another, in that one, too (KMIP
/// 2.1 sections 4.21 and 4.26).
fn digests(
    catalogue: &dyn Catalogue,
    kind: &dyn ObjectKind,
    object: &ManagedObject,
    attributes: &Attributes,
) -> Result<Vec<Digest>> {
    let Some(kept) = kind.digest_input(object) else { return Ok(Vec::new()) };
    let format = object.key_block().map(|block| block.key_format_type);
    let mut digests = Vec::new();
    let facts = KeyFacts::of(object.object_type(), object.key_block(), attributes);
    if let (Some(default), Some(kept)) = (kind.formats(catalogue, &facts).first().copied(), format)
        && default != kept
    {
        let mut converted = object.clone();
        let conversion = converted
            .key_block_mut()
            .map_or(Ok(()), |block| kind.convert(catalogue, block, attributes, default.into()));
        match conversion {
            Ok(()) => {
                digests.extend(kind.digest_input(&converted).map(|input| sha_256(&input, Some(default))));
            }
            // The kind took the object as it is: a key under a passphrase has no other format.
            Err(error) if error.reason() == ResultReason::CRYPTOGRAPHIC_FAILURE => {}
            Err(error) => return Err(error),
        }
    }
    digests.push(sha_256(&kept, format));
    Ok(digests)
}

fn sha_256(input: &[u8], format: Option<KeyFormatType>) -> Digest {
    Digest {
        hashing_algorithm: HashingAlgorithm::SHA_256,
        digest_value: Some(Sha256::digest(input).to_vec().into()),
        key_format_type: format,
    }
}

fn put_if_absent<A: claviger_plugin_sdk::kmip::attributes::AttributeType>(
    attributes: &mut Attributes,
    value: A::Value,
) {
    if !attributes.contains(A::TAG) {
        attributes.put::<A>(value);
    }
}

#[cfg(test)]
mod tests;
