//! A file that holds a secret of the server.

use std::path::Path;

use claviger_kmip::ByteString;
use claviger_plugin_sdk::private_file;

use crate::failure::Failure;

/// What such a file is not longer than.
const LONGEST: usize = 64 << 10;

/// Reads a file that `flag` names.
///
/// # Errors
/// As those of [`private_file::read`].
pub(crate) fn read(file: &Path, flag: &str) -> Result<ByteString, Failure> {
    private_file::read(file, LONGEST).map_err(|error| problem(file, flag, error.message()))
}

/// What is wrong with the file that `flag` names.
pub(crate) fn problem(file: &Path, flag: &str, what: impl std::fmt::Display) -> Failure {
    Failure::new(format!("--{flag}: {}: {what}", file.display()))
}
