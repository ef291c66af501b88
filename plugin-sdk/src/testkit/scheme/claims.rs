//! Claims, over a generated grid of keys and parameters.

use std::collections::BTreeMap;

use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::tables::enumerations::{
    BlockCipherMode, CryptographicAlgorithm, HashingAlgorithm, PaddingMethod,
};

use super::facts_of_raw_key;
use crate::record::KeyFacts;
use crate::scheme::{Capability, SchemeEntry};

/// No two entries of one capability claim the same key with the same parameters, whether for its algorithm or for any.
///
/// # Panics
/// Two do; the message names them and the parameters.
pub fn claims_do_not_overlap<'a>(entries: impl IntoIterator<Item = &'a SchemeEntry>) {
    type Key = (Option<CryptographicAlgorithm>, Capability);
    let mut groups: BTreeMap<Key, Vec<&SchemeEntry>> = BTreeMap::new();
    for entry in entries {
        let capability = entry.scheme.capability();
        for algorithm in entry.algorithms {
            groups.entry((Some(*algorithm), capability)).or_default().push(entry);
        }
        if entry.algorithms.is_empty() {
            groups.entry((None, capability)).or_default().push(entry);
        }
    }
    for ((algorithm, capability), group) in &groups {
        let of_any = groups.get(&(None, *capability)).filter(|_| algorithm.is_some());
        let group: Vec<&&SchemeEntry> = group.iter().chain(of_any.into_iter().flatten()).collect();
        if group.len() < 2 {
            continue;
        }
        grid(|parameters| {
            for length in [7, 16, 32, 64] {
                let facts = KeyFacts { algorithm: *algorithm, ..facts_of_raw_key(group[0], length) };
                let claim = group.iter().filter(|entry| (entry.claims)(&facts, parameters));
                let names: Vec<&str> = claim.map(|entry| entry.name).collect();
                assert!(names.len() < 2, "{names:?} all claim {:?} keys with {parameters:?}", algorithm);
            }
        });
    }
}

/// Every combination of mode, algorithm, hash and padding: the standard's, and some of the vendor range.
fn grid(mut visit: impl FnMut(&CryptographicParameters)) {
    let vendor = || 0x8000_0000..0x8000_0004;
    let modes = optional((1..=0x13).chain(vendor()).map(BlockCipherMode));
    let algorithms = optional((1..=0x39).map(CryptographicAlgorithm));
    let hashes = optional((1..=0x12).map(HashingAlgorithm));
    let paddings = optional((1..=0x0B).chain(vendor()).map(PaddingMethod));
    let mut parameters = CryptographicParameters::NONE;
    for mode in &modes {
        parameters.block_cipher_mode = *mode;
        for algorithm in &algorithms {
            parameters.cryptographic_algorithm = *algorithm;
            for hash in &hashes {
                parameters.hashing_algorithm = *hash;
                visit(&parameters);
            }
            parameters.hashing_algorithm = None;
            for padding in &paddings {
                parameters.padding_method = *padding;
                visit(&parameters);
            }
            parameters.padding_method = None;
        }
    }
}

fn optional<T>(values: impl Iterator<Item = T>) -> Vec<Option<T>> {
    std::iter::once(None).chain(values.map(Some)).collect()
}
