//! Who is at the other end of a connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use claviger_engine::{Caller, Engine, RequestId};
use claviger_plugin_sdk::Error;
use claviger_plugin_sdk::authentication::{ConnectionFacts, Transport};
use http::HeaderMap;
use http::header::{self, HeaderName};
use rustls::ServerConnection;

use crate::seat::Seat;
use crate::standing::Standing;

/// How long what a connection proves holds, before authenticators are asked again.
const PROOF_HOLDS: Duration = Duration::from_secs(60);

/// What is known of a connection, and who was found to be calling on it.
pub(crate) struct Connection {
    facts: Arc<ConnectionFacts>,
    /// That of the client's certificate, if there is TLS.
    standing: Option<Standing>,
    seat: Arc<Seat>,
    proof: ArcSwapOption<Proof>,
}

struct Proof {
    caller: Caller,
    until: Instant,
}

impl Connection {
    /// A new connection without TLS.
    pub(crate) fn plain(peer: SocketAddr, seat: &Arc<Seat>) -> Self {
        Self::of(Transport::Http, peer, Arc::new([]), None, seat)
    }

    /// A new connection over TLS, with the certificates of its client.
    pub(crate) fn secured(
        transport: Transport,
        peer: SocketAddr,
        tls: &ServerConnection,
        standing: Standing,
        seat: &Arc<Seat>,
    ) -> Self {
        let certificates = tls.peer_certificates().unwrap_or_default();
        let certificates = certificates.iter().map(|certificate| certificate.to_vec()).collect();
        Self::of(transport, peer, certificates, Some(standing), seat)
    }

    fn of(
        transport: Transport,
        peer: SocketAddr,
        certificates: Arc<[Vec<u8>]>,
        standing: Option<Standing>,
        seat: &Arc<Seat>,
    ) -> Self {
        let facts = ConnectionFacts { transport, peer: Some(peer), certificates, headers: Vec::new() };
        Self { facts: Arc::new(facts), standing, seat: seat.clone(), proof: ArcSwapOption::empty() }
    }

    /// Who calls, by the connection alone.
    ///
    /// # Errors
    /// Nobody is accepted.
    pub(crate) async fn caller(&self, engine: &Engine, request: &RequestId) -> Result<Caller, Error> {
        self.check_standing(engine, request)?;
        let now = Instant::now();
        if let Some(proof) = self.proof.load().as_ref().filter(|proof| now < proof.until) {
            return Ok(proof.caller.clone());
        }
        let caller = engine.authenticate_for(request, self.facts.clone()).await?;
        self.note(&caller);
        self.proof.store(Some(Arc::new(Proof { caller: caller.clone(), until: now + PROOF_HOLDS })));
        Ok(caller)
    }

    /// Who calls, by the connection and the headers of a request.
    ///
    /// # Errors
    /// Nobody is accepted.
    pub(crate) async fn caller_with(
        &self,
        headers: &HeaderMap,
        engine: &Engine,
        request: &RequestId,
    ) -> Result<Caller, Error> {
        if headers.keys().all(says_nothing_of_the_caller) {
            return self.caller(engine, request).await;
        }
        self.check_standing(engine, request)?;
        let telling = headers.iter().filter(|(name, _)| !says_nothing_of_the_caller(name));
        // What is no text is not taken for absent, or the request would prove less and not nothing: whoever reads the
        // field refuses it.
        let telling = telling.map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let facts = ConnectionFacts { headers: telling.collect(), ..ConnectionFacts::clone(&self.facts) };
        let caller = engine.authenticate_for(request, Arc::new(facts)).await?;
        self.note(&caller);
        Ok(caller)
    }

    /// A connection of somebody who is known is kept before others.
    fn note(&self, caller: &Caller) {
        if caller.user().is_some() {
            self.seat.is_known();
        }
    }

    /// What is known of the connection's use.
    pub(crate) fn seat(&self) -> &Arc<Seat> {
        &self.seat
    }

    fn check_standing(&self, engine: &Engine, request: &RequestId) -> Result<(), Error> {
        let checked =
            self.standing.as_ref().map_or(Ok(()), |standing| standing.check(&self.facts.certificates));
        checked.inspect_err(|error| {
            let why = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            engine.refuse_connection_for(request, &self.facts, &why);
        })
    }

    /// What is known of the connection.
    pub(crate) fn facts(&self) -> &ConnectionFacts {
        &self.facts
    }
}

/// Header fields of HTTP itself. All others are kept for authenticators and stores, which are plugins and may read
/// any; so requests that have only these need no authentication of their own.
///
/// The name of a request differs with each, and would have each authenticated anew.
fn says_nothing_of_the_caller(name: &HeaderName) -> bool {
    matches!(
        *name,
        header::ACCEPT
            | header::ACCEPT_CHARSET
            | header::ACCEPT_ENCODING
            | header::ACCEPT_LANGUAGE
            | header::CACHE_CONTROL
            | header::CONNECTION
            | header::CONTENT_LENGTH
            | header::CONTENT_TYPE
            | header::DATE
            | header::EXPECT
            | header::HOST
            | header::ORIGIN
            | header::PRAGMA
            | header::REFERER
            | header::TE
            | header::TRANSFER_ENCODING
            | header::USER_AGENT
    ) || *name == "x-request-id"
}
