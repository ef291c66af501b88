//! What a search for equal values costs: by what it finds, not by what there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use claviger_plugin_sdk::filter::{Compare, FieldTest, Filter, IndexValue, Page};
use claviger_plugin_sdk::kmip::Tag;
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::store::{ChangeSet, ObjectStore as _};
use claviger_plugin_sdk::testkit::RecordBuilder;
use tempfile::TempDir;

use crate::sqlite::connection::DatabaseFile;
use crate::sqlite::tests::plans;
use crate::sqlite::{DATABASE, SqliteStore, query};

/// Objects that a search is for.
const WANTED: usize = 5;

/// A database with so many objects, of which some have what is searched for.
async fn filled(objects: usize) -> TempDir {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(folder.path(), false).unwrap();
    for first in (0..objects).step_by(500) {
        let mut change = ChangeSet::default();
        for number in first..objects.min(first + 500) {
            let wanted = number % (objects / WANTED) == 7;
            let (owner, tag) = if wanted { ("ann", "red") } else { ("bob", "blue") };
            let group = if wanted { "few".to_owned() } else { format!("group {number}") };
            let record = RecordBuilder::new(&format!("k{number}")).owner(owner).tag(tag).name(&group);
            change.puts.push(record.with::<kinds::ObjectGroup>(group).put());
        }
        store.apply(change).await.unwrap();
    }
    folder
}

/// How many steps of SQLite's machine a search takes.
fn steps(folder: &TempDir, filter: &Filter) -> u64 {
    let connection = DatabaseFile::plain(folder.path().join(DATABASE)).open_for_reading().unwrap();
    let steps = Arc::new(AtomicU64::new(0));
    let counted = steps.clone();
    let count = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        false
    };
    connection.progress_handler(1, Some(count)).unwrap();
    let found = query::locate(&connection, filter, &Page::first(100)).unwrap();
    assert_eq!(found.ids.len(), WANTED);
    steps.load(Ordering::Relaxed)
}

fn equal(tag: Tag, field: Option<Tag>, value: &str) -> Filter {
    let compare = Compare::Equal(IndexValue::Text(value.to_owned()));
    Filter::Attribute { tag, tests: vec![FieldTest { field, compare }] }
}

/// How many objects are many: as many as users have, in long runs.
fn many() -> usize {
    if std::env::var_os("CLAVIGER_LONG_TESTS").is_some() { 100_000 } else { 5_000 }
}

#[tokio::test]
async fn a_search_for_equal_values_costs_the_same_in_a_table_that_is_many_times_as_large() {
    let (small, large) = (filled(100).await, filled(many()).await);
    for (by, filter) in [
        ("tag", Filter::Tag("red".into())),
        ("name", equal(Tag::NAME, Some(Tag::NAME_VALUE), "few")),
        ("attribute", equal(Tag::OBJECT_GROUP, None, "few")),
        ("owner", Filter::Owner("ann".into())),
    ] {
        let connection = DatabaseFile::plain(large.path().join(DATABASE)).open_for_reading().unwrap();
        let plan = plans::plan_in(&connection, &filter);
        assert_eq!(plan, plans::plan(&filter), "as in an empty database");
        let (of_small, of_large) = (steps(&small, &filter), steps(&large, &filter));
        println!("by {by}: {of_small} steps, {of_large} among {} objects\n{}", many(), plan.join("\n"));
        assert!(
            of_small > 0 && of_large <= of_small + of_small / 10,
            "by {by}: {of_small} and {of_large} steps"
        );
    }
    // What an object lacks is no equality: that looks at all of them.
    let all = Filter::Not(Box::new(Filter::Tag("blue".into())));
    assert!(steps(&large, &all) > 10 * steps(&small, &all));
}
