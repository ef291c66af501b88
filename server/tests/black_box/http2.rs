//! A client for HTTP/2, over TCP or TLS.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http_body_util::BodyExt as _;
use hyper::Request;
use hyper::body::{Body, Bytes, Frame};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use xtask::certificates::Certificates;

use crate::certificates::client_config;

/// A connection.
pub(crate) struct Http2 {
    runtime: Runtime,
    sender: SendRequest<Pieces>,
}

/// An answer that is on its way.
pub(crate) type Coming = JoinHandle<Answer>;

/// A status, and a body.
pub(crate) type Answer = (u16, Vec<u8>);

/// A body that ends when its sender is dropped.
pub(crate) struct Pieces(UnboundedReceiver<Bytes>);

/// A body, and what sends its pieces.
pub(crate) fn pieces() -> (UnboundedSender<Bytes>, Pieces) {
    let (sender, receiver) = unbounded_channel();
    (sender, Pieces(receiver))
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(task).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

impl Http2 {
    /// Connects without TLS.
    pub(crate) fn open(address: SocketAddr) -> Self {
        let runtime = runtime();
        let stream = runtime.block_on(TcpStream::connect(address)).unwrap();
        Self::over(runtime, stream)
    }

    /// Connects with TLS, and has the server choose HTTP/2.
    pub(crate) fn secured(address: SocketAddr, certificates: &Certificates) -> Self {
        let connector =
            tokio_rustls::TlsConnector::from(Arc::new(client_config(certificates, None, &["h2"])));
        let runtime = runtime();
        let stream = runtime.block_on(async {
            let stream = TcpStream::connect(address).await.unwrap();
            connector.connect("localhost".try_into().unwrap(), stream).await.unwrap()
        });
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        Self::over(runtime, stream)
    }

    fn over(runtime: Runtime, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Self {
        let sender = runtime.block_on(async {
            let (sender, connection) =
                http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            sender
        });
        Self { runtime, sender }
    }

    /// Sends a request, and gives its answer.
    pub(crate) fn send(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> Answer {
        let (sender, pieces) = pieces();
        sender.send(Bytes::copy_from_slice(body)).unwrap();
        drop(sender);
        self.wait(self.begin(method, path, content_type, pieces))
    }

    /// Begins a request.
    pub(crate) fn begin(&self, method: &str, path: &str, content_type: &str, body: Pieces) -> Coming {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://localhost{path}"))
            .header("content-type", content_type)
            .body(body)
            .unwrap();
        let mut sender = self.sender.clone();
        self.runtime.spawn(async move {
            let answer = sender.send_request(request).await.unwrap();
            let status = answer.status().as_u16();
            (status, answer.into_body().collect().await.unwrap().to_bytes().to_vec())
        })
    }

    /// The answer to a request that was begun.
    pub(crate) fn wait(&self, coming: Coming) -> Answer {
        self.runtime.block_on(coming).unwrap()
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}
