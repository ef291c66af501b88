//! Validate.

use claviger_plugin_sdk::kmip::attributes::{Attributes, RevocationReason, kinds};
use claviger_plugin_sdk::kmip::objects::Certificate;
use claviger_plugin_sdk::kmip::payloads::{RevokeRequest, RevokeResponse, ValidateRequest, ValidateResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    CertificateType, RevocationReasonCode, ValidityIndicator,
};
use claviger_plugin_sdk::prelude::*;

use crate::every_type::opaque;
use crate::keys::raw;
use crate::pki::{DAY, Party};
use crate::server::{START, Server};

fn ask(ids: &[&str], given: &[&[u8]], at: Option<i64>) -> ValidateRequest {
    let given = given.iter().map(|value| Certificate {
        certificate_type: CertificateType::X_509,
        certificate_value: (*value).into(),
    });
    ValidateRequest {
        certificate: given.collect(),
        unique_identifier: ids.iter().map(|id| (*id).into()).collect(),
        validity_date: at.map(DateTime),
    }
}

async fn verdict(server: &Server, request: ValidateRequest) -> ValidityIndicator {
    let answer: ValidateResponse = server.run(OperationCode::VALIDATE, request).await.unwrap();
    answer.validity_indicator
}

async fn refused(server: &Server, request: ValidateRequest) -> ResultReason {
    let answer: Result<ValidateResponse> = server.run(OperationCode::VALIDATE, request).await;
    answer.unwrap_err().reason()
}

async fn revoke(server: &Server, id: &str, code: RevocationReasonCode) {
    let request = RevokeRequest {
        unique_identifier: Some(id.into()),
        revocation_reason: RevocationReason { code, message: None },
        compromise_occurrence_date: None,
    };
    let _: RevokeResponse = server.run(OperationCode::REVOKE, request).await.unwrap();
}

#[tokio::test]
async fn a_chain_of_objects_and_of_given_certificates_is_completed_from_the_server() {
    let server = Server::new();
    let root = Party::authority("root", None);
    let sub = Party::authority("sub", Some(&root));
    let leaf = Party::end("leaf", &sub, 10);
    let (leaf_id, der) = (server.register_certificate(&leaf).await, leaf.der());
    assert_eq!(verdict(&server, ask(&[&leaf_id], &[], None)).await, ValidityIndicator::UNKNOWN);
    let given = ask(&[&leaf_id], &[&sub.der(), &root.der()], None);
    assert_eq!(verdict(&server, given).await, ValidityIndicator::VALID);
    server.register_certificate(&sub).await;
    assert_eq!(verdict(&server, ask(&[], &[&der], None)).await, ValidityIndicator::UNKNOWN);
    server.register_certificate(&root).await;
    assert_eq!(verdict(&server, ask(&[], &[&der], None)).await, ValidityIndicator::VALID);
    assert_eq!(verdict(&server, ask(&[&leaf_id], &[], None)).await, ValidityIndicator::VALID);
    // What others keep does not help.
    let answer: ValidateResponse =
        server.run_as("bob", OperationCode::VALIDATE, ask(&[], &[&der], None)).await.unwrap();
    assert_eq!(answer.validity_indicator, ValidityIndicator::UNKNOWN);
}

#[tokio::test]
async fn the_validity_date_counts_and_otherwise_the_time_of_the_request() {
    let server = Server::new();
    let root = Party::authority("root", None);
    let leaf = Party::end("leaf", &root, 10);
    let at = |day: i64| ask(&[], &[&root.der(), &leaf.der()], Some(START + day * DAY));
    assert_eq!(verdict(&server, at(-2)).await, ValidityIndicator::INVALID);
    assert_eq!(verdict(&server, at(10)).await, ValidityIndicator::VALID);
    assert_eq!(verdict(&server, at(11)).await, ValidityIndicator::INVALID);
    server.clock.advance(11 * DAY);
    assert_eq!(
        verdict(&server, ask(&[], &[&root.der(), &leaf.der()], None)).await,
        ValidityIndicator::INVALID
    );
}

#[tokio::test]
async fn revocation_lists_count_whether_they_are_kept_or_given() {
    let server = Server::new();
    let root = Party::authority("root", None);
    let leaf = Party::end("leaf", &root, 10);
    let list = root.revokes(&[&leaf]);
    let chain = [root.der(), leaf.der()];
    let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
    for given in [list.to_der().unwrap(), list.to_pem().unwrap()] {
        let with_list = [chain.clone(), vec![&given[..]]].concat();
        assert_eq!(verdict(&server, ask(&[], &with_list, None)).await, ValidityIndicator::INVALID);
    }
    assert_eq!(verdict(&server, ask(&[], &chain, None)).await, ValidityIndicator::VALID);
    server.register(opaque(&list.to_der().unwrap()), Attributes::new()).await.unwrap();
    assert_eq!(verdict(&server, ask(&[], &chain, None)).await, ValidityIndicator::INVALID);
    let before = ask(&[], &chain, Some(START - DAY - 1));
    assert_eq!(verdict(&server, before).await, ValidityIndicator::INVALID, "not yet valid then");
}

