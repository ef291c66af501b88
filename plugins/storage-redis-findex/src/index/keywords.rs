//! The keywords under which an object is listed, and those that a filter asks for.

use std::collections::BTreeSet;

use claviger_plugin_sdk::filter::{Compare, Filter, IndexValue};
use claviger_plugin_sdk::kmip::Tag;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::Subject;

use crate::object::{Object, Side};

/// What objects are listed under: the bytes of a kind and a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Keyword(pub(crate) Vec<u8>);

const TAG: u8 = 1;
const OWNER: u8 = 2;
const GRANTEE: u8 = 3;
const ATTRIBUTE: u8 = 4;

impl Keyword {
    /// What it is of, without its value.
    pub(crate) fn what(&self) -> &'static str {
        match self.0.first() {
            Some(&TAG) => "a tag",
            Some(&OWNER) => "the owner",
            Some(&GRANTEE) => "a right",
            _ => "an attribute",
        }
    }

    fn tag(tag: &str) -> Self {
        Self::of(TAG, &[tag.as_bytes()])
    }

    fn owner(owner: &str) -> Self {
        Self::of(OWNER, &[owner.as_bytes()])
    }

    /// Objects on which a subject holds a grant.
    pub(crate) fn grantee(subject: &Subject) -> Self {
        Self::of(GRANTEE, &[subject.to_stored().as_bytes()])
    }

    /// A value of a field of an attribute; `None` if it is not listed.
    fn attribute(tag: Tag, field: Option<Tag>, value: &IndexValue) -> Option<Self> {
        let (kind, value) = match value {
            // Shared by too many objects, as are dates and enumerations: such a list would cost more than it saves.
            IndexValue::Integer(_) => return None,
            // For it there is the identifier.
            IndexValue::Text(_) if tag == Tag::UNIQUE_IDENTIFIER => return None,
            IndexValue::Text(text) => (b't', text.as_bytes()),
            IndexValue::Bytes(bytes) if bytes.len() > SHORT_BYTES => return None,
            IndexValue::Bytes(bytes) => (b'b', bytes.as_slice()),
        };
        let field = field.map_or(0, |field| field.0);
        Some(Self::of(ATTRIBUTE, &[&tag.0.to_be_bytes(), &field.to_be_bytes(), &[kind], value]))
    }

    /// All parts but the last have one length each for a kind, so no two lists of parts are alike.
    fn of(kind: u8, parts: &[&[u8]]) -> Self {
        let mut bytes = vec![kind];
        parts.iter().for_each(|part| bytes.extend_from_slice(part));
        Self(bytes)
    }
}

/// Bytes that are longer are hashes, which hardly anybody searches for. Up to 20 they are numbers that someone gave
/// out, such as the serial number of a certificate (RFC 5280 section 4.1.2.2).
const SHORT_BYTES: usize = 20;

/// Everything that an object is listed under.
pub(crate) fn keywords(object: &Object, side: &Side) -> BTreeSet<Keyword> {
    let index = &object.index;
    let tags = index.tags.iter().map(|tag| Keyword::tag(tag));
    let attributes = index.attributes.iter();
    let attributes = attributes.filter_map(|value| Keyword::attribute(value.tag, value.field, &value.value));
    let grantees = side.grants.iter().map(|(subject, _)| Keyword::grantee(subject));
    tags.chain(attributes).chain(grantees).chain([Keyword::owner(&index.owner)]).collect()
}

/// Where every object is that can meet a filter: objects by identifier, and lists.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Source {
    pub(crate) ids: BTreeSet<ObjectId>,
    pub(crate) lists: BTreeSet<Keyword>,
}

impl Source {
    fn list(keyword: Keyword) -> Self {
        Self { lists: [keyword].into(), ..Self::default() }
    }
}

/// Sources, of which any one suffices; none at all if every object has to be looked at.
pub(crate) fn sources(filter: &Filter) -> Vec<Source> {
    match filter {
        Filter::All(parts) => parts.iter().flat_map(sources).collect(),
        Filter::Any(parts) => {
            // Each part brings what promises least of its own sources; one without any spoils it.
            let parts: Option<Vec<Source>> = parts
                .iter()
                .map(|part| sources(part).into_iter().min_by_key(|source| source.lists.len()))
                .collect();
            let joined = parts.map(|parts| {
                parts.into_iter().fold(Source::default(), |mut joined, part| {
                    joined.ids.extend(part.ids);
                    joined.lists.extend(part.lists);
                    joined
                })
            });
            joined.into_iter().collect()
        }
        Filter::Id(id) => vec![Source { ids: [id.clone()].into(), ..Source::default() }],
        Filter::Tag(tag) => vec![Source::list(Keyword::tag(tag))],
        Filter::Owner(owner) => vec![Source::list(Keyword::owner(owner))],
        Filter::Attribute { tag, tests } => tests
            .iter()
            .filter_map(|test| match &test.compare {
                Compare::Equal(value) => Keyword::attribute(*tag, test.field, value).map(Source::list),
                Compare::Between(..) | Compare::HasBits(_) => None,
            })
            .collect(),
        Filter::VisibleTo { subjects, .. } => {
            let owned = subjects.iter().filter_map(|subject| match subject {
                Subject::User(user) => Some(Keyword::owner(user)),
                Subject::Group(_) | Subject::Everyone => None,
            });
            let lists = owned.chain(subjects.iter().map(Keyword::grantee)).collect();
            vec![Source { lists, ..Source::default() }]
        }
        Filter::Not(_) | Filter::Type(_) | Filter::State { .. } | Filter::StorageStatus(_) => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_found_wherever_one_part_of_a_conjunction_has_it() {
        let (tag, owner) = (Filter::Tag("t".into()), Filter::Owner("o".into()));
        let not = Filter::Not(Box::new(tag.clone()));
        assert_eq!(sources(&not), []);
        assert_eq!(sources(&Filter::All(vec![not.clone(), tag.clone()])), sources(&tag));
        assert_eq!(sources(&Filter::All(vec![])), []);
        assert_eq!(sources(&Filter::Any(vec![])), [Source::default()]);
        assert_eq!(sources(&Filter::Any(vec![tag.clone(), not])), []);
        let either = sources(&Filter::Any(vec![tag, owner]));
        assert_eq!(either.len(), 1);
        assert_eq!(either[0].lists.len(), 2);
    }

    #[test]
    fn keywords_of_different_kinds_and_values_are_different() {
        let attribute = |tag, field, value: &IndexValue| Keyword::attribute(tag, field, value).unwrap();
        let (text, bytes) = (IndexValue::Text("x".into()), IndexValue::Bytes(b"x".to_vec()));
        let all = BTreeSet::from([
            Keyword::tag("x"),
            Keyword::owner("x"),
            Keyword::grantee(&Subject::User("x".into())),
            Keyword::grantee(&Subject::Group("x".into())),
            attribute(Tag::COMMENT, None, &text),
            attribute(Tag::COMMENT, None, &bytes),
            attribute(Tag::DESCRIPTION, None, &text),
            attribute(Tag::COMMENT, Some(Tag::DESCRIPTION), &text),
        ]);
        assert_eq!(all.len(), 8);
        assert_eq!(Keyword::attribute(Tag::COMMENT, None, &IndexValue::Integer(1)), None);
    }
}
