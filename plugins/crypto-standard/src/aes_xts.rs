//! AES-XTS (IEEE 1619, SP 800-38E): the data is one data unit and the IV/Counter/Nonce is its tweak.
//!
//! A key of 256 bits is a pair of AES-128 keys, one of 512 bits a pair of AES-256 keys.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::Material;
use claviger_plugin_sdk::scheme::{
    CipherInput, CipherKey, CipherScheme, CipherStream, Encrypted, Scheme, SchemeEntry,
};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use zeroize::Zeroizing;

use crate::key_material::{ByKeyLength, symmetric_key};
use crate::keyed_cipher::{Direction, KeyedCipher};
use crate::nonce::NonceRule;
use crate::parameters::{all_at_once, allow, bad_parameters, refuse_authentication};

struct AesXts;

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-XTS",
    algorithm: CryptographicAlgorithm::AES,
    claims: |_, parameters| {
        allow(parameters, CryptographicAlgorithm::AES)
            && parameters.block_cipher_mode == Some(BlockCipherMode::XTS)
    },
    scheme: Scheme::Cipher(&AesXts),
};
register_scheme!(CIPHER);

const CIPHERS: ByKeyLength<&str> = &[(32, "AES-128-XTS"), (64, "AES-256-XTS")];

static TWEAK: NonceRule =
    NonceRule { name: "AES-XTS", fits: |length| length == 16, lengths: "16 bytes", made: 16 };

/// A data unit has one block at least and 2^20 at most (SP 800-38E section 4).
const DATA_UNIT: std::ops::RangeInclusive<usize> = 16..=16 << 20;

impl CipherScheme for AesXts {
    fn prepare(&self, material: &Material) -> Result<Arc<dyn CipherKey>> {
        let (key, cipher) = symmetric_key(material, "AES-XTS", CIPHERS)?;
        let (first, second) = key.split_at(key.len() / 2);
        if first == second {
            return Err(Error::cryptographic("the two halves of an AES-XTS key must differ"));
        }
        Ok(Arc::new(XtsKey(KeyedCipher::new(cipher, key)?)))
    }
}

struct XtsKey(KeyedCipher);

impl XtsKey {
    fn run(&self, direction: Direction, tweak: &[u8], data: &[u8]) -> Result<ByteString> {
        if !DATA_UNIT.contains(&data.len()) {
            return Err(bad_parameters(format!(
                "AES-XTS takes {} to {} bytes at once, not {}",
                DATA_UNIT.start(),
                DATA_UNIT.end(),
                data.len()
            )));
        }
        let mut output = Zeroizing::new(Vec::with_capacity(data.len()));
        self.0.start(direction, Some(tweak))?.update(data, &mut output)?;
        Ok(std::mem::take(&mut *output).into())
    }
}

impl CipherKey for XtsKey {
    fn encrypt(&self, input: CipherInput<'_>, rng: &mut dyn RandomSource) -> Result<Encrypted> {
        refuse_authentication(&input, "AES-XTS")?;
        let tweak = TWEAK.for_encryption(&input, rng)?;
        let data = self.run(Direction::Encrypt, tweak.bytes(), input.data)?;
        Ok(Encrypted { data, nonce: tweak.made(), tag: None })
    }

    fn decrypt(&self, input: CipherInput<'_>) -> Result<ByteString> {
        refuse_authentication(&input, "AES-XTS")?;
        self.run(Direction::Decrypt, TWEAK.for_decryption(&input)?, input.data)
    }

    fn encrypt_in_parts(
        &self,
        _: CipherInput<'_>,
        _: &mut dyn RandomSource,
    ) -> Result<(Box<dyn CipherStream>, Option<ByteString>)> {
        Err(all_at_once("AES-XTS"))
    }

    fn decrypt_in_parts(&self, _: CipherInput<'_>) -> Result<Box<dyn CipherStream>> {
        Err(all_at_once("AES-XTS"))
    }
}
