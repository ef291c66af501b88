//! What the store's operations cost, in microseconds each: of this process, and until the answer.
//!
//! `cargo run --release -p claviger-storage-sql --example store_costs [OBJECTS] [FOLDER or URL]`
//!
//! The URL is that of an empty database in PostgreSQL, MySQL or MariaDB; what Claviger has in it is deleted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::filter::{Compare, FieldTest, Filter, IndexValue, Page};
use claviger_plugin_sdk::kmip::Tag;
use claviger_plugin_sdk::kmip::attributes::{Name, kinds};
use claviger_plugin_sdk::kmip::field::DateTime;
use claviger_plugin_sdk::kmip::lifecycle::StateSet;
use claviger_plugin_sdk::kmip::tables::enumerations::{NameType, OperationCode};
use claviger_plugin_sdk::record::{ObjectId, Revision};
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::{ChangeSet, NameClaims, ObjectStore, StoreFactory as _, Subject};
use claviger_plugin_sdk::testkit::{RecordBuilder, SeededRandom};
use claviger_storage_sql::remote::{MysqlFactory, PostgresqlFactory};
use claviger_storage_sql::sqlite::SqliteStore;

const WRITERS: usize = 16;
const READS: usize = 5000;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let objects: usize = arguments.next().map_or(10_000, |text| text.parse().unwrap());
    let place = arguments.next();
    let place = place.unwrap_or_else(|| std::env::temp_dir().join("store-costs").display().to_string());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = open(&place, true).await;
        fill(&store, objects).await;
        report(&format!("create, {WRITERS} writers"), 4000, || create(&store, objects, 4000)).await;
        let subjects = [Subject::User("owner".into()), Subject::Everyone];
        let mut random = SeededRandom::new(1);
        let ids: Vec<_> = (0..READS).map(|_| id(random.below(objects))).collect();
        report("get", READS, || async {
            for id in &ids {
                assert_eq!(store.get(std::slice::from_ref(id), &subjects).await.unwrap().len(), 1);
            }
        })
        .await;
        report("update of one attribute", 1000, || update(&store, 1000)).await;
        for (what, filter, limit, hits) in searches(objects) {
            let page = Page::first(limit);
            let times = if hits > 100 { 50 } else { READS };
            let mut waits = Vec::with_capacity(times);
            report(what, times, || async {
                for _ in 0..times {
                    let start = Instant::now();
                    let found = store.locate(&filter, &page).await.unwrap();
                    waits.push(start.elapsed());
                    assert_eq!(found.ids.len(), hits, "{what}");
                }
            })
            .await;
            waits.sort_unstable();
            println!("{:<34} {:8.1} us for 99 of 100", "", waits[times * 99 / 100].as_secs_f64() * 1e6);
        }
    });
    let start = Instant::now();
    runtime.block_on(async { drop(open(&place, false).await) });
    println!("open and close {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
}

/// The database in a folder, or that of a URL.
async fn open(place: &str, clear: bool) -> Arc<dyn ObjectStore> {
    let settings = Settings::new("/".into(), [("database-url", place.to_owned())]);
    let source = match place.split_once("://") {
        None => return Arc::new(SqliteStore::open(&PathBuf::from(place), clear).unwrap()),
        Some(("mysql" | "mariadb", _)) => MysqlFactory.start(&settings, clear).await,
        Some(_) => PostgresqlFactory.start(&settings, clear).await,
    };
    source.unwrap().open(&ConnectionFacts::internal()).unwrap()
}

