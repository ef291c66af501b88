//! Names, unique per owner.

use super::Fixture;
use super::scene::*;
use crate::store::ApplyError;

pub(super) async fn a_name_is_unique_for_its_owner(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put(["a", "b", "c"].map(draft)).await;
    scene.apply(claimed([claim("a", "alice", &["one", "two"])])).await;
    let error = scene.refused(claimed([claim("b", "alice", &["three", "two"])])).await;
    assert!(matches!(&error, ApplyError::NameTaken(name) if name == "two"), "{error:?}");
    // The refused change took "three" neither; another owner is free to use all of them.
    scene.apply(claimed([claim("c", "alice", &["three"])])).await;
    scene.apply(claimed([claim("b", "bob", &["one", "two", "three"])])).await;
    // Names differ by case.
    scene.apply(claimed([claim("c", "alice", &["three", "Two"])])).await;
}

pub(super) async fn later_claims_replace_earlier_ones(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put(["a", "b"].map(draft)).await;
    scene.apply(claimed([claim("a", "alice", &["one", "two"])])).await;
    scene.apply(claimed([claim("a", "alice", &["two", "three"])])).await;
    scene.apply(claimed([claim("b", "alice", &["one"])])).await;
    let error = scene.refused(claimed([claim("b", "alice", &["three"])])).await;
    assert!(matches!(error, ApplyError::NameTaken(_)), "{error:?}");
    scene.apply(claimed([claim("a", "bob", &["three"])])).await;
    scene.apply(claimed([claim("b", "alice", &["two", "three"])])).await;
    scene.apply(claimed([claim("a", "bob", &[])])).await;
    scene.apply(claimed([claim("b", "bob", &["three"])])).await;
}

pub(super) async fn two_objects_can_swap_their_names(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put(["a", "b", "c"].map(draft)).await;
    scene.apply(claimed([claim("a", "alice", &["one"]), claim("b", "alice", &["two"])])).await;
    scene.apply(claimed([claim("a", "alice", &["two"]), claim("b", "alice", &["one"])])).await;
    scene.apply(claimed([claim("a", "alice", &[])])).await;
    scene.apply(claimed([claim("c", "alice", &["two"])])).await;
    let error = scene.refused(claimed([claim("c", "alice", &["one"])])).await;
    assert!(matches!(error, ApplyError::NameTaken(_)), "{error:?}");
}

pub(super) async fn two_objects_of_one_change_cannot_claim_one_name(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put(["a", "b"].map(draft)).await;
    let both = claimed([claim("a", "alice", &["one"]), claim("b", "alice", &["one"])]);
    let error = scene.refused(both).await;
    assert!(matches!(error, ApplyError::NameTaken(_)), "{error:?}");
    let error = scene.refused(claimed([claim("absent", "alice", &["one"])])).await;
    assert!(matches!(error, ApplyError::Conflict), "{error:?}");
    scene.apply(claimed([claim("b", "alice", &["one", "one"])])).await;
}
