//! Re-Provision over TLS: a client replaces the certificate by which it proves itself.

use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use claviger_kmip::attributes::{Attributes, Link, kinds};
use claviger_kmip::codec::binary;
use claviger_kmip::field::{DateTime, Structure, TtlvValue};
use claviger_kmip::message::{ResponseBatchItem, ResponseMessage};
use claviger_kmip::objects::{
    Certificate, CertificateRequest, Key, KeyBlock, KeyValue, ManagedObject, PlainKeyValue,
};
use claviger_kmip::payloads::access::{GRANT, GrantRequest};
use claviger_kmip::payloads::{
    GetRequest, GetResponse, ImportRequest, LocateRequest, ReProvisionRequest, ReProvisionResponse,
};
use claviger_kmip::tables::enumerations::{
    CertificateRequestType, CertificateType, KeyFormatType, LinkType, ObjectType, OperationCode as Op,
    ResultReason, ResultStatus,
};
use claviger_kmip::tables::masks::CryptographicUsageMask;
use claviger_kmip::{Tag, Ttlv, Value};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConnection, StreamOwned};
use xtask::certificates::Certificates;

use crate::certificates::connect;
use crate::credentials::{file_of, password, with};
use crate::kmip_forms::{message, query};
use crate::server_process::ServerProcess;
use crate::ttlv_socket::{read, start_with};

type Socket = StreamOwned<ClientConnection, TcpStream>;

/// The settings of a server whose clients may replace their certificates once [`authority`] is there.
pub(crate) const SETTINGS: [&str; 2] = ["--client-issuer", KEY];

const KEY: &str = "client-issuer";
const CERTIFICATE: &str = "client-issuer-certificate";

/// Requests that bring the authority of the certificates into the server, and let everyone have certificates of it.
pub(crate) fn authority(certificates: &Certificates) -> Vec<(Op, Value)> {
    let value = CertificateDer::from_pem_file(certificates.authority()).unwrap();
    let certificate = ManagedObject::Certificate(Certificate {
        certificate_type: CertificateType::X_509,
        certificate_value: value.to_vec().into(),
    });
    let key = PrivateKeyDer::from_pem_file(certificates.authority_key()).unwrap();
    let key_material = Value::ByteString(key.secret_der().into());
    let key = ManagedObject::PrivateKey(Key {
        key_block: KeyBlock {
            key_format_type: KeyFormatType::PKCS_8,
            key_compression_type: None,
            key_value: Some(KeyValue::Plain(PlainKeyValue { key_material, attributes: None })),
            cryptographic_algorithm: None,
            cryptographic_length: None,
            key_wrapping_data: None,
        },
    });
    let mut of_key = active();
    of_key.put::<kinds::CryptographicUsageMask>(CryptographicUsageMask::CERTIFICATE_SIGN.0.cast_signed());
    of_key.push::<kinds::Link>(Link {
        link_type: LinkType::CERTIFICATE_LINK,
        linked_object_identifier: CERTIFICATE.into(),
    });
    let grant = |id: &str| GrantRequest {
        unique_identifier: Some(id.into()),
        username: "*".into(),
        operation: vec![Op::RE_PROVISION],
    };
    vec![
        (Op::IMPORT, import(CERTIFICATE, certificate, active())),
        (Op::IMPORT, import(KEY, key, of_key)),
        (GRANT, grant(CERTIFICATE).into_value()),
        (GRANT, grant(KEY).into_value()),
    ]
}

/// A request for a certificate of this user, by a key of his.
pub(crate) fn certificate_request(certificates: &Certificates, user: &str) -> ReProvisionRequest {
    let file = certificates.user(user).certificate.with_extension("csr");
    let certificate_request = Some(CertificateRequest {
        certificate_request_type: CertificateRequestType::PEM,
        certificate_request_value: std::fs::read(file).unwrap().into(),
    });
    ReProvisionRequest { certificate_request, certificate: None }
}

fn active() -> Attributes {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let mut attributes = Attributes::new();
    attributes.put::<kinds::ActivationDate>(DateTime(since.as_secs() as i64));
    attributes
}

fn import(id: &str, object: ManagedObject, attributes: Attributes) -> Value {
    let object_type = object.object_type();
    let (replace_existing, key_wrap_type) = (None, None);
    ImportRequest {
        unique_identifier: id.into(),
        object_type,
        replace_existing,
        key_wrap_type,
        attributes,
        object,
    }
    .into_value()
}

