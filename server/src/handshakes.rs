//! TLS handshakes. Each costs as much as many requests, and is asked for by whoever likes to.
//!
//! They run on threads of their own, and of one machine only so many at a time: its others wait for them, and other
//! machines do not. Their turn is for what the server does, and not for the client's: whoever begins a handshake and does not
//! go on has no turn while the server waits for him, and nobody waits for his. When he goes on, he waits for another turn.

use std::collections::HashMap;
use std::future::poll_fn;
use std::io;
use std::mem;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use foldhash::fast::RandomState;
use rustls::ServerConfig;
use rustls::server::Acceptor;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use crate::bulk::Bulk;
use crate::patience;
use crate::who::machine;

/// Machines that are remembered before those are looked for that have no handshake.
const REMEMBERED: usize = 1_024;

/// All handshakes.
pub(crate) struct Handshakes {
    threads: Bulk,
    of_a_machine: usize,
    machines: Mutex<Machines>,
    /// Those that are being done.
    underway: AtomicU64,
    /// Those that came to a good end, to a bad one, and to none in time.
    done: AtomicU64,
    failed: AtomicU64,
    too_slow: AtomicU64,
}

struct Machines {
    by_address: HashMap<IpAddr, Arc<Semaphore>, RandomState>,
    looked_at: usize,
}

/// What came of them so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Being done.
    pub(crate) underway: u64,
    /// Done.
    pub(crate) done: u64,
    /// Failed.
    pub(crate) failed: u64,
    /// Cut off, since the client was too slow.
    pub(crate) too_slow: u64,
}

/// Why there is no connection.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The client was too slow, or has gone before it began.
    TooSlow,
    /// It and the server do not agree, or it has gone.
    Failed(io::Error),
}

impl Handshakes {
    /// Handshakes on these threads, so many of a machine at a time.
    pub(crate) fn new(threads: Bulk, of_a_machine: usize) -> Self {
        Self {
            threads,
            of_a_machine,
            machines: Mutex::new(Machines { by_address: HashMap::default(), looked_at: REMEMBERED }),
            underway: AtomicU64::new(0),
            done: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            too_slow: AtomicU64::new(0),
        }
    }

    /// Does the handshake of a client, when all of his first message has come and it is its turn. Whoever connects and says
    /// nothing costs no more than the connection.
    ///
    /// # Errors
    /// There is no connection.
    pub(crate) async fn shake(
        &self,
        config: Arc<ServerConfig>,
        stream: TcpStream,
        peer: IpAddr,
    ) -> Result<TlsStream<TcpStream>, Broken> {
        let until = Instant::now() + patience::HEAD;
        let turns = self.turns(machine(peer));
        let shaken = timeout_at(until, async {
            stream.readable().await?;
            let hello = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
            let turn = turns.acquire_owned().await.map_err(io::Error::other)?;
            let _underway = Underway::new(&self.underway);
            // Keys are agreed on and the server signs as soon as the future is made.
            let answering = async move { in_turns(turn, hello.into_stream(config)).await };
            let shaking = self.threads.run(timeout_at(until, answering)).await;
            match shaking {
                Some(Ok(shaken)) => shaken,
                Some(Err(late)) => Err(late.into()),
                None => Err(io::Error::other("the handshake was interrupted")),
            }
        });
        let count = |figure: &AtomicU64| figure.fetch_add(1, Relaxed);
        match shaken.await {
            Ok(Ok(stream)) => {
                count(&self.done);
                Ok(stream)
            }
            Ok(Err(error)) if error.kind() != io::ErrorKind::TimedOut => {
                count(&self.failed);
                Err(Broken::Failed(error))
            }
            Ok(Err(_)) | Err(_) => {
                count(&self.too_slow);
                Err(Broken::TooSlow)
            }
        }
    }

    /// What came of them.
    pub(crate) fn figures(&self) -> Figures {
        let figure = |figure: &AtomicU64| figure.load(Relaxed);
        Figures {
            underway: figure(&self.underway),
            done: figure(&self.done),
            failed: figure(&self.failed),
            too_slow: figure(&self.too_slow),
        }
    }

