//! The authenticator against certificates that OpenSSL made: `openssl req -x509 …` for the authority, and
//! `openssl x509 -req -CA authority.pem …` for the clients, whose subjects the file names tell. Those with alternative
//! names or a usage are self-signed: which authority vouches for a certificate is not the authenticator's business.
//! OpenSSL writes no empty names: what it signed in `empty_names.der` was put together by hand.

// A test that meets what it does not expect is to fail right there, in a function of the test's own, too.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;

use claviger_auth_mtls::MtlsFactory;
use claviger_plugin_sdk::authentication::{Authentication, AuthenticatorFactory, ConnectionFacts, Transport};
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::testkit::authenticator::Cases;

fn certificates() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/certificates")
}

fn with_certificate(transport: Transport, certificate: Vec<u8>) -> ConnectionFacts {
    ConnectionFacts { transport, certificates: Arc::new([certificate]), ..ConnectionFacts::internal() }
}

fn with_file(transport: Transport, name: &str) -> ConnectionFacts {
    with_certificate(transport, std::fs::read(certificates().join(name)).unwrap())
}

fn settings(file: &str) -> Settings {
    Settings::new(certificates(), [("authority-cert-file", file.to_owned())])
}

fn cases() -> Cases {
    let mut followed = std::fs::read(certificates().join("ann.der")).unwrap();
    followed.push(0);
    Cases {
        factory: &MtlsFactory,
        settings: settings("authority.pem"),
        accepted: vec![
            (with_file(Transport::Https, "ann.der"), "ann@example.org".into()),
            (with_file(Transport::Socket, "ann.der"), "ann@example.org".into()),
        ],
        rejected: vec![
            with_file(Transport::Https, "no_common_name.der"),
            with_file(Transport::Https, "two_common_names.der"),
            with_file(Transport::Https, "everyone.der"),
            with_file(Transport::Https, "empty_names.der"),
            with_certificate(Transport::Https, followed),
            with_certificate(Transport::Https, b"no certificate".to_vec()),
            with_certificate(Transport::Https, Vec::new()),
        ],
    }
}

claviger_plugin_sdk::authenticator_conformance!(cases());

#[test]
fn a_file_that_is_no_authority_stops_the_start() {
    for file in ["absent.pem", "ann.der"] {
        let Err(error) = MtlsFactory.start(&settings(file)) else {
            panic!("{file} is taken for an authority")
        };
        assert!(error.message().starts_with("--authority-cert-file names a file"), "{error}");
        assert!(!error.message().contains(file), "{error}");
    }
}

/// Whom the certificate of a file proves when this name of it is the user, or why nobody.
fn proven(user: &str, file: &str) -> Result<String, String> {
    let values = [("authority-cert-file", "authority.pem"), ("client-certificate-user", user)];
    let settings = Settings::new(certificates(), values.map(|(flag, value)| (flag, value.to_owned())));
    let authenticator = MtlsFactory.start(&settings).unwrap().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    match runtime.block_on(authenticator.connection(&with_file(Transport::Https, file))) {
        Authentication::Accepted(principal) => Ok(principal.user.to_string()),
        other => Err(format!("{other:?}")),
    }
}

#[test]
fn the_user_is_the_name_that_the_configuration_asks_for() {
    for (user, file, name) in [
        ("common-name", "names.der", "gateway"),
        ("email", "names.der", "ann@example.org"),
        ("uri", "names.der", "urn:user:ann"),
        ("uri", "spiffe.der", "spiffe://example.org/ann"),
        ("spiffe", "spiffe.der", "spiffe://example.org/ann"),
        ("common-name", "any_usage.der", "ann"),
    ] {
        assert_eq!(proven(user, file).as_deref(), Ok(name), "{user} of {file}");
    }
}

#[test]
fn no_name_two_names_and_names_of_nobody_are_refused() {
    for (user, file, why) in [
        ("email", "spiffe.der", "no name of the kind"),
        ("uri", "two_emails.der", "no name of the kind"),
        ("email", "two_emails.der", "several names"),
        ("uri", "two_uris.der", "several names"),
        ("spiffe", "two_uris.der", "several names"),
        ("spiffe", "names.der", "no SPIFFE ID"),
        ("email", "everyone_by_email.der", "stands for everyone"),
        ("common-name", "empty_names.der", "its name is empty"),
        ("email", "empty_names.der", "its name is empty"),
        ("uri", "empty_names.der", "its name is empty"),
        ("common-name", "no_common_name.der", "no name of the kind"),
        ("common-name", "two_common_names.der", "several names"),
    ] {
        let refused = proven(user, file).unwrap_err();
        assert!(refused.contains("Rejected") && refused.contains(why), "{user} of {file}: {refused}");
    }
}

#[test]
fn a_certificate_that_is_for_servers_alone_proves_no_client() {
    assert!(proven("common-name", "server_only.der").unwrap_err().contains("not for clients"));
}
