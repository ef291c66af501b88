//! What a handler leaves when it has returned, and what holds it to the caller's credentials.

use claviger_plugin_sdk::audit::{Detail, RightsChange};
use claviger_plugin_sdk::context::{Authorized, Effect};
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::filter::Index;
use claviger_plugin_sdk::operation::Access;
use claviger_plugin_sdk::plugin::Catalogue as _;
use claviger_plugin_sdk::record::{ObjectId, Record};
use smallvec::SmallVec;

use super::ItemHost;
use crate::pipeline::item::Answer;
use crate::pipeline::new_object;
use crate::tickets::Work;
use crate::unit_of_work::{EffectLog, HeldGrants};

/// What a handler leaves, beside what it returns.
pub(crate) struct Aside {
    /// The admitted targets, for the dialect's response. If the operation has none: what it found.
    pub(crate) targets: SmallVec<[Authorized; 2]>,
    /// What the item is answered with instead.
    pub(crate) answer: Option<Box<Answer>>,
    /// What the client is told beside the response payload.
    pub(crate) remark: Option<String>,
    /// Whether client and server change their roles.
    pub(crate) turns: bool,
}

impl ItemHost<'_, '_> {
    /// Completes what the handler changed: tags follow the attributes that carry them.
    pub(crate) fn complete(&mut self) -> Result<()> {
        let policies = self.message.engine.registry.tag_policies();
        for (id, _) in &self.log.changed {
            if let Some(pending) = self.unit.pending_mut(id) {
                new_object::retag(policies, pending)?;
            }
        }
        Ok(())
    }

    /// What narrows the objects holds for those that the handler made, and need not be good for an operation on none.
    ///
    /// # Errors
    /// Permission Denied.
    pub(crate) fn hold_to_restriction(&self) -> Result<()> {
        let Some(restriction) = &self.message.principal().restriction else { return Ok(()) };
        let operation = self.spec.code;
        if self.spec.access == Access::Anyone {
            return Ok(());
        }
        let allowed = restriction.objects(operation);
        let mut made = self.log.created.iter().filter_map(|id| self.unit.pending(id));
        let is_allowed = |record: &Record| allowed.matches(&record.id, &Index::of(record), &HeldGrants(&[]));
        if !made.all(|pending| is_allowed(&pending.record)) {
            return Err(Error::denied("the credentials do not allow to make such an object"));
        }
        let touches_some = self.searches || !self.entries.is_empty() || !self.log.created.is_empty();
        if touches_some || restriction.without_objects(operation) {
            return Ok(());
        }
        Err(Error::denied("the credentials allow this with certain objects alone, and it is on none"))
    }

    /// Takes what the handler did from the ticket that it is done with.
    ///
    /// # Errors
    /// Permission Denied: no right of the ticket allows it with all of its objects. Usage Limit Exceeded.
    pub(crate) async fn charge(&mut self) -> Result<()> {
        let Some(ticket) = self.message.ticket.clone() else { return Ok(()) };
        if self.spec.access == Access::Anyone {
            return Ok(());
        }
        let created = self.log.created.iter().filter_map(|id| self.unit.pending(id));
        let created = created.map(|pending| (pending.record.id.clone(), Index::of(&pending.record)));
        let used = self.entries.iter().map(|entry| (entry.record.id.clone(), Index::of(&entry.record)));
        let work =
            Work { operation: self.spec.code, objects: created.chain(used).collect(), bytes: self.bytes };
        Box::pin(ticket.charge(self.message, &mut self.unit.documents, &work)).await
    }

    /// What the handler did so far.
    pub(crate) fn log(&self) -> &EffectLog {
        &self.log
    }

    /// Every object that was admitted, used or made.
    pub(crate) fn objects(&self) -> Vec<ObjectId> {
        let mut objects: Vec<ObjectId> = self.admitted.iter().map(|target| target.id().clone()).collect();
        objects.extend(self.log.created.iter().cloned());
        objects.extend(self.noted.iter().cloned());
        objects
    }

    /// What the handler did to rights.
    pub(crate) fn rights(&mut self) -> Option<Box<RightsChange>> {
        let mut rights = self.log.rights.take();
        for (id, effect) in &self.log.changed {
            if *effect == Effect::Owner
                && let Some(pending) = self.unit.pending(id)
            {
                rights.get_or_insert_default().subjects.push(pending.record.owner.to_string());
            }
        }
        rights
    }

    /// What the handler says for the audit record.
    pub(crate) fn details(&mut self) -> Vec<Detail> {
        std::mem::take(&mut self.details)
    }

    /// What the handler leaves, beside what it returned. Taken out, since the whole host is large to be moved.
    pub(crate) fn take_aside(&mut self) -> Aside {
        let targets = match self.admitted.is_empty() {
            true => std::mem::take(&mut self.found).into(),
            false => std::mem::take(&mut self.admitted),
        };
        Aside { targets, answer: self.answer.take(), remark: self.remark.take(), turns: self.turns }
    }
}
