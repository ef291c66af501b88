//! One row of the attribute table: what an attribute may be, and who may do what with it.

use crate::field::DecodeError;
use crate::tables::enumerations::{ObjectType, OperationCode};
use crate::ttlv::{ItemType, Tag, Value};
use crate::version::ProtocolVersion;

/// What one attribute may be, as its rules table in KMIP 2.1 section 4 says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttributeRule {
    /// The tag under which the attribute stands in `Attributes`.
    pub tag: Tag,
    /// Its name, as KMIP 1.x writes it.
    pub name: &'static str,
    /// Its type, and its fields if it is a structure.
    pub shape: Shape,
    /// Whether an object may have several instances.
    pub occurs: Occurs,
    /// Whether every object that it applies to has it.
    pub presence: Presence,
    /// Who gives the first value.
    pub source: Source,
    /// When a client may change a value.
    pub modify: ClientMay,
    /// When a client may delete an instance.
    pub delete: ClientMay,
    /// What a replacement object gets (Re-key, Re-key Key Pair, Re-certify).
    pub rekey: OnRekey,
    /// The first version that has the attribute.
    pub since: ProtocolVersion,
    /// The last version that has it, if a later one dropped it.
    pub until: Option<ProtocolVersion>,
    /// The objects that may have it.
    pub objects: ObjectTypes,
    /// Operations that may set it although the request does not name it.
    pub implicit: &'static [OperationCode],
    /// Whether it ever leaves the server.
    pub visibility: Visibility,
}

impl AttributeRule {
    /// Whether objects of this type may have the attribute. A template has few of its own: what it holds is for others
    /// (KMIP 1.4 appendix B).
    pub fn applies_to(&self, object_type: ObjectType) -> bool {
        match object_type {
            ObjectType::TEMPLATE => OF_TEMPLATES.contains(&self.tag),
            other => self.objects.contains(other),
        }
    }

    /// Whether this version of the protocol has the attribute.
    pub fn exists_in(&self, version: ProtocolVersion) -> bool {
        self.since <= version && self.until.is_none_or(|last| version <= last)
    }
}

/// The attributes that a template has itself.
const OF_TEMPLATES: [Tag; 16] = [
    Tag::UNIQUE_IDENTIFIER,
    Tag::SHORT_UNIQUE_IDENTIFIER,
    Tag::NAME,
    Tag::ALTERNATIVE_NAME,
    Tag::OBJECT_TYPE,
    Tag::OPERATION_POLICY_NAME,
    Tag::INITIAL_DATE,
    Tag::ORIGINAL_CREATION_DATE,
    Tag::LAST_CHANGE_DATE,
    Tag::ARCHIVE_DATE,
    Tag::OBJECT_GROUP,
    Tag::APPLICATION_SPECIFIC_INFORMATION,
    Tag::CONTACT_INFORMATION,
    Tag::DESCRIPTION,
    Tag::COMMENT,
    Tag::ATTRIBUTE,
];

/// The type of an attribute or of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One of these item types.
    OneOf(&'static [ItemType]),
    /// A structure with these fields and no others.
    Structure(&'static [FieldRule]),
    /// Anything.
    Any,
}

/// A field of a structured attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldRule {
    /// The tag of the field.
    pub tag: Tag,
    /// Its type.
    pub shape: Shape,
    /// How often it occurs.
    pub need: Need,
}

/// How often a field occurs in a structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Exactly once.
    Required,
    /// At most once.
    Optional,
    /// Any number of times.
    Repeated,
}

impl Shape {
    /// Checks that a value has this shape.
    ///
    /// # Errors
    /// It has another type, lacks a required field, repeats one, or has one that is not declared.
    pub fn check(&self, tag: Tag, value: &Value) -> Result<(), DecodeError> {
        self.check_partial(tag, value)?;
        let (Self::Structure(fields), Value::Structure(children)) = (self, value) else { return Ok(()) };
        let missing = fields.iter().find(|field| {
            field.need == Need::Required && !children.iter().any(|child| child.tag == field.tag)
        });
        match missing {
            None => Ok(()),
            Some(field) => {
                Err(DecodeError::BadValue { field: tag, why: format!("lacks its field {:?}", field.tag) })
            }
        }
    }

