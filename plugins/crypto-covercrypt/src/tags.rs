//! System tags of the keys of Covercrypt: `_sk`, `_pk`, and `_uk` of user keys, which the standard's tags do not know.

use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::tag_policy::TagPolicy;
use claviger_plugin_sdk::{Error, ErrorClass, Result, register_tag_policy};

use crate::generation::KeyKind;
use crate::key::{self, COVERCRYPT};

/// The tag policy `covercrypt`.
pub struct CovercryptTags;

register_tag_policy!(CovercryptTags);

impl TagPolicy for CovercryptTags {
    fn name(&self) -> &'static str {
        "covercrypt"
    }

    fn user_tags(&self, _: &Attributes) -> Result<Option<Vec<String>>> {
        Ok(None)
    }

    fn check_user_tag(&self, tag: &str) -> Result<()> {
        match tag.is_empty() || tag.starts_with('_') {
            // As the standard's policy says it: clients know it by its reason and class.
            true => Err(Error::new(
                ResultReason::INVALID_ATTRIBUTE_VALUE,
                ErrorClass::Unsupported,
                "user tags are not empty and cannot start with _",
            )),
            false => Ok(()),
        }
    }

    fn system_tags(&self, facts: &KeyFacts<'_>) -> Option<Vec<String>> {
        if facts.algorithm != Some(COVERCRYPT) {
            return None;
        }
        let tag = match key::kind(facts) {
            KeyKind::MasterPrivate => "_sk",
            KeyKind::MasterPublic => "_pk",
            KeyKind::User => "_uk",
        };
        Some(vec![tag.to_owned()])
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::tables::enumerations::ObjectType;
    use claviger_plugin_sdk::kmip::{Tag, Value};

    use super::*;

    claviger_plugin_sdk::tag_policy_conformance!(CovercryptTags);

    #[test]
    fn a_user_key_is_told_from_its_master_key() {
        let mut attributes = key::with_access_policy("A::a");
        attributes.set(Tag::CRYPTOGRAPHIC_ALGORITHM, Value::Enumeration(COVERCRYPT.0));
        let facts = KeyFacts::of(ObjectType::PRIVATE_KEY, None, &attributes);
        assert_eq!(CovercryptTags.system_tags(&facts), Some(vec!["_uk".to_owned()]));
    }
}
