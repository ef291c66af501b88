//! The suite for operations: one named test a rule. What an operation does is for tests on an engine; the suite holds
//! what it declares to what it means.

use std::fmt::Debug;

use claviger_kmip::field::TtlvValue;
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::tables::Enumeration;
use claviger_kmip::tables::enumerations::OperationCode;
use claviger_kmip::tables::masks::CryptographicUsageMask as Usage;
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{Tag, Ttlv, Value};

use crate::operation::{Access, MaterialUse, Operation, OperationSpec, Undo, Writes};
use crate::target::{Right, Target, Targets};

/// Holds an operation to its contract: `operation_conformance!(MyOperation, request, another);` makes one test a rule.
/// The requests are examples that between them use every field.
#[macro_export]
macro_rules! operation_conformance {
    ($operation:ty, $($request:expr),+ $(,)?) => {
        $crate::testkit_rules! { operation, &$crate::testkit::operation::Subject::<$operation>::new(vec![$($request),+]),
            the_code_is_the_standards_under_this_name_or_a_vendors,
            the_name_is_one_word,
            the_version_is_one_that_the_server_speaks,
            a_request_survives_encoding,
            an_unknown_field_is_refused,
            targets_depend_on_the_request_alone,
            what_changes_objects_has_one,
            grants_are_changed_by_owners,
            what_anyone_may_call_touches_nothing,
            undoing_fits_what_is_written,
            a_key_that_is_used_is_declared,
            keys_are_used_only_in_states_that_allow_it,
        }
    };
}

/// An operation with example requests.
pub struct Subject<O: Operation> {
    requests: Vec<O::Request>,
}

impl<O: Operation> Subject<O> {
    /// The operation with these requests.
    pub fn new(requests: Vec<O::Request>) -> Self {
        Self { requests }
    }

    fn spec(&self) -> &'static OperationSpec {
        &O::SPEC
    }

    fn targets(&self) -> Vec<Targets> {
        self.requests.iter().map(O::targets).collect()
    }

    fn each_target(&self) -> Vec<Target> {
        self.targets().into_iter().flatten().collect()
    }
}

/// Vendors' codes start here.
const VENDORS: u32 = 0x8000_0000;

/// A code of the standard means what the standard says; everything else is for vendors.
pub fn the_code_is_the_standards_under_this_name_or_a_vendors<O: Operation>(subject: &Subject<O>) {
    let code = subject.spec().code;
    let standard = OperationCode::VALUES.iter().find(|(_, name)| *name == O::NAME).map(|(code, _)| *code);
    if code.0 < VENDORS {
        assert_eq!(standard, Some(code.0), "{code:?} is not the code of {} in the standard", O::NAME);
    } else {
        assert_eq!(standard, None, "{} is an operation of the standard with another code", O::NAME);
    }
}

/// The name stands in reports, metrics and the vocabulary.
pub fn the_name_is_one_word<O: Operation>(_: &Subject<O>) {
    let well_formed = O::NAME.starts_with(|first: char| first.is_ascii_uppercase())
        && O::NAME.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    assert!(well_formed, "{:?} is not a normalised name", O::NAME);
}

/// Query and the version check compare with versions that exist.
pub fn the_version_is_one_that_the_server_speaks<O: Operation>(subject: &Subject<O>) {
    let since = subject.spec().since;
    assert!(ProtocolVersion::SUPPORTED.contains(&since), "there is no KMIP {since}");
}

/// What a client encodes is what the handler gets.
pub fn a_request_survives_encoding<O: Operation>(subject: &Subject<O>)
where
    O::Request: Clone + PartialEq + Debug,
{
    for request in &subject.requests {
        let encoded = request.clone().into_value();
        assert!(matches!(encoded, Value::Structure(_)), "a payload is a structure");
        let decoded = O::Request::from_value(Tag::REQUEST_PAYLOAD, encoded);
        assert_eq!(decoded.as_ref(), Ok(request));
    }
}

