//! MariaDB.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::account::program;
use super::recipe::{AUTHORITY, Place, Recipe, SERVER_CERTIFICATE, SERVER_KEY, Safety, TLS_USER, USER};
use crate::Outcome;

/// MariaDB, by password, or with TLS by client certificate. It has an empty database `claviger`.
pub struct Mariadb;

impl Recipe for Mariadb {
    fn name(&self) -> &'static str {
        "mariadb"
    }

    fn program(&self) -> Option<PathBuf> {
        program("mariadbd")
    }

    fn prepare(&self, place: &Place) -> Outcome {
        // It makes these users whenever it starts, before it accepts anybody.
        let users = [
            "CREATE DATABASE IF NOT EXISTS claviger;".to_owned(),
            format!("CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{}';", place.password),
            format!("GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION;"),
            format!("CREATE USER IF NOT EXISTS '{TLS_USER}'@'%' REQUIRE SUBJECT '/CN={TLS_USER}';"),
            format!("GRANT ALL ON *.* TO '{TLS_USER}'@'%' WITH GRANT OPTION;"),
            "DROP USER IF EXISTS 'root'@'localhost', 'root'@'127.0.0.1', 'root'@'::1';\n".to_owned(),
        ];
        place.write(USERS, users.join("\n"))?;
        let mut command = place.run(&installed("mariadb-install-db")?);
        command.args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"]);
        command.args(["--innodb-flush-method=nosync", &format!("--datadir={}", place.path(DATA))]);
        place.tool(&mut command)
    }

    fn command(&self, place: &Place) -> Outcome<Command> {
        let mut command = place.run(&installed("mariadbd")?);
        command.args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-log-bin", "--skip-name-resolve"]);
        command.args(["--performance-schema=off", "--innodb-buffer-pool-size=64M", "--max-connections=300"]);
        let files = [
            ("datadir", DATA),
            ("socket", "socket"),
            ("pid-file", "pid"),
            ("init-file", USERS),
            ("ssl-cert", SERVER_CERTIFICATE),
            ("ssl-key", SERVER_KEY),
            ("ssl-ca", AUTHORITY),
        ];
        command.args(files.map(|(name, file)| format!("--{name}={}", place.path(file))));
        command.arg(format!("--port={}", place.port));
        if place.safety == Safety::ProcessLoss {
            command.args(["--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync"]);
        }
        Ok(command)
    }

    fn answers(&self, place: &Place) -> bool {
        installed("mariadb").is_ok_and(|client| {
            let mut probe = place.run(&client);
            probe.args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", "--execute=select 1"]);
            probe.arg(format!("--user={USER}")).arg(format!("--port={}", place.port));
            probe.env("MYSQL_PWD", &place.password).stdout(Stdio::null()).stderr(Stdio::null());
            probe.status().is_ok_and(|status| status.success())
        })
    }

    fn variables(&self, place: &Place) -> Vec<(&'static str, String)> {
        let Place { port, password, .. } = place;
        vec![
            ("MYSQL", format!("mysql://{USER}:{password}@127.0.0.1:{port}/")),
            ("MYSQL_TLS", format!("mysql://{TLS_USER}@127.0.0.1:{port}/")),
        ]
    }
}

const DATA: &str = "data";
const USERS: &str = "users.sql";

fn installed(name: &str) -> Outcome<PathBuf> {
    program(name).ok_or_else(|| format!("{name} is not installed (./dev setup installs it)").into())
}
