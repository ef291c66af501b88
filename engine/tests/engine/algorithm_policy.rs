//! The algorithm policy holds for stored keys, new keys and parameters alike, in single items and in batches.

use claviger_engine::{AlgorithmPolicy, AllowedAlgorithm};
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::tables::enumerations::BatchErrorContinuationOption;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::testkit::RecordBuilder;

use crate::support::world::{item, message, tell};
use crate::support::{Ask, Setup, World};

/// A world that allows AES with keys of 192 bits or more, and holds a key of 256 bits and one of 128.
async fn world() -> World {
    let algorithms =
        Some(vec![AllowedAlgorithm { algorithm: CryptographicAlgorithm::AES, lengths: vec![192..=256] }]);
    let algorithm_policy = AlgorithmPolicy { algorithms, ..AlgorithmPolicy::default() };
    let world = Setup { algorithm_policy, ..Setup::default() }.start();
    for (id, bits) in [("long", 256), ("short", 128)] {
        let mask = CryptographicUsageMask::UNRESTRICTED.0 as i32;
        let mut key =
            RecordBuilder::new(id).owner("alice").with::<kinds::CryptographicUsageMask>(mask).build();
        key.object.key_block_mut().unwrap().cryptographic_length = Some(bits);
        world.put_record(key).await;
    }
    world
}

fn encrypt(id: &str) -> Ask {
    Ask::of(id).data(b"x")
}

#[tokio::test]
async fn a_stored_key_that_is_not_allowed_can_be_looked_at_and_not_used() {
    let world = world().await;
    assert!(world.call("alice", OperationCode::ENCRYPT, encrypt("long")).await.is_ok());
    let refused = world.call("alice", OperationCode::ENCRYPT, encrypt("short")).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS);
    assert!(world.call("alice", OperationCode::GET_ATTRIBUTES, Ask::of("short")).await.is_ok());
    assert!(world.call("alice", OperationCode::DESTROY, Ask::of("short")).await.is_ok());
}

#[tokio::test]
async fn a_batch_is_no_way_around_it() {
    let world = world().await;
    let items = ["long", "short", "long"].map(|id| item(OperationCode::ENCRYPT, encrypt(id))).to_vec();
    let mut request = message(items);
    request.request_header.batch_error_continuation_option = Some(BatchErrorContinuationOption::CONTINUE);
    let outcomes = world.send(request).await.unwrap();
    let results: Vec<bool> = outcomes.into_iter().map(|outcome| tell(outcome).is_ok()).collect();
    assert_eq!(results, [true, false, true]);
}
