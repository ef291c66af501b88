//! The key of an encrypted database.

use claviger_plugin_sdk::{Error, Result};
use rusqlite::Connection;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A key that SQLCipher uses as it is, without deriving another one from it. Zeroized on drop.
pub(super) struct DatabaseKey(Zeroizing<Vec<u8>>);

impl DatabaseKey {
    /// Bytes of a key: AES-256.
    pub(super) const LENGTH: usize = 32;

    /// A key of these bytes.
    ///
    /// # Errors
    /// There are more or fewer than [`DatabaseKey::LENGTH`].
    pub(super) fn new(bytes: &[u8]) -> Result<Self> {
        if bytes.len() != Self::LENGTH {
            return Err(Error::storage("a database key has another length"));
        }
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    /// Whether both are the same, in a time that does not depend on it.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Gives the key to a connection that was just opened. Whether it is the right one shows when something is read.
    ///
    /// # Errors
    /// SQLCipher fails.
    pub(super) fn unlock(&self, connection: &Connection) -> rusqlite::Result<()> {
        // Nothing about keys is said on standard error, and memory of the library is wiped when it is given back: it has
        // the statement with the key, and the pages in clear.
        connection.execute_batch("PRAGMA cipher_log_level = NONE; PRAGMA cipher_memory_security = ON")?;
        let mut statement = Zeroizing::new(String::with_capacity(96));
        statement.push_str("PRAGMA key = \"x'");
        for byte in self.0.iter() {
            for digit in [byte >> 4, byte & 15] {
                statement.extend(char::from_digit(digit.into(), 16));
            }
        }
        statement.push_str("'\"");
        // An error of the library has the text of its statement.
        connection.execute_batch(&statement).map_err(|_| rusqlite::Error::InvalidQuery)?;
        // What later versions of the library do by default does not read what this one has written.
        connection.execute_batch("PRAGMA cipher_compatibility = 4")
    }
}
