//! What a kind of server needs to be started: a trait that each fills in its own file.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::account::{Account, Outlives};
use crate::Outcome;
use crate::certificates::Certificates;

/// A kind of server.
pub trait Recipe: Send + Sync {
    /// Its name, which is that of its folder, too.
    fn name(&self) -> &'static str;

    /// The program that must be installed.
    fn program(&self) -> Option<PathBuf>;

    /// The signal that asks it to end in order.
    fn signal(&self) -> &'static str {
        "TERM"
    }

    /// Fills the folder before the first start.
    ///
    /// # Errors
    /// The server's own tools fail.
    fn prepare(&self, place: &Place) -> Outcome;

    /// Its command line, which keeps it in the foreground.
    ///
    /// # Errors
    /// It is not installed.
    fn command(&self, place: &Place) -> Outcome<Command>;

    /// Whether it does its work by now.
    fn answers(&self, place: &Place) -> bool;

    /// Variables for tests, after `CLAVIGER_TEST_`, the first of which is its URL.
    fn variables(&self, place: &Place) -> Vec<(&'static str, String)>;
}

/// Where one server is.
pub struct Place {
    /// Its data, certificates and log, in a folder that it may write to.
    pub(super) folder: PathBuf,
    pub(super) port: u16,
    /// Where it speaks TLS, if that is another port.
    pub(super) tls_port: u16,
    pub(super) password: String,
    pub(super) safety: Safety,
    pub(super) account: Account,
    pub(super) outlives: Outlives,
}

/// What an acknowledged write outlives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Safety {
    /// Power loss: the server waits for the disk, as it does in production.
    PowerLoss,
    /// The end of the server, however sudden. Tests are quicker this way.
    ProcessLoss,
}

/// The user that tests use, who may create databases and users.
pub(super) const USER: &str = "claviger";

/// A user who is known by a client certificate over TLS, and by nothing else.
pub(super) const TLS_USER: &str = "claviger-tls";

impl Place {
    /// Gives the server its certificate, and the authority's.
    pub(super) fn add_certificates(&self, certificates: &Certificates) -> Outcome {
        let server = certificates.server();
        let authority = certificates.authority();
        let files =
            [(SERVER_CERTIFICATE, &server.certificate), (SERVER_KEY, &server.key), (AUTHORITY, &authority)];
        files.into_iter().try_for_each(|(name, file)| self.write(name, &std::fs::read(file)?))
    }

    /// The path of a file in its folder, as text.
    pub(super) fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Writes a file into its folder that it may read.
    pub(super) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> Outcome {
        self.account.file(&self.folder.join(name), text)
    }

    /// A command that runs in its folder, as its user, and ends when it should.
    pub(super) fn run(&self, program: &Path) -> Command {
        self.account.command(program, &self.folder, self.outlives)
    }

    /// Runs one of the server's tools to its end.
    pub(super) fn tool(&self, command: &mut Command) -> Outcome {
        let output = command.output()?;
        if !output.status.success() {
            let text = [output.stdout, output.stderr].concat();
            return Err(format!("{command:?} failed: {}", String::from_utf8_lossy(&text)).into());
        }
        Ok(())
    }
}

pub(super) const SERVER_CERTIFICATE: &str = "server.pem";
pub(super) const SERVER_KEY: &str = "server.key";
pub(super) const AUTHORITY: &str = "ca.pem";
