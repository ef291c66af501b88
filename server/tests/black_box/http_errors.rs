//! What HTTP clients get when something is wrong, and the paths beside KMIP.

use std::io::Write as _;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::audit::wait_for;
use crate::client::{Client, tcp};
use crate::server_process::ServerProcess;
use crate::symmetric_key::{about, create, create_key};

const JSON: &[&str] = &["content-type: application/json"];

fn server(arguments: &[&str]) -> (tempfile::TempDir, ServerProcess) {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), arguments);
    (folder, server)
}

#[test]
fn an_unknown_path_is_404_with_an_empty_body() {
    let (_folder, server) = server(&[]);
    let answer = server.client().send("GET", "/nowhere", &[], b"");
    assert_eq!((answer.status, answer.body.len()), (404, 0));
}

#[test]
fn a_known_path_with_another_method_is_405_and_names_the_right_one() {
    let (_folder, server) = server(&[]);
    let mut client = server.client();
    for (method, path, allowed) in
        [("GET", "/kmip_2_1", "post"), ("PUT", "/kmip", "post"), ("POST", "/version", "get, head")]
    {
        let answer = client.send(method, path, &[], b"");
        assert_eq!(answer.status, 405, "{path}");
        assert!(answer.head.contains(&format!("allow: {allowed}")), "{}", answer.head);
    }
}

#[test]
fn a_body_that_is_announced_too_long_is_413_before_it_is_sent() {
    let (_folder, server) = server(&["--max-body-size", "2048"]);
    let mut client = server.client();
    client.send_raw(b"POST /kmip_2_1 HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2049\r\n\r\n");
    let answer = client.read_answer(false).unwrap();
    assert_eq!(answer.status, 413);
    assert!(answer.text().contains("2048 bytes"), "{}", answer.text());
}

#[test]
fn who_shows_a_wrong_token_is_refused_before_the_body_is_sent() {
    // Nobody has to be asked to see that this is no token.
    let (_folder, server) = server(&["--jwt-issuer-uri", "http://127.0.0.1:9", "--jwt-audience", "kms"]);
    for path in ["/kmip_2_1", "/kmip", "/access/grant"] {
        let (mut client, begin) = (server.client(), Instant::now());
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer guess\r\n\
             content-type: application/octet-stream\r\ncontent-length: 1000\r\n\r\n"
        );
        client.send_raw(head.as_bytes());
        assert_eq!(client.read_answer(false).unwrap().status, 401, "{path}");
        // A body is waited for for half a minute.
        assert!(begin.elapsed() < Duration::from_secs(15), "{path}: {:?}", begin.elapsed());
    }
}

#[test]
fn a_body_that_grows_too_long_is_413_while_it_is_sent() {
    let (_folder, server) = server(&["--max-body-size", "2048"]);
    let mut client = server.client();
    client.send_raw(b"POST /kmip_2_1 HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n");
    for _ in 0..3 {
        client.send_raw(format!("400\r\n{}\r\n", "x".repeat(0x400)).as_bytes());
    }
    assert_eq!(client.read_answer(false).unwrap().status, 413);
}

