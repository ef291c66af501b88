//! Putting, getting and purging records.

use super::Fixture;
use super::scene::*;
use crate::filter::Filter;
use crate::record::Revision;
use crate::store::{ApplyError, ChangeSet, Stored};
use crate::testkit::say_skipped;
use claviger_kmip::tables::enumerations::OperationCode;

pub(super) async fn a_record_that_was_put_is_read_back(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("k").body("secret").uses(Some(5))]).await;
    let expected = Stored {
        id: id("k"),
        revision: Revision(1),
        body: b"secret".as_slice().into(),
        usage_left: Some(5),
        grants: vec![],
    };
    assert_eq!(scene.get("k").await, Some(expected));
    assert_eq!(scene.get("other").await, None);
}

pub(super) async fn records_come_in_the_order_of_their_identifiers_without_absent_ones(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put(["a", "b", "c"].map(draft)).await;
    let asked = ["c", "absent", "a", "b"].map(id);
    assert_eq!(names(&scene.store.get(&asked, &[]).await.unwrap()), ["c", "a", "b"]);
    assert_eq!(scene.store.get(&[], &[]).await.unwrap(), []);
}

pub(super) async fn an_identifier_can_be_taken_once(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("k").body("first")]).await;
    let error = scene.refused(draft("k").body("second").into()).await;
    assert!(matches!(&error, ApplyError::Exists(taken) if *taken == id("k")), "{error:?}");
    assert_eq!(&*scene.get("k").await.unwrap().body, b"first");
    // Also behind one that is new.
    let mut change: ChangeSet = draft("new").into();
    change.puts.push(draft("k").0);
    let error = scene.refused(change).await;
    assert!(matches!(&error, ApplyError::Exists(taken) if *taken == id("k")), "{error:?}");
    assert!(scene.get("new").await.is_none());
}

pub(super) async fn a_put_with_the_right_revision_replaces_body_and_index(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("k").tag("old").tag("kept").owner("alice")]).await;
    scene.put([draft("k").tag("new").tag("kept").owner("bob").body("new").expecting(1)]).await;
    assert_eq!(scene.revision("k").await, Some(2));
    assert_eq!(&*scene.get("k").await.unwrap().body, b"new");
    let none: [&str; 0] = [];
    assert_eq!(scene.find(Filter::Tag("old".into())).await, none);
    assert_eq!(scene.find(Filter::Tag("kept".into())).await, ["k"]);
    assert_eq!(scene.find(Filter::Tag("new".into())).await, ["k"]);
    assert_eq!(scene.find(Filter::Owner("alice".into())).await, none);
    assert_eq!(scene.find(Filter::Owner("bob".into())).await, ["k"]);
}

pub(super) async fn a_put_with_another_revision_is_a_conflict(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("k"), draft("k").expecting(1)]).await;
    for wrong in [0, 1, 3] {
        let error = scene.refused(draft("k").body("wrong").expecting(wrong).into()).await;
        assert!(matches!(error, ApplyError::Conflict), "{error:?}");
    }
    assert_eq!(scene.revision("k").await, Some(2));
}

pub(super) async fn a_put_that_expects_an_absent_record_is_a_conflict(fixture: Fixture) {
    let scene = Scene::from(fixture);
    let error = scene.refused(draft("k").expecting(1).into()).await;
    assert!(matches!(error, ApplyError::Conflict), "{error:?}");
    assert_eq!(scene.get("k").await, None);
}

pub(super) async fn a_record_that_another_store_had_begins_with_its_revision(fixture: Fixture) {
    let scene = Scene::from(fixture);
    let mut change = ChangeSet::from(draft("moved"));
    change.puts.extend(["plain", "much"].map(|name| draft(name).0));
    change.first_revisions = [(id("moved"), Revision(7)), (id("much"), Revision(1 << 40))].into();
    scene.apply(change).await;
    assert_eq!(scene.revision("moved").await, Some(7));
    assert_eq!(scene.revision("plain").await, Some(1));
    assert_eq!(scene.revision("much").await, Some(1 << 40));
    let error = scene.refused(draft("moved").expecting(1).into()).await;
    assert!(matches!(error, ApplyError::Conflict), "{error:?}");
    scene.put([draft("moved").expecting(7)]).await;
    assert_eq!(scene.revision("moved").await, Some(8));
}

