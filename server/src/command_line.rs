//! The command line, built from the settings of this build.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command};
use claviger_plugin_sdk::settings::SettingKind;

use crate::access::{self, Asked};
use crate::audit::command::{self as audit, AuditCommand};
use crate::configuration::table::{Row, SettingsTable};
use crate::db::{self, DbCommand};
#[cfg(feature = "auth-biscuit")]
use crate::token::{self, TokenCommand};

/// What the command line asks for. It has no `Debug`, since flags may hold secrets.
pub(crate) struct CommandLine {
    /// What to do.
    pub(crate) action: Action,
    /// The configuration file, if one is named.
    pub(crate) config: Option<PathBuf>,
    /// The flags that were given.
    pub(crate) flags: BTreeMap<&'static str, String>,
    /// What is set for another database, by the flags of the settings.
    pub(crate) destination: BTreeMap<&'static str, String>,
}

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Run,
    PluginsList,
    PluginsExplain(String),
    PluginsCheck,
    ConfigExample,
    ConfigCheck,
    Db(DbCommand),
    Access(Asked),
    Audit(AuditCommand),
    /// For Hashed Password credentials of this user, or else for passwords.
    #[cfg(feature = "auth-credentials")]
    HashPassword(Option<String>),
    #[cfg(feature = "auth-biscuit")]
    Token(TokenCommand),
}

const EXAMPLES: &str = "\
Examples:
  claviger-server --hostname 127.0.0.1
      HTTP on port 9998 for this machine alone, keys in ~/claviger
  claviger-server --https-cert-file server.pem --https-key-file server.key \\
      --authority-cert-file clients.pem
      HTTPS on port 9998 and KMIP on port 5696, for clients whose certificate the authority signed
  claviger-server config example > claviger.toml
  claviger-server --config claviger.toml config check
      Write a configuration file, and check it without starting
  claviger-server --config claviger.toml db backup keys.backup --backup-key-file backup.key
      Every key into one encrypted file, while the server runs
  claviger-server --config claviger.toml access explain bob Decrypt 4f2b...
      Whether bob may do that, and which rule decides
  claviger-server --config claviger.toml audit verify
      Whether the audit log is what was written
  claviger-server plugins list
      What is compiled in, and what the configuration makes of it

A flag wins over its variable, a variable over the file, the file over the default.";

#[cfg(feature = "auth-credentials")]
const HASH_EXAMPLES: &str = "\
Examples:
  claviger-server hash-password
      Asks for the password, which is not shown
  claviger-server hash-password < password.txt
      Takes the first line of a file
  claviger-server hash-password --hashed-for bob
      Makes what Hashed Password credentials of bob are compared with

Put the hash into the file of credentials:
  [[user]]
  name = \"alice\"
  password = \"$argon2id$v=19$...\"";

impl CommandLine {
    /// Reads the arguments; the first is the program's name.
    ///
    /// # Errors
    /// They cannot be understood, or ask for help or the version: clap's error knows what to print and where.
    pub(crate) fn read(table: &SettingsTable, arguments: Vec<OsString>) -> Result<Self, clap::Error> {
        let matches = command(table).try_get_matches_from(arguments)?;
        let innermost = innermost(&matches);
        let flags = table.rows().iter().filter_map(|row| {
            let flag = row.setting.flag;
            innermost.get_one::<String>(flag).map(|value| (flag, value.clone()))
        });
        Ok(Self {
            action: action(&matches),
            config: innermost.get_one::<PathBuf>("config").cloned(),
            flags: flags.collect(),
            destination: db::destination(table, innermost),
        })
    }
}

fn command(table: &SettingsTable) -> Command {
    let config = Arg::new("config")
        .long("config")
        .value_name("FILE")
        .value_parser(clap::value_parser!(PathBuf))
        .global(true)
        .help("TOML file with settings [KMS_CONFIG]");
    let plugins =
        Command::new("plugins")
            .about("Shows the plugins of this build")
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(Command::new("list").about("Lists plugins with their licence and what they register"))
            .subcommand(Command::new("explain").about("Says what became of a plugin or entry, and why").arg(
                Arg::new("name").value_name("NAME").required(true).help("Such as `Encrypt` or `sqlite`"),
            ))
            .subcommand(Command::new("check").about("Proves that every plugin of this build registered"));
    let configuration = Command::new("config")
        .about("Helps with the configuration")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(Command::new("example").about("Prints a configuration file with every setting explained"))
        .subcommand(Command::new("check").about("Reads the configuration and says what is wrong with it"));
    let command = Command::new("claviger-server")
        .about("Claviger, a key-management server for KMIP")
        .version(env!("CARGO_PKG_VERSION"))
        .after_help(EXAMPLES)
        .arg(config)
        .args(table.rows().iter().map(argument))
        .subcommand(Command::new("run").about("Runs the server; the same as no command"))
        .subcommand(plugins)
        .subcommand(configuration)
        .subcommand(db::command(table))
        .subcommand(access::command())
        .subcommand(audit::command());
    #[cfg(feature = "auth-credentials")]
    let command = command.subcommand(
        Command::new("hash-password")
            .about("Makes the hash of a password for the file that --credentials-file names")
            .arg(
                Arg::new("hashed-for")
                    .long("hashed-for")
                    .value_name("NAME")
                    .help("Make the value of hashed_password for this user, for Hashed Password credentials"),
            )
            .after_help(HASH_EXAMPLES),
    );
    #[cfg(feature = "auth-biscuit")]
    let command = command.subcommand(token::command());
    command
}

