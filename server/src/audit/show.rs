//! Printing records.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use serde_json::Value;

use super::chain::Frame;
use super::lines::Lines;
use super::records;
use crate::failure::Failure;

/// What is printed, and how.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Show {
    pub(super) wanted: Wanted,
    pub(super) last: Option<usize>,
    pub(super) follow: bool,
    pub(super) json: bool,
}

/// Which records.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(super) user: Option<String>,
    pub(super) operation: Option<String>,
    pub(super) object: Option<String>,
    pub(super) peer: Option<String>,
    pub(super) success: Option<bool>,
    pub(super) since: Option<String>,
    pub(super) until: Option<String>,
}

/// How often a log is looked at that is followed.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// Prints the records that are wanted.
///
/// # Errors
/// The log cannot be read, or the answer not be written. A reader who has gone (`| head`) ends it.
pub(super) fn run(mut lines: Box<dyn Lines>, show: &Show) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    let (mut line, mut kept) = (Vec::new(), VecDeque::new());
    loop {
        while lines.next(&mut line)? {
            for text in shown(&line, show) {
                match show.last {
                    Some(most) => {
                        kept.push_back(text);
                        if kept.len() > most {
                            kept.pop_front();
                        }
                    }
                    None if !print(&mut output, &text)? => return Ok(()),
                    None => {}
                }
            }
        }
        for text in kept.drain(..) {
            if !print(&mut output, &text)? {
                return Ok(());
            }
        }
        if !show.follow || !flush(&mut output)? {
            return Ok(());
        }
        std::thread::sleep(LOOK_EVERY);
        lines.follow()?;
    }
}

/// What is printed of a line: each of its records that is wanted, by itself.
fn shown(line: &[u8], show: &Show) -> Vec<String> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let Some(value) = Frame::read(line).and_then(|_| serde_json::from_slice(line).ok()) else {
        return Vec::new();
    };
    let records = records::of(value);
    let is_alone = records.len() == 1;
    let wanted = records.iter().filter(|record| show.wanted.takes(record));
    let text = |record: &Value| match show.json {
        true if is_alone => escaped(&String::from_utf8_lossy(line)),
        true => escaped(&record.to_string()),
        false => plain(&in_words(record)),
    };
    wanted.map(text).collect()
}

impl Wanted {
    /// Whether a record is wanted. Those that are about no item are, unless something is asked of items.
    pub(super) fn takes(&self, record: &Value) -> bool {
        let is = |wanted: &Option<String>, name: &str| {
            wanted.as_deref().is_none_or(|wanted| record[name].as_str() == Some(wanted))
        };
        let objects = || record["objects"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let is_success = |wanted: bool| match record["result"].as_str() {
            Some("OperationPending") | None => false,
            Some(result) => (result == "Success") == wanted,
        };
        is(&self.user, "user")
            && is(&self.operation, "operation")
            && is(&self.peer, "peer")
            && self.object.as_deref().is_none_or(|wanted| objects().any(|object| object == wanted))
            && self.success.is_none_or(is_success)
            && is_in_time(record, self.since.as_deref(), self.until.as_deref())
    }
}

/// Whether the time of a record is between these. A time that is cut off means all that begin with it.
pub(super) fn is_in_time(record: &Value, since: Option<&str>, until: Option<&str>) -> bool {
    let time = record["time"].as_str().unwrap_or_default();
    since.is_none_or(|since| time >= since)
        && until.is_none_or(|until| time <= until || time.starts_with(until))
}

/// A record for people.
fn in_words(record: &Value) -> String {
    let text = |name: &str| record[name].as_str();
    let mut words = vec![text("time").unwrap_or_default().to_owned(), number(record)];
    if let Some(event) = text("event") {
        words.push(format!("[{event}]"));
    }
    let proven = text("proven_by").map(|by| format!(" by {by}")).unwrap_or_default();
    words.extend(text("user").map(|user| format!("{user}{proven}")));
    words.extend(text("peer").map(|peer| format!("from {peer}")));
    words.extend(text("operation").map(str::to_owned));
    let objects: Vec<&str> =
        record["objects"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    words.extend((!objects.is_empty()).then(|| objects.join(",")));
    let list = |name: &str| {
        let items = record[name].as_array()?.iter().filter_map(Value::as_str);
        Some(items.collect::<Vec<_>>().join(","))
    };
    words.extend(list("about").map(|about| match list("rights") {
        Some(rights) => format!("for {about}: {rights}"),
        None => format!("for {about}"),
    }));
    words.extend(text("result").map(|result| match text("reason") {
        Some(reason) => format!("{result} {reason}"),
        None => result.to_owned(),
    }));
    words.extend(details(&record["details"]));
    words.extend(text("refusal").map(|why| format!("({why})")));
    words.extend(record["repeated"].as_u64().map(|times| format!("{times} times")));
    words.extend(record["records"].as_u64().map(|records| format!("{records} records")));
    words.join("  ")
}

/// The number of its line, and that of its item behind the first one: others may have the same line.
fn number(record: &Value) -> String {
    match record["item"].as_u64() {
        Some(0) | None => format!("#{}", record["seq"]),
        Some(item) => format!("#{}.{item}", record["seq"]),
    }
}

/// What an operation says of itself, as `name=text`.
pub(super) fn details(details: &Value) -> Vec<String> {
    let members = details.as_object().into_iter().flatten();
    members.filter_map(|(name, text)| Some(format!("{name}={}", text.as_str()?))).collect()
}

/// Prints a line. Says whether somebody reads it.
fn print(output: &mut impl io::Write, text: &str) -> Result<bool, Failure> {
    go_on(writeln!(output, "{text}"))
}

fn flush(output: &mut impl io::Write) -> Result<bool, Failure> {
    go_on(output.flush())
}

fn go_on(written: io::Result<()>) -> Result<bool, Failure> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::new(format!("cannot write the answer: {error}"))),
    }
}