fn fields(request: impl Structure) -> Vec<Ttlv> {
    match request.into_value() {
        Value::Structure(fields) => fields,
        other => panic!("a payload is a structure, not {other:?}"),
    }
}

/// What a message of these items is answered with.
fn ask(socket: &mut Socket, items: Vec<(Op, Vec<Ttlv>)>) -> Vec<ResponseBatchItem> {
    send(socket, &message(items))
}

fn send(socket: &mut Socket, message: &Ttlv) -> Vec<ResponseBatchItem> {
    socket.write_all(&binary::encode(message)).unwrap();
    socket.flush().unwrap();
    let response = read(socket).unwrap();
    ResponseMessage::from_value(response.tag, response.value).unwrap().batch_item
}

fn payload<A: TtlvValue>(item: &ResponseBatchItem) -> A {
    assert_eq!(item.result_status, ResultStatus::SUCCESS, "{item:?}");
    A::from_value(Tag::RESPONSE_PAYLOAD, item.response_payload.clone().unwrap().into_value()).unwrap()
}

fn reason(answers: &[ResponseBatchItem]) -> ResultReason {
    assert_eq!(answers.len(), 1, "{answers:?}");
    answers[0].result_reason.unwrap()
}

/// A server with the authority in it.
fn start(folder: &Path) -> (ServerProcess, Certificates) {
    let (server, certificates) = start_with(folder, &SETTINGS);
    bring_authority(&server, &certificates);
    (server, certificates)
}

fn bring_authority(server: &ServerProcess, certificates: &Certificates) {
    let mut alice = connect(server.ttlv.unwrap(), certificates, Some("alice"), &[]);
    for (operation, request) in authority(certificates) {
        let Value::Structure(fields) = request else { panic!("a payload is a structure") };
        let answers = ask(&mut alice, vec![(operation, fields)]);
        assert_eq!(answers[0].result_status, ResultStatus::SUCCESS, "{answers:?}");
    }
}

/// Keeps what the server made as that of another name, in the files that OpenSSL makes of it.
fn keep(certificates: &Certificates, name: &str, certificate: &[u8], key: Option<&[u8]>) {
    let identity = certificates.user(name);
    let convert = |arguments: &[&str], der: &[u8], file: &Path| {
        let source = file.with_extension("der");
        std::fs::write(&source, der).unwrap();
        let mut openssl = Command::new("openssl");
        openssl.args(arguments).args(["-inform", "DER", "-in"]).arg(source).arg("-out").arg(file);
        assert!(openssl.status().unwrap().success());
    };
    convert(&["x509"], certificate, &identity.certificate);
    if let Some(key) = key {
        convert(&["pkcs8", "-nocrypt"], key, &identity.key);
    }
}

fn get(format: Option<KeyFormatType>) -> (Op, Vec<Ttlv>) {
    let request = GetRequest {
        unique_identifier: None,
        key_format_type: format,
        key_wrap_type: None,
        key_compression_type: None,
        key_wrapping_specification: None,
    };
    (Op::GET, fields(request))
}

/// The certificate of a user's.
fn locate(user: &str) -> (Op, Vec<Ttlv>) {
    let mut wanted = Attributes::new();
    wanted.put::<kinds::ObjectType>(ObjectType::CERTIFICATE);
    wanted.add(Tag::CERTIFICATE_SUBJECT_CN, Value::TextString(user.into()));
    let request = LocateRequest {
        maximum_items: Some(1),
        offset_items: None,
        storage_status_mask: None,
        object_group_member: None,
        attributes: Some(wanted),
    };
    (Op::LOCATE, fields(request))
}

fn certificate_in(item: &ResponseBatchItem) -> Vec<u8> {
    match payload::<GetResponse>(item).object {
        ManagedObject::Certificate(certificate) => certificate.certificate_value.to_vec(),
        other => panic!("no certificate: {other:?}"),
    }
}

fn key_in(item: &ResponseBatchItem) -> Vec<u8> {
    let object = payload::<GetResponse>(item).object;
    match object.key_block().unwrap().key_value.clone() {
        Some(KeyValue::Plain(PlainKeyValue { key_material: Value::ByteString(bytes), .. })) => bytes.to_vec(),
        other => panic!("no key: {other:?}"),
    }
}

