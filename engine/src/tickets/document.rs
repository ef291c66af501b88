//! What the store keeps of a ticket.

use claviger_kmip::attributes::UsageLimits;
use claviger_kmip::payloads::{Rights, Ticket};
use claviger_kmip::tables::enumerations::TicketType;
use claviger_kmip::{ByteString, structure};
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::{DocumentPut, ObjectStore};
use sha2::{Digest as _, Sha256};

use crate::document::{self, Read};
use crate::jobs::hexadecimal;

/// The kind of the documents.
pub(super) const KIND: &str = "ticket";
/// Bytes at the front of a value that are the same for all tickets of a user, so that these can be counted.
const OWNER: usize = 16;
/// Random bytes behind them.
pub(super) const SECRET: usize = 32;

structure! {
    /// Whose ticket it is, and what is left of it.
    pub struct Held {
        /// The user as whom it acts.
        user: String = USERNAME,
        /// The groups that the user belonged to.
        groups: Vec<String> = OBJECT_GROUP,
        /// The milliseconds since 1970 from which it is no longer good.
        until: i64 = PROTECT_STOP_DATE,
        /// How many messages it is still good for.
        requests: Option<i64> = USAGE_LIMITS_COUNT,
        /// How much it is still good for.
        usage: Option<UsageLimits> = USAGE_LIMITS,
        /// What it is good for.
        rights: Option<Rights> = RIGHTS,
    }
}

impl Held {
    /// Whether what is done with it is counted.
    pub(super) fn is_metered(&self) -> bool {
        let rights = self.rights.iter().flat_map(|rights| &rights.right);
        self.usage.is_some() || rights.into_iter().any(|right| right.usage_limits.is_some())
    }

    /// Writes it over the one with this revision.
    pub(super) fn put(self, id: &str, expected: Option<Revision>) -> DocumentPut {
        let expires = self.until.div_euclid(1000);
        let content = Some((document::encode(self), Some(expires)));
        DocumentPut { kind: KIND.to_owned(), id: id.to_owned(), expected, content }
    }
}

/// The ticket of a document, if it is good at this time in milliseconds.
pub(super) async fn read(store: &dyn ObjectStore, id: &str, now: i64) -> Result<Option<Read<Held>>> {
    let read = document::read::<Held>(store, KIND, id).await?;
    Ok(read.filter(|read| now < read.content.until))
}

/// The value of a new ticket of a user.
pub(super) fn new_value(user: &str, secret: &[u8]) -> ByteString {
    let mut value = owner(user);
    value.extend_from_slice(secret);
    value.into()
}

/// The name of the document of a ticket, which does not tell the ticket; nothing if it is none of this server's.
pub(super) fn name_of(ticket: &Ticket) -> Option<String> {
    let value = &ticket.ticket_value;
    if ticket.ticket_type != TicketType::LOGIN || value.len() != OWNER + SECRET {
        return None;
    }
    let owner = value.get(..OWNER)?;
    Some(hexadecimal(owner) + &hexadecimal(&Sha256::digest(&value[..])))
}

/// What the names of all documents of a user's tickets begin with.
pub(super) fn names_of(user: &str) -> String {
    hexadecimal(&owner(user))
}

fn owner(user: &str) -> Vec<u8> {
    let digest = Sha256::new().chain_update(b"tickets of ").chain_update(user.as_bytes()).finalize();
    digest.iter().copied().take(OWNER).collect()
}
