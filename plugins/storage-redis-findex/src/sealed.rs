//! Values as they lie in Redis: encrypted with AES-256-GCM (NIST SP 800-38D), bound to what they are and whose.
//!
//! A value is nonce, ciphertext and tag. The nonce is random, so it is also what tells one state of a value from
//! another: a write names the nonces that it has read, and fails if one of them is there no more.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use claviger_plugin_sdk::{Error, Result};
use zeroize::Zeroizing;

use crate::keys::{Keys, Mac, random};

/// What a value is. The number is part of what the value is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// A record.
    Object = 1,
    /// What stands beside a record: grants, names, Usage Limits.
    Side = 2,
    /// Who has a name.
    Name = 3,
    /// A document.
    Document = 4,
    /// The name of a kind of documents.
    Family = 5,
    /// Proves the master password.
    Check = 6,
}

/// The state of a value when it was read: what it must still begin with to be the same. Empty if it was absent.
pub(crate) type Stamp = Vec<u8>;

/// The stamp of a value.
pub(crate) fn stamp(value: Option<&Vec<u8>>) -> Stamp {
    value.map(|value| value.iter().take(NONCE_LEN).copied().collect()).unwrap_or_default()
}

/// Encrypts a value.
///
/// # Errors
/// The library fails.
pub(crate) fn seal(keys: &Keys, kind: Kind, name: &Mac, plain: &[u8]) -> Result<Vec<u8>> {
    let nonce: [u8; NONCE_LEN] = random()?;
    let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plain);
    let (_, content) = sealed.split_at_mut(NONCE_LEN);
    let tag = key(keys, kind, name)?
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), bound_to(kind, name), content)
        .map_err(|_| Error::storage("a value cannot be encrypted for the storage"))?;
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

/// Decrypts a value.
///
/// # Errors
/// It is not what [`seal`] made for this kind and name under these keys.
pub(crate) fn open(keys: &Keys, kind: Kind, name: &Mac, sealed: Vec<u8>) -> Result<Zeroizing<Vec<u8>>> {
    let mut sealed = Zeroizing::new(sealed);
    let nonce = sealed.get(..NONCE_LEN).and_then(|nonce| nonce.try_into().ok()).ok_or_else(damaged)?;
    let length = key(keys, kind, name)?
        .open_within(Nonce::assume_unique_for_key(nonce), bound_to(kind, name), sealed.as_mut(), NONCE_LEN..)
        .map_err(|_| damaged())?
        .len();
    sealed.truncate(length);
    Ok(sealed)
}

/// The failure of a value that is not what was written.
pub(crate) fn damaged() -> Error {
    Error::storage(
        "the storage is damaged: a value in Redis is not what was written; restore it from a backup",
    )
}

fn key(keys: &Keys, kind: Kind, name: &Mac) -> Result<LessSafeKey> {
    let key = keys.of_value(kind as u8, name);
    let key = UnboundKey::new(&AES_256_GCM, key.as_ref());
    key.map(LessSafeKey::new).map_err(|_| Error::storage("a value cannot be encrypted for the storage"))
}

/// Format, kind and name.
fn bound_to(kind: Kind, name: &Mac) -> Aad<[u8; 18]> {
    let mut bound = [0; 18];
    let (head, tail) = bound.split_at_mut(2);
    head.copy_from_slice(&[1, kind as u8]);
    tail.copy_from_slice(&name.0);
    Aad::from(bound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{PasswordCost, SALT};

    fn keys(password: &[u8]) -> Keys {
        Keys::derive(password, &[1; SALT], PasswordCost { memory: 64, passes: 1 }).unwrap()
    }

    #[test]
    fn a_value_opens_under_its_own_kind_and_name_and_keys_alone() {
        let (mine, name, other) = (keys(b"mine"), Mac([1; 16]), Mac([2; 16]));
        let sealed = seal(&mine, Kind::Object, &name, b"plain").unwrap();
        assert_eq!(&**open(&mine, Kind::Object, &name, sealed.clone()).unwrap(), b"plain");
        assert!(open(&mine, Kind::Side, &name, sealed.clone()).is_err());
        assert!(open(&mine, Kind::Object, &other, sealed.clone()).is_err());
        assert!(open(&keys(b"theirs"), Kind::Object, &name, sealed.clone()).is_err());
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert!(open(&mine, Kind::Object, &name, changed).is_err(), "byte {position}");
        }
        assert!(open(&mine, Kind::Object, &name, sealed[..11].to_vec()).is_err());
    }

    #[test]
    fn the_same_value_is_never_the_same_bytes() {
        let (keys, name) = (keys(b"mine"), Mac([1; 16]));
        let [first, second] = [0; 2].map(|_| seal(&keys, Kind::Object, &name, b"plain").unwrap());
        assert_ne!(stamp(Some(&first)), stamp(Some(&second)));
        assert_ne!(first[12..], second[12..]);
    }
}
