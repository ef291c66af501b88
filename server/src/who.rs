//! Whose requests and connections are counted together.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use claviger_engine::Caller;

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

/// What stands for a machine: its address, or in IPv6 the network of 64 bits, of which it has all addresses.
pub(crate) fn machine(address: IpAddr) -> IpAddr {
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
