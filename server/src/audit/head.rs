//! Signed heads: who has the public key knows from one how far a log went, and that nothing before was changed.
//!
//! What is signed is the text `claviger audit head 1`, the name of the log, the number and the hash of a line, and the
//! time, each followed by a newline, with Ed25519 (RFC 8032). `openssl pkeyutl -verify -rawin` verifies it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use openssl::pkey::{Id, PKey, Private, Public};
use openssl::sign::{Signer, Verifier};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::chain::{Hash, Link};
use crate::failure::Failure;
use crate::sealing::private_file;

/// The signed end of a log at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The name of the log.
    pub(crate) log: String,
    /// The line that it is about.
    pub(crate) link: Link,
    /// When it was signed, as in records.
    pub(crate) time: String,
    /// The public key, 64 hexadecimal digits.
    pub(crate) key: String,
    /// The signature, 128 hexadecimal digits.
    pub(crate) signature: String,
}

impl Head {
    /// The head as JSON.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "log": self.log,
            "seq": self.link.seq,
            "hash": self.link.hash.to_string(),
            "time": self.time,
            "key": self.key,
            "signature": self.signature,
        })
    }

    /// The body of a line with a head that is about the line before it, whose number and hash stand there already.
    pub(super) fn to_body(&self) -> Vec<u8> {
        let Self { log, time, key, signature, .. } = self;
        format!(
            "{{\"event\":\"head\",\"time\":\"{time}\",\"log\":\"{log}\",\"key\":\"{key}\",\"signature\":\"{signature}\"}}"
        )
        .into_bytes()
    }

    /// Reads what [`Head::to_json`] made.
    pub(crate) fn from_json(value: &Value) -> Option<Self> {
        let hash = Hash::from_hex(value.get("hash")?.as_str()?.as_bytes())?;
        Self::about(Link { seq: value.get("seq")?.as_u64()?, hash }, value)
    }

    /// Reads the line of a head, which is about the line before.
    pub(super) fn about(link: Link, value: &Value) -> Option<Self> {
        let text = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
        Some(Self {
            log: text("log")?,
            link,
            time: text("time")?,
            key: text("key")?,
            signature: text("signature")?,
        })
    }

    fn signed_text(log: &str, link: &Link, time: &str) -> String {
        format!("claviger audit head 1\n{log}\n{}\n{}\n{time}\n", link.seq, link.hash)
    }

    /// Whether the key that it names signed it, whoever's that is.
    pub(crate) fn is_signed(&self) -> bool {
        PublicKey::named(&self.key).is_some_and(|key| self.is_signed_by(&[key]))
    }

    /// Whether one of the keys signed it.
    pub(crate) fn is_signed_by(&self, keys: &[PublicKey]) -> bool {
        let text = Self::signed_text(&self.log, &self.link, &self.time);
        let signature = hex::decode(&self.signature).unwrap_or_default();
        let key = keys.iter().find(|key| key.name == self.key);
        key.is_some_and(|key| key.verify(text.as_bytes(), &signature))
    }
}

/// What verifies heads.
#[derive(Clone, Debug)]
pub(crate) struct PublicKey {
    /// The key, 64 hexadecimal digits.
    pub(crate) name: String,
    key: PKey<Public>,
}

impl PublicKey {
    /// Reads a file with a public key in PEM, or with the private one.
    ///
    /// # Errors
    /// It cannot be read, or has no Ed25519 key.
    pub(crate) fn read(file: &Path) -> Result<Self, Failure> {
        let problem = |what: &dyn std::fmt::Display| Failure::new(format!("{}: {what}", file.display()));
        // It may be the private one.
        let text = Zeroizing::new(fs::read(file).map_err(|error| problem(&error))?);
        if let Ok(key) = PKey::public_key_from_pem(&text) {
            return Self::of(key).ok_or_else(|| problem(&NO_KEY));
        }
        // Read again, with a look at who else may.
        Ok(SigningKey::read(file)?.public().clone())
    }

    /// That of 64 hexadecimal digits.
    fn named(name: &str) -> Option<Self> {
        Self::of(PKey::public_key_from_raw_bytes(&hex::decode(name).ok()?, Id::ED25519).ok()?)
    }

    fn of(key: PKey<Public>) -> Option<Self> {
        let raw = (key.id() == Id::ED25519).then(|| key.raw_public_key().ok())??;
        Some(Self { name: hex::encode(raw), key })
    }

    /// The key in PEM.
    pub(crate) fn to_pem(&self) -> String {
        String::from_utf8(self.key.public_key_to_pem().unwrap_or_default()).unwrap_or_default()
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let verified =
            Verifier::new_without_digest(&self.key).and_then(|mut it| it.verify_oneshot(signature, text));
        verified.unwrap_or(false)
    }
}

