//! The attribute table: one row for each attribute that the server knows.

use std::sync::LazyLock;

use super::rule::{AttributeRule, Visibility};
use super::standard::STANDARD;
use crate::field::DecodeError;
use crate::ttlv::{Tag, Value};

/// Every attribute that the server knows, looked up by tag or by its 1.x name.
#[derive(Clone, Debug)]
pub struct AttributeTable {
    /// Sorted by tag.
    rules: Vec<AttributeRule>,
    /// Positions in `rules`, sorted by name.
    by_name: Vec<usize>,
}

/// Why a table cannot be extended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttributeConflict {
    /// The tag lies outside the range that the standard leaves to vendors.
    #[error("attribute {name:?} has the tag {tag:06X}; a vendor's tag lies between 540000 and 54FFFF")]
    NotAnExtension {
        /// The attribute.
        name: &'static str,
        /// Its tag.
        tag: u32,
    },
    /// Two attributes have the same tag.
    #[error("attributes {first:?} and {second:?} both have the tag {tag:06X}")]
    SameTag {
        /// The attribute that had it first.
        first: &'static str,
        /// The attribute that was to be added.
        second: &'static str,
        /// The tag.
        tag: u32,
    },
    /// Two attributes have the same name.
    #[error("two attributes are called {name:?}")]
    SameName {
        /// The name.
        name: &'static str,
    },
}

