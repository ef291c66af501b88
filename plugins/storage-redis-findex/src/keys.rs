//! All keys, derived from the master password.
//!
//! The password and the salt of the database give a master key by Argon2id; HKDF makes of it one key for each purpose.
//! Only the keys of the index depend on the label and on the generation of the index, so that an index can be built
//! anew under other keys while every record stays as it is.

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk};
use aws_lc_rs::hmac;
use claviger_plugin_sdk::{Error, Result};
use zeroize::Zeroizing;

/// Bytes of the salt of a database.
pub(crate) const SALT: usize = 16;
/// Bytes of every key.
pub(crate) const KEY: usize = 32;

/// What a password costs to try: memory in KiB and passes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PasswordCost {
    pub(crate) memory: u32,
    pub(crate) passes: u32,
}

impl PasswordCost {
    /// What databases of format 1 use: the second recommendation of RFC 9106 section 4, with one lane.
    pub(crate) const FORMAT_1: Self = Self { memory: 64 * 1024, passes: 3 };
}

/// A keyed hash that stands for a name: of an object, of a document, of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Mac(pub(crate) [u8; 16]);

impl Mac {
    /// Reads one out of bytes that Redis gave.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self> {
        let bytes = bytes.try_into();
        bytes
            .map(Self)
            .map_err(|_| Error::storage("the storage is damaged: a name in Redis is none of this server"))
    }
}

/// The keys of a database.
pub(crate) struct Keys {
    names: hmac::Key,
    records: hmac::Key,
    index: Zeroizing<[u8; KEY]>,
}

impl Keys {
    /// Derives the keys. This takes long, by design: not on a thread that serves requests.
    ///
    /// # Errors
    /// There is not enough memory for it.
    pub(crate) fn derive(password: &[u8], salt: &[u8], cost: PasswordCost) -> Result<Self> {
        let failed = |error: argon2::Error| {
            Error::storage("no key can be derived from --redis-master-password").because(error.to_string())
        };
        let parameters = Params::new(cost.memory, cost.passes, 1, Some(KEY)).map_err(failed)?;
        let mut master = Zeroizing::new([0; KEY]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
            .hash_password_into(password, salt, master.as_mut())
            .map_err(failed)?;
        Ok(Self {
            names: hmac::Key::new(hmac::HMAC_SHA256, expand(&master, &[b"names"])?.as_ref()),
            records: hmac::Key::new(hmac::HMAC_SHA256, expand(&master, &[b"records"])?.as_ref()),
            index: expand(&master, &[b"index"])?,
        })
    }

    /// What stands for a name in Redis. The parts are kept apart, whatever they contain.
    pub(crate) fn name(&self, kind: u8, parts: &[&[u8]]) -> Mac {
        keyed_hash(&self.names, kind, parts)
    }

    /// The key that one value is encrypted with. Each has its own, so that none meets the bound on random nonces
    /// (NIST SP 800-38D section 8.3: 2³² for a key), however often its value is written.
    pub(crate) fn of_value(&self, kind: u8, name: &Mac) -> Zeroizing<[u8; KEY]> {
        let mut context = hmac::Context::with_key(&self.records);
        context.update(&[kind]);
        context.update(&name.0);
        let mut key = Zeroizing::new([0; KEY]);
        key.copy_from_slice(context.sign().as_ref());
        key
    }

    /// The keys of one generation of the index.
    ///
    /// # Errors
    /// The library fails.
    pub(crate) fn of_index(&self, label: &str, generation: &[u8]) -> Result<IndexKeys> {
        let generation_key = expand(&self.index, &[b"generation", generation, label.as_bytes()])?;
        let proof = hmac::Key::new(hmac::HMAC_SHA256, expand(&generation_key, &[b"proof"])?.as_ref());
        Ok(IndexKeys {
            words: expand(&generation_key, &[b"words"])?,
            lists: hmac::Key::new(hmac::HMAC_SHA256, expand(&generation_key, &[b"lists"])?.as_ref()),
            proof: keyed_hash(&proof, 0, &[]),
        })
    }
}

/// The keys of one generation of the index.
pub(crate) struct IndexKeys {
    /// What Findex encrypts addresses and words with.
    pub(crate) words: Zeroizing<[u8; KEY]>,
    lists: hmac::Key,
    /// Tells whether a label is that of the generation, and nothing else.
    pub(crate) proof: Mac,
}

impl IndexKeys {
    /// Where the list of a keyword begins.
    pub(crate) fn list(&self, keyword: &[u8]) -> Mac {
        keyed_hash(&self.lists, 0, &[keyword])
    }
}

fn keyed_hash(key: &hmac::Key, kind: u8, parts: &[&[u8]]) -> Mac {
    let mut context = hmac::Context::with_key(key);
    context.update(&[kind]);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut mac = [0; 16];
    mac.iter_mut().zip(context.sign().as_ref()).for_each(|(to, from)| *to = *from);
    Mac(mac)
}

fn expand(key: &[u8; KEY], info: &[&[u8]]) -> Result<Zeroizing<[u8; KEY]>> {
    struct Length;
    impl KeyType for Length {
        fn len(&self) -> usize {
            KEY
        }
    }
    // Each part with its length: two lists of parts never read alike.
    let lengths: Vec<[u8; 8]> = info.iter().map(|part| (part.len() as u64).to_be_bytes()).collect();
    let framed: Vec<&[u8]> =
        lengths.iter().zip(info).flat_map(|(length, part)| [length.as_slice(), *part]).collect();
    let mut expanded = Zeroizing::new([0; KEY]);
    Prk::new_less_safe(HKDF_SHA256, key)
        .expand(&framed, Length)
        .and_then(|okm| okm.fill(expanded.as_mut()))
        .map_err(|_| Error::storage("no key can be derived for the storage"))?;
    Ok(expanded)
}

/// Random bytes.
///
/// # Errors
/// The system has none.
pub(crate) fn random<const LENGTH: usize>() -> Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::storage("the system gives no randomness"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: PasswordCost = PasswordCost { memory: 64, passes: 1 };

    #[test]
    fn parts_of_a_name_do_not_run_into_each_other() {
        let keys = Keys::derive(b"password", &[1; SALT], CHEAP).unwrap();
        assert_ne!(keys.name(1, &[b"ab", b"c"]), keys.name(1, &[b"a", b"bc"]));
        assert_ne!(keys.name(1, &[b"ab"]), keys.name(2, &[b"ab"]));
        assert_eq!(keys.name(1, &[b"ab"]), keys.name(1, &[b"ab"]));
    }

    #[test]
    fn every_ingredient_changes_the_keys() {
        let keys = |password: &[u8], salt| Keys::derive(password, &[salt; SALT], CHEAP).unwrap();
        let name = |keys: Keys| keys.name(1, &[b"x"]);
        assert_ne!(name(keys(b"one", 1)), name(keys(b"two", 1)));
        assert_ne!(name(keys(b"one", 1)), name(keys(b"one", 2)));
        let keys = keys(b"one", 1);
        let list = |label, generation| keys.of_index(label, generation).unwrap().list(b"tag");
        assert_ne!(list("a", b"1"), list("b", b"1"));
        assert_ne!(list("a", b"1"), list("a", b"2"));
        assert_ne!(list("1a", b""), list("a", b"1"));
    }
}
