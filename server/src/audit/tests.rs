//! Logs that are written, harmed and verified.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use claviger_plugin_sdk::authentication::Transport;
use claviger_plugin_sdk::testkit::MemoryStore;
use tokio::sync::oneshot;

use super::end::End;
use super::head::{self, PublicKey, head_file};
use super::lines::{FileLines, Lines};
use super::verify::{Broken, Summary, Terms, Verifier};
use super::*;

/// Longer than a test.
pub(super) const NEVER: Duration = Duration::from_secs(3_600);

pub(super) struct Folder(tempfile::TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn log(&self) -> PathBuf {
        self.0.path().join("audit.jsonl")
    }

    fn key(&self) -> SigningKey {
        SigningKey::read_or_make(&self.0.path().join("key")).unwrap()
    }

    pub(super) fn open(&self) -> AuditLog {
        self.rotating(None)
    }

    pub(super) fn rotating(&self, at: Option<u64>) -> AuditLog {
        let file = LogFile::open(self.log(), at).unwrap();
        AuditLog::over(Box::new(file), self.key(), NEVER, new_name(), Kept::default()).unwrap()
    }

    /// Writes a log with so many records.
    fn write(&self, records: u32) {
        let log = self.open();
        for request in 0..records {
            log.take(request);
        }
    }

    pub(super) fn terms(&self) -> Terms {
        let head = head::read_file(&head_file(&self.log())).unwrap();
        Terms { keys: vec![self.key().public().clone()], head, partial: false }
    }

    pub(super) fn verify(&self) -> Result<Summary, Broken> {
        verify(files::of_log(&self.log()).unwrap(), self.terms())
    }

    pub(super) fn read(&self) -> Vec<u8> {
        fs::read(self.log()).unwrap()
    }

    /// Verifies a log that has these bytes instead.
    pub(super) fn verify_instead(&self, bytes: &[u8]) -> Result<Summary, Broken> {
        fs::write(self.log(), bytes).unwrap();
        // An altered first line may be none: the file is looked at all the same.
        verify(vec![self.log()], self.terms())
    }
}

pub(super) fn verify(files: Vec<PathBuf>, terms: Terms) -> Result<Summary, Broken> {
    verify_lines(FileLines::of(files).unwrap(), terms)
}

pub(super) fn verify_lines(mut lines: impl Lines, terms: Terms) -> Result<Summary, Broken> {
    let mut line = Vec::new();
    let mut verifier = Verifier::new(terms);
    while lines.next(&mut line).unwrap() || lines.half(&mut line) {
        verifier.read(&line, || lines.place())?;
    }
    verifier.finish()
}

/// A request of Ann's.
pub(super) fn request(name: &str) -> AuditedRequest<'_> {
    AuditedRequest {
        name,
        request_id: None,
        client_correlation: None,
        transport: Transport::Http,
        peer: None,
        store: None,
        user: Some("ann"),
        proven_by: None,
    }
}

/// Its first item.
pub(super) fn record() -> AuditRecord {
    AuditRecord { operation_name: Some("Get"), ..AuditRecord::at(1_700_000_000_000) }
}

impl AuditLogs {
    /// Takes a request with this number, of one item.
    pub(super) fn records(&self, number: u32) {
        self.record(&request(&number.to_string()), &[record()]);
    }

    /// Takes that it is about to be done.
    pub(super) async fn intends(&self, number: u32) -> Result<()> {
        self.intend(&request(&number.to_string()), &record()).await
    }
}

impl AuditLog {
    /// Takes a request with this number, of one item.
    pub(super) fn take(&self, number: u32) {
        self.take_items(&number.to_string(), &[record()]);
    }

    /// Takes items of a request.
    pub(super) fn take_items(&self, name: &str, records: &[AuditRecord]) {
        Draft::of(&request(name), records, |lines| self.queue.push(lines));
    }

    /// Takes that a request with this number is about to be done.
    pub(super) fn take_intent(&self, number: u32) -> Option<oneshot::Receiver<()>> {
        Draft::of_intent(&request(&number.to_string()), &record(), |line| self.queue.push_intent(line))
    }
}

