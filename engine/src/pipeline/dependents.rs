//! Objects that a scheme changes with one of an item's objects, whoever owns them.

use claviger_kmip::Tag;
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::tables::enumerations::{CryptographicAlgorithm, LinkType, ResultReason};
use claviger_plugin_sdk::context::Authorized;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::filter::{Filter, IndexValue, Page};

use super::host::ItemHost;

/// How many objects one change reaches at most: they are in memory together and written in one change set.
const MOST: u64 = 100_000;

/// The Active objects of the same algorithm that name an object by a link of this type. They are not admitted for the caller: he was for what
/// they depend on, and sees nothing of them.
///
/// # Errors
/// Internal Server Error: the operation does not declare it. Server Limit Exceeded: there are too many. The store fails.
pub(crate) async fn of(
    host: &mut ItemHost<'_, '_>,
    of: &Authorized,
    link: LinkType,
) -> Result<Vec<Authorized>> {
    host.require_scheme_changes()?;
    let active = Filter::State { any_of: StateSet::ACTIVE, at: host.message().now };
    let filter = linked(link, of).and(active);
    let (found, _) = host.find(filter, Page::first(MOST + 1)).await?;
    if found.len() as u64 > MOST {
        return Err(Error::new(
            ResultReason::SERVER_LIMIT_EXCEEDED,
            ErrorClass::Request,
            format!("more than {MOST} objects depend on this one; they cannot change at once"),
        ));
    }
    let others = found.into_iter().filter(|loaded| loaded.entry.record.id != *of.id());
    Ok(others.map(|loaded| host.take_dependent(loaded)).collect())
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
