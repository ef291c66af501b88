//! The configured authority.

use std::path::Path;

use claviger_plugin_sdk::{Error, Result};

/// Checks that the file holds a certificate, so that a mistake shows at the start and not in the first handshake.
///
/// # Errors
/// Invalid Field: the file cannot be read, or holds no certificate in PEM.
pub(crate) fn check(path: &Path) -> Result<()> {
    let text = std::fs::read(path).map_err(|error| {
        let why = format!("--{} names a file that cannot be read ({})", crate::AUTHORITY, error.kind());
        Error::invalid(why).because(error)
    })?;
    let certificate = x509_parser::pem::Pem::iter_from_buffer(&text)
        .filter_map(std::result::Result::ok)
        .any(|pem| pem.label == "CERTIFICATE" && pem.parse_x509().is_ok());
    if certificate {
        return Ok(());
    }
    Err(Error::invalid(format!("--{} names a file without a certificate in PEM", crate::AUTHORITY)))
}
