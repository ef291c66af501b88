//! How many files and connections the process may have open at a time.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::{info, warn};

/// Files that are no connections of clients: databases, logs, certificates, libraries, and connections of the server's own.
const OTHERS: u64 = 256;

/// What the system lets the process have open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileLimit {
    files: Option<u64>,
    wanted: usize,
}

impl FileLimit {
    /// Raises the process' limit as far as the system lets it, for so many connections.
    pub(crate) fn raise(wanted: usize) -> Self {
        Self { files: raised(), wanted }
    }

    /// How many connections there can be.
    pub(crate) fn connections(self) -> usize {
        self.wanted.min(self.room())
    }

    /// Says in the log what there is.
    pub(crate) fn log(self) {
        info!(files = self.files, "files and connections that the system lets the server have open");
        let Self { wanted, .. } = self;
        let room = self.room();
        if room < wanted {
            warn!(
                "the system lets the server have {room} connections open, and not the {wanted} of --max-connections: \
                 raise its limit of open files (ulimit -n, LimitNOFILE)"
            );
        }
    }

    fn room(self) -> usize {
        self.files.map_or(usize::MAX, |files| {
            let connections = files.saturating_sub(OTHERS).max(files / 2);
            usize::try_from(connections).unwrap_or(usize::MAX)
        })
    }
}

/// The limit after raising it; `None` if there is none.
fn raised() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return current;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum,
        Err(error) => {
            warn!(%error, "the limit of open files cannot be raised");
            current
        }
    }
}