pub(super) fn requests(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let parsed = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    parsed.filter_map(|line| Some(line["request"].as_str()?.to_owned())).collect()
}

pub(super) fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

#[test]
fn every_record_is_in_the_file_in_order_once_the_log_is_closed() {
    let folder = Folder::new();
    let log = folder.open();
    for request in 0..10_000 {
        log.take(request);
    }
    log.close();
    assert_eq!(log.dropped(), 0);
    assert_eq!(requests(&folder.read()), (0..10_000).map(|request| request.to_string()).collect::<Vec<_>>());
    let summary = folder.verify().unwrap();
    assert_eq!((summary.first, summary.signed), (1, summary.last.seq));
    assert!(summary.heads > 2 && summary.notes.is_empty(), "{summary:?}");
    log.take(0);
    assert_eq!(log.dropped(), 1, "nobody writes any more");
}

#[test]
fn any_byte_that_is_changed_is_found() {
    let folder = Folder::new();
    folder.write(3);
    let good = folder.read();
    assert!(folder.verify_instead(&good).is_ok());
    for place in 0..good.len() {
        for change in [1, 0x20, 0x80] {
            let mut changed = good.clone();
            changed[place] ^= change;
            let found = folder.verify_instead(&changed);
            assert!(found.is_err(), "byte {place} as {:?}: {found:?}", changed[place] as char);
        }
    }
}

#[test]
fn records_that_are_removed_moved_or_repeated_are_found() {
    let folder = Folder::new();
    folder.write(4);
    let good = lines(&folder.read());
    for place in 0..good.len() {
        let mut removed = good.clone();
        removed.remove(place);
        assert!(folder.verify_instead(&removed.concat()).is_err(), "line {place} is removed");
        for other in 0..good.len() {
            let mut repeated = good.clone();
            repeated.insert(other, good[place].clone());
            assert!(folder.verify_instead(&repeated.concat()).is_err(), "line {place} is also at {other}");
            let mut moved = good.clone();
            moved.swap(place, other);
            let found = folder.verify_instead(&moved.concat());
            assert_eq!(found.is_err(), place != other, "lines {place} and {other} are exchanged");
        }
    }
}

#[test]
fn a_log_that_is_cut_off_anywhere_is_found() {
    let folder = Folder::new();
    folder.write(3);
    let good = folder.read();
    for length in 0..good.len() {
        assert!(folder.verify_instead(&good[..length]).is_err(), "cut off after {length} bytes");
    }
    let Err(Broken { place, why }) = folder.verify_instead(&lines(&good)[..3].concat()) else { panic!() };
    assert_eq!(place, "the end of the log");
    assert!(why.contains("it ends with line 3") && why.contains("about line 6"), "{why}");
}

/// A log that somebody has written anew from a record on, with hashes that fit.
fn written_anew(good: &[Vec<u8>], mut change: impl FnMut(usize, &[u8]) -> Option<Vec<u8>>) -> Vec<u8> {
    let (mut link, mut anew) = (chain::Link::default(), Vec::new());
    for (number, line) in good.iter().enumerate() {
        let body = chain::Frame::read(line.strip_suffix(b"\n").unwrap()).unwrap().body;
        if let Some(body) = change(number, &[b"{", body].concat()) {
            link.append(&body, &mut anew);
        }
    }
    anew
}

