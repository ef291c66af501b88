//! Listening sockets, and the connections that come in.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use claviger_engine::Engine;
use claviger_plugin_sdk::authentication::{ConnectionFacts, Transport};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpSocket, TcpStream, lookup_host};
use tokio::time::{sleep, timeout};
use tokio_rustls::server::TlsStream;

use crate::connection::Connection;
use crate::failure::Failure;
use crate::handshakes::Broken;
use crate::http::{self, Http};
use crate::lane;
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

/// Pause before the beginning of a connection is looked at again, of which one or two bytes have come.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

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
                let serving = Box::pin(http::serve(shared, connection, stream, http2, ending));
                lane::run(serving, seat.clone(), room.bulk.clone()).await;
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
                let serving = Box::pin(http::serve(shared, connection, stream, http2, ending));
                lane::run(serving, seat.clone(), room.bulk.clone()).await;
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
                let serving = Box::pin(socket::serve(shared, connection, stream, ending));
                lane::run(serving, seat.clone(), room.bulk.clone()).await;
            }
        }
    }
}

/// Whether the client begins with HTTP/2; `None` if it does not begin, or not with enough to tell.
async fn speaks_http2(stream: &TcpStream) -> Option<bool> {
    timeout(patience::HEAD, begins_http2(stream)).await.ok().flatten()
}

async fn begins_http2(stream: &TcpStream) -> Option<bool> {
    let mut begin = [0; HTTP2_BEGINS.len()];
    loop {
        let read = stream.peek(&mut begin).await.ok().filter(|read| *read > 0)?;
        let begin = begin.get(..read)?;
        if begin == HTTP2_BEGINS || !HTTP2_BEGINS.starts_with(begin) {
            return Some(begin == HTTP2_BEGINS);
        }
        // What was looked at stays, so that nothing tells when more has come.
        sleep(LOOK_AGAIN).await;
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

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    /// What is made of a client that sends these pieces, with pauses between them.
    async fn made_of(pieces: &[&[u8]]) -> Option<bool> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        client.set_nodelay(true).unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let sending = async {
            for piece in pieces {
                client.write_all(piece).await.unwrap();
                sleep(LOOK_AGAIN * 4).await;
            }
        };
        tokio::join!(speaks_http2(&stream), sending).0
    }

    #[tokio::test]
    async fn http_2_is_known_by_its_first_three_bytes_however_they_come() {
        assert_eq!(made_of(&[b"PRI * HTTP/2.0"]).await, Some(true));
        assert_eq!(made_of(&[b"P", b"R", b"I * HTTP/2.0"]).await, Some(true));
        assert_eq!(made_of(&[b"PR", b"I"]).await, Some(true));
    }

    #[tokio::test]
    async fn http_1_is_known_by_the_first_byte_that_is_another() {
        assert_eq!(made_of(&[b"G"]).await, Some(false));
        assert_eq!(made_of(&[b"P", b"OST / HTTP/1.1"]).await, Some(false));
        assert_eq!(made_of(&[b"PR", b"OPFIND / HTTP/1.1"]).await, Some(false));
    }
}
