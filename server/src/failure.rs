//! Why the server or a command ended.

use std::fmt;
use std::process::ExitCode;

use claviger_engine::registry::RegistryError;
use claviger_plugin_sdk::Error;

use crate::configuration::ConfigurationError;

/// A message for the operator, and whether it is the command line or configuration that must change.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// Something failed while starting or running.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }

    /// Command line or configuration must change.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 2 }
    }

    /// A failure of the engine or of a plugin, with all that it says for the log: the operator may read it.
    pub(crate) fn from_error(what: &str, error: &Error) -> Self {
        let cause = std::error::Error::source(error).map(|cause| format!(" ({cause})")).unwrap_or_default();
        Self::new(format!("{what}: {}{cause}", error.message()))
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<ConfigurationError> for Failure {
    fn from(error: ConfigurationError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        Self::new(error.to_string())
    }
}
