//! Who may do what with an object, and when.

use claviger_engine::ImpliedRights;
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::Subject;
use claviger_plugin_sdk::testkit::RecordBuilder;

use crate::support::dialect::Narrow;
use crate::support::operations::{OWNER, PURGE};
use crate::support::tags::tagged;
use crate::support::world::{item, message};
use crate::support::{Ask, NOW, Setup, World};

fn user(name: &str) -> Subject {
    Subject::User(name.into())
}

fn mask(bits: CryptographicUsageMask) -> i32 {
    bits.0 as i32
}

async fn with_key() -> World {
    let world = World::start();
    world.put(key("k")).await;
    world
}

fn key(id: &str) -> RecordBuilder {
    let both = CryptographicUsageMask::ENCRYPT.0 | CryptographicUsageMask::DECRYPT.0;
    RecordBuilder::new(id).owner("alice").with::<kinds::CryptographicUsageMask>(both as i32)
}

#[tokio::test]
async fn the_owner_may_do_everything() {
    let world = with_key().await;
    for operation in [OperationCode::GET, OperationCode::ENCRYPT, OWNER, OperationCode::REVOKE, PURGE] {
        assert!(world.call("alice", operation, Ask::of("k")).await.is_ok(), "{operation:?}");
    }
}

#[tokio::test]
async fn without_any_right_an_object_is_as_absent_as_one_that_does_not_exist() {
    let world = with_key().await;
    for operation in [OperationCode::GET, OperationCode::ENCRYPT, OWNER, OperationCode::DESTROY] {
        let hidden = world.call("bob", operation, Ask::of("k")).await.unwrap_err();
        let absent = world.call("bob", operation, Ask::of("j")).await.unwrap_err();
        assert_eq!(hidden.reason(), ResultReason::OBJECT_NOT_FOUND);
        assert_eq!(hidden.reason(), absent.reason());
        assert_eq!(hidden.message().replace('k', "j"), absent.message().replace('k', "j"));
        assert!(hidden.subject().is_none());
    }
}

#[tokio::test]
async fn with_another_right_permission_is_denied() {
    let world = with_key().await;
    world.grant("k", user("bob"), OperationCode::ENCRYPT).await;
    assert!(world.call("bob", OperationCode::ENCRYPT, Ask::of("k")).await.is_ok());
    for operation in [OperationCode::GET, OperationCode::DECRYPT, OWNER, OperationCode::GET_ATTRIBUTES] {
        let reason = world.failure("bob", operation, Ask::of("k")).await;
        assert_eq!(reason, ResultReason::PERMISSION_DENIED, "{operation:?}");
    }
}

#[tokio::test]
async fn a_group_or_everyone_may_hold_a_grant() {
    let world = with_key().await;
    world.put(key("public")).await;
    world.grant("k", Subject::Group("team".into()), OperationCode::ENCRYPT).await;
    world.grant("public", Subject::Everyone, OperationCode::ENCRYPT).await;
    let member = world.caller(&[("user", "bob"), ("groups", "other,team")]).await;
    assert!(world.call_in(&member, &Standard, OperationCode::ENCRYPT, Ask::of("k")).await.is_ok());
    assert_eq!(
        world.failure("carol", OperationCode::ENCRYPT, Ask::of("k")).await,
        ResultReason::OBJECT_NOT_FOUND
    );
    assert!(world.call("carol", OperationCode::ENCRYPT, Ask::of("public")).await.is_ok());
    // A user with the name of the group is not the group.
    let namesake = world.failure("team", OperationCode::ENCRYPT, Ask::of("k")).await;
    assert_eq!(namesake, ResultReason::OBJECT_NOT_FOUND);
}

#[tokio::test]
async fn nobody_but_the_owner_may_do_what_is_for_owners() {
    let world = with_key().await;
    world.grant("k", user("bob"), OWNER).await;
    assert_eq!(world.failure("bob", OWNER, Ask::of("k")).await, ResultReason::PERMISSION_DENIED);
}