fn searches(objects: usize) -> Vec<(&'static str, Filter, u64, usize)> {
    let restricted = |filter: Filter| {
        let subjects = vec![Subject::User("owner".into()), Subject::Everyone];
        filter
            .and(Filter::VisibleTo { subjects, operations: Some(vec![OperationCode::LOCATE]) })
            .and(Filter::State { any_of: StateSet::ACTIVE, at: DateTime(1_900_000_000) })
    };
    let equal = |tag, field, value| Filter::Attribute {
        tag,
        tests: vec![FieldTest { field, compare: Compare::Equal(value) }],
    };
    let name = equal(Tag::NAME, Some(Tag::NAME_VALUE), IndexValue::Text(format!("name {}", objects / 2)));
    let algorithm = equal(Tag::CRYPTOGRAPHIC_ALGORITHM, None, IndexValue::Integer(3));
    let ten = format!("ten {}", objects / 20);
    vec![
        ("locate, tag, 1 hit", restricted(Filter::Tag(format!("one {}", objects / 2))), 1000, 1),
        ("locate, tag, 10 hits", restricted(Filter::Tag(ten)), 1000, 10),
        ("locate, common tag and rare name", restricted(Filter::Tag("_kk".into()).and(name)), 1000, 1),
        ("locate, algorithm, first 10", restricted(algorithm), 10, 10),
        ("locate, first 10", restricted(Filter::All(vec![])), 10, 10),
        ("locate, first 1000", restricted(Filter::All(vec![])), 1000, 1000),
    ]
}

/// A put as the operation Create makes it: fifteen values and more, three tags, one name.
fn creation(number: usize) -> ChangeSet {
    let record = RecordBuilder::new(id(number).as_str())
        .tag("_kk")
        .tag(&format!("one {number}"))
        .tag(&format!("ten {}", number / 10))
        .with::<kinds::CryptographicUsageMask>(12)
        .with::<kinds::InitialDate>(DateTime(1_800_000_000 + number as i64))
        .with::<kinds::LastChangeDate>(DateTime(1_800_000_000 + number as i64))
        .with::<kinds::OriginalCreationDate>(DateTime(1_800_000_000 + number as i64))
        .with::<kinds::AlwaysSensitive>(true)
        .with::<kinds::Extractable>(true)
        .with::<kinds::Sensitive>(true)
        .with::<kinds::Fresh>(true)
        .with::<kinds::Name>(Name {
            value: format!("name {number}"),
            name_type: NameType::UNINTERPRETED_TEXT_STRING,
        });
    let claims =
        vec![NameClaims { object: id(number), owner: "owner".into(), names: vec![format!("name {number}")] }];
    ChangeSet { puts: vec![record.put()], claims, ..ChangeSet::default() }
}

/// Identifiers without order, as random UUIDs are.
fn id(number: usize) -> ObjectId {
    let mut random = SeededRandom::new(number as u64);
    ObjectId::new(&format!("{:016x}-{:016x}", random.next_u64(), random.next_u64())).unwrap()
}

async fn fill(store: &Arc<dyn ObjectStore>, objects: usize) {
    for start in (0..objects).step_by(500) {
        let mut change = ChangeSet::default();
        for number in start..objects.min(start + 500) {
            let one = creation(number);
            change.puts.extend(one.puts);
            change.claims.extend(one.claims);
        }
        store.apply(change).await.unwrap();
    }
}

async fn create(store: &Arc<dyn ObjectStore>, from: usize, count: usize) {
    let writers = (0..WRITERS).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            for number in (writer..count).step_by(WRITERS) {
                store.apply(creation(from + number)).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}

async fn update(store: &Arc<dyn ObjectStore>, count: usize) {
    for number in 0..count {
        let mut put = creation(number).puts.remove(0);
        put.expected = Some(Revision(1));
        put.index.attributes.pop();
        store.apply(ChangeSet { puts: vec![put], ..ChangeSet::default() }).await.unwrap();
    }
}

async fn report<F: Future<Output = ()>>(what: &str, times: usize, work: impl FnOnce() -> F) {
    let (cpu, wall) = (processor_time(), Instant::now());
    work().await;
    let each = |time: Duration| time.as_secs_f64() * 1e6 / times as f64;
    println!(
        "{what:<34} {:8.1} us processor {:8.1} us elapsed",
        each(processor_time() - cpu),
        each(wall.elapsed())
    );
}

/// The processor time of this process, from the kernel's own count of ticks.
fn processor_time() -> Duration {
    let schedule: String = std::fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("schedstat")).ok())
        .collect();
    let nanos = schedule.lines().filter_map(|line| line.split(' ').next()?.parse::<u64>().ok());
    Duration::from_nanos(nanos.sum())
}
