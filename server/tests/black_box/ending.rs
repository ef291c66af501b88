//! How the server ends.

use std::thread;
use std::time::Duration;

use crate::server_process::ServerProcess;
use crate::symmetric_key::create;

fn request(body: &str) -> (Vec<u8>, Vec<u8>) {
    let head =
        format!("POST /kmip_2_1 HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n", body.len());
    let (first, second) = body.split_at(body.len() / 2);
    ([head.as_bytes(), first.as_bytes()].concat(), second.as_bytes().to_vec())
}

#[test]
fn a_request_that_was_accepted_is_finished_and_no_other_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = ServerProcess::start(folder.path(), &[]);
    let (mut busy, mut idle) = (server.client(), server.client());
    assert_eq!(idle.send("GET", "/version", &[], b"").status, 200);
    let (first, second) = request(&create().to_string());
    busy.send_raw(&first);
    thread::sleep(Duration::from_millis(200));
    server.signal("TERM");
    thread::sleep(Duration::from_millis(200));
    assert!(idle.try_send("GET", "/version", &[], b"").is_none());
    assert!(std::net::TcpStream::connect(server.http).is_err());
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
    thread::sleep(Duration::from_millis(200));
    server.signal("INT");
    assert!(server.wait().success());
    assert!(server.log().contains("unfinished"), "{}", server.log());
}
