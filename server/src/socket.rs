//! Binary TTLV on a TLS socket: one message after the other on a connection (KMIP profiles, Basic Authentication
//! over TLS).

use std::sync::Arc;
use std::time::Duration;

use claviger_engine::{Caller, Engine};
use claviger_kmip::Ttlv;
use claviger_kmip::codec::binary::{self, HEADER};
use claviger_kmip::codec::error::CodecError;
use claviger_kmip::codec::limits::Limits;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::connection::Connection;
use crate::metrics::Metrics;
use crate::shutdown::Ending;
use crate::{patience, refusal, undecodable};

/// Memory that a connection keeps between messages.
const KEPT: usize = 64 << 10;

/// Room for what a client sends at once.
const READ_AT_ONCE: usize = 4 << 10;

/// What every TTLV connection shares.
pub(crate) struct TtlvSocket {
    /// The engine.
    pub(crate) engine: Arc<Engine>,
    /// What a message may be.
    pub(crate) limits: Limits,
    /// Figures.
    pub(crate) metrics: Arc<Metrics>,
}

/// Serves a connection until its client has gone or sends something that is no message, or the server is ending.
pub(crate) async fn serve<S>(shared: &TtlvSocket, connection: &Connection, stream: S, mut ending: Ending)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut talk = Talk { stream, request: Vec::new(), answer: Vec::new() };
    loop {
        let length = tokio::select! {
            biased;
            read = talk.read(&shared.limits) => match read {
                Ok(Some(length)) => length,
                Ok(None) => break,
                Err(error) => {
                    let answer = shared.refuse(connection, &error).await;
                    binary::encode_into(&answer, &mut talk.answer);
                    talk.write().await;
                    break;
                }
            },
            () = ending.begins() => break,
        };
        let good = shared.answer(connection, &mut talk, length).await;
        if !talk.write().await || !good {
            break;
        }
    }
    // The client may have gone before; there is nobody to tell.
    let _ = timeout(patience::HEAD, talk.stream.shutdown()).await;
}

impl TtlvSocket {
    /// Answers the message of this length at the front of what was read. Says whether the client may go on.
    async fn answer<S>(&self, connection: &Connection, talk: &mut Talk<S>, length: usize) -> bool {
        let (response, good) = match self.caller(connection).await {
            Err(refused) => (refused, false),
            Ok(caller) => match talk.take(length, &self.limits) {
                Ok(message) => (self.engine.handle(&caller, message).await, true),
                Err(error) => (self.engine.malformed(&caller, &undecodable::error(&error)), false),
            },
        };
        binary::encode_into(&response, &mut talk.answer);
        good
    }

    /// The answer to something that is not even the beginning of a message.
    async fn refuse(&self, connection: &Connection, error: &CodecError) -> Ttlv {
        match self.caller(connection).await {
            Ok(caller) => self.engine.malformed(&caller, &undecodable::error(error)),
            Err(refused) => refused,
        }
    }

    /// Who calls, or the answer to somebody whom nobody knows.
    async fn caller(&self, connection: &Connection) -> Result<Caller, Ttlv> {
        connection.caller(&self.engine).await.map_err(|error| {
            refusal::note(connection.facts(), &error, &self.metrics);
            self.engine.unaccepted(&error)
        })
    }
}

/// A connection's stream with the memory that its messages share.
struct Talk<S> {
    stream: S,
    /// What was read and not yet answered.
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl<S> Talk<S> {
    /// Takes the message at the front.
    ///
    /// # Errors
    /// It is no message.
    fn take(&mut self, length: usize, limits: &Limits) -> Result<Ttlv, CodecError> {
        let message = binary::decode(self.request.get(..length).unwrap_or_default(), limits);
        self.request.drain(..length.min(self.request.len()));
        if self.request.capacity() > KEPT {
            self.request.shrink_to(KEPT);
        }
        message
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<S> {
    /// Reads until a whole message is there, and gives its length; `None` when the client has gone or is too slow.
    ///
    /// # Errors
    /// What comes is no message, or too long for one; that is known from its first eight bytes.
    async fn read(&mut self, limits: &Limits) -> Result<Option<usize>, CodecError> {
        // A message that began has to go on.
        if !self.fill(1, patience::IDLE_TTLV).await || !self.fill(HEADER, patience::HEAD).await {
            return Ok(None);
        }
        let Some(header) = self.request.first_chunk::<HEADER>() else { return Ok(None) };
        let length = binary::message_length(*header, limits)?;
        let whole = self.fill(length, patience::body(length as u64)).await;
        Ok(whole.then_some(length))
    }

    /// Reads until so many bytes are there. Memory grows with what has come, not with what was announced.
    async fn fill(&mut self, length: usize, patience: Duration) -> bool {
        if self.request.len() >= length {
            return true;
        }
        let reading = async {
            while self.request.len() < length {
                self.request.reserve((length - self.request.len()).clamp(READ_AT_ONCE, KEPT));
                match self.stream.read_buf(&mut self.request).await {
                    Ok(read) if read > 0 => {}
                    _ => return false,
                }
            }
            true
        };
        timeout(patience, reading).await.unwrap_or(false)
    }

    /// Writes the answer. Says whether the client took it.
    async fn write(&mut self) -> bool {
        let writing = async {
            self.stream.write_all(&self.answer).await?;
            self.stream.flush().await
        };
        let written = matches!(timeout(patience::ANSWER, writing).await, Ok(Ok(())));
        self.answer.clear();
        if self.answer.capacity() > KEPT {
            self.answer.shrink_to(KEPT);
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;
    use tokio::time::Instant;

    use super::*;

    /// How many seconds a client that sends this and no more has.
    async fn seconds_for(sent: &[u8]) -> u64 {
        let (mut client, stream) = duplex(64);
        let mut talk = Talk { stream, request: Vec::new(), answer: Vec::new() };
        client.write_all(sent).await.unwrap();
        let start = Instant::now();
        assert_eq!(talk.read(&Limits::default()).await.unwrap(), None);
        start.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_may_be_idle_between_messages_and_not_within_one() {
        assert_eq!(seconds_for(&[]).await, 600);
        assert_eq!(seconds_for(&[0x42, 0x00, 0x78]).await, 10);
        // A body of 16 bytes of which none comes.
        assert_eq!(seconds_for(&[0x42, 0x00, 0x78, 0x01, 0, 0, 0, 16]).await, 30);
    }
}
