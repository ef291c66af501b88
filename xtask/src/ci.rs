//! What CI runs.

use crate::{Outcome, check, fuzz, ha, test};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Also do the long runs: high availability and fuzzing
    #[arg(long)]
    full: bool,
}

/// Runs the checks and the tests; with `--full` the long runs, too.
pub(crate) fn run(options: &Options) -> Outcome {
    check::run(&check::Options::default())?;
    test::run(&test::Options::default())?;
    if options.full {
        ha::run(&ha::Options::default())?;
        fuzz::run(&fuzz::Options::default())?;
    }
    Ok(())
}
