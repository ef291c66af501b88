//! `POST /new_database`: an empty database for a group of users, in a storage that has one for each.
//!
//! The answer is the token, as a JSON string, which clients bring from then on. Whoever proves who he is gets one, and
//! everybody where nothing has to be proven; so often an hour.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use claviger_engine::Caller;
use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::Error;
use http::header::{CACHE_CONTROL, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::Http;
use super::answer::{Answer, JSON, TEXT, empty, ok, with_status};
use crate::connection::Connection;
use crate::hourly_rate::HourlyRate;
use crate::refusal;

/// How often somebody may have a database made.
pub(crate) type NewDatabases = HourlyRate<Who>;

/// Whose requests are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// A user whom the connection proves.
    User(Arc<str>),
    /// A machine, where nobody has to prove who he is: its address, or its network in IPv6, where a machine has many.
    Address(IpAddr),
    /// Everybody else.
    Others,
}

impl Who {
    fn of(caller: &Caller, connection: &Connection) -> Self {
        match (caller.proven_user(), connection.facts().peer) {
            (Some(user), _) => Self::User(user.into()),
            (None, Some(peer)) => Self::Address(machine(peer.ip())),
            (None, None) => Self::Others,
        }
    }
}

/// Answers a request. It has no body; one that comes is not looked at.
pub(super) async fn answer(http: &Http, connection: &Connection, headers: &HeaderMap) -> Answer {
    let caller = match http.caller(connection, headers).await {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    // Whoever is refused in any case takes none of what others with the same user or address may have made.
    if caller.check_unrestricted().is_ok()
        && let Err(wait) = http.new_databases.take(Who::of(&caller, connection))
    {
        return wait.map_or_else(switched_off, |seconds| too_often(seconds.as_secs()));
    }
    match http.engine.new_database(&caller).await {
        Ok(token) => given(&token),
        Err(error) => refused(http, connection, &error),
    }
}

fn given(token: &[u8]) -> Answer {
    let mut answer = ok(JSON, [b"\"", token, b"\""].concat());
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

fn refused(http: &Http, connection: &Connection, error: &Error) -> Answer {
    match error.reason() {
        ResultReason::AUTHENTICATION_NOT_SUCCESSFUL => {
            refusal::note(connection.facts(), error, &http.metrics);
            empty(StatusCode::UNAUTHORIZED)
        }
        ResultReason::PERMISSION_DENIED => {
            with_status(StatusCode::UNAUTHORIZED, TEXT, format!("Access denied: {}", error.message()))
        }
        _ => {
            tracing::error!(?error, "a database was not made");
            let text = format!("Database Error: {}", error.message());
            with_status(StatusCode::INTERNAL_SERVER_ERROR, TEXT, text)
        }
    }
}

fn too_often(seconds: u64) -> Answer {
    let text = "you have had too many databases made; try again later";
    let mut answer = with_status(StatusCode::TOO_MANY_REQUESTS, TEXT, text);
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    answer
}

fn switched_off() -> Answer {
    with_status(StatusCode::FORBIDDEN, TEXT, "the operator has switched off that databases are made here")
}

/// What stands for a machine: its address, or in IPv6 the network of 64 bits, of which it has all addresses.
fn machine(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from(network))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_an_address_or_a_network_in_ipv6() {
        let machine = |text: &str| machine(text.parse().unwrap()).to_string();
        assert_eq!(machine("192.0.2.7"), "192.0.2.7");
        assert_eq!(machine("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(machine("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(machine("2001:db8:1:2::9"), "2001:db8:1:2::");
        assert_ne!(machine("2001:db8:1:3::9"), "2001:db8:1:2::");
    }
}
