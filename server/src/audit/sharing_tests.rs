//! Logs in which records of one request share lines.

use std::fs;
use std::path::Path;

use claviger_plugin_sdk::audit::AuditRecord;
use claviger_plugin_sdk::record::ObjectId;
use serde_json::Value;

use super::chain::Frame;
use super::export::{self, Export, Format};
use super::head::{self, PublicKey, beside};
use super::lines::FileLines;
use super::tests::{Folder, lines, record, verify};
use super::verify::Terms;
use super::{files, records};

/// A log with a request of so many items, which are told together.
fn written(folder: &Folder, items: u32) {
    let item = |item| {
        let objects = vec![ObjectId::new(&format!("key-{}", item % 3)).unwrap()];
        AuditRecord { item, objects, ..record() }
    };
    folder.open().take_items("r-1", &(0..items).map(item).collect::<Vec<_>>());
}

/// Each line's number and its records of items.
fn read(log: &[u8]) -> Vec<(u64, Vec<Value>)> {
    let line = |line: Vec<u8>| {
        let value: Value = serde_json::from_slice(&line).unwrap();
        let is_of_items = value.get("event").is_none();
        is_of_items.then(|| (value["seq"].as_u64().unwrap(), records::of(value)))
    };
    lines(log).into_iter().filter_map(line).collect()
}

#[test]
fn items_of_a_request_share_lines_and_every_one_is_found_in_the_log() {
    let folder = Folder::new();
    written(&folder, 5_000);
    let read = read(&folder.read());
    assert!(read.len() < 500, "{} lines", read.len());
    let all: Vec<_> = read.into_iter().flat_map(|(_, records)| records).collect();
    assert_eq!(all.len(), 5_000);
    for (item, record) in all.iter().enumerate() {
        assert_eq!((&record["item"], &record["request"]), (&item.into(), &"r-1".into()));
        assert_eq!((&record["user"], &record["operation"]), (&"ann".into(), &"Get".into()));
        assert_eq!(record["objects"], Value::from(vec![format!("key-{}", item % 3)]));
        assert_eq!(record["result"], "Success");
    }
    assert_eq!(folder.verify().unwrap().dropped, 0);
}

#[test]
fn whatever_is_done_to_a_shared_line_is_found() {
    let folder = Folder::new();
    written(&folder, 12);
    let good = folder.read();
    assert!(folder.verify_instead(&good).is_ok());
    assert!(read(&good).iter().any(|(_, records)| records.len() > 1), "no line is shared");
    for place in 0..good.len() {
        let mut changed = good.clone();
        changed[place] ^= 1;
        assert!(folder.verify_instead(&changed).is_err(), "byte {place} is changed");
        assert!(folder.verify_instead(&good[..place]).is_err(), "cut off after {place} bytes");
    }
    // One of the records, with the comma before it.
    let text = String::from_utf8(good).unwrap();
    let ends: Vec<_> = text.match_indices(",{\"item\":").map(|(place, _)| place).collect();
    assert!(!ends.is_empty());
    for start in ends {
        let end = start + text[start..].find('}').unwrap() + 1;
        let (record, without) = (&text[start..end], [&text[..start], &text[end..]].concat());
        assert!(folder.verify_instead(without.as_bytes()).is_err(), "{record} is removed");
        let twice = [&text[..end], record, &text[end..]].concat();
        assert!(folder.verify_instead(twice.as_bytes()).is_err(), "{record} is repeated");
    }
}

#[test]
fn a_shared_line_that_was_torn_is_told_of_by_the_next_one() {
    let folder = Folder::new();
    written(&folder, 12);
    let good = folder.read();
    let (shared, _) = read(&good).into_iter().find(|(_, records)| records.len() > 1).unwrap();
    let until: usize = lines(&good).iter().take(shared as usize - 1).map(Vec::len).sum();
    // As if nobody had kept a head about it.
    let half = &good[..until + 200];
    fs::write(folder.log(), half).unwrap();
    fs::remove_file(beside(&folder.log(), ".head")).unwrap();
    written(&folder, 1);
    let summary = folder.verify().unwrap();
    assert!(summary.notes[0].contains("200 bytes of one line are torn"), "{summary:?}");
    assert!(read_after(&folder.read(), half.len()).iter().all(|(seq, _)| *seq >= shared));
    let mut changed = folder.read();
    changed[until + 190] ^= 1;
    assert!(folder.verify_instead(&changed).is_err());
}