/// The flag that names the file of the signing key.
pub(crate) const KEY_FLAG: &str = "audit-signing-key-file";
const NO_KEY: &str = "no Ed25519 key in PEM, such as `openssl genpkey -algorithm ed25519` makes";

/// What signs heads.
pub(crate) struct SigningKey {
    key: PKey<Private>,
    public: PublicKey,
}

impl SigningKey {
    /// Reads a file with a private key in PEM.
    ///
    /// # Errors
    /// It cannot be read, others may read it, or it has no Ed25519 key.
    pub(crate) fn read(file: &Path) -> Result<Self, Failure> {
        let text = private_file::read(file, KEY_FLAG)?;
        let key = PKey::private_key_from_pem(&text).ok().and_then(Self::of);
        key.ok_or_else(|| private_file::problem(file, KEY_FLAG, NO_KEY))
    }

    /// Reads the file, or makes it with a new key, for its owner alone, if it is not there.
    ///
    /// # Errors
    /// As for [`SigningKey::read`]; it cannot be written.
    pub(crate) fn read_or_make(file: &Path) -> Result<Self, Failure> {
        let problem = |what: &dyn std::fmt::Display| private_file::problem(file, KEY_FLAG, what);
        if file.try_exists().map_err(|error| problem(&error))? {
            return Self::read(file);
        }
        let key = PKey::generate_ed25519().map_err(|error| problem(&error))?;
        let pem = Zeroizing::new(key.private_key_to_pem_pkcs8().map_err(|error| problem(&error))?);
        if !make_whole(file, &pem).map_err(|error| problem(&error))? {
            return Self::read(file);
        }
        tracing::info!(file = %file.display(), "a key that signs the audit log was made: keep its public key elsewhere");
        Self::of(key).ok_or_else(|| problem(&NO_KEY))
    }

    fn of(key: PKey<Private>) -> Option<Self> {
        let raw = (key.id() == Id::ED25519).then(|| key.raw_public_key().ok())??;
        let public = PublicKey::of(PKey::public_key_from_raw_bytes(&raw, Id::ED25519).ok()?)?;
        Some(Self { key, public })
    }

    /// What verifies its signatures.
    pub(crate) fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs the end of a log; `None` if the library does not sign.
    pub(super) fn sign(&self, log: &str, link: Link, time: String) -> Option<Head> {
        let text = Head::signed_text(log, &link, &time);
        let mut signer = Signer::new_without_digest(&self.key).ok()?;
        let signature = hex::encode(signer.sign_oneshot_to_vec(text.as_bytes()).ok()?);
        Some(Head { log: log.to_owned(), link, time, key: self.public.name.clone(), signature })
    }
}

