//! Taking entries out of a list.
//!
//! Entries move from the end of the list to where others are taken out, and the list becomes shorter: one step of a
//! bounded size, made by the same script as every other write. It is made only if the list is as it was read, and if
//! the objects whose entries go are.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use claviger_plugin_sdk::Result;
use cosmian_findex::{Findex, IndexADT, MemoryEncryptionLayer};
use cosmian_sse_memories::MemoryADT;

use super::entry::{Entry, Word, decode, encode};
use super::memory::{Address, MemoryError, RedisMemory};
use super::placed::header_of_length;
use super::{FindexLists, Keyword, READS, secret};
use crate::sealed::damaged;
use crate::transaction::Transaction;

/// How many words one step takes out at most.
pub(crate) const STEP: usize = 1024;

/// A list as it was read.
pub(crate) struct List {
    keyword: Keyword,
    header: Option<Word>,
    words: Vec<Word>,
}

impl List {
    /// How many words it has.
    pub(crate) fn length(&self) -> usize {
        self.words.len()
    }

    /// Its entries, each once.
    ///
    /// # Errors
    /// The list is damaged.
    pub(crate) fn entries(&self) -> Result<HashSet<Entry>> {
        decode(self.words.clone()).map_err(|_| damaged())
    }
}

impl FindexLists {
    /// Reads a list to shrink it.
    ///
    /// # Errors
    /// Redis fails.
    pub(crate) async fn list(&self, keyword: &Keyword) -> Result<List> {
        let mut reads = 0;
        loop {
            let placed = self.placed(keyword);
            let findex = Findex::new(placed.clone(), encode, decode);
            match IndexADT::<(), Entry>::search(&findex, &()).await {
                Err(cosmian_findex::Error::MissingValue(..)) if reads < READS => reads += 1,
                read => {
                    read.map_err(|cause| placed.failed(cause))?;
                    let mut seen = placed.seen();
                    let words = std::mem::take(&mut seen.words);
                    return Ok(List { keyword: keyword.clone(), header: seen.header, words });
                }
            }
        }
    }

    /// Takes entries out of a list, with all their repetitions and those of others, at most [`STEP`] words. `checks` has
    /// the comparisons that must hold for it. The list is then as it has become.
    ///
    /// # Errors
    /// Redis fails.
    pub(crate) async fn shrink(
        &self,
        list: &mut List,
        stale: &HashSet<Entry>,
        checks: Transaction,
    ) -> Result<Shrunk> {
        let Some(header) = list.header else { return Ok(Shrunk::By(0)) };
        let step = Step::of(list, stale)?;
        if step.removed == 0 {
            return Ok(Shrunk::By(0));
        }
        let placed = self.placed(&list.keyword);
        let length = list.words.len() - step.removed;
        let next = header_of_length(length).ok_or_else(damaged)?;
        let mut bindings: Vec<(Address, Word)> =
            step.moved.iter().map(|(number, word)| (placed.address(*number), *word)).collect();
        if length > 0 {
            bindings.push((placed.address(0), next));
        }
        let kept = bindings.len();
        let gone = (length + 1..=list.words.len()).chain((length == 0).then_some(0));
        bindings.extend(gone.map(|number| (placed.address(number), header)));
        let memory = Shrinking { inner: self.memory.clone(), kept, transaction: Mutex::new(Some(checks)) };
        let layer = MemoryEncryptionLayer::new(&secret(&self.keys), memory);
        let guard = placed.address(0);
        let found = layer.guarded_write((guard, Some(header)), bindings).await.map_err(|error| error.0)?;
        if found.is_none() {
            return Ok(Shrunk::Moved);
        }
        list.words.truncate(length);
        for (number, word) in step.moved {
            if let Some(hole) = list.words.get_mut(number - 1) {
                *hole = word;
            }
        }
        list.header = (length > 0).then_some(next);
        Ok(Shrunk::By(step.removed))
    }
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shrunk {
    /// So many words are gone; fewer than [`STEP`] if none is left to take out.
    By(usize),
    /// Something is not as it was read any more, so nothing was done.
    Moved,
}

/// What one step does.
struct Step {
    /// How many words go.
    removed: usize,
    /// Words that get a new number; the first of the list has 1.
    moved: Vec<(usize, Word)>,
}

impl Step {
    fn of(list: &List, stale: &HashSet<Entry>) -> Result<Self> {
        let (mut kept, mut seen, mut removed) = (Vec::with_capacity(list.words.len()), HashSet::new(), 0);
        for word in &list.words {
            let entry = Entry::from_word(word).map_err(|_| damaged())?;
            let goes = removed < STEP && (stale.contains(&entry) || !seen.insert(entry));
            removed += usize::from(goes);
            kept.push(!goes);
        }
        let length = list.words.len() - removed;
        // Words behind the new end fill the holes before it.
        let numbered = || list.words.iter().zip(&kept).zip(1..);
        let mut behind = numbered().filter(|((_, kept), number)| **kept && *number > length);
        let holes = numbered().filter(|((_, kept), number)| !**kept && *number <= length);
        let moved = holes.filter_map(|(_, hole)| behind.next().map(|((word, _), _)| (hole, *word))).collect();
        Ok(Self { removed, moved })
    }
}

/// The memory under the encryption, for one step: writes some words, removes others.
struct Shrinking {
    inner: RedisMemory,
    /// So many of the words are written, the others removed.
    kept: usize,
    transaction: Mutex<Option<Transaction>>,
}

impl MemoryADT for Shrinking {
    type Address = Address;
    type Word = Word;
    type Error = MemoryError;

    async fn batch_read(&self, addresses: Vec<Address>) -> Result<Vec<Option<Word>>, MemoryError> {
        self.inner.batch_read(addresses).await
    }

    async fn guarded_write(
        &self,
        (guard, expected): (Address, Option<Word>),
        bindings: Vec<(Address, Word)>,
    ) -> Result<Option<Word>, MemoryError> {
        let prepared = self.transaction.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut transaction = prepared.ok_or_else(|| MemoryError(damaged()))?;
        transaction.check(self.inner.key(&guard), expected.map(Vec::from).unwrap_or_default());
        for (number, (address, word)) in bindings.iter().enumerate() {
            let key = self.inner.key(address);
            if number < self.kept { transaction.set(key, word.to_vec()) } else { transaction.delete(key) }
        }
        transaction.count_on(self.inner.layout.index());
        let made = transaction.run(&self.inner.connection, &self.inner.layout).await?;
        Ok(if made { expected } else { None })
    }
}
