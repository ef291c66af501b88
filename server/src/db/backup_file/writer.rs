//! Writing a backup.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest::{Context, SHA256};
use claviger_kmip::codec::binary;
use claviger_plugin_sdk::upkeep::{KeptDocument, KeptObject, SnapshotCounts};
use zeroize::Zeroizing;

use super::chunks::Sealing;
use super::entry::{Begin, End, Entry};
use super::protection::Protection;
use crate::failure::Failure;

/// A backup that is being written, under another name until it is whole. Dropping it removes what there is.
pub(crate) struct BackupWriter {
    out: Out,
    partial: Partial,
    counts: SnapshotCounts,
    digest: Context,
}

/// Where the entries go.
enum Out {
    Plain(BufWriter<File>),
    Sealed(Box<Sealing<BufWriter<File>>>),
}

/// A file that is removed unless it is kept.
struct Partial {
    path: PathBuf,
    target: PathBuf,
    kept: bool,
}

impl BackupWriter {
    /// Begins a backup in a file that only its owner may read, and that must not exist.
    ///
    /// # Errors
    /// It exists, cannot be written, or the secret cannot be read.
    pub(crate) fn create(target: &Path, protection: &Protection, begin: Begin) -> Result<Self, Failure> {
        if target.exists() {
            return Err(Failure::usage(format!(
                "{} exists: name another file, or remove it",
                target.display()
            )));
        }
        let mut name = target.as_os_str().to_owned();
        // Of this backup alone: another one of the same name may be under way.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        name.push(format!(".{}-{}.partial", std::process::id(), since.as_nanos()));
        let path = PathBuf::from(name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let file =
            file.map_err(|error| Failure::new(format!("{} cannot be made: {error}", path.display())))?;
        let partial = Partial { path, target: target.to_owned(), kept: false };
        let mut file = BufWriter::new(file);
        let mut prefix = Vec::new();
        let key = protection.begin(&mut prefix)?;
        file.write_all(&prefix).map_err(|error| partial.failed(&error))?;
        let out = match key {
            None => Out::Plain(file),
            Some(key) => Out::Sealed(Box::new(Sealing::new(file, key))),
        };
        let mut digest = Context::new(&SHA256);
        digest.update(&prefix);
        let mut writer = Self { out, partial, counts: SnapshotCounts::default(), digest };
        writer.write(&Entry::Begin(begin))?;
        Ok(writer)
    }

    /// Adds a document.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn document(&mut self, document: KeptDocument) -> Result<(), Failure> {
        self.counts.documents += 1;
        self.write(&Entry::Document(document))
    }

    /// Adds an object.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn object(&mut self, object: KeptObject) -> Result<(), Failure> {
        self.counts.objects += 1;
        self.write(&Entry::Object(object))
    }

    /// Ends the backup: it is on the disk, under its name. Gives how much is in it.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn finish(mut self) -> Result<SnapshotCounts, Failure> {
        let digest = self.digest.clone().finish().as_ref().to_vec();
        self.write(&Entry::End(End { counts: self.counts, digest }))?;
        let Self { out, mut partial, counts, .. } = self;
        let file = match out {
            Out::Plain(file) => Ok(file),
            Out::Sealed(sealing) => sealing.finish(),
        };
        let synced =
            file.and_then(|file| file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all());
        synced.and_then(|()| partial.keep()).map_err(|error| partial.failed(&error))?;
        Ok(counts)
    }

    fn write(&mut self, entry: &Entry) -> Result<(), Failure> {
        let bytes = Zeroizing::new(binary::encode(&entry.to_item()));
        self.digest.update(&bytes);
        let written = match &mut self.out {
            Out::Plain(out) => out.write_all(&bytes),
            Out::Sealed(out) => out.write_all(&bytes),
        };
        written.map_err(|error| self.partial.failed(&error))
    }
}

impl Partial {
    /// Gives the file its name, durably, unless something else has it by now.
    fn keep(&mut self) -> io::Result<()> {
        match fs::hard_link(&self.path, &self.target) {
            Ok(()) => fs::remove_file(&self.path)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists || self.target.exists() => {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            // A file system without links.
            Err(_) => fs::rename(&self.path, &self.target)?,
        }
        self.kept = true;
        let folder = self.target.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }

    fn failed(&self, error: &io::Error) -> Failure {
        Failure::new(format!("the backup {} cannot be written: {error}", self.target.display()))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.kept {
            // It may be gone; there is nothing else to do about it.
            let _ = fs::remove_file(&self.path);
        }
    }
}
