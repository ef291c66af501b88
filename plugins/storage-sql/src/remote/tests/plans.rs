//! How the databases run searches among many objects: on indexes, whatever the value that is searched for.

use claviger_plugin_sdk::filter::{Compare, Cursor, FieldTest, Filter, IndexValue, Page};
use claviger_plugin_sdk::kmip::Tag;
use claviger_plugin_sdk::kmip::field::DateTime;
use claviger_plugin_sdk::kmip::lifecycle::StateSet;
use claviger_plugin_sdk::kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::Subject;
use sqlx::Row as _;

use super::database::{Database, on_each_server};
use crate::remote::connection::Row;
use crate::remote::pool::Pool;
use crate::remote::read;
use crate::search::{self, Dialect, Driver, Statement, Wanted};

const OBJECTS: usize = 20_000;

/// Makes objects of 200 owners, with a tag that all have and one that few have, a name and a group each, and grants.
async fn fill(database: &Database, dialect: Dialect, objects: usize) {
    let (numbers, text) = match dialect {
        Dialect::Mysql => (format!("(SELECT seq AS n FROM seq_1_to_{objects})"), "CAST"),
        _ => (format!("generate_series(1, {objects})"), "convert_to"),
    };
    let text = |parts: &str| match dialect {
        Dialect::Mysql => format!("{text}(CONCAT({parts}) AS BINARY)"),
        _ => format!("{text}(CONCAT({parts}), 'UTF8')"),
    };
    let from = if dialect == Dialect::Mysql { format!("{numbers} g") } else { format!("{numbers} AS g(n)") };
    let (id, owner) = (text("'k', n"), text("'owner', n % 200"));
    let one = |value: &str| match dialect {
        Dialect::Mysql => format!("CONCAT(x'01', {})", text(value)),
        _ => format!("'\\x01'::bytea || {}", text(value)),
    };
    let (all, rare, name) = (one("'all'"), one("'rare', n % 2000"), one("'name', n"));
    let (name_tag, value_tag) = (Tag::NAME.0, Tag::NAME_VALUE.0);
    let (group, group_tag) = (one("'group', n"), Tag::OBJECT_GROUP.0);
    let length = match dialect {
        Dialect::Mysql => "CAST(x'000000000000000100' AS BINARY)",
        _ => "'\\x000000000000000100'::bytea",
    };
    let length_tag = Tag::CRYPTOGRAPHIC_LENGTH.0;
    for statement in [
        format!(
            "INSERT INTO claviger_object (id, revision, owner, type, state, archived) \
             SELECT {id}, 1, {owner}, 2, 2, 0 FROM {from} ORDER BY n"
        ),
        "INSERT INTO claviger_content (object, body) SELECT seq, id FROM claviger_object".to_owned(),
        format!("INSERT INTO claviger_scalar SELECT n, 0, 0, {all}, 0, NULL, 1 FROM {from}"),
        format!("INSERT INTO claviger_scalar SELECT n, 0, 0, {rare}, 0, NULL, 1 FROM {from}"),
        format!(
            "INSERT INTO claviger_scalar SELECT n, {name_tag}, {value_tag}, {name}, 0, NULL, 1 FROM {from}"
        ),
        format!("INSERT INTO claviger_scalar SELECT n, {group_tag}, 0, {group}, 0, NULL, 1 FROM {from}"),
        format!("INSERT INTO claviger_scalar SELECT n, {length_tag}, 0, {length}, 0, 256, 0 FROM {from}"),
        format!(
            "INSERT INTO claviger_permission SELECT n, 1, {user}, 10, {user} FROM {from}",
            user = text("'user', n % 1000")
        ),
    ] {
        database.run_inside(&statement).await;
    }
    let analyze = match dialect {
        Dialect::Mysql => {
            "ANALYZE TABLE claviger_object, claviger_scalar, claviger_permission, claviger_content"
        }
        _ => "ANALYZE",
    };
    database.run_inside(analyze).await;
}