/// Nothing that a client asks for is passed over in silence.
pub fn an_unknown_field_is_refused<O: Operation>(subject: &Subject<O>)
where
    O::Request: Clone,
{
    for request in &subject.requests {
        let Value::Structure(mut fields) = request.clone().into_value() else { continue };
        fields.push(Ttlv::new(Tag(0x54_FFFF), Value::Integer(0)));
        let decoded = O::Request::from_value(Tag::REQUEST_PAYLOAD, Value::Structure(fields));
        assert!(decoded.is_err(), "a field that the request does not have is let through");
    }
}

/// The engine resolves again when another writer was faster, and counts on the same answer.
pub fn targets_depend_on_the_request_alone<O: Operation>(subject: &Subject<O>) {
    assert_eq!(subject.targets(), subject.targets());
}

/// Objects are changed through targets, so that the caller's right was checked.
pub fn what_changes_objects_has_one<O: Operation>(subject: &Subject<O>) {
    if matches!(subject.spec().writes, Writes::Targets | Writes::Grants) {
        for targets in subject.targets() {
            assert!(targets.iter().next().is_some(), "it changes objects and a request names none");
        }
    }
}

/// A grantee does not pass on rights.
pub fn grants_are_changed_by_owners<O: Operation>(subject: &Subject<O>) {
    if subject.spec().writes == Writes::Grants {
        for target in subject.each_target() {
            let right = target.right;
            let may = matches!(right, Right::Owner | Right::OwnerOrOperator);
            assert!(may, "rights on an object are its owner's to give, and {right:?} may");
        }
    }
}

/// Whoever is not authenticated reaches no object.
pub fn what_anyone_may_call_touches_nothing<O: Operation>(subject: &Subject<O>) {
    let spec = subject.spec();
    if spec.access == Access::Anyone {
        assert_eq!(spec.writes, Writes::Nothing, "anyone may call it and it writes");
        assert_eq!(spec.material, MaterialUse::None, "anyone may call it and it uses keys");
        assert!(subject.each_target().is_empty(), "anyone may call it and it touches objects");
    }
}

/// An Undo batch relies on it.
pub fn undoing_fits_what_is_written<O: Operation>(subject: &Subject<O>) {
    let spec = subject.spec();
    let fits = match spec.undo {
        Undo::NothingToUndo | Undo::UnlessInParts => spec.writes == Writes::Nothing,
        Undo::ByNotWriting => spec.writes != Writes::Nothing,
        Undo::Impossible => true,
    };
    assert!(fits, "it writes {:?} and is undone by {:?}", spec.writes, spec.undo);
}

/// A usage that is demanded of a key is a use of it.
pub fn a_key_that_is_used_is_declared<O: Operation>(subject: &Subject<O>) {
    if subject.each_target().iter().any(|target| target.usage != Usage(0)) {
        assert_ne!(
            subject.spec().material,
            MaterialUse::None,
            "it uses a key and declares no use of material"
        );
    }
}

/// Uses that protect data; all others process protected data (KMIP 2.1 section 4.57).
const PROTECTING: Usage =
    Usage(Usage::ENCRYPT.0 | Usage::SIGN.0 | Usage::WRAP_KEY.0 | Usage::MAC_GENERATE.0 | Usage::DERIVE_KEY.0);

/// Active keys protect; Deactivated and Compromised ones process what they protected; others are not used.
pub fn keys_are_used_only_in_states_that_allow_it<O: Operation>(subject: &Subject<O>) {
    for target in subject.each_target().iter().filter(|target| target.usage != Usage(0)) {
        let allowed =
            if target.usage.intersects(PROTECTING) { StateSet::ACTIVE } else { StateSet::PROCESSING };
        let outside = target.states.iter().find(|state| !allowed.contains(*state));
        assert_eq!(outside, None, "a key is used for {:?} in this state", target.usage);
    }
}

#[cfg(test)]
mod tests;
