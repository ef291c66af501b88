//! Servers on one database behind HAProxy, with the configuration files that the documentation shows.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ClientConfig;
use tempfile::TempDir;
use xtask::certificates::Certificates;
use xtask::running_server::free_port;
use xtask::services::{Haproxy, OwnService, Safety};

use super::database::{Database, Kind};
use crate::certificates::{client_config, connect_with, make};
use crate::client::Client;
use crate::server_process::{ServerProcess, bare_command};

const SERVER_FILE: &str = include_str!("../../../../docs/operations/high-availability/claviger.toml");
const PROXY_FILE: &str = include_str!("../../../../docs/operations/high-availability/haproxy.cfg");

/// Servers on one database behind HAProxy. All of them end with this value.
pub(super) struct Cluster {
    pub(super) servers: Vec<Member>,
    /// That of HAProxy.
    pub(super) door: Door,
    proxy: OwnService,
    pub(super) database: Database,
    _folder: TempDir,
}

/// One of the servers, which may be down.
pub(super) struct Member {
    folder: PathBuf,
    door: Door,
    ttlv: SocketAddr,
    process: Option<ServerProcess>,
}

/// Where clients connect, and as whom.
#[derive(Clone)]
pub(super) struct Door {
    address: SocketAddr,
    config: Arc<ClientConfig>,
}

impl Door {
    /// A new connection of alice's.
    pub(super) fn client(&self) -> Client {
        Client::over(connect_with(self.address, self.config.clone()))
    }
}

impl Cluster {
    /// Starts three servers on an empty database of this kind; `None`, after saying so, where the database or HAProxy is
    /// not installed.
    pub(super) fn start(kind: &'static Kind) -> Option<Self> {
        let database = Database::start(kind)?;
        let folder = tempfile::tempdir().unwrap();
        let certificates = make(folder.path());
        let config = Arc::new(client_config(&certificates, Some("alice"), &["http/1.1"]));
        let member = |name: &str| {
            let folder = folder.path().join(name);
            fs::create_dir(&folder).unwrap();
            let (address, ttlv) = (free_port().unwrap(), free_port().unwrap());
            let text = server_file(&folder, &certificates, address, ttlv, &database);
            fs::write(folder.join(CONFIGURATION), text).unwrap();
            Member { folder, door: Door { address, config: config.clone() }, ttlv, process: None }
        };
        let mut servers: Vec<Member> = ["one", "two", "three"].map(member).into();
        servers.iter_mut().for_each(Member::start);
        let (address, ttlv) = (free_port().unwrap(), free_port().unwrap());
        let text = proxy_file(address, ttlv, &servers);
        let haproxy = Haproxy::new(text, proxy_certificates(&certificates), address);
        let proxy = OwnService::start(Box::new(haproxy), Safety::ProcessLoss).unwrap()?;
        Some(Self { servers, door: Door { address, config }, proxy, database, _folder: folder })
    }

    /// How to connect to each server.
    pub(super) fn doors(&self) -> Vec<impl Fn() -> Client> {
        self.servers.iter().map(|server| || server.client()).collect()
    }

    /// Waits until HAProxy gives requests to some server again.
    pub(super) fn wait_until_served(&self, patience: Duration) {
        let start = Instant::now();
        let is_served = || {
            let answer = self.door.client().try_send("GET", "/health/ready", &[], b"");
            answer.is_some_and(|answer| answer.status == 200)
        };
        while !is_served() {
            assert!(start.elapsed() < patience, "nobody serves: {}", self.proxy.end_of_log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Member {
    /// Starts it at its place.
    pub(super) fn start(&mut self) {
        let mut command = bare_command();
        command.arg("--config").arg(self.folder.join(CONFIGURATION)).env("KMS_LOG_FORMAT", "json");
        let process = ServerProcess::spawn(command);
        assert_eq!((process.http, process.ttlv), (self.door.address, Some(self.ttlv)));
        self.process = Some(process);
    }

    /// Ends it in the midst of what it does.
    pub(super) fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        process.signal("KILL");
        process.wait();
    }

    /// Has it end in order.
    pub(super) fn stop(&mut self) {
        let mut process = self.process.take().unwrap();
        process.signal("TERM");
        assert!(process.wait().success());
    }

    /// Sends it a signal, such as `STOP`.
    pub(super) fn signal(&self, name: &str) {
        self.process.as_ref().unwrap().signal(name);
    }

    /// A connection to it.
    pub(super) fn client(&self) -> Client {
        self.door.client()
    }
}

const CONFIGURATION: &str = "claviger.toml";

/// The documentation's file with other paths, ports and database.
fn server_file(
    folder: &Path,
    certificates: &Certificates,
    http: SocketAddr,
    ttlv: SocketAddr,
    database: &Database,
) -> String {
    let text = |path: PathBuf| path.display().to_string();
    let server = certificates.server();
    fs::write(folder.join("database-url"), database.url()).unwrap();
    let mut file = replaced(
        SERVER_FILE,
        &[
            ("0.0.0.0", http.ip().to_string()),
            ("port = 9998", format!("port = {}", http.port())),
            ("port = 5696", format!("port = {}", ttlv.port())),
            ("/etc/claviger/server.pem", text(server.certificate)),
            ("/etc/claviger/server.key", text(server.key)),
            ("/var/lib/claviger", text(folder.to_owned())),
            ("\"postgresql\"", format!("{:?}", database.kind().name)),
            ("/etc/claviger/database-url", text(folder.join("database-url"))),
            ("/etc/claviger/ca.pem", text(certificates.authority())),
        ],
    );
    file += database.kind().settings;
    file
}

/// The same of HAProxy's.
fn proxy_file(https: SocketAddr, ttlv: SocketAddr, servers: &[Member]) -> String {
    let [one, two, three] = servers else { panic!("the file is for three servers") };
    replaced(
        PROXY_FILE,
        &[
            ("bind :9998", format!("bind {https}")),
            ("bind :5696", format!("bind {ttlv}")),
            ("10.0.0.11:9998", one.door.address.to_string()),
            ("10.0.0.12:9998", two.door.address.to_string()),
            ("10.0.0.13:9998", three.door.address.to_string()),
            ("10.0.0.11:5696", one.ttlv.to_string()),
            ("10.0.0.12:5696", two.ttlv.to_string()),
            ("10.0.0.13:5696", three.ttlv.to_string()),
            ("/etc/haproxy/claviger-ca.pem", AUTHORITY.into()),
            ("/etc/haproxy/claviger-check.pem", CHECKS.into()),
        ],
    )
}

/// Files of HAProxy's, in its folder.
const AUTHORITY: &str = "authority.pem";
const CHECKS: &str = "check.pem";

/// What is in them: who signs the servers' certificates, and as whom the checks are known.
fn proxy_certificates(certificates: &Certificates) -> Vec<(&'static str, Vec<u8>)> {
    let (authority, bob) = (certificates.authority(), certificates.user("bob"));
    let checks = [fs::read(bob.certificate).unwrap(), fs::read(bob.key).unwrap()].concat();
    vec![(AUTHORITY, fs::read(authority).unwrap()), (CHECKS, checks)]
}

/// Every one of these texts is in the file, or the file is not the one that these tests are about.
fn replaced(file: &str, replacements: &[(&str, String)]) -> String {
    replacements.iter().fold(file.to_owned(), |file, (from, to)| {
        assert!(file.contains(from), "no {from} in {file}");
        file.replace(from, to)
    })
}
