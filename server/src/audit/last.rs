//! What the record before had, in words: most records come many in a second, and many of them of one caller who calls one
//! operation.

use std::net::IpAddr;
use std::sync::Arc;

use claviger_kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::audit::AuditRecord;
use claviger_plugin_sdk::authentication::Transport;

use super::json::{write_name, write_optional, write_plain};
use super::moment::LastSecond;

/// The words of the record before.
#[derive(Default)]
pub(super) struct Last {
    pub(super) second: LastSecond,
    pub(super) call: LastCall,
}

/// Members of a record, each behind a comma.
#[derive(Clone, Copy)]
pub(super) struct Call<'w> {
    /// Who called, and from where.
    pub(super) caller: &'w [u8],
    /// Which operation; nothing if there is none.
    pub(super) operation: &'w [u8],
}

/// Who called what in the record before.
#[derive(Default)]
pub(super) struct LastCall {
    facts: Option<Facts>,
    peers: LastPeer,
    text: Vec<u8>,
    /// Where the operation begins.
    operation: usize,
}

impl LastCall {
    /// Who called what in this record, which is the one before from now on.
    pub(super) fn words(&mut self, record: &AuditRecord) -> Call<'_> {
        if !self.facts.as_ref().is_some_and(|facts| facts.are_of(record)) {
            self.text.clear();
            write_caller(record, &mut self.peers, &mut self.text);
            self.operation = self.text.len();
            write_operation(record, &mut self.text);
            self.facts = Some(Facts::of(record));
        }
        let (caller, operation) = self.text.split_at_checked(self.operation).unwrap_or_default();
        Call { caller, operation }
    }
}

fn write_caller(record: &AuditRecord, peers: &mut LastPeer, text: &mut Vec<u8>) {
    text.extend_from_slice(b",\"transport\":\"");
    text.extend_from_slice(record.transport.name().as_bytes());
    text.push(b'"');
    if let Some(peer) = record.peer {
        text.extend_from_slice(b",\"peer\":");
        write_plain(peers.text(peer), text);
    }
    write_optional("store", record.store.as_deref(), text);
    write_optional("user", record.user.as_deref(), text);
    write_optional("proven_by", record.proven_by.as_deref(), text);
}

fn write_operation(record: &AuditRecord, text: &mut Vec<u8>) {
    match (record.operation_name, record.operation) {
        (Some(name), _) => write_optional("operation", Some(name), text),
        (None, Some(operation)) => write_name("operation", operation, text),
        (None, None) => {}
    }
}

struct Facts {
    transport: Transport,
    peer: Option<IpAddr>,
    store: Option<Arc<str>>,
    user: Option<Arc<str>>,
    proven_by: Option<Arc<str>>,
    operation: Option<OperationCode>,
    operation_name: Option<&'static str>,
}

impl Facts {
    fn of(record: &AuditRecord) -> Self {
        Self {
            transport: record.transport,
            peer: record.peer,
            store: record.store.clone(),
            user: record.user.clone(),
            proven_by: record.proven_by.clone(),
            operation: record.operation,
            operation_name: record.operation_name,
        }
    }

    fn are_of(&self, record: &AuditRecord) -> bool {
        self.operation == record.operation
            && self.operation_name == record.operation_name
            && self.transport == record.transport
            && self.peer == record.peer
            && self.user == record.user
            && self.proven_by == record.proven_by
            && self.store == record.store
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
