//! Clients that answer what the server asks, over TLS.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use claviger_kmip::codec::binary;
use claviger_kmip::tables::enumerations::{EndpointRole, OperationCode, ResultStatus, State};
use claviger_kmip::{Tag, Ttlv, Value};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use xtask::certificates::Certificates;

use crate::certificates::connect;
use crate::kmip_forms::{create, message, statuses};
use crate::ttlv_socket::{read, start, start_with};

/// Answers what the server asks, until it tells something, which is given back with its answer.
fn told(stream: &mut (impl Read + Write)) -> (OperationCode, Vec<Ttlv>) {
    loop {
        let request = read(stream).unwrap();
        assert_eq!(request.tag, Tag::REQUEST_MESSAGE);
        let version =
            request.child(Tag::REQUEST_HEADER).unwrap().child(Tag::PROTOCOL_VERSION).unwrap().clone();
        let item = request.child(Tag::BATCH_ITEM).unwrap();
        let Value::Enumeration(operation) = item.child(Tag::OPERATION).unwrap().value else {
            panic!("{item:?}")
        };
        let operation = OperationCode(operation);
        let payload = match operation {
            OperationCode::DISCOVER_VERSIONS => Some(vec![version.clone()]),
            OperationCode::QUERY => {
                Some(vec![Ttlv::new(Tag::OPERATION, Value::Enumeration(OperationCode::NOTIFY.0))])
            }
            _ => None,
        };
        let mut answer = vec![
            Ttlv::new(Tag::OPERATION, Value::Enumeration(operation.0)),
            Ttlv::new(Tag::RESULT_STATUS, Value::Enumeration(ResultStatus::SUCCESS.0)),
        ];
        answer.extend(payload.map(|payload| Ttlv::structure(Tag::RESPONSE_PAYLOAD, payload)));
        let header = vec![
            version,
            Ttlv::new(Tag::TIME_STAMP, Value::DateTime(1_700_000_000)),
            Ttlv::new(Tag::BATCH_COUNT, Value::Integer(1)),
        ];
        let answer = Ttlv::structure(
            Tag::RESPONSE_MESSAGE,
            vec![Ttlv::structure(Tag::RESPONSE_HEADER, header), Ttlv::structure(Tag::BATCH_ITEM, answer)],
        );
        stream.write_all(&binary::encode(&answer)).unwrap();
        stream.flush().unwrap();
        if ![OperationCode::DISCOVER_VERSIONS, OperationCode::QUERY].contains(&operation) {
            return (operation, item.child(Tag::REQUEST_PAYLOAD).unwrap().children().to_vec());
        }
    }
}

fn ask(stream: &mut (impl Read + Write), item: (OperationCode, Vec<Ttlv>)) -> Ttlv {
    stream.write_all(&binary::encode(&message(vec![item]))).unwrap();
    let answer = read(stream).unwrap();
    assert_eq!(statuses(&answer), [ResultStatus::SUCCESS], "{answer:?}");
    answer
}

/// Creates a key and activates it, which changes its state.
fn change(address: SocketAddr, certificates: &Certificates) -> Value {
    let mut stream = connect(address, certificates, Some("alice"), &[]);
    let answer = ask(&mut stream, create());
    let payload = answer.child(Tag::BATCH_ITEM).unwrap().child(Tag::RESPONSE_PAYLOAD).unwrap();
    let id = payload.child(Tag::UNIQUE_IDENTIFIER).unwrap().clone();
    ask(&mut stream, (OperationCode::ACTIVATE, vec![id.clone()]));
    id.value
}

fn check_told(told: (OperationCode, Vec<Ttlv>), id: &Value) {
    assert_eq!(told.0, OperationCode::NOTIFY);
    assert_eq!(
        told.1.iter().find(|field| field.tag == Tag::UNIQUE_IDENTIFIER).map(|field| &field.value),
        Some(id)
    );
    let attributes = told.1.iter().find(|field| field.tag == Tag::ATTRIBUTES).unwrap();
    assert_eq!(attributes.child(Tag::STATE).unwrap().value, Value::Enumeration(State::ACTIVE.0));
    assert!(attributes.child(Tag::LAST_CHANGE_DATE).is_some());
}

fn become_server() -> (OperationCode, Vec<Ttlv>) {
    let role = Ttlv::new(Tag::ENDPOINT_ROLE, Value::Enumeration(EndpointRole::CLIENT.0));
    (OperationCode::SET_ENDPOINT_ROLE, vec![role])
}

#[test]
fn a_client_turns_its_connection_round_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificates) = start(folder.path());
    let address = server.ttlv.unwrap();
    let mut turned = connect(address, &certificates, Some("alice"), &[]);
    ask(&mut turned, become_server());
    let id = change(address, &certificates);
    check_told(told(&mut turned), &id);
    // Another connection is told from then on, and this one asks again.
    let mut second = connect(address, &certificates, Some("alice"), &[]);
    ask(&mut second, become_server());
    let (operation, _) = told(&mut turned);
    assert_eq!(operation, OperationCode::SET_ENDPOINT_ROLE);
    // It has not said which role it took, so it is not trusted with either.
    assert_eq!(read(&mut turned), None);
    let id = change(address, &certificates);
    check_told(told(&mut second), &id);
}

#[test]
fn roles_do_not_change_over_http() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificates) = start(folder.path());
    let mut client = crate::client::Client::over(connect(server.http, &certificates, Some("alice"), &[]));
    let request = binary::encode(&message(vec![become_server()]));
    let answer = client.send("POST", "/kmip", &["content-type: application/octet-stream"], &request);
    let answer = binary::decode(&answer.body, &claviger_kmip::codec::limits::Limits::default()).unwrap();
    assert_eq!(statuses(&answer), [ResultStatus::OPERATION_FAILED]);
}

#[test]
fn a_client_that_listens_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("alice=localhost:{}", listener.local_addr().unwrap().port());
    let folder = tempfile::tempdir().unwrap();
    let (server, certificates) = start_with(folder.path(), &["--client-endpoints", &endpoint]);
    let identity = certificates.server();
    let chain = vec![CertificateDer::from_pem_file(identity.certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_file(identity.key).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let id = change(server.ttlv.unwrap(), &certificates);
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut stream = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream);
    check_told(told(&mut stream), &id);
}
