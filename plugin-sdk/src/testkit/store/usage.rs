//! Usage Limits (KMIP 2.1 section 4.62): taken conditionally, without a new revision.

use super::Fixture;
use super::scene::*;
use crate::store::{ApplyError, ChangeSet};

pub(super) async fn uses_are_taken_down_to_zero_and_no_further(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("a").uses(Some(5))]).await;
    scene.apply(consumed("a", 3)).await;
    assert_eq!(scene.usage_left("a").await, Some(2));
    for too_many in [3, u64::MAX] {
        let error = scene.refused(consumed("a", too_many)).await;
        assert!(matches!(&error, ApplyError::UsageExceeded(of) if *of == id("a")), "{error:?}");
    }
    scene.apply(consumed("a", 2)).await;
    assert_eq!(scene.usage_left("a").await, Some(0));
    let error = scene.refused(consumed("a", 1)).await;
    assert!(matches!(error, ApplyError::UsageExceeded(_)), "{error:?}");
    scene.apply(consumed("a", 0)).await;
    // Uses of one change add up.
    scene.put([draft("b").uses(Some(5))]).await;
    let mut change = consumed("b", 3);
    change.consumptions.push((id("b"), 3));
    let error = scene.refused(change).await;
    assert!(matches!(error, ApplyError::UsageExceeded(_)), "{error:?}");
    assert_eq!(scene.usage_left("b").await, Some(5));
}

pub(super) async fn taking_uses_changes_no_revision_and_an_update_keeps_what_is_left(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("a").uses(Some(5))]).await;
    scene.apply(consumed("a", 1)).await;
    assert_eq!(scene.revision("a").await, Some(1));
    scene.put([draft("a").expecting(1)]).await;
    assert_eq!(scene.usage_left("a").await, Some(4));
    // Putting a limit and using it is one change.
    let mut change: ChangeSet = draft("a").expecting(2).uses(Some(10)).into();
    change.consumptions = vec![(id("a"), 4)];
    scene.apply(change).await;
    assert_eq!(scene.usage_left("a").await, Some(6));
    scene.put([draft("a").expecting(3).uses(None)]).await;
    assert_eq!(scene.usage_left("a").await, None);
}

pub(super) async fn an_object_without_limit_is_never_exhausted(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("a")]).await;
    assert_eq!(scene.usage_left("a").await, None);
    scene.apply(consumed("a", u64::MAX)).await;
    assert_eq!(scene.usage_left("a").await, None);
    assert_eq!(scene.revision("a").await, Some(1));
}

pub(super) async fn uses_of_an_absent_object_are_a_conflict(fixture: Fixture) {
    let scene = Scene::from(fixture);
    let error = scene.refused(consumed("absent", 1)).await;
    assert!(matches!(error, ApplyError::Conflict), "{error:?}");
}
