//! Server keys that are not in a file of their own: in PKCS#12, and in another key server, which is a second one of these.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use claviger_kmip::tables::enumerations::{OperationCode, ResultStatus};
use claviger_kmip::{Tag, Value};
use xtask::certificates::Certificates;

use super::{MARKER, failure, holds, import_marker, is_usable, key_file, settled};
use crate::certificates::connect;
use crate::kmip_forms::{create, message, statuses};
use crate::server_process::ServerProcess;
use crate::ttlv_socket::{read, start, start_with};

const PASSWORD: &str = "geheim";

/// A PKCS#12 file with a certificate and its new private key, made by `openssl` with these arguments.
fn pkcs12(folder: &Path, name: &str, key: &[&str]) -> String {
    let file = |ending: &str| folder.join(format!("{name}.{ending}")).display().to_string();
    let (private, certificate, container) = (file("key.pem"), file("cert.pem"), file("p12"));
    let openssl = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let request = ["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=server key"];
    openssl(&[&request, key, &["-keyout", &private, "-out", &certificate]].concat());
    let password = format!("pass:{PASSWORD}");
    let export =
        ["pkcs12", "-export", "-in", &certificate, "-inkey", &private, "-passout", &password, "-out"];
    openssl(&[&export, &[container.as_str()][..]].concat());
    key_file(folder, &format!("{name}.p12"), std::fs::read(&container).unwrap())
}

/// A key server, with the identifier of a key that a user made there and may use.
struct KeyServer {
    server: ServerProcess,
    certificates: Certificates,
    id: String,
}

impl KeyServer {
    fn start(folder: &Path) -> Self {
        let (server, certificates) = start(folder);
        let id = new_key(&server, &certificates);
        Self { server, certificates, id }
    }

    fn address(&self) -> String {
        format!("localhost:{}", self.server.ttlv.unwrap().port())
    }

    /// The settings that name the key.
    fn settings(&self) -> Vec<String> {
        let mut settings =
            vec!["--server-key-kmip".into(), self.address(), "--server-key-kmip-id".into(), self.id.clone()];
        settings.extend(self.identity());
        settings
    }

    /// The settings of the connection.
    fn identity(&self) -> Vec<String> {
        let user = self.certificates.user("alice");
        let flag = |flag: &str, path: &Path| [flag.to_owned(), path.display().to_string()];
        [
            flag("--server-key-kmip-authority", &self.certificates.authority()),
            flag("--server-key-kmip-cert-file", &user.certificate),
            flag("--server-key-kmip-key-file", &user.key),
        ]
        .concat()
    }
}

/// Makes a key and activates it, as a user of the key server.
fn new_key(server: &ServerProcess, certificates: &Certificates) -> String {
    let mut stream = connect(server.ttlv.unwrap(), certificates, Some("alice"), &[]);
    let mut ask = |items| {
        stream.write_all(&claviger_kmip::codec::binary::encode(&message(items))).unwrap();
        let answer = read(&mut stream).unwrap();
        assert_eq!(statuses(&answer), [ResultStatus::SUCCESS]);
        answer
    };
    let answer = ask(vec![create()]);
    let payload = answer.children()[1].child(Tag::RESPONSE_PAYLOAD).unwrap();
    let id = payload.child(Tag::UNIQUE_IDENTIFIER).unwrap().clone();
    ask(vec![(OperationCode::ACTIVATE, vec![id.clone()])]);
    match id.value {
        Value::TextString(id) => id,
        other => panic!("{other:?}"),
    }
}

fn texts(settings: &[String]) -> Vec<&str> {
    settings.iter().map(String::as_str).collect()
}

#[test]
fn a_server_key_of_each_kind_is_replaced_by_one_of_the_next_kind() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let key_server = KeyServer::start(elsewhere.path());
    let file = key_file(folder.path(), "server.key", [7; 32]);
    let rsa = pkcs12(folder.path(), "rsa", &["-newkey", "rsa:2048"]);
    let ec = pkcs12(folder.path(), "ec", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"]);
    let named = |prefix: &str| {
        let flag = |name: &str| format!("--server-key{prefix}-{name}");
        let of_pkcs12 =
            |file: &String| vec![flag("p12-file"), file.clone(), flag("p12-password"), PASSWORD.to_owned()];
        let kmip = vec![flag("kmip"), key_server.address(), flag("kmip-id"), key_server.id.clone()];
        [vec![flag("file"), file.clone()], of_pkcs12(&rsa), of_pkcs12(&ec), kmip]
    };
    let (current, previous) = (named(""), named("-previous"));
    for step in 0..=current.len() {
        let mut settings = key_server.identity();
        settings.extend(step.checked_sub(1).map(|before| previous[before].clone()).unwrap_or_default());
        settings.extend(current.get(step).cloned().unwrap_or(vec!["--server-key-unseal".into()]));
        let mut server = ServerProcess::start(folder.path(), &texts(&settings));
        if step == 0 {
            import_marker(&mut server.client(), "marked");
        }
        is_usable(&mut server.client(), "marked");
        settled(&server);
        is_usable(&mut server.client(), "marked");
        server.signal("TERM");
        assert!(server.wait().success());
        let is_plain = step == current.len();
        assert_eq!(holds(folder.path(), MARKER.as_bytes()), is_plain, "step {step}");
        if !is_plain {
            // The new key alone is enough from here on.
            let mut settings = key_server.identity();
            settings.extend(current[step].clone());
            let server = ServerProcess::start(folder.path(), &texts(&settings));
            is_usable(&mut server.client(), "marked");
        }
    }
    let server = ServerProcess::start(folder.path(), &[]);
    is_usable(&mut server.client(), "marked");
}

