//! Result reasons that older versions do not have.

use crate::tables::enumerations::{OperationCode, ResultReason};
use crate::version::ProtocolVersion;

/// The reason that a client of this version gets: the same, if its version has it, or the one that the error tables of
/// KMIP 1.4 section 11 give the operation for such an error.
pub(super) fn in_version(
    reason: ResultReason,
    operation: Option<OperationCode>,
    version: ProtocolVersion,
) -> ResultReason {
    if version >= ProtocolVersion::V2_1 {
        return reason;
    }
    if version == ProtocolVersion::V2_0 {
        return in_2_0(reason);
    }
    let reason = if exists_in_1_4(reason) { reason } else { in_1_4(reason, operation) };
    before_1_4(reason, version)
}

fn in_2_0(reason: ResultReason) -> ResultReason {
    match reason {
        // The value exists in 2.0, yet the OASIS cases of 2.0 expect what 1.x has.
        ResultReason::WRONG_KEY_LIFECYCLE_STATE | ResultReason::CONSTRAINT_VIOLATION => {
            ResultReason::PERMISSION_DENIED
        }
        // What clients of 2.0 look for.
        ResultReason::OBJECT_NOT_FOUND => ResultReason::ITEM_NOT_FOUND,
        ResultReason::UNKNOWN_OBJECT_GROUP => ResultReason::INVALID_FIELD,
        ResultReason::DUPLICATE_PROCESS_REQUEST => ResultReason::GENERAL_FAILURE,
        same => same,
    }
}

/// The values up to 0x18, General Failure, and vendors' own.
fn exists_in_1_4(reason: ResultReason) -> bool {
    reason.0 <= ResultReason::OBJECT_ALREADY_EXISTS.0 || reason.0 >= ResultReason::GENERAL_FAILURE.0
}

fn in_1_4(reason: ResultReason, operation: Option<OperationCode>) -> ResultReason {
    use ResultReason as R;
    let operation = operation.unwrap_or(OperationCode(0));
    let edits =
        [OperationCode::ADD_ATTRIBUTE, OperationCode::MODIFY_ATTRIBUTE, OperationCode::DELETE_ATTRIBUTE]
            .contains(&operation);
    match reason {
        R::OBJECT_NOT_FOUND
        | R::WRAPPING_OBJECT_NOT_FOUND
        | R::ATTRIBUTE_INSTANCE_NOT_FOUND
        | R::INVALID_CORRELATION_VALUE
        | R::INVALID_ASYNCHRONOUS_CORRELATION_VALUE => R::ITEM_NOT_FOUND,
        R::ATTRIBUTE_NOT_FOUND if operation == OperationCode::DELETE_ATTRIBUTE => R::ITEM_NOT_FOUND,
        R::OBJECT_DESTROYED if operation != OperationCode::DESTROY => R::ITEM_NOT_FOUND,
        R::ATTRIBUTE_READ_ONLY | R::READ_ONLY_ATTRIBUTE | R::INVALID_ATTRIBUTE | R::UNSUPPORTED_ATTRIBUTE
            if edits =>
        {
            R::PERMISSION_DENIED
        }
        R::ATTRIBUTE_SINGLE_VALUED | R::MULTI_VALUED_ATTRIBUTE | R::NON_UNIQUE_NAME_ATTRIBUTE if edits => {
            R::ILLEGAL_OPERATION
        }
        R::ILLEGAL_OBJECT_TYPE => R::ILLEGAL_OPERATION,
        R::INVALID_OBJECT_TYPE if !makes_an_object(operation) => R::ILLEGAL_OPERATION,
        R::ATTRIBUTE_READ_ONLY
        | R::READ_ONLY_ATTRIBUTE
        | R::ATTRIBUTE_NOT_FOUND
        | R::ATTRIBUTE_SINGLE_VALUED
        | R::MULTI_VALUED_ATTRIBUTE
        | R::NON_UNIQUE_NAME_ATTRIBUTE
        | R::INVALID_ATTRIBUTE
        | R::INVALID_ATTRIBUTE_VALUE
        | R::UNSUPPORTED_ATTRIBUTE
        | R::INVALID_OBJECT_TYPE
        | R::INVALID_DATA_TYPE
        | R::NUMERIC_RANGE
        | R::BAD_CRYPTOGRAPHIC_PARAMETERS
        | R::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS
        | R::BAD_PASSWORD
        | R::INVALID_CSR
        | R::UNKNOWN_ENUMERATION
        | R::UNKNOWN_OBJECT_GROUP => R::INVALID_FIELD,
        R::WRONG_KEY_LIFECYCLE_STATE
        | R::OBJECT_DESTROYED
        | R::WRAPPING_OBJECT_DESTROYED
        | R::USAGE_LIMIT_EXCEEDED
        | R::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK
        | R::NOT_AUTHORISED
        | R::CONSTRAINT_VIOLATION => R::PERMISSION_DENIED,
        R::WRAPPING_OBJECT_ARCHIVED => R::OBJECT_ARCHIVED,
        R::CODEC_ERROR | R::UNKNOWN_TAG | R::UNSUPPORTED_PROTOCOL_VERSION => R::INVALID_MESSAGE,
        R::MISSING_INITIALIZATION_VECTOR => R::MISSING_DATA,
        R::KEY_WRAP_TYPE_NOT_SUPPORTED | R::UNKNOWN_MESSAGE_EXTENSION => R::FEATURE_NOT_SUPPORTED,
        R::INVALID_TICKET => R::AUTHENTICATION_NOT_SUCCESSFUL,
        _ => R::GENERAL_FAILURE,
    }
}

fn makes_an_object(operation: OperationCode) -> bool {
    [
        OperationCode::CREATE,
        OperationCode::CREATE_KEY_PAIR,
        OperationCode::REGISTER,
        OperationCode::IMPORT,
        OperationCode::DERIVE_KEY,
        OperationCode::CREATE_SPLIT_KEY,
        OperationCode::JOIN_SPLIT_KEY,
    ]
    .contains(&operation)
}

/// Reasons that 1.4 has and an earlier version does not.
fn before_1_4(reason: ResultReason, version: ProtocolVersion) -> ResultReason {
    match reason {
        ResultReason::SENSITIVE | ResultReason::NOT_EXTRACTABLE if version < ProtocolVersion::V1_4 => {
            ResultReason::PERMISSION_DENIED
        }
        ResultReason::OBJECT_ALREADY_EXISTS if version < ProtocolVersion::V1_4 => ResultReason::INVALID_FIELD,
        ResultReason::ATTESTATION_REQUIRED | ResultReason::ATTESTATION_FAILED
            if version < ProtocolVersion::V1_2 =>
        {
            ResultReason::PERMISSION_DENIED
        }
        ResultReason::KEY_VALUE_NOT_PRESENT if version < ProtocolVersion::V1_2 => {
            ResultReason::ILLEGAL_OPERATION
        }
        ResultReason::ENCODING_OPTION_ERROR if version < ProtocolVersion::V1_1 => ResultReason::INVALID_FIELD,
        same => same,
    }
}
