//! Objects that a scheme changes with one of an item's objects, whoever owns them.

use std::fmt::Display;

use claviger_kmip::Tag;
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::tables::enumerations::{CryptographicAlgorithm, LinkType, ResultReason};
use claviger_plugin_sdk::context::Authorized;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::filter::{Filter, IndexValue};

use super::host::ItemHost;
use crate::limits::Limits;

/// The Pre-Active and Active objects of the same algorithm that name an object by a link of this type: those that are in use, or will
/// be. They are not admitted for the caller: he was for what they depend on, and sees nothing of them.
///
/// # Errors
/// Internal Server Error: the operation does not declare it. Server Limit Exceeded: there are too many. The store fails.
pub(crate) async fn of(
    host: &mut ItemHost<'_, '_>,
    of: &Authorized,
    link: LinkType,
) -> Result<Vec<Authorized>> {
    host.require_scheme_changes()?;
    let Limits { linked_objects, linked_bytes, .. } = host.message().engine.options.limits;
    let to_use = StateSet::PRE_ACTIVE.or(StateSet::ACTIVE);
    let to_use = Filter::State { any_of: to_use, at: host.message().now };
    let Some(found) = host.find_all(linked(link, of).and(to_use), linked_bytes).await? else {
        return Err(too_many(
            of,
            format_args!("{linked_objects}, or have more than {linked_bytes} bytes together"),
            "revoke those that nobody uses any more",
        ));
    };
    let others = found.into_iter().filter(|loaded| loaded.entry.record.id != *of.id());
    Ok(others.map(|loaded| host.take_dependent(loaded)).collect())
}

/// The error for more objects than one change may reach.
pub(crate) fn too_many(of: &Authorized, most: impl Display, advice: &str) -> Error {
    Error::new(
        ResultReason::SERVER_LIMIT_EXCEEDED,
        ErrorClass::Request,
        format!(
            "the objects that name {} are more than {most}, which is too much for one change; {advice}",
            of.id()
        ),
    )
}

/// What finds the objects that name one by a link of this type and are of its algorithm: whatever else names it has nothing to
/// do with it, and is not even loaded.
pub(crate) fn linked(link: LinkType, to: &Authorized) -> Filter {
    let filter = Filter::linked(link, to.id());
    match to.key_facts().algorithm {
        Some(CryptographicAlgorithm(algorithm)) => {
            filter.and(Filter::equal(Tag::CRYPTOGRAPHIC_ALGORITHM, IndexValue::Integer(algorithm.into())))
        }
        None => filter,
    }
}
