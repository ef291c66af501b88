//! Order and pages.

use super::Fixture;
use super::scene::*;
use crate::filter::{Filter, Page};

fn thirds(index: usize) -> Draft {
    let object = draft(&format!("k{index:02}")).tag("all");
    if index.is_multiple_of(3) { object.tag("third") } else { object }
}

pub(super) async fn pages_follow_each_other_without_gap_or_overlap(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put((0..20).map(thirds)).await;
    for filter in [Filter::All(vec![]), Filter::Tag("third".into()), Filter::Owner("owner".into())] {
        let all = scene.find(filter.clone()).await;
        let mut paged = Vec::new();
        let mut page = Page::first(3);
        loop {
            let found = scene.store.find(&filter, &page, &[]).await.unwrap();
            assert!(found.records.len() <= 3);
            assert_eq!(found.last.is_none(), found.records.is_empty());
            paged.extend(names(&found.records));
            assert!(paged.len() <= all.len(), "a page came twice: {paged:?}");
            let Some(last) = found.last else { break };
            page.after = Some(last);
            // What is put meanwhile is newer than every page to come.
            scene.put([draft(&format!("meanwhile {}", paged.len())).tag("third")]).await;
            scene.apply(purged(&format!("meanwhile {}", paged.len()), 1)).await;
        }
        assert_eq!(paged, all);
    }
}

pub(super) async fn an_offset_skips_behind_the_cursor(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put((0..10).map(thirds)).await;
    let find = async |page: Page| scene.store.find(&Filter::All(vec![]), &page, &[]).await.unwrap();
    let first = find(Page::first(2)).await;
    let page = Page { after: first.last, offset: 3, limit: 2, count: false };
    assert_eq!(names(&find(page).await.records), ["k04", "k03"]);
    let page = Page { after: None, offset: 9, limit: 5, count: false };
    assert_eq!(names(&find(page).await.records), ["k00"]);
    for (offset, limit) in [(10, 5), (0, 0), (u64::MAX, u64::MAX)] {
        let found = find(Page { after: None, offset, limit, count: false }).await;
        assert_eq!((found.records, found.last), (vec![], None));
    }
    assert_eq!(find(Page::first(u64::MAX)).await.records.len(), 10);
}

pub(super) async fn the_count_is_of_all_matches(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put((0..10).map(thirds)).await;
    let filter = Filter::Tag("third".into());
    let first = scene.store.find(&filter, &Page::first(2), &[]).await.unwrap();
    assert_eq!(first.total, None);
    for (after, offset, limit) in [(None, 0, 2), (first.last, 0, 2), (None, 3, 2), (None, 0, 0)] {
        let found =
            scene.store.find(&filter, &Page { after, offset, limit, count: true }, &[]).await.unwrap();
        assert_eq!(found.total, Some(4));
    }
}

pub(super) async fn identifiers_alone_are_those_of_the_records(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put((0..10).map(thirds)).await;
    let after = scene.store.find(&Filter::All(vec![]), &Page::first(2), &[]).await.unwrap().last;
    for filter in [Filter::All(vec![]), Filter::Tag("third".into()), Filter::Tag("none".into())] {
        for (after, offset, limit, count) in [(None, 0, 100, false), (after, 1, 3, true), (None, 0, 0, true)]
        {
            let page = Page { after, offset, limit, count };
            let records = scene.store.find(&filter, &page, &[]).await.unwrap();
            let located = scene.store.locate(&filter, &page).await.unwrap();
            let ids: Vec<_> = records.records.into_iter().map(|record| record.id).collect();
            assert_eq!((located.ids, located.total), (ids, records.total));
        }
    }
}

pub(super) async fn an_update_leaves_an_object_in_its_place(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put(["a", "b", "c"].map(draft)).await;
    scene.put([draft("a").expecting(1).tag("t")]).await;
    assert_eq!(scene.find(Filter::All(vec![])).await, ["c", "b", "a"]);
}

pub(super) async fn the_rarest_of_several_conditions_does_not_change_the_answer(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put((0..200).map(thirds)).await;
    scene.put([draft("x").tag("all").tag("rare").owner("bob"), draft("y").tag("rare")]).await;
    let tag = |tag: &str| Filter::Tag(tag.to_owned());
    let conditions = [tag("all"), tag("rare"), Filter::Owner("bob".into())];
    for turn in 0..3 {
        let mut turned = conditions.to_vec();
        turned.rotate_left(turn);
        assert_eq!(scene.find(Filter::All(turned)).await, ["x"]);
    }
    let thirds = scene.find(Filter::All(vec![tag("all"), tag("third")])).await;
    assert_eq!(thirds.len(), 67);
    assert_eq!(thirds[0], "k198");
}
