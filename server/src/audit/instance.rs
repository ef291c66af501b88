//! The name of a server among those that share a database: it is that of its log there, and stays the same.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use super::file::lock;
use super::new_name;
use crate::failure::Failure;

/// The file with the name, in the data folder.
pub(super) const FILE: &str = "audit.instance";

/// Held while a process writes the log of this name.
pub(super) struct Instance(#[allow(dead_code)] File);

impl Instance {
    /// The name in a file, which is made with a new one if it is not there.
    ///
    /// # Errors
    /// It cannot be read or written, or another process has it.
    pub(super) fn of(file: &Path) -> Result<(String, Self), Failure> {
        let problem = |what: &dyn std::fmt::Display| Failure::new(format!("{}: {what}", file.display()));
        let lock = lock(file).map_err(|error| problem(&error))?;
        let lock = lock.ok_or_else(|| problem(&"another process writes the audit log that this names"))?;
        let name = fs::read_to_string(file).map_err(|error| problem(&error))?;
        let name = match name.trim() {
            "" => {
                let name = new_name();
                let written = writeln!(&lock, "{name}").and_then(|()| lock.sync_all());
                written.map_err(|error| problem(&error))?;
                name
            }
            name if name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) => name.to_owned(),
            _ => return Err(problem(&"it holds no name of an audit log, which has 32 hexadecimal digits")),
        };
        Ok((name, Self(lock)))
    }
}
