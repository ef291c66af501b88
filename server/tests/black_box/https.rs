//! HTTPS: both forms of certificates, client certificates, both versions of HTTP, and certificates that change.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use claviger_kmip::codec::binary;
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::tables::enumerations::ResultStatus;
use serde_json::json;
use xtask::certificates::Certificates;

use crate::certificates::{connect, make, make_pkcs12, pem_settings};
use crate::client::Client;
use crate::http2::Http2;
use crate::kmip_forms::{message, query, statuses};
use crate::server_process::ServerProcess;
use crate::symmetric_key::{about, create, create_key, field};

const JSON: &str = "application/json";

fn start(folder: &std::path::Path, settings: &[String]) -> ServerProcess {
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    ServerProcess::start(folder, &settings)
}

#[test]
fn https_works_with_pem_files() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = make(folder.path());
    let server = start(folder.path(), &pem_settings(&certificates));
    let mut client = Client::over(connect(server.http, &certificates, None, &["http/1.1"]));
    create_key(&mut client);
}

#[test]
fn https_works_with_a_pkcs12_file_and_a_password_from_a_file() {
    for arguments in [&[][..], &["-legacy"]] {
        let folder = tempfile::tempdir().unwrap();
        let certificates = make(folder.path());
        let file = make_pkcs12(&certificates, "geheim", arguments);
        std::fs::write(folder.path().join("password"), "geheim\n").unwrap();
        let settings = [
            "--https-p12-file".into(),
            file.display().to_string(),
            "--https-p12-password".into(),
            "@password".into(),
            "--ttlv=false".into(),
        ];
        let server = start(folder.path(), &settings);
        let mut client = Client::over(connect(server.http, &certificates, None, &[]));
        assert_eq!(client.send("GET", "/version", &[], b"").status, 200);
        assert!(!server.log().contains("geheim"));
        assert_eq!(server.ttlv, None);
    }
}

#[test]
fn users_are_told_apart_by_their_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = make(folder.path());
    let mut settings = pem_settings(&certificates);
    settings.extend(["--authority-cert-file".into(), certificates.authority().display().to_string()]);
    let server = start(folder.path(), &settings);
    let client = |user| Client::over(connect(server.http, &certificates, user, &["http/1.1"]));
    let id = create_key(&mut client(Some("alice")));
    let get = about("Get", &id, Vec::new()).to_string();
    let status =
        |user| client(user).try_send("POST", "/kmip_2_1", &[], get.as_bytes()).map(|answer| answer.status);
    assert_eq!(status(Some("alice")), Some(200));
    assert_eq!(status(Some("bob")), Some(422));
    assert_eq!(status(None), None, "without a certificate there is no connection");
}

#[test]
fn a_grant_for_get_implies_the_use_of_a_key_where_the_operator_says_so() {
    for (rights, expected) in [("exact", 422), ("get-implies-use", 200)] {
        let folder = tempfile::tempdir().unwrap();
        let certificates = make(folder.path());
        let mut settings = pem_settings(&certificates);
        settings.extend(["--authority-cert-file".into(), certificates.authority().display().to_string()]);
        settings.extend(["--implied-rights".into(), rights.into()]);
        let server = start(folder.path(), &settings);
        let client = |user| Client::over(connect(server.http, &certificates, Some(user), &["http/1.1"]));
        let id = create_key(&mut client("alice"));
        let grant =
            json!({"unique_identifier": id, "user_id": "bob", "operation_types": ["get"]}).to_string();
        let header = "content-type: application/json";
        let granted = client("alice").send("POST", "/access/grant", &[header], grant.as_bytes());
        assert_eq!(granted.status, 200, "{}", granted.text());
        let data = json!({"tag": "Data", "type": "ByteString", "value": "00"});
        let encrypt = about("Encrypt", &id, vec![data]).to_string();
        let answer = client("bob").send("POST", "/kmip_2_1", &[header], encrypt.as_bytes());
        assert_eq!(answer.status, expected, "{rights}: {}", answer.text());
    }
}

#[test]
fn http_2_works_with_tls_and_without() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = make(folder.path());
    let open = ServerProcess::start(folder.path(), &[]);
    assert_speaks(&Http2::open(open.http));
    drop(open);
    let closed = start(folder.path(), &pem_settings(&certificates));
    assert_speaks(&Http2::secured(closed.http, &certificates));
}

/// Asks for something on every kind of path.
fn assert_speaks(client: &Http2) {
    let ok = |(status, body): (u16, Vec<u8>)| {
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        body
    };
    let json = |body: Vec<u8>| serde_json::from_slice::<serde_json::Value>(&body).unwrap();
    let version = json(ok(client.send("GET", "/version", "", b"")));
    assert_eq!(version, env!("CARGO_PKG_VERSION"));

    let request = create().to_string();
    let created = json(ok(client.send("POST", "/kmip/2_1", JSON, request.as_bytes())));
    let id = field(&created, "UniqueIdentifier");
    let absent = about("Get", "absent", Vec::new()).to_string();
    let (status, text) = client.send("POST", "/kmip/2_1", JSON, absent.as_bytes());
    assert!(status == 422 && !text.is_empty());

    let request = binary::encode(&message(vec![query()]));
    let answer = ok(client.send("POST", "/kmip", "application/octet-stream", &request));
    let answer = binary::decode(&answer, &Limits::default()).unwrap();
    assert_eq!(statuses(&answer), [ResultStatus::SUCCESS]);

    let grant = json!({"unique_identifier": id, "user_id": "bob", "operation_types": ["get"]}).to_string();
    ok(client.send("POST", "/access/grant", JSON, grant.as_bytes()));
    let granted = json(ok(client.send("GET", &format!("/access/list/{id}"), "", b"")));
    assert_eq!(granted, json!([{"user_id": "bob", "operations": ["get"]}]));
    ok(client.send("POST", "/access/revoke", JSON, grant.as_bytes()));
    let owned = json(ok(client.send("GET", "/access/owned", "", b"")));
    assert!(owned.as_array().unwrap().iter().any(|owned| owned["object_id"] == id), "{owned}");
}

#[test]
fn new_certificates_are_used_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = make(folder.path());
    let server = start(folder.path(), &pem_settings(&certificates));
    let served = || {
        let mut stream = connect(server.http, &certificates, None, &[]);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock).unwrap();
        }
        stream.conn.peer_certificates().unwrap()[0].to_vec()
    };
    let before = served();
    renew(&certificates);
    let start = Instant::now();
    while served() == before {
        assert!(start.elapsed() < Duration::from_secs(20), "{}", server.log());
        thread::sleep(Duration::from_millis(100));
    }
}

/// Replaces the server's certificate by a new one of the same authority for the same key.
fn renew(certificates: &Certificates) {
    let (server, authority) = (certificates.server().certificate, certificates.authority());
    let output = Command::new("openssl")
        .args(["x509", "-req", "-days", "10", "-CAcreateserial", "-CA"])
        .arg(&authority)
        .arg("-CAkey")
        .arg(authority.with_extension("key"))
        .arg("-in")
        .arg(server.with_extension("csr"))
        .arg("-extfile")
        .arg(server.with_extension("ext"))
        .arg("-out")
        .arg(server.with_extension("new"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    std::fs::rename(server.with_extension("new"), server).unwrap();
}
