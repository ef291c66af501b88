//! Another side that the server connects to over TLS, such as one that speaks KMIP in binary TTLV.

use std::path::PathBuf;
use std::sync::Arc;

use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::failure::Failure;
use crate::identity::{Identity, IdentitySource, read_authorities};
use crate::patience;
use crate::talk::Talk;

/// Where another side is, whose certificates it may have, and what the server shows it.
pub(crate) struct Peer {
    name: ServerName<'static>,
    address: (String, u16),
    authority: PathBuf,
    identity: Option<Arc<IdentitySource>>,
}

impl Peer {
    /// The other side at this host and port. It has to have a certificate of one of the authorities in the file.
    ///
    /// # Errors
    /// `flag` names no host; a file is no good.
    pub(crate) fn new(
        flag: &str,
        (host, port): (&str, u16),
        authority: PathBuf,
        identity: Option<Arc<IdentitySource>>,
    ) -> Result<Self, Failure> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Failure::usage(format!("--{flag}: `{host}` is no name or address of a host")))?;
        let peer = Self { name, address: (host.to_owned(), port), authority, identity };
        peer.tls()?;
        Ok(peer)
    }

    /// Connects.
    ///
    /// # Errors
    /// It cannot be reached, or does not have the right certificate.
    pub(crate) async fn connect(&self) -> Result<Talk<TlsStream<TcpStream>>> {
        self.stream().await.map(Talk::new)
    }

    /// Connects, for another protocol than TTLV.
    ///
    /// # Errors
    /// As those of [`Peer::connect`].
    pub(crate) async fn stream(&self) -> Result<TlsStream<TcpStream>> {
        let tls =
            self.tls().map_err(|failure| unreachable("TLS cannot be used").because(failure.to_string()))?;
        let (host, port) = &self.address;
        let connecting = async {
            let stream = TcpStream::connect((host.as_str(), *port)).await?;
            stream.set_nodelay(true)?;
            tls.connect(self.name.clone(), stream).await
        };
        let stream = timeout(patience::CLIENT, connecting).await;
        let stream = stream.map_err(|_| unreachable("the other side cannot be reached in time"))?;
        stream.map_err(|error| unreachable("the other side cannot be reached").because(error))
    }

    /// TLS with the files as they are now: connections are rare, and certificates change.
    fn tls(&self) -> Result<TlsConnector, Failure> {
        let refused = |error: rustls::Error| Failure::new(format!("TLS to others cannot be used: {error}"));
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(refused)?
            .with_root_certificates(read_authorities(&self.authority)?);
        let config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some(source) => {
                let Identity { chain, key } = source.read()?;
                builder.with_client_auth_cert(chain, key).map_err(refused)?
            }
        };
        Ok(Arc::new(config).into())
    }
}

/// The host and port of a text such as `keys.example:5696` or `[::1]:5696`.
pub(crate) fn host_and_port(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port = port.parse().ok().filter(|port| *port != 0)?;
    (!host.is_empty()).then_some((host, port))
}

pub(crate) fn unreachable(why: &'static str) -> Error {
    Error::new(ResultReason::GENERAL_FAILURE, ErrorClass::Server, why)
}
