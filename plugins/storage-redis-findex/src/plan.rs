//! What a change set means on what is there: comparisons and writes, or why it is refused.
//!
//! Pure: what is there was read before, and the writes fail if it has moved meanwhile.

mod documents;
mod objects;

use std::collections::{BTreeMap, BTreeSet};

use claviger_plugin_sdk::store::{ApplyError, ChangeSet, Document, Rewrite, Rewritten};

use crate::database::{Database, Fetched};
use crate::index::{Entry, Keyword};
use crate::keys::Mac;
use crate::sealed::Stamp;
use crate::transaction::Transaction;
use documents::Documents;
use objects::Objects;

/// Everything that a change set touches, as it was read in one step.
pub(crate) struct State {
    /// The state of the index.
    pub(crate) index: Stamp,
    pub(crate) objects: BTreeMap<Mac, Fetched>,
    /// Who has which name.
    pub(crate) names: BTreeMap<Mac, (Stamp, Option<Mac>)>,
    pub(crate) documents: BTreeMap<Mac, (Stamp, Option<Document>)>,
    /// Places for new objects; none if there can be none.
    pub(crate) places: Vec<i64>,
}

/// What is to be done.
pub(crate) struct Plan {
    pub(crate) transaction: Transaction,
    /// What has to be in the index before.
    pub(crate) additions: BTreeMap<Keyword, BTreeSet<Entry>>,
    /// Lists that have an entry afterwards that stands for nothing.
    pub(crate) removals: BTreeSet<Keyword>,
}

/// Plans a change set.
///
/// # Errors
/// See [`ApplyError`]; the parts take effect in the order that [`ChangeSet`] documents.
pub(crate) fn plan(db: &Database, state: &State, change: &ChangeSet, now: i64) -> Result<Plan, ApplyError> {
    let mut objects = Objects::of(db, state);
    for (id, revision) in &change.unchanged {
        objects.expect(id, *revision)?;
    }
    for (id, revision) in &change.purges {
        objects.expect(id, *revision)?;
        objects.purge(id);
    }
    for put in &change.puts {
        objects.put(put, change.first_revision(&put.id))?;
    }
    objects.claim(&change.claims)?;
    for grant in &change.grants {
        objects.grant(grant)?;
    }
    for grant in &change.revocations {
        objects.revoke(grant);
    }
    for (id, uses) in &change.consumptions {
        objects.consume(id, *uses)?;
    }
    let mut documents = Documents::of(db, state, now);
    for put in &change.documents {
        documents.put(put)?;
    }
    for Rewrite { of, from, to } in &change.rewrites {
        match of {
            Rewritten::Record(id) => objects.rewrite(id, from, to)?,
            Rewritten::Document { kind, id } => documents.rewrite(kind, id, from, to)?,
        }
    }
    let mut plan =
        Plan { transaction: Transaction::new(), additions: BTreeMap::new(), removals: BTreeSet::new() };
    objects.write(&mut plan)?;
    documents.write(&mut plan)?;
    if !plan.additions.is_empty() {
        plan.transaction.check(db.layout.index(), state.index.clone());
    }
    Ok(plan)
}
