//! A lock file that keeps a second server away from a folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use claviger_plugin_sdk::error::ErrorClass;
use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::{Error, Result};

use super::AtPath;

/// Holds a folder for this process until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub(super) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the folder; waits half a second for a server that is just stopping.
    ///
    /// # Errors
    /// Another process has it.
    pub(super) fn take(folder: &Path) -> Result<Self> {
        let path = folder.join("claviger.lock");
        let unusable = |cause| {
            Error::storage(
                "the lock file below --sqlite-path cannot be written; give the server's user the right to",
            )
            .because(AtPath::new(&path, cause))
        };
        let mut options = OpenOptions::new();
        options.create(true).read(true).write(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(unusable)?;
        let mut patience = PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if patience > 0 => {
                    patience -= 1;
                    std::thread::sleep(PAUSE);
                }
                Err(TryLockError::WouldBlock) => return Err(held(&mut file)),
                Err(TryLockError::Error(cause)) => return Err(unusable(cause)),
            }
        }
        write_process(&mut file).map_err(unusable)?;
        Ok(Self { _file: file })
    }
}

const PAUSE: Duration = Duration::from_millis(50);
/// How many pauses to wait.
const PATIENCE: u32 = 10;

fn write_process(file: &mut File) -> std::io::Result<()> {
    file.rewind()?;
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())
}

fn held(file: &mut File) -> Error {
    let mut text = String::new();
    // Who holds it is a help, no more.
    let process = match file.take(20).read_to_string(&mut text) {
        Ok(_) if text.trim().parse::<u32>().is_ok() => format!(" (process {})", text.trim()),
        _ => String::new(),
    };
    Error::new(
        ResultReason::INTERNAL_SERVER_ERROR,
        ErrorClass::Storage,
        format!(
            "another server{process} uses the database below --sqlite-path: stop it, or give this server a folder \
             of its own"
        ),
    )
}
