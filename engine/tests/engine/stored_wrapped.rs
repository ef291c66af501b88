//! Keys that are stored wrapped are used on the server, and never outlive their wrapping key.

use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::objects::{KeyInformation, KeyValue, KeyWrappingData};
use claviger_plugin_sdk::kmip::tables::enumerations::{EncodingOption, WrappingMethod};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::Record;
use claviger_plugin_sdk::store::Subject;
use claviger_plugin_sdk::testkit::RecordBuilder;

use crate::support::{Ask, World};

const WRAPPING: [u8; 32] = [9; 32];
const INNER: [u8; 32] = [5; 32];

fn key(id: &str) -> RecordBuilder {
    let mask = CryptographicUsageMask::UNRESTRICTED.0 as i32;
    RecordBuilder::new(id).owner("alice").with::<kinds::CryptographicUsageMask>(mask)
}

/// A key that is stored wrapped by another.
fn wrapped(id: &str, by: &str) -> Record {
    let mut record = key(id).build();
    let bytes: Vec<u8> = INNER.iter().zip(WRAPPING).map(|(plain, key)| plain ^ key).collect();
    let block = record.object.key_block_mut().unwrap();
    block.key_value = Some(KeyValue::Wrapped(bytes.into()));
    block.key_wrapping_data = Some(KeyWrappingData {
        wrapping_method: WrappingMethod::ENCRYPT,
        encryption_key_information: Some(KeyInformation {
            unique_identifier: by.into(),
            cryptographic_parameters: None,
        }),
        mac_signature_key_information: None,
        mac_signature: None,
        iv_counter_nonce: None,
        encoding_option: Some(EncodingOption::NO_ENCODING),
    });
    record
}

async fn world() -> World {
    let world = World::start();
    world.put(key("wrapping").material(WRAPPING)).await;
    world.put_record(wrapped("k", "wrapping")).await;
    world
}

async fn failure(world: &World, user: &str) -> Option<ResultReason> {
    let ask = Ask::of("k").data(b"x");
    world.call(user, OperationCode::ENCRYPT, ask).await.err().map(|error| error.reason())
}

#[tokio::test]
async fn the_plain_key_is_used() {
    let world = world().await;
    let told = world.call("alice", OperationCode::ENCRYPT, Ask::of("k").data(&[0, 1])).await.unwrap();
    assert_eq!(told.data.as_deref(), Some(&[5, 4][..]));
}

#[tokio::test]
async fn a_key_that_was_parsed_for_one_use_serves_another() {
    let world = world().await;
    world.call("alice", OperationCode::ENCRYPT, Ask::of("wrapping")).await.unwrap();
    assert_eq!(failure(&world, "alice").await, None);
    world.call("alice", OperationCode::ENCRYPT, Ask::of("wrapping")).await.unwrap();
}

#[tokio::test]
async fn a_grantee_uses_it_without_a_right_on_the_wrapping_key() {
    let world = world().await;
    world.grant("k", Subject::User("bob".into()), OperationCode::ENCRYPT).await;
    assert_eq!(failure(&world, "bob").await, None);
    let reason = world.failure("bob", OperationCode::ENCRYPT, Ask::of("wrapping")).await;
    assert_eq!(reason, ResultReason::OBJECT_NOT_FOUND);
}

#[tokio::test]
async fn both_keys_are_in_the_audit_record() {
    let world = world().await;
    world.call("alice", OperationCode::ENCRYPT, Ask::of("k")).await.unwrap();
    let records = world.audit.take();
    let objects: Vec<&str> = records[0].objects.iter().map(|id| id.as_str()).collect();
    assert_eq!(objects, ["k", "wrapping"]);
}

#[tokio::test]
async fn what_ends_the_wrapping_key_ends_the_use_of_what_it_wraps() {
    let world = world().await;
    assert_eq!(failure(&world, "alice").await, None);
    // A deactivated key may still process: here, unwrap.
    world.call("alice", OperationCode::REVOKE, Ask::of("wrapping")).await.unwrap();
    assert_eq!(failure(&world, "alice").await, None);
    world.call("alice", OperationCode::DESTROY, Ask::of("wrapping")).await.unwrap();
    assert_eq!(failure(&world, "alice").await, Some(ResultReason::WRAPPING_OBJECT_DESTROYED));
}

#[tokio::test]
async fn the_wrapping_key_must_be_there_for_the_owner() {
    let world = World::start();
    world.put(key("wrapping").owner("bob").material(WRAPPING)).await;
    world.put_record(wrapped("k", "wrapping")).await;
    assert_eq!(failure(&world, "alice").await, Some(ResultReason::WRAPPING_OBJECT_NOT_FOUND));
    let world = World::start();
    world.put_record(wrapped("k", "absent")).await;
    assert_eq!(failure(&world, "alice").await, Some(ResultReason::WRAPPING_OBJECT_NOT_FOUND));
}

#[tokio::test]
async fn the_wrapping_key_must_be_allowed_to_unwrap() {
    let world = World::start();
    let mask = CryptographicUsageMask::ENCRYPT.0 as i32;
    let wrapping = key("wrapping").material(WRAPPING).with::<kinds::CryptographicUsageMask>(mask);
    world.put(wrapping).await;
    world.put_record(wrapped("k", "wrapping")).await;
    assert_eq!(failure(&world, "alice").await, Some(ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK));
}

#[tokio::test]
async fn a_wrapping_key_that_is_itself_wrapped_is_refused() {
    let world = World::start();
    world.put(key("outer").material(WRAPPING)).await;
    world.put_record(wrapped("wrapping", "outer")).await;
    world.put_record(wrapped("k", "wrapping")).await;
    assert_eq!(failure(&world, "alice").await, Some(ResultReason::FEATURE_NOT_SUPPORTED));
}

#[tokio::test]
async fn a_key_that_names_itself_is_refused() {
    let world = World::start();
    world.put_record(wrapped("k", "k")).await;
    assert_eq!(failure(&world, "alice").await, Some(ResultReason::WRONG_KEY_LIFECYCLE_STATE));
}

#[tokio::test]
async fn a_key_whose_value_is_elsewhere_cannot_be_used() {
    let world = World::start();
    let mut record = key("k").build();
    record.object.key_block_mut().unwrap().key_value = None;
    world.put_record(record).await;
    assert_eq!(failure(&world, "alice").await, Some(ResultReason::KEY_VALUE_NOT_PRESENT));
}
