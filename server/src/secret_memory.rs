//! Keeps what is in memory, keys among it, off disks: out of core dumps, and out of swap.

use claviger_plugin_sdk::settings::Settings;
use rustix::io;
use tracing::warn;

use crate::failure::Failure;

/// How core dumps were before.
pub(crate) struct CoreDumps(io::Result<system::Before>);

impl CoreDumps {
    /// Keeps memory out of core dumps from now on. To be called before anything secret is read, the configuration among
    /// it.
    pub(crate) fn refuse() -> Self {
        Self(system::refuse_core_dumps())
    }

    /// Has it stay so, or as it was before if the settings say that.
    pub(crate) fn settle(self, settings: &Settings) {
        let wanted = settings.switch("core-dumps");
        if wanted {
            warn!("--core-dumps: when the server crashes, its memory is written to a file, keys included");
        }
        let settled = self.0.and_then(|before| if wanted { before.restore() } else { before.give_up() });
        match settled {
            Err(error) if wanted => warn!(%error, "--core-dumps: the system does not let them be written"),
            Err(error) => warn!(%error, "a crash of the server may write its memory to a file"),
            Ok(()) => {}
        }
    }
}

/// Locks memory as the settings say, and returns what the system gave, for the log.
///
/// # Errors
/// `--memory-lock required`, and the system does not lock.
pub(crate) fn lock(settings: &Settings) -> Result<String, Failure> {
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

#[cfg(target_os = "linux")]
mod system {
    use rustix::io::Result;
    use rustix::mm::{MlockAllFlags, mlockall};
    use rustix::process::{
        DumpableBehavior, Resource, Rlimit, dumpable_behavior, getrlimit, set_dumpable_behavior, setrlimit,
    };
    use rustix::thread::{CapabilitySet, capabilities};

    /// The size of a dump, and who may look into the process.
    pub(super) struct Before {
        size: Rlimit,
        behavior: DumpableBehavior,
    }

    /// No dump is written, whatever program the system has for them, and nobody but root looks into the process.
    pub(super) fn refuse_core_dumps() -> Result<Before> {
        let before = Before { size: getrlimit(Resource::Core), behavior: dumpable_behavior()? };
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: before.size.maximum })?;
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
        Ok(before)
    }

    impl Before {
        /// All is as before.
        pub(super) fn restore(self) -> Result<()> {
            setrlimit(Resource::Core, self.size)?;
            set_dumpable_behavior(self.behavior)
        }

        /// The process cannot have it again.
        pub(super) fn give_up(self) -> Result<()> {
            setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
        }
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
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    pub(super) struct Before(Rlimit);

    pub(super) fn refuse_core_dumps() -> Result<Before> {
        let before = getrlimit(Resource::Core);
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: before.maximum })?;
        Ok(Before(before))
    }

    impl Before {
        pub(super) fn restore(self) -> Result<()> {
            setrlimit(Resource::Core, self.0)
        }

        pub(super) fn give_up(self) -> Result<()> {
            setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
        }
    }

    pub(super) fn lock() -> std::result::Result<(), String> {
        Err("this build knows how on Linux alone".to_owned())
    }
}
