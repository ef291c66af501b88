//! Logout (KMIP 2.1 section 6.1.31).

use super::ticket::Ticket;
use crate::structure;

structure! {
    /// Which ticket is no longer good. The answer has no fields.
    pub struct LogoutRequest {
        /// The ticket.
        ticket: Ticket = TICKET,
    }
}
