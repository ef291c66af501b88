//! Authenticated encryption: AWS-LC for whole messages, OpenSSL for what AWS-LC does not take.

use std::sync::Arc;

use aws_lc_rs::aead::{self, Aad, LessSafeKey, UnboundKey};
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{
    CipherInput, CipherKey, CipherScheme, CipherStream, Cost, Encrypted, WrapKey, WrapScheme, Wrapped,
};
use claviger_plugin_sdk::{Error, Result};
use zeroize::Zeroizing;

use crate::authentication_tag::TagRule;
use crate::held_back::HeldBack;
use crate::key_material::{ByKeyLength, symmetric_key};
use crate::keyed_cipher::{Context, Direction, KeyedCipher, output_for};
use crate::nonce::NonceRule;
use crate::parameters::{all_at_once, bad_parameters};

/// A mode that encrypts and authenticates.
pub(crate) struct Aead {
    /// The mode, as errors name it.
    pub(crate) name: &'static str,
    /// Its ciphers, by length of the key.
    pub(crate) variants: ByKeyLength<Variant>,
    /// Which nonces it takes.
    pub(crate) nonce: NonceRule,
    /// Which tags it makes.
    pub(crate) tags: TagRule,
}

/// A mode with keys of one length.
pub(crate) struct Variant {
    /// The cipher of AWS-LC: nonces of 12 bytes, tags of 16.
    pub(crate) fast: &'static aead::Algorithm,
    /// The cipher of OpenSSL for other lengths and for encryption in parts, where it has one.
    pub(crate) general: Option<&'static str>,
}

impl Aead {
    fn key(&'static self, material: &Material) -> Result<AeadKey> {
        let (bytes, variant) = symmetric_key(material, self.name, self.variants)?;
        let fast = UnboundKey::new(variant.fast, bytes)
            .map(LessSafeKey::new)
            .map_err(|_| Error::cryptographic(format!("the key is none for {}", self.name)))?;
        let general = variant.general.map(|name| KeyedCipher::new(name, bytes)).transpose()?;
        Ok(AeadKey(Arc::new(Keys { mode: self, fast, general })))
    }
}

/// A cipher scheme of an authenticated mode.
pub(crate) struct AeadCipher(pub(crate) &'static Aead);

impl CipherScheme for AeadCipher {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn CipherKey>> {
        Ok(Arc::new(self.0.key(material)?))
    }
}

/// Key wrapping by an authenticated mode: nonce, ciphertext and tag in one string.
pub(crate) struct AeadWrap(pub(crate) &'static Aead);

impl WrapScheme for AeadWrap {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn WrapKey>> {
        Ok(Arc::new(self.0.key(material)?))
    }
}

/// A key of an authenticated mode.
#[derive(Clone)]
struct AeadKey(Arc<Keys>);

struct Keys {
    mode: &'static Aead,
    fast: LessSafeKey,
    general: Option<KeyedCipher>,
}

impl CipherKey for AeadKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn encrypt(&self, input: CipherInput<'_>, rng: &mut dyn RandomSource) -> Result<Encrypted> {
        let length = self.0.mode.tags.length(input.parameters)?;
        let nonce = self.0.mode.nonce.for_encryption(&input, rng)?;
        let (data, tag) = self.0.seal(nonce.bytes(), input.additional_data, input.data, length)?;
        Ok(Encrypted { data, nonce: nonce.made(), tag: Some(tag) })
    }

    fn decrypt(&self, input: CipherInput<'_>) -> Result<ByteString> {
        let nonce = self.0.mode.nonce.for_decryption(&input)?;
        let (data, tag) = self.0.mode.tags.split(&input)?;
        self.0.open(nonce, input.additional_data, data, tag)
    }

    fn encrypt_in_parts(
        &self,
        input: CipherInput<'_>,
        rng: &mut dyn RandomSource,
    ) -> Result<(Box<dyn CipherStream>, Option<ByteString>)> {
        let Some(cipher) = &self.0.general else { return Err(all_at_once(self.0.mode.name)) };
        let tag_length = self.0.mode.tags.length(input.parameters)?;
        let nonce = self.0.mode.nonce.for_encryption(&input, rng)?;
        let mut context = cipher.start(Direction::Encrypt, Some(nonce.bytes()))?;
        context.authenticate(input.additional_data)?;
        Ok((Box::new(Encryption { context, tag_length }), nonce.made()))
    }

    fn decrypt_in_parts(&self, input: CipherInput<'_>) -> Result<Box<dyn CipherStream>> {
        if self.0.general.is_none() {
            return Err(all_at_once(self.0.mode.name));
        }
        self.0.mode.tags.length(input.parameters)?;
        self.0.mode.nonce.for_decryption(&input)?;
        Ok(Box::new(HeldBack::new(Arc::new(self.clone()), &input)))
    }
}

impl WrapKey for AeadKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn wrap(
        &self,
        plain: &[u8],
        parameters: &CryptographicParameters,
        rng: &mut dyn RandomSource,
    ) -> Result<Wrapped> {
        let length = self.0.mode.tags.length(parameters)?;
        let mut data = rng.bytes(FAST_NONCE).into_vec();
        let (ciphertext, tag) = self.0.seal(&data, &[], plain, length)?;
        data.extend_from_slice(&ciphertext);
        data.extend_from_slice(&tag);
        Ok(Wrapped { data: data.into(), nonce: None })
    }

    fn unwrap(
        &self,
        wrapped: &[u8],
        parameters: &CryptographicParameters,
        nonce: Option<&[u8]>,
    ) -> Result<ByteString> {
        let (nonce, data) = match nonce {
            Some(nonce) => (nonce, wrapped),
            None => wrapped.split_at_checked(FAST_NONCE).ok_or_else(|| self.0.mode.tags.not_authentic())?,
        };
        let input = CipherInput { parameters, data, nonce: Some(nonce), additional_data: &[], tag: None };
        self.decrypt(input)
    }
}

