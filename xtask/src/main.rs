//! Every developer command of Claviger: `cargo xtask --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match xtask::command_line::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error}");
            ExitCode::FAILURE
        }
    }
}
