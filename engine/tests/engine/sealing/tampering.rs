//! What somebody who can write to the storage achieves: an error, and nothing else.

use claviger_engine::sealing::refuse_sealed;
use claviger_plugin_sdk::store::{ChangeSet, DocumentPut, ObjectStore, Rewrite, Rewritten};

use super::scene::*;
use claviger_plugin_sdk::record::Revision;

const MARKER: &[u8] = b"THE MARKER OF THE KEY MATERIAL 1";

fn holds(bodies: &[Vec<u8>], marker: &[u8]) -> bool {
    bodies.iter().any(|body| body.windows(marker.len()).any(|window| window == marker))
}

#[tokio::test]
async fn the_storage_holds_no_byte_of_a_key_or_a_document_and_gives_back_both() {
    let scene = Scene::new();
    let sealed = scene.sealed("a").await;
    sealed.apply(put(&record("k", "red"), None)).await.unwrap();
    sealed.apply(document("d", None, MARKER)).await.unwrap();
    assert!(!holds(&scene.bodies().await, MARKER) && !holds(&scene.bodies().await, b"alice"));
    assert_eq!(read(&*sealed, "k").await.unwrap(), record("k", "red"));
    let back = sealed.document("job-item", "d").await.unwrap().unwrap();
    assert_eq!((&*back.body, back.revision), (MARKER, Revision(1)));
    // The same without the layer, so that the test would see it.
    let plain = Scene::new();
    plain.store.apply(put(&record("k", "red"), None)).await.unwrap();
    assert!(holds(&plain.bodies().await, MARKER));
}

#[tokio::test]
async fn one_content_is_never_stored_in_the_same_bytes_twice() {
    let scene = Scene::new();
    let sealed = scene.sealed("a").await;
    sealed.apply(document("d", None, MARKER)).await.unwrap();
    let first = scene.bodies().await;
    sealed.apply(document("d", Some(1), MARKER)).await.unwrap();
    assert_ne!(scene.bodies().await, first);
}

#[tokio::test]
async fn a_record_with_any_byte_altered_is_an_error() {
    let scene = Scene::new();
    let sealed = scene.sealed("a").await;
    sealed.apply(put(&record("k", "red"), None)).await.unwrap();
    let body = scene.bodies().await.remove(0);
    for place in 0..body.len() {
        let mut altered = body.clone();
        altered[place] ^= 1 << (place % 8);
        overwrite(&*scene.store, "k", &altered).await;
        let error = read(&*sealed, "k").await.unwrap_err();
        assert_eq!(
            error.message(),
            "what the storage holds of an object or request cannot be opened",
            "{place}"
        );
    }
    for cut in 0..body.len() {
        overwrite(&*scene.store, "k", &body[..cut]).await;
        assert!(read(&*sealed, "k").await.is_err(), "{cut}");
    }
    overwrite(&*scene.store, "k", &body).await;
    assert!(read(&*sealed, "k").await.is_ok());
}

#[tokio::test]
async fn a_record_in_the_place_of_another_is_an_error() {
    let scene = Scene::new();
    let sealed = scene.sealed("a").await;
    sealed.apply(put(&record("a", "red"), None)).await.unwrap();
    sealed.apply(put(&record("b", "red"), None)).await.unwrap();
    let bodies = scene.bodies().await;
    overwrite(&*scene.store, "a", &bodies[0]).await;
    overwrite(&*scene.store, "b", &bodies[1]).await;
    for id in ["a", "b"] {
        assert!(format!("{:?}", read(&*sealed, id).await.unwrap_err()).contains("altered"), "{id}");
    }
}

#[tokio::test]
async fn a_document_in_the_place_of_another_is_an_error() {
    let scene = Scene::new();
    let sealed = scene.sealed("a").await;
    sealed.apply(document("a", None, b"of a")).await.unwrap();
    sealed.apply(document("b", None, b"of b")).await.unwrap();
    let of_a = scene.store.document("job-item", "a").await.unwrap().unwrap();
    scene.store.apply(document("b", Some(1), &of_a.body)).await.unwrap();
    assert!(sealed.document("job-item", "b").await.is_err());
    assert!(sealed.document("job-item", "a").await.is_ok());
}

#[tokio::test]
async fn a_record_of_another_storage_under_the_same_server_key_is_an_error() {
    let (here, there) = (Scene::new(), Scene::new());
    let (sealed, other) = (here.sealed("a").await, there.sealed("a").await);
    sealed.apply(put(&record("k", "red"), None)).await.unwrap();
    other.apply(put(&record("k", "red"), None)).await.unwrap();
    overwrite(&*here.store, "k", &there.bodies().await[0]).await;
    assert!(read(&*sealed, "k").await.is_err());
}

