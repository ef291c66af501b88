//! TLS with client certificates, and what a server is told when the database does not let it in.

use std::io::Write;
use std::sync::{Arc, Mutex};

use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::ObjectStore;
use claviger_plugin_sdk::testkit::service;

use super::database::{Database, on_each_server};
use crate::remote::{RemoteStore, connect};

async fn refusal(database: &Database, values: Vec<(&'static str, String)>) -> String {
    let values = values.into_iter().chain([("database-timeout", "5".to_owned())]);
    let refused = connect(&Settings::new("/".into(), values), database.form()).await.err().unwrap();
    let everything = format!("{refused:?}");
    assert!(!everything.contains("sesame"), "{everything}");
    refused.message().to_owned()
}

/// Uses the account that must show its certificate.
async fn with_certificate(server: &str) {
    let Some(database) = Database::make(server).await else { return };
    let Some(account) = service(&format!("{server}_TLS")) else { return };
    let folder = std::path::PathBuf::from(std::env::var("CLAVIGER_TEST_SERVICES").unwrap());
    let file = |name: &str| folder.join(name).display().to_string();
    let url = database.url_of(&account);
    let settings = |values: &[(&'static str, String)]| {
        let values = values.iter().cloned().chain([("database-url", url.clone())]);
        Settings::new("/".into(), values)
    };
    let all = [
        ("database-ca-file", file("ca.pem")),
        ("database-client-cert-file", file("client.pem")),
        ("database-client-key-file", file("client.key")),
    ];
    let store = RemoteStore::open(&settings(&all), false, database.form()).await.unwrap();
    store.health().await.unwrap();
    let without = connect(&settings(&all[..1]), database.form()).await.err().unwrap();
    assert!(without.message().starts_with("the database refuses the user"), "{without:?}");
    // A certificate authority that did not sign for the database.
    let other = tempfile::TempDir::new().unwrap();
    let path = other.path().join("other.pem").display().to_string();
    std::fs::copy(folder.join("client.pem"), &path).unwrap();
    let wrong = [("database-ca-file", path), all[1].clone(), all[2].clone()];
    let wrong = connect(&settings(&wrong), database.form()).await.err().unwrap();
    assert!(
        wrong.message().contains("secure connection") || wrong.message().contains("certificate"),
        "{wrong:?}"
    );
}

#[tokio::test]
async fn postgresql_is_shown_a_client_certificate() {
    with_certificate("POSTGRESQL").await;
}

#[tokio::test]
async fn mysql_is_shown_a_client_certificate() {
    with_certificate("MYSQL").await;
}

/// What is logged while this thread works, down to the last detail.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Uses the database, with the right password and with a wrong one.
async fn nothing_is_told_of_the_password(server: &str) {
    let Some(database) = Database::make(server).await else { return };
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    let guard = tracing::subscriber::set_default(subscriber.with_writer(move || writer.clone()).finish());
    let mut url: url::Url = database.url().parse().unwrap();
    let password = url.password().unwrap().to_owned();
    let store = database.open().await;
    store.health().await.unwrap();
    url.set_password(Some("sesame")).unwrap();
    let refused = refusal(&database, vec![("database-url", url.to_string())]).await;
    tracing::debug!(refused, "the control");
    drop(guard);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("database migrated") && text.contains("DEBUG"), "{text}");
    assert!(text.contains("the control refused=\"the database refuses the user"), "{text}");
    assert!(!text.contains(&password) && !text.contains("sesame"), "{text}");
}

#[tokio::test]
async fn the_password_for_postgresql_is_in_no_log() {
    nothing_is_told_of_the_password("POSTGRESQL").await;
}

#[tokio::test]
async fn the_password_for_mysql_is_in_no_log() {
    nothing_is_told_of_the_password("MYSQL").await;
}

on_each_server! {
    async fn who_is_not_let_in_is_told_why_without_the_password(database) {
        let mut url: url::Url = database.url().parse().unwrap();
        url.set_password(Some("sesame")).unwrap();
        let refused = refusal(&database, vec![("database-url", url.to_string())]).await;
        assert!(refused.starts_with("the database refuses the user, the password"), "{refused}");
        let absent = database.url().replace(url.path(), "/absent");
        let refused = refusal(&database, vec![("database-url", absent)]).await;
        assert!(refused.starts_with("the database that --database-url names does not exist"), "{refused}");
        url.set_port(Some(1)).unwrap();
        let refused = refusal(&database, vec![("database-url", url.to_string())]).await;
        assert!(refused.starts_with("the database of --database-url cannot be reached"), "{refused}");
    }
}
