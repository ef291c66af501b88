//! The straight line: a symmetric key is created and used over REST JSON, kept in SQLite, and found after a restart.

use serde_json::{Value, json};

use crate::client::Client;
use crate::server_process::ServerProcess;

/// A request that creates an AES-256 key, as clients of the REST family send it.
pub(crate) fn create() -> Value {
    json!({"tag": "Create", "type": "Structure", "value": [
        {"tag": "ObjectType", "type": "Enumeration", "value": "SymmetricKey"},
        {"tag": "Attributes", "type": "Structure", "value": [
            {"tag": "CryptographicAlgorithm", "type": "Enumeration", "value": "AES"},
            {"tag": "CryptographicLength", "type": "Integer", "value": 256},
            {"tag": "CryptographicUsageMask", "type": "Integer", "value": 2108},
            {"tag": "KeyFormatType", "type": "Enumeration", "value": "TransparentSymmetricKey"},
            {"tag": "ObjectType", "type": "Enumeration", "value": "SymmetricKey"}]}]})
}

/// A field of an answer.
pub(crate) fn field<'a>(answer: &'a Value, tag: &str) -> &'a str {
    let fields = answer["value"].as_array().unwrap();
    fields.iter().find(|field| field["tag"] == tag).unwrap_or_else(|| panic!("{tag} in {answer}"))["value"]
        .as_str()
        .unwrap()
}

/// Creates a key and gives its identifier.
pub(crate) fn create_key(client: &mut Client) -> String {
    let answer = client.rest(&create());
    assert_eq!(answer["tag"], "CreateResponse");
    field(&answer, "UniqueIdentifier").to_owned()
}

/// A request that asks for one object.
pub(crate) fn about(operation: &str, id: &str, mut fields: Vec<Value>) -> Value {
    fields.insert(0, json!({"tag": "UniqueIdentifier", "type": "TextString", "value": id}));
    json!({"tag": operation, "type": "Structure", "value": fields})
}

fn bytes(tag: &str, hex: &str) -> Value {
    json!({"tag": tag, "type": "ByteString", "value": hex})
}

const PLAINTEXT: &str = "636C617669676572";

fn encrypt(client: &mut Client, id: &str) -> Value {
    client.rest(&about("Encrypt", id, vec![bytes("Data", PLAINTEXT)]))
}

fn decrypt(client: &mut Client, id: &str, encrypted: &Value) -> Value {
    let fields = ["Data", "IvCounterNonce", "AuthenticatedEncryptionTag"];
    client.rest(&about("Decrypt", id, fields.map(|tag| bytes(tag, field(encrypted, tag))).to_vec()))
}

#[test]
fn a_key_is_created_used_and_found_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = ServerProcess::start(folder.path(), &[]);
    let mut client = server.client();
    let id = create_key(&mut client);
    let encrypted = encrypt(&mut client, &id);
    assert_eq!(encrypted["tag"], "EncryptResponse");
    assert_ne!(field(&encrypted, "Data"), PLAINTEXT);
    assert_eq!(field(&decrypt(&mut client, &id, &encrypted), "Data"), PLAINTEXT);
    drop(client);
    server.signal("TERM");
    assert!(server.wait().success());

    let server = ServerProcess::start(folder.path(), &[]);
    assert_eq!(field(&decrypt(&mut server.client(), &id, &encrypted), "Data"), PLAINTEXT);
}

#[test]
fn the_log_has_no_secrets_however_much_is_logged() {
    const KEY: &str = "DEADBEEFDEADBEEFDEADBEEFDEADBEEF";
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &["--log-level", "trace"]);
    let mut client = server.client();
    let field = |tag: &str, kind: &str, value: Value| json!({"tag": tag, "type": kind, "value": value});
    let material = field("KeyMaterial", "Structure", json!([bytes("Key", KEY)]));
    let block = json!([
        field("KeyFormatType", "Enumeration", json!("TransparentSymmetricKey")),
        field("KeyValue", "Structure", json!([material])),
        field("CryptographicAlgorithm", "Enumeration", json!("AES")),
        field("CryptographicLength", "Integer", json!(128))
    ]);
    let object = field("Object", "Structure", json!([field("KeyBlock", "Structure", block)]));
    let kind = field("ObjectType", "Enumeration", json!("SymmetricKey"));
    client.rest(&about("Import", "k", vec![kind, field("Attributes", "Structure", json!([])), object]));
    encrypt(&mut client, "k");
    let got = client.rest(&about("Get", "k", Vec::new())).to_string();
    assert!(got.contains(KEY), "{got}");
    // What cannot be decrypted, and what cannot be read.
    for broken in
        [about("Decrypt", "k", vec![bytes("Data", PLAINTEXT)]).to_string(), bytes("Data", KEY).to_string()]
    {
        assert_ne!(client.send("POST", "/kmip_2_1", &[], broken.as_bytes()).status, 200);
    }
    let log = server.log();
    assert!(log.contains("request answered") && log.contains("item failed"), "{log}");
    let listed = |hex: &str| {
        let bytes = hex
            .as_bytes()
            .chunks(2)
            .map(|digits| u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap().to_string());
        bytes.collect::<Vec<_>>().join(", ")
    };
    for secret in [KEY, PLAINTEXT] {
        for form in [secret.to_owned(), secret.to_lowercase(), listed(secret)] {
            assert!(!log.contains(&form), "{form} in {log}");
        }
    }
}

#[test]
fn every_item_and_every_unreadable_request_leaves_an_audit_record_without_material() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = ServerProcess::start(folder.path(), &[]);
    let mut client = server.client();
    let id = create_key(&mut client);
    encrypt(&mut client, &id);
    for (path, content_type, body) in [
        ("/kmip_2_1", "application/json", "{"),
        ("/kmip", "text/xml", "<RequestMessage>"),
        ("/access/grant", "application/json", "[]"),
    ] {
        client.send("POST", path, &[&format!("content-type: {content_type}")], body.as_bytes());
    }
    drop(client);
    server.signal("TERM");
    server.wait();
    let text = std::fs::read_to_string(folder.path().join("audit.jsonl")).unwrap();
    assert!(!text.contains(PLAINTEXT));
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let records: Vec<Value> = lines.filter(|line| line.get("event").is_none()).collect();
    let told: Vec<_> =
        records.iter().map(|record| (&record["operation"], &record["user"], &record["objects"][0])).collect();
    assert_eq!(
        told,
        [
            (&json!("Create"), &json!("admin"), &json!(id)),
            (&json!("Encrypt"), &json!("admin"), &json!(id)),
            (&json!(null), &json!("admin"), &json!(null)),
            (&json!(null), &json!("admin"), &json!(null)),
            (&json!(null), &json!("admin"), &json!(null)),
        ]
    );
    let reasons: Vec<_> = records.iter().skip(2).map(|record| &record["reason"]).collect();
    assert_eq!(reasons, ["CodecError", "CodecError", "InvalidMessage"]);
}
