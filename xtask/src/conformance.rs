//! The OASIS test cases, on every transport and version, each run against a server with an empty store.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::certificates::Certificates;
use crate::conformance_report;
use crate::running_server::ServerStart;
use crate::score::{Later, Score};
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

/// The cases PKCS11-M-1 expect the names of the server that they were recorded from.
const NAMES: &[(&str, &str)] =
    &[("--pkcs11-manufacturer", "TEST      Pty Ltd"), ("--pkcs11-description", "TEST")];

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
    if let Some(binary) = &options.server {
        return score(binary, options);
    }
    step::run("build the server", &mut step::cargo(["build", "--package", "claviger-server"]))?;
    score(&workspace::server_binary("debug"), options)
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
            let label = format!("{} {version}", transport.label());
            let data = folder.path().join(label.replace(' ', "-"));
            let over_tls = (transport == Transport::Ttlv).then_some(&certificates);
            let server = ServerStart { binary, folder: &data, certificates: over_tls, flags: NAMES }.run()?;
            let mut suite = Command::new("python3");
            // Asynchronous cases, too, and those with credentials.
            suite.arg(&runner).args(["--version", version, "--all"]);
            match (transport.encoding(), server.ttlv()) {
                (None, Some(address)) => {
                    let alice = certificates.user("alice");
                    suite.arg("--ttlv").arg(address.to_string()).arg("--cert").arg(alice.certificate);
                    suite.arg("--key").arg(alice.key).arg("--ca").arg(certificates.authority());
                }
                (encoding, _) => {
                    suite.arg("--http").arg(format!("http://{}/kmip", server.http()));
                    suite.arg("--encoding").arg(encoding.unwrap_or("ttlv"));
                }
            }
            run_suite(&mut suite, &label, options, &later, &mut score)?;
        }
    }
    if options.report {
        let page = conformance_report::page(score.results());
        print!("{page}");
        fs::write(workspace::root().join("docs/conformance.md"), page)?;
    }
    score.conclude("OASIS conformance", &later)
}

fn run_suite(
    suite: &mut Command,
    label: &str,
    options: &Options,
    later: &Later,
    score: &mut Score,
) -> Outcome {
    if let Some(glob) = &options.only {
        suite.args(["--only", glob]);
    }
    if options.trace {
        suite.arg("--trace").status()?;
        return Ok(());
    }
    score.add_run(label, suite, later)
}