#[tokio::test]
async fn a_plain_record_put_where_all_are_sealed_is_an_error() {
    let scene = Scene::new();
    let sealed = scene.sealed("a").await;
    sealed.apply(put(&record("k", "red"), None)).await.unwrap();
    overwrite(&*scene.store, "k", &record("k", "red").to_bytes()).await;
    let error = format!("{:?}", read(&*sealed, "k").await.unwrap_err());
    assert!(error.contains("it is not sealed, though everything in this storage is"), "{error}");
}

#[tokio::test]
async fn a_document_of_keys_that_somebody_else_wrote_stops_the_start() {
    let scene = Scene::new();
    scene.sealed("a").await;
    let keys = scene.store.document("sealing", "keys").await.unwrap().unwrap();
    // The switch that says that everything is sealed, or any other bit.
    let mut refused = 0;
    for place in 0..keys.body.len() {
        let mut altered = keys.body.to_vec();
        altered[place] ^= 1;
        let of = Rewritten::Document { kind: "sealing".to_owned(), id: "keys".to_owned() };
        let rewrite = |from: &[u8], to: &[u8]| ChangeSet {
            rewrites: vec![Rewrite { of: of.clone(), from: from.into(), to: to.into() }],
            ..ChangeSet::default()
        };
        scene.store.apply(rewrite(&keys.body, &altered)).await.unwrap();
        let server = scene.server(Given { current: Some("a"), ..Given::default() });
        // TTLV pads values to eight bytes, which no reader looks at.
        refused += usize::from(server.prepare().await.is_err());
        scene.store.apply(rewrite(&altered, &keys.body)).await.unwrap();
    }
    assert!(refused * 10 > keys.body.len() * 7, "{refused} of {}", keys.body.len());
}

/// Removes the document of keys; then every start is refused, and writes nothing.
async fn assert_refused_without_keys(scene: &Scene) {
    let keys = scene.store.document("sealing", "keys").await.unwrap().unwrap();
    let removal = DocumentPut {
        kind: "sealing".to_owned(),
        id: "keys".to_owned(),
        expected: Some(keys.revision),
        content: None,
    };
    scene.store.apply(ChangeSet { documents: vec![removal], ..ChangeSet::default() }).await.unwrap();
    assert!(refuse_sealed(&*scene.store).await.is_err());
    for given in [Given { current: Some("a"), ..Given::default() }, Given::default()] {
        let error = scene.server(given).prepare().await.unwrap_err();
        assert!(error.message().contains("document of data keys is gone"), "{error}");
    }
    assert_eq!(scene.store.document("sealing", "keys").await.unwrap(), None, "nothing was written");
}

#[tokio::test]
async fn a_storage_with_sealed_records_and_no_document_of_keys_is_refused() {
    let scene = Scene::new();
    scene.sealed("a").await.apply(put(&record("k", "red"), None)).await.unwrap();
    assert_refused_without_keys(&scene).await;
}

#[tokio::test]
async fn a_storage_with_sealed_documents_alone_and_no_document_of_keys_is_refused() {
    let scene = Scene::new();
    scene.sealed("a").await.apply(document("d", None, MARKER)).await.unwrap();
    assert_refused_without_keys(&scene).await;
}

#[tokio::test]
async fn a_storage_whose_newest_records_are_plain_again_and_whose_document_of_keys_is_gone_is_refused() {
    let scene = Scene::new();
    let sealed = scene.sealed("a").await;
    sealed.apply(put(&record("old", "red"), None)).await.unwrap();
    let server = scene.server(Given { other: Some("a"), unseal: true, ..Given::default() });
    server.prepare().await.unwrap();
    for number in 0..20 {
        opened(&server).apply(put(&record(&format!("new {number}"), "red"), None)).await.unwrap();
    }
    // The first page of those that are written anew does not get to the oldest.
    assert!(server.step().await);
    assert!(scene.numbers().await.iter().any(Option::is_some));
    assert_refused_without_keys(&scene).await;
}

#[tokio::test]
async fn nobody_reaches_the_documents_of_sealing_through_it() {
    let scene = Scene::new();
    let sealed = scene.sealed("a").await;
    assert!(scene.store.document("sealing", "keys").await.unwrap().is_some());
    assert_eq!(sealed.document("sealing", "keys").await.unwrap(), None);
    assert_eq!(sealed.document_kinds().await.unwrap(), Vec::<String>::new());
    let put =
        DocumentPut { kind: "sealing".into(), id: "keys".into(), expected: Some(Revision(1)), content: None };
    assert!(sealed.apply(ChangeSet { documents: vec![put], ..ChangeSet::default() }).await.is_err());
}
