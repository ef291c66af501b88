//! An issuer that publishes keys over HTTP.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use serde_json::{Value, json};

use super::keys::Key;

const CONFIGURATION: &str = "/.well-known/openid-configuration";

/// An issuer. It says where its keys are, unless it is told not to.
pub(crate) struct TestIssuer {
    pub(crate) url: String,
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    documents: Mutex<HashMap<String, Value>>,
    keys: Mutex<Value>,
    asked: AtomicUsize,
    stopped: AtomicBool,
}

impl TestIssuer {
    pub(crate) fn start(keys: &[&Key]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut issuer =
            Self { url: format!("http://{address}"), address, shared: Arc::default(), serving: None };
        issuer.publish(keys);
        issuer.move_keys("/keys", true);
        issuer.serve(listener);
        issuer
    }

    /// Replaces the keys.
    pub(crate) fn publish(&self, keys: &[&Key]) {
        let keys: Vec<Value> = keys.iter().map(|key| key.jwk()).collect();
        *self.shared.keys.lock().unwrap() = json!({"keys": keys});
    }

    /// Puts the keys elsewhere, and says so or does not.
    pub(crate) fn move_keys(&self, path: &str, says_so: bool) {
        let mut documents = self.shared.documents.lock().unwrap();
        documents.clear();
        documents.insert(path.to_owned(), Value::Null);
        if says_so {
            let url = format!("{}{path}", self.url);
            documents.insert(CONFIGURATION.to_owned(), json!({"issuer": self.url, "jwks_uri": url}));
        }
    }

    /// How often anything was asked for.
    pub(crate) fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn stop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes whoever accepts.
        drop(TcpStream::connect(self.address));
        if let Some(serving) = self.serving.take() {
            serving.join().unwrap();
        }
    }

    pub(crate) fn start_again(&mut self) {
        self.shared.stopped.store(false, Ordering::SeqCst);
        self.serve(TcpListener::bind(self.address).unwrap());
    }

    fn serve(&mut self, listener: TcpListener) {
        let shared = self.shared.clone();
        self.serving = Some(thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.stopped.load(Ordering::SeqCst) {
                    return;
                }
                shared.answer(stream.unwrap());
            }
        }));
    }
}

impl Shared {
    fn answer(&self, mut stream: TcpStream) {
        let mut line = String::new();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        reader.read_line(&mut line).unwrap();
        let mut field = String::new();
        while reader.read_line(&mut field).unwrap() > 2 {
            field.clear();
        }
        self.asked.fetch_add(1, Ordering::SeqCst);
        let path = line.split(' ').nth(1).unwrap_or_default();
        let document = self.documents.lock().unwrap().get(path).cloned();
        let (status, body) = match document {
            None => ("404 Not Found", String::new()),
            Some(Value::Null) => ("200 OK", self.keys.lock().unwrap().to_string()),
            Some(document) => ("200 OK", document.to_string()),
        };
        let head =
            format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        // The client may have gone with its test.
        let _ = stream.write_all((head + &body).as_bytes());
    }
}

impl Drop for TestIssuer {
    fn drop(&mut self) {
        // Its thread ends with the test.
        self.shared.stopped.store(true, Ordering::SeqCst);
    }
}
