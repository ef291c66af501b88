//! What a list of the index has for an object: one word, with its place and what stands for its identifier.
//!
//! Every word stands for itself, so that a list means the same in any order of its words, and one of them can be moved
//! while others read it.

use std::collections::HashSet;
use std::fmt;

use cosmian_findex::Op;

use crate::keys::Mac;

/// Bytes of a word.
pub(crate) const WORD: usize = 32;
/// A word of the index.
pub(crate) type Word = [u8; WORD];

/// An object in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Entry {
    /// Its place in the order of all objects. No object ever gets the place of another, so an entry whose object was
    /// purged stands for nothing from then on.
    pub(crate) place: i64,
    /// What stands for its identifier.
    pub(crate) object: Mac,
}

/// The form of a word: an entry.
const ENTRY: u8 = 1;

impl Entry {
    /// The word that stands for it.
    pub(crate) fn to_word(self) -> Word {
        let mut word = [0; WORD];
        let place = self.place.to_be_bytes();
        let bytes = [ENTRY].into_iter().chain([0; 7]).chain(place).chain(self.object.0);
        word.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        word
    }

    /// Reads a word.
    ///
    /// # Errors
    /// It is something else.
    pub(crate) fn from_word(word: &Word) -> Result<Self, NoEntry> {
        let (form, rest) = word.split_at(8);
        let (place, object) = rest.split_at(8);
        match (form, place.try_into(), object.try_into()) {
            ([ENTRY, 0, 0, 0, 0, 0, 0, 0], Ok(place), Ok(object)) => {
                Ok(Self { place: i64::from_be_bytes(place), object: Mac(object) })
            }
            _ => Err(NoEntry),
        }
    }
}

/// That a word is none, or that one was asked for that lists have not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoEntry;

impl fmt::Display for NoEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word of the index is no entry")
    }
}

/// The words that Findex adds to a list. Lists shrink otherwise: see `clean_up`.
pub(super) fn encode(operation: Op, entries: HashSet<Entry>) -> Result<Vec<Word>, NoEntry> {
    match operation {
        Op::Insert => Ok(entries.into_iter().map(Entry::to_word).collect()),
        Op::Delete => Err(NoEntry),
    }
}

/// The entries of a list that Findex has read.
pub(super) fn decode(words: Vec<Word>) -> Result<HashSet<Entry>, NoEntry> {
    words.iter().map(Entry::from_word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_from_its_word() {
        let entry = Entry { place: 0x0102_0304_0506_0708, object: Mac([9; 16]) };
        assert_eq!(Entry::from_word(&entry.to_word()).unwrap(), entry);
        assert_eq!(decode(encode(Op::Insert, [entry].into()).unwrap()).unwrap(), [entry].into());
        assert!(Entry::from_word(&[0; WORD]).is_err());
        assert!(encode(Op::Delete, [entry].into()).is_err());
    }
}
