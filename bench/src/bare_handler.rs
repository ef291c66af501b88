//! The unit U: a bare hyper handler that answers a constant, with the runtime that the server uses.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::{env, thread, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use xtask::Outcome;
use xtask::running_server::free_port;

/// A running bare handler. Dropping it ends the process.
pub(crate) struct BareHandler {
    process: Child,
    address: SocketAddr,
}

impl BareHandler {
    /// Starts this program again as a bare handler.
    pub(crate) fn start() -> Outcome<Self> {
        let address = free_port()?;
        let mut command = Command::new(env::current_exe()?);
        command.arg("--bare-handler").arg(address.to_string()).stdin(Stdio::null());
        let this = Self { process: command.spawn()?, address };
        while std::net::TcpStream::connect(address).is_err() {
            thread::sleep(Duration::from_millis(1));
        }
        Ok(this)
    }

    /// Its process number.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for BareHandler {
    fn drop(&mut self) {
        // If it has ended already there is nothing left to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Answers every request with a constant, until the process is ended.
#[tokio::main]
pub(crate) async fn serve(address: SocketAddr) -> Outcome {
    let listener = TcpListener::bind(address).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)));
    }
}

async fn answer<B>(_: Request<B>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::new(Bytes::from_static(b"\"0.1.0\"")));
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("application/json"));
    Ok(response)
}