#[tokio::test]
async fn get_lets_attributes_be_read_and_implies_use_only_where_it_is_configured() {
    for (implied_rights, use_is_implied) in
        [(ImpliedRights::Exact, false), (ImpliedRights::GetImpliesUse, true)]
    {
        let world = Setup { implied_rights, ..Setup::default() }.start();
        world.put(key("k")).await;
        world.grant("k", user("bob"), OperationCode::GET).await;
        assert!(world.call("bob", OperationCode::GET, Ask::of("k")).await.is_ok());
        assert!(world.call("bob", OperationCode::GET_ATTRIBUTES, Ask::of("k")).await.is_ok());
        assert_eq!(world.call("bob", OperationCode::ENCRYPT, Ask::of("k")).await.is_ok(), use_is_implied);
        // Nothing implies the right to destroy.
        let reason = world.failure("bob", OperationCode::DESTROY, Ask::of("k")).await;
        assert_eq!(reason, ResultReason::PERMISSION_DENIED);
    }
}

#[tokio::test]
async fn a_restriction_narrows_what_its_principal_may_do() {
    let world = World::start();
    world.put(key("in").tag("blue")).await;
    world.put(key("out")).await;
    let caller = world.caller(&[("user", "alice"), ("only", "blue")]).await;
    let call = |operation, id: &str| world.call_in(&caller, &Standard, operation, Ask::of(id));
    assert!(call(OperationCode::GET, "in").await.is_ok());
    assert_eq!(call(OperationCode::GET, "out").await.unwrap_err().reason(), ResultReason::PERMISSION_DENIED);
    assert_eq!(
        call(OperationCode::DESTROY, "in").await.unwrap_err().reason(),
        ResultReason::PERMISSION_DENIED
    );
    let found = world.call_in(&caller, &Standard, OperationCode::LOCATE, Ask::NOTHING).await.unwrap();
    assert_eq!(found.unique_identifier, ["in"]);
}

#[tokio::test]
async fn a_restriction_holds_for_what_is_made_and_for_what_is_on_no_object() {
    let world = World::start();
    let caller = world.caller(&[("user", "alice"), ("only", "blue")]).await;
    let call = |operation, ask| world.call_in(&caller, &Standard, operation, ask);
    let denied = ResultReason::PERMISSION_DENIED;
    let in_blue = Ask::of("in").attributes(tagged(&["blue"]));
    assert!(call(OperationCode::CREATE, in_blue).await.is_ok());
    let in_red = Ask::of("out").attributes(tagged(&["red"]));
    assert_eq!(call(OperationCode::CREATE, in_red).await.unwrap_err().reason(), denied);
    // Nothing was made.
    let reason = world.failure("alice", OperationCode::GET, Ask::of("out")).await;
    assert_eq!(reason, ResultReason::OBJECT_NOT_FOUND);
    assert_eq!(call(OperationCode::RNG_RETRIEVE, Ask::NOTHING).await.unwrap_err().reason(), denied);
    // A search that finds nothing is one of objects.
    assert!(call(OperationCode::LOCATE, Ask::NOTHING).await.is_ok());
}

#[tokio::test]
async fn a_proof_that_no_longer_holds_lets_no_message_in() {
    let world = World::start();
    world.put(key("k").tag("spent")).await;
    let caller = world.caller(&[("user", "alice"), ("only", "spent")]).await;
    let message = message(vec![item(OperationCode::GET, Ask::of("k"))]);
    let refused = world.engine.handle_in(&caller, &Standard, message).await.map(drop).unwrap_err();
    assert_eq!(refused.reason(), ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
}

#[tokio::test]
async fn a_restriction_widens_nothing() {
    let world = World::start();
    world.put(key("k").tag("blue")).await;
    let caller = world.caller(&[("user", "bob"), ("only", "blue")]).await;
    let refused = world.call_in(&caller, &Standard, OperationCode::GET, Ask::of("k")).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::OBJECT_NOT_FOUND);
}

