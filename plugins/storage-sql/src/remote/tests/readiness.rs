//! When a server may be sent clients: databases that take no writes any more, and databases that are busy.

use std::time::Duration;

use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::{ApplyError, ChangeSet, ObjectStore};
use claviger_plugin_sdk::testkit::RecordBuilder;
use tokio::time::{Instant, sleep, timeout};

use super::database::{Database, on_each_server};
use crate::remote::RemoteStore;
use crate::search::{Dialect, Statement};

fn change(id: &str) -> ChangeSet {
    ChangeSet { puts: vec![RecordBuilder::new(id).tag("t").put()], ..ChangeSet::default() }
}

/// The numbers of three sessions that the store has for requests.
async fn sessions(store: &RemoteStore) -> Vec<i64> {
    let number = match store.pool.dialect() {
        Dialect::Mysql => "SELECT CAST(CONNECTION_ID() AS SIGNED)",
        _ => "SELECT pg_backend_pid()::bigint",
    };
    let mut statement = Statement::new(store.pool.dialect());
    statement.push(number);
    let deadline = Instant::now() + Duration::from_secs(20);
    let (mut connections, mut numbers) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let mut connection = store.pool.working_connection(deadline).await.unwrap();
        numbers.push(connection.rows(&statement).await.unwrap()[0].number(0).unwrap());
        connections.push(connection);
    }
    drop(connections);
    // They are given back.
    sleep(Duration::from_millis(200)).await;
    numbers
}

async fn open(settings: &Settings, database: &Database) -> claviger_plugin_sdk::Result<RemoteStore> {
    RemoteStore::open(settings, false, database.form()).await
}

on_each_server! {
    async fn a_primary_that_was_replaced_is_left_at_once_and_nobody_starts_on_it(database) {
        let settings = database.settings_of_ordinary_account().await;
        let store = open(&settings, &database).await.unwrap();
        store.apply(change("before")).await.unwrap();
        store.health().await.unwrap();

        let demoted = database.demote().await;
        let during = sessions(&store).await;
        let Err(ApplyError::Failed(refused)) = store.apply(change("during")).await else {
            panic!("it was written to a replica")
        };
        assert_eq!(refused.message(), "the storage may only be read; nothing was written");
        let unwell = store.health().await.unwrap_err();
        assert_eq!(unwell.message(), "the storage may only be read: it is not the primary");
        let refused = open(&settings, &database).await.err().unwrap();
        assert!(refused.message().ends_with("name the primary"), "{refused:?}");

        // Where the address leads now is a primary, to which the sessions from before do not lead.
        drop(demoted);
        store.health().await.unwrap();
        store.apply(change("after")).await.unwrap();
        let after = sessions(&store).await;
        assert!(during.iter().all(|session| !after.contains(session)), "{during:?} {after:?}");
        let found = store.locate(&Filter::Tag("t".into()), &Page::first(9)).await.unwrap();
        let found: Vec<&str> = found.ids.iter().map(|id| id.as_str()).collect();
        assert_eq!(found, ["after", "before"]);
        drop(store);
        database.forget_ordinary_account().await;
    }

    async fn two_connections_are_enough_for_many_requests_at_once(database) {
        let values = [("database-url", database.url()), ("database-connections", "2".to_owned())];
        let store = open(&Settings::new("/".into(), values), &database).await.unwrap();
        let requests = (0..20).map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let id = format!("k{number}");
                store.apply(change(&id)).await.unwrap();
                let found = store.locate(&Filter::Tag("t".into()), &Page::first(99)).await.unwrap();
                assert!(found.ids.iter().any(|found| found.as_str() == id));
                store.health().await.unwrap();
            })
        });
        for request in requests.collect::<Vec<_>>() {
            timeout(Duration::from_secs(60), request).await.unwrap().unwrap();
        }
        let _only = store.pool.connection().await.unwrap();
        assert!(timeout(Duration::from_millis(500), store.pool.connection()).await.is_err());
        store.health().await.unwrap();
    }

    async fn a_database_that_is_busy_with_requests_is_well(database) {
        let store = database.open().await;
        let mut all = Vec::new();
        while let Ok(connection) = timeout(Duration::from_millis(500), store.pool.connection()).await {
            all.push(connection.unwrap());
        }
        assert_eq!(all.len(), 7, "and one for questions like this");
        let begin = Instant::now();
        store.health().await.unwrap();
        assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    }
}
