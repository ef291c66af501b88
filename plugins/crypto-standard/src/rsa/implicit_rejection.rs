//! The padding of PKCS #1 v1.5 taken off without a word about whether it was right (draft-irtf-cfrg-rsa-guidance-04 section
//! 7, which OpenSSL follows from 3.2 on).
//!
//! Where it is wrong the answer is a message that follows from the key and the ciphertext alone, so whoever asks cannot tell
//! it from one that somebody encrypted; and no branch and no address depends on which of the two it is.

use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sha::sha256;
use openssl::sign::Signer;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater, ConstantTimeLess};
use zeroize::Zeroizing;

/// Where the padding may end at the earliest: after its two first bytes and eight that are random.
const SHORTEST_PADDING: u32 = 2 + 8;

/// How many lengths are drawn for the message that stands in for another.
const DRAWN: usize = 128;

/// What makes the messages of one key.
pub(super) struct Substitutes(Zeroizing<[u8; 32]>);

impl Substitutes {
    /// Those of a key.
    ///
    /// # Errors
    /// OpenSSL fails.
    pub(super) fn of(key: &PKey<Private>) -> Result<Self, ErrorStack> {
        let rsa = key.rsa()?;
        let exponent = Zeroizing::new(rsa.d().to_vec_padded(i32::try_from(rsa.size()).unwrap_or(i32::MAX))?);
        Ok(Self(Zeroizing::new(sha256(&exponent))))
    }

    /// The message in what a ciphertext decrypts to, or the one that stands in for it. Both have the length of the modulus.
    ///
    /// # Errors
    /// OpenSSL fails.
    pub(super) fn unpad(&self, padded: &[u8], ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
        let size = u32::try_from(padded.len()).unwrap_or(u32::MAX);
        let key = Zeroizing::new(hmac(&*self.0, &[ciphertext])?);
        let substitute = expand(&key, b"message", padded.len())?;
        let lengths = expand(&key, b"length", 2 * DRAWN)?;
        let (start, is_right) = message_start(padded);
        let start = u32::conditional_select(&(size - substitute_length(&lengths, size)), &start, is_right);
        let chosen = padded.iter().zip(substitute.iter());
        let mut message: Zeroizing<Vec<u8>> = Zeroizing::new(
            chosen.map(|(byte, other)| u8::conditional_select(other, byte, is_right)).collect(),
        );
        // How long a message is its reader learns anyway.
        message.drain(..usize::try_from(start).unwrap_or(0).min(padded.len()));
        Ok(message)
    }
}

/// Where the message begins, and whether all before it is as it has to be.
fn message_start(padded: &[u8]) -> (u32, Choice) {
    let mut head = Choice::from(1);
    let (mut end, mut has_ended) = (0u32, Choice::from(0));
    for (place, byte) in (0u32..).zip(padded) {
        match place {
            0 => head &= byte.ct_eq(&0),
            1 => head &= byte.ct_eq(&2),
            _ => {
                let ends = byte.ct_eq(&0) & !has_ended;
                end.conditional_assign(&place, ends);
                has_ended |= ends;
            }
        }
    }
    let is_long = end.ct_gt(&(SHORTEST_PADDING - 1));
    (end.wrapping_add(1), head & has_ended & is_long)
}

/// The last of the drawn lengths that a message may have.
fn substitute_length(drawn: &[u8], size: u32) -> u32 {
    let longest = size.saturating_sub(SHORTEST_PADDING);
    let mask = (1u32 << (u32::BITS - longest.leading_zeros())) - 1;
    let mut length = 0u32;
    for pair in drawn.chunks_exact(2) {
        let candidate = pair.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)) & mask;
        length.conditional_assign(&candidate, candidate.ct_lt(&longest));
    }
    length
}

fn expand(key: &[u8], label: &[u8], bytes: usize) -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
    let bits = u16::try_from(8 * bytes).unwrap_or(u16::MAX).to_be_bytes();
    let mut expanded = Zeroizing::new(Vec::with_capacity(bytes + 32));
    for round in 0u16.. {
        if expanded.len() >= bytes {
            break;
        }
        expanded.extend_from_slice(&hmac(key, &[&round.to_be_bytes(), label, &bits])?);
    }
    expanded.truncate(bytes);
    Ok(expanded)
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Result<Vec<u8>, ErrorStack> {
    let key = PKey::hmac(key)?;
    let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
    for part in parts {
        signer.update(part)?;
    }
    signer.sign_to_vec()
}