/// Names are the clients', and must not steer the operator's terminal, nor turn the order of what stands there.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if steers(letter) { '\u{fffd}' } else { letter }).collect()
}

/// The same for JSON: it still says what the line says.
fn escaped(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    for letter in line.chars() {
        match steers(letter) {
            true => text.push_str(&format!("\\u{:04x}", u32::from(letter))),
            false => text.push(letter),
        }
    }
    text
}

/// Control characters, the marks, embeddings, overrides and isolates of writing from right to left (Unicode Standard
/// Annex 9), and what ends a line or a paragraph.
fn steers(letter: char) -> bool {
    let turns = matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    letter.is_control() || turns || matches!(letter, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn takes(wanted: Wanted) -> bool {
        wanted.takes(&json!({
            "seq": 3, "time": "2026-11-26T09:30:00.000Z", "user": "ann", "operation": "Get", "peer": "192.0.2.7",
            "objects": ["a", "b"], "result": "OperationFailed", "reason": "ItemNotFound",
        }))
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn records_are_chosen_by_everything_that_is_asked_for() {
        let none = Wanted::default;
        assert!(takes(none()));
        assert!(takes(Wanted { user: some("ann"), operation: some("Get"), object: some("b"), ..none() }));
        assert!(!takes(Wanted { user: some("ann"), operation: some("Encrypt"), ..none() }));
        assert!(!takes(Wanted { object: some("c"), ..none() }));
        assert!(!takes(Wanted { peer: some("192.0.2.8"), ..none() }));
        assert!(
            takes(Wanted { success: Some(false), ..none() })
                && !takes(Wanted { success: Some(true), ..none() })
        );
    }

    #[test]
    fn every_record_of_a_line_is_shown_by_itself() {
        let line = format!(
            "{{\"seq\":3,\"previous\":\"{}\",\"time\":\"t\",\"user\":\"ann\",\"item\":0,\"operation\":\"Get\",\
             \"objects\":[\"a\"],\"result\":\"Success\",\"more\":[{{\"item\":1,\"objects\":[\"b\"]}},\
             {{\"item\":2,\"result\":\"OperationFailed\",\"reason\":\"ItemNotFound\"}}]}}\n",
            "0".repeat(64)
        );
        let shown = |wanted: Wanted, json| shown(line.as_bytes(), &Show { wanted, json, ..Show::default() });
        assert_eq!(
            shown(Wanted::default(), false),
            [
                "t  #3  ann  Get  a  Success",
                "t  #3.1  ann  Get  b  Success",
                "t  #3.2  ann  Get  a  OperationFailed ItemNotFound"
            ]
        );
        assert_eq!(
            shown(Wanted { object: some("b"), ..Wanted::default() }, false),
            ["t  #3.1  ann  Get  b  Success"]
        );
        let failed = shown(Wanted { success: Some(false), ..Wanted::default() }, true);
        let failed: Value = serde_json::from_str(&failed[0]).unwrap();
        assert_eq!((&failed["user"], &failed["item"], failed.get("more")), (&"ann".into(), &2.into(), None));
    }

    #[test]
    fn what_was_only_taken_has_neither_succeeded_nor_failed() {
        let record =
            json!({"time": "t", "seq": 4, "result": "OperationPending", "details": {"a": "b", "c": "d"}});
        let takes = |success| Wanted { success, ..Wanted::default() }.takes(&record);
        assert_eq!([takes(None), takes(Some(true)), takes(Some(false))], [true, false, false]);
        assert_eq!(in_words(&record), "t  #4  OperationPending  a=b  c=d");
    }

    #[test]
    fn a_time_that_is_cut_off_means_all_of_that_day() {
        let between = |since: &str, until: &str| {
            takes(Wanted { since: some(since), until: some(until), ..Wanted::default() })
        };
        assert!(between("2026-11-26", "2026-11-26"));
        assert!(between("2026-11-26T09:30", "2026"));
        assert!(!between("2026-11-26T09:31", "2026"));
        assert!(!between("2026", "2026-11-25"));
    }

    #[test]
    fn what_clients_write_does_not_steer_a_terminal() {
        assert_eq!(plain("a\u{1b}[2J"), "a\u{fffd}[2J");
        assert_eq!(plain("a\u{202e}b\u{2066}c\u{85}"), "a\u{fffd}b\u{fffd}c\u{fffd}");
        let line = "{\"user\":\"a\u{202e}b\u{9b}\u{e9}\"}";
        assert_eq!(escaped(line), "{\"user\":\"a\\u202eb\\u009b\u{e9}\"}");
        let (one, other) =
            (serde_json::from_str::<Value>(&escaped(line)), serde_json::from_str::<Value>(line));
        assert_eq!(one.unwrap(), other.unwrap());
    }
}
