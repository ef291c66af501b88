//! The connection to the other server.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use claviger_kmip::Ttlv;
use claviger_kmip::codec::binary;
use claviger_kmip::codec::limits::Limits;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;
use zeroize::Zeroizing;

use super::options::{From, FromKmip};
use crate::failure::Failure;
use crate::identity::IdentitySource;
use crate::peer::Peer;
use crate::talk::Talk;

/// How long the other server may take for an answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// What an answer may have at most: a list of all identifiers is long.
const LIMITS: Limits = Limits { depth: 32, length: 512 << 20, items: 20_000_000 };

/// A connection.
pub(super) enum Link {
    Ttlv(Box<Talk<TlsStream<TcpStream>>>),
    Http(Box<Http>),
}

/// HTTP, over TLS or not.
pub(super) struct Http {
    send: SendRequest<Full<Bytes>>,
    host: String,
    path: String,
    token: Option<Zeroizing<String>>,
}

impl Link {
    /// Connects.
    ///
    /// # Errors
    /// The other server cannot be reached, or is not whom its certificate should name.
    pub(super) async fn open(options: &FromKmip) -> Result<Self, Failure> {
        match &options.from {
            From::Ttlv(address) => {
                let (host, port) = split(address, None)?;
                let talk = peer(options, &host, port)?.connect().await;
                Ok(Self::Ttlv(Box::new(talk.map_err(|error| unreached(&error))?)))
            }
            From::Http(url) => Http::open(options, url).await.map(|http| Self::Http(Box::new(http))),
        }
    }

    /// Sends a KMIP message and waits for the answer.
    ///
    /// # Errors
    /// The connection broke, or what came is no message.
    pub(super) async fn message(&mut self, message: Ttlv) -> Result<Ttlv, Failure> {
        match self {
            Self::Ttlv(talk) => talk.ask(message, &LIMITS).await.map_err(|error| unreached(&error)),
            Self::Http(http) => {
                let body = binary::encode(&message);
                let (status, answer) = http.post("application/octet-stream", body).await?;
                if status != StatusCode::OK {
                    return Err(unexpected(status, &answer));
                }
                binary::decode(&answer, &LIMITS).map_err(broken)
            }
        }
    }
}

impl Http {
    async fn open(options: &FromKmip, url: &str) -> Result<Self, Failure> {
        let wrong =
            || Failure::usage(format!("--from takes a URL such as https://HOST:PORT/kmip_2_1, not `{url}`"));
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        let authority = uri.authority().ok_or_else(wrong)?.as_str();
        let (is_tls, port) = match uri.scheme_str() {
            Some("https") => (true, 443),
            Some("http") => (false, 80),
            _ => return Err(wrong()),
        };
        let (host, port) = split(authority, Some(port))?;
        if !is_tls {
            refuse_in_the_clear(options, &host)?;
        }
        let send = match is_tls {
            true => {
                let stream = peer(options, &host, port)?.stream().await;
                converse(stream.map_err(|error| unreached(&error))?).await?
            }
            false => converse(tcp(&host, port).await?).await?,
        };
        let token = options.token.as_deref().map(read_token).transpose()?;
        Ok(Self { send, host: authority.to_owned(), path: uri.path().to_owned(), token })
    }

    /// Posts a body; status and body of the answer.
    ///
    /// # Errors
    /// The connection broke.
    pub(super) async fn post(
        &mut self,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<(StatusCode, Zeroizing<Vec<u8>>), Failure> {
        let mut request =
            Request::post(&self.path).header(HOST, &self.host).header(CONTENT_TYPE, content_type);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {}", token.as_str()));
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(broken)?;
        let asking = async {
            self.send.ready().await.map_err(broken)?;
            let answer = self.send.send_request(request).await.map_err(broken)?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), LIMITS.length).collect().await.map_err(broken)?;
            Ok((status, Zeroizing::new(body.to_bytes().to_vec())))
        };
        timeout(PATIENCE, asking).await.map_err(|_| broken("it does not answer in time"))?
    }
}

/// What an answer that is none says.
pub(super) fn unexpected(status: StatusCode, body: &[u8]) -> Failure {
    let text: String = String::from_utf8_lossy(body).chars().filter(|c| !c.is_control()).take(300).collect();
    broken(format!("it answers {status}: {text}"))
}

fn broken(error: impl std::fmt::Display) -> Failure {
    Failure::new(format!("the other server: {error}"))
}

async fn converse<S>(stream: S) -> Result<SendRequest<Full<Bytes>>, Failure>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (send, connection) = handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // It ends when the other side or this one goes; whoever asks then is told.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(send)
}

async fn tcp(host: &str, port: u16) -> Result<TcpStream, Failure> {
    let stream = timeout(PATIENCE, TcpStream::connect((host, port))).await;
    let stream = stream.map_err(|_| broken("it cannot be reached in time"))?;
    stream.map_err(|error| broken(format!("{host}:{port} cannot be reached: {error}")))
}

/// Without TLS, keys and the token stay on this machine.
fn refuse_in_the_clear(options: &FromKmip, host: &str) -> Result<(), Failure> {
    if host != "localhost" && !host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()) {
        return Err(Failure::usage(format!(
            "--from http://{host} would bring keys over the network in the clear: take https://"
        )));
    }
    if options.authority.is_some() || options.identity.is_some() {
        return Err(Failure::usage("--from-ca and --from-cert are of no use with http://: take https://"));
    }
    Ok(())
}

fn peer(options: &FromKmip, host: &str, port: u16) -> Result<Peer, Failure> {
    let authority = options.authority.clone().ok_or_else(|| {
        Failure::usage("--from-ca is needed: it says who signed the certificate of the other server")
    })?;
    let identity = options.identity.clone();
    let identity = identity.map(|(certificates, key)| Arc::new(IdentitySource::Pem { certificates, key }));
    Peer::new("from", (host, port), authority, identity)
}

fn unreached(error: &claviger_plugin_sdk::Error) -> Failure {
    Failure::from_error("the other server", error)
}

/// Host and port of an address.
fn split(address: &str, default: Option<u16>) -> Result<(String, u16), Failure> {
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
        _ => (address, default),
    };
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    match port.filter(|port| *port != 0 && !host.is_empty()) {
        Some(port) => Ok((host.to_owned(), port)),
        None => Err(Failure::usage(format!("the other server is named by HOST:PORT, not `{address}`"))),
    }
}

fn read_token(file: &Path) -> Result<Zeroizing<String>, Failure> {
    let text = std::fs::read_to_string(file).map(Zeroizing::new);
    let text = text.map_err(|error| Failure::new(format!("{} cannot be read: {error}", file.display())))?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_by_host_and_port() {
        assert_eq!(split("keys.example:5696", None).unwrap(), ("keys.example".to_owned(), 5696));
        assert_eq!(split("[::1]:1", None).unwrap(), ("::1".to_owned(), 1));
        assert_eq!(split("keys.example", Some(443)).unwrap(), ("keys.example".to_owned(), 443));
        assert_eq!(split("[::1]", Some(443)).unwrap(), ("::1".to_owned(), 443));
        for bad in ["keys.example", ":1", "keys.example:0", "keys.example:65536", "a:b"] {
            assert!(split(bad, None).is_err(), "{bad}");
        }
    }
}
