//! Binary TTLV on a TLS socket: one message after the other on a connection (KMIP profiles, Basic Authentication
//! over TLS).

use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use claviger_engine::{Caller, Endpoint, EndpointRoles, Engine, HeldOff, Received, RequestId};
use claviger_kmip::codec::binary::{self, Checked};
use claviger_kmip::codec::error::CodecError;
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::{ByteString, Ttlv};
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::error::Result;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::bulk::LARGE;
use crate::connection::Connection;
use crate::metrics::Metrics;
use crate::room::Room;
use crate::seat::Seat;
use crate::shares::{Memory, Share};
use crate::shutdown::Ending;
use crate::talk::Talk;
use crate::turn::Turn;
use crate::who::Who;
use crate::{patience, refusal, undecodable};

/// What every TTLV connection shares.
pub(crate) struct TtlvSocket {
    /// The engine.
    pub(crate) engine: Arc<Engine>,
    /// What a message may be.
    pub(crate) limits: Limits,
    /// Figures.
    pub(crate) metrics: Arc<Metrics>,
    /// Room for messages.
    pub(crate) room: Arc<Room>,
}

/// Serves a connection until its client has gone or sends something that is no message, or the server is ending.
pub(crate) async fn serve<S>(shared: Arc<TtlvSocket>, connection: Connection, stream: S, mut ending: Ending)
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    let (shared, connection) = (&*shared, &connection);
    let mut talk = Talk::with_seat(stream, connection.seat(), &shared.room.bulk);
    // One future for all messages: making one subscribes anew.
    let mut ends = ending.clone();
    let mut ends = pin!(ends.begins());
    let roles = Arc::new(EndpointRoles::default());
    loop {
        // A message that has begun is read to its end and answered, in the time that the server gives itself for it.
        let begun = tokio::select! {
            biased;
            begun = talk.begins(patience::IDLE_TTLV) => begun,
            () = ends.as_mut() => false,
        };
        if !begun {
            break;
        }
        let received = match shared.read(connection, &mut talk).await {
            Ok(Some(received)) => received,
            Ok(None) => break,
            Err(refusal) => {
                talk.write(&refusal).await;
                break;
            }
        };
        let Incoming { length, memory } = received;
        let answer = shared.answer(connection, &roles, talk.take(length), memory).await;
        refusal::delay(answer.held_off).await;
        let is_large = answer.bytes.len() > LARGE;
        let large = if is_large { Some(connection.seat().large().await) } else { None };
        let goes_on = talk.write(&answer.bytes).await && answer.goes_on;
        // Where a large one holds up no others when it is erased, and before the roles are turned, which may be for as long as
        // the connection lasts.
        drop(answer);
        drop(large);
        if !goes_on {
            break;
        }
        if roles.take_turned() && !turned(shared, connection, &mut talk, &mut ending).await {
            break;
        }
    }
    if talk.is_slow() {
        shared.room.note_slow();
    }
    talk.end().await;
}

/// A message that has come, with the memory that it takes if it is large.
struct Incoming {
    length: usize,
    memory: Option<Memory>,
}

/// What a message is answered by.
struct Answer {
    bytes: ByteString,
    /// Whether the client may go on.
    goes_on: bool,
    /// How long the sender has to wait, before whom he says he is is looked at again.
    held_off: Option<HeldOff>,
    /// What the request has of the server, if the answer is large, until it is sent.
    _turn: Option<Arc<Turn>>,
}

impl Answer {
    /// An answer after which the client may go on, or may not.
    fn of(bytes: impl Into<ByteString>, goes_on: bool) -> Self {
        Self { bytes: bytes.into(), goes_on, held_off: None, _turn: None }
    }
}

/// Has the client's role on a connection. Says whether the client has it again.
async fn turned<S>(
    shared: &TtlvSocket,
    connection: &Connection,
    talk: &mut Talk<S>,
    ending: &mut Ending,
) -> bool
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    let request = shared.engine.new_request(None);
    let Ok(caller) = shared.caller(connection, &request).await else { return false };
    let Some(user) = caller.user() else { return false };
    let mut client = Answering { shared, connection, user, talk };
    tokio::select! {
        biased;
        () = ending.begins() => false,
        again = shared.engine.act_as_client(&caller, &mut client) => again,
    }
}

/// A client that answers, on the connection that it opened.
struct Answering<'c, S> {
    shared: &'c TtlvSocket,
    connection: &'c Connection,
    user: &'c str,
    talk: &'c mut Talk<S>,
}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Endpoint for Answering<'_, S> {
    fn ask(&mut self, request: Ttlv) -> BoxFuture<'_, Result<Ttlv>> {
        Box::pin(self.talk.ask(request, &self.shared.limits))
    }

    fn gone(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.talk.gone())
    }

    fn is_proven(&mut self) -> BoxFuture<'_, bool> {
        Box::pin(async {
            let request = self.shared.engine.new_request(None);
            let caller = self.shared.caller(self.connection, &request).await;
            caller.is_ok_and(|caller| caller.user() == Some(self.user))
        })
    }
}

