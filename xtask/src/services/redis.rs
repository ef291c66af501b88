//! Redis.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::account::program;
use super::recipe::{AUTHORITY, Place, Recipe, SERVER_CERTIFICATE, SERVER_KEY};
use crate::Outcome;

/// Redis, which writes every change to its file before it answers; with TLS for clients with a certificate on a second
/// port.
pub struct Redis;

impl Recipe for Redis {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn program(&self) -> Option<PathBuf> {
        program("redis-server")
    }

    fn prepare(&self, _: &Place) -> Outcome {
        Ok(())
    }

    fn command(&self, place: &Place) -> Outcome<Command> {
        let program = self.program().ok_or("Redis is not installed (./dev setup installs it)")?;
        let mut command = place.run(&program);
        command.args(["--bind", "127.0.0.1", "--port", &place.port.to_string()]);
        // Without snapshots: the file of changes alone must be enough.
        command.args(["--appendonly", "yes", "--appendfsync", "always", "--save", ""]);
        command.args(["--tls-port", &place.tls_port.to_string(), "--tls-auth-clients", "yes"]);
        command.args(["--tls-cert-file", SERVER_CERTIFICATE, "--tls-key-file", SERVER_KEY]);
        command.args(["--tls-ca-cert-file", AUTHORITY]);
        Ok(command)
    }

    fn answers(&self, place: &Place) -> bool {
        ping(place.port).is_ok_and(|answer| answer == *b"+PONG\r\n")
    }

    fn variables(&self, place: &Place) -> Vec<(&'static str, String)> {
        vec![
            ("REDIS", format!("redis://127.0.0.1:{}/", place.port)),
            ("REDIS_TLS", format!("rediss://127.0.0.1:{}/", place.tls_port)),
        ]
    }
}

/// The answer while it still loads its data is longer, and begins in another way.
fn ping(port: u16) -> std::io::Result<[u8; 7]> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 7];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}
