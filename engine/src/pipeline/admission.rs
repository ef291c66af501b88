//! Admission: every check that stands between a caller and an object, in one place and one order.
//!
//! Ownership and grants → token restrictions → effective state → archive → type → usage mask, dates, usage limits →
//! algorithm policy. The operation's own access rule was checked before. Default is deny.

use claviger_kmip::lifecycle::{StateSet, has_state};
use claviger_kmip::tables::enumerations::{OperationCode, ResultReason, State, UsageLimitsUnit};
use claviger_kmip::tables::masks::CryptographicUsageMask as Mask;
use claviger_plugin_sdk::authentication::Principal;
use claviger_plugin_sdk::context::Authorized;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::filter::Index;
use claviger_plugin_sdk::store::Grant;
use claviger_plugin_sdk::target::{Consumption, Right, Target};

use super::commit::usage_exceeded;
use super::message::Message;
use crate::object_cache::Loaded;
use crate::unit_of_work::HeldGrants;

/// Lets an object through, or says why not.
///
/// `asked` is what the client called the object: the only name for it that an error may hold.
///
/// # Errors
/// Object Not Found when the caller has no right at all, or the dialect does not show the state. Permission Denied
/// when he has another right. Wrong Key Lifecycle State, Object Destroyed, Object Archived, Invalid Object Type, Incompatible
/// Cryptographic Usage Mask, Usage Limit Exceeded, Unsupported Cryptographic Parameters.
pub(crate) fn admit(
    message: &Message<'_>,
    principal: &Principal,
    operation: OperationCode,
    target: &Target,
    loaded: &Loaded,
    consumed: u64,
    asked: &str,
) -> Result<Authorized> {
    let record = &loaded.entry.record;
    check_right(message, principal, target.right, &record.owner, loaded.grants(), asked)?;
    check_restriction(principal, operation, loaded, asked)?;
    let state = loaded.entry.facts.states.at(message.now);
    // From here on the caller may know of the object.
    check_state(message, operation, target.states, loaded, state, asked)
        .and_then(|()| check_archived(target, loaded, asked))
        .and_then(|()| check_type(target, loaded))
        .and_then(|()| check_usage(message, target, loaded))
        .and_then(|()| check_limits(target.consumes, loaded, consumed))
        .and_then(|()| check_algorithm(message, target, loaded))
        .map_err(|error| error.about(&record.attributes))?;
    Ok(Authorized::engine_only(record.clone(), loaded.entry.revision, state).admitted_for(target.purpose()))
}

fn check_right(
    message: &Message<'_>,
    principal: &Principal,
    right: Right,
    owner: &str,
    grants: &[Grant],
    asked: &str,
) -> Result<()> {
    if principal.subjects().iter().any(|subject| subject.owns(owner)) {
        return Ok(());
    }
    if right == Right::OwnerOrOperator && principal.operator {
        return Ok(());
    }
    if grants.is_empty() {
        return Err(Error::not_found(asked));
    }
    let implied = message.engine.options.implied_rights;
    let allowed = match right {
        Right::Owner | Right::OwnerOrOperator => false,
        Right::Any => true,
        Right::Operation(operation) => grants.iter().any(|grant| implied.allows(grant.operation, operation)),
    };
    if allowed { Ok(()) } else { Err(Error::denied(format!("no right to do this with {asked}"))) }
}

fn check_restriction(
    principal: &Principal,
    operation: OperationCode,
    loaded: &Loaded,
    asked: &str,
) -> Result<()> {
    let Some(restriction) = &principal.restriction else { return Ok(()) };
    let record = &loaded.entry.record;
    let allowed = restriction.allows(operation)
        && restriction.objects(operation).matches(
            &record.id,
            &Index::of(record),
            &HeldGrants(loaded.grants()),
        );
    if allowed {
        Ok(())
    } else {
        Err(Error::denied(format!("the credentials do not allow this with {asked}")))
    }
}

fn check_state(
    message: &Message<'_>,
    operation: OperationCode,
    allowed: StateSet,
    loaded: &Loaded,
    state: State,
    asked: &str,
) -> Result<()> {
    if !message.dialect.narrow(operation).contains(state) {
        return Err(Error::not_found(asked));
    }
    if allowed.contains(state) || !has_state(loaded.entry.record.object.object_type()) {
        return Ok(());
    }
    if StateSet::DESTROYED.contains(state) {
        return Err(Error::new(
            ResultReason::OBJECT_DESTROYED,
            ErrorClass::State,
            format!("{asked} is destroyed"),
        ));
    }
    Err(Error::state(format!("{asked} is in state {state:?}, in which the operation is not allowed")))
}