/// The plan of a search that the driver drives, a step a line: the table, how it is read, and by which index.
async fn plan(pool: &Pool, driver: &Driver<'_>, filter: &Filter) -> String {
    let page = Page { after: Some(Cursor(15_000)), offset: 1, limit: 10, count: false };
    let mut statement = Statement::new(pool.dialect());
    statement.push("EXPLAIN ");
    search::select(&mut statement, driver, filter, &page, Wanted::Identifier);
    let rows = pool.rows(&statement).await.unwrap();
    let lines: Vec<String> = rows.iter().map(step).collect();
    lines.join("\n")
}

fn step(row: &Row) -> String {
    match row {
        Row::Postgresql(row) => row.get(0),
        Row::Mysql(row) => {
            let column = |name: &str| row.get::<Option<String>, _>(name).unwrap_or_default();
            format!("{} {} {} {}", column("table"), column("type"), column("key"), column("Extra"))
        }
    }
}

/// What a server adds to every search: who may see the objects, and in which state.
fn restricted(filter: Filter) -> Filter {
    let subjects = vec![Subject::User("user7".into()), Subject::Group("staff".into()), Subject::Everyone];
    filter
        .and(Filter::VisibleTo { subjects, operations: Some(vec![OperationCode::GET]) })
        .and(Filter::State { any_of: StateSet::ACTIVE, at: DateTime(1) })
}

fn named(name: &str) -> Filter {
    let compare = Compare::Equal(IndexValue::Text(name.into()));
    Filter::Attribute { tag: Tag::NAME, tests: vec![FieldTest { field: Some(Tag::NAME_VALUE), compare }] }
}

/// What tells an object by an attribute, and what all objects have.
fn grouped(group: &str) -> Filter {
    let equal = |tag, value| {
        let tests = vec![FieldTest { field: None, compare: Compare::Equal(value) }];
        Filter::Attribute { tag, tests }
    };
    let length = equal(Tag::CRYPTOGRAPHIC_LENGTH, IndexValue::Integer(256));
    length.and(equal(Tag::OBJECT_GROUP, IndexValue::Text(group.into())))
}

/// That every table is read by an index, one of them by this.
fn assert_indexed(plan: &str, index: &str) {
    assert!(plan.contains(index), "{index} is not in:\n{plan}");
    let scans = |step: &&str| step.contains("Seq Scan") || step.contains(" ALL ");
    // What MySQL reads of a result that it has made is no table.
    let scan = plan.lines().filter(scans).find(|step| !step.starts_with('<'));
    assert_eq!(scan, None, "of:\n{plan}");
}

on_each_server! {
    async fn searches_for_equal_values_read_indexes(database) {
        let pool = database.open().await.pool;
        fill(&database, pool.dialect(), OBJECTS).await;
        let cases = [
            (Filter::Tag("rare7".into()), "claviger_scalar_by_value"),
            (Filter::Tag("all".into()), "claviger_scalar_by_value"),
            (Filter::Tag("absent".into()), "claviger_scalar_by_value"),
            (named("name77"), "claviger_scalar_by_value"),
            (grouped("group77"), "claviger_scalar_by_value"),
            (Filter::Owner("owner7".into()), "claviger_object_by_owner"),
            (Filter::Id(ObjectId::new("k7").unwrap()), "id"),
        ];
        for (filter, index) in cases {
            for filter in [filter.clone(), restricted(filter)] {
                let candidates = search::candidates(&filter);
                assert_indexed(&plan(&pool, &candidates[0], &filter).await, index);
            }
        }
        let seen = restricted(Filter::All(vec![]));
        let plan_of_seen = plan(&pool, &search::candidates(&seen)[0], &seen).await;
        assert_indexed(&plan_of_seen, "claviger_object_by_owner");
        assert_indexed(&plan_of_seen, "claviger_permission_by_subject");
    }

    async fn all_objects_are_read_in_their_order(database) {
        let pool = database.open().await.pool;
        fill(&database, pool.dialect(), OBJECTS).await;
        let range = FieldTest { field: None, compare: Compare::Between(1, 2) };
        let filter = Filter::Attribute { tag: Tag::INITIAL_DATE, tests: vec![range] };
        let plan = plan(&pool, &Driver::all(), &filter).await;
        let index = if pool.dialect() == Dialect::Mysql { "PRIMARY" } else { "claviger_object_pkey" };
        assert_indexed(&plan, index);
        assert!(!plan.contains("Sort") && !plan.contains("filesort"), "{plan}");
    }
}

