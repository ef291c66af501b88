//! What the engine gives every new object: identifier, owner, tags, the attributes that follow from them.

use std::collections::BTreeSet;

use claviger_kmip::attributes::{Attributes, kinds};
use claviger_kmip::identifier::UniqueIdentifier;
use claviger_kmip::lifecycle::{StateDates, has_state};
use claviger_kmip::tables::enumerations::State;
use claviger_plugin_sdk::context::NewObject;
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, ObjectId, Record};
use claviger_plugin_sdk::tag_policy::TagPolicy;
use sha2::{Digest, Sha256};

use super::message::Message;
use crate::unit_of_work::Pending;

/// Makes the record of a new object.
///
/// # Errors
/// A tag policy refuses a tag; the algorithm policy refuses the key.
pub(crate) fn record(message: &Message<'_>, new: NewObject, random: &mut dyn RandomSource) -> Result<Record> {
    let id = new.id.unwrap_or_else(|| ObjectId::random(random));
    let mut record = Record {
        id,
        owner: message.principal().user.clone(),
        object: new.object,
        attributes: new.attributes,
        tags: BTreeSet::new(),
    };
    message.engine.options.algorithm_policy.check_key(&record.key_facts())?;
    stamp(&mut record, message);
    record.tags = tags(message.engine.registry.tag_policies(), &record.key_facts(), &record.attributes)
        .map_err(|error| error.about(&record.attributes))?;
    Ok(record)
}

/// Sets the attributes that every object has.
fn stamp(record: &mut Record, message: &Message<'_>) {
    let now = message.now;
    let object_type = record.object.object_type();
    let attributes = &mut record.attributes;
    attributes.put::<kinds::UniqueIdentifier>(UniqueIdentifier::Text(record.id.to_string()));
    // What the specification recommends (KMIP 2.1 section 4.56).
    let short = Sha256::digest(record.id.as_str());
    attributes.put::<kinds::ShortUniqueIdentifier>(short.as_slice().into());
    attributes.put::<kinds::ObjectType>(object_type);
    if attributes.one::<kinds::InitialDate>().is_none() {
        attributes.put::<kinds::InitialDate>(now);
    }
    // Only what comes with its history brings one (section 6.1.25).
    if attributes.one::<kinds::LastChangeDate>().is_none() {
        attributes.put::<kinds::LastChangeDate>(now);
    }
    if has_state(object_type) {
        let state = StateDates { stored: stored_state(attributes), ..StateDates::of(attributes) }.at(now);
        attributes.put::<kinds::State>(state);
    }
}

fn stored_state(attributes: &Attributes) -> State {
    attributes.one::<kinds::State>().unwrap_or(State::PRE_ACTIVE)
}

/// User tags, checked by every policy, and the system tags of the first policy that gives any.
///
/// # Errors
/// A policy refuses a user tag.
pub(crate) fn tags(
    policies: &[&'static dyn TagPolicy],
    facts: &KeyFacts<'_>,
    attributes: &Attributes,
) -> Result<BTreeSet<String>> {
    let mut tags = BTreeSet::new();
    for policy in policies {
        for tag in policy.user_tags(attributes)?.into_iter().flatten() {
            for checking in policies {
                checking.check_user_tag(&tag)?;
            }
            tags.insert(tag);
        }
    }
    tags.extend(system_tags(policies, facts).into_iter().flatten());
    Ok(tags)
}

fn system_tags(policies: &[&'static dyn TagPolicy], facts: &KeyFacts<'_>) -> Option<Vec<String>> {
    policies.iter().find_map(|policy| policy.system_tags(facts))
}

/// Brings the tags of a changed record up to date when the attributes from which they follow changed. Of an object that
/// the same unit created nothing is known from before, so its tags are made anew.
///
/// # Errors
/// A policy refuses a user tag.
pub(crate) fn retag(policies: &[&'static dyn TagPolicy], pending: &mut Pending) -> Result<()> {
    let Pending { record, base, .. } = pending;
    if let Some(base) = base {
        let (before, now) = (base.record.key_facts(), record.key_facts());
        let mut same = system_tags(policies, &before) == system_tags(policies, &now);
        for policy in policies {
            same &= policy.user_tags(before.attributes)? == policy.user_tags(now.attributes)?;
        }
        if same {
            return Ok(());
        }
    }
    record.tags = tags(policies, &record.key_facts(), &record.attributes)?;
    Ok(())
}
