//! Keeps what is in memory, keys among it, off disks: out of core dumps, and out of swap.

use claviger_plugin_sdk::settings::Settings;
use tracing::warn;

use crate::failure::Failure;

/// Does both as the settings say, and returns what the system gave, for the log. To be called before anything secret is
/// read.
///
/// # Errors
/// `--memory-lock required`, and the system does not lock.
pub(crate) fn protect(settings: &Settings) -> Result<String, Failure> {
    keep_out_of_core_dumps(settings);
    let wish = settings.text("memory-lock");
    if wish == Some("off") {
        return Ok("memory is not locked, as --memory-lock says: the system may swap it".to_owned());
    }
    match system::lock() {
        Ok(()) => Ok("memory is locked: the system does not swap it".to_owned()),
        Err(why) if wish == Some("required") => {
            Err(Failure::new(format!("--memory-lock: memory cannot be locked: {why}")))
        }
        Err(why) => Ok(format!("memory is not locked, so that the system may swap it: {why}")),
    }
}

/// The same for commands, which read keys and end soon.
pub(crate) fn keep_out_of_core_dumps(settings: &Settings) {
    if settings.switch("core-dumps") {
        warn!("--core-dumps: when the server crashes, its memory is written to a file, keys included");
        return;
    }
    if let Err(error) = system::refuse_core_dumps() {
        warn!(%error, "a crash of the server may write its memory to a file");
    }
}

#[cfg(target_os = "linux")]
mod system {
    use rustix::io::Result;
    use rustix::mm::{MlockAllFlags, mlockall};
    use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};
    use rustix::thread::{CapabilitySet, capabilities};

    /// No dump is written, whatever program the system has for them, and nobody but root looks into the process.
    pub(super) fn refuse_core_dumps() -> Result<()> {
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        setrlimit(Resource::Core, none)?;
        set_dumpable_behavior(DumpableBehavior::NotDumpable)
    }

    /// Locks what is in memory now and what comes, each page when it is used first: so what allocators and stacks only
    /// reserve takes none.
    ///
    /// With a limit that the process may reach, a later allocation would fail and end the server. So it is locked where
    /// there is none.
    pub(super) fn lock() -> std::result::Result<(), String> {
        if !is_unlimited() {
            return Err("the process needs LimitMEMLOCK=infinity or CAP_IPC_LOCK".to_owned());
        }
        let all = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
        mlockall(all).map_err(|error| error.to_string())
    }

    fn is_unlimited() -> bool {
        let Rlimit { current, maximum } = getrlimit(Resource::Memlock);
        if current.is_none() {
            return true;
        }
        let raised = Rlimit { current: maximum, maximum };
        if maximum.is_none() && setrlimit(Resource::Memlock, raised).is_ok() {
            return true;
        }
        capabilities(None).is_ok_and(|sets| sets.effective.contains(CapabilitySet::IPC_LOCK))
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use rustix::io::Result;
    use rustix::process::{Resource, Rlimit, setrlimit};

    pub(super) fn refuse_core_dumps() -> Result<()> {
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
    }

    pub(super) fn lock() -> std::result::Result<(), String> {
        Err("this build knows how on Linux alone".to_owned())
    }
}
