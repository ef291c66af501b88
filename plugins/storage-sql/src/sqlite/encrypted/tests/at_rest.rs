//! What is in the files.

use claviger_plugin_sdk::kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::{DocumentPut, Grant, NameClaims, Subject};

use super::*;

const MARKERS: [&str; 7] = [
    "MARKED-ID",
    "MARKED-TAG",
    "MARKED-OWNER",
    "MARKED-NAME",
    "MARKED-KEY-BYTES-OF-32-LETTERS!!",
    "MARKED-GRANTEE",
    "MARKED-DOCUMENT",
];

fn marked() -> ChangeSet {
    let [id, tag, owner, name, key, grantee, document] = MARKERS;
    let record = RecordBuilder::new(id).tag(tag).owner(owner).name(name);
    let object = ObjectId::new(id).unwrap();
    ChangeSet {
        puts: vec![record.material(<[u8; 32]>::try_from(key.as_bytes()).unwrap()).put()],
        claims: vec![NameClaims { object: object.clone(), owner: owner.into(), names: vec![name.into()] }],
        grants: vec![Grant { object, subject: Subject::User(grantee.into()), operation: OperationCode::GET }],
        documents: vec![DocumentPut {
            kind: document.into(),
            id: document.into(),
            expected: None,
            content: Some((document.as_bytes().to_vec().into(), None)),
        }],
        ..ChangeSet::default()
    }
}

fn found_in(folder: &Path) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for marker in MARKERS.into_iter().chain(["SQLite format 3", "CREATE TABLE"]) {
            if bytes.windows(marker.len()).any(|window| window == marker.as_bytes()) {
                found.push((path.file_name().unwrap().to_str().unwrap().to_owned(), marker));
            }
        }
    }
    found
}

#[tokio::test]
async fn nothing_of_what_is_stored_can_be_read_in_the_files() {
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 1);
    let token = create(&databases).await;
    let store = open(&databases, &token).unwrap();
    store.apply(marked()).await.unwrap();
    assert!(files(folder.path()).iter().any(|name| name.ends_with("-wal")), "the log is looked at, too");
    assert_eq!(found_in(folder.path()), []);
    drop(store);
    databases.opened.close_idle(std::time::Instant::now() + Duration::from_secs(3600));
    assert_eq!(found_in(folder.path()), []);
    drop(databases);

    // The same in a database in clear is found, so the search would find it.
    let folder = TempDir::new().unwrap();
    let store = crate::sqlite::SqliteStore::open(folder.path(), false).unwrap();
    store.apply(marked()).await.unwrap();
    let found = found_in(folder.path());
    for marker in MARKERS {
        assert!(found.iter().any(|(_, found)| *found == marker), "{marker}");
    }
}

#[tokio::test]
async fn the_key_is_in_no_file() {
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 1);
    let token = create(&databases).await;
    put(&open(&databases, &token).unwrap(), "k", "t").await;
    let key = super::super::token::Token::brought(&facts(&token)).unwrap().key;
    let hexadecimal: String = key.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in [key.bytes(), hexadecimal.as_bytes(), token.as_bytes()] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
    }
}

#[test]
fn a_database_has_the_cipher_settings_that_it_is_to_have() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x");
    crate::sqlite::connection::make_file(&path).unwrap();
    let key = crate::sqlite::key::DatabaseKey::new(&[7; 32]).unwrap();
    let file = crate::sqlite::connection::DatabaseFile::encrypted(path, key);
    let connection = file.open_for_writing().unwrap();
    let setting = |name: &str| -> String {
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).unwrap()
    };
    assert_eq!(setting("cipher_memory_security"), "1");
    assert_eq!(setting("cipher_provider"), "openssl");
    assert_eq!(setting("cipher_page_size"), "4096");
    assert_eq!(setting("cipher_hmac_algorithm"), "HMAC_SHA512");
}
