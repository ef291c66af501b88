//! `cargo xtask services`: database servers for tests, from the system's packages, on free ports of loopback, run by an
//! account without rights.

mod account;
mod haproxy;
mod kept;
mod mariadb;
mod postgresql;
mod process;
mod recipe;
mod redis;
mod running_service;
mod state;

use std::fs::{self, File};

use crate::{Outcome, workspace};
use account::Outlives;
pub use haproxy::Haproxy;
pub(crate) use kept::Kept;
pub use mariadb::Mariadb;
pub use postgresql::Postgresql;
pub use recipe::{Recipe, Safety};
pub use redis::Redis;
pub use running_service::OwnService;
use running_service::{RunningService, open_folder};
use state::State;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  eval \"$(cargo xtask services up)\"               start all, and tell the tests in this shell where they are
  eval \"$(cargo xtask services up postgresql)\"    only one of them
  cargo test -p claviger-storage-sql
  cargo xtask services down                       stop what was started, and remove its data")]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Starts the servers that do not run yet, and prints where they are as lines for the shell
    Up {
        /// Only these
        #[arg(value_enum)]
        names: Vec<Name>,
    },
    /// Stops the servers that `up` started, and removes their data
    Down,
    /// Says which servers `up` has running
    Status,
    /// Starts all that are installed, and stops them when the standard input ends
    Keep,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Name {
    /// PostgreSQL
    Postgresql,
    /// MariaDB
    Mariadb,
    /// Redis
    Redis,
}

impl Name {
    const ALL: [Self; 3] = [Self::Postgresql, Self::Mariadb, Self::Redis];

    fn recipe(self) -> Box<dyn Recipe> {
        match self {
            Self::Postgresql => Box::new(Postgresql),
            Self::Mariadb => Box::new(Mariadb),
            Self::Redis => Box::new(Redis),
        }
    }
}

/// The names of the variables begin with this.
const PREFIX: &str = "CLAVIGER_TEST_";

/// The variable of the folder with `ca.pem`, `client.pem` and `client.key`.
const FOLDER: &str = "SERVICES";

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Outcome {
    match &options.command {
        Command::Up { names } if names.is_empty() => up(&Name::ALL),
        Command::Up { names } => up(names),
        Command::Down => down(),
        Command::Status => status(),
        Command::Keep => kept::keep(),
    }
}

/// What `up` has running, which no two commands change at once.
struct Exclusive {
    state: State,
    _lock: File,
}

impl Exclusive {
    fn take() -> Outcome<Self> {
        let folder = workspace::target().join("services");
        fs::create_dir_all(&folder)?;
        let lock = File::create(folder.join("lock"))?;
        lock.lock()?;
        Ok(Self { state: State::read(folder.join("state.json"))?, _lock: lock })
    }

    /// Forgets servers that have ended without us: the machine was started anew, or somebody killed them.
    fn without_the_dead(mut self) -> Outcome<Self> {
        for name in self.state.forget_the_dead()? {
            eprintln!("{name} has ended meanwhile");
        }
        Ok(self)
    }
}

fn up(names: &[Name]) -> Outcome {
    let mut state = Exclusive::take()?.without_the_dead()?;
    for name in names {
        let recipe = name.recipe();
        if state.state.has(recipe.name()) {
            eprintln!("{} runs", recipe.name());
            continue;
        }
        let certificates = state.state.certificates()?;
        eprintln!("starting {}", recipe.name());
        let folder = state.state.folder()?;
        // What a server that ended left behind.
        fs::remove_dir_all(folder.join(recipe.name())).or_else(absent)?;
        let kind = (recipe.name(), recipe.signal());
        let service =
            RunningService::start(recipe, &folder, &certificates, Safety::ProcessLoss, Outlives::Yes)?;
        let variables = service.variables();
        state.state.add(kind, service.leave()?, variables)?;
    }
    state.state.variables().for_each(|(name, value)| println!("export {PREFIX}{name}='{value}'"));
    Ok(())
}

fn down() -> Outcome {
    Exclusive::take()?.state.stop_all()
}

fn status() -> Outcome {
    let state = Exclusive::take()?;
    for service in state.state.services() {
        let (name, identity) = (&service.name, &service.identity);
        let word = if identity.is_alive() { "runs" } else { "has ended" };
        println!("{name} {word} (process {})", identity.pid);
    }
    Ok(())
}

fn absent(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}
