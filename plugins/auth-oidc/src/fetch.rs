//! Fetching a small document of JSON: one request on a connection of its own, without following redirects.

use std::fmt;
use std::time::Duration;

use http::header::{ACCEPT, CONNECTION, HOST, USER_AGENT};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::authorities::Authorities;
use crate::url::Url;

/// How long a document may take, from the look-up of its host to its last byte.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bytes that a document may have.
const LENGTH: usize = 256 << 10;

const NAME: &str = concat!("claviger/", env!("CARGO_PKG_VERSION"));

/// Why there is no document.
#[derive(Debug)]
pub(crate) enum FetchError {
    /// The server answers by another status than 200.
    Status(StatusCode),
    /// Anything else.
    Other(String),
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "it is answered by status {}", status.as_u16()),
            Self::Other(why) => f.write_str(why),
        }
    }
}

/// Fetches a document.
///
/// # Errors
/// There is none, it is no JSON or too long, it does not come in time, or the server does not prove who it is.
pub(crate) async fn json(url: &Url, authorities: &Authorities) -> Result<Value, FetchError> {
    match timeout(PATIENCE, exchange(url, authorities)).await {
        Ok(fetched) => fetched,
        Err(_) => Err(FetchError::Other(format!("it does not come within {} seconds", PATIENCE.as_secs()))),
    }
}

async fn exchange(url: &Url, authorities: &Authorities) -> Result<Value, FetchError> {
    let stream =
        TcpStream::connect((url.host(), url.port())).await.map_err(other("its server cannot be reached"))?;
    if !url.tls() {
        return ask(url, stream).await;
    }
    let tls = authorities.tls().map_err(FetchError::Other)?;
    let name = ServerName::try_from(url.host().to_owned()).map_err(other("its host has no proper name"))?;
    let stream = TlsConnector::from(tls).connect(name, stream).await;
    ask(url, stream.map_err(other("its server does not speak TLS as it should"))?).await
}

async fn ask<S>(url: &Url, stream: S) -> Result<Value, FetchError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(other("its server does not speak HTTP"))?;
    // It ends when the sender is dropped, and what went wrong on it is told by the answer.
    let driving = tokio::spawn(connection);
    let request = Request::get(url.path())
        .header(HOST, url.authority())
        .header(USER_AGENT, NAME)
        .header(ACCEPT, "application/json, application/jwk-set+json")
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(other("its URL cannot be asked for"))?;
    let answer = sender.send_request(request).await.map_err(other("its server does not answer"))?;
    if answer.status() != StatusCode::OK {
        return Err(FetchError::Status(answer.status()));
    }
    let body = Limited::new(answer.into_body(), LENGTH).collect().await;
    driving.abort();
    let body = body.map_err(|error| FetchError::Other(format!("it does not come whole: {error}")))?;
    serde_json::from_slice(&body.to_bytes()).map_err(other("it is no JSON"))
}

fn other<E: fmt::Display>(what: &'static str) -> impl FnOnce(E) -> FetchError {
    move |error| FetchError::Other(format!("{what}: {error}"))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// What becomes of a document whose server answers like this.
    async fn fetched(answer: Vec<u8>) -> Result<Value, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::read(&format!("http://{}/keys", listener.local_addr().unwrap()), false).unwrap();
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).await.unwrap();
            assert!(request[..read].starts_with(b"GET /keys HTTP/1.1\r\n"));
            // The client may have seen enough before the end.
            let _ = stream.write_all(&answer).await;
        });
        let fetched = json(&url, &Authorities(None)).await.map_err(|error| error.to_string());
        serving.await.unwrap();
        fetched
    }

    fn with_status(line: &str, body: &[u8]) -> Vec<u8> {
        let head =
            format!("HTTP/1.1 {line}\r\nlocation: /elsewhere\r\ncontent-length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    }

    #[tokio::test]
    async fn a_document_is_fetched() {
        assert_eq!(
            fetched(with_status("200 OK", b"{\"keys\":[]}")).await,
            Ok(serde_json::json!({"keys": []}))
        );
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        assert_eq!(
            fetched(with_status("302 Found", b"{}")).await,
            Err("it is answered by status 302".to_owned())
        );
    }

    #[tokio::test]
    async fn what_is_too_long_broken_off_or_no_json_is_refused() {
        let long = format!("\"{}\"", "a".repeat(LENGTH));
        let mut short = with_status("200 OK", b"{\"keys\":[]}");
        short.truncate(short.len() - 1);
        for wrong in [
            with_status("200 OK", long.as_bytes()),
            short,
            with_status("200 OK", b"<html>"),
            b"SSH-2.0\r\n".to_vec(),
        ] {
            assert!(fetched(wrong).await.is_err());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_does_not_answer_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::read(&format!("http://{}/keys", listener.local_addr().unwrap()), false).unwrap();
        let error = json(&url, &Authorities(None)).await.unwrap_err().to_string();
        assert_eq!(error, "it does not come within 5 seconds");
    }
}
