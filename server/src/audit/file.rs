//! A log in a file.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::chain;
use super::destination::Destination;
use super::end::{self, End, Torn};
use super::files;
use super::head::{self, Head, PublicKey, beside, head_file, sync_folder};
use crate::failure::Failure;

/// How much of the end is read, one after the other until a head is in it: a log that was closed ends with one, heads are
/// this far apart at most, and a batch that was on its way to the disk may be as long as the queue.
const TAILS: [u64; 3] = [64 << 10, 4 << 20, LAST_TAIL];
const LAST_TAIL: u64 = 40 << 20;
/// The longest first line.
const FIRST_LINE: u64 = 64 << 10;

/// The file that is written.
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
    size: u64,
    /// The size at which a new file is begun.
    rotate_at: Option<u64>,
    /// Held while the log is written, so that no other server writes it, too.
    _lock: File,
}

impl LogFile {
    /// Opens the file for appending, creating it for its owner alone.
    ///
    /// # Errors
    /// It cannot be opened, or another process writes it.
    pub(super) fn open(path: PathBuf, rotate_at: Option<u64>) -> Result<Self, Failure> {
        let problem = |what: &dyn std::fmt::Display| {
            Failure::new(format!("cannot open the audit file {}: {what}", path.display()))
        };
        let lock = lock(&beside(&path, ".lock"));
        let lock = lock.map_err(|error| problem(&error))?.ok_or_else(|| {
            problem(&"another process writes it; give each its own by --audit-file, or `none`")
        })?;
        let file = open(&path).map_err(|error| problem(&error))?;
        let size = file.metadata().map_err(|error| problem(&error))?.len();
        Ok(Self { path, file, size, rotate_at, _lock: lock })
    }

    /// The name of the log that is there, or was.
    pub(super) fn log(&self) -> Option<String> {
        let newest = files::of_log(&self.path).ok().and_then(|mut files| files.pop());
        let written = newest.and_then(|file| first_line(&file).ok()).and_then(|line| end::log_of(&line));
        let head = || head::read_file(&head_file(&self.path)).ok().flatten();
        written.or_else(|| head().map(|head| head.log))
    }

    /// Whether the file that has the name is this one; `None` if there is none.
    fn has_its_name(&self) -> io::Result<Option<bool>> {
        let own = self.file.metadata()?;
        match fs::metadata(&self.path) {
            Ok(named) => Ok(Some((named.dev(), named.ino()) == (own.dev(), own.ino()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn begin_new(&mut self) -> io::Result<()> {
        let file = open(&self.path)?;
        self.size = file.metadata()?.len();
        self.file = file;
        self.path.parent().map_or(Ok(()), sync_folder)
    }
}

impl Destination for LogFile {
    fn linger(&self) -> Duration {
        Duration::from_millis(50)
    }

    fn name(&self) -> String {
        format!("the audit file {}", self.path.display())
    }

    fn end(&mut self, keys: &[PublicKey]) -> Result<End, String> {
        let found = self.has_its_name().map_err(|error| error.to_string())?;
        if found != Some(true) {
            // It was moved away or deleted.
            self.begin_new().map_err(|error| error.to_string())?;
        }
        if is_half_a_beginning(&self.path).map_err(|error| error.to_string())? {
            // The disk was full before the first line was whole: nobody has relied on that.
            self.file.set_len(0).map_err(|error| error.to_string())?;
            self.size = 0;
        }
        end_of(&self.path, keys)
    }

    fn end_before(&mut self, keys: &[PublicKey]) -> Result<End, String> {
        let mut all = files::of_log(&self.path).map_err(|failure| failure.to_string())?;
        match all.pop() {
            // What is torn there needs no end of a line here.
            Some(last) => end_of(&last, keys)
                .map(|end| End { torn: end.torn.map(|torn| Torn { ends_a_line: true, ..torn }), ..end }),
            None => Ok(End::default()),
        }
    }

    fn write(&mut self, lines: &[u8]) -> Result<(), String> {
        self.size += lines.len() as u64;
        self.file.write_all(lines).map_err(|error| error.to_string())
    }

    fn settle(&mut self) -> Result<(), String> {
        self.file.sync_data().map_err(|error| error.to_string())?;
        // A log rotation may have moved it away; where it has no name at all, nobody will read it.
        let names = self.file.metadata().map_err(|error| error.to_string())?.nlink();
        if names == 0 { Err("the file was deleted".to_owned()) } else { Ok(()) }
    }

    fn is_full(&self) -> bool {
        self.rotate_at.is_some_and(|most| self.size >= most)
    }

    fn move_away(&mut self, last: u64) -> Result<(), String> {
        let full = beside(&self.path, &format!(".{last:012}"));
        // Nothing that is there is overwritten.
        fs::hard_link(&self.path, &full)
            .and_then(|()| fs::remove_file(&self.path))
            .map_err(|error| error.to_string())
    }

    fn begin_anew(&mut self) -> Result<bool, String> {
        let found = self.has_its_name().map_err(|error| error.to_string())?;
        if found == Some(true) {
            return Ok(false);
        }
        self.begin_new().map_err(|error| error.to_string())?;
        Ok(true)
    }

    fn head(&mut self) -> Result<Option<Head>, String> {
        head::read_file(&head_file(&self.path)).map_err(|failure| failure.to_string())
    }

    fn keep_head(&mut self, head: &Head) -> Result<(), String> {
        head::write_file(&head_file(&self.path), head).map_err(|error| error.to_string())
    }
}

/// The end of the log in a file.
fn end_of(path: &Path, keys: &[PublicKey]) -> Result<End, String> {
    let text = |error: io::Error| error.to_string();
    let mut file = File::open(path).map_err(text)?;
    let size = file.metadata().map_err(text)?.len();
    if size == 0 {
        return Ok(End::default());
    }
    let log = end::log_of(&first_line(path).map_err(text)?);
    let mut found = None;
    for tail in TAILS {
        let start = size.saturating_sub(tail);
        file.seek(SeekFrom::Start(start)).map_err(text)?;
        let mut bytes = Vec::new();
        (&file).take(size - start).read_to_end(&mut bytes).map_err(text)?;
        let (whole, last) = (start == 0, start == 0 || tail == LAST_TAIL);
        found = end::find(&bytes, whole, keys, last);
        if found.is_some() || last {
            break;
        }
    }
    match (log, found) {
        (Some(log), Some((link, torn))) => Ok(End { log: Some(log), link, torn }),
        _ => Err("it is no audit log of this version, or its beginning or its end was changed: move it away, with the \
                  files of the same name that end in .head and .NUMBER, and look at it with `audit verify`"
            .to_owned()),
    }
}

pub(super) fn first_line(path: &Path) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    BufReader::new(File::open(path)?.take(FIRST_LINE)).read_until(b'\n', &mut line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    Ok(line)
}

/// Whether a file has half of its first line and nothing else.
fn is_half_a_beginning(path: &Path) -> io::Result<bool> {
    let file = File::open(path)?;
    if file.metadata()?.len() >= FIRST_LINE {
        return Ok(false);
    }
    let mut line = Vec::new();
    BufReader::new(file.take(FIRST_LINE)).read_until(b'\n', &mut line)?;
    Ok(line.last() != Some(&b'\n') && chain::may_begin(&line))
}

/// Takes the lock; `None` if somebody else has it.
pub(super) fn lock(path: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}
