//! The index: lists of objects, kept by Findex in Redis' memory.

mod entry;
mod keywords;
mod memory;
mod placed;
mod shrink;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use claviger_plugin_sdk::{Error, Result};
use cosmian_crypto_core::Secret;
use cosmian_findex::{Findex, IndexADT, MemoryEncryptionLayer};
use tokio::sync::{Mutex, MutexGuard};

pub(crate) use entry::Entry;
pub(crate) use keywords::{Keyword, Source, keywords, sources};
pub(crate) use shrink::STEP;

use crate::connection::Connection;
use crate::keys::IndexKeys;
use crate::layout::Layout;
use entry::{WORD, decode, encode};
use memory::RedisMemory;
use placed::Placed;

/// One generation of the index.
pub(crate) struct FindexLists {
    keys: IndexKeys,
    memory: RedisMemory,
    encrypted: MemoryEncryptionLayer<WORD, RedisMemory>,
    /// Writers of this process take turns at a list: Redis lets one of those win who write at once.
    turns: Vec<Mutex<()>>,
}

/// So many turns are kept apart.
const TURNS: usize = 64;
/// How often a list is read that shrinks meanwhile.
const READS: usize = 20;

impl FindexLists {
    /// The generation with these keys.
    pub(crate) fn new(connection: Connection, layout: Layout, generation: String, keys: IndexKeys) -> Self {
        let memory = RedisMemory { connection, layout, generation };
        let encrypted = MemoryEncryptionLayer::new(&secret(&keys), memory.clone());
        Self { keys, memory, encrypted, turns: (0..TURNS).map(|_| Mutex::default()).collect() }
    }

    /// The name of the generation.
    pub(crate) fn generation(&self) -> &str {
        &self.memory.generation
    }

    /// Adds entries to the list of a keyword; gives its length then. Entries that are there already are there twice,
    /// which means the same.
    ///
    /// # Errors
    /// Redis fails.
    pub(crate) async fn insert(
        &self,
        keyword: &Keyword,
        entries: impl IntoIterator<Item = Entry>,
    ) -> Result<usize> {
        let placed = self.placed(keyword);
        let entries: HashSet<Entry> = entries.into_iter().collect();
        let _turn = self.turn(keyword).await;
        let findex = Findex::new(placed.clone(), encode, decode);
        IndexADT::<(), Entry>::insert(&findex, (), entries).await.map_err(failed)?;
        let length = placed.seen().length;
        Ok(length)
    }

    /// How many words the list of a keyword has: a bound for its entries.
    ///
    /// # Errors
    /// Redis fails.
    pub(crate) async fn length(&self, keyword: &Keyword) -> Result<usize> {
        let placed = Placed::header_of(self.encrypted.clone(), &self.keys.list(&keyword.0));
        let findex = Findex::new(placed.clone(), encode, decode);
        let read = IndexADT::<(), Entry>::search(&findex, &()).await;
        let length = placed.seen().length;
        match read {
            // The second step fails by design.
            Err(_) if length > 0 => Ok(length),
            read => read.map(|_| 0).map_err(failed),
        }
    }

    /// The entries of a keyword. While the list shrinks, some may be missing: whoever reads it makes sure that the index
    /// has not been counted on meanwhile.
    ///
    /// # Errors
    /// Redis fails.
    pub(crate) async fn entries(&self, keyword: &Keyword) -> Result<HashSet<Entry>> {
        let mut reads = 0;
        loop {
            let findex = Findex::new(self.placed(keyword), encode, decode);
            match IndexADT::<(), Entry>::search(&findex, &()).await {
                // It has become shorter between header and words.
                Err(cosmian_findex::Error::MissingValue(..)) if reads < READS => reads += 1,
                read => return read.map_err(failed),
            }
        }
    }

    fn placed(&self, keyword: &Keyword) -> Placed<MemoryEncryptionLayer<WORD, RedisMemory>> {
        Placed::new(self.encrypted.clone(), &self.keys.list(&keyword.0))
    }

    async fn turn(&self, keyword: &Keyword) -> Option<MutexGuard<'_, ()>> {
        let mut hasher = DefaultHasher::new();
        keyword.hash(&mut hasher);
        let turn = usize::try_from(hasher.finish() % TURNS as u64).unwrap_or_default();
        match self.turns.get(turn) {
            Some(turn) => Some(turn.lock().await),
            None => None,
        }
    }
}

fn secret(keys: &IndexKeys) -> Secret<{ crate::keys::KEY }> {
    // The library zeroizes what it takes.
    Secret::from_unprotected_bytes(&mut keys.words.clone())
}

fn failed<A: std::fmt::Debug>(cause: cosmian_findex::Error<A>) -> Error {
    Error::server("the index of the storage failed").because(cause.to_string())
}
