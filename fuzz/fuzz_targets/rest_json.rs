//! Whatever is read as the REST family's JSON is written stably.
#![no_main]

use claviger_kmip::codec::limits::Limits;
use claviger_kmip::codec::rest_json::{self, KeyMaterialForm};
use claviger_kmip::vocabulary::Vocabulary;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let read = |bytes: &[u8]| rest_json::decode(bytes, &Limits::default(), Vocabulary::standard());
    if let Ok(body) = read(bytes) {
        for material in [KeyMaterialForm::Bare, KeyMaterialForm::InStructure] {
            let once = rest_json::encode(&body, material, Vocabulary::standard());
            assert_eq!(rest_json::encode(&read(&once).unwrap(), material, Vocabulary::standard()), once);
        }
    }
});
