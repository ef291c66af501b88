//! `sqlite-enc`: a database for each group of users, opened by the token that `POST /new_database` gave.

use std::io::Write as _;
use std::path::Path;
use std::thread;

use claviger_kmip::codec::binary;
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::tables::enumerations::{OperationCode, ResultReason, ResultStatus};
use claviger_kmip::{Tag, Ttlv, Value};
use serde_json::json;

use crate::certificates::{connect, make, pem_settings};
use crate::client::{Answer, Client};
use crate::kmip_forms::{create as create_message, message, statuses};
use crate::sealing::key_file;
use crate::server_process::{ServerProcess, command};
use crate::symmetric_key::{about, create, field};
use crate::ttlv_socket;

const ENCRYPTED: &[&str] = &["--database-type", "sqlite-enc"];

fn server(arguments: &[&str]) -> (tempfile::TempDir, ServerProcess) {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), arguments);
    (folder, server)
}

fn start(folder: &Path, arguments: &[&str]) -> ServerProcess {
    ServerProcess::start(folder, &[ENCRYPTED, arguments].concat())
}

/// Has a database made, and gives its token.
fn new_database(client: &mut Client) -> String {
    let answer = client.send("POST", "/new_database", &[], b"");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.head.contains("content-type: application/json"), "{}", answer.head);
    assert!(answer.head.contains("cache-control: no-store"), "{}", answer.head);
    answer.json().as_str().unwrap().to_owned()
}

fn send(client: &mut Client, token: &str, request: &serde_json::Value) -> Answer {
    let header = format!("KmsDatabaseSecret: {token}");
    client.send("POST", "/kmip_2_1", &[&header], request.to_string().as_bytes())
}

fn rest(client: &mut Client, token: &str, request: &serde_json::Value) -> serde_json::Value {
    let answer = send(client, token, request);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn create_in(client: &mut Client, token: &str) -> String {
    field(&rest(client, token, &create()), "UniqueIdentifier").to_owned()
}

fn locate() -> serde_json::Value {
    let attributes = json!({"tag": "Attributes", "type": "Structure", "value": []});
    json!({"tag": "Locate", "type": "Structure", "value": [attributes]})
}

fn bytes_of(token: &str) -> Vec<u8> {
    serde_json::from_slice(&openssl::base64::decode_block(token).unwrap()).unwrap()
}

fn token_of(bytes: &[u8]) -> String {
    openssl::base64::encode_block(serde_json::to_string(bytes).unwrap().as_bytes())
}

/// The token with another key.
fn with_another_key(token: &str) -> String {
    let mut bytes = bytes_of(token);
    bytes[47] ^= 1;
    token_of(&bytes)
}

/// The token of a group that is not there.
fn of_another_group(token: &str) -> String {
    let mut bytes = bytes_of(token);
    bytes[0] ^= 1;
    token_of(&bytes)
}

#[test]
fn a_new_database_has_a_token_of_48_numbers_and_a_file_named_after_its_group() {
    let (folder, server) = server(&[]);
    let token = new_database(&mut server.client());
    let bytes = bytes_of(&token);
    assert_eq!(bytes.len(), 48);
    let group = u128::from_be_bytes(bytes[..16].try_into().unwrap());
    assert!(folder.path().join("sqlite-data").join(format!("{group}.sqlite")).is_file());
    assert_ne!(new_database(&mut server.client()), token);
}

#[test]
fn a_server_with_another_storage_makes_no_databases() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let mut client = server.client();
    let answer = client.send("POST", "/new_database", &[], b"");
    assert_eq!((answer.status, answer.body.len()), (404, 0));
    // A token is of no interest to it.
    create_in(&mut client, "anything");
}

