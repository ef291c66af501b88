//! Audit records of one request as lines, before they are queued.
//!
//! Records that are told together share lines: most of what they say is the same, and to hash it again for each of a hundred
//! items takes longer than to write them. A line begins with a record as if that were alone, and others follow in the array
//! `more` by what they have otherwise. So a request of one item has the line that it would have without.

use std::cell::RefCell;

use claviger_plugin_sdk::audit::{AuditRecord, AuditedRequest};

use super::last::Last;
use super::line;

/// Bytes that a line may have which several records share: enough to make what they share cheap, and few enough for readers
/// that take line by line.
const MOST: usize = 16 << 10;
/// Bytes that an empty draft keeps.
const KEPT: usize = 64 << 10;

/// Lines, one after the other.
#[derive(Default)]
pub(super) struct Draft {
    text: Vec<u8>,
    /// Where each of them ends in the text.
    ends: Vec<usize>,
    records: u64,
    last: Last,
}

thread_local! {
    static DRAFT: RefCell<Draft> = RefCell::default();
}

impl Draft {
    /// Has records of a request as lines for a moment. They are written where no other thread has to wait for it.
    pub(super) fn of<T>(
        request: &AuditedRequest<'_>,
        records: &[AuditRecord],
        read: impl FnOnce(&Self) -> T,
    ) -> T {
        Self::with(|draft| draft.write(request, records), read)
    }

    /// The same of an item that is about to be committed.
    pub(super) fn of_intent<T>(
        request: &AuditedRequest<'_>,
        record: &AuditRecord,
        read: impl FnOnce(&Self) -> T,
    ) -> T {
        let write = |draft: &mut Self| {
            line::write_intent(request, record, &mut draft.last, &mut draft.text);
            draft.end_line(1);
        };
        Self::with(write, read)
    }

    fn with<T>(write: impl FnOnce(&mut Self), read: impl FnOnce(&Self) -> T) -> T {
        DRAFT.with_borrow_mut(|draft| {
            // It is empty, unless the one before has panicked.
            draft.clear();
            write(draft);
            let done = read(draft);
            draft.clear();
            done
        })
    }

    /// The lines, one behind the other without anything between them.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Where each line ends in the text.
    pub(super) fn ends(&self) -> &[usize] {
        &self.ends
    }

    /// How many records the lines have.
    pub(super) fn records(&self) -> u64 {
        self.records
    }

    fn write(&mut self, request: &AuditedRequest<'_>, mut records: &[AuditRecord]) {
        while let Some((first, others)) = records.split_first() {
            let start = self.text.len();
            line::write_open(request, first, &mut self.last, &mut self.text);
            let joined = if line::may_begin(first) { self.join(start, first, others) } else { 0 };
            self.text.extend_from_slice(if joined > 0 { b"]}" } else { b"}" });
            self.end_line(1 + joined as u64);
            records = others.get(joined..).unwrap_or_default();
        }
    }

    /// Adds to the line that starts there, the text's last, as many of the records that follow its first one as can share it.
    fn join(&mut self, start: usize, first: &AuditRecord, others: &[AuditRecord]) -> usize {
        let mut joined = 0;
        for record in others.iter().take_while(|record| line::may_follow(record, first)) {
            let before = self.text.len();
            self.text.extend_from_slice(if joined == 0 { b",\"more\":[" } else { b"," });
            line::write_more(record, first, &mut self.last.second, &mut self.text);
            if self.text.len() - start > MOST {
                self.text.truncate(before);
                break;
            }
            joined += 1;
        }
        joined
    }

    fn end_line(&mut self, records: u64) {
        self.ends.push(self.text.len());
        self.records += records;
    }

    fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(KEPT);
        self.ends.clear();
        self.ends.shrink_to(KEPT / 128);
        self.records = 0;
    }
}

#[cfg(test)]
mod tests {
    use claviger_kmip::tables::enumerations::{OperationCode, ResultReason};
    use claviger_plugin_sdk::audit::{Detail, RightsChange};
    use claviger_plugin_sdk::record::ObjectId;
    use serde_json::Value;

