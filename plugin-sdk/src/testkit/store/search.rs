//! Every kind of filter but attributes.

use super::Fixture;
use super::scene::*;
use crate::filter::{Filter, Page};
use crate::record::Revision;
use crate::store::Subject;
use claviger_kmip::field::DateTime;
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::tables::enumerations::{ObjectType, OperationCode as Code, State};

const NONE: [&str; 0] = [];

pub(super) async fn no_condition_finds_all_newest_first(fixture: Fixture) {
    let scene = Scene::from(fixture);
    assert_eq!(scene.find(Filter::All(vec![])).await, NONE);
    scene.put(["b", "c", "a"].map(draft)).await;
    assert_eq!(scene.find(Filter::All(vec![])).await, ["a", "c", "b"]);
    assert_eq!(scene.find(Filter::Any(vec![])).await, NONE);
    // Of one change set, the later put is the newer.
    let mut change: crate::store::ChangeSet = draft("z").into();
    change.puts.push(draft("y").0);
    scene.apply(change).await;
    assert_eq!(scene.find(Filter::All(vec![])).await, ["y", "z", "a", "c", "b"]);
}

pub(super) async fn objects_are_found_by_identifier(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put(["a", "b"].map(draft)).await;
    assert_eq!(scene.find(Filter::Id(id("a"))).await, ["a"]);
    assert_eq!(scene.find(Filter::Id(id("c"))).await, NONE);
    let both = Filter::All(vec![Filter::Id(id("a")), Filter::Id(id("b"))]);
    assert_eq!(scene.find(both).await, NONE);
    let either = Filter::Any(vec![Filter::Id(id("a")), Filter::Id(id("b"))]);
    assert_eq!(scene.find(either).await, ["b", "a"]);
}

pub(super) async fn objects_are_found_by_type(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene
        .put([
            draft("key"),
            draft("secret").object_type(ObjectType::SECRET_DATA),
            draft("opaque").object_type(ObjectType::OPAQUE_OBJECT),
        ])
        .await;
    assert_eq!(scene.find(Filter::Type(vec![ObjectType::SECRET_DATA])).await, ["secret"]);
    let two = Filter::Type(vec![ObjectType::SYMMETRIC_KEY, ObjectType::OPAQUE_OBJECT]);
    assert_eq!(scene.find(two).await, ["opaque", "key"]);
    assert_eq!(scene.find(Filter::Type(vec![])).await, NONE);
}

pub(super) async fn objects_are_found_by_tag(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("a").tag("red").tag("big"), draft("b").tag("red"), draft("c")]).await;
    let tag = |tag: &str| Filter::Tag(tag.to_owned());
    assert_eq!(scene.find(tag("red")).await, ["b", "a"]);
    assert_eq!(scene.find(tag("re")).await, NONE);
    assert_eq!(scene.find(Filter::All(vec![tag("red"), tag("big")])).await, ["a"]);
    assert_eq!(scene.find(Filter::All(vec![tag("red"), Filter::Not(Box::new(tag("big")))])).await, ["b"]);
    assert_eq!(scene.find(Filter::Not(Box::new(tag("red")))).await, ["c"]);
}

pub(super) async fn objects_are_found_by_owner(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("a").owner("alice"), draft("b").owner("bob"), draft("c").owner("alice")]).await;
    assert_eq!(scene.find(Filter::Owner("alice".into())).await, ["c", "a"]);
    assert_eq!(scene.find(Filter::Owner("Alice".into())).await, NONE);
    assert_eq!(scene.find(Filter::Owner("".into())).await, NONE);
}

