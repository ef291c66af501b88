//! The Claviger server: sockets, TLS, HTTP routes, configuration, and the list of linked plugins.
//!
//! A server with other plugins is a crate of its own that depends on this one, names its plugins
//! (`use my_plugin as _;`) and calls [`run`]:
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     claviger_server::run(std::env::args_os())
//! }
//! ```
//!
//! A request's way: `listen` → `http` or `socket` → `Engine::authenticate_for` → body → codec → `Engine::answer`, or
//! `Engine::handle_in` for a dialect.

pub mod configuration;

mod access;
mod algorithm_policy;
mod answering;
mod audit;
mod bulk;
mod client_certificates;
mod command_line;
mod commands;
mod connection;
mod db;
mod failure;
mod file_limit;
mod handshakes;
#[cfg(feature = "auth-credentials")]
mod hash_password;
mod http;
mod identity;
mod inbox;
mod lane;
mod linked;
mod listen;
mod log;
mod metrics;
mod patience;
mod peer;
mod places;
mod plugin_options;
mod process;
mod randomness;
mod rate;
mod refusal;
mod revocation_lists;
mod room;
mod sealing;
mod seat;
mod secret_memory;
mod serve;
mod shares;
mod shutdown;
mod socket;
mod standing;
mod start;
mod talk;
mod tls;
#[cfg(feature = "auth-biscuit")]
mod token;
mod turn;
mod undecodable;
mod who;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use failure::Failure;

/// Runs the server, or the command that the arguments name, to its end. The first argument is the program's name.
///
/// The exit code is 0 when all went well, 1 when the server or the command failed, 2 when command line or
/// configuration cannot be understood.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    match commands::perform(arguments.into_iter().collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure);
            failure.exit_code()
        }
    }
}

fn report(failure: &Failure) {
    // Without a standard error there is nobody left to tell.
    let _ = writeln!(std::io::stderr(), "claviger-server: {failure}");
}
