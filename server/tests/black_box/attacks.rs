//! Clients that take more than their part: the server bounds it, and others are served meanwhile.

use std::io::{BufRead as _, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use claviger_kmip::codec::binary;
use claviger_kmip::tables::enumerations::{OperationCode, ResultStatus};
use claviger_kmip::{Tag, Ttlv, Value};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;

use crate::certificates::{self, connect};
use crate::client::{Client, tcp, tcp_from};
use crate::credentials;
use crate::kmip_forms::{message, query, statuses};
use crate::server_process::ServerProcess;
use crate::symmetric_key::{create, create_key};
use crate::ttlv_socket;

/// The beginning of a TLS record of 512 bytes, and of a Client Hello in it.
const HELLO: &[u8] = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc";

const POST: &str = "POST /kmip_2_1 HTTP/1.1\r\nhost: localhost\r\n";

/// Connections that an attacker holds, for which he needs some more files, and how many the server has by default.
const HELD: u64 = 10_000;
const FILES: u64 = HELD + 500;
const PLACES: u64 = 8_192;

/// Bytes that they may take, with all else that the server needs, as it is built for tests.
const MEMORY: u64 = 400 << 20;

/// Tells the attacker's process whom to attack, and what it says when it has begun.
const ATTACKED: &str = "CLAVIGER_TEST_ATTACKED";
const BEGUN: &str = "all are open";

fn server(arguments: &[&str]) -> (tempfile::TempDir, ServerProcess) {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), arguments);
    (folder, server)
}

