//! Delegated Login (KMIP 2.1 section 6.1.12).

use super::rights::Rights;
use super::ticket::{Ticket, TicketLease};
use crate::attributes::UsageLimits;
use crate::structure;

structure! {
    /// What ticket the caller wants, for somebody who is to have some of the caller's rights.
    pub struct DelegatedLoginRequest {
        /// How long the ticket is good; as the server sees fit if absent.
        lease_time: Option<TicketLease> = LEASE_TIME,
        /// How many requests may use it.
        request_count: Option<i32> = REQUEST_COUNT,
        /// How much they may do in all.
        usage_limits: Option<UsageLimits> = USAGE_LIMITS,
        /// What its holder may do: what at least one of the rights allows.
        rights: Rights = RIGHTS,
    }
}

structure! {
    /// The ticket was made.
    pub struct DelegatedLoginResponse {
        /// The ticket.
        ticket: Ticket = TICKET,
    }
}
