//! An audit record as a line of JSON, and what one adds to the line of another one.

use claviger_kmip::tables::Enumeration as _;
use claviger_plugin_sdk::audit::{AuditRecord, AuditedRequest, Detail, RightsChange};

use super::json::{write_key, write_name, write_number, write_optional, write_plain, write_text};
use super::last::Last;
use super::moment::LastSecond;

/// Bytes that the line of one object takes, unless names are long.
const USUAL: usize = 320;

/// Appends the record of an item that has ended to a buffer, as an object without a newline and without the brace at its end.
pub(super) fn write_open(
    request: &AuditedRequest<'_>,
    record: &AuditRecord,
    last: &mut Last,
    line: &mut Vec<u8>,
) {
    line.reserve(USUAL);
    line.extend_from_slice(b"{\"time\":\"");
    write_facts(request, record, last, line);
    match record.failure {
        None if record.pending => line.extend_from_slice(b",\"result\":\"OperationPending\""),
        None => line.extend_from_slice(b",\"result\":\"Success\""),
        Some(_) => {}
    }
    write_end(record, line);
    write_duration(record.duration, line);
}

/// Appends the record of an item that is about to be committed, as an object without a newline.
pub(super) fn write_intent(
    request: &AuditedRequest<'_>,
    record: &AuditRecord,
    last: &mut Last,
    line: &mut Vec<u8>,
) {
    line.extend_from_slice(b"{\"event\":\"intent\",\"time\":\"");
    write_facts(request, record, last, line);
    line.push(b'}');
}

/// Whether a line may begin with this record and be shared: it says nothing of itself that is not true of others, unless
/// they say otherwise.
pub(super) fn may_begin(record: &AuditRecord) -> bool {
    is_done(record)
        && record.failure.is_none()
        && record.refusal.is_none()
        && record.repeated == 1
        && record.rights.is_none()
        && record.details.is_empty()
}

/// Whether this record may share the line that begins with another one of its request. Of a member that the first one has and
/// this one has not there is no telling.
pub(super) fn may_follow(record: &AuditRecord, first: &AuditRecord) -> bool {
    let has_operation = |record: &AuditRecord| record.operation.is_some() || record.operation_name.is_some();
    is_done(record) && (has_operation(record) || !has_operation(first))
}

/// Whether it is told once and for all: of what is done later there may be two records of one item.
fn is_done(record: &AuditRecord) -> bool {
    record.asynchronous.is_none() && !record.pending
}

/// Appends what a record adds to the line that begins with another one of its request, as an object: its item, and the members
/// that the first one has otherwise, or not.
pub(super) fn write_more(
    record: &AuditRecord,
    first: &AuditRecord,
    second: &mut LastSecond,
    more: &mut Vec<u8>,
) {
    more.extend_from_slice(b"{\"item\":");
    write_number(record.item.into(), more);
    if record.time != first.time {
        more.extend_from_slice(b",\"time\":\"");
        second.write_time(record.time, more);
        more.push(b'"');
    }
    if (record.operation, record.operation_name) != (first.operation, first.operation_name) {
        write_operation(record, more);
    }
    if record.objects != first.objects {
        write_objects(record, more);
    }
    write_own(record, more);
    write_end(record, more);
    if record.duration != first.duration {
        write_duration(record.duration, more);
    }
    more.push(b'}');
}

/// Writes what is known before an item ends, from its time on.
fn write_facts(request: &AuditedRequest<'_>, record: &AuditRecord, last: &mut Last, line: &mut Vec<u8>) {
    last.second.write_time(record.time, line);
    line.extend_from_slice(b"\",\"request\":");
    write_plain(request.name, line);
    write_optional("request_id", request.request_id, line);
    write_optional("client_correlation", request.client_correlation, line);
    line.extend_from_slice(b",\"item\":");
    write_number(record.item.into(), line);
    if let Some(asynchronous) = &record.asynchronous {
        write_key("asynchronous", line);
        write_plain(asynchronous, line);
    }
    line.extend_from_slice(last.caller.words(request));
    write_operation(record, line);
    write_objects(record, line);
    write_own(record, line);
}

fn write_operation(record: &AuditRecord, line: &mut Vec<u8>) {
    match (record.operation_name, record.operation) {
        (Some(name), _) => write_optional("operation", Some(name), line),
        (None, Some(operation)) => write_name("operation", operation, line),
        (None, None) => {}
    }
}

