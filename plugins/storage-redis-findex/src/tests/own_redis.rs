//! What a server says of a Redis that is not as it should be, each a process of the test's own.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use claviger_plugin_sdk::filter::Filter;
use claviger_plugin_sdk::store::{ApplyError, ObjectStore as _};
use claviger_plugin_sdk::testkit::service;
use redis::cmd;
use tempfile::TempDir;
use tokio::io::copy_bidirectional;

use super::support::{Log, Place, draft, find, put, runtime};
use crate::connection::{Address, Connection};
use crate::durability;
use crate::store::RedisStore;

/// A Redis that keeps nothing; it ends when this is dropped.
struct OwnRedis {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl OwnRedis {
    /// Starts it; `None` where the test run has none.
    fn start(arguments: &[&str]) -> Option<Self> {
        service("REDIS")?;
        let folder = TempDir::new().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
        command.args(["--save", "", "--appendonly", "no"]).args(arguments);
        command.current_dir(folder.path()).stdout(Stdio::null());
        let own = Self { process: command.spawn().unwrap(), port, _folder: folder };
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(20), "Redis does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(own)
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// A connection beside the store's.
    async fn administrator(&self) -> Connection {
        Connection::open(&Address { url: &self.url(), authorities: None, identity: None }).await.unwrap()
    }

    /// Makes it a replica of a Redis that it cannot reach, which keeps what it has.
    async fn demote(&self) {
        let replicaof = cmd("REPLICAOF").arg("127.0.0.1").arg(1).clone();
        self.administrator().await.query::<()>(&replicaof).await.unwrap();
    }

    async fn promote(&self) {
        let replicaof = cmd("REPLICAOF").arg("NO").arg("ONE").clone();
        self.administrator().await.query::<()>(&replicaof).await.unwrap();
    }

    /// Has the machine, as it looks from outside, vanish without a word.
    fn stop_answering(&self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-STOP", &pid]).status().unwrap().success());
    }
}

/// A Redis with a replica, both behind one address, and a store that has written to the first one.
struct Pair {
    old: OwnRedis,
    new: OwnRedis,
    address: MovingAddress,
    place: Place,
    store: RedisStore,
}

impl Pair {
    async fn with_one_object() -> Option<Self> {
        let old = OwnRedis::start(&["--repl-diskless-sync-delay", "0"])?;
        let new = OwnRedis::start(&["--replicaof", "127.0.0.1", &old.port.to_string()])?;
        let address = MovingAddress::of(old.port).await;
        let place = Place::at(&format!("redis://127.0.0.1:{}/", address.port));
        let store = place.open().await.unwrap();
        put(&store, [draft("before")]).await;
        let begin = Instant::now();
        // It waits for what the same connection has written.
        let wait = cmd("WAIT").arg(1).arg(100).clone();
        while store.db.connection.query::<i64>(&wait).await.unwrap() < 1 {
            assert!(begin.elapsed() < Duration::from_secs(30), "the replica has nothing");
        }
        Some(Self { old, new, address, place, store })
    }

    /// Makes the replica the primary, to which new connections lead, and writes to it with another server.
    async fn fail_over(&self) {
        self.new.promote().await;
        self.address.leads_to.store(self.new.port, Ordering::Relaxed);
        put(&self.place.open().await.unwrap(), [draft("elsewhere")]).await;
    }

    async fn found(&self) -> Vec<String> {
        find(&self.store, Filter::All(vec![])).await
    }
}

/// An address that leads to one Redis or another, as a name or a proxy does. Connections that it has stay where they are.
struct MovingAddress {
    port: u16,
    leads_to: Arc<AtomicU16>,
}

impl MovingAddress {
    async fn of(port: u16) -> Self {
        let leads_to = Arc::new(AtomicU16::new(port));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, target) = (listener.local_addr().unwrap().port(), leads_to.clone());
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let port = target.load(Ordering::Relaxed);
                tokio::spawn(async move {
                    let mut server = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
                    copy_bidirectional(&mut client, &mut server).await
                });
            }
        });
        Self { port, leads_to }
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn a_redis_that_keeps_nothing_is_warned_of_and_the_password_for_it_is_in_no_log() {
    let Some(redis) = OwnRedis::start(&["--requirepass", "sesame-9241"]) else { return };
    let (log, _guard) = Log::of_this_thread();
    let url = redis.url().replace("redis://", "redis://:sesame-9241@");
    let store = Place::at(&url).open().await.unwrap();
    put(&store, [draft("a")]).await;
    store.health().await.unwrap();
    let wrong = Place::at(&url.replace("9241", "9242")).open().await.err().unwrap();
    tracing::debug!(?wrong, "the control");
    let text = log.text();
    assert!(text.contains("WARN") && text.contains("KEYS MAY BE LOST: this Redis does not write"), "{text}");
    assert!(text.contains("the control"), "details are logged: {text}");
    assert!(!text.contains("sesame"), "{text}");
}

#[tokio::test]
async fn the_redis_of_the_test_run_keeps_everything_and_nobody_is_warned() {
    let Some(url) = service("REDIS") else { return };
    let (log, _guard) = Log::of_this_thread();
    let connection =
        Connection::open(&Address { url: &url, authorities: None, identity: None }).await.unwrap();
    durability::check(&connection).await.unwrap();
    tracing::debug!("the control");
    let text = log.text();
    assert!(text.contains("the control") && !text.contains("KEYS MAY BE LOST"), "{text}");
}

