//! Whose requests and connections are counted together.

use std::net::IpAddr;
use std::sync::Arc;

use claviger_engine::Caller;
pub(crate) use claviger_plugin_sdk::attempts::machine;

/// Who takes a share of the server.
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
    /// Who calls.
    pub(crate) fn of(caller: &Caller) -> Self {
        match (caller.proven_user(), caller.facts().peer) {
            (Some(user), _) => Self::User(user.clone()),
            (None, Some(peer)) => Self::Address(machine(peer.ip())),
            (None, None) => Self::Others,
        }
    }
}
