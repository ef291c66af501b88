//! The names of the keys in Redis: a prefix, a letter for what it is, and a keyed hash for whose it is.

use claviger_plugin_sdk::{Error, Result};

use crate::keys::{Keys, Mac};

/// Names of one database.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    prefix: String,
}

impl Layout {
    /// Names that begin with this.
    ///
    /// # Errors
    /// Invalid Field: it has letters that mean something to Redis' patterns, or none.
    pub(crate) fn new(prefix: &str) -> Result<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if prefix.is_empty() || prefix.len() > 64 || !prefix.bytes().all(plain) {
            return Err(Error::invalid("--redis-key-prefix takes 1 to 64 letters, digits, `-` and `_`"));
        }
        Ok(Self { prefix: prefix.to_owned() })
    }

    /// A pattern of all names.
    pub(crate) fn everything(&self) -> String {
        format!("{}:*", self.prefix)
    }

    /// Salt, proofs and the course of a rotation: a hash.
    pub(crate) fn header(&self) -> Vec<u8> {
        self.plain("header")
    }

    /// Generation and counter of the index: text.
    pub(crate) fn index(&self) -> Vec<u8> {
        self.plain("index")
    }

    /// The last place that was given out: a number.
    pub(crate) fn last_place(&self) -> Vec<u8> {
        self.plain("last")
    }

    /// The objects by their place: a sorted set.
    pub(crate) fn places(&self) -> Vec<u8> {
        self.plain("places")
    }

    /// The kinds of documents: a hash from the hash of a kind to its encrypted name.
    pub(crate) fn document_kinds(&self) -> Vec<u8> {
        self.plain("kinds")
    }

    /// Objects that have changed while the index was being built anew: a set.
    pub(crate) fn changed(&self) -> Vec<u8> {
        self.plain("changed")
    }

    /// Who builds the index anew.
    pub(crate) fn builder(&self) -> Vec<u8> {
        self.plain("builder")
    }

    /// Generations of the index whose words are to be removed: a set.
    pub(crate) fn abandoned(&self) -> Vec<u8> {
        self.plain("abandoned")
    }

    /// The snapshots that are being read: a set.
    pub(crate) fn snapshots(&self) -> Vec<u8> {
        self.plain("snapshots")
    }

    /// Values as they were when a snapshot began: a hash. The script of a transaction makes this name, too.
    pub(crate) fn before(&self, snapshot: &str) -> Vec<u8> {
        self.plain(&format!("before:{snapshot}"))
    }

    /// Objects that have gone since a snapshot began, by their place: a sorted set. The script makes this name, too.
    pub(crate) fn places_before(&self, snapshot: &str) -> Vec<u8> {
        self.plain(&format!("places-before:{snapshot}"))
    }

    /// A record.
    pub(crate) fn object(&self, name: &Mac) -> Vec<u8> {
        self.named(b'o', &name.0)
    }

    /// What stands beside a record.
    pub(crate) fn side(&self, name: &Mac) -> Vec<u8> {
        self.named(b's', &name.0)
    }

    /// Who has a name.
    pub(crate) fn name(&self, name: &Mac) -> Vec<u8> {
        self.named(b'n', &name.0)
    }

    /// A document.
    pub(crate) fn document(&self, name: &Mac) -> Vec<u8> {
        self.named(b'd', &name.0)
    }

    /// The documents of a kind: a set.
    pub(crate) fn documents(&self, kind: &Mac) -> Vec<u8> {
        self.named(b'k', &kind.0)
    }

    /// That a transaction was made.
    pub(crate) fn token(&self, token: &[u8; 16]) -> Vec<u8> {
        self.named(b't', token)
    }

    /// A word of the index.
    pub(crate) fn word(&self, generation: &str, address: &[u8; 16]) -> Vec<u8> {
        let mut name = format!("{}:w:{generation}:", self.prefix).into_bytes();
        name.extend_from_slice(address);
        name
    }

    /// A pattern of all words of a generation of the index.
    pub(crate) fn words(&self, generation: &str) -> String {
        format!("{}:w:{generation}:*", self.prefix)
    }

    fn plain(&self, what: &str) -> Vec<u8> {
        format!("{}:{what}", self.prefix).into_bytes()
    }

    fn named(&self, what: u8, name: &[u8; 16]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.prefix.len() + 19);
        bytes.extend_from_slice(self.prefix.as_bytes());
        bytes.extend_from_slice(&[b':', what, b':']);
        bytes.extend_from_slice(name);
        bytes
    }
}

/// What stands for the identifier of an object.
pub(crate) fn object_name(keys: &Keys, id: &str) -> Mac {
    keys.name(b'o', &[id.as_bytes()])
}

/// What stands for a name that an owner gave.
pub(crate) fn claimed_name(keys: &Keys, owner: &str, name: &str) -> Mac {
    keys.name(b'n', &[owner.as_bytes(), name.as_bytes()])
}

/// What stands for a document.
pub(crate) fn document_name(keys: &Keys, kind: &str, id: &str) -> Mac {
    keys.name(b'd', &[kind.as_bytes(), id.as_bytes()])
}

/// What stands for a kind of documents.
pub(crate) fn kind_name(keys: &Keys, kind: &str) -> Mac {
    keys.name(b'k', &[kind.as_bytes()])
}
