//! The bytes of keys and headers: read and checked before a library sees them.
//!
//! The libraries reserve memory for as many elements as a length says, which ends the process where it says too much.

use std::collections::{HashMap, HashSet};

use claviger_plugin_sdk::{Error, Result};

use crate::generation::malformed;

/// The most elements that any list of a key or header has. A library keeps some tens of bytes for each.
const MOST_ELEMENTS: usize = 1 << 20;

/// Walks over bytes.
pub(crate) struct Reader<'a> {
    /// What is left.
    rest: &'a [u8],
    /// What the bytes should be, for the error.
    what: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    /// The bytes are not what they should be.
    pub(crate) fn malformed(&self) -> Error {
        malformed(self.what)
    }

    /// The next so many bytes.
    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(|| self.malformed())?;
        self.rest = rest;
        Ok(taken)
    }

    /// A number in LEB128.
    pub(crate) fn number(&mut self) -> Result<usize> {
        let mut number = 0u64;
        for place in 0..10 {
            let [byte] = *self.take(1)? else { break };
            let bits = u64::from(byte & 0x7F);
            let shifted = bits << (7 * place);
            if shifted >> (7 * place) != bits {
                break;
            }
            number |= shifted;
            if byte & 0x80 == 0 {
                return usize::try_from(number).map_err(|_| self.malformed());
            }
        }
        Err(self.malformed())
    }

    /// How many elements follow, of which each takes at least so many bytes.
    pub(crate) fn count(&mut self, each: usize) -> Result<usize> {
        let count = self.number()?;
        match count <= MOST_ELEMENTS.min(self.rest.len() / each.max(1)) {
            true => Ok(count),
            false => Err(self.malformed()),
        }
    }

    /// Bytes that their length precedes.
    pub(crate) fn vec(&mut self) -> Result<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }

    /// Does something for each element of a list, whose elements take at least so many bytes.
    pub(crate) fn each(
        &mut self,
        least: usize,
        mut element: impl FnMut(&mut Self) -> Result<()>,
    ) -> Result<()> {
        (0..self.count(least)?).try_for_each(|_| element(self))
    }

    /// What is left.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<()> {
        match self.rest.is_empty() {
            true => Ok(()),
            false => Err(self.malformed()),
        }
    }
}

/// What a master private key tells of itself.
pub(crate) struct MasterFacts<'a> {
    /// Whether it signs its user keys.
    pub(crate) signs: bool,
    /// The secrets of each right.
    pub(crate) secrets: HashMap<&'a [u8], HashSet<&'a [u8]>>,
}

impl MasterFacts<'_> {
    /// Demands that each right's newest secret in a user key is one that the master key has for that right.
    ///
    /// The libraries give all secrets of a right to who shows another secret for it: one of an earlier right of the same
    /// number, or bytes of his key that he has cut at other places, which their signature does not tell from the key.
    ///
    /// # Errors
    /// Cryptographic Failure: it is another.
    pub(crate) fn demand_own(&self, newest: &[(&[u8], &[u8])]) -> Result<()> {
        // Of a right that is gone nothing is given.
        let own =
            |(right, secret): &(&[u8], &[u8])| self.secrets.get(right).is_none_or(|all| all.contains(secret));
        match newest.iter().all(own) {
            true => Ok(()),
            false => Err(malformed("user key that is recent enough")),
        }
    }
}

/// Appends a number in LEB128.
pub(crate) fn append_number(mut number: usize, out: &mut Vec<u8>) {
    loop {
        let byte = (number & 0x7F) as u8;
        number >>= 7;
        if number == 0 {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}

/// Appends bytes behind their length.
pub(crate) fn append_vec(bytes: &[u8], out: &mut Vec<u8>) {
    append_number(bytes.len(), out);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Appendix C of the DWARF 4 specification has these.
    #[test]
    fn numbers_are_those_of_dwarf() {
        for (number, bytes) in
            [(2, &[2][..]), (127, &[127]), (128, &[0x80, 1]), (129, &[0x81, 1]), (12857, &[0xB9, 0x64])]
        {
            let mut written = Vec::new();
            append_number(number, &mut written);
            assert_eq!(written, bytes);
            assert_eq!(Reader::new(bytes, "number").number().unwrap(), number);
        }
    }

    #[test]
    fn no_length_reaches_beyond_the_end() {
        assert!(Reader::new(&[0xFF; 12], "number").number().is_err());
        assert!(Reader::new(&[0x80], "number").number().is_err());
        assert!(Reader::new(&[5, 1, 2], "vector").vec().is_err());
        assert!(Reader::new(&[3, 1, 2, 3], "list").count(2).is_err());
        assert_eq!(Reader::new(&[3, 1, 2, 3], "list").count(1).unwrap(), 3);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(number: u32, bytes: Vec<u8>) {
            let mut out = Vec::new();
            append_number(number as usize, &mut out);
            append_vec(&bytes, &mut out);
            let mut reader = Reader::new(&out, "both");
            prop_assert_eq!(reader.number().unwrap(), number as usize);
            prop_assert_eq!(reader.vec().unwrap(), &bytes[..]);
            prop_assert!(reader.end().is_ok());
        }
    }
}
