//! Logs in a database that are written, harmed and verified.

use std::sync::atomic::{AtomicBool, Ordering};

use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::{
    ApplyError, ChangeSet, Document, DocumentPage, DocumentPut, FoundIds, FoundPage, Grant, GrantQuery,
    StoreProperties, Stored, Subject,
};
use claviger_plugin_sdk::testkit::{FakeClock, MemoryStore};
use tokio::runtime::Runtime;

use super::database::{KIND, name_of};
use super::database_lines::DatabaseSnapshot;
use super::kept_heads::OF_DATABASE;
use super::tests::{Failing, NEVER, lines, only, requests, until_it_intends, verify_lines};
use super::verify::{Broken, Summary, Terms};
use super::*;

/// Some time in 2026, in seconds.
const NOW: i64 = 1_790_000_000;
const DAY: i64 = 86_400;

/// A database, and a server with a data folder of its own.
struct Database {
    runtime: Runtime,
    folder: tempfile::TempDir,
    store: MemoryStore,
    clock: Arc<FakeClock>,
    days: Option<i64>,
}

impl Database {
    fn new() -> Self {
        let clock = Arc::new(FakeClock::at(NOW));
        let store = MemoryStore::with_clock(clock.clone());
        Self { clock, ..Self::beside(store) }
    }

    /// Another server on the same database.
    fn beside(store: MemoryStore) -> Self {
        Self {
            runtime: Runtime::new().unwrap(),
            folder: tempfile::tempdir().unwrap(),
            store,
            clock: Arc::new(FakeClock::at(NOW)),
            days: None,
        }
    }

    fn key(&self) -> SigningKey {
        SigningKey::read_or_make(&self.folder.path().join("key")).unwrap()
    }

    fn destination(&self) -> LogDatabase {
        let file = self.folder.path().join(FILE);
        let (log, lock) = Instance::of(&file).unwrap();
        LogDatabase {
            store: Arc::new(self.store.clone()),
            runtime: self.runtime.handle().clone(),
            log,
            head_file: beside(&file, ".head"),
            days: self.days,
            clock: self.clock.clone(),
            _instance: lock,
        }
    }

    fn try_open(&self) -> Result<AuditLog, Failure> {
        let database = self.destination();
        let log = database.log.clone();
        let clock = self.clock.clone();
        AuditLog::by_clock(Box::new(database), self.key(), NEVER, log, Kept::default(), clock)
    }

    fn open(&self) -> AuditLog {
        self.try_open().unwrap()
    }

    /// Writes so many records, each of which is a document.
    fn write(&self, records: u32) {
        let log = self.open();
        for request in 0..records {
            let kept = log.take_intent(request).unwrap();
            self.runtime.block_on(kept).unwrap();
        }
    }

    /// The name of the log of this server.
    fn log(&self) -> String {
        self.destination().log
    }

    fn documents(&self) -> Vec<(String, Document)> {
        let page = DocumentPage::first(10_000);
        let all = self.runtime.block_on(self.store.documents(KIND, &page)).unwrap();
        let own = self.log();
        all.into_iter().filter(|(name, _)| name.starts_with(&own)).collect()
    }

    /// What the documents of the log have.
    fn bytes(&self) -> Vec<Vec<u8>> {
        self.documents().into_iter().map(|(_, document)| document.body.to_vec()).collect()
    }

    /// Has the database hold something else, or nothing.
    fn put(&self, kind: &str, name: &str, content: Option<&[u8]>) {
        let expected = self.runtime.block_on(self.store.document(kind, name)).unwrap();
        let put = DocumentPut {
            kind: kind.to_owned(),
            id: name.to_owned(),
            expected: expected.map(|document| document.revision),
            content: content.map(|content| (content.to_vec().into(), None)),
        };
        let change = ChangeSet { documents: vec![put], ..ChangeSet::default() };
        self.runtime.block_on(self.store.apply(change)).unwrap();
    }

    fn snapshot(&self) -> DatabaseSnapshot {
        DatabaseSnapshot::over(Runtime::new().unwrap(), self.store.snapshot())
    }

