//! Where a database server is: what `--database-url` and the settings beside it say, checked before anybody connects.
//!
//! A message never repeats a part of the URL, which has a password in it.

use std::path::PathBuf;

use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::{Error, Result};
use url::Url;

/// What a kind of database expects in its URL.
pub(super) struct Form {
    /// The name that `--database-type` takes.
    pub(super) store: &'static str,
    /// What the URL begins with.
    pub(super) schemes: &'static [&'static str],
    /// A whole one.
    pub(super) example: &'static str,
    /// The parameters of TLS.
    pub(super) tls: TlsParameters,
    /// The other parameters.
    pub(super) others: &'static [&'static str],
}

/// The names of the parameters of TLS.
pub(super) struct TlsParameters {
    /// How far the connection is secured.
    pub(super) mode: &'static str,
    /// The values of the mode, from the weakest to the strongest.
    pub(super) modes: &'static [&'static str],
    /// Who signs for the database.
    pub(super) authority: &'static str,
    /// The client's certificate.
    pub(super) certificate: &'static str,
    /// Its key.
    pub(super) key: &'static str,
}

/// Where a database is, and as whom.
pub(super) struct Address {
    /// The host; a path is that of a socket.
    pub(super) host: String,
    /// The port, if it is not the usual one.
    pub(super) port: Option<u16>,
    /// The user.
    pub(super) user: String,
    /// The password.
    pub(super) password: Option<String>,
    /// The database.
    pub(super) database: String,
    /// How the connection is secured.
    pub(super) tls: Tls,
    others: Vec<(String, String)>,
}

