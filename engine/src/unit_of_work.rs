//! What an item has done and not yet written.
//!
//! Handlers record effects here; get and find of the same unit see them. Nothing is written before [`UnitOfWork::change_set`]
//! is applied, so undoing means not writing.

mod documents;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use claviger_kmip::attributes::kinds;
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::audit::RightsChange;
use claviger_plugin_sdk::context::Effect;
use claviger_plugin_sdk::filter::{Grants, Index};
use claviger_plugin_sdk::record::{ObjectId, Record, Revision};
use claviger_plugin_sdk::store::{ChangeSet, Grant, NameClaims, Put, Subject, UsageLeft};

use crate::object_cache::Entry;
pub(crate) use documents::PendingDocuments;

/// Effects of one item, or of all items of an Undo batch.
#[derive(Default)]
pub(crate) struct UnitOfWork {
    pending: Vec<Pending>,
    /// Where the pending version of an object stands.
    places: HashMap<ObjectId, usize>,
    grants: Vec<(Grant, bool)>,
    consumptions: Vec<(ObjectId, u64)>,
    /// What the rest was made from, as it was read.
    relied_on: Vec<Arc<Entry>>,
    pub(crate) documents: PendingDocuments,
}

/// Which names a unit claims for the objects that it gives them.
#[derive(Clone, Copy)]
pub(crate) enum Claiming<'n> {
    /// All: no two objects of an owner have one name.
    All,
    /// None anew. An object that loses a name keeps the claims on those that stay, if it has them: the names here belong to
    /// others.
    NoneAnew {
        /// Names that the object has and others claim.
        besides: &'n [String],
    },
}

/// A record that was created or changed.
pub(crate) struct Pending {
    pub(crate) record: Record,
    /// What it was when it was read; nothing for a new object.
    pub(crate) base: Option<Arc<Entry>>,
    pub(crate) purged: bool,
}

/// What one item did: compared with what its operation declares.
#[derive(Clone, Debug, Default)]
pub(crate) struct EffectLog {
    pub(crate) created: Vec<ObjectId>,
    pub(crate) changed: Vec<(ObjectId, Effect)>,
    pub(crate) granted: Vec<ObjectId>,
    /// What the chosen scheme named as objects that it may change.
    pub(crate) named_by_scheme: HashSet<ObjectId>,
    /// Whose rights it changed, and which.
    pub(crate) rights: Option<Box<RightsChange>>,
    /// Whether it wrote or removed documents.
    pub(crate) documents: bool,
}

