//! Nothing that a store in Redis keeps can be read in its files.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};
use xtask::services::{OwnService, Redis, Safety};

use crate::server_process::{ServerProcess, bare_command, command};
use crate::symmetric_key::{about, field};

const PASSWORD: &str = "a master password";
const KEY: &[u8; 32] = b"MarkedKeyBytesThatNobodyMaySee!!";
const IDENTIFIER: &str = "marked-identifier";
const TAG: &str = "marked-tag";
const NAME: &str = "marked-name";
const OWNER: &str = "marked-owner";
const GRANTEE: &str = "marked-grantee";

#[test]
fn a_key_in_redis_is_used_after_a_restart_and_nothing_of_it_is_readable_in_the_files_or_the_log() {
    let listed = bare_command().args(["plugins", "list"]).output().unwrap();
    if !String::from_utf8(listed.stdout).unwrap().contains("store redis-findex") {
        eprintln!("skipped: this build of the server has no store redis-findex");
        return;
    }
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // Redis may run under another account.
    fs::set_permissions(data.path(), fs::Permissions::from_mode(0o711)).unwrap();
    let Some(mut redis) = OwnService::start_below(data.path(), Box::new(Redis), Safety::PowerLoss).unwrap()
    else {
        return;
    };
    let url = redis.url();
    let start = || {
        let mut command = command(folder.path());
        command.env("KMS_REDIS_MASTER_PASSWORD", PASSWORD);
        command.args(["--database-type", "redis-findex", "--database-url", &url]);
        command.args(["--default-username", OWNER]);
        ServerProcess::spawn(command)
    };
    let mut server = start();
    let mut client = server.client();
    client.rest(&import());
    let grant = json!({"unique_identifier": IDENTIFIER, "user_id": GRANTEE, "operation_types": ["get"]});
    let granted = client.send(
        "POST",
        "/access/grant",
        &["content-type: application/json"],
        grant.to_string().as_bytes(),
    );
    assert_eq!(granted.status, 200);
    let encrypted = client.rest(&about("Encrypt", &format!("[\"{TAG}\"]"), vec![bytes("Data", b"claviger")]));

    // Redis restarts below a running server, and then the server.
    redis.crash().unwrap();
    redis.restart().unwrap();
    let found = client.rest(&json!({"tag": "Locate", "type": "Structure", "value": [
        {"tag": "Attributes", "type": "Structure", "value": [tags()]}]}));
    assert!(found.to_string().contains(IDENTIFIER), "{found}");
    drop(client);
    server.signal("TERM");
    assert!(server.wait().success());
    let log = server.log();
    let server = start();
    let parts = ["Data", "IvCounterNonce", "AuthenticatedEncryptionTag"];
    let parts = parts.map(|tag| json!({"tag": tag, "type": "ByteString", "value": field(&encrypted, tag)}));
    let decrypted = server.client().rest(&about("Decrypt", IDENTIFIER, parts.to_vec()));
    assert_eq!(field(&decrypted, "Data"), hex(b"claviger"));

    let port = redis.port();
    for (request, answer) in [("CONFIG SET rdbcompression no", "+OK"), ("SAVE", "+OK")] {
        assert!(ask(port, request).starts_with(answer), "{request}");
    }
    let files = contents(data.path());
    assert!(files.iter().any(|(name, _)| name.ends_with(".rdb")), "a dump is among the files");
    assert!(files.iter().any(|(name, bytes)| name.ends_with(".aof") && !bytes.is_empty()), "and the changes");
    let log = log + &server.log();
    let markers = [KEY.as_slice(), IDENTIFIER.as_bytes(), TAG.as_bytes(), NAME.as_bytes(), OWNER.as_bytes()];
    for marker in markers.into_iter().chain([GRANTEE.as_bytes(), PASSWORD.as_bytes()]) {
        let shown = String::from_utf8_lossy(marker);
        for (name, bytes) in &files {
            assert!(!has(bytes, marker) && !has(bytes, hex(marker).as_bytes()), "{shown} in {name}");
        }
        assert!(
            !has(log.as_bytes(), marker) && !has(log.as_bytes(), hex(marker).as_bytes()),
            "{shown} in {log}"
        );
    }
}

/// A key with markers wherever there is text or bytes.
fn import() -> Value {
    let structure = |tag: &str, value: Vec<Value>| json!({"tag": tag, "type": "Structure", "value": value});
    let enumeration = |tag: &str, value: &str| json!({"tag": tag, "type": "Enumeration", "value": value});
    let material = structure("KeyMaterial", vec![bytes("Key", KEY)]);
    let length = json!({"tag": "CryptographicLength", "type": "Integer", "value": 256});
    let block = structure(
        "KeyBlock",
        vec![
            enumeration("KeyFormatType", "TransparentSymmetricKey"),
            structure("KeyValue", vec![material]),
            enumeration("CryptographicAlgorithm", "AES"),
            length,
        ],
    );
    let name = structure(
        "Name",
        vec![
            json!({"tag": "NameValue", "type": "TextString", "value": NAME}),
            enumeration("NameType", "UninterpretedTextString"),
        ],
    );
    let attributes = structure("Attributes", vec![name, tags()]);
    let kind = enumeration("ObjectType", "SymmetricKey");
    about("Import", IDENTIFIER, vec![kind, attributes, structure("Object", vec![block])])
}

/// The tag, as clients of the REST family send it.
fn tags() -> Value {
    json!({"tag": "VendorAttributes", "type": "Structure", "value": [
        {"tag": "VendorAttributes", "type": "Structure", "value": [
            {"tag": "VendorIdentification", "type": "TextString", "value": "cosmian"},
            {"tag": "AttributeName", "type": "TextString", "value": "tag"},
            bytes("AttributeValue", format!("[\"{TAG}\"]").as_bytes())]}]})
}

fn bytes(tag: &str, bytes: &[u8]) -> Value {
    json!({"tag": tag, "type": "ByteString", "value": hex(bytes)})
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn has(bytes: &[u8], marker: &[u8]) -> bool {
    bytes.windows(marker.len()).any(|window| window == marker)
}

/// Asks Redis in its form for people.
fn ask(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(format!("{request}\r\n").as_bytes()).unwrap();
    let mut answer = [0; 256];
    let length = stream.read(&mut answer).unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

/// Every file below a folder.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            let name = path.display().to_string();
            if path.is_dir() { contents(&path) } else { vec![(name, fs::read(&path).unwrap_or_default())] }
        })
        .collect()
}
