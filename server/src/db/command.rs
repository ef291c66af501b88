//! What the command line says about databases.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, value_parser};
use claviger_plugin_sdk::plugin::{EntryKind, linked};

use super::backup_file::{KeySource, Protection};
use super::from_kmip::{self, FromKmip};
use crate::configuration::table::{Row, SettingsTable};

/// What to do with a database.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum DbCommand {
    /// Bring it to the version of this build.
    Migrate {
        /// Only say what there is to do.
        dry_run: bool,
    },
    /// Look for what is wrong with it.
    Check,
    /// Write all of it into a file.
    Backup {
        /// The file.
        file: PathBuf,
        /// Who can read it.
        protection: Protection,
    },
    /// Fill it from a file.
    Restore {
        /// The file.
        file: PathBuf,
        /// Where its secret is, if it is encrypted.
        key: Option<KeySource>,
    },
    /// Fill another one with its contents.
    Copy,
    /// Bring the objects of another server into it.
    CopyFromKmip(FromKmip),
}

/// The setting that has everything deleted.
const CLEAR: &str = "clear-database";

/// The section of the settings that say how a database is sealed.
const SEALING: &str = "sealing";

/// What the flags of the other database begin with.
const TO: &str = "to-";

const DB_EXAMPLES: &str = "\
The database is the one that the configuration names: give the same --config, variables and flags as to the server.

Examples:
  claviger-server --config claviger.toml db check
  claviger-server --config claviger.toml db backup keys.backup --backup-key-file backup.key
      While the server runs
  claviger-server --config new.toml db restore keys.backup --backup-key-file backup.key
      Into an empty database of any type";

const MIGRATE_EXAMPLES: &str = "\
A server does the same when it starts. Make a backup with the version that wrote the database first: there is no way back.

Examples:
  claviger-server --config claviger.toml db migrate --dry-run
      Says from which version to which
  claviger-server --config claviger.toml db migrate";

const CHECK_EXAMPLES: &str = "\
Reads one state of the database, also while a server uses it, and changes nothing. What it finds goes to standard output,
progress to standard error. The exit code is 1 if something is wrong; warnings alone leave it 0.

Examples:
  claviger-server --config claviger.toml db check
  claviger-server --config claviger.toml db check > report.txt || mail -s 'keys' ann@example.org < report.txt";

const BACKUP_EXAMPLES: &str = "\
Writes one state of the database into a file, also while a server uses it. The file HOLDS EVERY KEY: it is encrypted under
a key or a passphrase, unless --plaintext says otherwise. It is there once it is whole, for its owner alone.

Examples:
  openssl rand -hex 32 > backup.key
  claviger-server --config claviger.toml db backup keys.backup --backup-key-file backup.key
  claviger-server --config claviger.toml db backup keys.backup --backup-passphrase-file passphrase.txt
  claviger-server --config claviger.toml db backup keys.backup --plaintext
      Whoever reads the file has the keys";

const RESTORE_EXAMPLES: &str = "\
Reads the whole file first, so that one that was altered or cut off changes nothing. The database has to be empty;
--clear-database deletes EVERYTHING in it. No server may use it meanwhile. If this is interrupted, the database is
incomplete and servers refuse it: run it again.

Examples:
  claviger-server --config claviger.toml db restore keys.backup --backup-key-file backup.key
  claviger-server --config claviger.toml db restore keys.backup --plaintext --clear-database";

const COPY_EXAMPLES: &str = "\
Reads one state of the database and writes it into another one, of the same or another type, reads every object back and
compares. What is changed by a server after the beginning is not in the copy: stop the servers, or copy again. Whatever is
not set by a flag that begins with --to- is as for the first database. If this is interrupted, the copy is incomplete and
servers refuse it: run it again.

Examples:
  claviger-server --config claviger.toml db copy --to-sqlite-path /srv/keys
  claviger-server --config claviger.toml db copy --to-database-type postgresql --to-database-url @url.txt
      The URL is read from a file, so that no other user of this machine sees its password";

