//! The database that the measured server works on.

use xtask::Outcome;
use xtask::services::{Mariadb, OwnService, Postgresql, Recipe, Redis, Safety};

use crate::options::CommandLine;

const SQLITE: &str = "sqlite";
const FINDEX: &str = "redis-findex";

/// What `redis-findex` derives its keys from. It protects nothing: the data go with the run.
const PASSWORD: &str = "for the benchmark alone";

/// A database, and how the server is told of it.
pub(crate) struct Database {
    kind: String,
    url: Option<String>,
    /// A server that runs for this measurement, and ends with it.
    _service: Option<OwnService>,
}

impl Database {
    /// SQLite, in the folder of the server.
    pub(crate) fn sqlite() -> Self {
        Self { kind: SQLITE.to_owned(), url: None, _service: None }
    }

    /// The database that the command line names; a server without a URL is started.
    ///
    /// # Errors
    /// There is no such database, or its server is not installed or does not start.
    pub(crate) fn of(options: &CommandLine) -> Outcome<Self> {
        let kind = options.database_type.clone();
        let recipe: Box<dyn Recipe> = match (kind.as_str(), &options.database_url) {
            (SQLITE, None) => return Ok(Self::sqlite()),
            (SQLITE, Some(_)) => {
                return Err("--database-url is for postgresql, mysql and redis-findex".into());
            }
            ("postgresql" | "mysql" | FINDEX, Some(url)) => {
                return Ok(Self { kind, url: Some(url.clone()), _service: None });
            }
            ("postgresql", None) => Box::new(Postgresql),
            ("mysql", None) => Box::new(Mariadb),
            (FINDEX, None) => Box::new(Redis),
            _ => {
                return Err(format!(
                    "--database-type {kind} is not measured: sqlite, postgresql, mysql and redis-findex are"
                )
                .into());
            }
        };
        let name = recipe.name();
        // As in production, what is acknowledged is on the disk.
        let service = OwnService::start(recipe, Safety::PowerLoss)?
            .ok_or_else(|| format!("{name} is not installed: name a server with --database-url"))?;
        Ok(Self { url: Some(service.url()), kind, _service: Some(service) })
    }

    /// The name of its store.
    pub(crate) fn kind(&self) -> &str {
        &self.kind
    }

    /// The flags for a server that works on it.
    pub(crate) fn flags(&self) -> Vec<(&str, &str)> {
        let Some(url) = &self.url else { return Vec::new() };
        let mut flags = vec![("--database-type", self.kind.as_str()), ("--database-url", url.as_str())];
        if self.kind == FINDEX {
            flags.push(("--redis-master-password", PASSWORD));
            flags.push(("--redis-findex-label", "bench"));
        }
        flags
    }

    /// The same for a server that deletes first what the database holds.
    pub(crate) fn clearing_flags(&self) -> Vec<(&str, &str)> {
        let mut flags = self.flags();
        if self.url.is_some() {
            flags.push(("--clear-database", ""));
        }
        flags
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn database(arguments: &[&str]) -> Outcome<Database> {
        Database::of(&CommandLine::parse_from(["bench"].iter().chain(arguments)))
    }

    #[test]
    fn a_database_that_is_named_is_emptied_once() {
        let url = "postgresql://u:p@host/d";
        let named = database(&["--database-type", "postgresql", "--database-url", url]).unwrap();
        assert_eq!(named.flags(), [("--database-type", "postgresql"), ("--database-url", url)]);
        assert_eq!(named.clearing_flags()[2..], [("--clear-database", "")]);
        assert!(database(&[]).unwrap().clearing_flags().is_empty());
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        let refused = database(&["--database-type", "sqlite-enc"]).err().unwrap().to_string();
        assert!(refused.contains("sqlite-enc is not measured"), "{refused}");
        assert!(database(&["--database-url", "x"]).is_err());
    }
}
