//! Good requests of the operations on rights and owners, and on the tokens that act for somebody.

use claviger_auth_biscuit::{
    MINT_TOKEN, MintTokenRequest, REVOKE_TOKEN, REVOKE_TOKEN_IDENTIFIER, RevokeTokenIdentifierRequest,
    RevokeTokenRequest, TICKET_TYPE,
};
use claviger_kmip::field::{DateTime, Empty, Interval};
use claviger_kmip::message::RequestBatchItem;
use claviger_kmip::payloads::Ticket;
use claviger_kmip::payloads::access::*;
use claviger_kmip::tables::enumerations::{ObjectType, OperationCode as Op};

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
        item(
            MINT_TOKEN,
            MintTokenRequest {
                lifetime: Some(Interval(60)),
                operation: vec![Op::GET],
                object: vec![key.into()],
                tag: vec!["tag".into()],
                object_type: vec![ObjectType::SYMMETRIC_KEY],
                uses: Some(2),
            },
        ),
        item(
            REVOKE_TOKEN,
            RevokeTokenRequest {
                ticket: Ticket { ticket_type: TICKET_TYPE, ticket_value: vec![0x12; 200].into() },
            },
        ),
        item(REVOKE_TOKEN_IDENTIFIER, RevokeTokenIdentifierRequest { identifier: vec![7; 64].into() }),
    ]
}
