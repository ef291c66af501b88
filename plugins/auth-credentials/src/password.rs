//! Passwords: hashing them by Argon2id (RFC 9106), in the PHC string format, and verifying them.

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, CustomizedPasswordHasher, Params, PasswordVerifier, Version};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::{Error, Result};
use zeroize::Zeroizing;

/// Memory in KiB that a hash uses at least: what the OWASP cheat sheet names as the least, with five passes.
const LEAST_MEMORY: u32 = 7_168;
/// Memory in KiB that a hash uses at most, since several are computed at a time.
const MOST_MEMORY: u32 = 1 << 20;
/// Passes that a hash uses at most.
const MOST_PASSES: u32 = 64;
/// Bytes of salt of a new hash.
const SALT: usize = 16;
/// Bytes that a password may have; hashing the longest is still quick beside Argon2.
pub(crate) const LONGEST: usize = 1_024;

/// The hash of a password.
#[derive(Clone)]
pub struct PasswordHash {
    text: String,
    parsed: phc::PasswordHash,
    cost: u64,
}

impl PasswordHash {
    /// Reads a hash in the PHC string format.
    ///
    /// # Errors
    /// It is none of Argon2id, or costs too little or too much.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |why: &str| Error::invalid(format!("a password is no hash of Argon2id: {why}"));
        let parsed =
            phc::PasswordHash::new(text).map_err(|_| wrong("`claviger-server hash-password` makes one"))?;
        if parsed.algorithm.as_str() != "argon2id" || parsed.version != Some(Version::V0x13.into()) {
            return Err(wrong("it has another algorithm or version"));
        }
        if parsed.hash.is_none() || parsed.salt.is_none() {
            return Err(wrong("salt or hash is missing"));
        }
        let params = Params::try_from(&parsed).map_err(|_| wrong("its parameters are out of bounds"))?;
        if !(LEAST_MEMORY..=MOST_MEMORY).contains(&params.m_cost()) || params.t_cost() > MOST_PASSES {
            return Err(wrong("it costs too little or too much memory, or has too many passes"));
        }
        let cost = u64::from(params.m_cost()) * u64::from(params.t_cost());
        Ok(Self { text: text.to_owned(), parsed, cost })
    }

    /// The PHC string.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What verifying costs, to be compared with others.
    pub(crate) fn cost(&self) -> u64 {
        self.cost
    }

    /// Whether it is the hash of the password. Takes its time.
    pub fn verify(&self, password: &str) -> bool {
        password.len() <= LONGEST
            && Argon2::default().verify_password(password.as_bytes(), &self.parsed).is_ok()
    }

    /// A hash of nobody's password that costs as much as any: whoever is not known is compared with it.
    pub(crate) fn of_nobody() -> Option<Self> {
        Self::parse(NOBODY).ok()
    }
}

/// The parameters of new hashes, with salt and hash that no password was hashed for.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes a password by Argon2id with a new salt, 19 MiB of memory and two passes, as OWASP recommends.
///
/// # Errors
/// Invalid Field: the password is empty or has more than 1024 bytes.
pub fn hash_password(password: &Zeroizing<String>, random: &mut dyn RandomSource) -> Result<PasswordHash> {
    if password.is_empty() || password.len() > LONGEST {
        return Err(Error::invalid(format!("a password has 1 to {LONGEST} bytes")));
    }
    let salt = random.bytes(SALT);
    let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
    let hashed = Argon2::default().hash_password_customized(
        password.as_bytes(),
        &salt,
        Some(algorithm.as_str()),
        Some(version.into()),
        Params::DEFAULT,
    );
    let hashed = hashed.map_err(|error| Error::server("the password was not hashed").because(error))?;
    PasswordHash::parse(&hashed.to_string())
}

#[cfg(test)]
pub(crate) mod tests {
    use claviger_plugin_sdk::testkit::SeededRandom;

    use super::*;

    /// Made with Python's `cryptography`: the password `password1`, the salt `somesalt`.
    pub(crate) const PASSWORD1: &str =
        "$argon2id$v=19$m=7168,t=5,p=1$c29tZXNhbHQ$nv7QV0z0F9bQCnQEeFHS9qHElOAXl1R7yET1AMIL078";

    #[test]
    fn a_hash_of_another_implementation_is_verified() {
        let hash = PasswordHash::parse(PASSWORD1).unwrap();
        assert!(hash.verify("password1"));
        assert!(!hash.verify("password2"));
        assert!(!hash.verify(""));
        assert!(!hash.verify(&"p".repeat(LONGEST + 1)));
    }

    #[test]
    fn a_new_hash_has_a_salt_of_its_own_and_the_recommended_cost() {
        let random = &mut SeededRandom::new(1);
        let password = Zeroizing::new("correct horse".to_owned());
        let (first, second) =
            (hash_password(&password, random).unwrap(), hash_password(&password, random).unwrap());
        assert!(first.text().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", first.text());
        assert_ne!(first.text(), second.text());
        assert!(second.verify("correct horse") && !second.verify("correct horsf"));
        assert!(hash_password(&Zeroizing::default(), random).is_err());
        assert!(hash_password(&Zeroizing::new("p".repeat(LONGEST + 1)), random).is_err());
    }

    #[test]
    fn what_is_no_argon2id_hash_or_costs_too_little_is_refused() {
        for (from, to) in [
            ("argon2id", "argon2i"),
            ("argon2id", "argon2d"),
            ("v=19", "v=16"),
            ("m=7168", "m=7167"),
            ("m=7168", "m=1048577"),
            ("t=5", "t=65"),
            ("$v=19", ""),
        ] {
            assert!(PasswordHash::parse(&PASSWORD1.replacen(from, to, 1)).is_err(), "{from} {to}");
        }
        let without_hash = &PASSWORD1[..PASSWORD1.rfind('$').unwrap()];
        for text in ["", "password1", "$2b$12$abcdefghijklmnopqrstuv", without_hash] {
            assert!(PasswordHash::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_hash_of_nobody_costs_as_much_as_a_new_one() {
        let nobody = PasswordHash::of_nobody().unwrap();
        let new = hash_password(&Zeroizing::new("p".into()), &mut SeededRandom::new(1)).unwrap();
        assert_eq!(nobody.cost(), new.cost());
    }
}
