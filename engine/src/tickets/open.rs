//! Making and ending tickets, for the operations that do.

use claviger_kmip::attributes::UsageLimits;
use claviger_kmip::field::DateTime;
use claviger_kmip::payloads::{Ticket, TicketLease};
use claviger_kmip::tables::enumerations::{ResultReason, TicketType, UsageLimitsUnit};
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::context::{Host as _, TicketTerms, Tickets};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::store::{DocumentPage, DocumentPut};

use super::document::{self, Held, KIND};
use super::rights::TicketRights;
use crate::TicketLimits;
use crate::pipeline::host::ItemHost;

impl Tickets for ItemHost<'_, '_> {
    fn open(&mut self, terms: TicketTerms) -> BoxFuture<'_, Result<Ticket>> {
        Box::pin(async move {
            let message = self.message();
            let principal = message.principal();
            if message.ticket.is_some() || principal.restriction.is_some() {
                return Err(Error::denied(
                    "a ticket is given for credentials that allow everything: not for a ticket, nor for those that narrow",
                ));
            }
            let limits = &message.engine.options.limits.tickets;
            let now = message.engine.options.clock.now_millis();
            let held = Held {
                user: principal.user.to_string(),
                groups: principal.groups.iter().map(ToString::to_string).collect(),
                until: until(terms.lease, now, limits)?,
                requests: requests(terms.request_count)?,
                usage: terms.usage_limits.map(started).transpose()?,
                rights: terms.rights.map(TicketRights::checked).transpose()?,
            };
            self.check_number(&held.user, limits.per_user).await?;
            let secret = self.rng().bytes(document::SECRET);
            let ticket_value = document::new_value(&held.user, &secret);
            let ticket = Ticket { ticket_type: TicketType::LOGIN, ticket_value };
            let id = document::name_of(&ticket).ok_or_else(|| Error::server("a ticket has no name"))?;
            self.put_document(held.put(&id, None))?;
            Ok(ticket)
        })
    }

    fn close<'a>(&'a mut self, ticket: &'a Ticket) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let unknown = || {
                let reason = ResultReason::INVALID_TICKET;
                Error::new(reason, ErrorClass::Request, "the ticket is not known, or has ended")
            };
            let id = document::name_of(ticket).ok_or_else(unknown)?;
            let held = self.document(KIND, &id).await?.ok_or_else(unknown)?;
            let expected = Some(held.revision);
            self.put_document(DocumentPut { kind: KIND.to_owned(), id, expected, content: None })
        })
    }
}

impl ItemHost<'_, '_> {
    /// Refuses one ticket too many. Requests at the same moment may each see room for one.
    async fn check_number(&mut self, user: &str, most: usize) -> Result<()> {
        let names = document::names_of(user);
        let page = DocumentPage { after: Some(names.clone()), limit: most as u64 };
        let held = if most == 0 { Vec::new() } else { self.documents(KIND, &page).await? };
        if held.iter().filter(|(name, _)| name.starts_with(&names)).count() < most {
            return Ok(());
        }
        Err(Error::new(
            ResultReason::SERVER_LIMIT_EXCEEDED,
            ErrorClass::Request,
            format!("a user has {most} tickets at most; end one by Logout"),
        ))
    }
}

/// The milliseconds since 1970 until which a ticket is good. One that lasts longer than it may is refused: the answer has
/// no field that could tell the client.
fn until(lease: Option<TicketLease>, now: i64, limits: &TicketLimits) -> Result<i64> {
    let until = match lease {
        None => now.saturating_add_unsigned(limits.lease.min(limits.longest_lease).as_millis() as u64),
        Some(TicketLease::For(interval)) => now.saturating_add(i64::from(interval.0) * 1000),
        Some(TicketLease::Until(DateTime(seconds))) => seconds.saturating_mul(1000),
    };
    let longest = limits.longest_lease;
    if until <= now {
        return Err(Error::invalid("Lease Time is over already"));
    }
    if until.saturating_sub(now) > i64::try_from(longest.as_millis()).unwrap_or(i64::MAX) {
        return Err(Error::invalid(format!(
            "Lease Time is {} seconds at most on this server",
            longest.as_secs()
        )));
    }
    Ok(until)
}

fn requests(count: Option<i32>) -> Result<Option<i64>> {
    match count {
        Some(..1) => Err(Error::invalid("Request Count is 1 at least")),
        count => Ok(count.map(i64::from)),
    }
}

/// Usage Limits of which nothing is used yet.
///
/// # Errors
/// Invalid Field: they allow nothing, or count what is not counted.
pub(super) fn started(limits: UsageLimits) -> Result<UsageLimits> {
    let left = limits.count.unwrap_or(limits.total);
    if left < 1 || left > limits.total {
        return Err(Error::invalid("Usage Limits Count is from 1 to Usage Limits Total"));
    }
    match limits.unit {
        UsageLimitsUnit::BYTE | UsageLimitsUnit::OBJECT => Ok(UsageLimits { count: Some(left), ..limits }),
        _ => Err(Error::invalid("Usage Limits of a ticket count bytes, or objects: an operation each")),
    }
}

#[cfg(test)]
mod tests {
    use claviger_kmip::field::Interval;

    use super::*;

    #[test]
    fn a_lease_is_what_the_client_says_and_no_longer_than_it_may_be() {
        let limits = TicketLimits::default();
        let lease = |lease| until(lease, 1_000_000, &limits).ok();
        assert_eq!(lease(None), Some(1_000_000 + 3_600_000));
        assert_eq!(lease(Some(TicketLease::For(Interval(60)))), Some(1_060_000));
        assert_eq!(lease(Some(TicketLease::For(Interval(86_400)))), Some(87_400_000));
        assert_eq!(lease(Some(TicketLease::For(Interval(86_401)))), None);
        assert_eq!(lease(Some(TicketLease::For(Interval(0)))), None);
        assert_eq!(lease(Some(TicketLease::Until(DateTime(1_001)))), Some(1_001_000));
        assert_eq!(lease(Some(TicketLease::Until(DateTime(1_000)))), None);
        assert_eq!(lease(Some(TicketLease::Until(DateTime(i64::MAX)))), None);
        assert_eq!(lease(Some(TicketLease::Until(DateTime(i64::MIN)))), None);
    }

    #[test]
    fn counts_begin_with_one_at_least() {
        for (count, good) in [(None, true), (Some(1), true), (Some(0), false), (Some(-1), false)] {
            assert_eq!(requests(count).is_ok(), good, "{count:?}");
        }
        let limits = |total, count, unit| started(UsageLimits { total, count, unit }).ok();
        let bytes = UsageLimitsUnit::BYTE;
        assert_eq!(limits(7, None, bytes).and_then(|limits| limits.count), Some(7));
        assert_eq!(limits(7, Some(3), bytes).and_then(|limits| limits.count), Some(3));
        for wrong in
            [(7, Some(8), bytes), (0, None, bytes), (7, Some(0), bytes), (7, None, UsageLimitsUnit(9))]
        {
            assert_eq!(limits(wrong.0, wrong.1, wrong.2), None, "{wrong:?}");
        }
    }
}
