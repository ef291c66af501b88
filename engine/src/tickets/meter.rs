//! Counting what is done with a ticket.

use claviger_kmip::attributes::UsageLimits;
use claviger_kmip::tables::enumerations::{OperationCode, ResultReason, UsageLimitsUnit};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::filter::Index;
use claviger_plugin_sdk::record::ObjectId;

use super::document::{Held, KIND};
use super::{ShownTicket, document};
use crate::document::{Read, decode};
use crate::pipeline::message::Message;
use crate::unit_of_work::PendingDocuments;

/// What an item has done.
pub(crate) struct Work {
    pub(crate) operation: OperationCode,
    /// The objects that it worked on or made.
    pub(crate) objects: Vec<(ObjectId, Index)>,
    /// Bytes that keys worked on.
    pub(crate) bytes: u64,
}

impl ShownTicket {
    /// Takes the work of an item from what is left. It is written with the item, so that nothing is counted that did not
    /// happen; if another item was counted meanwhile, this one runs again.
    ///
    /// # Errors
    /// Permission Denied: no right allows it with all of its objects. Usage Limit Exceeded: too little is left. Invalid
    /// Ticket: it has ended meanwhile.
    pub(crate) async fn charge(
        &self,
        message: &Message<'_>,
        documents: &mut PendingDocuments,
        work: &Work,
    ) -> Result<()> {
        if work.operation == OperationCode::LOGOUT {
            return Ok(());
        }
        let allowing = self.rights.as_ref().map(|rights| {
            let places: Vec<usize> = rights.allowing(work.operation, &work.objects).collect();
            places
        });
        if allowing.as_ref().is_some_and(Vec::is_empty) {
            return Err(Error::denied("no right of the ticket allows this with all of its objects"));
        }
        if !self.metered {
            return Ok(());
        }
        let Read { mut content, revision, .. } = self.read(message, documents).await?;
        content.take(allowing.as_deref(), work)?;
        documents.record(content.put(&self.id, Some(revision)), message.now)
    }

    /// The ticket, as earlier items of the unit leave it.
    async fn read(&self, message: &Message<'_>, documents: &PendingDocuments) -> Result<Read<Held>> {
        let read = match documents.get(KIND, &self.id, message.now) {
            Some(pending) => pending.map(decode).transpose()?,
            None => {
                let now = message.engine.options.clock.now_millis();
                document::read(&*message.store, &self.id, now).await?
            }
        };
        let ended = || Error::new(ResultReason::INVALID_TICKET, ErrorClass::Denied, "the ticket has ended");
        read.ok_or_else(ended)
    }
}

impl Held {
    /// Takes work from the limits of the ticket, and from those of the first right of the allowing ones that has enough.
    fn take(&mut self, allowing: Option<&[usize]>, work: &Work) -> Result<()> {
        let exceeded = || {
            let reason = ResultReason::USAGE_LIMIT_EXCEEDED;
            Error::new(reason, ErrorClass::State, "the usage limits of the ticket do not allow this any more")
        };
        take(self.usage.as_mut(), work).then_some(()).ok_or_else(exceeded)?;
        let Some(places) = allowing else { return Ok(()) };
        let mut rights = self.rights.iter_mut().flat_map(|rights| rights.right.iter_mut()).enumerate();
        rights
            .find_map(|(place, right)| {
                (places.contains(&place) && take(right.usage_limits.as_mut(), work)).then_some(())
            })
            .ok_or_else(exceeded)
    }
}

/// Takes work from limits, if there are some; false if too little is left.
fn take(limits: Option<&mut UsageLimits>, work: &Work) -> bool {
    let Some(limits) = limits else { return true };
    let amount = if limits.unit == UsageLimitsUnit::BYTE { work.bytes } else { 1 };
    let left = limits.count.unwrap_or(limits.total);
    match i64::try_from(amount).ok().and_then(|amount| left.checked_sub(amount)).filter(|left| *left >= 0) {
        Some(left) => {
            limits.count = Some(left);
            true
        }
        None => false,
    }
}
