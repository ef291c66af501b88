//! Why a tree is not what was asked for.

use crate::tables::enumerations::ResultReason;
use crate::ttlv::{ItemType, Tag, Value};

/// Why a tree is not the structure that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A required field is absent.
    #[error("{field:?} is required in {structure} and is absent")]
    Missing {
        /// The structure that was being read.
        structure: &'static str,
        /// The field that it lacks.
        field: Tag,
    },
    /// A field that may occur once occurs again.
    #[error("{field:?} occurs more than once")]
    Repeated {
        /// The field.
        field: Tag,
    },
    /// A field does not belong to the structure.
    #[error("{field:?} is not a field of {structure}")]
    Unknown {
        /// The structure that was being read.
        structure: &'static str,
        /// The field that it does not know.
        field: Tag,
    },
    /// A field has another type than the specification gives it.
    #[error("{field:?} is {found:?} where {expected} is expected")]
    WrongType {
        /// The field.
        field: Tag,
        /// What the specification says.
        expected: &'static str,
        /// What was found.
        found: ItemType,
    },
    /// A field has the right type and a value outside its range.
    #[error("{field:?}: {why}")]
    BadValue {
        /// The field.
        field: Tag,
        /// What is wrong with it, for the client to read.
        why: String,
    },
}

impl DecodeError {
    /// The result reason that a server answers with (KMIP 2.1 section 11.48).
    pub fn reason(&self) -> ResultReason {
        match self {
            Self::Missing { .. } | Self::Repeated { .. } | Self::Unknown { .. } => {
                ResultReason::INVALID_MESSAGE
            }
            Self::WrongType { .. } => ResultReason::INVALID_DATA_TYPE,
            Self::BadValue { .. } => ResultReason::INVALID_FIELD,
        }
    }
}

/// The error for a value of another type than expected.
pub fn wrong_type(field: Tag, expected: &'static str, found: &Value) -> DecodeError {
    DecodeError::WrongType { field, expected, found: found.item_type() }
}
