//! Other labels: the index is built anew while others write.

use std::sync::Arc;
use std::time::Duration;

use claviger_plugin_sdk::filter::Filter;
use claviger_plugin_sdk::store::ObjectStore as _;
use claviger_plugin_sdk::testkit::service;
use redis::cmd;

use super::support::{Place, draft, find, put, runtime};
use crate::store::RedisStore;

fn tag(tag: &str) -> Filter {
    Filter::Tag(tag.to_owned())
}

/// How many words of the index there are that are not of this store's generation.
async fn words_of_others(store: &RedisStore) -> usize {
    let (mut others, mut cursor) = (0, 0_u64);
    let own = store.db.layout.words(store.db.lists.generation());
    let own = own.trim_end_matches('*').as_bytes().to_vec();
    let all = String::from_utf8(own.clone()).unwrap().replace(store.db.lists.generation(), "*");
    loop {
        let mut scan = cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("{all}*")).arg("COUNT").arg(1000);
        let (next, keys): (u64, Vec<Vec<u8>>) = store.db.connection.query(&scan).await.unwrap();
        others += keys.iter().filter(|key| !key.starts_with(&own)).count();
        if next == 0 {
            return others;
        }
        cursor = next;
    }
}

#[test]
fn another_label_finds_the_same_and_leaves_nothing_of_the_old_index() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let place = Place::at(&url);
        let old = place.open().await.unwrap();
        put(&old, (0..30).map(|number| draft(&format!("k{number}")).tag("t").tag(&format!("own {number}"))))
            .await;
        let new = Place { label: "second", ..place.clone() }.open().await.unwrap();
        assert_eq!(find(&new, tag("t")).await.len(), 30);
        assert_eq!(find(&new, tag("own 7")).await, ["k7"]);
        assert_eq!(words_of_others(&new).await, 0);
        put(&new, [draft("later").tag("t")]).await;
        assert_eq!(find(&new, tag("t")).await.len(), 31);
        // Who has the old label says so instead of finding less.
        assert!(old.health().await.is_err());
        assert!(old.apply(draft("x").into()).await.is_err());
        let page = claviger_plugin_sdk::filter::Page::first(1);
        assert!(old.find(&tag("t"), &page, &[]).await.is_err());
        assert!(find(&new, Filter::Id(super::support::id("x"))).await.is_empty());
        // Back again, and the same with that label a second time.
        for _ in 0..2 {
            let back = place.open().await.unwrap();
            assert_eq!(find(&back, tag("t")).await.len(), 31);
            assert_eq!(words_of_others(&back).await, 0);
        }
    });
}

#[test]
fn a_rotation_that_is_stopped_again_and_again_misses_nothing_that_others_write() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let place = Place::at(&url);
        let old = Arc::new(place.open().await.unwrap());
        put(&old, (0..50).map(|number| draft(&format!("before {number}")).tag("t"))).await;
        let next = Place { label: "second", ..place.clone() };
        let mut names: Vec<String> = (0..50).map(|number| format!("before {number}")).collect();
        for turn in 0..12 {
            let (next, old) = (next.clone(), old.clone());
            let building = tokio::spawn(async move { next.open().await.map(|_| ()) });
            let name = format!("meanwhile {turn}");
            let writing = async {
                // After the last turn has got through, the old label writes no more.
                if old.apply(draft(&name).tag("t").into()).await.is_ok() {
                    names.push(name.clone());
                }
                tokio::time::sleep(Duration::from_millis(turn)).await;
            };
            writing.await;
            building.abort();
            // The right of the builder that is no more is taken away, as time would do.
            let _ = building.await;
            old.db.connection.query::<i64>(cmd("DEL").arg(old.db.layout.builder())).await.unwrap();
        }
        let new = next.open().await.unwrap();
        names.reverse();
        assert_eq!(find(&new, tag("t")).await, names);
        assert_eq!(words_of_others(&new).await, 0);
    });
}

#[test]
fn of_servers_that_start_at_once_with_another_label_one_builds_and_all_serve() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let place = Place::at(&url);
        let old = place.open().await.unwrap();
        put(&old, (0..100).map(|number| draft(&format!("k{number}")).tag("t"))).await;
        let next = Place { label: "second", ..place };
        let opened = futures_util::future::join_all((0..4).map(|_| next.open())).await;
        let stores: Vec<RedisStore> = opened.into_iter().map(Result::unwrap).collect();
        for store in &stores {
            assert_eq!(store.db.lists.generation(), stores[0].db.lists.generation());
            assert_eq!(find(store, tag("t")).await.len(), 100);
        }
    });
}

#[test]
fn a_third_label_gives_up_what_was_begun_for_the_second() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let place = Place::at(&url);
        let old = place.open().await.unwrap();
        put(&old, (0..20).map(|number| draft(&format!("k{number}")).tag("t"))).await;
        let (layout, connection) = (&old.db.layout, &old.db.connection);
        let mut begun = cmd("HSET");
        begun
            .arg(layout.header())
            .arg("next")
            .arg("0badcafe")
            .arg("next-label")
            .arg("unknown")
            .arg("at")
            .arg(10);
        connection.query::<i64>(&begun).await.unwrap();
        let left = layout.word("0badcafe", &[1; 16]);
        connection.query::<()>(cmd("SET").arg(left).arg("a word")).await.unwrap();
        let new = Place { label: "third", ..place }.open().await.unwrap();
        assert_eq!(find(&new, tag("t")).await.len(), 20);
        assert_eq!(words_of_others(&new).await, 0);
    });
}
