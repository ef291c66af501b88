//! Whether an answer is what the recorded server answered, but for what varies.

use std::collections::BTreeSet;

use serde_json::Value;

use super::exchange::Exchange;
use crate::client::Answer;

/// Compares status, content type, and either the beginning of the error or the structure of the body.
pub(super) fn compare(recorded: &Exchange, answer: &Answer) -> Result<(), String> {
    let told = || format!("{} {}", answer.status, answer.text());
    if answer.status != recorded.status {
        return Err(format!(
            "recorded {} {}, answered {}",
            recorded.status,
            short(&recorded.response),
            told()
        ));
    }
    if !answer.head.contains(&format!("content-type: {}", recorded.content_type)) {
        return Err(format!("recorded {}, answered {}", recorded.content_type, answer.head));
    }
    match &recorded.response {
        Value::String(text) if recorded.status != 200 => {
            if beginning(text) == beginning(&answer.text()) {
                return Ok(());
            }
            Err(format!("recorded {text:?}, answered {}", told()))
        }
        Value::String(_) => Ok(()),
        json if recorded.path.starts_with("/kmip") => {
            let is_exact = recorded.operation() == "Decrypt";
            same_structure(json, &answer.json(), is_exact).map_err(|at| format!("{at}; answered {}", told()))
        }
        json if unordered(json) == unordered(&answer.json()) => Ok(()),
        json => Err(format!("recorded {json}, answered {}", told())),
    }
}

/// What tells the class of an error: everything up to the first colon.
fn beginning(text: &str) -> &str {
    text.split(':').next().unwrap_or_default()
}

/// The same tags, types and nesting; the same numbers, truths and names of enumerations; empty texts where there are
/// empty texts. Of an array the first element is compared. The plaintext of a decryption is the same, too.
fn same_structure(recorded: &Value, answered: &Value, is_exact: bool) -> Result<(), String> {
    let tag = recorded["tag"].as_str().unwrap();
    for part in ["tag", "type"] {
        if recorded[part] != answered[part] {
            return Err(format!("{tag}: recorded {part} {}, answered {}", recorded[part], answered[part]));
        }
    }
    let differ = |what: &str| Err(format!("{tag}: {what}: recorded {}", short(&recorded["value"])));
    match (&recorded["value"], &answered["value"]) {
        (Value::Array(recorded), Value::Array(answered)) if is_array(tag, recorded) => {
            match (recorded.first(), answered.first()) {
                (Some(recorded), Some(answered)) => same_structure(recorded, answered, is_exact),
                (None, None) => Ok(()),
                _ => differ("one array is empty"),
            }
        }
        (Value::Array(recorded), Value::Array(answered)) => same_fields(tag, recorded, answered, is_exact),
        (Value::String(text), Value::String(other)) => {
            let is_name = recorded["type"] == "Enumeration";
            let must_match = is_name || (is_exact && tag == "Data");
            if (must_match && text != other) || text.is_empty() != other.is_empty() {
                return differ(&format!("answered {other:?}"));
            }
            Ok(())
        }
        (_, _) if tag == "LocatedItems" => Ok(()),
        (value, other) if value == other => Ok(()),
        (_, other) => differ(&format!("answered {other}")),
    }
}

fn same_fields(tag: &str, recorded: &[Value], answered: &[Value], is_exact: bool) -> Result<(), String> {
    let tags =
        |fields: &[Value]| fields.iter().map(|field| field["tag"].to_string()).collect::<BTreeSet<_>>();
    if tags(recorded) != tags(answered) || recorded.len() != answered.len() {
        return Err(format!("{tag}: recorded {:?}, answered {:?}", tags(recorded), tags(answered)));
    }
    recorded.iter().try_for_each(|field| {
        let same = answered.iter().find(|other| other["tag"] == field["tag"]).unwrap();
        same_structure(field, same, is_exact)
    })
}

fn is_array(tag: &str, children: &[Value]) -> bool {
    children.iter().all(|child| child["tag"] == tag)
}

/// JSON whose arrays compare in any order: rights are a set.
fn unordered(json: &Value) -> Value {
    match json {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(unordered).collect();
            items.sort_by_key(Value::to_string);
            items.into()
        }
        other => match other.as_object() {
            Some(members) => members.iter().map(|(name, value)| (name.clone(), unordered(value))).collect(),
            None => other.clone(),
        },
    }
}

fn short(json: &Value) -> String {
    json.to_string().chars().take(200).collect()
}

mod tests {
    use serde_json::json;

    use super::*;

    fn recorded() -> Value {
        json!({"tag": "GetResponse", "type": "Structure", "value": [
            {"tag": "ObjectType", "type": "Enumeration", "value": "SymmetricKey"},
            {"tag": "UniqueIdentifier", "type": "TextString", "value": "one"},
            {"tag": "Link", "type": "Structure", "value": [
                {"tag": "Link", "type": "Structure", "value": [{"tag": "Data", "type": "ByteString", "value": "AA"}]}]}]})
    }

    fn differs(change: impl FnOnce(&mut Value)) -> bool {
        let mut answered = recorded();
        change(&mut answered);
        same_structure(&recorded(), &answered, false).is_err()
    }

    #[test]
    fn other_identifiers_and_another_order_are_the_same_structure() {
        assert!(!differs(|answer| answer["value"][1]["value"] = "two".into()));
        assert!(!differs(|answer| answer["value"].as_array_mut().unwrap().reverse()));
    }

    #[test]
    fn what_lacks_or_is_too_much_or_of_another_kind_is_a_difference() {
        assert!(differs(|answer| drop(answer["value"].as_array_mut().unwrap().pop())));
        assert!(differs(|answer| {
            let more = answer["value"][1].clone();
            answer["value"].as_array_mut().unwrap().push(more);
        }));
        assert!(differs(|answer| answer["value"][0]["value"] = "PublicKey".into()));
        assert!(differs(|answer| answer["value"][1]["type"] = "ByteString".into()));
        assert!(differs(|answer| answer["value"][1]["value"] = "".into()));
        assert!(differs(|answer| answer["value"][2]["value"] = json!([])));
        assert!(differs(|answer| answer["value"][2]["value"][0]["value"][0]["tag"] = "Key".into()));
    }

    #[test]
    fn a_plaintext_is_the_same_to_the_last_byte() {
        let data = |hex: &str| json!({"tag": "Data", "type": "ByteString", "value": hex});
        assert!(same_structure(&data("AA"), &data("BB"), true).is_err());
        assert!(same_structure(&data("AA"), &data("BB"), false).is_ok());
    }

    #[test]
    fn an_error_is_told_by_its_beginning() {
        assert_eq!(beginning("Item not found: k"), beginning("Item not found: l"));
        assert_ne!(beginning("Item_Not_Found: k"), beginning("Item not found: k"));
    }
}