#[tokio::test]
async fn a_primary_that_became_a_replica_is_not_ready_and_is_looked_for_again() {
    let Some(redis) = OwnRedis::start(&[]) else { return };
    let place = Place::at(&redis.url());
    let store = place.open().await.unwrap();
    put(&store, [draft("before")]).await;
    store.health().await.unwrap();
    let session = || async { store.db.connection.query::<i64>(cmd("CLIENT").arg("ID")).await.unwrap() };
    let before = session().await;
    redis.demote().await;
    let unwell = store.health().await.unwrap_err();
    assert_eq!(unwell.message(), "the storage takes no writes: it is a replica");
    let Err(ApplyError::Failed(refused)) = store.apply(draft("during").into()).await else {
        panic!("it was written to a replica")
    };
    assert_eq!(refused.message(), "the storage takes no writes: it is a replica");
    assert!(place.open().await.err().unwrap().message().contains("name its primary"));
    redis.promote().await;
    put(&store, [draft("after")]).await;
    store.health().await.unwrap();
    assert_ne!(session().await, before, "the connection from before is given up");
    assert_eq!(find(&store, Filter::All(vec![])).await, ["after", "before"]);
}

#[test]
fn a_write_that_the_old_primary_refuses_is_the_last_that_goes_there() {
    runtime().block_on(async {
        let Some(pair) = Pair::with_one_object().await else { return };
        pair.old.demote().await;
        pair.fail_over().await;
        assert_eq!(pair.found().await, ["before"], "nobody knows yet");
        let Err(ApplyError::Failed(refused)) = pair.store.apply(draft("refused").into()).await else {
            panic!("it was written to a replica")
        };
        assert_eq!(refused.message(), "the storage takes no writes: it is a replica");
        assert_eq!(pair.found().await, ["elsewhere", "before"]);
        put(&pair.store, [draft("after")]).await;
        assert_eq!(pair.found().await, ["after", "elsewhere", "before"]);
    });
}

#[test]
fn health_leads_from_the_old_primary_to_the_new_one_at_once() {
    runtime().block_on(async {
        let Some(pair) = Pair::with_one_object().await else { return };
        pair.old.demote().await;
        pair.fail_over().await;
        pair.store.health().await.unwrap();
        assert_eq!(pair.found().await, ["elsewhere", "before"]);
    });
}

#[test]
fn an_old_primary_that_vanished_without_a_word_is_left() {
    runtime().block_on(async {
        let Some(pair) = Pair::with_one_object().await else { return };
        pair.old.stop_answering();
        pair.fail_over().await;
        let Err(ApplyError::Failed(lost)) = pair.store.apply(draft("lost").into()).await else {
            panic!("nobody answers")
        };
        assert_eq!(lost.message(), "the storage does not answer");
        put(&pair.store, [draft("after")]).await;
        assert_eq!(pair.found().await, ["after", "elsewhere", "before"]);
    });
}

#[test]
fn many_refused_writes_cost_one_connection_a_second() {
    runtime().block_on(async {
        let Some(redis) = OwnRedis::start(&[]) else { return };
        let store = Place::at(&redis.url()).open().await.unwrap();
        put(&store, [draft("before")]).await;
        redis.demote().await;
        let administrator = redis.administrator().await;
        let connections = || async {
            let stats: String = administrator.query(cmd("INFO").arg("stats")).await.unwrap();
            let line = stats.lines().find_map(|line| line.strip_prefix("total_connections_received:"));
            line.unwrap().trim().parse::<u64>().unwrap()
        };
        let (before, begin) = (connections().await, Instant::now());
        for number in 0..200 {
            store.apply(draft(&format!("refused {number}")).into()).await.unwrap_err();
            assert_eq!(find(&store, Filter::All(vec![])).await, ["before"], "it can be read");
        }
        let made = connections().await - before;
        assert!((1..=1 + begin.elapsed().as_secs()).contains(&made), "{made} in {:?}", begin.elapsed());
    });
}

#[tokio::test]
async fn a_password_that_was_refused_for_a_while_is_tried_again() {
    let Some(redis) = OwnRedis::start(&["--requirepass", "first"]) else { return };
    let url = redis.url().replace("redis://", "redis://:first@");
    let store = Place::at(&url).open().await.unwrap();
    put(&store, [draft("before")]).await;
    let administrator = Address { url: &url, authorities: None, identity: None };
    let administrator = Connection::open(&administrator).await.unwrap();
    let password = |password| cmd("CONFIG").arg("SET").arg("requirepass").arg(password).clone();
    administrator.query::<()>(&password("second")).await.unwrap();
    administrator.query::<i64>(cmd("CLIENT").arg("KILL").arg("TYPE").arg("normal")).await.unwrap();
    let begin = Instant::now();
    let mut refused = 0;
    while refused < 3 {
        refused += usize::from(store.health().await.is_err());
        assert!(begin.elapsed() < Duration::from_secs(20), "it is let in with the old password");
    }
    administrator.query::<()>(&password("first")).await.unwrap();
    while let Err(error) = store.health().await {
        assert!(begin.elapsed() < Duration::from_secs(40), "{error:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(find(&store, Filter::All(vec![])).await, ["before"]);
}
