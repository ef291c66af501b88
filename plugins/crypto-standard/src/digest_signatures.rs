//! Signatures over the digest of the data: at once, over a digest that the client made, and in parts.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::scheme::{Cost, SignInput, SignKey, SignStream};
use claviger_plugin_sdk::{Error, Result};
use openssl::error::ErrorStack;
use openssl::hash::{Hasher, hash};

use crate::signature_hash::SignatureHash;

/// A parsed key that signs digests.
pub(crate) trait SignDigest: Send + Sync + 'static {
    /// What the parameters ask for, the hash among it.
    type Method: Send;

    /// What one signature costs.
    fn cost(&self) -> Cost;

    /// What the parameters ask for.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters.
    fn method(&self, parameters: &CryptographicParameters) -> Result<Self::Method>;

    /// The hash of the method.
    fn hash(method: &Self::Method) -> SignatureHash;

    /// Signs a digest, which has the length that the hash gives.
    ///
    /// # Errors
    /// Cryptographic Failure: it is a public key.
    fn sign(&self, digest: &[u8], method: &Self::Method) -> Result<ByteString>;

    /// Whether this is a signature of the digest, which has the length that the hash gives.
    fn verify(&self, digest: &[u8], signature: &[u8], method: &Self::Method) -> bool;
}

/// The key as the engine uses it.
pub(crate) struct DigestSignatures<K>(Arc<K>);

impl<K: SignDigest> DigestSignatures<K> {
    /// Takes a parsed key.
    pub(crate) fn new(key: K) -> Self {
        Self(Arc::new(key))
    }
}

impl<K: SignDigest> SignKey for DigestSignatures<K> {
    fn cost(&self) -> Cost {
        self.0.cost()
    }

    fn sign(
        &self,
        input: SignInput<'_>,
        parameters: &CryptographicParameters,
        _: &mut dyn RandomSource,
    ) -> Result<ByteString> {
        let method = self.0.method(parameters)?;
        let SignatureHash { algorithm, digest: function } = K::hash(&method);
        match input {
            SignInput::Data(data) => self.0.sign(&hash(function, data).map_err(failed)?, &method),
            SignInput::Digest(digest) if digest.len() == function.size() => self.0.sign(digest, &method),
            SignInput::Digest(digest) => Err(Error::cryptographic(format!(
                "a digest of {algorithm:?} has {} bytes, not {}; set Hashing Algorithm to the hash that it was made by",
                function.size(),
                digest.len()
            ))),
        }
    }

    fn verify(
        &self,
        input: SignInput<'_>,
        signature: &[u8],
        parameters: &CryptographicParameters,
    ) -> Result<bool> {
        let method = self.0.method(parameters)?;
        let function = K::hash(&method).digest;
        Ok(match input {
            SignInput::Data(data) => {
                self.0.verify(&hash(function, data).map_err(failed)?, signature, &method)
            }
            SignInput::Digest(digest) => {
                digest.len() == function.size() && self.0.verify(digest, signature, &method)
            }
        })
    }

    fn in_parts(&self, parameters: &CryptographicParameters) -> Result<Box<dyn SignStream>> {
        let method = self.0.method(parameters)?;
        let hasher = Hasher::new(K::hash(&method).digest).map_err(failed)?;
        Ok(Box::new(Stream { key: self.0.clone(), method, hasher }))
    }
}

struct Stream<K: SignDigest> {
    key: Arc<K>,
    method: K::Method,
    hasher: Hasher,
}

impl<K: SignDigest> SignStream for Stream<K> {
    fn update(&mut self, part: &[u8]) -> Result<()> {
        self.hasher.update(part).map_err(failed)
    }

    fn sign(mut self: Box<Self>, _: &mut dyn RandomSource) -> Result<ByteString> {
        self.key.sign(&self.hasher.finish().map_err(failed)?, &self.method)
    }

    fn verify(mut self: Box<Self>, signature: &[u8]) -> Result<bool> {
        Ok(self.key.verify(&self.hasher.finish().map_err(failed)?, signature, &self.method))
    }
}

fn failed(error: ErrorStack) -> Error {
    Error::cryptographic("the data cannot be hashed").because(error)
}
