//! AES-CCM (SP 800-38C): encrypts and authenticates, and has to know the length of the data first.

use std::sync::Arc;

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{
    CipherInput, CipherKey, CipherScheme, CipherStream, Cost, Encrypted, Scheme, SchemeEntry,
};

use crate::authentication_tag::TagRule;
use crate::key_material::symmetric_key;
use crate::keyed_cipher::{CcmTag, KeyedCipher, output_for};
use crate::nonce::NonceRule;
use crate::parameters::{all_at_once, ask_for, bad_parameters};

struct AesCcm;

/// The bytes that the nonce leaves of a block of 15 hold the length of the data: 12 are enough for data of 16 MiB and
/// may be random.
static NONCES: NonceRule = NonceRule {
    name: "AES-CCM",
    fits: |length| (7..=13).contains(&length),
    lengths: "7 to 13 bytes",
    made: 12,
};

/// SP 800-38C appendix A.1.
static TAGS: TagRule = TagRule { name: "AES-CCM", lengths: &[4, 6, 8, 10, 12, 14, 16], usual: 16 };

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-CCM",
    algorithms: &[CryptographicAlgorithm::AES],
    claims: |_, parameters| ask_for(parameters, CryptographicAlgorithm::AES, BlockCipherMode::CCM),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Cipher(&AesCcm),
};
register_scheme!(CIPHER);

impl CipherScheme for AesCcm {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn CipherKey>> {
        let ciphers = &[(16, "AES-128-CCM"), (24, "AES-192-CCM"), (32, "AES-256-CCM")];
        let (key, cipher) = symmetric_key(material, TAGS.name, ciphers)?;
        Ok(Arc::new(CcmKey(KeyedCipher::new(cipher, key)?)))
    }
}

struct CcmKey(KeyedCipher);

impl CipherKey for CcmKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn encrypt(&self, input: CipherInput<'_>, rng: &mut dyn RandomSource) -> Result<Encrypted> {
        let length = TAGS.length(input.parameters)?;
        let nonce = NONCES.for_encryption(&input, rng)?;
        check_lengths(nonce.bytes(), input.data, input.additional_data)?;
        let mut context = self.0.start_ccm(nonce.bytes(), CcmTag::Make(length), input.data.len())?;
        context.authenticate(input.additional_data)?;
        let mut data = output_for(input.data.len());
        context.update_whole(input.data, &mut data)?;
        context.finish(&mut data)?;
        let tag = context.tag(length)?;
        Ok(Encrypted { data: std::mem::take(&mut *data).into(), nonce: nonce.made(), tag: Some(tag.into()) })
    }

    fn decrypt(&self, input: CipherInput<'_>) -> Result<ByteString> {
        let nonce = NONCES.for_decryption(&input)?;
        let (data, tag) = TAGS.split(&input)?;
        check_lengths(nonce, data, input.additional_data)?;
        let mut context = self.0.start_ccm(nonce, CcmTag::Check(tag), data.len())?;
        context.authenticate(input.additional_data)?;
        let mut plain = output_for(data.len());
        context.update_whole(data, &mut plain).map_err(|error| TAGS.not_authentic().because(error))?;
        Ok(std::mem::take(&mut *plain).into())
    }

    fn encrypt_in_parts(
        &self,
        input: CipherInput<'_>,
        rng: &mut dyn RandomSource,
    ) -> Result<(Box<dyn CipherStream>, Option<ByteString>)> {
        NONCES.for_encryption(&input, rng)?;
        Err(all_at_once(TAGS.name))
    }

    fn decrypt_in_parts(&self, input: CipherInput<'_>) -> Result<Box<dyn CipherStream>> {
        NONCES.for_decryption(&input)?;
        Err(all_at_once(TAGS.name))
    }
}

/// OpenSSL takes no more at once, in data or in what is authenticated besides.
const MOST: usize = 1 << 30;

