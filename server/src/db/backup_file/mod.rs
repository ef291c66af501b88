//! The file of a backup.
//!
//! It is a short prefix ([`protection`]), in which format, version and protection stand, and then entries
//! ([`entry`]) in binary TTLV, one after the other: what the backup is of, every document, every object with the SHA-256
//! of its record, and an end with how many there are and the SHA-256 of everything before it. If the backup is encrypted,
//! all entries are ([`chunks`]). Nothing of it is ever as a whole in memory.

mod chunks;
mod entry;
mod protection;
mod reader;
mod writer;

pub(super) use entry::{Begin, Entry};
pub(super) use protection::{KeySource, Protection};
pub(super) use reader::BackupReader;
pub(super) use writer::BackupWriter;

#[cfg(test)]
mod tests;
