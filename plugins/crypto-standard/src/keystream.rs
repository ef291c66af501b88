//! CTR, OFB, CFB and ChaCha20 over OpenSSL: a keystream is added to the data, which may have any length.

use std::sync::Arc;

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{CipherInput, CipherKey, CipherScheme, CipherStream, Cost, Encrypted};

use crate::key_material::{ByKeyLength, symmetric_key};
use crate::keyed_cipher::{Context, Direction, KeyedCipher, output_for};
use crate::nonce::NonceRule;
use crate::parameters::{bad_parameters, refuse_authentication};

/// The first block of state that OpenSSL takes as the IV of such a cipher.
pub(crate) type InitialBlock = [u8; 16];

/// A cipher that makes a keystream.
pub(crate) struct Keystream {
    /// The mode, as errors name it.
    pub(crate) name: &'static str,
    /// OpenSSL's ciphers.
    pub(crate) ciphers: ByKeyLength<&'static str>,
    /// Which nonces it takes.
    pub(crate) nonce: NonceRule,
    /// Makes the first block from nonce and parameters.
    pub(crate) initial_block: fn(&[u8], &CryptographicParameters) -> Result<InitialBlock>,
}

impl Keystream {
    /// A mode of AES whose initialization vector is the whole first block.
    pub(crate) const fn of_aes(name: &'static str, ciphers: &'static [(usize, &'static str)]) -> Self {
        let nonce = NonceRule { name, fits: |length| length == 16, lengths: "16 bytes", made: 16 };
        Self { name, ciphers, nonce, initial_block: whole_block }
    }
}

/// A [`Keystream`] as a scheme.
pub(crate) struct KeystreamCipher(pub(crate) &'static Keystream);

impl CipherScheme for KeystreamCipher {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn CipherKey>> {
        let (key, cipher) = symmetric_key(material, self.0.name, self.0.ciphers)?;
        Ok(Arc::new(KeystreamKey { mode: self.0, cipher: KeyedCipher::new(cipher, key)? }))
    }
}

struct KeystreamKey {
    mode: &'static Keystream,
    cipher: KeyedCipher,
}

impl KeystreamKey {
    fn start(
        &self,
        direction: Direction,
        nonce: &[u8],
        parameters: &CryptographicParameters,
    ) -> Result<Context> {
        let block = (self.mode.initial_block)(nonce, parameters)?;
        self.cipher.start(direction, Some(&block))
    }
}

impl CipherKey for KeystreamKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn encrypt(&self, input: CipherInput<'_>, rng: &mut dyn RandomSource) -> Result<Encrypted> {
        refuse_authentication(&input, self.mode.name)?;
        let nonce = self.mode.nonce.for_encryption(&input, rng)?;
        let mut context = self.start(Direction::Encrypt, nonce.bytes(), input.parameters)?;
        let mut data = output_for(input.data.len());
        context.update(input.data, &mut data)?;
        Ok(Encrypted { data: std::mem::take(&mut *data).into(), nonce: nonce.made(), tag: None })
    }

    fn decrypt(&self, input: CipherInput<'_>) -> Result<ByteString> {
        refuse_authentication(&input, self.mode.name)?;
        let mut context =
            self.start(Direction::Decrypt, self.mode.nonce.for_decryption(&input)?, input.parameters)?;
        let mut data = output_for(input.data.len());
        context.update(input.data, &mut data)?;
        Ok(std::mem::take(&mut *data).into())
    }

    fn encrypt_in_parts(
        &self,
        input: CipherInput<'_>,
        rng: &mut dyn RandomSource,
    ) -> Result<(Box<dyn CipherStream>, Option<ByteString>)> {
        refuse_authentication(&input, self.mode.name)?;
        let nonce = self.mode.nonce.for_encryption(&input, rng)?;
        let stream = Stream(self.start(Direction::Encrypt, nonce.bytes(), input.parameters)?);
        Ok((Box::new(stream), nonce.made()))
    }

    fn decrypt_in_parts(&self, input: CipherInput<'_>) -> Result<Box<dyn CipherStream>> {
        refuse_authentication(&input, self.mode.name)?;
        let nonce = self.mode.nonce.for_decryption(&input)?;
        Ok(Box::new(Stream(self.start(Direction::Decrypt, nonce, input.parameters)?)))
    }
}

/// The first block of a mode whose IV is a whole block.
///
/// # Errors
/// Bad Cryptographic Parameters: it is not.
pub(crate) fn whole_block(nonce: &[u8], _: &CryptographicParameters) -> Result<InitialBlock> {
    InitialBlock::try_from(nonce).map_err(|_| bad_parameters("the IV has 16 bytes".to_owned()))
}

/// Initial Counter Value, which is not negative.
///
/// # Errors
/// Bad Cryptographic Parameters: it is.
pub(crate) fn initial_counter(parameters: &CryptographicParameters) -> Result<Option<u32>> {
    parameters
        .initial_counter_value
        .map(|value| {
            u32::try_from(value)
                .map_err(|_| bad_parameters(format!("Initial Counter Value is 0 or more, not {value}")))
        })
        .transpose()
}

struct Stream(Context);

impl CipherStream for Stream {
    fn update(&mut self, part: &[u8]) -> Result<ByteString> {
        let mut output = output_for(part.len());
        self.0.update(part, &mut output)?;
        Ok(std::mem::take(&mut *output).into())
    }

    fn expect_tag(&mut self, _: &[u8]) {}

    fn finish(self: Box<Self>) -> Result<(ByteString, Option<ByteString>)> {
        Ok((ByteString::default(), None))
    }
}