pub(super) async fn objects_are_found_by_who_may_see_them(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene
        .put([
            draft("own").owner("bob"),
            draft("read"),
            draft("used"),
            draft("staff"),
            draft("public"),
            draft("hidden"),
        ])
        .await;
    scene
        .apply(granted([
            grant("own", user("bob"), Code::GET),
            grant("read", user("bob"), Code::GET),
            grant("used", user("bob"), Code::ENCRYPT),
            grant("used", user("bob"), Code::DECRYPT),
            grant("used", group("staff"), Code::ENCRYPT),
            grant("staff", group("staff"), Code::GET),
            grant("public", Subject::Everyone, Code::GET),
            grant("hidden", user("carol"), Code::GET),
            grant("hidden", user("staff"), Code::GET),
        ]))
        .await;
    let visible = |subjects: &[Subject], operations: Option<&[Code]>| Filter::VisibleTo {
        subjects: subjects.to_vec(),
        operations: operations.map(<[Code]>::to_vec),
    };
    let bob = [user("bob"), group("staff"), Subject::Everyone];
    assert_eq!(scene.find(visible(&bob, None)).await, ["public", "staff", "used", "read", "own"]);
    assert_eq!(scene.find(visible(&bob[..1], None)).await, ["used", "read", "own"]);
    assert_eq!(scene.find(visible(&bob, Some(&[Code::GET]))).await, ["public", "staff", "read", "own"]);
    assert_eq!(scene.find(visible(&bob, Some(&[Code::ENCRYPT, Code::DECRYPT]))).await, ["used", "own"]);
    assert_eq!(scene.find(visible(&bob, Some(&[]))).await, ["own"], "an owner needs no grant");
    assert_eq!(scene.find(visible(&bob[2..], None)).await, ["public"]);
    assert_eq!(scene.find(visible(&[], None)).await, NONE);
    let not_seen = Filter::Not(Box::new(visible(&bob, None)));
    assert_eq!(scene.find(not_seen).await, ["hidden"]);
    // A group owns nothing, even if it is called like an owner.
    assert_eq!(scene.find(visible(&[group("bob")], None)).await, NONE);
    scene.apply(revoked(grant("read", user("bob"), Code::GET))).await;
    assert_eq!(scene.find(visible(&bob[..1], None)).await, ["used", "own"]);
}

pub(super) async fn objects_are_found_by_their_state_at_a_time(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene
        .put([
            draft("waiting").dates(State::PRE_ACTIVE, None, None),
            draft("planned").dates(State::PRE_ACTIVE, Some(100), Some(200)),
            draft("crossed").dates(State::PRE_ACTIVE, Some(200), Some(100)),
            draft("active").dates(State::ACTIVE, Some(0), None),
            draft("ending").dates(State::ACTIVE, None, Some(200)),
            draft("ended").dates(State::DEACTIVATED, Some(500), Some(600)),
            draft("stolen").dates(State::COMPROMISED, Some(100), Some(200)),
            draft("gone").dates(State::DESTROYED, None, None),
            draft("lost").dates(State::DESTROYED_COMPROMISED, None, Some(1)),
        ])
        .await;
    let at = |states: StateSet, at| Filter::State { any_of: states, at: DateTime(at) };
    let pre_active = StateSet::PRE_ACTIVE;
    let deactivated = StateSet::of(&[State::DEACTIVATED]);
    assert_eq!(scene.find(at(pre_active, 99)).await, ["crossed", "planned", "waiting"]);
    assert_eq!(scene.find(at(pre_active, 100)).await, ["crossed", "waiting"]);
    assert_eq!(scene.find(at(pre_active, 200)).await, ["waiting"]);
    assert_eq!(scene.find(at(StateSet::ACTIVE, 99)).await, ["ending", "active"]);
    assert_eq!(scene.find(at(StateSet::ACTIVE, 100)).await, ["ending", "active", "planned"]);
    assert_eq!(scene.find(at(StateSet::ACTIVE, 199)).await, ["ending", "active", "planned"]);
    assert_eq!(scene.find(at(StateSet::ACTIVE, 200)).await, ["active"]);
    assert_eq!(scene.find(at(deactivated, 199)).await, ["ended"]);
    assert_eq!(scene.find(at(deactivated, 200)).await, ["ended", "ending", "crossed", "planned"]);
    assert_eq!(scene.find(at(StateSet::of(&[State::COMPROMISED]), 200)).await, ["stolen"]);
    assert_eq!(scene.find(at(StateSet::DESTROYED, 200)).await, ["lost", "gone"]);
    assert_eq!(scene.find(at(StateSet::NONE, 200)).await, NONE);
    assert_eq!(scene.find(at(StateSet::ALL, 200)).await.len(), 9);
    // What is not Active is all the rest, absent dates notwithstanding.
    let not_active = Filter::Not(Box::new(at(StateSet::ACTIVE, 100)));
    let expected = ["lost", "gone", "stolen", "ended", "crossed", "waiting"];
    assert_eq!(scene.find(not_active).await, expected);
}

