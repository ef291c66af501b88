//! An audit record as a line of JSON.
//!
//! Lines are written by hand: an audit record follows every item, and all of its texts but the names of users and
//! objects are known to need no escaping.

use std::io::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use claviger_kmip::tables::Enumeration;
use claviger_kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::audit::{AuditRecord, Detail, RightsChange};
use claviger_plugin_sdk::authentication::Transport;

/// Bytes that the line of one object takes, unless names are long.
const USUAL: usize = 320;

/// Appends the record of an item that has ended to a buffer, as an object without a newline.
pub(super) fn write(record: &AuditRecord, last: &mut Last, line: &mut Vec<u8>) {
    line.reserve(USUAL);
    line.extend_from_slice(b"{\"time\":\"");
    write_facts(record, last, line);
    match record.failure {
        None if record.pending => line.extend_from_slice(b",\"result\":\"OperationPending\""),
        None => line.extend_from_slice(b",\"result\":\"Success\""),
        Some(reason) => {
            line.extend_from_slice(b",\"result\":\"OperationFailed\"");
            write_name("reason", reason, line);
        }
    }
    write_optional("refusal", record.refusal.as_deref(), line);
    if record.repeated != 1 {
        line.extend_from_slice(b",\"repeated\":");
        write_number(record.repeated.into(), line);
    }
    line.extend_from_slice(b",\"microseconds\":");
    write_number(record.duration, line);
    line.push(b'}');
}

/// Appends the record of an item that is about to be committed.
pub(super) fn write_intent(record: &AuditRecord, last: &mut Last, line: &mut Vec<u8>) {
    line.extend_from_slice(b"{\"event\":\"intent\",\"time\":\"");
    write_facts(record, last, line);
    line.push(b'}');
}

/// Writes what is known before an item ends, from its time on.
fn write_facts(record: &AuditRecord, last: &mut Last, line: &mut Vec<u8>) {
    last.second.write_time(record.time, line);
    line.extend_from_slice(b"\",\"request\":");
    write_plain(&record.request, line);
    write_optional("request_id", record.request_id.as_deref(), line);
    write_optional("client_correlation", record.client_correlation.as_deref(), line);
    line.extend_from_slice(b",\"item\":");
    write_number(record.item.into(), line);
    if let Some(asynchronous) = &record.asynchronous {
        write_key("asynchronous", line);
        write_plain(asynchronous, line);
    }
    line.extend_from_slice(last.call.text(record));
    line.extend_from_slice(b",\"objects\":[");
    for (position, object) in record.objects.iter().enumerate() {
        if position > 0 {
            line.push(b',');
        }
        write_text(object.as_str(), line);
    }
    line.push(b']');
    if let Some(rights) = &record.rights {
        write_rights(rights, line);
    }
    if !record.details.is_empty() {
        write_details(&record.details, line);
    }
}

/// Writes who called what, and from where.
fn write_call(record: &AuditRecord, peers: &mut LastPeer, line: &mut Vec<u8>) {
    line.extend_from_slice(b",\"transport\":\"");
    line.extend_from_slice(record.transport.name().as_bytes());
    line.push(b'"');
    if let Some(peer) = record.peer {
        line.extend_from_slice(b",\"peer\":");
        write_plain(peers.text(peer), line);
    }
    write_optional("store", record.store.as_deref(), line);
    write_optional("user", record.user.as_deref(), line);
    write_optional("proven_by", record.proven_by.as_deref(), line);
    match (record.operation_name, record.operation) {
        (Some(name), _) => write_optional("operation", Some(name), line),
        (None, Some(operation)) => write_name("operation", operation, line),
        (None, None) => {}
    }
}

