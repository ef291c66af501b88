//! What a body that cannot be decoded means for its client.

use claviger_kmip::codec::error::{CodecError, CodecErrorKind};
use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::{Error, ErrorClass};

/// The error for a codec's complaint, which is fit for the client as it is. Of an unknown operation the error tells the
/// name alone: dialects have their own words around it.
pub(crate) fn error(error: &CodecError) -> Error {
    let (reason, class) = match error.kind() {
        CodecErrorKind::UnknownOperation { name } => {
            let reason = ResultReason::OPERATION_NOT_SUPPORTED;
            return Error::new(reason, ErrorClass::Unsupported, name.clone());
        }
        CodecErrorKind::TooLong { .. }
        | CodecErrorKind::TooDeep { .. }
        | CodecErrorKind::TooManyItems { .. } => (ResultReason::SERVER_LIMIT_EXCEEDED, ErrorClass::Malformed),
        _ => (ResultReason::CODEC_ERROR, ErrorClass::Malformed),
    };
    Error::new(reason, class, error.to_string())
}
