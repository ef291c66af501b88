//! Snapshots of databases in use.

use std::sync::Arc;

use claviger_plugin_sdk::filter::Index;
use claviger_plugin_sdk::snapshot_conformance;
use claviger_plugin_sdk::store::{ChangeSet, NameClaims, ObjectStore};
use claviger_plugin_sdk::testkit::RecordBuilder;
use claviger_plugin_sdk::testkit::snapshot::Observed;
use claviger_plugin_sdk::upkeep::Snapshot;
use claviger_plugin_sdk::{BoxFuture, Result};

use super::database::{Database, on_each_server};
use crate::remote::connect;
use crate::remote::schema::versions;
use crate::remote::upkeep::snapshot;

snapshot_conformance!(postgresql_snapshots, || observed("POSTGRESQL"));
snapshot_conformance!(mysql_snapshots, || observed("MYSQL"));

type Taken = Result<Box<dyn Snapshot>>;

/// A store with snapshots; nothing where the test run has no such server.
async fn observed(server: &str) -> Option<Observed> {
    let database = Database::make(server).await?;
    let store = Arc::new(database.open().await);
    let database = Arc::new(database);
    let take = Box::new(move || -> BoxFuture<'static, Taken> {
        let database = database.clone();
        Box::pin(async move { snapshot(&database.settings(), database.form()).await })
    });
    Some(Observed { store, take })
}

async fn refusal(database: &Database) -> String {
    snapshot(&database.settings(), database.form()).await.err().unwrap().message().to_owned()
}

on_each_server! {
    async fn a_database_without_tables_or_of_another_version_gives_no_snapshot(database) {
        let pool = connect(&database.settings(), database.form()).await.unwrap();
        assert_eq!(versions(&pool).await.unwrap().stored, None);
        assert_eq!(refusal(&database).await, "the database of --database-url has no keys yet");
        drop(database.open().await);
        let known = versions(&pool).await.unwrap().known;
        assert_eq!(versions(&pool).await.unwrap().stored, Some(known));
        database.run_inside("UPDATE claviger_schema SET version = 0").await;
        assert!(refusal(&database).await.contains("db migrate"));
        database.run_inside("UPDATE claviger_schema SET version = 1000000").await;
        assert!(refusal(&database).await.contains("version 1000000"));
    }

    async fn what_belongs_to_nothing_is_found(database) {
        let store = database.open().await;
        let builder = || RecordBuilder::new("k").owner("ann").tag("red").name("n");
        let (record, long) = (builder().build(), "n".repeat(300));
        let names = vec!["n".into(), long.clone()];
        let claims = vec![NameClaims { object: record.id.clone(), owner: "ann".into(), names: names.clone() }];
        store.apply(ChangeSet { puts: vec![builder().put()], claims, ..ChangeSet::default() }).await.unwrap();
        let mut sound = snapshot(&database.settings(), database.form()).await.unwrap();
        assert_eq!(sound.faults().await.unwrap(), [""; 0]);
        assert_eq!(sound.objects(9).await.unwrap()[0].claims[0].names, names, "long names come whole");
        for statement in [
            "INSERT INTO claviger_permission VALUES (77, 1, 'bob', 10, 'bob')",
            "INSERT INTO claviger_name VALUES ('bob', 'his', 78, '', '')",
            "INSERT INTO claviger_scalar VALUES (79, 0, 0, 'x', 0, NULL, 1)",
            "INSERT INTO claviger_content VALUES (80, '')",
            "UPDATE claviger_scalar SET found = 0 WHERE attribute = 0 AND object < 79",
            "UPDATE claviger_object SET state = 6",
        ] {
            database.run_inside(statement).await;
        }
        let index = Index::of(&record);
        assert_eq!(sound.index_faults(&record.id, &index).await.unwrap(), [""; 0], "a snapshot stays as it was");
        let mut damaged = snapshot(&database.settings(), database.form()).await.unwrap();
        let expected = [
            "1 contents of absent objects",
            "1 grants on absent objects",
            "1 names claimed for absent objects",
            "1 entries of the index for absent objects",
        ];
        assert_eq!(damaged.faults().await.unwrap(), expected);
        let faults = damaged.index_faults(&record.id, &index).await.unwrap();
        assert_eq!(faults, ["it is found by another state than it has", "a tag is missing in the index"]);
        database.run_inside("DELETE FROM claviger_content WHERE object < 80").await;
        let mut damaged = snapshot(&database.settings(), database.form()).await.unwrap();
        assert_eq!(damaged.faults().await.unwrap()[0], "1 objects without content");
        assert_eq!(&*damaged.objects(1).await.unwrap()[0].body, b"");
    }
}
