//! How the databases differ in the SQL of a search.

use super::Parameter;
use super::statement::Statement;

/// A database's own way to say what all of them do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SQLite, whose planner follows hints and which calls functions of this crate.
    Sqlite,
    /// PostgreSQL, which plans by statistics and takes arrays as values.
    Postgresql,
    /// MySQL and MariaDB, whose planners follow hints.
    Mysql,
}

impl Dialect {
    /// Whether the database is a server of its own: text is kept as bytes there, long values as their hash, and each
    /// indexed scalar is a row.
    pub(crate) fn is_server(self) -> bool {
        self != Self::Sqlite
    }

    /// What stands before the name of each table. A database server may hold tables of others.
    pub(crate) fn prefix(self) -> &'static str {
        if self.is_server() { "claviger_" } else { "" }
    }

    /// Joins two tables, the first being read first where the database can be told so.
    pub(super) fn join(self) -> &'static str {
        match self {
            Self::Sqlite | Self::Postgresql => " CROSS JOIN ",
            Self::Mysql => " STRAIGHT_JOIN ",
        }
    }

    /// Follows the name of the objects' table, so that an owner's are read in their order.
    pub(super) fn by_owner(self) -> &'static str {
        match self {
            Self::Sqlite => " INDEXED BY object_by_owner",
            Self::Postgresql => "",
            Self::Mysql => " FORCE INDEX (claviger_object_by_owner)",
        }
    }

    /// Follows the name of the objects' table, so that all are read in their order.
    pub(super) fn in_order(self) -> &'static str {
        match self {
            Self::Sqlite => " NOT INDEXED",
            Self::Postgresql => "",
            Self::Mysql => " FORCE INDEX (PRIMARY)",
        }
    }

    /// Ends a subquery that is tested on each object. PostgreSQL would rather read all that it could give and join that.
    pub(super) fn on_each(self) -> &'static str {
        if self == Self::Postgresql { " OFFSET 0" } else { "" }
    }

    /// Adds the table of the rows that find objects, as `alias`, and the condition that keeps to these rows.
    pub(super) fn finders(self, to: &mut Statement<'_>, alias: &str) {
        to.table(if self.is_server() { "scalar" } else { "indexed" }).push(" ").push(alias);
    }

    /// Adds the condition that keeps to rows that find objects.
    pub(super) fn only_finders(self, to: &mut Statement<'_>, alias: &str) {
        if self.is_server() {
            to.push(alias).push(".found = 1 AND ");
        }
    }
}

/// The form in which a database server keeps an indexed value: its kind and itself or, if it is long, its hash. So
/// values of different kinds are never the same, and each fits into an index.
pub(crate) fn stored_value(value: Parameter<'_>) -> Vec<u8> {
    let (kind, bytes): (u8, &[u8]) = match &value {
        Parameter::Integer(n) => (0, &n.to_be_bytes()),
        Parameter::Text(text) => (1, text.as_bytes()),
        Parameter::Bytes(bytes) => (2, bytes),
    };
    if bytes.len() > VALUE { tagged(kind | HASHED, &hash(bytes)) } else { tagged(kind, bytes) }
}

/// The form in which a database server keeps a name by which it is found: itself or, if it is long, its hash.
pub(crate) fn stored_name(name: &str) -> Vec<u8> {
    // No text begins with this byte, so a hash is never the same as a name.
    if name.len() > NAME { tagged(0xFF, &hash(name.as_bytes())) } else { name.as_bytes().to_vec() }
}

/// A name of which [`stored_name`] is only the hash; otherwise nothing.
pub(crate) fn rest_of_name(name: &str) -> &[u8] {
    if name.len() > NAME { name.as_bytes() } else { &[] }
}

/// Bytes of a value that are kept as they are.
const VALUE: usize = 64;
/// Bytes of a name that are kept as they are.
const NAME: usize = 200;
/// Marks the kind of a value of which the hash is kept.
const HASHED: u8 = 0x80;

fn tagged(kind: u8, bytes: &[u8]) -> Vec<u8> {
    let mut stored = Vec::with_capacity(bytes.len() + 1);
    stored.push(kind);
    stored.extend_from_slice(bytes);
    stored
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_values_differ_by_kind_and_are_short() {
        let long = "x".repeat(5000);
        let values = [
            Parameter::Integer(0x3439),
            Parameter::Text("\0\0\0\0\0\0\x0049"),
            Parameter::Bytes(b"\0\0\0\0\0\0\x0049"),
            Parameter::Text(&long),
            Parameter::Bytes(long.as_bytes()),
            Parameter::Text(""),
            Parameter::Bytes(b""),
        ];
        let stored: std::collections::BTreeSet<_> = values.into_iter().map(stored_value).collect();
        assert_eq!(stored.len(), values.len());
        assert!(stored.iter().all(|value| value.len() <= 65));
    }

    #[test]
    fn a_long_name_is_kept_as_its_hash_which_no_name_is() {
        assert_eq!(stored_name("alice"), b"alice");
        let long = stored_name(&"a".repeat(201));
        assert_eq!(long.len(), 33);
        assert!(std::str::from_utf8(&long).is_err());
        assert_ne!(long, stored_name(&"a".repeat(202)));
    }
}
