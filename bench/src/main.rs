//! Measures a running Claviger server: throughput, latency, processor time per request, memory and start-up time.
//!
//! Every processor time is also given in units of U: what a bare hyper handler needs to answer a constant, measured
//! in the same run with the same load. The load generator, the bare handler and the server are three processes.

mod attack;
mod attacker;
mod audit;
mod bare_handler;
mod connection;
#[cfg(feature = "covercrypt")]
mod covercrypt;
mod crypto;
mod database;
mod load;
mod message;
mod options;
mod owners;
mod population;
mod process;
mod report;
mod rest;
mod scenario;
mod session;
mod soak;
mod ttlv;

use std::process::ExitCode;

use clap::Parser;
use options::CommandLine;

fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    let done = match (command_line.bare_handler, command_line.attacker) {
        (Some(address), _) => bare_handler::serve(address),
        (None, Some(attack)) => attacker::run(attack, &command_line),
        (None, None) => session::run(&command_line),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}