/// Writes whose rights were changed, and which: this is rare.
fn write_rights(rights: &RightsChange, line: &mut Vec<u8>) {
    let names = rights.operations.iter().map(|operation| match operation.name() {
        Some(name) => name.to_owned(),
        None => format!("0x{:08X}", operation.code()),
    });
    // Texts always have a form in JSON.
    let about = serde_json::to_vec(&rights.subjects).unwrap_or_default();
    let operations = serde_json::to_vec(&names.collect::<Vec<_>>()).unwrap_or_default();
    write_key("about", line);
    line.extend_from_slice(&about);
    if !rights.operations.is_empty() {
        write_key("rights", line);
        line.extend_from_slice(&operations);
    }
}

/// Writes what the operation says of itself: this is rare, too.
fn write_details(details: &[Detail], line: &mut Vec<u8>) {
    write_key("details", line);
    for (place, detail) in details.iter().enumerate() {
        line.push(if place == 0 { b'{' } else { b',' });
        write_text(&detail.name, line);
        line.push(b':');
        write_text(&detail.text, line);
    }
    line.push(b'}');
}

/// A time in milliseconds since 1970, as records have it.
pub(super) fn time(milliseconds: i64) -> String {
    let mut text = Vec::new();
    LastSecond::default().write_time(milliseconds, &mut text);
    String::from_utf8(text).unwrap_or_default()
}

fn write_optional(key: &str, text: Option<&str>, line: &mut Vec<u8>) {
    if let Some(text) = text {
        write_key(key, line);
        write_text(text, line);
    }
}

/// The name of an enumeration value, or its code where it has none.
fn write_name<E: Enumeration>(key: &str, value: E, line: &mut Vec<u8>) {
    write_key(key, line);
    match value.name() {
        Some(name) => write_text(name, line),
        None => write_text(&format!("0x{:08X}", value.code()), line),
    }
}

fn write_key(key: &str, line: &mut Vec<u8>) {
    line.extend_from_slice(b",\"");
    line.extend_from_slice(key.as_bytes());
    line.extend_from_slice(b"\":");
}

/// Writes what is known to need no escaping, since the server made it.
fn write_plain(text: &str, line: &mut Vec<u8>) {
    line.push(b'"');
    line.extend_from_slice(text.as_bytes());
    line.push(b'"');
}

fn write_text(text: &str, line: &mut Vec<u8>) {
    line.push(b'"');
    if !needs_escaping(text.as_bytes()) {
        line.extend_from_slice(text.as_bytes());
    } else {
        for letter in text.chars() {
            write_escaped(letter, line);
        }
    }
    line.push(b'"');
}

/// Whether bytes have a control character, a quotation mark or a backslash. Eight are looked at together, since every item
/// has a few texts.
fn needs_escaping(text: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = ONES << 7;
    // The top bit of a byte is set if the byte was below `bound`, or if one before it was: so none is missed.
    let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word;
    let found = |word: u64| {
        let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
        (below(word, 0x20) | is(b'"') | is(b'\\')) & TOPS != 0
    };
    let (words, rest) = text.as_chunks::<8>();
    let last = rest.iter().fold(ONES * u64::from(b' '), |word, byte| word << 8 | u64::from(*byte));
    words.iter().fold(found(last), |any, word| any | found(u64::from_le_bytes(*word)))
}