pub(super) async fn a_purge_removes_record_grants_index_and_names(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("k").tag("t")]).await;
    scene.apply(granted([grant("k", user("bob"), OperationCode::GET)])).await;
    scene.apply(claimed([claim("k", "owner", &["name"])])).await;
    scene.apply(purged("k", 1)).await;
    assert_eq!(scene.get("k").await, None);
    assert_eq!(scene.find(Filter::Tag("t".into())).await, Vec::<String>::new());
    assert_eq!(scene.grants_on("k").await, []);
    // A new object under the same identifier inherits nothing, and the name is free.
    scene.put([draft("k"), draft("other")]).await;
    assert_eq!(scene.revision("k").await, Some(1));
    assert_eq!(scene.grants_on("k").await, []);
    assert_eq!(scene.find(Filter::Tag("t".into())).await, Vec::<String>::new());
    scene.apply(claimed([claim("other", "owner", &["name"])])).await;
}

pub(super) async fn a_purge_with_another_revision_is_a_conflict(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("k")]).await;
    for (name, revision) in [("k", 2), ("absent", 1)] {
        let error = scene.refused(purged(name, revision)).await;
        assert!(matches!(error, ApplyError::Conflict), "{error:?}");
    }
    assert_eq!(scene.revision("k").await, Some(1));
}

pub(super) async fn unusual_text_is_kept_byte_for_byte(fixture: Fixture) {
    let scene = Scene::from(fixture);
    let texts = [
        "it's", "a\"b", "a`b", "100%", "a_b", "a\\b", "[\"t\"]", "ключ", "鍵🔑", "e\u{301}", "é", "a;--",
        "?1", " a ",
    ];
    for name in texts {
        let mut change: ChangeSet = draft(name).tag(name).owner(name).body(name).into();
        change.claims = vec![claim(name, name, &[name])];
        change.grants = vec![grant(name, user(name), OperationCode::GET)];
        scene.apply(change).await;
    }
    for name in texts {
        assert_eq!(&*scene.get(name).await.unwrap().body, name.as_bytes());
        assert_eq!(scene.find(Filter::Tag(name.into())).await, [name]);
        assert_eq!(scene.find(Filter::Owner(name.into())).await, [name]);
        assert_eq!(scene.grants_on(name).await, [grant(name, user(name), OperationCode::GET)]);
    }
    let none: [&str; 0] = [];
    for pattern in ["%", "_", "1%", "a_", "*", "IT'S"] {
        assert_eq!(scene.find(Filter::Tag(pattern.into())).await, none, "a tag is no pattern");
        assert_eq!(scene.find(Filter::Owner(pattern.into())).await, none, "an owner is no pattern");
    }
}

pub(super) async fn an_identifier_is_found_by_its_exact_case(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put(["key", "Key", "KEY", "key "].map(draft)).await;
    for name in ["key", "Key", "KEY", "key "] {
        assert_eq!(scene.get(name).await.map(|stored| stored.id), Some(id(name)));
    }
    assert_eq!(scene.get("kEY").await, None);
}

pub(super) async fn an_acknowledged_change_is_there_after_reopening(fixture: Fixture) {
    let Fixture { store, reopen: Some(reopen) } = fixture else {
        return say_skipped("the fixture is of a store that does not outlive its process");
    };
    let scene = Scene { store, _lies_in: None };
    scene.put([draft("k").tag("t").uses(Some(3)), draft("gone")]).await;
    scene.apply(granted([grant("k", user("bob"), OperationCode::GET)])).await;
    scene.apply(claimed([claim("k", "owner", &["name"])])).await;
    scene.apply(consumed("k", 1)).await;
    scene.apply(purged("gone", 1)).await;
    drop(scene);
    let scene = Scene { store: reopen().await, _lies_in: None };
    assert_eq!(scene.find(Filter::All(vec![])).await, ["k"]);
    assert_eq!(scene.find(Filter::Tag("t".into())).await, ["k"]);
    assert_eq!(scene.usage_left("k").await, Some(2));
    assert_eq!(scene.grants_on("k").await.len(), 1);
    scene.put([draft("other")]).await;
    let error = scene.refused(claimed([claim("other", "owner", &["name"])])).await;
    assert!(matches!(error, ApplyError::NameTaken(_)), "{error:?}");
    assert_eq!(scene.find(Filter::All(vec![])).await, ["other", "k"], "newest first goes on after reopening");
    drop(scene);
    drop(reopen);
}
