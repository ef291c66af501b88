//! Tokens that open nothing.

use std::time::Instant;

use base64ct::{Base64, Encoding as _};
use claviger_plugin_sdk::error::ErrorClass;
use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;

use rusqlite::Connection;

use super::*;
use crate::sqlite::key::DatabaseKey;

fn changed(token: &str, place: usize) -> String {
    let mut numbers: Vec<u8> = numbers_of(token);
    numbers[place] ^= 1;
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    Base64::encode_string(format!("[{}]", numbers.join(",")).as_bytes())
}

fn numbers_of(token: &str) -> Vec<u8> {
    let json = String::from_utf8(Base64::decode_vec(token).unwrap()).unwrap();
    json.trim_matches(['[', ']']).split(',').map(|number| number.parse().unwrap()).collect()
}

fn assert_wrong(error: &Error) {
    assert_eq!(error.message(), "Database secret is wrong");
    let kind = (error.reason(), error.class());
    assert_eq!(kind, (ResultReason::AUTHENTICATION_NOT_SUCCESSFUL, ErrorClass::Cryptographic));
}

#[tokio::test]
async fn a_wrong_key_is_refused_like_an_absent_group_whether_the_database_is_open_or_not() {
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 2);
    let token = create(&databases).await;
    let wrong = [changed(&token, 0), changed(&token, 16), changed(&token, 47)];
    for token in &wrong {
        assert_wrong(&refusal(&databases, token));
    }
    let store = open(&databases, &token).unwrap();
    put(&store, "k", "t").await;
    for token in &wrong {
        assert_wrong(&refusal(&databases, token));
    }
    // Nobody is disturbed by that.
    assert_eq!(names(&open(&databases, &token).unwrap()).await, ["k"]);
    assert_eq!(databases.opened().len(), 1, "what was refused is not open");
}

#[tokio::test]
async fn an_absent_group_is_refused_no_faster_than_a_wrong_key() {
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 2);
    let token = create(&databases).await;
    let (absent, wrong) = (changed(&token, 0), changed(&token, 47));
    let time = |token: &str| {
        let begin = Instant::now();
        refusal(&databases, token);
        begin.elapsed()
    };
    let (mut of_absent, mut of_wrong): (Vec<_>, Vec<_>) =
        (0..101).map(|_| (time(&absent), time(&wrong))).unzip();
    of_absent.sort_unstable();
    of_wrong.sort_unstable();
    // Without the same work it would be a hundredth.
    assert!(of_absent[50] * 3 > of_wrong[50], "{:?} and {:?}", of_absent[50], of_wrong[50]);
}

#[tokio::test]
async fn a_wrong_key_does_no_harm_to_a_database_that_a_crash_left() {
    let folder = TempDir::new().unwrap();
    let first = databases(folder.path(), 2);
    let token = create(&first).await;
    put(&open(&first, &token).unwrap(), "k", "t").await;
    // What is on disk while the server runs is what a crash leaves.
    let crashed = TempDir::new().unwrap();
    for name in files(folder.path()) {
        std::fs::copy(folder.path().join(&name), crashed.path().join(&name)).unwrap();
    }
    assert!(files(crashed.path()).iter().any(|name| name.ends_with("-wal")));
    let databases = databases(crashed.path(), 2);
    for place in [16, 47] {
        assert_wrong(&refusal(&databases, &changed(&token, place)));
    }
    assert_eq!(names(&open(&databases, &token).unwrap()).await, ["k"]);
}

#[tokio::test]
async fn the_token_of_one_database_does_not_open_another() {
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 2);
    let (one, two) = (create(&databases).await, create(&databases).await);
    let (first, second) = (numbers_of(&one), numbers_of(&two));
    let mixed: Vec<String> = first[..16].iter().chain(&second[16..]).map(ToString::to_string).collect();
    let mixed = Base64::encode_string(format!("[{}]", mixed.join(",")).as_bytes());
    assert_wrong(&refusal(&databases, &mixed));
    open(&databases, &one).unwrap();
    open(&databases, &two).unwrap();
    assert_wrong(&refusal(&databases, &mixed));
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let first = databases(folder.path(), 2);
    let token = create(&first).await;
    put(&open(&first, &token).unwrap(), "k", "t").await;
    drop(first);
    let key = DatabaseKey::new(&numbers_of(&token)[16..]).unwrap();
    let connection = || {
        let connection = Connection::open(folder.path().join(&files(folder.path())[0])).unwrap();
        key.unlock(&connection).unwrap();
        connection
    };
    connection().execute("UPDATE schema_version SET version = 99", []).unwrap();
    let databases = databases(folder.path(), 2);
    for _ in 0..2 {
        let refused = refusal(&databases, &token);
        assert!(
            refused.message().starts_with("the database has version 99 and this server knows 1"),
            "{refused}"
        );
    }
    assert_wrong(&refusal(&databases, &changed(&token, 47)));
    let version: i64 =
        connection().query_row("SELECT version FROM schema_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 99);
}

#[tokio::test]
async fn a_request_without_a_token_opens_nothing() {
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 2);
    create(&databases).await;
    let mut request = facts("");
    request.headers.clear();
    let error = databases.open(&request).map(drop).unwrap_err();
    assert_eq!(error.message(), "Missing KmsDatabaseSecret header in the query");
    databases.open(&ConnectionFacts::internal()).map(drop).unwrap_err();
    databases.health().await.unwrap();
}