/// The same of what stands behind a torn line.
fn read_after(log: &[u8], place: usize) -> Vec<(u64, Vec<Value>)> {
    read(&log[place + 1..])
}

fn exported(folder: &Folder, output: &Path, format: Format, times: [Option<&str>; 2]) {
    let [since, until] = times.map(|time| time.map(str::to_owned));
    let export = Export { from: None, to: None, since, until, format, output: output.to_owned() };
    let all = Box::new(FileLines::of(files::of_log(&folder.log()).unwrap()).unwrap());
    let (summary, kept) = (folder.verify().unwrap(), folder.terms().head);
    export::run(all, &export, &summary, kept.as_ref()).unwrap();
}

#[test]
fn a_table_has_a_row_for_each_record_and_a_part_the_lines_with_any_of_its_time() {
    let folder = Folder::new();
    // A second each, from 2096-10-02T07:06:40 on (`date -d @4000000000`): what else is in the log is earlier.
    let item = |item| AuditRecord { item, time: 4_000_000_000_000 + i64::from(item) * 1_000, ..record() };
    folder.open().take_items("r-1", &(0..12).map(item).collect::<Vec<_>>());
    let file = |name: &str| beside(&folder.log(), name);
    exported(&folder, &file("-table"), Format::Csv, [None, None]);
    let table = fs::read_to_string(file("-table")).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().map(|row| row.split(',').collect()).collect();
    let items: Vec<_> =
        rows.iter().filter(|row| row[3] == "r-1").map(|row| (row[1], row[4], row[8])).collect();
    let times: Vec<_> = (40..52).map(|second| format!("2096-10-02T07:06:{second}.000Z")).collect();
    let numbers: Vec<_> = (0..12).map(|item| item.to_string()).collect();
    let expected = times.iter().zip(&numbers).map(|(time, item)| (&**time, &**item, "ann"));
    assert_eq!(items, expected.collect::<Vec<_>>());
    // Its first record is earlier than the part, and its last one is in it.
    exported(&folder, &file("-part"), Format::Lines, [Some("2096-10-02T07:06:51"), None]);
    let last = |log: &[u8]| {
        let all = read(log).into_iter().flat_map(|(_, records)| records);
        all.last().map(|record| record["time"].clone())
    };
    let part = fs::read(file("-part")).unwrap();
    assert_eq!(last(&part), Some("2096-10-02T07:06:51.000Z".into()));
    let head = head::read_file(&file("-part.proof")).unwrap();
    verify(vec![file("-part")], Terms { head, partial: true, ..folder.terms() }).unwrap();
}

#[test]
fn a_log_that_was_written_before_lines_were_shared_is_still_whole_and_goes_on() {
    let folder = Folder::new();
    let place = |name: &str| beside(&folder.log(), name);
    fs::write(folder.log(), include_bytes!("log_of_0.1.0/audit.jsonl")).unwrap();
    fs::write(place(".head"), include_bytes!("log_of_0.1.0/audit.jsonl.head")).unwrap();
    fs::write(place(".pub"), include_bytes!("log_of_0.1.0/audit.pub")).unwrap();
    let before = PublicKey::read(&place(".pub")).unwrap();
    let terms = |keys| Terms { keys, ..folder.terms() };
    let summary = verify(vec![folder.log()], terms(vec![before.clone()])).unwrap();
    assert_eq!((summary.first, summary.last.seq, summary.signed), (1, 5, 5));
    let read = read(&folder.read());
    let items: Vec<_> =
        read.iter().map(|(seq, records)| (*seq, records.len(), &records[0]["item"])).collect();
    assert_eq!(items, [(3, 1, &0.into()), (4, 1, &1.into())]);
    written(&folder, 100);
    let own = folder.terms().keys.remove(0);
    let summary = verify(vec![folder.log()], terms(vec![before, own])).unwrap();
    assert_eq!((summary.first, summary.signed), (1, summary.last.seq));
    let longest = lines(&folder.read()).into_iter().max_by_key(Vec::len).unwrap();
    assert!(Frame::read(longest.strip_suffix(b"\n").unwrap()).unwrap().seq > 5);
}
