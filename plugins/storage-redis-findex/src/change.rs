//! Writing a change set: read what it touches, plan it, list what is new in the index, and write all of it in one step.
//!
//! The index comes first, so that a crash leaves entries that stand for nothing, and never an object that is not found.
//! A list that shrinks between could lose such an entry; so the step is made only if the index has not been counted on
//! since it was read, which every shrinking does.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use claviger_plugin_sdk::store::{ApplyError, ChangeSet, Rewritten};
use claviger_plugin_sdk::{Error, Result};
use futures_util::future::try_join_all;
use redis::{Cmd, cmd};

use crate::connection::PATIENCE;
use crate::database::{Database, open_object};
use crate::document;
use crate::index::{Entry, Keyword};
use crate::keys::{Mac, random};
use crate::layout::{claimed_name, document_name};
use crate::plan::{State, plan};
use crate::sealed::{self, Kind, Stamp, damaged, stamp};
use crate::store::contended;

/// Writes a change set; gives the keywords that objects are listed under no longer.
///
/// # Errors
/// See [`ApplyError`].
pub(crate) async fn apply(
    db: &Database,
    change: &ChangeSet,
    now: i64,
) -> Result<BTreeSet<Keyword>, ApplyError> {
    let begin = Instant::now();
    let mut places = Vec::new();
    let mut listed = Listed::default();
    let mut attempts = 0;
    loop {
        let state = read(db, change, &mut places).await?;
        let plan = plan(db, &state, change, now)?;
        listed.add(db, &state.index, &plan.additions).await?;
        if plan.transaction.writes_nothing() || plan.transaction.run(&db.connection, &db.layout).await? {
            return Ok(plan.removals);
        }
        attempts += 1;
        if begin.elapsed() > PATIENCE {
            return Err(contended().into());
        }
        tokio::time::sleep(pause(attempts)?).await;
    }
}

/// What this change has added to the index already, in an index that has not been counted on since.
#[derive(Default)]
struct Listed {
    state: Stamp,
    entries: BTreeMap<Keyword, BTreeSet<Entry>>,
}

impl Listed {
    async fn add(
        &mut self,
        db: &Database,
        state: &Stamp,
        additions: &BTreeMap<Keyword, BTreeSet<Entry>>,
    ) -> Result<()> {
        if self.state != *state {
            *self = Self { state: state.clone(), entries: BTreeMap::new() };
        }
        let missing = additions.iter().filter_map(|(keyword, entries)| {
            let listed = self.entries.get(keyword);
            let missing: BTreeSet<Entry> = entries
                .iter()
                .filter(|entry| listed.is_none_or(|listed| !listed.contains(entry)))
                .copied()
                .collect();
            (!missing.is_empty()).then_some((keyword, missing))
        });
        let missing: Vec<(&Keyword, BTreeSet<Entry>)> = missing.collect();
        try_join_all(
            missing.iter().map(|(keyword, entries)| db.lists.insert(keyword, entries.iter().copied())),
        )
        .await?;
        for (keyword, entries) in missing {
            self.entries.entry(keyword.clone()).or_default().extend(entries);
        }
        Ok(())
    }
}

/// Up to a few milliseconds, and more the oftener others were quicker.
fn pause(attempts: u64) -> Result<Duration> {
    let jitter = u64::from(u16::from_be_bytes(random()?));
    Ok(Duration::from_micros(jitter * attempts.min(16) / 8))
}

/// Reads everything that a change set touches, in one step, and has places given out for its new objects.
async fn read(db: &Database, change: &ChangeSet, places: &mut Vec<i64>) -> Result<State> {
    let touched = Touched::of(db, change);
    let mut values = touched.read(db).await?.into_iter();
    let index = db.checked_state(values.next().flatten())?;
    let mut objects = BTreeMap::new();
    for name in &touched.objects {
        let (object, side) = (values.next().flatten(), values.next().flatten());
        objects.insert(*name, open_object(&db.keys, name, object, side)?);
    }
    let mut names = BTreeMap::new();
    for name in &touched.names {
        let value = values.next().flatten();
        let stamp = stamp(value.as_ref());
        let holder = value.map(|value| sealed::open(&db.keys, Kind::Name, name, value)).transpose()?;
        let holder = holder.map(|holder| Mac::read(&holder).map_err(|_| damaged())).transpose()?;
        names.insert(*name, (stamp, holder));
    }
    let mut documents = BTreeMap::new();
    for name in &touched.documents {
        let value = values.next().flatten();
        let stamp = stamp(value.as_ref());
        let document = value.map(|value| sealed::open(&db.keys, Kind::Document, name, value)).transpose()?;
        let document = document.map(|plain| document::decode(&plain)).transpose()?;
        documents.insert(*name, (stamp, document.map(|named| named.document)));
    }
    let new = change.puts.iter().filter(|put| put.expected.is_none()).count();
    if places.len() < new {
        *places = take_places(db, new).await?;
    }
    Ok(State { index, objects, names, documents, places: places.clone() })
}

/// Has so many places given out, behind all others.
async fn take_places(db: &Database, count: usize) -> Result<Vec<i64>> {
    let last: i64 = db.connection.query(cmd("INCRBY").arg(db.layout.last_place()).arg(count)).await?;
    let count = i64::try_from(count).map_err(|_| Error::storage("a change has too many objects"))?;
    Ok((last - count + 1..=last).collect())
}

/// The names of everything that a change set touches.
struct Touched {
    objects: BTreeSet<Mac>,
    names: BTreeSet<Mac>,
    documents: BTreeSet<Mac>,
}

impl Touched {
    fn of(db: &Database, change: &ChangeSet) -> Self {
        let revised = change.unchanged.iter().chain(&change.purges).map(|(id, _)| id);
        let objects = revised
            .chain(change.puts.iter().map(|put| &put.id))
            .chain(change.claims.iter().map(|claim| &claim.object))
            .chain(change.grants.iter().chain(&change.revocations).map(|grant| &grant.object))
            .chain(change.consumptions.iter().map(|(id, _)| id))
            .chain(change.rewrites.iter().filter_map(|rewrite| match &rewrite.of {
                Rewritten::Record(id) => Some(id),
                Rewritten::Document { .. } => None,
            }));
        let names = change
            .claims
            .iter()
            .flat_map(|claim| claim.names.iter().map(|name| claimed_name(&db.keys, &claim.owner, name)));
        let rewritten = change.rewrites.iter().filter_map(|rewrite| match &rewrite.of {
            Rewritten::Document { kind, id } => Some((kind, id)),
            Rewritten::Record(_) => None,
        });
        let documents = change.documents.iter().map(|put| (&put.kind, &put.id)).chain(rewritten);
        let documents = documents.map(|(kind, id)| document_name(&db.keys, kind, id));
        Self {
            objects: objects.map(|id| db.object_name(id)).collect(),
            names: names.collect(),
            documents: documents.collect(),
        }
    }

    /// One value for the state of the index, two for each object, one for each name and document.
    async fn read(&self, db: &Database) -> Result<Vec<Option<Vec<u8>>>> {
        let mut read: Cmd = cmd("MGET");
        read.arg(db.layout.index());
        self.objects.iter().for_each(|name| {
            read.arg(db.layout.object(name)).arg(db.layout.side(name));
        });
        self.names.iter().for_each(|name| {
            read.arg(db.layout.name(name));
        });
        self.documents.iter().for_each(|name| {
            read.arg(db.layout.document(name));
        });
        db.connection.query(&read).await
    }
}
