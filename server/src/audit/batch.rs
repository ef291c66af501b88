//! Lines that wait to be written.

use tokio::sync::oneshot;

use super::draft::Draft;

/// Bytes that an empty batch keeps for its text.
const KEPT: usize = 2 << 20;

/// Lines, one after the other.
#[derive(Default)]
pub(super) struct Batch {
    text: Vec<u8>,
    /// Where each of them ends in the text.
    ends: Vec<usize>,
    records: u64,
    /// Who waits until the records survive a crash.
    pub(super) waiting: Vec<oneshot::Sender<()>>,
}

impl Batch {
    /// Adds lines.
    pub(super) fn add(&mut self, lines: &Draft) {
        let start = self.text.len();
        self.text.extend_from_slice(lines.text());
        self.ends.extend(lines.ends().iter().map(|end| start + end));
        self.records += lines.records();
    }

    /// The lines, each without a newline.
    pub(super) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().filter_map(move |end| self.text.get(std::mem::replace(&mut start, *end)..*end))
    }

    /// How many records there are.
    pub(super) fn count(&self) -> u64 {
        self.records
    }

    /// Bytes that they take.
    pub(super) fn size(&self) -> usize {
        self.text.len()
    }

    /// Empties it. A burst must not keep its memory for ever.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(KEPT);
        self.ends.clear();
        self.ends.shrink_to(KEPT / 128);
        self.records = 0;
        self.waiting.clear();
    }
}
