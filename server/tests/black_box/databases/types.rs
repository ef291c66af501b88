//! Copies and backups between all types of databases that are installed here.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use claviger_kmip::Ttlv;
use serde_json::json;
use xtask::services::{Mariadb, OwnService, Postgresql, Recipe, Redis, Safety};

use super::backup_content::{contents, contents_of, entries, identifiers};
use super::moving::{DATA, data, pair};
use super::{db, fill};
use crate::server_process::ServerProcess;
use crate::symmetric_key::{about, create_key, field};

/// Flags that name a database, as they are for the first one.
pub(super) type Flags = Vec<(&'static str, String)>;

fn service(recipe: Box<dyn Recipe>) -> Option<OwnService> {
    OwnService::start(recipe, Safety::ProcessLoss).unwrap()
}

/// The flags of a database, with this before each of their names.
fn arguments(flags: &Flags, before: &str) -> Vec<String> {
    flags.iter().flat_map(|(flag, value)| [format!("--{before}{flag}"), value.clone()]).collect()
}

/// A database of each type that servers share, as far as its service is installed.
pub(super) fn shared() -> Vec<(OwnService, Flags)> {
    let recipes: [(&str, Box<dyn Recipe>, &str); 3] = [
        ("postgresql", Box::new(Postgresql), ""),
        ("mysql", Box::new(Mariadb), "claviger"),
        ("redis-findex", Box::new(Redis), ""),
    ];
    let mut all = Vec::new();
    for (name, recipe, database) in recipes {
        let Some(service) = service(recipe) else { continue };
        let mut flags: Flags =
            vec![("database-type", name.into()), ("database-url", format!("{}{database}", service.url()))];
        if name == "redis-findex" {
            flags.push(("redis-master-password", "a password of tests".into()));
            flags.push(("redis-findex-label", "tests".into()));
        }
        all.push((service, flags));
    }
    all
}

#[test]
fn everything_moves_from_any_type_of_database_to_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    fill(&mut server.client());
    drop(server);
    let (_services, mut targets): (Vec<OwnService>, Vec<Flags>) = shared().into_iter().unzip();
    let last = folder.path().join("last");
    let last_path = last.to_str().unwrap().to_owned();
    targets.push(vec![("database-type", "sqlite".into()), ("sqlite-path", last_path)]);
    let mut from: Flags = Vec::new();
    let before = contents_of(folder.path(), &[]);
    assert_eq!(before.iter().filter(|entry| entry.tag.0 == 0x54_4203).count(), 5);
    for to in &targets {
        let copy = [vec!["copy".to_owned()], arguments(&from, ""), arguments(to, "to-")].concat();
        let copy: Vec<&str> = copy.iter().map(String::as_str).collect();
        let answer = db(folder.path(), &copy).succeeded();
        assert!(answer.contains("every one was read back and compared"), "{answer}");
        let of_target = arguments(to, "");
        let of_target: Vec<&str> = of_target.iter().map(String::as_str).collect();
        assert_eq!(contents_of(folder.path(), &of_target), before, "{to:?}");
        let checked = db(folder.path(), &[&["check"], &of_target[..]].concat()).succeeded();
        assert!(checked.contains(" 0 faults, 0 warnings"), "{checked}");
        from = to.clone();
    }
    // What is restored is not what the copies left there.
    create_key(&mut ServerProcess::start(folder.path(), &[]).client());
    let backup = folder.path().join("backup");
    let backup = backup.to_str().unwrap();
    db(folder.path(), &["backup", backup, "--plaintext"]).succeeded();
    let after = entries(&std::fs::read(backup).unwrap());
    assert_ne!(after, before);
    for to in &targets {
        let of_target = arguments(to, "");
        let of_target: Vec<&str> = of_target.iter().map(String::as_str).collect();
        db(folder.path(), &[&["restore", backup, "--clear-database"], &of_target[..]].concat()).succeeded();
        assert_eq!(contents_of(folder.path(), &of_target), after, "{to:?}");
        let checked = db(folder.path(), &[&["check"], &of_target[..]].concat()).succeeded();
        assert!(checked.contains(" 0 faults, 0 warnings"), "{checked}");
    }
}

