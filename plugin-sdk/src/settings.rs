//! Settings that a plugin owns: its flags, variables and section of the configuration file.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use claviger_kmip::Tag;
use claviger_kmip::tables::enumerations::CryptographicAlgorithm;
use claviger_kmip::vocabulary::Vocabulary;
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
    /// What keys are to be, such as `AES-256`; [`KeyToMake`] reads it.
    Key,
}

/// What keys are to be, as a setting of the kind [`SettingKind::Key`] says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyToMake {
    /// The algorithm.
    pub algorithm: CryptographicAlgorithm,
    /// The length in bits.
    pub length: i32,
}

impl KeyToMake {
    /// Reads an algorithm, by its name in KMIP, and a length in bits behind a hyphen: `AES-256`, `HMAC_SHA256-512`. Nothing
    /// if the text is something else. That there are such keys is for whoever makes one to find.
    pub fn parse(text: &str) -> Option<Self> {
        let (algorithm, length) = text.rsplit_once('-')?;
        // Names are read whatever the hyphens in them.
        if algorithm.ends_with('-') {
            return None;
        }
        let algorithm = Vocabulary::standard().enumeration_value(Tag::CRYPTOGRAPHIC_ALGORITHM, algorithm)?;
        let length = length.parse().ok().filter(|length| *length > 0)?;
        Some(Self { algorithm: CryptographicAlgorithm(algorithm), length })
    }
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

/// The values of all settings, after flags, environment, file and defaults were merged and checked. Clones are of the same
/// settings: they share what was made of them.
#[derive(Clone, Default)]
pub struct Settings {
    values: BTreeMap<&'static str, Zeroizing<String>>,
    root: PathBuf,
    made: Arc<Mutex<BTreeMap<TypeId, Made>>>,
}

/// What somebody made of the settings.
type Made = Arc<dyn Any + Send + Sync>;

impl Settings {
    /// Settings with these values, relative paths being below `root`.
    pub fn new(root: PathBuf, values: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let values = values.into_iter().map(|(flag, value)| (flag, Zeroizing::new(value))).collect();
        Self { values, root, made: Arc::default() }
    }

    /// What a plugin makes of the settings, such as the key in a file that they name. It is made when it is asked for
    /// first, which should be when the server starts, and is the same from then on for all that the plugin registers. Each
    /// plugin has types of its own for what it makes; what could not be made is made anew the next time.
    ///
    /// # Errors
    /// What `make` says.
    pub fn once<T: Send + Sync + 'static>(&self, make: impl FnOnce(&Self) -> Result<T>) -> Result<Arc<T>> {
        let kind = TypeId::of::<T>();
        // A panic while the lock is held cannot leave an entry half made.
        let made = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let known = made().get(&kind).cloned().and_then(|known| known.downcast().ok());
        if let Some(known) = known {
            return Ok(known);
        }
        let new = Arc::new(make(self)?);
        // Whoever is first while others make it, too, counts.
        let kept = made().entry(kind).or_insert_with(|| new.clone()).clone();
        Ok(kept.downcast().unwrap_or(new))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_of_settings_is_made_once_for_all_clones() {
        let settings = Settings::new("/".into(), [("name", "a".to_owned())]);
        let failed = settings.once::<String>(|_| Err(Error::invalid("not yet")));
        assert_eq!(failed.unwrap_err().message(), "not yet");
        let name = |settings: &Settings| Ok(settings.text("name").unwrap_or_default().to_owned());
        let made = settings.once(name).unwrap();
        let again = settings.clone().once::<String>(|_| panic!("it is made twice")).unwrap();
        assert!(Arc::ptr_eq(&made, &again) && *again == "a");
        assert_eq!(*settings.once(|_| Ok(7_u32)).unwrap(), 7, "another type");
        let others = Settings::new("/".into(), [("name", "b".to_owned())]);
        assert_eq!(*others.once(name).unwrap(), "b");
    }

    #[test]
    fn a_key_to_make_is_an_algorithm_and_a_length() {
        let key = |algorithm, length| Some(KeyToMake { algorithm, length });
        assert_eq!(KeyToMake::parse("AES-192"), key(CryptographicAlgorithm::AES, 192));
        assert_eq!(KeyToMake::parse("HMAC_SHA256-512"), key(CryptographicAlgorithm::HMAC_SHA256, 512));
        for wrong in ["AES", "AES-", "AES-long", "AES-0", "AES--1", "Nothing-256", "-256", ""] {
            assert_eq!(KeyToMake::parse(wrong), None, "{wrong:?}");
        }
    }
}
