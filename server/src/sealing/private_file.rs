//! A file that holds a secret of the server.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use zeroize::Zeroizing;

use crate::failure::Failure;

/// What such a file is not longer than.
const LONGEST: u64 = 64 << 10;

/// Reads a file that `flag` names.
///
/// # Errors
/// It cannot be read, is too long, or others may read it.
pub(crate) fn read(file: &Path, flag: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let problem = |what: &dyn std::fmt::Display| problem(file, flag, what);
    let opened = File::open(file).map_err(|error| problem(&error))?;
    let mode = opened.metadata().map_err(|error| problem(&error))?.permissions().mode();
    if mode & 0o027 != 0 {
        let mode = mode & 0o777;
        return Err(problem(&format_args!(
            "others may read it, or its group may write it (mode {mode:03o}): `chmod 600` it"
        )));
    }
    // Room for all of it at once, so that growing leaves no copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST as usize + 1));
    opened.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| problem(&error))?;
    match bytes.len() as u64 > LONGEST {
        true => Err(problem(&"it is far too long")),
        false => Ok(bytes),
    }
}

/// What is wrong with the file that `flag` names.
pub(crate) fn problem(file: &Path, flag: &str, what: impl std::fmt::Display) -> Failure {
    Failure::new(format!("--{flag}: {}: {what}", file.display()))
}
