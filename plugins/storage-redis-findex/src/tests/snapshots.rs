//! Snapshots: one state, whatever is written meanwhile.

use std::sync::Arc;

use claviger_plugin_sdk::snapshot_conformance;
use claviger_plugin_sdk::store::{ChangeSet, DocumentPut, ObjectStore};
use claviger_plugin_sdk::testkit::service;
use claviger_plugin_sdk::testkit::snapshot::Observed;
use redis::cmd;

use super::support::{Place, draft, put, runtime};

snapshot_conformance!(contract, || async {
    let place = Place::at(&service("REDIS")?);
    let store = Arc::new(place.open().await.unwrap()) as Arc<dyn ObjectStore>;
    let take = move || {
        let place = place.clone();
        Box::pin(async move { place.snapshot().await }) as _
    };
    Some(Observed { store, take: Box::new(take) })
});

fn document(id: &str, expected: Option<u64>, body: Option<&[u8]>) -> ChangeSet {
    let expected = expected.map(claviger_plugin_sdk::record::Revision);
    let content = body.map(|body| (body.into(), None));
    let put = DocumentPut { kind: "kind".into(), id: id.into(), expected, content };
    ChangeSet { documents: vec![put], ..ChangeSet::default() }
}

#[test]
fn what_has_gone_since_is_still_in_a_snapshot_and_two_of_them_do_not_mix() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let place = Place::at(&url);
        let store = place.open().await.unwrap();
        put(&store, ["a", "b", "c"].map(draft)).await;
        store.apply(document("d", None, Some(b"one"))).await.unwrap();
        let mut first = place.snapshot().await.unwrap();
        // An object goes and another one comes under its identifier, at another place.
        let mut change: ChangeSet = draft("a").tag("second").into();
        change.purges = vec![(super::support::id("a"), claviger_plugin_sdk::record::Revision(1))];
        store.apply(change).await.unwrap();
        store.apply(document("d", Some(1), Some(b"two"))).await.unwrap();
        let mut second = place.snapshot().await.unwrap();
        let purges = vec![(super::support::id("a"), claviger_plugin_sdk::record::Revision(1))];
        store.apply(ChangeSet { purges, ..ChangeSet::default() }).await.unwrap();
        store.apply(document("d", Some(2), None)).await.unwrap();
        let mut third = place.snapshot().await.unwrap();
        for (snapshot, objects, documents) in [
            (&mut first, vec!["a", "b", "c"], vec![b"one".to_vec()]),
            (&mut second, vec!["b", "c", "a"], vec![b"two".to_vec()]),
            (&mut third, vec!["b", "c"], vec![]),
        ] {
            let mut found = Vec::new();
            loop {
                let some = snapshot.objects(2).await.unwrap();
                if some.is_empty() {
                    break;
                }
                found.extend(some);
            }
            assert_eq!(found.iter().map(|object| object.id.as_str()).collect::<Vec<_>>(), objects);
            assert_eq!(snapshot.counts().await.unwrap().objects, objects.len() as u64);
            let bodies: Vec<Vec<u8>> =
                snapshot.documents(9).await.unwrap().iter().map(|kept| kept.document.body.to_vec()).collect();
            assert_eq!(bodies, documents);
        }
    });
}

#[test]
fn a_snapshot_that_has_ended_leaves_nothing_and_one_that_was_given_up_says_so() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let place = Place::at(&url);
        let store = place.open().await.unwrap();
        put(&store, [draft("a")]).await;
        let (connection, layout) = (&store.db.connection, &store.db.layout);
        let mut snapshot = place.snapshot().await.unwrap();
        let ids: Vec<String> = connection.query(cmd("SMEMBERS").arg(layout.snapshots())).await.unwrap();
        assert_eq!(ids.len(), 1);
        // As time would do.
        connection.query::<i64>(cmd("DEL").arg(layout.before(&ids[0]))).await.unwrap();
        put(&store, [draft("b")]).await;
        let error = snapshot.objects(1).await.unwrap_err();
        assert!(error.message().contains("begin again"), "{error}");
        drop(snapshot);
        let snapshot = place.snapshot().await.unwrap();
        put(&store, [draft("a").expecting(1)]).await;
        drop(snapshot);
        for _ in 0..200 {
            let left: Vec<String> = connection.query(cmd("SMEMBERS").arg(layout.snapshots())).await.unwrap();
            if left.is_empty() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("the snapshot is still announced");
    });
}
