//! Stores that each break one rule, to prove that the suite notices.

mod faults;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{Fixture, RULES, check};
use crate::BoxFuture;
use crate::error::Result;
use crate::filter::{Filter, Page};
use crate::record::ObjectId;
use crate::store::{
    ApplyError, ChangeSet, Document, DocumentPage, FoundIds, FoundPage, Grant, GrantQuery, ObjectStore,
    Stored, Subject,
};
use crate::testkit::MemoryStore;
use faults::{FAULTS, Fault, SOUND};

/// The rule that a store which outlives its process is held to; a store in memory breaks it in a way of its own.
const OF_PERSISTENT_STORES: &str = "an_acknowledged_change_is_there_after_reopening";

#[derive(Clone)]
struct Broken {
    inner: MemoryStore,
    fault: Fault,
}

impl ObjectStore for Broken {
    crate::forward_to_store!(inner: namespace, properties, health);

    fn get<'a>(&'a self, ids: &'a [ObjectId], subjects: &'a [Subject]) -> BoxFuture<'a, Result<Vec<Stored>>> {
        Box::pin(async move {
            let (ids, subjects) = ((self.fault.ids)(ids), (self.fault.asked)(subjects));
            let mut records = self.inner.get(&ids, &subjects).await?;
            (self.fault.records)(&mut records);
            Ok(records)
        })
    }

    fn find<'a>(
        &'a self,
        filter: &'a Filter,
        page: &'a Page,
        subjects: &'a [Subject],
    ) -> BoxFuture<'a, Result<FoundPage>> {
        Box::pin(async move {
            let (mut filter, mut page) = (filter.clone(), page.clone());
            (self.fault.filter)(&mut filter);
            (self.fault.page)(&mut page);
            let mut found = self.inner.find(&filter, &page, subjects).await?;
            (self.fault.found)(&mut found);
            Ok(found)
        })
    }

    fn locate<'a>(&'a self, filter: &'a Filter, page: &'a Page) -> BoxFuture<'a, Result<FoundIds>> {
        Box::pin(async move {
            let mut located = self.inner.locate(filter, page).await?;
            (self.fault.located)(&mut located);
            Ok(located)
        })
    }

    fn grants<'a>(&'a self, query: &'a GrantQuery) -> BoxFuture<'a, Result<Vec<Grant>>> {
        Box::pin(async move {
            let mut grants = self.inner.grants(query).await?;
            (self.fault.listed)(&mut grants);
            Ok(grants)
        })
    }

    fn document<'a>(&'a self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        Box::pin(async move { Ok((self.fault.document)(self.inner.document(kind, id).await?)) })
    }

    fn documents<'a>(
        &'a self,
        kind: &'a str,
        page: &'a DocumentPage,
    ) -> BoxFuture<'a, Result<Vec<(String, Document)>>> {
        Box::pin(async move {
            let mut found = self.inner.documents(kind, page).await?;
            (self.fault.documents)(&mut found);
            Ok(found)
        })
    }

    fn document_kinds(&self) -> BoxFuture<'_, Result<Vec<String>>> {
        Box::pin(async move {
            let mut kinds = self.inner.document_kinds().await?;
            (self.fault.kinds)(&mut kinds);
            Ok(kinds)
        })
    }

    fn apply(&self, mut change: ChangeSet) -> BoxFuture<'_, Result<(), ApplyError>> {
        Box::pin(async move {
            (self.fault.change)(&mut change);
            if self.fault.one_by_one {
                for put in std::mem::take(&mut change.puts) {
                    self.inner.apply(ChangeSet { puts: vec![put], ..ChangeSet::default() }).await?;
                }
                for claim in std::mem::take(&mut change.claims) {
                    self.inner.apply(ChangeSet { claims: vec![claim], ..ChangeSet::default() }).await?;
                }
                for rewrite in std::mem::take(&mut change.rewrites) {
                    self.inner.apply(ChangeSet { rewrites: vec![rewrite], ..ChangeSet::default() }).await?;
                }
            }
            (self.fault.result)(self.inner.apply(change).await)
        })
    }
}

fn breaks(rule: &str, fault: Fault) -> bool {
    let make = || async { Arc::new(Broken { inner: MemoryStore::new(), fault }) as Arc<dyn ObjectStore> };
    catch_unwind(AssertUnwindSafe(|| check(rule, make))).is_err()
}

/// A store that is opened again with what `kept` gives.
fn reopened(kept: fn(&MemoryStore) -> MemoryStore) -> Fixture {
    let store = MemoryStore::new();
    let before = store.clone();
    let reopen = Box::new(move || {
        let after: Arc<dyn ObjectStore> = Arc::new(kept(&before));
        Box::pin(async { after }) as BoxFuture<'static, _>
    });
    Fixture::persistent(Arc::new(store), reopen)
}

#[test]
fn every_rule_has_a_store_that_breaks_it() {
    for (rule, _) in RULES.iter().filter(|(rule, _)| *rule != OF_PERSISTENT_STORES) {
        assert!(FAULTS.iter().any(|fault| fault.breaks == *rule), "{rule}");
    }
}

#[test]
fn the_suite_fails_for_each_broken_store() {
    for fault in FAULTS {
        assert!(breaks(fault.breaks, *fault), "no failure of {}", fault.breaks);
    }
}

#[test]
fn the_suite_fails_for_a_store_that_forgets() {
    let forgets = || check(OF_PERSISTENT_STORES, || async { reopened(|_| MemoryStore::new()) });
    assert!(catch_unwind(AssertUnwindSafe(forgets)).is_err());
    check(OF_PERSISTENT_STORES, || async { reopened(MemoryStore::clone) });
}

#[test]
fn the_suite_passes_for_the_wrapper_itself() {
    for (rule, _) in RULES {
        assert!(!breaks(rule, SOUND), "{rule}");
    }
}