    fn terms(&self) -> Terms {
        let head = self.snapshot().head(OF_DATABASE, &self.log()).unwrap();
        Terms { keys: vec![self.key().public().clone()], head, partial: false }
    }

    fn verify(&self) -> Result<Summary, Broken> {
        self.verify_by(self.terms())
    }

    fn verify_by(&self, terms: Terms) -> Result<Summary, Broken> {
        verify_lines(self.snapshot().lines(&self.log()), terms)
    }

    /// Verifies the log with these documents in place of its own, which are put back.
    fn verify_instead(
        &self,
        good: &[(String, Document)],
        bad: &[(String, Vec<u8>)],
    ) -> Result<Summary, Broken> {
        good.iter().for_each(|(name, _)| self.put(KIND, name, None));
        bad.iter().for_each(|(name, content)| self.put(KIND, name, Some(content)));
        let verified = self.verify();
        bad.iter().for_each(|(name, _)| self.put(KIND, name, None));
        good.iter().for_each(|(name, document)| self.put(KIND, name, Some(&document.body)));
        verified
    }
}

fn contents(documents: &[(String, Document)]) -> Vec<(String, Vec<u8>)> {
    documents.iter().map(|(name, document)| (name.clone(), document.body.to_vec())).collect()
}

#[test]
fn every_record_is_in_the_database_in_order_and_servers_go_on_with_the_chain() {
    let database = Database::new();
    let log = database.open();
    for request in 0..10_000 {
        log.take(request);
    }
    log.close();
    database.write(2);
    let all = database.bytes().concat();
    let expected: Vec<String> = (0..10_000).chain(0..2).map(|request| request.to_string()).collect();
    assert_eq!(requests(&all), expected);
    let summary = database.verify().unwrap();
    assert_eq!((summary.first, summary.signed, summary.notes.len()), (1, summary.last.seq, 0));
    let longest = database.bytes().iter().map(Vec::len).max().unwrap();
    assert!(longest < 300_000, "a document has {longest} bytes");
}

#[test]
fn any_byte_that_is_changed_in_the_database_is_found() {
    let database = Database::new();
    database.write(2);
    let good = database.documents();
    for (name, document) in &good {
        for place in 0..document.body.len() {
            let mut changed = document.body.to_vec();
            changed[place] ^= 1;
            database.put(KIND, name, Some(&changed));
            let found = database.verify();
            assert!(found.is_err(), "byte {place} of {name}: {found:?}");
        }
        database.put(KIND, name, Some(&document.body));
    }
    database.verify().unwrap();
}

#[test]
fn documents_and_records_that_are_removed_moved_repeated_or_cut_off_are_found() {
    let database = Database::new();
    database.write(3);
    let good = database.documents();
    for place in 0..good.len() {
        let mut removed = contents(&good);
        removed.remove(place);
        assert!(database.verify_instead(&good, &removed).is_err(), "document {place} is removed");
        for other in 0..good.len() {
            let mut moved = contents(&good);
            let (one, two) = (moved[place].1.clone(), moved[other].1.clone());
            (moved[place].1, moved[other].1) = (two, one.clone());
            let found = database.verify_instead(&good, &moved);
            assert_eq!(found.is_err(), place != other, "documents {place} and {other} are exchanged");
            let mut repeated = contents(&good);
            repeated[other].1.extend_from_slice(&one);
            assert!(
                database.verify_instead(&good, &repeated).is_err(),
                "document {place} is also in {other}"
            );
        }
        let cut_off = contents(&good[..place]);
        let found = database.verify_instead(&good, &cut_off).unwrap_err();
        let why = if place == 0 { "there is nothing in it" } else { "the log was cut off" };
        assert!(found.why.contains(why), "{found:?}");
    }
    // Single records of one document.
    let all = lines(&database.bytes().concat());
    let first = name_of(&database.log(), 1);
    let with = |lines: &[Vec<u8>]| database.verify_instead(&good, &[(first.clone(), lines.concat())]);
    with(&all).unwrap();
    for place in 0..all.len() {
        let mut removed = all.clone();
        removed.remove(place);
        assert!(with(&removed).is_err(), "line {place} is removed");
        let mut moved = all.clone();
        moved.swap(place, (place + 1) % all.len());
        assert!(with(&moved).is_err(), "line {place} is exchanged with the next one");
    }
}

