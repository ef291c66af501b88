//! Lines that wait to be written.
//!
//! Records of one request share lines: most of what they say is the same, and to hash it again for each of a hundred items
//! takes longer than to write them. The first record begins a line, as if it were alone. Those that come before the line
//! is taken to be written are added to it, in the array `more`, by what they have otherwise. So a request of one item costs
//! what it did, and no record waits for another.

use std::collections::VecDeque;
use std::sync::Arc;

use claviger_plugin_sdk::audit::AuditRecord;
use tokio::sync::oneshot;

use super::last::Last;
use super::line::{self, First, Marks};

/// Bytes that a line may have which several records share: enough to make what they share cheap, and few enough for readers
/// that take line by line.
const MOST: usize = 16 << 10;
/// Requests whose lines are added to at the same time.
const OPEN: usize = 16;
/// Bytes that an empty batch keeps for its text, and as many again for shared lines, unless a record among them was longer.
const KEPT: usize = 1 << 20;

/// Lines, one after the other.
#[derive(Default)]
pub(super) struct Batch {
    /// Those of one record each, and the first ones of those that are shared.
    text: Vec<u8>,
    lines: Vec<Line>,
    /// The lines that are shared, but for their end. Those behind `shared` are empty.
    texts: Vec<Vec<u8>>,
    /// How many are shared, and how many bytes they have.
    shared: usize,
    shared_bytes: usize,
    records: u64,
    open: OpenLines,
    /// What is to be added to a line.
    more: Vec<u8>,
    /// Who waits until the records survive a crash.
    pub(super) waiting: Vec<oneshot::Sender<()>>,
}

struct Line {
    /// Where it ends in the text.
    end: usize,
    /// Which of the shared ones it is, if any.
    shared: Option<usize>,
}

impl Batch {
    /// Adds the record of an item that has ended.
    pub(super) fn add(&mut self, record: &AuditRecord, last: &mut Last) {
        // The first item, which most requests have alone, need not be looked for.
        if record.item > 0 && line::may_follow(record) && self.add_to_line(record, last) {
            self.records += 1;
            return;
        }
        let start = self.text.len();
        let marks = line::write(record, last, &mut self.text);
        if line::may_begin(record) && self.text.len() - start < MOST / 2 {
            self.open.keep(OpenLine::new(record, self.lines.len(), start, marks));
        }
        self.end_line();
    }

    /// Adds a record of an item that is about to be committed, and who waits for it.
    pub(super) fn add_intent(&mut self, record: &AuditRecord, last: &mut Last, waits: oneshot::Sender<()>) {
        line::write_intent(record, last, &mut self.text);
        self.end_line();
        self.waiting.push(waits);
    }

    fn end_line(&mut self) {
        self.lines.push(Line { end: self.text.len(), shared: None });
        self.records += 1;
    }

    /// Adds a record to the line of its request. False if there is none that it can share.
    fn add_to_line(&mut self, record: &AuditRecord, last: &mut Last) -> bool {
        let Some(open) = self.open.find(record, &self.text) else { return false };
        let Some(line) = self.lines.get_mut(open.line) else { return false };
        let text = self.text.get(..line.end).unwrap_or_default();
        let (Last { second, call }, first) = (last, open.first(text));
        let call = call.words(record);
        // Of a member that the first one has and this one has not there is no telling.
        if !open.is_of(call.caller, text) || (call.operation.is_empty() && !first.operation.is_empty()) {
            return false;
        }
        self.more.clear();
        line::write_more(record, first, call.operation, second, &mut self.more);
        let shared = line.shared.and_then(|shared| self.texts.get(shared));
        if shared.map_or(line.end - open.start, Vec::len) + self.more.len() > MOST {
            return false;
        }
        if line.shared.is_none() {
            line.shared = Some(self.shared);
            self.shared += 1;
            if self.texts.len() < self.shared {
                self.texts.push(Vec::new());
            }
        }
        let Some(into) = line.shared.and_then(|shared| self.texts.get_mut(shared)) else { return false };
        let before = into.len();
        append(&self.more, text.get(open.start..).unwrap_or_default(), into);
        self.shared_bytes += into.len() - before;
        true
    }

    /// Ends the lines: nothing can be added to them any more.
    pub(super) fn end(&mut self) {
        for text in self.texts.iter_mut().take(self.shared) {
            text.extend_from_slice(b"]}");
        }
        self.open.0.clear();
    }

