//! PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::recipe::{AUTHORITY, Place, Recipe, SERVER_CERTIFICATE, SERVER_KEY, Safety, TLS_USER, USER};
use crate::Outcome;

/// PostgreSQL, by password, or with TLS by client certificate.
pub struct Postgresql;

impl Recipe for Postgresql {
    fn name(&self) -> &'static str {
        "postgresql"
    }

    fn program(&self) -> Option<PathBuf> {
        Some(programs()?.join("postgres"))
    }

    /// Without waiting for its clients.
    fn signal(&self) -> &'static str {
        "INT"
    }

    fn prepare(&self, place: &Place) -> Outcome {
        place.write(PASSWORD, &place.password)?;
        let mut command = program(place, "initdb")?;
        command.args(["--pgdata", DATA, "--username", USER, "--pwfile", PASSWORD]);
        command.args(["--no-sync", "--no-locale", "--encoding=UTF8", "--no-instructions"]);
        place.tool(command.arg("--auth=scram-sha-256"))?;
        let rules = [
            format!("hostssl   all {TLS_USER} 127.0.0.1/32 cert"),
            format!("hostnossl all {TLS_USER} 127.0.0.1/32 reject"),
            "host      all all          127.0.0.1/32 scram-sha-256\n".to_owned(),
        ];
        place.write(&format!("{DATA}/pg_hba.conf"), rules.join("\n"))?;
        place.write(USERS, format!("CREATE ROLE \"{TLS_USER}\" SUPERUSER LOGIN\n"))?;
        let mut command = program(place, "postgres")?;
        command.args(["--single", "-D", DATA, "postgres"]).stdin(fs::File::open(place.folder.join(USERS))?);
        place.tool(&mut command)
    }

    fn command(&self, place: &Place) -> Outcome<Command> {
        let port = place.port.to_string();
        let mut settings = vec![
            ("listen_addresses", "127.0.0.1"),
            ("port", &port),
            ("unix_socket_directories", ""),
            ("max_connections", "300"),
            ("ssl", "on"),
        ];
        let files = [
            ("ssl_cert_file", place.path(SERVER_CERTIFICATE)),
            ("ssl_key_file", place.path(SERVER_KEY)),
            ("ssl_ca_file", place.path(AUTHORITY)),
        ];
        settings.extend(files.iter().map(|(name, path)| (*name, path.as_str())));
        if place.safety == Safety::ProcessLoss {
            settings.push(("fsync", "off"));
        }
        let mut command = program(place, "postgres")?;
        command.args(["-D", DATA]);
        command.args(settings.iter().flat_map(|(name, value)| ["-c".to_owned(), format!("{name}={value}")]));
        Ok(command)
    }

    fn answers(&self, place: &Place) -> bool {
        let port = place.port.to_string();
        program(place, "pg_isready").is_ok_and(|mut probe| {
            probe.args(["--quiet", "--host=127.0.0.1", "--port", &port]).stderr(Stdio::null());
            probe.status().is_ok_and(|status| status.success())
        })
    }

    fn variables(&self, place: &Place) -> Vec<(&'static str, String)> {
        let Place { port, password, .. } = place;
        let tls = format!("postgresql://{TLS_USER}@127.0.0.1:{port}/postgres");
        vec![
            ("POSTGRESQL", format!("postgresql://{USER}:{password}@127.0.0.1:{port}/postgres")),
            ("POSTGRESQL_TLS", tls),
        ]
    }
}

const DATA: &str = "data";
const PASSWORD: &str = "password";
const USERS: &str = "users.sql";

fn program(place: &Place, name: &str) -> Outcome<Command> {
    let folder = programs().ok_or("PostgreSQL is not installed (./dev setup installs it)")?;
    Ok(place.run(&folder.join(name)))
}

/// The folder of its programs, of the newest version: Debian has one for each, outside the path.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let numbers = versions.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let debian = numbers.max().map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
    let elsewhere = || super::account::program("postgres")?.parent().map(Path::to_owned);
    debian.filter(|folder| folder.join("postgres").is_file()).or_else(elsewhere)
}
