//! Making tables, and databases that are newer, older or somebody else's.

use super::database::{Database, on_each_server};
use crate::remote::{RemoteStore, schema};

async fn refusal(database: &Database) -> String {
    let refused = RemoteStore::open(&database.settings(), false, database.form()).await;
    refused.err().unwrap().message().to_owned()
}

on_each_server! {
    async fn servers_that_start_at_once_make_the_tables_once(database) {
        let database = std::sync::Arc::new(database);
        let starting: Vec<_> = (0..6)
            .map(|_| {
                let database = database.clone();
                tokio::spawn(async move { database.open().await })
            })
            .collect();
        for server in starting {
            assert!(claviger_plugin_sdk::store::ObjectStore::health(&server.await.unwrap()).await.is_ok());
        }
    }

    async fn a_database_of_a_newer_version_is_refused(database) {
        drop(database.open().await);
        database.run_inside("UPDATE claviger_schema SET version = 99").await;
        let refused = refusal(&database).await;
        assert!(refused.starts_with("the database has version 99 and this server knows 1"), "{refused}");
    }

    async fn an_older_database_gets_what_it_lacks_and_keeps_what_it_has(database) {
        let pool = database.open().await.pool;
        let steps = ["no SQL", "CREATE TABLE claviger_new (a BIGINT)", "INSERT INTO claviger_new VALUES (1);"];
        schema::migrate_with(&pool, false, &steps).await.unwrap();
        schema::migrate_with(&pool, false, &steps).await.unwrap();
        let newer = refusal(&database).await;
        assert!(newer.starts_with("the database has version 3"), "{newer}");
        database.run_inside("UPDATE claviger_schema SET version = 1 WHERE version = 3").await;
        database.run_inside("DROP TABLE claviger_new").await;
        drop(database.open().await);
    }

    async fn a_migration_that_fails_leaves_the_version_as_it_was(database) {
        let pool = database.open().await.pool;
        schema::migrate_with(&pool, false, &["", "CREATE TABLE claviger_new (a BIGINT); no SQL"]).await.unwrap_err();
        drop(database.open().await);
    }

    async fn tables_of_others_are_left_alone_unless_they_have_the_same_names(database) {
        database.run_inside("CREATE TABLE object (theirs BIGINT)").await;
        drop(database.open().await);
        let cleared = RemoteStore::open(&database.settings(), true, database.form()).await.unwrap();
        drop(cleared);
        database.run_inside("INSERT INTO object VALUES (1)").await;
        database.run_inside("DROP TABLE claviger_schema").await;
        let refused = refusal(&database).await;
        assert!(refused.contains("tables that are called as Claviger's and are not"), "{refused}");
    }

    async fn a_damaged_table_is_found_at_start(database) {
        drop(database.open().await);
        database.run_inside("ALTER TABLE claviger_name DROP COLUMN long_name").await;
        assert!(refusal(&database).await.contains("are not as they should be"));
    }

    async fn clearing_leaves_nothing(database) {
        let store = database.open().await;
        let put = claviger_plugin_sdk::testkit::RecordBuilder::new("k").tag("t").put();
        let change = claviger_plugin_sdk::store::ChangeSet { puts: vec![put], ..Default::default() };
        claviger_plugin_sdk::store::ObjectStore::apply(&store, change).await.unwrap();
        drop(store);
        let store = RemoteStore::open(&database.settings(), true, database.form()).await.unwrap();
        let all = claviger_plugin_sdk::filter::Filter::All(vec![]);
        let page = claviger_plugin_sdk::filter::Page::first(9);
        let found = claviger_plugin_sdk::store::ObjectStore::find(&store, &all, &page, &[]).await.unwrap();
        assert!(found.records.is_empty());
    }
}
