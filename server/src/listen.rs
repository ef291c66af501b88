//! Listening sockets, and the connections that come in.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use claviger_engine::Engine;
use claviger_plugin_sdk::authentication::{ConnectionFacts, Transport};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpSocket, TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

use crate::connection::Connection;
use crate::failure::Failure;
use crate::handshakes::Broken;
use crate::http::{self, Http};
use crate::patience;
use crate::refusal;
use crate::room::Room;
use crate::seat::Seat;
use crate::shutdown::Ending;
use crate::socket::{self, TtlvSocket};
use crate::standing::Standing;
use crate::tls::{Beginning, Tls};

const BACKLOG: u32 = 1_024;

/// Pause after the system could not accept a connection, such as when no file descriptor is left.
const OUT_OF_BREATH: Duration = Duration::from_millis(50);

/// The first bytes of HTTP/2 without TLS (RFC 9113 section 3.4), and of no other method.
const HTTP2_BEGINS: &[u8] = b"PRI";

/// An address that is taken and not yet listened on.
pub(crate) struct Bound(TcpSocket);

/// What is spoken on an address.
#[derive(Clone)]
pub(crate) enum Speaker {
    /// HTTP, or HTTPS.
    Http(Arc<Http>, Option<Arc<Tls>>),
    /// Binary TTLV over TLS.
    Ttlv(Arc<TtlvSocket>, Arc<Tls>),
}

impl Bound {
    /// Takes an address, so that a start that cannot succeed fails before anything is touched.
    ///
    /// # Errors
    /// The name has no address, or the address is taken.
    pub(crate) async fn take(hostname: &str, port: u16) -> Result<Self, Failure> {
        let problem = |error| Failure::new(format!("cannot listen on {hostname} port {port}: {error}"));
        let address = lookup_host((hostname, port)).await.map_err(problem)?.next();
        let address = address.ok_or_else(|| Failure::new(format!("{hostname} has no address")))?;
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
        let socket = socket.map_err(problem)?;
        socket.set_reuseaddr(true).map_err(problem)?;
        socket.bind(address).map_err(problem)?;
        Ok(Self(socket))
    }

    /// Begins to listen.
    ///
    /// # Errors
    /// Another process was faster.
    pub(crate) fn listen(self) -> Result<TcpListener, Failure> {
        self.0.listen(BACKLOG).map_err(|error| Failure::new(format!("cannot listen: {error}")))
    }
}

/// Accepts connections until the server is ending.
pub(crate) async fn accept(listener: TcpListener, speaker: Speaker, room: Arc<Room>, mut ending: Ending) {
    loop {
        tokio::select! {
            biased;
            () = ending.begins() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    take(&speaker, &room, stream, peer, &ending);
                    // Whoever opens connections without end has requests on others wait no longer than one takes.
                    tokio::task::yield_now().await;
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(OUT_OF_BREATH).await;
                }
            }
        }
    }
}

/// Serves a connection if there is room for it; otherwise it is closed.
fn take(speaker: &Speaker, room: &Arc<Room>, stream: TcpStream, peer: SocketAddr, ending: &Ending) {
    let Some(place) = room.places.take(peer.ip()) else {
        tracing::debug!(%peer, "no room for a connection");
        return;
    };
    let seat = place.seat().clone();
    let (speaker, room, ending) = (speaker.clone(), room.clone(), ending.clone());
    let serving = tokio::spawn(async move {
        let place = place;
        serve(speaker, stream, peer, place.seat(), &room, ending).await;
    });
    seat.ends_by(serving.abort_handle());
}

async fn serve(
    speaker: Speaker,
    stream: TcpStream,
    peer: SocketAddr,
    seat: &Arc<Seat>,
    room: &Room,
    mut ending: Ending,
) {
    // Without it answers wait for acknowledgements; a connection that is already gone ends by itself.
    let _ = stream.set_nodelay(true);
    match speaker {
        Speaker::Http(shared, None) => {
            let connection = Connection::plain(peer, seat);
            if let Some(http2) = ending.unless_it_begins(speaks_http2(&stream)).await {
                Box::pin(http::serve(shared, connection, stream, http2, ending)).await;
            }
        }
        Speaker::Http(shared, Some(tls)) => {
            let Beginning { config, generation } = tls.http();
            let client = (&*shared.engine, of_client(Transport::Https, peer));
            let shaken = handshake(config, stream, client, room);
            if let Some(stream) = ending.unless_it_begins(shaken).await {
                let secured = stream.get_ref().1;
                let standing = Standing::new(tls, generation, secured);
                let connection = Connection::secured(Transport::Https, peer, secured, standing, seat);
                let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                Box::pin(http::serve(shared, connection, stream, http2, ending)).await;
            }
        }
        Speaker::Ttlv(shared, tls) => {
            let Beginning { config, generation } = tls.ttlv();
            let client = (&*shared.engine, of_client(Transport::Socket, peer));
            let shaken = handshake(config, stream, client, room);
            if let Some(stream) = ending.unless_it_begins(shaken).await {
                let secured = stream.get_ref().1;
                let standing = Standing::new(tls, generation, secured);
                let connection = Connection::secured(Transport::Socket, peer, secured, standing, seat);
                Box::pin(socket::serve(&shared, &connection, stream, ending)).await;
            }
        }
    }
}

/// Whether the client begins with HTTP/2; `None` if it does not begin.
async fn speaks_http2(stream: &TcpStream) -> Option<bool> {
    let mut begin = [0; HTTP2_BEGINS.len()];
    match timeout(patience::HEAD, stream.peek(&mut begin)).await {
        Ok(Ok(read)) if read > 0 => Some(begin == HTTP2_BEGINS),
        _ => None,
    }
}

/// What is known of a client before the handshake.
fn of_client(transport: Transport, peer: SocketAddr) -> ConnectionFacts {
    ConnectionFacts { transport, peer: Some(peer), ..ConnectionFacts::internal() }
}

/// Does a handshake, and tells whom it concerns when it fails.
async fn handshake(
    config: Arc<ServerConfig>,
    stream: TcpStream,
    (engine, client): (&Engine, ConnectionFacts),
    room: &Room,
) -> Option<TlsStream<TcpStream>> {
    let address = client.peer?.ip();
    match room.handshakes.shake(config, stream, address).await {
        Ok(stream) => Some(stream),
        Err(Broken::Failed(error)) => {
            tracing::debug!(peer = ?client.peer, %error, "TLS handshake failed");
            if let Some(why) = refusal::of_handshake(&error) {
                engine.refuse_connection(&client, &why);
            }
            None
        }
        Err(Broken::TooSlow) => None,
    }
}
