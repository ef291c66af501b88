//! The developer commands of Claviger, as a library so that the benchmark can start servers the same way.

mod acceptance;
mod biscuit;
pub mod certificates;
mod check;
mod ci;
pub mod command_line;
mod conformance;
mod conformance_report;
mod cosmian;
mod exchange;
mod fuzz;
mod ha;
mod link_proof;
mod new_plugin;
mod node;
mod oidc;
mod outcome;
mod pykmip;
mod pykmip_source;
mod python;
pub mod running_server;
mod score;
pub mod services;
pub mod step;
mod tables;
mod test;
pub mod workspace;

pub use outcome::Outcome;
