//! What each command does.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use claviger_engine::registry::{Registry, linked_settings};
use claviger_plugin_sdk::settings::Settings;

use crate::audit::command as audit;
use crate::command_line::{Action, CommandLine};
use crate::configuration::example::example;
use crate::configuration::table::SettingsTable;
use crate::configuration::{Configuration, Sources};
use crate::db::{self, Setting};
use crate::failure::Failure;
#[cfg(feature = "auth-credentials")]
use crate::hash_password;
use crate::secret_memory::CoreDumps;
#[cfg(feature = "auth-biscuit")]
use crate::token;
use crate::{access, plugin_options, serve, start};

/// Does what the arguments ask for.
pub(crate) fn perform(arguments: Vec<OsString>) -> Result<(), Failure> {
    let core_dumps = CoreDumps::refuse();
    let table = SettingsTable::of(&linked_settings())?;
    let line = match CommandLine::read(&table, arguments) {
        Ok(line) => line,
        Err(error) => return explain_usage(&error),
    };
    if line.action == Action::ConfigExample {
        return print(&example(&table));
    }
    #[cfg(feature = "auth-credentials")]
    if let Action::HashPassword(hashed_for) = &line.action {
        return print(&hash_password::hash(hashed_for.as_deref())?);
    }
    #[cfg(feature = "auth-biscuit")]
    if let Action::Token(command) = &line.action
        && let Some(answer) = token::offline(command)?
    {
        return print(&answer);
    }
    let sources = sources(line.flags, line.config)?;
    let configuration = Configuration::read(&table, &sources)?;
    let warnings = configuration.warnings().to_vec();
    let libraries = configuration.libraries().to_vec();
    let settings = configuration.into_settings()?;
    if line.action == Action::Run {
        return serve::run(&settings, &libraries, &warnings, core_dumps);
    }
    core_dumps.settle(&settings);
    let registry = || plugin_options::registry(&settings, &libraries);
    match line.action {
        Action::Run | Action::ConfigExample => Ok(()),
        #[cfg(feature = "auth-credentials")]
        Action::HashPassword(_) => Ok(()),
        #[cfg(feature = "auth-biscuit")]
        Action::Token(command) => print(&token::mint(&command, &settings)?),
        Action::ConfigCheck => config_check(&registry()?, &settings, &warnings),
        Action::PluginsList => print(&registry()?.report().to_string()),
        Action::PluginsExplain(name) => plugins_explain(&registry()?, &name),
        Action::PluginsCheck => plugins_check(&registry()?),
        Action::Access(asked) => print(&access::perform(&asked, &settings, Arc::new(registry()?))?),
        Action::Audit(command) => print(&audit::perform(&command, &settings, &registry)?),
        Action::Db(command) => {
            let destination = destination(&table, sources, line.destination)?;
            let identifying_flags = db::identifying_flags(&table);
            let with = Setting {
                settings: &settings,
                destination,
                identifying_flags,
                registry: Arc::new(registry()?),
            };
            print(&db::perform(command, with)?)
        }
    }
}

/// The settings of another database: those that were given for it, and the configuration's for whatever else.
fn destination(
    table: &SettingsTable,
    mut sources: Sources,
    flags: BTreeMap<&'static str, String>,
) -> Result<Settings, Failure> {
    sources.flags.extend(flags);
    Ok(Configuration::read(table, &sources)?.into_settings()?)
}

/// Help and version are answers; anything else is an error that clap words.
fn explain_usage(error: &clap::Error) -> Result<(), Failure> {
    if error.use_stderr() {
        let text = error.render().to_string();
        return Err(Failure::usage(text.trim_start_matches("error: ").trim_end()));
    }
    print(&error.render().to_string())
}

fn sources(flags: BTreeMap<&'static str, String>, config: Option<PathBuf>) -> Result<Sources, Failure> {
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let named = environment.get("KMS_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
    let file = config.or(named).map(|path| {
        let name = path.display().to_string();
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok((name, text)),
            Err(error) => Err(Failure::usage(format!("cannot read the configuration file {name}: {error}"))),
        }
    });
    Ok(Sources { flags, environment, file: file.transpose()? })
}

fn config_check(registry: &Registry, settings: &Settings, warnings: &[String]) -> Result<(), Failure> {
    start::check(settings, registry)?;
    let warnings: String = warnings.iter().map(|warning| format!("warning: {warning}\n")).collect();
    print(&format!(
        "{warnings}The configuration is sound. Data is kept below {}.\n",
        settings.root().display()
    ))
}

fn plugins_explain(registry: &Registry, name: &str) -> Result<(), Failure> {
    let decisions = registry.report().explain(name);
    if decisions.is_empty() {
        let message =
            format!("no plugin or entry is called `{name}`; `claviger-server plugins list` lists them");
        return Err(Failure::new(message));
    }
    print(&decisions.iter().map(|decision| format!("{decision}\n")).collect::<String>())
}

fn plugins_check(registry: &Registry) -> Result<(), Failure> {
    let entries = registry.report().decisions().len();
    let plugins = crate::linked::expected().len();
    print(&format!("All {plugins} plugins that are compiled in have registered, with {entries} entries.\n"))
}

/// Prints an answer. A reader who has gone (`| head`) is no failure.
fn print(text: &str) -> Result<(), Failure> {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("cannot write the answer: {error}")))
        }
        _ => Ok(()),
    }
}
