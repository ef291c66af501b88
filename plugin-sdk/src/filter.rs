//! Filters: one closed language for what objects to find.
//!
//! A filter has two evaluators: the store's own, and [`Filter::matches`], which serves the reference store, the
//! overlay of pending changes and restrictions. Random tests compare the two.

mod due;

use std::collections::BTreeSet;
use std::sync::Arc;

use claviger_kmip::attributes::{Attributes, kinds};
use claviger_kmip::codec::binary;
use claviger_kmip::field::DateTime;
use claviger_kmip::lifecycle::{StateDates, StateSet};
use claviger_kmip::tables::enumerations::{LinkType, ObjectType, OperationCode};
use claviger_kmip::{Tag, Ttlv, Value};

use crate::record::{ObjectId, Record};
use crate::store::Subject;

/// A condition on objects.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Every condition holds; none at all means every object.
    All(Vec<Filter>),
    /// At least one condition holds; none at all means no object.
    Any(Vec<Filter>),
    /// The condition does not hold.
    Not(Box<Filter>),
    /// The object has this identifier.
    Id(ObjectId),
    /// The object has one of these types.
    Type(Vec<ObjectType>),
    /// One instance of the attribute passes every test.
    Attribute {
        /// Which attribute.
        tag: Tag,
        /// Tests of the instance; none means that the attribute exists.
        tests: Vec<FieldTest>,
    },
    /// The object has this tag.
    Tag(String),
    /// The user owns the object.
    Owner(Arc<str>),
    /// One of the subjects owns the object or holds a grant on it: for one of these operations, or any.
    VisibleTo {
        /// The first subject is the user, who may own objects; then groups and everyone.
        subjects: Vec<Subject>,
        /// Grants that count; `None` means any.
        operations: Option<Vec<OperationCode>>,
    },
    /// The effective state at a time is one of these.
    State {
        /// The states.
        any_of: StateSet,
        /// The time.
        at: DateTime,
    },
    /// The object is stored as the mask says (KMIP 2.1 section 12.3): 1 on-line, 2 archived, 4 destroyed.
    StorageStatus(u32),
}

impl Filter {
    /// Objects that have a link of this type to an object.
    pub fn linked(link_type: LinkType, to: &ObjectId) -> Self {
        let field = |field, value| FieldTest { field: Some(field), compare: Compare::Equal(value) };
        Self::Attribute {
            tag: Tag::LINK,
            tests: vec![
                field(Tag::LINK_TYPE, IndexValue::Integer(i64::from(link_type.0))),
                field(Tag::LINKED_OBJECT_IDENTIFIER, IndexValue::Text(to.to_string())),
            ],
        }
    }

    /// Whether the filter asks for anything of an attribute.
    pub fn asks_for(&self, wanted: Tag) -> bool {
        match self {
            Self::All(filters) | Self::Any(filters) => filters.iter().any(|filter| filter.asks_for(wanted)),
            Self::Not(filter) => filter.asks_for(wanted),
            Self::Attribute { tag, .. } => *tag == wanted,
            _ => false,
        }
    }

    /// Objects with an instance of the attribute that is this value.
    pub fn equal(tag: Tag, value: IndexValue) -> Self {
        Self::Attribute { tag, tests: vec![FieldTest { field: None, compare: Compare::Equal(value) }] }
    }
}

/// A test of one field of an attribute instance.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldTest {
    /// Which field; `None` is the attribute's own value.
    pub field: Option<Tag>,
    /// How it compares.
    pub compare: Compare,
}

/// A comparison with an indexed value. Values of different types never compare.
#[derive(Clone, Debug, PartialEq)]
pub enum Compare {
    /// Equal.
    Equal(IndexValue),
    /// Both bounds included.
    Between(i64, i64),
    /// All bits are set.
    HasBits(i64),
}

/// A value as an index keeps it: numbers, dates, enumerations and Booleans as integers; a structure as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IndexValue {
    /// A number.
    Integer(i64),
    /// Text.
    Text(String),
    /// Bytes; big integers too, and structures in binary TTLV, which are only ever the same or not.
    Bytes(Vec<u8>),
}

impl IndexValue {
    /// What an index keeps of a value.
    pub fn of(value: &Value) -> Self {
        match value {
            // The tag is the same for all of one field.
            Value::Structure(_) => {
                Self::Bytes(binary::encode(&Ttlv::new(Tag::ATTRIBUTE_VALUE, value.clone())))
            }
            Value::Integer(n) => Self::Integer(i64::from(*n)),
            Value::LongInteger(n) | Value::DateTime(n) | Value::DateTimeExtended(n) => Self::Integer(*n),
            Value::Enumeration(n) | Value::Interval(n) => Self::Integer(i64::from(*n)),
            Value::Boolean(b) => Self::Integer(i64::from(*b)),
            Value::TextString(text) => Self::Text(text.clone()),
            Value::ByteString(bytes) => Self::Bytes(bytes.to_vec()),
            Value::BigInteger(n) => Self::Bytes(n.to_signed_be().to_vec()),
        }
    }
}

/// Which part of the matches is wanted. Matches are ordered newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Start behind this place; `None` starts at the newest.
    pub after: Option<Cursor>,
    /// Skip so many more.
    pub offset: u64,
    /// At most so many.
    pub limit: u64,
    /// Whether to count all matches, too.
    pub count: bool,
}

