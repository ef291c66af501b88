//! What this server chose where the recorded one chose something else: identifiers, keys, nonces, ciphertexts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::exchange::Exchange;
use crate::client::Answer;

/// Texts of recorded answers, and what stands for them here.
#[derive(Default)]
pub(super) struct Substitutions {
    texts: BTreeMap<String, String>,
}

/// Shorter texts, such as an empty byte string, mean themselves.
const SHORTEST: usize = 16;
/// The length of an identifier that the server chose, in hexadecimal digits of its bytes.
const IN_BYTES: usize = 72;

impl Substitutions {
    /// Takes note of an answer of the same structure as the recorded one.
    pub(super) fn learn(&mut self, recorded: &Exchange, answer: &Answer) {
        if recorded.status == 200 && recorded.path.starts_with("/kmip") {
            self.learn_values(&recorded.response, &answer.json());
        }
    }

    /// The path with the identifiers of this server.
    pub(super) fn in_path(&self, path: &str) -> String {
        match path.rsplit_once('/').and_then(|(base, last)| Some((base, self.texts.get(last)?))) {
            Some((base, last)) => format!("{base}/{last}"),
            None => path.to_owned(),
        }
    }

    /// The body with what this server chose.
    pub(super) fn in_body(&self, request: &Value) -> String {
        match request {
            Value::String(text) => text.clone(),
            json => self.in_value(json).to_string(),
        }
    }

    fn in_value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.in_text(text).into(),
            Value::Array(items) => items.iter().map(|item| self.in_value(item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| (name.clone(), self.in_value(value))).collect()
            }
            other => other.clone(),
        }
    }

    /// The text that stands for this one; system tags hold identifiers among other things, in the bytes of a vendor
    /// attribute.
    fn in_text(&self, text: &str) -> String {
        if let Some(known) = self.texts.get(text) {
            return known.clone();
        }
        let held = |known: &&String| known.len() == IN_BYTES && text.contains(known.as_str());
        match self.texts.keys().find(held).and_then(|known| Some((known, self.texts.get(known)?))) {
            Some((recorded, here)) => text.replace(recorded.as_str(), here),
            None => text.to_owned(),
        }
    }

    fn learn_values(&mut self, recorded: &Value, answered: &Value) {
        match (&recorded["value"], &answered["value"]) {
            (Value::String(recorded), Value::String(answered)) if recorded.len() >= SHORTEST => {
                self.texts.insert(recorded.clone(), answered.clone());
                // Identifiers also travel as the bytes of a vendor attribute.
                self.texts.insert(hex(recorded), hex(answered));
            }
            // Located identifiers come in no order: which is which, only one alone tells.
            (Value::Array(several), _) if recorded["tag"] == "UniqueIdentifier" && several.len() > 1 => {}
            (Value::Array(recorded), Value::Array(answered)) => {
                for item in recorded {
                    if let Some(same) = answered.iter().find(|other| is_alike(item, other)) {
                        self.learn_values(item, same);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether two items have one tag and, if they hold names, the same ones: a link is like one of its type, and a vendor
/// attribute like one of its name.
fn is_alike(item: &Value, other: &Value) -> bool {
    let is_name = |child: &Value| child["type"] == "Enumeration" || child["tag"] == "AttributeName";
    let names = |item: &Value| -> Vec<Value> {
        let children = item["value"].as_array().into_iter().flatten();
        children.filter(|child| is_name(child)).map(|child| child["value"].clone()).collect()
    };
    item["tag"] == other["tag"] && names(item) == names(other)
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02X}")).collect()
}