/// Whether the other side has closed the connection.
fn is_closed(mut stream: &TcpStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    match stream.read(&mut [0; 64]) {
        Ok(read) => read == 0,
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

fn figure(client: &mut Client, name: &str) -> u64 {
    let metrics = client.send("GET", "/metrics", &[], b"").text();
    let line = metrics.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
    line.unwrap_or_else(|| panic!("{name} is missing in {metrics}")).parse().unwrap()
}

#[test]
fn idle_connections_make_room_for_others_and_known_clients_keep_theirs() {
    let (_folder, server) = server(&["--max-connections-per-address", "8"]);
    let mut known = server.client();
    create_key(&mut known);
    let idle: Vec<TcpStream> = (0..100).map(|_| tcp(server.http)).collect();
    create_key(&mut known);
    create_key(&mut server.client());
    assert!(figure(&mut known, "claviger_connections_displaced_total") >= 93);
    assert!(figure(&mut known, "claviger_connections") <= 8);
    let closed = idle.iter().filter(|stream| is_closed(stream)).count();
    assert!(closed >= 93, "{closed}");
}

#[test]
fn a_client_whom_its_messages_prove_is_known_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = credentials::file_of(folder.path(), &["Fred"]);
    let flags = ["--credentials-file", &file, "--max-connections-per-address", "8"];
    let server = ServerProcess::start(folder.path(), &flags);
    let fred = vec![credentials::password("Fred", "password1")];
    let ask = |client: &mut Client| {
        credentials::reasons(client.kmip(&credentials::with(fred.clone(), message(vec![query()]))))
    };
    let mut known = server.client();
    assert_eq!(ask(&mut known), [None]);
    let idle: Vec<TcpStream> = (0..100).map(|_| tcp(server.http)).collect();
    // Its own place was taken after all of theirs.
    assert_eq!(ask(&mut server.client()), [None]);
    assert_eq!(ask(&mut known), [None]);
    let closed = idle.iter().filter(|stream| is_closed(stream)).count();
    assert!(closed >= 93, "{closed}");
}

#[test]
fn strangers_of_many_addresses_make_room_for_one_another_and_not_a_known_client_for_them() {
    let (_folder, server) = server(&["--max-connections", "64"]);
    let mut known: Vec<Client> = (0..16).map(|_| server.client()).collect();
    known.iter_mut().for_each(|client| drop(create_key(client)));
    let idle: Vec<TcpStream> =
        (0..200).map(|number| tcp_from(2 + u8::try_from(number % 50).unwrap(), server.http)).collect();
    create_key(&mut server.client());
    // The machine with the most connections is that of the known client.
    known.iter_mut().for_each(|client| drop(create_key(client)));
    assert!(figure(&mut known[0], "claviger_connections") <= 64);
    assert_eq!(figure(&mut known[0], "claviger_connections_refused_total"), 0);
    assert!(idle.iter().filter(|stream| is_closed(stream)).count() >= 200 - 48);
}

#[test]
fn ten_thousand_connections_that_say_nothing_take_bounded_memory_and_keep_nobody_from_being_served() {
    if getrlimit(Resource::Nofile).maximum.is_some_and(|most| most < FILES) {
        eprintln!("skipped: a process may have fewer files open than {FILES}");
        return;
    }
    let (_folder, server) = server(&[]);
    let mut known = server.client();
    create_key(&mut known);
    // Where this test fails its standard input ends, too, and it does not outlive it.
    let mut attacker = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "attacks::the_process_that_holds_connections", "--ignored", "--nocapture"])
        .env(ATTACKED, server.http.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut says = BufReader::new(attacker.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(says.any(|line| line == BEGUN), "the attack did not begin");
    for _ in 0..20 {
        create_key(&mut known);
        create_key(&mut server.client());
    }
    // The last ones may still wait to be accepted. One that goes meanwhile is not missed in this order.
    let came =
        ["claviger_connections", "claviger_connections_displaced_total", "claviger_clients_too_slow_total"];
    let begin = Instant::now();
    while came.iter().map(|name| figure(&mut known, name)).sum::<u64>() < HELD {
        assert!(begin.elapsed() < Duration::from_secs(30), "not all of them have come");
        thread::sleep(Duration::from_millis(10));
    }
    assert!(figure(&mut known, "claviger_connections") <= PLACES);
    assert!(server.resident_memory() < MEMORY, "{} bytes", server.resident_memory());
    drop(attacker.stdin.take());
    assert!(attacker.wait().unwrap().success());
}

#[test]
#[ignore = "a part of the test with ten thousand connections"]
fn the_process_that_holds_connections() {
    let attacked: SocketAddr = std::env::var(ATTACKED).unwrap().parse().unwrap();
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
    // Of each of eight addresses the server takes that many at once.
    let addresses = (2..10).cycle().take(usize::try_from(HELD).unwrap());
    let held: Vec<TcpStream> = addresses.map(|own| tcp_from(own, attacked)).collect();
    println!("\n{BEGUN}");
    // Nothing comes before the end.
    std::io::read_to_string(std::io::stdin()).unwrap();
    drop(held);
}

#[test]
fn a_known_client_that_uploads_keeps_its_connection_before_those_that_rest() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificates) =
        ttlv_socket::start_with(folder.path(), &["--max-connections-per-address", "4"]);
    let query = binary::encode(&message(vec![query()]));
    let socket = || connect(server.ttlv.unwrap(), &certificates, Some("alice"), &[]);
    let mut https = Client::over(connect(server.http, &certificates, Some("alice"), &["http/1.1"]));
    create_key(&mut https);
    let mut ttlv = socket();
    ttlv.write_all(&query).unwrap();
    assert_eq!(statuses(&ttlv_socket::read(&mut ttlv).unwrap()), [ResultStatus::SUCCESS]);
    // A body and a message of 100,000 bytes begin.
    https.send_raw(format!("{POST}content-length: 100000\r\n\r\n").as_bytes());
    ttlv.write_all(b"\x42\x00\x78\x01\x00\x01\x86\x98").unwrap();
    let mut go_on = || {
        https.send_raw(&[b'a'; 1_000]);
        ttlv.write_all(&[b'a'; 1_000]).unwrap();
        thread::sleep(Duration::from_millis(300));
    };
    go_on();
    let mut others: Vec<_> = (0..2).map(|_| socket()).collect();
    for other in &mut others {
        other.write_all(&query).unwrap();
        assert_eq!(statuses(&ttlv_socket::read(other).unwrap()), [ResultStatus::SUCCESS]);
    }
    go_on();
    // Two more come, and the two go that rest.
    for _ in 0..2 {
        let mut other = socket();
        other.write_all(&query).unwrap();
        assert_eq!(statuses(&ttlv_socket::read(&mut other).unwrap()), [ResultStatus::SUCCESS]);
        go_on();
        others.push(other);
    }
    https.send_raw(&vec![b'a'; 100_000 - 4 * 1_000]);
    assert_eq!(https.read_answer(false).map(|answer| answer.status), Some(422), "it is no JSON");
    ttlv.write_all(&vec![b'a'; 100_000 - 4 * 1_000 - 8]).unwrap();
    assert_eq!(statuses(&ttlv_socket::read(&mut ttlv).unwrap()), [ResultStatus::OPERATION_FAILED]);
}

