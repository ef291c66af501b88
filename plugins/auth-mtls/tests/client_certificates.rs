//! The authenticator against certificates that OpenSSL made: `openssl req -x509 …` for the authority, and
//! `openssl x509 -req -CA authority.pem …` for the clients, whose subjects the file names tell.

// A test that meets what it does not expect is to fail right there, in a function of the test's own, too.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;

use claviger_auth_mtls::MtlsFactory;
use claviger_plugin_sdk::authentication::{AuthenticatorFactory, ConnectionFacts, Transport};
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
