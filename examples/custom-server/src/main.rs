//! The Claviger server with one more plugin.

// Naming the crate keeps it in the binary; its operation and its tag policy register themselves.
use claviger_hello as _;

fn main() -> std::process::ExitCode {
    claviger_server::run(std::env::args_os())
}