fn argument(row: &Row) -> Arg {
    let setting = row.setting;
    let default = match setting.default {
        Some(text) if !text.is_empty() => format!(", default {text}"),
        _ => String::new(),
    };
    named_argument(row, setting.flag).global(true).help_heading(row.owner).help(format!(
        "{} [{}{default}]",
        setting.help.trim_end_matches('.'),
        setting.variable
    ))
}

/// An argument of this name that takes what a setting takes.
pub(crate) fn named_argument(row: &Row, name: &'static str) -> Arg {
    let argument = Arg::new(name).long(name);
    match row.setting.kind {
        SettingKind::Switch => {
            argument.num_args(0..=1).require_equals(true).default_missing_value("true").value_name("BOOL")
        }
        SettingKind::Number(..) => argument.value_name("NUMBER").allow_negative_numbers(true),
        SettingKind::Path => argument.value_name("PATH"),
        SettingKind::Secret => argument.value_name("SECRET"),
        SettingKind::OneOf(_) => argument.value_name("WORD"),
        SettingKind::Key => argument.value_name("KEY"),
        SettingKind::Text => argument.value_name("TEXT"),
    }
}

/// Global arguments are found at every level below the one at which they were given.
fn innermost(matches: &ArgMatches) -> &ArgMatches {
    let mut innermost = matches;
    while let Some((_, below)) = innermost.subcommand() {
        innermost = below;
    }
    innermost
}

fn action(matches: &ArgMatches) -> Action {
    let (command, below) = match matches.subcommand() {
        Some((command, matches)) => (command, matches.subcommand()),
        None => ("run", None),
    };
    match (command, below) {
        ("plugins", Some(("explain", matches))) => {
            Action::PluginsExplain(matches.get_one::<String>("name").cloned().unwrap_or_default())
        }
        ("plugins", Some(("check", _))) => Action::PluginsCheck,
        ("plugins", _) => Action::PluginsList,
        #[cfg(feature = "auth-credentials")]
        ("hash-password", _) => {
            let hashing = matches.subcommand_matches("hash-password");
            Action::HashPassword(hashing.and_then(|matches| matches.get_one::<String>("hashed-for").cloned()))
        }
        #[cfg(feature = "auth-biscuit")]
        ("token", Some((name, matches))) => Action::Token(TokenCommand::read(name, matches)),
        ("db", _) => matches
            .subcommand_matches("db")
            .and_then(DbCommand::read)
            .map_or(Action::Db(DbCommand::Check), Action::Db),
        ("access", _) => matches
            .subcommand_matches("access")
            .and_then(access::read)
            .map_or(Action::ConfigExample, Action::Access),
        ("audit", _) => matches
            .subcommand_matches("audit")
            .and_then(AuditCommand::read)
            .map_or(Action::Audit(AuditCommand::PublicKey), Action::Audit),
        ("config", Some(("check", _))) => Action::ConfigCheck,
        ("config", _) => Action::ConfigExample,
        _ => Action::Run,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<CommandLine, clap::Error> {
        let table = SettingsTable::of(&[]).unwrap();
        let all = std::iter::once("claviger-server").chain(arguments.iter().copied());
        CommandLine::read(&table, all.map(OsString::from).collect())
    }

    #[test]
    fn without_a_command_the_server_runs() {
        assert_eq!(read(&[]).unwrap().action, Action::Run);
        assert_eq!(read(&["run"]).unwrap().action, Action::Run);
    }

    #[test]
    fn settings_may_stand_before_and_after_the_command() {
        for arguments in [["--port", "1", "plugins", "check"], ["plugins", "check", "--port", "1"]] {
            let line = read(&arguments).unwrap();
            assert_eq!(line.action, Action::PluginsCheck);
            assert_eq!(line.flags.get("port").map(String::as_str), Some("1"));
        }
    }

    #[test]
    fn a_switch_alone_means_true() {
        assert_eq!(read(&["--clear-database"]).unwrap().flags.get("clear-database").unwrap(), "true");
        assert_eq!(read(&["--clear-database=false"]).unwrap().flags.get("clear-database").unwrap(), "false");
    }

    #[test]
    fn a_misspelt_flag_is_refused_with_a_suggestion() {
        let error = read(&["--prot", "1"]).err().unwrap().to_string();
        assert!(error.contains("--port"), "{error}");
    }

    #[test]
    fn the_command_is_sound() {
        command(&SettingsTable::of(&[]).unwrap()).debug_assert();
    }
}
