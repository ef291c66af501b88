//! The dialect: which rule answers which question of the engine.

use claviger_plugin_sdk::context::Authorized;
use claviger_plugin_sdk::dialect::{Completed, Dialect, ErrorAnswer, Payload, Selector};
use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::tables::enumerations::{BatchErrorContinuationOption, LinkType};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;

use crate::generation::{Birth, Generation};
use crate::{cover_crypt, errors, request, response, selector};

/// The REST JSON family.
pub struct Rest;

impl Dialect for Rest {
    fn name(&self) -> &'static str {
        "rest"
    }

    fn request(&self, operation: OperationCode, payload: Value, now: DateTime) -> Result<Completed> {
        request::complete(operation, payload, now)
    }

    fn selector<'t>(&self, text: &'t str) -> Result<Selector<'t>> {
        selector::selector(text)
    }

    /// Older clients expect an error when a selector means several objects, newer ones the first.
    fn cardinality(&self, operation: OperationCode, candidates: &[&Attributes]) -> Cardinality {
        let is_older = |attributes: &&Attributes| Birth::of(attributes).generation() == Generation::Older;
        match operation {
            OperationCode::REVOKE | OperationCode::DESTROY => Cardinality::All,
            _ if candidates.iter().any(is_older) => Cardinality::One,
            _ => Cardinality::First,
        }
    }

    /// A key pair is revoked and destroyed as a whole, but a certificate without its keys. With a pair of which user keys
    /// are made go these.
    fn expand(&self, operation: OperationCode, from: &KeyFacts<'_>) -> &'static [LinkType] {
        match (operation, from.object_type) {
            (OperationCode::REVOKE | OperationCode::DESTROY, ObjectType::PRIVATE_KEY)
                if from.algorithm == Some(cover_crypt::ALGORITHM) =>
            {
                &[LinkType::PUBLIC_KEY_LINK, LinkType::PRIVATE_KEY_LINK, LinkType::CHILD_LINK]
            }
            (
                OperationCode::REVOKE | OperationCode::DESTROY,
                ObjectType::PRIVATE_KEY | ObjectType::PUBLIC_KEY,
            ) => &[LinkType::PUBLIC_KEY_LINK, LinkType::PRIVATE_KEY_LINK],
            _ => &[],
        }
    }

    /// Clients of the family end with Revoke what is not active yet, whatever the reason. The standard has no such transition
    /// (KMIP 2.1 section 4.57); it goes over Active.
    fn names_along(&self, operation: OperationCode) -> bool {
        operation == OperationCode::REVOKE
    }

    fn narrow(&self, operation: OperationCode) -> StateSet {
        match operation {
            OperationCode::GET
            | OperationCode::GET_ATTRIBUTES
            | OperationCode::GET_ATTRIBUTE_LIST
            | OperationCode::ENCRYPT
            | OperationCode::DECRYPT
            | OperationCode::LOCATE
            | OperationCode::RE_KEY_KEY_PAIR => StateSet::ACTIVE,
            OperationCode::REVOKE => StateSet::of(&[State::PRE_ACTIVE, State::ACTIVE]),
            OperationCode::DESTROY => StateSet::NOT_DESTROYED,
            _ => StateSet::ALL,
        }
    }

    fn response(
        &self,
        operation: OperationCode,
        targets: &[Authorized],
        note: Option<Value>,
        payload: Payload,
    ) -> Result<Value> {
        response::shape(operation, targets, note, payload)
    }

    fn error(&self, operation: Option<OperationCode>, error: &Error) -> ErrorAnswer {
        errors::answer(operation, error)
    }

    /// The family's servers run all items, whatever becomes of those before.
    fn continuation(&self) -> BatchErrorContinuationOption {
        BatchErrorContinuationOption::CONTINUE
    }

    fn item_error(&self, operation: OperationCode, error: &Error) -> (ResultReason, String) {
        errors::of_item(operation, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    claviger_plugin_sdk::dialect_conformance!(Rest);

    #[test]
    fn older_clients_are_refused_several_objects_and_newer_ones_get_the_first() {
        let mut older = Attributes::new();
        let mark = Birth::OlderImported.into_item();
        older.add(mark.tag, mark.value);
        let newer = Attributes::new();
        assert_eq!(Rest.cardinality(OperationCode::GET, &[&newer, &newer]), Cardinality::First);
        assert_eq!(Rest.cardinality(OperationCode::GET, &[&newer, &older]), Cardinality::One);
        assert_eq!(Rest.cardinality(OperationCode::REVOKE, &[]), Cardinality::All);
    }
}
