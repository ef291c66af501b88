//! A server that runs.

use std::env;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::account::{Account, Outlives};
use super::process::{self, Identity};
use super::recipe::{Place, Recipe, Safety};
use crate::Outcome;
use crate::certificates::Certificates;
use crate::running_server::free_port;

const PATIENCE: Duration = Duration::from_secs(60);

/// How often other ports are tried, as somebody may take one between its choice and its use.
const PORT_TRIES: u32 = 5;

/// What all of them say then.
const ADDRESS_IN_USE: &str = "Address already in use";

/// A server of another program that one test has for itself: it may be killed and started again. It ends, and its data
/// go, with the value that stands for it; and at the latest with the thread that made the value.
pub struct OwnService {
    service: RunningService,
    /// Removed after the server has ended.
    _folder: TempDir,
}

impl OwnService {
    /// Starts a server with no data on a free port, and returns when it answers; `None`, after saying so, where the server
    /// is not installed and the machine is not CI's.
    ///
    /// # Errors
    /// It ends or does not answer within a minute; the error holds the end of its log.
    pub fn start(recipe: Box<dyn Recipe>, safety: Safety) -> Outcome<Option<Self>> {
        Self::start_below(&env::temp_dir(), recipe, safety)
    }

    /// The same with its data in a new folder below this one.
    ///
    /// # Errors
    /// As [`OwnService::start`].
    pub fn start_below(parent: &Path, recipe: Box<dyn Recipe>, safety: Safety) -> Outcome<Option<Self>> {
        if recipe.program().is_none() && env::var_os(REQUIRED).is_none() && env::var_os("CI").is_none() {
            eprintln!("skipped: {} is not installed (./dev setup installs it)", recipe.name());
            return Ok(None);
        }
        let folder = tempfile::tempdir_in(parent)?;
        let certificates = open_folder(folder.path())?;
        let service = RunningService::start(recipe, folder.path(), &certificates, safety, Outlives::No)?;
        Ok(Some(Self { service, _folder: folder }))
    }

    /// Where tests find it.
    pub fn url(&self) -> String {
        self.service.variables().into_iter().map(|(_, url)| url).next().unwrap_or_default()
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.service.place.port
    }

    /// The end of its log, for a message about what went wrong.
    pub fn end_of_log(&self) -> String {
        self.service.end_of_log()
    }

    /// Kills it and all its processes in the midst of what they do.
    ///
    /// # Errors
    /// The system does not say how the process ended.
    pub fn crash(&mut self) -> Outcome {
        kill(&mut self.service.process);
        self.service.process.wait()?;
        Ok(())
    }

    /// Whether it has ended by itself.
    ///
    /// # Errors
    /// The system does not say.
    pub fn has_ended(&mut self) -> Outcome<bool> {
        Ok(self.service.process.try_wait()?.is_some())
    }

    /// Starts it again after a crash, with the same data on the same port.
    ///
    /// # Errors
    /// As [`OwnService::start`].
    pub fn restart(&mut self) -> Outcome {
        self.service.process = launch(self.service.recipe.as_ref(), &self.service.place)?;
        self.service.wait()
    }
}

/// When this is set no test is skipped for want of a server.
const REQUIRED: &str = "CLAVIGER_TEST_SERVICES_REQUIRED";

/// Fills a new folder with certificates and opens it to the accounts of servers, whose own folders in it are closed.
pub(super) fn open_folder(folder: &Path) -> Outcome<Certificates> {
    let certificates = Certificates::make(folder)?;
    certificates.issue_client("client", super::recipe::TLS_USER)?;
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o711))?;
    Ok(certificates)
}

/// A server with its process.
pub(super) struct RunningService {
    recipe: Box<dyn Recipe>,
    place: Place,
    process: Child,
    is_left: bool,
}

