//! Searches of handlers, narrowed to what the caller may see.

use claviger_kmip::Tag;
use claviger_kmip::lifecycle::StateSet;
use claviger_plugin_sdk::context::{Authorized, Found};
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::operation::{Access, MaterialUse};
use claviger_plugin_sdk::store::FoundIds;
use claviger_plugin_sdk::target::Right;

use super::ItemHost;
use super::overlay::Matches;
use crate::pipeline::resolve;

/// Finds objects for the handler itself.
pub(super) async fn search(host: &mut ItemHost<'_, '_>, filter: Filter, page: Page) -> Result<Found> {
    host.searches = true;
    let Matches { loaded, total, last } = host.find(host.searchable(filter), page).await?;
    let objects: Vec<Authorized> = loaded
        .into_iter()
        .map(|loaded| {
            let record = &loaded.entry.record;
            let state = record.state_dates().at(host.message.now);
            Authorized::engine_only(record.clone(), loaded.entry.revision, state)
        })
        .collect();
    if host.admitted.is_empty() {
        host.found.extend(objects.iter().map(Authorized::for_answer));
    }
    Ok(Found { objects, total, last })
}

/// Finds the identifiers of objects in the states in which the dialect shows them.
pub(super) async fn locate(host: &mut ItemHost<'_, '_>, filter: Filter, page: Page) -> Result<FoundIds> {
    host.searches = true;
    let mut filter = host.searchable(filter);
    let states = host.limits.visible_states;
    if states != StateSet::ALL {
        filter = filter.and(Filter::State { any_of: states, at: host.message.now });
    }
    if host.unit.is_empty() {
        return host.message.store.locate(&filter, &page).await;
    }
    let Matches { loaded, total, .. } = host.find_over_pending(&filter, &page).await?;
    let ids = loaded.into_iter().map(|loaded| loaded.entry.record.id.clone()).collect();
    Ok(FoundIds { ids, total })
}

/// Finds the identifiers of objects whoever owns them, for operators.
pub(super) async fn locate_everywhere(
    host: &mut ItemHost<'_, '_>,
    filter: Filter,
    page: Page,
) -> Result<FoundIds> {
    if host.spec.access != Access::Operator {
        return Err(Error::server("an operation that is not for operators searches everywhere"));
    }
    host.searches = true;
    let filter = match &host.message.principal().restriction {
        Some(restriction) => filter.and(restriction.objects(host.spec.code)),
        None => filter,
    };
    let Matches { loaded, total, .. } = host.find(filter, page).await?;
    let ids = loaded.into_iter().map(|loaded| loaded.entry.record.id.clone()).collect();
    Ok(FoundIds { ids, total })
}

impl ItemHost<'_, '_> {
    /// Narrows what a handler searches for to what the caller may see.
    fn searchable(&self, filter: Filter) -> Filter {
        let mut filter = match self.sees_everything(&filter) {
            true => filter,
            false => filter.and(resolve::visible(self, Right::Any)),
        };
        if let Some(restriction) = &self.message.principal().restriction {
            filter = filter.and(restriction.objects(self.spec.code));
        }
        filter
    }

    /// Whether the caller may search all objects: an operator, for what sees no key material. He does not find them by what
    /// he is not told of them, or he could guess it.
    fn sees_everything(&self, filter: &Filter) -> bool {
        let is_told = self.spec.material == MaterialUse::None && !filter.asks_for(Tag::DIGEST);
        is_told && self.message.principal().operator
    }
}
