//! Connections that are lost before, during and after a commit.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::store::{ApplyError, ChangeSet, ObjectStore};
use claviger_plugin_sdk::testkit::RecordBuilder;
use tokio::time::Instant;

use super::database::on_each_server;
use crate::remote::change::{is_there, take_token, token};
use crate::search::Statement;

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

    async fn a_look_whose_answer_was_lost_is_not_taken_for_a_commit(database) {
        let store = database.open().await;
        let token = token();
        let mut connection = store.pool.connection().await.unwrap();
        assert!(take_token(&mut connection, &token).await.unwrap());
        store.sweep().await;
        assert!(!take_token(&mut connection, &token).await.unwrap(), "a sweep leaves it for ten minutes");
        assert!(!is_there(&store.pool, &token, deadline()).await.unwrap());
    }

    async fn a_sweep_removes_every_old_token_and_no_other(database) {
        let store = database.open().await;
        let mut connection = store.pool.connection().await.unwrap();
        let old = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap() - 700;
        let rows: Vec<String> = (0..10_050_u32)
            .map(|n| {
                let (token, at) = (format!("{n:032x}"), if n % 2 == 0 { old } else { -old });
                if database.form().store == "mysql" { format!("(x'{token}', {at})") } else { format!("('\\x{token}', {at})") }
            })
            .collect();
        connection.run(format!("INSERT INTO claviger_commit (token, at) VALUES {}", rows.join(", "))).await.unwrap();
        let (committed, taken) = (token(), token());
        connection.begin(&committed).await.unwrap();
        connection.commit().await.unwrap();
        take_token(&mut connection, &taken).await.unwrap();
        store.sweep().await;
        let mut count = Statement::new(store.pool.dialect());
        count.push("SELECT count(*) FROM claviger_commit");
        assert_eq!(connection.rows(&count).await.unwrap()[0].number(0).unwrap(), 2);
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
