//! How PKCS#12 makes keys of passwords (RFC 7292 appendix B.2).

use claviger_plugin_sdk::{Error, Result};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::sha;
use zeroize::Zeroizing;

use super::Password;

/// What the bytes are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Key = 1,
    Iv = 2,
    Mac = 3,
}

/// Bytes out of a password. The work has been counted.
///
/// # Errors
/// Feature Not Supported: the hash function is not known here.
pub(crate) fn derive(
    hash: MessageDigest,
    purpose: Purpose,
    password: &Password<'_>,
    salt: &[u8],
    rounds: u64,
    bytes: usize,
) -> Result<Zeroizing<Vec<u8>>> {
    let (block, hash) = known(hash)?;
    let mut input = Zeroizing::new(filled(salt, block));
    input.extend_from_slice(&Zeroizing::new(filled(&password.spelled, block)));
    let diversifier = vec![purpose as u8; block];
    let mut derived = Zeroizing::new(Vec::with_capacity(bytes));
    loop {
        let mut digest = hash(&Zeroizing::new([&diversifier[..], &input].concat()));
        for _ in 1..rounds {
            digest = hash(&digest);
        }
        let wanted = bytes.saturating_sub(derived.len()).min(digest.len());
        derived.extend(digest.iter().take(wanted));
        if derived.len() >= bytes {
            return Ok(derived);
        }
        for part in input.chunks_mut(block) {
            add(part, &digest);
        }
    }
}

/// A password as PKCS#12 spells it: two bytes a character and two at the end.
pub(super) fn spelled(password: &str) -> Zeroizing<Vec<u8>> {
    // No character has more units in UTF-16 than bytes in UTF-8, so nothing of it is left behind by growing.
    let room = password.len().saturating_mul(2).saturating_add(2);
    let mut spelled = Zeroizing::new(Vec::with_capacity(room));
    for unit in password.encode_utf16().chain(std::iter::once(0)) {
        spelled.extend_from_slice(&unit.to_be_bytes());
    }
    spelled
}

type Hash = fn(&[u8]) -> Zeroizing<Vec<u8>>;

/// The length of the blocks of a hash function, and the function.
fn known(hash: MessageDigest) -> Result<(usize, Hash)> {
    Ok(match hash.type_() {
        Nid::SHA1 => (64, |bytes| Zeroizing::new(sha::sha1(bytes).to_vec())),
        Nid::SHA224 => (64, |bytes| Zeroizing::new(sha::sha224(bytes).to_vec())),
        Nid::SHA256 => (64, |bytes| Zeroizing::new(sha::sha256(bytes).to_vec())),
        Nid::SHA384 => (128, |bytes| Zeroizing::new(sha::sha384(bytes).to_vec())),
        Nid::SHA512 => (128, |bytes| Zeroizing::new(sha::sha512(bytes).to_vec())),
        _ => {
            return Err(Error::unsupported("a PKCS#12 container has a hash function that is not known here"));
        }
    })
}

/// The bytes, repeated until they fill blocks.
fn filled(bytes: &[u8], block: usize) -> Vec<u8> {
    let length = bytes.len().div_ceil(block).saturating_mul(block);
    bytes.iter().copied().cycle().take(length).collect()
}

/// Adds the digest, repeated, and one to a number of the length of a block.
fn add(number: &mut [u8], digest: &[u8]) {
    let addend: Zeroizing<Vec<u8>> =
        Zeroizing::new(digest.iter().copied().cycle().take(number.len()).collect());
    let mut carry = 1u16;
    for (place, other) in number.iter_mut().rev().zip(addend.iter().rev()) {
        let [high, low] = (u16::from(*place) + u16::from(*other) + carry).to_be_bytes();
        *place = low;
        carry = high.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_spelled_in_utf_16_without_being_moved() {
        // RFC 7292 appendix B.1.
        let beavis = [0, 0x42, 0, 0x65, 0, 0x61, 0, 0x76, 0, 0x69, 0, 0x73, 0, 0];
        assert_eq!(spelled("Beavis")[..], beavis);
        for password in ["", "Beavis", "\u{20AC}\u{1F511}", &"a".repeat(1000), &"\u{1F511}".repeat(1000)] {
            assert_eq!(spelled(password).capacity(), 2 * password.len() + 2);
        }
    }

    fn made(purpose: Purpose, password: &str, salt: &str, rounds: u64, bytes: usize) -> String {
        let salt = hex::decode(salt).unwrap();
        hex::encode(
            &*derive(MessageDigest::sha1(), purpose, &Password::new(password), &salt, rounds, bytes).unwrap(),
        )
    }

    /// The vectors of Stefan Moebius that libraries share, among them Bouncy Castle and GnuTLS.
    #[test]
    fn published_keys_are_derived() {
        assert_eq!(
            made(Purpose::Key, "smeg", "0a58cf64530d823f", 1, 24),
            "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3"
        );
        assert_eq!(made(Purpose::Iv, "smeg", "0a58cf64530d823f", 1, 8), "79993dfe048d3b76");
        assert_eq!(
            made(Purpose::Key, "queeg", "05dec959acff72f7", 1000, 24),
            "ed2034e36328830ff09df1e1a07dd357185dac0d4f9eb3d4"
        );
        assert_eq!(made(Purpose::Iv, "queeg", "05dec959acff72f7", 1000, 8), "11dedad7758d4860");
        assert_eq!(
            made(Purpose::Mac, "smeg", "3d83c0e4546ac140", 1, 20),
            "8d967d88f6caa9d714800ab3d48051d63f73a312"
        );
    }
}
