//! Acceptance with a published client: PyKMIP, as two users, on the TLS socket.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::certificates::Certificates;
use crate::running_server::ServerStart;
use crate::score::{Later, Score};
use crate::{Outcome, python, step, workspace};

const PACKAGES: [&str; 2] = ["pykmip==0.11.0", "cryptography"];

#[derive(clap::Args, Default)]
#[command(after_help = "Example:
  cargo xtask pykmip --only locate")]
pub(crate) struct Options {
    /// Only the checks whose name contains this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Test this server binary instead of building one
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
}

/// Builds the server, runs the checks and prints the score.
pub(crate) fn run(options: &Options) -> Outcome {
    score(&step::server(options.server.as_deref())?, options)
}

/// Runs the acceptance script against this server binary, if the script is present.
pub(crate) fn score(binary: &Path, options: &Options) -> Outcome {
    step::announce("PyKMIP acceptance");
    let Some(script) = workspace::shared_file("clients/accept_pykmip.py") else {
        println!("skipped: the acceptance script is not here; $CLAVIGER_SHARED names the folder that has it");
        return Ok(());
    };
    let python = python::with_packages("pykmip", &PACKAGES)?;
    let folder = tempfile::tempdir()?;
    let certificates = Certificates::make(folder.path())?;
    let server = ServerStart {
        binary,
        folder: &folder.path().join("data"),
        certificates: Some(&certificates),
        flags: &[],
    }
    .run()?;
    let address = server.ttlv().ok_or("the server has no TTLV socket")?;
    let (alice, bob) = (certificates.user("alice"), certificates.user("bob"));
    let mut suite = Command::new(python);
    suite.arg(script).args([address.ip().to_string(), address.port().to_string()]);
    suite.arg("--ca").arg(certificates.authority());
    suite.arg("--cert").arg(alice.certificate).arg("--key").arg(alice.key);
    suite.arg("--cert2").arg(bob.certificate).arg("--key2").arg(bob.key);
    if let Some(text) = &options.only {
        suite.args(["--only", text]);
    }
    let (mut score, later) = (Score::default(), Later::read()?);
    score.add_run("PyKMIP 1.0 to 2.0", &mut suite, &later)?;
    score.conclude("PyKMIP acceptance", &later)
}
