//! Which version of the protocol introduced a tag or a value.

use crate::tables::enumerations::{LinkType, ObjectType, OperationCode};
use crate::ttlv::Tag;
use crate::version::ProtocolVersion;

/// The version that introduced a tag. The standard hands tags out in rising order, so that each version has a range.
/// Extensions belong to every version.
pub(super) fn tag(tag: Tag) -> ProtocolVersion {
    match tag.0 {
        0x42_00A2..=0x42_00B7 => ProtocolVersion::V1_1,
        0x42_00B8..=0x42_00D3 => ProtocolVersion::V1_2,
        0x42_00D4..=0x42_00F7 => ProtocolVersion::V1_3,
        0x42_00F8..=0x42_0124 => ProtocolVersion::V1_4,
        0x42_0125..=0x42_0165 => ProtocolVersion::V2_0,
        0x42_0166..=0x42_FFFF => ProtocolVersion::V2_1,
        _ => ProtocolVersion::V1_0,
    }
}

/// The version that introduced an operation; extensions belong to every version.
pub(super) fn operation(operation: OperationCode) -> ProtocolVersion {
    match operation.0 {
        0x1D..=0x1E => ProtocolVersion::V1_1,
        0x1F..=0x29 => ProtocolVersion::V1_2,
        0x2A..=0x2B => ProtocolVersion::V1_4,
        0x2C..=0x35 => ProtocolVersion::V2_0,
        0x36..=0x7FFF_FFFF => ProtocolVersion::V2_1,
        _ => ProtocolVersion::V1_0,
    }
}

/// Whether a version has an object type; extensions belong to every version.
pub(super) fn has_object_type(object_type: ObjectType, version: ProtocolVersion) -> bool {
    match object_type {
        ObjectType::TEMPLATE => version < ProtocolVersion::V2_0,
        ObjectType::PGP_KEY => version >= ProtocolVersion::V1_2,
        ObjectType::CERTIFICATE_REQUEST => version >= ProtocolVersion::V2_0,
        _ => true,
    }
}

/// The version that introduced a link type; extensions belong to every version.
pub(super) fn link_type(link_type: LinkType) -> ProtocolVersion {
    match link_type.0 {
        0x108..=0x10B => ProtocolVersion::V1_2,
        0x10C..=0x10D => ProtocolVersion::V1_4,
        0x10E..=0x7FFF_FFFF => ProtocolVersion::V2_0,
        _ => ProtocolVersion::V1_0,
    }
}