#[test]
fn a_log_that_is_written_anew_does_not_fit_its_signed_heads() {
    let folder = Folder::new();
    folder.write(3);
    let good = lines(&folder.read());
    let same = written_anew(&good, |_, body| Some(body.to_vec()));
    assert_eq!(same, good.concat());
    let changed = |body: &[u8]| String::from_utf8(body.to_vec()).unwrap().replace("ann", "bob").into_bytes();
    let anew = written_anew(&good, |_, body| Some(changed(body)));
    assert!(
        folder.verify_instead(&anew).unwrap_err().why.contains("has a head that none of the public keys")
    );
    // Without the heads that are in it, that one is left which is kept beside it.
    let is_head = |body: &[u8]| body.starts_with(b"{\"event\":\"head\"");
    let anew = written_anew(&good, |_, body| (!is_head(body)).then(|| changed(body)));
    assert!(folder.verify_instead(&anew).unwrap_err().why.contains("the log was cut off"));
    let longer = [anew.clone(), anew].concat();
    assert!(folder.verify_instead(&longer).is_err());
    // Heads of another key.
    let other = Folder::new().key();
    let mut link = chain::Link::default();
    let mut forged = Vec::new();
    for line in &good {
        let body = chain::Frame::read(line.strip_suffix(b"\n").unwrap()).unwrap().body;
        let body = match is_head(&[b"{", body].concat()) {
            true => other.sign("forged", link, "2026".to_owned()).unwrap().to_body(),
            false => changed(&[b"{", body].concat()),
        };
        link.append(&body, &mut forged);
    }
    assert!(folder.verify_instead(&forged).is_err());
    let mut head = folder.terms().head.unwrap();
    head.link = link;
    let forged_head = verify(vec![folder.log()], Terms { head: Some(head), ..folder.terms() });
    assert!(forged_head.unwrap_err().why.contains("the head that was kept elsewhere"));
}

#[test]
fn a_server_goes_on_with_the_chain_behind_half_a_line() {
    let folder = Folder::new();
    folder.write(2);
    let good = folder.read();
    let half = b"{\"seq\":7,\"previous\":\"00";
    fs::write(folder.log(), [&good, &half[..]].concat()).unwrap();
    let note = folder.verify().unwrap().notes;
    assert!(note[0].contains("the last line is not complete"), "{note:?}");
    folder.write(2);
    let summary = folder.verify().unwrap();
    assert!(summary.notes[0].contains("23 bytes of one line are torn"), "{summary:?}");
    // What is torn is no hiding-place either.
    let all = folder.read();
    for place in good.len()..good.len() + half.len() + 1 {
        let mut changed = all.clone();
        changed[place] ^= 1;
        assert!(folder.verify_instead(&changed).is_err(), "byte {place}");
    }
    let without = [&all[..good.len()], &all[good.len() + half.len() + 1..]].concat();
    let gone = folder.verify_instead(&without).unwrap_err();
    assert!(gone.why.contains("torn bytes that are not there any more"), "{gone:?}");
}

#[test]
fn a_server_that_goes_on_with_a_log_that_was_cut_off_says_so_for_ever() {
    let folder = Folder::new();
    folder.write(5);
    let cut = lines(&folder.read())[..4].concat();
    fs::write(folder.log(), cut).unwrap();
    folder.write(20);
    let found = folder.verify().unwrap_err();
    assert!(found.why.contains("the log was cut off here: it ended with line 4"), "{found:?}");
}

#[test]
fn a_chain_goes_on_across_files() {
    let folder = Folder::new();
    let log = folder.open();
    log.take(1);
    // As a log rotation does.
    thread::sleep(Duration::from_millis(200));
    let old = folder.0.path().join("audit.jsonl.1");
    fs::rename(folder.log(), &old).unwrap();
    log.reopen();
    thread::sleep(Duration::from_millis(200));
    log.take(2);
    drop(log);
    assert_eq!(requests(&fs::read(&old).unwrap()), ["1"]);
    assert_eq!(requests(&folder.read()), ["2"]);
    let summary = folder.verify().unwrap();
    assert_eq!((summary.first, summary.notes.len()), (1, 0));
    // Moved while no server ran.
    fs::rename(folder.log(), folder.0.path().join("audit.jsonl.2")).unwrap();
    folder.write(1);
    assert_eq!(folder.verify().unwrap().first, 1);
    fs::remove_file(old).unwrap();
    let missing = folder.verify().unwrap_err();
    assert!(missing.why.contains("those before are missing"), "{missing:?}");
    let terms = Terms { partial: true, ..folder.terms() };
    assert!(verify(files::of_log(&folder.log()).unwrap(), terms).unwrap().first > 1);
}

