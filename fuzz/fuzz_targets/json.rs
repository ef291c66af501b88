//! Whatever is read as OASIS JSON is written stably.
#![no_main]

use claviger_kmip::codec::{json, limits::Limits};
use claviger_kmip::vocabulary::Vocabulary;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let read = |bytes: &[u8]| json::decode(bytes, &Limits::default(), Vocabulary::standard());
    if let Ok(tree) = read(bytes) {
        let once = json::encode(&tree);
        assert_eq!(json::encode(&read(&once).unwrap()), once);
    }
});
