//! Users who own a few keys each, among the many of another one.

use std::net::SocketAddr;

use xtask::Outcome;
use xtask::certificates::Certificates;

use crate::connection::{Connection, Endpoint, Framing, client_tls};
use crate::message::{Ask, NewKey, WireForm};
use crate::ttlv;

/// How many users there are for each number of keys. Connections are theirs in turn.
const USERS: usize = 16;

/// How many keys a user owns.
const OWNED: [usize; 2] = [1, 10];

/// The users, with the connections that are theirs.
pub(crate) struct Owners {
    endpoints: Vec<(usize, Endpoint)>,
}

impl Owners {
    /// Issues certificates to the users, and makes their keys.
    ///
    /// # Errors
    /// A certificate cannot be made, or the server refuses a key.
    pub(crate) async fn make(certificates: &Certificates, address: SocketAddr) -> Outcome<Self> {
        let mut endpoints = Vec::with_capacity(OWNED.len() * USERS);
        for keys in OWNED {
            for number in 0..USERS {
                let user = format!("owner-{number}-of-{keys}");
                certificates.issue_client(&user, &user)?;
                let tls = Some(client_tls(certificates, &user)?);
                let endpoint = Endpoint { address, framing: Framing::Ttlv, tls };
                let keys_of_user = vec![NewKey::default(); keys];
                let create = Ask::CreateMany { keys: &keys_of_user }.body(WireForm::TtlvSocket)?;
                ttlv::check(Connection::open(&endpoint).await?.exchange(&create).await?)?;
                endpoints.push((keys, endpoint));
            }
        }
        Ok(Self { endpoints })
    }

    /// Where users connect who own so many keys.
    pub(crate) fn endpoints(&self, keys: usize) -> Vec<Endpoint> {
        let those = self.endpoints.iter().filter(|(owned, _)| *owned == keys);
        those.map(|(_, endpoint)| endpoint.clone()).collect()
    }
}
