//! Dialects: how one family of clients speaks and what it relies on.

use std::borrow::Cow;

use claviger_kmip::Value;
use claviger_kmip::attributes::Attributes;
use claviger_kmip::field::DateTime;
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::tables::enumerations::{
    BatchErrorContinuationOption, LinkType, OperationCode, ResultReason,
};

use crate::context::Authorized;
use crate::error::{Error, Result};
use crate::record::KeyFacts;
use crate::target::Cardinality;

/// How one family of clients differs from the standard.
///
/// A dialect completes requests and narrows admission. It widens it nowhere but in the states in which an operation takes
/// objects ([`names_along`](Self::names_along)), to others that the operation itself says. What it does not say is as in KMIP,
/// so it consists of its differences. The OASIS forms have the null dialect, [`Standard`].
pub trait Dialect: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// Completes the payload of a request, in KMIP 2.1 form. In KMIP it is complete.
    ///
    /// # Errors
    /// The family's rules refuse it.
    fn request(&self, _operation: OperationCode, payload: Value, _now: DateTime) -> Result<Completed> {
        Ok(Completed { payload: Payload::One(payload), note: None })
    }

    /// What an identifier in text means. In KMIP it is always that of one object.
    ///
    /// # Errors
    /// It looks like a selector and is none.
    fn selector<'t>(&self, text: &'t str) -> Result<Selector<'t>> {
        Ok(Selector::Id(text.into()))
    }

    /// How many of the usable objects that a selector stands for the operation takes.
    ///
    /// It is asked without candidates before they are looked for, to know whether all of them are wanted, and
    /// with the attributes of two or more (not necessarily all) when it did not say [`Cardinality::All`].
    fn cardinality(&self, _operation: OperationCode, _candidates: &[&Attributes]) -> Cardinality {
        Cardinality::One
    }

    /// The links along which the operation goes on from an object to further objects, whole or not at all. In KMIP there are
    /// none.
    ///
    /// A Child Link means all objects that name the object as their parent. These put themselves under it: the right that
    /// the caller has on the object is enough for them, whoever owns them, whatever the caller's credentials are narrowed to,
    /// and archived or not; of an operation that is for owners, the parent's owner. Of the links that such an object has itself the Child Link alone is followed: it is another's to say
    /// where they lead. Where a Child Link is among them, the operation reaches objects in the states of
    /// [`Target::along`](crate::target::Target::along).
    fn expand(&self, _operation: OperationCode, _from: &KeyFacts<'_>) -> &'static [LinkType] {
        &[]
    }

    /// Whether a request itself may name objects in the states of [`Target::along`](crate::target::Target::along), in which
    /// others take only what goes along with its parent.
    fn names_along(&self, _: OperationCode) -> bool {
        false
    }

    /// The states in which the family sees objects; the operation's own states are intersected with them.
    fn narrow(&self, _operation: OperationCode) -> StateSet {
        StateSet::ALL
    }

    /// Shapes the payload of a response: what the operation answered to each payload that `request` gave, in the
    /// same form, with the note that `request` left.
    ///
    /// `targets` are the objects that were admitted; for an operation that names none, those that it found.
    ///
    /// # Errors
    /// The family's rules refuse it. Internal Server Error: there are several answers, and the dialect says nothing of these.
    fn response(
        &self,
        _operation: OperationCode,
        _targets: &[Authorized],
        _note: Option<Value>,
        payload: Payload,
    ) -> Result<Value> {
        match payload {
            Payload::One(payload) => Ok(payload),
            Payload::Bulk(_) => Err(Error::server("KMIP has no form for the answers to bulk data")),
        }
    }

    /// The status and text of an error, for transports that have them. [`Error::subject`] tells the object that it
    /// is about, where the caller may know of one.
    fn error(&self, operation: Option<OperationCode>, error: &Error) -> ErrorAnswer;

    /// What follows an item that fails, in a message without a Batch Error Continuation Option. KMIP says Stop (KMIP 2.1
    /// section 9.6).
    fn continuation(&self) -> BatchErrorContinuationOption {
        BatchErrorContinuationOption::STOP
    }

    /// The Result Reason and the Result Message of an item of a message that failed.
    fn item_error(&self, _: OperationCode, error: &Error) -> (ResultReason, String) {
        (error.reason(), error.message().to_owned())
    }
}

/// A request that a dialect completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completed {
    /// What the operation runs on.
    pub payload: Payload,
    /// What the dialect wants to know again when it shapes the answer; nobody else reads it.
    pub note: Option<Value>,
}

/// What the operation of one batch item runs on, or what it answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// One payload, as in KMIP.
    One(Value),
    /// Several payloads that travelled as one (bulk data): the operation runs on each in turn, inside one item, so
    /// all of them are done or none.
    Bulk(Vec<Value>),
}

/// What an identifier means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector<'t> {
    /// One object.
    Id(Cow<'t, str>),
    /// The objects that have all of these tags.
    Tags(Vec<String>),
}

/// How an error is answered over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorAnswer {
    /// The status code.
    pub status: u16,
    /// The body.
    pub text: String,
}

/// The null dialect: KMIP as OASIS defines it.
pub struct Standard;

impl Dialect for Standard {
    fn name(&self) -> &'static str {
        "kmip"
    }

    fn error(&self, _: Option<OperationCode>, error: &Error) -> ErrorAnswer {
        ErrorAnswer { status: 200, text: error.to_string() }
    }
}

/// Registers a dialect at link time.
#[macro_export]
macro_rules! register_dialect {
    ($dialect:expr) => {
        $crate::inventory::submit! {
            $crate::plugin::Entry::new(
                env!("CARGO_PKG_NAME"),
                $crate::plugin::EntryKind::Dialect(&$dialect),
            )
        }
    };
}
