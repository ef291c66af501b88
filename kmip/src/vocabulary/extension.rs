//! What plugins add to the vocabulary.

use std::borrow::Cow;

use super::{STANDARD_TAGS, TAG, TagFacts, Values, Vocabulary};
use crate::ttlv::{ItemType, Tag};
use crate::vocabulary::names::Names;

/// A name that a plugin adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extension {
    /// A tag between 0x540000 and 0x54FFFF.
    Tag {
        /// The tag.
        tag: Tag,
        /// Its normalised name.
        name: Cow<'static, str>,
        /// The type of its items.
        item_type: ItemType,
        /// The enumeration or mask of its items, by its normalised name, if it is one that is known or one
        /// that earlier extensions of the same call make.
        values: Option<Cow<'static, str>>,
    },
    /// An enumeration value at or above 0x80000000, or a bit of a mask that has no name yet. An enumeration
    /// that is not known is made.
    Value {
        /// The enumeration or mask, by its normalised name.
        of: Cow<'static, str>,
        /// The code.
        code: u32,
        /// Its normalised name.
        name: Cow<'static, str>,
    },
    /// Another spelling of a name, which is read and never written.
    Alias {
        /// The enumeration or mask, by its normalised name, or `Tag`.
        of: Cow<'static, str>,
        /// The other spelling.
        alias: Cow<'static, str>,
        /// The normalised name.
        name: Cow<'static, str>,
    },
}

/// Why an extension cannot be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VocabularyConflict {
    /// The number is the standard's to give.
    #[error(
        "{name} ({number:#X}) lies outside the extension range: tags 0x540000 to 0x54FFFF, enumeration values from 0x80000000"
    )]
    OutsideExtensionRange {
        /// The name that was to be added.
        name: String,
        /// The number that was to be added.
        number: u32,
    },
    /// The number or the name has a meaning already.
    #[error("{of}: {name} ({number:#X}) is taken: {taken_by} is {taken:#X}")]
    Taken {
        /// The enumeration or mask, or `Tag`.
        of: String,
        /// The name that was to be added.
        name: String,
        /// The number that was to be added.
        number: u32,
        /// The name that is there.
        taken_by: String,
        /// The number that is there.
        taken: u32,
    },
    /// The extension refers to a name that does not exist.
    #[error("{name} refers to {to}, which is not known")]
    Unknown {
        /// The name that was to be added.
        name: String,
        /// What it refers to.
        to: String,
    },
}

impl Vocabulary {
    pub(super) fn add(&mut self, extension: &Extension) -> Result<(), VocabularyConflict> {
        match extension {
            Extension::Tag { tag, name, item_type, values } => {
                self.add_tag(*tag, name.clone(), *item_type, values.as_deref())
            }
            Extension::Value { of, code, name } => self.add_value(of, *code, name.clone()),
            Extension::Alias { of, alias, name } => self.alias(of, alias, name),
        }
    }

    fn add_tag(
        &mut self,
        tag: Tag,
        name: Cow<'static, str>,
        item_type: ItemType,
        values: Option<&str>,
    ) -> Result<(), VocabularyConflict> {
        if !tag.is_extension() {
            return Err(outside(&name, tag.0));
        }
        let values = match values.map(|called| (called, self.values_called(called))) {
            None => Values::Plain,
            Some((called, Values::Plain)) => return Err(unknown(&name, called)),
            Some((_, values)) => values,
        };
        self.tags.insert(tag.0, name.clone()).map_err(|there| taken(TAG, &name, tag.0, there))?;
        self.extensions.insert(tag.0, TagFacts { item_type: Some(item_type), values });
        Ok(())
    }

    fn add_value(&mut self, of: &str, code: u32, name: Cow<'static, str>) -> Result<(), VocabularyConflict> {
        let is_mask = matches!(self.values_called(of), Values::Mask(_));
        if of == TAG || !(is_mask && code.is_power_of_two() || !is_mask && code >= FIRST_VENDOR_VALUE) {
            return Err(outside(&name, code));
        }
        if matches!(self.values_called(of), Values::Plain) {
            self.add_enumeration(of);
        }
        let names = self.names_called(of).ok_or_else(|| unknown(&name, of))?;
        names.insert(code, name.clone()).map_err(|there| taken(of, &name, code, there))
    }

    pub(super) fn alias(&mut self, of: &str, alias: &str, name: &str) -> Result<(), VocabularyConflict> {
        let names = self.names_called(of).ok_or_else(|| unknown(alias, of))?;
        let number = names.number(name).ok_or_else(|| unknown(alias, name))?;
        let there = names.insert_alias(alias, number);
        there.map_err(|there| taken(of, alias, number, (there, alias.to_owned())))
    }