/// Makes a file for its owner alone, so that nobody ever finds half of it. False if somebody else was faster.
fn make_whole(file: &Path, content: &[u8]) -> io::Result<bool> {
    let new = beside(file, &format!(".{}.new", std::process::id()));
    // One that a process of the same number left goes. What somebody else puts there is neither followed nor written.
    let _ = fs::remove_file(&new);
    let mut made = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&new)?;
    let named = made.write_all(content).and_then(|()| made.sync_all()).and_then(|()| {
        match fs::hard_link(&new, file) {
            // Not every file system has links. Nothing that is there is overwritten where it has.
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => fs::rename(&new, file),
            linked => linked,
        }
    });
    // It has its own name by now, or is of no use.
    let _ = fs::remove_file(&new);
    match named {
        Ok(()) => file.parent().map_or(Ok(true), |folder| sync_folder(folder).map(|()| true)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// The file with the newest head of the log in this file.
pub(crate) fn head_file(log: &Path) -> PathBuf {
    beside(log, ".head")
}

/// The file with this ending beside a log.
pub(crate) fn beside(log: &Path, ending: &str) -> PathBuf {
    let mut name = log.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Reads a head from its file; `None` if there is none.
///
/// # Errors
/// It cannot be read.
pub(crate) fn read_file(file: &Path) -> Result<Option<Head>, Failure> {
    let problem = |what: &dyn std::fmt::Display| Failure::new(format!("{}: {what}", file.display()));
    let text = match fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text.map_err(|error| problem(&error))?,
    };
    let head = serde_json::from_slice(&text).ok().and_then(|value| Head::from_json(&value));
    head.map(Some).ok_or_else(|| problem(&"this is no head of an audit log"))
}

/// Writes a head into its file, so that there is always a whole one.
pub(super) fn write_file(file: &Path, head: &Head) -> io::Result<()> {
    write_json(file, &head.to_json())
}

/// Until when the lines of a head are kept that is in a file, and that they go then.
const EXPIRES: &str = "expires";
/// They never go.
pub(super) const NEVER: i64 = i64::MAX;

/// The same for a head whose lines go after this second since 1970.
pub(super) fn write_file_until(file: &Path, head: &Head, expires: i64) -> io::Result<()> {
    let mut content = head.to_json();
    if let Some(members) = content.as_object_mut() {
        members.insert(EXPIRES.to_owned(), expires.into());
    }
    write_json(file, &content)
}

/// The second since 1970 after which the lines of this head go, if the file has it and says so.
pub(super) fn expiry_in(file: &Path, head: &Head) -> Option<i64> {
    let value: Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    (Head::from_json(&value)? == *head).then(|| value.get(EXPIRES)?.as_i64()).flatten()
}

fn write_json(file: &Path, content: &Value) -> io::Result<()> {
    let new = beside(file, ".new");
    let mut written = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&new)?;
    written.write_all(format!("{content}\n").as_bytes())?;
    written.sync_all()?;
    fs::rename(&new, file)?;
    file.parent().map_or(Ok(()), sync_folder)
}

/// Returns when the names of the files of a folder survive a crash.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn head(key: &SigningKey) -> Head {
        let link = Link { seq: 7, hash: Hash::of(b"a line") };
        key.sign("a-log", link, "2026-11-26T00:00:00.000Z".to_owned()).unwrap()
    }

    #[test]
    fn a_head_is_what_its_key_signed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::read_or_make(&folder.path().join("key")).unwrap();
        let other = SigningKey::read_or_make(&folder.path().join("other")).unwrap();
        let (head, keys) = (head(&key), [key.public().clone()]);
        assert!(head.is_signed_by(&keys));
        assert!(!head.is_signed_by(&[other.public().clone()]));
        assert!(head.is_signed() && other.sign("a", head.link, "now".to_owned()).unwrap().is_signed());
        assert!(!Head { time: "later".to_owned(), ..head.clone() }.is_signed());
        assert_eq!(Head::from_json(&head.to_json()), Some(head.clone()));
        let mut forged = other.sign("a-log", head.link, head.time.clone()).unwrap();
        assert!(!forged.is_signed_by(&keys));
        forged.key.clone_from(&head.key);
        assert!(!forged.is_signed_by(&keys));
        for changed in [
            Head { log: "b-log".to_owned(), ..head.clone() },
            Head { link: Link { seq: 8, ..head.link }, ..head.clone() },
            Head { link: Link { hash: Hash::of(b"another"), ..head.link }, ..head.clone() },
            Head { time: "2026-11-26T00:00:00.001Z".to_owned(), ..head.clone() },
        ] {
            assert!(!changed.is_signed_by(&keys));
        }
    }

    #[test]
    fn openssl_verifies_a_head() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let key = SigningKey::read_or_make(&path("key")).unwrap();
        let head = head(&key);
        fs::write(path("pub"), key.public().to_pem()).unwrap();
        let hash = head.link.hash;
        let text = format!("claviger audit head 1\na-log\n7\n{hash}\n2026-11-26T00:00:00.000Z\n");
        fs::write(path("text"), text).unwrap();
        fs::write(path("signature"), hex::decode(&head.signature).unwrap()).unwrap();
        let verified = Command::new("openssl")
            .args(["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "pub", "-in", "text"])
            .args(["-sigfile", "signature"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(verified.status.success(), "{verified:?}");
    }

    #[test]
    fn a_key_is_made_once_and_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let made = SigningKey::read_or_make(&file).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        let read = SigningKey::read_or_make(&file).unwrap();
        assert_eq!(made.public().name, read.public().name);
        assert_eq!(PublicKey::read(&file).unwrap().name, made.public().name);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        let refused = SigningKey::read_or_make(&file).err().unwrap().to_string();
        assert!(refused.contains("others may read it"), "{refused}");
    }

    #[test]
    fn a_link_in_the_place_of_a_new_key_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (file, other) = (folder.path().join("key"), folder.path().join("other"));
        fs::write(&other, "mine").unwrap();
        let new = beside(&file, &format!(".{}.new", std::process::id()));
        std::os::unix::fs::symlink(&other, &new).unwrap();
        SigningKey::read_or_make(&file).unwrap();
        assert_eq!(fs::read(&other).unwrap(), b"mine");
        assert!(!fs::symlink_metadata(&file).unwrap().is_symlink());
    }
}
