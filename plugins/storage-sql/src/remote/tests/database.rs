//! A database for one test, made in the server that the test run has and dropped with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::ObjectStore;
use claviger_plugin_sdk::testkit::service;
use claviger_plugin_sdk::testkit::store::Fixture;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, MySqlConnection, PgConnection};
use tokio::sync::{Semaphore, SemaphorePermit};
use url::Url;

use crate::remote::address::Form;
use crate::remote::{RemoteStore, mysql, postgresql};

/// Makes a module for each kind of server, with each test in it on an empty database.
macro_rules! on_each_server {
    ($(async fn $name:ident($database:ident) $body:block)*) => {
        mod tests_of {
            use super::*;
            $(pub(super) async fn $name($database: $crate::remote::tests::database::Database) $body)*
        }
        $crate::remote::tests::database::on_each_server!(@on postgresql "POSTGRESQL" $($name)*);
        $crate::remote::tests::database::on_each_server!(@on mysql "MYSQL" $($name)*);
    };
    (@on $module:ident $server:literal $($name:ident)*) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    if let Some(database) = $crate::remote::tests::database::Database::make($server).await {
                        super::tests_of::$name(database).await;
                    }
                }
            )*
        }
    };
}
pub(super) use on_each_server;

/// A database with a name that no other test has.
pub(super) struct Database {
    server: Url,
    name: String,
    is_mysql: bool,
    _place: SemaphorePermit<'static>,
}

/// How many tests use a server at once, each with up to sixteen connections; the server has a hundred.
static PLACES: Semaphore = Semaphore::const_new(ALL);
const ALL: usize = 5;

impl Database {
    /// Makes an empty one; nothing where the test run has no such server.
    pub(super) async fn make(server: &str) -> Option<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let url = Url::parse(&service(server)?).unwrap();
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("claviger_{}_{count}", std::process::id());
        let place = PLACES.acquire().await.unwrap();
        let is_mysql = server.starts_with("MYSQL");
        let database = Self { server: url, name, is_mysql, _place: place };
        database.run(&format!("CREATE DATABASE {}", database.name)).await;
        Some(database)
    }

    /// A store for the conformance suite; nothing where the test run has no such server.
    pub(super) async fn fixture(server: &str) -> Option<Fixture> {
        let database = Arc::new(Self::make(server).await?);
        let store: Arc<dyn ObjectStore> = Arc::new(database.open().await);
        Some(Fixture::persistent(
            store,
            Box::new(move || -> BoxFuture<'static, _> {
                let database = database.clone();
                Box::pin(async move { Arc::new(database.open().await) as Arc<dyn ObjectStore> })
            }),
        ))
    }

    /// What its URL must be like.
    pub(super) fn form(&self) -> &'static Form {
        if self.is_mysql { &mysql::FORM } else { &postgresql::FORM }
    }

    /// Its URL.
    pub(super) fn url(&self) -> String {
        let mut url = self.server.clone();
        url.set_path(&self.name);
        url.to_string()
    }

    /// Its URL for the account that another URL of the same server has.
    pub(super) fn url_of(&self, account: &str) -> String {
        let mut url = Url::parse(account).unwrap();
        url.set_path(&self.name);
        url.to_string()
    }

    /// Ends every session in it but its own.
    pub(super) async fn kill_sessions(&self) {
        if !self.is_mysql {
            let others = "datname = current_database() AND pid <> pg_backend_pid()";
            let sql = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}");
            return self.run_inside(&sql).await;
        }
        let mut connection = MySqlConnection::connect(&self.url()).await.unwrap();
        let sql = "SELECT CAST(id AS SIGNED) FROM information_schema.processlist \
                   WHERE db = DATABASE() AND id <> CONNECTION_ID()";
        let sessions: Vec<i64> = sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap();
        for session in sessions {
            // One that has just ended cannot be killed.
            let _ = connection.execute(sqlx::raw_sql(AssertSqlSafe(format!("KILL {session}")))).await;
        }
    }

    /// The settings of a server that uses it.
    pub(super) fn settings(&self) -> Settings {
        let values = [("database-url", self.url()), ("database-connections", "8".to_owned())];
        Settings::new("/".into(), values)
    }

    /// The settings of a server whose account has the database and nothing else.
    pub(super) async fn settings_of_ordinary_account(&self) -> Settings {
        if !self.is_mysql {
            // Here no account writes what may only be read.
            return self.settings();
        }
        let name = &self.name;
        self.run(&format!("CREATE USER {name} IDENTIFIED BY 'ordinary'; GRANT ALL ON {name}.* TO {name}"))
            .await;
        let mut url = Url::parse(&self.url()).unwrap();
        url.set_username(name).unwrap();
        url.set_password(Some("ordinary")).unwrap();
        Settings::new("/".into(), [("database-url", url.to_string())])
    }

    /// Removes the account that [`settings_of_ordinary_account`](Self::settings_of_ordinary_account) made.
    pub(super) async fn forget_ordinary_account(&self) {
        if self.is_mysql {
            self.run(&format!("DROP USER {}", self.name)).await;
        }
    }

    /// Lets it only be read until what this gives is dropped. MariaDB does that to all of its databases, and so this waits
    /// until no other test uses them.
    pub(super) async fn demote(&self) -> Demoted<'_> {
        let others = if self.is_mysql { u32::try_from(ALL - 1).unwrap() } else { 0 };
        let alone = PLACES.acquire_many(others).await.unwrap();
        let demoted = Demoted { database: self, _alone: alone };
        self.run(&self.read_only(true)).await;
        if !self.is_mysql {
            // It holds for new sessions.
            self.kill_sessions().await;
        }
        demoted
    }

    fn read_only(&self, on: bool) -> String {
        let value = if on { "on" } else { "off" };
        if self.is_mysql {
            return format!("SET GLOBAL read_only = {value}");
        }
        format!("ALTER DATABASE {} SET default_transaction_read_only = {value}", self.name)
    }

    /// Opens it as a server does.
    pub(super) async fn open(&self) -> RemoteStore {
        RemoteStore::open(&self.settings(), false, self.form()).await.unwrap()
    }

    /// Runs SQL in the server, outside of the database.
    async fn run(&self, sql: &str) {
        run(&self.server, self.is_mysql, sql).await;
    }

    /// Runs SQL in the database.
    pub(super) async fn run_inside(&self, sql: &str) {
        run(&self.url().parse().unwrap(), self.is_mysql, sql).await;
    }

    /// As [`run`](Self::run), at the end of something.
    fn run_at_the_end(&self, sql: String) {
        let (server, is_mysql) = (self.server.clone(), self.is_mysql);
        // The test's runtime may be ending, so this has one of its own.
        let running = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(run(&server, is_mysql, &sql));
        });
        running.join().unwrap();
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let force = if self.is_mysql { "" } else { " WITH (FORCE)" };
        self.run_at_the_end(format!("DROP DATABASE {}{force}", self.name));
    }
}

/// A database that may only be read.
pub(super) struct Demoted<'d> {
    database: &'d Database,
    _alone: SemaphorePermit<'static>,
}

impl Drop for Demoted<'_> {
    fn drop(&mut self) {
        self.database.run_at_the_end(self.database.read_only(false));
    }
}

async fn run(url: &Url, is_mysql: bool, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    if is_mysql {
        let mut connection = MySqlConnection::connect(url.as_str()).await.unwrap();
        connection.execute(sqlx::raw_sql(sql)).await.unwrap();
    } else {
        let mut connection = PgConnection::connect(url.as_str()).await.unwrap();
        connection.execute(sqlx::raw_sql(sql)).await.unwrap();
    }
}
