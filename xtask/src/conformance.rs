//! The OASIS test cases, on every transport and version, each run against a server with an empty store.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::certificates::Certificates;
use crate::conformance_report;
use crate::running_server::ServerStart;
use crate::score::{Later, Score, lines_of};
use crate::{Outcome, step, workspace};

const VERSIONS: [&str; 7] = ["1.0", "1.1", "1.2", "1.3", "1.4", "2.0", "2.1"];

#[derive(clap::Args, Default)]
#[command(after_help = "Examples:
  cargo xtask conformance
  cargo xtask conformance --report
  cargo xtask conformance --version 2.1 --transport http-json
  cargo xtask conformance --version 1.4 --only 'oasis/v1.4/CS-BC-M-*' --trace")]
pub(crate) struct Options {
    /// Only the cases of this KMIP version, such as 2.1
    #[arg(long, value_parser = VERSIONS)]
    version: Option<String>,
    /// Only the cases whose name matches, such as 'CS-BC-M-*'
    #[arg(long, value_name = "GLOB")]
    only: Option<String>,
    /// Only this transport
    #[arg(long)]
    transport: Option<Transport>,
    /// Show the suite's own output, with all messages as XML
    #[arg(long)]
    trace: bool,
    /// Also write the score of each profile on each wire form to docs/conformance.md
    #[arg(long)]
    report: bool,
    /// Test this server binary instead of building one
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
}

/// The flags of a server.
type Flags = &'static [(&'static str, &'static str)];

/// The cases PKCS11-M-1 expect the names of the server that they were recorded from.
const NAMES: Flags = &[("--pkcs11-manufacturer", "TEST      Pty Ltd"), ("--pkcs11-description", "TEST")];

/// A server that is configured in another way, and the cases that are about it, by what their names contain. The
/// server of all others does what these cases contradict.
struct SetUp {
    cases: &'static str,
    flags: Flags,
}

impl SetUp {
    fn holds(&self, line: &str) -> bool {
        line.contains(self.cases)
    }
}

const SET_UPS: &[SetUp] = &[
    SetUp { cases: "CS-RNG-O-3-", flags: &[("--rng-seed", "ignore")] },
    SetUp { cases: "TC_112_", flags: &[("--credentials-file", CREDENTIALS), ("--auth-require", "any")] },
    SetUp { cases: "TC_151_", flags: &[("--default-group-key", "AES-256")] },
];

/// Whose credentials the cases bring.
const CREDENTIALS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/acceptance/credentials.toml");

/// A way to send messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Transport {
    /// Binary TTLV on a TLS socket
    Ttlv,
    /// Binary TTLV over HTTP
    HttpTtlv,
    /// XML over HTTP
    HttpXml,
    /// JSON over HTTP
    HttpJson,
}

impl Transport {
    const ALL: [Self; 4] = [Self::Ttlv, Self::HttpTtlv, Self::HttpXml, Self::HttpJson];

    /// The name of the body's encoding in the runner's words; none on the socket.
    fn encoding(self) -> Option<&'static str> {
        match self {
            Self::Ttlv => None,
            Self::HttpTtlv => Some("ttlv"),
            Self::HttpXml => Some("xml"),
            Self::HttpJson => Some("json"),
        }
    }

    fn label(self) -> String {
        self.encoding().map_or_else(|| "TTLV socket".to_owned(), |encoding| format!("HTTP {encoding}"))
    }
}

/// Builds the server, runs the cases and prints the score.
pub(crate) fn run(options: &Options) -> Outcome {
    score(&step::server(options.server.as_deref())?, options)
}

