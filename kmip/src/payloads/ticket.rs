//! Ticket, and how long it lasts (KMIP 2.1 sections 7.39, 6.1.30 and 6.1.12).

use crate::field::{DateTime, DecodeError, Interval, TtlvValue, wrong_type};
use crate::structure;
use crate::tables::enumerations::TicketType;
use crate::ttlv::{ByteString, Tag, Value};

structure! {
    /// What authenticates later requests in place of the credentials of the one that asked for it (section 7.39).
    pub struct Ticket {
        /// What kind of ticket.
        ticket_type: TicketType = TICKET_TYPE,
        /// Its secret value.
        ticket_value: ByteString = TICKET_VALUE,
    }
}

/// How long a ticket is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketLease {
    /// So long from now on.
    For(Interval),
    /// Until then.
    Until(DateTime),
}

impl TtlvValue for TicketLease {
    fn from_value(tag: Tag, value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Interval(_) => Interval::from_value(tag, value).map(Self::For),
            Value::DateTime(_) => DateTime::from_value(tag, value).map(Self::Until),
            other => Err(wrong_type(tag, "an Interval or a Date-Time", &other)),
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::For(interval) => interval.into_value(),
            Self::Until(date) => date.into_value(),
        }
    }
}
