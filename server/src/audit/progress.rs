//! How much of a log was read: a bar, on a terminal.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Bytes that were read, on standard error.
pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    /// Nothing was read yet, of so many bytes; of 0, nobody knows how many there are.
    pub(super) fn start(what: &'static str, bytes: u64) -> Self {
        Self(std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template(match bytes {
                0 => "{msg} {bytes}",
                _ => "{msg} [{bar:40}] {bytes} of {total_bytes}, {eta} left",
            });
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.with_message(what)
        }))
    }

    /// So many more bytes were read.
    pub(super) fn advance(&self, bytes: usize) {
        if let Some(bar) = &self.0 {
            bar.inc(bytes as u64);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
