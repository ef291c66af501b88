//! What is kept and is no object.

use super::Fixture;
use super::scene::Scene;
use crate::record::Revision;
use crate::store::{ApplyError, ChangeSet, Document, DocumentPage, DocumentPut};

/// Long before and long after any test runs.
const PAST: Option<i64> = Some(1_000_000_000);
const FUTURE: Option<i64> = Some(100_000_000_000);

fn put(kind: &str, expected: Option<u64>, content: Option<(&[u8], Option<i64>)>) -> ChangeSet {
    put_as(kind, "d", expected, content)
}

fn put_as(kind: &str, id: &str, expected: Option<u64>, content: Option<(&[u8], Option<i64>)>) -> ChangeSet {
    let put = DocumentPut {
        kind: kind.into(),
        id: id.into(),
        expected: expected.map(Revision),
        content: content.map(|(body, expires)| (body.into(), expires)),
    };
    ChangeSet { documents: vec![put], ..ChangeSet::default() }
}

async fn read(scene: &Scene, kind: &str) -> Option<Document> {
    scene.store.document(kind, "d").await.expect("the store answers")
}

async fn conflicts(scene: &Scene, change: ChangeSet) {
    let error = scene.refused(change).await;
    assert!(matches!(error, ApplyError::Conflict), "{error:?}");
}

pub(super) async fn a_document_is_written_replaced_and_removed_by_revision(fixture: Fixture) {
    let scene = Scene::from(fixture);
    assert_eq!(read(&scene, "job").await, None);
    conflicts(&scene, put("job", Some(1), Some((b"x", None)))).await;
    scene.apply(put("job", None, Some((b"one", FUTURE)))).await;
    let expected = Document { revision: Revision(1), expires: FUTURE, body: b"one".as_slice().into() };
    assert_eq!(read(&scene, "job").await, Some(expected));
    conflicts(&scene, put("job", None, Some((b"x", None)))).await;
    conflicts(&scene, put("job", Some(2), Some((b"x", None)))).await;
    scene.apply(put("job", Some(1), Some((b"", None)))).await;
    let expected = Document { revision: Revision(2), expires: None, body: vec![].into() };
    assert_eq!(read(&scene, "job").await, Some(expected));
    conflicts(&scene, put("job", Some(1), None)).await;
    conflicts(&scene, put("job", None, None)).await;
    scene.apply(put("job", Some(2), None)).await;
    assert_eq!(read(&scene, "job").await, None);
    conflicts(&scene, put("job", Some(2), None)).await;
    scene.apply(put("job", None, None)).await;
    scene.apply(put("job", None, Some((b"again", None)))).await;
    assert_eq!(read(&scene, "job").await.map(|document| document.revision), Some(Revision(1)));
}

pub(super) async fn an_expired_document_does_not_exist(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.apply(put("ticket", None, Some((b"old", PAST)))).await;
    assert_eq!(read(&scene, "ticket").await, None);
    conflicts(&scene, put("ticket", Some(1), Some((b"x", None)))).await;
    scene.apply(put("ticket", None, Some((b"new", FUTURE)))).await;
    let expected = Document { revision: Revision(1), expires: FUTURE, body: b"new".as_slice().into() };
    assert_eq!(read(&scene, "ticket").await, Some(expected));
}

pub(super) async fn documents_of_two_kinds_do_not_meet(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.apply(put("job", None, Some((b"job", None)))).await;
    scene.apply(put("ticket", None, Some((b"ticket", None)))).await;
    scene.apply(put("job", Some(1), None)).await;
    assert_eq!(read(&scene, "job").await, None);
    assert_eq!(read(&scene, "ticket").await.map(|document| document.body), Some(b"ticket".as_slice().into()));
}

pub(super) async fn documents_of_a_kind_are_listed_in_order_page_by_page(fixture: Fixture) {
    let scene = Scene::from(fixture);
    for (id, expires) in [("b", None), ("é", FUTURE), ("a", FUTURE), ("B", None), ("old", PAST), ("ab", None)]
    {
        scene.apply(put_as("job", id, None, Some((id.as_bytes(), expires)))).await;
    }
    scene.apply(put_as("ticket", "aa", None, Some((b"ticket", None)))).await;
    scene.apply(put_as("job", "b", Some(1), Some((b"again", None)))).await;
    let list = |after: Option<&str>, limit| {
        let (store, page) = (scene.store.clone(), DocumentPage { after: after.map(str::to_owned), limit });
        async move { store.documents("job", &page).await.expect("the store answers") }
    };
    let names =
        |found: &[(String, Document)]| -> Vec<String> { found.iter().map(|(id, _)| id.clone()).collect() };
    assert_eq!(names(&list(None, 100).await), ["B", "a", "ab", "b", "é"]);
    assert_eq!(names(&list(None, 2).await), ["B", "a"]);
    assert_eq!(names(&list(Some("a"), 2).await), ["ab", "b"]);
    assert_eq!(names(&list(Some("aa"), 1).await), ["ab"]);
    assert!(list(Some("é"), 2).await.is_empty() && list(None, 0).await.is_empty());
    let expected = Document { revision: Revision(2), expires: None, body: b"again".as_slice().into() };
    assert_eq!(list(Some("ab"), 1).await, [("b".to_owned(), expected)]);
    assert!(scene.store.documents("other", &DocumentPage::first(9)).await.unwrap().is_empty());
}

pub(super) async fn the_kinds_of_documents_are_listed_in_order(fixture: Fixture) {
    let scene = Scene::from(fixture);
    assert_eq!(scene.store.document_kinds().await.unwrap(), Vec::<String>::new());
    for kind in ["ticket", "job", "Job", "job-item"] {
        scene.apply(put_as(kind, "a", None, Some((b"x", None)))).await;
        scene.apply(put_as(kind, "b", None, Some((b"x", FUTURE)))).await;
    }
    assert_eq!(scene.store.document_kinds().await.unwrap(), ["Job", "job", "job-item", "ticket"]);
}
