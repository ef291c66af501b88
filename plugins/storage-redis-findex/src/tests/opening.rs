//! Opening databases: passwords, prefixes, users and certificates.

use std::collections::BTreeMap;
use std::path::Path;

use claviger_plugin_sdk::filter::Filter;
use claviger_plugin_sdk::store::ObjectStore as _;
use claviger_plugin_sdk::testkit::service;
use redis::cmd;
use tokio::task::yield_now;

use super::support::{Place, draft, find, put, runtime};
use crate::connection::{Address, Connection};

#[test]
fn a_wrong_password_opens_nothing_and_is_told_no_more() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let place = Place::at(&url);
        put(&place.open().await.unwrap(), [draft("a")]).await;
        let wrong = Place { password: "incorrect horse", ..place.clone() };
        let error = wrong.open().await.err().unwrap();
        assert_eq!(
            error.message(),
            "--redis-master-password does not open the Redis database of --database-url"
        );
        assert_eq!(find(&place.open().await.unwrap(), Filter::All(vec![])).await, ["a"]);
    });
}

#[test]
fn servers_that_open_a_new_database_at_once_open_the_same_one() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let place = Place::at(&url);
        let opened = futures_util::future::join_all((0..8).map(|_| place.open())).await;
        let stores: Vec<_> = opened.into_iter().map(Result::unwrap).collect();
        put(&stores[0], [draft("a")]).await;
        for store in stores {
            assert_eq!(find(&store, Filter::All(vec![])).await, ["a"]);
        }
    });
}

#[test]
fn clearing_removes_the_database_and_no_other() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let (place, mut other) = (Place::at(&url), Place::at(&url));
        other.prefix = format!("{}-other", place.prefix);
        for place in [&place, &other] {
            put(&place.open().await.unwrap(), [draft("a").tag("t")]).await;
        }
        let cleared = place.open_with(true).await.unwrap();
        assert!(find(&cleared, Filter::All(vec![])).await.is_empty());
        assert!(find(&cleared, Filter::Tag("t".into())).await.is_empty());
        assert_eq!(find(&other.open().await.unwrap(), Filter::Tag("t".into())).await, ["a"]);
        // The password goes with the data.
        let next = Place { password: "another", ..place };
        next.open_with(true).await.unwrap();
    });
}

#[test]
fn scripts_that_redis_has_forgotten_are_sent_again() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let store = Place::at(&url).open().await.unwrap();
        for name in ["a", "b", "c"] {
            store.db.connection.query::<()>(cmd("SCRIPT").arg("FLUSH")).await.unwrap();
            put(&store, [draft(name).tag("t")]).await;
        }
        assert_eq!(find(&store, Filter::Tag("t".into())).await, ["c", "b", "a"]);
    });
}

#[test]
fn a_header_that_is_lost_is_no_new_database() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let place = Place::at(&url);
        let store = place.open().await.unwrap();
        put(&store, [draft("a")]).await;
        store.db.connection.query::<i64>(cmd("DEL").arg(store.db.layout.header())).await.unwrap();
        let error = place.open().await.err().unwrap();
        assert!(error.message().contains("no header"), "{error}");
    });
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let place = Place::at(&url);
        let store = place.open().await.unwrap();
        let (connection, header) = (&store.db.connection, store.db.layout.header());
        connection.query::<i64>(cmd("HSET").arg(&header).arg("format").arg(2)).await.unwrap();
        let before: BTreeMap<String, Vec<u8>> = connection.query(cmd("HGETALL").arg(&header)).await.unwrap();
        let error = place.open().await.err().unwrap();
        assert!(error.message().contains("written by a newer version of the server"), "{error}");
        let after: BTreeMap<String, Vec<u8>> = connection.query(cmd("HGETALL").arg(&header)).await.unwrap();
        assert_eq!(after, before);
    });
}

