//! The admission matrix: every operation on an object × who calls × the object's state, compared with what the
//! specification says. An operation without a row fails the test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod requests;
mod table;

use std::collections::BTreeSet;
use std::sync::Arc;

use claviger_crypto_standard as _;
use claviger_engine::registry::{Registry, RegistryOptions};
use claviger_engine::{
    AlgorithmPolicy, Authenticators, Engine, EngineOptions, ImpliedRights, Limits, SystemRandom,
};
use claviger_operations_kmip as _;
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::codec::binary;
use claviger_plugin_sdk::kmip::message::RequestMessage;
use claviger_plugin_sdk::kmip::payloads::access::{EXPLAIN, ExplainRequest, ExplainResponse};
use claviger_plugin_sdk::kmip::tables::Enumeration;
use claviger_plugin_sdk::operation::ErasedOperation;
use claviger_plugin_sdk::plugin::{EntryKind, linked};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::{ChangeSet, Grant, ObjectStore, Subject};
use claviger_plugin_sdk::testkit::{Believing, FakeClock, MemoryStore, RecordBuilder};
use claviger_tags_standard as _;

use table::Outcome::{self, *};
use table::*;

#[tokio::test]
async fn every_operation_admits_whom_and_when_the_specification_says() {
    let (engine, store) = server();
    put(&store, key("wrapped", State::ACTIVE), Some((Subject::Everyone, OperationCode::GET))).await;
    let mut wrong = Vec::new();
    for row in rows() {
        for caller in CALLERS {
            for (number, state) in STATES.into_iter().enumerate() {
                let id = format!("{}-{caller:?}-{state:?}", row.name);
                put(&store, subject(&row, &id, state), caller.holds(&row)).await;
                let (expected, found) =
                    (caller.expected(&row, number), call(&engine, caller, &row, &id).await);
                if expected != found {
                    wrong.push(format!("{id}: {found:?}, not {expected:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whichever right a caller holds: it lets him do what it is for and what it implies, and nothing else.
#[tokio::test]
async fn no_right_stands_for_another_that_it_does_not_imply() {
    let mut rights: BTreeSet<u32> = OperationCode::VALUES.iter().map(|(code, _)| *code).collect();
    rights.extend(linked_operations().map(|operation| operation.spec().code.0));
    let active = STATES.iter().position(|state| *state == State::ACTIVE).unwrap();
    let caller = Caller::GranteeOfAnother;
    let mut wrong = Vec::new();
    for implied in [ImpliedRights::Exact, ImpliedRights::GetImpliesUse] {
        for row in rows() {
            // One for each, since a search takes longer the more objects there are.
            let (engine, store) = server_where(implied);
            put(&store, key("wrapped", State::ACTIVE), Some((Subject::Everyone, OperationCode::GET))).await;
            for held in rights.iter().copied().map(OperationCode) {
                let id = format!("{}-{held:?}", row.name);
                let grant = (Subject::User(caller.user().into()), held);
                put(&store, subject(&row, &id, State::ACTIVE), Some(grant)).await;
                let is_enough = row.is_allowed_by(held, implied == ImpliedRights::GetImpliesUse);
                let expected = if is_enough { row.by_state[active] } else { Denied };
                let found = call(&engine, caller, &row, &id).await;
                if expected != found {
                    wrong.push(format!("{id}, {implied:?}: {found:?}, not {expected:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is explained is what would happen. Rows of several requests of one operation are left to the test above: what is
/// explained is the usual one.
#[tokio::test]
async fn an_explanation_says_what_the_operation_does() {
    let (engine, store) = server();
    let mut wrong = Vec::new();
    for row in rows().into_iter().filter(|row| row.is_usual) {
        for caller in CALLERS {
            for (number, state) in STATES.into_iter().enumerate() {
                let id = format!("{}-{caller:?}-{state:?}", row.name);
                put(&store, subject(&row, &id, state), caller.holds(&row)).await;
                let explained = explained(&engine, caller, row.code, &id).await;
                if explained != caller.expected(&row, number) {
                    wrong.push(format!("{id}: {explained:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// An operator sees what is known about an object, and nothing of the key, whatever he asks for.
#[tokio::test]
async fn nothing_that_an_operator_is_told_has_the_key_in_it() {
    let (engine, store) = server();
    put(&store, key("wrapped", State::ACTIVE), Some((Subject::Everyone, OperationCode::GET))).await;
    let mut told = 0;
    for row in rows() {
        let id = format!("{}-told", row.name);
        put(&store, subject(&row, &id, State::ACTIVE), None).await;
        let operator = engine.authenticate(facts(Caller::Operator)).await.unwrap();
        let message = RequestMessage::of_one(ProtocolVersion::V2_1, row.code, (row.request)(&id));
        let mut outcomes = engine.handle_in(&operator, &Standard, message).await.unwrap();
        let Ok(payload) = outcomes.remove(0).result else { continue };
        let bytes = binary::encode(&Ttlv::new(Tag::RESPONSE_PAYLOAD, payload.into_value()));
        // The material of every object here.
        assert!(!bytes.windows(8).any(|window| window == [7; 8]), "{}", row.name);
        told += 1;
    }
    assert!(told >= 6, "{told}");
}

/// What the owner is told of what a caller may do.
async fn explained(engine: &Engine, caller: Caller, operation: OperationCode, id: &str) -> Outcome {
    let groups = caller.groups().iter().map(|group| format!("group:{group}"));
    let request = ExplainRequest {
        unique_identifier: Some(id.into()),
        operation,
        username: std::iter::once(caller.user().to_owned()).chain(groups).collect(),
    };
    let owner = engine.authenticate(facts(Caller::Owner)).await.unwrap();
    let message = RequestMessage::of_one(ProtocolVersion::V2_1, EXPLAIN, request.into_value());
    let mut outcomes = engine.handle_in(&owner, &Standard, message).await.unwrap();
    let payload = outcomes.remove(0).result.unwrap().into_value();
    let response = ExplainResponse::from_value(Tag::RESPONSE_PAYLOAD, payload).unwrap();
    let decides = response.right.last().unwrap();
    assert_eq!(decides.result_status, response.result_status);
    decides.result_reason.map_or(Past, Outcome::of)
}

/// An archived object is recovered before an operation is about it (section 6.1); its attributes and the rights on it
/// are to be had all the same.
#[tokio::test]
async fn only_attributes_and_rights_of_an_archived_object_are_at_hand() {
    let (engine, store) = server();
    put(&store, key("wrapped", State::ACTIVE), Some((Subject::Everyone, OperationCode::GET))).await;
    for row in rows() {
        for (number, state) in STATES.into_iter().enumerate() {
            let id = format!("{}-archived-{state:?}", row.name);
            let archived = subject(&row, &id, state).with::<kinds::ArchiveDate>(DateTime(9));
            put(&store, archived, None).await;
            let expected = match row.by_state[number] {
                Past if !row.archived => Archived,
                otherwise => otherwise,
            };
            assert_eq!(call(&engine, Caller::Owner, &row, &id).await, expected, "{id}");
        }
    }
}

#[test]
fn every_operation_has_a_row() {
    let rows = rows();
    for operation in linked_operations() {
        let code = operation.spec().code;
        let has_row = rows.iter().any(|row| row.code == code);
        let name = operation.name();
        assert_ne!(has_row, NO_OBJECT.contains(&code), "{name} needs a row here, or a place in NO_OBJECT");
    }
}

fn linked_operations() -> impl Iterator<Item = &'static dyn ErasedOperation> {
    linked().into_iter().filter_map(|entry| match entry.kind {
        EntryKind::Operation(operation) => Some(operation),
        _ => None,
    })
}

fn facts(caller: Caller) -> Arc<ConnectionFacts> {
    let mut headers = vec![("user".to_owned(), caller.user().to_owned())];
    headers.extend(caller.groups().iter().map(|group| ("groups".to_owned(), (*group).to_owned())));
    Arc::new(ConnectionFacts { headers, ..ConnectionFacts::internal() })
}

async fn put(store: &MemoryStore, key: RecordBuilder, grant: Option<(Subject, OperationCode)>) {
    let put = key.put();
    let object: ObjectId = put.id.clone();
    let grants = grant.map(|(subject, operation)| Grant { object, subject, operation });
    let change = ChangeSet { puts: vec![put], grants: grants.into_iter().collect(), ..ChangeSet::default() };
    store.apply(change).await.unwrap();
}

async fn call(engine: &Engine, caller: Caller, row: &Row, id: &str) -> Outcome {
    let caller = engine.authenticate(facts(caller)).await.unwrap();
    let message = RequestMessage::of_one(ProtocolVersion::V2_1, row.code, (row.request)(id));
    let mut outcomes = engine.handle_in(&caller, &Standard, message).await.unwrap();
    match outcomes.remove(0).result {
        Ok(_) => Past,
        Err(error) => {
            let outcome = Outcome::of(error.reason());
            let is_malformed = outcome == Past && error.class() == ErrorClass::Malformed;
            assert!(!is_malformed, "the matrix asks {} wrongly: {error}", row.name);
            outcome
        }
    }
}

fn server() -> (Engine, MemoryStore) {
    server_where(ImpliedRights::Exact)
}

fn server_where(implied_rights: ImpliedRights) -> (Engine, MemoryStore) {
    let store = MemoryStore::new();
    let options = EngineOptions {
        authenticators: Authenticators {
            configured: vec![("header".to_owned(), Arc::new(Believing))],
            require_all: true,
            default_user: "admin".to_owned(),
            force_default_user: false,
            operators: vec![Subject::User(OPERATOR.into())],
            creators: Some(CREATORS.iter().filter_map(|name| Subject::named(name)).collect()),
        },
        implied_rights,
        algorithm_policy: AlgorithmPolicy::default(),
        limits: Limits::default(),
        clock: Arc::new(FakeClock::at(1_700_000_000)),
        random: Arc::new(|| Box::new(SystemRandom)),
        audit: Vec::new(),
        required_audit: claviger_engine::RequiredAudit::Nothing,
        observer: None,
    };
    let registry = Registry::from_linked(&RegistryOptions::default()).unwrap();
    (Engine::new(Arc::new(registry), Arc::new(store.clone()), options), store)
}
