//! The packages of Node.js that black-box suites use.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, step, workspace};

/// A copy of this folder, in cargo's output folder, with the packages that its `package-lock.json` names. They are
/// installed once; the other files are copied every time.
///
/// # Errors
/// There is no Node.js with npm, or a package cannot be installed.
pub(crate) fn with_packages(name: &str, source: &Path) -> Outcome<PathBuf> {
    let folder = workspace::target().join(name);
    fs::create_dir_all(&folder)?;
    for entry in fs::read_dir(source)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    let lock = fs::read_to_string(source.join("package-lock.json"))?;
    let ready = folder.join("ready");
    if fs::read_to_string(&ready).ok().as_deref() != Some(lock.as_str()) {
        let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
        step::run(
            &format!("install the packages of {name}"),
            Command::new("npm").current_dir(&folder).args(arguments),
        )?;
        fs::write(ready, lock)?;
    }
    Ok(folder)
}
