//! Exchanges that were recorded between clients of the REST family and the servers of their generation.

use std::collections::BTreeSet;
use std::fs;

use claviger_kmip::codec::limits::Limits;
use claviger_kmip::codec::rest_json::{self, KeyMaterialForm};
use claviger_kmip::vocabulary::{Extension, Vocabulary};
use serde_json::Value;

use crate::shared_material;

#[test]
fn recorded_requests_and_responses_are_read_and_written_with_the_same_structure() {
    let Some(folder) = shared_material::part("reference/captures") else { return };
    let mut bodies = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let newer = path.file_name().unwrap().to_string_lossy().contains("4.22");
        let material = if newer { KeyMaterialForm::InStructure } else { KeyMaterialForm::Bare };
        let text = fs::read_to_string(&path).unwrap();
        let exchanges: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let vocabulary = Vocabulary::standard().extended(&vendor_names(&exchanges)).unwrap();
        for exchange in &exchanges {
            for side in ["request", "response"] {
                if exchange[side].get("tag").is_some() {
                    survives(&exchange[side], material, &vocabulary, &exchange["label"]);
                    bodies += 1;
                }
            }
        }
    }
    eprintln!("{bodies} bodies");
    assert!(bodies > 800, "{bodies}");
}

fn survives(recorded: &Value, material: KeyMaterialForm, vocabulary: &Vocabulary, label: &Value) {
    let bytes = recorded.to_string();
    let body = rest_json::decode(bytes.as_bytes(), &Limits::default(), vocabulary)
        .unwrap_or_else(|error| panic!("{label}: {error}"));
    let written = rest_json::encode(&body, material, vocabulary);
    let mut written: Value = serde_json::from_slice(&written).unwrap();
    let mut recorded = recorded.clone();
    sort(&mut written);
    sort(&mut recorded);
    assert_eq!(written, recorded, "{label}");
}

/// The order of fields is free.
fn sort(item: &mut Value) {
    if let Some(children) = item.get_mut("value").and_then(Value::as_array_mut) {
        children.iter_mut().for_each(sort);
        children.sort_by_key(Value::to_string);
    }
}

/// The names that the recordings use and the standard lacks, which a vendor's plugin would register; under any code,
/// since names travel.
fn vendor_names<'a>(exchanges: impl IntoIterator<Item = &'a Value>) -> Vec<Extension> {
    let mut names = BTreeSet::new();
    exchanges.into_iter().for_each(|exchange| collect_names(exchange, &mut names));
    let standard = Vocabulary::standard();
    let unknown = names.into_iter().filter(|(of, name)| {
        standard.tag(of).is_some_and(|tag| standard.enumeration_value(tag, name).is_none())
    });
    let value = |(code, (of, name)): (u32, (&str, &str))| Extension::Value {
        of: of.to_owned().into(),
        code,
        name: name.to_owned().into(),
    };
    (0x8880_0000..).zip(unknown).map(value).collect()
}

fn collect_names<'a>(item: &'a Value, names: &mut BTreeSet<(&'a str, &'a str)>) {
    match item {
        Value::Object(fields) => {
            let text = |key: &str| fields.get(key).and_then(Value::as_str);
            if let (Some(tag), Some("Enumeration"), Some(value)) = (text("tag"), text("type"), text("value"))
            {
                names.insert((tag, value));
            }
            fields.values().for_each(|field| collect_names(field, names));
        }
        Value::Array(items) => items.iter().for_each(|each| collect_names(each, names)),
        _ => {}
    }
}