#[tokio::test]
async fn what_was_revoked_on_the_server_is_not_valid() {
    let server = Server::new();
    let root = Party::authority("root", None);
    let sub = Party::authority("sub", Some(&root));
    let leaf = Party::end("leaf", &sub, 10);
    server.register_certificate(&root).await;
    let sub_id = server.register_certificate(&sub).await;
    let leaf_id = server.register_certificate(&leaf).await;
    assert_eq!(verdict(&server, ask(&[&leaf_id], &[], None)).await, ValidityIndicator::VALID);
    server.clock.advance(DAY);
    revoke(&server, &leaf_id, RevocationReasonCode::SUPERSEDED).await;
    assert_eq!(verdict(&server, ask(&[&leaf_id], &[], None)).await, ValidityIndicator::INVALID);
    assert_eq!(verdict(&server, ask(&[&leaf_id], &[], Some(START))).await, ValidityIndicator::VALID);
    // The authority itself.
    let other = Party::end("other", &sub, 10);
    assert_eq!(verdict(&server, ask(&[], &[&other.der()], None)).await, ValidityIndicator::VALID);
    revoke(&server, &sub_id, RevocationReasonCode::CA_COMPROMISE).await;
    assert_eq!(verdict(&server, ask(&[], &[&other.der()], None)).await, ValidityIndicator::INVALID);
}

#[tokio::test]
async fn a_certificate_that_was_revoked_here_is_not_valid_when_it_is_handed_over() {
    let server = Server::new();
    let root = Party::authority("root", None);
    let sub = Party::authority("sub", Some(&root));
    let leaf = Party::end("leaf", &sub, 10);
    let sub_id = server.register_certificate(&sub).await;
    let chain = [root.der(), sub.der(), leaf.der()];
    let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
    assert_eq!(verdict(&server, ask(&[], &chain, None)).await, ValidityIndicator::VALID);
    server.clock.advance(DAY);
    revoke(&server, &sub_id, RevocationReasonCode::CA_COMPROMISE).await;
    assert_eq!(verdict(&server, ask(&[], &chain, None)).await, ValidityIndicator::INVALID);
    // Nobody said when it was compromised: since it has been here.
    assert_eq!(verdict(&server, ask(&[], &chain, Some(START - 1))).await, ValidityIndicator::VALID);
    // What others hold says nothing.
    let answer: ValidateResponse =
        server.run_as("bob", OperationCode::VALIDATE, ask(&[], &chain, None)).await.unwrap();
    assert_eq!(answer.validity_indicator, ValidityIndicator::VALID);
}

#[tokio::test]
async fn the_certificates_of_a_request_are_bounded_and_the_same_one_counts_once() {
    let server = Server::new();
    let root = Party::authority("root", None);
    let mut all: Vec<_> =
        (1..64).map(|number| Party::end(&format!("leaf {number}"), &root, 10).der()).collect();
    all.push(root.der());
    let ask_for = |all: &[Vec<u8>]| ask(&[], &all.iter().map(Vec::as_slice).collect::<Vec<_>>(), None);
    let again = [&all[..], &all[..1]].concat();
    let answer: Result<ValidateResponse> = server.run(OperationCode::VALIDATE, ask_for(&again)).await;
    assert!(answer.is_ok());
    all.push(Party::end("leaf 64", &root, 10).der());
    assert_eq!(refused(&server, ask_for(&all)).await, ResultReason::INVALID_FIELD);
    let list = root.revokes(&[]).to_der().unwrap();
    let lists = |number| [vec![root.der()], vec![list.clone(); number]].concat();
    assert_eq!(verdict(&server, ask_for(&lists(64))).await, ValidityIndicator::VALID);
    assert_eq!(refused(&server, ask_for(&lists(65))).await, ResultReason::INVALID_FIELD);
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused() {
    let server = Server::new();
    assert_eq!(refused(&server, ask(&[], &[], None)).await, ResultReason::INVALID_FIELD);
    assert_eq!(refused(&server, ask(&[], &[b"plain text"], None)).await, ResultReason::INVALID_FIELD);
    assert_eq!(refused(&server, ask(&["nothing"], &[], None)).await, ResultReason::OBJECT_NOT_FOUND);
    let list = Party::authority("root", None).revokes(&[]).to_der().unwrap();
    assert_eq!(refused(&server, ask(&[], &[&list], None)).await, ResultReason::INVALID_FIELD);
    let mut usage = Attributes::new();
    usage.put::<kinds::CryptographicUsageMask>(4);
    let key = server.register(raw(&[1; 16]), usage).await.unwrap();
    assert_eq!(refused(&server, ask(&[&key], &[], None)).await, ResultReason::INVALID_OBJECT_TYPE);
    let leaf = Party::authority("root", None).der();
    let mut both = ask(&[], &[&leaf, &leaf], None);
    both.certificate[1].certificate_type = CertificateType::PGP;
    assert_eq!(refused(&server, both).await, ResultReason::INVALID_FIELD);
}