    use super::super::records;
    use super::super::tests::{record, request};
    use super::*;

    /// The lines of records that are told together.
    fn lines(records: &[AuditRecord]) -> Vec<String> {
        Draft::of(&request("r-1"), records, |draft| {
            assert_eq!(draft.records(), records.len() as u64);
            let mut start = 0;
            let line = |end: &usize| {
                let line = &draft.text()[std::mem::replace(&mut start, *end)..*end];
                String::from_utf8(line.to_vec()).unwrap()
            };
            draft.ends().iter().map(line).collect()
        })
    }

    fn of(records: &[AuditRecord]) -> Vec<Value> {
        lines(records).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What a record says in a line of its own.
    fn alone(record: &AuditRecord) -> Value {
        of(std::slice::from_ref(record)).remove(0)
    }

    fn items(count: u32) -> Vec<AuditRecord> {
        (0..count).map(|item| AuditRecord { item, ..record() }).collect()
    }

    fn key(name: &str) -> Vec<ObjectId> {
        vec![ObjectId::new(name).unwrap()]
    }

    #[test]
    fn what_items_share_stands_in_their_line_once() {
        let mut records = items(3);
        records[1].duration = 7;
        (records[2].time, records[2].objects) = (records[2].time + 5, key("k"));
        assert_eq!(
            lines(&records),
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
        let mut all = items(12);
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
    fn a_record_that_would_have_to_deny_what_the_line_says_has_one_of_its_own() {
        let second = || items(2).remove(1);
        let others = [
            AuditRecord { operation_name: None, ..second() },
            AuditRecord { asynchronous: Some("0f".into()), ..second() },
            AuditRecord { pending: true, ..second() },
        ];
        for other in others {
            let all = [items(1).remove(0), other, AuditRecord { item: 2, ..record() }];
            let read: Vec<_> = of(&all).into_iter().flat_map(records::of).collect();
            assert_eq!(read, all.each_ref().map(alone));
            assert_eq!(of(&all)[0], alone(&all[0]), "{:?}", all[1]);
        }
    }

    #[test]
    fn a_line_does_not_begin_with_what_the_others_would_have_to_deny() {
        let mut records = items(4);
        records[0].failure = Some(ResultReason::ITEM_NOT_FOUND);
        records[1].details = vec![Detail { name: "n".into(), text: "t".to_owned() }];
        let lines = of(&records);
        assert_eq!(lines[..2], [alone(&records[0]), alone(&records[1])]);
        assert_eq!(records::of(lines[2].clone()), [alone(&records[2]), alone(&records[3])]);
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn a_line_that_is_long_enough_is_followed_by_another_one() {
        let mut all = items(2_000);
        for (number, record) in all.iter_mut().enumerate() {
            record.objects = key(&format!("key-{number}"));
        }
        // One alone is longer than a shared line may be, once within a line and once at its beginning.
        for item in [700, 701] {
            all[item].objects = (0..3_000).flat_map(|number| key(&format!("key-{number}"))).collect();
        }
        let lines = lines(&all);
        let lengths: Vec<_> = lines.iter().map(String::len).collect();
        let long = lengths.iter().filter(|length| **length > MOST + "]}".len()).count();
        assert!(long == 2 && (5..20).contains(&lengths.len()), "{lengths:?}");
        let read = lines.iter().flat_map(|line| records::of(serde_json::from_str(line).unwrap()));
        assert_eq!(read.collect::<Vec<_>>(), all.iter().map(alone).collect::<Vec<_>>());
    }

    #[test]
    fn a_draft_knows_nothing_of_the_one_before() {
        let [first, second] = ["r-1", "r-2"].map(|name| {
            let anonymous = AuditedRequest { user: None, ..request(name) };
            Draft::of(&anonymous, &items(3), |draft| {
                (draft.text().to_vec(), draft.ends().to_vec(), draft.records())
            })
        });
        let text = |text: &[u8]| String::from_utf8(text.to_vec()).unwrap();
        assert_eq!(text(&first.0).replace("r-1", "r-2"), text(&second.0));
        assert_eq!((first.1, first.2), (second.1, second.2));
    }
}
