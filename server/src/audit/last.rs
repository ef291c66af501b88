//! What the record before had, in words: most records come many in a second, and many of them of one caller.

use std::net::IpAddr;

use claviger_plugin_sdk::audit::AuditedRequest;
use claviger_plugin_sdk::authentication::Transport;

use super::json::{write_optional, write_plain};
use super::moment::LastSecond;

/// The words of the record before.
#[derive(Default)]
pub(super) struct Last {
    pub(super) second: LastSecond,
    pub(super) caller: LastCaller,
}

/// Who called in the record before, and from where.
#[derive(Default)]
pub(super) struct LastCaller {
    facts: Option<Facts>,
    peers: LastPeer,
    words: Vec<u8>,
}

impl LastCaller {
    /// Who called, as members behind a comma each. It is the one before from now on.
    pub(super) fn words(&mut self, request: &AuditedRequest<'_>) -> &[u8] {
        if !self.facts.as_ref().is_some_and(|facts| facts.are_of(request)) {
            self.words.clear();
            write_caller(request, &mut self.peers, &mut self.words);
            self.facts = Some(Facts::of(request));
        }
        &self.words
    }
}

fn write_caller(request: &AuditedRequest<'_>, peers: &mut LastPeer, words: &mut Vec<u8>) {
    words.extend_from_slice(b",\"transport\":\"");
    words.extend_from_slice(request.transport.name().as_bytes());
    words.push(b'"');
    if let Some(peer) = request.peer {
        words.extend_from_slice(b",\"peer\":");
        write_plain(peers.text(peer), words);
    }
    write_optional("store", request.store, words);
    write_optional("user", request.user, words);
    write_optional("proven_by", request.proven_by, words);
}

struct Facts {
    transport: Transport,
    peer: Option<IpAddr>,
    store: Option<String>,
    user: Option<String>,
    proven_by: Option<String>,
}

impl Facts {
    fn of(request: &AuditedRequest<'_>) -> Self {
        let AuditedRequest { transport, peer, store, user, proven_by, .. } = *request;
        let [store, user, proven_by] = [store, user, proven_by].map(|text| text.map(str::to_owned));
        Self { transport, peer, store, user, proven_by }
    }

    fn are_of(&self, request: &AuditedRequest<'_>) -> bool {
        self.transport == request.transport
            && self.peer == request.peer
            && self.user.as_deref() == request.user
            && self.proven_by.as_deref() == request.proven_by
            && self.store.as_deref() == request.store
    }
}

/// The address of the record before, in words.
#[derive(Default)]
struct LastPeer {
    address: Option<IpAddr>,
    text: String,
}

impl LastPeer {
    fn text(&mut self, address: IpAddr) -> &str {
        if self.address != Some(address) {
            self.address = Some(address);
            self.text = address.to_canonical().to_string();
        }
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_both_families_is_written_as_the_older_one() {
        let mut last = LastPeer::default();
        assert_eq!(last.text("::ffff:192.0.2.7".parse().unwrap()), "192.0.2.7");
        assert_eq!(last.text("2001:db8::1".parse().unwrap()), "2001:db8::1");
    }
}
