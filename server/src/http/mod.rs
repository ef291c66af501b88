//! HTTP: connections, the table of routes, and what stands behind each.

mod access_control;
mod activity;
mod answer;
mod audit;
mod body;
mod connection;
mod exchange;
mod kmip;
mod new_database;
mod one_item;
mod parts;
mod plugin_routes;
mod rest;
mod router;
mod status;
mod untaken;

use std::sync::Arc;

use ::bytes::Bytes;
use ::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use ::http::{HeaderMap, HeaderValue, StatusCode};
use claviger_engine::{Caller, Engine, HeldOff};
use claviger_kmip::codec::limits::Limits;
use claviger_plugin_sdk::Error;
use claviger_plugin_sdk::dialect::Dialect;
use hyper::body::Incoming;

pub(crate) use access_control::AllowedOrigins;
pub(crate) use connection::serve;
pub(crate) use new_database::NewDatabases;
pub(crate) use plugin_routes::PluginRoutes;
pub(crate) use status::Readiness;

use crate::audit::AuditLogs;
use crate::bulk::LARGE;
use crate::metrics::Metrics;
use crate::refusal;
use crate::room::Room;
use crate::turn::Turn;
use crate::who::Who;
use answer::Answer;
use exchange::Exchange;

/// The dialect of `/kmip_2_1`.
pub(crate) const REST: &str = "rest";

/// What every HTTP connection shares.
pub(crate) struct Http {
    /// The engine.
    pub(crate) engine: Arc<Engine>,
    /// The dialect of the REST paths; without it they do not exist.
    pub(crate) rest: Option<&'static dyn Dialect>,
    /// The routes that plugins add.
    pub(crate) plugin_routes: PluginRoutes,
    /// How often somebody may have a database made.
    pub(crate) new_databases: NewDatabases,
    /// What a body may be.
    pub(crate) limits: Limits,
    /// Which web origins may call.
    pub(crate) allowed_origins: AllowedOrigins,
    /// Figures.
    pub(crate) metrics: Arc<Metrics>,
    /// Room for requests.
    pub(crate) room: Arc<Room>,
    /// Whether the storage answers.
    pub(crate) readiness: Readiness,
    /// The audit logs, for the figures.
    pub(crate) audit: Arc<AuditLogs>,
}

/// A request whose body was read, and whose turn it is.
struct Asked {
    /// Who asks, and what the request has of the server.
    caller: Caller,
    body: Bytes,
    turn: Arc<Turn>,
}

impl Http {
    /// Who calls; asked before a body is read.
    ///
    /// # Errors
    /// The answer: 401 without a body when nobody is accepted, with what is asked for; 429 when the address has failed too
    /// often.
    async fn caller(&self, exchange: &Exchange<'_>, headers: &HeaderMap) -> Result<Caller, Answer> {
        let Exchange { connection, id, .. } = exchange;
        let caller = connection.caller_with(headers, &self.engine, id).await;
        let known = |caller: Caller| {
            exchange.is_of(self.room.shares.of(Who::of(&caller)));
            caller.asking(id.clone())
        };
        caller.map(known).map_err(|error| {
            if error.is_internal() {
                tracing::error!(request = %id.name, ?error, "authentication does not work");
                return answer::empty(StatusCode::INTERNAL_SERVER_ERROR);
            }
            refusal::note(id, connection.facts(), &error, &self.metrics);
            self.refused(&error, headers)
        })
    }

    /// The answer to somebody who is not accepted, or who has to wait.
    fn refused(&self, error: &Error, headers: &HeaderMap) -> Answer {
        match HeldOff::of(error) {
            Some(HeldOff { wait }) => answer::too_many_requests(wait),
            None => self.unauthorized(headers),
        }
    }

    /// Reads the body of a caller's request, and waits until it is its turn to be worked on.
    ///
    /// # Errors
    /// The answer, as of [`body::read`]; 429 if too many requests of the caller wait.
    async fn read(&self, exchange: &Exchange<'_>, caller: Caller, body: Incoming) -> Result<Asked, Answer> {
        let share = exchange.share(&self.room.shares);
        let mut memory = share.memory();
        let seat = exchange.connection.seat();
        let body = body::read(body, self.limits.length, &mut memory, seat).await;
        let body = body.inspect_err(|answer| {
            if answer.status() == StatusCode::REQUEST_TIMEOUT {
                self.room.note_slow();
            }
        })?;
        exchange.is_read();
        let turn = match Turn::begin(share, &mut memory).await {
            Ok(turn) => turn,
            Err(why) => {
                if body.len() > LARGE {
                    let _ = self.room.bulk.dispose((body, memory)).await;
                }
                return Err(answer::busy(why));
            }
        };
        exchange.has(turn.clone());
        Ok(Asked { caller: caller.taking(turn.clone()), body, turn })
    }

    /// Does the work of a request with a body of so many bytes: a large one where it holds up no others.
    ///
    /// # Errors
    /// The answer 500: it panicked.
    async fn work<T: Send + 'static>(
        &self,
        turn: &Turn,
        length: usize,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Answer> {
        if length <= LARGE {
            return Ok(work.await);
        }
        turn.run_large().await.map_err(answer::busy)?;
        let done = self.room.bulk.run(work).await;
        done.ok_or_else(|| answer::empty(StatusCode::INTERNAL_SERVER_ERROR))
    }

    /// 401 without a body, with what is asked for.
    fn unauthorized(&self, headers: &HeaderMap) -> Answer {
        let mut answer = answer::empty(StatusCode::UNAUTHORIZED);
        let has_credential = headers.contains_key(AUTHORIZATION);
        for challenge in self.engine.challenges() {
            let text = if has_credential { challenge.wrong } else { challenge.absent };
            answer.headers_mut().append(WWW_AUTHENTICATE, HeaderValue::from_static(text));
        }
        answer
    }
}
