//! Grants and their listing.

use super::Fixture;
use super::scene::*;
use crate::store::{ApplyError, GrantQuery, Subject};
use claviger_kmip::tables::enumerations::OperationCode as Code;

pub(super) async fn only_grants_of_the_asked_subjects_come_with_a_record(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put(["a", "b"].map(draft)).await;
    let on_a = [
        grant("a", user("bob"), Code::GET),
        grant("a", user("bob"), Code::ENCRYPT),
        grant("a", group("staff"), Code::DECRYPT),
        grant("a", Subject::Everyone, Code::GET),
        grant("a", user("carol"), Code::GET),
    ];
    scene.apply(granted(on_a.clone())).await;
    scene.apply(granted([grant("b", user("carol"), Code::GET)])).await;
    let asked = [user("bob"), group("staff"), Subject::Everyone];
    let mut expected = on_a[..4].to_vec();
    expected.sort();
    let mut held = scene.get_for("a", &asked).await.unwrap().grants;
    held.sort();
    assert_eq!(held, expected);
    assert_eq!(scene.get_for("b", &asked).await.unwrap().grants, []);
    assert_eq!(scene.get("a").await.unwrap().grants, []);
    let both = scene.store.get(&["b", "a"].map(id), &[user("carol")]).await.unwrap();
    assert_eq!(both[0].grants, [grant("b", user("carol"), Code::GET)]);
    assert_eq!(both[1].grants, [grant("a", user("carol"), Code::GET)]);
}

pub(super) async fn a_grant_given_twice_is_one_and_taken_twice_is_none(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("a")]).await;
    let given = grant("a", user("bob"), Code::GET);
    scene.apply(granted([given.clone(), given.clone()])).await;
    scene.apply(granted([given.clone()])).await;
    assert_eq!(scene.grants_on("a").await, vec![given.clone()]);
    scene.apply(revoked(given.clone())).await;
    assert_eq!(scene.grants_on("a").await, []);
    scene.apply(revoked(given)).await;
    scene.apply(revoked(grant("absent", user("bob"), Code::GET))).await;
    assert_eq!(scene.revision("a").await, Some(1), "grants are no part of the record");
}

pub(super) async fn grants_are_listed_by_object_and_by_subject_in_order(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put(["b", "a"].map(draft)).await;
    let mut all = vec![
        grant("b", user("bob"), Code::GET),
        grant("b", Subject::Everyone, Code::GET),
        grant("b", group("staff"), Code::GET),
        grant("a", user("bob"), Code::ENCRYPT),
        grant("a", user("bob"), Code::GET),
        grant("a", user("ann"), Code::GET),
    ];
    scene.apply(granted(all.clone())).await;
    all.sort();
    let listed = |query| {
        let store = scene.store.clone();
        async move { store.grants(&query).await.unwrap() }
    };
    let of = |wanted: &dyn Fn(&&crate::store::Grant) -> bool| {
        all.iter().filter(wanted).cloned().collect::<Vec<_>>()
    };
    assert_eq!(listed(GrantQuery::Object(id("b"))).await, of(&|g| g.object == id("b")));
    assert_eq!(listed(GrantQuery::Object(id("absent"))).await, []);
    let bob = vec![user("bob")];
    assert_eq!(listed(GrantQuery::Subjects(bob)).await, of(&|g| g.subject == user("bob")));
    let all_subjects = vec![user("bob"), user("ann"), group("staff"), Subject::Everyone];
    assert_eq!(listed(GrantQuery::Subjects(all_subjects)).await, all);
    assert_eq!(listed(GrantQuery::Subjects(vec![])).await, []);
}

pub(super) async fn a_grant_on_an_absent_object_is_a_conflict(fixture: Fixture) {
    let scene = Scene::from(fixture);
    let error = scene.refused(granted([grant("absent", user("bob"), Code::GET)])).await;
    assert!(matches!(error, ApplyError::Conflict), "{error:?}");
    scene.put([draft("absent")]).await;
    assert_eq!(scene.grants_on("absent").await, []);
}

pub(super) async fn a_user_a_group_and_everyone_of_one_name_are_three_subjects(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("a")]).await;
    scene.apply(granted([grant("a", Subject::Everyone, Code::GET)])).await;
    for other in [user("*"), group("*")] {
        assert_eq!(scene.get_for("a", &[other]).await.unwrap().grants, []);
    }
    scene.apply(granted([grant("a", user("x"), Code::GET)])).await;
    assert_eq!(scene.get_for("a", &[group("x"), user("g:x"), user("u:x")]).await.unwrap().grants, []);
}