    /// Checks the same, but lets required fields be absent, as in the structures that Locate compares with.
    ///
    /// # Errors
    /// It has another type, repeats a field, or has one that is not declared.
    pub fn check_partial(&self, tag: Tag, value: &Value) -> Result<(), DecodeError> {
        match (self, value) {
            (Self::Any, _) => Ok(()),
            (Self::OneOf(types), _) if types.contains(&value.item_type()) => Ok(()),
            (Self::Structure(fields), Value::Structure(children)) => {
                for (position, child) in children.iter().enumerate() {
                    let field = fields.iter().find(|field| field.tag == child.tag).ok_or_else(|| {
                        DecodeError::BadValue { field: tag, why: format!("has no field {:?}", child.tag) }
                    })?;
                    let again = children.iter().take(position).any(|before| before.tag == child.tag);
                    if again && field.need != Need::Repeated {
                        return Err(DecodeError::Repeated { field: child.tag });
                    }
                    field.shape.check(child.tag, &child.value)?;
                }
                Ok(())
            }
            _ => Err(crate::field::wrong_type(tag, self.expected(), value)),
        }
    }

    fn expected(&self) -> &'static str {
        match self {
            Self::OneOf([ItemType::Integer]) => "an Integer",
            Self::OneOf([ItemType::LongInteger]) => "a Long Integer",
            Self::OneOf([ItemType::Enumeration]) => "an Enumeration",
            Self::OneOf([ItemType::Boolean]) => "a Boolean",
            Self::OneOf([ItemType::TextString]) => "a Text String",
            Self::OneOf([ItemType::ByteString]) => "a Byte String",
            Self::OneOf([ItemType::DateTime]) => "a Date-Time",
            Self::OneOf([ItemType::Interval]) => "an Interval",
            Self::OneOf(_) => "one of the types of the specification",
            Self::Structure(_) => "a Structure",
            Self::Any => "any type",
        }
    }
}

/// How many instances an object may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurs {
    /// One at most.
    Once,
    /// Any number.
    Many,
}

/// Whether an object always has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// From its creation until it is destroyed.
    Always,
    /// Perhaps.
    Maybe,
}

/// Who gives the first value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The server alone.
    Server,
    /// The server; the request that makes the object may name the value that it wants.
    Proposed,
    /// The client alone.
    Client,
    /// Either.
    Either,
}

/// When a client may change or delete an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientMay {
    /// Never: the attribute is read-only for clients.
    Never,
    /// At any time.
    Always,
    /// While the object is Pre-Active.
    WhilePreActive,
    /// While the object is Pre-Active or Active.
    WhileUsable,
    /// While the object is Pre-Active or Active and the date that the attribute holds has not been reached.
    UntilReached,
    /// Until Get Usage Allocation or use has taken from the Usage Limits Count.
    UntilAllocated,
}

/// What a replacement object gets (KMIP 2.1 tables 304 and 309).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnRekey {
    /// A copy.
    Copied,
    /// A copy, which the Offset of the request moves.
    Shifted,
    /// The instances of the object that it replaces, which loses them.
    Moved,
    /// Its Total, which becomes the Count too.
    Refilled,
    /// A new value from the server.
    Anew,
    /// Nothing.
    Dropped,
}

/// The objects that may have an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectTypes {
    /// All.
    All,
    /// These.
    Only(&'static [ObjectType]),
}

impl ObjectTypes {
    /// Whether an object of this type may have the attribute.
    pub fn contains(self, object_type: ObjectType) -> bool {
        match self {
            Self::All => true,
            Self::Only(types) => types.contains(&object_type),
        }
    }
}

/// Whether an attribute leaves the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Clients see it and may ask for it.
    Wire,
    /// It is the server's own; to clients it does not exist.
    ServerOnly,
}
