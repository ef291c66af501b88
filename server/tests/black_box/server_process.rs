//! A server process with a data folder of its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::Client;

const PATIENCE: Duration = Duration::from_secs(30);

/// A server that listens. Dropping it kills it.
pub(crate) struct ServerProcess {
    process: Child,
    log: Arc<Mutex<Vec<String>>>,
    /// Where it speaks HTTP or HTTPS.
    pub(crate) http: SocketAddr,
    /// Where it speaks TTLV.
    pub(crate) ttlv: Option<SocketAddr>,
}

impl ServerProcess {
    /// Starts a server on loopback with its data in `folder` and these further arguments.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = command(folder);
        command.args(arguments);
        Self::spawn(command)
    }

    /// Starts a server by this command, which has it log as JSON.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut process = command.spawn().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let shared = log.clone();
        thread::spawn(move || lines.map_while(Result::ok).for_each(|line| shared.lock().unwrap().push(line)));
        let address = |protocol: &str| {
            let log = log.lock().unwrap();
            let line = log.iter().find(|line| line.contains(&format!("listening for {protocol}")))?;
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            Some(line["address"].as_str()?.parse::<SocketAddr>().unwrap())
        };
        let start = Instant::now();
        while !log.lock().unwrap().iter().any(|line| line.contains("\"ready\"")) {
            let ended = process.try_wait().unwrap();
            assert!(ended.is_none() && start.elapsed() < PATIENCE, "{ended:?} {:#?}", log.lock().unwrap());
            thread::sleep(Duration::from_millis(2));
        }
        let (http, ttlv) = (address("HTTP").unwrap(), address("TTLV"));
        Self { process, log, http, ttlv }
    }

    /// A connection for HTTP without TLS.
    pub(crate) fn client(&self) -> Client {
        Client::connect(self.http)
    }

    /// What the server logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// Its process number.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Resident memory in bytes.
    pub(crate) fn resident_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1_024
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let signal = format!("-{name}");
        assert!(
            Command::new("kill").args([&signal, &self.process.id().to_string()]).status().unwrap().success()
        );
    }

    /// Waits for the end of the process.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "the server does not end: {}", self.log());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The server on loopback with its data in `folder`, not yet started.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = bare_command();
    command
        .env("KMS_ROOT_DATA_PATH", folder)
        .env("KMS_HOSTNAME", "127.0.0.1")
        .env("KMS_PORT", "0")
        .env("KMS_LOG_FORMAT", "json");
    command
}

/// The server without any setting.
pub(crate) fn bare_command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_claviger-server"));
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}
