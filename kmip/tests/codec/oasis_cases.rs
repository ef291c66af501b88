//! The messages of the OASIS test cases pass through all forms.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use claviger_kmip::Ttlv;
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::codec::{binary, json, xml};
use claviger_kmip::vocabulary::Vocabulary;

use crate::shared_material;

/// One test case: its path within the suites and its messages in order.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) messages: Vec<Ttlv>,
}

/// Every case of both suites; nothing where they are absent.
pub(crate) fn cases() -> Option<&'static [Case]> {
    static CASES: LazyLock<Option<Vec<Case>>> = LazyLock::new(read_all);
    CASES.as_deref()
}

fn read_all() -> Option<Vec<Case>> {
    let folder = shared_material::part("conformance/suites")?;
    let mut files = Vec::new();
    xml_files(&folder, &mut files);
    files.sort();
    let cases = files.into_iter().filter_map(|file| {
        let text = fs::read_to_string(&file).unwrap();
        if is_of_3_0(&text) {
            return None;
        }
        let name = file.strip_prefix(&folder).unwrap().display().to_string();
        let messages = messages_of(&text).map(|message| read(&with_values(message), &file)).collect();
        Some(Case { name, messages })
    });
    Some(cases.collect())
}

/// Whether a case has types of KMIP 3.0, as some cases of 2.1 that were published with them.
fn is_of_3_0(text: &str) -> bool {
    let types = ["Identifier", "Reference", "NameReference"];
    types.iter().any(|name| text.contains(&format!("type=\"{name}\"")))
}

fn read(message: &str, case: &Path) -> Ttlv {
    xml::decode(message.as_bytes(), &Limits::default(), Vocabulary::standard())
        .unwrap_or_else(|error| panic!("{}: {error}\n{message}", case.display()))
}

#[test]
fn every_message_of_the_oasis_test_cases_survives_binary_xml_and_json() {
    let Some(cases) = cases() else { return };
    let mut messages = 0;
    for case in cases {
        for tree in &case.messages {
            survives(tree, &case.name);
            messages += 1;
        }
    }
    eprintln!("{messages} messages");
    assert!(messages > 4000, "{messages}");
}

fn survives(tree: &Ttlv, case: &str) {
    let (limits, vocabulary) = (Limits::default(), Vocabulary::standard());
    assert_eq!(&xml::decode(&xml::encode(tree), &limits, vocabulary).unwrap(), tree, "{case}");
    assert_eq!(&json::decode(&json::encode(tree), &limits, vocabulary).unwrap(), tree, "{case}");
    assert_eq!(&binary::decode(&binary::encode(tree), &limits).unwrap(), tree, "{case}");
}

/// The elements `RequestMessage` and `ResponseMessage`, one after the other.
fn messages_of(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let starts = ["<RequestMessage", "<ResponseMessage"].map(|tag| rest.find(tag));
        let start = starts.into_iter().flatten().min()?;
        let end_tag = if rest[start..].starts_with("<RequestMessage") {
            "</RequestMessage>"
        } else {
            "</ResponseMessage>"
        };
        let end = start + rest[start..].find(end_tag)? + end_tag.len();
        let message = &rest[start..end];
        rest = &rest[end..];
        Some(message)
    })
}

/// Puts values in the place of the variables, which are not of the type that they stand for.
fn with_values(message: &str) -> String {
    let mut out = String::new();
    let mut parts = message.split("value=\"$");
    let mut before = parts.next().unwrap_or_default();
    out.push_str(before);
    for part in parts {
        let (variable, after) = part.split_once('"').unwrap();
        let item_type = before.rsplit_once("type=\"").unwrap().1.split('"').next().unwrap();
        let value = match item_type {
            "DateTime" => "2012-04-27T08:12:24+00:00",
            "ByteString" => "00",
            "TextString" => variable,
            _ => "1",
        };
        out.push_str(&format!("value=\"{value}\"{after}"));
        before = after;
    }
    out
}

fn xml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            xml_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "xml") {
            found.push(path);
        }
    }
}
