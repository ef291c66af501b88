//! AES-XTS (IEEE 1619, SP 800-38E): the data is one data unit and the IV/Counter/Nonce is its tweak.
//!
//! A key of 256 bits is a pair of AES-128 keys, one of 512 bits a pair of AES-256 keys.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{
    CipherInput, CipherKey, CipherScheme, CipherStream, Cost, Encrypted, Scheme, SchemeEntry,
};
use claviger_plugin_sdk::{Error, Result, register_scheme};

use crate::key_material::{ByKeyLength, symmetric_key};
use crate::keyed_cipher::{Direction, KeyedCipher, output_for};
use crate::nonce::NonceRule;
use crate::parameters::{all_at_once, ask_for, bad_parameters, refuse_authentication};

struct AesXts;

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-XTS",
    algorithms: &[CryptographicAlgorithm::AES],
    claims: |_, parameters| ask_for(parameters, CryptographicAlgorithm::AES, BlockCipherMode::XTS),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Cipher(&AesXts),
};
register_scheme!(CIPHER);

const CIPHERS: ByKeyLength<&str> = &[(32, "AES-128-XTS"), (64, "AES-256-XTS")];

static TWEAK: NonceRule =
    NonceRule { name: "AES-XTS", fits: |length| length == 16, lengths: "16 bytes", made: 16 };

/// A data unit has one block at least and 2^20 at most (SP 800-38E section 4).
const DATA_UNIT: std::ops::RangeInclusive<usize> = 16..=16 << 20;

impl CipherScheme for AesXts {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn CipherKey>> {
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
        let mut output = output_for(data.len());
        self.0.start(direction, Some(tweak))?.update(data, &mut output)?;
        Ok(std::mem::take(&mut *output).into())
    }
}

impl CipherKey for XtsKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

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

#[cfg(test)]
mod tests {
    use aws_lc_rs::cipher::{AES_128, EncryptingKey, UnboundCipherKey};
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::facts_of_raw_key;
    use claviger_plugin_sdk::testkit::scheme::{CipherSubject, NonceLengths};
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    scheme_conformance!(cipher conformance: CipherSubject {
        entry: CIPHER,
        key_lengths: &[32, 64],
        parameters: in_mode(BlockCipherMode::XTS),
        nonces: Some(NonceLengths { made: 16, fits: |length| length == 16 }),
        encrypts: |length| length >= 16,
        authenticity: claviger_plugin_sdk::testkit::scheme::Authenticity::None,
        in_parts: false,
    });

    /// IEEE 1619-2007 annex B, vectors 2, 3, 15 and the first four blocks of vector 10.
    #[test]
    fn it_gives_the_answers_of_ieee_1619() {
        let fours = "44".repeat(32);
        let counting: String = (0..64).map(|byte| format!("{byte:02x}")).collect();
        let cases = [
            (
                "1111111111111111111111111111111122222222222222222222222222222222",
                "33333333330000000000000000000000",
                &fours[..],
                "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0",
            ),
            (
                "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f022222222222222222222222222222222",
                "33333333330000000000000000000000",
                &fours[..],
                "af85336b597afc1a900b2eb21ec949d292df4c047e0b21532186a5971a227a89",
            ),
            (
                "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0bfbebdbcbbbab9b8b7b6b5b4b3b2b1b0",
                "9a785634120000000000000000000000",
                &counting[..34],
                "6c1625db4671522d3d7599601de7ca09ed",
            ),
            (
                "2718281828459045235360287471352662497757247093699959574966967627\
                 3141592653589793238462643383279502884197169399375105820974944592",
                "ff000000000000000000000000000000",
                &counting[..],
                "1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b\
                 5d31e276f8fe4a8d66b317f9ac683f44680a86ac35adfc3345befecb4bb188fd",
            ),
        ];
        for (key, nonce, plain, encrypted) in cases {
            let answer = Answer { key, nonce, additional_data: "", plain, encrypted, tag: "" };
            check(&CIPHER, &in_mode(BlockCipherMode::XTS), &answer);
        }
    }

    #[test]
    fn a_key_of_equal_halves_is_refused() {
        let Scheme::Cipher(scheme) = CIPHER.scheme else { panic!("AES-XTS is a cipher") };
        assert!(scheme.prepare(&facts_of_raw_key(&CIPHER, 64), &raw(&[7; 64])).is_err());
    }

    #[test]
    fn more_than_a_data_unit_is_refused() {
        let key = cipher(&CIPHER, &(0..32).collect::<Vec<u8>>());
        let data = vec![0; DATA_UNIT.end() + 1];
        let parameters = in_mode(BlockCipherMode::XTS);
        let encrypt = |data| {
            let input =
                CipherInput { parameters: &parameters, data, nonce: None, additional_data: &[], tag: None };
            key.encrypt(input, &mut SeededRandom::new(1)).is_ok()
        };
        assert!(!encrypt(&data));
        assert!(encrypt(&data[1..]));
    }

    /// XTS as IEEE 1619 section 5.3 defines it for whole blocks, over AES-ECB of AWS-LC.
    fn defined(key: &[u8], tweak: [u8; 16], data: &[u8]) -> Vec<u8> {
        let ecb = |key: &[u8], mut block: [u8; 16]| {
            let key = UnboundCipherKey::new(&AES_128, key).unwrap();
            EncryptingKey::ecb(key).unwrap().encrypt(&mut block).unwrap();
            block
        };
        let mut mask = u128::from_le_bytes(ecb(&key[16..], tweak));
        let mut output = Vec::new();
        for block in data.chunks_exact(16) {
            let block = u128::from_le_bytes(block.try_into().unwrap()) ^ mask;
            output.extend((u128::from_le_bytes(ecb(&key[..16], block.to_le_bytes())) ^ mask).to_le_bytes());
            mask = (mask << 1) ^ (if mask >> 127 == 1 { 0x87 } else { 0 });
        }
        output
    }

    proptest! {
        #[test]
        fn its_definition_over_aws_lc_encrypts_to_the_same(key: [u8; 32], tweak: [u8; 16], blocks in 1..12usize, byte: u8) {
            let data = vec![byte; blocks * 16];
            let input = CipherInput { parameters: &in_mode(BlockCipherMode::XTS), data: &data, nonce: Some(&tweak), additional_data: &[], tag: None };
            let ours = cipher(&CIPHER, &key).encrypt(input, &mut SeededRandom::new(1)).unwrap();
            prop_assert_eq!(&ours.data[..], &defined(&key, tweak, &data)[..]);
        }
    }
}
