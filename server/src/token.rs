//! `claviger-server token`: makes tokens (biscuits), narrows them and says what they are.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Arg, ArgAction, ArgMatches, Command};
use claviger_auth_biscuit::{Attenuation, inspect, keygen, mint_token, parse_moment};
use claviger_plugin_sdk::Error;
use claviger_plugin_sdk::settings::Settings;

use crate::failure::Failure;

/// What is done with tokens. It has no `Debug` of its own words: a token is a secret.
#[derive(PartialEq, Eq)]
pub(crate) enum TokenCommand {
    /// Writes a new root key into this file.
    Keygen(PathBuf),
    /// Makes a token.
    Mint {
        /// For this user.
        user: String,
        /// With these groups.
        groups: Vec<String>,
        /// For this alone.
        narrowed: Narrowed,
    },
    /// Narrows a token.
    Attenuate(String, Narrowed),
    /// Says what a token is.
    Inspect(String),
}

impl std::fmt::Debug for TokenCommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenCommand")
    }
}

/// What narrows a token, as the command line says it.
#[derive(Default, PartialEq, Eq)]
pub(crate) struct Narrowed {
    operations: Vec<String>,
    objects: Vec<String>,
    tags: Vec<String>,
    types: Vec<String>,
    expires: Option<String>,
    count: Option<i64>,
}

const EXAMPLES: &str = "\
Examples:
  claviger-server token keygen biscuit.key
      A root key in a new file, and the public key that other servers need
  claviger-server token mint --biscuit-root-key-file ./biscuit.key --user alice --expires 12h
      A token that acts as alice until tonight
  claviger-server token attenuate En0KEw... --operations Encrypt,Decrypt --tags backup --count 100
      From it one for a hundred uses of the keys with the tag `backup`; this needs no key and no server
  claviger-server token inspect - < token.txt
      What a token says, with its revocation identifiers

A token is as good as a password. `-` in its place reads it from standard input, so that it does not show among processes.";

/// The command.
pub(crate) fn command() -> Command {
    let token =
        || Arg::new("token").value_name("TOKEN").required(true).help("The token; - reads standard input");
    Command::new("token")
        .about("Makes tokens (biscuits) for users, narrows them and says what they are")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help(EXAMPLES)
        .subcommand(
            Command::new("keygen").about("Writes a new private root key and prints the public one").arg(
                Arg::new("file")
                    .value_name("FILE")
                    .required(true)
                    .value_parser(clap::value_parser!(PathBuf))
                    .help("A new file, which nobody else can read"),
            ),
        )
        .subcommand(
            Command::new("mint")
                .about("Makes a token for a user, by the root key of --biscuit-root-key-file")
                .arg(Arg::new("user").long("user").value_name("NAME").required(true).help("As whom it acts"))
                .arg(list("groups", "NAMES", "Groups of the user, separated by commas"))
                .args(narrowing()),
        )
        .subcommand(
            Command::new("attenuate")
                .about("Narrows a token further; needs no key")
                .arg(token())
                .args(narrowing()),
        )
        .subcommand(Command::new("inspect").about("Says what a token is; does not verify it").arg(token()))
}

fn narrowing() -> [Arg; 6] {
    [
        list("operations", "NAMES", "Only these operations, such as Encrypt,GetAttributes"),
        list("objects", "IDS", "Only on these objects"),
        list("tags", "TAGS", "Only on objects that have all of these tags"),
        list("types", "NAMES", "Only on objects of these types, such as SymmetricKey,PrivateKey"),
        Arg::new("expires")
            .long("expires")
            .value_name("TIME")
            .help("Only until then: 2030-01-01T00:00:00Z, or 90s, 15m, 12h, 30d from now on"),
        Arg::new("count")
            .long("count")
            .value_name("NUMBER")
            .value_parser(clap::value_parser!(i64).range(1..))
            .help("Only for so many operations, those that fail included"),
    ]
}

fn list(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).value_delimiter(',').action(ArgAction::Append).help(help)
}

impl TokenCommand {
    /// What the arguments of a subcommand ask for.
    pub(crate) fn read(name: &str, matches: &ArgMatches) -> Self {
        let text = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
        match name {
            "keygen" => Self::Keygen(matches.get_one::<PathBuf>("file").cloned().unwrap_or_default()),
            "mint" => Self::Mint {
                user: text("user"),
                groups: texts(matches, "groups"),
                narrowed: Narrowed::read(matches),
            },
            "attenuate" => Self::Attenuate(text("token"), Narrowed::read(matches)),
            _ => Self::Inspect(text("token")),
        }
    }
}

fn texts(matches: &ArgMatches, name: &str) -> Vec<String> {
    matches.get_many::<String>(name).unwrap_or_default().cloned().collect()
}

impl Narrowed {
    fn read(matches: &ArgMatches) -> Self {
        Self {
            operations: texts(matches, "operations"),
            objects: texts(matches, "objects"),
            tags: texts(matches, "tags"),
            types: texts(matches, "types"),
            expires: matches.get_one::<String>("expires").cloned(),
            count: matches.get_one::<i64>("count").copied(),
        }
    }

    fn attenuation(&self) -> Result<Attenuation, Failure> {
        let until = self.expires.as_deref().map(|text| parse_moment(text, now())).transpose();
        Ok(Attenuation {
            operations: self.operations.clone(),
            objects: self.objects.clone(),
            tags: self.tags.clone(),
            types: self.types.clone(),
            until: until.map_err(|error| wrong(&error))?,
            uses: self.count,
        })
    }
}

/// Does what needs no configuration; nothing if the command needs it.
///
/// # Errors
/// The options or the token are no good, or the file cannot be written.
pub(crate) fn offline(command: &TokenCommand) -> Result<Option<String>, Failure> {
    let answer = match command {
        TokenCommand::Keygen(file) => keygen(file),
        TokenCommand::Attenuate(token, narrowed) => narrowed.attenuation()?.narrow(&shown(token)?),
        TokenCommand::Inspect(token) => {
            return inspect(&shown(token)?).map(Some).map_err(|error| wrong(&error));
        }
        TokenCommand::Mint { .. } => return Ok(None),
    };
    answer.map(|line| Some(line + "\n")).map_err(|error| wrong(&error))
}

/// Makes a token by the root key of the settings; nothing for other commands.
///
/// # Errors
/// The options are no good, or the settings name no root key.
pub(crate) fn mint(command: &TokenCommand, settings: &Settings) -> Result<String, Failure> {
    let TokenCommand::Mint { user, groups, narrowed } = command else { return Ok(String::new()) };
    let token = mint_token(settings, user, groups, narrowed.attenuation()?, now());
    token.map(|token| token + "\n").map_err(|error| wrong(&error))
}

/// The token of an argument.
fn shown(token: &str) -> Result<String, Failure> {
    if token != "-" {
        return Ok(token.to_owned());
    }
    let read = std::io::read_to_string(std::io::stdin());
    read.map_err(|error| Failure::new(format!("cannot read the token: {error}")))
}

fn wrong(error: &Error) -> Failure {
    Failure::usage(error.message().to_owned())
}

fn now() -> i64 {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(passed.as_secs()).unwrap_or(i64::MAX)
}