#[tokio::test]
async fn states_follow_the_clock() {
    let world = World::start();
    let key = key("k")
        .state(State::PRE_ACTIVE)
        .with::<kinds::ActivationDate>(DateTime(NOW + 10))
        .with::<kinds::DeactivationDate>(DateTime(NOW + 20));
    world.put(key).await;
    let encrypt = || world.call("alice", OperationCode::ENCRYPT, Ask::of("k").data(b"x"));
    let decrypt = || world.call("alice", OperationCode::DECRYPT, Ask::of("k").data(b"x"));
    let wrong = ResultReason::WRONG_KEY_LIFECYCLE_STATE;

    assert_eq!(encrypt().await.unwrap_err().reason(), wrong);
    assert_eq!(decrypt().await.unwrap_err().reason(), wrong);
    world.clock.advance(9);
    assert_eq!(encrypt().await.unwrap_err().reason(), wrong);
    world.clock.advance(1);
    assert!(encrypt().await.is_ok() && decrypt().await.is_ok());
    world.clock.advance(9);
    assert!(encrypt().await.is_ok());
    world.clock.advance(1);
    assert_eq!(encrypt().await.unwrap_err().reason(), wrong);
    assert!(decrypt().await.is_ok());
}

#[tokio::test]
async fn a_state_that_time_brought_is_written_with_the_next_change() {
    let world = World::start();
    world.put(key("k").state(State::PRE_ACTIVE).with::<kinds::ActivationDate>(DateTime(NOW + 10))).await;
    world.clock.advance(10);
    world.call("alice", OperationCode::SET_ATTRIBUTE, Ask::of("k").comment("hello")).await.unwrap();
    let attributes = world.stored("k").await.unwrap().attributes;
    assert_eq!(attributes.one::<kinds::State>(), Some(State::ACTIVE));
    assert_eq!(attributes.one::<kinds::LastChangeDate>(), Some(DateTime(NOW + 10)));
}

#[tokio::test]
async fn a_destroyed_object_says_so_to_whoever_may_know_of_it() {
    let world = World::start();
    world.put(key("k").state(State::DESTROYED)).await;
    world.grant("k", user("bob"), OperationCode::ENCRYPT).await;
    for name in ["alice", "bob"] {
        let reason = world.failure(name, OperationCode::ENCRYPT, Ask::of("k")).await;
        assert_eq!(reason, ResultReason::OBJECT_DESTROYED);
    }
    assert_eq!(
        world.failure("carol", OperationCode::ENCRYPT, Ask::of("k")).await,
        ResultReason::OBJECT_NOT_FOUND
    );
    // What shows attributes shows those of destroyed objects, too.
    assert!(world.call("alice", OperationCode::GET_ATTRIBUTES, Ask::of("k")).await.is_ok());
}

