//! Login (KMIP 2.1 section 6.1.30).

use super::ticket::{Ticket, TicketLease};
use crate::attributes::UsageLimits;
use crate::structure;

structure! {
    /// What ticket the caller wants, to authenticate with from then on.
    pub struct LoginRequest {
        /// How long the ticket is good; as the server sees fit if absent.
        lease_time: Option<TicketLease> = LEASE_TIME,
        /// How many requests may use it.
        request_count: Option<i32> = REQUEST_COUNT,
        /// How much they may do in all.
        usage_limits: Option<UsageLimits> = USAGE_LIMITS,
    }
}

structure! {
    /// The caller is logged in.
    pub struct LoginResponse {
        /// The ticket.
        ticket: Ticket = TICKET,
    }
}
