//! The cipher of sealing: XAES-256-GCM (C2SP, <https://c2sp.org/XAES-256-GCM>).
//!
//! AES-256-GCM with random nonces of 96 bits may seal 2³² contents under one key (NIST SP 800-38D section 8.3), which a
//! busy server writes in days. This is the same cipher, under a key that is derived for each content from a longer nonce by
//! the function of NIST SP 800-108 with CMAC: with random nonces of 192 bits there is no number to be counted up to.

use claviger_engine::sealing::{DATA_KEY, DataKey};
use claviger_kmip::ByteString;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::random::RandomSource;
use xaes_256_gcm::aead::{AeadInOut as _, Key, KeyInit as _};
use xaes_256_gcm::{Nonce, Tag, Xaes256Gcm};
use zeroize::{Zeroize as _, Zeroizing};

/// The length of a nonce in bytes.
const NONCE: usize = 24;
/// The length of a tag in bytes.
const TAG: usize = 16;

/// A key of XAES-256-GCM. What it seals has the nonce in front and the tag behind.
pub(super) struct XaesKey(Xaes256Gcm);

impl XaesKey {
    pub(super) fn new(key: &[u8; DATA_KEY]) -> Self {
        let mut key: Key<Xaes256Gcm> = (*key).into();
        let cipher = Xaes256Gcm::new(&key);
        key.as_mut_slice().zeroize();
        Self(cipher)
    }

    fn seal_with(&self, nonce: &[u8; NONCE], plain: &[u8], context: &[u8]) -> Result<Vec<u8>> {
        let mut sealed = Vec::with_capacity(NONCE + plain.len() + TAG);
        sealed.extend_from_slice(nonce);
        sealed.extend_from_slice(plain);
        let content = sealed.get_mut(NONCE..).unwrap_or_default();
        let tag = self
            .0
            .encrypt_inout_detached(&Nonce::from(*nonce), context, content.into())
            .map_err(|_| Error::server("what is to be stored is too long to be sealed"))?;
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }
}

impl DataKey for XaesKey {
    fn seal(&self, plain: &[u8], context: &[u8], random: &mut dyn RandomSource) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE];
        random.fill(&mut nonce);
        self.seal_with(&nonce, plain, context)
    }

    fn open(&self, sealed: &[u8], context: &[u8]) -> Option<ByteString> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        let (sealed, tag) = sealed.split_last_chunk::<TAG>()?;
        let mut content = Zeroizing::new(sealed.to_vec());
        let (nonce, tag) = (Nonce::from(*nonce), Tag::from(*tag));
        self.0.decrypt_inout_detached(&nonce, context, content.as_mut_slice().into(), &tag).ok()?;
        Some(std::mem::take(&mut *content).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::randomness::LibraryRandom;

    fn hexadecimal(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The test vectors of the specification.
    #[test]
    fn it_is_xaes_256_gcm() {
        let nonce = b"ABCDEFGHIJKLMNOPQRSTUVWX";
        let vectors = [
            ([1; 32], b"".as_slice(), "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
            ([3; 32], b"c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"),
        ];
        for (key, context, expected) in vectors {
            let key = XaesKey::new(&key);
            let sealed = key.seal_with(nonce, b"XAES-256-GCM", context).unwrap();
            assert_eq!(hexadecimal(&sealed), hexadecimal(nonce) + expected);
            assert_eq!(&*key.open(&sealed, context).unwrap(), b"XAES-256-GCM");
        }
    }

    #[test]
    fn what_is_altered_cut_or_of_another_context_or_key_does_not_open() {
        let key = XaesKey::new(&[7; 32]);
        let sealed = key.seal(b"content", b"context", &mut LibraryRandom).unwrap();
        assert_eq!(&*key.open(&sealed, b"context").unwrap(), b"content");
        for place in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[place] ^= 0x80;
            assert!(key.open(&altered, b"context").is_none(), "{place}");
            assert!(key.open(&sealed[..place], b"context").is_none(), "{place}");
        }
        assert!(key.open(&sealed, b"another").is_none());
        assert!(XaesKey::new(&[8; 32]).open(&sealed, b"context").is_none());
    }

    #[test]
    fn one_content_is_sealed_in_other_bytes_each_time() {
        let key = XaesKey::new(&[7; 32]);
        let seal = || key.seal(b"", b"", &mut LibraryRandom).unwrap();
        assert_ne!(seal(), seal());
    }

    /// Not a test of speed: it says what a record costs, when it is asked with `--ignored --nocapture`.
    #[test]
    #[ignore = "measures"]
    fn what_a_record_of_a_thousand_bytes_costs() {
        let (key, plain) = (XaesKey::new(&[7; 32]), [7; 1000]);
        let sealed = key.seal(&plain, b"context", &mut LibraryRandom).unwrap();
        let time = |what: &str, work: &dyn Fn()| {
            let started = std::time::Instant::now();
            (0..100_000).for_each(|_| work());
            println!("{what}: {:?}", started.elapsed() / 100_000);
        };
        time("seal", &|| drop(key.seal(&plain, b"context", &mut LibraryRandom)));
        time("open", &|| drop(key.open(&sealed, b"context")));
    }
}
