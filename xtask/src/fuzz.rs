//! `cargo xtask fuzz`: fuzzing with cargo-fuzz, and the replay of its corpora on any machine.

use std::process::Stdio;

use crate::{Outcome, step, workspace};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask fuzz                          replay the corpora, then every target for a minute
  cargo xtask fuzz --seconds 600 binary     one target for ten minutes")]
pub(crate) struct Options {
    /// How long to fuzz each target
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Only this target
    target: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { seconds: 60, target: None }
    }
}

/// Replays the corpora as tests, then fuzzes where cargo-fuzz and a nightly compiler are installed.
pub(crate) fn run(options: &Options) -> Outcome {
    for tests in [
        ["--package", "claviger-kmip", "--quiet", "corpus"],
        ["--package", "claviger-crypto-covercrypt", "--quiet", "corpus"],
    ] {
        step::run("replay the corpora", step::cargo(["test"]).args(tests))?;
    }
    if !is_installed() {
        step::announce(
            "fuzzing: skipped: it needs cargo-fuzz and a nightly compiler (cargo install --locked cargo-fuzz)",
        );
        return Ok(());
    }
    for target in targets(options)? {
        let limit = format!("-max_total_time={}", options.seconds);
        let mut fuzz = step::cargo(["+nightly", "fuzz", "run", &target, "--", &limit]);
        step::run(&format!("fuzz {target}"), fuzz.current_dir(workspace::root()))?;
    }
    Ok(())
}

fn targets(options: &Options) -> Outcome<Vec<String>> {
    if let Some(target) = &options.target {
        return Ok(vec![target.clone()]);
    }
    let mut list = step::cargo(["+nightly", "fuzz", "list"]);
    let output = list.current_dir(workspace::root()).output()?;
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}

fn is_installed() -> bool {
    let mut probe = step::cargo(["+nightly", "fuzz", "--version"]);
    probe.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
