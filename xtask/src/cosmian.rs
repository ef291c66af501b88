//! Acceptance with a published client of the REST family, in both of its generations: each against a server of its own.

use std::path::Path;
use std::process::Command;

use crate::acceptance::Options;
use crate::running_server::ServerStart;
use crate::score::{Later, Score};
use crate::{Outcome, python, step, workspace};

/// A generation of the client, with the library whose keys and ciphertexts it exchanges with the server.
struct Generation {
    /// The folder of its environment: the two cannot be installed side by side.
    name: &'static str,
    packages: &'static [&'static str],
    /// How many cases the script has for it at the least.
    cases: usize,
}

const GENERATIONS: [Generation; 2] = [
    Generation {
        name: "cosmian-4.22.1",
        packages: &["cosmian-kms==4.22.1", "cover-crypt==14.0.0", "cryptography"],
        cases: 91,
    },
    Generation { name: "cosmian-4.8.2", packages: &["cosmian-kms==4.8.2", "cover-crypt==12.0.1"], cases: 68 },
];

/// Runs the acceptance script against this server binary with each generation, if the script is present.
pub(crate) fn score(binary: &Path, options: &Options) -> Outcome {
    step::announce("acceptance of the REST family's published client");
    let Some(script) = workspace::shared_file("clients/accept_cosmian_py.py") else {
        println!("skipped: the acceptance script is not here; $CLAVIGER_SHARED names the folder that has it");
        return Ok(());
    };
    let (mut score, later) = (Score::default(), Later::read()?);
    for Generation { name, packages, cases } in GENERATIONS {
        let python = python::with_packages(name, packages)?;
        let folder = tempfile::tempdir()?;
        let server = ServerStart { binary, folder: folder.path(), certificates: None, flags: &[] }.run()?;
        let mut suite = Command::new(python);
        suite.arg(&script).arg(format!("http://{}", server.http()));
        options.narrow(&mut suite);
        score.add_run(name, &mut suite, &later)?;
        if options.is_whole() {
            score.demand_cases(name, cases)?;
        }
    }
    score.conclude("acceptance of the REST family's client", &later)
}
