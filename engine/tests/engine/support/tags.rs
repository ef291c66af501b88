//! A tag policy: Object Group holds user tags; every key has the system tag `_key`.

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::tag_policy::TagPolicy;

pub(crate) struct Groups;

impl TagPolicy for Groups {
    fn name(&self) -> &'static str {
        "groups"
    }

    fn user_tags(&self, attributes: &Attributes) -> Result<Option<Vec<String>>> {
        let tags: Vec<String> = attributes.all::<kinds::ObjectGroup>().collect();
        Ok((!tags.is_empty()).then_some(tags))
    }

    fn check_user_tag(&self, tag: &str) -> Result<()> {
        if tag.starts_with('_') { Err(Error::invalid("tags with _ are the system's")) } else { Ok(()) }
    }

    fn system_tags(&self, _: &KeyFacts<'_>) -> Option<Vec<String>> {
        Some(vec!["_key".to_owned()])
    }
}

/// Attributes that give these user tags.
pub(crate) fn tagged(tags: &[&str]) -> Attributes {
    let mut attributes = Attributes::new();
    for tag in tags {
        attributes.push::<kinds::ObjectGroup>((*tag).to_owned());
    }
    attributes
}
