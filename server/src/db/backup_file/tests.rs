//! Backups that are read back, altered, cut off, or read by someone else.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use claviger_kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::record::{ObjectId, Revision};
use claviger_plugin_sdk::store::{Document, Grant, NameClaims, Subject};
use claviger_plugin_sdk::upkeep::{KeptDocument, KeptObject, SnapshotCounts};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use openssl::symm::{Cipher, decrypt_aead};
use tempfile::TempDir;

use super::chunks::{CHUNK, TAG};
use super::*;

const PREFIX: usize = 16 + 2 + 1;
const KEY: [u8; 32] = [0x5C; 32];

fn id(name: &str) -> ObjectId {
    ObjectId::new(name).unwrap()
}

fn object(name: &str, length: usize) -> KeptObject {
    let grant = |subject| Grant { object: id(name), subject, operation: OperationCode::GET };
    KeptObject {
        id: id(name),
        revision: Revision(7),
        body: vec![9; length].into(),
        usage_left: Some(-3),
        grants: vec![grant(Subject::User("u:ann".into())), grant(Subject::Everyone)],
        claims: vec![NameClaims {
            object: id(name),
            owner: "ann".into(),
            names: vec!["a".into(), "ß".into()],
        }],
    }
}

fn document(name: &str, expires: Option<i64>) -> KeptDocument {
    let document = Document { revision: Revision(1), expires, body: vec![1, 2, 3].into() };
    KeptDocument { kind: "ticket".into(), id: name.into(), document }
}

fn begin() -> Begin {
    Begin {
        made: 1_700_000_000,
        software: "1.2.3".into(),
        database: "sqlite".into(),
        counts: SnapshotCounts { objects: 2, documents: 2 },
    }
}

struct Scene {
    folder: TempDir,
}

impl Scene {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("key"), KEY).unwrap();
        fs::write(folder.path().join("passphrase"), "correct horse battery\nnot this\n").unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn key(&self) -> KeySource {
        KeySource::KeyFile(self.path("key"))
    }

    /// A backup of two documents and of objects with bodies of these lengths.
    fn write(&self, protection: &Protection, lengths: &[usize]) -> Vec<u8> {
        let path = self.path("backup");
        let _ = fs::remove_file(&path);
        let mut writer = BackupWriter::create(&path, protection, begin()).unwrap();
        writer.document(document("a", None)).unwrap();
        writer.document(document("b", Some(5))).unwrap();
        for (number, length) in lengths.iter().enumerate() {
            writer.object(object(&format!("k{number}"), *length)).unwrap();
        }
        writer.finish().unwrap();
        fs::read(path).unwrap()
    }

    fn read(&self, bytes: &[u8], key: Option<&KeySource>) -> Result<Vec<Entry>, String> {
        let path = self.path("read");
        fs::write(&path, bytes).unwrap();
        read(&path, key)
    }
}

fn read(path: &Path, key: Option<&KeySource>) -> Result<Vec<Entry>, String> {
    let text = |failure: crate::failure::Failure| failure.to_string();
    let mut reader = BackupReader::open(path, File::open(path).unwrap(), key).map_err(text)?;
    let mut entries = Vec::new();
    while let Some(entry) = reader.next().map_err(text)? {
        entries.push(entry);
    }
    Ok(entries)
}

fn expected(lengths: &[usize]) -> Vec<Entry> {
    let mut entries = vec![Entry::Document(document("a", None)), Entry::Document(document("b", Some(5)))];
    let objects = lengths.iter().enumerate();
    entries.extend(objects.map(|(number, length)| Entry::Object(object(&format!("k{number}"), *length))));
    entries
}

#[test]
fn a_backup_says_what_it_is_of() {
    let scene = Scene::new();
    scene.write(&Protection::Plaintext, &[]);
    let path = scene.path("backup");
    let reader = BackupReader::open(&path, File::open(&path).unwrap(), None).unwrap();
    assert_eq!(*reader.begin(), begin());
}

#[test]
fn what_was_written_is_read_back() {
    let scene = Scene::new();
    let by_key = Protection::Encrypted(scene.key());
    // Shorter than a chunk, as long as some, and longer.
    for lengths in [vec![], vec![10, 0], vec![CHUNK, 3 * CHUNK + 5], vec![7; 500]] {
        let bytes = scene.write(&Protection::Plaintext, &lengths);
        assert_eq!(scene.read(&bytes, None).unwrap(), expected(&lengths));
        let bytes = scene.write(&by_key, &lengths);
        assert_eq!(scene.read(&bytes, Some(&scene.key())).unwrap(), expected(&lengths));
    }
}