    /// The lines, each without a newline.
    pub(super) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.lines.iter().filter_map(move |line| {
            let begins = std::mem::replace(&mut start, line.end);
            match line.shared {
                None => self.text.get(begins..line.end),
                Some(shared) => self.texts.get(shared).map(Vec::as_slice),
            }
        })
    }

    /// How many records there are.
    pub(super) fn count(&self) -> u64 {
        self.records
    }

    /// Bytes that they take.
    pub(super) fn size(&self) -> usize {
        self.text.len() + self.shared_bytes
    }

    /// Empties it. A burst must not keep its memory for ever.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(KEPT);
        self.lines.clear();
        self.lines.shrink_to(KEPT / 64);
        self.more.shrink_to(MOST);
        self.texts.truncate(KEPT / MOST);
        self.texts.iter_mut().for_each(Vec::clear);
        (self.shared, self.shared_bytes, self.records) = (0, 0, 0);
        self.open.0.clear();
        self.waiting.clear();
    }
}

/// Appends what is to be added to a line to its text, which begins with its first record.
fn append(more: &[u8], first: &[u8], text: &mut Vec<u8>) {
    if text.is_empty() {
        text.extend_from_slice(first.strip_suffix(b"}").unwrap_or(first));
        text.extend_from_slice(b",\"more\":[");
    } else {
        text.push(b',');
    }
    text.extend_from_slice(more);
}

/// Lines that records can be added to, the one that was used last at the end.
#[derive(Default)]
struct OpenLines(VecDeque<OpenLine>);

impl OpenLines {
    fn keep(&mut self, line: OpenLine) {
        if self.0.len() == OPEN {
            self.0.pop_front();
        }
        self.0.push_back(line);
    }

    /// That of the request of this record; `text` has the lines. The newest is meant: others are full, or of a request that
    /// has ended. It is the newest from now on, beside the many that are of requests of one item and never found.
    fn find(&mut self, record: &AuditRecord, text: &[u8]) -> Option<&OpenLine> {
        let address = address(&record.request);
        let place = self.0.iter().rposition(|line| line.address == address)?;
        let line = self.0.remove(place)?;
        self.0.push_back(line);
        self.0.back().filter(|line| line.is_of_request(record, text))
    }
}

/// A line that records can be added to. What is compared of it stands in its text.
struct OpenLine {
    /// Its number in the batch, and where it starts.
    line: usize,
    start: usize,
    marks: Marks,
    time: i64,
    duration: u64,
    /// Where the name of the request stands in memory, or stood: the same for its items, and quickly compared.
    address: usize,
    request_id: Option<Arc<str>>,
    client_correlation: Option<Arc<str>>,
}

impl OpenLine {
    fn new(record: &AuditRecord, line: usize, start: usize, marks: Marks) -> Self {
        Self {
            line,
            start,
            marks,
            time: record.time,
            duration: record.duration,
            address: address(&record.request),
            request_id: record.request_id.clone(),
            client_correlation: record.client_correlation.clone(),
        }
    }

    fn is_of_request(&self, record: &AuditRecord, text: &[u8]) -> bool {
        let name =
            text.get(self.marks.request..).and_then(|text| text.strip_prefix(record.request.as_bytes()));
        name.is_some_and(|behind| behind.first() == Some(&b'"'))
            && self.request_id == record.request_id
            && self.client_correlation == record.client_correlation
    }

    fn is_of(&self, caller: &[u8], text: &[u8]) -> bool {
        text.get(self.marks.caller..self.marks.operation) == Some(caller)
    }

    fn first<'t>(&self, text: &'t [u8]) -> First<'t> {
        let Marks { operation, objects, behind_objects, .. } = self.marks;
        First {
            time: self.time,
            operation: text.get(operation..objects).unwrap_or_default(),
            objects: text.get(objects..behind_objects).unwrap_or_default(),
            duration: self.duration,
        }
    }
}