/// The commands for databases.
pub(crate) fn command(table: &SettingsTable) -> Command {
    let migrate = Command::new("migrate")
        .about("Brings the database to the version of this build")
        .after_help(MIGRATE_EXAMPLES)
        .arg(switch("dry-run", "Say what there is to do, and change nothing"));
    let check = Command::new("check")
        .about("Reads everything and says what is wrong with it")
        .after_help(CHECK_EXAMPLES);
    let backup = Command::new("backup")
        .about("Writes everything into a file, also while a server uses the database")
        .after_help(BACKUP_EXAMPLES)
        .arg(file("The file to make"))
        .args(secrets())
        .arg(switch("plaintext", "Do not encrypt the backup: whoever reads the file has the keys"))
        .group(
            ArgGroup::new("protection")
                .args(["backup-key-file", "backup-passphrase-file", "plaintext"])
                .required(true),
        );
    let restore = Command::new("restore")
        .about("Fills the database from the file of a backup")
        .after_help(RESTORE_EXAMPLES)
        .arg(file("The file of the backup"))
        .args(secrets())
        .arg(switch("plaintext", "The backup is not encrypted; this may be left out"))
        .group(ArgGroup::new("protection").args(["backup-key-file", "backup-passphrase-file", "plaintext"]));
    let copy = Command::new("copy")
        .about("Fills another database, of any type, with everything of this one")
        .after_help(COPY_EXAMPLES)
        .arg_required_else_help(true)
        .args(of_databases(table).map(|row| {
            // Lives as long as the program, as the names of all other flags do.
            let name: &'static str = format!("{TO}{}", row.setting.flag).leak();
            crate::command_line::named_argument(row, name)
                .help_heading("The other database")
                .help(format!("{}, of the database that is filled", row.setting.help.trim_end_matches('.')))
        }));
    Command::new("db")
        .about("Looks after the database: backups, checks, moving it elsewhere")
        .after_help(DB_EXAMPLES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([migrate, check, backup, restore, copy, from_kmip::arguments()])
}

/// The settings that say which database is meant: those of the plugins that bring one, and some of the server.
fn of_databases(table: &SettingsTable) -> impl Iterator<Item = &Row> {
    const OF_SERVER: [&str; 3] = ["database-type", "root-data-path", CLEAR];
    let stores: Vec<&str> = linked()
        .iter()
        .filter(|entry| matches!(entry.kind, EntryKind::Store(_)))
        .map(|entry| entry.plugin)
        .collect();
    table.rows().iter().filter(move |row| {
        stores.contains(&row.owner)
            || ["storage", SEALING].contains(&row.setting.section)
            || OF_SERVER.contains(&row.setting.flag)
    })
}

/// The flags that tell one database from another. How it is sealed, and whether it is cleared, does not.
pub(crate) fn identifying_flags(table: &SettingsTable) -> Vec<&'static str> {
    let rows = of_databases(table).filter(|row| row.setting.section != SEALING && row.setting.flag != CLEAR);
    rows.map(|row| row.setting.flag).collect()
}

fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn file(help: &'static str) -> Arg {
    Arg::new("file").value_name("FILE").required(true).value_parser(value_parser!(PathBuf)).help(help)
}

fn secrets() -> [Arg; 2] {
    let secret = |name, help| {
        Arg::new(name).long(name).value_name("PATH").value_parser(value_parser!(PathBuf)).help(help)
    };
    [
        secret("backup-key-file", "File with the key of the backup: 32 bytes, or 64 hexadecimal digits"),
        secret("backup-passphrase-file", "File whose first line is the passphrase of the backup"),
    ]
}

impl DbCommand {
    /// What the arguments below `db` ask for.
    pub(crate) fn read(matches: &ArgMatches) -> Option<Self> {
        let (name, matches) = matches.subcommand()?;
        let path = |name| matches.get_one::<PathBuf>(name).cloned();
        Some(match name {
            "migrate" => Self::Migrate { dry_run: matches.get_flag("dry-run") },
            "check" => Self::Check,
            "backup" => Self::Backup {
                file: path("file")?,
                protection: key_source(matches).map_or(Protection::Plaintext, Protection::Encrypted),
            },
            "restore" => Self::Restore { file: path("file")?, key: key_source(matches) },
            "copy" => Self::Copy,
            "copy-from-kmip" => Self::CopyFromKmip(from_kmip::read(matches)?),
            _ => return None,
        })
    }
}

fn key_source(matches: &ArgMatches) -> Option<KeySource> {
    let path = |name| matches.get_one::<PathBuf>(name).cloned();
    path("backup-key-file")
        .map(KeySource::KeyFile)
        .or_else(|| path("backup-passphrase-file").map(KeySource::PassphraseFile))
}

/// What the arguments below a command set for the other database, by the flags of the settings. What says nothing is as for
/// the first one, but for deleting everything.
pub(crate) fn destination(table: &SettingsTable, matches: &ArgMatches) -> BTreeMap<&'static str, String> {
    let given = of_databases(table).map(|row| row.setting.flag).filter_map(|flag| {
        let value = matches.try_get_one::<String>(&format!("{TO}{flag}")).ok().flatten()?;
        Some((flag, value.clone()))
    });
    std::iter::once((CLEAR, "false".to_owned())).chain(given).collect()
}
