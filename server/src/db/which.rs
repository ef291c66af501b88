//! Which database is meant, where a storage has one for each group of users.

use std::path::Path;

use claviger_plugin_sdk::authentication::ConnectionFacts;

use crate::failure::Failure;

/// The header field in which requests bring the token of a database.
const HEADER: &str = "kmsdatabasesecret";

/// The facts of a request that brings the token in a file; those of the server's own without one.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn facts(token: Option<&Path>) -> Result<ConnectionFacts, Failure> {
    let mut facts = ConnectionFacts::internal();
    if let Some(file) = token {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", file.display())))?;
        facts.headers.push((HEADER.to_owned(), text.trim().to_owned()));
    }
    Ok(facts)
}