impl RunningService {
    /// Starts a server with no data in a new folder of its own below `folder`.
    pub(super) fn start(
        recipe: Box<dyn Recipe>,
        folder: &Path,
        certificates: &Certificates,
        safety: Safety,
        outlives: Outlives,
    ) -> Outcome<Self> {
        if recipe.program().is_none() {
            return Err(format!("{} is not installed (./dev setup installs it)", recipe.name()).into());
        }
        let (account, folder) = (Account::new()?, folder.join(recipe.name()));
        let (port, tls_port) = (free_port()?.port(), free_port()?.port());
        account.folder(&folder)?;
        let place = Place { folder, port, tls_port, password: password()?, safety, account, outlives };
        place.add_certificates(certificates)?;
        recipe.prepare(&place)?;
        let process = launch(recipe.as_ref(), &place)?;
        let mut this = Self { recipe, place, process, is_left: false };
        let mut tries = 1;
        while let Err(error) = this.wait() {
            if tries == PORT_TRIES || !error.to_string().contains(ADDRESS_IN_USE) {
                return Err(error);
            }
            tries += 1;
            (this.place.port, this.place.tls_port) = (free_port()?.port(), free_port()?.port());
            this.process = launch(this.recipe.as_ref(), &this.place)?;
        }
        Ok(this)
    }

    /// Its process, which goes on when this value is dropped.
    pub(super) fn leave(mut self) -> Outcome<Identity> {
        let identity = Identity::of(self.process.id()).ok_or("the server has ended")?;
        self.is_left = true;
        Ok(identity)
    }

    /// Asks it to end, and waits for that.
    pub(super) fn stop(mut self) -> Outcome {
        self.is_left = true;
        process::send(self.process.id(), self.recipe.signal());
        let asked = Instant::now();
        while self.process.try_wait()?.is_none() {
            if asked.elapsed() > PATIENCE {
                self.process.kill()?;
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Its variables for tests, without the prefix.
    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        self.recipe.variables(&self.place)
    }

    fn wait(&mut self) -> Outcome {
        let (name, start) = (self.recipe.name(), Instant::now());
        while !self.recipe.answers(&self.place) {
            if let Some(status) = self.process.try_wait()? {
                return Err(format!("{name} ended at its start ({status}):\n{}", self.end_of_log()).into());
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("{name} does not answer:\n{}", self.end_of_log()).into());
            }
            thread::sleep(Duration::from_millis(20));
        }
        // Somebody else may answer on a port that was taken.
        match self.process.try_wait()? {
            Some(status) => {
                Err(format!("{name} ended at its start ({status}):\n{}", self.end_of_log()).into())
            }
            None => Ok(()),
        }
    }

    fn end_of_log(&self) -> String {
        let log = fs::read(self.place.folder.join(LOG)).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
    }
}

impl Drop for RunningService {
    fn drop(&mut self) {
        if !self.is_left {
            kill(&mut self.process);
            let _ = self.process.wait();
        }
    }
}

/// Kills the process and those that it started, before any of them can tidy up.
fn kill(process: &mut Child) {
    let children = process::children(process.id());
    // If it has ended already there is nothing left to end.
    let _ = process.kill();
    children.into_iter().for_each(|each| process::send(each, "KILL"));
}

const LOG: &str = "server.log";

fn launch(recipe: &dyn Recipe, place: &Place) -> Outcome<Child> {
    let log = File::options().create(true).append(true).open(place.folder.join(LOG))?;
    let mut command = recipe.command(place)?;
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    if place.outlives == Outlives::Yes {
        // Ctrl-C in the terminal is not meant for it.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
    }
    command.spawn().map_err(|error| format!("cannot start {}: {error}", recipe.name()).into())
}

/// Other users of the machine reach the port, too.
fn password() -> Outcome<String> {
    let mut bytes = [0; 16];
    std::io::Read::read_exact(&mut File::open("/dev/urandom")?, &mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::super::{Mariadb, Postgresql, Redis};
    use super::*;

    fn crash_and_restart(recipe: Box<dyn Recipe>) {
        let Some(mut own) = OwnService::start(recipe, Safety::PowerLoss).unwrap() else { return };
        let (url, port) = (own.url(), own.port());
        assert!(url.contains(&format!("127.0.0.1:{port}/")), "{url}");
        own.crash().unwrap();
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
        own.restart().unwrap();
        assert_eq!(own.url(), url);
        let folder = own.service.place.folder.clone();
        let process = Identity::of(own.service.process.id()).unwrap();
        drop(own);
        assert!(!process.is_alive() && !folder.exists());
    }

    #[test]
    fn postgresql_is_killed_and_started_again_and_leaves_nothing() {
        crash_and_restart(Box::new(Postgresql));
    }

    #[test]
    fn mariadb_is_killed_and_started_again_and_leaves_nothing() {
        crash_and_restart(Box::new(Mariadb));
    }

    #[test]
    fn redis_is_killed_and_started_again_and_leaves_nothing() {
        crash_and_restart(Box::new(Redis));
    }
}
