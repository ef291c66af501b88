//! The command line of `cargo xtask`.

use clap::{Parser, Subcommand};

use crate::{
    Outcome, acceptance, biscuit, check, ci, conformance, cosmian, exchange, fuzz, ha, new_plugin, oidc,
    pykmip, pykmip_source, services, step, tables, test,
};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Every developer command of Claviger")]
#[command(after_help = "Examples:
  cargo xtask check                       formatting, lints and the rules of the architecture
  cargo xtask test                        all tests, then the black-box suites
  cargo xtask conformance --version 2.1   the OASIS cases of one version, on every transport
  cargo xtask services up                 database servers for the tests of stores
  cargo xtask bench --quick               the benchmark at 16 connections
  cargo xtask ha --database postgresql    kills servers and databases under load
  cargo xtask ci                          what CI runs: check and test")]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Checks formatting, lints, dependency arrows, names, unsafe code and licences
    Check(check::Options),
    /// Runs all tests, checks every feature set, proves the link, then runs the black-box suites
    Test(test::Options),
    /// Runs the OASIS test cases against a server on loopback and prints the score
    Conformance(conformance::Options),
    /// Runs PyKMIP's client against a server on loopback and prints the score
    #[command(after_help = "Example:
  cargo xtask pykmip --only locate")]
    Pykmip(acceptance::Options),
    /// Copies the objects of PyKMIP's own server here, in several versions of KMIP, and prints the score
    #[command(after_help = "Example:
  cargo xtask copy-from-pykmip --only wrapped")]
    CopyFromPykmip(acceptance::Options),
    /// Runs both generations of the REST family's published client against servers on loopback and prints the score
    #[command(after_help = "Example:
  cargo xtask cosmian --only rotate")]
    Cosmian(acceptance::Options),
    /// Exchanges keys, signatures and ciphertexts with openssl and Python's cryptography, and prints the score
    #[command(after_help = "Example:
  cargo xtask exchange --only rsa_pss")]
    Exchange(acceptance::Options),
    /// Runs servers against a real OpenID Connect provider and prints the score
    #[command(after_help = "Example:
  cargo xtask oidc --only refused")]
    Oidc(acceptance::Options),
    /// Has a published library narrow tokens of a server, and prints the score
    #[command(after_help = "Example:
  cargo xtask biscuit --only narrowed")]
    Biscuit(acceptance::Options),
    /// Measures the release server; `cargo xtask bench --help` lists the options
    #[command(disable_help_flag = true)]
    Bench {
        /// Options of the benchmark, such as --quick or --json FILE
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Fuzzes the decoders with cargo-fuzz, or replays the corpora where it is not installed
    Fuzz(fuzz::Options),
    /// Kills servers and databases under load, again and again
    Ha(ha::Options),
    /// Starts and stops database servers for tests
    Services(services::Options),
    /// Starts a plugin as a copy of the example
    NewPlugin(new_plugin::Options),
    /// Writes the KMIP tables in kmip/src/tables from the facts in kmip/tables
    Tables(tables::Options),
    /// Runs what CI runs
    Ci(ci::Options),
}

/// Reads the command line and does what it says.
///
/// # Errors
/// What was asked for failed; the text says what and where.
pub fn run() -> Outcome {
    match CommandLine::parse().command {
        Command::Check(options) => check::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Conformance(options) => conformance::run(&options),
        Command::Pykmip(options) => options.run(pykmip::score),
        Command::CopyFromPykmip(options) => options.run(pykmip_source::score),
        Command::Cosmian(options) => options.run(cosmian::score),
        Command::Exchange(options) => options.run(exchange::score),
        Command::Oidc(options) => options.run(oidc::score),
        Command::Biscuit(options) => options.run(biscuit::score),
        Command::Bench { arguments } => bench(&arguments),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Ha(options) => ha::run(&options),
        Command::Services(options) => services::run(&options),
        Command::NewPlugin(options) => new_plugin::run(&options),
        Command::Tables(options) => tables::run(&options),
        Command::Ci(options) => ci::run(&options),
    }
}

/// The benchmark is a release-built crate of its own: its load generator must not be slower than the server.
fn bench(arguments: &[String]) -> Outcome {
    step::run(
        "build the release server",
        &mut step::cargo(["build", "--release", "--package", "claviger-server"]),
    )?;
    let mut command = step::cargo(["run", "--release", "--quiet", "--package", "claviger-bench", "--"]);
    step::run("measure", command.args(arguments))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::CommandLine::command().debug_assert();
    }
}
