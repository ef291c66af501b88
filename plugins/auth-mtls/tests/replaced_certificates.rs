//! Certificates that were replaced: no message on a connection with one gets through.

// A test that meets what it does not expect is to fail right there, in a function of the test's own, too.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;
use std::task::Waker;

use claviger_auth_mtls::MtlsFactory;
use claviger_plugin_sdk::authentication::{Authenticator, AuthenticatorFactory, Principal};
use claviger_plugin_sdk::client_certificates::{ISSUER, REPLACED};
use claviger_plugin_sdk::credentials::CredentialHost;
use claviger_plugin_sdk::kmip::tables::enumerations::{CredentialType, ResultReason};
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::DocumentPut;
use claviger_plugin_sdk::testkit::credential::Desk;

/// What `sha256sum ann.der` tells.
const ANN: &str = "3ffe04937cc01aa9ac69cb8c728a34a61fd3fa0a6a398ab8089fe3f0c607fb78";

const NOW: i64 = 1_700_000_000;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/certificates")
}

fn started(further: &[(&'static str, &str)]) -> Arc<dyn Authenticator> {
    let settings = [("authority-cert-file", "authority.pem")].iter().chain(further);
    let settings = settings.map(|(flag, value)| (*flag, (*value).to_owned()));
    MtlsFactory.start(&Settings::new(folder(), settings)).unwrap().unwrap()
}

#[test]
fn a_message_on_a_connection_with_a_replaced_certificate_is_refused_whatever_it_brings() {
    let authenticator = started(&[(ISSUER, "issuer")]);
    let own = std::fs::read(folder().join("ann.der")).unwrap();
    let mut desk = Desk::at(NOW);
    let ann = Principal::user("ann@example.org", Some("mtls"));
    assert!(desk.suffices(&*authenticator, &ann, &[]).is_ok());
    let content = Some((b"1699999999".to_vec().into(), Some(NOW + 60)));
    let put = DocumentPut { kind: REPLACED.into(), id: ANN.into(), expected: None, content };
    let mut at_once = std::task::Context::from_waker(Waker::noop());
    assert!(desk.write_document(put).as_mut().poll(&mut at_once).is_ready());
    assert!(desk.suffices(&*authenticator, &ann, &[]).is_ok(), "another connection");
    desk.facts.certificates = Arc::new([own]);
    for brought in [&[][..], &[CredentialType::TICKET], &[CredentialType::USERNAME_AND_PASSWORD]] {
        let refused = desk.suffices(&*authenticator, &ann, brought).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
    }
}

#[test]
fn nobody_asks_where_no_certificate_can_be_replaced() {
    assert!(started(&[]).verifier().is_none());
}
