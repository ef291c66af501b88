//! Reading a log line by line, in bounded memory.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use crate::failure::Failure;

/// Bytes that a line may have: the record of a request with as many objects as one can name has fewer.
const LONGEST: u64 = 64 << 20;

/// The lines of a log.
pub(super) trait Lines {
    /// Reads the next line, with its newline if it has one, in place of what is there. False at the end; more may have
    /// come when it is asked again.
    ///
    /// # Errors
    /// It cannot be read.
    fn next(&mut self, line: &mut Vec<u8>) -> Result<bool, Failure>;

    /// Where the line stands that was read last.
    fn place(&self) -> String;

    /// Bytes in all, for progress.
    fn size(&self) -> u64;
}

/// The lines of some files, one after the other.
pub(super) struct FileLines {
    /// Those that were not read yet, the next one last.
    files: Vec<PathBuf>,
    reading: Option<(PathBuf, BufReader<File>)>,
    number: u64,
    size: u64,
}

impl FileLines {
    /// The files, in this order.
    ///
    /// # Errors
    /// One is not there.
    pub(super) fn of(mut files: Vec<PathBuf>) -> Result<Self, Failure> {
        let mut size = 0;
        for file in &files {
            size += std::fs::metadata(file).map_err(|error| problem(file, &error))?.len();
        }
        files.reverse();
        Ok(Self { files, reading: None, number: 0, size })
    }

    /// Goes on with the file that has the name of the last one by now, if that is another one.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn follow(&mut self) -> Result<(), Failure> {
        let Some((path, reader)) = &self.reading else { return Ok(()) };
        let own = reader.get_ref().metadata().map_err(|error| problem(path, &error))?;
        if let Ok(named) = std::fs::metadata(path)
            && named.ino() != own.ino()
        {
            self.files.push(path.clone());
        }
        Ok(())
    }
}

impl Lines for FileLines {
    fn next(&mut self, line: &mut Vec<u8>) -> Result<bool, Failure> {
        line.clear();
        loop {
            if let Some((path, reader)) = &mut self.reading {
                let read = reader.take(LONGEST).read_until(b'\n', line);
                if read.map_err(|error| problem(path, &error))? > 0 {
                    self.number += 1;
                    return Ok(true);
                }
            }
            let Some(path) = self.files.pop() else { return Ok(false) };
            let file = File::open(&path).map_err(|error| problem(&path, &error))?;
            self.reading = Some((path, BufReader::with_capacity(256 << 10, file)));
            self.number = 0;
        }
    }

    fn place(&self) -> String {
        let path = self.reading.as_ref().map(|(path, _)| path.display().to_string());
        format!("{} line {}", path.unwrap_or_default(), self.number)
    }

    fn size(&self) -> u64 {
        self.size
    }
}

fn problem(file: &std::path::Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("{}: {error}", file.display()))
}
