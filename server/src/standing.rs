//! Whether a client's certificate is still good while its connection lasts.
//!
//! It may expire or be revoked, and the authority may be taken away. So it is looked at again when the files that say what
//! is good have changed, once a minute besides, and at once on a connection that resumes a session, since TLS does not look
//! at certificates then.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use claviger_plugin_sdk::error::Error;
use rustls::{HandshakeKind, ServerConnection};

use crate::tls::Tls;

/// How long a look at a certificate holds.
const HOLDS: Duration = Duration::from_secs(60);

/// The standing of the client of one connection.
pub(crate) struct Standing {
    tls: Arc<Tls>,
    last: Mutex<Option<Look>>,
}

#[derive(Clone, Copy)]
struct Look {
    /// By which set of certificates.
    generation: u64,
    until: Instant,
}

impl Standing {
    /// That of a client with whom the handshake was done by a set of certificates.
    pub(crate) fn new(tls: Arc<Tls>, generation: u64, connection: &ServerConnection) -> Self {
        let is_resumed = connection.handshake_kind() == Some(HandshakeKind::Resumed);
        let seen = Look { generation, until: Instant::now() + HOLDS };
        Self { tls, last: Mutex::new((!is_resumed).then_some(seen)) }
    }

    /// Looks at the certificate chain if it is time to.
    ///
    /// # Errors
    /// Authentication Not Successful: it is good no more.
    pub(crate) fn check(&self, chain: &[Vec<u8>]) -> Result<(), Error> {
        if chain.is_empty() {
            return Ok(());
        }
        let now = Instant::now();
        // A panic while the lock is held leaves nothing half written.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|look| look.generation == self.tls.generation() && now < look.until) {
            return Ok(());
        }
        *last = None;
        let generation = self.tls.check_client(chain).map_err(|why| {
            Error::unproven()
                .because(format!("the client certificate of the connection is good no more: {why}"))
        })?;
        *last = Some(Look { generation, until: now + HOLDS });
        Ok(())
    }
}
