//! Contents that are written in other bytes.

use claviger_kmip::tables::enumerations::OperationCode;

use super::Fixture;
use super::scene::*;
use crate::filter::Filter;
use crate::record::Revision;
use crate::store::{ApplyError, ChangeSet, Document, DocumentPut, Rewrite, Rewritten};

fn record(object: &str, from: &[u8], to: &[u8]) -> ChangeSet {
    let rewrite = Rewrite { of: Rewritten::Record(id(object)), from: from.into(), to: to.into() };
    ChangeSet { rewrites: vec![rewrite], ..ChangeSet::default() }
}

fn document(name: &str, from: &[u8], to: &[u8]) -> ChangeSet {
    let of = Rewritten::Document { kind: "job".to_owned(), id: name.to_owned() };
    let rewrite = Rewrite { of, from: from.into(), to: to.into() };
    ChangeSet { rewrites: vec![rewrite], ..ChangeSet::default() }
}

fn put(name: &str, expected: Option<u64>, body: &[u8], expires: Option<i64>) -> ChangeSet {
    let put = DocumentPut {
        kind: "job".to_owned(),
        id: name.to_owned(),
        expected: expected.map(Revision),
        content: Some((body.into(), expires)),
    };
    ChangeSet { documents: vec![put], ..ChangeSet::default() }
}

pub(super) async fn a_rewritten_record_has_other_bytes_and_is_else_the_same(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("a").tag("red").uses(Some(5)), draft("b"), draft("a").tag("red").expecting(1)]).await;
    scene.apply(claimed([claim("a", "owner", &["mine"])])).await;
    scene.apply(granted([grant("a", user("bob"), OperationCode::GET)])).await;
    let before = scene.get_for("a", &[user("bob")]).await.unwrap();
    scene.apply(record("a", b"body of a", b"\0longer than before\xFF")).await;
    let after = scene.get_for("a", &[user("bob")]).await.unwrap();
    assert_eq!(&*after.body, b"\0longer than before\xFF");
    assert_eq!((after.revision, after.usage_left, &after.grants), (Revision(2), Some(5), &before.grants));
    assert_eq!(scene.find(Filter::Tag("red".into())).await, ["a"]);
    assert_eq!(scene.find(Filter::All(vec![])).await, ["b", "a"], "it stays in its place");
    // Whoever had read it before may write it.
    scene.put([draft("a").expecting(2).body("next")]).await;
    assert_eq!(&*scene.get("a").await.unwrap().body, b"next");
}

pub(super) async fn a_rewritten_document_has_other_bytes_and_is_else_the_same(fixture: Fixture) {
    let scene = Scene::from(fixture);
    let expires = Some(100_000_000_000);
    scene.apply(put("a", None, b"first", None)).await;
    scene.apply(put("a", Some(1), b"second", expires)).await;
    scene.apply(document("a", b"second", b"")).await;
    let expected = Document { revision: Revision(2), expires, body: vec![].into() };
    assert_eq!(scene.store.document("job", "a").await.unwrap(), Some(expected));
    scene.apply(document("a", b"", b"third")).await;
    scene.apply(put("a", Some(2), b"fourth", None)).await;
    let expected = Document { revision: Revision(3), expires: None, body: b"fourth".as_slice().into() };
    assert_eq!(scene.store.document("job", "a").await.unwrap(), Some(expected));
}

pub(super) async fn a_rewrite_of_other_bytes_or_of_nothing_is_a_conflict(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("a")]).await;
    scene.apply(put("a", None, b"body", None)).await;
    scene.apply(put("old", None, b"body", Some(1_000_000_000))).await;
    let refused = [
        record("a", b"body of b", b"x"),
        record("a", b"body of", b"x"),
        record("b", b"body of b", b"x"),
        document("a", b"bodies", b"x"),
        document("b", b"body", b"x"),
        document("old", b"body", b"x"),
    ];
    for change in refused {
        let error = scene.refused(change.clone()).await;
        assert!(matches!(error, ApplyError::Conflict), "{error:?} for {change:?}");
    }
    assert_eq!(&*scene.get("a").await.unwrap().body, b"body of a");
    assert_eq!(&*scene.store.document("job", "a").await.unwrap().unwrap().body, b"body");
}

pub(super) async fn a_rewrite_is_written_with_its_change_set_or_not_at_all(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("a"), draft("b")]).await;
    let both = |second: &[u8]| {
        let mut change = put("a", None, b"progress", None);
        change.rewrites = record("a", b"body of a", b"new a").rewrites;
        change.rewrites.extend(record("b", second, b"new b").rewrites);
        change
    };
    scene.refused(both(b"another body")).await;
    assert_eq!(&*scene.get("a").await.unwrap().body, b"body of a");
    assert_eq!(scene.store.document("job", "a").await.unwrap(), None);
    scene.apply(both(b"body of b")).await;
    assert_eq!(&*scene.get("a").await.unwrap().body, b"new a");
    assert_eq!(&*scene.get("b").await.unwrap().body, b"new b");
    // Rewrites come last: they see what the change set itself has put.
    let mut change: ChangeSet = draft("c").into();
    change.rewrites = record("c", b"body of c", b"new c").rewrites;
    scene.apply(change).await;
    assert_eq!(&*scene.get("c").await.unwrap().body, b"new c");
}