#[test]
fn whoever_opens_connections_faster_than_he_may_is_refused_and_others_are_not() {
    let (_folder, server) = server(&["--new-connections-per-address", "4"]);
    let many: Vec<TcpStream> = (0..200).map(|_| tcp_from(2, server.http)).collect();
    let mut other = server.client();
    create_key(&mut other);
    let too_fast = figure(&mut other, "claviger_connections_too_fast_total");
    assert!((100..=168).contains(&too_fast), "{too_fast}");
    let closed = many.iter().filter(|stream| is_closed(stream)).count();
    assert_eq!(closed as u64, too_fast);
}

#[test]
fn whoever_begins_handshakes_and_does_not_go_on_holds_up_nobody_not_even_of_his_own_address() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificates) = ttlv_socket::start_with(folder.path(), &["--handshakes-per-address", "2"]);
    let hello = certificates::client_hello(&certificates);
    let slow: Vec<TcpStream> = (0..16)
        .map(|number| {
            let mut stream = tcp(server.ttlv.unwrap());
            // The server waits for the rest of the first message, or for the second.
            stream.write_all(if number < 8 { HELLO } else { &hello }).unwrap();
            stream
        })
        .collect();
    let begin = Instant::now();
    let mut client = Client::over(connect(server.http, &certificates, Some("alice"), &["http/1.1"]));
    create_key(&mut client);
    while figure(&mut client, "claviger_handshakes") != 8 {
        assert!(begin.elapsed() < Duration::from_secs(5));
    }
    create_key(&mut Client::over(connect(server.http, &certificates, Some("alice"), &["http/1.1"])));
    assert!(begin.elapsed() < Duration::from_secs(5), "it waited for theirs");
    assert!(figure(&mut client, "claviger_handshakes_done_total") >= 2);
    drop(slow);
    while figure(&mut client, "claviger_handshakes_failed_total") != 16 {
        assert!(begin.elapsed() < Duration::from_secs(9), "they have gone by themselves");
    }
}

#[test]
fn slow_clients_are_cut_off_on_both_transports_and_others_are_served_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificates) = ttlv_socket::start(folder.path());
    let ttlv = server.ttlv.unwrap();
    let begin = Instant::now();
    // How long a client lasts that sends this in a piece, and from then on a byte whenever so many seconds have passed.
    let slow_by = |seconds, mut stream: Box<dyn crate::client::Stream>, first: &'static [u8]| {
        thread::spawn(move || {
            stream.write_all(first).unwrap();
            stream.flush().unwrap();
            while stream.write_all(b"a").and_then(|()| stream.flush()).is_ok() {
                assert!(begin.elapsed() < Duration::from_secs(60), "{first:?} goes on");
                thread::sleep(Duration::from_secs(seconds));
            }
            begin.elapsed().as_secs()
        })
    };
    let slow = |stream, first| slow_by(1, stream, first);
    let https = |user| Box::new(connect(server.http, &certificates, Some(user), &["http/1.1"]));
    let socket = |user| Box::new(connect(ttlv, &certificates, Some(user), &[]));
    let attacks = [
        // The beginning of a Client Hello that does not end.
        (slow(Box::new(tcp(server.http)), HELLO), 10),
        (slow(Box::new(tcp(ttlv)), HELLO), 10),
        // A head that does not end.
        (slow(https("bob"), b"GET /version HTTP/1.1\r\nhost: "), 10),
        // It has five bytes more.
        (slow_by(3, socket("bob"), b"\x42\x00\x78"), 10),
        // A body that is too slow.
        (slow(https("bob"), b"POST /kmip_2_1 HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n{"), 30),
        (slow(socket("bob"), b"\x42\x00\x78\x01\x00\x00\x03\xe8\x42"), 30),
    ];
    let mut alice = Client::over(connect(server.http, &certificates, Some("alice"), &["http/1.1"]));
    while begin.elapsed() < Duration::from_secs(5) {
        create_key(&mut alice);
        thread::sleep(Duration::from_millis(100));
    }
    for (attack, patience) in attacks {
        let lasted = attack.join().unwrap();
        // The server looks every five seconds; a client notices at its second byte after the end.
        assert!((patience - 1..patience + 12).contains(&lasted), "{lasted} for {patience}");
    }
    assert_eq!(figure(&mut alice, "claviger_handshakes_too_slow_total"), 2);
    assert_eq!(figure(&mut alice, "claviger_clients_too_slow_total"), 4);
}

