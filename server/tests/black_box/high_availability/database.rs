//! The databases that servers may share.

use std::env;
use std::path::Path;

use xtask::services::{Mariadb, OwnService, Postgresql, Recipe, Redis, Safety};

use super::times;
use crate::server_process::bare_command;

/// A kind of database.
pub(super) struct Kind {
    /// What `--database-type` calls it.
    pub(super) name: &'static str,
    recipe: fn() -> Box<dyn Recipe>,
    /// What follows the URL of the database server.
    database: &'static str,
    /// MiB that it needs at its start, and some more.
    pub(super) disk: u32,
    /// What else the configuration file says in its section `storage`.
    pub(super) settings: &'static str,
}

/// PostgreSQL.
pub(super) const POSTGRESQL: Kind =
    Kind { name: "postgresql", recipe: || Box::new(Postgresql), database: "", disk: 128, settings: "" };

/// MariaDB.
pub(super) const MYSQL: Kind =
    Kind { name: "mysql", recipe: || Box::new(Mariadb), database: "claviger", disk: 320, settings: "" };

/// Redis with Findex.
pub(super) const REDIS_FINDEX: Kind = Kind {
    name: "redis-findex",
    recipe: || Box::new(Redis),
    database: "",
    disk: 16,
    settings: "redis_master_password = \"a password of tests\"\nredis_findex_label = \"tests\"\n",
};

impl Kind {
    fn has_a_store(&self) -> bool {
        let listed = bare_command().args(["plugins", "list"]).output().unwrap();
        let entry = format!("  store {}", self.name);
        String::from_utf8(listed.stdout).unwrap().lines().any(|line| line == entry)
    }
}

/// A database server that one test has for itself.
pub(super) struct Database {
    kind: &'static Kind,
    service: OwnService,
    /// Where servers find it if it is not where it is.
    instead: Option<u16>,
}

impl Database {
    /// Starts one with no data; `None`, after saying so, where it is not installed, or the server has no store for it.
    pub(super) fn start(kind: &'static Kind) -> Option<Self> {
        Self::start_below(kind, &env::temp_dir())
    }

    /// The same with its data below this folder.
    pub(super) fn start_below(kind: &'static Kind, folder: &Path) -> Option<Self> {
        if !kind.has_a_store() {
            eprintln!("skipped: this build of the server has no store {}", kind.name);
            return None;
        }
        // Waiting for the disk takes its time, and what is killed here are processes.
        let safety = times(Safety::ProcessLoss, Safety::PowerLoss);
        let service = OwnService::start_below(folder, (kind.recipe)(), safety).unwrap()?;
        Some(Self { kind, service, instead: None })
    }

    /// The configuration of a server that uses it.
    pub(super) fn configuration(&self) -> String {
        let Kind { name, settings, .. } = self.kind;
        format!("[server]\ndatabase_type = {name:?}\n[storage]\ndatabase_url = {:?}\n{settings}", self.url())
    }

    /// What it is.
    pub(super) fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// Where servers find it.
    pub(super) fn url(&self) -> String {
        let (url, port) = (self.service.url(), self.service.port());
        let found = self.instead.unwrap_or(port);
        let url = url.replace(&format!("127.0.0.1:{port}/"), &format!("127.0.0.1:{found}/"));
        format!("{url}{}", self.kind.database)
    }

    /// The port that it listens on.
    pub(super) fn port(&self) -> u16 {
        self.service.port()
    }

    /// Has servers that start from now on find it on another port.
    pub(super) fn found_on(&mut self, port: u16) {
        self.instead = Some(port);
    }

    /// Kills it in the midst of what it does.
    pub(super) fn crash(&mut self) {
        self.service.crash().unwrap();
    }

    /// Starts it again, unless it runs.
    pub(super) fn run_again(&mut self) {
        if self.service.has_ended().unwrap() {
            self.service.restart().unwrap();
        }
    }
}
