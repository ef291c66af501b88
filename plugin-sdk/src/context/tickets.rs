//! Tickets, which authenticate later requests (KMIP 2.1 sections 6.1.12, 6.1.30 and 6.1.31).

use claviger_kmip::attributes::UsageLimits;
use claviger_kmip::payloads::{Rights, Ticket, TicketLease};

use super::Context;
use crate::BoxFuture;
use crate::error::Result;

/// What a ticket is to be good for.
#[derive(Clone, Debug, PartialEq)]
pub struct TicketTerms {
    /// How long; as long as the operator says if absent.
    pub lease: Option<TicketLease>,
    /// For how many messages.
    pub request_count: Option<i32>,
    /// For how much: in objects, an operation each; in bytes, the data that keys protect. What is decrypted or verified counts
    /// none.
    pub usage_limits: Option<UsageLimits>,
    /// For what: an operation is allowed if one of the rights allows it with all of its objects. For everything that the
    /// principal may do if absent.
    pub rights: Option<Rights>,
}

impl Context<'_> {
    /// Records a new ticket of the principal, and gives it; its value is known to nobody else.
    ///
    /// # Errors
    /// Invalid Field: the terms make no sense, or are longer than the operator allows. Permission Denied: the principal has
    /// shown a ticket, or credentials that narrow. Server Limit Exceeded: the user has too many.
    pub async fn open_ticket(&mut self, terms: TicketTerms) -> Result<Ticket> {
        self.host.tickets()?.open(terms).await
    }

    /// Records the end of a ticket. Whoever has it may end it.
    ///
    /// # Errors
    /// Invalid Ticket: there is no such ticket, or it has ended.
    pub async fn close_ticket(&mut self, ticket: &Ticket) -> Result<()> {
        self.host.tickets()?.close(ticket).await
    }
}

/// What the engine does for operations on tickets. Handlers use [`Context`].
#[allow(missing_docs)] // each method is documented on `Context`
pub trait Tickets: Send {
    fn open(&mut self, terms: TicketTerms) -> BoxFuture<'_, Result<Ticket>>;
    fn close<'a>(&'a mut self, ticket: &'a Ticket) -> BoxFuture<'a, Result<()>>;
}
