//! What most plugins need.

pub use claviger_kmip::field::{DateTime, Empty, Interval, Structure, TtlvValue};
pub use claviger_kmip::identifier::UniqueIdentifier;
pub use claviger_kmip::lifecycle::StateSet;
pub use claviger_kmip::structure;
pub use claviger_kmip::tables::enumerations::{
    CryptographicAlgorithm, KeyFormatType, ObjectType, OperationCode, ResultReason, State,
};
pub use claviger_kmip::tables::masks::CryptographicUsageMask;
pub use claviger_kmip::version::ProtocolVersion;
pub use claviger_kmip::{BigInteger, ByteString, Tag, Ttlv, Value};

pub use crate::context::{Authorized, Context, NewObject};
pub use crate::error::{Error, ErrorClass, Result};
pub use crate::operation::{Access, MaterialUse, Operation, OperationSpec, Placeholder, Undo, Writes};
pub use crate::target::{Cardinality, Purpose, Right, Role, Target, Targets};
pub use crate::{plugin, register_operation};
