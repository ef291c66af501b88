//! Authentication tags: how long they may be, and where they stand.

use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::scheme::CipherInput;
use claviger_plugin_sdk::{Error, ErrorClass, Result};

use crate::parameters::bad_parameters;

/// Which tags a mode makes and takes.
pub(crate) struct TagRule {
    /// The mode, as errors name it.
    pub(crate) name: &'static str,
    /// Which lengths tags may have, in bytes.
    pub(crate) lengths: &'static [usize],
    /// The length where Tag Length is not set, in bytes.
    pub(crate) usual: usize,
}

impl TagRule {
    /// The length of the tag in bytes.
    ///
    /// # Errors
    /// General Failure, the reason that the OASIS test cases give: the mode has no tags of that length.
    pub(crate) fn length(&self, parameters: &CryptographicParameters) -> Result<usize> {
        let Some(asked) = parameters.tag_length else { return Ok(self.usual) };
        let known = self.lengths.iter().copied().find(|length| i32::try_from(*length) == Ok(asked));
        known.ok_or_else(|| {
            Error::new(
                ResultReason::GENERAL_FAILURE,
                ErrorClass::Request,
                format!(
                    "{} has no tags of {asked} bytes; set Tag Length to one of {:?}",
                    self.name, self.lengths
                ),
            )
        })
    }

    /// Data and tag of a ciphertext: the tag stands apart, or it is the end of the data.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters: the tag has another length than is expected. Cryptographic Failure: there is none.
    pub(crate) fn split<'a>(&self, input: &CipherInput<'a>) -> Result<(&'a [u8], &'a [u8])> {
        let length = self.length(input.parameters)?;
        match input.tag {
            // A tag that is shorter than asked for would be easier to forge.
            Some(tag) if tag.len() != length => Err(bad_parameters(format!(
                "the tag has {} bytes where {length} are expected; set Tag Length if the tag was made shorter",
                tag.len()
            ))),
            Some(tag) => Ok((input.data, tag)),
            None => input
                .data
                .len()
                .checked_sub(length)
                .and_then(|end| input.data.split_at_checked(end))
                .ok_or_else(|| self.not_authentic()),
        }
    }

    /// The one answer to everything that is not authentic.
    pub(crate) fn not_authentic(&self) -> Error {
        Error::cryptographic(format!(
            "{} decryption failed: key, nonce, tag or additional data do not belong to this ciphertext",
            self.name
        ))
    }
}
