//! AES key wrapping over OpenSSL, as a way to wrap keys and as a mode of Encrypt and Decrypt.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{
    CipherInput, CipherKey, CipherScheme, CipherStream, Cost, Encrypted, WrapKey, WrapScheme, Wrapped,
};
use claviger_plugin_sdk::{Error, Result};

use crate::key_material::{ByKeyLength, variant};
use crate::keyed_cipher::{Direction, KeyedCipher, output_for};
use crate::nonce::refuse_nonce;
use crate::parameters::{all_at_once, bad_parameters, refuse_authentication};

/// A key-wrap algorithm of AES.
pub(crate) struct KeyWrap {
    /// The algorithm, as errors name it.
    pub(crate) name: &'static str,
    /// OpenSSL's ciphers.
    pub(crate) ciphers: ByKeyLength<&'static str>,
    /// Whether data of this many bytes can be wrapped.
    pub(crate) wraps: fn(usize) -> bool,
    /// What can be wrapped, in words.
    pub(crate) lengths: &'static str,
    /// The fewest bytes of wrapped data.
    pub(crate) shortest: usize,
}

impl KeyWrap {
    /// The algorithm with the bytes of a key.
    ///
    /// # Errors
    /// Cryptographic Failure: the key has no length of the algorithm.
    pub(crate) fn key(&'static self, key: &[u8]) -> Result<KeyWrapKey> {
        let cipher = variant(key, self.name, self.ciphers)?;
        Ok(KeyWrapKey { mode: self, cipher: KeyedCipher::new(cipher, key)? })
    }
}

/// The algorithm as a scheme for wrapping.
pub(crate) struct AsWrap(pub(crate) &'static KeyWrap);

impl WrapScheme for AsWrap {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn WrapKey>> {
        Ok(Arc::new(self.0.key(material.symmetric_key()?)?))
    }
}

/// The algorithm as a mode of Encrypt and Decrypt.
pub(crate) struct AsCipher(pub(crate) &'static KeyWrap);

impl CipherScheme for AsCipher {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn CipherKey>> {
        Ok(Arc::new(self.0.key(material.symmetric_key()?)?))
    }
}

/// A key of a key-wrap algorithm.
pub(crate) struct KeyWrapKey {
    mode: &'static KeyWrap,
    cipher: KeyedCipher,
}

impl KeyWrapKey {
    /// Wraps.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters: the algorithm does not wrap data of this length.
    pub(crate) fn seal(&self, plain: &[u8]) -> Result<ByteString> {
        if !(self.mode.wraps)(plain.len()) {
            return Err(bad_parameters(format!(
                "{} wraps {}, not {} bytes",
                self.mode.name,
                self.mode.lengths,
                plain.len()
            )));
        }
        let mut wrapped = output_for(plain.len());
        self.cipher.start(Direction::Encrypt, None)?.update(plain, &mut wrapped)?;
        Ok(std::mem::take(&mut *wrapped).into())
    }

    /// Unwraps.
    ///
    /// # Errors
    /// Cryptographic Failure: the integrity check fails.
    pub(crate) fn open(&self, wrapped: &[u8]) -> Result<ByteString> {
        let failed = || {
            Error::cryptographic(format!(
                "{} cannot unwrap this: it was wrapped with another key or algorithm, or is damaged",
                self.mode.name
            ))
        };
        if wrapped.len() < self.mode.shortest || !wrapped.len().is_multiple_of(8) {
            return Err(failed());
        }
        let mut plain = output_for(wrapped.len());
        self.cipher
            .start(Direction::Decrypt, None)?
            .update(wrapped, &mut plain)
            .map_err(|error| failed().because(error))?;
        Ok(std::mem::take(&mut *plain).into())
    }

    fn check(&self, input: &CipherInput<'_>) -> Result<()> {
        refuse_authentication(input, self.mode.name)?;
        refuse_nonce(input.nonce, self.mode.name)
    }
}

impl WrapKey for KeyWrapKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn wrap(&self, plain: &[u8], _: &CryptographicParameters, _: &mut dyn RandomSource) -> Result<Wrapped> {
        Ok(Wrapped { data: self.seal(plain)?, nonce: None })
    }

    fn unwrap(
        &self,
        wrapped: &[u8],
        _: &CryptographicParameters,
        nonce: Option<&[u8]>,
    ) -> Result<ByteString> {
        refuse_nonce(nonce, self.mode.name)?;
        self.open(wrapped)
    }
}

impl CipherKey for KeyWrapKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn encrypt(&self, input: CipherInput<'_>, _: &mut dyn RandomSource) -> Result<Encrypted> {
        self.check(&input)?;
        Ok(Encrypted { data: self.seal(input.data)?, nonce: None, tag: None })
    }

    fn decrypt(&self, input: CipherInput<'_>) -> Result<ByteString> {
        self.check(&input)?;
        self.open(input.data)
    }

    fn encrypt_in_parts(
        &self,
        _: CipherInput<'_>,
        _: &mut dyn RandomSource,
    ) -> Result<(Box<dyn CipherStream>, Option<ByteString>)> {
        Err(all_at_once(self.mode.name))
    }

    fn decrypt_in_parts(&self, _: CipherInput<'_>) -> Result<Box<dyn CipherStream>> {
        Err(all_at_once(self.mode.name))
    }
}
