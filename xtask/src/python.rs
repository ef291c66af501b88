//! The Python that black-box suites run in.

use std::path::PathBuf;
use std::process::Command;

use crate::{Outcome, step, workspace};

/// The Python of a virtual environment that has these packages, made once in cargo's output folder.
///
/// # Errors
/// There is no Python with virtual environments, or a package cannot be installed.
pub(crate) fn with_packages(name: &str, packages: &[&str]) -> Outcome<PathBuf> {
    let folder = workspace::target().join(name);
    let python = folder.join("bin/python");
    let ready = folder.join("ready");
    if !ready.exists() {
        step::run(
            "make a virtual environment",
            Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder),
        )?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        let title = format!("install {}", packages.join(" and "));
        step::run(&title, Command::new(&python).args(install).args(packages))?;
        std::fs::write(ready, packages.join("\n"))?;
    }
    Ok(python)
}