fn write_objects(record: &AuditRecord, line: &mut Vec<u8>) {
    line.extend_from_slice(b",\"objects\":[");
    for (position, object) in record.objects.iter().enumerate() {
        if position > 0 {
            line.push(b',');
        }
        write_text(object.as_str(), line);
    }
    line.push(b']');
}

/// Writes what few records say: of rights, and what the operation says of itself.
fn write_own(record: &AuditRecord, line: &mut Vec<u8>) {
    if let Some(rights) = &record.rights {
        write_rights(rights, line);
    }
    if !record.details.is_empty() {
        write_details(&record.details, line);
    }
}

/// Writes how an item failed, if it did, and of how many callers that is told.
fn write_end(record: &AuditRecord, line: &mut Vec<u8>) {
    if let Some(reason) = record.failure {
        line.extend_from_slice(b",\"result\":\"OperationFailed\"");
        write_name("reason", reason, line);
    }
    write_optional("refusal", record.refusal.as_deref(), line);
    if record.repeated != 1 {
        line.extend_from_slice(b",\"repeated\":");
        write_number(record.repeated.into(), line);
    }
}

fn write_duration(microseconds: u64, line: &mut Vec<u8>) {
    line.extend_from_slice(b",\"microseconds\":");
    write_number(microseconds, line);
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

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use claviger_kmip::tables::enumerations::{OperationCode, ResultReason};
    use claviger_plugin_sdk::authentication::Transport;
    use claviger_plugin_sdk::record::ObjectId;

    use super::*;

    const REQUEST: AuditedRequest<'static> = AuditedRequest {
        name: "5f-1",
        request_id: None,
        client_correlation: None,
        transport: Transport::Https,
        peer: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7))),
        store: None,
        user: Some("ann"),
        proven_by: Some("mtls"),
    };

    fn line_of(request: &AuditedRequest<'_>, record: &AuditRecord, last: &mut Last) -> String {
        let mut line = Vec::new();
        write_open(request, record, last, &mut line);
        line.push(b'}');
        String::from_utf8(line).unwrap()
    }

    fn line(record: &AuditRecord) -> String {
        line_of(&REQUEST, record, &mut Last::default())
    }

    fn record() -> AuditRecord {
        AuditRecord {
            operation: Some(OperationCode::ENCRYPT),
            operation_name: Some("Encrypt"),
            objects: vec![ObjectId::new("key-1").unwrap()],
            duration: 120,
            ..AuditRecord::at(1_709_164_800_007)
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
        let request = AuditedRequest {
            user: Some("a\"b\\c\nd\u{e9}"),
            request_id: Some("trace/1"),
            client_correlation: Some("\u{7}\""),
            store: Some("enc:7"),
            ..REQUEST
        };
        let record = AuditRecord {
            failure: Some(ResultReason::PERMISSION_DENIED),
            refusal: Some("refused by \"oidc\"".into()),
            repeated: 17,
            operation: None,
            operation_name: None,
            ..record()
        };
        let line = line_of(&request, &record, &mut Last::default());
        let parsed: serde_json::Value = serde_json::from_str(&line).unwrap();
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
    fn an_intent_is_an_event_without_a_result() {
        let mut line = Vec::new();
        write_intent(&REQUEST, &record(), &mut Last::default(), &mut line);
        let parsed: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!((&parsed["event"], &parsed["objects"][0]), (&"intent".into(), &"key-1".into()));
        assert_eq!((parsed.get("result"), parsed.get("microseconds")), (None, None));
    }

    #[test]
    fn what_one_record_says_of_its_caller_is_never_said_of_another() {
        let others = [
            AuditedRequest { transport: Transport::Socket, ..REQUEST },
            AuditedRequest { peer: None, ..REQUEST },
            AuditedRequest { peer: Some([192, 0, 2, 8].into()), ..REQUEST },
            AuditedRequest { store: Some("enc:7"), ..REQUEST },
            AuditedRequest { user: Some("bob"), ..REQUEST },
            AuditedRequest { user: None, ..REQUEST },
            AuditedRequest { proven_by: Some("oidc"), ..REQUEST },
            AuditedRequest { proven_by: None, ..REQUEST },
        ];
        let mut last = Last::default();
        for request in others.iter().flat_map(|other| [&REQUEST, &REQUEST, other, other, &REQUEST]) {
            let alone = line_of(request, &record(), &mut Last::default());
            assert_eq!(line_of(request, &record(), &mut last), alone);
        }
    }
}
