//! Taking entries out of the index that stand for nothing any more.
//!
//! Lists only grow while objects change: what an object is listed under no longer stays listed, and a search leaves it
//! out. So every so often the list is looked through that has such an entry more, and loses those if they are the half
//! of it: the longer a list is, the more seldom, so that it costs each change the same.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use claviger_plugin_sdk::Result;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::database::{AT_ONCE, Database};
use crate::index::{Entry, Keyword, keywords};
use crate::keys::{Mac, random};
use crate::sealed::Stamp;
use crate::transaction::Transaction;

/// Lists of this length are let alone.
const SHORT: usize = 64;
/// How many lists wait to be looked through; more are left to the next time.
const WAITING: usize = 256;
/// How often one list is shrunk in a row, and how often others may be quicker.
const STEPS: usize = 1000;
const LOST_STEPS: usize = 10;

/// Looks through lists while others read and write them.
pub(crate) struct CleanUp {
    lists: Sender<Keyword>,
}

impl CleanUp {
    /// Begins to wait for lists; ends when this is dropped.
    pub(crate) fn start(db: Arc<Database>) -> Self {
        let (lists, waiting) = channel(WAITING);
        tokio::spawn(run(db, waiting));
        Self { lists }
    }

    /// These lists have an entry more each that stands for nothing.
    pub(crate) fn consider(&self, stale: BTreeSet<Keyword>) {
        for keyword in stale {
            if one_in(SHORT) {
                // If too many wait, it is left to another time.
                let _ = self.lists.try_send(keyword);
            }
        }
    }
}

async fn run(db: Arc<Database>, mut waiting: Receiver<Keyword>) {
    while let Some(keyword) = waiting.recv().await {
        if let Err(error) = consider(&db, &keyword).await {
            tracing::warn!(%error, "a list of the index could not be looked through; that is done another time");
        }
    }
}

async fn consider(db: &Database, keyword: &Keyword) -> Result<()> {
    let length = db.lists.length(keyword).await?;
    // With the chance of having come here, one in half the length.
    if length >= SHORT && one_in((length / 2).div_ceil(SHORT)) {
        shrink(db, keyword, SHORT / 2).await?;
    }
    Ok(())
}

fn one_in(chance: usize) -> bool {
    let drawn = random().map(u64::from_be_bytes).unwrap_or_default();
    drawn % (chance.max(1) as u64) == 0
}

/// Takes everything out of a list that stands for nothing, if that is the half of it and at least so many words.
///
/// # Errors
/// Redis fails.
pub(crate) async fn shrink(db: &Database, keyword: &Keyword, least: usize) -> Result<()> {
    let mut lost = 0;
    for _ in 0..STEPS {
        let index = db.index_state().await?;
        let list = db.lists.list(keyword).await?;
        let Stale { entries, checks, all } = stale(db, keyword, &list.entries()?, index).await?;
        let superfluous = list.length() - (list.entries()?.len() - all);
        if superfluous == 0 || superfluous < least || superfluous * 2 < list.length() {
            return Ok(());
        }
        let words = list.length();
        if db.lists.shrink(&list, &entries, checks).await? {
            tracing::debug!(words, superfluous, "a list of the index is shorter now");
        } else {
            lost += 1;
            if lost > LOST_STEPS {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Entries that stand for nothing.
struct Stale {
    /// Those that are taken out now.
    entries: HashSet<Entry>,
    /// What must still be so for it: the index, and the objects that have not what they are listed for.
    checks: Transaction,
    /// How many there are in all.
    all: usize,
}

async fn stale(db: &Database, keyword: &Keyword, listed: &HashSet<Entry>, index: Stamp) -> Result<Stale> {
    let mut checks = Transaction::new();
    checks.check(db.layout.index(), index);
    let mut stale = Stale { entries: HashSet::new(), checks, all: 0 };
    let listed: Vec<Entry> = listed.iter().copied().collect();
    for some in listed.chunks(AT_ONCE) {
        let names: Vec<Mac> = some.iter().map(|entry| entry.object).collect();
        for (entry, fetched) in some.iter().zip(db.fetch(&names).await?) {
            let has = fetched.whole.as_ref().is_some_and(|whole| {
                whole.object.place == entry.place && keywords(&whole.object, &whole.side).contains(keyword)
            });
            if has {
                continue;
            }
            stale.all += 1;
            if stale.entries.len() < crate::index::STEP {
                stale.entries.insert(*entry);
                stale.checks.check(db.layout.object(&entry.object), fetched.object_stamp);
                stale.checks.check(db.layout.side(&entry.object), fetched.side_stamp);
            }
        }
    }
    Ok(stale)
}
