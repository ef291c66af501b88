//! `claviger-server audit …`: what an operator does with an audit log.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use claviger_plugin_sdk::settings::Settings;

use super::export::{self, Export, Format};
use super::head::{self, Head, PublicKey, head_file};
use super::lines::{FileLines, Lines};
use super::progress::Progress;
use super::show::{self, Show, Wanted};
use super::verify::{Broken, Summary, Terms, Verifier};
use super::{files, key_path, log_path};
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
}

const EXAMPLES: &str = "\
Examples:
  claviger-server --config claviger.toml audit verify
      Every record of the log that the configuration names, in all of its files
  claviger-server --config claviger.toml audit public-key > audit.pub
      The key that verifies the log: keep it where nobody has it who writes the log
  claviger-server --config claviger.toml audit show --user alice --operation Get --since 2026-11-26
  claviger-server --config claviger.toml audit export --since 2026-11-01 --until 2026-11-30 --output november.jsonl";

const VERIFY_EXAMPLES: &str = "\
Reads the log from its first record to its last one, while a server may write on. The exit code is 0 if it is whole, and 1 if a
record was changed, removed, moved or added, or if the end is missing; the first place where that shows is named.

Examples:
  claviger-server --config claviger.toml audit verify
  claviger-server audit verify audit.jsonl.000000091022 audit.jsonl --public-key audit.pub --head kept/audit.jsonl.head
      On another machine: the files of a log, the public key and a head that was kept elsewhere
  claviger-server audit verify november.jsonl --partial --public-key audit.pub --head november.jsonl.proof
      A part that `audit export` has written";

const SHOW_EXAMPLES: &str = "\
Prints records, and does not verify them. Times are in UTC, and may be cut off: 2026-11-26, or 2026-11-26T09:30.

Examples:
  claviger-server --config claviger.toml audit show --last 20
  claviger-server --config claviger.toml audit show --object 6f1c0a0e-4b0e-4a55-9a7e-5ad0ff4d2a0b
  claviger-server --config claviger.toml audit show --result failure --since 2026-11-26T09 --json
  claviger-server --config claviger.toml audit show --follow";

const EXPORT_EXAMPLES: &str = "\
Verifies the whole log, and writes the records from one to another into a file, up to the next signed head behind them. What
proves them goes into a second file, whose name ends in .proof: the hash that the first record names, the last record and a
signed head about it. `audit verify --partial` verifies the two. CSV is for people and programs that read tables; it proves
nothing by itself.

Examples:
  claviger-server --config claviger.toml audit export --since 2026-11-01 --until 2026-11-30 --output november.jsonl
  claviger-server --config claviger.toml audit export --from-record 100 --to-record 250 --format csv --output some.csv";