impl AttributeTable {
    /// The attributes of KMIP 1.0 to 2.1.
    pub fn standard() -> &'static Self {
        static TABLE: LazyLock<AttributeTable> = LazyLock::new(|| AttributeTable::of(STANDARD.to_vec()));
        &TABLE
    }

    /// This table with the attributes of plugins added.
    ///
    /// # Errors
    /// A tag is not in 0x540000 to 0x54FFFF, or a tag or a name is taken.
    pub fn extended(&self, additional: &[AttributeRule]) -> Result<Self, AttributeConflict> {
        let mut rules = self.rules.clone();
        for rule in additional {
            if !rule.tag.is_extension() {
                return Err(AttributeConflict::NotAnExtension { name: rule.name, tag: rule.tag.0 });
            }
            if let Some(taken) = rules.iter().find(|known| known.tag == rule.tag) {
                return Err(AttributeConflict::SameTag {
                    first: taken.name,
                    second: rule.name,
                    tag: rule.tag.0,
                });
            }
            if rules.iter().any(|known| known.name == rule.name) {
                return Err(AttributeConflict::SameName { name: rule.name });
            }
            rules.push(*rule);
        }
        Ok(Self::of(rules))
    }

    /// The row of an attribute. `Tag::ATTRIBUTE` is the row of all vendor attributes.
    pub fn rule(&self, tag: Tag) -> Option<&AttributeRule> {
        let position = self.rules.binary_search_by_key(&tag, |rule| rule.tag).ok()?;
        self.rules.get(position)
    }

    /// The row of the attribute with this 1.x name, such as `Cryptographic Algorithm`.
    pub fn by_name(&self, name: &str) -> Option<&AttributeRule> {
        let found = self
            .by_name
            .binary_search_by(|position| self.rules.get(*position).map_or("", |rule| rule.name).cmp(name))
            .ok()?;
        self.by_name.get(found).and_then(|position| self.rules.get(*position))
    }

    /// Every row, by tag.
    pub fn iter(&self) -> impl Iterator<Item = &AttributeRule> {
        self.rules.iter()
    }

    /// Whether clients may see the attribute: it is known and not the server's own.
    pub fn is_visible(&self, tag: Tag) -> bool {
        self.rule(tag).is_some_and(|rule| rule.visibility == Visibility::Wire)
    }

    /// Checks that the value has the type and the fields that the table gives the attribute; required fields may be
    /// absent, as in what Locate searches for.
    ///
    /// # Errors
    /// The attribute is unknown, or the value has another shape.
    pub fn check_shape(&self, tag: Tag, value: &Value) -> Result<(), DecodeError> {
        match self.rule(tag) {
            Some(rule) => rule.shape.check_partial(tag, value),
            None => Err(DecodeError::Unknown { structure: "Attributes", field: tag }),
        }
    }

    fn of(mut rules: Vec<AttributeRule>) -> Self {
        rules.sort_by_key(|rule| rule.tag);
        let mut by_name: Vec<usize> = (0..rules.len()).collect();
        by_name.sort_by_key(|position| rules.get(*position).map_or("", |rule| rule.name));
        Self { rules, by_name }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rule::{ClientMay, ObjectTypes, Occurs, OnRekey, Presence, Shape, Source};
    use super::*;
    use crate::version::ProtocolVersion;

    fn of_a_plugin(tag: u32, name: &'static str, visibility: Visibility) -> AttributeRule {
        AttributeRule {
            tag: Tag(tag),
            name,
            shape: Shape::Any,
            occurs: Occurs::Once,
            presence: Presence::Maybe,
            source: Source::Server,
            modify: ClientMay::Never,
            delete: ClientMay::Never,
            rekey: OnRekey::Copied,
            since: ProtocolVersion::V2_1,
            until: None,
            objects: ObjectTypes::All,
            implicit: &[],
            visibility,
        }
    }

    #[test]
    fn every_attribute_of_section_4_has_a_row_with_its_own_tag_and_name() {
        let table = AttributeTable::standard();
        // 62 sections with one attribute each, section 4.6 with 24, and four that only 1.x has.
        assert_eq!(table.iter().count(), 62 + 24 + 4);
        for rule in table.iter() {
            assert_eq!(table.rule(rule.tag), Some(rule));
            assert_eq!(table.by_name(rule.name), Some(rule));
            let title = crate::tables::tags::TAGS.iter().find(|entry| entry.tag == rule.tag).unwrap().title;
            assert!(rule.name == title || rule.tag == Tag::ATTRIBUTE, "{} is called {title}", rule.name);
        }
    }

    #[test]
    fn versions_bound_what_a_client_knows() {
        let exists = |tag, version| AttributeTable::standard().rule(tag).unwrap().exists_in(version);
        assert!(exists(Tag::STATE, ProtocolVersion::V1_0) && exists(Tag::STATE, ProtocolVersion::V2_1));
        assert!(!exists(Tag::FRESH, ProtocolVersion::V1_0) && exists(Tag::FRESH, ProtocolVersion::V1_1));
        assert!(
            !exists(Tag::SENSITIVE, ProtocolVersion::V1_3) && exists(Tag::SENSITIVE, ProtocolVersion::V1_4)
        );
        let dropped = Tag::OPERATION_POLICY_NAME;
        assert!(exists(dropped, ProtocolVersion::V1_4) && !exists(dropped, ProtocolVersion::V2_0));
    }

    #[test]
    fn a_plugin_adds_attributes_under_extension_tags_and_may_keep_them_from_clients() {
        let internal = of_a_plugin(0x54_0001, "generation", Visibility::ServerOnly);
        let table = AttributeTable::standard().extended(&[internal]).unwrap();
        assert_eq!(table.rule(Tag(0x54_0001)), Some(&internal));
        assert!(!table.is_visible(Tag(0x54_0001)) && table.is_visible(Tag::STATE));
        assert!(AttributeTable::standard().rule(Tag(0x54_0001)).is_none());
    }

    #[test]
    fn conflicts_between_plugins_and_with_the_standard_are_named() {
        let one = of_a_plugin(0x54_0001, "one", Visibility::Wire);
        let standard = AttributeTable::standard();
        let refused = |additional: &[AttributeRule]| standard.extended(additional).unwrap_err().to_string();
        assert_eq!(
            refused(&[one, of_a_plugin(0x54_0001, "two", Visibility::Wire)]),
            "attributes \"one\" and \"two\" both have the tag 540001"
        );
        assert_eq!(
            refused(&[of_a_plugin(0x54_0002, "State", Visibility::Wire)]),
            "two attributes are called \"State\""
        );
        assert_eq!(
            refused(&[of_a_plugin(0x42_0001, "three", Visibility::Wire)]),
            "attribute \"three\" has the tag 420001; a vendor's tag lies between 540000 and 54FFFF"
        );
    }
}
