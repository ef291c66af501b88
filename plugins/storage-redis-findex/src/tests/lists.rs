//! Lists of the index: they shrink, and lose nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use claviger_plugin_sdk::filter::Filter;
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::{ApplyError, ChangeSet, ObjectStore as _};
use claviger_plugin_sdk::testkit::service;
use redis::cmd;

use super::support::{Log, Place, draft, find, id, put, runtime};
use crate::clean_up::shrink;
use crate::header::next_state;
use crate::index::{Entry, Keyword, STEP, Source, sources};
use crate::store::RedisStore;

fn list(tag: &str) -> Keyword {
    let Source { lists, .. } = sources(&Filter::Tag(tag.to_owned())).pop().unwrap();
    lists.into_iter().next().unwrap()
}

/// Entries that stand for nothing.
fn gone(store: &RedisStore, count: usize) -> Vec<Entry> {
    let entry = |number: usize| {
        let object = store.db.object_name(&id(&format!("gone {number}")));
        Entry { place: 1_000_000 + number as i64, object }
    };
    (0..count).map(entry).collect()
}

fn purge(name: &str, revision: u64) -> ChangeSet {
    ChangeSet { purges: vec![(id(name), Revision(revision))], ..ChangeSet::default() }
}

#[test]
fn a_list_loses_what_stands_for_nothing_and_keeps_the_rest() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let store = Place::at(&url).open().await.unwrap();
        let names: Vec<String> = (0..60).map(|number| format!("k{number}")).collect();
        put(&store, names.iter().map(|name| draft(name).tag("t"))).await;
        // Some are purged, some lose their tag, one gets it back.
        for name in &names[..20] {
            store.apply(purge(name, 1)).await.unwrap();
        }
        put(&store, names[20..40].iter().map(|name| draft(name).expecting(1))).await;
        put(&store, [draft(&names[20]).tag("t").expecting(2)]).await;
        let tagged = || async { find(&store, Filter::Tag("t".into())).await };
        let before = tagged().await;
        assert_eq!(before.len(), 21);
        assert_eq!(store.db.lists.length(&list("t")).await.unwrap(), 61);
        // Not while most of it stands for something, and not for a few.
        shrink(&store.db, &list("t"), 50).await.unwrap();
        assert_eq!(store.db.lists.length(&list("t")).await.unwrap(), 61);
        shrink(&store.db, &list("t"), 1).await.unwrap();
        assert_eq!(store.db.lists.length(&list("t")).await.unwrap(), 21);
        assert_eq!(tagged().await, before);
        put(&store, [draft("new").tag("t")]).await;
        assert_eq!(tagged().await.len(), 22);
        for (name, revision) in before.iter().map(|name| (name, if *name == names[20] { 3 } else { 1 })) {
            store.apply(purge(name, revision)).await.unwrap();
        }
        store.apply(purge("new", 1)).await.unwrap();
        shrink(&store.db, &list("t"), 1).await.unwrap();
        assert_eq!(store.db.lists.length(&list("t")).await.unwrap(), 0);
        put(&store, [draft("first again").tag("t")]).await;
        assert_eq!(tagged().await, ["first again"]);
    });
}

#[test]
fn a_long_list_shrinks_in_steps_from_what_was_read_once() {
    const GONE: usize = 4 * STEP + 100;
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let store = Place::at(&url).open().await.unwrap();
        let kept: Vec<String> = (0..50).map(|number| format!("k{number}")).collect();
        put(&store, kept[..25].iter().map(|name| draft(name).tag("t"))).await;
        store.db.lists.insert(&list("t"), gone(&store, GONE)).await.unwrap();
        // Some stand there twice.
        store.db.lists.insert(&list("t"), gone(&store, STEP)).await.unwrap();
        put(&store, kept[25..].iter().map(|name| draft(name).tag("t"))).await;
        let before = find(&store, Filter::Tag("t".into())).await;
        assert_eq!(before.len(), kept.len());
        assert_eq!(store.db.lists.length(&list("t")).await.unwrap(), kept.len() + GONE + STEP);
        let state = store.db.index_state().await.unwrap();
        let (log, guard) = Log::of_this_thread();
        shrink(&store.db, &list("t"), 1).await.unwrap();
        drop(guard);
        assert_eq!(store.db.lists.length(&list("t")).await.unwrap(), kept.len());
        assert_eq!(find(&store, Filter::Tag("t".into())).await, before);
        let steps = (1..20).scan(state, |state, _| {
            *state = next_state(state).unwrap();
            Some(state.clone())
        });
        let now = store.db.index_state().await.unwrap();
        let steps = 1 + steps.into_iter().position(|state| state == now).unwrap();
        assert!(steps >= 5, "it took several steps, each counted");
        let pauses = log.text().matches("others have time to read the list").count();
        assert_eq!(pauses, steps / 4, "{}", log.text());
        put(&store, [draft("new").tag("t")]).await;
        assert_eq!(find(&store, Filter::Tag("t".into())).await.len(), kept.len() + 1);
    });
}

