//! Objects that become children of others while something happens to these.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use claviger_plugin_sdk::prelude::*;

use crate::dependents::{child, family, naming};
use crate::support::dialect::Narrow;
use crate::support::operations::RENEWS;
use crate::support::{Ask, World};

/// Who makes an object a child of `parent`, and how: a new one, one that he has, and one that was not in use any more and is
/// replaced.
fn joining() -> [(&'static str, OperationCode, Ask); 3] {
    let to_be_child = |id: &str| Ask::of(id).attributes(naming("parent"));
    [
        ("alice", OperationCode::REGISTER, to_be_child("late")),
        ("alice", OperationCode::SET_ATTRIBUTE, to_be_child("other")),
        ("bob", OperationCode::IMPORT, to_be_child("revoked")),
    ]
}

#[tokio::test]
async fn a_child_that_comes_while_something_happens_to_its_parent_is_not_missed() {
    for meanwhile in [RENEWS, OperationCode::REVOKE] {
        for (user, operation, ask) in joining() {
            let world = Arc::new(family().await);
            let stop = world.store.stop_after_find();
            let happening = tokio::spawn({
                let world = world.clone();
                let alice = world.user("alice").await;
                async move { world.call_in(&alice, &Narrow, meanwhile, Ask::of("parent")).await }
            });
            stop.is_reached().await;
            let joined = world.call(user, operation, ask).await.unwrap().unique_identifier;
            stop.let_go();
            let reached = happening.await.unwrap().unwrap().unique_identifier;
            assert!(reached.contains(&joined[0]), "{operation:?}: {reached:?}");
            let child = world.stored(&joined[0]).await.unwrap();
            match meanwhile {
                RENEWS => assert!(child.attributes.contains(Tag::COMMENT), "{operation:?}"),
                _ => assert_eq!(child.state_dates().stored, State::DEACTIVATED, "{operation:?}"),
            }
        }
    }
}

#[tokio::test]
async fn who_becomes_a_child_looks_again_when_something_happened_to_the_parent() {
    let world = Arc::new(family().await);
    let stop = world.store.stop_after_get();
    let joining = tokio::spawn({
        let world = world.clone();
        let ask = Ask::NOTHING.attributes(naming("parent"));
        async move { world.call("alice", OperationCode::REGISTER, ask).await }
    });
    stop.is_reached().await;
    world.call("alice", RENEWS, Ask::of("parent")).await.unwrap();
    let applies = world.store.applies.load(Ordering::SeqCst);
    stop.let_go();
    joining.await.unwrap().unwrap();
    let tries = world.store.applies.load(Ordering::SeqCst) - applies;
    assert_eq!(tries, 2, "overtaken, and done again");
    let parent = world.stored("parent").await.unwrap();
    assert!(parent.attributes.contains(Tag::COMMENT), "what the other did stays");
}

#[tokio::test]
async fn nothing_is_seen_at_a_parent_of_its_children() {
    for (user, operation, ask) in joining() {
        let world = family().await;
        let before = world.stored("parent").await.unwrap().to_bytes();
        world.call(user, operation, ask).await.unwrap();
        assert_eq!(world.stored("parent").await.unwrap().to_bytes(), before, "{operation:?}");
    }
}

#[tokio::test]
async fn a_child_is_not_kept_from_being_replaced_by_its_parent_that_is_gone() {
    let world = World::start();
    world.put(child("orphan", "bob").state(State::DEACTIVATED)).await;
    let ask = Ask::of("orphan").attributes(naming("parent"));
    world.call("bob", OperationCode::IMPORT, ask).await.unwrap();
    assert!(world.stored("orphan").await.unwrap().attributes.contains(Tag::LINK));
}
