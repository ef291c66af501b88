//! A server on loopback with a fresh data folder, that ends with the value that stands for it.

use std::env;
use std::fs::{self, File};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::certificates::Certificates;

const PATIENCE: Duration = Duration::from_secs(60);

/// How often other ports are tried: between their choice and their use, any connection on the machine may get them.
const PORT_TRIES: u32 = 5;

/// What the server says then.
const ADDRESS_IN_USE: &str = "Address already in use";

/// A server process. Dropping it ends the process.
pub struct RunningServer {
    process: Child,
    log: PathBuf,
    http: SocketAddr,
    ttlv: Option<SocketAddr>,
    start_up: Duration,
}

/// How to start a server.
pub struct ServerStart<'a> {
    /// The server binary.
    pub binary: &'a Path,
    /// Where it keeps its data and its log. Keys that are there already are served.
    pub folder: &'a Path,
    /// With certificates: HTTPS, and binary TTLV on a TLS socket, both for users with a client certificate. Without:
    /// plain HTTP and one user.
    pub certificates: Option<&'a Certificates>,
    /// Further flags with their values; one without a value has an empty one.
    pub flags: &'a [(&'a str, &'a str)],
}

impl ServerStart<'_> {
    /// Starts the server and returns when it accepts connections. A port that somebody else took in between is
    /// replaced by another.
    ///
    /// # Errors
    /// It does not start, or ends, or does not accept a connection within a minute; the error holds the end of its
    /// log.
    pub fn run(&self) -> Outcome<RunningServer> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.run_on(free_port()?, self.certificates.map(|_| free_port()).transpose()?) {
                Err(error) if tries < PORT_TRIES && error.to_string().contains(ADDRESS_IN_USE) => {}
                outcome => return outcome,
            }
        }
    }

    fn run_on(&self, http: SocketAddr, ttlv: Option<SocketAddr>) -> Outcome<RunningServer> {
        fs::create_dir_all(self.folder)?;
        let log = self.folder.join("server.log");
        let mut command = Command::new(self.binary);
        let arguments = self.arguments(http, ttlv);
        let output = File::create(&log)?;
        command.args(arguments).stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        // The developer's own settings must not change what is tested.
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("KMS_")) {
            command.env_remove(name);
        }
        let start = Instant::now();
        let process =
            command.spawn().map_err(|error| format!("cannot start {}: {error}", self.binary.display()))?;
        let mut server = RunningServer { process, log, http, ttlv, start_up: Duration::ZERO };
        for address in [Some(http), ttlv].into_iter().flatten() {
            server.wait_for(address, start)?;
        }
        server.start_up = start.elapsed();
        Ok(server)
    }

    fn arguments(&self, http: SocketAddr, ttlv: Option<SocketAddr>) -> Vec<String> {
        let path = |path: &Path| path.display().to_string();
        let mut options = vec![
            ("--hostname", http.ip().to_string()),
            ("--port", http.port().to_string()),
            ("--root-data-path", path(self.folder)),
            ("--sqlite-path", path(&self.folder.join("sqlite"))),
        ];
        if let (Some(certificates), Some(ttlv)) = (self.certificates, ttlv) {
            let server = certificates.server();
            options.extend([
                ("--ttlv-port", ttlv.port().to_string()),
                ("--https-cert-file", path(&server.certificate)),
                ("--https-key-file", path(&server.key)),
                ("--authority-cert-file", path(&certificates.authority())),
            ]);
        }
        options.extend(self.flags.iter().map(|(flag, value)| (*flag, (*value).to_owned())));
        let arguments = options.into_iter().flat_map(|(name, value)| [name.to_owned(), value]);
        arguments.filter(|argument| !argument.is_empty()).collect()
    }
}

impl RunningServer {
    /// Its process number.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Where it speaks HTTP, or HTTPS if it was given certificates.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// Where it speaks binary TTLV over TLS, if it was given certificates.
    pub fn ttlv(&self) -> Option<SocketAddr> {
        self.ttlv
    }

    /// How long it took from the start of the process to the first accepted connection.
    pub fn start_up(&self) -> Duration {
        self.start_up
    }

    /// The end of its log, for a message about what went wrong.
    pub fn end_of_log(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
    }

    fn wait_for(&mut self, address: SocketAddr, start: Instant) -> Outcome {
        while TcpStream::connect(address).is_err() {
            if let Some(status) = self.process.try_wait()? {
                return Err(
                    format!("the server ended at its start ({status}):\n{}", self.end_of_log()).into()
                );
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("the server does not listen on {address}:\n{}", self.end_of_log()).into());
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        // If it has ended already there is nothing left to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An address on loopback that nobody listens on at the moment.
///
/// Its port is none of those that the system gives to outgoing connections: nobody takes it by accident while its
/// server is down, and a client that connects to it meanwhile does not meet itself.
///
/// # Errors
/// No such port is free.
pub fn free_port() -> Outcome<SocketAddr> {
    (0..PORT_DRAWS).find_map(|_| free_at(PORTS.start + any_number() % PORTS.len() as u16)).ok_or_else(|| {
        format!("no port between {} and {} on 127.0.0.1 seems free", PORTS.start, PORTS.end).into()
    })
}

/// Below what systems use for outgoing connections (RFC 6335: from 49152; Linux: from 32768).
const PORTS: Range<u16> = 15_000..32_000;
const PORT_DRAWS: usize = 100;

fn free_at(port: u16) -> Option<SocketAddr> {
    TcpListener::bind(("127.0.0.1", port)).ok()?.local_addr().ok()
}

/// The seed of a hash map, the one randomness of the standard library.
fn any_number() -> u16 {
    let [first, second, ..] = RandomState::new().build_hasher().finish().to_ne_bytes();
    u16::from_ne_bytes([first, second])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_ends_at_its_start_is_reported_with_its_output() {
        let folder = tempfile::tempdir().unwrap();
        let start = ServerStart {
            binary: Path::new("/bin/echo"),
            folder: folder.path(),
            certificates: None,
            flags: &[],
        };
        let error = start.run().err().unwrap().to_string();
        assert!(error.contains("ended at its start") && error.contains("--sqlite-path"), "{error}");
    }
}
