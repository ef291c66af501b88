//! A handler that does more than its operation declares.

use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::{GrantQuery, ObjectStore};
use claviger_plugin_sdk::testkit::RecordBuilder;

use crate::support::operations::{
    CHANGES, CHANGES_OWNER, CREATES, GRANTS, GRANTS_AND_CHANGES, REVEALS_MATERIAL, SEARCHES_EVERYWHERE,
    USES_MATERIAL, WRITES_NOTE,
};
use crate::support::{Ask, World};

async fn fails_and_writes_nothing(operation: OperationCode, ask: Ask) {
    let world = World::start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    let before = world.stored("k").await;
    assert_eq!(world.failure("alice", operation, ask).await, ResultReason::INTERNAL_SERVER_ERROR);
    assert_eq!(world.stored("k").await, before);
    assert_eq!(world.stored("new").await, None);
    let id = before.unwrap().id;
    assert!(world.store.grants(&GrantQuery::Object(id)).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_undeclared_new_object_fails_the_item() {
    fails_and_writes_nothing(CREATES, Ask::of("new")).await;
}

#[tokio::test]
async fn an_undeclared_change_fails_the_item() {
    fails_and_writes_nothing(CHANGES, Ask::of("k")).await;
}

#[tokio::test]
async fn an_undeclared_grant_fails_the_item() {
    fails_and_writes_nothing(GRANTS, Ask::of("k").comment("bob")).await;
}

#[tokio::test]
async fn an_undeclared_change_of_owner_fails_the_item() {
    fails_and_writes_nothing(CHANGES_OWNER, Ask::of("k")).await;
}

#[tokio::test]
async fn an_operation_for_everybody_does_not_search_what_others_own() {
    fails_and_writes_nothing(SEARCHES_EVERYWHERE, Ask::NOTHING).await;
}

#[tokio::test]
async fn an_undeclared_document_fails_the_item() {
    fails_and_writes_nothing(WRITES_NOTE, Ask::NOTHING.data(b"n").comment("x")).await;
    let world = World::start();
    world.failure("alice", WRITES_NOTE, Ask::NOTHING.data(b"n").comment("x")).await;
    assert_eq!(world.store.document("note", "n").await.unwrap(), None);
}

#[tokio::test]
async fn a_declared_effect_does_not_excuse_an_undeclared_one() {
    fails_and_writes_nothing(GRANTS_AND_CHANGES, Ask::of("k").comment("bob")).await;
}

#[tokio::test]
async fn undeclared_use_of_material_fails_the_item() {
    fails_and_writes_nothing(USES_MATERIAL, Ask::of("k")).await;
}

#[tokio::test]
async fn declared_use_of_material_does_not_let_it_leave() {
    fails_and_writes_nothing(REVEALS_MATERIAL, Ask::of("k")).await;
}

#[tokio::test]
async fn material_that_must_not_leave_is_not_revealed() {
    use claviger_plugin_sdk::kmip::attributes::kinds;
    let world = World::start();
    world.put(RecordBuilder::new("sensitive").owner("alice").with::<kinds::Sensitive>(true)).await;
    world.put(RecordBuilder::new("kept").owner("alice").with::<kinds::Extractable>(false)).await;
    assert_eq!(
        world.failure("alice", OperationCode::GET, Ask::of("sensitive")).await,
        ResultReason::SENSITIVE
    );
    assert_eq!(
        world.failure("alice", OperationCode::GET, Ask::of("kept")).await,
        ResultReason::NOT_EXTRACTABLE
    );
}

#[tokio::test]
async fn a_tag_that_a_policy_refuses_fails_the_change() {
    use crate::support::tags::tagged;
    let world = World::start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    let ask = Ask::of("k").attributes(tagged(&["_key2"]));
    assert_eq!(world.failure("alice", OperationCode::SET_ATTRIBUTE, ask).await, ResultReason::INVALID_FIELD);
    let ask = Ask::of("new").attributes(tagged(&["_key2"]));
    assert_eq!(world.failure("alice", OperationCode::CREATE, ask).await, ResultReason::INVALID_FIELD);
    assert_eq!(world.stored("new").await, None);
}

#[tokio::test]
async fn a_new_object_has_the_attributes_that_the_server_gives() {
    use claviger_plugin_sdk::kmip::attributes::kinds;
    let world = World::start();
    let mut told = world.call("alice", OperationCode::CREATE, Ask::NOTHING).await.unwrap();
    let id = told.unique_identifier.remove(0);
    let record = world.stored(&id).await.unwrap();
    assert_eq!(&*record.owner, "alice");
    let attributes = record.attributes;
    assert_eq!(attributes.one::<kinds::UniqueIdentifier>(), Some(UniqueIdentifier::Text(id.clone())));
    assert_eq!(attributes.one::<kinds::InitialDate>(), Some(DateTime(crate::support::NOW)));
    assert_eq!(attributes.one::<kinds::LastChangeDate>(), Some(DateTime(crate::support::NOW)));
    // A UUID of version 4 and the variant of RFC 9562.
    assert_eq!((id.len(), &id[14..15]), (36, "4"));
    assert!("89ab".contains(&id[19..20]), "{id}");
}
