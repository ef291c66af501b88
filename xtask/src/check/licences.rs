//! Licences, banned crates and sources, by cargo-deny without a network.

use std::process::Stdio;

use crate::{Outcome, step};

/// Runs cargo-deny where it is installed. It takes longer to build than the whole project, so its absence is only
/// noted.
pub(super) fn check() -> Outcome {
    if !is_installed() {
        step::announce("licences: skipped: cargo-deny is not installed (cargo install --locked cargo-deny)");
        return Ok(());
    }
    step::run("licences", &mut step::cargo(["deny", "--offline", "check", "licenses", "bans", "sources"]))
}

fn is_installed() -> bool {
    let mut probe = step::cargo(["deny", "--version"]);
    probe.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
