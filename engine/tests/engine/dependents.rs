//! Objects that change with another one, as a scheme has it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use claviger_plugin_sdk::kmip::attributes::{Attributes, Link, kinds};
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::Subject;
use claviger_plugin_sdk::testkit::RecordBuilder;

use crate::support::operations::{ISSUES, RENEWS, RENEWS_UNDECLARED, RENEWS_UNNAMED};
use crate::support::world::{item, message};
use crate::support::{Ask, World};

pub(crate) fn child(id: &str, owner: &str) -> RecordBuilder {
    let link = Link { link_type: LinkType::PARENT_LINK, linked_object_identifier: "parent".into() };
    RecordBuilder::new(id).owner(owner).with::<kinds::Link>(link)
}

/// A parent of alice's with children of several owners, one of them not activated yet and one revoked, and one that is not its
/// own.
pub(crate) async fn family() -> World {
    let world = World::start();
    world.put(RecordBuilder::new("parent").owner("alice")).await;
    world.put(child("hers", "alice")).await;
    world.put(child("his", "bob")).await;
    world.put(child("revoked", "bob").state(State::DEACTIVATED)).await;
    world.put(child("new", "bob").state(State::PRE_ACTIVE)).await;
    world.put(RecordBuilder::new("other").owner("alice")).await;
    world
}

async fn renewed(world: &World) -> Vec<&'static str> {
    renewed_of(world, &["parent", "hers", "his", "new", "revoked", "other"]).await
}

