//! The arguments of `claviger-server audit …`.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::show::Wanted;

const EXAMPLES: &str = "\
Examples:
  claviger-server --config claviger.toml audit verify
      Every record of the log that the configuration names, in all of its files
  claviger-server --config claviger.toml audit public-key > audit.pub
      The key that verifies the log: keep it where nobody has it who writes the log
  claviger-server --config claviger.toml audit show --user alice --operation Get --since 2026-11-26
  claviger-server --config claviger.toml audit export --since 2026-11-01 --until 2026-11-30 --output november.jsonl";

const VERIFY_EXAMPLES: &str = "\
Reads the log from its first line to its last one, while a server may write on. The exit code is 0 if it is whole, and 1 if a
record was changed, removed, moved or added, or if the end is missing; the first place where that shows is named.

Examples:
  claviger-server --config claviger.toml audit verify
  claviger-server audit verify audit.jsonl.000000091022 audit.jsonl --public-key audit.pub --head kept/audit.jsonl.head
      On another machine: the files of a log, the public key and a head that was kept elsewhere
  claviger-server --config claviger.toml audit verify --database --public-key a.pub --public-key b.pub
      The logs of all servers that write them into the database of the configuration, each signed with a key of its own
  claviger-server --config claviger.toml audit verify audit.jsonl.* audit.jsonl --database
      A log in files, held to the head of it that the database keeps
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
Verifies the whole log, and writes the lines from one to another into a file, up to the next signed head behind them. What
proves them goes into a second file, whose name ends in .proof: the hash that the first line names, the last line and a
signed head about it. `audit verify --partial` verifies the two. CSV is for people and programs that read tables; it proves
nothing by itself.

Examples:
  claviger-server --config claviger.toml audit export --since 2026-11-01 --until 2026-11-30 --output november.jsonl
  claviger-server --config claviger.toml audit export --from-line 100 --to-line 250 --format csv --output some.csv";

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
                    switch("partial", "The log may begin behind its first line"),
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
                    text("from-line", "NUMBER", "The first line, by its number `seq`")
                        .value_parser(value_parser!(u64)),
                    text("to-line", "NUMBER", "The last line").value_parser(value_parser!(u64)),
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

fn log_arguments() -> [Arg; 3] {
    [
        Arg::new("file").value_name("FILE").num_args(0..).value_parser(value_parser!(PathBuf)).help(
            "The files of the log, in any order; when absent, those of the log that the configuration names",
        ),
        switch(
            "database",
            "The logs that the database of the configuration has; with a FILE, its log is held to the head there, too",
        ),
        text("log", "NAME", "That with this name, of those in the database")
            .requires("database")
            .conflicts_with("file"),
    ]
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
pub(super) fn time(text: &str) -> Result<String, String> {
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

/// Which records are asked for.
pub(super) fn wanted(matches: &ArgMatches) -> Wanted {
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