#[test]
fn a_log_that_was_deleted_from_the_database_is_missed_for_ever() {
    for keeps_head in [true, false] {
        let database = Database::new();
        database.write(3);
        database.documents().iter().for_each(|(name, _)| database.put(KIND, name, None));
        if !keeps_head {
            // That in the data folder is left.
            database.put(OF_DATABASE, &database.log(), None);
        }
        database.write(1);
        let found = database.verify().unwrap_err();
        assert!(found.why.contains("the log was cut off here: it ended with line 0"), "{found:?}");
    }
}

#[test]
fn a_database_that_was_rolled_back_is_noticed_by_the_head_beside_it() {
    let database = Database::new();
    database.write(1);
    let early = database.documents();
    let head = database.runtime.block_on(database.store.document(OF_DATABASE, &database.log())).unwrap();
    database.write(3);
    for (name, _) in database.documents() {
        if early.iter().all(|(known, _)| *known != name) {
            database.put(KIND, &name, None);
        }
    }
    database.put(OF_DATABASE, &database.log(), Some(&head.unwrap().body));
    database.verify().unwrap();
    database.write(1);
    assert!(database.verify().unwrap_err().why.contains("the log was cut off here"));
}

#[test]
fn two_servers_on_one_database_have_a_log_each() {
    let one = Database::new();
    let other = Database::beside(one.store.clone());
    let (first, second) = (one.open(), other.open());
    for request in 0..20 {
        let log = if request % 2 == 0 { &first } else { &second };
        one.runtime.block_on(log.take_intent(request).unwrap()).unwrap();
    }
    drop((first, second));
    let of = |odd: u32| (0..20).filter(move |request| request % 2 == odd).map(|request| request.to_string());
    assert_eq!(requests(&one.bytes().concat()), of(0).collect::<Vec<_>>());
    assert_eq!(requests(&other.bytes().concat()), of(1).collect::<Vec<_>>());
    one.verify().unwrap();
    other.verify().unwrap();
    assert_eq!(one.snapshot().logs().unwrap(), [one.log(), other.log()].into());
    // Each is signed with the key of its own server, and harm to one is none to the other.
    let wrong = other.verify_by(Terms { keys: one.terms().keys, ..other.terms() }).unwrap_err();
    assert!(wrong.why.contains("none of the public keys"), "{wrong:?}");
    let (name, document) = one.documents().pop().unwrap();
    one.put(KIND, &name, Some(&document.body[1..]));
    one.verify().unwrap_err();
    other.verify().unwrap();
}

#[test]
fn a_copied_data_folder_does_not_have_two_servers_write_over_each_other() {
    let one = Database::new();
    let other = Database::beside(one.store.clone());
    drop(one.open());
    for file in [FILE, "key"] {
        std::fs::copy(one.folder.path().join(file), other.folder.path().join(file)).unwrap();
    }
    let (first, second) = (only(one.open()), only(other.open()));
    for request in 0..4 {
        let logs = if request % 2 == 0 { &first } else { &second };
        one.runtime.block_on(until_it_intends(logs, request));
    }
    first.close();
    second.close();
    let kept: std::collections::BTreeSet<String> = requests(&one.bytes().concat()).into_iter().collect();
    assert_eq!(kept.len(), 4, "each was kept: {kept:?}");
    one.verify().unwrap();
}

#[test]
fn one_data_folder_is_of_one_server() {
    let database = Database::new();
    let _log = database.open();
    let second = Instance::of(&database.folder.path().join(FILE)).err().unwrap().to_string();
    assert!(second.contains("another process writes"), "{second}");
    std::fs::write(database.folder.path().join("wrong"), "../../x").unwrap();
    assert!(Instance::of(&database.folder.path().join("wrong")).is_err());
}

