//! Stores that each break one rule, to prove that the suite notices.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{RULES, check};
use crate::BoxFuture;
use crate::error::Result;
use crate::filter::{Filter, Page};
use crate::record::ObjectId;
use crate::store::{
    ApplyError, ChangeSet, Document, FoundIds, FoundPage, Grant, GrantQuery, ObjectStore, StoreProperties,
    Stored, Subject, UsageLeft,
};
use crate::testkit::MemoryStore;

/// What is wrong with a store: each hook may spoil what goes in or comes out.
#[derive(Clone, Copy)]
struct Fault {
    breaks: &'static str,
    change: fn(&mut ChangeSet),
    result: fn(Result<(), ApplyError>) -> Result<(), ApplyError>,
    filter: fn(&mut Filter),
    page: fn(&mut Page),
    found: fn(&mut FoundPage),
    located: fn(&mut FoundIds),
    records: fn(&mut Vec<Stored>),
    asked: fn(&[Subject]) -> Vec<Subject>,
    document: fn(Option<Document>) -> Option<Document>,
    one_by_one: bool,
}

const SOUND: Fault = Fault {
    breaks: "",
    change: |_| {},
    result: |result| result,
    filter: |_| {},
    page: |_| {},
    found: |_| {},
    located: |_| {},
    records: |_| {},
    asked: <[Subject]>::to_vec,
    document: |document| document,
    one_by_one: false,
};

const FAULTS: &[Fault] = &[
    Fault {
        breaks: "a_record_that_was_put_is_read_back",
        records: |records| records.iter_mut().for_each(|record| record.usage_left = None),
        ..SOUND
    },
    Fault {
        breaks: "records_come_in_the_order_of_their_identifiers_without_absent_ones",
        records: |records| records.sort_by(|left, right| left.id.cmp(&right.id)),
        ..SOUND
    },
    Fault {
        breaks: "an_identifier_can_be_taken_once",
        result: |result| match result {
            Err(ApplyError::Exists(_)) => Ok(()),
            other => other,
        },
        ..SOUND
    },
    Fault {
        breaks: "a_put_with_another_revision_is_a_conflict",
        result: |result| match result {
            Err(ApplyError::Conflict) => Ok(()),
            other => other,
        },
        ..SOUND
    },
    Fault {
        breaks: "a_purge_removes_record_grants_index_and_names",
        change: |change| change.purges.clear(),
        ..SOUND
    },
    Fault { breaks: "a_name_is_unique_for_its_owner", change: |change| change.claims.clear(), ..SOUND },
    Fault {
        breaks: "two_objects_of_one_change_cannot_claim_one_name",
        change: |change| change.claims.truncate(1),
        ..SOUND
    },
    Fault { breaks: "only_grants_of_the_asked_subjects_come_with_a_record", asked: |_| vec![], ..SOUND },
    Fault {
        breaks: "a_grant_given_twice_is_one_and_taken_twice_is_none",
        change: |change| change.revocations.clear(),
        ..SOUND
    },
    Fault { breaks: "no_condition_finds_all_newest_first", found: |found| found.records.reverse(), ..SOUND },
    Fault {
        breaks: "objects_are_found_by_tag",
        filter: |filter| {
            if let Filter::Tag(tag) = filter {
                *tag = tag.replace("re", "red");
            }
        },
        ..SOUND
    },
    Fault {
        breaks: "objects_are_found_by_who_may_see_them",
        filter: |filter| {
            if let Filter::VisibleTo { operations, .. } = filter {
                *operations = None;
            }
        },
        ..SOUND
    },
    Fault {
        breaks: "objects_are_found_by_their_state_at_a_time",
        filter: |filter| {
            if let Filter::State { at, .. } = filter {
                at.0 -= 1;
            }
        },
        ..SOUND
    },
    Fault {
        breaks: "all_tests_must_hold_for_one_instance",
        filter: |filter| {
            if let Filter::Attribute { tag, tests } = filter {
                let (tag, tests) = (*tag, std::mem::take(tests));
                let one = |test| Filter::Attribute { tag, tests: vec![test] };
                *filter = Filter::All(tests.into_iter().map(one).collect());
            }
        },
        ..SOUND
    },
    Fault {
        breaks: "pages_follow_each_other_without_gap_or_overlap",
        found: |found| found.last = found.last.map(|last| crate::filter::Cursor(last.0 + 1)),
        ..SOUND
    },
    Fault { breaks: "an_offset_skips_behind_the_cursor", page: |page| page.offset = 0, ..SOUND },
    Fault {
        breaks: "the_count_is_of_all_matches",
        found: |found| found.total = found.total.map(|_| found.records.len() as u64),
        ..SOUND
    },
    Fault {
        breaks: "identifiers_alone_are_those_of_the_records",
        located: |located| located.ids.truncate(2),
        ..SOUND
    },
    Fault { breaks: "a_failing_part_leaves_nothing_of_the_change", one_by_one: true, ..SOUND },
    Fault {
        breaks: "an_unchanged_record_is_checked_and_left_alone",
        change: |change| change.unchanged.clear(),
        ..SOUND
    },
    Fault {
        breaks: "uses_are_taken_down_to_zero_and_no_further",
        result: |result| match result {
            Err(ApplyError::UsageExceeded(_)) => Ok(()),
            other => other,
        },
        ..SOUND
    },
    Fault {
        breaks: "taking_uses_changes_no_revision_and_an_update_keeps_what_is_left",
        change: |change| {
            for put in &mut change.puts {
                if put.usage_left == UsageLeft::Keep {
                    put.usage_left = UsageLeft::Set(None);
                }
            }
        },
        ..SOUND
    },
    Fault {
        breaks: "an_expired_document_does_not_exist",
        change: |change| {
            for put in &mut change.documents {
                if let Some((_, expires)) = &mut put.content {
                    *expires = None;
                }
            }
        },
        ..SOUND
    },
    Fault {
        breaks: "a_document_is_written_replaced_and_removed_by_revision",
        document: |document| document.filter(|document| !document.body.is_empty()),
        ..SOUND
    },
    Fault { breaks: "uses_taken_at_once_add_up", change: |change| change.consumptions.clear(), ..SOUND },
    Fault {
        breaks: "writers_at_once_lose_no_update",
        result: |result| match result {
            Err(ApplyError::Conflict) => Ok(()),
            other => other,
        },
        ..SOUND
    },
    Fault {
        breaks: "random_changes_and_searches_agree_with_the_reference_store",
        filter: |filter| {
            if let Filter::StorageStatus(mask) = filter {
                *mask &= 3;
            }
        },
        ..SOUND
    },
];

