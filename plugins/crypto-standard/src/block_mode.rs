//! ECB and CBC over OpenSSL: whole blocks, with padding.

use std::sync::Arc;

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{CipherInput, CipherKey, CipherScheme, CipherStream, Cost, Encrypted};
use zeroize::Zeroizing;

use crate::key_material::{ByKeyLength, symmetric_key};
use crate::keyed_cipher::{Context, Direction, KeyedCipher, output_for};
use crate::nonce::{Nonce, NonceRule, refuse_nonce};
use crate::padding::{Filler, Padding, wrong_padding};
use crate::parameters::refuse_authentication;

/// A block cipher in ECB or CBC.
pub(crate) struct BlockMode {
    /// The mode, as errors name it.
    pub(crate) name: &'static str,
    /// OpenSSL's ciphers.
    pub(crate) ciphers: ByKeyLength<&'static str>,
    /// The length of a block in bytes.
    pub(crate) block: usize,
    /// Which IVs it takes; nothing for ECB.
    pub(crate) nonce: Option<NonceRule>,
}

impl CipherScheme for BlockMode {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn CipherKey>> {
        let (key, cipher) = symmetric_key(material, self.name, self.ciphers)?;
        let cipher = KeyedCipher::new(cipher, key)?;
        Ok(Arc::new(BlockModeKey { name: self.name, cipher, block: self.block, nonce: self.nonce }))
    }
}

/// A key of a block cipher in ECB or CBC.
pub(crate) struct BlockModeKey {
    /// The mode, as errors name it.
    pub(crate) name: &'static str,
    /// The cipher in this mode.
    pub(crate) cipher: KeyedCipher,
    /// The length of a block in bytes.
    pub(crate) block: usize,
    /// Which IVs it takes; nothing for ECB.
    pub(crate) nonce: Option<NonceRule>,
}

impl BlockModeKey {
    fn nonce_to_encrypt<'a>(
        &self,
        input: &CipherInput<'a>,
        rng: &mut dyn RandomSource,
    ) -> Result<Option<Nonce<'a>>> {
        match &self.nonce {
            Some(rule) => rule.for_encryption(input, rng).map(Some),
            None => refuse_nonce(input.nonce, self.name).map(|()| None),
        }
    }

    fn start_decryption(&self, input: &CipherInput<'_>) -> Result<(Context, Padding)> {
        refuse_authentication(input, self.name)?;
        let padding = Padding::of(input.parameters)?;
        let nonce = match &self.nonce {
            Some(rule) => Some(rule.for_decryption(input)?),
            None => refuse_nonce(input.nonce, self.name).map(|()| None)?,
        };
        Ok((self.cipher.start(Direction::Decrypt, nonce)?, padding))
    }
}

impl CipherKey for BlockModeKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn encrypt(&self, input: CipherInput<'_>, rng: &mut dyn RandomSource) -> Result<Encrypted> {
        refuse_authentication(&input, self.name)?;
        let padding = Padding::of(input.parameters)?;
        let tail = padding.tail(input.data.len(), self.block, &padding.filler(rng))?;
        let nonce = self.nonce_to_encrypt(&input, rng)?;
        let mut context = self.cipher.start(Direction::Encrypt, nonce.as_ref().map(Nonce::bytes))?;
        let mut data = output_for(input.data.len());
        context.update(input.data, &mut data)?;
        context.update(&tail, &mut data)?;
        Ok(Encrypted {
            data: std::mem::take(&mut *data).into(),
            nonce: nonce.and_then(Nonce::made),
            tag: None,
        })
    }

    fn decrypt(&self, input: CipherInput<'_>) -> Result<ByteString> {
        let (mut context, padding) = self.start_decryption(&input)?;
        check_ciphertext(input.data.len(), self.block, padding)?;
        let mut data = output_for(input.data.len());
        context.update(input.data, &mut data)?;
        let (front, last) = data.split_at(data.len().saturating_sub(self.block));
        let length = front.len() + padding.data_in(last)?;
        data.truncate(length);
        Ok(std::mem::take(&mut *data).into())
    }

    fn encrypt_in_parts(
        &self,
        input: CipherInput<'_>,
        rng: &mut dyn RandomSource,
    ) -> Result<(Box<dyn CipherStream>, Option<ByteString>)> {
        refuse_authentication(&input, self.name)?;
        let padding = Padding::of(input.parameters)?;
        let filler = padding.filler(rng);
        let nonce = self.nonce_to_encrypt(&input, rng)?;
        let context = self.cipher.start(Direction::Encrypt, nonce.as_ref().map(Nonce::bytes))?;
        let stream = Encryption { context, padding, filler, block: self.block, length: 0 };
        Ok((Box::new(stream), nonce.and_then(Nonce::made)))
    }

    fn decrypt_in_parts(&self, input: CipherInput<'_>) -> Result<Box<dyn CipherStream>> {
        let (context, padding) = self.start_decryption(&input)?;
        Ok(Box::new(Decryption {
            context,
            padding,
            block: self.block,
            length: 0,
            last: Zeroizing::new(Vec::with_capacity(self.block)),
        }))
    }
}

struct Encryption {
    context: Context,
    padding: Padding,
    filler: Filler,
    block: usize,
    length: usize,
}

impl CipherStream for Encryption {
    fn update(&mut self, part: &[u8]) -> Result<ByteString> {
        let mut output = output_for(part.len());
        self.context.update(part, &mut output)?;
        self.length += part.len();
        Ok(std::mem::take(&mut *output).into())
    }

    fn expect_tag(&mut self, _: &[u8]) {}

    fn finish(mut self: Box<Self>) -> Result<(ByteString, Option<ByteString>)> {
        let tail = self.padding.tail(self.length, self.block, &self.filler)?;
        let mut output = output_for(tail.len());
        self.context.update(&tail, &mut output)?;
        Ok((std::mem::take(&mut *output).into(), None))
    }
}

/// Keeps the last block back, since it may hold padding.
struct Decryption {
    context: Context,
    padding: Padding,
    block: usize,
    length: usize,
    last: Zeroizing<Vec<u8>>,
}

impl CipherStream for Decryption {
    fn update(&mut self, part: &[u8]) -> Result<ByteString> {
        let mut output = output_for(self.last.len() + part.len());
        output.append(&mut self.last);
        self.context.update(part, &mut output)?;
        self.length += part.len();
        if self.padding != Padding::None {
            let keep = output.len().saturating_sub(self.block);
            self.last.extend(output.drain(keep..));
        }
        Ok(std::mem::take(&mut *output).into())
    }

    fn expect_tag(&mut self, _: &[u8]) {}

    fn finish(mut self: Box<Self>) -> Result<(ByteString, Option<ByteString>)> {
        check_ciphertext(self.length, self.block, self.padding)?;
        let length = self.padding.data_in(&self.last)?;
        self.last.truncate(length);
        Ok((std::mem::take(&mut *self.last).into(), None))
    }
}

fn check_ciphertext(length: usize, block: usize, padding: Padding) -> Result<()> {
    if !length.is_multiple_of(block) || (length == 0 && padding != Padding::None) {
        return Err(wrong_padding());
    }
    Ok(())
}
