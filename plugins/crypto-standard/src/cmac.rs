//! CMAC (SP 800-38B) over any block cipher, on AWS-LC.

use aws_lc_rs::cmac;
use aws_lc_rs::error::Unspecified;
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::scheme::{MacKey, MacStream};
use claviger_plugin_sdk::{Error, Result};

use crate::authentication_tag::TagRule;
use crate::hmac::equal;
use crate::parameters::allow;

/// Whether the parameters ask for the CMAC of this block cipher, which is its MAC where nothing else is asked for.
pub(crate) fn claimed(parameters: &CryptographicParameters, algorithm: CryptographicAlgorithm) -> bool {
    allow(parameters, algorithm)
        && matches!(parameters.block_cipher_mode, None | Some(BlockCipherMode::CMAC))
        && parameters.hashing_algorithm.is_none()
}

/// A key with both subkeys computed.
pub(crate) struct CmacKey {
    key: cmac::Key,
    tags: &'static TagRule,
}

impl CmacKey {
    /// Takes a key of the length that the algorithm has.
    ///
    /// # Errors
    /// Cryptographic Failure: it has another.
    pub(crate) fn new(algorithm: cmac::Algorithm, key: &[u8], tags: &'static TagRule) -> Result<Self> {
        Ok(Self { key: cmac::Key::new(algorithm, key).map_err(failure)?, tags })
    }

    fn start(&self, parameters: &CryptographicParameters) -> Result<CmacStream> {
        let length = self.tags.length(parameters)?;
        Ok(CmacStream { context: cmac::Context::with_key(&self.key), length })
    }
}

impl MacKey for CmacKey {
    fn mac(
        &self,
        data: &[u8],
        parameters: &CryptographicParameters,
        _: &mut dyn RandomSource,
    ) -> Result<ByteString> {
        self.start(parameters)?.of(data)
    }

    fn verify(&self, data: &[u8], mac: &[u8], parameters: &CryptographicParameters) -> Result<bool> {
        Ok(equal(&self.start(parameters)?.of(data)?, mac))
    }

    fn in_parts(&self, parameters: &CryptographicParameters) -> Result<Box<dyn MacStream>> {
        Ok(Box::new(self.start(parameters)?))
    }
}

struct CmacStream {
    context: cmac::Context,
    length: usize,
}

impl CmacStream {
    fn of(mut self, data: &[u8]) -> Result<ByteString> {
        self.update(data)?;
        self.mac()
    }

    fn mac(self) -> Result<ByteString> {
        let whole = self.context.sign().map_err(failure)?;
        // A shorter MAC is the beginning of the whole one (SP 800-38B section 6.2).
        Ok(whole.as_ref().get(..self.length).unwrap_or(whole.as_ref()).into())
    }
}

impl MacStream for CmacStream {
    fn update(&mut self, part: &[u8]) -> Result<()> {
        self.context.update(part).map_err(failure)
    }

    fn finish(self: Box<Self>, _: &mut dyn RandomSource) -> Result<ByteString> {
        self.mac()
    }

    fn verify(self: Box<Self>, mac: &[u8]) -> Result<bool> {
        Ok(equal(&self.mac()?, mac))
    }
}

fn failure(error: Unspecified) -> Error {
    Error::cryptographic("the MAC could not be computed").because(error)
}