#[test]
fn a_passphrase_is_the_first_line_of_its_file() {
    let scene = Scene::new();
    let source = || KeySource::PassphraseFile(scene.path("passphrase"));
    let bytes = scene.write(&Protection::Encrypted(source()), &[10]);
    assert_eq!(scene.read(&bytes, Some(&source())).unwrap(), expected(&[10]));
    fs::write(scene.path("passphrase"), "correct horse battery").unwrap();
    assert_eq!(scene.read(&bytes, Some(&source())).unwrap(), expected(&[10]));
    fs::write(scene.path("passphrase"), "correct horse battery!").unwrap();
    let error = scene.read(&bytes, Some(&source())).unwrap_err();
    assert!(error.contains("the key or passphrase is another one"), "{error}");
    fs::write(scene.path("passphrase"), "short\nand more lines").unwrap();
    let error = scene.read(&bytes, Some(&source())).unwrap_err();
    assert!(error.contains("12 characters at least"), "{error}");
}

#[test]
fn a_key_may_be_written_in_hexadecimal_digits() {
    let scene = Scene::new();
    let bytes = scene.write(&Protection::Encrypted(scene.key()), &[10]);
    fs::write(scene.path("key"), format!("{}\n", "5c".repeat(32))).unwrap();
    assert_eq!(scene.read(&bytes, Some(&scene.key())).unwrap(), expected(&[10]));
    for wrong in ["5c", &"5g".repeat(32), &"5c".repeat(33)] {
        fs::write(scene.path("key"), wrong).unwrap();
        let error = scene.read(&bytes, Some(&scene.key())).unwrap_err();
        assert!(error.contains("64 hexadecimal digits"), "{error}");
    }
}

#[test]
fn a_backup_says_which_secret_it_needs() {
    let scene = Scene::new();
    let passphrase = KeySource::PassphraseFile(scene.path("passphrase"));
    let plain = scene.write(&Protection::Plaintext, &[10]);
    assert!(scene.read(&plain, Some(&scene.key())).unwrap_err().contains("is not encrypted"));
    let by_key = scene.write(&Protection::Encrypted(scene.key()), &[10]);
    assert!(scene.read(&by_key, None).unwrap_err().contains("--backup-key-file"));
    assert!(scene.read(&by_key, Some(&passphrase)).unwrap_err().contains("under a key"));
    fs::write(scene.path("key"), [0x5D; 32]).unwrap();
    assert!(scene.read(&by_key, Some(&scene.key())).unwrap_err().contains("is another one"));
}

#[test]
fn a_backup_that_is_altered_anywhere_is_refused() {
    let scene = Scene::new();
    for (protection, key) in
        [(Protection::Plaintext, None), (Protection::Encrypted(scene.key()), Some(scene.key()))]
    {
        let good = scene.write(&protection, &[10]);
        for position in 0..good.len() {
            let mut bytes = good.clone();
            bytes[position] ^= 4;
            assert!(scene.read(&bytes, key.as_ref()).is_err(), "byte {position}");
        }
    }
}

#[test]
fn a_backup_that_is_cut_off_or_goes_on_is_refused() {
    let scene = Scene::new();
    for (protection, key) in
        [(Protection::Plaintext, None), (Protection::Encrypted(scene.key()), Some(scene.key()))]
    {
        let good = scene.write(&protection, &[10]);
        for end in 0..good.len() {
            assert!(scene.read(&good[..end], key.as_ref()).is_err(), "{end} bytes");
        }
        let more = [good.as_slice(), &[0; 8]].concat();
        assert!(scene.read(&more, key.as_ref()).is_err());
    }
}

#[test]
fn a_backup_without_one_of_its_objects_is_refused() {
    let scene = Scene::new();
    let (one, two) =
        (scene.write(&Protection::Plaintext, &[8]), scene.write(&Protection::Plaintext, &[8, 8]));
    let end = one.len() - (8 + 2 * 16 + 8 + 32);
    let length = two.len() - one.len();
    let without = [&two[..end], &two[end + length..]].concat();
    assert_eq!(without.len(), one.len());
    let error = scene.read(&without, None).unwrap_err();
    assert!(error.contains("something was added, taken away or altered"), "{error}");
}

