//! Admission: every check that stands between a caller and an object, in one place and one order.
//!
//! Access rule → ownership and grants → token restrictions → effective state → archive → type → purpose → usage mask, dates, usage
//! limits → algorithm policy. Default is deny. Whoever wants to know which rule decides has it take [`Notes`].

use claviger_kmip::Tag;
use claviger_kmip::lifecycle::{StateSet, has_state};
use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::tables::enumerations::{OperationCode, ResultReason, State, UsageLimitsUnit};
use claviger_kmip::tables::masks::CryptographicUsageMask as Mask;
use claviger_plugin_sdk::authentication::Principal;
use claviger_plugin_sdk::context::Authorized;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::filter::Index;
use claviger_plugin_sdk::operation::{Access, ErasedOperation};
use claviger_plugin_sdk::scheme::{Capability, KeyPurpose, Scheme};
use claviger_plugin_sdk::store::Grant;
use claviger_plugin_sdk::target::{Consumption, Right, Target};

use super::commit::usage_exceeded;
use super::message::Message;
use super::notes::{NoNotes, Notes, Rule};
use crate::object_cache::Loaded;
use crate::unit_of_work::HeldGrants;

/// Who wants to do what with an object.
pub(crate) struct Question<'q> {
    /// Who.
    pub(crate) principal: &'q Principal,
    /// The operation.
    pub(crate) operation: OperationCode,
    /// Whether it tells no more than what is known about objects.
    pub(crate) reads_metadata: bool,
    /// What it wants of the object.
    pub(crate) target: &'q Target,
    /// What the client called the object: the only name for it that an error may hold.
    pub(crate) asked: &'q str,
    /// Whether the object names one as its parent on which the caller was found to have the right: that is enough. It is let
    /// through for its parent's sake, and nothing that its own owner may do to it, as archiving it, keeps the parent's from what
    /// he does to both.
    pub(crate) is_child: bool,
}

/// Lets a caller call an operation, or says why not; objects are another question.
///
/// # Errors
/// Permission Denied.
pub(crate) fn admit_call(
    principal: &Principal,
    operation: &dyn ErasedOperation,
    notes: &mut impl Notes,
) -> Result<()> {
    notes.asks(Rule::Access);
    let spec = operation.spec();
    let name = operation.name();
    match spec.access {
        Access::Creator if !principal.creator => {
            return Err(Error::denied(format!("{name} makes objects, which you may not on this server")));
        }
        Access::Operator if !principal.operator => {
            return Err(Error::denied(format!("{name} is for operators")));
        }
        Access::Anyone | Access::Authenticated | Access::Creator | Access::Operator => {}
    }
    // A caller exists only once somebody accepted it, so it is authenticated.
    let restriction = principal.restriction.as_ref().filter(|_| spec.access != Access::Anyone);
    if restriction.is_some_and(|restriction| !restriction.allows(spec.code)) {
        return Err(Error::denied(format!("{name} is not allowed with these credentials")));
    }
    notes.passes(|| match spec.access {
        Access::Anyone => format!("anyone may call {name}"),
        Access::Authenticated => format!("every user may call {name}"),
        Access::Creator => format!("the user may make objects, as {name} does"),
        Access::Operator => format!("the user is an operator, as {name} needs"),
    });
    Ok(())
}

/// Lets an object through, or says why not.
///
/// # Errors
/// Object Not Found when the caller has no right at all, or the dialect does not show the state. Permission Denied
/// when he has another right. Wrong Key Lifecycle State, Object Destroyed, Object Archived, Invalid Object Type, Incompatible
/// Cryptographic Usage Mask, Usage Limit Exceeded, Unsupported Cryptographic Parameters.
pub(crate) fn admit(
    message: &Message<'_>,
    question: &Question<'_>,
    loaded: &Loaded,
    consumed: u64,
    notes: &mut impl Notes,
) -> Result<Authorized> {
    let (record, target) = (&loaded.entry.record, question.target);
    let hold = check_right(message, question, &record.owner, loaded.grants(), notes)?;
    check_restriction(question, loaded, notes)?;
    let state = loaded.entry.facts.states.at(message.now);
    // From here on the caller may know of the object.
    check_state(message, question, loaded, state, notes)
        .and_then(|()| check_archived(question, loaded, notes))
        .and_then(|()| check_type(target, loaded, notes))
        .and_then(|()| check_purpose(message, question.operation, loaded, notes))
        .and_then(|()| check_usage(message, target, loaded, notes))
        .and_then(|()| check_limits(question, loaded, consumed, notes))
        .and_then(|()| check_algorithm(message, target, loaded, notes))
        .map_err(|error| error.about(&record.attributes))?;
    let authorized = Authorized::engine_only(record.clone(), loaded.entry.revision, state);
    Ok(authorized.admitted_for(target.purpose()).admitted_for_operator(hold == Hold::Operator))
}