#[test]
fn lists_that_shrink_all_the_time_lose_nothing_that_is_written_meanwhile() {
    const WRITERS: usize = 4;
    const TURNS: usize = 40;
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let place = Place::at(&url);
        let ended = Arc::new(AtomicBool::new(false));
        let shrinkers: Vec<_> = futures_util::future::join_all((0..2).map(|_| place.open()))
            .await
            .into_iter()
            .map(|store| {
                let (store, ended) = (store.unwrap(), ended.clone());
                tokio::spawn(async move {
                    let mut lengths = Vec::new();
                    while !ended.load(Ordering::Relaxed) {
                        shrink(&store.db, &list("t"), 1).await.unwrap();
                        lengths.push(store.db.lists.length(&list("t")).await.unwrap());
                    }
                    lengths
                })
            })
            .collect();
        let writers = (0..WRITERS).map(|writer| {
            let place = place.clone();
            tokio::spawn(async move {
                let store = place.open().await.unwrap();
                let name = format!("toggled {writer}");
                put(&store, [draft(&name)]).await;
                for turn in 1..=TURNS {
                    let object = draft(&name).expecting(turn as u64);
                    let object = if turn.is_multiple_of(2) { object } else { object.tag("t") };
                    put(&store, [object]).await;
                    let kept = format!("kept {writer} {turn}");
                    put(&store, [draft(&kept).tag("t")]).await;
                    // It is found at once, however often the list moves.
                    let found = find(&store, Filter::Tag("t".into())).await;
                    assert!(found.contains(&kept), "{kept} of {found:?}");
                    assert_eq!(found.contains(&name), !turn.is_multiple_of(2), "{name} in turn {turn}");
                    if turn.is_multiple_of(3) {
                        store.apply(purge(&kept, 1)).await.unwrap();
                    }
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        ended.store(true, Ordering::Relaxed);
        let mut shrunk = false;
        for shrinker in shrinkers {
            shrunk |= shrinker.await.unwrap().windows(2).any(|pair| pair[1] < pair[0]);
        }
        assert!(shrunk, "the test shrinks lists");
        let store = place.open().await.unwrap();
        let kept = WRITERS * (TURNS - TURNS / 3);
        assert_eq!(find(&store, Filter::Tag("t".into())).await.len(), kept);
    });
}

#[test]
fn others_go_on_while_a_long_list_shrinks_and_what_they_write_is_there() {
    const WRITERS: usize = 3;
    /// So often each of them adds to the long list; then to another, until the long one is short.
    const ADDED: usize = 4;
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let place = Place::at(&url);
        let store = place.open().await.unwrap();
        put(&store, ["k0", "k1"].map(|name| draft(name).tag("long"))).await;
        store.db.lists.insert(&list("long"), gone(&store, 10 * STEP)).await.unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        let writers = (0..WRITERS).map(|writer| {
            let (place, ended) = (place.clone(), ended.clone());
            tokio::spawn(async move {
                let store = place.open().await.unwrap();
                let mut turn = 0;
                while turn < 2 * ADDED || !ended.load(Ordering::Relaxed) {
                    let (name, tag) =
                        (format!("{writer} {turn}"), if turn < ADDED { "long" } else { "other" });
                    put(&store, [draft(&name).tag(tag)]).await;
                    assert!(find(&store, Filter::Tag(tag.into())).await.contains(&name), "{name}");
                    turn += 1;
                }
                turn
            })
        });
        let writers: Vec<_> = writers.collect();
        let begin = Instant::now();
        // It is given up while others add to it, and taken up another time.
        while store.db.lists.length(&list("long")).await.unwrap() > STEP {
            assert!(begin.elapsed() < Duration::from_secs(120), "it does not become shorter");
            shrink(&store.db, &list("long"), 1).await.unwrap();
        }
        ended.store(true, Ordering::Relaxed);
        let mut turns = Vec::new();
        for writer in writers {
            turns.push(writer.await.unwrap());
        }
        shrink(&store.db, &list("long"), 1).await.unwrap();
        let found = |tag: &str| find(&store, Filter::Tag(tag.to_owned()));
        assert_eq!(found("long").await.len(), 2 + WRITERS * ADDED);
        assert_eq!(found("other").await.len(), turns.iter().map(|turns| turns - ADDED).sum::<usize>());
        let length = store.db.lists.length(&list("long")).await.unwrap();
        assert_eq!(length, 2 + WRITERS * ADDED, "nothing superfluous is left");
    });
}

#[test]
fn a_list_that_loses_entries_is_looked_through_every_so_often() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let store = Place::at(&url).open().await.unwrap();
        let mut many = ChangeSet::default();
        for name in (0..100).map(|number| format!("k{number}")) {
            many.puts.extend(ChangeSet::from(draft(&name).tag("t")).puts);
        }
        let purges = many.puts.iter().map(|put| (put.id.clone(), Revision(1))).collect();
        store.apply(many).await.unwrap();
        store.apply(ChangeSet { purges, ..ChangeSet::default() }).await.unwrap();
        assert_eq!(store.db.lists.length(&list("t")).await.unwrap(), 100);
        // One in 64 of these has it looked through: all but surely one of them does.
        for _ in 0..2_000 {
            store.clean_up.consider([list("t")].into());
        }
        let begin = Instant::now();
        while store.db.lists.length(&list("t")).await.unwrap() > 0 {
            assert!(begin.elapsed() < Duration::from_secs(20), "nobody looks through the list");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
}

#[test]
fn entries_that_a_crash_left_stand_for_nothing_and_go() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let store = Place::at(&url).open().await.unwrap();
        put(&store, [draft("a").tag("t")]).await;
        // Listed, and never written: an object that is absent, and one that is there.
        let absent = Entry { place: 77, object: store.db.object_name(&id("absent")) };
        let never = Entry { place: 1, object: store.db.object_name(&id("a")) };
        store.db.lists.insert(&list("t"), [absent]).await.unwrap();
        store.db.lists.insert(&list("u"), [never, absent]).await.unwrap();
        assert_eq!(find(&store, Filter::Tag("t".into())).await, ["a"]);
        assert!(find(&store, Filter::Tag("u".into())).await.is_empty());
        for tag in ["t", "u"] {
            shrink(&store.db, &list(tag), 1).await.unwrap();
        }
        assert_eq!(store.db.lists.length(&list("t")).await.unwrap(), 1);
        assert_eq!(store.db.lists.length(&list("u")).await.unwrap(), 0);
    });
}

