//! Changes of admitted objects and of the rights on them, as the unit of work records them.

use std::sync::Arc;

use claviger_kmip::attributes::kinds;
use claviger_kmip::lifecycle::has_state;
use claviger_kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::context::{Authorized, Effect};
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::record::Record;
use claviger_plugin_sdk::store::{Grant, Subject};

use super::ItemHost;
use crate::object_cache::Entry;

/// The record of an object, to be changed.
pub(super) fn edit<'h>(
    host: &'h mut ItemHost<'_, '_>,
    target: &Authorized,
    effect: Effect,
) -> Result<&'h mut Record> {
    let entry = host.entry_of(target)?.clone();
    host.log.changed.push((target.id().clone(), effect));
    let now = host.message.now;
    let pending = host.unit.edit(&entry);
    if effect == Effect::Purge {
        pending.purged = true;
    }
    // A state that time has changed is written with the next change.
    if has_state(pending.record.object.object_type()) {
        let state = pending.record.state_dates().at(now);
        pending.record.attributes.put::<kinds::State>(state);
    }
    pending.record.attributes.put::<kinds::LastChangeDate>(now);
    Ok(&mut pending.record)
}

/// Notes that a scheme may change an object.
pub(super) fn named_by_scheme(host: &mut ItemHost<'_, '_>, target: &Authorized) -> Result<()> {
    host.require_scheme_changes()?;
    let entry = host.entry_of(target)?.clone();
    host.log.named_by_scheme.insert(entry.record.id.clone());
    host.unit.rely_on(entry);
    Ok(())
}

/// Records grants on an object, or their end.
pub(super) fn change_grants(
    host: &mut ItemHost<'_, '_>,
    target: &Authorized,
    subject: Subject,
    operations: &[OperationCode],
    give: bool,
) -> Result<()> {
    let object = host.entry_of(target)?.record.id.clone();
    host.log.granted.push(object.clone());
    let rights = host.log.rights.get_or_insert_default();
    rights.subjects.push(subject.to_string());
    rights.operations.extend_from_slice(operations);
    for operation in operations {
        let grant = Grant { object: object.clone(), subject: subject.clone(), operation: *operation };
        host.unit.change_grant(grant, give);
    }
    Ok(())
}

impl ItemHost<'_, '_> {
    /// Has an object written as it is: whoever else is about to write it and has read it before looks again.
    pub(crate) fn touch(&mut self, entry: &Arc<Entry>) {
        self.unit.edit(entry);
    }

    /// Whether the operation may let schemes change keys.
    ///
    /// # Errors
    /// Internal Server Error: it does not declare it.
    pub(crate) fn require_scheme_changes(&self) -> Result<()> {
        if self.spec.writes.lets_schemes_change_keys() {
            return Ok(());
        }
        tracing::error!(operation = ?self.spec.code, "a handler lets a scheme change keys and its operation does not declare it");
        Err(Error::server("the operation lets a scheme change keys and does not declare it"))
    }
}
