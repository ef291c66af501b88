//! Clients that answer what the server asks: the asking itself, and connections that the server opens for it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use claviger_engine::{ConfiguredClient, Dialer, Endpoint};
use claviger_kmip::Ttlv;
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::settings::Settings;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::failure::Failure;
use crate::identity::{Identity, IdentitySource, read_authorities};
use crate::patience;
use crate::plugin_options::list;
use crate::talk::Talk;
use crate::undecodable;

/// For ever, as far as a connection goes.
const ANY_TIME: Duration = Duration::from_secs(u32::MAX as u64);

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Talk<S> {
    /// Asks the other side, which answers.
    ///
    /// # Errors
    /// It has gone, does not answer in time, or answers by what is no message.
    pub(crate) async fn ask(&mut self, request: Ttlv, limits: &Limits) -> Result<Ttlv> {
        if !self.write(&request).await {
            return Err(unreachable("the client does not take what it is asked"));
        }
        let read = self.read(limits, patience::CLIENT).await.map_err(|error| undecodable::error(&error))?;
        let length = read.ok_or_else(|| unreachable("the client does not answer"))?;
        self.take(length, limits).map_err(|error| undecodable::error(&error))
    }

    /// Returns when the other side has gone, or has sent what nobody asked for.
    pub(crate) async fn gone(&mut self) {
        self.begins(ANY_TIME).await;
    }
}

/// The clients that `--client-endpoints` names.
///
/// # Errors
/// An item is not USER=HOST:PORT, or nothing says which certificates of clients to trust.
pub(crate) fn configured(settings: &Settings, limits: Limits) -> Result<Vec<ConfiguredClient>, Failure> {
    let endpoints: Vec<&str> = list(settings, FLAG).collect();
    let authority =
        settings.path("client-endpoints-authority").or_else(|| settings.path("authority-cert-file"));
    let Some(authority) = authority else {
        return match endpoints.is_empty() {
            true => Ok(Vec::new()),
            false => Err(Failure::usage(format!(
                "--{FLAG} needs --client-endpoints-authority, which says whose certificates these clients have"
            ))),
        };
    };
    let identity = IdentitySource::from_settings(settings)?.map(Arc::new);
    let client = |item: &str| {
        let (user, host, port) = parse(item)
            .ok_or_else(|| Failure::usage(format!("--{FLAG} takes USER=HOST:PORT, not `{item}`")))?;
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Failure::usage(format!("--{FLAG}: `{host}` is no name or address of a host")))?;
        let dialer = Listening {
            name,
            address: (host.to_owned(), port),
            authority: authority.clone(),
            identity: identity.clone(),
            limits,
        };
        dialer.tls()?;
        Ok(ConfiguredClient { user: user.to_owned(), dialer: Arc::new(dialer) })
    };
    endpoints.into_iter().map(client).collect()
}

const FLAG: &str = "client-endpoints";

/// A name of a user may have any letter.
fn parse(item: &str) -> Option<(&str, &str, u16)> {
    let (user, address) = item.rsplit_once('=')?;
    let (host, port) = address.rsplit_once(':')?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port = port.parse().ok().filter(|port| *port != 0)?;
    (!user.is_empty() && !host.is_empty()).then_some((user, host, port))
}

/// A client that listens.
struct Listening {
    name: ServerName<'static>,
    address: (String, u16),
    authority: PathBuf,
    identity: Option<Arc<IdentitySource>>,
    limits: Limits,
}

impl Listening {
    /// TLS with the files as they are now: connections are rare, and certificates change.
    fn tls(&self) -> Result<TlsConnector, Failure> {
        let refused = |error: rustls::Error| Failure::new(format!("TLS to clients cannot be used: {error}"));
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

impl Dialer for Listening {
    fn dial(&self) -> BoxFuture<'_, Result<Box<dyn Endpoint>>> {
        Box::pin(async {
            let tls = self
                .tls()
                .map_err(|failure| unreachable("TLS cannot be used").because(failure.to_string()))?;
            let (host, port) = &self.address;
            let connecting = async {
                let stream = TcpStream::connect((host.as_str(), *port)).await?;
                stream.set_nodelay(true)?;
                tls.connect(self.name.clone(), stream).await
            };
            let stream = timeout(patience::CLIENT, connecting).await;
            let stream = stream.map_err(|_| unreachable("the client cannot be reached in time"))?;
            let stream =
                stream.map_err(|error| unreachable("the client cannot be reached").because(error))?;
            Ok(Box::new(Dialed { talk: Talk::new(stream), limits: self.limits }) as Box<dyn Endpoint>)
        })
    }
}

/// A connection that the server opened.
struct Dialed {
    talk: Talk<TlsStream<TcpStream>>,
    limits: Limits,
}

impl Endpoint for Dialed {
    fn ask(&mut self, request: Ttlv) -> BoxFuture<'_, Result<Ttlv>> {
        Box::pin(self.talk.ask(request, &self.limits))
    }

    fn gone(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.talk.gone())
    }

    fn is_proven(&mut self) -> BoxFuture<'_, bool> {
        // The configuration says whose client it is.
        Box::pin(async { true })
    }
}

fn unreachable(why: &'static str) -> Error {
    Error::new(ResultReason::GENERAL_FAILURE, ErrorClass::Server, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_user_a_host_and_a_port() {
        assert_eq!(parse("alice=keys.example:5696"), Some(("alice", "keys.example", 5696)));
        assert_eq!(parse("a=b:c=[::1]:1"), Some(("a=b:c", "::1", 1)));
        for bad in ["alice", "alice=host", "=host:1", "alice=:1", "alice=host:0", "alice=host:65536"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
