//! Configuration: flags, then environment, then a TOML file, then defaults.
//!
//! Every setting is a row of a table ([`table::SettingsTable`]): the server's own rows and those of the plugins
//! that are compiled in. Command line, variables, file, help and example are all made from the rows, so a build
//! without a plugin has none of its settings. Reading is pure ([`Configuration::read`]); the only things that touch
//! the disk are the file itself and secrets kept in files ([`Configuration::into_settings`]).

pub mod example;
mod file;
mod libraries;
mod limit_settings;
mod merge;
mod own_settings;
mod suggestion;
pub mod table;
mod value;

pub use merge::{Configuration, ConfigurationError, Sources};
