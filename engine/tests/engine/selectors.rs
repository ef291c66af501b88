//! Lists of tags in place of identifiers, and operations that go on along links.

use claviger_engine::Caller;
use claviger_plugin_sdk::kmip::attributes::{Link, kinds};
use claviger_plugin_sdk::kmip::objects::ManagedObject;
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::Subject;
use claviger_plugin_sdk::testkit::RecordBuilder;

use crate::support::dialect::Narrow;
use crate::support::operations::RETIRE;
use crate::support::schemes::ENCRYPTS_ALONE;
use crate::support::{Ask, NOW, Setup, Tell, World};

fn key(id: &str) -> RecordBuilder {
    let mask = CryptographicUsageMask::UNRESTRICTED.0 as i32;
    RecordBuilder::new(id).owner("alice").with::<kinds::CryptographicUsageMask>(mask)
}

async fn call(world: &World, caller: &Caller, operation: OperationCode, id: &str) -> Result<Tell> {
    world.call_in(caller, &Narrow, operation, Ask::of(id)).await
}

async fn alice(world: &World, operation: OperationCode, id: &str) -> Result<Tell> {
    call(world, &world.user("alice").await, operation, id).await
}

#[tokio::test]
async fn an_object_must_have_all_tags_of_a_list() {
    let world = World::start();
    world.put(key("a").tag("x")).await;
    world.put(key("b").tag("x").tag("y")).await;
    assert_eq!(alice(&world, OperationCode::GET, "#x#y").await.unwrap().unique_identifier, ["b"]);
    let absent = alice(&world, OperationCode::GET, "#x#z").await.unwrap_err();
    assert_eq!(absent.reason(), ResultReason::OBJECT_NOT_FOUND);
}

#[tokio::test]
async fn a_list_of_tags_does_not_mean_an_archived_object() {
    let world = World::start();
    world.put(key("a").tag("x")).await;
    world.put(key("archived").tag("x").with::<kinds::ArchiveDate>(DateTime(1))).await;
    assert_eq!(alice(&world, OperationCode::GET, "#x").await.unwrap().unique_identifier, ["a"]);
}

#[tokio::test]
async fn one_of_several_is_ambiguous_where_the_dialect_wants_exactly_one() {
    let world = World::start();
    world.put(key("a").tag("x")).await;
    world.put(key("b").tag("x")).await;
    assert_eq!(
        alice(&world, OperationCode::GET, "#x").await.unwrap_err().reason(),
        ResultReason::INVALID_FIELD
    );
}

#[tokio::test]
async fn the_newest_is_taken_where_the_dialect_takes_the_first() {
    let world = World::start();
    world.put(key("a").tag("x")).await;
    world.put(key("b").tag("x")).await;
    assert_eq!(alice(&world, OperationCode::GET_ATTRIBUTES, "#x").await.unwrap().unique_identifier, ["b"]);
}

#[tokio::test]
async fn all_are_taken_where_the_dialect_takes_all() {
    let world = World::start();
    for id in ["a", "b", "c"] {
        world.put(key(id).tag("x")).await;
    }
    world.put(key("gone").tag("x").state(State::DESTROYED)).await;
    assert_eq!(alice(&world, OperationCode::DESTROY, "#x").await.unwrap().unique_identifier, ["c", "b", "a"]);
    let again = alice(&world, OperationCode::DESTROY, "#x").await.unwrap_err();
    assert_eq!(again.reason(), ResultReason::OBJECT_NOT_FOUND);
}

#[tokio::test]
async fn more_than_the_limit_is_refused_whole() {
    let mut setup = Setup::default();
    setup.limits.located_items = 2;
    let world = setup.start();
    for id in ["a", "b", "c"] {
        world.put(key(id).tag("x")).await;
    }
    let refused = alice(&world, OperationCode::DESTROY, "#x").await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
    assert_eq!(world.stored("a").await.unwrap().state_dates().stored, State::ACTIVE);
}

#[tokio::test]
async fn a_list_stands_for_usable_objects_alone() {
    let world = World::start();
    world.put(key("revoked").tag("x").state(State::DEACTIVATED)).await;
    world.put(key("others").tag("x").owner("bob")).await;
    world.put(key("described").tag("x").owner("bob")).await;
    world.put(key("a").tag("x")).await;
    // A right to something else does not count.
    world.grant("described", Subject::User("alice".into()), OperationCode::GET_ATTRIBUTES).await;
    assert_eq!(alice(&world, OperationCode::GET, "#x").await.unwrap().unique_identifier, ["a"]);
}

#[tokio::test]
async fn a_list_stands_for_what_the_restriction_allows() {
    let world = World::start();
    world.put(key("a").tag("x")).await;
    world.put(key("b").tag("x").tag("blue")).await;
    let caller = world.caller(&[("user", "alice"), ("only", "blue")]).await;
    assert_eq!(call(&world, &caller, OperationCode::GET, "#x").await.unwrap().unique_identifier, ["b"]);
}

