//! Tickets: credentials that the server itself gives, by Login and Delegated Login (KMIP 2.1 sections 6.1.12, 6.1.30,
//! 6.1.31 and 9.11).
//!
//! A ticket is a document under the digest of its value, so whoever reads the storage cannot use it, and every server on
//! the storage knows it. It acts as the user who asked for it, with what that user may do when it is shown, and never for
//! longer than its lease: it expires with its document. What it counts is written with what is counted.

mod document;
mod meter;
mod open;
mod rights;

use std::sync::Arc;

use claviger_kmip::payloads::Ticket;
use claviger_plugin_sdk::authentication::Principal;
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::ObjectStore;

use crate::caller::refused;
use crate::document::{self as documents, Read};
use crate::{Core, tickets::document::Held};
use rights::TicketRights;

pub(crate) use meter::Work;

/// A ticket that a message was sent with.
#[derive(Debug)]
pub(crate) struct ShownTicket {
    /// The name of its document.
    id: String,
    /// What it may do, if that is less than everything.
    rights: Option<Arc<TicketRights>>,
    metered: bool,
}

impl ShownTicket {
    /// Whether what is done with it is counted.
    pub(crate) fn is_metered(&self) -> bool {
        self.metered
    }
}

/// How often a request is counted again when another one was faster.
const ATTEMPTS: usize = 100;

/// Takes a ticket that a message shows, and counts the message.
///
/// # Errors
/// Authentication Not Successful: there is no such ticket, it has ended, or it was shown as often as it may be. The store
/// fails.
pub(crate) async fn redeem(
    engine: &Core,
    store: &dyn ObjectStore,
    shown: &Ticket,
) -> Result<(Principal, ShownTicket)> {
    let wrong = || refused("the engine", "a ticket that is not known, or has ended");
    let id = document::name_of(shown).ok_or_else(wrong)?;
    for _ in 0..ATTEMPTS {
        let held = document::read(store, &id, engine.options.clock.now_millis()).await?;
        let Read { content: held, revision, .. } = held.ok_or_else(wrong)?;
        if !count_request(store, &id, &held, revision).await? {
            continue;
        }
        let groups: Vec<&str> = held.groups.iter().map(String::as_str).collect();
        let mut principal = Principal::new(&held.user, &groups, Some(Principal::BY_TICKET));
        let metered = held.is_metered();
        let rights = held.rights.map(|rights| TicketRights::of(&rights).map(Arc::new)).transpose()?;
        principal.restriction = rights.clone().map(|rights| rights as _);
        return Ok((principal, ShownTicket { id, rights, metered }));
    }
    Err(refused("the engine", "a ticket that is shown too often at once"))
}

/// Counts a request; false if another was counted meanwhile.
async fn count_request(store: &dyn ObjectStore, id: &str, held: &Held, revision: Revision) -> Result<bool> {
    let Some(left) = held.requests else { return Ok(true) };
    if left <= 0 {
        return Err(refused("the engine", "a ticket that was shown as often as it may be"));
    }
    let held = Held { requests: Some(left - 1), ..held.clone() };
    documents::write(store, vec![held.put(id, Some(revision))]).await
}