impl UnitOfWork {
    /// Whether there is anything to write.
    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty()
            && self.grants.is_empty()
            && self.consumptions.is_empty()
            && self.documents.is_empty()
    }

    /// The pending version of an object.
    pub(crate) fn pending(&self, id: &ObjectId) -> Option<&Pending> {
        self.places.get(id).and_then(|place| self.pending.get(*place))
    }

    /// All pending versions, newest first.
    pub(crate) fn all_pending(&self) -> impl Iterator<Item = &Pending> {
        self.pending.iter().rev()
    }

    /// The pending version of an object, to complete it.
    pub(crate) fn pending_mut(&mut self, id: &ObjectId) -> Option<&mut Pending> {
        let pending = self.places.get(id).and_then(|place| self.pending.get_mut(*place));
        pending.filter(|pending| !pending.purged)
    }

    /// Records a new object.
    pub(crate) fn create(&mut self, record: Record) {
        self.push(Pending { record, base: None, purged: false });
    }

    /// Adds a version and tells where it stands.
    fn push(&mut self, pending: Pending) -> usize {
        let place = self.pending.len();
        self.places.insert(pending.record.id.clone(), place);
        self.pending.push(pending);
        place
    }

    /// The record to change, copied from its base the first time.
    pub(crate) fn edit(&mut self, entry: &Arc<Entry>) -> &mut Pending {
        let id = &entry.record.id;
        let position = match self.places.get(id) {
            Some(position) => *position,
            None => self.push(Pending {
                record: Record::clone(&entry.record),
                base: Some(entry.clone()),
                purged: false,
            }),
        };
        #[allow(clippy::indexing_slicing)] // the position was just found or made
        &mut self.pending[position]
    }

    /// Records that what the unit writes holds for this version of an object alone, whether it changes that or not.
    pub(crate) fn rely_on(&mut self, entry: Arc<Entry>) {
        if !self.relied_on.iter().any(|known| known.record.id == entry.record.id) {
            self.relied_on.push(entry);
        }
    }

    /// The objects that the unit relies on and leaves as they are.
    pub(crate) fn unchanged(&self) -> impl Iterator<Item = (&ObjectId, Revision)> {
        let relied_on = self.relied_on.iter().map(|entry| (&entry.record.id, entry.revision));
        relied_on.filter(|(id, _)| !self.places.contains_key(*id))
    }

    /// Records that a grant is given or taken.
    pub(crate) fn change_grant(&mut self, grant: Grant, give: bool) {
        self.grants.retain(|(known, _)| *known != grant);
        self.grants.push((grant, give));
    }

    /// Records a use that counts against Usage Limits.
    pub(crate) fn consume(&mut self, id: ObjectId, amount: u64) {
        match self.consumptions.iter_mut().find(|(known, _)| *known == id) {
            Some((_, sum)) => *sum = sum.saturating_add(amount),
            None => self.consumptions.push((id, amount)),
        }
    }

    /// What this unit takes from an object's Usage Limits.
    pub(crate) fn consumed(&self, id: &ObjectId) -> u64 {
        self.consumptions.iter().find(|(known, _)| known == id).map_or(0, |(_, sum)| *sum)
    }

    /// The grants on an object that some subjects hold, as this unit leaves them.
    pub(crate) fn overlay_grants(&self, id: &ObjectId, stored: &[Grant], subjects: &[Subject]) -> Vec<Grant> {
        let mut grants = self.all_grants(id, stored.to_vec());
        grants.retain(|grant| subjects.contains(&grant.subject));
        grants
    }

    /// All grants on an object as this unit leaves them.
    pub(crate) fn all_grants(&self, id: &ObjectId, mut grants: Vec<Grant>) -> Vec<Grant> {
        for (grant, give) in self.grants.iter().filter(|(grant, _)| grant.object == *id) {
            grants.retain(|known| known != grant);
            if *give {
                grants.push(grant.clone());
            }
        }
        grants
    }

    /// Whether this unit changes grants on an object.
    pub(crate) fn changes_grants(&self, id: &ObjectId) -> bool {
        self.grants.iter().any(|(grant, _)| grant.object == *id)
    }

    /// The objects that were there before and that the cache must forget when the unit is written.
    pub(crate) fn changed_ids(&self) -> BTreeSet<ObjectId> {
        self.pending
            .iter()
            .filter(|pending| pending.base.is_some())
            .map(|pending| pending.record.id.clone())
            .chain(self.grants.iter().map(|(grant, _)| grant.object.clone()))
            .chain(self.consumptions.iter().map(|(id, _)| id.clone()))
            .collect()
    }

    /// Everything as one change set, with the names that objects claim from then on.
    pub(crate) fn change_set(&self, claiming: Claiming<'_>) -> ChangeSet {
        let mut change = ChangeSet {
            consumptions: self.consumptions.clone(),
            documents: self.documents.puts(),
            unchanged: self.unchanged().map(|(id, revision)| (id.clone(), revision)).collect(),
            ..ChangeSet::default()
        };
        for pending in &self.pending {
            let revision = pending.base.as_ref().map(|base| base.revision);
            match (pending.purged, revision) {
                (true, Some(revision)) => change.purges.push((pending.record.id.clone(), revision)),
                (true, None) => {}
                (false, expected) => {
                    change.puts.push(Put {
                        id: pending.record.id.clone(),
                        expected,
                        body: pending.record.to_bytes().into(),
                        index: Index::of(&pending.record),
                        usage_left: pending.usage_left_to_write(),
                    });
                    change.claims.extend(name_claims(pending, claiming));
                }
            }
        }
        for (grant, give) in &self.grants {
            if *give { change.grants.push(grant.clone()) } else { change.revocations.push(grant.clone()) }
        }
        change
    }

    /// The objects that the unit creates, with what is left of their Usage Limits; in the order of the change set.
    pub(crate) fn into_created(self) -> impl Iterator<Item = (Record, Option<i64>)> {
        let Self { pending, consumptions, .. } = self;
        pending.into_iter().filter(Pending::is_created).map(move |pending| {
            let used =
                consumptions.iter().find(|(id, _)| *id == pending.record.id).map_or(0, |(_, used)| *used);
            let left = pending.usage_left().map(|left| left.saturating_sub_unsigned(used));
            (pending.record, left)
        })
    }
}