#[test]
fn a_change_that_is_refused_leaves_nothing_to_find() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let store = Place::at(&url).open().await.unwrap();
        put(&store, [draft("a")]).await;
        let error = store.apply(draft("a").tag("t").expecting(7).into()).await.unwrap_err();
        assert!(matches!(error, ApplyError::Conflict), "{error:?}");
        assert!(find(&store, Filter::Tag("t".into())).await.is_empty());
        assert_eq!(store.db.lists.length(&list("t")).await.unwrap(), 0, "nothing was even listed");
    });
}

#[test]
fn a_header_that_was_altered_in_redis_is_an_error_and_no_length() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let place = Place::at(&url);
        let store = place.open().await.unwrap();
        put(&store, [draft("a").tag("t")]).await;
        let words = store.db.layout.words(store.db.lists.generation());
        let words: Vec<Vec<u8>> = store.db.connection.query(cmd("KEYS").arg(words)).await.unwrap();
        for key in &words {
            let word: Vec<u8> = store.db.connection.query(cmd("GET").arg(key)).await.unwrap();
            for altered in [0, 9, 20, 31] {
                let mut word = word.clone();
                word[altered] ^= 1;
                let set: String = store.db.connection.query(cmd("SET").arg(key).arg(word)).await.unwrap();
                assert_eq!(set, "OK");
                let read = store.db.lists.entries(&list("t")).await;
                let length = store.db.lists.length(&list("t")).await;
                // Those of other lists are altered, too.
                assert!(read.is_err() || read.is_ok_and(|entries| entries.len() == 1));
                assert!(length.is_err() || length.is_ok_and(|length| length == 1));
            }
        }
        let error = store.db.lists.entries(&list("t")).await.unwrap_err();
        assert!(error.message().contains("the storage is damaged"), "{error}");
        assert!(store.db.lists.length(&list("t")).await.is_err());
        let error = store.apply(draft("b").tag("t").into()).await.unwrap_err();
        assert!(matches!(error, ApplyError::Failed(_)), "{error:?}");
    });
}
