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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[tokio::test]
    async fn work_runs_and_is_waited_for() {
        let pool = HeavyPool::new(1, 4);
        let (done, results) = channel();
        pool.run(move || done.send(7).unwrap()).await.unwrap();
        assert_eq!(results.try_recv().unwrap(), 7);
    }

    #[tokio::test]
    async fn more_than_the_queue_takes_is_refused_and_room_comes_back() {
        let pool = Arc::new(HeavyPool::new(1, 1));
        let (let_go, wait) = channel::<()>();
        let running = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(move || wait.recv().unwrap()).await }
        });
        while pool.queued.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        let refused = pool.run(|| {}).await.unwrap_err();
        assert_eq!(refused.reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
        let_go.send(()).unwrap();
        running.await.unwrap().unwrap();
        pool.run(|| {}).await.unwrap();
    }

    #[tokio::test]
    async fn work_that_panics_fails_its_item_and_gives_its_place_back() {
        let pool = HeavyPool::new(1, 1);
        let failed = pool.run(|| panic!("a scheme is wrong")).await.unwrap_err();
        assert_eq!(failed.reason(), ResultReason::INTERNAL_SERVER_ERROR);
        pool.run(|| {}).await.unwrap();
    }
}
