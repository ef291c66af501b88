//! How the server ends.

use std::io::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use claviger_kmip::codec::binary;
use claviger_kmip::tables::enumerations::ResultStatus;
use hyper::body::Bytes;

use crate::certificates::connect;
use crate::client::Client;
use crate::http2::{self, Http2};
use crate::kmip_forms::{self, message, query, statuses};
use crate::server_process::ServerProcess;
use crate::symmetric_key::create;
use crate::ttlv_socket;

const PATIENCE: Duration = Duration::from_secs(30);

fn request(body: &str) -> (Vec<u8>, Vec<u8>) {
    let head =
        format!("POST /kmip_2_1 HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n", body.len());
    let (first, second) = body.split_at(body.len() / 2);
    ([head.as_bytes(), first.as_bytes()].concat(), second.as_bytes().to_vec())
}

/// Waits until the server has begun with one request more than the `others` that were made before.
fn wait_until_accepted(client: &mut Client, others: u64) {
    let start = Instant::now();
    // The question is a request, too.
    for asked in 1.. {
        let metrics = client.send("GET", "/metrics", &[], b"").text();
        let accepted = metrics.lines().find_map(|line| line.strip_prefix("claviger_http_requests_total "));
        if accepted.unwrap().parse::<u64>().unwrap() > others + asked {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "the request is not accepted");
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_request_that_was_accepted_is_finished_and_no_other_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = ServerProcess::start(folder.path(), &[]);
    let (mut busy, mut idle) = (server.client(), server.client());
    assert_eq!(idle.send("GET", "/version", &[], b"").status, 200);
    let (first, second) = request(&create().to_string());
    busy.send_raw(&first);
    wait_until_accepted(&mut idle, 1);
    server.signal("TERM");
    assert!(idle.read_answer(false).is_none(), "an idle connection is closed");
    let start = Instant::now();
    while std::net::TcpStream::connect(server.http).is_ok() {
        assert!(start.elapsed() < PATIENCE, "the server still accepts connections");
        thread::sleep(Duration::from_millis(2));
    }
    busy.send_raw(&second);
    assert_eq!(busy.read_answer(false).unwrap().status, 200);
    assert!(server.wait().success());
    assert!(server.log().contains("\"ended\""), "{}", server.log());
}

#[test]
fn a_request_over_http_2_that_was_accepted_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = ServerProcess::start(folder.path(), &[]);
    let client = Http2::open(server.http);
    let body = Bytes::from(create().to_string());
    let (sender, pieces) = http2::pieces();
    let coming = client.begin("POST", "/kmip/2_1", "application/json", pieces);
    sender.send(body.slice(..50)).unwrap();
    wait_until_accepted(&mut server.client(), 0);
    server.signal("TERM");
    let start = Instant::now();
    while std::net::TcpStream::connect(server.http).is_ok() {
        assert!(start.elapsed() < PATIENCE, "the server still accepts connections");
        thread::sleep(Duration::from_millis(2));
    }
    sender.send(body.slice(50..)).unwrap();
    drop(sender);
    assert_eq!(client.wait(coming).0, 200);
    assert!(server.wait().success());
}

#[test]
fn a_message_of_which_the_socket_has_a_part_is_finished_and_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (mut server, certificates) = ttlv_socket::start(folder.path());
    let connection = || connect(server.ttlv.unwrap(), &certificates, Some("alice"), &[]);
    let (mut busy, mut idle) = (connection(), connection());
    let asked = binary::encode(&message(vec![query()]));
    for stream in [&mut busy, &mut idle] {
        stream.write_all(&asked).unwrap();
        assert_eq!(statuses(&ttlv_socket::read(stream).unwrap()), [ResultStatus::SUCCESS]);
    }
    let request = binary::encode(&message(vec![kmip_forms::create()]));
    // Not even its length is known.
    let (first, second) = request.split_at(5);
    busy.write_all(first).unwrap();
    busy.flush().unwrap();
    server.signal("TERM");
    assert_eq!(ttlv_socket::read(&mut idle), None, "an idle connection is closed");
    // By now the other would be, too, if it were going to be.
    thread::sleep(Duration::from_millis(200));
    busy.write_all(second).unwrap();
    assert_eq!(statuses(&ttlv_socket::read(&mut busy).unwrap()), [ResultStatus::SUCCESS]);
    assert_eq!(ttlv_socket::read(&mut busy), None, "and no other is read");
    assert!(server.wait().success());
}

#[test]
fn a_request_that_does_not_come_to_an_end_is_given_up_after_the_grace_period() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = ServerProcess::start(folder.path(), &["--shutdown-grace", "1"]);
    let mut busy = server.client();
    busy.send_raw(&request(&create().to_string()).0);
    wait_until_accepted(&mut server.client(), 0);
    server.signal("INT");
    assert!(server.wait().success());
    assert!(server.log().contains("unfinished"), "{}", server.log());
}