pub(super) async fn objects_are_found_by_storage_status(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene
        .put([
            draft("on line"),
            draft("archived").archived(),
            draft("destroyed").dates(State::DESTROYED, None, None),
            draft("both").archived().dates(State::DESTROYED_COMPROMISED, None, None),
        ])
        .await;
    assert_eq!(scene.find(Filter::StorageStatus(1)).await, ["on line"]);
    assert_eq!(scene.find(Filter::StorageStatus(2)).await, ["archived"]);
    assert_eq!(scene.find(Filter::StorageStatus(4)).await, ["both", "destroyed"]);
    assert_eq!(scene.find(Filter::StorageStatus(3)).await, ["archived", "on line"]);
    assert_eq!(scene.find(Filter::StorageStatus(u32::MAX)).await.len(), 4);
    assert_eq!(scene.find(Filter::StorageStatus(0)).await, NONE);
}

pub(super) async fn conditions_nest(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene
        .put([
            draft("a").owner("alice").tag("red"),
            draft("b").owner("alice").tag("blue"),
            draft("c").owner("bob").tag("red"),
            draft("d").owner("bob"),
        ])
        .await;
    let tag = |tag: &str| Filter::Tag(tag.to_owned());
    let owner = |owner: &str| Filter::Owner(owner.into());
    let not = |filter| Filter::Not(Box::new(filter));
    let either = Filter::Any(vec![
        Filter::All(vec![owner("alice"), not(tag("red"))]),
        Filter::All(vec![owner("bob"), Filter::Any(vec![tag("red"), tag("green")])]),
    ]);
    assert_eq!(scene.find(either.clone()).await, ["c", "b"]);
    assert_eq!(scene.find(not(either.clone())).await, ["d", "a"]);
    assert_eq!(scene.find(not(not(either))).await, ["c", "b"]);
    let under_all = Filter::All(vec![Filter::All(vec![tag("red")]), Filter::All(vec![]), owner("bob")]);
    assert_eq!(scene.find(under_all).await, ["c"]);
    assert_eq!(scene.find(Filter::All(vec![tag("red"), Filter::Any(vec![])])).await, NONE);
    assert_eq!(scene.find(Filter::Any(vec![tag("red"), Filter::All(vec![])])).await.len(), 4);
}

pub(super) async fn found_records_bring_body_revision_and_grants(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("a").tag("t"), draft("a").tag("t").body("v2").expecting(1).uses(Some(9))]).await;
    scene.apply(granted([grant("a", user("bob"), Code::GET), grant("a", user("carol"), Code::GET)])).await;
    let page = Page::first(10);
    let found = scene.store.find(&Filter::Tag("t".into()), &page, &[user("bob")]).await.unwrap();
    assert_eq!(found.total, None);
    assert_eq!(found.records.len(), 1);
    let record = &found.records[0];
    assert_eq!((record.revision, &*record.body, record.usage_left), (Revision(2), b"v2".as_slice(), Some(9)));
    assert_eq!(record.grants, [grant("a", user("bob"), Code::GET)]);
    let without = scene.store.find(&Filter::Tag("t".into()), &page, &[]).await.unwrap();
    assert_eq!(without.records[0].grants, []);
}
