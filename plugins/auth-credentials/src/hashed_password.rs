//! Hashed Password credentials (KMIP 2.1 section 9.11): a password that does not travel itself.
//!
//! With `S1 = H(username ‖ password)` and `S2 = H(password ‖ username)` the client sends `H(S1 ‖ timestamp) ‖ S2`, and the
//! server answers `H(timestamp ‖ S1 ‖ H(S2))`. The timestamp goes into the hashes as it travels, in the eight bytes of
//! a Date-Time Extended. The file has S1 and H(S2): who reads them can send such a credential, and not log in with the
//! password elsewhere.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{self, Algorithm, Context};
use claviger_plugin_sdk::credentials::CredentialContext;
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::credentials::HashedPassword;
use claviger_plugin_sdk::kmip::tables::enumerations::HashingAlgorithm;
use claviger_plugin_sdk::{Error, Result};
use zeroize::Zeroizing;

use crate::{hexadecimal, once};

/// The kind of the documents that tell which timestamp was used last.
const KIND: &str = "hashed-password";
/// Microseconds that a timestamp may be from the time of the server.
const DRIFT: i64 = 300_000_000;

/// What a Hashed Password credential of a user is compared with.
pub(crate) struct Secret {
    algorithm: &'static Algorithm,
    name: &'static str,
    s1: ByteString,
    /// The hash of S2.
    hashed_s2: ByteString,
}

const ALGORITHMS: [(&str, HashingAlgorithm, &Algorithm); 3] = [
    ("SHA-256", HashingAlgorithm::SHA_256, &digest::SHA256),
    ("SHA-384", HashingAlgorithm::SHA_384, &digest::SHA384),
    ("SHA-512", HashingAlgorithm::SHA_512, &digest::SHA512),
];

/// What the file of credentials has for Hashed Password credentials of a user: hash function, S1 and the hash of S2.
///
/// It is as good as the password for this kind of credential, and a password that is easy to guess can be guessed from it:
/// the hash functions are quick.
///
/// # Errors
/// Invalid Field: user or password is empty.
pub fn hashed_password(user: &str, password: &Zeroizing<String>) -> Result<String> {
    if user.is_empty() || password.is_empty() {
        return Err(Error::invalid("user and password have one letter at least"));
    }
    let (user, password) = (user.as_bytes(), password.as_bytes());
    let (name, _, algorithm) = ALGORITHMS[0];
    let s1 = hash(algorithm, &[user, password]);
    let hashed_s2 = hash(algorithm, &[&hash(algorithm, &[password, user])]);
    Ok(format!("{name}:{}:{}", hexadecimal::encode(&s1), hexadecimal::encode(&hashed_s2)))
}

impl Secret {
    /// Reads what a file says.
    ///
    /// # Errors
    /// Invalid Field: it is not what [`hashed_password`] makes.
    pub(crate) fn of(text: &str) -> Result<Self> {
        Self::read(text).ok_or_else(|| {
            let why = "hashed_password is what `claviger-server hash-password --hashed-for NAME` makes";
            Error::invalid(why)
        })
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let (name, s1, hashed_s2) =
            (parts.next()?, hexadecimal::decode(parts.next()?)?, hexadecimal::decode(parts.next()?)?);
        let (name, _, algorithm) = *ALGORITHMS.iter().find(|(known, ..)| *known == name)?;
        let length = algorithm.output_len();
        let good = parts.next().is_none() && s1.len() == length && hashed_s2.len() == length;
        good.then(|| Self { algorithm, name, s1: s1.into(), hashed_s2: hashed_s2.into() })
    }

    /// What those are compared with who have none, so that it takes as long.
    pub(crate) fn of_nobody() -> Self {
        let nothing = || vec![0; digest::SHA256.output_len()].into();
        Self { algorithm: &digest::SHA256, name: "SHA-256", s1: nothing(), hashed_s2: nothing() }
    }

    /// Whether a credential is right, and later than all before. If so the response answers it.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn redeem(
        &self,
        cx: &mut CredentialContext<'_>,
        presented: &HashedPassword,
        is_known: bool,
    ) -> Result<bool> {
        let time = presented.time_stamp.0;
        let now = cx.now_millis().saturating_mul(1000);
        if !self.is_right(presented) || !is_known || now.abs_diff(time) > DRIFT.unsigned_abs() {
            return Ok(false);
        }
        let id = once::name_of(&[presented.username.as_bytes(), self.name.as_bytes(), &self.s1]);
        let last = once::last(cx, KIND, &id).await?;
        if last.as_ref().is_some_and(|last| time <= last.value) {
            return Ok(false);
        }
        let expires = time.saturating_add(2 * DRIFT).div_euclid(1_000_000);
        if !once::advance(cx, KIND, &id, last, time, Some(expires)).await? {
            return Ok(false);
        }
        let answer = hash(self.algorithm, &[&time.to_be_bytes(), &self.s1, &self.hashed_s2]);
        cx.answer_hashed_password(answer);
        Ok(true)
    }

    fn is_right(&self, presented: &HashedPassword) -> bool {
        let algorithm = presented.hashing_algorithm.unwrap_or(HashingAlgorithm::SHA_256);
        let is_ours = ALGORITHMS.iter().any(|(name, code, _)| *name == self.name && *code == algorithm);
        let time = presented.time_stamp.0.to_be_bytes();
        let expected = hash(self.algorithm, &[&self.s1, &time]);
        let Some((first, s2)) = presented.hashed_password.split_at_checked(self.algorithm.output_len())
        else {
            return false;
        };
        let first = verify_slices_are_equal(first, &expected).is_ok();
        let second = verify_slices_are_equal(&hash(self.algorithm, &[s2]), &self.hashed_s2).is_ok();
        is_ours & first & second
    }
}

fn hash(algorithm: &'static Algorithm, parts: &[&[u8]]) -> ByteString {
    let mut context = Context::new(algorithm);
    parts.iter().for_each(|part| context.update(part));
    context.finish().as_ref().to_vec().into()
}
