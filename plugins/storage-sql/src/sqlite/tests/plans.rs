//! How SQLite runs searches: on indexes, newest first, without sorting. Nobody has it gather statistics, so what it plans does not
//! depend on what is in the tables; the test of costs looks that this is so.

use claviger_plugin_sdk::filter::{Compare, Cursor, FieldTest, Filter, IndexValue, Page};
use claviger_plugin_sdk::kmip::Tag;
use claviger_plugin_sdk::kmip::field::DateTime;
use claviger_plugin_sdk::kmip::lifecycle::StateSet;
use claviger_plugin_sdk::kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::Subject;
use rusqlite::{Connection, params_from_iter};

use crate::search::{self, Dialect, Driver, Statement, Wanted};
use crate::sqlite::{has, schema};

/// The plan of the search that the filter's best candidate drives, in an empty database.
pub(super) fn plan(filter: &Filter) -> Vec<String> {
    let mut connection = Connection::open_in_memory().unwrap();
    schema::migrate(&mut connection).unwrap();
    has::define(&connection).unwrap();
    plan_in(&connection, filter)
}

/// That plan in this database.
pub(super) fn plan_in(connection: &Connection, filter: &Filter) -> Vec<String> {
    let mut candidates = search::candidates(filter);
    let driver = if candidates.is_empty() { Driver::all() } else { candidates.swap_remove(0) };
    let page = Page { after: Some(Cursor(9)), offset: 1, limit: 10, count: false };
    let mut select = Statement::new(Dialect::Sqlite);
    search::select(&mut select, &driver, filter, &page, Wanted::Identifier);
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", select.sql)).unwrap();
    let rows = statement.query_map(params_from_iter(&select.arguments), |row| row.get(3)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn equal(tag: Tag, field: Option<Tag>, value: IndexValue) -> Filter {
    Filter::Attribute { tag, tests: vec![FieldTest { field, compare: Compare::Equal(value) }] }
}

/// What a server adds to every search: who may see the objects, and in which state.
fn restricted(filter: Filter) -> Filter {
    let subjects = vec![Subject::User("alice".into()), Subject::Group("staff".into()), Subject::Everyone];
    filter
        .and(Filter::VisibleTo { subjects, operations: Some(vec![OperationCode::GET]) })
        .and(Filter::State { any_of: StateSet::ACTIVE, at: DateTime(1) })
}

fn assert_indexed(filter: &Filter, first_step: &str) {
    let plan = plan(filter);
    assert_eq!(plan[0], first_step, "{plan:#?}");
    assert!(plan.iter().all(|step| !step.starts_with("SCAN")), "{plan:#?}");
    assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE")), "{plan:#?}");
}

#[test]
fn a_search_by_tag_reads_the_index_of_values_in_order() {
    let step = "SEARCH d USING PRIMARY KEY (attribute=? AND field=? AND value=? AND object<?)";
    assert_indexed(&restricted(Filter::Tag("red".into())), step);
    assert_indexed(&restricted(Filter::Tag("red".into()).and(Filter::Tag("big".into()))), step);
}

#[test]
fn a_search_by_attribute_reads_the_index_of_values_in_order() {
    let step = "SEARCH d USING PRIMARY KEY (attribute=? AND field=? AND value=? AND object<?)";
    let length = equal(Tag::CRYPTOGRAPHIC_LENGTH, None, IndexValue::Integer(256));
    let name = equal(Tag::NAME, Some(Tag::NAME_VALUE), IndexValue::Text("n".into()));
    let group = equal(Tag::OBJECT_GROUP, None, IndexValue::Text("g".into()));
    for filter in [name.clone(), group.clone(), length.clone().and(name), length.and(group)] {
        assert_indexed(&restricted(filter), step);
    }
}

#[test]
fn what_is_due_is_found_without_looking_at_other_objects() {
    let step = "SEARCH d USING PRIMARY KEY (attribute=? AND field=? AND value=? AND object<?)";
    assert_indexed(&Filter::rotation_due(DateTime(1)), step);
    assert_indexed(&Filter::destroyed_until(DateTime(1)), step);
}

#[test]
fn a_search_by_identifier_reads_one_object() {
    let filter = restricted(Filter::Id(ObjectId::new("k").unwrap()));
    let plan = plan(&filter);
    assert_eq!(plan[0], "SEARCH o USING INDEX sqlite_autoindex_object_1 (id=?)", "{plan:#?}");
}

#[test]
fn a_search_by_owner_reads_the_index_of_owners_in_order() {
    let filter =
        Filter::Owner("alice".into()).and(Filter::State { any_of: StateSet::ACTIVE, at: DateTime(1) });
    assert_indexed(&filter, "SEARCH o USING INDEX object_by_owner (owner=? AND seq<?)");
}

#[test]
fn a_search_for_all_that_a_user_may_see_merges_owned_and_granted_objects() {
    let plan = plan(&restricted(Filter::All(vec![])));
    assert!(plan.iter().all(|step| !step.starts_with("SCAN")), "{plan:#?}");
    assert!(
        plan.iter().any(|step| step == "SEARCH o USING INDEX object_by_owner (owner=? AND seq<?)"),
        "{plan:#?}"
    );
    assert!(plan.iter().any(|step| step.contains("permission_by_subject")), "{plan:#?}");
}

#[test]
fn a_range_is_tested_on_objects_in_order() {
    let range = FieldTest { field: None, compare: Compare::Between(1, 2) };
    let filter = Filter::Attribute { tag: Tag::INITIAL_DATE, tests: vec![range] };
    let plan = plan(&filter);
    assert_eq!(plan[0], "SEARCH o USING INTEGER PRIMARY KEY (rowid<?)", "{plan:#?}");
    assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE")), "{plan:#?}");
}
