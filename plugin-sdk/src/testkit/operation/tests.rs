//! A good operation, and one broken operation a rule.

use claviger_kmip::identifier::UniqueIdentifier;
use claviger_kmip::structure;

use super::*;
use crate::context::Context;
use crate::error::Result;
use crate::operation::Placeholder;
use crate::testkit::assert_broken;

structure! {
    /// An object, or none.
    pub struct Named {
        /// The object.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
    }
}

/// A request whose decoder takes anything and forgets it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Careless(i32);

impl TtlvValue for Careless {
    fn from_value(_: Tag, _: Value) -> std::result::Result<Self, claviger_kmip::field::DecodeError> {
        Ok(Self(0))
    }
    fn into_value(self) -> Value {
        Value::Structure(Vec::new())
    }
}

impl claviger_kmip::field::Structure for Careless {
    const FIELDS: &'static [Tag] = &[];
}

const CODE: OperationCode = OperationCode(0x8000_0001);

const GOOD: OperationSpec = OperationSpec {
    code: CODE,
    since: ProtocolVersion::V1_0,
    access: Access::Authenticated,
    material: MaterialUse::None,
    writes: Writes::Targets,
    placeholder: Placeholder::Keep,
    undo: Undo::ByNotWriting,
};

fn one() -> Targets {
    Targets::one(Target::subject(None, CODE))
}

macro_rules! operations {
    ($($operation:ident $name:literal $request:ty: $spec:expr, $targets:expr;)*) => {$(
        struct $operation;

        impl Operation for $operation {
            type Request = $request;
            type Response = $request;
            const NAME: &'static str = $name;
            const SPEC: OperationSpec = $spec;
            fn targets(_: &$request) -> Targets {
                $targets
            }
            async fn run(&self, _: &mut Context<'_>, request: $request) -> Result<$request> {
                Ok(request)
            }
        }
    )*};
}

operations! {
    Good "Good" Named: GOOD, one();
    Destroy "Destroy" Named: OperationSpec { code: OperationCode::DESTROY, ..GOOD }, one();
    WrongCode "Create" Named: OperationSpec { code: OperationCode::DESTROY, ..GOOD }, one();
    VendorsCreate "Create" Named: GOOD, one();
    TwoWords "Two Words" Named: GOOD, one();
    OfTomorrow "OfTomorrow" Named: OperationSpec { since: ProtocolVersion { major: 9, minor: 0 }, ..GOOD }, one();
    Forgetful "Forgetful" Careless: GOOD, one();
    Moody "Moody" Named: GOOD, moody();
    Blind "Blind" Named: GOOD, Targets::none();
    Generous "Generous" Named: OperationSpec { writes: Writes::Grants, ..GOOD }, one();
    Open "Open" Named: OperationSpec { access: Access::Anyone, ..GOOD }, one();
    OpenReader "OpenReader" Named:
        OperationSpec { access: Access::Anyone, writes: Writes::Nothing, undo: Undo::NothingToUndo, ..GOOD }, one();
    Irrevocable "Irrevocable" Named: OperationSpec { undo: Undo::NothingToUndo, ..GOOD }, one();
    NothingToWrite "NothingToWrite" Named: OperationSpec { writes: Writes::Nothing, ..GOOD }, one();
    SecretUser "SecretUser" Named: GOOD, used(Usage::ENCRYPT, StateSet::ACTIVE);
    LateProtector "LateProtector" Named:
        OperationSpec { material: MaterialUse::Use, ..GOOD }, used(Usage::ENCRYPT, StateSet::PROCESSING);
    EarlyReader "EarlyReader" Named:
        OperationSpec { material: MaterialUse::Use, ..GOOD }, used(Usage::DECRYPT, StateSet::NOT_DESTROYED);
}

fn used(usage: Usage, states: StateSet) -> Targets {
    Targets::one(Target::subject(None, CODE).usage(usage).states(states))
}

/// Another object at each call.
fn moody() -> Targets {
    use std::sync::atomic::{AtomicI32, Ordering};
    static CALLS: AtomicI32 = AtomicI32::new(0);
    let id = UniqueIdentifier::Nth(CALLS.fetch_add(1, Ordering::SeqCst));
    Targets::one(Target::subject(Some(id), CODE))
}

fn of<O: Operation<Request = Named>>() -> Subject<O> {
    Subject::new(vec![Named { unique_identifier: Some("a".into()) }])
}

crate::operation_conformance!(
    Good,
    Named { unique_identifier: Some("a".into()) },
    Named { unique_identifier: None }
);

#[test]
fn an_operation_of_the_standard_has_its_code() {
    the_code_is_the_standards_under_this_name_or_a_vendors(&of::<Destroy>());
}

#[test]
fn every_rule_finds_the_operation_that_breaks_it() {
    assert_broken(|| the_code_is_the_standards_under_this_name_or_a_vendors(&of::<WrongCode>()));
    assert_broken(|| the_code_is_the_standards_under_this_name_or_a_vendors(&of::<VendorsCreate>()));
    assert_broken(|| the_name_is_one_word(&of::<TwoWords>()));
    assert_broken(|| the_version_is_one_that_the_server_speaks(&of::<OfTomorrow>()));
    assert_broken(|| a_request_survives_encoding(&Subject::<Forgetful>::new(vec![Careless(1)])));
    assert_broken(|| an_unknown_field_is_refused(&Subject::<Forgetful>::new(vec![Careless(0)])));
    assert_broken(|| targets_depend_on_the_request_alone(&of::<Moody>()));
    assert_broken(|| what_changes_objects_has_one(&of::<Blind>()));
    assert_broken(|| grants_are_changed_by_owners(&of::<Generous>()));
    assert_broken(|| what_anyone_may_call_touches_nothing(&of::<Open>()));
    assert_broken(|| what_anyone_may_call_touches_nothing(&of::<OpenReader>()));
    assert_broken(|| undoing_fits_what_is_written(&of::<Irrevocable>()));
    assert_broken(|| undoing_fits_what_is_written(&of::<NothingToWrite>()));
    assert_broken(|| a_key_that_is_used_is_declared(&of::<SecretUser>()));
    assert_broken(|| keys_are_used_only_in_states_that_allow_it(&of::<LateProtector>()));
    assert_broken(|| keys_are_used_only_in_states_that_allow_it(&of::<EarlyReader>()));
}
