//! The files of a log: the one that is written, and those that a rotation has moved away.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::chain::Frame;
use crate::failure::Failure;

/// The longest first line.
const FIRST_LINE: u64 = 64 << 10;

/// All files of the log that is written to this path, the oldest first: those in the same folder whose name begins with
/// that of the log and a dot and that hold lines of a log, and the one at the path itself. Those that were compressed are
/// not seen.
///
/// # Errors
/// The folder or a file cannot be read.
pub(crate) fn of_log(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
    let start = format!("{name}.");
    let problem =
        |error: std::io::Error| Failure::new(format!("cannot read the folder {}: {error}", folder.display()));
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).map_err(problem)? {
        let found = entry.map_err(problem)?.file_name();
        let found = found.to_string_lossy();
        if found == name || found.starts_with(&start) {
            all.push(folder.join(&*found));
        }
    }
    in_order(all)
}

/// Those of the files that hold lines of a log, the oldest first.
///
/// # Errors
/// One cannot be read.
pub(crate) fn in_order(files: Vec<PathBuf>) -> Result<Vec<PathBuf>, Failure> {
    let mut numbered = Vec::new();
    for file in files {
        let first = first_number(&file);
        let first = first.map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
        numbered.extend(first.map(|first| (first, file)));
    }
    numbered.sort();
    Ok(numbered.into_iter().map(|(_, file)| file).collect())
}

/// The number of the first line of a file, if that is a line of a log.
fn first_number(file: &Path) -> std::io::Result<Option<u64>> {
    let file = File::open(file)?;
    if !file.metadata()?.is_file() {
        return Ok(None);
    }
    let mut line = Vec::new();
    BufReader::new(file.take(FIRST_LINE)).read_until(b'\n', &mut line)?;
    let line = line.strip_suffix(b"\n").unwrap_or(&line);
    Ok(Frame::read(line).map(|frame| frame.seq))
}
