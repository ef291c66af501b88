//! Claviger's own operations on access rights. KMIP 2.1 has none, so they have extension codes.
//!
//! | operation | code | what it does |
//! |---|---|---|
//! | Grant | 0x80000A01 | lets a user call operations on an object |
//! | Revoke Right | 0x80000A02 | takes that back |
//! | List Rights | 0x80000A03 | who may do what with an object |
//! | Owned | 0x80000A04 | the objects that the caller owns |
//! | Obtained | 0x80000A05 | the objects of others on which the caller has rights |
//! | Change Owner | 0x80000A06 | gives an object to another user |
//! | Purge | 0x80000A07 | removes what is left of destroyed objects |
//! | Explain | 0x80000A08 | whether somebody may do something with an object, and why |
//!
//! Grant and Revoke Right are for the owner of the object; List Rights, Change Owner and Explain for operators, too,
//! and Explain for everyone who asks about himself; Purge for operators alone. Their fields are tags of the standard, used with their usual meaning: `Username` is a user, `group:NAME`
//! for everyone in a group, or `*` for everyone; each `Operation` is one that the user may call.

mod change_owner;
mod explain;
mod grant;
mod list_rights;
mod obtained;
mod owned;
mod purge;
mod revoke_right;

pub use change_owner::{ChangeOwnerRequest, ChangeOwnerResponse};
pub use explain::{ExplainRequest, ExplainResponse, ExplainedRule};
pub use grant::{GrantRequest, GrantResponse};
pub use list_rights::{AccessRight, ListRightsRequest, ListRightsResponse};
pub use obtained::{ObtainedObject, ObtainedResponse};
pub use owned::{OwnedObject, OwnedResponse};
pub use purge::{PurgeRequest, PurgeResponse};
pub use revoke_right::{RevokeRightRequest, RevokeRightResponse};

use crate::tables::enumerations::OperationCode;

/// The code of Grant.
pub const GRANT: OperationCode = OperationCode(0x8000_0A01);
/// The code of Revoke Right.
pub const REVOKE_RIGHT: OperationCode = OperationCode(0x8000_0A02);
/// The code of List Rights.
pub const LIST_RIGHTS: OperationCode = OperationCode(0x8000_0A03);
/// The code of Owned.
pub const OWNED: OperationCode = OperationCode(0x8000_0A04);
/// The code of Obtained.
pub const OBTAINED: OperationCode = OperationCode(0x8000_0A05);

/// The code of Change Owner.
pub const CHANGE_OWNER: OperationCode = OperationCode(0x8000_0A06);
/// The code of Purge.
pub const PURGE: OperationCode = OperationCode(0x8000_0A07);
/// The code of Explain.
pub const EXPLAIN: OperationCode = OperationCode(0x8000_0A08);