#[test]
fn every_request_that_reaches_a_store_needs_the_token_and_others_do_not() {
    let (_folder, server) = server(&[]);
    let mut client = server.client();
    let token = new_database(&mut client);
    let id = create_in(&mut client, &token);
    let grant = json!({"unique_identifier": id, "user_id": "bob", "operation_type": "get"}).to_string();
    let get = about("Get", &id, Vec::new()).to_string();
    let list = format!("/access/list/{id}");
    let requests: [(&str, &str, &str); 7] = [
        ("POST", "/kmip_2_1", &get),
        ("POST", "/kmip/2_1", &get),
        ("POST", "/access/grant", &grant),
        ("GET", "/access/owned", ""),
        ("GET", "/access/obtained", ""),
        ("GET", &list, ""),
        ("POST", "/access/revoke", &grant),
    ];
    for (method, path, body) in requests {
        let mut status = |header: Option<String>| {
            let headers = ["content-type: application/json".to_owned()].into_iter();
            let headers: Vec<String> =
                headers.chain(header.map(|token| format!("KmsDatabaseSecret: {token}"))).collect();
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            let answer = client.send(method, path, &headers, body.as_bytes());
            (answer.status, answer.text())
        };
        let denied = |text: &str| (401, format!("Access denied: {text}"));
        assert_eq!(status(None), denied("Missing KmsDatabaseSecret header in the query"), "{path}");
        let undecodable = status(Some("bm8gdG9rZW4=".into()));
        assert_eq!(undecodable, denied("KmsDatabaseSecret header cannot be decoded"), "{path}");
        assert_eq!(
            status(Some("\u{e9}".into())),
            denied("KmsDatabaseSecret header cannot be read"),
            "{path}"
        );
        let wrong = (500, "Database secret is wrong".to_owned());
        assert_eq!(status(Some(with_another_key(&token))), wrong, "{path}");
        assert_eq!(status(Some(of_another_group(&token))), wrong, "{path}");
        assert_eq!(status(Some(token.clone())).0, 200, "{path}");
    }
    for path in ["/version", "/health/live", "/health/ready", "/metrics"] {
        assert_eq!(client.send("GET", path, &[], b"").status, 200, "{path}");
    }
    let secrets = [bytes_of(&token)[16..].iter().map(|byte| format!("{byte:02x}")).collect(), token];
    for secret in secrets {
        assert!(!server.log().contains(&secret));
    }
}

#[test]
fn an_oasis_client_brings_the_token_over_https_and_a_socket_has_no_place_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = make(folder.path());
    let settings = pem_settings(&certificates);
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let server = start(folder.path(), &settings);
    let mut client = Client::over(connect(server.http, &certificates, None, &["http/1.1"]));
    let token = new_database(&mut client);
    let kmip = |client: &mut Client, token: Option<&str>| -> Ttlv {
        let token = token.map(|token| format!("KmsDatabaseSecret: {token}"));
        let mut headers = vec!["content-type: application/octet-stream"];
        headers.extend(token.as_deref());
        let request = binary::encode(&message(vec![create_message()]));
        let answer = client.send("POST", "/kmip", &headers, &request);
        assert_eq!(answer.status, 200);
        binary::decode(&answer.body, &Limits::default()).unwrap()
    };
    assert_eq!(statuses(&kmip(&mut client, Some(&token))), [ResultStatus::SUCCESS]);
    for refused in [None, Some(&*with_another_key(&token)), Some("x")] {
        let answer = kmip(&mut client, refused);
        assert_eq!(reason(&answer), ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
    }
    let mut socket = connect(server.ttlv.unwrap(), &certificates, None, &[]);
    socket.write_all(&binary::encode(&message(vec![create_message()]))).unwrap();
    let answer = ttlv_socket::read(&mut socket).unwrap();
    assert_eq!(reason(&answer), ResultReason::FEATURE_NOT_SUPPORTED);
    let text = answer.children()[1].child(Tag::RESULT_MESSAGE).unwrap().value.clone();
    assert!(matches!(&text, Value::TextString(text) if text.contains("over HTTPS")), "{text:?}");
}

fn reason(answer: &Ttlv) -> ResultReason {
    match answer.children()[1].child(Tag::RESULT_REASON).unwrap().value {
        Value::Enumeration(code) => ResultReason(code),
        _ => panic!("{answer:?}"),
    }
}

