//! What is signed: the data or, in its place, its digest (KMIP 2.1 sections 6.1.55 and 6.1.56).

use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::SignInput;

use crate::parts;

/// What a signature is over.
pub(crate) enum Signed {
    /// The data.
    Data(ByteString),
    /// What the client has hashed already.
    Digest(ByteString),
}

impl Signed {
    /// What a request that is not in parts says.
    ///
    /// # Errors
    /// Missing Data: it gives neither data nor digest. Invalid Field: it gives both.
    pub(crate) fn of(data: Option<ByteString>, digest: Option<ByteString>) -> Result<Self> {
        match (data, digest) {
            (Some(data), None) => Ok(Self::Data(data)),
            (None, Some(digest)) => Ok(Self::Digest(digest)),
            (Some(_), Some(_)) => Err(Error::invalid("a request has either Data or Digested Data")),
            (None, None) => {
                Err(parts::missing("Data or Digested Data is required unless the operation goes on in parts"))
            }
        }
    }

    /// As a scheme takes it.
    pub(crate) fn as_input(&self) -> SignInput<'_> {
        match self {
            Self::Data(data) => SignInput::Data(data),
            Self::Digest(digest) => SignInput::Digest(digest),
        }
    }

    /// The bytes to work through.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Data(bytes) | Self::Digest(bytes) => bytes.len(),
        }
    }
}

/// Refuses a digest where data comes in parts, which the server hashes itself.
///
/// # Errors
/// Invalid Field.
pub(crate) fn no_digest_in_parts(digest: Option<&ByteString>) -> Result<()> {
    match digest {
        None => Ok(()),
        Some(_) => Err(Error::invalid("Digested Data are given whole, not in parts")),
    }
}
