//! `claviger-server audit …`: what an operator does with an audit log.

use std::path::PathBuf;

use clap::ArgMatches;
use claviger_engine::registry::Registry;
use claviger_plugin_sdk::settings::Settings;

pub(crate) use super::arguments::command;
use super::arguments::wanted;
use super::database_lines::DatabaseSnapshot;
use super::export::{self, Export, Format};
use super::file::first_line;
use super::head::{self, Head, PublicKey, beside, head_file};
use super::instance::FILE;
use super::kept_heads::{OF_DATABASE, OF_FILES};
use super::lines::{FileLines, Lines};
use super::progress::Progress;
use super::show::{self, Show};
use super::verify::{Broken, Summary, Terms, Verifier};
use super::{end, files, key_path, log_path};
use crate::failure::Failure;

/// What is to be done with a log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AuditCommand {
    /// Tell whether it is what was written.
    Verify(Log),
    /// Print records.
    Show(Log, Show),
    /// Write a part of it, with what proves it.
    Export(Log, Export),
    /// Print the key that verifies it.
    PublicKey,
}

/// Which log, and what it is held to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Log {
    files: Vec<PathBuf>,
    public_keys: Vec<PathBuf>,
    head: Option<PathBuf>,
    no_head: bool,
    partial: bool,
    strict: bool,
    /// Those that the database has; or the head there, too, where files are named.
    database: bool,
    /// That with this name alone.
    log: Option<String>,
}

impl AuditCommand {
    /// What the arguments below `audit` ask for.
    pub(crate) fn read(matches: &ArgMatches) -> Option<Self> {
        let (name, matches) = matches.subcommand()?;
        Some(match name {
            "verify" => Self::Verify(Log::read(matches)),
            "show" => {
                let show = Show {
                    wanted: wanted(matches),
                    last: matches.get_one("last").copied(),
                    follow: matches.get_flag("follow"),
                    json: matches.get_flag("json"),
                };
                Self::Show(Log::read(matches), show)
            }
            "export" => {
                let export = Export {
                    from: matches.get_one("from-line").copied(),
                    to: matches.get_one("to-line").copied(),
                    since: matches.get_one("since").cloned(),
                    until: matches.get_one("until").cloned(),
                    format: match matches.get_one::<String>("format").map(String::as_str) {
                        Some("csv") => Format::Csv,
                        _ => Format::Lines,
                    },
                    output: matches.get_one::<PathBuf>("output").cloned()?,
                };
                Self::Export(Log::read(matches), export)
            }
            "public-key" => Self::PublicKey,
            _ => return None,
        })
    }
}

/// Does what the command asks for; the text is its answer.
///
/// # Errors
/// It failed, or the log is broken.
pub(crate) fn perform(
    command: &AuditCommand,
    settings: &Settings,
    registry: &dyn Fn() -> Result<Registry, Failure>,
) -> Result<String, Failure> {
    let settings = &Configured { settings, registry };
    match command {
        AuditCommand::Verify(log) => verify(log, settings),
        AuditCommand::Show(log, show) => {
            let names = log.names(settings)?;
            if show.follow && names.iter().any(Option::is_some) {
                return Err(Failure::usage("--follow is for files: what a database has is read once"));
            }
            for name in names {
                show::run(log.lines(settings, name.as_deref())?, show)?;
            }
            Ok(String::new())
        }
        AuditCommand::Export(log, export) => {
            let names = log.names(settings)?;
            let [name] = &names[..] else {
                let names: Vec<String> = names.into_iter().flatten().collect();
                return Err(Failure::usage(format!(
                    "the database has several logs; name one by --log: {}",
                    names.join(", ")
                )));
            };
            let summary = checked(log, settings, name.as_deref())?;
            let (lines, kept) = log.lines_and_head(settings, name.as_deref())?;
            export::run(lines, export, &summary, kept.as_ref())
        }
        AuditCommand::PublicKey => Ok(PublicKey::read(&key_path(settings.settings))?.to_pem()),
    }
}

/// The settings, and what this build can do.
struct Configured<'s> {
    settings: &'s Settings,
    registry: &'s dyn Fn() -> Result<Registry, Failure>,
}