impl Pending {
    fn is_created(&self) -> bool {
        self.base.is_none() && !self.purged
    }

    /// What later items of the unit see. The revision of a new object is that of one never written.
    pub(crate) fn to_entry(&self) -> Arc<Entry> {
        let revision = self.base.as_ref().map_or(Revision(0), |base| base.revision);
        Arc::new(Entry::new(self.record.clone(), revision, self.usage_left()))
    }

    /// What is left of the object's Usage Limits before the uses of this unit.
    fn usage_left(&self) -> Option<i64> {
        match &self.base {
            Some(base) if limit_of(&base.record) == limit_of(&self.record) => base.usage_left,
            _ => limit_of(&self.record),
        }
    }

    /// The counter is written only when the attribute changes, so that concurrent uses are not lost.
    fn usage_left_to_write(&self) -> UsageLeft {
        match &self.base {
            Some(base) if limit_of(&base.record) == limit_of(&self.record) => UsageLeft::Keep,
            _ => UsageLeft::Set(limit_of(&self.record)),
        }
    }
}

fn limit_of(record: &Record) -> Option<i64> {
    record.attributes.one::<kinds::UsageLimits>().and_then(|limits| limits.count.or(Some(limits.total)))
}

/// The names to claim, if they change. A destroyed object keeps its Name attributes and leaves the names to others.
fn name_claims(pending: &Pending, claiming: Claiming<'_>) -> Option<NameClaims> {
    let names = |record: &Record| -> Vec<String> {
        if StateSet::DESTROYED.contains(record.state_dates().stored) {
            return Vec::new();
        }
        record.attributes.all::<kinds::Name>().map(|name| name.value).collect()
    };
    let had = pending.base.as_ref().map(|base| names(&base.record)).unwrap_or_default();
    let mut wanted = names(&pending.record);
    let moved = pending.base.as_ref().is_some_and(|base| base.record.owner != pending.record.owner);
    let is_changed = match claiming {
        Claiming::All => wanted != had || moved && !wanted.is_empty(),
        Claiming::NoneAnew { .. } => had.iter().any(|name| !wanted.contains(name)),
    };
    if let Claiming::NoneAnew { besides } = claiming {
        wanted.retain(|name| had.contains(name) && !besides.contains(name));
    }
    is_changed.then(|| NameClaims {
        object: pending.record.id.clone(),
        owner: pending.record.owner.clone(),
        names: wanted,
    })
}

/// Grants in memory, as the evaluator of filters asks for them.
pub(crate) struct HeldGrants<'g>(pub(crate) &'g [Grant]);

impl Grants for HeldGrants<'_> {
    fn holds(&self, subject: &Subject, operations: Option<&[OperationCode]>) -> bool {
        self.0.iter().any(|grant| {
            grant.subject == *subject
                && operations.is_none_or(|operations| operations.contains(&grant.operation))
        })
    }
}
