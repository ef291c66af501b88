//! Connections that are lost before, during and after a commit.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::store::{ApplyError, ChangeSet, ObjectStore};
use claviger_plugin_sdk::testkit::RecordBuilder;
use tokio::time::Instant;

use super::database::on_each_server;
use crate::remote::change::{is_there, token};

fn deadline() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// Two objects that only make sense together.
fn pair(name: &str) -> ChangeSet {
    let half = |half: &str| RecordBuilder::new(&format!("{half} {name}")).tag("all").put();
    ChangeSet { puts: vec![half("left"), half("right")], ..ChangeSet::default() }
}

on_each_server! {
    async fn a_commit_is_found_by_its_token_and_what_was_not_committed_never_will_be(database) {
        let pool = database.open().await.pool;
        let (committed, taken_back, running) = (token(), token(), token());
        let mut connection = pool.connection().await.unwrap();
        connection.begin(&committed).await.unwrap();
        connection.commit().await.unwrap();
        connection.begin(&taken_back).await.unwrap();
        connection.roll_back().await;
        assert!(is_there(&pool, &committed, deadline()).await.unwrap());
        assert!(is_there(&pool, &committed, deadline()).await.unwrap(), "looking changes nothing");
        assert!(!is_there(&pool, &taken_back, deadline()).await.unwrap());
        assert!(connection.begin(&taken_back).await.is_err(), "it cannot be committed any more");
        drop(connection);

        let mut connection = pool.connection().await.unwrap();
        connection.begin(&running).await.unwrap();
        let looking = {
            let (pool, running) = (pool.clone(), running.clone());
            tokio::spawn(async move { is_there(&pool, &running, deadline()).await.unwrap() })
        };
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!looking.is_finished(), "the answer waits for the end of the transaction");
        connection.commit().await.unwrap();
        assert!(looking.await.unwrap());
    }

    async fn sessions_that_are_killed_lose_nothing_that_was_acknowledged(database) {
        let store = Arc::new(database.open().await);
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (store, stop) = (store.clone(), stop.clone());
                tokio::spawn(async move {
                    let mut acknowledged = Vec::new();
                    for turn in 0.. {
                        if stop.load(Ordering::Relaxed) {
                            break;
                        }
                        let name = format!("{writer}.{turn}");
                        match store.apply(pair(&name)).await {
                            Ok(()) => acknowledged.push(name),
                            Err(ApplyError::Failed(error)) => eprintln!("{error:?}"),
                            Err(refused) => panic!("{refused:?}"),
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        for _ in 0..12 {
            tokio::time::sleep(Duration::from_millis(150)).await;
            database.kill_sessions().await;
            // A read never fails for it.
            store.find(&Filter::Tag("all".into()), &Page::first(1), &[]).await.unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        let mut acknowledged = BTreeSet::new();
        for writer in writers {
            acknowledged.extend(writer.await.unwrap());
        }
        assert!(acknowledged.len() > 20, "only {} changes were acknowledged", acknowledged.len());
        let all = store.find(&Filter::Tag("all".into()), &Page::first(100_000), &[]).await.unwrap().records;
        let halves = |side: &str| -> BTreeSet<String> {
            all.iter().filter_map(|record| record.id.as_str().strip_prefix(side)).map(str::to_owned).collect()
        };
        let (left, right) = (halves("left "), halves("right "));
        assert_eq!(left, right, "a change is whole");
        assert!(acknowledged.is_subset(&left));
    }
}