impl Configured<'_> {
    /// The database as it is now.
    fn snapshot(&self) -> Result<DatabaseSnapshot, Failure> {
        DatabaseSnapshot::open(self.settings, &(self.registry)()?)
    }
}

fn verify(log: &Log, settings: &Configured<'_>) -> Result<String, Failure> {
    let names = log.names(settings)?;
    if let [name] = &names[..] {
        return verify_one(log, settings, name.as_deref());
    }
    let (mut whole, mut broken) = (String::new(), Vec::new());
    // One that is broken keeps none of the others from being looked at.
    for name in names {
        match verify_one(log, settings, name.as_deref()) {
            Ok(told) => whole.push_str(&told),
            Err(failure) => broken.push(failure.to_string()),
        }
    }
    match broken.is_empty() {
        true => Ok(whole),
        false => Err(Failure::new(format!("{}\n{whole}", broken.join("\n")).trim_end().to_owned())),
    }
}

fn verify_one(log: &Log, settings: &Configured<'_>, name: Option<&str>) -> Result<String, Failure> {
    let summary = checked(log, settings, name)?;
    let told = told(&summary);
    match log.strict && !summary.notes.is_empty() {
        true => Err(Failure::new(format!("--strict: there is something to note\n{told}"))),
        false => Ok(told),
    }
}

/// What is known of a log that is whole.
fn told(summary: &Summary) -> String {
    let Summary { first, last, heads, signed, notes, .. } = summary;
    let mut text: String = notes.iter().map(|note| format!("note: {note}\n")).collect();
    text.push_str(&format!(
        "The audit log {} is whole: lines {first} to {}, with {heads} signed heads.\n",
        summary.log.as_deref().unwrap_or("of unknown name"),
        last.seq
    ));
    text.push_str(&match last.seq - signed {
        0 => "Its last line is signed.\n".to_owned(),
        more => format!("Its last {more} lines are behind the newest head, and not signed yet.\n"),
    });
    text
}

/// Reads a log to its end, and verifies it.
fn checked(log: &Log, settings: &Configured<'_>, name: Option<&str>) -> Result<Summary, Failure> {
    let of = name.map(|name| format!(" {name}")).unwrap_or_default();
    let broken = |Broken { place, why }| {
        Failure::new(format!("the audit log{of} is not what was written: {place}: {why}"))
    };
    // The head before the first line: what is written meanwhile is behind it.
    let (mut lines, head) = log.lines_and_head(settings, name)?;
    let terms = log.terms(settings, head)?;
    let progress = Progress::start("verifying", lines.size());
    let (mut verifier, mut line) = (Verifier::new(terms), Vec::new());
    while lines.next(&mut line)? || lines.half(&mut line) {
        progress.advance(line.len());
        verifier.read(&line, || lines.place()).map_err(broken)?;
    }
    verifier.finish().map_err(broken)
}

impl Log {
    fn read(matches: &ArgMatches) -> Self {
        let paths = |name| {
            let given = matches.try_get_many::<PathBuf>(name).ok().flatten();
            given.map(|given| given.cloned().collect()).unwrap_or_default()
        };
        let flag = |name| matches.try_get_one::<bool>(name).ok().flatten().copied().unwrap_or_default();
        let head: Vec<PathBuf> = paths("head");
        Self {
            files: paths("file"),
            public_keys: paths("public-key"),
            head: head.into_iter().next(),
            no_head: flag("no-head"),
            partial: flag("partial"),
            strict: flag("strict"),
            database: flag("database"),
            log: matches.try_get_one::<String>("log").ok().flatten().cloned(),
        }
    }

    /// The files, the oldest first.
    fn ordered(&self, settings: &Settings) -> Result<Vec<PathBuf>, Failure> {
        let files = match (self.files.is_empty(), log_path(settings)) {
            (false, _) => files::in_order(self.files.clone())?,
            (true, Some(path)) => files::of_log(&path)?,
            (true, None) => return Err(Failure::usage("--audit-file is `none`: name the files of the log")),
        };
        match files.is_empty() {
            true => Err(Failure::new("there is no audit log: none of the files begins with a line of one")),
            false => Ok(files),
        }
    }