#[tokio::test]
async fn an_identifier_that_is_none_is_not_found() {
    let world = World::start();
    for id in ["", "with\ncontrol", &"x".repeat(256)] {
        let refused = alice(&world, OperationCode::GET, id).await.unwrap_err();
        assert_eq!(refused.reason(), ResultReason::OBJECT_NOT_FOUND);
    }
}

fn link(link_type: LinkType, to: &str) -> Link {
    Link { link_type, linked_object_identifier: to.into() }
}

/// `private` links to `public`; `child` and `grandchild` name their parents.
async fn family(owner_of_public: &str, owner_of_grandchild: &str) -> World {
    let world = World::start();
    world.put(key("private").with::<kinds::Link>(link(LinkType::PUBLIC_KEY_LINK, "public"))).await;
    let public = key("public").owner(owner_of_public);
    world.put(public.with::<kinds::Link>(link(LinkType::PRIVATE_KEY_LINK, "private"))).await;
    world.put(key("child").with::<kinds::Link>(link(LinkType::PARENT_LINK, "private"))).await;
    let grandchild = key("grandchild").owner(owner_of_grandchild);
    world.put(grandchild.with::<kinds::Link>(link(LinkType::PARENT_LINK, "child"))).await;
    world
}

#[tokio::test]
async fn an_operation_goes_on_along_the_links_of_the_dialect() {
    let world = family("alice", "alice").await;
    let revoked = alice(&world, OperationCode::REVOKE, "private").await.unwrap();
    assert_eq!(revoked.unique_identifier, ["private", "public", "child", "grandchild"]);
    for id in ["private", "public", "child", "grandchild"] {
        assert_eq!(world.stored(id).await.unwrap().state_dates().stored, State::DEACTIVATED, "{id}");
    }
}

#[tokio::test]
async fn an_operation_does_not_go_on_without_a_dialect_that_wants_it() {
    let world = family("alice", "alice").await;
    let revoked = world.call("alice", OperationCode::REVOKE, Ask::of("private")).await.unwrap();
    assert_eq!(revoked.unique_identifier, ["private"]);
}

#[tokio::test]
async fn nothing_is_done_when_the_caller_lacks_the_right_on_one_linked_object() {
    let world = family("bob", "alice").await;
    let refused = alice(&world, OperationCode::REVOKE, "private").await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::OBJECT_NOT_FOUND);
    for id in ["private", "public", "child", "grandchild"] {
        assert_eq!(world.stored(id).await.unwrap().state_dates().stored, State::ACTIVE, "{id}");
    }
}

#[tokio::test]
async fn what_names_an_object_as_its_parent_goes_along_whoever_owns_it() {
    let world = family("alice", "bob").await;
    let revoked = alice(&world, OperationCode::REVOKE, "private").await.unwrap();
    assert_eq!(revoked.unique_identifier, ["private", "public", "child", "grandchild"]);
    let other = alice(&world, OperationCode::REVOKE, "grandchild").await.unwrap_err();
    assert_eq!(other.reason(), ResultReason::OBJECT_NOT_FOUND);
}

#[tokio::test]
async fn nobody_hinders_an_operation_by_naming_a_parent() {
    let world = family("alice", "alice").await;
    let other = key("other").owner("mallory").with::<kinds::Link>(link(LinkType::PARENT_LINK, "private"));
    let mut other = other.build();
    other.object.key_block_mut().unwrap().cryptographic_algorithm = Some(CryptographicAlgorithm::DES);
    world.put_record(other).await;
    let revoked = alice(&world, OperationCode::REVOKE, "private").await.unwrap();
    assert_eq!(revoked.unique_identifier, ["private", "public", "child", "grandchild"]);
}

/// Or else who may issue large ones, or has issued many before, would keep the owner from revoking the parent.
#[tokio::test]
async fn neither_large_children_nor_many_that_are_destroyed_keep_a_parent_from_being_revoked() {
    let mut setup = crate::support::Setup::default();
    setup.limits.linked_bytes = 100;
    setup.limits.linked_objects = 2;
    let world = setup.start();
    world.put(key("private")).await;
    for (id, state) in [
        ("one", State::ACTIVE),
        ("two", State::ACTIVE),
        ("three", State::DESTROYED),
        ("four", State::DESTROYED),
    ] {
        let child = key(id).owner("bob").state(state);
        world.put(child.with::<kinds::Link>(link(LinkType::PARENT_LINK, "private"))).await;
    }
    let revoked = alice(&world, OperationCode::REVOKE, "private").await.unwrap();
    assert_eq!(revoked.unique_identifier, ["private", "two", "one"]);
    for id in ["private", "one", "two"] {
        assert_eq!(world.stored(id).await.unwrap().state_dates().stored, State::DEACTIVATED, "{id}");
    }
}

/// A key of bob's that names `private`, which is alice's, as its parent.
fn of_bob(id: &str) -> RecordBuilder {
    key(id).owner("bob").with::<kinds::Link>(link(LinkType::PARENT_LINK, "private"))
}

