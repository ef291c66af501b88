//! When the database was last found to be no primary.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// When the database was last found to be one that may only be read. Another may be the primary since, so that a new
/// connection leads there and an older one does not: it would read keys as they were, and write none.
#[derive(Clone, Debug, Default)]
pub(super) struct Demotion(Arc<Mutex<Option<Instant>>>);

/// How long connections are let alone after that. While no other is the primary, new ones lead where the old ones did,
/// and not every write that is refused shall cost all of them.
const SETTLING: Duration = Duration::from_secs(1);

impl Demotion {
    /// The database may only be read, now.
    pub(super) fn note(&self) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.is_none_or(|at| at.elapsed() >= SETTLING) {
            tracing::warn!(
                "the database may only be read: connecting again, in case another is the primary now"
            );
            *noted = Some(Instant::now());
        }
    }

    /// Whether that was found within this time.
    pub(super) fn is_within(&self, time: Duration) -> bool {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.is_some_and(|at| at.elapsed() <= time)
    }
}