#[test]
fn objects_of_one_database_are_unknown_in_another_also_when_they_are_remembered() {
    let (_folder, server) = server(&[]);
    let mut client = server.client();
    let (one, two) = (new_database(&mut client), new_database(&mut client));
    let id = create_in(&mut client, &one);
    let get = about("Get", &id, Vec::new());
    for _ in 0..3 {
        assert_eq!(send(&mut client, &one, &get).status, 200);
        let answer = send(&mut client, &two, &get);
        assert_eq!((answer.status, answer.text()), (422, format!("Item not found: {id}")));
    }
    let destroy = about("Destroy", &id, Vec::new());
    assert_eq!(send(&mut client, &two, &destroy).status, 422);
    let found = rest(&mut client, &two, &locate());
    assert!(!found.to_string().contains(&id));
    assert!(rest(&mut client, &one, &locate()).to_string().contains(&id));
}

fn import(id: &str, key: &str) -> serde_json::Value {
    let field =
        |tag: &str, kind: &str, value: serde_json::Value| json!({"tag": tag, "type": kind, "value": value});
    let bytes = field("Key", "ByteString", json!(key));
    let material = field("KeyMaterial", "Structure", json!([bytes]));
    let block = json!([
        field("KeyFormatType", "Enumeration", json!("TransparentSymmetricKey")),
        field("KeyValue", "Structure", json!([material])),
        field("CryptographicAlgorithm", "Enumeration", json!("AES")),
        field("CryptographicLength", "Integer", json!(256))
    ]);
    let object = field("Object", "Structure", json!([field("KeyBlock", "Structure", block)]));
    let kind = field("ObjectType", "Enumeration", json!("SymmetricKey"));
    about("Import", id, vec![kind, field("Attributes", "Structure", json!([])), object])
}

#[test]
fn one_identifier_is_a_different_key_in_each_database() {
    let (_folder, server) = server(&[]);
    let mut client = server.client();
    let keys = ["11".repeat(32), "22".repeat(32)];
    let databases = keys.map(|key| (new_database(&mut client), key));
    for (token, key) in &databases {
        rest(&mut client, token, &import("the-same", key));
    }
    let get = about("Get", "the-same", Vec::new());
    for _ in 0..3 {
        for (token, key) in &databases {
            assert!(rest(&mut client, token, &get).to_string().contains(key.as_str()));
        }
    }
}

#[test]
fn many_databases_are_used_at_once_with_few_open() {
    let (folder, server) = server(&["--sqlite-enc-open", "4"]);
    let tokens: Vec<String> = (0..12).map(|_| new_database(&mut server.client())).collect();
    thread::scope(|scope| {
        for tokens in tokens.chunks(4) {
            let server = &server;
            scope.spawn(move || {
                let mut client = server.client();
                for turn in 0..5 {
                    for token in tokens {
                        let id = create_in(&mut client, token);
                        let found = rest(&mut client, token, &locate()).to_string();
                        assert!(found.contains(&id));
                        assert_eq!(found.matches("\"TextString\"").count(), turn + 1, "{found}");
                    }
                }
            });
        }
    });
    let logs = std::fs::read_dir(folder.path().join("sqlite-data")).unwrap();
    let logs = logs.filter(|file| file.as_ref().unwrap().file_name().to_str().unwrap().ends_with("-wal"));
    assert!(logs.count() <= 4);
}

#[test]
fn a_database_outlives_its_closing_a_restart_and_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), &["--sqlite-enc-idle", "1"]);
    let mut client = server.client();
    let token = new_database(&mut client);
    let first = create_in(&mut client, &token);
    thread::sleep(std::time::Duration::from_millis(2500));
    let data = folder.path().join("sqlite-data");
    let logs = || {
        let files =
            std::fs::read_dir(&data).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        files.filter(|name| name.ends_with("-wal")).count()
    };
    assert_eq!(logs(), 0, "it is closed");
    let second = create_in(&mut client, &token);
    server.signal("KILL");
    drop(server);
    assert_eq!(logs(), 1);
    let server = start(folder.path(), &[]);
    let mut client = server.client();
    assert_eq!(send(&mut client, &with_another_key(&token), &locate()).status, 500);
    for id in [&first, &second] {
        rest(&mut client, &token, &about("Get", id, Vec::new()));
    }
    server.signal("TERM");
    let mut server = server;
    assert!(server.wait().success());
    drop(server);
    let server = start(folder.path(), &[]);
    let found = rest(&mut server.client(), &token, &locate()).to_string();
    assert!(found.contains(&first) && found.contains(&second));
}

