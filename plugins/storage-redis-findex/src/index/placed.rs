//! Where the list of a keyword lies.
//!
//! Findex finds the place of a list with the hasher of Rust's standard library, which promises nothing about the next
//! release and is no keyed hash. So each list is a Findex of its own with one keyword, `()`, and this layer moves its
//! addresses to where the keyed hash of the true keyword says. It also sees what Findex reads: how long a list is, and
//! the words that it has.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use claviger_plugin_sdk::Error;
use cosmian_findex::{Findex, IndexADT};
use cosmian_sse_memories::MemoryADT;
use futures_util::FutureExt as _;

use super::entry::{Entry, Word, decode, encode};
use super::memory::{Address, MemoryError};
use crate::keys::Mac;
use crate::sealed::damaged;

/// A memory whose only list begins at a place.
#[derive(Clone)]
pub(super) struct Placed<M> {
    inner: M,
    begin: u128,
    seen: Arc<Mutex<Seen>>,
    headers_only: bool,
}

/// More words than any list has.
const MANY_WORDS: u64 = 1 << 32;

/// What was read of a list.
#[derive(Default)]
pub(super) struct Seen {
    /// The word in front of the list.
    pub(super) header: Option<Word>,
    /// How many words the list has, as its header said.
    pub(super) length: usize,
    /// The words of the list.
    pub(super) words: Vec<Word>,
    /// Why the memory failed, of which Findex passes on the text alone.
    failure: Option<Error>,
}

impl<M> Placed<M> {
    /// A list that begins here.
    pub(super) fn new(inner: M, begin: &Mac) -> Self {
        Self { inner, begin: u128::from_le_bytes(begin.0), seen: Arc::default(), headers_only: false }
    }

    /// The same, of which the header alone is read: reading on fails.
    pub(super) fn header_of(inner: M, begin: &Mac) -> Self {
        Self { headers_only: true, ..Self::new(inner, begin) }
    }

    /// What was read.
    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What Findex' failure means.
    pub(super) fn failed<A: std::fmt::Debug>(&self, cause: cosmian_findex::Error<A>) -> Error {
        let failure = self.seen().failure.take();
        failure
            .unwrap_or_else(|| Error::storage("the index of the storage failed").because(cause.to_string()))
    }

    /// Keeps why the memory failed.
    fn note(&self, failure: MemoryError) -> MemoryError {
        self.seen().failure = Some(failure.0);
        MemoryError(damaged())
    }

    /// Refuses a header that Findex did not write. Words are encrypted and not authenticated, so one that was altered is
    /// random bytes, which Findex would take for a length and make room for.
    fn check_header(&self, header: &Word) -> Result<(), MemoryError> {
        let is_header = header.split_first_chunk().is_some_and(|(length, rest)| {
            u64::from_be_bytes(*length) <= MANY_WORDS && rest.iter().all(|byte| *byte == 0)
        });
        if is_header { Ok(()) } else { Err(self.note(MemoryError(damaged()))) }
    }

    /// The address of a word by its number; 0 is the header.
    pub(super) fn address(&self, number: usize) -> Address {
        Address::from(self.begin.wrapping_add(number as u128).to_le_bytes())
    }

    /// The number of a word, by the address that Findex gives it.
    fn number(address: &Address) -> usize {
        let number = u128::from_le_bytes(**address).wrapping_sub(*ORIGIN);
        usize::try_from(number).unwrap_or(usize::MAX)
    }

    fn moved(&self, address: &Address) -> Address {
        self.address(Self::number(address))
    }
}

impl<M> MemoryADT for Placed<M>
where
    M: MemoryADT<Address = Address, Word = Word, Error = MemoryError> + Sync,
{
    type Address = Address;
    type Word = Word;
    type Error = MemoryError;

    async fn batch_read(&self, addresses: Vec<Address>) -> Result<Vec<Option<Word>>, MemoryError> {
        let is_header = matches!(addresses.as_slice(), [only] if Self::number(only) == 0);
        if !is_header {
            self.seen().length = addresses.len();
            if self.headers_only {
                return Err(MemoryError(damaged()));
            }
        }
        let addresses = addresses.iter().map(|address| self.moved(address)).collect();
        let words = self.inner.batch_read(addresses).await.map_err(|failure| self.note(failure))?;
        if is_header {
            words.iter().flatten().try_for_each(|header| self.check_header(header))?;
        }
        let mut seen = self.seen();
        match (is_header, words.as_slice()) {
            (true, [header]) => seen.header = *header,
            (true, _) => {}
            (false, words) => seen.words = words.iter().flatten().copied().collect(),
        }
        drop(seen);
        Ok(words)
    }

    async fn guarded_write(
        &self,
        (guard, expected): (Address, Option<Word>),
        bindings: Vec<(Address, Word)>,
    ) -> Result<Option<Word>, MemoryError> {
        let bindings = bindings.into_iter().map(|(address, word)| (self.moved(&address), word)).collect();
        let written = self.inner.guarded_write((self.moved(&guard), expected), bindings).await;
        let found = written.map_err(|failure| self.note(failure))?;
        found.iter().try_for_each(|header| self.check_header(header))?;
        Ok(found)
    }
}

/// The header of a list of so many words, as Findex writes it.
pub(super) fn header_of_length(length: usize) -> Option<Word> {
    let probe = Probe::default();
    let findex = Findex::new(probe.clone(), encode, decode);
    let entry = |place| Entry { place, object: Mac([0; 16]) };
    let entries = (0..i64::try_from(length).ok()?).map(entry);
    IndexADT::<(), Entry>::insert(&findex, (), entries).now_or_never()?.ok()?;
    let asked = probe.asked.lock().unwrap_or_else(PoisonError::into_inner);
    asked.header
}

/// Where Findex begins the list of the only keyword.
static ORIGIN: LazyLock<u128> = LazyLock::new(|| {
    let probe = Probe::default();
    let findex = Findex::new(probe.clone(), encode, decode);
    let _ = IndexADT::<(), Entry>::search(&findex, &()).now_or_never();
    let asked = probe.asked.lock().unwrap_or_else(PoisonError::into_inner);
    asked.first.as_ref().map(|address| u128::from_le_bytes(**address)).unwrap_or_default()
});

/// An empty memory that notes what Findex asks for.
#[derive(Clone, Default)]
struct Probe {
    asked: Arc<Mutex<Asked>>,
}

#[derive(Default)]
struct Asked {
    /// The first address of all.
    first: Option<Address>,
    /// What was written at the guard.
    header: Option<Word>,
}

impl MemoryADT for Probe {
    type Address = Address;
    type Word = Word;
    type Error = MemoryError;

    async fn batch_read(&self, addresses: Vec<Address>) -> Result<Vec<Option<Word>>, MemoryError> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.first = asked.first.or(addresses.first().copied());
        Ok(vec![None; addresses.len()])
    }

    async fn guarded_write(
        &self,
        (guard, _): (Address, Option<Word>),
        bindings: Vec<(Address, Word)>,
    ) -> Result<Option<Word>, MemoryError> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.header = bindings.iter().find(|(address, _)| *address == guard).map(|(_, word)| *word);
        Ok(None)
    }
}
