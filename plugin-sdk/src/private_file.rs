//! A file that holds a secret of the server, and that nobody else may read.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use claviger_kmip::ByteString;

use crate::error::{Error, Result};

/// Reads a file of at most so many bytes. The bytes are erased when they are dropped.
///
/// # Errors
/// Invalid Field: it cannot be read, is longer, others may read it, or its group may write it. The message is for the
/// operator and does not name the file, which whoever asks for it does.
pub fn read(path: &Path, longest: usize) -> Result<ByteString> {
    let problem = |error: std::io::Error| Error::invalid(error.to_string());
    let file = File::open(path).map_err(problem)?;
    let mode = file.metadata().map_err(problem)?.permissions().mode();
    if mode & 0o027 != 0 {
        let mode = mode & 0o777;
        return Err(Error::invalid(format!(
            "others may read it, or its group may write it (mode {mode:03o}): `chmod 600` it"
        )));
    }
    // Room for all of it at once, so that growing leaves no copies behind.
    let mut bytes = Vec::with_capacity(longest.saturating_add(1));
    let read = file.take(longest.saturating_add(1) as u64).read_to_end(&mut bytes);
    let bytes = ByteString::from(bytes);
    read.map_err(problem)?;
    match bytes.len() > longest {
        true => Err(Error::invalid("it is far too long")),
        false => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions, write};

    use super::*;

    #[test]
    fn a_secret_is_read_unless_others_may_read_it_or_it_is_something_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        assert!(read(&file, 6).unwrap_err().message().contains("No such file"));
        write(&file, "secret").unwrap();
        for (mode, good) in [(0o600, true), (0o400, true), (0o640, true), (0o660, false), (0o604, false)] {
            set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            assert_eq!(read(&file, 6).is_ok_and(|bytes| *bytes == *b"secret"), good, "{mode:o}");
        }
        set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        assert!(read(&file, 5).unwrap_err().message().contains("too long"));
        assert!(read(folder.path(), 5).is_err());
    }
}
