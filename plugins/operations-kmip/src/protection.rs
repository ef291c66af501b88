//! What an object inherits from those that it is made of: Sensitive, Extractable, their histories (KMIP 2.1 sections 4.3,
//! 4.23, 4.33 and 4.55), and that it stays in the server.

use claviger_plugin_sdk::kmip::attributes::{
    AttributeRule, Attributes, ClientMay, ObjectTypes, Occurs, OnRekey, Presence, Shape, Source, Visibility,
    kinds,
};
use claviger_plugin_sdk::kmip::ttlv::ItemType;
use claviger_plugin_sdk::prelude::*;

/// The attribute of an object that never leaves the server, whatever its owner says of Extractable: a Boolean that only
/// the server sees. Its value comes of somebody else's protected object.
const STAYS: Tag = Tag(0x54_5A01);

/// Its row in the attribute table.
pub(crate) const RULE: AttributeRule = AttributeRule {
    tag: STAYS,
    name: "Stays In The Server",
    shape: Shape::OneOf(&[ItemType::Boolean]),
    occurs: Occurs::Once,
    presence: Presence::Maybe,
    source: Source::Server,
    modify: ClientMay::Never,
    delete: ClientMay::Never,
    // A replacement has a value of its own.
    rekey: OnRekey::Dropped,
    since: ProtocolVersion::V2_1,
    until: None,
    objects: ObjectTypes::All,
    implicit: &[],
    visibility: Visibility::ServerOnly,
};

/// Makes an object at least as secret as those that it comes from, now and in its history.
pub(crate) fn inherit<'a>(attributes: &mut Attributes, from: impl Iterator<Item = &'a Attributes> + Clone) {
    if from.clone().any(is_sensitive) {
        attributes.put::<kinds::Sensitive>(true);
    }
    if from.clone().any(|of| !is_extractable(of)) {
        attributes.put::<kinds::Extractable>(false);
    }
    let always_sensitive = from.clone().all(|of| of.one::<kinds::AlwaysSensitive>() == Some(true));
    let never_extractable = from.clone().all(|of| of.one::<kinds::NeverExtractable>() == Some(true));
    attributes.put::<kinds::AlwaysSensitive>(always_sensitive);
    attributes.put::<kinds::NeverExtractable>(never_extractable);
    if from.clone().any(|of| of.contains(STAYS)) {
        stay(attributes);
    }
}

/// Makes an object at least as secret as what somebody derives it from. If any of that is protected and another user's,
/// it never leaves the server: its owner could undo Sensitive, or wrap it with a key that he knows, where he cannot
/// with what it comes from.
pub(crate) fn inherit_derived(attributes: &mut Attributes, from: &[Authorized], by: &str) {
    // Public keys hold no secret that could be protected.
    let secret = || from.iter().filter(|base| base.object_type() != ObjectType::PUBLIC_KEY);
    inherit(attributes, secret().map(Authorized::attributes));
    let is_protected = |base: &Attributes| is_sensitive(base) || !is_extractable(base);
    if secret().any(|base| **base.owner() != *by && is_protected(base.attributes())) {
        stay(attributes);
    }
}

/// Checks what an object's owner has made of its attributes.
///
/// # Errors
/// Permission Denied: the object never leaves the server, and they let it.
pub(crate) fn check_stays(attributes: &Attributes) -> Result<()> {
    if attributes.contains(STAYS) && is_extractable(attributes) {
        return Err(Error::denied(
            "the object comes of a protected one of another user, so it stays in the server: Extractable is false",
        ));
    }
    Ok(())
}

fn stay(attributes: &mut Attributes) {
    attributes.put::<kinds::Extractable>(false);
    attributes.set(STAYS, Value::Boolean(true));
}

fn is_sensitive(attributes: &Attributes) -> bool {
    attributes.one::<kinds::Sensitive>() == Some(true)
}

fn is_extractable(attributes: &Attributes) -> bool {
    attributes.one::<kinds::Extractable>() != Some(false)
}
