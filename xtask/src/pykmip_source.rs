//! `db copy-from-kmip` from a server that is not Claviger: PyKMIP's own, in the forms of several versions.

use std::path::Path;
use std::process::Command;

use crate::acceptance::Options;
use crate::certificates::Certificates;
use crate::running_server::free_port;
use crate::score::{Later, Score};
use crate::{Outcome, pykmip, python, step, workspace};

/// The latest version that the other server speaks: attributes of 2.x, without and with Offset Items, and the first one.
/// It has no Export in any.
const VERSIONS: [&str; 4] = ["2.0", "1.4", "1.2", "1.0"];

/// Runs the cases with this server binary.
pub(crate) fn score(binary: &Path, options: &Options) -> Outcome {
    step::announce("copies from PyKMIP's server");
    let python = python::with_packages("pykmip", &pykmip::PACKAGES)?;
    let (mut score, later) = (Score::default(), Later::read()?);
    for version in VERSIONS {
        let folder = tempfile::tempdir()?;
        let (certificates, data) = (folder.path().join("certificates"), folder.path().join("data"));
        std::fs::create_dir(&certificates)?;
        std::fs::create_dir(&data)?;
        Certificates::make(&certificates)?;
        let mut suite = Command::new(&python);
        suite.arg(workspace::root().join("xtask/acceptance/copy_from_pykmip.py"));
        suite.arg(std::path::absolute(binary)?).arg(certificates).arg(data).arg(version);
        for _ in 0..3 {
            suite.arg(free_port()?.port().to_string());
        }
        options.narrow(&mut suite);
        score.add_run(&format!("up to KMIP {version}"), &mut suite, &later)?;
    }
    score.conclude("copies from PyKMIP's server", &later)
}
