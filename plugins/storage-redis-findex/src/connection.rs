//! The connection to Redis: made again whenever it is lost.

use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use claviger_plugin_sdk::{Error, Result};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{
    Client, ClientTlsConfig, Cmd, ConnectionAddr, ErrorKind, FromRedisValue, IntoConnectionInfo, RedisError,
    RedisResult, ServerErrorKind, TlsCertificates,
};

/// How long a lost connection is waited for before a request fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(8);
/// How long an answer may take. A slow disk delays all answers of a Redis that writes to it each time.
const ANSWER: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Where Redis is and how to reach it.
pub(crate) struct Address<'a> {
    pub(crate) url: &'a str,
    /// Who signs its certificate.
    pub(crate) authorities: Option<&'a Path>,
    /// The certificate and the private key of this server.
    pub(crate) identity: Option<(&'a Path, &'a Path)>,
}

/// A connection that many use at once.
#[derive(Clone)]
pub(crate) struct Connection {
    manager: ConnectionManager,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// Invalid Field: the URL or a file is no good. Internal Server Error: Redis does not answer, or refuses the user.
    pub(crate) async fn open(address: &Address<'_>) -> Result<Self> {
        let client = client(address)?;
        let configuration = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER))
            .set_number_of_retries(1)
            .set_min_delay(PAUSE)
            .set_max_delay(LONGEST_PAUSE);
        let opened =
            patiently(|| ConnectionManager::new_with_config(client.clone(), configuration.clone())).await;
        let manager = opened.map_err(|cause| {
            let message = match cause.kind() {
                ErrorKind::AuthenticationFailed => {
                    "Redis refuses the user and password of --database-url".to_owned()
                }
                _ => format!("the Redis of --database-url cannot be reached: {}", plain(&cause)),
            };
            Error::storage(message).because(cause)
        })?;
        Ok(Self { manager })
    }

    /// Runs a command that may run twice: again when the connection was lost.
    ///
    /// # Errors
    /// Redis stays away, or refuses.
    pub(crate) async fn query<T: FromRedisValue + Send>(&self, command: &Cmd) -> Result<T> {
        patiently(|| self.once(command)).await.map_err(failed)
    }

    /// Runs a command once. The failure is Redis' own.
    pub(crate) async fn once<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        command.query_async(&mut self.manager.clone()).await
    }

    /// The same connection, as the library wants it.
    pub(crate) fn manager(&self) -> ConnectionManager {
        self.manager.clone()
    }
}

/// Runs something again while the connection is lost, until patience ends.
pub(crate) async fn patiently<T, F: Future<Output = RedisResult<T>>>(run: impl Fn() -> F) -> RedisResult<T> {
    let begin = Instant::now();
    let mut pause = PAUSE;
    loop {
        match run().await {
            Err(error) if passes(&error) && begin.elapsed() + pause < PATIENCE => {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            result => return result,
        }
    }
}

/// Whether the failure may be over in a moment: Redis restarts, loads its data, another takes over, or somebody had it
/// forget its scripts while one was sent again.
pub(crate) fn passes(error: &RedisError) -> bool {
    error.is_io_error()
        || error.is_connection_dropped()
        || error.is_connection_refusal()
        || error.is_timeout()
        || matches!(
            error.kind(),
            ErrorKind::Server(
                ServerErrorKind::BusyLoading
                    | ServerErrorKind::MasterDown
                    | ServerErrorKind::NoScript
                    | ServerErrorKind::TryAgain
            )
        )
}

/// The failure that a client sees when Redis fails; the log has the cause.
pub(crate) fn failed(cause: RedisError) -> Error {
    let message = match (cause.kind(), cause.code()) {
        (_, Some("OOM")) => "the storage is full; nothing was written",
        (_, Some("MISCONF")) => "the storage cannot write to its disk; nothing was written",
        (ErrorKind::Server(ServerErrorKind::ReadOnly), _) => "the storage takes no writes: it is a replica",
        (ErrorKind::Server(ServerErrorKind::NoPerm), _) => "the server's user lacks rights in its storage",
        _ if passes(&cause) => "the storage does not answer",
        _ => "the storage failed",
    };
    Error::storage(message).because(cause)
}

fn client(address: &Address<'_>) -> Result<Client> {
    let unusable = |cause: RedisError| {
        // The cause may quote the URL, which has the password.
        Error::invalid(format!(
            "--database-url is no URL of Redis such as redis://USER:PASSWORD@HOST:6379/0, or rediss://… for TLS ({})",
            cause.category()
        ))
    };
    let information = address.url.into_connection_info().map_err(unusable)?;
    let is_tls = matches!(information.addr(), ConnectionAddr::TcpTls { .. });
    if !is_tls {
        if address.authorities.is_some() || address.identity.is_some() {
            return Err(Error::invalid(
                "the certificate files of --database-… are for TLS: --database-url must begin with rediss://",
            ));
        }
        if is_elsewhere(information.addr()) {
            tracing::warn!(
                "the connection to Redis has no TLS, so somebody in between can read its password, and remove what is \
                 stored or put back what was: begin --database-url with rediss://"
            );
        }
        return Client::open(information).map_err(unusable);
    }
    if let ConnectionAddr::TcpTls { insecure: true, .. } = information.addr() {
        return Err(Error::invalid(
            "--database-url must not end in #insecure: whoever is between could then read and change everything",
        ));
    }
    let root_cert = address.authorities.map(|file| read(file, "--database-ca-file")).transpose()?;
    let client_tls = match address.identity {
        Some((certificate, key)) => Some(ClientTlsConfig {
            client_cert: read(certificate, "--database-client-cert-file")?,
            client_key: read(key, "--database-client-key-file")?,
        }),
        None => None,
    };
    Client::build_with_tls(information, TlsCertificates { client_tls, root_cert }).map_err(|cause| {
        Error::invalid("the certificates or the key of --database-… files cannot be used").because(cause)
    })
}

/// Whether the way to Redis leads over a network.
fn is_elsewhere(address: &ConnectionAddr) -> bool {
    let ConnectionAddr::Tcp(host, _) = address else { return false };
    let is_loopback = |ip: IpAddr| ip.is_loopback();
    host != "localhost" && !host.trim_matches(['[', ']']).parse().is_ok_and(is_loopback)
}

fn read(file: &Path, flag: &str) -> Result<Vec<u8>> {
    std::fs::read(file)
        .map_err(|cause| Error::invalid(format!("the file of {flag} cannot be read: {}", cause.kind())))
}

/// What is wrong, without what may be secret.
fn plain(error: &RedisError) -> String {
    if error.is_timeout() {
        "no answer".to_owned()
    } else if error.is_connection_refusal() {
        "the connection is refused".to_owned()
    } else {
        error.category().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redis_elsewhere_without_tls_is_warned_of() {
        let is_warned = |url: &str| is_elsewhere(url.into_connection_info().unwrap().addr());
        for url in ["redis://redis.example:6379/0", "redis://192.0.2.7/", "redis://[2001:db8::1]:6379/"] {
            assert!(is_warned(url), "{url}");
        }
        let here =
            ["redis://localhost/", "redis://127.0.0.1:6379/0", "redis://[::1]/", "redis+unix:///run/redis"];
        for url in here.into_iter().chain(["rediss://redis.example:6379/0"]) {
            assert!(!is_warned(url), "{url}");
        }
    }
}