#[test]
fn heads_that_are_too_large_are_refused_with_431() {
    let (_folder, server) = server(&["--max-header-size", "16384"]);
    let big = format!("x-big: {}", "a".repeat(17_000));
    assert_eq!(server.client().send("GET", "/version", &[&big], b"").status, 431);
    let many: Vec<String> = (0..101).map(|number| format!("x-{number}: a")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(server.client().send("GET", "/version", &many, b"").status, 431);
    let path = format!("/{}", "a".repeat(17_000));
    assert!(matches!(server.client().send("GET", &path, &[], b"").status, 414 | 431));
    assert_eq!(server.client().send("GET", "/version", &many[..90], b"").status, 200);
}

#[test]
fn bodies_take_no_more_memory_together_than_they_may() {
    let (_folder, server) = server(&["--max-body-memory", "262144"]);
    let mut holds = tcp(server.http);
    holds.write_all(format!("{POST}content-length: 200000\r\n\r\n").as_bytes()).unwrap();
    holds.write_all(&vec![b' '; 120_000]).unwrap();
    let mut client = server.client();
    let begin = Instant::now();
    while figure(&mut client, "claviger_body_memory_bytes") < 120_000 {
        assert!(begin.elapsed() < Duration::from_secs(10));
    }
    let answer = server.client().send("POST", "/kmip_2_1", &[], &vec![b' '; 100_000]);
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.head.contains("retry-after: 1"), "{}", answer.head);
    // Short requests have room.
    create_key(&mut client);
    drop(holds);
    let begin = Instant::now();
    while figure(&mut client, "claviger_body_memory_bytes") > 0 {
        assert!(begin.elapsed() < Duration::from_secs(10));
    }
    let answer = server.client().send("POST", "/kmip_2_1", &[], &vec![b' '; 100_000]);
    assert_eq!(answer.status, 422, "{}", answer.text());
}

#[test]
fn a_message_on_the_socket_for_which_there_is_no_memory_is_refused_before_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificates) = ttlv_socket::start_with(folder.path(), &["--max-body-memory", "262144"]);
    let mut stream = connect(server.ttlv.unwrap(), &certificates, Some("alice"), &[]);
    stream.write_all(b"\x42\x00\x78\x01\x00\x10\x00\x00").unwrap();
    assert_eq!(statuses(&ttlv_socket::read(&mut stream).unwrap()), [ResultStatus::OPERATION_FAILED]);
    assert_eq!(ttlv_socket::read(&mut stream), None);
    let mut stream = connect(server.ttlv.unwrap(), &certificates, Some("alice"), &[]);
    stream.write_all(&binary::encode(&message(vec![query()]))).unwrap();
    assert_eq!(statuses(&ttlv_socket::read(&mut stream).unwrap()), [ResultStatus::SUCCESS]);
}

/// A message whose answer has so many mebibytes.
fn large_answer(mebibytes: usize) -> Vec<u8> {
    let length = Ttlv::new(Tag::DATA_LENGTH, Value::Integer(1 << 20));
    binary::encode(&message(vec![(OperationCode::RNG_RETRIEVE, vec![length]); mebibytes]))
}

