//! Acceptance with a published library for biscuits: the Python package `biscuit-python` narrows tokens of the server.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::acceptance::Options;
use crate::running_server::ServerStart;
use crate::score::{Later, Score};
use crate::{Outcome, python, step, workspace};

const PACKAGES: [&str; 1] = ["biscuit-python==0.4.0"];

/// Runs the cases against this server binary.
pub(crate) fn score(binary: &Path, options: &Options) -> Outcome {
    step::announce("biscuits");
    let python = python::with_packages("biscuit", &PACKAGES)?;
    let folder = tempfile::tempdir()?;
    let key = folder.path().join("root.key").display().to_string();
    token(binary, &["keygen", &key])?;
    let token = token(binary, &["mint", "--biscuit-root-key-file", &key, "--user", "alice"])?;
    let flags = [("--biscuit-root-key-file", key.as_str())];
    let data = folder.path().join("data");
    let server = ServerStart { binary, folder: &data, certificates: None, flags: &flags }.run()?;
    let root = std::fs::read_to_string(&key)?;
    let set_up = json!({ "url": format!("http://{}", server.http()), "token": token, "root": root });
    let file = folder.path().join("set-up.json");
    std::fs::write(&file, set_up.to_string())?;
    let mut suite = Command::new(python);
    suite.arg(workspace::root().join("xtask/acceptance/biscuit/accept.py")).arg(&file);
    options.narrow(&mut suite);
    let (mut score, later) = (Score::default(), Later::read()?);
    score.add_run("biscuit-python", &mut suite, &later)?;
    score.conclude("biscuits", &later)
}

/// What `claviger-server token` prints.
fn token(binary: &Path, arguments: &[&str]) -> Outcome<String> {
    let output = Command::new(binary).arg("token").args(arguments).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