/// How a connection is secured.
pub(super) struct Tls {
    /// One of the modes of the form.
    pub(super) mode: &'static str,
    /// PEM of who signs for the database.
    pub(super) authority: Option<Vec<u8>>,
    /// PEM of the client's certificate and of its key.
    pub(super) identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl Address {
    /// Reads the settings.
    ///
    /// # Errors
    /// Invalid Field: there is no URL, or something in it or beside it is not as the form says.
    pub(super) fn of(settings: &Settings, form: &Form) -> Result<Self> {
        let wrong = |what: &str| {
            let (store, example) = (form.store, form.example);
            Error::invalid(format!("--database-type {store} {what}, such as {example}"))
        };
        let text = settings.text("database-url").filter(|text| !text.trim().is_empty());
        let text = text.ok_or_else(|| wrong("needs --database-url"))?;
        let url = Url::parse(text.trim()).map_err(|_| wrong("needs a --database-url that is a URL"))?;
        if !form.schemes.contains(&url.scheme()) {
            return Err(wrong(&format!(
                "needs a --database-url that begins with {}://",
                form.schemes.join(":// or ")
            )));
        }
        let host = decoded(url.host_str().unwrap_or_default(), "host")?;
        if host.is_empty() {
            return Err(wrong("needs a --database-url with a host"));
        }
        let database = decoded(url.path().trim_start_matches('/'), "database")?;
        if database.is_empty() {
            return Err(wrong("needs a --database-url that ends with the name of a database"));
        }
        let user = decoded(url.username(), "user")?;
        if user.is_empty() {
            return Err(wrong("needs a --database-url with a user"));
        }
        let password = url.password().map(|text| decoded(text, "password")).transpose()?;
        let parameters = parameters(&url, form)?;
        let tls = Tls::of(settings, &parameters, &form.tls)?;
        let others =
            parameters.into_iter().filter(|(name, _)| form.others.contains(&name.as_str())).collect();
        Ok(Self { host, port: url.port(), user, password, database, tls, others })
    }

    /// A parameter that is not of TLS.
    pub(super) fn other(&self, name: &str) -> Option<&str> {
        self.others.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Whether the database is on this machine.
    pub(super) fn is_local(&self) -> bool {
        self.host.starts_with('/')
            || self.host == "localhost"
            || self.host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
    }
}

fn parameters(url: &Url, form: &Form) -> Result<Vec<(String, String)>> {
    let tls = &form.tls;
    let known: Vec<&str> = [tls.mode, tls.authority, tls.certificate, tls.key]
        .into_iter()
        .chain(form.others.iter().copied())
        .collect();
    let mut parameters: Vec<(String, String)> = Vec::new();
    for (name, value) in url.query_pairs() {
        if !known.contains(&&*name) {
            let known = known.join(", ");
            return Err(Error::invalid(format!(
                "--database-url has a parameter that --database-type {} does not know; known are {known}",
                form.store
            )));
        }
        if parameters.iter().any(|(own, _)| *own == name) {
            return Err(Error::invalid(format!("--database-url has the parameter {name} twice")));
        }
        parameters.push((name.into_owned(), value.into_owned()));
    }
    Ok(parameters)
}

impl Tls {
    fn of(settings: &Settings, parameters: &[(String, String)], names: &TlsParameters) -> Result<Self> {
        let parameter =
            |name| parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        let file = |name: &'static str, setting: &'static str| -> Result<Option<Vec<u8>>> {
            let named =
                parameter(name).map(|path| (format!("{name} in --database-url"), settings.root().join(path)));
            let file = named.or_else(|| Some((format!("--{setting}"), settings.path(setting)?)));
            file.map(|(what, path)| pem(&what, path)).transpose()
        };
        let authority = file(names.authority, "database-ca-file")?;
        let certificate = file(names.certificate, "database-client-cert-file")?;
        let key = file(names.key, "database-client-key-file")?;
        let identity = match (certificate, key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => {
                return Err(Error::invalid(
                    "a certificate for the database needs its private key, and the other way round: give both \
                     --database-client-cert-file and --database-client-key-file",
                ));
            }
        };
        let mode = match parameter(names.mode) {
            Some(text) => {
                names.modes.iter().find(|mode| mode.eq_ignore_ascii_case(text)).copied().ok_or_else(|| {
                    Error::invalid(format!(
                        "{} in --database-url is one of {}",
                        names.mode,
                        names.modes.join(", ")
                    ))
                })?
            }
            // Who names certificates wants them to count.
            None if authority.is_some() || identity.is_some() => {
                names.modes.last().copied().unwrap_or_default()
            }
            None => names.modes.get(names.preferred()).copied().unwrap_or_default(),
        };
        if names.modes.first() == Some(&mode) && (authority.is_some() || identity.is_some()) {
            let (name, strongest) = (names.mode, names.modes.last().copied().unwrap_or_default());
            return Err(Error::invalid(format!(
                "{name}={mode} in --database-url uses no certificates, and some are given: write {name}={strongest}"
            )));
        }
        Ok(Self { mode, authority, identity })
    }
}

impl TlsParameters {
    /// The place of the mode in which TLS is used if the database offers it.
    fn preferred(&self) -> usize {
        self.modes.iter().position(|mode| mode.to_ascii_lowercase().starts_with("prefer")).unwrap_or(0)
    }
}

/// Reads a file that must hold PEM.
fn pem(what: &str, path: PathBuf) -> Result<Vec<u8>> {
    let cannot = |why: String| Error::invalid(format!("{what} names a file that {why}"));
    let text = std::fs::read(&path).map_err(|cause| {
        cannot(format!("cannot be read: {}", cause.kind())).because(format!("{}: {cause}", path.display()))
    })?;
    if !text.windows(11).any(|window| window == b"-----BEGIN ") {
        return Err(cannot("is not PEM".to_owned()));
    }
    Ok(text)
}

/// A part of the URL without its percent signs.
fn decoded(text: &str, what: &str) -> Result<String> {
    let wrong = || {
        Error::invalid(format!(
            "the {what} of --database-url has a percent sign that two hexadecimal digits must follow"
        ))
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = rest.next().zip(rest.next()).map(|(high, low)| [high, low]);
        let number =
            digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok());
        bytes.push(number.ok_or_else(wrong)?);
    }
    String::from_utf8(bytes).map_err(|_| Error::invalid(format!("the {what} of --database-url is not UTF-8")))
}
