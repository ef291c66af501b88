//! From where the request came that a job was made of: for the audit record of its run, when the connection is gone.

use std::net::SocketAddr;
use std::sync::Arc;

use claviger_kmip::structure;
use claviger_plugin_sdk::authentication::{ConnectionFacts, Transport};

use crate::pipeline::message::Message;

structure! {
    /// What audit tells of a client's request.
    pub struct JobOrigin {
        /// How it came.
        transport: String = MEDIA_IDENTIFIER,
        /// From which address.
        peer: Option<String> = NETWORK_IDENTIFIER,
        /// What the request was called that brought it.
        request_id: Option<String> = CLIENT_CORRELATION_VALUE,
        /// Which item of the message the job was, from 0.
        item: i32 = BATCH_COUNT,
    }
}

impl JobOrigin {
    /// That of the item with this number.
    pub(super) fn of(message: &Message<'_>, number: usize) -> Self {
        let facts = &message.caller.facts;
        Self {
            transport: facts.transport.name().to_owned(),
            peer: facts.peer.map(|peer| peer.ip().to_string()),
            request_id: message.request_id.as_deref().map(str::to_owned),
            item: i32::try_from(number).unwrap_or(i32::MAX),
        }
    }

    /// The number of the item.
    pub(super) fn number(&self) -> usize {
        usize::try_from(self.item).unwrap_or_default()
    }

    /// What the request was called that brought it.
    pub(super) fn request_id(&self) -> Option<Arc<str>> {
        self.request_id.as_deref().map(Into::into)
    }

    /// What is still known of the connection. It proves nobody.
    pub(super) fn facts(&self) -> ConnectionFacts {
        let transport = Transport::named(&self.transport).unwrap_or(Transport::Internal);
        let peer = self.peer.as_ref().and_then(|peer| peer.parse().ok());
        // The port went with the connection.
        let peer = peer.map(|peer| SocketAddr::new(peer, 0));
        ConnectionFacts { transport, peer, ..ConnectionFacts::internal() }
    }
}
