//! Which account the servers run as: they must not have root's rights, and PostgreSQL refuses them.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;

/// The account of the servers: `nobody` when root asks, the developer's own otherwise.
#[derive(Clone, Copy)]
pub(super) struct Account {
    /// User and group to change to.
    other: Option<(u32, u32)>,
}

/// Whether a process outlives the thread that started it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outlives {
    /// It runs until it is stopped.
    Yes,
    /// The system kills it when that thread ends in whatever way.
    No,
}

impl Account {
    /// The account to use.
    ///
    /// # Errors
    /// Root asks and the machine has no account `nobody`.
    pub(super) fn new() -> Outcome<Self> {
        let is_root = fs::metadata("/proc/self")?.uid() == 0;
        Ok(Self { other: is_root.then(nobody).transpose()? })
    }

    /// Makes a folder that belongs to the account and that nobody else reads.
    ///
    /// # Errors
    /// It exists, or cannot be made.
    pub(super) fn folder(self, path: &Path) -> Outcome {
        fs::create_dir(path)?;
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        self.give(path)
    }

    /// Writes a file that belongs to the account and that nobody else reads.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn file(self, path: &Path, text: impl AsRef<[u8]>) -> Outcome {
        fs::write(path, text)?;
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        self.give(path)
    }

    /// The program, to run by this account in the folder, with none of the developer's variables.
    pub(super) fn command(self, program: impl AsRef<OsStr>, folder: &Path, outlives: Outlives) -> Command {
        let mut command = Command::new("setpriv");
        if let Some((user, group)) = self.other {
            command.args([format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".into()]);
        }
        if outlives == Outlives::No {
            command.arg("--pdeathsig=KILL");
        }
        command.arg("--").arg(program).current_dir(folder);
        command.env_clear().env("PATH", SEARCHED).env("LC_ALL", "C").env("TMPDIR", folder);
        command
    }

    fn give(self, path: &Path) -> Outcome {
        if let Some((user, group)) = self.other {
            chown(path, Some(user), Some(group))?;
        }
        Ok(())
    }
}

const SEARCHED: &str = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

/// Where a program is that ordinary users need not have in their path; `None` where it is not installed.
pub(super) fn program(name: &str) -> Option<PathBuf> {
    SEARCHED.split(':').map(|folder| Path::new(folder).join(name)).find(|path| path.is_file())
}

fn nobody() -> Outcome<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd")?;
    let fields = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let mut numbers = fields.filter_map(|fields| match fields.as_slice() {
        ["nobody", _, user, group, ..] => Some((user.parse().ok()?, group.parse().ok()?)),
        _ => None,
    });
    numbers.next().ok_or_else(|| "this machine has no account `nobody` to run servers as".into())
}
