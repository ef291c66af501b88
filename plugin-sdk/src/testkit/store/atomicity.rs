//! All of a change set or nothing.

use super::Fixture;
use super::scene::*;
use crate::filter::Filter;
use crate::record::Revision;
use crate::store::{ApplyError, ChangeSet, DocumentPut};
use claviger_kmip::tables::enumerations::OperationCode;

pub(super) async fn a_failing_part_leaves_nothing_of_the_change(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("old").tag("old").uses(Some(5)), draft("gone"), draft("holder")]).await;
    scene.apply(claimed([claim("holder", "owner", &["taken"]), claim("old", "owner", &["mine"])])).await;
    scene.apply(granted([grant("old", user("carol"), OperationCode::GET)])).await;
    let good = || {
        let mut change: ChangeSet = draft("new").tag("new").into();
        change.puts.push(draft("old").tag("changed").expecting(1).body("changed").0);
        change.purges = vec![(id("gone"), Revision(1))];
        change.grants = vec![grant("new", user("bob"), OperationCode::GET)];
        change.revocations = vec![grant("old", user("carol"), OperationCode::GET)];
        change.claims = vec![claim("old", "owner", &["other"]), claim("new", "owner", &["mine"])];
        change.consumptions = vec![(id("old"), 2)];
        change.documents = vec![document("d", None)];
        change
    };
    let spoilers: [Spoiler; 8] = [
        ("unchanged", |change| change.unchanged.push((id("holder"), Revision(7)))),
        ("purge", |change| change.purges.push((id("holder"), Revision(7)))),
        ("put", |change| change.puts.push(draft("holder").expecting(7).0)),
        ("new", |change| change.puts.push(draft("holder").0)),
        ("claim", |change| change.claims.push(claim("gone", "x", &["y"]))),
        ("name", |change| change.claims[1].names.push("taken".into())),
        ("use", |change| change.consumptions.push((id("old"), 4))),
        ("document", |change| change.documents.push(document("e", Some(Revision(1))))),
    ];
    for (what, spoil) in spoilers {
        let mut change = good();
        spoil(&mut change);
        scene.refused(change).await;
        assert_eq!(scene.find(Filter::All(vec![])).await, ["holder", "gone", "old"], "after a bad {what}");
        assert_eq!(scene.find(Filter::Tag("old".into())).await, ["old"], "after a bad {what}");
        assert_eq!(scene.find(Filter::Tag("new".into())).await, Vec::<String>::new(), "after a bad {what}");
        assert_eq!(scene.find(Filter::Tag("changed".into())).await, Vec::<String>::new());
        let old = scene.get_for("old", &[user("carol")]).await.unwrap();
        assert_eq!(
            (old.revision, &*old.body),
            (Revision(1), b"body of old".as_slice()),
            "after a bad {what}"
        );
        assert_eq!(old.usage_left, Some(5), "after a bad {what}");
        assert_eq!(old.grants.len(), 1, "after a bad {what}");
        assert_eq!(scene.store.document("kind", "d").await.unwrap(), None, "after a bad {what}");
    }
    // Nothing of the refused changes is in the way of the good one.
    scene.apply(good()).await;
    assert_eq!(scene.find(Filter::All(vec![])).await, ["new", "holder", "old"]);
    assert_eq!(scene.usage_left("old").await, Some(3));
    assert_eq!(scene.grants_on("old").await, []);
    assert_eq!(scene.grants_on("new").await.len(), 1);
}

pub(super) async fn an_unchanged_record_is_checked_and_left_alone(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("a")]).await;
    let depending = |name: &str, revision| {
        let mut change: ChangeSet = draft(name).into();
        change.unchanged = vec![(id("a"), Revision(revision))];
        change
    };
    scene.apply(depending("b", 1)).await;
    assert_eq!(scene.revision("a").await, Some(1));
    scene.put([draft("a").expecting(1)]).await;
    let error = scene.refused(depending("c", 1)).await;
    assert!(matches!(error, ApplyError::Conflict), "{error:?}");
    scene.apply(purged("a", 2)).await;
    let error = scene.refused(depending("c", 2)).await;
    assert!(matches!(error, ApplyError::Conflict), "{error:?}");
    // It is compared with what was before the change.
    let mut change: ChangeSet = draft("b").expecting(1).into();
    change.unchanged = vec![(id("b"), Revision(1))];
    scene.apply(change).await;
}

pub(super) async fn a_purged_identifier_can_be_put_again_in_the_same_change(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("a").tag("old"), draft("b")]).await;
    scene.apply(granted([grant("a", user("bob"), OperationCode::GET)])).await;
    let mut change: ChangeSet = draft("a").tag("new").into();
    change.purges = vec![(id("a"), Revision(1))];
    scene.apply(change).await;
    assert_eq!(scene.revision("a").await, Some(1));
    assert_eq!(scene.grants_on("a").await, []);
    assert_eq!(scene.find(Filter::Tag("old".into())).await, Vec::<String>::new());
    assert_eq!(scene.find(Filter::All(vec![])).await, ["a", "b"], "it is a new object");
}

pub(super) async fn a_name_of_a_purged_object_is_free_in_the_same_change(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("a")]).await;
    scene.apply(claimed([claim("a", "owner", &["name"])])).await;
    let mut change: ChangeSet = draft("b").into();
    change.purges = vec![(id("a"), Revision(1))];
    change.claims = vec![claim("b", "owner", &["name"])];
    scene.apply(change).await;
    assert_eq!(scene.find(Filter::All(vec![])).await, ["b"]);
}

fn document(name: &str, expected: Option<Revision>) -> DocumentPut {
    DocumentPut { kind: "kind".into(), id: name.into(), expected, content: Some((vec![1].into(), None)) }
}

/// What it spoils, and how.
type Spoiler = (&'static str, fn(&mut ChangeSet));
