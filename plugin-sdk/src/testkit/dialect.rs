//! The suite for dialects: one named test a rule.

use claviger_kmip::Value;
use claviger_kmip::attributes::Attributes;
use claviger_kmip::field::DateTime;
use claviger_kmip::tables::Enumeration;
use claviger_kmip::tables::enumerations::{OperationCode, ResultReason, State};

use crate::dialect::{Completed, Dialect, Payload, Selector};
use crate::error::{Error, ErrorClass};
use crate::target::Cardinality;

/// Holds a dialect to its contract: `dialect_conformance!(MyDialect);` makes one test a rule.
#[macro_export]
macro_rules! dialect_conformance {
    ($dialect:expr) => {
        $crate::testkit_rules! { dialect, &$dialect,
            it_has_a_name,
            an_ordinary_identifier_is_itself,
            an_operation_that_it_does_not_know_passes_unchanged,
            any_payload_is_completed_or_refused,
            every_operation_is_left_some_state,
            more_candidates_do_not_make_it_want_all,
            every_error_has_a_status_and_a_text,
            the_cause_of_an_error_stays_in_the_log,
        }
    };
}

const NOW: DateTime = DateTime(1_700_000_000);

/// A code that nobody registers.
const UNKNOWN: OperationCode = OperationCode(0xFFFF_FFFE);

/// Configurations and conflicts call it by name.
pub fn it_has_a_name(dialect: &dyn Dialect) {
    let name = dialect.name();
    assert!(!name.is_empty() && !name.contains(char::is_whitespace), "{name:?} is no name");
}

/// Objects of other families have identifiers of these forms, and must be reachable.
pub fn an_ordinary_identifier_is_itself(dialect: &dyn Dialect) {
    for id in ["1f0c5b4e-7d1f-4f0c-9a3b-0c8d2e5f6a7b", "42", "my key"] {
        assert_eq!(dialect.selector(id).expect("an identifier is no error"), Selector::Id(id.into()));
    }
}

/// Operations of plugins that the dialect has never heard of work over its door, too.
pub fn an_operation_that_it_does_not_know_passes_unchanged(dialect: &dyn Dialect) {
    let payload = Value::Structure(Vec::new());
    let completed =
        dialect.request(UNKNOWN, payload.clone(), NOW).expect("an unknown operation is not refused");
    assert_eq!(completed, Completed { payload: Payload::One(payload.clone()), note: None });
    let answer = dialect.response(UNKNOWN, &[], None, Payload::One(payload.clone()));
    assert_eq!(answer.expect("an unknown answer is not refused"), payload);
}

/// Clients send anything; the dialect answers with an error at worst.
pub fn any_payload_is_completed_or_refused(dialect: &dyn Dialect) {
    for (code, _) in OperationCode::VALUES {
        for payload in [Value::Structure(Vec::new()), Value::Integer(1), Value::TextString("[".into())] {
            let _ = dialect.request(OperationCode::from_code(*code), payload, NOW);
        }
    }
}

/// A dialect narrows; an operation that nothing is left of should not be registered for it.
pub fn every_operation_is_left_some_state(dialect: &dyn Dialect) {
    for (code, name) in OperationCode::VALUES {
        let states = dialect.narrow(OperationCode::from_code(*code));
        assert!(State::VALUES.iter().any(|(state, _)| states.contains(State::from_code(*state))), "{name}");
    }
}

/// The engine fetches all objects only if it was told so before it looked.
pub fn more_candidates_do_not_make_it_want_all(dialect: &dyn Dialect) {
    let attributes = Attributes::new();
    for (code, name) in OperationCode::VALUES {
        let operation = OperationCode::from_code(*code);
        let before = dialect.cardinality(operation, &[]) == Cardinality::All;
        let after = dialect.cardinality(operation, &[&attributes, &attributes]) == Cardinality::All;
        assert_eq!(before, after, "{name}");
        assert_ne!(
            dialect.cardinality(operation, &[]),
            Cardinality::Dialect,
            "{name} is for the dialect to say"
        );
    }
}

/// Whatever fails, the client is told in the family's form.
pub fn every_error_has_a_status_and_a_text(dialect: &dyn Dialect) {
    for error in errors() {
        for operation in [None, Some(OperationCode::GET), Some(OperationCode::ENCRYPT), Some(UNKNOWN)] {
            let answer = dialect.error(operation, &error);
            assert!(
                (200..600).contains(&answer.status),
                "{error:?} is answered with status {}",
                answer.status
            );
            assert!(!answer.text.is_empty(), "{error:?} is answered without a text");
        }
        let (_, message) = dialect.item_error(OperationCode::GET, &error);
        assert!(!message.is_empty(), "{error:?} has no message in an item");
    }
}