#[test]
fn a_server_goes_on_in_a_new_file_when_the_one_with_half_a_line_was_moved_away() {
    let folder = Folder::new();
    folder.write(2);
    fs::write(folder.log(), [&folder.read()[..], b"{\"seq\":7,\"previous\":\"00"].concat()).unwrap();
    fs::rename(folder.log(), folder.0.path().join("audit.jsonl.1")).unwrap();
    folder.write(1);
    folder.write(1);
    let summary = folder.verify().unwrap();
    assert_eq!(summary.first, 1);
    assert!(summary.notes[0].contains("23 bytes of one line are torn"), "{summary:?}");
}

#[test]
fn a_new_file_is_begun_when_one_is_full() {
    let folder = Folder::new();
    for _ in 0..3 {
        let log = folder.rotating(Some(2_000));
        for request in 0..20 {
            log.take(request);
        }
    }
    let files = files::of_log(&folder.log()).unwrap();
    assert!(files.len() > 3, "{files:?}");
    assert_eq!(folder.verify().unwrap().first, 1);
}

#[test]
fn a_file_that_is_deleted_under_a_server_is_missed() {
    let folder = Folder::new();
    let log = folder.open();
    log.take(1);
    thread::sleep(Duration::from_millis(200));
    fs::remove_file(folder.log()).unwrap();
    log.take(2);
    drop(log);
    assert!(!folder.log().exists() || folder.verify().is_err());
    let log = folder.open();
    drop(log);
    assert!(folder.verify().unwrap_err().why.contains("those before are missing"));
}

#[test]
fn two_servers_do_not_write_one_file() {
    let folder = Folder::new();
    let _log = folder.open();
    let second = LogFile::open(folder.log(), None).err().unwrap().to_string();
    assert!(second.contains("another process writes it"), "{second}");
}

#[test]
fn what_is_no_log_is_not_written_to() {
    let folder = Folder::new();
    fs::write(folder.log(), "{\"time\":\"2026\"}\n").unwrap();
    let file = LogFile::open(folder.log(), None).unwrap();
    let refused = AuditLog::over(Box::new(file), folder.key(), NEVER, new_name(), Kept::default())
        .err()
        .unwrap()
        .to_string();
    assert!(refused.contains("it is no audit log of this version"), "{refused}");
    // As a full disk.
    let full = Folder::new();
    symlink("/dev/full", full.log()).unwrap();
    let file = LogFile::open(full.log(), None).unwrap();
    assert!(AuditLog::over(Box::new(file), full.key(), NEVER, new_name(), Kept::default()).is_err());
}

/// A destination that fails.
pub(super) struct Failing<D> {
    pub(super) destination: D,
    pub(super) fails: Arc<AtomicBool>,
    /// Whether some of what it is to write is there all the same.
    pub(super) writes_half: bool,
}

/// A destination that hangs while somebody holds the lock.
struct Hanging<D> {
    destination: D,
    lock: Arc<Mutex<()>>,
    /// Told of each write when it begins.
    begun: mpsc::Sender<()>,
}

/// All that the destination does which another one is made of, but to write.
macro_rules! all_but_write {
    () => {
        fn linger(&self) -> Duration {
            self.destination.linger()
        }

        fn name(&self) -> String {
            self.destination.name()
        }

        fn end(&mut self, keys: &[PublicKey]) -> Result<End, String> {
            self.destination.end(keys)
        }

        fn end_before(&mut self, keys: &[PublicKey]) -> Result<End, String> {
            self.destination.end_before(keys)
        }

        fn settle(&mut self) -> Result<(), String> {
            self.destination.settle()
        }

        fn is_full(&self) -> bool {
            self.destination.is_full()
        }

        fn move_away(&mut self, last: u64) -> Result<(), String> {
            self.destination.move_away(last)
        }

        fn begin_anew(&mut self) -> Result<bool, String> {
            self.destination.begin_anew()
        }

        fn head(&mut self) -> Result<Option<Head>, String> {
            self.destination.head()
        }

        fn keep_head(&mut self, head: &Head) -> Result<(), String> {
            self.destination.keep_head(head)
        }
    };
}

