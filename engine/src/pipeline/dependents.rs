//! Objects that a scheme changes with one of an item's objects, whoever owns them.

use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::tables::enumerations::{LinkType, ResultReason};
use claviger_plugin_sdk::context::Authorized;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::filter::{Filter, Page};

use super::host::ItemHost;

/// How many objects one change reaches at most: they are in memory together and written in one change set.
const MOST: u64 = 100_000;

/// The Active objects that name an object by a link of this type. They are not admitted for the caller: he was for what
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
    let filter = Filter::linked(link, of.id()).and(active);
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
