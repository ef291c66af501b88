//! Where the lines of a log go.

use std::time::Duration;

use super::end::End;
use super::head::{Head, PublicKey};

/// What a log is written to. Only the thread that writes the log calls it, so it may wait. Errors are texts for the
/// operator.
pub(super) trait Destination: Send + 'static {
    /// How long lines may wait for others, so that they are written together.
    fn linger(&self) -> Duration;

    /// What it is called.
    fn name(&self) -> String;

    /// Finds the end of what is there. After a failed write it is called again, and mends what it can.
    fn end(&mut self, keys: &[PublicKey]) -> Result<End, String>;

    /// Where nothing is there: the end of what was there before and was moved elsewhere.
    fn end_before(&mut self, keys: &[PublicKey]) -> Result<End, String>;

    /// Appends whole lines.
    fn write(&mut self, lines: &[u8]) -> Result<(), String>;

    /// Returns when everything that was written survives a crash.
    fn settle(&mut self) -> Result<(), String>;

    /// Whether it is time to begin a new part of the log.
    fn is_full(&self) -> bool;

    /// Moves what is there away, the last line of which has this number, so that [`Destination::begin_anew`] begins a new
    /// part.
    fn move_away(&mut self, last: u64) -> Result<(), String>;

    /// Begins a new part if what was there was moved away. Says whether it did.
    fn begin_anew(&mut self) -> Result<bool, String>;

    /// The newest head that was kept.
    fn head(&mut self) -> Result<Option<Head>, String>;

    /// Keeps a head.
    fn keep_head(&mut self, head: &Head) -> Result<(), String>;
}