#[tokio::test]
async fn a_child_that_its_owner_archives_does_not_keep_the_parent_from_being_revoked() {
    let world = World::start();
    world.put(key("private")).await;
    world.put(of_bob("archived").with::<kinds::ArchiveDate>(DateTime(1))).await;
    let revoked = alice(&world, OperationCode::REVOKE, "private").await.unwrap();
    assert_eq!(revoked.unique_identifier, ["private", "archived"]);
    assert_eq!(world.stored("archived").await.unwrap().state_dates().stored, State::DEACTIVATED);
    // Named by itself it is recovered first.
    world.put(key("own").with::<kinds::ArchiveDate>(DateTime(1))).await;
    let refused = alice(&world, OperationCode::REVOKE, "own").await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::OBJECT_ARCHIVED);
}

#[tokio::test]
async fn a_restriction_that_allows_the_parent_allows_its_children() {
    let world = World::start();
    world.put(key("private").tag("blue")).await;
    world.put(of_bob("other")).await;
    world.put(key("apart")).await;
    let caller = world.caller(&[("user", "alice"), ("only", "blue")]).await;
    let revoked = call(&world, &caller, OperationCode::REVOKE, "private").await.unwrap();
    assert_eq!(revoked.unique_identifier, ["private", "other"]);
    let refused = call(&world, &caller, OperationCode::REVOKE, "apart").await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::PERMISSION_DENIED);
}

#[tokio::test]
async fn other_links_of_a_child_lead_nowhere() {
    let world = World::start();
    world.put(key("private")).await;
    world.put(key("bobs").owner("bob")).await;
    world.put(key("alices")).await;
    for (id, to) in [("to his own", "bobs"), ("to hers", "alices")] {
        let mut child = of_bob(id).build();
        child.attributes.push::<kinds::Link>(link(LinkType::PUBLIC_KEY_LINK, to));
        world.put_record(child).await;
    }
    let revoked = alice(&world, OperationCode::REVOKE, "private").await.unwrap();
    assert_eq!(revoked.unique_identifier, ["private", "to hers", "to his own"]);
    for id in ["bobs", "alices"] {
        assert_eq!(world.stored(id).await.unwrap().state_dates().stored, State::ACTIVE, "{id}");
    }
}

#[tokio::test]
async fn what_belongs_to_a_parent_goes_along_in_states_in_which_nobody_may_name_it() {
    let world = World::start();
    world.put(key("private").with::<kinds::Link>(link(LinkType::PUBLIC_KEY_LINK, "public"))).await;
    let waiting = |key: RecordBuilder| {
        key.state(State::PRE_ACTIVE).with::<kinds::ActivationDate>(DateTime(NOW + 1_000))
    };
    world.put(waiting(key("public"))).await;
    world.put(waiting(of_bob("new"))).await;
    world.put(of_bob("revoked").state(State::COMPROMISED)).await;
    let refused = alice(&world, RETIRE, "public").await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
    let retired = alice(&world, RETIRE, "private").await.unwrap();
    assert_eq!(retired.unique_identifier, ["private", "public", "new"]);
    assert_eq!(world.stored("revoked").await.unwrap().state_dates().stored, State::COMPROMISED);
}

#[tokio::test]
async fn a_child_of_a_type_that_the_operation_does_not_know_is_passed_over() {
    let world = World::start();
    world.put(key("private")).await;
    let mut other = of_bob("other").build();
    let ManagedObject::SymmetricKey(block) = other.object else { panic!() };
    other.object = ManagedObject::PublicKey(block);
    other.attributes.put::<kinds::ObjectType>(ObjectType::PUBLIC_KEY);
    world.put_record(other).await;
    assert_eq!(alice(&world, RETIRE, "private").await.unwrap().unique_identifier, ["private"]);
}

#[tokio::test]
async fn a_list_does_not_stand_for_keys_that_are_not_for_the_operation() {
    let world = World::start();
    world.put(key("old").tag("x")).await;
    for id in ["a", "b", "c"] {
        world.put(key(id).tag("x").with::<kinds::Comment>(ENCRYPTS_ALONE.into())).await;
    }
    assert_eq!(alice(&world, OperationCode::DECRYPT, "#x").await.unwrap().unique_identifier, ["old"]);
    let ambiguous = alice(&world, OperationCode::ENCRYPT, "#x").await.unwrap_err();
    assert_eq!(ambiguous.reason(), ResultReason::INVALID_FIELD);
    let refused = alice(&world, OperationCode::DECRYPT, "a").await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK);
}

#[tokio::test]
async fn linked_objects_that_are_gone_or_not_usable_are_passed_over() {
    let world = World::start();
    world.put(key("private").with::<kinds::Link>(link(LinkType::PUBLIC_KEY_LINK, "absent"))).await;
    let child = key("child").state(State::DESTROYED);
    world.put(child.with::<kinds::Link>(link(LinkType::PARENT_LINK, "private"))).await;
    let revoked = alice(&world, OperationCode::REVOKE, "private").await.unwrap();
    assert_eq!(revoked.unique_identifier, ["private"]);
}
