//! Whether a connection is being used.
//!
//! Timers cost something on every request, so requests set none: they leave traces here, and the connection is
//! looked at every few seconds.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::patience;

/// Bytes that a client takes between two looks, if it takes an answer and does not only keep the connection alive.
const GOES_ON: u64 = 64 << 10;

/// The traces of a connection.
#[derive(Default)]
pub(super) struct Activity {
    /// Requests that are being answered.
    answering: AtomicU32,
    /// Requests that began.
    requests: AtomicU64,
    /// Bytes that came since the last request was answered.
    bytes: AtomicU64,
    /// Bytes that the client took.
    taken: AtomicU64,
    /// Whether it takes no more for now, while there is more to take.
    stalled: AtomicBool,
}

/// Marks a request as being answered while it lives.
pub(super) struct Answering(Arc<Activity>);

/// What is remembered from one look to the next.
#[derive(Default)]
pub(super) struct Watch {
    requests: u64,
    idle: Duration,
    /// How long there has been something to take at every look, and what was taken before.
    stalled: Duration,
    taken: u64,
    multiplexed: bool,
}

impl Activity {
    /// A request begins.
    pub(super) fn begin(self: &Arc<Self>) -> Answering {
        self.answering.fetch_add(1, Relaxed);
        self.requests.fetch_add(1, Relaxed);
        Answering(self.clone())
    }

    /// The client took bytes, or takes none for now.
    fn wrote(&self, written: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(bytes)) = written {
            self.taken.fetch_add(*bytes as u64, Relaxed);
        }
        self.stalled.store(written.is_pending(), Relaxed);
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.answering.fetch_sub(1, Relaxed);
        self.0.bytes.store(0, Relaxed);
    }
}

impl Watch {
    /// For HTTP/2, where bytes may come that begin no request.
    pub(super) fn multiplexed() -> Self {
        Self { multiplexed: true, ..Self::default() }
    }

    /// Looks at a connection, so long after the last look. Says whether its client has had its time: to send the
    /// first request, the rest of a head that it began, or a further request; or to take an answer.
    pub(super) fn is_over(&mut self, activity: &Activity, since: Duration) -> bool {
        if activity.stalled.load(Relaxed) {
            self.stalled += since;
            self.idle = Duration::ZERO;
            return self.stalled >= patience::answer(activity.taken.load(Relaxed) - self.taken);
        }
        let before = std::mem::replace(&mut self.taken, activity.taken.load(Relaxed));
        self.stalled = Duration::ZERO;
        if self.taken - before >= GOES_ON {
            self.idle = Duration::ZERO;
        }
        let requests = activity.requests.load(Relaxed);
        if activity.answering.load(Relaxed) > 0 || requests != self.requests {
            *self = Self { requests, idle: Duration::ZERO, ..*self };
            return false;
        }
        self.idle += since;
        let head_began = !self.multiplexed && activity.bytes.load(Relaxed) > 0;
        self.idle >= if requests == 0 || head_began { patience::HEAD } else { patience::IDLE_HTTP }
    }
}

/// A stream that leaves a trace of the bytes that it reads.
pub(super) struct Traced<S> {
    stream: S,
    activity: Arc<Activity>,
}

impl<S> Traced<S> {
    /// Traces a stream.
    pub(super) fn new(stream: S, activity: Arc<Activity>) -> Self {
        Self { stream, activity }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Traced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let read = buffer.filled().len() - before;
        if read > 0 {
            self.activity.bytes.fetch_add(read as u64, Relaxed);
        }
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Traced<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.activity.wrote(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.activity.wrote(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        // TLS has more to send than it was given.
        self.activity.stalled.store(flushed.is_pending(), Relaxed);
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Duration = patience::LOOK_EVERY;

    fn looks_until_over(watch: &mut Watch, activity: &Activity) -> u32 {
        (1..100).find(|_| watch.is_over(activity, LOOK)).unwrap()
    }

    #[test]
    fn a_client_that_sends_nothing_has_ten_seconds() {
        assert_eq!(looks_until_over(&mut Watch::default(), &Activity::default()), 2);
    }

    #[test]
    fn a_client_that_was_served_may_wait_and_may_not_begin_without_going_on() {
        let (activity, mut watch) = (Arc::new(Activity::default()), Watch::default());
        drop(activity.begin());
        // The first look sees the request; 75 seconds are 15 more.
        assert_eq!(looks_until_over(&mut watch, &activity), 16);
        drop(activity.begin());
        activity.bytes.store(1, Relaxed);
        assert_eq!(looks_until_over(&mut watch, &activity), 3);
    }

    #[test]
    fn a_client_has_a_minute_to_take_its_answer_and_longer_while_it_takes_some() {
        let (activity, mut watch) = (Arc::new(Activity::default()), Watch::default());
        drop(activity.begin());
        assert!(!watch.is_over(&activity, LOOK));
        activity.wrote(&Poll::Ready(Ok(100_000_000)));
        assert!(!watch.is_over(&activity, LOOK));
        activity.wrote(&Poll::Pending);
        assert_eq!(looks_until_over(&mut watch, &activity), 12);
        let (activity, mut slow) = (Activity::default(), Watch::default());
        // 64 KiB a second.
        let looks = (0..99).take_while(|_| {
            activity.wrote(&Poll::Ready(Ok(5 << 16)));
            activity.wrote(&Poll::Pending);
            !slow.is_over(&activity, LOOK)
        });
        assert_eq!(looks.count(), 99);
    }

    #[test]
    fn a_request_that_is_being_answered_is_not_disturbed() {
        let (activity, mut watch) = (Arc::new(Activity::default()), Watch::default());
        let answering = activity.begin();
        assert!((0..100).all(|_| !watch.is_over(&activity, LOOK)));
        drop(answering);
        assert!(!watch.is_over(&activity, LOOK));
    }
}
