//! Exchanges that were recorded between clients of the REST family and the servers of their generation.

use std::fs;

use claviger_kmip::codec::limits::Limits;
use claviger_kmip::codec::rest_json::{self, KeyMaterialForm};
use claviger_kmip::vocabulary::{Extension, Vocabulary};
use serde_json::Value;

use crate::shared_material;

#[test]
fn recorded_requests_and_responses_are_read_and_written_with_the_same_structure() {
    let Some(folder) = shared_material::part("reference/captures") else { return };
    let vocabulary = Vocabulary::standard().extended(&vendor_names()).unwrap();
    let mut bodies = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let newer = path.file_name().unwrap().to_string_lossy().contains("4.22");
        let material = if newer { KeyMaterialForm::InStructure } else { KeyMaterialForm::Bare };
        for line in fs::read_to_string(&path).unwrap().lines() {
            let exchange: Value = serde_json::from_str(line).unwrap();
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

/// Names that a vendor's plugin would register.
fn vendor_names() -> Vec<Extension> {
    let value = |of: &'static str, code, name: &'static str| Extension::Value {
        of: of.into(),
        code,
        name: name.into(),
    };
    vec![
        value("KeyFormatType", 0x8880_000C, "CoverCryptSecretKey"),
        value("KeyFormatType", 0x8880_000D, "CoverCryptPublicKey"),
        value("CryptographicAlgorithm", 0x8880_0004, "CoverCrypt"),
        value("CryptographicAlgorithm", 0x8880_0005, "CoverCryptBulk"),
    ]
}
