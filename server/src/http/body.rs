//! Reading the body of a request.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::task::yield_now;
use tokio::time::{Instant, timeout_at};

use super::answer::{Answer, TEXT, busy, with_status};
use crate::bulk::LARGE;
use crate::inbox::Inbox;
use crate::patience;
use crate::seat::Seat;
use crate::shares::{Busy, Memory};

/// Memory that is taken for a body before its bytes have come.
const TAKEN_AT_ONCE: u64 = 64 << 10;
/// Memory of a body that is not counted.
const UNCOUNTED: usize = LARGE;
/// How many bytes may be expected for each one that has come.
const AHEAD: u64 = 4;

/// Reads a body of at most `limit` bytes. One that comes in a piece is not copied; one that is not large takes nothing of
/// the memory that users share. A large one is read where that holds up no others. The seat has the traces.
///
/// # Errors
/// The answer: 413 if it is too long (before it is read, if its length is announced), 408 if it comes too slowly, 400
/// if it breaks off, 503 if there is no memory for it.
pub(super) async fn read(
    mut body: Incoming,
    limit: usize,
    memory: &mut Memory,
    seat: &Arc<Seat>,
) -> Result<Bytes, Answer> {
    let announced = body.size_hint().lower();
    if announced > limit as u64 {
        return Err(too_long(limit));
    }
    let mut begin = Instant::now();
    let (mut whole, mut large) = (Bytes::new(), None);
    let mut coming = Coming { pieces: Inbox::default(), announced, memory };
    while let Some(piece) = next(&mut body, begin, whole.len().max(coming.length()) as u64).await? {
        let length = whole.len().max(coming.length()) + piece.len();
        if length > limit {
            return Err(too_long(limit));
        }
        coming.count(length).map_err(busy)?;
        if length == piece.len() {
            whole = piece;
            continue;
        }
        seat.goes_on();
        if length > LARGE {
            let come = Instant::now();
            match large {
                None => large = Some(seat.large().await),
                Some(_) => yield_now().await,
            }
            // What it waits for within the server is not the client's time.
            begin += come.elapsed();
        }
        coming.append(&std::mem::take(&mut whole));
        coming.append(&piece);
    }
    Ok(if whole.is_empty() { coming.pieces.take(usize::MAX) } else { whole })
}

/// The pieces of a body that have come, and the memory that they take.
struct Coming<'b> {
    pieces: Inbox,
    announced: u64,
    memory: &'b mut Memory,
}

impl Coming<'_> {
    fn length(&self) -> usize {
        self.pieces.bytes().len()
    }

    /// Takes memory for a body of this length, if it counts.
    fn count(&mut self, length: usize) -> Result<(), Busy> {
        if length <= UNCOUNTED {
            return Ok(());
        }
        self.memory.grow(length - self.memory.bytes())
    }

    /// Appends a piece. Where that takes memory, it is taken for the announced rest, too, as far as what has come vouches
    /// for it: then a large body is moved once or twice while it comes, and not at every doubling.
    fn append(&mut self, piece: &[u8]) {
        if self.pieces.room() < piece.len() {
            let so_far = self.length() as u64;
            let rest = self.announced.saturating_sub(so_far).min(TAKEN_AT_ONCE.max(AHEAD * so_far));
            self.pieces.reserve(piece.len().max(usize::try_from(rest).unwrap_or(usize::MAX)));
        }
        self.pieces.push(piece);
    }
}

/// The next piece of data, or the end.
async fn next(body: &mut Incoming, begin: Instant, so_far: u64) -> Result<Option<Bytes>, Answer> {
    if body.is_end_stream() {
        return Ok(None);
    }
    let deadline = begin + patience::body(so_far);
    match timeout_at(deadline, body.frame()).await {
        Err(_) => Err(with_status(StatusCode::REQUEST_TIMEOUT, TEXT, "the body came too slowly")),
        Ok(None) => Ok(None),
        Ok(Some(Err(_))) => Err(with_status(StatusCode::BAD_REQUEST, TEXT, "the body broke off")),
        // Trailers are of no use here.
        Ok(Some(Ok(frame))) => Ok(Some(frame.into_data().unwrap_or_default())),
    }
}

fn too_long(limit: usize) -> Answer {
    let text = format!("the body is longer than the {limit} bytes that this server takes");
    with_status(StatusCode::PAYLOAD_TOO_LARGE, TEXT, text)
}
