//! How far a rotation is, for metrics.

use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use super::Sealing;

/// How far the contents of all stores are what they are to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SealingFigures {
    /// Stores in which contents are being written anew.
    pub unfinished_stores: u64,
    /// Objects in these.
    pub objects: u64,
    /// How many of these were looked at, in this pass over them.
    pub objects_seen: u64,
    /// Contents that this server has written anew since it started.
    pub rewritten: u64,
    /// Contents that could not be opened in the latest pass.
    pub unopened: u64,
}

/// The figures of one store.
#[derive(Default)]
pub(super) struct Figures {
    is_unfinished: AtomicBool,
    pub(super) objects: AtomicU64,
    pub(super) seen: AtomicU64,
    pub(super) rewritten: AtomicU64,
    pub(super) unopened: AtomicU64,
}

impl Figures {
    pub(super) fn set_finished(&self, is_finished: bool) {
        self.is_unfinished.store(!is_finished, Relaxed);
    }
}

impl Sealing {
    /// How far it is.
    pub fn figures(&self) -> SealingFigures {
        let cells = self.shared.cells.read().unwrap_or_else(PoisonError::into_inner);
        let rewritten = self.shared.rewritten_before.load(Relaxed);
        let mut sum = SealingFigures { rewritten, ..SealingFigures::default() };
        for figures in cells.values().map(|cell| &cell.figures) {
            sum.rewritten += figures.rewritten.load(Relaxed);
            if figures.is_unfinished.load(Relaxed) {
                sum.unfinished_stores += 1;
                sum.objects += figures.objects.load(Relaxed);
                sum.objects_seen += figures.seen.load(Relaxed);
                sum.unopened += figures.unopened.load(Relaxed);
            }
        }
        sum
    }
}
