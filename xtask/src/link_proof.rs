//! Proof that the linker keeps every plugin.
//!
//! A crate that nothing names is dropped by the linker, and its registrations with it. Development builds may keep
//! what an optimised build drops, so the proof runs on a binary with link-time optimisation, in a profile that is
//! otherwise as quick to build as it can be.

use std::process::Command;

use crate::{Outcome, step, workspace};

const PROFILE: &str = "link-proof";

/// Builds the server with link-time optimisation and asks it whether every plugin that it was built with registered.
pub(crate) fn run() -> Outcome {
    let build = ["build", "--profile", PROFILE, "--package", "claviger-server"];
    step::run("build for the link proof", &mut step::cargo(build))?;
    let mut check = Command::new(workspace::server_binary(PROFILE));
    step::run("link proof", check.args(["plugins", "check"]))
}