impl<D: Destination> Destination for Failing<D> {
    all_but_write!();

    fn write(&mut self, lines: &[u8]) -> Result<(), String> {
        if !self.fails.load(Ordering::SeqCst) {
            return self.destination.write(lines);
        }
        if self.writes_half {
            self.destination.write(&lines[..lines.len() / 2])?;
        }
        Err("no space left".to_owned())
    }
}

impl<D: Destination> Destination for Hanging<D> {
    all_but_write!();

    fn write(&mut self, lines: &[u8]) -> Result<(), String> {
        self.begun.send(()).unwrap();
        drop(self.lock.lock());
        self.destination.write(lines)
    }
}

/// A log in a file whose disk can be full.
fn on_a_disk(folder: &Folder) -> (AuditLogs, Arc<AtomicBool>) {
    let fails = Arc::new(AtomicBool::new(false));
    let destination = LogFile::open(folder.log(), None).unwrap();
    let disk = Failing { destination, fails: fails.clone(), writes_half: true };
    let log = AuditLog::over(Box::new(disk), folder.key(), NEVER, new_name(), Kept::default()).unwrap();
    (only(log), fails)
}

/// What the engine has of one log.
pub(super) fn only(log: AuditLog) -> AuditLogs {
    AuditLogs { file: Some(log), database: None, path: None, store: None, searching: Default::default() }
}

