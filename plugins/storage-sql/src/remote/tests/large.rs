//! Objects with very much in them.

use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::{ChangeSet, ObjectStore as _, Put};
use claviger_plugin_sdk::testkit::RecordBuilder;

use super::database::on_each_server;
use crate::remote::RemoteStore;

/// More than a fourth of the values that a statement takes.
const TAGS: usize = 17_000;

fn tagged(word: &str) -> Put {
    let record = RecordBuilder::new("k").tag("always");
    (0..TAGS).fold(record, |record, number| record.tag(&format!("{word} {number}"))).put()
}

async fn is_found(store: &RemoteStore, tag: &str) -> bool {
    let filter = Filter::Tag(tag.to_owned());
    !store.locate(&filter, &Page::first(2)).await.unwrap().ids.is_empty()
}

on_each_server! {
    async fn an_object_with_very_many_tags_gets_others(database) {
        let store = database.open().await;
        let change = ChangeSet { puts: vec![tagged("old")], ..ChangeSet::default() };
        store.apply(change).await.unwrap();
        let last = TAGS - 1;
        assert!(is_found(&store, "always").await && is_found(&store, &format!("old {last}")).await);
        let put = Put { expected: Some(Revision(1)), ..tagged("new") };
        store.apply(ChangeSet { puts: vec![put], ..ChangeSet::default() }).await.unwrap();
        assert!(is_found(&store, "always").await && is_found(&store, &format!("new {last}")).await);
        assert!(!is_found(&store, &format!("old {last}")).await);
    }

    async fn contents_of_many_megabytes_are_written_together(database) {
        let store = database.open().await;
        let put = |name: &str, byte: u8, expected| {
            let body = vec![byte; 5 << 20].into();
            Put { body, expected, ..RecordBuilder::new(name).put() }
        };
        let names = ["a", "b", "c", "d"];
        for (byte, expected) in [(1, None), (2, Some(Revision(1)))] {
            let puts = names.iter().map(|name| put(name, byte, expected)).collect();
            store.apply(ChangeSet { puts, ..ChangeSet::default() }).await.unwrap();
            let ids = names.map(|name| claviger_plugin_sdk::record::ObjectId::new(name).unwrap());
            for stored in store.get(&ids, &[]).await.unwrap() {
                assert!(stored.body.len() == 5 << 20 && stored.body.iter().all(|found| *found == byte));
            }
        }
    }
}
