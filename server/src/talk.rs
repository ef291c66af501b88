//! Messages on a stream: one after the other, each read whole within the time that what has come of it gives it.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use claviger_kmip::codec::binary::{self, HEADER};
use claviger_kmip::codec::error::CodecError;
use claviger_kmip::codec::limits::Limits;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::task::yield_now;
use tokio::time::{Instant, Sleep, sleep, timeout};

use crate::bulk::{Bulk, LARGE};
use crate::inbox::Inbox;
use crate::patience;
use crate::seat::Seat;
use crate::shares::{Busy, Memory};

/// Room for what the other side sends at once, at least and at most.
const READ_AT_ONCE: usize = 4 << 10;
const READ_AT_MOST: usize = 64 << 10;

/// A connection's stream with the memory that its messages share.
pub(crate) struct Talk<S> {
    stream: S,
    /// What was read and not yet taken.
    read: Inbox,
    alarm: Alarm,
    /// Where large messages are erased.
    bulk: Option<Bulk>,
    /// Has the traces of a client that sends or takes a message in parts.
    seat: Option<Arc<Seat>>,
    /// Whether the other side had its time within a message, or to take one.
    slow: bool,
}

/// Ends a wait that takes too long.
///
/// Setting a timer and taking it back costs as much as decoding a message, and hardly any wait comes to its end. So the
/// one timer of a connection stays as it is while it rings soon enough, and is set again when it has rung too soon.
struct Alarm(Pin<Box<Sleep>>);

impl Alarm {
    /// What the work gives, if it gives it in time.
    async fn bound<T>(&mut self, patience: Duration, work: impl Future<Output = T>) -> Option<T> {
        let (timer, mut work) = (&mut self.0, pin!(work));
        let mut until = None;
        poll_fn(|task| {
            if let Poll::Ready(done) = work.as_mut().poll(task) {
                return Poll::Ready(Some(done));
            }
            // What is done at once, as most writes are, needs no look at the clock.
            let until = *until.get_or_insert_with(|| Instant::now() + patience);
            if timer.deadline() > until {
                timer.as_mut().reset(until);
            }
            while timer.as_mut().poll(task).is_ready() {
                if Instant::now() >= until {
                    return Poll::Ready(None);
                }
                timer.as_mut().reset(until);
            }
            Poll::Pending
        })
        .await
    }
}

impl<S> Talk<S> {
    pub(crate) fn new(stream: S) -> Self {
        let alarm = Alarm(Box::pin(sleep(patience::IDLE_TTLV)));
        Self { stream, read: Inbox::default(), bulk: None, alarm, seat: None, slow: false }
    }

    /// The same on a connection of the server, which has a place beside others.
    pub(crate) fn with_seat(stream: S, seat: &Arc<Seat>, bulk: &Bulk) -> Self {
        Self { seat: Some(seat.clone()), bulk: Some(bulk.clone()), ..Self::new(stream) }
    }

    /// Takes the message at the front.
    pub(crate) fn take(&mut self, length: usize) -> Bytes {
        self.read.take(length)
    }
}

