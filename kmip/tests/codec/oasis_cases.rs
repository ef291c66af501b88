//! The messages of the OASIS test cases pass through all forms.

use std::fs;
use std::path::{Path, PathBuf};

use claviger_kmip::codec::limits::Limits;
use claviger_kmip::codec::{binary, json, xml};
use claviger_kmip::vocabulary::Vocabulary;

use crate::shared_material;

#[test]
fn every_message_of_the_oasis_test_cases_survives_binary_xml_and_json() {
    let Some(folder) = shared_material::part("conformance/suites") else { return };
    let mut cases = Vec::new();
    xml_files(&folder, &mut cases);
    let mut messages = 0;
    for case in cases {
        let text = fs::read_to_string(&case).unwrap();
        // KMIP 3.0 types, in cases of 2.1 that were published with them.
        if ["Identifier", "Reference", "NameReference"]
            .iter()
            .any(|name| text.contains(&format!("type=\"{name}\"")))
        {
            continue;
        }
        for message in messages_of(&text) {
            let message = with_values(message);
            survives(&message, &case);
            messages += 1;
        }
    }
    eprintln!("{messages} messages");
    assert!(messages > 4000, "{messages}");
}

fn survives(message: &str, case: &Path) {
    let (limits, vocabulary) = (Limits::default(), Vocabulary::standard());
    let tree = xml::decode(message.as_bytes(), &limits, vocabulary)
        .unwrap_or_else(|error| panic!("{}: {error}\n{message}", case.display()));
    assert_eq!(xml::decode(&xml::encode(&tree), &limits, vocabulary).unwrap(), tree, "{}", case.display());
    assert_eq!(json::decode(&json::encode(&tree), &limits, vocabulary).unwrap(), tree, "{}", case.display());
    assert_eq!(binary::decode(&binary::encode(&tree), &limits).unwrap(), tree, "{}", case.display());
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
