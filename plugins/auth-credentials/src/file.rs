//! The file of credentials: its shape in TOML, and when it is read.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use claviger_plugin_sdk::{Error, Result};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::directory::Directory;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// `[[user]]`
    #[serde(default)]
    pub(crate) user: Vec<UserEntry>,
    /// `[[device]]`
    #[serde(default)]
    pub(crate) device: Vec<DeviceEntry>,
    /// `[[attestation]]`
    #[serde(default)]
    pub(crate) attestation: Vec<AttestationEntry>,
}

/// A user.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserEntry {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) groups: Vec<String>,
    pub(crate) operations: Option<Vec<String>>,
    pub(crate) password: Option<String>,
    #[serde(default, deserialize_with = "optional_secret")]
    pub(crate) hashed_password: Option<Zeroizing<String>>,
    pub(crate) one_time_password: Option<OneTimePasswordEntry>,
    #[serde(default)]
    pub(crate) connections: Vec<String>,
    #[serde(default)]
    pub(crate) requires: Vec<String>,
}

/// What makes one-time passwords.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OneTimePasswordEntry {
    pub(crate) kind: String,
    #[serde(deserialize_with = "secret")]
    pub(crate) secret: Zeroizing<String>,
    pub(crate) algorithm: Option<String>,
    pub(crate) digits: Option<u32>,
    pub(crate) period: Option<i64>,
}

/// An attestation that messages of a user must bring.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttestationEntry {
    pub(crate) user: String,
    pub(crate) key: String,
    pub(crate) bank: Option<String>,
    pub(crate) pcrs: Vec<u8>,
    pub(crate) digest: String,
}

/// A device.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeviceEntry {
    pub(crate) user: String,
    #[serde(default)]
    pub(crate) groups: Vec<String>,
    pub(crate) operations: Option<Vec<String>>,
    pub(crate) serial_number: Option<String>,
    pub(crate) identifier: Option<String>,
    pub(crate) network: Option<String>,
    pub(crate) machine: Option<String>,
    pub(crate) media: Option<String>,
    pub(crate) password: Option<String>,
    #[serde(default)]
    pub(crate) connections: Vec<String>,
}

/// A text that is as good as a password.
fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(from).map(Zeroizing::new)
}

fn optional_secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Zeroizing<String>>, D::Error> {
    secret(from).map(Some)
}

impl File {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// Invalid Field: it is no TOML of this shape. The text, which holds secrets, is not shown.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            // Other messages may quote a value.
            let is_about_names = ["unknown field", "missing field", "duplicate key"];
            let why = match is_about_names.iter().any(|start| error.message().starts_with(start)) {
                true => error.message(),
                false => "it is not understood",
            };
            Error::invalid(format!("--{}, line {line}: {why}", crate::FILE))
        })
    }
}

/// The file as it was read last.
pub(crate) struct WatchedFile {
    path: PathBuf,
    current: RwLock<Current>,
    next_look: AtomicI64,
}

struct Current {
    directory: Arc<Directory>,
    seen: Option<Stamp>,
}

/// What changes when a file does.
type Stamp = (SystemTime, u64);

/// Milliseconds between looks at the file.
const LOOK_EVERY: i64 = 1_000;

impl WatchedFile {
    /// Reads the file.
    ///
    /// # Errors
    /// Invalid Field: it cannot be read, or what is in it is no good.
    pub(crate) fn open(path: PathBuf) -> Result<Self> {
        warn_of_readers(&path);
        let seen = stamp(&path);
        let directory = Arc::new(read(&path)?);
        let current = RwLock::new(Current { directory, seen });
        Ok(Self { path, current, next_look: AtomicI64::new(0) })
    }

    /// Who is in the file, at a time in milliseconds. One that was changed for the worse leaves everything as it was.
    pub(crate) fn directory(&self, now: i64) -> Arc<Directory> {
        let due = self.next_look.load(Ordering::Relaxed);
        if !(due.saturating_sub(LOOK_EVERY)..due).contains(&now) {
            self.next_look.store(now.saturating_add(LOOK_EVERY), Ordering::Relaxed);
            self.look();
        }
        self.current.read().unwrap_or_else(PoisonError::into_inner).directory.clone()
    }

    fn look(&self) {
        let seen = stamp(&self.path);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if seen == current.seen {
            return;
        }
        current.seen = seen;
        match read(&self.path) {
            Ok(directory) => {
                tracing::info!("the file of credentials was read again");
                current.directory = Arc::new(directory);
            }
            Err(error) => {
                tracing::warn!(
                    ?error,
                    "the file of credentials has changed and is no good; what it said before holds"
                );
            }
        }
    }
}

fn read(path: &Path) -> Result<Directory> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let why = format!("--{} names a file that cannot be read ({})", crate::FILE, error.kind());
        Error::invalid(why).because(error)
    })?;
    let text = Zeroizing::new(text);
    Directory::of(File::parse(&text)?)
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// Containers mount secrets so that anybody in them may read them, so it is no reason to refuse.
fn warn_of_readers(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    if std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o007 != 0) {
        tracing::warn!("everybody on this machine may read the file that --{} names", crate::FILE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password::tests::PASSWORD1;

    fn refused(text: &str) -> String {
        File::parse(text).err().unwrap().message().to_owned()
    }

    #[test]
    fn a_mistake_is_told_by_its_line_and_without_secrets() {
        let unknown = refused("[[user]]\nname = \"ann\"\npasword = \"hunter2\"\n");
        assert!(unknown.contains("line 3") && unknown.contains("pasword"), "{unknown}");
        for wrong in
            ["[[user]]\nname = \"a\"\npassword = [\"hunter2\"]", "[[user]]\nname = \"a\"\npassword = hunter2"]
        {
            let refused = refused(wrong);
            assert!(refused.contains("line 3") && !refused.contains("hunter2"), "{refused}");
        }
        assert!(refused("[[user]]\n").contains("missing field `name`"));
    }

    #[test]
    fn a_file_is_read_again_when_it_changes_and_kept_when_it_breaks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.toml");
        let write = |name: &str| {
            std::fs::write(&path, format!("[[user]]\nname = \"{name}\"\npassword = \"{PASSWORD1}\"\n"))
                .unwrap();
        };
        write("ann");
        let file = WatchedFile::open(path.clone()).unwrap();
        let knows = |now: i64, name: &str| file.directory(now).user(name).is_some();
        assert!(knows(0, "ann"));
        write("barbara");
        assert!(!knows(999, "barbara"));
        assert!(knows(1_000, "barbara") && !knows(1_000, "ann"));
        std::fs::write(&path, "[[user").unwrap();
        assert!(knows(2_000, "barbara"));
        std::fs::remove_file(&path).unwrap();
        assert!(knows(3_000, "barbara"));
        assert!(WatchedFile::open(path).is_err());
    }
}
