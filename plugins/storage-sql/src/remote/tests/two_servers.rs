//! Two servers on one database: no update is lost, no use is taken twice.

use std::sync::Arc;

use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::record::{ObjectId, Revision};
use claviger_plugin_sdk::store::{ApplyError, ChangeSet, NameClaims, ObjectStore, Put, UsageLeft};
use claviger_plugin_sdk::testkit::RecordBuilder;

use super::database::{Database, on_each_server};
use crate::remote::RemoteStore;

/// Updates that all writers make together.
fn updates() -> usize {
    if std::env::var_os("CLAVIGER_LONG_TESTS").is_some() { 10_000 } else { 400 }
}

const WRITERS: usize = 8;

fn id(name: &str) -> ObjectId {
    ObjectId::new(name).unwrap()
}

fn put(name: &str, expected: Option<Revision>, body: &str) -> Put {
    Put { expected, body: body.as_bytes().into(), ..RecordBuilder::new(name).tag("t").put() }
}

async fn servers(database: &Database) -> [Arc<RemoteStore>; 2] {
    [Arc::new(database.open().await), Arc::new(database.open().await)]
}

/// Runs the same work for each writer, on the two servers in turn, and gathers what it gives.
async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    servers: &[Arc<RemoteStore>; 2],
    work: impl Fn(usize, Arc<RemoteStore>) -> F,
) -> Vec<T> {
    let tasks: Vec<_> =
        (0..WRITERS).map(|writer| tokio::spawn(work(writer, servers[writer % 2].clone()))).collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

on_each_server! {
    async fn interleaved_updates_of_two_servers_lose_none(database) {
        let servers = servers(&database).await;
        for name in ["a", "b"] {
            servers[0].apply(ChangeSet { puts: vec![put(name, None, "0")], ..ChangeSet::default() }).await.unwrap();
        }
        let turns = updates() / WRITERS;
        at_once(&servers, |writer, store| async move {
            // Half of the writers name the objects in the other order.
            let names = if writer % 4 < 2 { ["a", "b"] } else { ["b", "a"] };
            for _ in 0..turns {
                loop {
                    let current = store.get(&names.map(id), &[]).await.unwrap();
                    let puts = current
                        .iter()
                        .map(|stored| {
                            let count: u64 = std::str::from_utf8(&stored.body).unwrap().parse().unwrap();
                            put(stored.id.as_str(), Some(stored.revision), &(count + 1).to_string())
                        })
                        .collect();
                    match store.apply(ChangeSet { puts, ..ChangeSet::default() }).await {
                        Ok(()) => break,
                        Err(ApplyError::Conflict) => {}
                        Err(other) => panic!("{other:?}"),
                    }
                }
            }
        })
        .await;
        for stored in servers[1].get(&["a", "b"].map(id), &[]).await.unwrap() {
            assert_eq!(&*stored.body, (turns * WRITERS).to_string().as_bytes());
            assert_eq!(stored.revision.0, 1 + (turns * WRITERS) as u64);
        }
    }

    async fn usage_limits_are_never_overspent_by_two_servers(database) {
        let servers = servers(&database).await;
        let limited = |name: &str| Put { usage_left: UsageLeft::Set(Some(50)), ..put(name, None, "") };
        let change = ChangeSet { puts: vec![limited("a"), limited("b")], ..ChangeSet::default() };
        servers[0].apply(change).await.unwrap();
        let taken: usize = at_once(&servers, |writer, store| async move {
            let names = if writer % 4 < 2 { ["a", "b"] } else { ["b", "a"] };
            let mut taken = 0;
            for _ in 0..20 {
                let consumptions = names.map(|name| (id(name), 1)).into();
                match store.apply(ChangeSet { consumptions, ..ChangeSet::default() }).await {
                    Ok(()) => taken += 1,
                    Err(ApplyError::UsageExceeded(_)) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            taken
        })
        .await
        .into_iter()
        .sum();
        assert_eq!(taken, 50);
        for stored in servers[1].get(&["a", "b"].map(id), &[]).await.unwrap() {
            assert_eq!((stored.usage_left, stored.revision), (Some(0), Revision(1)));
        }
    }

    async fn one_of_two_servers_gets_a_name(database) {
        let servers = servers(&database).await;
        for turn in 0..10 {
            let results = at_once(&servers, |writer, store| async move {
                let name = format!("{turn} of {writer}");
                let claims = ["x", "y"].map(|shared| NameClaims {
                    object: id(&name),
                    owner: "owner".into(),
                    names: vec![format!("{shared} {turn}")],
                });
                let claims = vec![NameClaims {
                    object: id(&name),
                    owner: "owner".into(),
                    // Half of the writers name them in the other order.
                    names: if writer % 4 < 2 {
                        claims.iter().flat_map(|claim| claim.names.clone()).collect()
                    } else {
                        claims.iter().rev().flat_map(|claim| claim.names.clone()).collect()
                    },
                }];
                store.apply(ChangeSet { puts: vec![put(&name, None, "")], claims, ..ChangeSet::default() }).await
            })
            .await;
            let won = results.iter().filter(|result| result.is_ok()).count();
            let lost = results
                .iter()
                .filter(|result| matches!(result, Err(ApplyError::NameTaken(_) | ApplyError::Conflict)))
                .count();
            assert_eq!((won, lost), (1, WRITERS - 1), "{results:?}");
        }
    }

    async fn pages_skip_and_repeat_nothing_while_two_servers_write(database) {
        let servers = servers(&database).await;
        let names: Vec<String> = (0..60).map(|number| format!("old {number}")).collect();
        let puts = names.iter().map(|name| put(name, None, "")).collect();
        servers[0].apply(ChangeSet { puts, ..ChangeSet::default() }).await.unwrap();
        let writing = {
            let servers = servers.clone();
            tokio::spawn(async move {
                at_once(&servers, |writer, store| async move {
                    for turn in 0..20 {
                        let name = format!("new {writer} {turn}");
                        let change = ChangeSet { puts: vec![put(&name, None, "")], ..ChangeSet::default() };
                        store.apply(change).await.unwrap();
                    }
                })
                .await
            })
        };
        let filter = Filter::Tag("t".into());
        while !writing.is_finished() {
            let (mut page, mut seen) = (Page::first(7), Vec::new());
            loop {
                let found = servers[1].find(&filter, &page, &[]).await.unwrap();
                let Some(last) = found.last else { break };
                seen.extend(found.records.iter().map(|record| record.id.to_string()));
                page.after = Some(last);
            }
            let old: Vec<_> = seen.iter().filter(|name| name.starts_with("old")).cloned().collect();
            assert_eq!(old, names.iter().rev().cloned().collect::<Vec<_>>());
        }
        writing.await.unwrap();
    }
}
