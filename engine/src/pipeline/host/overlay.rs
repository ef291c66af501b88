//! Objects as the item sees them: what its unit of work made or changed lies over what the store has.

use std::sync::Arc;

use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::filter::{Cursor, Filter, Index, Page};
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::Subject;

use super::ItemHost;
use crate::object_cache::{Loaded, held};
use crate::unit_of_work::{HeldGrants, Pending};

/// What a search found.
pub(crate) struct Matches {
    /// The page.
    pub(crate) loaded: Vec<Loaded>,
    /// How many there are in all, if the page asked for it.
    pub(crate) total: Option<u64>,
    /// The place of the last of them in the store; nothing if not all of them are from there.
    pub(crate) last: Option<Cursor>,
}

impl ItemHost<'_, '_> {
    /// The version of an object that the unit leaves, if it makes or changes it.
    pub(crate) fn pending(&self, id: &ObjectId) -> Option<&Pending> {
        self.unit.pending(id)
    }

    /// An object as the caller sees it, if neither this unit nor the store has more to say of it than the cache.
    pub(crate) fn known(&self, id: &str) -> Option<Loaded> {
        if !self.unit.is_empty() {
            return None;
        }
        let subjects = self.message.principal().subjects();
        self.message.engine.objects.known(&*self.message.store, id, subjects)
    }

    /// Loads an object as the caller sees it: pending changes of this unit first.
    pub(crate) async fn load_id(&self, id: &ObjectId) -> Result<Option<Loaded>> {
        self.load_for(id, self.message.principal().subjects()).await
    }

    /// Loads an object with the grants of other subjects.
    pub(crate) async fn load_for(&self, id: &ObjectId, subjects: &Arc<[Subject]>) -> Result<Option<Loaded>> {
        let pending = self.unit.pending(id);
        if pending.is_some_and(|pending| pending.purged) {
            return Ok(None);
        }
        let created = pending.is_some_and(|pending| pending.base.is_none());
        let mut loaded = if created {
            None
        } else {
            self.message.engine.objects.load(&*self.message.store, id, subjects).await?
        };
        if let Some(pending) = pending {
            let grants = loaded.and_then(|loaded| loaded.grants);
            loaded = Some(Loaded { entry: pending.to_entry(), grants });
        }
        if let Some(loaded) = loaded.as_mut().filter(|_| self.unit.changes_grants(id)) {
            loaded.grants = held(self.unit.overlay_grants(id, loaded.grants(), subjects));
        }
        Ok(loaded)
    }

    /// Finds objects: pending ones that match first, since they are the newest, then the store's.
    pub(crate) async fn find(&self, filter: Filter, page: Page) -> Result<Matches> {
        let store = &*self.message.store;
        let subjects = self.message.principal().subjects();
        if self.unit.is_empty() {
            let found = store.find(&filter, &page, subjects).await?;
            let loaded = found
                .records
                .into_iter()
                .map(|stored| self.message.engine.objects.take_found(store, stored))
                .collect::<Result<_>>()?;
            return Ok(Matches { loaded, total: found.total, last: found.last });
        }
        self.find_over_pending(&filter, &page).await
    }

    /// All objects that meet a filter, which are read from the store page by page. Nothing if there are more than one change may
    /// reach, or if they have more bytes together: then no more of them is read than it takes to see it, as far as those already
    /// read tell how large the others are.
    pub(crate) async fn find_all(&self, filter: Filter, most_bytes: usize) -> Result<Option<Vec<Loaded>>> {
        const FIRST_PAGE: u64 = 8;
        const LARGEST_PAGE: u64 = 500;
        let store = &*self.message.store;
        let subjects = self.message.principal().subjects();
        let limits = &self.message.engine.options.limits;
        let mut all = self.pending_matches(&filter).await?;
        if all.len() > limits.linked_objects {
            return Ok(None);
        }
        let filter = self.besides_pending(filter);
        let (mut page, mut bytes, mut largest) = (Page::first(FIRST_PAGE), 0usize, 1usize);
        loop {
            let found = store.find(&filter, &page, subjects).await?;
            let is_last = (found.records.len() as u64) < page.limit;
            for stored in found.records {
                largest = largest.max(stored.body.len());
                bytes = bytes.saturating_add(stored.body.len());
                if all.len() >= limits.linked_objects || bytes > most_bytes {
                    return Ok(None);
                }
                all.push(self.message.engine.objects.take_found(store, stored)?);
            }
            match found.last {
                Some(last) if !is_last => page.after = Some(last),
                _ => return Ok(Some(all)),
            }
            // If all are so large, one more than there is room for. Later ones may be larger, so pages grow slowly.
            let room = (most_bytes - bytes).min(limits.linked_bytes) / largest + 1;
            page.limit = (page.limit * 2).min(LARGEST_PAGE).min(room as u64);
        }
    }

    /// The page is cut after the overlay, so the store is asked for everything before it.
    pub(super) async fn find_over_pending(&self, filter: &Filter, page: &Page) -> Result<Matches> {
        let store = &*self.message.store;
        let subjects = self.message.principal().subjects();
        let mut loaded = self.pending_matches(filter).await?;
        let wide =
            Page { after: None, offset: 0, limit: page.offset.saturating_add(page.limit), count: page.count };
        let found = store.find(&self.besides_pending(filter.clone()), &wide, subjects).await?;
        let total = found.total.map(|total| total + loaded.len() as u64);
        for stored in found.records {
            loaded.push(self.message.engine.objects.take_found(store, stored)?);
        }
        let skip = usize::try_from(page.offset).unwrap_or(usize::MAX);
        let take = usize::try_from(page.limit).unwrap_or(usize::MAX);
        Ok(Matches { loaded: loaded.into_iter().skip(skip).take(take).collect(), total, last: None })
    }

    /// What this unit made or changed, as far as it meets the filter: the new ones first.
    async fn pending_matches(&self, filter: &Filter) -> Result<Vec<Loaded>> {
        let subjects = self.message.principal().subjects();
        let mut loaded: Vec<Loaded> = Vec::new();
        for pending in self.unit.all_pending().filter(|pending| !pending.purged && pending.base.is_none()) {
            let grants = self.unit.overlay_grants(&pending.record.id, &[], subjects);
            if filter.matches(&pending.record.id, &Index::of(&pending.record), &HeldGrants(&grants)) {
                loaded.push(Loaded { entry: pending.to_entry(), grants: held(grants) });
            }
        }
        for id in self.changed_before() {
            let Some(object) = self.load_id(&id).await? else { continue };
            if filter.matches(&id, &Index::of(&object.entry.record), &HeldGrants(object.grants())) {
                loaded.push(object);
            }
        }
        Ok(loaded)
    }

    /// The filter without what this unit has changed, of which the store does not know.
    fn besides_pending(&self, filter: Filter) -> Filter {
        let changed: Vec<_> = self.changed_before().into_iter().map(Filter::Id).collect();
        match changed.is_empty() {
            true => filter,
            false => filter.and(Filter::Not(Box::new(Filter::Any(changed)))),
        }
    }

    fn changed_before(&self) -> Vec<ObjectId> {
        let changed = self.unit.all_pending().filter(|pending| pending.base.is_some());
        changed.map(|pending| pending.record.id.clone()).collect()
    }
}