/// The length of the data fits what the nonce leaves for it.
fn check_lengths(nonce: &[u8], data: &[u8], additional_data: &[u8]) -> Result<()> {
    let bits = 15_usize.saturating_sub(nonce.len()) * 8;
    let most = u32::try_from(bits)
        .ok()
        .and_then(|bits| 1_usize.checked_shl(bits))
        .map_or(MOST, |most| most.min(MOST + 1) - 1);
    if data.len() > most || additional_data.len() > MOST {
        return Err(bad_parameters(format!(
            "AES-CCM with an IV/Counter/Nonce of {} bytes takes data of at most {most} bytes; give a shorter one or \
             divide the data",
            nonce.len()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use aes::cipher::consts::{U7, U10, U12, U13, U16};
    use aes::{Aes128, Aes192, Aes256};
    use ccm::Ccm;
    use ccm::aead::{Aead, KeyInit, Payload};
    use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
    use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::{Authenticity, CipherSubject, NonceLengths};
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn with_tag(length: i32) -> CryptographicParameters {
        CryptographicParameters { tag_length: Some(length), ..in_mode(BlockCipherMode::CCM) }
    }

    fn subject(parameters: CryptographicParameters) -> CipherSubject {
        CipherSubject {
            entry: CIPHER,
            key_lengths: &[16, 24, 32],
            parameters,
            nonces: Some(NonceLengths { made: 12, fits: |length| (7..=13).contains(&length) }),
            encrypts: |_| true,
            authenticity: Authenticity::Tag,
            in_parts: false,
        }
    }

    scheme_conformance!(cipher usual: subject(in_mode(BlockCipherMode::CCM)));
    scheme_conformance!(cipher with_short_tags: subject(with_tag(8)));

    /// SP 800-38C appendix C.
    #[test]
    fn it_gives_the_answers_of_sp_800_38c() {
        let sequence = |range: std::ops::RangeInclusive<u8>| hex::encode(range.collect::<Vec<u8>>());
        let long = sequence(0..=0xFF).repeat(256);
        let answers = [
            (4, "10111213141516", sequence(0..=7), sequence(0x20..=0x23), "7162015b", "4dac255d"),
            (
                6,
                "1011121314151617",
                sequence(0..=0x0F),
                sequence(0x20..=0x2F),
                "d2a1f0e051ea5f62081a7792073d593d",
                "1fc64fbfaccd",
            ),
            (
                8,
                "101112131415161718191a1b",
                sequence(0..=0x13),
                sequence(0x20..=0x37),
                "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5",
                "484392fbc1b09951",
            ),
            (
                14,
                "101112131415161718191a1b1c",
                long,
                sequence(0x20..=0x3F),
                "69915dad1e84c6376a68c2967e4dab615ae0fd1faec44cc484828529463ccf72",
                "b4ac6bec93e8598e7f0dadbcea5b",
            ),
        ];
        for (tag_length, nonce, additional_data, plain, encrypted, tag) in answers {
            let answer = Answer {
                key: "404142434445464748494a4b4c4d4e4f",
                nonce,
                additional_data: &additional_data,
                plain: &plain,
                encrypted,
                tag,
            };
            check(&CIPHER, &with_tag(tag_length), &answer);
        }
    }

    #[test]
    fn a_long_nonce_leaves_room_for_short_data_only() {
        let key = cipher(&CIPHER, &[0; 16]);
        let encrypt = |nonce: &[u8], length: usize| {
            let input = CipherInput {
                parameters: &in_mode(BlockCipherMode::CCM),
                data: &vec![0; length],
                nonce: Some(nonce),
                additional_data: &[],
                tag: None,
            };
            key.encrypt(input, &mut SeededRandom::new(1)).map_err(|error| error.reason())
        };
        assert!(encrypt(&[0; 13], 0xFFFF).is_ok());
        assert_eq!(encrypt(&[0; 13], 0x1_0000), Err(ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS));
        assert!(encrypt(&[0; 12], 0x1_0000).is_ok());
        assert_eq!(encrypt(&[0; 12], 0x100_0000), Err(ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS));
    }

    fn theirs<C: Aead + KeyInit>(key: &[u8], nonce: &[u8], payload: Payload<'_, '_>) -> Vec<u8> {
        C::new_from_slice(key).unwrap().encrypt(nonce.try_into().unwrap(), payload).unwrap()
    }

    proptest! {
        #[test]
        fn rust_crypto_encrypts_to_the_same(
            key in prop::collection::vec(any::<u8>(), 32),
            nonce: [u8; 13],
            aad in prop::collection::vec(any::<u8>(), 0..60),
            msg in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let payload = || Payload { msg: &msg, aad: &aad };
            let cases = [
                (16, 12, 16, theirs::<Ccm<Aes128, U16, U12>>(&key[..16], &nonce[..12], payload())),
                (24, 13, 16, theirs::<Ccm<Aes192, U16, U13>>(&key[..24], &nonce[..13], payload())),
                (32, 7, 10, theirs::<Ccm<Aes256, U10, U7>>(&key[..32], &nonce[..7], payload())),
            ];
            for (key_length, nonce_length, tag_length, expected) in cases {
                let input = CipherInput { parameters: &with_tag(tag_length), data: &msg, nonce: Some(&nonce[..nonce_length]), additional_data: &aad, tag: None };
                let ours = cipher(&CIPHER, &key[..key_length]).encrypt(input, &mut SeededRandom::new(1)).unwrap();
                prop_assert_eq!([&ours.data[..], &ours.tag.unwrap()].concat(), expected);
            }
        }
    }
}
