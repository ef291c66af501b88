//! The index: lists of objects, kept by Findex in Redis' memory.

mod entry;
mod keywords;
mod memory;
mod placed;
mod shrink;
mod together;

use std::collections::HashSet;

use claviger_plugin_sdk::Result;
use cosmian_crypto_core::Secret;
use cosmian_findex::{Findex, IndexADT, MemoryEncryptionLayer};

pub(crate) use entry::Entry;
pub(crate) use keywords::{Keyword, Source, keywords, sources};
pub(crate) use shrink::{STEP, Shrunk};

use crate::connection::Connection;
use crate::keys::IndexKeys;
use crate::layout::Layout;
use entry::{WORD, decode, encode};
use memory::RedisMemory;
use placed::Placed;
use together::Together;

/// One generation of the index.
pub(crate) struct FindexLists {
    keys: IndexKeys,
    memory: RedisMemory,
    encrypted: MemoryEncryptionLayer<WORD, RedisMemory>,
    together: Together,
}

/// How often a list is read that shrinks meanwhile.
const READS: usize = 20;

impl FindexLists {
    /// The generation with these keys.
    pub(crate) fn new(connection: Connection, layout: Layout, generation: String, keys: IndexKeys) -> Self {
        let memory = RedisMemory { connection, layout, generation };
        let encrypted = MemoryEncryptionLayer::new(&secret(&keys), memory.clone());
        Self { keys, memory, encrypted, together: Together::new() }
    }

    /// The name of the generation.
    pub(crate) fn generation(&self) -> &str {
        &self.memory.generation
    }

    /// Adds entries to the list of a keyword. Entries that are there already are there twice, which means the same.
    ///
    /// # Errors
    /// Redis fails.
    pub(crate) async fn insert(
        &self,
        keyword: &Keyword,
        entries: impl IntoIterator<Item = Entry>,
    ) -> Result<()> {
        let write = |entries| async move {
            let placed = self.placed(keyword);
            let findex = Findex::new(placed.clone(), encode, decode);
            let inserted = IndexADT::<(), Entry>::insert(&findex, (), entries).await;
            inserted.map_err(|cause| placed.failed(cause))
        };
        self.together.write(keyword, entries.into_iter().collect(), write).await
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
            read => read.map(|_| 0).map_err(|cause| placed.failed(cause)),
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
            let placed = self.placed(keyword);
            let findex = Findex::new(placed.clone(), encode, decode);
            match IndexADT::<(), Entry>::search(&findex, &()).await {
                // It has become shorter between header and words.
                Err(cosmian_findex::Error::MissingValue(..)) if reads < READS => reads += 1,
                read => return read.map_err(|cause| placed.failed(cause)),
            }
        }
    }

    fn placed(&self, keyword: &Keyword) -> Placed<MemoryEncryptionLayer<WORD, RedisMemory>> {
        Placed::new(self.encrypted.clone(), &self.keys.list(&keyword.0))
    }
}

fn secret(keys: &IndexKeys) -> Secret<{ crate::keys::KEY }> {
    // The library zeroizes what it takes.
    Secret::from_unprotected_bytes(&mut keys.words.clone())
}
