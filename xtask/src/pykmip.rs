//! Acceptance with a published client: PyKMIP, as two users, on the TLS socket.

use std::path::Path;
use std::process::Command;

use crate::acceptance::Options;
use crate::certificates::Certificates;
use crate::running_server::ServerStart;
use crate::score::{Later, Score};
use crate::{Outcome, python, step, workspace};

/// What it needs of Python.
pub(crate) const PACKAGES: [&str; 2] = ["pykmip==0.11.0", "cryptography"];

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
    options.narrow(&mut suite);
    let (mut score, later) = (Score::default(), Later::read()?);
    score.add_run("PyKMIP 1.0 to 2.0", &mut suite, &later)?;
    score.conclude("PyKMIP acceptance", &later)
}
