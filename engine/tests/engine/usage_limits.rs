//! Usage Limits are used up to exactly zero.

use claviger_plugin_sdk::kmip::attributes::{UsageLimits, kinds};
use claviger_plugin_sdk::kmip::tables::enumerations::{BatchErrorContinuationOption, UsageLimitsUnit};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::{ChangeSet, ObjectStore};
use claviger_plugin_sdk::testkit::RecordBuilder;

use crate::support::dialect::Narrow;
use crate::support::store::TestStore;
use crate::support::world::{item, message, tell};
use crate::support::{Ask, Setup, World};

async fn limited(setup: Setup, total: i64, unit: UsageLimitsUnit) -> World {
    let world = setup.start();
    let mask = CryptographicUsageMask::UNRESTRICTED.0 as i32;
    let key = RecordBuilder::new("k")
        .owner("alice")
        .with::<kinds::CryptographicUsageMask>(mask)
        .with::<kinds::UsageLimits>(UsageLimits { total, count: None, unit });
    world.put(key).await;
    world
}

async fn left(world: &World) -> i64 {
    let id = ObjectId::new("k").unwrap();
    world.store.get(&[id], &[]).await.unwrap()[0].usage_left.unwrap()
}

async fn encrypt(world: &World, bytes: usize) -> Option<ResultReason> {
    let ask = Ask::of("k").data(&vec![0; bytes]);
    world.call("alice", OperationCode::ENCRYPT, ask).await.err().map(|error| error.reason())
}

#[tokio::test]
async fn objects_are_counted_to_zero() {
    let world = limited(Setup::default(), 3, UsageLimitsUnit::OBJECT).await;
    for expected in [2, 1, 0] {
        assert_eq!(encrypt(&world, 100).await, None);
        assert_eq!(left(&world).await, expected);
    }
    assert_eq!(encrypt(&world, 0).await, Some(ResultReason::USAGE_LIMIT_EXCEEDED));
    assert_eq!(left(&world).await, 0);
}

#[tokio::test]
async fn bytes_are_counted_to_zero_and_a_use_that_is_too_large_takes_none() {
    let world = limited(Setup::default(), 10, UsageLimitsUnit::BYTE).await;
    assert_eq!(encrypt(&world, 6).await, None);
    assert_eq!(encrypt(&world, 5).await, Some(ResultReason::USAGE_LIMIT_EXCEEDED));
    assert_eq!(left(&world).await, 4);
    assert_eq!(encrypt(&world, 4).await, None);
    assert_eq!(encrypt(&world, 1).await, Some(ResultReason::USAGE_LIMIT_EXCEEDED));
}

#[tokio::test]
async fn uses_that_are_not_counted_go_on() {
    let world = limited(Setup::default(), 0, UsageLimitsUnit::OBJECT).await;
    assert_eq!(encrypt(&world, 1).await, Some(ResultReason::USAGE_LIMIT_EXCEEDED));
    assert!(world.call("alice", OperationCode::DECRYPT, Ask::of("k").data(b"x")).await.is_ok());
}

#[tokio::test]
async fn an_error_names_a_used_up_key_as_the_client_did_or_not_at_all() {
    let world = World::start();
    let mask = CryptographicUsageMask::UNRESTRICTED.0 as i32;
    let limits = UsageLimits { total: 1, count: None, unit: UsageLimitsUnit::OBJECT };
    let key = RecordBuilder::new("hidden").owner("alice").tag("shown");
    world.put(key.with::<kinds::CryptographicUsageMask>(mask).with::<kinds::UsageLimits>(limits)).await;
    let alice = world.user("alice").await;
    let encrypt = |id: &str| {
        let ask = Ask::of(id).data(b"x");
        world.call_in(&alice, &Narrow, OperationCode::ENCRYPT, ask)
    };
    world.call("alice", OperationCode::GET, Ask::of("hidden")).await.unwrap();
    // Behind the back of the engine, so that the store refuses what admission lets through.
    let consumptions = vec![(ObjectId::new("hidden").unwrap(), 1)];
    world.store.apply(ChangeSet { consumptions, ..ChangeSet::default() }).await.unwrap();
    let overtaken = encrypt("hidden").await.unwrap_err();
    assert_eq!(overtaken.reason(), ResultReason::USAGE_LIMIT_EXCEEDED);
    assert!(!overtaken.message().contains("hidden"), "{overtaken}");
    let refused = encrypt("#shown").await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::USAGE_LIMIT_EXCEEDED);
    assert!(refused.message().contains("#shown") && !refused.message().contains("hidden"), "{refused}");
}

#[tokio::test]
async fn a_use_that_fails_takes_nothing() {
    let world = limited(Setup::default(), 3, UsageLimitsUnit::OBJECT).await;
    world.call("alice", OperationCode::REVOKE, Ask::of("k")).await.unwrap();
    assert_eq!(encrypt(&world, 1).await, Some(ResultReason::WRONG_KEY_LIFECYCLE_STATE));
    assert_eq!(left(&world).await, 3);
}

#[tokio::test]
async fn a_change_of_another_attribute_keeps_what_is_left() {
    let world = limited(Setup::default(), 3, UsageLimitsUnit::OBJECT).await;
    assert_eq!(encrypt(&world, 1).await, None);
    world.call("alice", OperationCode::SET_ATTRIBUTE, Ask::of("k").comment("hello")).await.unwrap();
    assert_eq!(left(&world).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_uses_take_exactly_what_there_is() {
    let world = limited(Setup::store(TestStore::dawdling()), 20, UsageLimitsUnit::OBJECT).await;
    let mut tasks = Vec::new();
    for _ in 0..50 {
        let world = world.clone();
        tasks.push(tokio::spawn(async move { encrypt(&world, 1).await }));
    }
    let mut done = 0;
    for task in tasks {
        match task.await.unwrap() {
            None => done += 1,
            Some(reason) => assert_eq!(reason, ResultReason::USAGE_LIMIT_EXCEEDED),
        }
    }
    assert_eq!((done, left(&world).await), (20, 0));
}

#[tokio::test]
async fn what_an_undo_takes_back_is_neither_counted_nor_told() {
    let world = limited(Setup::default(), 3, UsageLimitsUnit::OBJECT).await;
    let encrypt = || item(OperationCode::ENCRYPT, Ask::of("k").data(b"x"));
    let undo = |items| {
        let mut message = message(items);
        message.request_header.batch_error_continuation_option = Some(BatchErrorContinuationOption::UNDO);
        message
    };
    let absent = item(OperationCode::ENCRYPT, Ask::of("absent").data(b"x"));
    let outcomes = world.send(undo(vec![encrypt(), absent])).await.unwrap();
    assert!(outcomes[0].undone);
    assert!(outcomes[0].result.as_ref().unwrap().is_empty());
    assert_eq!(left(&world).await, 3);
    let outcomes = world.send(undo(vec![encrypt(), encrypt()])).await.unwrap();
    assert!(outcomes.into_iter().all(|outcome| tell(outcome).unwrap().data.is_some()));
    assert_eq!(left(&world).await, 1);
}
