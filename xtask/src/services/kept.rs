//! Servers that run as long as a command does, in whatever way that ends.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use super::account::Outlives;
use super::running_service::{RunningService, open_folder};
use super::{FOLDER, Name, PREFIX, Safety};
use crate::Outcome;

/// The process that keeps the servers. It notices when this value is gone, also because this process was killed.
pub(crate) struct Kept {
    keeper: Child,
    /// The variables that tell tests where the servers are.
    pub(crate) variables: Vec<(String, String)>,
}

impl Kept {
    /// Has all servers that are installed started by another process, and returns when they answer.
    ///
    /// # Errors
    /// One of them does not start; what went wrong is on stderr.
    pub(crate) fn start() -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["services", "keep"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        // Ctrl-C in the terminal ends this process, and through it the keeper.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut keeper = command.spawn()?;
        let lines = BufReader::new(keeper.stdout.take().ok_or("the keeper has no output")?).lines();
        let lines = lines.map_while(Result::ok).take_while(|line| line != READY);
        let variables = lines
            .filter_map(|line| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())));
        let this = Self { variables: variables.collect(), keeper };
        if this.variables.is_empty() {
            return Err("the servers for the tests did not start".into());
        }
        Ok(this)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // It tells on stderr what goes wrong.
        let _ = self.keeper.wait();
    }
}

const READY: &str = "ready";

/// Starts the servers, prints where they are and a line `ready`, and stops them when the standard input ends.
pub(super) fn keep() -> Outcome {
    let folder = tempfile::Builder::new().prefix("claviger-services-").tempdir()?;
    let certificates = open_folder(folder.path())?;
    let mut services = Vec::new();
    for recipe in Name::ALL.map(Name::recipe) {
        let name = recipe.name();
        if recipe.program().is_none() {
            eprintln!("{name} is not installed (./dev setup installs it): tests that need it are skipped");
            continue;
        }
        eprintln!("starting {name}");
        let (path, safety) = (folder.path(), Safety::ProcessLoss);
        services.push(RunningService::start(recipe, path, &certificates, safety, Outlives::No)?);
    }
    println!("{PREFIX}{FOLDER}={}", folder.path().display());
    let variables = services.iter().flat_map(RunningService::variables);
    variables.for_each(|(name, value)| println!("{PREFIX}{name}={value}"));
    println!("{READY}");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    services.into_iter().try_for_each(RunningService::stop)
}