#[test]
fn whole_chunks_cannot_be_dropped_or_swapped() {
    let scene = Scene::new();
    let good = scene.write(&Protection::Encrypted(scene.key()), &[4 * CHUNK]);
    let start = PREFIX + 32;
    let chunk = |number: usize| start + number * (CHUNK + TAG);
    let cut = good[..chunk(2)].to_vec();
    let dropped = [&good[..chunk(1)], &good[chunk(2)..]].concat();
    let swapped =
        [&good[..chunk(1)], &good[chunk(2)..chunk(3)], &good[chunk(1)..chunk(2)], &good[chunk(3)..]].concat();
    for bytes in [cut, dropped, swapped] {
        let error = scene.read(&bytes, Some(&scene.key())).unwrap_err();
        assert!(error.contains("altered or cut off"), "{error}");
    }
}

#[test]
fn a_backup_of_another_format_and_what_is_no_backup_are_refused() {
    let scene = Scene::new();
    let mut newer = scene.write(&Protection::Plaintext, &[1]);
    newer[17] = 2;
    let error = scene.read(&newer, None).unwrap_err();
    assert!(error.contains("has format 2 and this build reads 1"), "{error}");
    for other in [b"".as_slice(), b"SQLite format 3\0 and more"] {
        assert!(scene.read(other, None).unwrap_err().contains("is no backup"));
    }
    let mut dear = scene.write(&Protection::Plaintext, &[1]);
    dear[18] = 2;
    dear.splice(19.., [0; 32].into_iter().chain([0xFF; 12]));
    let passphrase = KeySource::PassphraseFile(scene.path("passphrase"));
    assert!(scene.read(&dear, Some(&passphrase)).unwrap_err().contains("would cost too much"));
}

#[test]
fn a_file_that_exists_is_left_alone_and_an_unfinished_one_is_removed() {
    let scene = Scene::new();
    fs::write(scene.path("backup"), "mine").unwrap();
    let error = BackupWriter::create(&scene.path("backup"), &Protection::Plaintext, begin()).err().unwrap();
    assert!(error.to_string().contains("exists"), "{error}");
    assert_eq!(fs::read(scene.path("backup")).unwrap(), b"mine");
    let writer = BackupWriter::create(&scene.path("other"), &Protection::Plaintext, begin()).unwrap();
    let partial = || {
        let names = fs::read_dir(scene.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().ends_with(".partial")).count()
    };
    assert_eq!(partial(), 1);
    drop(writer);
    assert!(partial() == 0 && !scene.path("other").exists());
}

#[test]
fn a_backup_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::new();
    scene.write(&Protection::Plaintext, &[1]);
    assert_eq!(fs::metadata(scene.path("backup")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn another_library_decrypts_what_the_format_says() {
    let scene = Scene::new();
    let lengths = [CHUNK, 10];
    let sealed = scene.write(&Protection::Encrypted(scene.key()), &lengths);
    let plain = scene.write(&Protection::Plaintext, &lengths);
    let (prefix, mut rest) = sealed.split_at(PREFIX + 32);
    let hmac = |key: &[u8], data: &[u8]| {
        let key = PKey::hmac(key).unwrap();
        let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
        signer.sign_oneshot_to_vec(data).unwrap()
    };
    // RFC 5869: one block of output is enough.
    let key = hmac(&hmac(&prefix[PREFIX..], &KEY), b"claviger backup 1\x01");
    let mut opened = Vec::new();
    let mut number = 0_u8;
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(rest.len().min(CHUNK + TAG));
        let (text, tag) = chunk.split_at(chunk.len() - TAG);
        let mut nonce = [0; 12];
        (nonce[10], nonce[11]) = (number, u8::from(after.is_empty()));
        opened.extend(decrypt_aead(Cipher::aes_256_gcm(), &key, Some(&nonce), prefix, text, tag).unwrap());
        (rest, number) = (after, number + 1);
    }
    // The digest at the end is of another prefix.
    let end = plain.len() - 32;
    assert_eq!(opened[..end - PREFIX], plain[PREFIX..end]);
}

#[test]
fn of_two_backups_to_one_name_the_first_to_end_is_kept_whole() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("backup");
    let [first, second] = ["first", "second"].map(|name| {
        let mut writer = BackupWriter::create(&target, &Protection::Plaintext, begin()).unwrap();
        writer.object(object(name, 10)).unwrap();
        writer
    });
    first.finish().unwrap();
    let before = fs::read(&target).unwrap();
    assert!(second.finish().is_err());
    assert_eq!(fs::read(&target).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left behind");
}