/// The commands.
pub(crate) fn command() -> Command {
    Command::new("audit")
        .about("Verifies, shows and exports the audit log")
        .after_help(EXAMPLES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([
            Command::new("verify")
                .about("Says whether the log is what was written")
                .after_help(VERIFY_EXAMPLES)
                .args(log_arguments())
                .args(terms_arguments())
                .args([
                    switch("partial", "The log may begin behind its first record"),
                    switch("strict", "Torn and lost records are an error, too, and not only a note"),
                ]),
            Command::new("show")
                .about("Prints records")
                .after_help(SHOW_EXAMPLES)
                .args(log_arguments())
                .args(wanted_arguments())
                .args([
                    text("last", "NUMBER", "Only so many, the latest").value_parser(value_parser!(usize)),
                    switch("follow", "Go on with what is written from now on"),
                    switch("json", "Print the lines of the log"),
                ]),
            Command::new("export")
                .about("Writes a part of the log into a file, with what proves it")
                .after_help(EXPORT_EXAMPLES)
                .args(log_arguments())
                .args(terms_arguments())
                .args([
                    text("from-record", "NUMBER", "The first record").value_parser(value_parser!(u64)),
                    text("to-record", "NUMBER", "The last record").value_parser(value_parser!(u64)),
                    text("since", "TIME", "The first time").value_parser(time),
                    text("until", "TIME", "The last time").value_parser(time),
                    text("format", "WORD", "jsonl or csv")
                        .value_parser(["jsonl", "csv"])
                        .default_value("jsonl"),
                    path("output", "The file to make").required(true),
                ]),
            Command::new("public-key").about("Prints the key that verifies the log, in PEM"),
        ])
}

fn log_arguments() -> [Arg; 1] {
    [Arg::new("file").value_name("FILE").num_args(0..).value_parser(value_parser!(PathBuf)).help(
        "The files of the log, in any order; when absent, those of the log that the configuration names",
    )]
}

fn terms_arguments() -> [Arg; 3] {
    [
        path(
            "public-key",
            "File with a key that verifies heads, in PEM; that of the configuration when absent",
        )
        .action(ArgAction::Append),
        path("head", "File with a head that was kept elsewhere; that beside the last file when absent"),
        switch("no-head", "There is no such head: nobody can tell whether the end is missing")
            .conflicts_with("head"),
    ]
}

fn wanted_arguments() -> [Arg; 7] {
    [
        text("user", "NAME", "Only those of this user"),
        text("operation", "NAME", "Only those of this operation, such as Encrypt"),
        text("object", "ID", "Only those about this object"),
        text("peer", "ADDRESS", "Only those from this address"),
        text("result", "WORD", "success or failure").value_parser(["success", "failure"]),
        text("since", "TIME", "Not those before").value_parser(time),
        text("until", "TIME", "Not those after").value_parser(time),
    ]
}

fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn text(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn path(name: &'static str, help: &'static str) -> Arg {
    text(name, "PATH", help).value_parser(value_parser!(PathBuf))
}

/// A time as records have it, or the beginning of one.
fn time(text: &str) -> Result<String, String> {
    const FORM: &str = "2026-11-26T09:30:00.000Z";
    let fits = text.len() >= 4 && text.len() <= FORM.len();
    let alike = text.bytes().zip(FORM.bytes()).all(|(byte, form)| match form {
        b'0'..=b'9' => byte.is_ascii_digit(),
        form => byte == form,
    });
    match fits && alike {
        true => Ok(text.to_owned()),
        false => Err(format!("times are written as {FORM}, or as the beginning of such a text")),
    }
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
                    from: matches.get_one("from-record").copied(),
                    to: matches.get_one("to-record").copied(),
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

fn wanted(matches: &ArgMatches) -> Wanted {
    let text = |name| matches.get_one::<String>(name).cloned();
    Wanted {
        user: text("user"),
        operation: text("operation"),
        object: text("object"),
        peer: text("peer"),
        success: text("result").map(|word| word == "success"),
        since: text("since"),
        until: text("until"),
    }
}

/// Does what the command asks for; the text is its answer.
///
/// # Errors
/// It failed, or the log is broken.
pub(crate) fn perform(command: &AuditCommand, settings: &Settings) -> Result<String, Failure> {
    match command {
        AuditCommand::Verify(log) => verify(log, settings),
        AuditCommand::Show(log, show) => {
            show::run(log.lines(settings)?, show)?;
            Ok(String::new())
        }
        AuditCommand::Export(log, export) => {
            let summary = checked(log, settings, log.lines(settings)?)?;
            export::run(log.lines(settings)?, export, &summary, log.terms(settings)?.head.as_ref())
        }
        AuditCommand::PublicKey => {
            let path = log_path(settings).ok_or_else(|| Failure::usage("--audit-file is `none`"))?;
            Ok(PublicKey::read(&key_path(settings, &path))?.to_pem())
        }
    }
}

fn verify(log: &Log, settings: &Settings) -> Result<String, Failure> {
    let summary = checked(log, settings, log.lines(settings)?)?;
    let Summary { first, last, heads, signed, notes, .. } = &summary;
    let mut text = String::new();
    for note in notes {
        text.push_str(&format!("note: {note}\n"));
    }
    text.push_str(&format!(
        "The audit log {} is whole: records {first} to {}, with {heads} signed heads.\n",
        summary.log.as_deref().unwrap_or("of unknown name"),
        last.seq
    ));
    match last.seq - signed {
        0 => text.push_str("Its last record is signed.\n"),
        more => text
            .push_str(&format!("Its last {more} records are behind the newest head, and not signed yet.\n")),
    }
    if log.strict && !notes.is_empty() {
        return Err(Failure::new(format!("--strict: there is something to note\n{text}")));
    }
    Ok(text)
}

/// Reads a log to its end, and verifies it.
fn checked(log: &Log, settings: &Settings, mut lines: FileLines) -> Result<Summary, Failure> {
    // Before the first line: what is written meanwhile is behind the head.
    let terms = log.terms(settings)?;
    let broken = |Broken { place, why }| {
        Failure::new(format!("the audit log is not what was written: {place}: {why}"))
    };
    let progress = Progress::start("verifying", lines.size());
    let (mut verifier, mut line) = (Verifier::new(terms), Vec::new());
    while lines.next(&mut line)? {
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

    fn lines(&self, settings: &Settings) -> Result<FileLines, Failure> {
        FileLines::of(self.ordered(settings)?)
    }

    fn terms(&self, settings: &Settings) -> Result<Terms, Failure> {
        let path = log_path(settings);
        let keys = match (self.public_keys.is_empty(), &path) {
            (false, _) => self.public_keys.clone(),
            (true, Some(path)) => vec![key_path(settings, path)],
            (true, None) => return Err(Failure::usage("name the key that verifies the log by --public-key")),
        };
        let keys = keys.iter().map(|file| PublicKey::read(file)).collect::<Result<_, _>>()?;
        Ok(Terms { keys, head: self.kept_head(settings)?, partial: self.partial })
    }

    /// The head that was kept.
    fn kept_head(&self, settings: &Settings) -> Result<Option<Head>, Failure> {
        if self.no_head {
            return Ok(None);
        }
        let file = match (&self.head, self.files.is_empty(), log_path(settings)) {
            (Some(file), _, _) => file.clone(),
            (None, true, Some(path)) => head_file(&path),
            (None, _, _) => head_file(&self.ordered(settings)?.pop().unwrap_or_default()),
        };
        let read = head::read_file(&file)?;
        read.map(Some).ok_or_else(|| {
            Failure::new(format!(
                "there is no head in {}, so nobody could tell whether the end of the log is missing: name one by --head, \
                 or say --no-head",
                file.display()
            ))
        })
    }
}
