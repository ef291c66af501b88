//! Acceptance with a real OpenID Connect provider: the npm package `oidc-provider`, on loopback.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::acceptance::Options;
use crate::certificates::Certificates;
use crate::running_server::{RunningServer, ServerStart, free_port};
use crate::score::{Later, Score};
use crate::{Outcome, node, step, workspace};

/// Runs the cases against this server binary.
pub(crate) fn score(binary: &Path, options: &Options) -> Outcome {
    step::announce("OpenID Connect");
    let scripts = node::with_packages("oidc", &workspace::root().join("xtask/acceptance/oidc"))?;
    let folder = tempfile::tempdir()?;
    let certificates = Certificates::make(folder.path())?;
    let (issuer, second) = (free_port()?.port(), free_port()?.port());
    let servers = Servers { binary, folder: folder.path(), certificates: &certificates, issuer, second };
    let (http, any, all) =
        (servers.plain()?, servers.with_certificates("any")?, servers.with_certificates("all")?);
    let set_up = json!({
        "issuer": issuer,
        "secondIssuer": second,
        "certificates": folder.path(),
        "http": servers.described("http", &http),
        "any": servers.described("any", &any),
        "all": servers.described("all", &all),
    });
    let file = folder.path().join("set-up.json");
    std::fs::write(&file, set_up.to_string())?;
    let mut suite = Command::new("node");
    suite.current_dir(&scripts).arg("accept.mjs").arg(&file);
    // The package warns that it is not served over HTTPS.
    suite.env("NODE_NO_WARNINGS", "1");
    options.narrow(&mut suite);
    let (mut score, later) = (Score::default(), Later::read()?);
    score.add_run("oidc-provider", &mut suite, &later)?;
    score.conclude("OpenID Connect", &later)
}

/// Servers for the tokens of two issuers, which run later.
struct Servers<'s> {
    binary: &'s Path,
    folder: &'s Path,
    certificates: &'s Certificates,
    issuer: u16,
    second: u16,
}

impl Servers<'_> {
    /// One without TLS, for the tokens of both.
    fn plain(&self) -> Outcome<RunningServer> {
        let issuers = format!("{},https://localhost:{}", self.issuer(), self.second);
        let authority = self.certificates.authority().display().to_string();
        let flags = [
            ("--jwt-issuer-uri", issuers.as_str()),
            ("--jwt-audience", "kms kms-cli,other"),
            ("--jwt-groups-claim", "groups"),
            ("--jwt-leeway", "1"),
            ("--jwt-ca-file", &authority),
            ("--operators", "group:custodians"),
            // The suite shows more bad tokens than one address may.
            ("--auth-failures-per-minute", "0"),
        ];
        let folder = self.folder.join("http");
        ServerStart { binary: self.binary, folder: &folder, certificates: None, flags: &flags }.run()
    }

    /// One for tokens of the first, and client certificates.
    fn with_certificates(&self, require: &str) -> Outcome<RunningServer> {
        let issuer = self.issuer();
        let flags =
            [("--jwt-issuer-uri", issuer.as_str()), ("--jwt-audience", "kms"), ("--auth-require", require)];
        let folder = self.folder.join(require);
        let certificates = Some(self.certificates);
        ServerStart { binary: self.binary, folder: &folder, certificates, flags: &flags }.run()
    }

    fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.issuer)
    }

    /// What the suite has to know of a server.
    fn described(&self, name: &str, server: &RunningServer) -> Value {
        let scheme = if server.ttlv().is_some() { "https" } else { "http" };
        let folder = self.folder.join(name);
        json!({
            "url": format!("{scheme}://{}", server.http()),
            "audit": folder.join("audit.jsonl"),
            "log": folder.join("server.log"),
        })
    }
}
