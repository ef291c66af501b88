//! A small blocking HTTP/1.1 client, over TCP or TLS.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use claviger_kmip::Ttlv;
use claviger_kmip::codec::{binary, limits::Limits};
use serde_json::Value;

/// A stream of either kind.
pub(crate) trait Stream: Read + Write + Send {}
impl<S: Read + Write + Send> Stream for S {}

/// A connection that is kept.
pub(crate) struct Client {
    stream: Box<dyn Stream>,
    /// Why there was no answer, unless the connection was just closed.
    problem: Option<std::io::Error>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Client {
    /// Connects without TLS.
    pub(crate) fn connect(address: SocketAddr) -> Self {
        Self::over(tcp(address))
    }

    /// Connects without TLS, if anybody listens.
    pub(crate) fn try_connect(address: SocketAddr) -> Option<Self> {
        let stream = TcpStream::connect(address).ok()?;
        Some(Self::over(ready(stream)))
    }

    /// Speaks over a stream that is connected.
    pub(crate) fn over(stream: impl Stream + 'static) -> Self {
        Self { stream: Box::new(stream), problem: None }
    }

    /// Sends a request with these header lines, and reads the answer.
    pub(crate) fn send(&mut self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
        let answer = self.try_send(method, path, headers, body);
        answer.unwrap_or_else(|| panic!("the server closed the connection: {:?}", self.problem))
    }

    /// The same, when the server may close the connection.
    pub(crate) fn try_send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[&str],
        body: &[u8],
    ) -> Option<Answer> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
        for header in headers {
            request += &format!("{header}\r\n");
        }
        request += &format!("content-length: {}\r\n\r\n", body.len());
        let mut request = request.into_bytes();
        request.extend_from_slice(body);
        self.stream.write_all(&request).map_err(|error| self.problem = Some(error)).ok()?;
        self.read_answer(method == "HEAD")
    }

    /// Sends bytes as they are.
    pub(crate) fn send_raw(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// Reads an answer; `None` when the server closed the connection instead.
    pub(crate) fn read_answer(&mut self, without_body: bool) -> Option<Answer> {
        let mut received = Vec::new();
        let end = loop {
            if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            self.read_more(&mut received)?;
        };
        let head = String::from_utf8(received[..end].to_vec()).unwrap().to_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = if without_body { 0 } else { length.map_or(0, |length| length.parse().unwrap()) };
        while received.len() < end + length {
            self.read_more(&mut received)?;
        }
        assert_eq!(received.len(), end + length, "more than one answer");
        Some(Answer { status, head, body: received[end..].to_vec() })
    }

    /// Sends a REST JSON request of an operation and gives its answer, which must be a success.
    pub(crate) fn rest(&mut self, request: &Value) -> Value {
        let answer = self.send(
            "POST",
            "/kmip_2_1",
            &["content-type: application/json"],
            request.to_string().as_bytes(),
        );
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Sends a KMIP message in binary TTLV, and reads the answer.
    pub(crate) fn kmip(&mut self, message: &Ttlv) -> Ttlv {
        let request = binary::encode(message);
        let answer = self.send("POST", "/kmip", &["content-type: application/octet-stream"], &request);
        assert_eq!(answer.status, 200, "{}", answer.text());
        binary::decode(&answer.body, &Limits::default()).unwrap()
    }

    /// The same when the server may close the connection, or answer by another status than 200, which is told.
    pub(crate) fn try_kmip(&mut self, message: &Ttlv) -> Option<Result<Ttlv, String>> {
        let request = binary::encode(message);
        let answer = self.try_send("POST", "/kmip", &["content-type: application/octet-stream"], &request)?;
        if answer.status != 200 {
            return Some(Err(format!("{} {}", answer.status, answer.text())));
        }
        Some(Ok(binary::decode(&answer.body, &Limits::default()).unwrap()))
    }

    fn read_more(&mut self, received: &mut Vec<u8>) -> Option<()> {
        let mut buffer = [0; 16 << 10];
        let read = loop {
            match self.stream.read(&mut buffer) {
                // A signal to the process; a read with a timeout is not begun again by itself.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let read = read.map_err(|error| self.problem = Some(error)).ok().filter(|read| *read > 0)?;
        received.extend_from_slice(&buffer[..read]);
        Some(())
    }
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A TCP connection that does not wait for ever.
pub(crate) fn tcp(address: SocketAddr) -> TcpStream {
    ready(TcpStream::connect(address).unwrap())
}

/// The same from another address of the loopback, 127.0.0.`own`, as if it were another machine.
pub(crate) fn tcp_from(own: u8, address: SocketAddr) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, own], 0))).unwrap();
        socket.connect(address).await.unwrap().into_std().unwrap()
    });
    stream.set_nonblocking(false).unwrap();
    ready(stream)
}

fn ready(stream: TcpStream) -> TcpStream {
    // Longer than a server waits for its database, 30 s: what it says then is an answer.
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}