pub(super) async fn until_it_intends(logs: &AuditLogs, request: u32) {
    let started = std::time::Instant::now();
    while logs.intends(request).await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn on_a_full_disk_intents_fail_and_afterwards_the_log_says_what_is_missing() {
    let folder = Folder::new();
    let (log, is_full) = on_a_disk(&folder);
    log.intends(1).await.unwrap();
    assert!(
        String::from_utf8(folder.read()).unwrap().contains("\"event\":\"intent\""),
        "it is there at once"
    );
    is_full.store(true, Ordering::SeqCst);
    let error = log.intends(2).await.unwrap_err();
    assert!(error.message().contains("the audit log of the server cannot be written"), "{error}");
    log.records(3);
    log.intends(4).await.unwrap_err();
    is_full.store(false, Ordering::SeqCst);
    until_it_intends(&log, 5).await;
    log.close();
    assert_eq!(log.dropped(), 2);
    let summary = folder.verify().unwrap();
    assert_eq!(summary.dropped, 2, "{summary:?}");
    assert!(summary.notes.iter().any(|note| note.contains("torn")), "{summary:?}");
    log.intends(6).await.unwrap_err();
}

#[test]
fn a_disk_that_hangs_holds_up_nobody_and_afterwards_the_log_says_what_was_dropped() {
    let folder = Folder::new();
    let (lock, (begun, writes)) = (Arc::<Mutex<()>>::default(), mpsc::channel());
    let destination = LogFile::open(folder.log(), None).unwrap();
    let disk = Hanging { destination, lock: lock.clone(), begun };
    let log = AuditLog::over(Box::new(disk), folder.key(), NEVER, new_name(), Kept::default()).unwrap();
    let log = Arc::new(log);
    // The log is begun.
    writes.try_iter().for_each(drop);
    let hangs = lock.lock().unwrap();
    log.take(0);
    writes.recv_timeout(Duration::from_secs(20)).unwrap();
    let name = "r".repeat(64 << 10);
    let most = u64::try_from(queue::ROOM / name.len()).unwrap();
    let pushed = most + 100;
    let pushing = thread::spawn({
        let log = log.clone();
        move || (0..pushed).for_each(|_| log.take_items(&name, &[record()]))
    });
    let started = std::time::Instant::now();
    while !pushing.is_finished() {
        assert!(started.elapsed() < Duration::from_secs(20), "whoever tells of a request waits for the disk");
        thread::sleep(Duration::from_millis(10));
    }
    assert!(log.dropped() >= pushed - most, "{}", log.dropped());
    assert!(log.take_intent(0).is_none(), "what cannot be kept is refused");
    drop(hangs);
    log.close();
    assert_eq!(folder.verify().unwrap().dropped, log.dropped());
    assert_eq!(requests(&folder.read()).len() as u64 + log.dropped(), 1 + pushed);
}

#[tokio::test]
async fn a_log_is_whole_that_was_rotated_while_its_disk_was_full() {
    for is_reopened in [true, false] {
        let folder = Folder::new();
        let (log, is_full) = on_a_disk(&folder);
        log.intends(1).await.unwrap();
        is_full.store(true, Ordering::SeqCst);
        log.intends(2).await.unwrap_err();
        // As a log rotation does, and then there is room.
        fs::rename(folder.log(), folder.0.path().join("audit.jsonl.1")).unwrap();
        if is_reopened {
            log.reopen();
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        is_full.store(false, Ordering::SeqCst);
        until_it_intends(&log, 3).await;
        log.close();
        let summary = folder.verify().unwrap();
        assert!(summary.first == 1 && summary.notes.iter().any(|note| note.contains("torn")), "{summary:?}");
        assert!(requests(&folder.read()).contains(&"3".to_owned()));
    }
}

#[test]
fn half_of_the_first_line_of_all_keeps_no_log_from_being_begun() {
    let folder = Folder::new();
    for half in ["{\"se", "{\"seq\":1,\"previous\":\"00"] {
        fs::write(folder.log(), half).unwrap();
        folder.write(1);
        assert_eq!(folder.verify().unwrap().first, 1);
        fs::remove_file(folder.log()).unwrap();
        fs::remove_file(head_file(&folder.log())).unwrap();
    }
    fs::write(folder.log(), "something else").unwrap();
    let file = LogFile::open(folder.log(), None).unwrap();
    assert!(AuditLog::over(Box::new(file), folder.key(), NEVER, new_name(), Kept::default()).is_err());
    assert_eq!(folder.read(), b"something else");
}

#[tokio::test]
async fn a_log_that_is_gone_or_shorter_is_missed_by_the_head_in_the_database() {
    let store = MemoryStore::new();
    let folder = Folder::new();
    folder.write(3);
    let place = kept_heads::place(&folder.log());
    let head = folder.terms().head.unwrap();
    kept_heads::write(&store, OF_FILES, &head, Some(&place)).await.unwrap();
    let open = async || {
        let file = LogFile::open(folder.log(), None).unwrap();
        let kept = Kept::read(&store, &folder.log(), file.log()).await.unwrap();
        AuditLog::over(Box::new(file), folder.key(), NEVER, new_name(), kept).unwrap()
    };
    // The newest file is gone, and the head beside it.
    let old = folder.0.path().join("audit.jsonl.1");
    fs::write(&old, lines(&folder.read())[..3].concat()).unwrap();
    fs::remove_file(folder.log()).unwrap();
    fs::remove_file(head_file(&folder.log())).unwrap();
    drop(open().await);
    let found = folder.verify().unwrap_err();
    assert!(found.why.contains("the log was cut off here: it ended with line 3"), "{found:?}");
    // Everything is.
    for file in [old, folder.log(), head_file(&folder.log())] {
        fs::remove_file(file).unwrap();
    }
    drop(open().await);
    let found = folder.verify().unwrap_err();
    assert!(found.why.contains(&format!("says that the log {} was gone", head.log)), "{found:?}");
    // Another server's is none of this one's.
    kept_heads::write(&store, OF_FILES, &head, Some("elsewhere:/audit.jsonl")).await.unwrap();
    fs::remove_file(folder.log()).unwrap();
    fs::remove_file(head_file(&folder.log())).unwrap();
    drop(open().await);
    folder.verify().unwrap();
}

#[test]
fn a_head_of_a_key_that_was_replaced_still_says_how_far_the_log_went() {
    for (cut, is_whole) in [(0, true), (2, false)] {
        let folder = Folder::new();
        folder.write(3);
        let (good, old) = (lines(&folder.read()), folder.key().public().clone());
        fs::remove_file(folder.0.path().join("key")).unwrap();
        fs::write(folder.log(), good[..good.len() - cut].concat()).unwrap();
        folder.write(1);
        assert!(String::from_utf8(folder.read()).unwrap().contains("\"key_before\":"));
        assert!(folder.verify().unwrap_err().why.contains("none of the public keys"));
        let keys = vec![folder.key().public().clone(), old];
        let verified = verify(vec![folder.log()], Terms { keys, ..folder.terms() });
        assert_eq!(verified.is_ok(), is_whole, "{verified:?}");
    }
}

#[test]
fn a_part_that_was_exported_is_verified_by_its_proof() {
    let folder = Folder::new();
    folder.write(3);
    folder.write(3);
    let kept = folder.terms().head.unwrap();
    let summary = folder.verify().unwrap();
    let output = folder.0.path().join("part.jsonl");
    let part = |from, to, output: &Path| export::Export {
        from: Some(from),
        to: Some(to),
        since: None,
        until: None,
        format: export::Format::Lines,
        output: output.to_owned(),
    };
    let all = || Box::new(FileLines::of(files::of_log(&folder.log()).unwrap()).unwrap());
    let told = export::run(all(), &part(3, 4, &output), &summary, Some(&kept)).unwrap();
    assert!(told.starts_with("Records 3 to "), "{told}");
    let proof = head::read_file(&beside(&output, ".proof")).unwrap();
    assert!(proof.is_some());
    let terms = Terms { head: proof, partial: true, ..folder.terms() };
    let exported = verify(vec![output.clone()], terms.clone()).unwrap();
    assert!(exported.first == 3 && exported.last.seq >= 4, "{exported:?}");
    assert_eq!(exported.signed, exported.last.seq);
    let good = fs::read(&output).unwrap();
    for place in 0..good.len() {
        let mut changed = good.clone();
        changed[place] ^= 1;
        fs::write(&output, changed).unwrap();
        let found = verify(vec![output.clone()], terms.clone());
        assert!(found.is_err(), "byte {place}: {found:?}");
    }
    let last = summary.last.seq;
    let told = export::run(all(), &part(last, last, &folder.0.path().join("last")), &summary, Some(&kept));
    assert!(told.unwrap().contains(&format!("is about line {last}")));
    let none = export::run(all(), &part(last + 1, last + 9, &folder.0.path().join("none")), &summary, None);
    assert!(none.unwrap_err().to_string().contains("no record of the log"));
}

#[test]
fn a_part_with_the_traces_of_a_crash_is_verified_by_its_proof() {
    let folder = Folder::new();
    folder.write(2);
    fs::write(folder.log(), [&folder.read()[..], b"{\"seq\":7,\"prev"].concat()).unwrap();
    folder.write(2);
    // Half a line at the end of a file that is moved away.
    fs::write(folder.log(), [&folder.read()[..], b"{\"seq\":1"].concat()).unwrap();
    fs::rename(folder.log(), folder.0.path().join("audit.jsonl.1")).unwrap();
    folder.write(2);
    let summary = folder.verify().unwrap();
    let (kept, last) = (folder.terms().head.unwrap(), summary.last.seq);
    for from in 1..=last {
        for to in from..=last {
            let output = folder.0.path().join(format!("part-{from}-{to}"));
            let export = export::Export {
                from: Some(from),
                to: Some(to),
                since: None,
                until: None,
                format: export::Format::Lines,
                output: output.clone(),
            };
            let all = Box::new(FileLines::of(files::of_log(&folder.log()).unwrap()).unwrap());
            export::run(all, &export, &summary, Some(&kept)).unwrap();
            let head = head::read_file(&beside(&output, ".proof")).unwrap();
            let terms = Terms { head, partial: true, ..folder.terms() };
            let verified = verify(vec![output], terms).unwrap();
            assert!(verified.first == from && verified.signed >= to, "{from} to {to}: {verified:?}");
        }
    }
}
