//! What the parameters of a request ask for, and the errors where they do not fit.

use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    BlockCipherMode, CryptographicAlgorithm, ResultReason,
};
use claviger_plugin_sdk::scheme::CipherInput;
use claviger_plugin_sdk::{Error, ErrorClass, Result};

/// RFC 5649 in the vendor range: the code of a family of REST clients, which KMIP calls AES Key Wrap Padding.
pub(crate) const VENDOR_KEY_WRAP_PADDING: BlockCipherMode = BlockCipherMode(0x8000_0001);

/// AES-GCM-SIV in the vendor range: the code of the same clients; KMIP 2.1 has none.
pub(crate) const VENDOR_GCM_SIV: BlockCipherMode = BlockCipherMode(0x8000_0002);

/// Whether the parameters leave the algorithm to the key or name this one.
pub(crate) fn allow(parameters: &CryptographicParameters, algorithm: CryptographicAlgorithm) -> bool {
    parameters.cryptographic_algorithm.is_none_or(|named| named == algorithm)
}

/// Whether the parameters name this mode, and no other algorithm than this one.
pub(crate) fn ask_for(
    parameters: &CryptographicParameters,
    algorithm: CryptographicAlgorithm,
    mode: BlockCipherMode,
) -> bool {
    allow(parameters, algorithm) && parameters.block_cipher_mode == Some(mode)
}

/// The parameters with this mode, which they name otherwise or leave to the scheme.
pub(crate) fn with_mode(
    parameters: &CryptographicParameters,
    mode: BlockCipherMode,
) -> CryptographicParameters {
    CryptographicParameters { block_cipher_mode: Some(mode), ..parameters.clone() }
}

/// Refuses what a mode without authentication cannot honour.
///
/// # Errors
/// Bad Cryptographic Parameters: there is additional data or a tag.
pub(crate) fn refuse_authentication(input: &CipherInput<'_>, name: &str) -> Result<()> {
    if !input.additional_data.is_empty() || input.tag.is_some_and(|tag| !tag.is_empty()) {
        return Err(bad_parameters(format!(
            "{name} does not authenticate; leave additional data and tag out, or use an authenticated mode"
        )));
    }
    Ok(())
}

/// The parameters of the request do not fit the mode.
pub(crate) fn bad_parameters(message: String) -> Error {
    Error::new(ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS, ErrorClass::Request, message)
}

/// The mode cannot work in parts.
pub(crate) fn all_at_once(name: &str) -> Error {
    Error::unsupported(format!("{name} needs all data in one request; leave Init and Final Indicator out"))
}
