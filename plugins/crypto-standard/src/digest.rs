//! Hash functions of AWS-LC and OpenSSL.

use aws_lc_rs::digest;
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::HashingAlgorithm;
use claviger_plugin_sdk::scheme::{DigestScheme, DigestStream};
use claviger_plugin_sdk::{Error, Result};
use openssl::error::ErrorStack;
use openssl::hash::{Hasher, MessageDigest};

/// Whether the parameters name this hash function.
pub(crate) fn named(parameters: &CryptographicParameters, hash: HashingAlgorithm) -> bool {
    parameters.hashing_algorithm == Some(hash)
}

/// The parameters with this hash function, which they name otherwise or leave to the scheme.
pub(crate) fn naming_hash(
    parameters: &CryptographicParameters,
    hash: HashingAlgorithm,
) -> CryptographicParameters {
    CryptographicParameters { hashing_algorithm: Some(hash), ..parameters.clone() }
}

/// The hash function as OpenSSL has it, for what is built on hash functions; nothing for those that nobody should build
/// on any more.
pub(crate) fn openssl(algorithm: HashingAlgorithm) -> Option<MessageDigest> {
    Some(match algorithm {
        HashingAlgorithm::SHA_1 => MessageDigest::sha1(),
        HashingAlgorithm::SHA_224 => MessageDigest::sha224(),
        HashingAlgorithm::SHA_256 => MessageDigest::sha256(),
        HashingAlgorithm::SHA_384 => MessageDigest::sha384(),
        HashingAlgorithm::SHA_512 => MessageDigest::sha512(),
        HashingAlgorithm::SHA_512_224 => MessageDigest::from_name("SHA512-224")?,
        HashingAlgorithm::SHA_512_256 => MessageDigest::from_name("SHA512-256")?,
        HashingAlgorithm::SHA3_224 => MessageDigest::sha3_224(),
        HashingAlgorithm::SHA3_256 => MessageDigest::sha3_256(),
        HashingAlgorithm::SHA3_384 => MessageDigest::sha3_384(),
        HashingAlgorithm::SHA3_512 => MessageDigest::sha3_512(),
        _ => return None,
    })
}

/// A hash function of AWS-LC.
pub(crate) struct AwsLcDigest(pub(crate) &'static digest::Algorithm);

impl DigestScheme for AwsLcDigest {
    fn digest(&self, data: &[u8], _: &CryptographicParameters) -> Result<ByteString> {
        Ok(digest::digest(self.0, data).as_ref().into())
    }

    fn in_parts(&self, _: &CryptographicParameters) -> Result<Box<dyn DigestStream>> {
        Ok(Box::new(AwsLcStream(digest::Context::new(self.0))))
    }
}

struct AwsLcStream(digest::Context);

impl DigestStream for AwsLcStream {
    fn update(&mut self, part: &[u8]) -> Result<()> {
        self.0.update(part);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<ByteString> {
        Ok(self.0.finish().as_ref().into())
    }
}

/// A hash function of OpenSSL, for what AWS-LC lacks.
pub(crate) struct OpenSslDigest {
    /// OpenSSL's name.
    pub(crate) name: &'static str,
    /// The bytes to take where the function gives as many as one likes.
    pub(crate) extends_to: Option<usize>,
}

impl OpenSslDigest {
    fn start(&self) -> Result<OpenSslStream> {
        let function = MessageDigest::from_name(self.name)
            .ok_or_else(|| Error::server(format!("OpenSSL lacks {}", self.name)))?;
        Ok(OpenSslStream { hasher: Hasher::new(function).map_err(failure)?, extends_to: self.extends_to })
    }
}

impl DigestScheme for OpenSslDigest {
    fn digest(&self, data: &[u8], parameters: &CryptographicParameters) -> Result<ByteString> {
        let mut stream = self.in_parts(parameters)?;
        stream.update(data)?;
        stream.finish()
    }

    fn in_parts(&self, _: &CryptographicParameters) -> Result<Box<dyn DigestStream>> {
        Ok(Box::new(self.start()?))
    }
}

struct OpenSslStream {
    hasher: Hasher,
    extends_to: Option<usize>,
}

impl DigestStream for OpenSslStream {
    fn update(&mut self, part: &[u8]) -> Result<()> {
        self.hasher.update(part).map_err(failure)
    }

    fn finish(mut self: Box<Self>) -> Result<ByteString> {
        let Some(length) = self.extends_to else {
            return Ok(self.hasher.finish().map_err(failure)?.as_ref().into());
        };
        let mut digest = vec![0; length];
        self.hasher.finish_xof(&mut digest).map_err(failure)?;
        Ok(digest.into())
    }
}

fn failure(error: ErrorStack) -> Error {
    Error::cryptographic("the data could not be hashed").because(error)
}