#[test]
fn whoever_takes_no_answers_gets_no_further_large_ones_and_others_do() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificates) = ttlv_socket::start_with(folder.path(), &["--max-body-memory", "67108864"]);
    let socket = |user| connect(server.ttlv.unwrap(), &certificates, Some(user), &[]);
    let mut alice = Client::over(connect(server.http, &certificates, Some("alice"), &["http/1.1"]));
    let begin = Instant::now();
    let untaken: Vec<_> = (1..=2)
        .map(|number| {
            let mut bob = socket("bob");
            bob.write_all(&large_answer(14)).unwrap();
            bob.flush().unwrap();
            while figure(&mut alice, "claviger_body_memory_bytes") < number * (14 << 20) {
                assert!(begin.elapsed() < Duration::from_secs(30));
            }
            bob
        })
        .collect();
    let mut bob = socket("bob");
    // He may have half of the memory: there is room for 4 MiB less what is around the data.
    bob.write_all(&large_answer(8)).unwrap();
    let read = statuses(&ttlv_socket::read(&mut bob).unwrap());
    assert_eq!(read, [&[ResultStatus::SUCCESS; 3][..], &[ResultStatus::OPERATION_FAILED]].concat());
    let http = ["content-type: application/octet-stream"];
    let answer = alice.send("POST", "/kmip", &http, &large_answer(4));
    assert_eq!((answer.status, answer.body.len() >> 20), (200, 4));
    drop(untaken);
    while figure(&mut alice, "claviger_body_memory_bytes") > 0 {
        assert!(begin.elapsed() < Duration::from_secs(60));
    }
    bob.write_all(&large_answer(2)).unwrap();
    assert_eq!(statuses(&ttlv_socket::read(&mut bob).unwrap()), [ResultStatus::SUCCESS; 2]);
}

#[test]
fn of_one_user_only_so_many_requests_wait_and_further_ones_get_429() {
    let (_folder, server) = server(&["--requests-per-user", "1"]);
    let request = json!({"tag": "CreateKeyPair", "type": "Structure", "value": [
        {"tag": "CommonAttributes", "type": "Structure", "value": [
            {"tag": "CryptographicAlgorithm", "type": "Enumeration", "value": "RSA"},
            {"tag": "CryptographicLength", "type": "Integer", "value": 4096},
            {"tag": "CryptographicUsageMask", "type": "Integer", "value": 3},
            {"tag": "ObjectType", "type": "Enumeration", "value": "PrivateKey"}]}]});
    // Another machine, where nobody proves who he is, is another user.
    let mut other = Client::over(tcp_from(2, server.http));
    let asking: Vec<_> = (0..12)
        .map(|_| {
            let (mut client, request) = (server.client(), request.to_string());
            thread::spawn(move || client.send("POST", "/kmip_2_1", &[], request.as_bytes()))
        })
        .collect();
    create_key(&mut other);
    let answers: Vec<_> = asking.into_iter().map(|asking| asking.join().unwrap()).collect();
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    // One is worked on, and four wait. Some may have been done before the last one came.
    assert!((1..=7).contains(&refused.len()), "{}", refused.len());
    assert!(refused.iter().all(|answer| answer.head.contains("retry-after: 1")));
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 12 - refused.len());
    assert_eq!(figure(&mut other, "claviger_requests_too_many_total"), refused.len() as u64);
}

#[test]
fn on_http_2_an_answer_that_is_not_taken_keeps_the_turn_of_its_request() {
    let (_folder, server) = server(&["--requests-per-user", "2"]);
    let mut stream = tcp(server.http);
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    // SETTINGS_INITIAL_WINDOW_SIZE is 0 (RFC 9113 section 6.5.2): nothing of any answer may be sent.
    stream.write_all(&frame(4, 0, 0, &[0, 4, 0, 0, 0, 0])).unwrap();
    // POST http://a/kmip_2_1 (RFC 7541 appendix A and section 6.2.1).
    let head = [&[0x83, 0x86, 0x41, 0x01, b'a', 0x44, 0x09][..], b"/kmip_2_1"].concat();
    for request in [1, 3, 5] {
        stream.write_all(&frame(1, 0x04, request, &head)).unwrap();
        stream.write_all(&frame(0, 0x01, request, create().to_string().as_bytes())).unwrap();
    }
    let first = [answered(&mut stream), answered(&mut stream)];
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert_eq!(answered(&mut stream), None, "two have the turns");
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // The client does not want one of them any more.
    stream.write_all(&frame(3, 0, first[0].unwrap(), &8u32.to_be_bytes())).unwrap();
    let last = answered(&mut stream);
    let mut all = [first[0], first[1], last].map(Option::unwrap);
    all.sort_unstable();
    assert_eq!(all, [1, 3, 5]);
}

