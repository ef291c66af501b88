//! Work that would hold up short requests: large requests and TLS handshakes.
//!
//! Each of the two runs on threads of its own, to which the system gives less time while others need it. Without them, a
//! few large requests on all threads keep every other request waiting until the first of them is read, run or written.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::thread::{self, available_parallelism};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

use crate::failure::Failure;

/// Bytes of a request or answer above which it is large.
pub(crate) const LARGE: usize = 64 << 10;

/// How much nicer than others the threads of large requests are: they get a tenth of a processor that others want, too.
const NICER: i32 = 10;
/// The same for those of handshakes, which come before large requests: they get a quarter.
const NICER_IN_HANDSHAKES: i32 = 5;

/// The threads. Dropping them ends what runs on them.
pub(crate) struct BulkThreads(Option<Runtime>);

/// What runs work on the threads.
#[derive(Clone)]
pub(crate) struct Bulk(Handle);

impl BulkThreads {
    /// Threads for large requests: one fewer than there are processors, but one at least. A processor on which none of them
    /// runs takes short requests at once; on another they would wait until a slice of milliseconds is over.
    ///
    /// # Errors
    /// The system gives none.
    pub(crate) fn start() -> Result<Self, Failure> {
        Self::start_as("bulk", NICER)
    }

    /// The same for handshakes.
    ///
    /// # Errors
    /// As those of [`BulkThreads::start`].
    pub(crate) fn start_for_handshakes() -> Result<Self, Failure> {
        Self::start_as("handshake", NICER_IN_HANDSHAKES)
    }

    fn start_as(name: &str, nicer: i32) -> Result<Self, Failure> {
        let runtime = Builder::new_multi_thread()
            .thread_name(name)
            .worker_threads(threads())
            .on_thread_start(move || be_nice(nicer))
            .enable_all()
            .build()
            .map_err(|error| Failure::new(format!("cannot start threads: {error}")))?;
        Ok(Self(Some(runtime)))
    }

    /// What runs work on them.
    ///
    /// # Errors
    /// They have ended.
    pub(crate) fn bulk(&self) -> Result<Bulk, Failure> {
        let runtime = self.0.as_ref().ok_or_else(|| Failure::new("the threads have ended"))?;
        Ok(Bulk(runtime.handle().clone()))
    }
}

impl Drop for BulkThreads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}

/// How many threads, of processors that the system lets this process have.
fn threads() -> usize {
    available_parallelism().map_or(1, |processors| processors.get().saturating_sub(1).max(1))
}

/// For this thread alone: on Linux each has its own. A system that does not let it be nice is no worse than without.
#[cfg(target_os = "linux")]
fn be_nice(nicer: i32) {
    let _ = rustix::process::nice(nicer);
}

#[cfg(not(target_os = "linux"))]
fn be_nice(_: i32) {}

impl Bulk {
    /// Runs the work and waits for it; `None` if it panicked. When nobody waits for it any more it ends, at its next
    /// pause.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        Waited(self.0.spawn(giving_way(work))).await
    }

    /// Drops what may take long to drop, as megabytes do that are erased and given back. Nobody has to wait for it.
    pub(crate) fn dispose(&self, of: impl Send + 'static) -> JoinHandle<()> {
        self.0.spawn(async move { drop(of) })
    }
}

/// The work, which lets others have the processor at each of its pauses. A nice thread would go on for the rest of its slice,
/// while who woke up waits.
async fn giving_way<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    poll_fn(|task| {
        let polled = work.as_mut().poll(task);
        thread::yield_now();
        polled
    })
    .await
}

/// A task that ends with whoever waits for it.
struct Waited<T>(JoinHandle<T>);

impl<T> Future for Waited<T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map(Result::ok)
    }
}

impl<T> Drop for Waited<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn work_runs_elsewhere_and_a_panic_is_told() {
        let threads = BulkThreads::start().unwrap();
        let bulk = threads.bulk().unwrap();
        let here = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let name = || std::thread::current().name().map(str::to_owned);
        assert_eq!(here.block_on(bulk.run(async move { name() })), Some(Some("bulk".to_owned())));
        assert_eq!(here.block_on(bulk.run(async { panic!("of the work") })), None::<()>);
    }

    #[test]
    fn what_takes_long_to_drop_is_dropped_elsewhere() {
        struct Tells(std::sync::mpsc::Sender<Option<String>>);
        impl Drop for Tells {
            fn drop(&mut self) {
                self.0.send(std::thread::current().name().map(str::to_owned)).unwrap();
            }
        }
        let threads = BulkThreads::start().unwrap();
        let (tells, told) = std::sync::mpsc::channel();
        threads.bulk().unwrap().dispose(Tells(tells));
        assert_eq!(told.recv_timeout(Duration::from_secs(10)), Ok(Some("bulk".to_owned())));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn its_threads_are_nice_and_others_are_not() {
        let here = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let priority = || rustix::process::getpriority_process(None).unwrap();
        let own = priority();
        let (large, handshakes) = (BulkThreads::start(), BulkThreads::start_for_handshakes());
        for (threads, nicer) in [(large, NICER), (handshakes, NICER_IN_HANDSHAKES)] {
            let threads = threads.unwrap();
            let theirs = here.block_on(threads.bulk().unwrap().run(async move { priority() })).unwrap();
            assert_eq!(theirs, (own + nicer).min(19));
            assert_eq!(priority(), own);
        }
    }

    #[test]
    fn work_that_nobody_waits_for_ends() {
        struct Tells(Arc<AtomicBool>);
        impl Drop for Tells {
            fn drop(&mut self) {
                self.0.store(true, Ordering::SeqCst);
            }
        }
        let threads = BulkThreads::start().unwrap();
        let bulk = threads.bulk().unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        let here = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let tells = Tells(ended.clone());
        here.block_on(async {
            let work = bulk.run(async move {
                let _tells = tells;
                std::future::pending::<()>().await
            });
            assert!(tokio::time::timeout(Duration::from_millis(20), work).await.is_err());
        });
        let begin = std::time::Instant::now();
        while !ended.load(Ordering::SeqCst) {
            assert!(begin.elapsed() < Duration::from_secs(10));
            std::thread::yield_now();
        }
    }
}
