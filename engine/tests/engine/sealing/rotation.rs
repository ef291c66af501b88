//! Contents that are written anew while they are used.

use std::collections::BTreeMap;
use std::sync::Arc;

use claviger_engine::sealing::Sealing;
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::record::{ObjectId, Revision};
use claviger_plugin_sdk::store::{ApplyError, ChangeSet, ObjectStore};
use claviger_plugin_sdk::testkit::SeededRandom;

use super::scene::*;

const SEALING: Given = Given { current: Some("a"), other: None, unseal: false };
const ROTATING: Given = Given { current: Some("b"), other: Some("a"), unseal: false };
const UNSEALING: Given = Given { current: None, other: Some("a"), unseal: true };

/// So many objects and documents.
async fn fill(store: &dyn ObjectStore, count: usize) {
    for n in 0..count {
        store.apply(put(&record(&format!("k{n}"), "red"), None)).await.unwrap();
        store.apply(document(&format!("d{n}"), None, format!("body {n}").as_bytes())).await.unwrap();
    }
}

async fn is_whole(store: &dyn ObjectStore, count: usize) {
    for n in 0..count {
        let id = format!("k{n}");
        assert_eq!(read(store, &id).await.unwrap(), record(&id, "red"));
        let body = store.document("job-item", &format!("d{n}")).await.unwrap().unwrap().body;
        assert_eq!(&*body, format!("body {n}").as_bytes());
    }
}

#[tokio::test]
async fn what_was_there_before_is_sealed_and_stays_as_it_was() {
    let scene = Scene::new();
    fill(&*scene.store, 30).await;
    scene.store.apply(put(&record("k7", "red"), Some(1))).await.unwrap();
    let order = scene.store.locate(&Filter::All(vec![]), &Page::first(100)).await.unwrap();
    let server = scene.server(SEALING);
    server.prepare().await.unwrap();
    let figures = server.figures();
    assert_eq!((figures.unfinished_stores, figures.rewritten), (1, 0));
    // It is used meanwhile.
    is_whole(&*opened(&server), 30).await;
    server.step().await;
    is_whole(&*opened(&server), 30).await;
    let figures = server.figures();
    assert_eq!((figures.objects, figures.objects_seen, figures.rewritten), (30, 7, 7));
    scene.finish(&server).await;
    is_whole(&*opened(&server), 30).await;
    assert_eq!(scene.numbers().await, [Some(1)]);
    let revision = scene.store.get(&[ObjectId::new("k7").unwrap()], &[]).await.unwrap()[0].revision;
    assert_eq!(revision, Revision(2), "nobody's next write is disturbed");
    assert_eq!(scene.store.locate(&Filter::All(vec![]), &Page::first(100)).await.unwrap(), order);
    assert_eq!(server.figures().rewritten, 60);
}

#[tokio::test]
async fn a_rotation_that_is_interrupted_anywhere_goes_on_and_loses_nothing() {
    for seed in 0..60 {
        let mut random = SeededRandom::new(seed);
        let scene = Scene::new();
        let plan: &[Given] = match seed % 3 {
            0 => &[SEALING],
            1 => &[SEALING, ROTATING],
            _ => &[SEALING, ROTATING, Given { current: None, other: Some("b"), unseal: true }],
        };
        fill(&*scene.store, 25).await;
        for given in plan {
            // Each server dies at some write, which may have come to be all the same.
            for _ in 0..4 {
                scene.store.fail_after(random.below(9) as i64, random.one_in(2));
                let server = scene.server(given.clone());
                if server.prepare().await.is_err() {
                    continue;
                }
                for _ in 0..10 {
                    server.step().await;
                }
            }
            scene.store.fail_no_more();
            let last = scene.server(given.clone());
            last.prepare().await.unwrap();
            is_whole(&*opened(&last), 25).await;
            scene.finish(&last).await;
            is_whole(&*opened(&last), 25).await;
        }
        let number = [Some(1), Some(2), None][seed as usize % 3];
        assert_eq!(scene.numbers().await, [number], "seed {seed}");
    }
}

#[tokio::test]
async fn a_rotation_begins_where_it_stopped() {
    let scene = Scene::new();
    fill(&*scene.store, 35).await;
    let first = scene.server(SEALING);
    first.prepare().await.unwrap();
    for _ in 0..4 {
        first.step().await;
    }
    assert_eq!(first.figures().objects_seen, 28);
    let second = scene.server(SEALING);
    second.prepare().await.unwrap();
    second.step().await;
    let figures = second.figures();
    assert_eq!((figures.objects_seen, figures.rewritten), (35, 7));
}

