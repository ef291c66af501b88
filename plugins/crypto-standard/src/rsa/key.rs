//! An RSA key that is ready for use.

use std::sync::OnceLock;

use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::Cost;
use claviger_plugin_sdk::{Error, Result};
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private, Public};

use super::keys::RsaKeys;
use crate::encoding::{EncodedKey, Half, KeyFamily, key_of};

/// The longest key, in bits, with which AWS-LC signs and decrypts in less than a millisecond on common machines.
const LIGHT: usize = 2048;

/// A parsed key. AWS-LC, which takes half the time of OpenSSL, has the private key as `F`; OpenSSL has it, too, once
/// something is asked for that AWS-LC lacks.
pub(super) struct RsaKey<F> {
    public: PKey<Public>,
    private: Option<PrivateKey<F>>,
}

/// The private half of a parsed key.
pub(super) struct PrivateKey<F> {
    encoded: EncodedKey,
    aws_lc: Option<F>,
    openssl: OnceLock<PKey<Private>>,
}

impl<F> RsaKey<F> {
    /// Parses a private or a public key, or the public key of a certificate. `aws_lc` parses PKCS #8; it may refuse a key
    /// that is shorter or longer than AWS-LC takes.
    ///
    /// # Errors
    /// Cryptographic Failure: the material is no RSA key.
    pub(super) fn new(
        facts: &KeyFacts<'_>,
        material: &Material,
        aws_lc: impl FnOnce(&[u8]) -> Option<F>,
    ) -> Result<Self> {
        let (key, _) = key_of(&RsaKeys, facts, material)?;
        if key.half() == Half::Public {
            return Ok(Self { public: key.to_public_key().map_err(refused)?, private: None });
        }
        let public = RsaKeys.public_key(&key)?.to_public_key().map_err(refused)?;
        let aws_lc = aws_lc(key.envelope());
        Ok(Self { public, private: Some(PrivateKey { encoded: key, aws_lc, openssl: OnceLock::new() }) })
    }

    /// The public key.
    pub(super) fn public(&self) -> &PKey<Public> {
        &self.public
    }

    /// The private key, unless this is a public one.
    pub(super) fn private(&self) -> Option<&PrivateKey<F>> {
        self.private.as_ref()
    }

    /// The length of the modulus in bits.
    pub(super) fn bits(&self) -> usize {
        self.public.bits() as usize
    }

    /// The length of the modulus, and of all that is signed or encrypted, in bytes.
    pub(super) fn size(&self) -> usize {
        self.public.size()
    }

    /// What one use of the key costs.
    pub(super) fn cost(&self) -> Cost {
        if self.private.is_some() && self.bits() > LIGHT { Cost::Heavy } else { Cost::Light }
    }
}

impl<F> PrivateKey<F> {
    /// The key as AWS-LC has it, unless it is too short or too long.
    pub(super) fn aws_lc(&self) -> Option<&F> {
        self.aws_lc.as_ref()
    }

    /// The key as OpenSSL has it.
    ///
    /// # Errors
    /// Cryptographic Failure: OpenSSL does not take it.
    pub(super) fn openssl(&self) -> Result<&PKey<Private>> {
        if let Some(key) = self.openssl.get() {
            return Ok(key);
        }
        let key = self.encoded.to_private_key().map_err(refused)?;
        Ok(self.openssl.get_or_init(|| key))
    }
}

fn refused(error: ErrorStack) -> Error {
    Error::cryptographic("the RSA key cannot be used").because(error)
}