/// The pages that PostgreSQL looks at for the first ten matches, after the first time, which warms its caches.
async fn pages(pool: &Pool, filter: &Filter) -> u64 {
    let driver = read::choose(pool, filter).await.unwrap();
    let mut statement = Statement::new(pool.dialect());
    statement.push("EXPLAIN (ANALYZE, BUFFERS) ");
    search::select(&mut statement, &driver, filter, &Page::first(10), Wanted::Identifier);
    pool.rows(&statement).await.unwrap();
    let lines: Vec<String> = pool.rows(&statement).await.unwrap().iter().map(step).collect();
    println!("{}", lines.join("\n"));
    // The first line about pages is of the whole statement.
    let of_all = lines.iter().find_map(|line| line.trim().strip_prefix("Buffers: ")).unwrap_or_default();
    let counts = of_all.split([' ', ',']).filter_map(|part| part.split_once('=')?.1.parse::<u64>().ok());
    counts.sum()
}

/// The rows, and entries of indexes, that MySQL or MariaDB reads for the first ten matches.
async fn reads(pool: &Pool, filter: &Filter) -> u64 {
    let driver = read::choose(pool, filter).await.unwrap();
    let mut statement = Statement::new(pool.dialect());
    search::select(&mut statement, &driver, filter, &Page::first(10), Wanted::Identifier);
    let mut count = Statement::new(pool.dialect());
    count.push(
        "SELECT CAST(SUM(variable_value) AS SIGNED) FROM information_schema.session_status \
         WHERE variable_name LIKE 'handler_read%'",
    );
    // The counts are of one connection, and reading them counts as well.
    let mut connection = pool.connection().await.unwrap();
    let mut counts = Vec::new();
    for search in [None, None, Some(&statement)] {
        if let Some(search) = search {
            connection.rows(search).await.unwrap();
        }
        let rows = connection.rows(&count).await.unwrap();
        counts.push(rows[0].number(0).unwrap());
    }
    let (of_counting, of_both) = (counts[1] - counts[0], counts[2] - counts[1]);
    u64::try_from(of_both - of_counting).unwrap()
}

async fn costs_by_what_is_found(service: &str, what_is_counted: &str) {
    let many = if std::env::var_os("CLAVIGER_LONG_TESTS").is_some() { 100_000 } else { OBJECTS };
    let searches = [
        ("a tag that is rare", restricted(Filter::Tag("rare7".into()))),
        ("a name", restricted(named("name77"))),
        ("an attribute", restricted(grouped("group77"))),
        ("an owner", Filter::Owner("owner7".into())),
    ];
    let mut looked_at = [Vec::new(), Vec::new()];
    for (objects, looked_at) in [2_000, many].into_iter().zip(&mut looked_at) {
        let Some(database) = Database::make(service).await else { return };
        let pool = database.open().await.pool;
        fill(&database, pool.dialect(), objects).await;
        for (_, filter) in &searches {
            looked_at.push(match pool.dialect() {
                Dialect::Mysql => reads(&pool, filter).await,
                _ => pages(&pool, filter).await,
            });
        }
    }
    let [few, many] = looked_at;
    for (((what, _), few), many) in searches.iter().zip(few).zip(many) {
        println!("{what}: {few} {what_is_counted}, {many} among many objects");
        // An index grows by a level, and of most there are ten times as many, up to the ten that are asked for.
        assert!(few > 0 && many <= 2 * few + 120, "{what}: {few} {what_is_counted} grow to {many}");
    }
}

#[tokio::test]
async fn postgresql_looks_at_what_a_search_finds_and_not_at_what_is_stored() {
    costs_by_what_is_found("POSTGRESQL", "pages").await;
}

#[tokio::test]
async fn mariadb_looks_at_what_a_search_finds_and_not_at_what_is_stored() {
    costs_by_what_is_found("MYSQL", "reads").await;
}