/// Lets a caller name an object as the parent of another, in whatever state it is, or says why not.
///
/// # Errors
/// Object Not Found when the caller has no right at all. Permission Denied when he has another right.
pub(crate) fn admit_as_parent(message: &Message<'_>, question: &Question<'_>, loaded: &Loaded) -> Result<()> {
    check_right(message, question, &loaded.entry.record.owner, loaded.grants(), &mut NoNotes)?;
    check_restriction(question, loaded, &mut NoNotes)
}

/// What a caller has an object by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hold {
    /// It is his, or he was given a right.
    Right,
    /// The role of an operator alone.
    Operator,
}

fn check_right(
    message: &Message<'_>,
    question: &Question<'_>,
    owner: &str,
    grants: &[Grant],
    notes: &mut impl Notes,
) -> Result<Hold> {
    notes.asks(Rule::Right);
    let Question { principal, target: Target { right, .. }, asked, .. } = *question;
    if principal.subjects().iter().any(|subject| subject.owns(owner)) {
        notes.passes(|| "the user owns the object".to_owned());
        return Ok(Hold::Right);
    }
    if question.is_child {
        notes.passes(|| "the user has the right on the object that this one names as its parent".to_owned());
        return Ok(Hold::Right);
    }
    let implied = message.engine.options.implied_rights;
    let grant = match right {
        Right::Owner | Right::OwnerOrOperator => None,
        Right::Any => grants.first(),
        Right::Operation(operation) => {
            grants.iter().find(|grant| implied.allows(grant.operation, *operation))
        }
    };
    if let Some(grant) = grant {
        notes.passes(|| granted(message, grant, *right));
        return Ok(Hold::Right);
    }
    if principal.operator && (*right == Right::OwnerOrOperator || question.reads_metadata) {
        notes.passes(|| match right {
            Right::OwnerOrOperator => "the user is an operator".to_owned(),
            _ => "the user is an operator, who may see what is known about every object".to_owned(),
        });
        return Ok(Hold::Operator);
    }
    if grants.is_empty() {
        Err(Error::not_found(asked))
    } else {
        Err(Error::denied(format!("no right to do this with {asked}")))
    }
}

/// Which grant lets the caller do it.
fn granted(message: &Message<'_>, grant: &Grant, right: Right) -> String {
    let vocabulary = message.engine.registry.vocabulary();
    let name = |operation: OperationCode| match vocabulary.enumeration_name(Tag::OPERATION, operation.0) {
        Some(name) => name.to_string(),
        None => format!("{:#010X}", operation.0),
    };
    let held = format!("{} is granted to {}", name(grant.operation), grant.subject);
    match right {
        Right::Operation(operation) if operation != grant.operation => {
            format!("{held}, which implies {}", name(operation))
        }
        Right::Any => format!("{held}, and any right is enough"),
        _ => held,
    }
}

fn check_restriction(question: &Question<'_>, loaded: &Loaded, notes: &mut impl Notes) -> Result<()> {
    let Some(restriction) = &question.principal.restriction else { return Ok(()) };
    notes.asks(Rule::Restriction);
    if question.is_child {
        notes.passes(|| {
            "the credentials allow it with the object that this one names as its parent".to_owned()
        });
        return Ok(());
    }
    let (record, operation) = (&loaded.entry.record, question.operation);
    let allowed = restriction.allows(operation)
        && restriction.objects(operation).matches(
            &record.id,
            &Index::of(record),
            &HeldGrants(loaded.grants()),
        );
    if !allowed {
        return Err(Error::denied(format!("the credentials do not allow this with {}", question.asked)));
    }
    notes.passes(|| "the credentials allow it".to_owned());
    Ok(())
}

