//! Reading a backup.

use std::fs::File;
use std::io::{BufReader, Read, Seek as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use claviger_kmip::codec::binary::{self, HEADER};
use claviger_kmip::codec::limits::Limits;
use claviger_plugin_sdk::upkeep::SnapshotCounts;
use zeroize::Zeroizing;

use super::chunks::Opening;
use super::entry::{Begin, Entry};
use super::protection::{self, KeySource};
use crate::failure::Failure;

/// A backup that is being read, from its beginning to its end.
pub(crate) struct BackupReader {
    path: PathBuf,
    input: Box<dyn Read + Send>,
    digest: Context,
    counts: SnapshotCounts,
    begin: Begin,
    ended: bool,
}

impl BackupReader {
    /// Begins to read a backup. The file may be read several times: each reading starts at its beginning.
    ///
    /// # Errors
    /// It is no backup that this build reads; the secret is missing, or another one.
    pub(crate) fn open(path: &Path, mut file: File, key: Option<&KeySource>) -> Result<Self, Failure> {
        let named = |error| Failure::new(format!("{} cannot be read: {error}", path.display()));
        file.rewind().map_err(named)?;
        let mut input = BufReader::with_capacity(128 << 10, file);
        let (prefix, key) = protection::read(&mut input, key)?;
        let mut digest = Context::new(&SHA256);
        digest.update(&prefix);
        let input: Box<dyn Read + Send> = match key {
            None => Box::new(input),
            Some(key) => Box::new(Opening::new(input, key)),
        };
        let begin = Begin {
            made: 0,
            software: String::new(),
            database: String::new(),
            counts: SnapshotCounts::default(),
        };
        let path = path.to_owned();
        let mut reader = Self { path, input, digest, counts: SnapshotCounts::default(), begin, ended: false };
        match reader.read()? {
            Entry::Begin(begin) => reader.begin = begin,
            _ => return Err(reader.damaged("it does not begin as a backup")),
        }
        Ok(reader)
    }

    /// What the backup is of.
    pub(crate) fn begin(&self) -> &Begin {
        &self.begin
    }

    /// The next document or object; nothing when all were given and are what was backed up.
    ///
    /// # Errors
    /// The file was altered, or is cut off.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>, Failure> {
        if self.ended {
            return Ok(None);
        }
        let so_far = self.digest.clone();
        match self.read()? {
            Entry::End(end) => {
                if end.counts != self.counts || end.digest != so_far.finish().as_ref() {
                    return Err(self.damaged("something was added, taken away or altered"));
                }
                self.refuse_more()?;
                self.ended = true;
                Ok(None)
            }
            Entry::Begin(_) => Err(self.damaged("it begins twice")),
            entry => {
                match entry {
                    Entry::Document(_) => self.counts.documents += 1,
                    _ => self.counts.objects += 1,
                }
                Ok(Some(entry))
            }
        }
    }

    fn refuse_more(&mut self) -> Result<(), Failure> {
        let mut byte = [0];
        match self.input.read(&mut byte) {
            Ok(0) => Ok(()),
            Ok(_) => Err(self.damaged("there is more behind its end")),
            Err(error) => Err(self.damaged(&error.to_string())),
        }
    }

    fn read(&mut self) -> Result<Entry, Failure> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(HEADER));
        self.fill(&mut bytes, HEADER)?;
        let header = bytes.first_chunk::<HEADER>().copied().unwrap_or_default();
        let length = binary::message_length(header, &Limits::trusted());
        let length = length.map_err(|error| self.damaged(&error.to_string()))?;
        self.fill(&mut bytes, length)?;
        self.digest.update(&bytes);
        let item =
            binary::decode(&bytes, &Limits::trusted()).map_err(|error| self.damaged(&error.to_string()))?;
        Entry::of_item(item).map_err(|error| self.damaged(&error))
    }

    /// Reads until there are so many bytes. Memory grows with what has come, not with what was announced.
    fn fill(&mut self, bytes: &mut Vec<u8>, length: usize) -> Result<(), Failure> {
        let missing = length.saturating_sub(bytes.len()) as u64;
        let read = (&mut self.input).take(missing).read_to_end(bytes);
        read.map_err(|error| self.damaged(&error.to_string()))?;
        if bytes.len() < length {
            return Err(self.damaged("it is cut off"));
        }
        Ok(())
    }

    fn damaged(&self, why: &str) -> Failure {
        Failure::new(format!("the backup {} cannot be used: {why}", self.path.display()))
    }
}
