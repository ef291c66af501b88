//! Writing a part of a log, with what proves it.

use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::chain::{Frame, Hash, Link};
use super::head::{Head, beside};
use super::lines::Lines;
use super::records;
use super::show::{details, is_in_time};
use super::verify::Summary;
use crate::failure::Failure;

/// Which part, and where it goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Export {
    pub(super) from: Option<u64>,
    pub(super) to: Option<u64>,
    pub(super) since: Option<String>,
    pub(super) until: Option<String>,
    pub(super) format: Format,
    pub(super) output: PathBuf,
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// The lines of the log.
    Lines,
    /// A table of the records.
    Csv,
}

/// The columns of the table.
const COLUMNS: [&str; 23] = [
    "seq",
    "time",
    "event",
    "request",
    "item",
    "transport",
    "peer",
    "store",
    "user",
    "proven_by",
    "operation",
    "objects",
    "about",
    "rights",
    "result",
    "reason",
    "refusal",
    "repeated",
    "records",
    "request_id",
    "client_correlation",
    "asynchronous",
    "details",
];

/// Writes the part of a log that was verified.
///
/// # Errors
/// No record is in it; a file is there already, or cannot be written.
pub(super) fn run(
    mut lines: Box<dyn Lines>,
    export: &Export,
    verified: &Summary,
    kept: Option<&Head>,
) -> Result<String, Failure> {
    let mut output = BufWriter::new(create(&export.output)?);
    let problem = |error: std::io::Error| Failure::new(format!("{}: {error}", export.output.display()));
    if export.format == Format::Csv {
        writeln!(output, "{}", COLUMNS.join(",")).map_err(problem)?;
    }
    let (mut part, mut line, mut torn) = (Part::default(), Vec::new(), Vec::new());
    let mut chain = Link { seq: verified.first.saturating_sub(1), hash: verified.before };
    while !part.is_over && chain.seq < verified.last.seq && lines.next(&mut line)? {
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let Some(link) = chain.followed_by(text).filter(|_| text.len() < line.len()) else {
            // A crash has left it. It belongs to the next line, which tells of it.
            torn.append(&mut line);
            continue;
        };
        chain = link;
        let records = records::of(serde_json::from_slice(text).unwrap_or_default());
        let has_begun = part.first.is_some();
        if part.takes(link, &records, text, export, kept) {
            match export.format {
                Format::Lines => {
                    if has_begun && !torn.is_empty() {
                        torn.extend((!torn.ends_with(b"\n")).then_some(b'\n'));
                        output.write_all(&torn).map_err(problem)?;
                    }
                    output.write_all(&line).map_err(problem)?;
                }
                Format::Csv => {
                    let since = export.since.as_deref();
                    for record in records.iter().filter(|record| is_in_time(record, since, None)) {
                        writeln!(output, "{}", row(record)).map_err(problem)?;
                    }
                }
            }
        }
        torn.clear();
    }
    output.into_inner().map_err(|error| problem(error.into_error()))?.sync_all().map_err(problem)?;
    let Some(first) = part.first else {
        // What was made is not left behind.
        let _ = std::fs::remove_file(&export.output);
        return Err(Failure::new("no record of the log is in this part"));
    };
    let proof = beside(&export.output, ".proof");
    let text = format!("{:#}\n", part.proof(first, verified));
    create(&proof)?.write_all(text.as_bytes()).map_err(problem)?;
    Ok(part.told(first, export, &proof))
}

/// What was taken.
#[derive(Default)]
struct Part {
    first: Option<Link>,
    before: Hash,
    last: Link,
    head: Option<Head>,
    is_over: bool,
}

impl Part {
    /// Whether a line is in the part: between its ends, or behind them and before the head that proves it.
    fn takes(
        &mut self,
        link: Link,
        records: &[Value],
        text: &[u8],
        export: &Export,
        kept: Option<&Head>,
    ) -> bool {
        let Some(frame) = Frame::read(text) else { return false };
        let is_any = |since, until| records.iter().any(|record| is_in_time(record, since, until));
        let is_before =
            export.from.is_some_and(|from| link.seq < from) || !is_any(export.since.as_deref(), None);
        let is_behind = export.to.is_some_and(|to| link.seq > to) || !is_any(None, export.until.as_deref());
        if self.first.is_none() && (is_before || is_behind) {
            return false;
        }
        if is_behind && frame.event() == Some("head") {
            self.head = records.first().and_then(|record| Head::about(self.last, record));
            self.is_over = true;
            return false;
        }
        self.last = link;
        if self.first.is_none() {
            self.first = Some(self.last);
            self.before = frame.previous;
        }
        self.head = kept.filter(|head| head.link == self.last).cloned();
        self.is_over = is_behind && self.head.is_some();
        true
    }

    fn proof(&self, first: Link, verified: &Summary) -> Value {
        let mut proof = match &self.head {
            Some(head) => head.to_json(),
            None => json!({}),
        };
        if let Some(members) = proof.as_object_mut() {
            members.insert("first_seq".to_owned(), first.seq.into());
            members.insert("first_previous".to_owned(), self.before.to_string().into());
            members.insert("last_seq".to_owned(), self.last.seq.into());
            members.insert("last_hash".to_owned(), self.last.hash.to_string().into());
            members.insert("log_name".to_owned(), verified.log.clone().into());
        }
        proof
    }

    fn told(&self, first: Link, export: &Export, proof: &Path) -> String {
        let signed = match &self.head {
            Some(head) => format!("a head signed on {} is about line {}", head.time, head.link.seq),
            None => "no head is signed about these records yet: export them again in a while".to_owned(),
        };
        format!(
            "Records {} to {} are in {}; {signed}. What proves them is in {}.\n",
            first.seq,
            self.last.seq,
            export.output.display(),
            proof.display()
        )
    }
}

/// Makes a file for its owner alone; nothing that is there is overwritten.
fn create(file: &Path) -> Result<std::fs::File, Failure> {
    let made = OpenOptions::new().create_new(true).write(true).mode(0o600).open(file);
    made.map_err(|error| Failure::new(format!("{}: {error}", file.display())))
}

/// A row of the table (RFC 4180).
fn row(record: &Value) -> String {
    let cell = |name: &&str| match &record[*name] {
        Value::Null => String::new(),
        Value::Array(items) => cell(&items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")),
        Value::Object(_) => cell(&details(&record[*name]).join(" ")),
        Value::String(text) => cell(text),
        other => other.to_string(),
    };
    COLUMNS.iter().map(cell).collect::<Vec<_>>().join(",")
}

/// A cell. Names are the clients', and must not become formulas of a spreadsheet.
fn cell(text: &str) -> String {
    let text = match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_one_form_in_which_names_stay_names() {
        let record = json!({
            "seq": 3, "time": "t", "user": "a\"b,c", "operation": "Get", "objects": ["x", "y"], "proven_by": "=1+1",
            "repeated": 7, "request_id": "r", "client_correlation": "@c",
            "asynchronous": "0f", "details": {"a": "1,2", "b": "x"},
        });
        assert_eq!(row(&record), "3,t,,,,,,,\"a\"\"b,c\",'=1+1,Get,x y,,,,,,7,,r,'@c,0f,\"a=1,2 b=x\"");
    }
}