/// Runs the cases against this server binary, if the cases are present.
pub(crate) fn score(binary: &Path, options: &Options) -> Outcome {
    step::announce("OASIS conformance");
    let Some(runner) = workspace::shared_file("conformance/oasis_runner.py") else {
        println!("skipped: the test cases are not here; $CLAVIGER_SHARED names the folder that has them");
        return Ok(());
    };
    let later = Later::read()?;
    let mut score = Score::default();
    let folder = tempfile::tempdir()?;
    let certificates = Certificates::make(folder.path())?;
    for transport in
        Transport::ALL.into_iter().filter(|&each| options.transport.is_none_or(|only| only == each))
    {
        for version in
            VERSIONS.into_iter().filter(|&each| options.version.as_ref().is_none_or(|only| only == each))
        {
            let run = Run {
                binary,
                runner: &runner,
                folder: folder.path(),
                certificates: &certificates,
                transport,
                version,
            };
            if options.trace {
                run.trace(options.only.as_deref())?;
                continue;
            }
            score.add_lines(&run.label(), &run.lines(options.only.as_deref())?, &later);
        }
    }
    if options.report {
        let page = conformance_report::page(score.results());
        print!("{page}");
        fs::write(workspace::root().join("docs/conformance.md"), page)?;
    }
    score.conclude("OASIS conformance", &later)
}

/// The cases of one version over one transport.
struct Run<'a> {
    binary: &'a Path,
    runner: &'a Path,
    folder: &'a Path,
    certificates: &'a Certificates,
    transport: Transport,
    version: &'a str,
}

impl Run<'_> {
    fn label(&self) -> String {
        format!("{} {}", self.transport.label(), self.version)
    }

    /// Shows what the suite itself prints, with all messages.
    fn trace(&self, only: Option<&str>) -> Outcome {
        let fits = |set_up: &&SetUp| only.is_some_and(|glob| glob.contains(set_up.cases));
        let flags = SET_UPS.iter().find(fits).map_or(NAMES, |set_up| set_up.flags);
        self.with_server(flags, |suite| {
            suite.args(only.map(|glob| ["--only", glob]).into_iter().flatten()).arg("--trace").status()?;
            Ok(())
        })
    }

    /// What the suite printed of each case, from the server that the case is about.
    fn lines(&self, only: Option<&str>) -> Outcome<Vec<String>> {
        let label = self.label();
        let all = self.with_server(NAMES, |suite| {
            lines_of(&label, suite.args(only.map(|glob| ["--only", glob]).into_iter().flatten()))
        })?;
        let of_all = |line: &&String| SET_UPS.iter().all(|set_up| !set_up.holds(line));
        let mut lines: Vec<String> = all.iter().filter(of_all).cloned().collect();
        for set_up in SET_UPS {
            let of_this = all.iter().filter(|line| set_up.holds(line));
            let names: Vec<&str> = of_this.filter_map(|line| line.split([' ', ':']).nth(1)).collect();
            if names.is_empty() {
                continue;
            }
            lines.extend(self.with_server(set_up.flags, |suite| {
                lines_of(&label, suite.args(names.iter().flat_map(|name| ["--only", name])))
            })?);
        }
        Ok(lines)
    }

    /// Does something with the suite's command for a new server with an empty store.
    fn with_server<T>(&self, flags: Flags, act: impl FnOnce(&mut Command) -> Outcome<T>) -> Outcome<T> {
        let over_tls = (self.transport == Transport::Ttlv).then_some(self.certificates);
        let data = tempfile::tempdir_in(self.folder)?;
        let server =
            ServerStart { binary: self.binary, folder: data.path(), certificates: over_tls, flags }.run()?;
        let mut suite = Command::new("python3");
        // Asynchronous cases, too, and those with credentials.
        suite.arg(self.runner).args(["--version", self.version, "--all"]);
        match (self.transport.encoding(), server.ttlv()) {
            (None, Some(address)) => {
                let alice = self.certificates.user("alice");
                suite.arg("--ttlv").arg(address.to_string()).arg("--cert").arg(alice.certificate);
                suite.arg("--key").arg(alice.key).arg("--ca").arg(self.certificates.authority());
            }
            (encoding, _) => {
                suite.arg("--http").arg(format!("http://{}/kmip", server.http()));
                suite.arg("--encoding").arg(encoding.unwrap_or("ttlv"));
            }
        }
        act(&mut suite)
    }
}
