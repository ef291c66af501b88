//! What a body that cannot be decoded means for its client.

use claviger_kmip::codec::error::{CodecError, CodecErrorKind};
use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::{Error, ErrorClass};

/// The error for a codec's complaint, which is fit for the client as it is.
pub(crate) fn error(error: &CodecError) -> Error {
    let (reason, class) = match error.kind() {
        CodecErrorKind::UnknownOperation { .. } => {
            (ResultReason::OPERATION_NOT_SUPPORTED, ErrorClass::Unsupported)
        }
        CodecErrorKind::TooLong { .. }
        | CodecErrorKind::TooDeep { .. }
        | CodecErrorKind::TooManyItems { .. } => (ResultReason::SERVER_LIMIT_EXCEEDED, ErrorClass::Malformed),
        _ => (ResultReason::CODEC_ERROR, ErrorClass::Malformed),
    };
    Error::new(reason, class, error.to_string())
}
