//! Binary TTLV on a TLS socket: one message after the other on a connection (KMIP profiles, Basic Authentication
//! over TLS).

use std::pin::pin;
use std::sync::Arc;

use claviger_engine::{Caller, Endpoint, EndpointRoles, Engine};
use claviger_kmip::codec::binary;
use claviger_kmip::codec::error::CodecError;
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::{ByteString, Ttlv};
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::error::Result;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::connection::Connection;
use crate::metrics::Metrics;
use crate::shutdown::Ending;
use crate::talk::Talk;
use crate::{patience, refusal, undecodable};

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
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    let mut talk = Talk::new(stream);
    // One future for all messages: making one subscribes anew.
    let mut ends = ending.clone();
    let mut ends = pin!(ends.begins());
    let roles = Arc::new(EndpointRoles::default());
    loop {
        let length = tokio::select! {
            biased;
            read = talk.read(&shared.limits, patience::IDLE_TTLV) => match read {
                Ok(Some(length)) => length,
                Ok(None) => break,
                Err(error) => {
                    talk.write(&binary::encode(&shared.refuse(connection, &error).await)).await;
                    break;
                }
            },
            () = ends.as_mut() => break,
        };
        let (answer, good) = shared.answer(connection, &roles, &mut talk, length).await;
        if !talk.write(&answer).await || !good {
            break;
        }
        if roles.take_turned() && !turned(shared, connection, &mut talk, &mut ending).await {
            break;
        }
    }
    talk.end().await;
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
    let Ok(caller) = shared.caller(connection).await else { return false };
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
            let caller = self.shared.caller(self.connection).await;
            caller.is_ok_and(|caller| caller.user() == Some(self.user))
        })
    }
}

impl TtlvSocket {
    /// Answers the message of this length at the front of what was read. Says whether the client may go on.
    async fn answer<S>(
        &self,
        connection: &Connection,
        roles: &Arc<EndpointRoles>,
        talk: &mut Talk<S>,
        length: usize,
    ) -> (ByteString, bool) {
        match self.caller(connection).await {
            Err(refused) => (binary::encode(&refused).into(), false),
            Ok(caller) => match talk.take(length, &self.limits) {
                Ok(message) => (self.engine.handle_binary(&caller.on(roles), message).await, true),
                Err(error) => {
                    let refused = self.engine.malformed(&caller, &undecodable::error(&error));
                    (binary::encode(&refused).into(), false)
                }
            },
        }
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
