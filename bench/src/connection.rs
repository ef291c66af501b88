//! One client connection: sends a prepared request, reads the answer, and checks that it is a success.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use xtask::Outcome;
use xtask::certificates::Certificates;

/// Where a server listens and how to speak to it.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    pub(crate) framing: Framing,
    pub(crate) tls: Option<Arc<ClientConfig>>,
}

/// How one message ends and the next begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// HTTP/1.1 with a content length.
    Http,
    /// The length in the first eight bytes of a TTLV item.
    Ttlv,
}

/// An open connection.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    framing: Framing,
    received: Vec<u8>,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

impl Connection {
    /// Connects.
    pub(crate) async fn open(endpoint: &Endpoint) -> Outcome<Self> {
        Self::over(TcpStream::connect(endpoint.address).await?, endpoint).await
    }

    /// Makes a connection of a stream to this endpoint.
    pub(crate) async fn over(tcp: TcpStream, endpoint: &Endpoint) -> Outcome<Self> {
        tcp.set_nodelay(true)?;
        let stream: Box<dyn Stream> = match &endpoint.tls {
            None => Box::new(tcp),
            Some(config) => {
                let name = ServerName::from(endpoint.address.ip());
                Box::new(TlsConnector::from(Arc::clone(config)).connect(name, tcp).await?)
            }
        };
        Ok(Self { stream, framing: endpoint.framing, received: Vec::with_capacity(64 * 1024) })
    }

    /// Sends bytes, and reads nothing.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Outcome {
        self.stream.write_all(bytes).await?;
        Ok(self.stream.flush().await?)
    }

    /// Sends a request and returns the body of the answer.
    ///
    /// # Errors
    /// The connection breaks, or the HTTP status is not 200.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Outcome<&[u8]> {
        self.send(request).await?;
        self.received.clear();
        let (start, end) = loop {
            if let Some(extent) = self.extent()?.filter(|(_, end)| self.received.len() >= *end) {
                break extent;
            }
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err("the server closed the connection".into());
            }
        };
        Ok(self.received.get(start..end).unwrap_or_default())
    }

    /// Where the body of the answer begins and ends, as soon as that is known.
    fn extent(&self) -> Outcome<Option<(usize, usize)>> {
        match self.framing {
            Framing::Http => http_extent(&self.received),
            Framing::Ttlv => Ok(ttlv_extent(&self.received)),
        }
    }
}

/// TLS for a user who has a certificate.
pub(crate) fn client_tls(certificates: &Certificates, user: &str) -> Outcome<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificates.authority())?)?;
    let identity = certificates.user(user);
    let chain = vec![CertificateDer::from_pem_file(identity.certificate)?];
    let key = PrivateKeyDer::from_pem_file(identity.key)?;
    Ok(Arc::new(ClientConfig::builder().with_root_certificates(roots).with_client_auth_cert(chain, key)?))
}

fn http_extent(received: &[u8]) -> Outcome<Option<(usize, usize)>> {
    let Some(head_length) = received.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(received.get(..head_length).unwrap_or_default())?;
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap_or_default();
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let length = length.ok_or("the answer has no content length")?;
    let extent = (head_length + 4, head_length + 4 + length);
    if status.split(' ').nth(1) != Some("200") && received.len() >= extent.1 {
        let body = String::from_utf8_lossy(received.get(extent.0..).unwrap_or_default());
        return Err(format!("the server answered {status}: {body}").into());
    }
    Ok(Some(extent))
}

fn ttlv_extent(received: &[u8]) -> Option<(usize, usize)> {
    let length: [u8; 4] = received.get(4..8)?.try_into().ok()?;
    Some((0, 8 + u32::from_be_bytes(length) as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extent_of_an_answer_is_known_from_its_head() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel";
        assert_eq!(http_extent(answer).unwrap(), Some((38, 43)));
        assert_eq!(http_extent(b"HTTP/1.1 200 OK\r\n").unwrap(), None);
        assert_eq!(ttlv_extent(&[0x42, 0, 0x7B, 1, 0, 0, 0, 16]), Some((0, 24)));
        assert_eq!(ttlv_extent(&[0x42, 0]), None);
    }

    #[test]
    fn an_error_status_is_reported_with_its_text() {
        let answer = b"HTTP/1.1 422 Unprocessable Entity\r\ncontent-length: 3\r\n\r\nbad";
        assert!(http_extent(answer).unwrap_err().to_string().contains("422 Unprocessable Entity: bad"));
    }
}
