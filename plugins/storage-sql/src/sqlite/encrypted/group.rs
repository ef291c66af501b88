//! The name of a group's database.

/// What names a database; drawn at random, and no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Group(u128);

impl Group {
    /// Bytes of a name.
    pub(super) const LENGTH: usize = 16;

    /// A group by the bytes of its name, most significant first.
    pub(super) fn of(bytes: [u8; Self::LENGTH]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// The bytes of its name.
    pub(super) fn bytes(self) -> [u8; Self::LENGTH] {
        self.0.to_be_bytes()
    }

    /// The name of its database file.
    pub(super) fn file_name(self) -> String {
        format!("{}{FILE}", self.0)
    }

    /// The name of its database file while it is being made.
    pub(super) fn unfinished_name(self) -> String {
        format!("{}{UNFINISHED}", self.0)
    }

    /// The namespace of its store.
    pub(super) fn namespace(self) -> String {
        format!("{NAMESPACE}{}", self.0)
    }

    /// The group whose store has this namespace.
    pub(super) fn of_namespace(namespace: &str) -> Option<Self> {
        namespace.strip_prefix(NAMESPACE)?.parse().ok().map(Self)
    }
}

/// What a file in the folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    /// A database, or a file that belongs to one.
    Database,
    /// What was left of a database that was being made.
    Unfinished,
}

impl FileKind {
    /// What the name says; `None` if it is no name of this storage.
    pub(super) fn of(name: &str) -> Option<Self> {
        let name = name.strip_suffix("-wal").or_else(|| name.strip_suffix("-shm")).unwrap_or(name);
        let (number, kind) = match (name.strip_suffix(FILE), name.strip_suffix(UNFINISHED)) {
            (Some(number), _) => (number, Self::Database),
            (None, Some(number)) => (number, Self::Unfinished),
            (None, None) => return None,
        };
        let is_group = number.bytes().all(|digit| digit.is_ascii_digit()) && number.parse::<u128>().is_ok();
        is_group.then_some(kind)
    }
}

const NAMESPACE: &str = "sqlite-enc:";
const FILE: &str = ".sqlite";
const UNFINISHED: &str = ".new";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_names() {
        let group = Group::of([0xff; 16]);
        assert_eq!(group.file_name(), "340282366920938463463374607431768211455.sqlite");
        for (name, kind) in [
            (group.file_name(), Some(FileKind::Database)),
            (group.file_name() + "-wal", Some(FileKind::Database)),
            (group.file_name() + "-shm", Some(FileKind::Database)),
            (group.unfinished_name(), Some(FileKind::Unfinished)),
            (group.unfinished_name() + "-wal", Some(FileKind::Unfinished)),
            ("0.sqlite".to_owned(), Some(FileKind::Database)),
            ("decoy.sqlite".to_owned(), None),
            ("+7.sqlite".to_owned(), None),
            (".sqlite".to_owned(), None),
            ("9".repeat(40) + ".sqlite", None),
            ("claviger.db".to_owned(), None),
            ("claviger.lock".to_owned(), None),
            ("7.sqlite-backup".to_owned(), None),
        ] {
            assert_eq!(FileKind::of(&name), kind, "{name}");
        }
    }
}
