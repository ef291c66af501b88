//! What CI runs.

use crate::{Outcome, check, fuzz, test};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Also do the long runs: fuzzing
    #[arg(long)]
    full: bool,
}

/// Runs the checks and the tests; with `--full` the long runs, too.
pub(crate) fn run(options: &Options) -> Outcome {
    check::run(&check::Options::default())?;
    test::run(&test::Options::default())?;
    if options.full {
        fuzz::run(&fuzz::Options::default())?;
    }
    Ok(())
}