/// An archived object is recovered before anything is done with it but looking at its attributes (KMIP 2.1 section 6.1).
fn check_archived(target: &Target, loaded: &Loaded, asked: &str) -> Result<()> {
    if target.archived || !loaded.entry.facts.archived {
        return Ok(());
    }
    Err(Error::new(
        ResultReason::OBJECT_ARCHIVED,
        ErrorClass::State,
        format!("{asked} is archived: recover it first"),
    ))
}

fn check_type(target: &Target, loaded: &Loaded) -> Result<()> {
    let object_type = loaded.entry.record.object.object_type();
    if target.types.is_empty() || target.types.contains(&object_type) {
        return Ok(());
    }
    Err(Error::new(
        ResultReason::INVALID_OBJECT_TYPE,
        ErrorClass::Request,
        format!("the operation is not defined on a {object_type:?}"),
    ))
}

/// Uses that protect or process, and nothing else.
const PROTECTING: Mask = Mask(Mask::ENCRYPT.0 | Mask::SIGN.0 | Mask::WRAP_KEY.0 | Mask::MAC_GENERATE.0);
const PROCESSING: Mask = Mask(Mask::DECRYPT.0 | Mask::VERIFY.0 | Mask::UNWRAP_KEY.0 | Mask::MAC_VERIFY.0);

fn check_usage(message: &Message<'_>, target: &Target, loaded: &Loaded) -> Result<()> {
    let (wanted, any) = (target.usage.0, target.any_usage.0);
    if wanted | any == 0 {
        return Ok(());
    }
    let facts = &loaded.entry.facts;
    let mask = facts.usage;
    let allowed = mask & wanted == wanted && (any == 0 || mask & any != 0);
    if !allowed && mask & Mask::UNRESTRICTED.0 == 0 {
        return Err(Error::new(
            ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK,
            ErrorClass::State,
            "the key's Cryptographic Usage Mask does not allow this use",
        ));
    }
    let protects = protects(target);
    let stopped = protects && facts.protect_stop.is_some_and(|stop| stop <= message.now);
    let not_started = !protects && facts.process_start.is_some_and(|start| start > message.now);
    match (stopped, not_started) {
        (true, _) => Err(Error::state("the key's Protect Stop Date has passed")),
        (_, true) => Err(Error::state("the key's Process Start Date has not come")),
        _ => Ok(()),
    }
}

/// Whether a use protects data: those end at Protect Stop Date, and those that process what is protected begin at Process
/// Start Date (KMIP 2.1 sections 4.40 and 4.41). Key Agreement and Sign are bits of both sides; what takes from the Usage
/// Limits protects (section 4.59).
fn protects(target: &Target) -> bool {
    let uses = target.usage.0 | target.any_usage.0;
    target.consumes.is_some() || (uses & PROTECTING.0 != 0 && uses & PROCESSING.0 == 0)
}

/// A key that the operator's policy does not allow can be looked at, revoked and destroyed, and not used.
fn check_algorithm(message: &Message<'_>, target: &Target, loaded: &Loaded) -> Result<()> {
    if target.usage.0 | target.any_usage.0 == 0 {
        return Ok(());
    }
    message.engine.options.algorithm_policy.check_key(&loaded.entry.record.key_facts())
}

/// What a use takes from the object's Usage Limits, in their unit; nothing if it has none.
pub(crate) fn amount(consumes: Option<Consumption>, loaded: &Loaded) -> Option<u64> {
    let limits = loaded.entry.facts.limits.as_ref()?;
    let consumes = consumes?;
    Some(if limits.unit == UsageLimitsUnit::BYTE { consumes.bytes } else { consumes.objects })
}

fn check_limits(consumes: Option<Consumption>, loaded: &Loaded, consumed: u64) -> Result<()> {
    let Some(amount) = amount(consumes, loaded) else { return Ok(()) };
    let left = loaded.entry.usage_left.and_then(|left| u64::try_from(left).ok()).unwrap_or(0);
    if amount.saturating_add(consumed) <= left {
        return Ok(());
    }
    Err(usage_exceeded(loaded.entry.record.id.as_str()))
}