#[test]
fn what_is_wrong_with_a_pkcs12_file_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let rsa = pkcs12(folder.path(), "rsa", &["-newkey", "rsa:2048"]);
    let another = pkcs12(folder.path(), "another", &["-newkey", "rsa:2048"]);
    let short = pkcs12(folder.path(), "short", &["-newkey", "rsa:1024"]);
    let edwards = pkcs12(folder.path(), "edwards", &["-newkey", "ed25519"]);
    let nonsense = key_file(folder.path(), "nonsense.p12", b"nonsense");
    let file = key_file(folder.path(), "server.key", [7; 32]);
    let with = |file: &str, password: &str| {
        ["--server-key-p12-file", file, "--server-key-p12-password", password].map(str::to_owned)
    };
    let server = ServerProcess::start(folder.path(), &texts(&with(&rsa, PASSWORD)));
    import_marker(&mut server.client(), "marked");
    drop(server);
    let mut both = with(&rsa, PASSWORD).to_vec();
    both.extend(["--server-key-file".to_owned(), file]);
    for (settings, code, what) in [
        (with(&rsa, "falsch").to_vec(), 1, "no PKCS#12 file that --server-key-p12-password opens"),
        (with(&nonsense, PASSWORD).to_vec(), 1, "no PKCS#12 file that --server-key-p12-password opens"),
        (with(&short, PASSWORD).to_vec(), 1, "an RSA key of 2048 bits or an EC key of 256"),
        (with(&edwards, PASSWORD).to_vec(), 1, "an RSA key of 2048 bits or an EC key of 256"),
        (with(&another, PASSWORD).to_vec(), 1, "sealed under a server key that this server was not given"),
        (both, 2, "give --server-key-file or --server-key-p12-file, not both"),
    ] {
        let (found, text) = failure(folder.path(), &texts(&settings));
        assert!(text.contains(what) && !text.contains("falsch"), "{text}");
        assert_eq!(found, Some(code), "{text}");
    }
}

#[test]
fn a_key_server_is_needed_at_the_start_alone_and_waited_for() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let key_server = KeyServer::start(elsewhere.path());
    let settings = key_server.settings();
    let server = ServerProcess::start(folder.path(), &texts(&settings));
    import_marker(&mut server.client(), "marked");
    settled(&server);
    let port = key_server.server.ttlv.unwrap().port().to_string();
    let KeyServer { server: other, certificates, .. } = key_server;
    drop(other);
    // It is used without the key server, which is gone, until it starts again.
    is_usable(&mut server.client(), "marked");
    import_marker(&mut server.client(), "another");
    drop(server);
    let impatient: Vec<&str> =
        texts(&settings).into_iter().chain(["--server-key-kmip-patience", "1"]).collect();
    let started = Instant::now();
    let (code, text) = failure(folder.path(), &impatient);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("the key server that holds the server key fails"), "{text}");
    assert!(text.contains(&format!("localhost:{port}")) && text.contains("cannot be reached"), "{text}");
    assert!(started.elapsed() < Duration::from_secs(20));
    let (server, _other) = thread::scope(|scope| {
        let waiting = scope.spawn(|| ServerProcess::start(folder.path(), &texts(&settings)));
        thread::sleep(Duration::from_millis(1500));
        let pem = crate::certificates::https_settings(&certificates);
        let authority = certificates.authority().display().to_string();
        let again: Vec<&str> = texts(&pem)
            .into_iter()
            .chain(["--authority-cert-file", &authority, "--ttlv-port", &port])
            .collect();
        let other = ServerProcess::start(elsewhere.path(), &again);
        (waiting.join().unwrap(), other)
    });
    assert!(server.log().contains("is tried again"), "{}", server.log());
    is_usable(&mut server.client(), "marked");
    is_usable(&mut server.client(), "another");
}

#[test]
fn a_key_that_the_key_server_does_not_let_it_use_is_an_error_at_once() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (server, certificates) = start_with(elsewhere.path(), &[]);
    let key_server = KeyServer { server, certificates, id: "no-such-key".to_owned() };
    let started = Instant::now();
    let (code, text) = failure(folder.path(), &texts(&key_server.settings()));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("it does not use the key") && text.contains("no-such-key"), "{text}");
    assert!(started.elapsed() < Duration::from_secs(20), "it is not tried again");
    let identity = key_server.identity();
    for (settings, what) in [
        (vec!["--server-key-kmip".to_owned(), key_server.address()], "needs --server-key-kmip-id"),
        (vec!["--server-key-kmip-id".to_owned(), "k".to_owned()], "needs --server-key-kmip, which"),
        (
            ["--server-key-kmip-id", "k", "--server-key-kmip", "nowhere"].map(str::to_owned).to_vec(),
            "takes HOST:PORT, not `nowhere`",
        ),
    ] {
        let settings = [settings, identity.clone()].concat();
        let (code, text) = failure(folder.path(), &texts(&settings));
        assert!(text.contains(what), "{text}");
        assert_eq!(code, Some(2), "{text}");
    }
    let without = ["--server-key-kmip-id", "k", "--server-key-kmip", &key_server.address()];
    let (code, text) = failure(folder.path(), &without);
    assert!(text.contains("needs --server-key-kmip-authority"), "{text}");
    assert_eq!(code, Some(2), "{text}");
}
