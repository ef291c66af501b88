//! How the server ends.

use std::thread;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::server_process::ServerProcess;
use crate::symmetric_key::create;

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
