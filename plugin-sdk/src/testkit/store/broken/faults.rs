//! What may be wrong with a store.

use crate::error::Result;
use crate::filter::{Compare, Cursor, Filter, IndexValue, Page};
use crate::record::{ObjectId, Revision};
use crate::store::{
    ApplyError, ChangeSet, Document, FoundIds, FoundPage, Grant, Rewritten, Stored, Subject, UsageLeft,
};

/// What is wrong with a store: each hook may spoil what goes in or comes out.
#[derive(Clone, Copy)]
pub(super) struct Fault {
    pub(super) breaks: &'static str,
    pub(super) change: fn(&mut ChangeSet),
    pub(super) result: fn(Result<(), ApplyError>) -> Result<(), ApplyError>,
    pub(super) filter: fn(&mut Filter),
    pub(super) page: fn(&mut Page),
    pub(super) found: fn(&mut FoundPage),
    pub(super) located: fn(&mut FoundIds),
    pub(super) records: fn(&mut Vec<Stored>),
    pub(super) ids: fn(&[ObjectId]) -> Vec<ObjectId>,
    pub(super) asked: fn(&[Subject]) -> Vec<Subject>,
    pub(super) listed: fn(&mut Vec<Grant>),
    pub(super) document: fn(Option<Document>) -> Option<Document>,
    pub(super) documents: fn(&mut Vec<(String, Document)>),
    pub(super) kinds: fn(&mut Vec<String>),
    pub(super) one_by_one: bool,
}

/// Nothing is wrong.
pub(super) const SOUND: Fault = Fault {
    breaks: "",
    change: |_| {},
    result: |result| result,
    filter: |_| {},
    page: |_| {},
    found: |_| {},
    located: |_| {},
    records: |_| {},
    ids: <[ObjectId]>::to_vec,
    asked: <[Subject]>::to_vec,
    listed: |_| {},
    document: |document| document,
    documents: |_| {},
    kinds: |_| {},
    one_by_one: false,
};