fn check_state(
    message: &Message<'_>,
    question: &Question<'_>,
    loaded: &Loaded,
    state: State,
    notes: &mut impl Notes,
) -> Result<()> {
    let (allowed, asked) = (states(message, question.operation, question.target), question.asked);
    notes.asks(Rule::Dialect);
    if !message.dialect.narrow(question.operation).contains(state) {
        return Err(Error::not_found(asked));
    }
    notes.passes(|| format!("clients of this kind see objects in state {state:?}"));
    notes.asks(Rule::State);
    if allowed.contains(state) || !has_state(loaded.entry.record.object.object_type()) {
        notes.passes(|| format!("state {state:?} allows it"));
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

/// The states in which an operation takes what a request names.
pub(crate) fn states(message: &Message<'_>, operation: OperationCode, target: &Target) -> StateSet {
    if message.dialect.names_along(operation) { target.along } else { target.states }
}

/// An archived object is recovered before anything is done with it but looking at its attributes (KMIP 2.1 section 6.1).
fn check_archived(question: &Question<'_>, loaded: &Loaded, notes: &mut impl Notes) -> Result<()> {
    notes.asks(Rule::Archive);
    if question.target.archived || question.is_child || !loaded.entry.facts.archived {
        notes.passes(|| match loaded.entry.facts.archived {
            true => "archived objects are at hand for it".to_owned(),
            false => "the object is not archived".to_owned(),
        });
        return Ok(());
    }
    Err(Error::new(
        ResultReason::OBJECT_ARCHIVED,
        ErrorClass::State,
        format!("{} is archived: recover it first", question.asked),
    ))
}

fn check_type(target: &Target, loaded: &Loaded, notes: &mut impl Notes) -> Result<()> {
    notes.asks(Rule::Type);
    let object_type = loaded.entry.record.object.object_type();
    if target.types.is_empty() || target.types.contains(&object_type) {
        notes.passes(|| format!("the operation is defined on a {object_type:?}"));
        return Ok(());
    }
    Err(Error::new(
        ResultReason::INVALID_OBJECT_TYPE,
        ErrorClass::Request,
        format!("the operation is not defined on a {object_type:?}"),
    ))
}

/// What the scheme of the key says that it is for.
fn check_purpose(
    message: &Message<'_>,
    operation: OperationCode,
    loaded: &Loaded,
    notes: &mut impl Notes,
) -> Result<()> {
    let Some(purpose) = purpose_of(message, loaded) else { return Ok(()) };
    notes.asks(Rule::Purpose);
    if !purpose.usable_for(operation, &loaded.entry.record.key_facts()) {
        return Err(Error::new(
            ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK,
            ErrorClass::State,
            "a key of this kind is not for this operation",
        ));
    }
    notes.passes(|| "keys of this kind are for the operation".to_owned());
    Ok(())
}

/// Whether the scheme of the key lets the operation touch it.
pub(crate) fn is_usable(message: &Message<'_>, operation: OperationCode, loaded: &Loaded) -> bool {
    purpose_of(message, loaded)
        .is_none_or(|purpose| purpose.usable_for(operation, &loaded.entry.record.key_facts()))
}

fn purpose_of(message: &Message<'_>, loaded: &Loaded) -> Option<&'static dyn KeyPurpose> {
    let facts = loaded.entry.record.key_facts();
    facts.algorithm?;
    let registry = &message.engine.registry;
    match registry.scheme_entry(Capability::Purpose, &facts, &CryptographicParameters::NONE)?.scheme {
        Scheme::Purpose(purpose) => Some(purpose),
        _ => None,
    }
}

/// Uses that protect or process, and nothing else.
const PROTECTING: Mask = Mask(Mask::ENCRYPT.0 | Mask::SIGN.0 | Mask::WRAP_KEY.0 | Mask::MAC_GENERATE.0);
const PROCESSING: Mask = Mask(Mask::DECRYPT.0 | Mask::VERIFY.0 | Mask::UNWRAP_KEY.0 | Mask::MAC_VERIFY.0);

fn check_usage(
    message: &Message<'_>,
    target: &Target,
    loaded: &Loaded,
    notes: &mut impl Notes,
) -> Result<()> {
    let (wanted, any) = (target.usage.0, target.any_usage.0);
    if wanted | any == 0 {
        return Ok(());
    }
    notes.asks(Rule::UsageMask);
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
    notes.passes(|| "the Cryptographic Usage Mask allows the use".to_owned());
    notes.asks(Rule::Dates);
    let protects = protects(target);
    let stopped = protects && facts.protect_stop.is_some_and(|stop| stop <= message.now);
    let not_started = !protects && facts.process_start.is_some_and(|start| start > message.now);
    match (stopped, not_started) {
        (true, _) => Err(Error::state("the key's Protect Stop Date has passed")),
        (_, true) => Err(Error::state("the key's Process Start Date has not come")),
        _ => {
            notes.passes(|| match protects {
                true => "no Protect Stop Date has passed".to_owned(),
                false => "no Process Start Date is still to come".to_owned(),
            });
            Ok(())
        }
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
fn check_algorithm(
    message: &Message<'_>,
    target: &Target,
    loaded: &Loaded,
    notes: &mut impl Notes,
) -> Result<()> {
    if target.usage.0 | target.any_usage.0 == 0 {
        return Ok(());
    }
    notes.asks(Rule::AlgorithmPolicy);
    message.engine.options.algorithm_policy.check_key(&loaded.entry.record.key_facts())?;
    notes.passes(|| {
        "the operator's policy allows the key; of parameters it judges when they are known".to_owned()
    });
    Ok(())
}

/// What a use takes from the object's Usage Limits, in their unit; nothing if it has none.
pub(crate) fn amount(consumes: Option<Consumption>, loaded: &Loaded) -> Option<u64> {
    let limits = loaded.entry.facts.limits.as_ref()?;
    let consumes = consumes?;
    Some(if limits.unit == UsageLimitsUnit::BYTE { consumes.bytes } else { consumes.objects })
}

fn check_limits(
    question: &Question<'_>,
    loaded: &Loaded,
    consumed: u64,
    notes: &mut impl Notes,
) -> Result<()> {
    let Some(amount) = amount(question.target.consumes, loaded) else { return Ok(()) };
    notes.asks(Rule::UsageLimits);
    let left = loaded.entry.usage_left.and_then(|left| u64::try_from(left).ok()).unwrap_or(0);
    if amount.saturating_add(consumed) <= left {
        notes.passes(|| format!("the Usage Limits leave {left}"));
        return Ok(());
    }
    Err(usage_exceeded(question.asked))
}
