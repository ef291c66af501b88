//! What a handler can reach.
//!
//! A [`Context`] is described where its methods are, by what they serve: who calls and when here; `objects`, `material` and
//! `cryptography`; `changes` and `rights`; `documents`, `jobs`, `streams` and `tickets`, which live on beyond the item;
//! `remarks` and `endpoint`.

mod authorized;
mod changes;
mod cryptography;
mod documents;
mod endpoint;
mod host;
mod jobs;
mod material;
mod objects;
mod remarks;
mod rights;
mod streams;
mod tickets;

use std::sync::Arc;

use claviger_kmip::field::DateTime;
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::tables::enumerations::AttestationType;
use claviger_kmip::version::ProtocolVersion;

use crate::authentication::Principal;
use crate::plugin::Catalogue;
use crate::random::RandomSource;

pub use authorized::Authorized;
pub use changes::{Effect, NewObject};
pub use cryptography::HeavyWork;
pub use host::Host;
pub use jobs::{Job, JobEnd, Jobs};
pub use material::Protection;
pub use objects::Found;
pub use rights::GrantsOf;
pub use streams::Stream;
pub use tickets::{TicketTerms, Tickets};

/// A handler's only reach: its targets, the principal, the time, randomness, schemes, and effects that are
/// recorded and written together when the item succeeds.
pub struct Context<'h> {
    host: &'h mut dyn Host,
}

impl<'h> Context<'h> {
    /// Wraps what the engine (or the testkit) offers.
    pub fn new(host: &'h mut dyn Host) -> Self {
        Self { host }
    }

    /// Who calls.
    pub fn principal(&self) -> &Principal {
        self.host.principal()
    }

    /// The time of the message; the same for all of its items.
    pub fn now(&self) -> DateTime {
        self.host.now()
    }

    /// The version that the client speaks. Payloads are 2.1 whatever it is.
    pub fn version(&self) -> ProtocolVersion {
        self.host.version()
    }

    /// Bounds that the operator configured.
    pub fn limits(&self) -> &OperationLimits {
        self.host.limits()
    }

    /// What is registered in this server.
    pub fn catalogue(&self) -> &dyn Catalogue {
        self.host.catalogue()
    }

    /// The same, to be taken along to the pool of heavy work.
    pub fn shared_catalogue(&self) -> Arc<dyn Catalogue> {
        self.host.shared_catalogue()
    }

    /// The attestations that this server can check.
    pub fn attestation_types(&self) -> Vec<AttestationType> {
        self.host.attestation_types()
    }

    /// Random bytes.
    pub fn rng(&mut self) -> &mut dyn RandomSource {
        self.host.rng()
    }
}

/// Bounds of single operations.
#[derive(Clone, Debug)]
pub struct OperationLimits {
    /// Bytes that one RNG Retrieve may ask for.
    pub random_bytes: i32,
    /// Objects that one Locate answers with, when the client names no smaller number.
    pub located_items: i32,
    /// Bytes of data from which an operation counts as heavy.
    pub heavy_from: usize,
    /// States in which a dialect lets the operation use and locate objects; all, unless the dialect narrows.
    pub visible_states: StateSet,
}
