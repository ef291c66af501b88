//! What a KMIP 1.x Attribute Value stands for: the Attribute Name before it tells.

use crate::ttlv::{Tag, Ttlv, Value};
use crate::vocabulary::Vocabulary;

/// The tag that names the values of one item after the other, in one structure.
#[derive(Clone, Copy, Default)]
pub(super) struct Meaning {
    attribute: Option<Tag>,
}

impl Meaning {
    /// Takes note of an item of the structure.
    pub(super) fn saw(&mut self, item: &Ttlv, vocabulary: &Vocabulary) {
        if item.tag == Tag::ATTRIBUTE_NAME
            && let Value::TextString(name) = &item.value
        {
            self.attribute = vocabulary.tag(name);
        }
    }

    /// The tag whose enumeration or mask names the values of an item with this tag.
    pub(super) fn of(self, tag: Tag) -> Tag {
        match self.attribute {
            Some(attribute) if tag == Tag::ATTRIBUTE_VALUE => attribute,
            _ => tag,
        }
    }
}
