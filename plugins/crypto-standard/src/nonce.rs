//! IVs, counter blocks and nonces: taken from the request or made.

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::scheme::CipherInput;
use claviger_plugin_sdk::{Error, ErrorClass, Result};

use crate::parameters::bad_parameters;

/// Which nonces a mode takes.
#[derive(Clone, Copy)]
pub(crate) struct NonceRule {
    /// The mode, as errors name it.
    pub(crate) name: &'static str,
    /// Whether a nonce may have this length in bytes.
    pub(crate) fits: fn(usize) -> bool,
    /// The lengths in words.
    pub(crate) lengths: &'static str,
    /// The length in bytes of a nonce that the server makes. It is the shortest one that may be random, too.
    pub(crate) made: usize,
}

/// A nonce for an encryption.
pub(crate) enum Nonce<'a> {
    /// The client's.
    Given(&'a [u8]),
    /// Made here; the client needs to be told.
    Made(ByteString),
}

impl Nonce<'_> {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Given(bytes) => bytes,
            Self::Made(bytes) => bytes,
        }
    }

    /// What the client needs to be told.
    pub(crate) fn made(self) -> Option<ByteString> {
        match self {
            Self::Given(_) => None,
            Self::Made(bytes) => Some(bytes),
        }
    }
}

impl NonceRule {
    /// The nonce to encrypt with: the client's, or a random one unless Random IV forbids it.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters: its length does not fit. Invalid Message: there is none and none may be made.
    pub(crate) fn for_encryption<'a>(
        &self,
        input: &CipherInput<'a>,
        rng: &mut dyn RandomSource,
    ) -> Result<Nonce<'a>> {
        if input.nonce.is_some() {
            return self.for_decryption(input).map(Nonce::Given);
        }
        if input.parameters.random_iv == Some(false) {
            return Err(self.missing());
        }
        self.length_to_make(input.parameters).map(|length| Nonce::Made(rng.bytes(length)))
    }

    /// The nonce to decrypt with.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters: its length does not fit. Invalid Message: there is none.
    pub(crate) fn for_decryption<'a>(&self, input: &CipherInput<'a>) -> Result<&'a [u8]> {
        let nonce = input.nonce.ok_or_else(|| self.missing())?;
        self.check(nonce.len())?;
        match iv_length(input.parameters)? {
            Some(length) if length != nonce.len() => Err(bad_parameters(format!(
                "the IV/Counter/Nonce has {} bits and IV Length says {}",
                nonce.len() * 8,
                length * 8
            ))),
            _ => Ok(nonce),
        }
    }

    fn length_to_make(&self, parameters: &CryptographicParameters) -> Result<usize> {
        if parameters.fixed_field_length.is_some() || parameters.invocation_field_length.is_some() {
            return Err(bad_parameters(format!(
                "the server makes random IVs only; give the IV/Counter/Nonce for {} or leave Fixed Field Length and \
                 Invocation Field Length out",
                self.name
            )));
        }
        let length = iv_length(parameters)?.unwrap_or(self.made);
        self.check(length)?;
        if length < self.made {
            return Err(bad_parameters(format!(
                "a random IV for {} needs {} bits or more; change IV Length or give the IV/Counter/Nonce",
                self.name,
                self.made * 8
            )));
        }
        Ok(length)
    }

    fn check(&self, length: usize) -> Result<()> {
        if (self.fits)(length) {
            return Ok(());
        }
        Err(bad_parameters(format!(
            "the IV/Counter/Nonce for {} has {}, not {length} bytes",
            self.name, self.lengths
        )))
    }

    /// The OASIS test cases give Invalid Message where KMIP 2.1 has Missing Initialization Vector, too.
    fn missing(&self) -> Error {
        Error::new(
            ResultReason::INVALID_MESSAGE,
            ErrorClass::Request,
            format!("{} needs an IV/Counter/Nonce of {}", self.name, self.lengths),
        )
    }
}

/// Refuses a nonce where the mode has none.
///
/// # Errors
/// Bad Cryptographic Parameters: there is one.
pub(crate) fn refuse_nonce(nonce: Option<&[u8]>, name: &str) -> Result<()> {
    match nonce {
        Some(nonce) if !nonce.is_empty() => {
            Err(bad_parameters(format!("{name} takes no IV/Counter/Nonce; leave it out")))
        }
        _ => Ok(()),
    }
}

/// IV Length in bytes.
fn iv_length(parameters: &CryptographicParameters) -> Result<Option<usize>> {
    let Some(bits) = parameters.iv_length else { return Ok(None) };
    match usize::try_from(bits) {
        Ok(bits) if bits % 8 == 0 => Ok(Some(bits / 8)),
        _ => Err(bad_parameters(format!("IV Length is a number of bits in whole bytes, not {bits}"))),
    }
}
