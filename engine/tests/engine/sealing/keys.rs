//! Which server keys a storage is used with.

use claviger_engine::sealing::{Sealing, refuse_sealed};
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::ObjectStore as _;

use super::scene::*;

async fn refusal(server: &Sealing) -> String {
    format!("{:?}", server.prepare().await.unwrap_err())
}

fn current(name: &'static str) -> Given {
    Given { current: Some(name), ..Given::default() }
}

#[tokio::test]
async fn another_server_key_is_refused_by_name_and_nothing_is_written() {
    let scene = Scene::new();
    scene.sealed("a").await;
    scene.store.fail_after(0, true);
    let refused = refusal(&scene.server(current("b"))).await;
    assert!(refused.contains("it is under `a`; given: `b`"), "{refused}");
    let refused = refusal(&scene.server(Given { current: Some("b"), other: Some("c"), unseal: false })).await;
    assert!(refused.contains("it is under `a`; given: `b` and `c`"), "{refused}");
    assert_eq!(scene.store.document("sealing", "keys").await.unwrap().unwrap().revision, Revision(1));
}

#[tokio::test]
async fn a_sealed_storage_is_refused_without_a_server_key() {
    let scene = Scene::new();
    refuse_sealed(&*scene.store).await.unwrap();
    let sealed = scene.sealed("a").await;
    sealed.apply(put(&record("k", "red"), None)).await.unwrap();
    let error = format!("{:?}", refuse_sealed(&*scene.store).await.unwrap_err());
    assert!(error.contains("the storage is sealed") && error.contains("it is under `a`"), "{error}");
    // A server that began before does not take it for a damaged one either.
    let error = read(&*scene.store, "k").await.unwrap_err();
    assert_eq!(error.message(), "a stored record is sealed, and this server was given no server key");
}

#[tokio::test]
async fn a_storage_is_used_again_with_its_server_key() {
    let scene = Scene::new();
    scene.sealed("a").await.apply(put(&record("k", "red"), None)).await.unwrap();
    let again = scene.server(current("a"));
    again.prepare().await.unwrap();
    assert_eq!(read(&*opened(&again), "k").await.unwrap(), record("k", "red"));
    // The key as the other one does, too; it changes nothing.
    let again = scene.server(Given { other: Some("a"), ..Given::default() });
    again.prepare().await.unwrap();
    assert_eq!(read(&*opened(&again), "k").await.unwrap(), record("k", "red"));
    assert_eq!(scene.numbers().await, [Some(1)]);
}

#[tokio::test]
async fn once_a_rotation_has_begun_the_new_server_key_is_enough() {
    let scene = Scene::new();
    scene.sealed("a").await.apply(put(&record("k", "red"), None)).await.unwrap();
    let rotating = scene.server(Given { current: Some("b"), other: Some("a"), unseal: false });
    rotating.prepare().await.unwrap();
    assert_eq!(scene.numbers().await, [Some(1)], "nothing is written anew yet");
    let without = scene.server(current("b"));
    without.prepare().await.unwrap();
    assert_eq!(read(&*opened(&without), "k").await.unwrap(), record("k", "red"));
    scene.finish(&without).await;
    assert_eq!(scene.numbers().await, [Some(2)]);
    let refused = refusal(&scene.server(current("a"))).await;
    assert!(refused.contains("it is under `b`; given: `a`"), "{refused}");
}

#[tokio::test]
async fn a_server_key_that_was_replaced_is_not_taken_again() {
    let scene = Scene::new();
    scene.sealed("a").await.apply(put(&record("k", "red"), None)).await.unwrap();
    let rotating = scene.server(Given { current: Some("b"), other: Some("a"), unseal: false });
    rotating.prepare().await.unwrap();
    scene.finish(&rotating).await;
    // A server with settings from before the rotation follows the storage.
    let late = scene.server(Given { current: Some("a"), other: Some("b"), unseal: false });
    late.prepare().await.unwrap();
    scene.finish(&late).await;
    assert_eq!(read(&*opened(&late), "k").await.unwrap(), record("k", "red"));
    assert_eq!(scene.numbers().await, [Some(2)]);
}

#[tokio::test]
async fn the_seal_is_taken_off_and_no_server_key_is_needed_then() {
    let scene = Scene::new();
    let sealed = scene.sealed("a").await;
    sealed.apply(put(&record("k", "red"), None)).await.unwrap();
    sealed.apply(document("d", None, b"body")).await.unwrap();
    let unsealing = scene.server(Given { other: Some("a"), unseal: true, ..Given::default() });
    unsealing.prepare().await.unwrap();
    assert!(refuse_sealed(&*scene.store).await.is_err(), "not before everything is plain");
    scene.finish(&unsealing).await;
    assert_eq!(scene.numbers().await, [None]);
    refuse_sealed(&*scene.store).await.unwrap();
    assert_eq!(read(&*scene.store, "k").await.unwrap(), record("k", "red"));
    assert_eq!(&*scene.store.document("job-item", "d").await.unwrap().unwrap().body, b"body");
    // And it is sealed again, under the same key or another.
    let again = scene.server(current("a"));
    again.prepare().await.unwrap();
    scene.finish(&again).await;
    assert_eq!(scene.numbers().await, [Some(1)]);
    assert_eq!(read(&*opened(&again), "k").await.unwrap(), record("k", "red"));
}

#[tokio::test]
async fn a_storage_that_is_being_unsealed_is_not_sealed_by_another_server_meanwhile() {
    let scene = Scene::new();
    scene.sealed("a").await.apply(put(&record("k", "red"), None)).await.unwrap();
    let unsealing = scene.server(Given { other: Some("a"), unseal: true, ..Given::default() });
    unsealing.prepare().await.unwrap();
    let late = scene.server(current("a"));
    late.prepare().await.unwrap();
    assert_eq!(read(&*opened(&late), "k").await.unwrap(), record("k", "red"));
    scene.finish(&late).await;
    assert_eq!(scene.numbers().await, [None]);
}

#[tokio::test]
async fn unsealing_what_is_not_sealed_changes_nothing() {
    let scene = Scene::new();
    let server = scene.server(Given { other: Some("a"), unseal: true, ..Given::default() });
    server.prepare().await.unwrap();
    opened(&server).apply(put(&record("k", "red"), None)).await.unwrap();
    scene.finish(&server).await;
    assert_eq!(scene.numbers().await, [None]);
    assert_eq!(scene.store.document("sealing", "keys").await.unwrap(), None);
}
