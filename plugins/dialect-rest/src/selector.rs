//! Identifiers that begin with `[`: the tags of the objects that are meant, as a JSON array.

use claviger_plugin_sdk::dialect::Selector;
use claviger_plugin_sdk::prelude::*;

/// What an identifier means.
///
/// # Errors
/// Internal Server Error, as this family expects it: the text begins with `[` and is no JSON array of strings.
pub(crate) fn selector(text: &str) -> Result<Selector<'_>> {
    if !text.starts_with('[') {
        return Ok(Selector::Id(text.into()));
    }
    match serde_json::from_str::<Vec<String>>(text) {
        Ok(tags) if !tags.is_empty() => Ok(Selector::Tags(tags)),
        Ok(_) => {
            Err(Error::server("an identifier that selects by tags names at least one tag, as in [\"tag\"]"))
        }
        Err(error) => {
            Err(Error::server("an identifier that begins with [ is a JSON array of tags, as in [\"tag\"]")
                .because(error))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_array_selects_by_all_of_its_tags() {
        let tags = Selector::Tags(vec!["two words".into(), "_pk".into()]);
        assert_eq!(selector(r#"["two words","_pk"]"#).unwrap(), tags);
    }

    #[test]
    fn any_other_text_is_an_identifier() {
        assert_eq!(selector("a[1]").unwrap(), Selector::Id("a[1]".into()));
    }

    #[test]
    fn a_bracket_without_json_behind_it_is_refused() {
        for text in ["[", "[]", "[1]", "[\"a\""] {
            assert_eq!(selector(text).unwrap_err().class(), ErrorClass::Server, "{text}");
        }
    }
}