    /// The names of the logs in the database that are meant; nothing but one without a name for files.
    fn names(&self, settings: &Configured<'_>) -> Result<Vec<Option<String>>, Failure> {
        if !self.database || !self.files.is_empty() {
            return Ok(vec![None]);
        }
        let names = match &self.log {
            Some(log) => vec![Some(log.clone())],
            None => {
                let mut logs = settings.snapshot()?.logs()?;
                // That of the server here is missed even where nothing in the database names it any more.
                logs.extend(head::read_file(&head_beside_database(settings.settings))?.map(|head| head.log));
                logs.into_iter().map(Some).collect::<Vec<_>>()
            }
        };
        match names.is_empty() {
            true => Err(Failure::new("there is no audit log in the database")),
            false => Ok(names),
        }
    }

    fn lines(&self, settings: &Configured<'_>, name: Option<&str>) -> Result<Box<dyn Lines>, Failure> {
        Ok(match name {
            Some(name) => Box::new(settings.snapshot()?.lines(name)),
            None => Box::new(FileLines::of(self.ordered(settings.settings)?)?),
        })
    }

    /// The lines, and the head that was kept, which is not behind them.
    fn lines_and_head(
        &self,
        settings: &Configured<'_>,
        name: Option<&str>,
    ) -> Result<(Box<dyn Lines>, Option<Head>), Failure> {
        let Some(name) = name else {
            let head = self.head_of_files(settings)?;
            return Ok((self.lines(settings, None)?, head));
        };
        let beside = match &self.head {
            Some(file) => head::read_file(file)?,
            // That of the server here, which may have written this log.
            None => {
                head::read_file(&head_beside_database(settings.settings))?.filter(|head| head.log == name)
            }
        };
        let mut snapshot = settings.snapshot()?;
        let head = match (&self.head, self.no_head) {
            (_, true) => None,
            (Some(_), _) => beside,
            (None, _) => newer(beside, snapshot.head(OF_DATABASE, name)?),
        };
        Ok((Box::new(snapshot.lines(name)), head))
    }

    fn terms(&self, settings: &Configured<'_>, head: Option<Head>) -> Result<Terms, Failure> {
        let keys = match self.public_keys.is_empty() {
            false => self.public_keys.clone(),
            true => vec![key_path(settings.settings)],
        };
        let keys = keys.iter().map(|file| PublicKey::read(file)).collect::<Result<_, _>>()?;
        if head.is_none() && !self.no_head {
            return Err(Failure::new(
                "no head of the log was kept, so nobody could tell whether its end is missing: name one by --head, or \
                 say --no-head",
            ));
        }
        Ok(Terms { keys, head, partial: self.partial })
    }

    /// The newer one of the head that is named, or that stands beside the last file, and of that which the database
    /// keeps, if that is asked.
    fn head_of_files(&self, settings: &Configured<'_>) -> Result<Option<Head>, Failure> {
        let files = self.ordered(settings.settings)?;
        let beside = match (&self.head, self.no_head) {
            (_, true) => None,
            (Some(file), _) => head::read_file(file)?,
            (None, _) => head::read_file(&self.file_of_head(settings.settings)?)?,
        };
        if !self.database {
            return Ok(beside);
        }
        let first = files.first().and_then(|file| first_line(file).ok());
        let log = first.and_then(|line| end::log_of(&line)).ok_or_else(|| {
            Failure::new("the first line does not name its log, so --database cannot find the head of it")
        })?;
        let kept = settings.snapshot()?.head(OF_FILES, &log)?;
        let kept =
            kept.ok_or_else(|| Failure::new(format!("the database keeps no head of the log {log}")))?;
        Ok(newer(beside, Some(kept)))
    }

    fn file_of_head(&self, settings: &Settings) -> Result<PathBuf, Failure> {
        Ok(match (self.files.is_empty(), log_path(settings)) {
            (true, Some(path)) => head_file(&path),
            _ => head_file(&self.ordered(settings)?.pop().unwrap_or_default()),
        })
    }
}

/// The file with the newest head of the log that the server here writes into the database.
fn head_beside_database(settings: &Settings) -> PathBuf {
    beside(&settings.root().join(FILE), ".head")
}

/// The one of two heads that is about more.
fn newer(one: Option<Head>, other: Option<Head>) -> Option<Head> {
    one.into_iter().chain(other).max_by_key(|head| head.link.seq)
}