fn write_escaped(letter: char, line: &mut Vec<u8>) {
    match letter {
        '"' => line.extend_from_slice(b"\\\""),
        '\\' => line.extend_from_slice(b"\\\\"),
        // Writing to a Vec cannot fail.
        control if control < ' ' => drop(write!(line, "\\u{:04x}", u32::from(control))),
        other => line.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// Appends a number in decimal digits.
pub(super) fn write_number(mut number: u64, line: &mut Vec<u8>) {
    // No u64 has more digits.
    let mut digits = [0; 20];
    let mut from = digits.len();
    for (place, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        from = place;
        if number == 0 {
            break;
        }
    }
    line.extend_from_slice(digits.get(from..).unwrap_or_default());
}

/// What the record before had, in words: most records come many in a second, and many of them of one caller who calls one
/// operation.
#[derive(Default)]
pub(super) struct Last {
    second: LastSecond,
    call: LastCall,
}

/// Who called what in the record before, in words.
#[derive(Default)]
struct LastCall {
    call: Option<Call>,
    peers: LastPeer,
    text: Vec<u8>,
}

struct Call {
    transport: Transport,
    peer: Option<IpAddr>,
    store: Option<Arc<str>>,
    user: Option<Arc<str>>,
    proven_by: Option<Arc<str>>,
    operation: Option<OperationCode>,
    operation_name: Option<&'static str>,
}

impl LastCall {
    fn text(&mut self, record: &AuditRecord) -> &[u8] {
        if !self.call.as_ref().is_some_and(|call| call.is_of(record)) {
            self.text.clear();
            write_call(record, &mut self.peers, &mut self.text);
            self.call = Some(Call::of(record));
        }
        &self.text
    }
}

impl Call {
    fn of(record: &AuditRecord) -> Self {
        Self {
            transport: record.transport,
            peer: record.peer,
            store: record.store.clone(),
            user: record.user.clone(),
            proven_by: record.proven_by.clone(),
            operation: record.operation,
            operation_name: record.operation_name,
        }
    }

    fn is_of(&self, record: &AuditRecord) -> bool {
        self.operation == record.operation
            && self.operation_name == record.operation_name
            && self.transport == record.transport
            && self.peer == record.peer
            && self.user == record.user
            && self.proven_by == record.proven_by
            && self.store == record.store
    }
}

/// The address of the record before, in words.
#[derive(Default)]
struct LastPeer {
    address: Option<IpAddr>,
    text: String,
}

impl LastPeer {
    fn text(&mut self, address: IpAddr) -> &str {
        if self.address != Some(address) {
            self.address = Some(address);
            self.text = address.to_canonical().to_string();
        }
        &self.text
    }
}

/// The second of the record before, in words.
#[derive(Default)]
struct LastSecond {
    seconds: i64,
    text: Vec<u8>,
}

impl LastSecond {
    /// Writes milliseconds since 1970 as `2026-11-24T03:45:51.123Z`.
    fn write_time(&mut self, milliseconds: i64, line: &mut Vec<u8>) {
        let seconds = milliseconds.div_euclid(1_000);
        if self.seconds != seconds || self.text.is_empty() {
            self.seconds = seconds;
            self.text.clear();
            write_second(seconds, &mut self.text);
        }
        line.extend_from_slice(&self.text);
        write_digits(milliseconds.rem_euclid(1_000), 3, line);
        line.push(b'Z');
    }
}

/// Writes seconds since 1970 as `2026-11-24T03:45:51.`.
fn write_second(seconds: i64, text: &mut Vec<u8>) {
    let (year, month, day) = civil_date(seconds.div_euclid(86_400));
    let time = seconds.rem_euclid(86_400);
    for (number, width, end) in [
        (year, 4, b'-'),
        (month, 2, b'-'),
        (day, 2, b'T'),
        (time / 3_600, 2, b':'),
        (time / 60 % 60, 2, b':'),
        (time % 60, 2, b'.'),
    ] {
        write_digits(number, width, text);
        text.push(end);
    }
}

fn write_digits(number: i64, width: usize, text: &mut Vec<u8>) {
    let start = text.len();
    let mut rest = number.unsigned_abs();
    for _ in 0..width {
        text.push(b'0' + (rest % 10) as u8);
        rest /= 10;
    }
    if let Some(digits) = text.get_mut(start..) {
        digits.reverse();
    }
}

/// Year, month and day of the Gregorian calendar, from days since 1970-01-01, counting in eras of 400 years that
/// begin in March.
fn civil_date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use claviger_kmip::tables::enumerations::ResultReason;
    use claviger_plugin_sdk::record::ObjectId;

    use super::*;

    fn line(record: &AuditRecord) -> String {
        let mut line = Vec::new();
        write(record, &mut Last::default(), &mut line);
        String::from_utf8(line).unwrap()
    }

    fn record() -> AuditRecord {
        AuditRecord {
            time: 1_709_164_800_007,
            request: "5f-1".into(),
            request_id: None,
            client_correlation: None,
            item: 0,
            asynchronous: None,
            transport: Transport::Https,
            peer: Some([192, 0, 2, 7].into()),
            store: None,
            user: Some("ann".into()),
            proven_by: Some("mtls".into()),
            operation: Some(OperationCode::ENCRYPT),
            operation_name: Some("Encrypt"),
            objects: vec![ObjectId::new("key-1").unwrap()],
            rights: None,
            details: Vec::new(),
            pending: false,
            failure: None,
            refusal: None,
            repeated: 1,
            duration: 120,
        }
    }

    #[test]
    fn a_record_is_one_line_of_json() {
        assert_eq!(
            line(&record()),
            "{\"time\":\"2024-02-29T00:00:00.007Z\",\"request\":\"5f-1\",\"item\":0,\"transport\":\"https\",\
             \"peer\":\"192.0.2.7\",\"user\":\"ann\",\"proven_by\":\"mtls\",\"operation\":\"Encrypt\",\"objects\":[\"key-1\"],\
             \"result\":\"Success\",\"microseconds\":120}"
        );
    }

    #[test]
    fn names_cannot_break_out_of_their_quotation_marks() {
        let record = AuditRecord {
            user: Some("a\"b\\c\nd\u{e9}".into()),
            request_id: Some("trace/1".into()),
            client_correlation: Some("\u{7}\"".into()),
            store: Some("enc:7".into()),
            failure: Some(ResultReason::PERMISSION_DENIED),
            refusal: Some("refused by \"oidc\"".into()),
            repeated: 17,
            operation: None,
            operation_name: None,
            ..record()
        };
        let parsed: serde_json::Value = serde_json::from_str(&line(&record)).unwrap();
        assert_eq!(parsed["user"], "a\"b\\c\nd\u{e9}");
        assert_eq!(parsed["request_id"], "trace/1");
        assert_eq!(parsed["client_correlation"], "\u{7}\"");
        assert_eq!(parsed["store"], "enc:7");
        assert_eq!(parsed["reason"], "PermissionDenied");
        assert_eq!((&parsed["refusal"], &parsed["repeated"]), (&"refused by \"oidc\"".into(), &17.into()));
        assert_eq!(parsed.get("operation"), None);
    }

    #[test]
    fn what_is_done_later_has_the_name_of_its_job_when_it_is_taken_and_when_it_is_done() {
        let taken = AuditRecord { asynchronous: Some("0f".into()), pending: true, ..record() };
        let parsed: serde_json::Value = serde_json::from_str(&line(&taken)).unwrap();
        assert_eq!((&parsed["asynchronous"], &parsed["result"]), (&"0f".into(), &"OperationPending".into()));
        let done: serde_json::Value =
            serde_json::from_str(&line(&AuditRecord { pending: false, ..taken })).unwrap();
        assert_eq!((&done["asynchronous"], &done["result"]), (&"0f".into(), &"Success".into()));
    }

    #[test]
    fn what_an_operation_says_of_itself_is_in_a_place_of_its_own() {
        let detail = |name: &'static str, text: &str| Detail { name: name.into(), text: text.into() };
        let details = vec![detail("result", "none"), detail("a\"b", "c\"d")];
        let parsed: serde_json::Value =
            serde_json::from_str(&line(&AuditRecord { details, ..record() })).unwrap();
        assert_eq!(parsed["details"], serde_json::json!({"result": "none", "a\"b": "c\"d"}));
        assert_eq!(parsed["result"], "Success");
    }

    #[test]
    fn a_letter_that_needs_escaping_is_found_wherever_it_stands() {
        for length in 0..40 {
            for place in 0..length {
                for byte in 0..=255 {
                    let mut text = vec![b'x'; length];
                    text[place] = byte;
                    let expected = byte < b' ' || byte == b'"' || byte == b'\\';
                    assert_eq!(needs_escaping(&text), expected, "{byte} at {place} of {length}");
                }
            }
            assert!(!needs_escaping(&vec![0xff; length]) && !needs_escaping(&vec![b' '; length]));
        }
    }

    #[test]
    fn a_record_of_a_grant_says_to_whom_and_for_what() {
        let rights = RightsChange {
            subjects: vec!["b\"ob".to_owned(), "group:audit".to_owned()],
            operations: vec![OperationCode::GET, OperationCode(0x8000_0001)],
        };
        let parsed: serde_json::Value =
            serde_json::from_str(&line(&AuditRecord { rights: Some(rights.into()), ..record() })).unwrap();
        assert_eq!(parsed["about"], serde_json::json!(["b\"ob", "group:audit"]));
        assert_eq!(parsed["rights"], serde_json::json!(["Get", "0x80000001"]));
        let owner = RightsChange { subjects: vec!["bob".to_owned()], operations: Vec::new() };
        let parsed: serde_json::Value =
            serde_json::from_str(&line(&AuditRecord { rights: Some(owner.into()), ..record() })).unwrap();
        assert_eq!((&parsed["about"][0], parsed.get("rights")), (&"bob".into(), None));
    }

    #[test]
    fn numbers_have_the_digits_that_rust_gives_them() {
        for number in [0, 1, 9, 10, 99, 100, 1_234_567_890, u64::MAX - 1, u64::MAX] {
            let mut written = b"x".to_vec();
            write_number(number, &mut written);
            assert_eq!(String::from_utf8(written).unwrap(), format!("x{number}"));
        }
    }

    #[test]
    fn an_intent_is_an_event_without_a_result() {
        let mut line = Vec::new();
        write_intent(&record(), &mut Last::default(), &mut line);
        let parsed: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!((&parsed["event"], &parsed["objects"][0]), (&"intent".into(), &"key-1".into()));
        assert_eq!((parsed.get("result"), parsed.get("microseconds")), (None, None));
    }

    #[test]
    fn what_one_record_says_of_its_call_is_never_said_of_another() {
        let base = record();
        let others = [
            AuditRecord { transport: Transport::Socket, ..record() },
            AuditRecord { peer: None, ..record() },
            AuditRecord { peer: Some([192, 0, 2, 8].into()), ..record() },
            AuditRecord { store: Some("enc:7".into()), ..record() },
            AuditRecord { user: Some("bob".into()), ..record() },
            AuditRecord { user: None, ..record() },
            AuditRecord { proven_by: Some("oidc".into()), ..record() },
            AuditRecord { operation_name: Some("Decrypt"), ..record() },
            AuditRecord { operation: Some(OperationCode::GET), operation_name: None, ..record() },
            AuditRecord { operation: Some(OperationCode(7)), operation_name: None, ..record() },
        ];
        let mut last = Last::default();
        for other in others.iter().flat_map(|other| [&base, &base, other, other, &base]) {
            let mut written = Vec::new();
            write(other, &mut last, &mut written);
            assert_eq!(String::from_utf8(written).unwrap(), line(other));
        }
    }

    #[test]
    fn an_address_of_both_families_is_written_as_the_older_one() {
        let mut last = LastPeer::default();
        assert_eq!(last.text("::ffff:192.0.2.7".parse().unwrap()), "192.0.2.7");
        assert_eq!(last.text("2001:db8::1".parse().unwrap()), "2001:db8::1");
    }

    #[test]
    fn dates_are_those_of_the_gregorian_calendar() {
        // Day numbers from POSIX `date -d @SECONDS`.
        assert_eq!(civil_date(0), (1970, 1, 1));
        assert_eq!(civil_date(-1), (1969, 12, 31));
        assert_eq!(civil_date(11_016), (2000, 2, 29));
        assert_eq!(civil_date(47_540), (2100, 2, 28));
        assert_eq!(civil_date(47_541), (2100, 3, 1));
    }
}
