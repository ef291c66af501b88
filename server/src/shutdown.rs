//! Ending: what the signals mean, and waiting for what was accepted.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};

use crate::failure::Failure;

/// Tells every task that the server is ending, and knows when the last of them is done.
pub(crate) struct Shutdown {
    ending: watch::Sender<bool>,
    busy: mpsc::Sender<()>,
    done: mpsc::Receiver<()>,
}

/// A task's view: whether the server is ending. While one exists, the server waits for it.
#[derive(Clone)]
pub(crate) struct Ending {
    ending: watch::Receiver<bool>,
    _busy: mpsc::Sender<()>,
}

/// The signals that an operator sends.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

/// What a signal asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// End in good order.
    End,
    /// Read certificates again and open the audit file again.
    Reload,
}

impl Shutdown {
    pub(crate) fn new() -> Self {
        let (busy, done) = mpsc::channel(1);
        Self { ending: watch::Sender::new(false), busy, done }
    }

    /// A view for one more task.
    pub(crate) fn watch(&self) -> Ending {
        Ending { ending: self.ending.subscribe(), _busy: self.busy.clone() }
    }

    /// Tells all tasks, and waits until they are done or the time is over. Says whether all were done.
    pub(crate) async fn end(self, grace: Duration) -> bool {
        let Self { ending, busy, mut done } = self;
        ending.send_replace(true);
        drop(busy);
        tokio::time::timeout(grace, done.recv()).await.is_ok()
    }
}

impl Ending {
    /// Returns when the server is ending.
    pub(crate) async fn begins(&mut self) {
        // An error means that the sender is gone, which is an end, too.
        let _ = self.ending.wait_for(|ending| *ending).await;
    }

    /// What the work gives; `None` if the server is ending first.
    pub(crate) async fn unless_it_begins<T>(&mut self, work: impl Future<Output = Option<T>>) -> Option<T> {
        tokio::select! {
            biased;
            given = work => given,
            () = self.begins() => None,
        }
    }
}

impl Signals {
    /// Listens to SIGTERM, SIGINT and SIGHUP.
    ///
    /// # Errors
    /// The system refuses.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let listen =
            |kind| signal(kind).map_err(|error| Failure::new(format!("cannot listen to signals: {error}")));
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    /// The next signal.
    pub(crate) async fn next(&mut self) -> Request {
        tokio::select! {
            _ = self.terminate.recv() => Request::End,
            _ = self.interrupt.recv() => Request::End,
            _ = self.hang_up.recv() => Request::Reload,
        }
    }
}
