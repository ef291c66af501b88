//! A tag policy: tags that name a team are written in one way.

use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::register_tag_policy;
use claviger_plugin_sdk::tag_policy::TagPolicy;

/// Demands that `team:` is followed by lower-case letters, digits and hyphens, so that two spellings of one team do not
/// split its keys. Other tags are none of its business.
pub struct TeamTags;

impl TagPolicy for TeamTags {
    fn name(&self) -> &'static str {
        "team"
    }

    fn user_tags(&self, _: &Attributes) -> Result<Option<Vec<String>>> {
        Ok(None)
    }

    fn check_user_tag(&self, tag: &str) -> Result<()> {
        let Some(team) = tag.strip_prefix("team:") else { return Ok(()) };
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !team.is_empty() && team.chars().all(is_plain) {
            return Ok(());
        }
        Err(Error::invalid(format!(
            "the tag {tag:?} names no team: write team: and lower-case letters, digits or hyphens, such as team:payments"
        )))
    }

    fn system_tags(&self, _: &KeyFacts<'_>) -> Option<Vec<String>> {
        None
    }
}
register_tag_policy!(TeamTags);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_team_is_written_in_lower_case() {
        assert!(TeamTags.check_user_tag("team:payments-2").is_ok());
        assert!(TeamTags.check_user_tag("team:Payments").is_err());
        assert!(TeamTags.check_user_tag("team:").is_err());
    }

    #[test]
    fn other_tags_are_left_alone() {
        assert!(TeamTags.check_user_tag("Anything").is_ok());
    }
}
