//! Taking entries out of the index that stand for nothing any more.
//!
//! Lists only grow while objects change: what an object is listed under no longer stays listed, and a search leaves it
//! out. So every so often the list is looked through that has such an entry more, and loses those if they are the half
//! of it: the longer a list is, the more seldom, so that it costs each change the same.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use claviger_plugin_sdk::Result;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::database::{AT_ONCE, Database};
use crate::header;
use crate::index::{Entry, Keyword, STEP, Shrunk, keywords};
use crate::keys::{Mac, random};
use crate::sealed::Stamp;
use crate::transaction::Transaction;

/// Lists of this length are let alone.
const SHORT: usize = 64;
/// How many lists wait to be looked through; more are left to the next time.
const WAITING: usize = 256;
/// How often others may be quicker before a list is left to another time.
const TRIES: usize = 10;
/// How many steps follow each other at once. While one is made, every list has to be read again.
const STEPS: usize = 4;
/// How many times as long as reading the list took others have to read it after these; and the shortest and the longest
/// time for that.
const ROOM: u32 = 3;
const LEAST_ROOM: Duration = Duration::from_millis(10);
const MOST_ROOM: Duration = Duration::from_secs(2);

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
    for _ in 0..TRIES {
        if shrink_as_read(db, keyword, least).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// Reads a list once, and takes out of it what stands for nothing, step by step. False if somebody else has changed the
/// list, or one of the objects, or made any list shorter meanwhile; then some of it may be done.
async fn shrink_as_read(db: &Database, keyword: &Keyword, least: usize) -> Result<bool> {
    let mut index = db.index_state().await?;
    let begin = Instant::now();
    let mut list = db.lists.list(keyword).await?;
    let reading = begin.elapsed();
    let mut steps = 0_usize;
    let listed = list.entries()?;
    let stale = stale(db, keyword, &listed).await?;
    let words = list.length();
    let superfluous = words - (listed.len() - stale.len());
    if superfluous == 0 || superfluous < least || superfluous * 2 < words {
        return Ok(true);
    }
    // Without any there are repetitions.
    let portions = if stale.is_empty() { vec![stale.as_slice()] } else { stale.chunks(STEP).collect() };
    for portion in portions {
        let entries: HashSet<Entry> = portion.iter().map(|stale| stale.entry).collect();
        loop {
            let mut checks = Transaction::new();
            checks.check(db.layout.index(), index.clone());
            for stale in portion {
                checks.check(db.layout.object(&stale.entry.object), stale.object.clone());
                checks.check(db.layout.side(&stale.entry.object), stale.side.clone());
            }
            match db.lists.shrink(&mut list, &entries, checks).await? {
                Shrunk::Moved => return Ok(false),
                Shrunk::By(0) => break,
                Shrunk::By(removed) => {
                    // Every step counts the index on, so another state is the work of somebody else.
                    index = header::next_state(&index)?;
                    steps += 1;
                    if let Some(room) = room_after(steps, reading) {
                        tracing::trace!(steps, ?room, "others have time to read the list");
                        tokio::time::sleep(room).await;
                    }
                    if removed < STEP {
                        break;
                    }
                }
            }
        }
    }
    tracing::debug!(words, superfluous, "a list of the index is shorter now");
    Ok(true)
}

/// How long others are let read after so many steps on a list that takes so long to read.
fn room_after(steps: usize, reading: Duration) -> Option<Duration> {
    steps.is_multiple_of(STEPS).then(|| (reading * ROOM).clamp(LEAST_ROOM, MOST_ROOM))
}

/// An entry that stands for nothing, and what must still be so for it to be taken out.
struct Stale {
    entry: Entry,
    object: Stamp,
    side: Stamp,
}

async fn stale(db: &Database, keyword: &Keyword, listed: &HashSet<Entry>) -> Result<Vec<Stale>> {
    let mut stale = Vec::new();
    let listed: Vec<Entry> = listed.iter().copied().collect();
    for some in listed.chunks(AT_ONCE) {
        let names: Vec<Mac> = some.iter().map(|entry| entry.object).collect();
        for (entry, fetched) in some.iter().zip(db.fetch(&names).await?) {
            let has = fetched.whole.as_ref().is_some_and(|whole| {
                whole.object.place == entry.place && keywords(&whole.object, &whole.side).contains(keyword)
            });
            if !has {
                let (object, side) = (fetched.object_stamp, fetched.side_stamp);
                stale.push(Stale { entry: *entry, object, side });
            }
        }
    }
    Ok(stale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_few_steps_others_have_time_to_read_the_list_whatever_they_were_doing() {
        let reading = Duration::from_millis(100);
        let rooms: Vec<Duration> = (1..=100).filter_map(|steps| room_after(steps, reading)).collect();
        assert_eq!(rooms.len(), 25);
        // A read that a step has spoiled, and then a whole one.
        assert!(rooms.iter().all(|room| *room >= reading * 2));
        assert_eq!(room_after(4, Duration::from_secs(60)), Some(MOST_ROOM), "the list is finished some time");
        assert_eq!(room_after(5, reading), None);
    }
}