async fn renewed_of(world: &World, ids: &[&'static str]) -> Vec<&'static str> {
    let mut renewed = Vec::new();
    for id in ids.iter().copied() {
        if world.stored(id).await.unwrap().attributes.one::<kinds::Comment>().is_some() {
            renewed.push(id);
        }
    }
    renewed
}

#[tokio::test]
async fn dependents_that_are_in_use_or_will_be_change_with_their_parent_whoever_owns_them() {
    let world = family().await;
    let told = world.call("alice", RENEWS, Ask::of("parent")).await.unwrap();
    assert_eq!(told.unique_identifier, ["parent", "new", "his", "hers"]);
    assert_eq!(renewed(&world).await, ["parent", "hers", "his", "new"]);
    assert_eq!(&*world.stored("his").await.unwrap().owner, "bob");
    assert_eq!(world.store.applies.load(Ordering::SeqCst), 7, "six to begin with, and one change set");
}

/// More than a search gives at once.
#[tokio::test]
async fn hundreds_of_dependents_change_with_their_parent_in_one_change_set() {
    const CHILDREN: usize = 1203;
    let world = World::start();
    world.put(RecordBuilder::new("parent").owner("alice")).await;
    for place in 0..CHILDREN {
        world.put(child(&format!("child {place}"), if place % 2 == 0 { "alice" } else { "bob" })).await;
    }
    let before = world.store.applies.load(Ordering::SeqCst);
    let told = world.call("alice", RENEWS, Ask::of("parent")).await.unwrap();
    let told: BTreeSet<_> = told.unique_identifier.into_iter().collect();
    assert_eq!(told.len(), 1 + CHILDREN);
    for id in &told {
        assert!(world.stored(id).await.unwrap().attributes.contains(Tag::COMMENT), "{id}");
    }
    assert_eq!(world.store.applies.load(Ordering::SeqCst), before + 1);
}

#[tokio::test]
async fn more_dependents_than_one_change_may_reach_are_refused_whole() {
    for (objects, bytes, is_enough) in [(2, 4096, true), (1, 4096, false), (2, 100, false)] {
        let mut setup = crate::support::Setup::default();
        setup.limits.linked_objects = objects;
        setup.limits.linked_bytes = bytes;
        let world = setup.start();
        world.put(RecordBuilder::new("parent").owner("alice")).await;
        for (id, owner) in [("hers", "alice"), ("his", "bob")] {
            world.put(child(id, owner)).await;
        }
        let told = world.call("alice", RENEWS, Ask::of("parent")).await;
        match is_enough {
            true => assert_eq!(told.unwrap().unique_identifier.len(), 3),
            false => {
                let refused = told.unwrap_err();
                assert_eq!(refused.reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
                assert!(refused.message().contains("too much for one change"), "{}", refused.message());
                assert!(renewed_of(&world, &["parent", "hers", "his"]).await.is_empty());
            }
        }
    }
}

#[tokio::test]
async fn of_large_dependents_no_more_are_read_than_it_takes_to_see_that_they_are_too_many() {
    const BODY: usize = 64 << 10;
    for (narrow, wide) in [(0, 100), (3, 100)] {
        let mut setup = crate::support::Setup::default();
        setup.limits.linked_bytes = 20 * BODY;
        let world = setup.start();
        world.put(RecordBuilder::new("parent").owner("alice")).await;
        for place in 0..wide {
            let comment = "x".repeat(BODY);
            world.put(child(&format!("wide {place}"), "bob").with::<kinds::Comment>(comment)).await;
        }
        // The newest are found first.
        for place in 0..narrow {
            world.put(child(&format!("narrow {place}"), "bob")).await;
        }
        let refused = world.call("alice", RENEWS, Ask::of("parent")).await.unwrap_err();
        assert_eq!(refused.reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
        let found = world.store.found_bytes.load(Ordering::SeqCst);
        assert!(found > 20 * BODY && found < 23 * BODY, "{found} bytes");
    }
}

#[tokio::test]
async fn who_may_do_it_with_a_child_may_not_do_it_with_its_parent() {
    let world = family().await;
    assert_eq!(world.failure("bob", RENEWS, Ask::of("parent")).await, ResultReason::OBJECT_NOT_FOUND);
    world.grant("parent", Subject::User("carol".into()), OperationCode::GET).await;
    assert_eq!(world.failure("carol", RENEWS, Ask::of("parent")).await, ResultReason::PERMISSION_DENIED);
    assert!(renewed(&world).await.is_empty());
}

#[tokio::test]
async fn all_that_changed_is_in_the_audit_record_and_what_there_is_to_say_in_the_result_message() {
    let world = family().await;
    let outcome = world.send(message(vec![item(RENEWS, Ask::of("parent"))])).await.unwrap().remove(0);
    assert_eq!(outcome.remark.as_deref(), Some("4 renewed"));
    let record = world.audit.take().remove(0);
    let mut objects: Vec<&str> = record.objects.iter().map(|id| id.as_str()).collect();
    objects.sort_unstable();
    assert_eq!(objects, ["hers", "his", "new", "parent"]);
}

#[tokio::test]
async fn an_overtaken_change_is_done_again_with_all_of_them() {
    let world = family().await;
    world.store.conflicts.store(2, Ordering::SeqCst);
    let told = world.call("alice", RENEWS, Ask::of("parent")).await.unwrap();
    assert_eq!(told.unique_identifier.len(), 4);
    assert_eq!(renewed(&world).await, ["parent", "hers", "his", "new"]);
}

#[tokio::test]
async fn nothing_is_written_when_another_writer_is_always_faster() {
    let mut setup = crate::support::Setup::default();
    setup.limits.retry_for = std::time::Duration::from_millis(20);
    let world = setup.start();
    world.put(RecordBuilder::new("parent").owner("alice")).await;
    world.put(child("hers", "alice")).await;
    world.store.conflicts.store(usize::MAX, Ordering::SeqCst);
    assert_eq!(world.failure("alice", RENEWS, Ask::of("parent")).await, ResultReason::GENERAL_FAILURE);
    for id in ["parent", "hers"] {
        assert!(!world.stored(id).await.unwrap().attributes.contains(Tag::COMMENT));
    }
}

#[tokio::test]
async fn a_handler_that_declares_no_scheme_or_changes_what_that_did_not_name_fails() {
    let world = family().await;
    for operation in [RENEWS_UNDECLARED, RENEWS_UNNAMED] {
        let failed = world.failure("alice", operation, Ask::of("parent")).await;
        assert_eq!(failed, ResultReason::INTERNAL_SERVER_ERROR);
    }
    assert!(renewed(&world).await.is_empty());
}

#[tokio::test]
async fn what_is_made_from_an_object_is_not_made_from_one_that_was_changed_meanwhile() {
    for meanwhile in [OperationCode::REVOKE, RENEWS] {
        let world = Arc::new(family().await);
        let stop = world.store.stop_after_get();
        let issuing = tokio::spawn({
            let world = world.clone();
            async move { world.call("alice", ISSUES, Ask::of("parent")).await }
        });
        stop.is_reached().await;
        world.call("alice", meanwhile, Ask::of("parent")).await.unwrap();
        let applies = world.store.applies.load(Ordering::SeqCst);
        stop.let_go();
        let issued = issuing.await.unwrap();
        let tries = world.store.applies.load(Ordering::SeqCst) - applies;
        if meanwhile == RENEWS {
            assert_eq!((issued.unwrap().unique_identifier.len(), tries), (1, 2), "overtaken, and done again");
        } else {
            assert_eq!(issued.unwrap_err().reason(), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
        }
    }
}

pub(crate) fn naming(parent: &str) -> Attributes {
    let mut attributes = Attributes::new();
    let link = Link { link_type: LinkType::PARENT_LINK, linked_object_identifier: parent.into() };
    attributes.push::<kinds::Link>(link);
    attributes
}

#[tokio::test]
async fn nobody_names_a_parent_that_he_might_not_get() {
    let world = family().await;
    for (user, right) in [("carol", OperationCode::ENCRYPT), ("dave", OperationCode::GET)] {
        world.grant("parent", Subject::User(user.into()), right).await;
    }
    let not_allowed = [
        ("erin", Some(ResultReason::OBJECT_NOT_FOUND)),
        ("carol", Some(ResultReason::PERMISSION_DENIED)),
        ("dave", None),
    ];
    for (user, expected) in not_allowed {
        let own = format!("{user}s");
        world.put(RecordBuilder::new(&own).owner(user)).await;
        let made = (OperationCode::REGISTER, Ask::NOTHING.attributes(naming("parent")));
        let changed = (OperationCode::SET_ATTRIBUTE, Ask::of(own).attributes(naming("parent")));
        for (operation, ask) in [made, changed] {
            let answer = world.call(user, operation, ask).await;
            assert_eq!(answer.err().map(|refused| refused.reason()), expected, "{user}, {operation:?}");
        }
    }
    let told = world.call("alice", RENEWS, Ask::of("parent")).await.unwrap();
    assert_eq!(told.unique_identifier.len(), 6, "the four of the family, and those of dave");
}

#[tokio::test]
async fn a_parent_that_there_is_not_is_named_by_nobody() {
    let world = World::start();
    let ask = Ask::NOTHING.attributes(naming("absent"));
    assert_eq!(world.failure("alice", OperationCode::REGISTER, ask).await, ResultReason::OBJECT_NOT_FOUND);
}

#[tokio::test]
async fn a_parent_that_an_object_has_already_is_no_matter_when_it_changes() {
    let world = family().await;
    let ask = Ask::of("his").comment("changed");
    world.call("bob", OperationCode::SET_ATTRIBUTE, ask).await.unwrap();
}

#[tokio::test]
async fn what_is_of_another_algorithm_does_not_depend_on_an_object() {
    let world = family().await;
    let mut other = child("des", "alice").build();
    other.attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::DES);
    other.object.key_block_mut().unwrap().cryptographic_algorithm = Some(CryptographicAlgorithm::DES);
    world.put_record(other).await;
    let told = world.call("alice", RENEWS, Ask::of("parent")).await.unwrap();
    assert_eq!(told.unique_identifier, ["parent", "new", "his", "hers"]);
}
