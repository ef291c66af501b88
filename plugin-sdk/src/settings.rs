//! Settings that a plugin owns: its flags, variables and section of the configuration file.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// One setting: a flag, an environment variable and a key of the configuration file. The server builds all three
/// from this, so a build without the plugin has none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The flag without dashes, such as `tmp-path`. The key in the file is the same with underscores.
    pub flag: &'static str,
    /// The environment variable.
    pub variable: &'static str,
    /// Other environment variables that are read when the first is not set.
    pub variable_aliases: &'static [&'static str],
    /// The section of the file, such as `storage`.
    pub section: &'static str,
    /// What values it takes.
    pub kind: SettingKind,
    /// The value when none is given; `None` leaves the setting unset.
    pub default: Option<&'static str>,
    /// What it means, with an example where the value has a format.
    pub help: &'static str,
}

/// What values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// Any text.
    Text,
    /// `true` or `false`; the flag alone means true.
    Switch,
    /// A whole number in these bounds.
    Number(i64, i64),
    /// A path; a relative one is below the root data path.
    Path,
    /// Text that is never shown; `@FILE` reads it from a file.
    Secret,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// Where a database server is found. Every storage plugin that needs one declares this very setting, so that they
/// share it.
pub const DATABASE_URL: Setting = Setting {
    flag: "database-url",
    variable: "KMS_DATABASE_URL",
    variable_aliases: &[],
    section: "storage",
    kind: SettingKind::Secret,
    default: None,
    help: "URL of the database server with user and password, such as KIND://USER:PASSWORD@HOST:PORT/DATABASE; \
           @FILE reads it from a file",
};

/// Who signs the certificate of the database server; shared as [`DATABASE_URL`] is.
pub const DATABASE_CA_FILE: Setting = Setting {
    flag: "database-ca-file",
    variable: "KMS_DATABASE_CA_FILE",
    variable_aliases: &[],
    section: "storage",
    kind: SettingKind::Path,
    default: None,
    help: "PEM file with the certificates of who signs for the database server; those of the system when absent",
};

/// The certificate with which a server shows itself to the database server; shared as [`DATABASE_URL`] is.
pub const DATABASE_CLIENT_CERT_FILE: Setting = Setting {
    flag: "database-client-cert-file",
    variable: "KMS_DATABASE_CLIENT_CERT_FILE",
    variable_aliases: &[],
    section: "storage",
    kind: SettingKind::Path,
    default: None,
    help: "PEM file with the certificate that is shown to the database server, followed by those of its issuers",
};

/// The private key of [`DATABASE_CLIENT_CERT_FILE`].
pub const DATABASE_CLIENT_KEY_FILE: Setting = Setting {
    flag: "database-client-key-file",
    variable: "KMS_DATABASE_CLIENT_KEY_FILE",
    variable_aliases: &[],
    section: "storage",
    kind: SettingKind::Path,
    default: None,
    help: "PEM file with the private key that belongs to --database-client-cert-file",
};

/// The values of all settings, after flags, environment, file and defaults were merged and checked.
#[derive(Clone, Default)]
pub struct Settings {
    values: BTreeMap<&'static str, Zeroizing<String>>,
    root: PathBuf,
}

impl Settings {
    /// Settings with these values, relative paths being below `root`.
    pub fn new(root: PathBuf, values: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self { values: values.into_iter().map(|(flag, value)| (flag, Zeroizing::new(value))).collect(), root }
    }

    /// The text of a setting.
    pub fn text(&self, flag: &str) -> Option<&str> {
        self.values.get(flag).map(|value| value.as_str())
    }

    /// Whether a switch is on.
    pub fn switch(&self, flag: &str) -> bool {
        self.text(flag) == Some("true")
    }

    /// The number of a setting.
    ///
    /// # Errors
    /// The value is no number; the server checks that before a plugin sees it.
    pub fn number(&self, flag: &str) -> Result<Option<i64>> {
        self.text(flag)
            .map(|text| text.parse().map_err(|_| Error::invalid(format!("--{flag} takes a whole number"))))
            .transpose()
    }

    /// The path of a setting, made absolute.
    pub fn path(&self, flag: &str) -> Option<PathBuf> {
        self.text(flag).map(|text| self.root.join(text))
    }

    /// The folder that relative paths are below.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}
