//! Keys, signatures and ciphertexts between the server and two other implementations: the `openssl` command and
//! Python's `cryptography`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::running_server::ServerStart;
use crate::score::{Later, Score};
use crate::{Outcome, python, step, workspace};

const PACKAGES: [&str; 1] = ["cryptography"];

#[derive(clap::Args, Default)]
#[command(after_help = "Example:
  cargo xtask exchange --only rsa_pss")]
pub(crate) struct Options {
    /// Only the cases whose name contains this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Test this server binary instead of building one
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
}

/// Builds the server, runs the cases and prints the score.
pub(crate) fn run(options: &Options) -> Outcome {
    score(&step::server(options.server.as_deref())?, options)
}

/// Runs the cases against this server binary.
pub(crate) fn score(binary: &Path, options: &Options) -> Outcome {
    step::announce("exchange with other implementations");
    let python = python::with_packages("exchange", &PACKAGES)?;
    let folder = tempfile::tempdir()?;
    let server = ServerStart { binary, folder: folder.path(), certificates: None, flags: &[] }.run()?;
    let mut suite = Command::new(python);
    suite.arg(workspace::root().join("xtask/acceptance/exchange"));
    suite.arg(format!("http://{}/kmip", server.http()));
    if let Some(text) = &options.only {
        suite.args(["--only", text]);
    }
    let (mut score, later) = (Score::default(), Later::read()?);
    score.add_run("openssl, cryptography", &mut suite, &later)?;
    score.conclude("exchange with other implementations", &later)
}
