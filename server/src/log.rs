//! The server's log: on standard error, for people or as JSON.

use std::io::IsTerminal as _;

use claviger_plugin_sdk::settings::Settings;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt, registry};

use crate::failure::Failure;

/// Starts logging as the settings say. In a process that logs already (a test), that log goes on.
///
/// # Errors
/// `--log-level` cannot be understood.
pub(crate) fn start(settings: &Settings) -> Result<(), Failure> {
    let filter = filter(settings)?;
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match settings.text("log-format") {
        Some("json") => lines.json().flatten_event(true).boxed(),
        _ => lines.with_ansi(std::io::stderr().is_terminal()).with_target(false).boxed(),
    };
    // The only way to fail is that a log has been started, which then takes the lines.
    let _ = registry().with(lines.with_filter(filter)).try_init();
    Ok(())
}

/// What is logged.
///
/// # Errors
/// `--log-level` cannot be understood.
pub(crate) fn filter(settings: &Settings) -> Result<Targets, Failure> {
    let level = settings.text("log-level").unwrap_or("info");
    level.parse().map_err(|_| {
        Failure::usage(format!("--log-level takes a level such as info, also by module, not `{level}`"))
    })
}
