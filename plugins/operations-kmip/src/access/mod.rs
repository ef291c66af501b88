//! Claviger's own operations on access rights and on what is left of objects, one file each. KMIP has none.

mod change_owner;
mod explain;
mod grant;
mod list_rights;
mod obtained;
mod owned;
mod purge;
mod revoke_right;

use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::Subject;

/// The object whose rights are managed, in any state, for its owner alone.
fn owned_object(id: Option<&UniqueIdentifier>, operation: OperationCode) -> Target {
    Target::subject(id.cloned(), operation).owner_only().states(StateSet::ALL).also_archived()
}

/// Who is meant by the name in a request, which must not be the caller: an owner has every right, always.
///
/// # Errors
/// Invalid Field: the name is nobody's or no operation is named. Permission Denied: it is the caller's own.
fn grantee(cx: &Context<'_>, name: &str, operations: &[OperationCode]) -> Result<Subject> {
    let subject = Subject::named(name).filter(|_| !operations.is_empty());
    match subject {
        None => Err(Error::invalid("name a user, group:NAME, or * for everyone, and at least one operation")),
        Some(Subject::User(user)) if user == cx.principal().user => {
            Err(Error::denied("an owner has every right and can neither give nor take his own"))
        }
        Some(subject) => Ok(subject),
    }
}
