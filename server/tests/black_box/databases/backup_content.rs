//! What is in a backup that is not encrypted, read as the format says.

use std::path::Path;

use claviger_kmip::codec::binary;
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::{Tag, Ttlv, Value};

use super::db;

const OBJECT: Tag = Tag(0x54_4203);
const END: Tag = Tag(0x54_4204);
const IDENTIFIER: Tag = Tag(0x54_4221);

/// Everything that is in the database of a folder.
pub(super) fn contents(folder: &Path) -> Vec<Ttlv> {
    contents_of(folder, &[])
}

/// Everything that is in the database that these flags name.
pub(super) fn contents_of(folder: &Path, flags: &[&str]) -> Vec<Ttlv> {
    let file = tempfile::tempdir().unwrap();
    let file = file.path().join("backup");
    let ended = db(folder, &[&["backup", file.to_str().unwrap(), "--plaintext"], flags].concat());
    assert!(ended.said.contains("THE BACKUP IS NOT ENCRYPTED AND HOLDS EVERY KEY"), "{}", ended.said);
    ended.succeeded();
    entries(&std::fs::read(file).unwrap())
}

/// The documents and objects of a backup.
pub(super) fn entries(backup: &[u8]) -> Vec<Ttlv> {
    let mut rest = &backup[16 + 2 + 1..];
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let length = binary::message_length(*rest.first_chunk().unwrap(), &Limits::trusted()).unwrap();
        entries.push(binary::decode(&rest[..length], &Limits::trusted()).unwrap());
        rest = &rest[length..];
    }
    assert_eq!(entries.pop().unwrap().tag, END);
    entries.remove(0);
    entries
}

/// The identifiers of the objects, in their order.
pub(super) fn identifiers(entries: &[Ttlv]) -> Vec<String> {
    let objects = entries.iter().filter(|entry| entry.tag == OBJECT);
    objects
        .map(|object| match &object.child(IDENTIFIER).unwrap().value {
            Value::TextString(text) => text.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}