impl TtlvSocket {
    /// Reads a message; `None` when the client has gone or is too slow. Who calls is known before memory is taken for a
    /// large one.
    ///
    /// # Errors
    /// The answer after which the connection ends.
    async fn read<S>(&self, connection: &Connection, talk: &mut Talk<S>) -> Result<Option<Incoming>, Vec<u8>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let length = match talk.read_head(&self.limits, patience::IDLE_TTLV).await {
            Ok(Some(length)) => length,
            Ok(None) => return Ok(None),
            Err(error) => return Err(binary::encode(&self.refuse(connection, &error).await)),
        };
        if length <= LARGE {
            let whole = talk.read_rest(length, None).await.unwrap_or(false);
            return Ok(whole.then_some(Incoming { length, memory: None }));
        }
        let request = self.engine.new_request(None);
        let caller = self.caller(connection, &request).await;
        let caller = caller.map_err(|refused| binary::encode(&refused))?;
        let busy = |busy| binary::encode(&self.engine.refusal(&request, &refusal::busy(busy)));
        let mut memory = self.share(&caller).memory();
        // Its length is only announced. What can not be is refused before it is sent; the rest is taken as it comes.
        memory.check(length).map_err(busy)?;
        let _large = connection.seat().large().await;
        let whole = talk.read_rest(length, Some(&mut memory)).await.map_err(busy)?;
        Ok(whole.then_some(Incoming { length, memory: Some(memory) }))
    }

    /// Answers a message, when it is its turn: a large one where it holds up no others.
    async fn answer(
        &self,
        connection: &Connection,
        roles: &Arc<EndpointRoles>,
        message: Bytes,
        memory: Option<Memory>,
    ) -> Answer {
        let request = self.engine.new_request(None);
        let caller = match self.caller(connection, &request).await {
            Err(refused) => return Answer::of(binary::encode(&refused), false),
            Ok(caller) => caller.on(roles),
        };
        let share = self.share(&caller);
        let busy =
            |busy| Answer::of(binary::encode(&self.engine.refusal(&request, &refusal::busy(busy))), true);
        let _working = connection.seat().work();
        let mut memory = memory.unwrap_or_else(|| share.memory());
        let turn = match Turn::begin(share, &mut memory).await {
            Ok(turn) => turn,
            Err(why) => {
                if message.len() > LARGE {
                    let _ = self.room.bulk.dispose((message, memory)).await;
                }
                return busy(why);
            }
        };
        let caller = caller.taking(turn.clone());
        let answer = if message.len() <= LARGE {
            respond(&self.engine, &caller, message, &self.limits, connection.seat()).await
        } else {
            if let Err(why) = turn.run_large().await {
                let _ = self.room.bulk.dispose(message).await;
                return busy(why);
            }
            let (engine, limits, seat) = (self.engine.clone(), self.limits, connection.seat().clone());
            let work = async move { respond(&engine, &caller, message, &limits, &seat).await };
            self.room.bulk.run(work).await.unwrap_or_else(|| Answer::of(Vec::new(), false))
        };
        turn.is_answered(answer.bytes.len());
        Answer { _turn: Some(turn).filter(|_| answer.bytes.len() > LARGE), ..answer }
    }

    fn share(&self, caller: &Caller) -> Arc<Share> {
        self.room.shares.of(Who::of(caller))
    }

    /// The answer to something that is not even the beginning of a message.
    async fn refuse(&self, connection: &Connection, error: &CodecError) -> Ttlv {
        let request = self.engine.new_request(None);
        match self.caller(connection, &request).await {
            Ok(caller) => self.engine.malformed(&caller, &undecodable::error(error)),
            Err(refused) => refused,
        }
    }

    /// Who calls, or the answer to somebody whom nobody knows.
    async fn caller(&self, connection: &Connection, request: &RequestId) -> Result<Caller, Ttlv> {
        match connection.caller(&self.engine, request).await {
            Ok(caller) => Ok(caller.asking(request.clone())),
            Err(error) => {
                refusal::note(request, connection.facts(), &error, &self.metrics);
                refusal::delay(HeldOff::of(&error)).await;
                Err(self.engine.refusal(request, &error))
            }
        }
    }
}

async fn respond(engine: &Engine, caller: &Caller, message: Bytes, limits: &Limits, seat: &Seat) -> Answer {
    match Checked::new(message, limits) {
        Ok(message) => {
            let response = engine.answer(caller, Received::Binary(message)).await;
            let held_off = response.held_off();
            if response.is_accepted() {
                seat.is_known();
            }
            Answer { held_off, ..Answer::of(response.into_binary(), true) }
        }
        Err(error) => {
            Answer::of(binary::encode(&engine.malformed(caller, &undecodable::error(&error))), false)
        }
    }
}
