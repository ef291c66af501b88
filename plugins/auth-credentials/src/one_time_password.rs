//! One-time passwords: HOTP (RFC 4226) and TOTP (RFC 6238), each good once on all servers of a storage.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use claviger_plugin_sdk::credentials::CredentialContext;
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::{Error, Result};

use crate::file::OneTimePasswordEntry;
use crate::once;

/// The kind of the documents that tell which was used last.
const KIND: &str = "one-time-password";
/// Passwords behind the one that is due that are good, too: some were made and not used (RFC 4226 section 7.4).
const LOOK_AHEAD: i64 = 10;
/// Steps of time before and after the one that it is (RFC 6238 section 5.2).
const DRIFT: i64 = 1;
/// Bytes of the secret at least (RFC 4226 section 4).
const SHORTEST_SECRET: usize = 16;

/// What makes the one-time passwords of a user.
pub(crate) struct OneTimePassword {
    secret: ByteString,
    algorithm: hmac::Algorithm,
    digits: u32,
    counts: Counts,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Counts {
    Uses,
    /// Steps of so many seconds.
    Steps(i64),
}

impl OneTimePassword {
    /// Reads what a file says.
    ///
    /// # Errors
    /// Invalid Field: something of it is out of bounds.
    pub(crate) fn of(entry: &OneTimePasswordEntry) -> Result<Self> {
        let wrong = |why: &str| Err(Error::invalid(format!("one_time_password: {why}")));
        let counts = match (entry.kind.as_str(), entry.period) {
            ("hotp", None) => Counts::Uses,
            ("totp", period @ (None | Some(10..=600))) => Counts::Steps(period.unwrap_or(30)),
            _ => return wrong("`kind` is hotp, or totp with a `period` of 10 to 600 seconds"),
        };
        let algorithm = match entry.algorithm.as_deref() {
            None | Some("SHA-1") => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Some("SHA-256") => hmac::HMAC_SHA256,
            Some("SHA-512") => hmac::HMAC_SHA512,
            Some(_) => return wrong("`algorithm` is SHA-1, SHA-256 or SHA-512"),
        };
        let digits = entry.digits.unwrap_or(6);
        let Some(secret) = base32(&entry.secret) else { return wrong("`secret` is base32, as in RFC 4648") };
        if secret.len() < SHORTEST_SECRET || !(6..=8).contains(&digits) {
            return wrong("`secret` has 128 bits at least, and `digits` is 6 to 8");
        }
        Ok(Self { secret, algorithm, digits, counts })
    }

    /// What those are compared with who have none, so that it takes as long.
    pub(crate) fn of_nobody() -> Self {
        let secret = vec![0; SHORTEST_SECRET].into();
        Self { secret, algorithm: hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, digits: 6, counts: Counts::Steps(30) }
    }

    /// Whether a password is due, which it is once. Nothing is used up if `is_known` does not hold.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn redeem(
        &self,
        cx: &mut CredentialContext<'_>,
        user: &str,
        presented: &str,
        is_known: bool,
    ) -> Result<bool> {
        let id = once::name_of(&[user.as_bytes(), &self.secret]);
        let last = once::last(cx, KIND, &id).await?;
        let now = cx.now_millis().div_euclid(1000);
        let due = match self.counts {
            Counts::Uses => {
                let next = last.as_ref().map_or(0, |last| last.value.saturating_add(1));
                next..=next.saturating_add(LOOK_AHEAD)
            }
            Counts::Steps(period) => {
                let step = now.div_euclid(period);
                step - DRIFT..=step + DRIFT
            }
        };
        // All are looked at, whichever is right.
        let mut right = None;
        for count in due.filter(|count| last.as_ref().is_none_or(|last| *count > last.value)) {
            if verify_slices_are_equal(self.at(count).as_bytes(), presented.as_bytes()).is_ok() {
                right = Some(count);
            }
        }
        let Some(count) = right.filter(|_| is_known) else { return Ok(false) };
        let expires = match self.counts {
            Counts::Uses => None,
            Counts::Steps(period) => Some((count + DRIFT + 2).saturating_mul(period)),
        };
        once::advance(cx, KIND, &id, last, count, expires).await
    }

    /// The password of a count.
    fn at(&self, count: i64) -> String {
        let key = hmac::Key::new(self.algorithm, &self.secret);
        let tag = hmac::sign(&key, &count.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag.last().map_or(0, |last| last & 0xF));
        let four = tag.get(offset..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
        let number = (u32::from_be_bytes(four) & 0x7FFF_FFFF) % 10_u32.pow(self.digits);
        format!("{number:0width$}", width = self.digits as usize)
    }
}

/// Base32 with or without padding, in either case, as authenticators show it in groups.
fn base32(text: &str) -> Option<ByteString> {
    // As it does not grow, no copy of a part of it is left behind.
    let (mut bytes, mut buffer, mut bits) = (Vec::with_capacity(text.len()), 0_u32, 0);
    for letter in text.trim_end_matches('=').bytes().filter(|letter| *letter != b' ') {
        let value = match letter.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        buffer = buffer << 5 | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits) as u8);
            buffer &= (1 << bits) - 1;
        }
    }
    Some(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: &str, secret: &str, algorithm: Option<&str>, digits: u32) -> OneTimePasswordEntry {
        OneTimePasswordEntry {
            kind: kind.into(),
            secret: secret.to_owned().into(),
            algorithm: algorithm.map(Into::into),
            digits: Some(digits),
            period: None,
        }
    }

    /// `12345678901234567890` in base32, the secret of RFC 4226 and 6238.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn hotp_gives_the_values_of_rfc_4226() {
        let hotp = OneTimePassword::of(&entry("hotp", SECRET, None, 6)).unwrap();
        let expected = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        for (count, password) in expected.iter().enumerate() {
            assert_eq!(hotp.at(count as i64), *password);
        }
    }

    #[test]
    fn totp_gives_the_values_of_rfc_6238() {
        let sha256 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA====";
        let sha512 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
                      GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA=";
        for (secret, algorithm, at_59, at_1111111109) in [
            (SECRET, "SHA-1", "94287082", "07081804"),
            (sha256, "SHA-256", "46119246", "68084774"),
            (sha512, "SHA-512", "90693936", "25091201"),
        ] {
            let totp = OneTimePassword::of(&entry("totp", secret, Some(algorithm), 8)).unwrap();
            assert_eq!(totp.at(59 / 30), at_59, "{algorithm}");
            assert_eq!(totp.at(1_111_111_109 / 30), at_1111111109, "{algorithm}");
        }
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        for (text, bytes) in
            [("", ""), ("MY======", "f"), ("MZXQ====", "fo"), ("mzxw6", "foo"), ("MZXW 6YTB OI", "foobar")]
        {
            assert_eq!(base32(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        assert_eq!(base32("MZXW1"), None);
    }

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        for wrong in [
            entry("otp", SECRET, None, 6),
            entry("hotp", "MZXW6YTBOI", None, 6),
            entry("hotp", "1", None, 6),
            entry("hotp", SECRET, Some("MD5"), 6),
            entry("hotp", SECRET, None, 5),
            entry("hotp", SECRET, None, 9),
            OneTimePasswordEntry { period: Some(30), ..entry("hotp", SECRET, None, 6) },
            OneTimePasswordEntry { period: Some(0), ..entry("totp", SECRET, None, 6) },
        ] {
            assert!(OneTimePassword::of(&wrong).is_err());
        }
    }
}
