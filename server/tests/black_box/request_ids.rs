//! What a request is called: in its answer, the log and audit.

use std::path::Path;

use serde_json::Value;

use crate::client::Answer;
use crate::server_process::ServerProcess;
use crate::symmetric_key::create;

const REQUEST_ID: &str = "x-request-id: ";

fn name(answer: &Answer) -> &str {
    answer.head.lines().find_map(|line| line.strip_prefix(REQUEST_ID)).unwrap()
}

/// The audit records of a server that has ended.
fn audit(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("audit.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn an_answer_has_the_name_that_the_request_came_with_and_audit_has_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = ServerProcess::start(folder.path(), &["--log-level", "debug"]);
    let mut client = server.client();
    let create = create().to_string();
    let given = client.send("POST", "/kmip_2_1", &["X-Request-Id: trace/7:a"], create.as_bytes());
    assert_eq!(name(&given), "trace/7:a");
    let made = client.send("POST", "/kmip_2_1", &[], create.as_bytes());
    let made = name(&made).to_owned();
    // What logs could not bear is not taken, whatever path it comes on.
    for path in ["/version", "/nowhere", "/health/live", "/metrics"] {
        let answer = client.send("GET", path, &["X-Request-Id: {\"user\":\"admin\"}"], b"");
        assert!(!name(&answer).contains("admin"), "{}", answer.head);
        assert_ne!(name(&answer), made);
    }
    server.signal("TERM");
    assert!(server.wait().success());
    let log = server.log();
    assert!(log.contains("trace/7:a") && log.contains(&made), "{log}");
    let mut records = audit(folder.path());
    records.retain(|record| record.get("operation").is_some());
    let [first, second] = &records[..] else { panic!("{records:?}") };
    assert_eq!(first["request_id"], "trace/7:a");
    assert_ne!(first["request"], "trace/7:a", "a client does not choose what the server calls a request");
    assert_eq!((second["request"].as_str(), second.get("request_id")), (Some(&*made), None));
}