/// At least one for each rule.
pub(super) const FAULTS: &[Fault] = &[
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
    Fault { breaks: "a_put_with_another_revision_is_a_conflict", result: ignore_conflicts, ..SOUND },
    Fault {
        breaks: "a_record_that_another_store_had_begins_with_its_revision",
        change: |change| change.first_revisions.clear(),
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
        found: |found| found.last = found.last.map(|last| Cursor(last.0 + 1)),
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
    Fault { breaks: "writers_at_once_lose_no_update", result: ignore_conflicts, ..SOUND },
    Fault {
        breaks: "random_changes_and_searches_agree_with_the_reference_store",
        filter: |filter| {
            if let Filter::StorageStatus(mask) = filter {
                *mask &= 3;
            }
        },
        ..SOUND
    },
    Fault {
        breaks: "a_put_with_the_right_revision_replaces_body_and_index",
        change: |change| {
            for put in change.puts.iter_mut().filter(|put| put.expected.is_some()) {
                put.index.owner = "alice".into();
            }
        },
        ..SOUND
    },
    Fault { breaks: "a_put_that_expects_an_absent_record_is_a_conflict", result: ignore_conflicts, ..SOUND },
    Fault { breaks: "a_purge_with_another_revision_is_a_conflict", result: ignore_conflicts, ..SOUND },
    Fault {
        breaks: "unusual_text_is_kept_byte_for_byte",
        change: |change| {
            for put in &mut change.puts {
                put.index.tags = put.index.tags.iter().map(|tag| tag.trim().to_owned()).collect();
            }
        },
        ..SOUND
    },
    Fault {
        breaks: "an_identifier_is_found_by_its_exact_case",
        ids: |ids| ids.iter().map(|id| ObjectId::new(&id.as_str().to_lowercase()).unwrap()).collect(),
        ..SOUND
    },
    Fault {
        breaks: "later_claims_replace_earlier_ones",
        change: |change| change.claims.iter_mut().for_each(|claim| claim.names.truncate(1)),
        ..SOUND
    },
    Fault { breaks: "two_objects_can_swap_their_names", one_by_one: true, ..SOUND },
    Fault {
        breaks: "grants_are_listed_by_object_and_by_subject_in_order",
        listed: |grants| grants.reverse(),
        ..SOUND
    },
    Fault { breaks: "a_grant_on_an_absent_object_is_a_conflict", result: ignore_conflicts, ..SOUND },
    Fault {
        breaks: "a_user_a_group_and_everyone_of_one_name_are_three_subjects",
        asked: |subjects| {
            let by_name = |subject: &Subject| match subject {
                Subject::User(name) | Subject::Group(name) if **name == *"*" => Subject::Everyone,
                other => other.clone(),
            };
            subjects.iter().map(by_name).collect()
        },
        ..SOUND
    },
    Fault {
        breaks: "objects_are_found_by_identifier",
        filter: |filter| {
            if let Filter::Id(_) = filter {
                *filter = Filter::All(vec![]);
            }
        },
        ..SOUND
    },
    Fault {
        breaks: "objects_are_found_by_type",
        filter: |filter| {
            if let Filter::Type(types) = filter {
                types.truncate(1);
            }
        },
        ..SOUND
    },
    Fault {
        breaks: "objects_are_found_by_owner",
        filter: |filter| {
            if let Filter::Owner(owner) = filter {
                *owner = owner.to_lowercase().into();
            }
        },
        ..SOUND
    },
    Fault {
        breaks: "objects_are_found_by_storage_status",
        filter: |filter| {
            if let Filter::StorageStatus(mask) = filter {
                *mask &= 3;
            }
        },
        ..SOUND
    },
    Fault {
        breaks: "conditions_nest",
        filter: |filter| {
            if let Filter::Any(parts) = filter {
                parts.truncate(1);
            }
        },
        ..SOUND
    },
    Fault {
        breaks: "found_records_bring_body_revision_and_grants",
        found: |found| found.records.iter_mut().for_each(|record| record.grants.clear()),
        ..SOUND
    },
    Fault {
        breaks: "objects_are_found_by_the_presence_of_an_attribute",
        filter: |filter| {
            if matches!(filter, Filter::Attribute { tests, .. } if tests.is_empty()) {
                *filter = Filter::All(vec![]);
            }
        },
        ..SOUND
    },
    Fault {
        breaks: "objects_are_found_by_an_equal_value_of_the_same_type",
        filter: |filter| {
            compare(filter, |compare| {
                if let Compare::Equal(IndexValue::Text(text)) = compare
                    && let Ok(number) = text.parse()
                {
                    *compare = Compare::Equal(IndexValue::Integer(number));
                }
            });
        },
        ..SOUND
    },
    Fault {
        breaks: "objects_are_found_by_a_range",
        filter: |filter| {
            compare(filter, |compare| {
                if let Compare::Between(_, high) = compare {
                    *high = high.saturating_sub(1);
                }
            });
        },
        ..SOUND
    },
    Fault {
        breaks: "objects_are_found_by_bits",
        filter: |filter| {
            compare(filter, |compare| {
                if let Compare::HasBits(bits) = compare {
                    *bits &= 1;
                }
            });
        },
        ..SOUND
    },
    Fault {
        breaks: "a_value_that_two_instances_share_finds_the_object_once",
        found: |found| found.total = found.total.map(|total| total * 2),
        ..SOUND
    },
    Fault {
        breaks: "an_update_leaves_an_object_in_its_place",
        change: |change| {
            for put in &mut change.puts {
                change.purges.extend(put.expected.take().map(|revision| (put.id.clone(), revision)));
            }
        },
        ..SOUND
    },
    Fault {
        breaks: "the_rarest_of_several_conditions_does_not_change_the_answer",
        filter: |filter| {
            if let Filter::All(parts) = filter {
                parts.truncate(1);
            }
        },
        ..SOUND
    },
    Fault { breaks: "a_purged_identifier_can_be_put_again_in_the_same_change", one_by_one: true, ..SOUND },
    Fault { breaks: "a_name_of_a_purged_object_is_free_in_the_same_change", one_by_one: true, ..SOUND },
    Fault {
        breaks: "an_object_without_limit_is_never_exhausted",
        change: |change| {
            for put in change.puts.iter_mut().filter(|put| put.usage_left == UsageLeft::Keep) {
                put.usage_left = UsageLeft::Set(Some(i64::MAX));
            }
        },
        ..SOUND
    },
    Fault { breaks: "uses_of_an_absent_object_are_a_conflict", result: ignore_conflicts, ..SOUND },
    Fault {
        breaks: "documents_of_a_kind_are_listed_in_order_page_by_page",
        documents: |documents| documents.sort_by_key(|(id, _)| id.to_lowercase()),
        ..SOUND
    },
    Fault { breaks: "the_kinds_of_documents_are_listed_in_order", kinds: |kinds| kinds.truncate(3), ..SOUND },
    Fault {
        breaks: "a_rewritten_record_has_other_bytes_and_is_else_the_same",
        change: |change| {
            change.rewrites.retain(|rewrite| !matches!(rewrite.of, Rewritten::Record(_)));
        },
        ..SOUND
    },
    Fault {
        breaks: "a_rewritten_document_has_other_bytes_and_is_else_the_same",
        document: |document| {
            document.map(|document| Document { revision: Revision(document.revision.0 + 1), ..document })
        },
        ..SOUND
    },
    Fault {
        breaks: "a_rewrite_of_other_bytes_or_of_nothing_is_a_conflict",
        result: ignore_conflicts,
        ..SOUND
    },
    Fault { breaks: "a_rewrite_is_written_with_its_change_set_or_not_at_all", one_by_one: true, ..SOUND },
    Fault {
        breaks: "documents_of_two_kinds_do_not_meet",
        change: |change| change.documents.iter_mut().for_each(|put| put.kind = "job".to_owned()),
        ..SOUND
    },
    Fault {
        breaks: "one_of_many_that_create_at_once_wins",
        result: |result| match result {
            Err(ApplyError::Exists(_)) => Ok(()),
            other => other,
        },
        ..SOUND
    },
];

fn ignore_conflicts(result: Result<(), ApplyError>) -> Result<(), ApplyError> {
    match result {
        Err(ApplyError::Conflict) => Ok(()),
        other => other,
    }
}

/// Spoils the comparisons of a condition on an attribute.
fn compare(filter: &mut Filter, spoil: fn(&mut Compare)) {
    if let Filter::Attribute { tests, .. } = filter {
        tests.iter_mut().for_each(|test| spoil(&mut test.compare));
    }
}