impl Page {
    /// The newest `limit` matches.
    pub fn first(limit: u64) -> Self {
        Self { after: None, offset: 0, limit, count: false }
    }
}

/// A place in the order of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor(pub i64);

/// What a store indexes of a record; all that a filter can ask for, but for grants.
#[derive(Clone, Debug, PartialEq)]
pub struct Index {
    /// The owner.
    pub owner: Arc<str>,
    /// The type.
    pub object_type: ObjectType,
    /// What decides the state.
    pub dates: StateDates,
    /// Whether the object is archived.
    pub archived: bool,
    /// User and system tags.
    pub tags: BTreeSet<String>,
    /// Every scalar of every attribute instance, and what finds the object when its time has come.
    pub attributes: Vec<IndexedValue>,
}

/// One scalar of one attribute instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexedValue {
    /// The attribute.
    pub tag: Tag,
    /// The field, if the attribute is a structure. Fields of nested structures are not indexed.
    pub field: Option<Tag>,
    /// Tells the instances of the attribute apart: the place among all that have its tag. The attribute's stable
    /// index would not do, since each vendor attribute counts its own.
    pub instance: u32,
    /// The scalar.
    pub value: IndexValue,
}

impl Index {
    /// Reads what is indexed of a record.
    pub fn of(record: &Record) -> Self {
        Self {
            owner: record.owner.clone(),
            object_type: record.object.object_type(),
            dates: record.state_dates(),
            archived: record.attributes.one::<kinds::ArchiveDate>().is_some(),
            tags: record.tags.clone(),
            attributes: indexed_values(&record.attributes).chain(due::values(record)).collect(),
        }
    }
}

fn indexed_values(attributes: &Attributes) -> impl Iterator<Item = IndexedValue> {
    let mut values = Vec::new();
    let mut last = None;
    for attribute in attributes.iter() {
        let instance = match last {
            Some((tag, instance)) if tag == attribute.tag => instance + 1,
            _ => 0,
        };
        last = Some((attribute.tag, instance));
        let mut push = |field, value: &Value| {
            let value = IndexValue::of(value);
            values.push(IndexedValue { tag: attribute.tag, field, instance, value });
        };
        match &attribute.value {
            Value::Structure(fields) => fields.iter().for_each(|field| push(Some(field.tag), &field.value)),
            scalar => push(None, scalar),
        }
    }
    values.into_iter()
}

/// The grants on an object, as a filter asks for them.
pub trait Grants {
    /// Whether the subject holds a grant: for one of the operations, or any.
    fn holds(&self, subject: &Subject, operations: Option<&[OperationCode]>) -> bool;
}

impl Filter {
    /// Every condition holds, without nesting where it can be avoided.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All(mut left), Self::All(right)) => {
                left.extend(right);
                Self::All(left)
            }
            (Self::All(mut all), one) | (one, Self::All(mut all)) => {
                all.push(one);
                Self::All(all)
            }
            (left, right) => Self::All(vec![left, right]),
        }
    }

    /// Whether an object meets the condition.
    pub fn matches(&self, id: &ObjectId, index: &Index, grants: &dyn Grants) -> bool {
        match self {
            Self::All(filters) => filters.iter().all(|filter| filter.matches(id, index, grants)),
            Self::Any(filters) => filters.iter().any(|filter| filter.matches(id, index, grants)),
            Self::Not(filter) => !filter.matches(id, index, grants),
            Self::Id(wanted) => wanted == id,
            Self::Type(types) => types.contains(&index.object_type),
            Self::Attribute { tag, tests } => attribute_matches(&index.attributes, *tag, tests),
            Self::Tag(tag) => index.tags.contains(tag),
            Self::Owner(owner) => *owner == index.owner,
            Self::VisibleTo { subjects, operations } => {
                subjects.iter().any(|subject| subject.owns(&index.owner))
                    || subjects.iter().any(|subject| grants.holds(subject, operations.as_deref()))
            }
            Self::State { any_of, at } => any_of.contains(index.dates.at(*at)),
            Self::StorageStatus(mask) => storage_status(index) & mask != 0,
        }
    }
}

/// The bit of the Storage Status Mask under which an object is stored.
pub fn storage_status(index: &Index) -> u32 {
    if StateSet::DESTROYED.contains(index.dates.stored) {
        4
    } else if index.archived {
        2
    } else {
        1
    }
}

fn attribute_matches(values: &[IndexedValue], tag: Tag, tests: &[FieldTest]) -> bool {
    let of_tag = || values.iter().filter(move |value| value.tag == tag);
    if tests.is_empty() {
        return of_tag().next().is_some();
    }
    let instances: BTreeSet<u32> = of_tag().map(|value| value.instance).collect();
    instances.iter().any(|instance| {
        tests.iter().all(|test| {
            of_tag().any(|value| {
                value.instance == *instance && value.field == test.field && test.compare.holds(&value.value)
            })
        })
    })
}

impl Compare {
    /// Whether a value passes.
    pub fn holds(&self, value: &IndexValue) -> bool {
        match (self, value) {
            (Self::Equal(wanted), value) => wanted == value,
            (Self::Between(low, high), IndexValue::Integer(n)) => (low..=high).contains(&n),
            (Self::HasBits(bits), IndexValue::Integer(n)) => n & bits == *bits,
            _ => false,
        }
    }
}
