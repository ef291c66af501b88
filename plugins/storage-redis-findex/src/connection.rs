//! The connection to Redis: made again whenever it is lost, and left when it leads to what is no primary any more.

use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use claviger_plugin_sdk::{Error, Result};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{
    Client, ClientTlsConfig, Cmd, ConnectionAddr, ErrorKind, FromRedisValue, IntoConnectionInfo, RedisError,
    RedisResult, ScriptInvocation, ServerErrorKind, TlsCertificates,
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

/// A connection that many use at once; a clone is the same one.
#[derive(Clone)]
pub(crate) struct Connection {
    client: Client,
    current: Arc<Mutex<Current>>,
}

/// What is used now.
struct Current {
    manager: ConnectionManager,
    /// When another was left for it.
    other_left: Option<Instant>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// Invalid Field: the URL or a file is no good. Internal Server Error: Redis does not answer, or refuses the user.
    pub(crate) async fn open(address: &Address<'_>) -> Result<Self> {
        let client = client(address)?;
        let opened = patiently(|| ConnectionManager::new_with_config(client.clone(), configuration())).await;
        let manager = opened.map_err(|cause| {
            let message = match cause.kind() {
                ErrorKind::AuthenticationFailed => {
                    "Redis refuses the user and password of --database-url".to_owned()
                }
                _ => format!("the Redis of --database-url cannot be reached: {}", plain(&cause)),
            };
            Error::storage(message).because(cause)
        })?;
        let current = Current { manager, other_left: None };
        Ok(Self { client, current: Arc::new(Mutex::new(current)) })
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
        let answer = command.query_async(&mut self.manager()).await;
        self.heeded(answer)
    }

    /// Runs a script that may run twice: again when the connection was lost. The failure is Redis' own.
    pub(crate) async fn script<T: FromRedisValue>(&self, call: &ScriptInvocation<'_>) -> RedisResult<T> {
        let once = || async { self.heeded(call.invoke_async(&mut self.manager()).await) };
        patiently(once).await
    }

    /// Has the next command make a connection of its own, to whatever is at the address by then, and all that come after
    /// it use that one. What waits for an answer still gets it.
    pub(crate) fn leave(&self, why: &str) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.other_left.is_some_and(|left| left.elapsed() < SETTLING) {
            return;
        }
        tracing::warn!("connecting to Redis again, in case another is the primary now: {why}");
        match ConnectionManager::new_lazy_with_config(self.client.clone(), configuration()) {
            Ok(manager) => *current = Current { manager, other_left: Some(Instant::now()) },
            Err(error) => tracing::error!(%error, "the connection to Redis cannot be made again"),
        }
    }

    /// An answer, after which the connection is left if another may do better.
    fn heeded<T>(&self, answer: RedisResult<T>) -> RedisResult<T> {
        if let Some(why) = answer.as_ref().err().and_then(reason_to_leave) {
            self.leave(why);
        }
        answer
    }

    fn manager(&self) -> ConnectionManager {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).manager.clone()
    }
}

/// How long a connection is kept for which another was left. While no other is the primary, it leads where the one before
/// did, and not every write that is refused shall cost it.
const SETTLING: Duration = Duration::from_secs(1);

fn configuration() -> ConnectionManagerConfig {
    ConnectionManagerConfig::new()
        .set_connection_timeout(Some(CONNECT))
        .set_response_timeout(Some(ANSWER))
        .set_number_of_retries(1)
        .set_min_delay(PAUSE)
        .set_max_delay(LONGEST_PAUSE)
}

/// Why another connection may do better, if it may. The library makes one by itself only when this one breaks.
fn reason_to_leave(cause: &RedisError) -> Option<&'static str> {
    match cause.kind() {
        // A primary that was demoted reads keys as they were, if it has no other orders, and writes none.
        ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown) => {
            Some("this one takes no writes, or nothing at all, as a replica does")
        }
        ErrorKind::AuthenticationFailed => Some("this one refuses the user and password"),
        // The machine may be gone without a word.
        _ if cause.is_timeout() => Some("this one does not answer"),
        _ => None,
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
