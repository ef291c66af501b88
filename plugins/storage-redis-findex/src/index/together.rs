//! Entries that wait for the same list are written together.
//!
//! Redis lets one of those win who write to a list at once, and each has to wait for the disk. So writers of this process
//! take turns at a list, and whoever has the turn writes for all who wait.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use claviger_plugin_sdk::Result;

use super::entry::Entry;
use super::keywords::Keyword;

/// So many turns are kept apart.
const TURNS: usize = 64;

/// Writers that wait for their turn, and what they want to write.
pub(super) struct Together {
    turns: Vec<tokio::sync::Mutex<()>>,
    waiting: Mutex<HashMap<Keyword, Waiting>>,
}

/// What is to be written to one list in the next turn.
#[derive(Default)]
struct Waiting {
    entries: HashSet<Entry>,
    /// Whether it was.
    written: Arc<AtomicBool>,
}

impl Together {
    pub(super) fn new() -> Self {
        Self { turns: (0..TURNS).map(|_| tokio::sync::Mutex::default()).collect(), waiting: Mutex::default() }
    }

    /// Has entries written to a list, by this or by who writes for all.
    ///
    /// # Errors
    /// As those of `write`.
    pub(super) async fn write<F: Future<Output = Result<()>>>(
        &self,
        keyword: &Keyword,
        entries: HashSet<Entry>,
        write: impl FnOnce(HashSet<Entry>) -> F,
    ) -> Result<()> {
        let written = self.wait(keyword, &entries);
        let _turn = self.turn(keyword).await;
        if written.load(Ordering::Acquire) {
            return Ok(());
        }
        match self.take(keyword, &written) {
            Some(all) => {
                write(all).await?;
                written.store(true, Ordering::Release);
                Ok(())
            }
            // Whoever took them failed, or was stopped: now everybody writes for himself.
            None => write(entries).await,
        }
    }

    fn wait(&self, keyword: &Keyword, entries: &HashSet<Entry>) -> Arc<AtomicBool> {
        let mut waiting = self.waiting();
        let list = waiting.entry(keyword.clone()).or_default();
        list.entries.extend(entries);
        list.written.clone()
    }

    /// What waits together with this.
    fn take(&self, keyword: &Keyword, with: &Arc<AtomicBool>) -> Option<HashSet<Entry>> {
        let mut waiting = self.waiting();
        waiting.get(keyword).filter(|list| Arc::ptr_eq(&list.written, with))?;
        waiting.remove(keyword).map(|list| list.entries)
    }

    async fn turn(&self, keyword: &Keyword) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let mut hasher = DefaultHasher::new();
        keyword.hash(&mut hasher);
        let turn = usize::try_from(hasher.finish() % TURNS as u64).unwrap_or_default();
        match self.turns.get(turn) {
            Some(turn) => Some(turn.lock().await),
            None => None,
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<Keyword, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::Error;
    use futures_util::future::join_all;

    use super::*;
    use crate::keys::Mac;

    fn entry(place: i64) -> Entry {
        Entry { place, object: Mac([0; 16]) }
    }

    /// What each of twenty writers got, and what was written in each turn.
    async fn twenty_at_once(fails: impl Fn(usize) -> bool) -> (Vec<bool>, Vec<HashSet<Entry>>) {
        let (together, keyword) = (Together::new(), Keyword(b"list".to_vec()));
        let turns = Mutex::new(Vec::new());
        let writers = (0..20).map(|number| {
            together.write(&keyword, [entry(number)].into(), |entries| {
                let mut turns = turns.lock().unwrap();
                turns.push(entries);
                let failed = fails(turns.len());
                async move {
                    tokio::task::yield_now().await;
                    if failed { Err(Error::storage("failed")) } else { Ok(()) }
                }
            })
        });
        let results = join_all(writers).await.iter().map(Result::is_ok).collect();
        (results, turns.into_inner().unwrap())
    }

    #[tokio::test]
    async fn whoever_has_the_turn_writes_for_all_who_wait() {
        let (results, turns) = twenty_at_once(|_| false).await;
        assert!(results.into_iter().all(|written| written));
        assert!(turns.len() <= 2, "{} turns", turns.len());
        assert_eq!(turns.concat_all(), (0..20).map(entry).collect());
    }

    #[tokio::test]
    async fn when_the_writer_for_all_fails_each_writes_for_himself() {
        // The first writes alone, since nobody waits yet.
        let (results, turns) = twenty_at_once(|turn| turn == 2).await;
        assert_eq!(results.iter().filter(|written| !**written).count(), 1);
        assert_eq!(turns[1].len(), 19);
        assert!(turns[2..].iter().all(|turn| turn.len() == 1));
        assert_eq!(turns[2..].to_vec().concat_all().len(), 18);
    }

    trait Concat {
        fn concat_all(&self) -> HashSet<Entry>;
    }

    impl Concat for Vec<HashSet<Entry>> {
        fn concat_all(&self) -> HashSet<Entry> {
            self.iter().flatten().copied().collect()
        }
    }
}
