//! Which databases are open.

use std::time::Instant;

use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;

use super::*;

fn open_now(databases: &EncryptedDatabases) -> usize {
    databases.opened().len()
}

#[tokio::test]
async fn many_databases_have_the_same_identifiers_and_different_objects() {
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 3);
    let mut tokens = Vec::new();
    for number in 0..10 {
        let token = create(&databases).await;
        let store = open(&databases, &token).unwrap();
        put(&store, "k", &format!("of {number}")).await;
        tokens.push(token);
    }
    for (number, token) in tokens.iter().enumerate() {
        let store = open(&databases, token).unwrap();
        for other in 0..10 {
            let found = store.locate(&Filter::Tag(format!("of {other}")), &Page::first(9)).await.unwrap();
            assert_eq!(found.ids.len(), usize::from(other == number));
        }
    }
    assert_eq!(open_now(&databases), 3);
}

#[tokio::test]
async fn the_longest_unused_database_makes_room_and_is_opened_again_with_its_token() {
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 2);
    let tokens = [create(&databases).await, create(&databases).await, create(&databases).await];
    for token in &tokens[..2] {
        put(&open(&databases, token).unwrap(), "k", "t").await;
    }
    // The first one is used again, so the second one goes.
    open(&databases, &tokens[0]).unwrap();
    open(&databases, &tokens[2]).unwrap();
    let logs = files(folder.path()).iter().filter(|name| name.ends_with("-wal")).count();
    assert_eq!((open_now(&databases), logs), (2, 2));
    let token = &tokens[1];
    let group = open(&databases, token).unwrap().namespace().clone();
    assert_eq!(names(&open(&databases, token).unwrap()).await, ["k"]);
    let opened = databases.opened();
    assert!(opened.contains(&group) && opened.len() == 2);
}

#[tokio::test]
async fn databases_in_use_stay_open_and_one_too_many_is_refused() {
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 2);
    let tokens = [create(&databases).await, create(&databases).await, create(&databases).await];
    let held: Vec<_> = tokens[..2].iter().map(|token| open(&databases, token).unwrap()).collect();
    let error = refusal(&databases, &tokens[2]);
    assert_eq!(error.reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
    put(&held[0], "k", "t").await;
    databases.opened.close_idle(Instant::now() + Duration::from_secs(3600));
    put(&held[1], "k", "t").await;
    drop(held);
    let third = open(&databases, &tokens[2]).unwrap();
    put(&third, "k", "t").await;
    assert_eq!(open_now(&databases), 2);
}

#[tokio::test]
async fn a_database_that_nobody_uses_is_closed_after_its_time() {
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 2);
    let token = create(&databases).await;
    put(&open(&databases, &token).unwrap(), "k", "t").await;
    let begin = Instant::now();
    databases.opened.close_idle(begin + Duration::from_secs(590));
    assert_eq!(open_now(&databases), 1);
    databases.opened.close_idle(begin + Duration::from_secs(601));
    assert_eq!(open_now(&databases), 0);
    assert!(files(folder.path()).iter().all(|name| name.ends_with(".sqlite")), "its log is written back");
    assert_eq!(names(&open(&databases, &token).unwrap()).await, ["k"]);
}

#[tokio::test]
async fn asking_which_are_open_is_no_use() {
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 1);
    let tokens = [create(&databases).await, create(&databases).await];
    open(&databases, &tokens[0]).unwrap();
    let opened = databases.opened();
    assert!(databases.opened_store(&opened[0]).is_some());
    let second = open(&databases, &tokens[1]).unwrap();
    assert!(databases.opened_store(&opened[0]).is_none(), "the first was closed all the same");
    assert_eq!(databases.opened(), [second.namespace().clone()]);
}

#[tokio::test]
async fn the_storage_closes_databases_by_itself() {
    let folder = TempDir::new().unwrap();
    let folder_of = Folder::take(folder.path().to_owned(), false).unwrap();
    let databases = EncryptedDatabases::new(folder_of, 2, Duration::from_millis(10));
    databases.keep_closing();
    open(&databases, &create(&databases).await).unwrap();
    for _ in 0..500 {
        if open_now(&databases) == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it is still open");
}

#[tokio::test]
async fn reading_starts_no_thread_and_writing_does() {
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 1);
    let store = databases
        .opened
        .open(super::super::token::Token::brought(&facts(&create(&databases).await)).unwrap());
    let store = store.unwrap();
    let as_store: Arc<dyn ObjectStore> = store.clone();
    assert_eq!(names(&as_store).await, [""; 0]);
    store.health().await.unwrap();
    assert!(!store.writer.is_running());
    put(&as_store, "k", "t").await;
    assert!(store.writer.is_running());
    store.health().await.unwrap();
}

/// Many requests for more databases than may be open: everybody reads what he wrote.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_load_databases_come_and_go_and_nothing_is_lost() {
    let folder = TempDir::new().unwrap();
    let databases = Arc::new(databases(folder.path(), 4));
    let mut tasks = Vec::new();
    for database in 0..8 {
        let token = create(&databases).await;
        for user in 0..2 {
            let (databases, token) = (databases.clone(), token.clone());
            tasks.push(tokio::spawn(async move {
                for turn in 0..12 {
                    let id = format!("{database}.{user}.{turn}");
                    let store = loop {
                        match open(&databases, &token) {
                            Ok(store) => break store,
                            Err(error) => assert_eq!(error.reason(), ResultReason::SERVER_LIMIT_EXCEEDED),
                        }
                        tokio::task::yield_now().await;
                    };
                    put(&store, &id, "t").await;
                    assert!(names(&store).await.contains(&id));
                    drop(store);
                    if turn % 3 == 0 {
                        databases.opened.close_idle(Instant::now() + Duration::from_secs(3600));
                    }
                    tokio::task::yield_now().await;
                }
                (database, token)
            }));
        }
    }
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await.unwrap());
    }
    for (database, token) in done {
        assert!(open_now(&databases) <= 4);
        let mine = format!("{database}.");
        let found = names(&open(&databases, &token).unwrap()).await;
        assert!(found.len() == 24 && found.iter().all(|name| name.starts_with(&mine)), "{found:?}");
    }
}
