//! Good requests of the operations on rights and owners.

use claviger_kmip::field::{DateTime, Empty};
use claviger_kmip::message::RequestBatchItem;
use claviger_kmip::payloads::access::*;
use claviger_kmip::tables::enumerations::OperationCode as Op;

use super::requests::item;

/// Requests about a key, one that may be given away, and none.
pub(super) fn about_rights(key: &str, victim: &str) -> Vec<RequestBatchItem> {
    let id = || Some(key.into());
    vec![
        item(
            GRANT,
            GrantRequest {
                unique_identifier: id(),
                username: "bob".into(),
                operation: vec![Op::GET, Op::ENCRYPT],
            },
        ),
        item(LIST_RIGHTS, ListRightsRequest { unique_identifier: id() }),
        item(
            REVOKE_RIGHT,
            RevokeRightRequest { unique_identifier: id(), username: "bob".into(), operation: vec![Op::GET] },
        ),
        item(
            CHANGE_OWNER,
            ChangeOwnerRequest { unique_identifier: Some(victim.into()), username: "admin".into() },
        ),
        item(PURGE, PurgeRequest { destroy_date: DateTime(5), maximum_items: Some(1) }),
        item(
            EXPLAIN,
            ExplainRequest { unique_identifier: id(), operation: Op::GET, username: vec!["bob".into()] },
        ),
        item(OWNED, Empty {}),
        item(OBTAINED, Empty {}),
    ]
}
