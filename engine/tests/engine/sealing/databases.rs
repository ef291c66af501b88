//! A storage with a database for each group of users.

use std::sync::Arc;

use claviger_engine::sealing::Sealing;
use claviger_plugin_sdk::store::{ObjectStore, StoreSource as _};
use claviger_plugin_sdk::testkit::MemoryStore;

use super::scene::*;
use crate::support::store::{Sources, TestStore};
use crate::support::world::facts;

const SEALING: Given = Given { current: Some("a"), other: None, unseal: false };

fn opened_as(server: &Sealing, name: &str) -> Arc<dyn ObjectStore> {
    server.open(&facts(&[("store", name)])).unwrap()
}

#[tokio::test]
async fn each_database_has_data_keys_of_its_own_and_is_sealed_when_it_is_open() {
    let (scene, inner) = (Scene::new(), [MemoryStore::new(), MemoryStore::new()]);
    let stores = ["one", "two"].iter().zip(&inner);
    let stores: Vec<_> =
        stores.map(|(name, inner)| Arc::new(TestStore::over_named(inner.clone(), name))).collect();
    stores[0].apply(put(&record("k", "red"), None)).await.unwrap();
    stores[1].closed.store(true, std::sync::atomic::Ordering::SeqCst);
    let server = scene.server_over(Arc::new(Sources(stores.clone())), SEALING);
    server.prepare().await.unwrap();
    assert_eq!(inner[0].document_kinds().await.unwrap(), Vec::<String>::new(), "nothing before it is used");
    let databases = server.databases().unwrap();
    assert_eq!(databases.opened().len(), 1);
    for _ in 0..20 {
        server.step().await;
    }
    assert_eq!(server.figures().rewritten, 1);
    assert!(read(&inner[0], "k").await.is_err());
    assert_eq!(read(&*opened_as(&server, "one"), "k").await.unwrap(), record("k", "red"));
    assert_eq!(inner[1].document_kinds().await.unwrap(), Vec::<String>::new(), "nobody has opened it");
    opened_as(&server, "two").apply(put(&record("k", "red"), None)).await.unwrap();
    // The body of one does not open in the other.
    let id = record("k", "red").id;
    let body = inner[0].get(std::slice::from_ref(&id), &[]).await.unwrap().remove(0).body;
    overwrite(&inner[1], "k", &body).await;
    assert!(read(&*opened_as(&server, "two"), "k").await.is_err());
    assert!(server.open(&facts(&[])).is_err(), "the server has no database of its own");
}

#[tokio::test]
async fn a_sealed_database_is_refused_by_a_server_without_keys_and_a_plain_one_stays_as_it_is() {
    let (scene, inner) = (Scene::new(), [MemoryStore::new(), MemoryStore::new()]);
    let stores = ["one", "two"].iter().zip(&inner);
    let stores: Vec<_> =
        stores.map(|(name, inner)| Arc::new(TestStore::over_named(inner.clone(), name))).collect();
    let sealing = scene.server_over(Arc::new(Sources(stores.clone())), SEALING);
    opened_as(&sealing, "one").apply(put(&record("k", "red"), None)).await.unwrap();
    let server = scene.server_over(Arc::new(Sources(stores)), Given::default());
    assert!(opened_as(&server, "one").apply(put(&record("l", "red"), None)).await.is_err());
    assert!(read(&*opened_as(&server, "one"), "k").await.is_err());
    assert!(read(&inner[0], "l").await.unwrap_err().message().contains("l"), "nothing was written");
    opened_as(&server, "two").apply(put(&record("k", "red"), None)).await.unwrap();
    assert_eq!(read(&inner[1], "k").await.unwrap(), record("k", "red"));
    assert_eq!(inner[1].document_kinds().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_closed_database_is_forgotten_but_for_what_was_written_anew_in_it() {
    let (scene, inner) = (Scene::new(), MemoryStore::new());
    for number in 0..50 {
        inner.apply(put(&record(&format!("k{number}"), "red"), None)).await.unwrap();
    }
    let store = Arc::new(TestStore::over_named(inner, "one"));
    let other = Arc::new(TestStore::over_named(MemoryStore::new(), "two"));
    let server = scene.server_over(Arc::new(Sources(vec![store.clone(), other])), SEALING);
    server.step().await;
    let before = server.figures();
    assert!(before.unfinished_stores == 1 && before.rewritten > 0, "{before:?}");
    store.closed.store(true, std::sync::atomic::Ordering::SeqCst);
    server.step().await;
    let figures = server.figures();
    assert_eq!((figures.unfinished_stores, figures.rewritten), (0, before.rewritten));
}
