//! Searches that leave the thread on which they are asked for.

use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::store::{ChangeSet, Grant, GrantQuery, ObjectStore, Subject};
use claviger_plugin_sdk::testkit::RecordBuilder;
use tempfile::TempDir;

use crate::sqlite::{SqliteStore, query};

const OBJECTS: usize = 5000;

fn everyone_may_get() -> ChangeSet {
    let mut change = ChangeSet::default();
    for number in 0..OBJECTS {
        let put = RecordBuilder::new(&format!("k{number}")).put();
        let (object, operation) = (put.id.clone(), OperationCode::GET);
        change.grants.push(Grant { object, subject: Subject::Everyone, operation });
        change.puts.push(put);
    }
    change
}

#[tokio::test]
async fn a_long_search_is_stopped_and_answered_whole_by_a_blocking_thread() {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(folder.path(), false).unwrap();
    store.apply(everyone_may_get()).await.unwrap();
    let page = Page { after: None, offset: 0, limit: u64::MAX, count: true };
    let all = Filter::Not(Box::new(Filter::Tag("absent".into())));
    let briefly = |page: &Page| {
        store.readers.read_briefly(|reading| query::find(reading, &all, page, &[])).unwrap().map(|_| ())
    };
    assert_eq!(briefly(&page), None, "the search is long");
    assert_eq!(briefly(&Page::first(10)), Some(()), "its first page is not");
    let found = store.find(&all, &page, &[Subject::Everyone]).await.unwrap();
    assert_eq!((found.records.len(), found.total), (OBJECTS, Some(OBJECTS as u64)));
    assert!(found.records.iter().all(|record| record.grants.len() == 1));
    let grants = store.grants(&GrantQuery::Subjects(vec![Subject::Everyone])).await.unwrap();
    assert_eq!(grants.len(), OBJECTS);
}
