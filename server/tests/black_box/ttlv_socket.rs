//! Binary TTLV on a TLS socket.

use std::io::Write as _;

use claviger_kmip::Ttlv;
use claviger_kmip::codec::binary;
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::tables::enumerations::ResultStatus;
use xtask::certificates::Certificates;

use crate::certificates::{connect, make, pem_settings};
use crate::kmip_forms::{create, message, query, statuses};
use crate::server_process::ServerProcess;

/// A server with a TTLV socket for users with a certificate.
pub(crate) fn start(folder: &std::path::Path) -> (ServerProcess, Certificates) {
    start_with(folder, &[])
}

/// The same with further settings.
pub(crate) fn start_with(folder: &std::path::Path, further: &[&str]) -> (ServerProcess, Certificates) {
    let certificates = make(folder);
    let mut settings = pem_settings(&certificates);
    let authority = certificates.authority().display().to_string();
    settings.extend(["--authority-cert-file".into(), authority]);
    let settings: Vec<&str> = settings.iter().map(String::as_str).chain(further.iter().copied()).collect();
    (ServerProcess::start(folder, &settings), certificates)
}

/// Reads a message; `None` at the end of the connection.
pub(crate) fn read(stream: &mut impl std::io::Read) -> Option<Ttlv> {
    let mut message = vec![0; binary::HEADER];
    stream.read_exact(&mut message).ok()?;
    let length = binary::message_length(*message.first_chunk()?, &Limits::default()).unwrap();
    message.resize(length, 0);
    stream.read_exact(&mut message[binary::HEADER..]).ok()?;
    Some(binary::decode(&message, &Limits::default()).unwrap())
}

#[test]
fn many_messages_travel_on_a_connection_in_pieces_or_several_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificates) = start(folder.path());
    let mut stream = connect(server.ttlv.unwrap(), &certificates, Some("alice"), &[]);
    let request = binary::encode(&message(vec![create()]));
    for piece in request.chunks(50) {
        stream.write_all(piece).unwrap();
        stream.flush().unwrap();
    }
    assert_eq!(statuses(&read(&mut stream).unwrap()), [ResultStatus::SUCCESS]);
    stream.write_all(&[request.clone(), request].concat()).unwrap();
    for _ in 0..2 {
        assert_eq!(statuses(&read(&mut stream).unwrap()), [ResultStatus::SUCCESS]);
    }
}

#[test]
fn without_a_certificate_there_is_no_connection() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificates) = start(folder.path());
    let mut stream = connect(server.ttlv.unwrap(), &certificates, None, &[]);
    let sent = stream.write_all(&binary::encode(&message(vec![query()])));
    assert!(sent.is_err() || read(&mut stream).is_none());
}

#[test]
fn what_is_no_message_is_answered_and_ends_the_connection() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificates) = start(folder.path());
    // No structure; longer than any message may be; a structure with nonsense in it.
    for nonsense in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"\x42\x00\x78\x01\xff\xff\xff\xf8",
        b"\x42\x00\x78\x01\x00\x00\x00\x08nonsense",
    ] {
        let mut stream = connect(server.ttlv.unwrap(), &certificates, Some("alice"), &[]);
        stream.write_all(nonsense).unwrap();
        assert_eq!(statuses(&read(&mut stream).unwrap()), [ResultStatus::OPERATION_FAILED]);
        assert_eq!(read(&mut stream), None);
    }
}
