//! Whatever is read as binary TTLV is written as the same bytes, but for big integers that were longer than
//! they need be.
#![no_main]

use claviger_kmip::codec::{binary, limits::Limits};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(tree) = binary::decode(bytes, &Limits::default()) {
        let once = binary::encode(&tree);
        assert!(once.len() <= bytes.len());
        assert_eq!(binary::decode(&once, &Limits::default()).unwrap(), tree);
    }
});