    /// Makes an empty enumeration, and lets a standard tag of the same name that had none use it
    /// (Opaque Data Type has no values of its own).
    fn add_enumeration(&mut self, name: &str) {
        self.enumerations.push((name.to_owned(), Names::default()));
        let index = self.enumerations.len() - 1;
        let low = self.tag(name).and_then(|tag| tag.0.checked_sub(STANDARD_TAGS));
        if let Some(facts) = low.and_then(|low| self.standard.get_mut(low as usize)) {
            facts.values = Values::Enumeration(index);
        }
    }

    fn names_called(&mut self, name: &str) -> Option<&mut Names> {
        match self.values_called(name) {
            Values::Tags => Some(&mut self.tags),
            Values::Enumeration(index) => self.enumerations.get_mut(index).map(|(_, names)| names),
            Values::Mask(index) => self.masks.get_mut(index).map(|(_, names)| names),
            Values::Plain => None,
        }
    }
}

/// Enumeration values from here on are left to vendors (KMIP 2.1 section 11).
const FIRST_VENDOR_VALUE: u32 = 0x8000_0000;

fn outside(name: &str, number: u32) -> VocabularyConflict {
    VocabularyConflict::OutsideExtensionRange { name: name.to_owned(), number }
}

fn unknown(name: &str, to: &str) -> VocabularyConflict {
    VocabularyConflict::Unknown { name: name.to_owned(), to: to.to_owned() }
}

fn taken(of: &str, name: &str, number: u32, (taken, taken_by): (u32, String)) -> VocabularyConflict {
    VocabularyConflict::Taken { of: of.to_owned(), name: name.to_owned(), number, taken_by, taken }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(number: u32, name: &'static str) -> Extension {
        Extension::Tag { tag: Tag(number), name: name.into(), item_type: ItemType::Enumeration, values: None }
    }

    fn value(of: &'static str, code: u32, name: &'static str) -> Extension {
        Extension::Value { of: of.into(), code, name: name.into() }
    }

    #[test]
    fn a_plugin_adds_tags_values_and_aliases() {
        let vocabulary = Vocabulary::standard()
            .extended(&[
                value("Colour", 0x8000_0001, "Red"),
                Extension::Tag {
                    tag: Tag(0x54_0001),
                    name: "Colour".into(),
                    item_type: ItemType::Enumeration,
                    values: Some("Colour".into()),
                },
                value("KeyFormatType", 0x8880_000C, "SpecialSecretKey"),
                value("OpaqueDataType", 0x8000_0001, "Unknown"),
                Extension::Alias { of: "Tag".into(), alias: "Color".into(), name: "Colour".into() },
            ])
            .unwrap();
        assert_eq!(vocabulary.tag("COLOR"), Some(Tag(0x54_0001)));
        assert_eq!(vocabulary.tag_name(Tag(0x54_0001)), Some("Colour"));
        assert_eq!(vocabulary.item_type(Tag(0x54_0001)), Some(ItemType::Enumeration));
        assert_eq!(vocabulary.enumeration_name(Tag(0x54_0001), 0x8000_0001), Some("Red"));
        assert_eq!(vocabulary.enumeration_value(Tag::KEY_FORMAT_TYPE, "SpecialSecretKey"), Some(0x8880_000C));
        assert_eq!(vocabulary.enumeration_name(Tag::OPAQUE_DATA_TYPE, 0x8000_0001), Some("Unknown"));
        assert_eq!(Vocabulary::standard().tag("Colour"), None);
    }

    #[test]
    fn what_is_taken_or_out_of_range_is_refused_with_the_reason() {
        let refused =
            |extensions: &[Extension]| Vocabulary::standard().extended(extensions).unwrap_err().to_string();
        assert_eq!(
            refused(&[tag(0x54_0001, "Colour"), tag(0x54_0001, "Flavour")]),
            "Tag: Flavour (0x540001) is taken: Colour is 0x540001"
        );
        assert_eq!(refused(&[tag(0x54_0001, "Name")]), "Tag: Name (0x540001) is taken: Name is 0x420053");
        assert!(refused(&[tag(0x42_FFFF, "Colour")]).contains("outside the extension range"));
        assert!(refused(&[value("KeyFormatType", 0x18, "New")]).contains("outside the extension range"));
        assert_eq!(
            refused(&[Extension::Alias { of: "State".into(), alias: "On".into(), name: "Alive".into() }]),
            "On refers to Alive, which is not known"
        );
    }

    #[test]
    fn registering_the_same_thing_twice_is_no_conflict() {
        let twice = [tag(0x54_0001, "Colour"), tag(0x54_0001, "Colour")];
        assert!(Vocabulary::standard().extended(&twice).is_ok());
    }
}
