//! Decryption in parts that releases nothing before the end is authenticated.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::scheme::{CipherInput, CipherKey, CipherStream};
use claviger_plugin_sdk::{Error, ErrorClass, Result};

/// Bytes of ciphertext that one decryption may hold back: as many as a message brings in one piece.
pub(crate) const MOST: usize = 64 << 20;

/// Collects the ciphertext and decrypts it whole at the end.
pub(crate) struct HeldBack {
    key: Arc<dyn CipherKey>,
    parameters: CryptographicParameters,
    nonce: Option<Vec<u8>>,
    additional_data: Vec<u8>,
    tag: Option<Vec<u8>>,
    data: Vec<u8>,
}

impl HeldBack {
    /// Begins with what the first part of the request says.
    pub(crate) fn new(key: Arc<dyn CipherKey>, input: &CipherInput<'_>) -> Self {
        Self {
            key,
            parameters: input.parameters.clone(),
            nonce: input.nonce.map(<[u8]>::to_vec),
            additional_data: input.additional_data.to_vec(),
            tag: input.tag.map(<[u8]>::to_vec),
            data: Vec::new(),
        }
    }
}

impl CipherStream for HeldBack {
    fn update(&mut self, part: &[u8]) -> Result<ByteString> {
        if self.data.len().saturating_add(part.len()) > MOST {
            return Err(Error::new(
                ResultReason::SERVER_LIMIT_EXCEEDED,
                ErrorClass::Request,
                "an authenticated decryption in parts holds at most 64 MiB; encrypt larger data in several pieces",
            ));
        }
        self.data.extend_from_slice(part);
        Ok(ByteString::default())
    }

    fn expect_tag(&mut self, tag: &[u8]) {
        self.tag = Some(tag.to_vec());
    }

    fn finish(self: Box<Self>) -> Result<(ByteString, Option<ByteString>)> {
        let plain = self.key.decrypt(CipherInput {
            parameters: &self.parameters,
            data: &self.data,
            nonce: self.nonce.as_deref(),
            additional_data: &self.additional_data,
            tag: self.tag.as_deref(),
        })?;
        Ok((plain, None))
    }
}
