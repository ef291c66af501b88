//! One step of a command: a program that must succeed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::Outcome;
use crate::workspace;

/// The command line `cargo …`, to run in the root of the checkout.
pub fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace::root()).args(arguments);
    command
}

/// Runs the command with its output shown, and says how long it took.
///
/// # Errors
/// The program cannot be started or ends with another status than 0.
pub fn run(title: &str, command: &mut Command) -> Outcome {
    announce(title);
    let start = Instant::now();
    let status = command.status().map_err(|error| format!("{title}: cannot start it: {error}"))?;
    if !status.success() {
        return Err(format!("{title} failed ({status})").into());
    }
    eprintln!("   {:.0} s", start.elapsed().as_secs_f32());
    Ok(())
}

/// The server binary to test: the given one, or else the development build, built now.
///
/// # Errors
/// As [`run`].
pub fn server(given: Option<&Path>) -> Outcome<PathBuf> {
    if let Some(binary) = given {
        return Ok(binary.to_owned());
    }
    run("build the server", &mut cargo(["build", "--package", "claviger-server"]))?;
    Ok(workspace::server_binary("debug"))
}

/// Prints the heading of a step.
pub fn announce(title: &str) {
    eprintln!("\n== {title}");
}
