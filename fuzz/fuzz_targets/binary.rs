//! Whatever is read as binary TTLV is written as the same bytes, but for big integers that were longer than
//! they need be. The check without a tree takes and refuses what the tree's reader does.
#![no_main]

use claviger_kmip::codec::binary::{self, Checked};
use claviger_kmip::codec::limits::Limits;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let decoded = binary::decode(bytes, &Limits::default());
    let checked = Checked::new(bytes.to_vec().into(), &Limits::default());
    assert_eq!(checked.map(|checked| checked.to_tree()), decoded);
    if let Ok(tree) = decoded {
        let once = binary::encode(&tree);
        assert!(once.len() <= bytes.len());
        assert_eq!(binary::decode(&once, &Limits::default()).unwrap(), tree);
    }
});
