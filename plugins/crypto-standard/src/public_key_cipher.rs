//! Encryption to a public key, which the private key alone undoes: as a cipher and as a way to wrap keys.

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::scheme::{CipherInput, CipherKey, CipherStream, Cost, Encrypted, WrapKey, Wrapped};
use claviger_plugin_sdk::{Error, Result};
use zeroize::Zeroizing;

use crate::nonce::refuse_nonce;
use crate::parameters::{all_at_once, bad_parameters, refuse_authentication};

/// A key with a way to encrypt.
pub(crate) trait Seal: Send + Sync {
    /// The way, as errors name it.
    fn name(&self) -> &'static str;

    /// What one decryption costs.
    fn cost(&self) -> Cost;

    /// Whether it authenticates data besides.
    fn takes_additional_data(&self) -> bool;

    /// Encrypts. What comes out holds all that the private key needs.
    ///
    /// # Errors
    /// Cryptographic Failure: nobody can decrypt for this public key.
    fn seal(
        &self,
        plain: &[u8],
        additional_data: &[u8],
        parameters: &CryptographicParameters,
        rng: &mut dyn RandomSource,
    ) -> Result<Vec<u8>>;

    /// Decrypts; nothing if the bytes are damaged or meant for another key, whatever the reason.
    ///
    /// # Errors
    /// Cryptographic Failure: it is a public key.
    fn open(
        &self,
        sealed: &[u8],
        additional_data: &[u8],
        parameters: &CryptographicParameters,
    ) -> Result<Option<Zeroizing<Vec<u8>>>>;
}

/// The key as a cipher and as a wrap.
pub(crate) struct PublicKeyCipher<S>(pub(crate) S);

impl<S: Seal> PublicKeyCipher<S> {
    fn check(&self, input: &CipherInput<'_>) -> Result<()> {
        refuse_nonce(input.nonce, self.0.name())?;
        if !self.0.takes_additional_data() {
            return refuse_authentication(input, self.0.name());
        }
        match input.tag {
            Some(tag) if !tag.is_empty() => Err(bad_parameters(format!(
                "{} has its tag in the data; leave the Authenticated Encryption Tag out",
                self.0.name()
            ))),
            _ => Ok(()),
        }
    }

    fn open(
        &self,
        sealed: &[u8],
        additional_data: &[u8],
        parameters: &CryptographicParameters,
    ) -> Result<ByteString> {
        match self.0.open(sealed, additional_data, parameters)? {
            Some(mut plain) => Ok(std::mem::take(&mut *plain).into()),
            None => Err(Error::cryptographic(format!(
                "{} decryption failed: this was not encrypted for this key, or is damaged",
                self.0.name()
            ))),
        }
    }
}

impl<S: Seal> CipherKey for PublicKeyCipher<S> {
    fn cost(&self) -> Cost {
        self.0.cost()
    }

    fn encrypt(&self, input: CipherInput<'_>, rng: &mut dyn RandomSource) -> Result<Encrypted> {
        self.check(&input)?;
        let data = self.0.seal(input.data, input.additional_data, input.parameters, rng)?;
        Ok(Encrypted { data: data.into(), nonce: None, tag: None })
    }

    fn decrypt(&self, input: CipherInput<'_>) -> Result<ByteString> {
        self.check(&input)?;
        self.open(input.data, input.additional_data, input.parameters)
    }

    fn encrypt_in_parts(
        &self,
        _: CipherInput<'_>,
        _: &mut dyn RandomSource,
    ) -> Result<(Box<dyn CipherStream>, Option<ByteString>)> {
        Err(all_at_once(self.0.name()))
    }

    fn decrypt_in_parts(&self, _: CipherInput<'_>) -> Result<Box<dyn CipherStream>> {
        Err(all_at_once(self.0.name()))
    }
}

impl<S: Seal> WrapKey for PublicKeyCipher<S> {
    fn cost(&self) -> Cost {
        self.0.cost()
    }

    fn wrap(
        &self,
        plain: &[u8],
        parameters: &CryptographicParameters,
        rng: &mut dyn RandomSource,
    ) -> Result<Wrapped> {
        Ok(Wrapped { data: self.0.seal(plain, &[], parameters, rng)?.into(), nonce: None })
    }

    fn unwrap(
        &self,
        wrapped: &[u8],
        parameters: &CryptographicParameters,
        nonce: Option<&[u8]>,
    ) -> Result<ByteString> {
        refuse_nonce(nonce, self.0.name())?;
        self.open(wrapped, &[], parameters)
    }
}

/// There is no private key to decrypt with.
pub(crate) fn no_private_key() -> Error {
    Error::cryptographic("this is a public key; decrypt with the private one of the pair")
}
