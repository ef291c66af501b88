//! Certificates of clients, made by OpenSSL, on HTTPS and on the TTLV socket: good ones, those that are none or nobody's,
//! and those that were taken back.

mod authority;

use std::io::Write as _;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use claviger_kmip::codec::binary;
use claviger_kmip::tables::enumerations::ResultReason;
use rustls::{ClientConnection, HandshakeKind, StreamOwned};
use serde_json::Value as Json;
use xtask::certificates::Certificates;

use crate::audit::wait_for;
use crate::certificates::{client_config, connect, connect_with, make, pem_settings};
use crate::client::Client;
use crate::credentials::reasons;
use crate::kmip_forms::{create, message};
use crate::server_process::{ServerProcess, command};
use crate::ttlv_socket::read;

use authority::{Authority, seconds_from_now};

/// What becomes of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It may do something.
    Served,
    /// There is a connection, and nobody on it.
    Nobody,
    /// There is no connection.
    NoConnection,
}

use Outcome::{NoConnection, Nobody, Served};

/// A folder with an authority, and servers that trust it.
struct Scene {
    folder: tempfile::TempDir,
    certificates: Certificates,
    authority: Authority,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certificates = make(folder.path());
        let authority = Authority::new(&folder.path().join("certificates"), "ca");
        Self { folder, certificates, authority }
    }

    fn certificates_folder(&self) -> PathBuf {
        self.folder.path().join("certificates")
    }

    fn arguments(&self, further: &[&str]) -> Vec<String> {
        let authority = self.certificates.authority().display().to_string();
        let mut arguments = pem_settings(&self.certificates);
        arguments.extend(["--authority-cert-file".into(), authority]);
        arguments.extend(further.iter().map(|argument| (*argument).to_owned()));
        arguments
    }

    fn start(&self, further: &[&str]) -> ServerProcess {
        let arguments = self.arguments(further);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        ServerProcess::start(self.folder.path(), &arguments)
    }

    fn start_with_lists(&self, lists: &[&Path], further: &[&str]) -> ServerProcess {
        let lists: Vec<String> = lists.iter().map(|list| list.display().to_string()).collect();
        self.start(&[&["--client-crl-file", &lists.join(",")], further].concat())
    }

    /// Why a server does not start.
    fn refusal(&self, further: &[&str]) -> String {
        let output = command(self.folder.path()).args(self.arguments(further)).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }

    /// What becomes of the client of this name on a new connection, which has to be the same on both transports.
    fn outcome(&self, server: &ServerProcess, name: &str) -> Outcome {
        let over_https = self.https(server, name).outcome();
        let over_ttlv = self.ttlv(server, name).outcome();
        assert_eq!(over_https, over_ttlv, "{name}: {}", server.log());
        over_https
    }

    fn https(&self, server: &ServerProcess, name: &str) -> Connected {
        let stream = connect(server.http, &self.certificates, Some(name), &["http/1.1"]);
        Connected::Https(Client::over(stream))
    }

    fn ttlv(&self, server: &ServerProcess, name: &str) -> Connected {
        Connected::Ttlv(Box::new(connect(server.ttlv.unwrap(), &self.certificates, Some(name), &[])))
    }
}