#[tokio::test]
async fn writes_during_a_rotation_lose_nothing() {
    let scene = Scene::new();
    scene.sealed("a").await;
    let server = scene.server(SEALING);
    fill(&*opened(&server), 40).await;
    let rotating = scene.server(ROTATING);
    rotating.prepare().await.unwrap();
    let writing = tokio::spawn(write_at_random(opened(&rotating), 1, 400));
    while !writing.is_finished() {
        rotating.step().await;
        tokio::task::yield_now().await;
    }
    let expected = writing.await.unwrap();
    scene.finish(&rotating).await;
    agrees(&*opened(&rotating), &expected).await;
    assert_eq!(scene.numbers().await, [Some(2)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_with_different_settings_on_one_storage_lose_nothing() {
    let scene = Scene::shared();
    fill(&*scene.store, 40).await;
    // Every server knows the key before the first one writes under it.
    let knowing = Given { current: None, other: Some("a"), unseal: false };
    let both = Given { current: Some("a"), other: Some("b"), unseal: false };
    let plan = [(knowing, SEALING), (both, ROTATING), (Given { current: Some("b"), ..UNSEALING }, UNSEALING)];
    let mut expected = BTreeMap::new();
    for (round, (earlier, later)) in plan.into_iter().enumerate() {
        let later = if round == 2 { Given { other: Some("b"), ..later } } else { later };
        let earlier = if round == 2 { Given { unseal: false, ..earlier } } else { earlier };
        let servers = [scene.server(earlier), scene.server(later)];
        for server in &servers {
            server.prepare().await.unwrap();
        }
        let writers: Vec<_> = (0..4)
            .map(|n| tokio::spawn(write_at_random(opened(&servers[n % 2]), (round * 4 + n) as u64, 100)))
            .collect();
        let stepping = servers.clone().map(|server| tokio::spawn(step_for_a_while(server)));
        for writer in writers {
            expected.extend(writer.await.unwrap());
        }
        for stepping in stepping {
            stepping.await.unwrap();
        }
        scene.finish(&servers[1]).await;
        for server in &servers {
            agrees(&*opened(server), &expected).await;
        }
        assert_eq!(scene.numbers().await, [[Some(1), Some(2), None][round]]);
    }
}

#[tokio::test]
async fn a_rotation_on_a_shared_storage_does_not_end_before_every_server_can_know_of_it() {
    let scene = Scene::shared();
    let server = scene.server(SEALING);
    server.prepare().await.unwrap();
    for _ in 0..20 {
        server.step().await;
    }
    assert_eq!(server.figures().unfinished_stores, 1);
    scene.clock.advance(59);
    server.step().await;
    assert_eq!(server.figures().unfinished_stores, 1);
    scene.clock.advance(1);
    scene.finish(&server).await;
}

#[tokio::test]
async fn one_server_at_a_time_writes_contents_anew_and_another_takes_over() {
    let scene = Scene::shared();
    fill(&*scene.store, 30).await;
    let [first, second] = [scene.server(SEALING), scene.server(SEALING)];
    for server in [&first, &second] {
        server.prepare().await.unwrap();
    }
    assert!(first.step().await);
    assert!(!second.step().await, "the first one does it");
    scene.clock.advance(31);
    assert!(second.step().await, "the first one is gone");
    assert!(!first.step().await);
    assert_eq!((first.figures().rewritten, second.figures().rewritten), (7, 7));
}

#[tokio::test]
async fn a_content_that_cannot_be_opened_is_told_and_keeps_no_other_from_its_turn() {
    let scene = Scene::new();
    let sealed = scene.sealed("a").await;
    fill(&*sealed, 20).await;
    overwrite(&*scene.store, "k3", b"\x02sealed\x01\0\0\0\x01damaged").await;
    let server = scene.server(ROTATING);
    server.prepare().await.unwrap();
    for _ in 0..200 {
        server.step().await;
    }
    let figures = server.figures();
    assert_eq!((figures.unfinished_stores, figures.unopened, figures.rewritten), (1, 1, 39));
    assert!(read(&*opened(&server), "k3").await.is_err());
    assert!(read(&*opened(&server), "k4").await.is_ok());
}

#[tokio::test]
async fn searches_for_identifiers_open_nothing() {
    let scene = Scene::new();
    let sealed = scene.sealed("a").await;
    fill(&*sealed, 3).await;
    overwrite(&*scene.store, "k1", b"nothing that opens").await;
    let found = sealed.locate(&Filter::Tag("red".into()), &Page::first(10)).await.unwrap();
    assert_eq!(found.ids.len(), 3);
}

async fn step_for_a_while(server: Sealing) {
    for _ in 0..200 {
        server.step().await;
        tokio::task::yield_now().await;
    }
}

/// The objects that one writer has written, by what they hold now.
type Expected = BTreeMap<String, Option<String>>;

/// Creates, changes and removes objects of its own, as one who reads before he writes.
async fn write_at_random(store: Arc<dyn ObjectStore>, seed: u64, steps: usize) -> Expected {
    let mut random = SeededRandom::new(seed);
    let mut expected = Expected::new();
    for step in 0..steps {
        let id = format!("w{seed}-{}", random.below(20));
        let id = ObjectId::new(&id).unwrap();
        let tag = format!("step {step}");
        let stored = store.get(std::slice::from_ref(&id), &[]).await.unwrap().pop();
        let change = match &stored {
            Some(stored) if random.one_in(4) => {
                ChangeSet { purges: vec![(id.clone(), stored.revision)], ..ChangeSet::default() }
            }
            _ => put(&record(id.as_str(), &tag), stored.as_ref().map(|stored| stored.revision.0)),
        };
        let is_purge = change.puts.is_empty();
        // Nobody else writes to these objects, so that a rotation is seen by no conflict.
        store.apply(change).await.unwrap_or_else(|error: ApplyError| panic!("{error:?}"));
        expected.insert(id.to_string(), (!is_purge).then_some(tag));
        tokio::task::yield_now().await;
    }
    expected
}

async fn agrees(store: &dyn ObjectStore, expected: &Expected) {
    for (id, tag) in expected {
        match tag {
            Some(tag) => assert_eq!(read(store, id).await.unwrap(), record(id, tag)),
            None => assert!(read(store, id).await.is_err()),
        }
    }
}
