//! The contract of [`ObjectStore`](crate::store::ObjectStore) as tests, one a rule.
//!
//! ```
//! use std::sync::Arc;
//!
//! use claviger_plugin_sdk::store::ObjectStore;
//! use claviger_plugin_sdk::store_conformance;
//! use claviger_plugin_sdk::testkit::MemoryStore;
//!
//! store_conformance!(memory, || async { Arc::new(MemoryStore::new()) as Arc<dyn ObjectStore> });
//! ```
//!
//! makes a module `memory` with one named test for each rule. The closure gives a new and empty store each time;
//! a store that outlives its process gives a [`Fixture`] that can open it again, and one that needs a server which the test
//! run may lack gives an `Option` of one. Every rule holds for every store: what a store declares of itself
//! ([`StoreProperties`](crate::store::StoreProperties)) lets the engine spare itself work, and changes no rule. One rule
//! needs a store that outlives its process, and says that it is skipped for others. A failure of the random rule prints
//! its seed; run it again with `CLAVIGER_TEST_SEED` set to it.

mod atomicity;
mod attributes;
mod documents;
mod grants;
mod names;
mod paging;
mod random;
mod records;
mod rewrites;
mod scene;
mod search;
mod usage;
mod writers;

#[cfg(test)]
mod broken;

use std::sync::Arc;

use crate::BoxFuture;
use crate::store::ObjectStore;

/// A store under test and, if it keeps its contents, the way to open it again.
pub struct Fixture {
    store: Arc<dyn ObjectStore>,
    reopen: Option<Reopen>,
}

/// Opens a store again after every handle of it is dropped.
pub type Reopen = Box<dyn Fn() -> BoxFuture<'static, Arc<dyn ObjectStore>> + Send + Sync>;

impl Fixture {
    /// A store that keeps its contents. What it lies in, such as a temporary folder, belongs into the closure.
    pub fn persistent(store: Arc<dyn ObjectStore>, reopen: Reopen) -> Self {
        Self { store, reopen: Some(reopen) }
    }
}

impl From<Arc<dyn ObjectStore>> for Fixture {
    fn from(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, reopen: None }
    }
}

/// What a rule is tested on: a store, or nothing where the test run lacks the server that the store needs.
pub struct Given(Option<Fixture>);

impl From<Fixture> for Given {
    fn from(fixture: Fixture) -> Self {
        Self(Some(fixture))
    }
}

impl From<Arc<dyn ObjectStore>> for Given {
    fn from(store: Arc<dyn ObjectStore>) -> Self {
        Self(Some(store.into()))
    }
}

/// `None` is for a test that has said that it is skipped, as [`service`](crate::testkit::service()) does.
impl From<Option<Fixture>> for Given {
    fn from(fixture: Option<Fixture>) -> Self {
        Self(fixture)
    }
}

/// Runs one rule, by name, against a new store, if there is one; used by [`store_conformance!`](crate::store_conformance).
///
/// # Panics
/// The store breaks the rule.
pub fn check<F, T>(rule: &str, make: impl Fn() -> F)
where
    F: Future<Output = T>,
    T: Into<Given>,
{
    let (_, run) = RULES.iter().find(|(name, _)| *name == rule).expect("the rule is in the list");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        if let Given(Some(fixture)) = make().await.into() {
            run(fixture).await;
        }
    });
}

/// A rule of the contract.
type Rule = fn(Fixture) -> BoxFuture<'static, ()>;

macro_rules! rules {
    ($($file:ident::$rule:ident,)*) => {
        /// Every rule by name.
        pub const RULES: &[(&str, Rule)] =
            &[$((stringify!($rule), |fixture| Box::pin($file::$rule(fixture)))),*];
    };
}
crate::store_rules!(rules);