#[test]
fn a_user_with_the_documented_rights_and_no_others_can_do_everything() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let place = Place::at(&url);
        let administrator = connection(&url).await;
        let mut user = cmd("ACL");
        user.arg("SETUSER").arg(&place.prefix).arg("on").arg(">secret").arg("resetkeys");
        user.arg(format!("~{}:*", place.prefix));
        documented_rights().iter().for_each(|right| {
            user.arg(right);
        });
        administrator.query::<()>(&user).await.unwrap();
        let named = url.replace("redis://", &format!("redis://{}:secret@", place.prefix));
        let limited = Place { url: named.clone(), ..place.clone() };
        let store = limited.open().await.unwrap();
        put(&store, [draft("a").tag("t"), draft("a").tag("u").expecting(1)]).await;
        assert_eq!(find(&store, Filter::Tag("u".into())).await, ["a"]);
        store.documents("kind", &claviger_plugin_sdk::store::DocumentPage::first(1)).await.unwrap();
        store.document_kinds().await.unwrap();
        let renamed = Place { label: "second", ..limited.clone() };
        assert_eq!(find(&renamed.open().await.unwrap(), Filter::Tag("u".into())).await, ["a"]);
        assert!(find(&renamed.open_with(true).await.unwrap(), Filter::All(vec![])).await.is_empty());
        limited.open().await.unwrap();
        let mut snapshot = limited.snapshot().await.unwrap();
        assert_eq!(snapshot.counts().await.unwrap().objects, 0);
        assert!(snapshot.faults().await.unwrap().is_empty());
        drop(snapshot);
        let wrong = Place { url: named.replace(":secret@", ":guess@"), ..place.clone() };
        let error = wrong.open().await.err().unwrap();
        assert!(error.message().contains("user and password"), "{error:?}");
        administrator.query::<i64>(cmd("ACL").arg("DELUSER").arg(&place.prefix)).await.unwrap();
        yield_now().await;
    });
}

#[test]
fn a_right_that_the_user_lacks_is_named_at_the_start() {
    let Some(url) = service("REDIS") else { return };
    runtime().block_on(async {
        let place = Place::at(&url);
        let administrator = connection(&url).await;
        let rights = documented_rights();
        // Without these the server goes on with a warning, or there is no connection at all.
        let others = ["-@all", "+info", "+config|get", "+ping", "+select"];
        for lacking in rights.iter().filter(|right| !others.contains(&right.as_str())) {
            let mut user = cmd("ACL");
            user.arg("SETUSER").arg(&place.prefix).arg("reset").arg("on").arg(">secret");
            user.arg(format!("~{}:*", place.prefix));
            rights.iter().filter(|right| *right != lacking).for_each(|right| {
                user.arg(right);
            });
            administrator.query::<()>(&user).await.unwrap();
            let named = url.replace("redis://", &format!("redis://{}:secret@", place.prefix));
            let error = Place { url: named, ..place.clone() }.open().await.err().unwrap();
            let command = lacking.trim_start_matches('+');
            let message = format!("on the keys {}:* it lacks {command} (", place.prefix);
            assert!(error.message().contains(&message), "{lacking}: {error}");
        }
        let left: Vec<Vec<u8>> =
            administrator.query(cmd("KEYS").arg(format!("{}:*", place.prefix))).await.unwrap();
        assert!(left.is_empty(), "{left:?}");
        administrator.query::<i64>(cmd("ACL").arg("DELUSER").arg(&place.prefix)).await.unwrap();
    });
}

#[test]
fn redis_is_reached_over_tls_with_a_certificate_of_the_server() {
    let (Some(url), Some(folder)) = (service("REDIS_TLS"), service("SERVICES")) else { return };
    runtime().block_on(async {
        let file = |name: &str| Path::new(&folder).join(name);
        let (authorities, certificate, key) = (file("ca.pem"), file("client.pem"), file("client.key"));
        let identity = Some((certificate.as_path(), key.as_path()));
        let good = Address { url: &url, authorities: Some(&authorities), identity };
        let connection = Connection::open(&good).await.unwrap();
        assert_eq!(connection.query::<String>(&cmd("PING")).await.unwrap(), "PONG");
        // Who signs for Redis is no authority of the system.
        let bad = Address { url: &url, authorities: None, identity };
        assert!(Connection::open(&bad).await.is_err());
        let plain = url.replace("rediss://", "redis://");
        let useless = Address { url: &plain, authorities: Some(&authorities), identity: None };
        let error = Connection::open(&useless).await.err().unwrap();
        assert!(error.message().contains("rediss://"), "{error}");
        let unchecked = format!("{url}#insecure");
        let error = Connection::open(&Address { url: &unchecked, authorities: None, identity: None })
            .await
            .err()
            .unwrap();
        assert!(error.message().contains("#insecure"), "{error}");
    });
}

#[test]
fn an_address_that_is_none_is_not_quoted() {
    runtime().block_on(async {
        let address = Address { url: "http://user:hunter2@host", authorities: None, identity: None };
        let error = Connection::open(&address).await.err().unwrap();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    });
}

async fn connection(url: &str) -> Connection {
    Connection::open(&Address { url, authorities: None, identity: None }).await.unwrap()
}

/// The rights that the guide for operators lists.
fn documented_rights() -> Vec<String> {
    let guide = include_str!("../../../../docs/operations/redis-findex.md");
    let begin = guide.find("-@all").unwrap();
    let rights = guide[begin..].split("\n\n").next().unwrap().replace('\\', " ");
    rights.split_whitespace().map(str::to_owned).collect()
}
