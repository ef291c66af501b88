//! Clients that answer what the server asks: the asking itself, and connections that the server opens for it.

use std::sync::Arc;
use std::time::Duration;

use claviger_engine::{ConfiguredClient, Dialer, Endpoint};
use claviger_kmip::Ttlv;
use claviger_kmip::codec::binary::{self, Checked};
use claviger_kmip::codec::limits::Limits;
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::settings::Settings;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::failure::Failure;
use crate::identity::IdentitySource;
use crate::patience;
use crate::peer::{Peer, host_and_port, unreachable};
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
        if !self.write(&binary::encode(&request)).await {
            return Err(unreachable("the other side does not take what it is asked"));
        }
        let read = self.read(limits, patience::CLIENT).await.map_err(|error| undecodable::error(&error))?;
        let length = read.ok_or_else(|| unreachable("the other side does not answer"))?;
        let answer = Checked::new(self.take(length), limits).map_err(|error| undecodable::error(&error))?;
        Ok(answer.to_tree())
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
        let peer = Peer::new(FLAG, (host, port), authority.clone(), identity.clone())?;
        let dialer = Listening { peer, limits };
        Ok(ConfiguredClient { user: user.to_owned(), dialer: Arc::new(dialer) })
    };
    endpoints.into_iter().map(client).collect()
}

const FLAG: &str = "client-endpoints";

/// A name of a user may have any letter.
fn parse(item: &str) -> Option<(&str, &str, u16)> {
    let (user, address) = item.rsplit_once('=')?;
    let (host, port) = host_and_port(address)?;
    (!user.is_empty()).then_some((user, host, port))
}

/// A client that listens.
struct Listening {
    peer: Peer,
    limits: Limits,
}

impl Dialer for Listening {
    fn dial(&self) -> BoxFuture<'_, Result<Box<dyn Endpoint>>> {
        Box::pin(async {
            let talk = self.peer.connect().await?;
            Ok(Box::new(Dialed { talk, limits: self.limits }) as Box<dyn Endpoint>)
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
