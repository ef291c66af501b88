//! Tags that users give.

use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::prelude::*;

const VENDOR: &str = "cosmian";
const NAME: &str = "tag";

/// The tags that attributes carry. A value that is no JSON array of texts counts as no tags, as the clients that send
/// it expect.
pub(crate) fn of(attributes: &Attributes) -> Option<Vec<String>> {
    match attributes.vendor(VENDOR, NAME)? {
        Value::ByteString(json) => serde_json::from_slice(json).ok(),
        Value::TextString(json) => serde_json::from_str(json).ok(),
        _ => None,
    }
}

/// Checks a tag that a user wants to give.
///
/// # Errors
/// Invalid Attribute Value: it is empty, or begins with `_` as system tags do.
pub(crate) fn check(tag: &str) -> Result<()> {
    let refused = |why: &'static str| {
        Err(Error::new(ResultReason::INVALID_ATTRIBUTE_VALUE, ErrorClass::Unsupported, why))
    };
    match tag {
        "" => refused("user tags cannot be empty"),
        tag if tag.starts_with('_') => refused("user tags cannot start with _"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried(value: Value) -> Option<Vec<String>> {
        let mut attributes = Attributes::new();
        attributes.set_vendor(VENDOR, NAME, value);
        of(&attributes)
    }

    #[test]
    fn tags_are_a_json_array() {
        // As recorded: ["my"].
        let recorded = vec![0x5B, 0x22, 0x6D, 0x79, 0x22, 0x5D];
        assert_eq!(carried(Value::ByteString(recorded.into())), Some(vec!["my".to_owned()]));
        assert_eq!(carried(Value::TextString("[]".into())), Some(vec![]));
    }

    #[test]
    fn what_is_no_json_array_of_texts_is_no_tag() {
        for json in ["my", "{}", "[1]", "[\"my\"", ""] {
            assert_eq!(carried(Value::ByteString(json.as_bytes().into())), None, "{json}");
        }
        assert_eq!(carried(Value::Integer(1)), None);
    }

    #[test]
    fn attributes_of_other_vendors_carry_none() {
        let mut attributes = Attributes::new();
        attributes.set_vendor("acme", NAME, Value::TextString("[\"my\"]".into()));
        assert_eq!(of(&attributes), None);
    }
}