#[derive(Clone)]
struct Broken {
    inner: MemoryStore,
    fault: Fault,
}

impl ObjectStore for Broken {
    fn namespace(&self) -> &Arc<str> {
        self.inner.namespace()
    }

    fn properties(&self) -> StoreProperties {
        self.inner.properties()
    }

    fn get<'a>(&'a self, ids: &'a [ObjectId], subjects: &'a [Subject]) -> BoxFuture<'a, Result<Vec<Stored>>> {
        Box::pin(async move {
            let mut records = self.inner.get(ids, &(self.fault.asked)(subjects)).await?;
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
        self.inner.grants(query)
    }

    fn document<'a>(&'a self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        Box::pin(async move { Ok((self.fault.document)(self.inner.document(kind, id).await?)) })
    }

    fn apply(&self, mut change: ChangeSet) -> BoxFuture<'_, Result<(), ApplyError>> {
        Box::pin(async move {
            (self.fault.change)(&mut change);
            if self.fault.one_by_one {
                for put in std::mem::take(&mut change.puts) {
                    self.inner.apply(ChangeSet { puts: vec![put], ..ChangeSet::default() }).await?;
                }
            }
            (self.fault.result)(self.inner.apply(change).await)
        })
    }

    fn health(&self) -> BoxFuture<'_, Result<()>> {
        self.inner.health()
    }
}

fn breaks(rule: &str, fault: Fault) -> bool {
    let make = || async { Arc::new(Broken { inner: MemoryStore::new(), fault }) as Arc<dyn ObjectStore> };
    catch_unwind(AssertUnwindSafe(|| check(rule, make))).is_err()
}

#[test]
fn the_suite_fails_for_each_broken_store() {
    for fault in FAULTS {
        assert!(breaks(fault.breaks, *fault), "no failure of {}", fault.breaks);
    }
}

#[test]
fn the_suite_passes_for_the_wrapper_itself() {
    for (rule, _) in RULES {
        assert!(!breaks(rule, SOUND), "{rule}");
    }
}
