//! How data is encrypted under a message key: AES-256-GCM, as nonce, ciphertext and tag in a row.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::{Error, Result};

const NONCE: usize = 12;
const TAG: usize = 16;

/// Appends the encrypted data.
///
/// # Errors
/// Cryptographic Failure: the data is longer than the mode allows.
pub(crate) fn encrypt(
    key: &[u8; 32],
    data: &[u8],
    additional: &[u8],
    rng: &mut dyn RandomSource,
    out: &mut Vec<u8>,
) -> Result<()> {
    let mut nonce = [0; NONCE];
    rng.fill(&mut nonce);
    out.reserve(NONCE + data.len() + TAG);
    out.extend_from_slice(&nonce);
    let start = out.len();
    out.extend_from_slice(data);
    let (_, text) = out.split_at_mut_checked(start).ok_or_else(failed)?;
    let tag = prepared(key)?
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(additional), text)
        .map_err(|_| failed())?;
    out.extend_from_slice(tag.as_ref());
    Ok(())
}

/// Decrypts what [`encrypt`] wrote.
///
/// # Errors
/// Cryptographic Failure: it is too short, damaged, or was encrypted with other additional data.
pub(crate) fn decrypt(key: &[u8; 32], encrypted: &[u8], additional: &[u8]) -> Result<ByteString> {
    let (nonce, text) = encrypted.split_first_chunk::<NONCE>().ok_or_else(failed)?;
    let mut text = zeroize::Zeroizing::new(text.to_vec());
    let plain = prepared(key)?
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(additional), &mut text)
        .map_err(|_| failed())?;
    Ok(ByteString::from(&*plain))
}

fn prepared(key: &[u8; 32]) -> Result<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| failed())
}

fn failed() -> Error {
    Error::cryptographic(
        "the data could not be authenticated: it is damaged, or its authentication data is another",
    )
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::testkit::SeededRandom;

    use super::*;

    /// Test case 16 of the specification of GCM (McGrew, Viega).
    #[test]
    fn it_opens_what_the_specification_of_gcm_gives() {
        let bytes = |text: &str| hex::decode(text).unwrap();
        let key: [u8; 32] =
            bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308").try_into().unwrap();
        let encrypted = bytes(
            "cafebabefacedbaddecaf888522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3d\
             a7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
        );
        let plain = decrypt(&key, &encrypted, &bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")).unwrap();
        let expected = bytes(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5\
             aa0de657ba637b39",
        );
        assert_eq!(&plain[..], expected);
    }

    #[test]
    fn every_damage_is_noticed() {
        let (key, mut rng) = ([7; 32], SeededRandom::new(1));
        for length in [0, 1, 40] {
            let mut out = Vec::new();
            encrypt(&key, &vec![3; length], b"aad", &mut rng, &mut out).unwrap();
            assert_eq!(&decrypt(&key, &out, b"aad").unwrap()[..], vec![3; length]);
            assert!(decrypt(&key, &out, b"other").is_err());
            for cut in 0..out.len() {
                assert!(decrypt(&key, &out[..cut], b"aad").is_err());
                let mut damaged = out.clone();
                damaged[cut] ^= 1;
                assert!(decrypt(&key, &damaged, b"aad").is_err());
            }
        }
    }
}
