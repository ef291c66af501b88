//! Which version of the protocol introduced a tag or a value.

use crate::tables::enumerations::{ObjectType, OperationCode};
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

/// The version that introduced a value of the enumeration under this tag; extensions belong to every version. What came
/// after 1.4 is told apart no further: clients of 2.0 know it.
pub(super) fn value(tag: Tag, code: u32) -> ProtocolVersion {
    use ProtocolVersion as V;
    match (tag, code) {
        (_, 0x8000_0000..) => V::V1_0,
        (Tag::LINK_TYPE, code) => link_type(code),
        (Tag::CRYPTOGRAPHIC_ALGORITHM, 0x29..) => V::V2_0,
        (Tag::CRYPTOGRAPHIC_ALGORITHM, 0x1C..) => V::V1_4,
        (Tag::CRYPTOGRAPHIC_ALGORITHM, 0x1B) => V::V1_3,
        (Tag::CRYPTOGRAPHIC_ALGORITHM, 0x1A) => V::V1_2,
        (Tag::HASHING_ALGORITHM | Tag::MASK_GENERATOR_HASHING_ALGORITHM, 0x0E..) => V::V1_4,
        (Tag::HASHING_ALGORITHM | Tag::MASK_GENERATOR_HASHING_ALGORITHM, 0x0C..) => V::V1_2,
        (Tag::DIGITAL_SIGNATURE_ALGORITHM, 0x11..) => V::V1_4,
        (Tag::BLOCK_CIPHER_MODE, 0x12..) => V::V1_4,
        (Tag::KEY_ROLE_TYPE, 0x16..) => V::V1_4,
        (Tag::KEY_FORMAT_TYPE, 0x17..) => V::V2_0,
        (Tag::KEY_FORMAT_TYPE, 0x16) => V::V1_4,
        (Tag::KEY_FORMAT_TYPE, 0x14..) => V::V1_3,
        (Tag::RECOMMENDED_CURVE, 0x45..) => V::V2_0,
        (Tag::RECOMMENDED_CURVE, 0x10..) => V::V1_2,
        _ => V::V1_0,
    }
}

/// The bits of the Cryptographic Usage Mask that a version has.
pub(super) fn usage_mask(version: ProtocolVersion) -> u32 {
    if version < ProtocolVersion::V2_0 { 0x000F_FFFF } else { u32::MAX }
}

fn link_type(code: u32) -> ProtocolVersion {
    match code {
        0x108..=0x10B => ProtocolVersion::V1_2,
        0x10C..=0x10D => ProtocolVersion::V1_4,
        0x10E.. => ProtocolVersion::V2_0,
        _ => ProtocolVersion::V1_0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The last value of each enumeration in KMIP 1.4 section 9.1.3.2, and in the tables of KMIP 1.2.
    #[test]
    fn a_value_is_as_old_as_the_first_specification_that_has_it() {
        for (tag, in_1_2, in_1_4) in [
            (Tag::CRYPTOGRAPHIC_ALGORITHM, 0x1A, 0x28),
            (Tag::HASHING_ALGORITHM, 0x0D, 0x11),
            (Tag::DIGITAL_SIGNATURE_ALGORITHM, 0x10, 0x13),
            (Tag::BLOCK_CIPHER_MODE, 0x11, 0x12),
            (Tag::KEY_ROLE_TYPE, 0x15, 0x18),
            (Tag::KEY_FORMAT_TYPE, 0x13, 0x16),
            (Tag::RECOMMENDED_CURVE, 0x44, 0x44),
            (Tag::LINK_TYPE, 0x10B, 0x10D),
        ] {
            assert!(value(tag, in_1_2) <= ProtocolVersion::V1_2, "{tag:?}");
            assert!(in_1_4 == in_1_2 || value(tag, in_1_2 + 1) > ProtocolVersion::V1_2, "{tag:?}");
            assert!(value(tag, in_1_4) <= ProtocolVersion::V1_4, "{tag:?}");
            assert!(value(tag, 0x8000_0001) == ProtocolVersion::V1_0);
        }
        for (tag, code) in [
            (Tag::CRYPTOGRAPHIC_ALGORITHM, 0x29),
            (Tag::KEY_FORMAT_TYPE, 0x17),
            (Tag::RECOMMENDED_CURVE, 0x45),
        ] {
            assert!(value(tag, code) > ProtocolVersion::V1_4, "{tag:?}");
        }
    }
}
