//! The password of a database is in no log, however it was given and whatever goes wrong.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use super::types::{Flags, shared};
use crate::server_process::{ServerProcess, command};
use crate::symmetric_key::create_key;

/// A wrong one with letters that a URL must not have as they are.
const WRONG: &str = "sesame-9241/@%:#";
const WRONG_IN_URL: &str = "sesame-9241%2F%40%25%3A%23";
/// What must be nowhere.
const MARKER: &str = "sesame-9241";
/// That of a Redis, which the tests start without any.
const OF_REDIS: &str = "a44f6c1e0d";

/// A URL of a database, in pieces.
struct Url {
    scheme: String,
    user: String,
    password: String,
    rest: String,
}

impl Url {
    fn of(flags: &Flags) -> Self {
        let (_, url) = flags.iter().find(|(flag, _)| *flag == "database-url").unwrap();
        let (scheme, rest) = url.split_once("://").unwrap();
        let (account, rest) = rest.rsplit_once('@').unwrap_or(("default", rest));
        let (user, password) = account.split_once(':').unwrap_or((account, OF_REDIS));
        let [scheme, user, password, rest] = [scheme, user, password, rest].map(str::to_owned);
        Self { scheme, user, password, rest }
    }

    fn with(&self, password: &str) -> String {
        let Self { scheme, user, rest, .. } = self;
        format!("{scheme}://{user}:{password}@{rest}")
    }
}

/// A configuration file for a database.
fn file(folder: &Path, flags: &Flags, url: &str) -> String {
    let setting = |(flag, value): &(&str, String)| {
        let value = if *flag == "database-url" { url } else { value.as_str() };
        let section = if *flag == "database-type" { "server" } else { "storage" };
        let value = if *flag == "database-timeout" { value.to_owned() } else { format!("{value:?}") };
        format!("{section}.{} = {value}\n", flag.replace('-', "_"))
    };
    let path = folder.join("claviger.toml");
    fs::write(&path, flags.iter().map(setting).collect::<String>()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A way to tell a server the URL of its database: arguments, and a variable.
type Way<'u> = (Vec<&'u str>, Option<&'u str>);

/// What a server says that does not start with what it is told.
fn refusal(folder: &Path, flags: &Flags, (arguments, variable): Way<'_>) -> String {
    let mut command = command(folder);
    for (flag, value) in flags.iter().filter(|(flag, _)| *flag != "database-url") {
        command.args([&format!("--{flag}"), value]);
    }
    command.envs(variable.map(|url| ("KMS_DATABASE_URL", url)));
    let ended = command.args(["--log-level", "trace"]).args(arguments).output().unwrap();
    let said = String::from_utf8([ended.stdout, ended.stderr].concat()).unwrap();
    assert!(!ended.status.success(), "{said}");
    said
}

#[test]
fn no_log_has_the_password_of_a_database_at_any_level_whatever_goes_wrong() {
    for (mut service, mut flags) in shared() {
        // Nobody waits longer for a database.
        flags.push(("database-timeout", "2".into()));
        let url = Url::of(&flags);
        if url.scheme == "redis" {
            require_password(service.port());
        }
        let folder = tempfile::tempdir().unwrap();
        let of_port = |port: &str| {
            let port = format!(":{port}/");
            url.with(WRONG_IN_URL).replace(&format!(":{}/", service.port()), &port)
        };
        // Refused; no URL, as one whose password is not encoded is none; one that leads nowhere.
        for wrong in [url.with(WRONG_IN_URL), of_port("port"), url.with(WRONG), of_port("1")] {
            let configured = file(folder.path(), &flags, &wrong);
            let named = folder.path().join("url");
            fs::write(&named, &wrong).unwrap();
            let named = format!("@{}", named.display());
            let ways: [Way<'_>; 4] = [
                (vec!["--config", &configured], None),
                (vec!["--database-url", &wrong], None),
                (vec!["--database-url", &named], None),
                (vec![], Some(&wrong)),
            ];
            for way in ways.into_iter().take(if wrong == of_port("1") { 1 } else { 4 }) {
                let said = refusal(folder.path(), &flags, way);
                assert!(said.contains("database"), "{said}");
                assert!(!said.contains(MARKER), "{wrong}: {said}");
            }
        }

        // The right one, a letter of it encoded though it need not be; and then the database goes away.
        let first = url.password.chars().next().unwrap();
        let encoded = format!("%{:02x}{}", u32::from(first), &url.password[first.len_utf8()..]);
        let configured = file(folder.path(), &flags, &url.with(&encoded));
        let arguments = ["--config", &configured, "--log-level", "trace"];
        let mut server = ServerProcess::start(folder.path(), &arguments);
        create_key(&mut server.client());
        service.crash().unwrap();
        let ready = server.client().send("GET", "/health/ready", &[], b"");
        assert_eq!(ready.status, 503, "{}", ready.text());
        server.signal("TERM");
        assert!(server.wait().success());
        let log = server.log();
        assert!(!ready.text().contains(&url.password[1..]), "{}", ready.text());
        // Whether its first letter is encoded or not.
        let line = log.lines().find(|line| line.contains(&url.password[1..]));
        assert_eq!(line, None, "{}", url.scheme);
    }
}

fn require_password(port: u16) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "CONFIG SET requirepass {OF_REDIS}\r\n").unwrap();
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"+OK\r\n");
}

#[test]
fn a_single_connection_to_the_database_is_refused_with_the_least_number() {
    let folder = tempfile::tempdir().unwrap();
    let ended = command(folder.path()).args(["--database-connections", "1"]).output().unwrap();
    let said = String::from_utf8([ended.stdout, ended.stderr].concat()).unwrap();
    assert!(!ended.status.success(), "{said}");
    assert!(said.contains("takes a whole number from 2 to 10000, not `1`"), "{said}");
}