#[test]
fn while_the_database_is_down_intents_fail_and_afterwards_the_log_says_what_is_missing() {
    let database = Database::new();
    let fails = Arc::new(AtomicBool::new(false));
    let destination = database.destination();
    let name = destination.log.clone();
    let failing = Failing { destination, fails: fails.clone(), writes_half: false };
    let log = AuditLog::over(Box::new(failing), database.key(), NEVER, name, Kept::default()).unwrap();
    let log = only(log);
    let intend = |number| database.runtime.block_on(log.intends(number));
    intend(1).unwrap();
    fails.store(true, Ordering::SeqCst);
    intend(2).unwrap_err();
    log.records(3);
    intend(4).unwrap_err();
    let started = std::time::Instant::now();
    while log.dropped() < 2 {
        assert!(started.elapsed() < Duration::from_secs(20), "the record that waits is given up");
        thread::sleep(Duration::from_millis(20));
    }
    fails.store(false, Ordering::SeqCst);
    database.runtime.block_on(until_it_intends(&log, 5));
    log.close();
    let summary = database.verify().unwrap();
    assert_eq!((log.dropped(), summary.dropped), (2, 2), "{summary:?}");
}

#[test]
fn a_log_whose_end_was_harmed_is_not_written_on() {
    let database = Database::new();
    database.write(2);
    let (name, document) = database.documents().pop().unwrap();
    let mut harmed = document.body.to_vec();
    harmed[20] ^= 1;
    database.put(KIND, &name, Some(&harmed));
    let refused = database.try_open().err().unwrap().to_string();
    assert!(refused.contains("its documents do not follow one another"), "{refused}");
    // As it says, another log is begun, and that one stays what it is.
    let harmed = database.log();
    std::fs::remove_file(database.folder.path().join(FILE)).unwrap();
    database.write(1);
    assert_ne!(database.log(), harmed);
    database.verify().unwrap();
    verify_lines(database.snapshot().lines(&harmed), database.terms()).unwrap_err();
}

#[test]
fn documents_go_after_their_days_and_the_chain_goes_on() {
    let database = Database { days: Some(30), ..Database::new() };
    database.write(3);
    database.clock.advance(20 * DAY);
    database.write(3);
    assert_eq!(database.verify().unwrap().first, 1);
    database.clock.advance(11 * DAY);
    let found = database.verify().unwrap_err();
    assert!(found.why.contains("those before are missing"), "{found:?}");
    let partial = || database.verify_by(Terms { partial: true, ..database.terms() });
    assert!(partial().unwrap().first > 1);
    // All of them go.
    database.clock.advance(300 * DAY);
    let before = database.terms().head.unwrap().link.seq;
    database.write(3);
    let summary = partial().unwrap();
    assert_eq!((summary.first, summary.notes.len()), (before + 1, 1), "{summary:?}");
}

/// What verifies of a log whose server was away for so many days, and has other settings since; `removed` by somebody meanwhile.
fn after_other_days(days: [Option<i64>; 2], away: i64, removed: bool) -> Result<Summary, Broken> {
    let mut database = Database { days: days[0], ..Database::new() };
    database.write(3);
    database.clock.advance(away * DAY);
    if removed {
        database.documents().iter().for_each(|(name, _)| database.put(KIND, name, None));
    }
    database.days = days[1];
    database.write(1);
    database.verify_by(Terms { partial: true, ..database.terms() })
}

#[test]
fn documents_that_went_by_earlier_settings_are_not_missed() {
    for today in [Some(90), None, Some(30)] {
        let summary = after_other_days([Some(30), today], 40, false).unwrap();
        assert!(summary.first > 1, "{summary:?}");
    }
}

#[test]
fn documents_that_earlier_settings_kept_are_missed_if_somebody_removed_them() {
    for (before, today) in [(None, Some(30)), (Some(90), Some(30)), (Some(90), None)] {
        assert!(after_other_days([before, today], 40, false).is_ok());
        let found = after_other_days([before, today], 40, true).unwrap_err();
        assert!(found.why.contains("the log was cut off here"), "{found:?}");
    }
}

