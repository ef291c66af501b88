//! Whether a connection is being used.
//!
//! Timers cost something on every request, so requests set none: they leave traces here, and the connection is
//! looked at every few seconds.

use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::patience;
use crate::seat::{Large, Seat};

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
    /// Answers that the client has not taken as a whole, on HTTP/2: there a client can take some and not others, and the
    /// stream shows nothing of it.
    untaken: Option<Mutex<Untaken>>,
    /// The last large answer that was taken, while it is erased.
    erasing: Mutex<Option<JoinHandle<()>>>,
    /// Has the traces of a client that takes an answer in parts, and of a large one.
    seat: Option<Arc<Seat>>,
}

/// Answers that wait to be taken, by their numbers, and until when they have to be.
#[derive(Default)]
struct Untaken {
    last: u64,
    /// When all of them would be taken by the slowest client that is waited for.
    free: Option<Instant>,
    due: BTreeMap<u64, Instant>,
}

/// An answer that the client has not taken as a whole, while it lives.
pub(super) struct Taking {
    activity: Arc<Activity>,
    number: u64,
}

/// Why a client has had its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// It asks for nothing.
    Idle,
    /// It is too slow to ask, or to take an answer.
    TooSlow,
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
}

impl Activity {
    /// Of a new connection.
    pub(super) fn new(http2: bool, seat: &Arc<Seat>) -> Self {
        Self { untaken: http2.then(Mutex::default), seat: Some(seat.clone()), ..Self::default() }
    }

    /// Whether a client can have many requests at a time.
    pub(super) fn is_multiplexed(&self) -> bool {
        self.untaken.is_some()
    }

    /// An answer of so many bytes is about to be sent. Those that wait share the line, so each has the time of those
    /// before it, too. `None` if the stream tells whether the client takes it.
    pub(super) fn takes(self: &Arc<Self>, bytes: usize) -> Option<Taking> {
        let mut untaken = self.untaken()?;
        let now = Instant::now();
        let due = untaken.free.map_or(now, |free| free.max(now)) + patience::answer(bytes as u64);
        untaken.free = Some(due - patience::answer(0));
        untaken.last += 1;
        let number = untaken.last;
        untaken.due.insert(number, due);
        drop(untaken);
        Some(Taking { activity: self.clone(), number })
    }

    /// A large answer is about to be sent, where that holds up no others while the guard lives.
    pub(super) async fn large(&self) -> Option<Large> {
        match &self.seat {
            Some(seat) => Some(seat.large().await),
            None => None,
        }
    }

    /// An answer was taken, and is erased elsewhere. It takes memory until then.
    pub(super) fn erases(&self, answer: JoinHandle<()>) {
        *self.erasing() = Some(answer);
    }

    /// Waits until the last answer that was taken is erased: whoever asks again has its memory back.
    pub(super) async fn erased(&self) {
        let answer = self.erasing().take();
        if let Some(answer) = answer {
            // It fails if the server is ending.
            let _ = answer.await;
        }
    }

    /// A panic while the lock is held leaves nothing half changed.
    fn erasing(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        self.erasing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until when the oldest of the answers that wait has to be taken.
    fn due(&self) -> Option<Instant> {
        self.untaken()?.due.first_key_value().map(|(_, due)| *due)
    }

    /// A panic while the lock is held leaves nothing half changed.
    fn untaken(&self) -> Option<MutexGuard<'_, Untaken>> {
        Some(self.untaken.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }

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
        self.is_stalled(written.is_pending());
    }