    /// The turns of a machine.
    fn turns(&self, machine: IpAddr) -> Arc<Semaphore> {
        let mut machines = self.machines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turns) = machines.by_address.get(&machine) {
            return turns.clone();
        }
        if machines.by_address.len() >= machines.looked_at {
            machines.by_address.retain(|_, turns| Arc::strong_count(turns) > 1);
            machines.looked_at = REMEMBERED.max(2 * machines.by_address.len());
        }
        let turns = Arc::new(Semaphore::new(self.of_a_machine));
        machines.by_address.insert(machine, turns.clone());
        turns
    }
}

/// What comes of a handshake, which has its turn until it waits: that is for its client. When he goes on, it waits for
/// another, since the client says how much is left to do: after a Hello Retry Request that is nearly all.
async fn in_turns<T>(
    mut turn: OwnedSemaphorePermit,
    mut handshake: impl Future<Output = io::Result<T>> + Unpin,
) -> io::Result<T> {
    let turns = turn.semaphore().clone();
    loop {
        let shaken = poll_fn(|task| Poll::Ready(Pin::new(&mut handshake).poll(task))).await;
        drop(turn);
        if let Poll::Ready(shaken) = shaken {
            return shaken;
        }
        pause(false).await;
        turn = turns.clone().acquire_owned().await.map_err(io::Error::other)?;
        // Those that have a turn are behind what others have to do. Otherwise all whose clients go on at once are done
        // one after the other, and none of them ever waits.
        pause(true).await;
    }
}

/// Waits until the task is woken, or until all have run that are to run now.
async fn pause(wakes: bool) {
    let mut paused = false;
    poll_fn(|task| {
        if mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        if wakes {
            task.waker().wake_by_ref();
        }
        Poll::Pending
    })
    .await;
}

/// Counts a handshake while it lives.
struct Underway<'h>(&'h AtomicU64);

impl<'h> Underway<'h> {
    fn new(underway: &'h AtomicU64) -> Self {
        underway.fetch_add(1, Relaxed);
        Self(underway)
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    #[tokio::test]
    async fn a_handshake_has_a_turn_while_it_is_done_and_none_while_it_waits_for_its_client() {
        let turns = Arc::new(Semaphore::new(1));
        let turn = || turns.clone().acquire_owned();
        let (client, waits) = tokio::sync::oneshot::channel::<()>();
        let done_in_turn = turns.clone();
        let handshake = Box::pin(async move {
            waits.await.map_err(io::Error::other)?;
            Ok(done_in_turn.available_permits() == 0)
        });
        let handshake = tokio::spawn(in_turns(turn().await.unwrap(), handshake));
        assert_eq!(turns.available_permits(), 0, "it has not begun");
        tokio::task::yield_now().await;
        let of_another = turns.clone().try_acquire_owned().unwrap();
        client.send(()).unwrap();
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        assert!(!handshake.is_finished(), "it is the turn of another");
        drop(of_another);
        assert!(handshake.await.unwrap().unwrap());
        assert_eq!(turns.available_permits(), 1);
    }

    #[test]
    fn a_handshake_whose_client_goes_on_has_its_turn_before_it_is_done() {
        let turns = Arc::new(Semaphore::new(1));
        let (client, waits) = tokio::sync::oneshot::channel::<()>();
        let handshake = Box::pin(async { waits.await.map_err(io::Error::other) });
        let mut handshake = pin!(in_turns(turns.clone().try_acquire_owned().unwrap(), handshake));
        let mut task = Context::from_waker(Waker::noop());
        assert!(handshake.as_mut().poll(&mut task).is_pending());
        assert_eq!(turns.available_permits(), 1);
        client.send(()).unwrap();
        assert!(handshake.as_mut().poll(&mut task).is_pending(), "it stands behind others");
        assert_eq!(turns.available_permits(), 0);
        assert!(handshake.as_mut().poll(&mut task).is_ready());
        assert_eq!(turns.available_permits(), 1);
    }
}