#[test]
fn a_head_of_a_build_that_kept_no_expiry_is_judged_by_the_settings() {
    let database = Database { days: Some(30), ..Database::new() };
    database.write(3);
    let file = beside(&database.folder.path().join(FILE), ".head");
    head::write_file(&file, &head::read_file(&file).unwrap().unwrap()).unwrap();
    database.clock.advance(40 * DAY);
    database.write(1);
    assert!(database.verify_by(Terms { partial: true, ..database.terms() }).unwrap().first > 1);
}

#[test]
fn the_end_of_a_log_is_found_without_a_list_of_what_all_servers_have_written() {
    let database = Database { days: Some(30), ..Database::new() };
    let write = |records: u32| {
        let destination =
            LogDatabase { store: Arc::new(Unlisted(database.store.clone())), ..database.destination() };
        let (name, clock) = (destination.log.clone(), database.clock.clone());
        let log =
            AuditLog::by_clock(Box::new(destination), database.key(), NEVER, name, Kept::default(), clock)
                .unwrap();
        for request in 0..records {
            database.runtime.block_on(log.take_intent(request).unwrap()).unwrap();
        }
    };
    write(3);
    // Back to a head with documents behind it, as after a crash.
    let head = database.runtime.block_on(database.store.document(OF_DATABASE, &database.log())).unwrap();
    write(20);
    let head = head.unwrap().body.to_vec();
    database.put(OF_DATABASE, &database.log(), Some(&head));
    write(2);
    assert_eq!(requests(&database.bytes().concat()).len(), 25);
    database.verify().unwrap();
    // A server that was away for longer than documents are kept.
    database.clock.advance(40 * DAY);
    let before = database.terms().head.unwrap().link.seq;
    write(1);
    let summary = database.verify_by(Terms { partial: true, ..database.terms() }).unwrap();
    assert_eq!(summary.first, before + 1);
}

#[test]
fn the_head_of_another_log_is_none_of_a_new_one() {
    let database = Database { days: Some(30), ..Database::new() };
    database.write(3);
    std::fs::remove_file(database.folder.path().join(FILE)).unwrap();
    database.clock.advance(40 * DAY);
    database.write(1);
    assert_eq!(database.verify().unwrap().first, 1);
}

/// A store that says nothing but what it is asked for by its name.
struct Unlisted(MemoryStore);

impl ObjectStore for Unlisted {
    fn namespace(&self) -> &Arc<str> {
        self.0.namespace()
    }

    fn properties(&self) -> StoreProperties {
        self.0.properties()
    }

    fn get<'a>(&'a self, ids: &'a [ObjectId], subjects: &'a [Subject]) -> BoxFuture<'a, Result<Vec<Stored>>> {
        self.0.get(ids, subjects)
    }

    fn find<'a>(
        &'a self,
        filter: &'a Filter,
        page: &'a Page,
        subjects: &'a [Subject],
    ) -> BoxFuture<'a, Result<FoundPage>> {
        self.0.find(filter, page, subjects)
    }

    fn locate<'a>(&'a self, filter: &'a Filter, page: &'a Page) -> BoxFuture<'a, Result<FoundIds>> {
        self.0.locate(filter, page)
    }

    fn grants<'a>(&'a self, query: &'a GrantQuery) -> BoxFuture<'a, Result<Vec<Grant>>> {
        self.0.grants(query)
    }

    fn document<'a>(&'a self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        self.0.document(kind, id)
    }

    fn documents<'a>(
        &'a self,
        _: &'a str,
        _: &'a DocumentPage,
    ) -> BoxFuture<'a, Result<Vec<(String, Document)>>> {
        Box::pin(async { Err(Error::server("there is too much to list")) })
    }

    fn document_kinds(&self) -> BoxFuture<'_, Result<Vec<String>>> {
        self.0.document_kinds()
    }

    fn apply(&self, change: ChangeSet) -> BoxFuture<'_, Result<(), ApplyError>> {
        self.0.apply(change)
    }

    fn health(&self) -> BoxFuture<'_, Result<()>> {
        self.0.health()
    }
}