/// The one length of nonces that AWS-LC takes, in bytes.
const FAST_NONCE: usize = aead::NONCE_LEN;
/// The one length of tags that AWS-LC checks, in bytes.
const FAST_TAG: usize = 16;

impl Keys {
    fn seal(
        &self,
        nonce: &[u8],
        additional_data: &[u8],
        plain: &[u8],
        tag_length: usize,
    ) -> Result<(ByteString, ByteString)> {
        if let Ok(nonce) = aead::Nonce::try_assume_unique_for_key(nonce) {
            let mut data = plain.to_vec();
            let tag = self
                .fast
                .seal_in_place_separate_tag(nonce, Aad::from(additional_data), &mut data)
                .map_err(|_| Error::cryptographic(format!("{} cannot encrypt this data", self.mode.name)))?;
            // A shorter tag is the beginning of the whole one (SP 800-38D section 7.1).
            return Ok((data.into(), tag.as_ref().get(..tag_length).unwrap_or(tag.as_ref()).into()));
        }
        let mut context = self.general(Direction::Encrypt, nonce, additional_data)?;
        let mut data = output_for(plain.len());
        context.update(plain, &mut data)?;
        context.finish(&mut data)?;
        Ok((std::mem::take(&mut *data).into(), context.tag(tag_length)?.into()))
    }

    fn open(&self, nonce: &[u8], additional_data: &[u8], data: &[u8], tag: &[u8]) -> Result<ByteString> {
        if let (Ok(nonce), FAST_TAG) = (aead::Nonce::try_assume_unique_for_key(nonce), tag.len()) {
            let mut plain = Zeroizing::new(vec![0; data.len()]);
            self.fast
                .open_separate_gather(nonce, Aad::from(additional_data), data, tag, &mut plain)
                .map_err(|_| self.mode.tags.not_authentic())?;
            return Ok(std::mem::take(&mut *plain).into());
        }
        let mut plain = output_for(data.len());
        let mut context = self.general(Direction::Decrypt, nonce, additional_data)?;
        context.update(data, &mut plain)?;
        context.expect_tag(tag)?;
        context.finish(&mut plain).map_err(|error| self.mode.tags.not_authentic().because(error))?;
        Ok(std::mem::take(&mut *plain).into())
    }

    fn general(&self, direction: Direction, nonce: &[u8], additional_data: &[u8]) -> Result<Context> {
        let cipher = self.general.as_ref().ok_or_else(|| {
            bad_parameters(format!(
                "the IV/Counter/Nonce for {} has {}",
                self.mode.name, self.mode.nonce.lengths
            ))
        })?;
        let mut context = cipher.start(direction, Some(nonce))?;
        context.authenticate(additional_data)?;
        Ok(context)
    }
}

struct Encryption {
    context: Context,
    tag_length: usize,
}

impl CipherStream for Encryption {
    fn update(&mut self, part: &[u8]) -> Result<ByteString> {
        let mut output = output_for(part.len());
        self.context.update(part, &mut output)?;
        Ok(std::mem::take(&mut *output).into())
    }

    fn expect_tag(&mut self, _: &[u8]) {}

    fn finish(mut self: Box<Self>) -> Result<(ByteString, Option<ByteString>)> {
        let mut output = Vec::new();
        self.context.finish(&mut output)?;
        let tag = self.context.tag(self.tag_length)?;
        Ok((output.into(), Some(tag.into())))
    }
}