#[test]
fn a_client_goes_on_with_the_pair_that_the_server_made_and_not_with_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificates) = start(folder.path());
    let address = server.ttlv.unwrap();
    let mut bob = connect(address, &certificates, Some("bob"), &[]);
    let items =
        vec![(Op::RE_PROVISION, Vec::new()), get(Some(KeyFormatType::PKCS_8)), locate("bob"), get(None)];
    let answers = ask(&mut bob, items);
    keep(&certificates, "new-bob", &certificate_in(&answers[3]), Some(&key_in(&answers[1])));
    // The old one is good for nothing, on the connection that there is and on a new one.
    let refused = ResultReason::AUTHENTICATION_NOT_SUCCESSFUL;
    assert_eq!(reason(&ask(&mut bob, vec![query()])), refused);
    let mut again = connect(address, &certificates, Some("bob"), &[]);
    assert_eq!(reason(&ask(&mut again, vec![query()])), refused);
    // The new one is bob's, who has the key.
    let mut new = connect(address, &certificates, Some("new-bob"), &[]);
    let key: ReProvisionResponse = payload(&answers[0]);
    let id = Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString(key.unique_identifier.unwrap()));
    let answers = ask(&mut new, vec![(Op::GET, vec![id])]);
    assert_eq!(answers[0].result_status, ResultStatus::SUCCESS, "{answers:?}");
    // Others go on as before.
    let mut alice = connect(address, &certificates, Some("alice"), &[]);
    assert_eq!(ask(&mut alice, vec![query()])[0].result_status, ResultStatus::SUCCESS);
}

#[test]
fn a_client_has_its_own_key_certified_and_no_stranger() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificates) = start(folder.path());
    let address = server.ttlv.unwrap();
    let mut bob = connect(address, &certificates, Some("bob"), &[]);
    let of_alice = (Op::RE_PROVISION, fields(certificate_request(&certificates, "alice")));
    assert_eq!(reason(&ask(&mut bob, vec![of_alice])), ResultReason::PERMISSION_DENIED);
    let of_bob = (Op::RE_PROVISION, fields(certificate_request(&certificates, "bob")));
    let answers = ask(&mut bob, vec![of_bob, get(None)]);
    keep(&certificates, "new-bob", &certificate_in(&answers[1]), None);
    // The request is by the key that the old certificate is for.
    std::fs::copy(certificates.user("bob").key, certificates.user("new-bob").key).unwrap();
    let mut new = connect(address, &certificates, Some("new-bob"), &[]);
    assert_eq!(ask(&mut new, vec![query()])[0].result_status, ResultStatus::SUCCESS);
    assert_eq!(reason(&ask(&mut bob, vec![query()])), ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
}

#[test]
fn a_credential_of_the_same_user_leaves_the_certificate_and_that_of_another_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_of(folder.path(), &["bob", "Fred"]);
    let further = ["--credentials-file", &file, "--auth-require", "any"];
    let (server, certificates) = start_with(folder.path(), &[&SETTINGS[..], &further].concat());
    bring_authority(&server, &certificates);
    let mut bob = connect(server.ttlv.unwrap(), &certificates, Some("bob"), &[]);
    let mut ask_as = |user: &str| {
        let request = message(vec![(Op::RE_PROVISION, Vec::new())]);
        send(&mut bob, &with(vec![password(user, "password1")], request))
    };
    assert_eq!(reason(&ask_as("Fred")), ResultReason::PERMISSION_DENIED);
    assert_eq!(ask_as("bob")[0].result_status, ResultStatus::SUCCESS);
    // A password does not make the old certificate good again.
    assert_eq!(reason(&ask_as("Fred")), ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
}

#[test]
fn without_a_certificate_there_is_none_to_replace() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &SETTINGS);
    let request = message(vec![(Op::RE_PROVISION, Vec::new())]);
    let answer = server.client().send(
        "POST",
        "/kmip",
        &["content-type: application/octet-stream"],
        &binary::encode(&request),
    );
    let response = binary::decode(&answer.body, &claviger_kmip::codec::limits::Limits::default()).unwrap();
    let response = ResponseMessage::from_value(response.tag, response.value).unwrap();
    assert_eq!(reason(&response.batch_item), ResultReason::PERMISSION_DENIED);
}