#[test]
fn a_shared_database_is_backed_up_while_a_server_writes_and_is_restored_elsewhere() {
    for (_service, flags) in shared() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let flags = arguments(&flags, "");
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let server = ServerProcess::start(from.path(), &flags);
        let key = fill(&mut server.client());
        let encrypted = server.client().rest(&about("Encrypt", &key, vec![data()]));
        let ids_of = |entries: &[Ttlv]| -> BTreeSet<String> { identifiers(entries).into_iter().collect() };
        let first = ids_of(&contents_of(from.path(), &flags));
        let backup = from.path().join("backup");
        let backup = backup.to_str().unwrap();
        let ending = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut client = server.client();
                while !ending.load(Ordering::Relaxed) {
                    client.rest(&pair());
                }
            });
            let ended = db(from.path(), &[&["backup", backup, "--plaintext"], &flags[..]].concat());
            ending.store(true, Ordering::Relaxed);
            ended.succeeded();
        });
        let backed_up = entries(&std::fs::read(backup).unwrap());
        let ids = ids_of(&backed_up);
        assert!(first.is_subset(&ids), "{flags:?}");
        for id in ids.difference(&first) {
            let other = id.strip_suffix("_pk").map_or_else(|| format!("{id}_pk"), str::to_owned);
            assert!(ids.contains(&other), "{id} stands alone in {flags:?}");
        }
        db(to.path(), &["restore", backup]).succeeded();
        assert_eq!(contents(to.path()), backed_up, "{flags:?}");
        let restored = ServerProcess::start(to.path(), &[]);
        let fields = ["Data", "IvCounterNonce", "AuthenticatedEncryptionTag"]
            .map(|tag| json!({"tag": tag, "type": "ByteString", "value": field(&encrypted, tag)}));
        let decrypted = restored.client().rest(&about("Decrypt", &key, fields.to_vec()));
        assert_eq!(field(&decrypted, "Data"), DATA, "{flags:?}");
    }
}

#[test]
fn a_database_that_is_spelled_in_two_ways_is_not_copied_onto_itself() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    fill(&mut server.client());
    drop(server);
    let Some(redis) = service(Box::new(Redis)) else { return };
    let url = redis.url().to_owned();
    let flags = ["--database-type", "redis-findex", "--redis-master-password", "a password of tests"];
    let first = [&flags[..], &["--database-url", &url, "--redis-findex-label", "tests"]].concat();
    let to: Flags = vec![
        ("database-type", "redis-findex".into()),
        ("database-url", url.clone()),
        ("redis-master-password", "a password of tests".into()),
        ("redis-findex-label", "tests".into()),
    ];
    let to = arguments(&to, "to-");
    let to: Vec<&str> = to.iter().map(String::as_str).collect();
    db(folder.path(), &[&["copy"], &to[..]].concat()).succeeded();
    let before = contents_of(folder.path(), &first);
    let other = url.replace("127.0.0.1", "localhost");
    assert_ne!(other, url);
    let copy =
        |to: &[&str]| db(folder.path(), &[&["copy"], &first[..], to, &["--to-clear-database"]].concat());
    let said = copy(&["--to-database-url", &other]).failed(2);
    assert!(said.contains("both databases are the same"), "{said}");
    let said = copy(&["--to-redis-master-password", "another password"]).failed(1);
    assert!(said.contains("it was not cleared"), "{said}");
    assert_eq!(contents_of(folder.path(), &first), before);
}

#[test]
fn a_database_of_a_group_is_backed_up_restored_and_copied_by_its_token() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &["--database-type", "sqlite-enc"]);
    let made = |name: &str| {
        let answer = server.client().send("POST", "/new_database", &[], b"");
        assert_eq!(answer.status, 200, "{}", answer.text());
        let file = folder.path().join(name);
        std::fs::write(&file, answer.text().trim().trim_matches('"')).unwrap();
        format!("@{}", file.to_str().unwrap())
    };
    let (one, two, three) = (made("one"), made("two"), made("three"));
    let token = std::fs::read_to_string(&one[1..]).unwrap();
    let header = format!("KmsDatabaseSecret: {token}");
    for _ in 0..3 {
        let create = crate::symmetric_key::create().to_string();
        let answer = server.client().send("POST", "/kmip/2_1", &[&header], create.as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    drop(server);
    let encrypted = ["--database-type", "sqlite-enc"];
    let with = |arguments: &[&str]| db(folder.path(), &[arguments, &encrypted].concat());
    let of_one = ["--database-type", "sqlite-enc", "--database-secret", &one];
    let before = contents_of(folder.path(), &of_one);
    assert_eq!(before.len(), 3);
    let backup = folder.path().join("backup");
    let backup = backup.to_str().unwrap();
    with(&["backup", backup, "--plaintext", "--database-secret", &one]).succeeded();
    assert_eq!(entries(&std::fs::read(backup).unwrap()), before);
    with(&["restore", backup, "--database-secret", &two]).succeeded();
    let again = with(&["restore", backup, "--database-secret", &two]).failed(1);
    assert!(again.contains("is not empty"), "{again}");
    with(&["restore", backup, "--database-secret", &two, "--clear-database"]).succeeded();
    let of_two = ["--database-type", "sqlite-enc", "--database-secret", &two];
    assert_eq!(contents_of(folder.path(), &of_two), before);
    assert_eq!(contents_of(folder.path(), &of_one), before, "the other group's is as it was");
    with(&["copy", "--database-secret", &one, "--to-database-secret", &three]).succeeded();
    let plain = folder.path().join("plain");
    let to = ["--to-database-type", "sqlite", "--to-sqlite-path", plain.to_str().unwrap()];
    let copy = [&["copy", "--database-secret", &three], &to[..]].concat();
    with(&copy).succeeded();
    assert_eq!(contents_of(folder.path(), &["--sqlite-path", plain.to_str().unwrap()]), before);
    let said = with(&["check"]).failed(1);
    assert!(said.contains("every group has a database of its own"), "{said}");
}
