//! Whatever is read as OASIS XML is written stably.
#![no_main]

use claviger_kmip::codec::{limits::Limits, xml};
use claviger_kmip::vocabulary::Vocabulary;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let read = |bytes: &[u8]| xml::decode(bytes, &Limits::default(), Vocabulary::standard());
    if let Ok(tree) = read(bytes) {
        let once = xml::encode(&tree);
        assert_eq!(xml::encode(&read(&once).unwrap()), once);
    }
});