/// A client on its connection.
enum Connected {
    Https(Client),
    Ttlv(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Connected {
    /// Asks for something that needs a user.
    fn outcome(&mut self) -> Outcome {
        match self {
            Self::Https(client) => {
                match client.try_send("GET", "/access/owned", &[], b"").map(|answer| answer.status) {
                    None => NoConnection,
                    Some(200) => Served,
                    Some(401) => Nobody,
                    Some(status) => panic!("{status}"),
                }
            }
            Self::Ttlv(stream) => {
                let sent = stream.write_all(&binary::encode(&message(vec![create()])));
                match sent.ok().and_then(|()| read(&mut **stream)).map(reasons).as_deref() {
                    None => NoConnection,
                    Some([None]) => Served,
                    Some([Some(ResultReason::AUTHENTICATION_NOT_SUCCESSFUL)]) => Nobody,
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

/// Waits for something that the server notices within two seconds.
fn eventually(what: &str, server: &ServerProcess, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what} does not come: {}", server.log());
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn each_certificate_proves_its_user_or_nobody() {
    let scene = Scene::new();
    let past = ["-startdate", "20200101000000Z", "-enddate", "20210101000000Z"];
    let (begin, end) = (seconds_from_now(86_400), seconds_from_now(2 * 86_400));
    let future = ["-startdate", &begin, "-enddate", &end];
    let issue = |name, subject, extensions, dates: &[&str]| {
        scene.authority.issue(name, subject, extensions, dates);
    };
    issue("right", "/CN=ann", "client", &[]);
    issue("expired", "/CN=ann", "client", &past);
    issue("not-yet-valid", "/CN=ann", "client", &future);
    issue("for-servers", "/CN=ann", "server_only", &[]);
    issue("no-name", "/O=Nobody", "client", &[]);
    issue("two-names", "/CN=ann/CN=bob", "client", &[]);
    issue("everyone", "/CN=*", "client", &[]);
    issue("revoked", "/CN=ann", "client", &[]);
    scene.authority.revoke("revoked");
    // Of another authority of the same name.
    let elsewhere = tempfile::tempdir().unwrap();
    let others = make(elsewhere.path()).user("alice");
    let files = scene.certificates.user("stranger");
    std::fs::copy(others.certificate, files.certificate).unwrap();
    std::fs::copy(others.key, files.key).unwrap();
    let list = scene.authority.list("ca.crl", &[]);
    let server = scene.start_with_lists(&[&list], &[]);
    assert_eq!(scene.outcome(&server, "right"), Served);
    let told = wait_for(scene.folder.path(), |record| record["user"] == "ann");
    assert_eq!((&told["proven_by"], &told["result"]), (&"mtls".into(), &"Success".into()));
    for (name, expected, why) in [
        ("expired", NoConnection, "certificate expired"),
        ("not-yet-valid", NoConnection, "not valid yet"),
        ("for-servers", NoConnection, "extended key usage"),
        ("stranger", NoConnection, "BadSignature"),
        ("revoked", NoConnection, "Revoked"),
        ("no-name", Nobody, "it has no name"),
        ("two-names", Nobody, "it has several names"),
        ("everyone", Nobody, "which stands for everyone"),
    ] {
        assert_eq!(scene.outcome(&server, name), expected, "{name}");
        for transport in ["https", "ttlv"] {
            let told = wait_for(scene.folder.path(), |record| {
                let refusal = record["refusal"].as_str().unwrap_or_default();
                record["transport"] == transport && refusal.contains(why)
            });
            let reason = &told["reason"];
            assert_eq!((reason, &told["user"]), (&"AuthenticationNotSuccessful".into(), &Json::Null));
            assert_eq!(told["peer"], "127.0.0.1", "{told}");
        }
    }
}

#[test]
fn a_certificate_that_is_revoked_ends_the_connections_that_it_opened() {
    let scene = Scene::new();
    scene.authority.issue("ann", "/CN=ann", "client", &[]);
    let list = scene.authority.list("ca.crl", &[]);
    let server = scene.start_with_lists(&[&list], &[]);
    let mut open = [scene.https(&server, "ann"), scene.ttlv(&server, "ann")];
    let mut others = [scene.https(&server, "alice"), scene.ttlv(&server, "alice")];
    assert!(open.iter_mut().chain(&mut others).all(|each| each.outcome() == Served));
    scene.authority.revoke("ann");
    scene.authority.list("ca.crl", &[]);
    for connected in &mut open {
        eventually("the revocation", &server, || connected.outcome() == Nobody);
    }
    assert!(server.log().contains("it was revoked"), "{}", server.log());
    // The refusal of a request on it has the name of the request.
    let Connected::Https(client) = &mut open[0] else { panic!("the first is HTTPS") };
    assert_eq!(client.send("GET", "/access/owned", &["x-request-id: too-late"], b"").status, 401);
    let told = wait_for(scene.folder.path(), |record| record["request_id"] == "too-late");
    assert!(told["refusal"].as_str().unwrap().contains("it was revoked"), "{told}");
    // The TTLV socket is closed then; a new connection there is none.
    assert_eq!(open[1].outcome(), NoConnection);
    assert_eq!(scene.outcome(&server, "ann"), NoConnection);
    assert!(others.iter_mut().all(|each| each.outcome() == Served));
}

#[test]
fn a_resumed_session_does_not_outlive_its_certificate() {
    let scene = Scene::new();
    let end = seconds_from_now(6);
    scene.authority.issue("ann", "/CN=ann", "client", &["-enddate", &end]);
    let expires = Instant::now() + Duration::from_secs(7);
    let server = scene.start(&[]);
    let config = Arc::new(client_config(&scene.certificates, Some("ann"), &["http/1.1"]));
    let resumed = || {
        let mut stream = connect_with(server.http, config.clone());
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock).unwrap();
        }
        let kind = stream.conn.handshake_kind();
        (kind, Connected::Https(Client::over(stream)).outcome())
    };
    assert_eq!(resumed(), (Some(HandshakeKind::Full), Served));
    assert_eq!(resumed(), (Some(HandshakeKind::Resumed), Served));
    thread::sleep(expires.saturating_duration_since(Instant::now()));
    assert_eq!(resumed(), (Some(HandshakeKind::Resumed), Nobody));
}

#[test]
fn an_overdue_list_locks_its_clients_out_unless_it_is_to_count() {
    let scene = Scene::new();
    scene.authority.issue("ann", "/CN=ann", "client", &[]);
    scene.authority.revoke("ann");
    let dates = ["-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20210101000000Z"];
    let list = scene.authority.list("ca.crl", &dates);
    let server = scene.start_with_lists(&[&list], &[]);
    assert_eq!(scene.outcome(&server, "alice"), NoConnection);
    eventually("the warning", &server, || server.log().contains("--client-crl-file has expired"));
    drop(server);
    let server = scene.start_with_lists(&[&list], &["--client-crl-expired", "accept"]);
    assert_eq!(scene.outcome(&server, "alice"), Served);
    assert_eq!(scene.outcome(&server, "ann"), NoConnection);
}

#[test]
fn a_certificate_without_a_list_of_its_issuer_is_refused_unless_it_is_to_be_accepted() {
    let scene = Scene::new();
    scene.authority.issue("other", "/CN=Other authority", "authority", &[]);
    let other = Authority::new(&scene.certificates_folder(), "other").list("other.crl", &[]);
    let server = scene.start_with_lists(&[&other], &[]);
    assert_eq!(scene.outcome(&server, "alice"), NoConnection);
    drop(server);
    let server = scene.start_with_lists(&[&other], &["--client-crl-unknown", "accept"]);
    assert_eq!(scene.outcome(&server, "alice"), Served);
}

#[test]
fn every_authority_of_a_chain_may_be_revoked_and_lists_come_in_either_form() {
    let scene = Scene::new();
    let folder = scene.certificates_folder();
    scene.authority.issue("department", "/CN=Department", "authority", &[]);
    let department = Authority::new(&folder, "department");
    for name in ["ann", "ben"] {
        department.issue(name, &format!("/CN={name}"), "client", &[]);
        let own = std::fs::read_to_string(folder.join(format!("{name}.pem"))).unwrap();
        let issuer = std::fs::read_to_string(folder.join("department.pem")).unwrap();
        std::fs::write(folder.join(format!("{name}.pem")), own + &issuer).unwrap();
    }
    let old = department.list("department-old.crl", &["-crl_lastupdate", "20200101000000Z"]);
    department.revoke("ben");
    department.list("department.crl", &[]);
    let (root, der) = (scene.authority.list("ca.crl", &[]), department.to_der("department.crl"));
    // Of two lists of one issuer the newer one counts, whatever their order.
    for lists in [[&*root, &*old, &*der], [&*der, &*old, &*root]] {
        let server = scene.start_with_lists(&lists, &[]);
        assert_eq!(scene.outcome(&server, "ann"), Served);
        assert_eq!(scene.outcome(&server, "ben"), NoConnection);
    }
    let both = folder.join("both.crl");
    let texts = [&root, &folder.join("department.crl")].map(|file| std::fs::read_to_string(file).unwrap());
    std::fs::write(&both, texts.concat()).unwrap();
    let server = scene.start_with_lists(&[&both], &[]);
    assert_eq!(scene.outcome(&server, "ann"), Served);
    assert_eq!(scene.outcome(&server, "ben"), NoConnection);
    scene.authority.revoke("department");
    scene.authority.list("ca.crl", &[]);
    let texts = [&root, &folder.join("department.crl")].map(|file| std::fs::read_to_string(file).unwrap());
    std::fs::write(&both, texts.concat()).unwrap();
    eventually("the revocation", &server, || scene.https(&server, "ann").outcome() == NoConnection);
    assert_eq!(scene.outcome(&server, "alice"), Served);
}

#[test]
fn a_list_that_is_none_stops_the_start_and_does_not_end_a_good_one() {
    let scene = Scene::new();
    let broken = scene.certificates_folder().join("broken.crl");
    let named = broken.display().to_string();
    for (content, why) in [
        (&b"nonsense"[..], "no revocation list in DER or PEM"),
        (&std::fs::read(scene.certificates.authority()).unwrap(), "it holds no revocation list"),
    ] {
        std::fs::write(&broken, content).unwrap();
        let refused = scene.refusal(&["--client-crl-file", &named]);
        assert!(refused.contains(why) && refused.contains(&named), "{refused}");
    }
    let absent = scene.refusal(&["--client-crl-file", "absent.crl"]);
    assert!(absent.contains("absent.crl: No such file"), "{absent}");
    scene.authority.issue("ann", "/CN=ann", "client", &[]);
    scene.authority.revoke("ann");
    let list = scene.authority.list("ca.crl", &[]);
    let server = scene.start_with_lists(&[&list], &[]);
    std::fs::write(&list, "nonsense").unwrap();
    eventually("the complaint", &server, || server.log().contains("cannot be read again"));
    assert_eq!(scene.outcome(&server, "alice"), Served);
    assert_eq!(scene.outcome(&server, "ann"), NoConnection);
}

#[test]
fn lists_without_an_authority_are_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let output = command(folder.path()).args(["--client-crl-file", "ca.crl"]).output().unwrap();
    let refused = String::from_utf8(output.stderr).unwrap();
    assert!(refused.contains("--client-crl-file needs --authority-cert-file"), "{refused}");
    assert_eq!(output.status.code(), Some(2));
}
