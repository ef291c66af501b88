//! Keys, signatures and ciphertexts between the server and two other implementations: the `openssl` command and
//! Python's `cryptography`.

use std::path::Path;
use std::process::Command;

use crate::acceptance::Options;
use crate::running_server::ServerStart;
use crate::score::{Later, Score};
use crate::{Outcome, python, step, workspace};

const PACKAGES: [&str; 1] = ["cryptography"];

/// Runs the cases against this server binary.
pub(crate) fn score(binary: &Path, options: &Options) -> Outcome {
    step::announce("exchange with other implementations");
    let python = python::with_packages("exchange", &PACKAGES)?;
    let folder = tempfile::tempdir()?;
    let server = ServerStart { binary, folder: folder.path(), certificates: None, flags: &[] }.run()?;
    let mut suite = Command::new(python);
    suite.arg(workspace::root().join("xtask/acceptance/exchange"));
    suite.arg(format!("http://{}/kmip", server.http()));
    options.narrow(&mut suite);
    let (mut score, later) = (Score::default(), Later::read()?);
    score.add_run("openssl, cryptography", &mut suite, &later)?;
    score.conclude("exchange with other implementations", &later)
}
