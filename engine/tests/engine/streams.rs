//! Multi-part operations belong to whoever began them.

use std::time::Duration;

use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::tables::enumerations::BatchErrorContinuationOption;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::Subject;
use claviger_plugin_sdk::testkit::RecordBuilder;

use crate::support::operations::{OTHER_STREAM, STREAM};
use crate::support::store::TestStore;
use crate::support::world::{item, message};
use crate::support::{Ask, Setup, World};

async fn world(setup: Setup) -> World {
    let world = setup.start();
    for id in ["k", "other"] {
        world.put(RecordBuilder::new(id).owner("alice")).await;
        world.grant(id, Subject::Everyone, OperationCode::ENCRYPT).await;
    }
    world
}

async fn begin(world: &World) -> ByteString {
    let told = world.call("alice", STREAM, Ask::of("k").data(b"first ")).await.unwrap();
    told.correlation_value.unwrap()
}

async fn refused(
    world: &World,
    user: &str,
    operation: OperationCode,
    id: &str,
    correlation: &ByteString,
) -> bool {
    let ask = Ask::of(id).stream(correlation.clone());
    match world.call(user, operation, ask).await {
        Ok(_) => false,
        Err(error) => {
            assert_eq!(error.reason(), ResultReason::INVALID_CORRELATION_VALUE);
            true
        }
    }
}

#[tokio::test]
async fn a_stream_goes_on_where_it_was() {
    let world = world(Setup::default()).await;
    let correlation = begin(&world).await;
    let ask = Ask::of("k").data(b"second").stream(correlation);
    let told = world.call("alice", STREAM, ask).await.unwrap();
    assert_eq!(told.data.as_deref(), Some(&b"first second"[..]));
}

#[tokio::test]
async fn a_correlation_value_is_good_for_all_parts() {
    let world = world(Setup::default()).await;
    let correlation = begin(&world).await;
    assert!(!refused(&world, "alice", STREAM, "k", &correlation).await);
    let ask = Ask::of("k").data(b"third").stream(correlation.clone());
    let told = world.call("alice", STREAM, ask).await.unwrap();
    assert_eq!(told.correlation_value, Some(correlation));
    assert_eq!(told.data.as_deref(), Some(&b"first third"[..]));
}

#[tokio::test]
async fn another_user_key_or_operation_has_no_stream_and_does_not_end_it() {
    let world = world(Setup::default()).await;
    let correlation = begin(&world).await;
    assert!(refused(&world, "bob", STREAM, "k", &correlation).await);
    assert!(refused(&world, "alice", STREAM, "other", &correlation).await);
    assert!(refused(&world, "alice", OTHER_STREAM, "k", &correlation).await);
    assert!(refused(&world, "alice", STREAM, "k", &vec![0; 16].into()).await);
    assert!(!refused(&world, "alice", STREAM, "k", &correlation).await);
}

#[tokio::test]
async fn another_store_has_no_stream() {
    let stores = vec![TestStore::named("one"), TestStore::named("two")];
    let world = world(Setup { stores, ..Setup::default() }).await;
    let correlation = begin(&world).await;
    let in_two = world.caller(&[("user", "alice"), ("store", "two")]).await;
    world.call_in(&in_two, &Standard, OperationCode::CREATE, Ask::of("k")).await.unwrap();
    let ask = Ask::of("k").stream(correlation.clone());
    let answer = world.call_in(&in_two, &Standard, STREAM, ask).await;
    assert_eq!(answer.unwrap_err().reason(), ResultReason::INVALID_CORRELATION_VALUE);
    assert!(!refused(&world, "alice", STREAM, "k", &correlation).await);
}

#[tokio::test]
async fn a_stream_ends_with_the_state_of_its_key() {
    let world = world(Setup::default()).await;
    let correlation = begin(&world).await;
    world.call("alice", OperationCode::DESTROY, Ask::of("k")).await.unwrap();
    let ask = Ask::of("k").stream(correlation);
    assert_eq!(world.failure("alice", STREAM, ask).await, ResultReason::OBJECT_DESTROYED);
}

#[tokio::test]
async fn there_are_only_so_many_streams() {
    let mut setup = Setup::default();
    setup.limits.streams = 2;
    let world = world(setup).await;
    let first = begin(&world).await;
    begin(&world).await;
    assert_eq!(
        world.failure("alice", STREAM, Ask::of("k").data(b"x")).await,
        ResultReason::SERVER_LIMIT_EXCEEDED
    );
    // Those that are open go on.
    assert!(!refused(&world, "alice", STREAM, "k", &first).await);
}

#[tokio::test]
async fn one_user_leaves_streams_to_others() {
    let mut setup = Setup::default();
    setup.limits.streams_per_user = 1;
    let world = world(setup).await;
    begin(&world).await;
    let more = Ask::of("k").data(b"x");
    assert_eq!(world.failure("alice", STREAM, more.clone()).await, ResultReason::SERVER_LIMIT_EXCEEDED);
    world.call("bob", STREAM, more).await.unwrap();
}

#[tokio::test]
async fn a_stream_that_waits_too_long_is_given_up_and_makes_room() {
    let mut setup = Setup::default();
    setup.limits.streams = 1;
    setup.limits.stream_idle = Duration::from_millis(20);
    let world = world(setup).await;
    let correlation = begin(&world).await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert!(refused(&world, "alice", STREAM, "k", &correlation).await);
    begin(&world).await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    begin(&world).await;
}

#[tokio::test]
async fn a_part_is_refused_in_an_undo_batch_and_the_stream_stays() {
    let world = world(Setup::default()).await;
    let correlation = begin(&world).await;
    for ask in [Ask::of("k").data(b"first"), Ask::of("k").data(b"next").stream(correlation.clone())] {
        let mut message = message(vec![item(OperationCode::GET, Ask::of("k")), item(STREAM, ask)]);
        message.request_header.batch_error_continuation_option = Some(BatchErrorContinuationOption::UNDO);
        let outcomes = world.send(message).await.unwrap();
        assert_eq!(outcomes[1].result.as_ref().unwrap_err().reason(), ResultReason::FEATURE_NOT_SUPPORTED);
    }
    assert!(!refused(&world, "alice", STREAM, "k", &correlation).await);
}
