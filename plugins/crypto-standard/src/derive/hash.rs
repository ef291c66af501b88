//! HASH: the digest of the base key.

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::tables::enumerations::DerivationMethod;
use claviger_plugin_sdk::scheme::{Capability, Cost, DeriveInput, DeriveScheme, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Error, Result, register_scheme};

use super::input::{ambiguous, beginning, cryptographic, only_key, takes_only};
use crate::digest;
use crate::parameters::bad_parameters;

struct Hash;

const HASH: SchemeEntry = SchemeEntry {
    name: "HASH",
    algorithms: &[],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Derive(DerivationMethod::HASH, &Hash),
};
register_scheme!(HASH);

impl DeriveScheme for Hash {
    fn builds_on(&self) -> Option<Capability> {
        None
    }

    fn cost(&self, _: &DeriveInput) -> Cost {
        Cost::Light
    }

    /// Derivation data would be hashed in place of the key; but there is always a key.
    fn derive(&self, input: &DeriveInput) -> Result<ByteString> {
        if !input.parameters.derivation_data.is_empty() {
            return Err(ambiguous());
        }
        takes_only(input, "HASH", &[])?;
        let key = only_key(input, "HASH")?;
        let hash = cryptographic(input)
            .hashing_algorithm
            .ok_or_else(|| bad_parameters("HASH needs a Hashing Algorithm".to_owned()))?;
        let function = digest::openssl(hash)
            .ok_or_else(|| bad_parameters(format!("nothing is derived with {hash:?}")))?;
        let digest = openssl::hash::hash(function, key)
            .map_err(|error| Error::cryptographic("the key could not be hashed").because(error))?;
        beginning(&digest, input.length, "HASH with this function")
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::tables::enumerations::{HashingAlgorithm, ResultReason};
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::DeriveSubject;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn from(key: &[u8], hash: HashingAlgorithm, length: usize) -> DeriveInput {
        let mut input = derive_input(key, length);
        input.parameters.cryptographic_parameters = Some(with_hash(hash));
        input
    }

    fn sound(rng: &mut SeededRandom) -> DeriveInput {
        from(&random(rng, 20), HashingAlgorithm::SHA_256, 0)
    }

    scheme_conformance!(derive conformance: DeriveSubject {
        entry: HASH,
        input: sound,
        least: 1,
        most: 32,
        counts: &[|input| input.parameters.cryptographic_parameters = Some(with_hash(HashingAlgorithm::SHA3_256))],
        refused: &[
            |input| input.parameters.cryptographic_parameters = None,
            |input| input.parameters.cryptographic_parameters = Some(with_hash(HashingAlgorithm::TIGER)),
            |input| input.parameters.derivation_data = vec![b"data"[..].into()],
            |input| input.parameters.salt = Some(b"salt"[..].into()),
            |input| input.base.extend(derive_input(b"another", 0).base),
        ],
    });

    /// FIPS 180-2 appendix B.1.
    #[test]
    fn it_gives_the_digest_of_the_key_or_its_beginning() {
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        check_derive(&HASH, &from(b"abc", HashingAlgorithm::SHA_256, 32), digest);
        check_derive(&HASH, &from(b"abc", HashingAlgorithm::SHA_256, 16), &digest[..32]);
    }

    #[test]
    fn derivation_data_beside_a_key_is_an_invalid_message() {
        let mut input = from(b"abc", HashingAlgorithm::SHA_256, 16);
        input.parameters.derivation_data = vec![b"data"[..].into()];
        assert_eq!(Hash.derive(&input).unwrap_err().reason(), ResultReason::INVALID_MESSAGE);
    }

    proptest! {
        #[test]
        fn aws_lc_derives_the_same(key in prop::collection::vec(any::<u8>(), 0..100)) {
            use aws_lc_rs::digest::{SHA384, SHA3_512, digest};
            check_derive(&HASH, &from(&key, HashingAlgorithm::SHA_384, 48), &hex::encode(digest(&SHA384, &key)));
            check_derive(&HASH, &from(&key, HashingAlgorithm::SHA3_512, 64), &hex::encode(digest(&SHA3_512, &key)));
        }
    }
}
