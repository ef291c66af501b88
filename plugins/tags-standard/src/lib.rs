//! Tags of the standard's objects: those that users give, and those that tell the type.
//!
//! Users give tags in a vendor attribute, `cosmian` / `tag`, whose value is a JSON array of texts. An object is found
//! by all tags that it has, its system tags included.

mod system_tags;
mod user_tags;

use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::tag_policy::TagPolicy;
use claviger_plugin_sdk::{Result, plugin, register_tag_policy};

/// The tag policy `standard`.
pub struct StandardTags;

impl TagPolicy for StandardTags {
    fn name(&self) -> &'static str {
        "standard"
    }

    fn user_tags(&self, attributes: &Attributes) -> Result<Option<Vec<String>>> {
        Ok(user_tags::of(attributes))
    }

    fn check_user_tag(&self, tag: &str) -> Result<()> {
        user_tags::check(tag)
    }

    fn system_tags(&self, facts: &KeyFacts<'_>) -> Option<Vec<String>> {
        system_tags::of(facts)
    }
}

plugin! { summary: "User tags and the system tags of the standard's object types" }
register_tag_policy!(StandardTags);

#[cfg(test)]
mod tests {
    use super::*;

    claviger_plugin_sdk::tag_policy_conformance!(StandardTags);
}
