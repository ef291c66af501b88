//! `claviger-server access explain`: whether somebody may do something with an object, and which rule says so.

use std::fmt::Write as _;
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command};
use claviger_engine::registry::Registry;
use claviger_kmip::Tag;
use claviger_kmip::field::TtlvValue as _;
use claviger_kmip::message::RequestMessage;
use claviger_kmip::payloads::access::{EXPLAIN, ExplainRequest, ExplainResponse, ExplainedRule};
use claviger_kmip::tables::enumerations::{OperationCode, ResultStatus};
use claviger_kmip::version::ProtocolVersion;
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::dialect::{Dialect, Standard};
use claviger_plugin_sdk::plugin::Catalogue as _;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::settings::Settings;

use super::one_object::OneObject;
use crate::db;
use crate::failure::Failure;
use crate::http::REST;
use crate::start;

const EXAMPLES: &str = "\
Reads one state of the database, also while a server uses it, and changes nothing. Who is an operator, who may make objects,
which grant implies which and the policy for algorithms are as the configuration says. The exit code is 0 whatever the answer.

Examples:
  claviger-server --config claviger.toml access explain bob Decrypt 4f2b...
  claviger-server --config claviger.toml access explain bob Get 4f2b... --group backup --group readers
  claviger-server --config claviger.toml access explain bob Get 4f2b... --rest
      For a client of the REST JSON family, which sees fewer objects
  claviger-server --database-type sqlite-enc --database-secret @group.token access explain bob Get 4f2b...
      In the database of one group";

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    user: String,
    groups: Vec<String>,
    operation: String,
    object: String,
    rest: bool,
}

/// The command.
pub(crate) fn command() -> Command {
    let explain = Command::new("explain")
        .about("Says whether a user may do something with an object, and which rule decides")
        .after_help(EXAMPLES)
        .arg(Arg::new("user").value_name("USER").required(true).help("The user, by name"))
        .arg(
            Arg::new("operation")
                .value_name("OPERATION")
                .required(true)
                .help("The operation, such as Get or GetAttributes"),
        )
        .arg(
            Arg::new("object")
                .value_name("OBJECT")
                .required(true)
                .help("The Unique Identifier of the object"),
        )
        .arg(
            Arg::new("group")
                .long("group")
                .value_name("NAME")
                .action(ArgAction::Append)
                .help("A group of the user; may be given several times"),
        )
        .arg(
            Arg::new("rest")
                .long("rest")
                .action(ArgAction::SetTrue)
                .help("Explain it for a client of the REST JSON family"),
        );
    Command::new("access")
        .about("Tells who may do what")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(explain)
}

/// What the command line asks.
pub(crate) fn read(matches: &ArgMatches) -> Option<Asked> {
    let matches = matches.subcommand_matches("explain")?;
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    Some(Asked {
        user: text("user")?,
        groups: matches.get_many::<String>("group").into_iter().flatten().cloned().collect(),
        operation: text("operation")?,
        object: text("object")?,
        rest: matches.get_flag("rest"),
    })
}

/// The answer.
///
/// # Errors
/// The operation or the object is not there, or the database cannot be read.
pub(crate) fn perform(
    asked: &Asked,
    settings: &Settings,
    registry: Arc<Registry>,
) -> Result<String, Failure> {
    let operation = operation(&asked.operation, &registry)?;
    let dialect = dialect(asked.rest, &registry)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("cannot start threads: {error}")))?;
    runtime.block_on(async {
        let mut snapshot = db::snapshot(settings, &registry).await?;
        let absent = || Failure::new(format!("there is no object {}", asked.object));
        let id = ObjectId::new(&asked.object).map_err(|_| absent())?;
        let found = snapshot.object(&id).await.map_err(|error| Failure::from_error("database", &error))?;
        let object = found.ok_or_else(absent)?;
        let engine = start::engine_to_explain(settings, registry, Arc::new(OneObject::new(object)))?;
        let request = ExplainRequest {
            unique_identifier: Some(asked.object.as_str().into()),
            operation,
            username: names(asked, settings),
        };
        let failed = |error: claviger_plugin_sdk::Error| Failure::new(error.message().to_owned());
        let caller = engine.authenticate(Arc::new(ConnectionFacts::internal())).await.map_err(failed)?;
        let message = RequestMessage::of_one(ProtocolVersion::V2_1, EXPLAIN, request.into_value());
        let mut outcomes = engine.handle_in(&caller, dialect, message).await.map_err(failed)?;
        let outcome = outcomes.pop().ok_or_else(|| Failure::new("there was no answer"))?;
        let payload = outcome.result.map_err(failed)?.into_value();
        let response = ExplainResponse::from_value(Tag::RESPONSE_PAYLOAD, payload)
            .map_err(|error| Failure::new(format!("the answer cannot be read: {error}")))?;
        Ok(told(asked, acting(asked, settings), &response))
    })
}

/// As whom the user acts.
fn acting<'a>(asked: &'a Asked, settings: &'a Settings) -> &'a str {
    let forced = settings.switch("force-default-username");
    let default = settings.text("default-username").filter(|_| forced);
    default.unwrap_or(&asked.user)
}

/// The user and the groups, as a request names them.
fn names(asked: &Asked, settings: &Settings) -> Vec<String> {
    let user = acting(asked, settings);
    // Whoever acts as somebody else has no groups.
    let own_groups = if user == asked.user { &asked.groups[..] } else { &[] };
    let groups = own_groups.iter().map(|group| format!("group:{group}"));
    std::iter::once(user.to_owned()).chain(groups).collect()
}

/// The operation of this name, whatever the spaces and hyphens in it.
fn operation(name: &str, registry: &Registry) -> Result<OperationCode, Failure> {
    let plain = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
    };
    let codes = registry.operations().into_iter().map(|(code, _)| code);
    let named = |code: OperationCode| registry.operation(code).map(|operation| plain(operation.name()));
    codes.into_iter().find(|code| named(*code) == Some(plain(name))).ok_or_else(|| {
        Failure::usage(format!(
            "this server has no operation `{name}`; `claviger-server plugins list` lists them"
        ))
    })
}

fn dialect(rest: bool, registry: &Registry) -> Result<&'static dyn Dialect, Failure> {
    match rest {
        false => Ok(&Standard),
        true => {
            registry.dialect(REST).ok_or_else(|| Failure::usage("--rest: this build has no REST dialect"))
        }
    }
}

fn told(asked: &Asked, user: &str, response: &ExplainResponse) -> String {
    let verdict = match response.result_status {
        ResultStatus::SUCCESS => "may",
        _ => "MAY NOT",
    };
    let mut text = match user == asked.user {
        true => String::new(),
        false => format!("{} acts as {user}, as everybody does (--force-default-username)\n", asked.user),
    };
    // A text grows; that does not fail.
    let _ = writeln!(text, "{user} {verdict} {} {}", asked.operation, response.unique_identifier);
    let width = response.right.iter().map(|rule| rule.name.len()).max().unwrap_or_default();
    for ExplainedRule { name, result_status, result_reason, result_message } in &response.right {
        let mark = if *result_status == ResultStatus::SUCCESS { "yes" } else { "NO " };
        let reason = result_reason.map(|reason| format!(" ({reason:?})")).unwrap_or_default();
        let _ = writeln!(text, "  {mark}  {name:width$}  {result_message}{reason}");
    }
    text
}
