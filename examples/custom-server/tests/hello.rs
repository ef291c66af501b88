//! The plugin in a custom build, as an operator and a client see it.

#![allow(clippy::unwrap_used)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use xtask::running_server::{RunningServer, ServerStart};

const SERVER: &str = env!("CARGO_BIN_EXE_custom-server");

fn start(folder: &Path) -> RunningServer {
    ServerStart { binary: Path::new(SERVER), folder, certificates: None, flags: &[] }.run().unwrap()
}

/// Posts JSON and gives the status and the answer.
fn post(server: &RunningServer, path: &str, request: &Value) -> (u16, Value) {
    let body = request.to_string();
    let mut connection = TcpStream::connect(server.http()).unwrap();
    write!(
        connection,
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned())))
}

fn item(tag: &str, item_type: &str, value: Value) -> Value {
    json!({"tag": tag, "type": item_type, "value": value})
}

/// A structure; its type is implied in the JSON of OASIS.
fn structure(tag: &str, fields: Vec<Value>) -> Value {
    json!({"tag": tag, "value": fields})
}

/// A KMIP 2.1 message of operations by name.
fn message(operations: Vec<(&str, Vec<Value>)>) -> Value {
    let header = structure(
        "RequestHeader",
        vec![
            structure(
                "ProtocolVersion",
                vec![
                    item("ProtocolVersionMajor", "Integer", json!(2)),
                    item("ProtocolVersionMinor", "Integer", json!(1)),
                ],
            ),
            item("BatchCount", "Integer", json!(operations.len())),
        ],
    );
    let items = operations.into_iter().enumerate().map(|(number, (operation, payload))| {
        structure(
            "BatchItem",
            vec![
                item("Operation", "Enumeration", json!(operation)),
                item("UniqueBatchItemID", "ByteString", json!(format!("{number:02x}"))),
                structure("RequestPayload", payload),
            ],
        )
    });
    structure("RequestMessage", std::iter::once(header).chain(items).collect())
}

fn attributes(tag: &str) -> Value {
    structure(
        "Attributes",
        vec![
            item("CryptographicAlgorithm", "Enumeration", json!("AES")),
            item("CryptographicLength", "Integer", json!(256)),
            item("CryptographicUsageMask", "Integer", json!("Encrypt|Decrypt")),
            structure(
                "Attribute",
                vec![
                    item("VendorIdentification", "TextString", json!("cosmian")),
                    item("AttributeName", "TextString", json!("tag")),
                    item("AttributeValue", "TextString", json!(format!("[\"{tag}\"]"))),
                ],
            ),
        ],
    )
}

fn create(tag: &str) -> (&'static str, Vec<Value>) {
    ("Create", vec![item("ObjectType", "Enumeration", json!("SymmetricKey")), attributes(tag)])
}

#[test]
fn the_operation_is_called_by_name_over_json_and_sees_the_object_of_the_message() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path());
    let (status, answer) = post(&server, "/kmip", &message(vec![create("team:payments"), ("Hello", vec![])]));
    assert_eq!(status, 200);
    let text = answer.to_string();
    assert!(text.contains("Hello admin, this is a SymmetricKey in state PreActive"), "{answer:#}");
}

#[test]
fn the_operation_is_in_query() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path());
    let operations = item("QueryFunction", "Enumeration", json!("QueryOperations"));
    let (_, answer) = post(&server, "/kmip", &message(vec![("Query", vec![operations])]));
    // A value that the standard does not name is written as a number, which every client reads.
    assert!(answer.to_string().contains("\"0x80004e10\""), "{answer:#}");
}

#[test]
fn the_operation_is_a_bare_request_for_rest_clients_too() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path());
    let bare = |tag: &str, fields: Vec<Value>| json!({"tag": tag, "type": "Structure", "value": fields});
    let attributes = vec![
        item("CryptographicAlgorithm", "Enumeration", json!("AES")),
        item("CryptographicLength", "Integer", json!(256)),
        item("CryptographicUsageMask", "Integer", json!(12)),
    ];
    let create = vec![
        item("ObjectType", "Enumeration", json!("SymmetricKey")),
        item("Attributes", "Structure", json!(attributes)),
    ];
    let (status, created) = post(&server, "/kmip_2_1", &bare("Create", create));
    assert_eq!(status, 200, "{created}");
    let fields = created["value"].as_array().unwrap();
    let id = fields.iter().find(|field| field["tag"] == "UniqueIdentifier").unwrap();
    let (status, answer) = post(&server, "/kmip_2_1", &bare("Hello", vec![id.clone()]));
    assert_eq!(status, 200, "{answer}");
    assert!(answer.to_string().contains("this is a SymmetricKey in state Active"), "{answer}");
}

#[test]
fn the_tag_policy_decides_about_new_objects() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path());
    let (_, answer) = post(&server, "/kmip", &message(vec![create("team:Payments")]));
    assert!(answer.to_string().contains("write team: and lower-case letters"), "{answer:#}");
}

#[test]
fn the_plugin_is_in_the_list() {
    let output = Command::new(SERVER).args(["plugins", "list"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for line in ["claviger-hello 0.1.0 (Apache-2.0)", "  operation Hello", "  tag policy team"] {
        assert!(text.lines().any(|known| known.starts_with(line)), "{line} is missing in\n{text}");
    }
}

#[test]
fn the_cookbook_shows_these_sources() {
    let page = include_str!("../../../docs/cookbook/an-operation-of-your-own.md");
    assert!(page.contains(include_str!("../src/main.rs")));
    assert!(page.contains(include_str!("../../plugins/hello-library/src/lib.rs")));
}
