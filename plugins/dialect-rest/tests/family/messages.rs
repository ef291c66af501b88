//! Messages of several items.

use serde_json::{Value, json};

use crate::requests::{about, at, bytes, create, name, structure, text_at};
use crate::server::Server;

fn integer(tag: &str, value: usize) -> Value {
    json!({"tag": tag, "type": "Integer", "value": value})
}

/// A message of these requests, with these further fields in its header.
fn message(header: Vec<Value>, requests: Vec<Value>) -> Value {
    let version = structure(
        "ProtocolVersion",
        vec![integer("ProtocolVersionMajor", 2), integer("ProtocolVersionMinor", 1)],
    );
    let count = integer("BatchCount", requests.len());
    let header = [vec![version, count], header].concat();
    let item = |mut request: Value| {
        let operation = name("Operation", request["tag"].as_str().unwrap());
        request["tag"] = "RequestPayload".into();
        structure("Items", vec![operation, request])
    };
    let items = requests.into_iter().map(item).collect();
    structure("Message", vec![structure("Header", header), structure("Items", items)])
}

/// What became of the items.
fn outcomes(answer: &Value) -> Vec<(String, Option<String>)> {
    assert_eq!(answer["tag"], "Message");
    let items = at(answer, &["Items"]).unwrap()["value"].as_array().unwrap();
    let reason =
        |item: &Value| at(item, &["ResultReason"]).map(|reason| reason["value"].as_str().unwrap().into());
    items.iter().map(|item| (text_at(item, &["ResultStatus"]), reason(item))).collect()
}

fn success() -> (String, Option<String>) {
    ("Success".into(), None)
}

fn failure(reason: &str) -> (String, Option<String>) {
    ("OperationFailed".into(), Some(reason.into()))
}

#[tokio::test]
async fn the_items_after_one_that_fails_are_run() {
    let server = Server::new();
    let id = text_at(&server.post("ann", &create(true, "[]")).await.json(), &["UniqueIdentifier"]);
    let requests = vec![
        create(true, "[]"),
        about("Get", "absent", vec![]),
        about("Decrypt", &id, vec![bytes("Data", "00")]),
        about("Encrypt", &id, vec![bytes("Data", "00")]),
    ];
    let answer = server.post("ann", &message(Vec::new(), requests)).await.json();
    assert_eq!(at(&answer, &["Header", "BatchCount"]).unwrap()["value"], 4);
    let expected = [success(), failure("Object_Not_Found"), failure("Operation_Not_Supported"), success()];
    assert_eq!(outcomes(&answer), expected, "{answer}");
}

#[tokio::test]
async fn a_message_that_says_stop_ends_with_the_item_that_fails() {
    let server = Server::new();
    let requests = vec![create(true, "[]"), about("Get", "absent", vec![]), create(true, "[]")];
    let stop = name("BatchErrorContinuationOption", "Stop");
    let answer = server.post("ann", &message(vec![stop], requests)).await.json();
    assert_eq!(outcomes(&answer), [success(), failure("Object_Not_Found")], "{answer}");
}