#[tokio::test]
async fn a_dialect_hides_states_and_shows_none_that_the_operation_does_not() {
    let world = World::start();
    world.put(key("active")).await;
    world.put(key("revoked").state(State::DEACTIVATED)).await;
    world.put(key("gone").state(State::DESTROYED)).await;
    let alice = world.user("alice").await;
    let get = |id: &str| world.call_in(&alice, &Narrow, OperationCode::GET, Ask::of(id));
    assert!(get("active").await.is_ok());
    assert_eq!(get("revoked").await.unwrap_err().reason(), ResultReason::OBJECT_NOT_FOUND);
    assert_eq!(get("gone").await.unwrap_err().reason(), ResultReason::OBJECT_NOT_FOUND);
    // For KMIP itself the same object is there.
    assert!(world.call("alice", OperationCode::GET, Ask::of("revoked")).await.is_ok());
    // Encrypt is not narrowed and not widened.
    let encrypt = world.call_in(&alice, &Narrow, OperationCode::ENCRYPT, Ask::of("revoked")).await;
    assert_eq!(encrypt.unwrap_err().reason(), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
}

#[tokio::test]
async fn the_usage_mask_decides_about_uses_and_unrestricted_allows_all() {
    let world = World::start();
    let cases = [
        ("none", 0, false, false),
        ("encrypt", mask(CryptographicUsageMask::ENCRYPT), true, false),
        ("decrypt", mask(CryptographicUsageMask::DECRYPT), false, true),
        ("sign", mask(CryptographicUsageMask::SIGN), false, false),
        ("unrestricted", mask(CryptographicUsageMask::UNRESTRICTED), true, true),
    ];
    for (id, bits, encrypts, decrypts) in cases {
        world.put(key(id).with::<kinds::CryptographicUsageMask>(bits)).await;
        for (operation, allowed) in [(OperationCode::ENCRYPT, encrypts), (OperationCode::DECRYPT, decrypts)] {
            let done = world.call("alice", operation, Ask::of(id).data(b"x")).await;
            let expected = ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK;
            assert_eq!(done.err().map(|error| error.reason()), (!allowed).then_some(expected), "{id}");
        }
    }
}

#[tokio::test]
async fn a_key_without_usage_mask_may_not_be_used() {
    let world = World::start();
    world.put(key("k").without::<kinds::CryptographicUsageMask>()).await;
    let reason = world.failure("alice", OperationCode::ENCRYPT, Ask::of("k")).await;
    assert_eq!(reason, ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK);
}

#[tokio::test]
async fn protect_stop_date_ends_encryption_and_process_start_date_begins_decryption() {
    let world = World::start();
    let key = key("k")
        .with::<kinds::ProcessStartDate>(DateTime(NOW + 10))
        .with::<kinds::ProtectStopDate>(DateTime(NOW + 20));
    world.put(key).await;
    let encrypt = || world.call("alice", OperationCode::ENCRYPT, Ask::of("k").data(b"x"));
    let decrypt = || world.call("alice", OperationCode::DECRYPT, Ask::of("k").data(b"x"));
    let wrong = ResultReason::WRONG_KEY_LIFECYCLE_STATE;

    assert!(encrypt().await.is_ok());
    assert_eq!(decrypt().await.unwrap_err().reason(), wrong);
    world.clock.advance(10);
    assert!(encrypt().await.is_ok() && decrypt().await.is_ok());
    world.clock.advance(11);
    assert_eq!(encrypt().await.unwrap_err().reason(), wrong);
    assert!(decrypt().await.is_ok());
}

#[tokio::test]
async fn search_shows_what_the_caller_holds_any_right_on() {
    let world = World::start();
    for id in ["mine", "granted", "hidden", "everyones"] {
        world.put(key(id).owner(if id == "mine" { "bob" } else { "alice" })).await;
    }
    world.grant("granted", user("bob"), OperationCode::ENCRYPT).await;
    world.grant("everyones", Subject::Everyone, OperationCode::ENCRYPT).await;
    let found = world.call("bob", OperationCode::LOCATE, Ask::NOTHING).await.unwrap();
    assert_eq!(found.unique_identifier, ["everyones", "granted", "mine"]);
    assert_eq!(found.comment.as_deref(), Some("3"));
}

#[tokio::test]
async fn an_operator_may_know_what_is_known_and_use_nothing() {
    let world = with_key().await;
    let get_attributes = OperationCode::GET_ATTRIBUTES;
    assert!(world.call("operator", get_attributes, Ask::of("k")).await.is_ok());
    let found = world.call("operator", OperationCode::LOCATE, Ask::NOTHING).await.unwrap();
    assert_eq!(found.unique_identifier, ["k"]);
    for operation in [OperationCode::GET, OperationCode::ENCRYPT, OperationCode::SET_ATTRIBUTE] {
        let reason = world.failure("operator", operation, Ask::of("k")).await;
        assert_eq!(reason, ResultReason::OBJECT_NOT_FOUND, "{operation:?}");
    }
}

#[tokio::test]
async fn nobody_has_the_name_of_a_group_or_of_everyone() {
    let world = with_key().await;
    for name in ["group:team", "group:", "*", "", "a\nb"] {
        let facts = crate::support::world::facts(&[("user", name)]);
        let refused = world.engine.authenticate(facts).await.unwrap_err();
        assert_eq!(refused.reason(), ResultReason::AUTHENTICATION_NOT_SUCCESSFUL, "{name:?}");
    }
}
