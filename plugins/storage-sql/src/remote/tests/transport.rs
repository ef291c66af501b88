//! TLS with client certificates, and what a server is told when the database does not let it in.

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