#[test]
fn clearing_deletes_all_databases() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), &[]);
    let token = new_database(&mut server.client());
    create_in(&mut server.client(), &token);
    drop(server);
    let server = start(folder.path(), &["--clear-database"]);
    assert_eq!(send(&mut server.client(), &token, &locate()).status, 500);
    let token = new_database(&mut server.client());
    create_in(&mut server.client(), &token);
}

#[test]
fn only_so_many_databases_are_made_for_one_machine_in_an_hour() {
    let (folder, server) = server(&["--new-databases-per-hour", "2"]);
    let mut client = server.client();
    new_database(&mut client);
    new_database(&mut client);
    let answer = client.send("POST", "/new_database", &[], b"");
    assert_eq!(answer.status, 429);
    assert!(answer.head.contains("retry-after: 1"), "up to half an hour: {}", answer.head);
    let files = std::fs::read_dir(folder.path().join("sqlite-data")).unwrap();
    let made = files.filter(|file| {
        let name = file.as_ref().unwrap().file_name().into_string().unwrap();
        name.starts_with(|first: char| first.is_ascii_digit()) && name.ends_with(".sqlite")
    });
    assert_eq!(made.count(), 2);
}

#[test]
fn an_operator_can_have_no_more_databases_made() {
    let (_folder, server) = server(&["--new-databases-per-hour", "0"]);
    let mut client = server.client();
    assert_eq!(client.send("POST", "/new_database", &[], b"").status, 403);
    assert_eq!(client.send("GET", "/new_database", &[], b"").status, 405);
}

#[test]
fn a_database_is_made_for_users_who_prove_who_they_are_each_so_often() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = make(folder.path());
    std::fs::write(folder.path().join("credentials.toml"), "").unwrap();
    let authority = certificates.authority().display().to_string();
    let credentials = folder.path().join("credentials.toml").display().to_string();
    let of_tls = pem_settings(&certificates);
    let mut mtls: Vec<&str> = of_tls.iter().map(String::as_str).collect();
    mtls.extend(["--authority-cert-file", &authority, "--new-databases-per-hour", "1"]);
    let mut server = start(folder.path(), &mtls);
    let http = server.http;
    let client = |user| Client::over(connect(http, &certificates, user, &["http/1.1"]));
    let status = |user| client(user).try_send("POST", "/new_database", &[], b"").map(|answer| answer.status);
    assert_eq!(status(None), None, "without a certificate there is no connection");
    assert_eq!([status(Some("alice")), status(Some("alice"))], [Some(200), Some(429)]);
    assert_eq!(status(Some("bob")), Some(200), "others have their own");
    // Audit lines are written in batches, the last one at the end.
    server.signal("TERM");
    server.wait();
    let audit = std::fs::read_to_string(folder.path().join("audit.jsonl")).unwrap();
    let made: Vec<_> = audit.lines().filter(|line| line.contains("\"operation\":\"NewDatabase\"")).collect();
    assert_eq!(made.len(), 2);
    assert!(
        made[0].contains("\"user\":\"alice\"") && made[0].contains("\"result\":\"Success\""),
        "{}",
        made[0]
    );
    drop(server);

    // Who calls is left to the credentials of messages, for which this request has no place.
    let mut by_message: Vec<&str> = of_tls.iter().map(String::as_str).collect();
    by_message.extend(["--credentials-file", &credentials, "--new-databases-per-hour", "1"]);
    let server = start(folder.path(), &by_message);
    let mut client = Client::over(connect(server.http, &certificates, None, &["http/1.1"]));
    for _ in 0..2 {
        let answer = client.send("POST", "/new_database", &[], b"");
        assert_eq!((answer.status, answer.body.len()), (401, 0), "a refusal counts for nothing");
    }
}