#[test]
fn a_body_in_many_pieces_is_read_as_one() {
    let (_folder, server) = server(&[]);
    let mut stream = tcp(server.http);
    let body = create().to_string();
    stream
        .write_all(b"POST /kmip/2_1 HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n")
        .unwrap();
    for piece in body.as_bytes().chunks(100) {
        stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).unwrap();
        stream.write_all(piece).unwrap();
        stream.write_all(b"\r\n").unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    let answer = Client::over(stream).read_answer(false).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn rest_errors_are_a_status_and_a_text() {
    let (_folder, server) = server(&[]);
    let mut client = server.client();
    let unknown_operation = json!({"tag": "Foo", "type": "Structure", "value": []});
    let absent = about("Get", "absent", Vec::new());
    for (request, status, beginning) in [
        ("{".to_owned(), 422, "Not Supported: this server doesn't support JWE encryption"),
        (unknown_operation.to_string(), 404, "Not Supported route: Operation: "),
        (absent.to_string(), 422, "Item not found: "),
    ] {
        let answer = client.send("POST", "/kmip_2_1", JSON, request.as_bytes());
        assert_eq!(answer.status, status, "{request}: {}", answer.text());
        assert!(answer.head.contains("content-type: text/html; charset=utf-8"), "{}", answer.head);
        assert!(answer.text().starts_with(beginning), "{}", answer.text());
    }
}

#[test]
fn an_answer_of_the_rest_family_is_no_request() {
    let (_folder, server) = server(&[]);
    let mut client = server.client();
    let id = create_key(&mut client);
    let answer = about("GetResponse", &id, Vec::new()).to_string();
    let answer = client.send("POST", "/kmip_2_1", JSON, answer.as_bytes());
    assert_eq!((answer.status, answer.text().as_str()), (404, "Not Supported route: Operation: GetResponse"));
}

/// A `Message` of the REST family with this minor version of KMIP 1 or 2, and an item if it is whole.
fn rest_message(major: u32, minor: u32, is_whole: bool) -> String {
    let integer = |tag: &str, value: u32| json!({"tag": tag, "type": "Integer", "value": value});
    let structure = |tag: &str, value| json!({"tag": tag, "type": "Structure", "value": value});
    let version = json!([integer("ProtocolVersionMajor", major), integer("ProtocolVersionMinor", minor)]);
    let header = json!([structure("ProtocolVersion", version), integer("BatchCount", 1)]);
    let mut payload = create();
    payload["tag"] = "RequestPayload".into();
    let operation = json!({"tag": "Operation", "type": "Enumeration", "value": "Create"});
    let item = if is_whole { json!([operation, payload]) } else { json!([payload]) };
    let items = structure("Items", json!([structure("Items", item)]));
    structure("Message", json!([structure("Header", header), items])).to_string()
}

#[test]
fn a_rest_message_is_of_kmip_2_and_one_that_is_none_is_in_the_audit_log() {
    let (folder, server) = server(&[]);
    let mut client = server.client();
    let mut send = |message: String| client.send("POST", "/kmip_2_1", JSON, message.as_bytes());
    let whole = send(rest_message(2, 1, true));
    assert!(whole.status == 200 && whole.text().contains("Success"), "{}", whole.text());
    let old = send(rest_message(1, 4, true));
    assert_eq!(old.status, 422, "{}", old.text());
    assert!(old.text().contains("of KMIP 2.1, not of 1.4"), "{}", old.text());
    let refused = |reason| move |record: &serde_json::Value| record["reason"] == reason;
    wait_for(folder.path(), refused("UnsupportedProtocolVersion"));
    let broken = send(rest_message(2, 1, false));
    assert_eq!(broken.status, 422, "{}", broken.text());
    assert!(broken.text().contains("is required"), "{}", broken.text());
    let record = wait_for(folder.path(), |record| {
        record["result"] == "OperationFailed" && record["reason"] != "UnsupportedProtocolVersion"
    });
    assert_eq!((&record["user"], &record["operation"]), (&json!("admin"), &json!(null)));
}

#[test]
fn kmip_takes_three_content_types_and_no_other() {
    let (_folder, server) = server(&[]);
    let mut client = server.client();
    for content_type in ["text/plain", "application/xml"] {
        let answer = client.send("POST", "/kmip", &[&format!("content-type: {content_type}")], b"x");
        assert_eq!(answer.status, 415);
        assert!(answer.text().contains("application/json"), "{}", answer.text());
    }
    assert_eq!(client.send("POST", "/kmip", &[], b"x").status, 415);
}

#[test]
fn the_version_is_a_json_text() {
    let (_folder, server) = server(&[]);
    let answer = server.client().send("GET", "/version", &[], b"");
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("content-type: application/json"));
    assert_eq!(answer.json(), json!(env!("CARGO_PKG_VERSION")));
}

#[test]
fn health_and_metrics_tell_how_the_server_is() {
    let (_folder, server) = server(&[]);
    let mut client = server.client();
    create_key(&mut client);
    assert_eq!(client.send("GET", "/health/live", &[], b"").status, 200);
    assert_eq!(client.send("GET", "/health/ready", &[], b"").status, 200);
    let metrics = client.send("GET", "/metrics", &[], b"").text();
    assert!(
        metrics.contains("claviger_operations_total{operation=\"Create\",result=\"success\"} 1"),
        "{metrics}"
    );
}

#[test]
fn other_origins_are_told_nothing_unless_they_are_configured() {
    let question: &[&str] = &["origin: https://a.example", "access-control-request-method: POST"];
    let (_folder, closed) = server(&[]);
    let answer = closed.client().send("OPTIONS", "/kmip_2_1", question, b"");
    assert_eq!(answer.status, 405);
    assert!(!answer.head.contains("access-control"), "{}", answer.head);
    let body = create().to_string();
    let posted = closed.client().send("POST", "/kmip_2_1", &["origin: https://a.example"], body.as_bytes());
    assert_eq!(posted.status, 403, "a page's form needs no question beforehand");

    let (_folder, open) = server(&["--cors-origin", "https://a.example"]);
    let mut client = open.client();
    let answer = client.send("OPTIONS", "/kmip_2_1", question, b"");
    assert_eq!(answer.status, 204);
    assert!(answer.head.contains("access-control-allow-origin: https://a.example"), "{}", answer.head);
    let answer = client.send("GET", "/version", &["origin: https://b.example"], b"");
    assert!(!answer.head.contains("access-control"), "{}", answer.head);
}

#[test]
fn a_browser_runs_nothing_of_what_an_error_repeats() {
    let (_folder, server) = server(&[]);
    let answer = server.client().send("GET", "/access/list/%3Cscript%3Ealert(1)%3C%2Fscript%3E", &[], b"");
    assert!(answer.text().contains("<script>"), "{}", answer.text());
    assert!(answer.head.contains("content-security-policy: default-src 'none'; sandbox"), "{}", answer.head);
}
