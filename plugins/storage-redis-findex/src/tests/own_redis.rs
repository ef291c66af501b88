//! What a server says of a Redis that is not as it should be, each a process of the test's own.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use claviger_plugin_sdk::filter::Filter;
use claviger_plugin_sdk::store::{ApplyError, ObjectStore as _};
use claviger_plugin_sdk::testkit::service;
use redis::cmd;
use tempfile::TempDir;
use tracing::Level;

use super::support::{Place, draft, find, put};
use crate::connection::{Address, Connection};
use crate::durability;

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
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What is logged while this thread works, down to the last detail.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn of_this_thread() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let builder = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_ansi(false);
        let guard = tracing::subscriber::set_default(builder.with_writer(move || writer.clone()).finish());
        (log, guard)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
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
    let administrator = Address { url: &redis.url(), authorities: None, identity: None };
    let administrator = Connection::open(&administrator).await.unwrap();
    // A replica of a Redis that it cannot reach keeps what it has.
    administrator.query::<()>(cmd("REPLICAOF").arg("127.0.0.1").arg(1)).await.unwrap();
    let unwell = store.health().await.unwrap_err();
    assert_eq!(unwell.message(), "the storage takes no writes: it is a replica");
    let Err(ApplyError::Failed(refused)) = store.apply(draft("during").into()).await else {
        panic!("it was written to a replica")
    };
    assert_eq!(refused.message(), "the storage takes no writes: it is a replica");
    assert!(place.open().await.err().unwrap().message().contains("name its primary"));
    administrator.query::<()>(cmd("REPLICAOF").arg("NO").arg("ONE")).await.unwrap();
    put(&store, [draft("after")]).await;
    store.health().await.unwrap();
    assert_ne!(session().await, before, "the connection from before is given up");
    assert_eq!(find(&store, Filter::All(vec![])).await, ["after", "before"]);
}