#[test]
fn a_server_that_lost_its_key_writes_nothing_into_a_sealed_database() {
    let folder = tempfile::tempdir().unwrap();
    let key = key_file(folder.path(), "server.key", [7; 32]);
    let server = start(folder.path(), &["--server-key-file", &key]);
    let (sealed, mut client) = (new_database(&mut server.client()), server.client());
    let id = create_in(&mut client, &sealed);
    drop(server);
    let server = start(folder.path(), &[]);
    let mut client = server.client();
    for request in [create(), about("Get", &id, Vec::new())] {
        let answer = send(&mut client, &sealed, &request);
        assert!(answer.text().contains("a server key that this server was not given"), "{}", answer.text());
    }
    let plain = new_database(&mut client);
    create_in(&mut client, &plain);
    drop(server);
    let server = start(folder.path(), &["--server-key-file", &key]);
    let found = rest(&mut server.client(), &sealed, &about("Get", &id, Vec::new()));
    assert_eq!(field(&found, "UniqueIdentifier"), id);
    let all = rest(&mut server.client(), &sealed, &locate()).to_string();
    assert!(all.contains(r#""LocatedItems","type":"Integer","value":1}"#), "{all}");
}

#[test]
fn nothing_of_a_key_is_in_the_files_or_the_log() {
    let (folder, server) = server(&["--log-level", "debug"]);
    let mut client = server.client();
    let token = new_database(&mut client);
    let key = "4D41524B45442D4B45592D42595445532D4F462D33322D4C4554544552532121";
    rest(&mut client, &token, &import("MARKED-IDENTIFIER", key));
    let get = about("Get", "MARKED-IDENTIFIER", Vec::new());
    assert!(rest(&mut client, &token, &get).to_string().contains(key));
    let markers: [&[u8]; 4] =
        [b"MARKED-IDENTIFIER", b"MARKED-KEY-BYTES-OF-32-LETTERS!!", key.as_bytes(), token.as_bytes()];
    let mut looked_at = 0;
    for file in std::fs::read_dir(folder.path().join("sqlite-data")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        looked_at += 1;
        for marker in markers {
            assert!(!bytes.windows(marker.len()).any(|window| window == marker));
        }
    }
    assert!(looked_at >= 4, "a database, its log and its index, and the lock file");
    let log = server.log();
    for marker in &markers[1..] {
        assert!(!log.contains(std::str::from_utf8(marker).unwrap()));
    }
}

#[test]
fn an_asynchronous_request_is_processed_while_its_database_is_open() {
    let (_folder, server) = server(&[]);
    let mut client = server.client();
    let (one, two) = (new_database(&mut client), new_database(&mut client));
    let mut request = message(vec![create_message()]);
    if let Value::Structure(parts) = &mut request.value
        && let Value::Structure(header) = &mut parts[0].value
    {
        header.insert(1, Ttlv::new(Tag::ASYNCHRONOUS_INDICATOR, Value::Enumeration(1)));
    }
    let mut kmip = |token: &str, request: &Ttlv| -> Ttlv {
        let header = format!("KmsDatabaseSecret: {token}");
        let headers = ["content-type: application/octet-stream", &header];
        let answer = client.send("POST", "/kmip", &headers, &binary::encode(request));
        binary::decode(&answer.body, &Limits::default()).unwrap()
    };
    let answer = kmip(&one, &request);
    assert_eq!(statuses(&answer), [ResultStatus::OPERATION_PENDING]);
    let correlation = answer.children()[1].child(Tag::ASYNCHRONOUS_CORRELATION_VALUE).unwrap().clone();
    let poll = message(vec![(OperationCode::POLL, vec![correlation])]);
    assert_eq!(reason(&kmip(&two, &poll)), ResultReason::INVALID_ASYNCHRONOUS_CORRELATION_VALUE);
    let made = |answer: &Ttlv| {
        let payload = answer.children()[1].child(Tag::RESPONSE_PAYLOAD).unwrap();
        payload.children().iter().filter(|field| field.tag == Tag::UNIQUE_IDENTIFIER).count()
    };
    let locate = message(vec![(OperationCode::LOCATE, Vec::new())]);
    let begun = std::time::Instant::now();
    while made(&kmip(&one, &locate)) == 0 {
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "nobody processes the request");
        thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(made(&kmip(&two, &locate)), 0);
    assert_eq!(statuses(&kmip(&one, &poll)), [ResultStatus::SUCCESS]);
}

#[test]
fn clients_that_are_configured_to_be_told_need_a_store_of_the_servers_own() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = make(folder.path());
    let mut settings = pem_settings(&certificates);
    settings.extend(["--authority-cert-file".into(), certificates.authority().display().to_string()]);
    settings.extend(["--client-endpoints".into(), "ann=localhost:5696".into()]);
    let output = command(folder.path()).args(ENCRYPTED).args(&settings).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && error.contains("sqlite-enc, and the server has none"), "{error}");
}

