//! Bounded threads for cryptographic work that would hold up other requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use tokio::sync::Semaphore;

/// Runs heavy work on blocking threads, so many at a time, and refuses more than may wait.
pub(crate) struct HeavyPool {
    running: Arc<Semaphore>,
    queued: AtomicUsize,
    most_queued: usize,
}

impl HeavyPool {
    pub(crate) fn new(threads: usize, most_queued: usize) -> Self {
        Self { running: Arc::new(Semaphore::new(threads)), queued: AtomicUsize::new(0), most_queued }
    }

    /// Runs the work and waits for it. The semaphore is fair: work runs in the order in which it came.
    pub(crate) async fn run(&self, work: impl FnOnce() + Send + 'static) -> Result<()> {
        let _place = Place::take(&self.queued, self.most_queued)?;
        let failed = || Error::server("cryptographic work was interrupted");
        let permit = self.running.clone().acquire_owned().await.map_err(|error| failed().because(error))?;
        tokio::task::spawn_blocking(move || {
            work();
            drop(permit);
        })
        .await
        .map_err(|error| failed().because(error))
    }
}

/// A place in the queue, given back on drop: also when the request is cut off.
struct Place<'q>(&'q AtomicUsize);

impl<'q> Place<'q> {
    fn take(queued: &'q AtomicUsize, most: usize) -> Result<Self> {
        let place = Self(queued);
        if queued.fetch_add(1, Ordering::Relaxed) >= most {
            return Err(Error::new(
                ResultReason::SERVER_LIMIT_EXCEEDED,
                ErrorClass::Unsupported,
                "too much cryptographic work is waiting; try again later",
            ));
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
