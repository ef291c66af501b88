//! What the command line says about the other server.

use std::path::PathBuf;

use clap::{Arg, ArgGroup, ArgMatches, Command, value_parser};

/// The other server, and how its objects come here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FromKmip {
    /// Where it is.
    pub(super) from: From,
    /// Who signed its certificate.
    pub(super) authority: Option<PathBuf>,
    /// The certificate and the key by which it knows whose objects are meant.
    pub(super) identity: Option<(PathBuf, PathBuf)>,
    /// A file with a token for HTTP.
    pub(super) token: Option<PathBuf>,
    /// Who owns the objects here.
    pub(super) owner: Option<String>,
    /// The key, of both servers, under which keys travel.
    pub(super) wrapped_under: Option<String>,
}

/// Where the other server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// HTTP, at this URL.
    Http(String),
    /// TTLV over TLS, at this host and port.
    Ttlv(String),
}

const EXAMPLES: &str = "\
Locates every object that the other server shows to this user, has it handed out there, and imports it here under the same
identifier with its attributes: state, dates, names, links, tags. The objects belong to --owner here. No server may use the
database meanwhile, if it is SQLite. What could not be copied is listed with the reason, such as Sensitive keys; what is here
already is left alone, so this can be run again.

--from takes the URL of the JSON of the REST family, which ends with /kmip_2_1 or /kmip/2_1, or that of KMIP messages, such as
https://keys.example:9998/kmip. --from-ttlv speaks KMIP 2.1, or the latest version that the other server knows, down to 1.0.

Examples:
  claviger-server db copy-from-kmip --from https://keys.example:9998/kmip_2_1 --from-ca ca.pem \\
      --from-cert ann.pem --from-key ann.key --owner ann
  claviger-server db copy-from-kmip --from-ttlv keys.example:5696 --from-ca ca.pem \\
      --from-cert ann.pem --from-key ann.key --owner ann
  claviger-server db copy-from-kmip --from-ttlv keys.example:5696 --from-ca ca.pem \\
      --from-cert ann.pem --from-key ann.key --owner ann --wrapped-under transport-key
      Keys travel wrapped under a key that both servers have under this identifier";

/// The command.
pub(crate) fn arguments() -> Command {
    let text = |name: &'static str, value, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let file = |name, help| text(name, "PATH", help).value_parser(value_parser!(PathBuf));
    Command::new("copy-from-kmip")
        .about("Copies the objects of another server here, over KMIP")
        .after_help(EXAMPLES)
        .arg_required_else_help(true)
        .arg(text("from", "URL", "URL of the other server, such as https://keys.example:9998/kmip_2_1"))
        .arg(text("from-ttlv", "HOST:PORT", "TTLV socket of the other server, such as keys.example:5696"))
        .group(ArgGroup::new("other-server").args(["from", "from-ttlv"]).required(true))
        .arg(file("from-ca", "PEM file with the authority of the other server's certificate"))
        .arg(file("from-cert", "PEM file with the certificate for the other server").requires("from-key"))
        .arg(file("from-key", "PEM file with the private key of --from-cert").requires("from-cert"))
        .arg(
            file("from-token-file", "File with a bearer token for the other server, over HTTP")
                .conflicts_with("from-ttlv"),
        )
        .arg(text("owner", "NAME", "Who owns the objects here [default: that of --default-username]"))
        .arg(text(
            "wrapped-under",
            "ID",
            "Have keys wrapped under the key of this identifier, which both servers have",
        ))
}

/// What the arguments say.
pub(crate) fn read(matches: &ArgMatches) -> Option<FromKmip> {
    let text = |name| matches.get_one::<String>(name).cloned();
    let path = |name| matches.get_one::<PathBuf>(name).cloned();
    Some(FromKmip {
        from: text("from").map(From::Http).or_else(|| text("from-ttlv").map(From::Ttlv))?,
        authority: path("from-ca"),
        identity: path("from-cert").zip(path("from-key")),
        token: path("from-token-file"),
        owner: text("owner"),
        wrapped_under: text("wrapped-under"),
    })
}
