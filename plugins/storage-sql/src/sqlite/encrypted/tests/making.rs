//! Making databases.

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::random::RandomSource;

use super::*;

#[tokio::test]
async fn a_new_database_is_one_file_named_after_its_group_and_empty() {
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 2);
    let token = create(&databases).await;
    let made = files(folder.path());
    assert_eq!(made.len(), 1);
    let group = made[0].strip_suffix(".sqlite").unwrap().parse::<u128>().unwrap();
    let store = open(&databases, &token).unwrap();
    assert_eq!(&**store.namespace(), format!("sqlite-enc:{group}"));
    assert_eq!(names(&store).await, [""; 0]);
}

#[tokio::test]
async fn two_databases_have_different_tokens_and_files() {
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 2);
    assert_ne!(create(&databases).await, create(&databases).await);
    assert_eq!(files(folder.path()).len(), 2);
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_for_the_servers_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 2);
    let store = open(&databases, &create(&databases).await).unwrap();
    put(&store, "k", "t").await;
    assert_eq!(files(folder.path()).len(), 3, "a database, its log and its index");
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
}

/// Gives the same bytes again and again.
struct Stuck;

impl RandomSource for Stuck {
    fn fill(&mut self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

#[tokio::test]
async fn a_random_generator_that_repeats_itself_overwrites_nothing_and_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 2);
    let token: ByteString = databases.create(&mut Stuck).await.unwrap();
    let token = String::from_utf8(token.to_vec()).unwrap();
    put(&open(&databases, &token).unwrap(), "k", "t").await;
    let before = files(folder.path());
    let error = databases.create(&mut Stuck).await.unwrap_err();
    assert_eq!(error.message(), "a new database has the name of another one");
    assert_eq!(files(folder.path()), before);
    assert_eq!(names(&open(&databases, &token).unwrap()).await, ["k"]);
}

#[tokio::test]
async fn a_failed_creation_leaves_no_file() {
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 2);
    // A folder is where the database would come to be.
    let group = u128::from_be_bytes([7; 16]);
    std::fs::create_dir(folder.path().join(format!("{group}.sqlite"))).unwrap();
    databases.create(&mut Stuck).await.unwrap_err();
    assert_eq!(files(folder.path()), [format!("{group}.sqlite")]);
    std::fs::remove_dir(folder.path().join(format!("{group}.sqlite"))).unwrap();
    // The log cannot be written.
    std::fs::create_dir(folder.path().join(format!("{group}.new-wal"))).unwrap();
    databases.create(&mut Stuck).await.unwrap_err();
    assert_eq!(files(folder.path()), [format!("{group}.new-wal")]);
    std::fs::remove_dir(folder.path().join(format!("{group}.new-wal"))).unwrap();
    databases.create(&mut Stuck).await.unwrap();
}

#[tokio::test]
async fn a_creation_that_nobody_waits_for_leaves_no_file() {
    let folder = TempDir::new().unwrap();
    let databases = databases(folder.path(), 2);
    for seed in 1_000..1_010 {
        let mut random = SeededRandom::new(seed);
        let mut creation = Box::pin(databases.create(&mut random));
        assert!(futures_poll_once(creation.as_mut()).await, "it waits for the disk");
        drop(creation);
    }
    // Those that had begun end by themselves.
    let every_turn = u32::try_from(super::super::MADE_AT_ONCE).unwrap();
    let _all = databases.making.acquire_many(every_turn).await.unwrap();
    assert_eq!(files(folder.path()), [""; 0]);
}

/// Polls once; says whether it is pending.
async fn futures_poll_once<T>(mut future: std::pin::Pin<&mut (impl Future<Output = T> + ?Sized)>) -> bool {
    std::future::poll_fn(|task| std::task::Poll::Ready(future.as_mut().poll(task).is_pending())).await
}

#[tokio::test]
async fn what_a_crash_left_of_a_creation_is_removed_at_the_next_start() {
    let folder = TempDir::new().unwrap();
    let token = create(&databases(folder.path(), 2)).await;
    for name in ["17.new", "17.new-wal", "17.new-shm"] {
        std::fs::write(folder.path().join(name), "half").unwrap();
    }
    let databases = databases(folder.path(), 2);
    assert_eq!(files(folder.path()).len(), 1);
    open(&databases, &token).unwrap();
}

#[tokio::test]
async fn clearing_deletes_every_database_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let first = databases(folder.path(), 2);
    let tokens = [create(&first).await, create(&first).await];
    put(&open(&first, &tokens[0]).unwrap(), "k", "t").await;
    drop(first);
    for name in ["7.txt", "claviger.db", "notes"] {
        std::fs::write(folder.path().join(name), "kept").unwrap();
    }
    let settings = |path: &Path| {
        let values = [("sqlite-path", path.display().to_string())];
        let numbers = [("sqlite-enc-open", "2".to_owned()), ("sqlite-enc-idle", "600".to_owned())];
        Settings::new("/".into(), values.into_iter().chain(numbers))
    };
    let source = SqliteEncFactory.start(&settings(folder.path()), true).await.unwrap();
    assert_eq!(files(folder.path()), ["7.txt"]);
    for name in ["claviger.db", "notes"] {
        assert_eq!(std::fs::read_to_string(folder.path().join(name)).unwrap(), "kept");
    }
    for token in tokens {
        assert_eq!(source.open(&facts(&token)).map(drop).unwrap_err().message(), "Database secret is wrong");
    }
}

#[tokio::test]
async fn a_second_server_is_kept_away() {
    let folder = TempDir::new().unwrap();
    let first = databases(folder.path(), 2);
    let error = Folder::take(folder.path().to_owned(), true).map(drop).unwrap_err();
    assert!(error.message().starts_with("another server (process "), "{error}");
    // The databases alone keep it away, too, while something is in use.
    let store = open(&first, &create(&first).await).unwrap();
    drop(first);
    Folder::take(folder.path().to_owned(), false).map(drop).unwrap_err();
    drop(store);
    Folder::take(folder.path().to_owned(), false).unwrap();
}