/// Every rule, as `file::rule`, given to a macro.
#[doc(hidden)]
#[macro_export]
macro_rules! store_rules {
    ($with:ident $(, $make:expr)?) => {
        $with! {
            $($make;)?
            records::a_record_that_was_put_is_read_back,
            records::records_come_in_the_order_of_their_identifiers_without_absent_ones,
            records::an_identifier_can_be_taken_once,
            records::a_put_with_the_right_revision_replaces_body_and_index,
            records::a_put_with_another_revision_is_a_conflict,
            records::a_put_that_expects_an_absent_record_is_a_conflict,
            records::a_record_that_another_store_had_begins_with_its_revision,
            records::a_purge_removes_record_grants_index_and_names,
            records::a_purge_with_another_revision_is_a_conflict,
            records::unusual_text_is_kept_byte_for_byte,
            records::an_identifier_is_found_by_its_exact_case,
            records::an_acknowledged_change_is_there_after_reopening,
            names::a_name_is_unique_for_its_owner,
            names::later_claims_replace_earlier_ones,
            names::two_objects_can_swap_their_names,
            names::two_objects_of_one_change_cannot_claim_one_name,
            grants::only_grants_of_the_asked_subjects_come_with_a_record,
            grants::a_grant_given_twice_is_one_and_taken_twice_is_none,
            grants::grants_are_listed_by_object_and_by_subject_in_order,
            grants::a_grant_on_an_absent_object_is_a_conflict,
            grants::a_user_a_group_and_everyone_of_one_name_are_three_subjects,
            search::no_condition_finds_all_newest_first,
            search::objects_are_found_by_identifier,
            search::objects_are_found_by_type,
            search::objects_are_found_by_tag,
            search::objects_are_found_by_owner,
            search::objects_are_found_by_who_may_see_them,
            search::objects_are_found_by_their_state_at_a_time,
            search::objects_are_found_by_storage_status,
            search::conditions_nest,
            search::found_records_bring_body_revision_and_grants,
            attributes::objects_are_found_by_the_presence_of_an_attribute,
            attributes::objects_are_found_by_an_equal_value_of_the_same_type,
            attributes::objects_are_found_by_a_range,
            attributes::objects_are_found_by_bits,
            attributes::all_tests_must_hold_for_one_instance,
            attributes::a_value_that_two_instances_share_finds_the_object_once,
            paging::pages_follow_each_other_without_gap_or_overlap,
            paging::an_offset_skips_behind_the_cursor,
            paging::the_count_is_of_all_matches,
            paging::identifiers_alone_are_those_of_the_records,
            paging::an_update_leaves_an_object_in_its_place,
            paging::the_rarest_of_several_conditions_does_not_change_the_answer,
            atomicity::a_failing_part_leaves_nothing_of_the_change,
            atomicity::an_unchanged_record_is_checked_and_left_alone,
            atomicity::a_purged_identifier_can_be_put_again_in_the_same_change,
            atomicity::a_name_of_a_purged_object_is_free_in_the_same_change,
            usage::uses_are_taken_down_to_zero_and_no_further,
            usage::taking_uses_changes_no_revision_and_an_update_keeps_what_is_left,
            usage::an_object_without_limit_is_never_exhausted,
            usage::uses_of_an_absent_object_are_a_conflict,
            documents::a_document_is_written_replaced_and_removed_by_revision,
            documents::an_expired_document_does_not_exist,
            documents::documents_of_two_kinds_do_not_meet,
            documents::documents_of_a_kind_are_listed_in_order_page_by_page,
            documents::the_kinds_of_documents_are_listed_in_order,
            rewrites::a_rewritten_record_has_other_bytes_and_is_else_the_same,
            rewrites::a_rewritten_document_has_other_bytes_and_is_else_the_same,
            rewrites::a_rewrite_of_other_bytes_or_of_nothing_is_a_conflict,
            rewrites::a_rewrite_is_written_with_its_change_set_or_not_at_all,
            writers::writers_at_once_lose_no_update,
            writers::uses_taken_at_once_add_up,
            writers::one_of_many_that_create_at_once_wins,
            random::random_changes_and_searches_agree_with_the_reference_store,
        }
    };
}

/// Tests a store: `store_conformance!(name, || async { … })` makes a module with one test a rule. See
/// [`testkit::store`](crate::testkit::store).
#[macro_export]
macro_rules! store_conformance {
    ($name:ident, $make:expr) => {
        #[cfg(test)]
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            #[allow(unused_imports)]
            use $crate::store_tests;

            $crate::store_rules!(store_tests, $make);
        }
    };
}

/// One test for each rule.
#[doc(hidden)]
#[macro_export]
macro_rules! store_tests {
    ($make:expr; $($file:ident::$rule:ident,)*) => {$(
        #[test]
        fn $rule() {
            $crate::testkit::store::check(stringify!($rule), $make);
        }
    )*};
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::MemoryStore;

    store_conformance!(memory, || async { Arc::new(MemoryStore::new()) as Arc<dyn ObjectStore> });

    #[test]
    fn a_rule_that_is_given_no_store_runs_on_none() {
        check("a_record_that_was_put_is_read_back", || async { None::<Fixture> });
    }
}
