//! How far a command is: a bar on a terminal, and lines now and then where there is none.

use std::io::{IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How far a command is, on standard error.
pub(super) struct Progress {
    what: &'static str,
    total: u64,
    done: u64,
    /// The bar, on a terminal.
    bar: Option<ProgressBar>,
}

/// How many lines a whole run writes where there is no terminal.
const LINES: u64 = 10;

impl Progress {
    /// Nothing is done yet. `what` says what is done to what, such as `objects backed up`.
    pub(super) fn start(what: &'static str, total: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            let style =
                ProgressStyle::with_template("{msg} [{bar:40}] {pos} of {len}, {per_sec}, {eta} left");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.with_message(what)
        });
        Self { what, total, done: 0, bar }
    }

    /// So many more are done.
    pub(super) fn advance(&mut self, more: usize) {
        let before = self.done;
        self.done += more as u64;
        match &self.bar {
            Some(bar) => bar.set_position(self.done),
            None if step(before, self.total) < step(self.done, self.total) => self.line(),
            None => {}
        }
    }

    /// A line that is to be read beside the bar.
    pub(super) fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{line}")),
            None => eprintln!("{line}"),
        }
    }

    /// A line of the answer, which goes to standard output at once.
    pub(super) fn report(&self, line: &str) {
        // A reader who has gone is no failure; the summary comes all the same.
        let print = || {
            let _ = writeln!(std::io::stdout(), "{line}");
        };
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    fn line(&self) {
        eprintln!("{}: {} of {}", self.what, self.done, self.total);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// How many of the lines are due when so many are done.
fn step(done: u64, total: u64) -> u64 {
    done.saturating_mul(LINES).checked_div(total).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_due_at_every_tenth() {
        let due: Vec<u64> = (1..=50).filter(|done| step(done - 1, 50) < step(*done, 50)).collect();
        assert_eq!(due, [5, 10, 15, 20, 25, 30, 35, 40, 45, 50]);
        assert_eq!(step(0, 0), 0);
    }
}
