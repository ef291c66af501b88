//! The objects that the item works on: each is admitted before a handler sees it.

use std::sync::Arc;

use claviger_plugin_sdk::context::Authorized;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::target::{Role, Target};

use super::ItemHost;
use crate::object_cache::{Entry, Loaded};
use crate::pipeline::admission::{self, Question};
use crate::pipeline::notes::NoNotes;
use crate::pipeline::resolve::{self, Named};

impl ItemHost<'_, '_> {
    /// Whether an object was admitted already.
    pub(crate) fn has_admitted(&self, id: &ObjectId) -> bool {
        self.admitted.iter().any(|target| target.id() == id)
    }

    /// Admits objects in the role of a target.
    pub(crate) fn admit_all(&mut self, target: &Target, found: Named<'_>) -> Result<()> {
        for (loaded, asked) in found {
            let authorized = self.admit(target, &loaded, &asked)?;
            self.take(target.role, authorized, loaded.entry);
        }
        Ok(())
    }

    /// Admits an object that names one as its parent which was admitted in this role already. An error names the parent: the
    /// caller need not know of the child.
    pub(crate) fn admit_child(&mut self, target: &Target, loaded: Loaded, parent: &Authorized) -> Result<()> {
        let authorized = self.admit_as(target, &loaded, parent.id().as_str(), true)?;
        self.take(target.role, authorized, loaded.entry);
        Ok(())
    }

    fn take(&mut self, role: Role, authorized: Authorized, entry: Arc<Entry>) {
        // Targets of a role stand together.
        let last = self.roles.iter().rposition(|known| *known == role);
        let place = last.map_or(self.roles.len(), |last| last + 1);
        self.roles.insert(place, role);
        self.admitted.insert(place, authorized);
        self.entries.push(entry);
    }

    /// Lets one object through in the role of a target, or says why not; what it takes from Usage Limits is noted.
    pub(crate) fn admit(&mut self, target: &Target, loaded: &Loaded, asked: &str) -> Result<Authorized> {
        self.admit_as(target, loaded, asked, false)
    }

    fn admit_as(
        &mut self,
        target: &Target,
        loaded: &Loaded,
        asked: &str,
        is_child: bool,
    ) -> Result<Authorized> {
        let id = &loaded.entry.record.id;
        let consumed = self.unit.consumed(id);
        let question = Question {
            principal: self.message.principal(),
            operation: self.spec.code,
            reads_metadata: self.spec.reads_metadata(),
            target,
            asked,
            is_child,
        };
        let authorized = admission::admit(self.message, &question, loaded, consumed, &mut NoNotes);
        if authorized.is_err() {
            self.noted.push(id.clone());
        }
        let authorized = authorized?;
        self.bytes = self.bytes.saturating_add(target.consumes.map_or(0, |uses| uses.bytes));
        if let Some(amount) = admission::amount(target.consumes, loaded) {
            self.unit.consume(id.clone(), amount);
        }
        Ok(authorized)
    }

    /// Takes an object that a scheme changes with an admitted one.
    pub(crate) fn take_dependent(&mut self, loaded: Loaded) -> Authorized {
        let Entry { record, revision, .. } = &*loaded.entry;
        let state = loaded.entry.facts.states.at(self.message.now);
        let authorized = Authorized::engine_only(record.clone(), *revision, state);
        self.noted.push(record.id.clone());
        self.log.named_by_scheme.insert(record.id.clone());
        self.dependents.insert(record.id.clone(), loaded.entry.clone());
        authorized
    }

    pub(super) fn entry_of(&self, target: &Authorized) -> Result<&Arc<Entry>> {
        self.entries
            .iter()
            .find(|entry| target.is_of(&entry.record))
            .or_else(|| self.dependents.get(target.id()))
            .ok_or_else(|| Error::server("an operation uses an object that was not admitted for it"))
    }
}

/// The admitted objects of a role.
pub(super) fn of_role<'h>(host: &'h ItemHost<'_, '_>, role: Role) -> &'h [Authorized] {
    if let [only] = host.roles.as_slice() {
        return if *only == role { &host.admitted } else { &[] };
    }
    let Some(first) = host.roles.iter().position(|known| *known == role) else { return &[] };
    // Targets of a role stand together.
    let (_, rest) = host.roles.split_at(first);
    let count = rest.iter().take_while(|known| **known == role).count();
    host.admitted.get(first..first + count).unwrap_or_default()
}

/// Resolves and admits what a handler asks for beside its declared targets.
pub(super) async fn load(host: &mut ItemHost<'_, '_>, target: Target) -> Result<Vec<Authorized>> {
    let found = resolve::one_target(host, &target).await?;
    let mut admitted = Vec::with_capacity(found.len());
    for (loaded, asked) in found {
        let authorized = host.admit(&target, &loaded, &asked);
        admitted.push(authorized.map_err(|error| resolve::in_role(target.role, error))?);
        host.noted.push(loaded.entry.record.id.clone());
        // Reachable by identity, though not by role.
        host.entries.push(loaded.entry);
    }
    Ok(admitted)
}
