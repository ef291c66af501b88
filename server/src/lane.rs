//! Where a connection is worked on: on the threads of short requests, or, while something large is on its way on it, on
//! those of large ones.
//!
//! TLS, copies and system calls of a large request take as long as the work on it. On the threads of short requests that
//! would keep the processors from others, who wait longer for a thread that is as important as their own than for one that
//! gives way.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use claviger_plugin_sdk::BoxFuture;
use tokio::runtime::Handle;

use crate::bulk::Bulk;
use crate::seat::Seat;

/// Runs work for a connection, each part of it where it belongs. The work moves when it waits, so whoever has said that
/// something is large waits once before it goes on. A panic on other threads ends it.
pub(crate) async fn run(mut work: BoxFuture<'static, ()>, seat: Arc<Seat>, bulk: Bulk) {
    loop {
        if work_while(&mut work, &seat, false).await {
            return;
        }
        let (mut moved, of) = (work, seat.clone());
        let there = async move { if work_while(&mut moved, &of, true).await { None } else { Some(moved) } };
        match bulk.run(there).await.flatten() {
            Some(moved) => work = moved,
            None => return,
        }
    }
}

/// Works as long as the connection has something large on its way, or has not. Says whether the work is done.
async fn work_while(work: &mut BoxFuture<'static, ()>, seat: &Seat, large: bool) -> bool {
    poll_fn(|task| {
        if work.as_mut().poll(task).is_ready() {
            return Poll::Ready(true);
        }
        if seat.has_large() == large { Poll::Pending } else { Poll::Ready(false) }
    })
    .await
}

/// Runs what belongs to a connection beside it, such as the streams of HTTP/2.
#[derive(Clone)]
pub(crate) struct Beside {
    runtime: Handle,
    seat: Arc<Seat>,
    bulk: Bulk,
}

impl Beside {
    /// Beside the connection that the calling task serves.
    pub(crate) fn of(seat: &Arc<Seat>, bulk: &Bulk) -> Self {
        Self { runtime: Handle::current(), seat: seat.clone(), bulk: bulk.clone() }
    }
}

impl<W: Future<Output = ()> + Send + 'static> hyper::rt::Executor<W> for Beside {
    fn execute(&self, work: W) {
        self.runtime.spawn(run(Box::pin(work), self.seat.clone(), self.bulk.clone()));
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use claviger_engine::SystemClock;
    use hyper::rt::Executor as _;
    use tokio::sync::oneshot;
    use tokio::task::yield_now;
    use tokio::time::timeout;

    use super::*;
    use crate::bulk::BulkThreads;
    use crate::places::{Bounds, Places};

    fn name() -> Option<String> {
        thread::current().name().map(str::to_owned)
    }

    fn seat() -> Arc<Seat> {
        let bounds = Bounds { most: 1, of_a_machine: 1, in_a_second: 1 };
        let places = Arc::new(Places::new(bounds, Arc::new(SystemClock)));
        places.take("192.0.2.1".parse().unwrap()).unwrap().seat().clone()
    }

    /// The threads that work runs on: before, while and after two large things are on their way.
    async fn threads(seat: Arc<Seat>) -> [Option<String>; 4] {
        let before = name();
        let first = seat.large().await;
        let second = seat.large().await;
        let during = name();
        drop(first);
        yield_now().await;
        let still = name();
        drop(second);
        yield_now().await;
        [before, during, still, name()]
    }

    #[test]
    fn a_connection_is_worked_on_elsewhere_while_something_large_is_on_its_way() {
        let bulk_threads = BulkThreads::start().unwrap();
        let here = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let beside = here.block_on(async { Beside::of(&seat(), &bulk_threads.bulk().unwrap()) });
        let bulk = Some("bulk".to_owned());
        for is_beside in [false, true] {
            let (tell, told) = oneshot::channel();
            let seat = beside.seat.clone();
            let work = Box::pin(async move { tell.send(threads(seat).await).unwrap() });
            let told = here.block_on(async {
                if is_beside {
                    beside.execute(work);
                } else {
                    run(work, beside.seat.clone(), beside.bulk.clone()).await;
                }
                timeout(Duration::from_secs(10), told).await
            });
            assert_eq!(told.unwrap().unwrap(), [name(), bulk.clone(), bulk.clone(), name()]);
        }
    }

    #[test]
    fn work_that_panics_elsewhere_ends() {
        let bulk_threads = BulkThreads::start().unwrap();
        let here = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let seat = seat();
        let of = seat.clone();
        let work = Box::pin(async move {
            let _large = of.large().await;
            panic!("of the work");
        });
        here.block_on(run(work, seat.clone(), bulk_threads.bulk().unwrap()));
        assert!(!seat.has_large());
    }
}
