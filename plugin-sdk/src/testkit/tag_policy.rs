//! The suite for tag policies: one named test a rule.

use claviger_kmip::attributes::Attributes;
use claviger_kmip::tables::Enumeration;
use claviger_kmip::tables::enumerations::ObjectType;

use crate::record::KeyFacts;
use crate::tag_policy::TagPolicy;

/// Holds a tag policy to its contract: `tag_policy_conformance!(MyPolicy);` makes one test a rule.
#[macro_export]
macro_rules! tag_policy_conformance {
    ($policy:expr) => {
        $crate::testkit_rules! { tag_policy, &$policy,
            an_ordinary_tag_may_be_given,
            an_empty_tag_is_refused,
            nobody_can_give_a_system_tag,
            system_tags_depend_on_the_facts_alone,
            system_tags_are_not_empty_and_differ,
            attributes_without_tags_carry_none,
        }
    };
}

/// Users give words, with spaces, in any script.
pub fn an_ordinary_tag_may_be_given(policy: &dyn TagPolicy) {
    for tag in ["a", "two words", "Schlüssel"] {
        policy.check_user_tag(tag).unwrap_or_else(|error| panic!("{tag:?} is refused: {error}"));
    }
}

/// An empty tag would select everything or nothing.
pub fn an_empty_tag_is_refused(policy: &dyn TagPolicy) {
    assert!(policy.check_user_tag("").is_err(), "an empty tag is let through");
}

/// A user who could give one would make an object look like what it is not.
pub fn nobody_can_give_a_system_tag(policy: &dyn TagPolicy) {
    for (object_type, tags) in all(policy) {
        for tag in tags {
            assert!(
                policy.check_user_tag(&tag).is_err(),
                "{tag:?}, a system tag of a {object_type:?}, can be given"
            );
        }
    }
}

/// A restart, or another server on the same data, comes to the same tags.
pub fn system_tags_depend_on_the_facts_alone(policy: &dyn TagPolicy) {
    assert_eq!(all(policy), all(policy));
}

/// Tags are a set of words.
pub fn system_tags_are_not_empty_and_differ(policy: &dyn TagPolicy) {
    for (object_type, mut tags) in all(policy) {
        assert!(tags.iter().all(|tag| !tag.is_empty()), "a {object_type:?} has an empty system tag");
        let count = tags.len();
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), count, "a {object_type:?} has a system tag twice");
    }
}

/// `None` says that there are none in the policy's form, so that the next policy is asked.
pub fn attributes_without_tags_carry_none(policy: &dyn TagPolicy) {
    assert_eq!(policy.user_tags(&Attributes::new()).expect("no tags are no error"), None);
}

/// The system tags of a bare object of each type.
fn all(policy: &dyn TagPolicy) -> Vec<(ObjectType, Vec<String>)> {
    let attributes = Attributes::new();
    ObjectType::VALUES
        .iter()
        .filter_map(|(code, _)| {
            let object_type = ObjectType::from_code(*code);
            let facts = KeyFacts {
                object_type,
                algorithm: None,
                length: None,
                format: None,
                attributes: &attributes,
            };
            policy.system_tags(&facts).map(|tags| (object_type, tags))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::error::{Error, Result};
    use crate::testkit::assert_broken;

    /// A policy that keeps the contract, but for what it is told to do wrong.
    #[derive(Default)]
    struct Policy {
        refuses_all: bool,
        takes_empty: bool,
        takes_system_tags: bool,
        counts: Option<AtomicUsize>,
        repeats: bool,
        finds_tags_where_there_are_none: bool,
    }

    impl TagPolicy for Policy {
        fn name(&self) -> &'static str {
            "test"
        }

        fn user_tags(&self, _: &Attributes) -> Result<Option<Vec<String>>> {
            Ok(self.finds_tags_where_there_are_none.then(Vec::new))
        }

        fn check_user_tag(&self, tag: &str) -> Result<()> {
            let wrong = self.refuses_all
                || (tag.is_empty() && !self.takes_empty)
                || (tag.starts_with('_') && !self.takes_system_tags);
            if wrong { Err(Error::invalid("no")) } else { Ok(()) }
        }

        fn system_tags(&self, facts: &KeyFacts<'_>) -> Option<Vec<String>> {
            let times = self.counts.as_ref().map_or(0, |counts| counts.fetch_add(1, Ordering::SeqCst));
            let tag = format!("_{:?}{times}", facts.object_type);
            Some(if self.repeats { vec![tag.clone(), tag] } else { vec![tag] })
        }
    }

    crate::tag_policy_conformance!(Policy::default());

    #[test]
    fn every_rule_finds_the_policy_that_breaks_it() {
        assert_broken(|| an_ordinary_tag_may_be_given(&Policy { refuses_all: true, ..Policy::default() }));
        assert_broken(|| an_empty_tag_is_refused(&Policy { takes_empty: true, ..Policy::default() }));
        assert_broken(|| {
            nobody_can_give_a_system_tag(&Policy { takes_system_tags: true, ..Policy::default() })
        });
        let counting = Policy { counts: Some(AtomicUsize::new(0)), ..Policy::default() };
        assert_broken(|| system_tags_depend_on_the_facts_alone(&counting));
        assert_broken(|| {
            system_tags_are_not_empty_and_differ(&Policy { repeats: true, ..Policy::default() })
        });
        let inventing = Policy { finds_tags_where_there_are_none: true, ..Policy::default() };
        assert_broken(|| attributes_without_tags_carry_none(&inventing));
    }
}
