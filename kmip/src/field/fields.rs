//! The children of a structure, while it is taken apart.

use super::{DecodeError, wrong_type};
use crate::ttlv::{Tag, Ttlv, Value};

/// The children of a structure that is being decoded, less those already taken.
#[derive(Debug)]
pub struct Fields {
    structure: &'static str,
    rest: Vec<Ttlv>,
    /// A bit for each tag that is there; several tags share one. Most fields of most structures are optional and absent,
    /// and this tells so at once.
    seen: u64,
}

impl Fields {
    /// Starts to read `value` as the structure called `structure`.
    ///
    /// # Errors
    /// The value is no structure.
    pub fn of(structure: &'static str, tag: Tag, value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Structure(rest) => {
                let seen = rest.iter().fold(0, |seen, item| seen | item.tag.bit());
                Ok(Self { structure, rest, seen })
            }
            other => Err(wrong_type(tag, "a Structure", &other)),
        }
    }

    /// The name of the structure that is read, for error messages.
    pub fn structure(&self) -> &'static str {
        self.structure
    }

    /// Takes the first remaining child with this tag.
    pub fn take_first(&mut self, tag: Tag) -> Option<Value> {
        self.take_first_of(&[tag]).map(|item| item.value)
    }

    /// Takes the remaining child with this tag, if there is one.
    ///
    /// # Errors
    /// There are several.
    #[inline]
    pub(super) fn take_only(&mut self, tag: Tag) -> Result<Option<Value>, DecodeError> {
        if self.seen & tag.bit() == 0 { Ok(None) } else { self.find_only(tag) }
    }

    fn find_only(&mut self, tag: Tag) -> Result<Option<Value>, DecodeError> {
        let Some(position) = self.rest.iter().position(|item| item.tag == tag) else { return Ok(None) };
        let item = self.rest.remove(position);
        // Whatever stood before it has another tag.
        if self.rest.iter().skip(position).any(|item| item.tag == tag) {
            return Err(DecodeError::Repeated { field: tag });
        }
        Ok(Some(item.value))
    }

    /// Takes the first remaining child that has one of these tags.
    pub fn take_first_of(&mut self, tags: &[Tag]) -> Option<Ttlv> {
        let position = self.rest.iter().position(|item| tags.contains(&item.tag))?;
        Some(self.rest.remove(position))
    }

    /// Takes all remaining children with this tag, in order.
    pub fn take_all(&mut self, tag: Tag) -> Vec<Value> {
        if self.seen & tag.bit() == 0 {
            return Vec::new();
        }
        if self.rest.iter().all(|item| item.tag == tag) {
            return std::mem::take(&mut self.rest).into_iter().map(|item| item.value).collect();
        }
        self.rest.extract_if(.., |item| item.tag == tag).map(|item| item.value).collect()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// A child was not taken: the structure does not have such a field.
    pub fn finish(self) -> Result<(), DecodeError> {
        match self.rest.first() {
            None => Ok(()),
            Some(item) => Err(DecodeError::Unknown { structure: self.structure, field: item.tag }),
        }
    }
}
