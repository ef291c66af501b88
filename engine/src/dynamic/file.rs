//! Whether a library file may be loaded.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::LibraryOptions;

/// Checks owner, permissions and hash, and gives the file that is to be loaded: where links lead, so that none can be
/// turned to another one afterwards.
///
/// # Errors
/// What is wrong with the file and what to do.
pub(super) fn check(options: &LibraryOptions) -> Result<PathBuf, String> {
    let path = &options.path;
    if !path.is_absolute() {
        return Err("give an absolute path; there is no search path for plugins".to_owned());
    }
    let file = path.canonicalize().map_err(|error| format!("it cannot be found: {error}"))?;
    for place in file.ancestors().take(2) {
        check_permissions(place)?;
    }
    let content = std::fs::read(&file).map_err(|error| format!("it cannot be read: {error}"))?;
    let hash: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    if hash.eq_ignore_ascii_case(&options.sha256) {
        return Ok(file);
    }
    Err(format!("its SHA-256 is {hash}; the configuration expects {}", options.sha256))
}

/// Only root and the server's own user may be able to change what is loaded.
fn check_permissions(place: &Path) -> Result<(), String> {
    let shown = place.display();
    let metadata =
        std::fs::metadata(place).map_err(|error| format!("{shown} cannot be examined: {error}"))?;
    let own = std::fs::metadata("/proc/self").map(|process| process.uid()).unwrap_or(0);
    if metadata.uid() != 0 && metadata.uid() != own {
        return Err(format!(
            "{shown} belongs to another user; it must belong to root or to the server's user"
        ));
    }
    // A sticky folder such as /tmp lets nobody replace a file of another user.
    let sticky = metadata.is_dir() && metadata.mode() & 0o1000 != 0;
    if metadata.mode() & 0o022 != 0 && !sticky {
        return Err(format!("{shown} may be written by others; take that right away (chmod go-w)"));
    }
    Ok(())
}
