//! `cargo xtask check`: formatting, lints, and the rules of the architecture, each in a file of its own.

mod algorithms;
mod arrows;
mod engine_only;
mod file_names;
mod foreign_types;
mod licences;
mod named_paths;
mod plugin_names;
mod tree;
mod unfinished;
mod unsafe_code;

use crate::{Outcome, step, tables};
use tree::Tree;

#[derive(clap::Args, Default)]
pub(crate) struct Options {
    /// Only the rules of the architecture, which take a second; no rustfmt and no clippy
    #[arg(long)]
    rules: bool,
}

/// A rule: what it demands, and how to find where the tree breaks it.
struct Rule {
    demand: &'static str,
    violations: fn(&Tree) -> Vec<String>,
}

const RULES: &[Rule] = &[
    arrows::RULE,
    foreign_types::RULE,
    plugin_names::RULE,
    algorithms::RULE,
    unsafe_code::RULE,
    file_names::RULE,
    unfinished::RULE,
    engine_only::RULE,
    named_paths::RULE,
];

/// Checks everything that can be checked without running the project's code.
pub(crate) fn run(options: &Options) -> Outcome {
    if !options.rules {
        step::run("rustfmt", &mut step::cargo(["fmt", "--all", "--check"]))?;
        let clippy = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"];
        step::run("clippy", &mut step::cargo(clippy))?;
    }
    step::announce("rules of the architecture");
    let tree = Tree::read()?;
    let broken: usize = RULES.iter().map(|rule| report(rule, &tree)).sum();
    if broken > 0 {
        return Err(format!("{broken} violations of the architecture's rules").into());
    }
    tables::check()?;
    licences::check()
}

fn report(rule: &Rule, tree: &Tree) -> usize {
    let violations = (rule.violations)(tree);
    eprintln!("   {} {}", if violations.is_empty() { "ok  " } else { "FAIL" }, rule.demand);
    for violation in &violations {
        eprintln!("        {violation}");
    }
    violations.len()
}