    /// The client takes no more for now, or goes on to.
    fn is_stalled(&self, stalled: bool) {
        if self.stalled.load(Relaxed) == stalled {
            return;
        }
        self.stalled.store(stalled, Relaxed);
        if let Some(seat) = self.seat.as_ref().filter(|_| !stalled) {
            seat.goes_on();
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.answering.fetch_sub(1, Relaxed);
        self.0.bytes.store(0, Relaxed);
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        if let Some(mut untaken) = self.activity.untaken() {
            untaken.due.remove(&self.number);
            if untaken.due.is_empty() {
                untaken.free = None;
            }
        }
    }
}

impl Watch {
    /// Looks at a connection, so long after the last look. Says whether its client has had its time: to send the
    /// first request, the rest of a head that it began, or a further request; or to take an answer.
    pub(super) fn is_over(&mut self, activity: &Activity, since: Duration) -> Option<Over> {
        let due = activity.due();
        if due.is_some_and(|due| due <= Instant::now()) {
            return Some(Over::TooSlow);
        }
        if activity.stalled.load(Relaxed) {
            self.stalled += since;
            self.idle = Duration::ZERO;
            let patience = patience::answer(activity.taken.load(Relaxed) - self.taken);
            return (self.stalled >= patience).then_some(Over::TooSlow);
        }
        let before = std::mem::replace(&mut self.taken, activity.taken.load(Relaxed));
        self.stalled = Duration::ZERO;
        if self.taken - before >= GOES_ON {
            self.idle = Duration::ZERO;
        }
        let requests = activity.requests.load(Relaxed);
        if activity.answering.load(Relaxed) > 0 || requests != self.requests || due.is_some() {
            *self = Self { requests, idle: Duration::ZERO, ..*self };
            return None;
        }
        self.idle += since;
        // On HTTP/2 bytes may come that begin no request.
        let head_began = !activity.is_multiplexed() && activity.bytes.load(Relaxed) > 0;
        let (patience, over) = match requests == 0 || head_began {
            true => (patience::HEAD, Over::TooSlow),
            false => (patience::IDLE_HTTP, Over::Idle),
        };
        (self.idle >= patience).then_some(over)
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
        self.activity.is_stalled(flushed.is_pending());
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
impl Activity {
    /// Of a connection that nobody knows.
    pub(super) fn on_http_2() -> Self {
        Self { untaken: Some(Mutex::default()), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use claviger_engine::SystemClock;

    use super::*;
    use crate::places::{Bounds, Places};

    const LOOK: Duration = patience::LOOK_EVERY;

    fn looks_until_over(watch: &mut Watch, activity: &Activity) -> u32 {
        (1..100).find(|_| watch.is_over(activity, LOOK).is_some()).unwrap()
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
        assert_eq!(watch.is_over(&activity, LOOK), None);
        activity.wrote(&Poll::Ready(Ok(100_000_000)));
        assert_eq!(watch.is_over(&activity, LOOK), None);
        activity.wrote(&Poll::Pending);
        assert_eq!(looks_until_over(&mut watch, &activity), 12);
        let (activity, mut slow) = (Activity::default(), Watch::default());
        // 64 KiB a second.
        let looks = (0..99).take_while(|_| {
            activity.wrote(&Poll::Ready(Ok(5 << 16)));
            activity.wrote(&Poll::Pending);
            slow.is_over(&activity, LOOK).is_none()
        });
        assert_eq!(looks.count(), 99);
    }

    #[test]
    fn a_request_that_is_being_answered_is_not_disturbed() {
        let (activity, mut watch) = (Arc::new(Activity::default()), Watch::default());
        let answering = activity.begin();
        assert!((0..100).all(|_| watch.is_over(&activity, LOOK).is_none()));
        drop(answering);
        assert_eq!(watch.is_over(&activity, LOOK), None);
    }

    #[test]
    fn whoever_takes_more_of_an_answer_uses_his_connection() {
        let bounds = Bounds { most: 1, of_a_machine: 1, in_a_second: 1 };
        let places = Arc::new(Places::new(bounds, Arc::new(SystemClock)));
        let place = places.take("192.0.2.1".parse().unwrap()).unwrap();
        let seat = place.seat();
        // It can be ended from now on.
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        seat.ends_by(runtime.spawn(async {}).abort_handle());
        seat.is_known();
        let activity = Activity::new(false, seat);
        let since = || {
            std::thread::sleep(Duration::from_millis(5));
            seat.waits_since().unwrap()
        };
        activity.wrote(&Poll::Ready(Ok(100)));
        activity.wrote(&Poll::Pending);
        let begin = since();
        assert_eq!(since(), begin, "it takes nothing");
        activity.wrote(&Poll::Ready(Ok(100)));
        assert!(since() > begin);
    }

    #[tokio::test(start_paused = true)]
    async fn on_http_2_each_answer_has_its_time_to_be_taken_whatever_else_the_client_does() {
        let (activity, mut watch) = (Arc::new(Activity::on_http_2()), Watch::default());
        let untaken = activity.takes(1_000);
        // A megabyte after it: 16 seconds more.
        let large = activity.takes(1 << 20);
        for look in 1..=12 {
            // It asks for more, and takes that.
            drop(activity.begin());
            drop(activity.takes(1_000));
            activity.wrote(&Poll::Ready(Ok(100_000_000)));
            tokio::time::advance(LOOK).await;
            assert_eq!(watch.is_over(&activity, LOOK), (look == 12).then_some(Over::TooSlow), "{look}");
        }
        drop(untaken);
        for look in 13..=16 {
            tokio::time::advance(LOOK).await;
            assert_eq!(watch.is_over(&activity, LOOK), (look == 16).then_some(Over::TooSlow), "{look}");
        }
        drop(large);
        assert_eq!(watch.is_over(&activity, LOOK), None);
        assert_eq!(looks_until_over(&mut watch, &activity), 14, "it may wait like any other");
    }
}