/// Causes hold what clients must not read: queries, paths, library errors.
pub fn the_cause_of_an_error_stays_in_the_log(dialect: &dyn Dialect) {
    for error in errors() {
        let error = error.because("SELECT body FROM objects");
        let answer = dialect.error(Some(OperationCode::GET), &error);
        assert!(!answer.text.contains("SELECT"), "{}", answer.text);
        let (_, message) = dialect.item_error(OperationCode::GET, &error);
        assert!(!message.contains("SELECT"), "{message}");
    }
}

fn errors() -> Vec<Error> {
    const CLASSES: [ErrorClass; 11] = [
        ErrorClass::Malformed,
        ErrorClass::Request,
        ErrorClass::Unsupported,
        ErrorClass::NotFound,
        ErrorClass::Denied,
        ErrorClass::State,
        ErrorClass::Conflict,
        ErrorClass::Cryptographic,
        ErrorClass::Certificate,
        ErrorClass::Server,
        ErrorClass::Storage,
    ];
    let reasons = ResultReason::VALUES.iter().map(|(code, _)| ResultReason::from_code(*code));
    reasons.flat_map(|reason| CLASSES.map(|class| Error::new(reason, class, "why"))).collect()
}

#[cfg(test)]
mod tests {
    use claviger_kmip::lifecycle::StateSet;

    use super::*;
    use crate::dialect::{ErrorAnswer, Standard};
    use crate::error::Result;
    use crate::testkit::assert_broken;

    crate::dialect_conformance!(Standard);

    /// What a broken dialect does wrong.
    #[derive(Clone, Copy, PartialEq)]
    enum Wrong {
        HasNoName,
        SelectsByEverything,
        LosesPayloads,
        PanicsOnNumbers,
        LeavesNoState,
        WantsAllLater,
        AnswersWithoutStatus,
        TellsTheCause,
    }

    impl Dialect for Wrong {
        fn name(&self) -> &'static str {
            if *self == Self::HasNoName { "" } else { "broken" }
        }

        fn request(&self, operation: OperationCode, payload: Value, now: DateTime) -> Result<Completed> {
            match (self, &payload) {
                (Self::LosesPayloads, _) => Ok(Completed { payload: Payload::Bulk(vec![]), note: None }),
                (Self::PanicsOnNumbers, Value::Integer(_)) => panic!("not a structure"),
                _ => Standard.request(operation, payload, now),
            }
        }

        fn selector<'t>(&self, text: &'t str) -> Result<Selector<'t>> {
            if *self == Self::SelectsByEverything {
                Ok(Selector::Tags(vec![text.into()]))
            } else {
                Standard.selector(text)
            }
        }

        fn cardinality(&self, _: OperationCode, candidates: &[&Attributes]) -> Cardinality {
            if *self == Self::WantsAllLater && !candidates.is_empty() {
                Cardinality::All
            } else {
                Cardinality::One
            }
        }

        fn narrow(&self, _: OperationCode) -> StateSet {
            if *self == Self::LeavesNoState { StateSet::NONE } else { StateSet::ALL }
        }

        fn error(&self, _: Option<OperationCode>, error: &Error) -> ErrorAnswer {
            match self {
                Self::AnswersWithoutStatus => ErrorAnswer { status: 0, text: error.to_string() },
                Self::TellsTheCause => ErrorAnswer { status: 500, text: format!("{error:?}") },
                _ => ErrorAnswer { status: 500, text: error.to_string() },
            }
        }
    }

    #[test]
    fn every_rule_finds_the_dialect_that_breaks_it() {
        assert_broken(|| it_has_a_name(&Wrong::HasNoName));
        assert_broken(|| an_ordinary_identifier_is_itself(&Wrong::SelectsByEverything));
        assert_broken(|| an_operation_that_it_does_not_know_passes_unchanged(&Wrong::LosesPayloads));
        assert_broken(|| any_payload_is_completed_or_refused(&Wrong::PanicsOnNumbers));
        assert_broken(|| every_operation_is_left_some_state(&Wrong::LeavesNoState));
        assert_broken(|| more_candidates_do_not_make_it_want_all(&Wrong::WantsAllLater));
        assert_broken(|| every_error_has_a_status_and_a_text(&Wrong::AnswersWithoutStatus));
        assert_broken(|| the_cause_of_an_error_stays_in_the_log(&Wrong::TellsTheCause));
    }
}
