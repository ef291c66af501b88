//! A proxy in front of a database that breaks connections at a chosen byte.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

/// Passes bytes on, until it is told to break all connections at one of them. New connections are passed on again.
pub(super) struct CuttingProxy {
    address: SocketAddr,
    wire: Arc<Wire>,
}

/// Who sends the byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// The server: its requests end in the midst, or just before or behind the commit.
    Server,
    /// The database: its answers do, so that what it did is not known.
    Database,
}

struct Wire {
    database: u16,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// After how many bytes more to cut.
    cut: Option<(From, usize)>,
    /// Bytes since the last question, from either.
    passed: [usize; 2],
    connections: Vec<TcpStream>,
}

impl CuttingProxy {
    /// A proxy of the database on this port of loopback.
    pub(super) fn start(database: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let wire = Arc::new(Wire { database, state: Mutex::default() });
        let shared = wire.clone();
        thread::spawn(move || {
            // It ends with the process.
            listener.incoming().flatten().for_each(|server| shared.pass_on(server));
        });
        Self { address, wire }
    }

    /// The port that it listens on.
    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Breaks all connections after so many further bytes of one side; those are passed on.
    pub(super) fn cut_after(&self, from: From, bytes: usize) {
        self.wire.lock().cut = Some((from, bytes));
    }

    /// Takes a cut back that did not come to pass; says whether there was one.
    pub(super) fn cut_no_more(&self) -> bool {
        self.wire.lock().cut.take().is_some()
    }

    /// How many bytes the server and the database sent since this was asked last.
    pub(super) fn passed(&self) -> [usize; 2] {
        std::mem::take(&mut self.wire.lock().passed)
    }
}

impl Wire {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn pass_on(self: &Arc<Self>, server: TcpStream) {
        // Without a database the connection is closed, as a router would.
        let Ok(database) = TcpStream::connect(("127.0.0.1", self.database)) else { return };
        let both = [server.try_clone().unwrap(), database.try_clone().unwrap()];
        for stream in &both {
            stream.set_nodelay(true).unwrap();
        }
        self.lock().connections.extend(both);
        for (from, source, sink) in [
            (From::Server, server.try_clone().unwrap(), database.try_clone().unwrap()),
            (From::Database, database, server),
        ] {
            let wire = self.clone();
            thread::spawn(move || wire.copy(from, source, sink));
        }
    }

    fn copy(&self, from: From, mut source: TcpStream, mut sink: TcpStream) {
        let mut buffer = [0; 16 << 10];
        while let Ok(read @ 1..) = source.read(&mut buffer) {
            let mut state = self.lock();
            let (passed, is_last) = state.pass(from, read);
            if sink.write_all(&buffer[..passed]).is_err() || is_last {
                break;
            }
        }
        // One side has ended, or all connections have.
        for stream in [source, sink] {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl State {
    /// How many of the bytes to pass on, and whether they are the last.
    fn pass(&mut self, from: From, read: usize) -> (usize, bool) {
        self.passed[usize::from(from == From::Database)] += read;
        match &mut self.cut {
            Some((cut, bytes)) if *cut == from => {
                if read < *bytes {
                    *bytes -= read;
                    return (read, false);
                }
                let last = *bytes;
                self.cut = None;
                // What was passed on before has been read, or is in the reader's buffer.
                for stream in self.connections.drain(..) {
                    let _ = stream.shutdown(Shutdown::Read);
                }
                (last, true)
            }
            _ => (read, false),
        }
    }
}