/// Within a large message: its other side goes on, and others have their turn.
async fn go_on(seat: Option<&Arc<Seat>>) {
    if let Some(seat) = seat {
        seat.goes_on();
    }
    yield_now().await;
}

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<S> {
    /// Reads until a whole message is there, and gives its length; `None` when the other side has gone or is too slow to
    /// begin within `patience`, or to go on.
    ///
    /// # Errors
    /// As those of [`Talk::read_head`].
    pub(crate) async fn read(
        &mut self,
        limits: &Limits,
        patience: Duration,
    ) -> Result<Option<usize>, CodecError> {
        match self.read_head(limits, patience).await? {
            Some(length) if self.read_rest(length, None).await == Ok(true) => Ok(Some(length)),
            _ => Ok(None),
        }
    }

    /// Reads the beginning of a message, and gives the length of the whole; `None` as for [`Talk::read`].
    ///
    /// # Errors
    /// What comes is no message, or too long for one; that is known from its first eight bytes.
    pub(crate) async fn read_head(
        &mut self,
        limits: &Limits,
        patience: Duration,
    ) -> Result<Option<usize>, CodecError> {
        // A message that began has to go on.
        if !self.begins(patience).await || self.fill(HEADER, None, |_| patience::HEAD).await != Ok(true) {
            return Ok(None);
        }
        let Some(header) = self.read.bytes().first_chunk::<HEADER>() else { return Ok(None) };
        binary::message_length(*header, limits).map(Some)
    }

    /// Reads the rest of a message of this length, and takes memory for what has come of it, if it counts. Says whether it
    /// came in time. What is announced gives neither time nor memory: that takes eight bytes.
    ///
    /// # Errors
    /// There is no memory for more of it.
    pub(crate) async fn read_rest(
        &mut self,
        length: usize,
        memory: Option<&mut Memory>,
    ) -> Result<bool, Busy> {
        self.fill(length, memory, |so_far| patience::body(so_far as u64)).await
    }

    /// Waits for the first byte of a message. Says whether it came. May be dropped and called again.
    pub(crate) async fn begins(&mut self, patience: Duration) -> bool {
        !self.read.bytes().is_empty() || self.read_more(1, patience).await
    }

    /// Reads until so many bytes are there, in the time that those which are there give.
    async fn fill(
        &mut self,
        length: usize,
        mut memory: Option<&mut Memory>,
        patience: impl Fn(usize) -> Duration,
    ) -> Result<bool, Busy> {
        let mut begin = None;
        loop {
            let so_far = self.read.bytes().len().min(length);
            if let Some(memory) = &mut memory {
                memory.grow(so_far.saturating_sub(memory.bytes()))?;
            }
            if so_far == length {
                return Ok(true);
            }
            let taken = begin.get_or_insert_with(Instant::now).elapsed();
            if !self.read_more(length, patience(so_far).saturating_sub(taken)).await {
                return Ok(false);
            }
            if length > LARGE {
                let come = Instant::now();
                go_on(self.seat.as_ref()).await;
                // What it waits for within the server is not the other side's time.
                begin = begin.map(|begin| begin + come.elapsed());
            }
        }
    }

    /// Reads what comes next on the way to so many bytes. Says whether something came in time. Memory grows with what has
    /// come, not with what was announced.
    async fn read_more(&mut self, length: usize, patience: Duration) -> bool {
        let Self { stream, read, alarm, .. } = self;
        let so_far = read.bytes().len();
        let began = so_far > 0;
        let reading = async {
            read.reserve(length.saturating_sub(so_far).clamp(READ_AT_ONCE, READ_AT_MOST));
            matches!(stream.read_buf(&mut read.end()).await, Ok(read) if read > 0)
        };
        let in_time = alarm.bound(patience, reading).await;
        self.slow |= in_time.is_none() && began;
        in_time.unwrap_or(false)
    }

    /// Whether the other side was too slow to go on with a message, or to take one.
    pub(crate) fn is_slow(&self) -> bool {
        self.slow
    }

    /// Writes a message. Says whether the other side took it.
    pub(crate) async fn write(&mut self, message: &[u8]) -> bool {
        let Self { stream, alarm, seat, .. } = self;
        let writing = async {
            for part in message.chunks(LARGE) {
                stream.write_all(part).await?;
                if message.len() > LARGE {
                    go_on(seat.as_ref()).await;
                }
            }
            stream.flush().await
        };
        let written = alarm.bound(patience::answer(message.len() as u64), writing).await;
        self.slow |= written.is_none();
        matches!(written, Some(Ok(())))
    }

    /// Ends the connection. The other side may have gone before; there is nobody to tell.
    pub(crate) async fn end(mut self) {
        if let Some(bulk) = self.bulk.filter(|_| self.read.is_large()) {
            // A message that did not come to its end.
            let _ = bulk.dispose(self.read).await;
        }
        let _ = timeout(patience::HEAD, self.stream.shutdown()).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;
    use tokio::time::Instant;

    use super::*;
    use crate::shares::{Bounds, Shares};
    use crate::who::Who;

    /// How many seconds a client that sends this and no more has.
    async fn seconds_for(sent: &[u8]) -> u64 {
        let (mut client, stream) = duplex(64);
        let mut talk = Talk::new(stream);
        client.write_all(sent).await.unwrap();
        let start = Instant::now();
        assert_eq!(talk.read(&Limits::default(), patience::IDLE_TTLV).await.unwrap(), None);
        assert_eq!(talk.is_slow(), !sent.is_empty());
        start.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_may_be_idle_between_messages_and_not_within_one() {
        assert_eq!(seconds_for(&[]).await, 600);
        assert_eq!(seconds_for(&[0x42, 0x00, 0x78]).await, 10);
        // A body of 16 bytes of which none comes.
        assert_eq!(seconds_for(&[0x42, 0x00, 0x78, 0x01, 0, 0, 0, 16]).await, 30);
        // One of 48 MiB.
        assert_eq!(seconds_for(&[0x42, 0x00, 0x78, 0x01, 3, 0, 0, 0]).await, 30);
    }

    /// What becomes of a message of a mebibyte of which so much comes, where there is a mebibyte for all; and the memory
    /// that it takes.
    async fn sent(bytes: usize) -> (Result<bool, Busy>, usize) {
        let shares = Shares::new(Bounds { memory: 1 << 20, requests: 1, large: 1 });
        let mut memory = shares.of(Who::User("ann".into())).memory();
        let (mut client, stream) = duplex(1 << 20);
        client.write_all(&vec![0; bytes]).await.unwrap();
        let whole = Talk::new(stream).read_rest(1 << 20, Some(&mut memory)).await;
        (whole, memory.bytes())
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_taken_for_what_has_come_and_not_for_what_was_announced() {
        assert_eq!(sent(0).await, (Ok(false), 0));
        assert_eq!(sent(200_000).await, (Ok(false), 200_000));
        let (refused, taken) = sent(600_000).await;
        assert_eq!(refused, Err(Busy::NoMemory));
        assert!(taken <= 1 << 19);
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_goes_on_as_long_as_it_comes_fast_enough() {
        let (mut client, stream) = duplex(1 << 20);
        let (length, a_second) = (2 << 20, 16 << 10);
        let sending = tokio::spawn(async move {
            for _ in 0..length / a_second {
                client.write_all(&vec![0; a_second]).await.unwrap();
                sleep(Duration::from_secs(1)).await;
            }
        });
        assert_eq!(Talk::new(stream).read_rest(length, None).await, Ok(true));
        sending.await.unwrap();
    }
}