fn address(request: &Arc<str>) -> usize {
    request.as_ptr().addr()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use claviger_kmip::tables::enumerations::{OperationCode, ResultReason};
    use claviger_plugin_sdk::audit::{Detail, RightsChange};
    use claviger_plugin_sdk::authentication::Transport;
    use claviger_plugin_sdk::record::ObjectId;
    use serde_json::Value;

    use super::super::records;
    use super::super::tests::record;
    use super::*;

    fn lines(batch: &mut Batch) -> Vec<Value> {
        batch.end();
        batch.lines().map(|line| serde_json::from_slice(line).unwrap()).collect()
    }

    fn of(records: &[AuditRecord]) -> Vec<Value> {
        let (mut batch, mut last) = (Batch::default(), Last::default());
        records.iter().for_each(|record| batch.add(record, &mut last));
        assert_eq!(batch.count(), records.len() as u64);
        lines(&mut batch)
    }

    /// What a record says in a line of its own.
    fn alone(record: &AuditRecord) -> Value {
        let mut line = Vec::new();
        line::write(record, &mut Last::default(), &mut line);
        serde_json::from_slice(&line).unwrap()
    }

    fn items(request: &Arc<str>, count: u32) -> Vec<AuditRecord> {
        let item = |item| AuditRecord { item, request: request.clone(), ..record(0) };
        (0..count).map(item).collect()
    }

    fn key(name: &str) -> Vec<ObjectId> {
        vec![ObjectId::new(name).unwrap()]
    }

    #[test]
    fn what_items_share_stands_in_their_line_once() {
        let mut records = items(&"r-1".into(), 3);
        records[1].duration = 7;
        (records[2].time, records[2].objects) = (records[2].time + 5, key("k"));
        let (mut batch, mut last) = (Batch::default(), Last::default());
        records.iter().for_each(|record| batch.add(record, &mut last));
        batch.end();
        let lines: Vec<_> = batch.lines().map(|line| String::from_utf8(line.to_vec()).unwrap()).collect();
        assert_eq!(
            lines,
            [
                "{\"time\":\"2023-11-14T22:13:20.000Z\",\"request\":\"r-1\",\"item\":0,\"transport\":\"http\",\"user\":\"ann\",\
              \"operation\":\"Get\",\"objects\":[],\"result\":\"Success\",\"microseconds\":0,\"more\":[\
              {\"item\":1,\"microseconds\":7},\
              {\"item\":2,\"time\":\"2023-11-14T22:13:20.005Z\",\"objects\":[\"k\"]}]}"
            ]
        );
    }

    #[test]
    fn every_record_is_read_from_a_shared_line_as_if_it_had_one_of_its_own() {
        let request: Arc<str> = "r-1".into();
        let mut all = items(&request, 12);
        all[0].objects = key("a");
        all[1].objects = Vec::new();
        all[2].objects = key("a\"b");
        all[3].operation_name = Some("Decrypt");
        (all[4].operation_name, all[4].operation) = (None, Some(OperationCode(0x8000_0001)));
        all[5].failure = Some(ResultReason::ITEM_NOT_FOUND);
        (all[6].failure, all[6].refusal) = (Some(ResultReason::PERMISSION_DENIED), Some("no".into()));
        all[7].details = vec![Detail { name: "n".into(), text: "t".to_owned() }];
        let rights = RightsChange { subjects: vec!["bob".to_owned()], operations: vec![OperationCode::GET] };
        all[8].rights = Some(rights.into());
        all[9].time = all[0].time - 1;
        all[10].duration = 99;
        all[11].repeated = 4;
        let lines = of(&all);
        assert_eq!(lines.len(), 1);
        let read = records::of(lines.into_iter().next().unwrap());
        assert_eq!(read, all.iter().map(alone).collect::<Vec<_>>());
    }

    #[test]
    fn records_of_different_callers_or_requests_never_share_a_line() {
        let request: Arc<str> = "r-1".into();
        let second = || items(&request, 2).pop().unwrap();
        let others = [
            AuditRecord { request: "r-2".into(), ..second() },
            AuditRecord { request_id: Some("x".into()), ..second() },
            AuditRecord { client_correlation: Some("x".into()), ..second() },
            AuditRecord { transport: Transport::Socket, ..second() },
            AuditRecord { peer: Some([192, 0, 2, 8].into()), ..second() },
            AuditRecord { store: Some("enc:7".into()), ..second() },
            AuditRecord { user: Some("bob".into()), ..second() },
            AuditRecord { user: None, ..second() },
            AuditRecord { proven_by: Some("oidc".into()), ..second() },
            AuditRecord { operation_name: None, ..second() },
            AuditRecord { asynchronous: Some("0f".into()), ..second() },
            AuditRecord { pending: true, ..second() },
        ];
        for other in others {
            let first = items(&request, 1).pop().unwrap();
            let lines = of(&[first.clone(), other.clone()]);
            assert_eq!(lines, [alone(&first), alone(&other)], "{other:?}");
        }
        assert_eq!(of(&items(&request, 2)).len(), 1);
    }

    #[test]
    fn a_name_at_the_same_place_in_memory_is_no_proof_of_the_same_request() {
        let request: Arc<str> = "r-1".into();
        for line in ["r-12", "r-", "s-1"] {
            let (mut batch, mut last) = (Batch::default(), Last::default());
            batch.add(&AuditRecord { request: line.into(), ..record(0) }, &mut last);
            batch.open.0[0].address = address(&request);
            batch.add(&items(&request, 2)[1], &mut last);
            assert_eq!(lines(&mut batch).len(), 2, "{line}");
        }
    }

    #[test]
    fn a_line_does_not_begin_with_what_the_others_would_have_to_deny() {
        let request: Arc<str> = "r-1".into();
        let mut records = items(&request, 4);
        records[0].failure = Some(ResultReason::ITEM_NOT_FOUND);
        records[1].details = vec![Detail { name: "n".into(), text: "t".to_owned() }];
        let lines = of(&records);
        assert_eq!(lines[..2], [alone(&records[0]), alone(&records[1])]);
        assert_eq!(records::of(lines[2].clone()), [alone(&records[2]), alone(&records[3])]);
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn requests_at_the_same_time_have_a_line_each() {
        let requests: Vec<Vec<_>> =
            (0..OPEN).map(|request| items(&format!("r-{request}").into(), 5)).collect();
        let mixed: Vec<_> = (0..5).flat_map(|item| requests.iter().map(move |of| of[item].clone())).collect();
        let lines = of(&mixed);
        let counts: BTreeMap<_, _> =
            lines.iter().map(|line| (line["request"].to_string(), records::of(line.clone()).len())).collect();
        assert_eq!((lines.len(), counts.len()), (OPEN, OPEN));
        assert!(counts.values().all(|count| *count == 5), "{counts:?}");
        // Of more there are more lines, and no record is lost.
        let requests: Vec<Vec<_>> =
            (0..OPEN + 3).map(|request| items(&format!("r-{request}").into(), 5)).collect();
        let mixed: Vec<_> = (0..5).flat_map(|item| requests.iter().map(move |of| of[item].clone())).collect();
        let read: usize = of(&mixed).into_iter().map(|line| records::of(line).len()).sum();
        assert_eq!(read, mixed.len());
    }

    #[test]
    fn a_line_that_is_long_enough_is_followed_by_another_one() {
        let mut all = items(&"r-1".into(), 2_000);
        for (number, record) in all.iter_mut().enumerate() {
            record.objects = key(&format!("key-{number}"));
        }
        // One alone is longer than a shared line may be.
        all[700].objects = (0..3_000).flat_map(|number| key(&format!("key-{number}"))).collect();
        let (mut batch, mut last) = (Batch::default(), Last::default());
        all.iter().for_each(|record| batch.add(record, &mut last));
        let size = batch.size();
        batch.end();
        let lengths: Vec<_> = batch.lines().map(<[u8]>::len).collect();
        let long = lengths.iter().filter(|length| **length > MOST + 16).count();
        assert!(long == 1 && (5..20).contains(&lengths.len()), "{lengths:?}");
        assert!(size >= lengths.iter().sum::<usize>() - 2 * lengths.len(), "{size}");
        let read = batch.lines().flat_map(|line| records::of(serde_json::from_slice(line).unwrap()));
        let mut read: Vec<_> = read.collect();
        read.sort_by_key(|record| record["item"].as_u64());
        assert_eq!(read, all.iter().map(alone).collect::<Vec<_>>());
    }

    #[test]
    fn an_empty_batch_knows_nothing_of_what_it_had() {
        let mut all = items(&"r-1".into(), 3);
        let (mut batch, mut last) = (Batch::default(), Last::default());
        all.iter().for_each(|record| batch.add(record, &mut last));
        batch.end();
        batch.clear();
        assert_eq!((batch.count(), batch.size(), batch.lines().count()), (0, 0, 0));
        all.remove(0);
        all.iter().for_each(|record| batch.add(record, &mut last));
        let read: Vec<_> = lines(&mut batch).into_iter().flat_map(records::of).collect();
        assert_eq!(read, all.iter().map(alone).collect::<Vec<_>>());
    }
}