/// Runs `claviger-server db` for the database of a token.
fn db(folder: &Path, token: &str, arguments: &[&str]) -> Result<String, String> {
    offline(folder, token, &[&["db"], arguments].concat())
}

/// What a command says that works on the database of a token.
fn offline(folder: &Path, token: &str, arguments: &[&str]) -> Result<String, String> {
    // As the answer of /new_database has it.
    std::fs::write(folder.join("token"), format!("\"{token}\"\n")).unwrap();
    let mut command = command(folder);
    command.env("KMS_DATABASE_TYPE", "sqlite-enc").env("KMS_DATABASE_SECRET", "@token");
    let output = command.args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

#[test]
fn who_may_do_what_is_explained_from_the_database_of_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), &[]);
    let mut client = server.client();
    let (one, two) = (new_database(&mut client), new_database(&mut client));
    let id = create_in(&mut client, &one);
    let explain = |token: &str| offline(folder.path(), token, &["access", "explain", "admin", "Get", &id]);
    assert!(explain(&one).unwrap().contains(&format!("admin may Get {id}")));
    assert!(explain(&two).unwrap_err().contains(&format!("there is no object {id}")));
    let unnamed = command(folder.path())
        .args(["--database-type", "sqlite-enc", "access", "explain", "admin", "Get", &id])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&unnamed.stderr).into_owned();
    assert!(!unnamed.status.success() && told.contains("--database-secret"), "{told}");
}

#[test]
fn whoever_has_the_token_backs_up_checks_restores_and_copies_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), &[]);
    let mut client = server.client();
    let tokens = [(); 4].map(|()| new_database(&mut client));
    let [full, other, restored, copied] = &tokens;
    let id = create_in(&mut client, full);
    let others = create_in(&mut client, other);
    let get = about("Get", &id, Vec::new());
    let key = rest(&mut client, full, &get);
    let backup = folder.path().join("group.backup");
    let backup = backup.to_str().unwrap();
    // While the server runs.
    db(folder.path(), full, &["backup", backup, "--plaintext"]).unwrap();
    db(folder.path(), full, &["check"]).unwrap();
    let wrong = db(folder.path(), &with_another_key(full), &["check"]).unwrap_err();
    assert!(wrong.contains("Database secret is wrong"), "{wrong}");
    drop(server);
    db(folder.path(), restored, &["restore", backup, "--plaintext"]).unwrap();
    db(folder.path(), full, &["copy", "--to-database-secret", copied]).unwrap();
    // A database that has something is emptied alone.
    db(folder.path(), copied, &["restore", backup, "--plaintext"]).unwrap_err();
    db(folder.path(), copied, &["restore", backup, "--plaintext", "--clear-database"]).unwrap();
    let server = start(folder.path(), &[]);
    let mut client = server.client();
    for token in [full, restored, copied] {
        assert_eq!(rest(&mut client, token, &get), key);
    }
    rest(&mut client, other, &about("Get", &others, Vec::new()));
}