/// Of which HTTP/2 stream the head of an answer comes next, if one comes in time.
fn answered(stream: &mut TcpStream) -> Option<u32> {
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).ok()?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        stream.read_exact(&mut payload).unwrap();
        if head[3] == 1 {
            return Some(u32::from_be_bytes([head[5], head[6], head[7], head[8]]));
        }
    }
}

#[test]
fn a_batch_of_too_many_items_is_refused_and_a_large_one_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificates) = ttlv_socket::start_with(folder.path(), &["--max-batch-items", "3000"]);
    let batch = |items| binary::encode(&message_of(items));
    let mut stream = connect(server.ttlv.unwrap(), &certificates, Some("alice"), &[]);
    stream.write_all(&batch(3_001)).unwrap();
    assert_eq!(statuses(&ttlv_socket::read(&mut stream).unwrap()), [ResultStatus::OPERATION_FAILED]);
    // More than 64 KiB: it is worked on beside the others.
    assert!(batch(3_000).len() > 64 << 10);
    stream.write_all(&batch(3_000)).unwrap();
    assert_eq!(statuses(&ttlv_socket::read(&mut stream).unwrap()), vec![ResultStatus::SUCCESS; 3_000]);
    let mut client = Client::over(connect(server.http, &certificates, Some("alice"), &["http/1.1"]));
    let answer = client.send("POST", "/kmip", &["content-type: application/octet-stream"], &batch(3_000));
    assert_eq!(answer.status, 200);
}

/// So many queries, which have no identifiers of their own.
fn message_of(items: usize) -> Ttlv {
    let one = message(vec![query()]);
    let [header, item] = one.children() else { panic!("{one:?}") };
    let without = item.children().iter().filter(|field| field.tag != Tag::UNIQUE_BATCH_ITEM_ID).cloned();
    let item = Ttlv::structure(Tag::BATCH_ITEM, without.collect());
    let fields = header.children().iter().map(|field| match field.tag {
        Tag::BATCH_COUNT => Ttlv::new(Tag::BATCH_COUNT, Value::Integer(i32::try_from(items).unwrap())),
        _ => field.clone(),
    });
    let header = Ttlv::structure(Tag::REQUEST_HEADER, fields.collect());
    let items = std::iter::repeat_n(item, items);
    Ttlv::structure(Tag::REQUEST_MESSAGE, std::iter::once(header).chain(items).collect())
}

#[test]
fn a_client_that_opens_and_resets_streams_or_continues_a_head_for_ever_is_sent_away() {
    let (_folder, server) = server(&[]);
    // GET / of the host `a` (RFC 7541 appendix A and section 6.2.1).
    let head = [0x82, 0x86, 0x84, 0x41, 0x01, b'a'];
    let resets = (0..1_000u32).flat_map(|number| {
        let stream = 2 * number + 1;
        [frame(1, 0x05, stream, &head), frame(3, 0, stream, &8u32.to_be_bytes())].concat()
    });
    let continued = [frame(1, 0x01, 1, &head), frame(9, 0, 1, &[]).repeat(10_000)].concat();
    for attack in [resets.collect(), continued] {
        let mut stream = tcp(server.http);
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        stream.write_all(&frame(4, 0, 0, &[])).unwrap();
        // The server may close while this is being sent.
        let _ = stream.write_all(&attack);
        assert!(is_sent_away(&mut stream));
    }
    let body = create().to_string();
    assert_eq!(server.client().send("POST", "/kmip_2_1", &[], body.as_bytes()).status, 200);
}

/// A frame of HTTP/2 (RFC 9113 section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Whether the server says GOAWAY with an error, or breaks off.
fn is_sent_away(stream: &mut TcpStream) -> bool {
    loop {
        let mut head = [0; 9];
        if let Err(error) = stream.read_exact(&mut head) {
            return !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
        }
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        if stream.read_exact(&mut payload).is_err() {
            return true;
        }
        if head[3] == 7 {
            return payload[4..8] != [0; 4];
        }
    }
}
