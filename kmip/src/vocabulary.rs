//! The names of tags, enumeration values and mask bits, in both directions.
//!
//! [`Vocabulary::standard`] knows KMIP 1.0 to 2.1; [`Vocabulary::extended`] adds what plugins register. Names
//! are read in any spelling that differs in case and punctuation only (`SHA-256`, `SHA_256`, `Sha256`), and
//! written normalised, as the OASIS test cases have them (KMIP 2.1 section 12).

mod extension;
mod names;

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::LazyLock;

pub use extension::{Extension, VocabularyConflict};
use names::{NameHasher, Names};

use crate::tables::enumerations::{ALIASES, ENUMERATION_OF_TAG, ENUMERATIONS};
use crate::tables::masks::MASKS;
use crate::tables::tags::TAGS;
use crate::ttlv::{ItemType, Tag};

/// Tags, enumerations and masks by name and by number.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    tags: Names,
    /// What is known of a tag beside its name, by tag; the standard's by their low 16 bits.
    standard: Vec<TagFacts>,
    extensions: HashMap<u32, TagFacts, BuildHasherDefault<NameHasher>>,
    enumerations: Vec<(String, Names)>,
    masks: Vec<(String, Names)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct TagFacts {
    item_type: Option<ItemType>,
    values: Values,
}

/// What the numbers under a tag mean.
#[derive(Clone, Copy, Debug, Default)]
enum Values {
    #[default]
    Plain,
    /// An index into `enumerations`.
    Enumeration(usize),
    /// An index into `masks`.
    Mask(usize),
    /// The numbers are tags.
    Tags,
}

