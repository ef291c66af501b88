//! The options of the commands that drive clients and other implementations against a server.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, step};

#[derive(clap::Args, Default)]
pub(crate) struct Options {
    /// Only the cases whose name contains this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Test this server binary instead of building one
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
}

impl Options {
    /// Finds or builds the server and tests it by `score`.
    pub(crate) fn run(&self, score: fn(&Path, &Self) -> Outcome) -> Outcome {
        score(&step::server(self.server.as_deref())?, self)
    }

    /// Whether a suite runs whole.
    pub(crate) fn is_whole(&self) -> bool {
        self.only.is_none()
    }

    /// Has a suite run only the cases that are asked for.
    pub(crate) fn narrow(&self, suite: &mut Command) {
        if let Some(text) = &self.only {
            suite.args(["--only", text]);
        }
    }
}
