//! Reading a log line by line, in bounded memory.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use crate::failure::Failure;

/// Bytes that a line may have: the record of a request with as many objects as one can name has fewer.
const LONGEST: usize = 64 << 20;

/// The lines of a log.
pub(super) trait Lines {
    /// Reads the next line, with its newline if it has one, in place of what is there. False at the end; more may have
    /// come when it is asked again. A line whose end is not there yet is not given, since it may just be written.
    ///
    /// # Errors
    /// It cannot be read.
    fn next(&mut self, line: &mut Vec<u8>) -> Result<bool, Failure>;

    /// At the end: gives the line whose end is not there. False if there is none.
    fn half(&mut self, line: &mut Vec<u8>) -> bool;

    /// Where the line stands that was read last.
    fn place(&self) -> String;

    /// Bytes in all, for progress; 0 if nobody knows.
    fn size(&self) -> u64;

    /// Gets ready to go on with what comes after the end.
    ///
    /// # Errors
    /// It cannot be read.
    fn follow(&mut self) -> Result<(), Failure>;
}

/// The lines of some files, one after the other.
pub(super) struct FileLines {
    /// Those that were not read yet, the next one last.
    files: Vec<Unread>,
    reading: Option<(PathBuf, BufReader<File>)>,
    /// What was read of the next line.
    begun: Vec<u8>,
    number: u64,
    size: u64,
}

struct Unread {
    path: PathBuf,
    /// Open, if another file may get the name before its turn has come.
    opened: Option<File>,
}

impl FileLines {
    /// The files, in this order. The last one may be moved away meanwhile, as a log rotation does.
    ///
    /// # Errors
    /// One is not there.
    pub(super) fn of(files: Vec<PathBuf>) -> Result<Self, Failure> {
        let mut size = 0;
        for file in &files {
            size += std::fs::metadata(file).map_err(|error| problem(file, &error))?.len();
        }
        let mut files: Vec<Unread> = files.into_iter().map(|path| Unread { path, opened: None }).collect();
        if let Some(Unread { path, opened }) = files.last_mut() {
            *opened = Some(File::open(&*path).map_err(|error| problem(path, &error))?);
        }
        files.reverse();
        Ok(Self { files, reading: None, begun: Vec::new(), number: 0, size })
    }
}

impl Lines for FileLines {
    fn next(&mut self, line: &mut Vec<u8>) -> Result<bool, Failure> {
        line.clear();
        loop {
            if let Some((path, reader)) = &mut self.reading {
                let room = LONGEST.saturating_sub(self.begun.len()) as u64;
                let read = reader.take(room).read_until(b'\n', &mut self.begun);
                read.map_err(|error| problem(path, &error))?;
                let is_whole = self.begun.ends_with(b"\n") || self.begun.len() >= LONGEST;
                // Nobody writes to a file behind which there is another one.
                if is_whole || !self.files.is_empty() && !self.begun.is_empty() {
                    return Ok(self.half(line));
                }
            }
            let Some(Unread { path, opened }) = self.files.pop() else { return Ok(false) };
            let file = match opened {
                Some(file) => file,
                None => File::open(&path).map_err(|error| problem(&path, &error))?,
            };
            self.reading = Some((path, BufReader::with_capacity(256 << 10, file)));
            self.number = 0;
        }
    }

    fn half(&mut self, line: &mut Vec<u8>) -> bool {
        line.clear();
        std::mem::swap(line, &mut self.begun);
        self.number += u64::from(!line.is_empty());
        !line.is_empty()
    }

    fn place(&self) -> String {
        let path = self.reading.as_ref().map(|(path, _)| path.display().to_string());
        format!("{} line {}", path.unwrap_or_default(), self.number)
    }

    fn size(&self) -> u64 {
        self.size
    }

    /// Goes on with the file that has the name of the last one by now, if that is another one.
    fn follow(&mut self) -> Result<(), Failure> {
        let Some((path, reader)) = &self.reading else { return Ok(()) };
        let own = reader.get_ref().metadata().map_err(|error| problem(path, &error))?;
        if let Ok(named) = std::fs::metadata(path)
            && named.ino() != own.ino()
        {
            self.files.push(Unread { path: path.clone(), opened: None });
        }
        Ok(())
    }
}

fn problem(file: &std::path::Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_line_that_is_just_written_is_read_once_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut file = File::create(&path).unwrap();
        file.write_all(b"one\ntw").unwrap();
        let (mut lines, mut line) = (FileLines::of(vec![path.clone()]).unwrap(), Vec::new());
        assert!(lines.next(&mut line).unwrap() && line == b"one\n");
        assert!(!lines.next(&mut line).unwrap());
        file.write_all(b"o\nth").unwrap();
        assert!(lines.next(&mut line).unwrap() && line == b"two\n");
        assert!(!lines.next(&mut line).unwrap());
        assert!(lines.half(&mut line) && line == b"th");
        assert_eq!(lines.place(), format!("{} line 3", path.display()));
        assert!(!lines.half(&mut line));
    }

    #[test]
    fn a_file_that_is_moved_away_meanwhile_is_read_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("old"), "one\nhal").unwrap();
        std::fs::write(path("log"), "two\n").unwrap();
        let mut lines = FileLines::of(vec![path("old"), path("log")]).unwrap();
        std::fs::rename(path("log"), path("log.2")).unwrap();
        std::fs::write(path("log"), "three\n").unwrap();
        let (mut all, mut line) = (Vec::new(), Vec::new());
        while lines.next(&mut line).unwrap() {
            all.push(String::from_utf8(line.clone()).unwrap());
        }
        assert_eq!(all, ["one\n", "hal", "two\n"]);
        lines.follow().unwrap();
        assert!(lines.next(&mut line).unwrap() && line == b"three\n");
    }
}