impl Vocabulary {
    /// The names of KMIP 1.0 to 2.1.
    pub fn standard() -> &'static Self {
        static STANDARD: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::from_tables);
        &STANDARD
    }

    /// This vocabulary and the names that plugins add.
    ///
    /// # Errors
    /// An extension lies outside the range that the standard leaves to vendors, or a name or number that it
    /// claims has another meaning already. Registering the same thing twice is no conflict.
    pub fn extended(&self, extensions: &[Extension]) -> Result<Self, VocabularyConflict> {
        let mut extended = self.clone();
        for extension in extensions {
            extended.add(extension)?;
        }
        Ok(extended)
    }

    /// The normalised name of a tag, if it has one.
    #[inline]
    pub fn tag_name(&self, tag: Tag) -> Option<&str> {
        self.tags.name(tag.0)
    }

    /// The tag with this name, in any spelling.
    #[inline]
    pub fn tag(&self, name: &str) -> Option<Tag> {
        self.tags.number(name).map(Tag)
    }

    /// The type that the items of a tag have, where the standard or a plugin gives one.
    pub fn item_type(&self, tag: Tag) -> Option<ItemType> {
        self.facts(tag).item_type
    }

    /// The normalised name of a value of the enumeration that `tag` uses.
    pub fn enumeration_name(&self, tag: Tag, value: u32) -> Option<&str> {
        self.names_under(tag)?.name(value)
    }

    /// The value with this name in the enumeration that `tag` uses, in any spelling.
    pub fn enumeration_value(&self, tag: Tag, name: &str) -> Option<u32> {
        self.names_under(tag)?.number(name)
    }

    /// Whether the integers under a tag are bit masks with named bits.
    pub fn is_mask(&self, tag: Tag) -> bool {
        matches!(self.facts(tag).values, Values::Mask(_))
    }

    /// The names of the bits that are set, in rising order, and the bits that have no name.
    pub fn mask_names(&self, tag: Tag, bits: u32) -> (Vec<&str>, u32) {
        let Some(names) = self.bits_under(tag) else { return (Vec::new(), bits) };
        let mut unnamed = bits;
        let mut found = Vec::new();
        for (bit, name) in names.iter().filter(|(bit, _)| bits & bit == *bit) {
            unnamed &= !bit;
            found.push(name);
        }
        (found, unnamed)
    }

    /// The bit with this name in the mask that `tag` uses, in any spelling.
    pub fn mask_value(&self, tag: Tag, name: &str) -> Option<u32> {
        self.bits_under(tag)?.number(name)
    }

    #[inline]
    fn facts(&self, tag: Tag) -> TagFacts {
        let known = match tag.0.checked_sub(STANDARD_TAGS) {
            Some(low) if low <= 0xFFFF => self.standard.get(low as usize),
            _ => self.extensions.get(&tag.0),
        };
        known.copied().unwrap_or_default()
    }

    fn names_under(&self, tag: Tag) -> Option<&Names> {
        match self.facts(tag).values {
            Values::Enumeration(index) => self.enumerations.get(index).map(|(_, names)| names),
            Values::Tags => Some(&self.tags),
            Values::Plain | Values::Mask(_) => None,
        }
    }

    fn bits_under(&self, tag: Tag) -> Option<&Names> {
        match self.facts(tag).values {
            Values::Mask(index) => self.masks.get(index).map(|(_, names)| names),
            _ => None,
        }
    }

    fn from_tables() -> Self {
        let mut vocabulary = Self {
            tags: Names::of(TAGS.iter().map(|entry| (entry.tag.0, entry.name))),
            standard: Vec::new(),
            extensions: HashMap::default(),
            enumerations: tables(ENUMERATIONS),
            masks: tables(MASKS),
        };
        for (group, alias, name) in ALIASES {
            // The tables are checked by the tests below: an alias never claims a name that is taken.
            let _ = vocabulary.alias(group, alias, name);
        }
        let values = |name: &str| vocabulary.values_called(name);
        let mut standard = Vec::new();
        for entry in TAGS {
            let low = (entry.tag.0 - STANDARD_TAGS) as usize;
            standard.resize(low + 1, TagFacts::default());
            let other_name =
                ENUMERATION_OF_TAG.iter().find(|(tag, _)| *tag == entry.name).map(|(_, name)| *name);
            let facts =
                TagFacts { item_type: entry.item_type, values: values(other_name.unwrap_or(entry.name)) };
            if let Some(place) = standard.get_mut(low) {
                *place = facts;
            }
        }
        vocabulary.standard = standard;
        vocabulary
    }

    /// What is called by this name: an enumeration, a mask, the tags themselves, or nothing.
    fn values_called(&self, name: &str) -> Values {
        let index = |tables: &[(String, Names)]| tables.iter().position(|(known, _)| known == name);
        match (index(&self.enumerations), index(&self.masks)) {
            _ if name == TAG => Values::Tags,
            (Some(index), _) => Values::Enumeration(index),
            (_, Some(index)) => Values::Mask(index),
            _ => Values::Plain,
        }
    }
}

/// The range of the standard's tags starts here.
const STANDARD_TAGS: u32 = 0x42_0000;

/// The name under which the tables refer to tags used as values.
const TAG: &str = "Tag";

fn tables(tables: &[(&str, &'static [(u32, &'static str)])]) -> Vec<(String, Names)> {
    tables.iter().map(|(name, values)| ((*name).to_owned(), Names::of(values.iter().copied()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tag_is_found_by_its_normalised_name_and_by_its_title() {
        let vocabulary = Vocabulary::standard();
        for entry in TAGS {
            assert_eq!(vocabulary.tag_name(entry.tag), Some(entry.name));
            assert_eq!(vocabulary.tag(entry.name), Some(entry.tag));
            assert_eq!(vocabulary.tag(entry.title), Some(entry.tag), "{}", entry.title);
            assert_eq!(vocabulary.item_type(entry.tag), entry.item_type);
        }
        assert_eq!(vocabulary.tag("NoSuchTag"), None);
        assert_eq!(vocabulary.tag_name(Tag(0x54_0001)), None);
    }

    #[test]
    fn every_enumeration_value_is_found_under_the_tag_of_its_enumeration() {
        let vocabulary = Vocabulary::standard();
        for (name, values) in ENUMERATIONS {
            let tag = vocabulary.tag(name).unwrap();
            for (code, value) in *values {
                assert_eq!(vocabulary.enumeration_name(tag, *code), Some(*value));
                assert_eq!(vocabulary.enumeration_value(tag, value), Some(*code));
            }
        }
    }

    #[test]
    fn every_mask_bit_is_found_under_the_tag_of_its_mask() {
        let vocabulary = Vocabulary::standard();
        for (name, bits) in MASKS {
            let tag = vocabulary.tag(name).unwrap();
            assert!(vocabulary.is_mask(tag));
            for (bit, value) in *bits {
                assert_eq!(vocabulary.mask_names(tag, *bit), (vec![*value], 0));
                assert_eq!(vocabulary.mask_value(tag, value), Some(*bit));
            }
        }
        assert_eq!(
            vocabulary.mask_names(Tag::CRYPTOGRAPHIC_USAGE_MASK, 0x8000_000C),
            (vec!["Encrypt", "Decrypt"], 0x8000_0000)
        );
    }

    #[test]
    fn every_alias_of_the_tables_is_read() {
        let vocabulary = Vocabulary::standard();
        for (group, alias, name) in ALIASES.iter().filter(|(group, ..)| *group != TAG) {
            let tag = vocabulary.tag(group).unwrap();
            assert_eq!(
                vocabulary.enumeration_value(tag, alias),
                vocabulary.enumeration_value(tag, name),
                "{alias}"
            );
            assert!(vocabulary.enumeration_value(tag, alias).is_some(), "{alias}");
        }
        assert_eq!(vocabulary.tag("MacOrSignature"), Some(Tag::MAC_SIGNATURE));
    }

    #[test]
    fn both_spellings_of_an_enumeration_value_are_read() {
        let vocabulary = Vocabulary::standard();
        let value = |tag, name| vocabulary.enumeration_value(tag, name);
        for (tag, normalised, other) in [
            (Tag::CRYPTOGRAPHIC_ALGORITHM, "DES3", "3DES"),
            (Tag::CRYPTOGRAPHIC_ALGORITHM, "DES3", "THREE_DES"),
            (Tag::CRYPTOGRAPHIC_ALGORITHM, "HMAC_SHA256", "HMACSHA256"),
            (Tag::KEY_FORMAT_TYPE, "PKCS_1", "PKCS1"),
            (Tag::KEY_FORMAT_TYPE, "X_509", "X509"),
            (Tag::HASHING_ALGORITHM, "SHA_512_256", "SHA-512/256"),
            (Tag::PADDING_METHOD, "PKCS1V1_5", "PKCS1v15"),
            (Tag::RECOMMENDED_CURVE, "P_256", "P256"),
            (Tag::STATE, "DestroyedCompromised", "Destroyed_Compromised"),
        ] {
            assert_eq!(value(tag, other), value(tag, normalised), "{other}");
            assert!(value(tag, other).is_some(), "{other}");
        }
    }

    #[test]
    fn a_tag_may_use_the_enumeration_of_another() {
        let vocabulary = Vocabulary::standard();
        assert_eq!(vocabulary.enumeration_name(Tag::OPERATION, 1), Some("Create"));
        assert_eq!(vocabulary.enumeration_name(Tag::MASK_GENERATOR_HASHING_ALGORITHM, 6), Some("SHA_256"));
        assert_eq!(vocabulary.enumeration_name(Tag::ATTRIBUTE_REFERENCE, 0x42_0053), Some("Name"));
        assert_eq!(vocabulary.enumeration_name(Tag::UNIQUE_IDENTIFIER, 1), Some("IDPlaceholder"));
        assert_eq!(vocabulary.enumeration_name(Tag::LINKED_OBJECT_IDENTIFIER, 3), Some("Create"));
    }
}
