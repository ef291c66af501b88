//! NIST800-108-F: SP 800-108 in feedback mode.
//!
//! A block is the MAC of the block before it, its number in 32 bits and the derivation data; the Initialization Vector
//! stands before the first. SP 800-108 leaves the number to choice; with it, blocks never repeat.

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::tables::enumerations::DerivationMethod;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Capability, Cost, DeriveInput, DeriveScheme, Scheme, SchemeEntry};
use zeroize::Zeroizing;

use super::counter::MOST;
use super::hkdf;
use super::input::{Field, check_length, key_and_data, needed, takes_only};
use super::prf::{Prf, in_blocks};

struct Feedback;

const FEEDBACK: SchemeEntry = SchemeEntry {
    name: "SP 800-108 feedback mode",
    algorithms: &[],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Derive(DerivationMethod::NIST800_108_F, &Feedback),
};
register_scheme!(FEEDBACK);

impl DeriveScheme for Feedback {
    fn builds_on(&self) -> Option<Capability> {
        Some(Capability::Mac)
    }

    fn cost(&self, input: &DeriveInput) -> Cost {
        hkdf::cost(input)
    }

    fn derive(&self, input: &DeriveInput) -> Result<ByteString> {
        let method = "SP 800-108 in feedback mode";
        takes_only(input, method, &[Field::DerivationData, Field::InitializationVector])?;
        let (_, data) = key_and_data(input, method)?;
        let data = needed(data, method)?;
        check_length(input.length, 1, MOST, method)?;
        let prf = Prf::of(input)?;
        let first = input.parameters.initialization_vector.as_deref().unwrap_or_default();
        let mut last = Zeroizing::new(first.to_vec());
        in_blocks(input.length, |number| {
            last = prf.at(&[&last, &number.to_be_bytes(), data])?;
            Ok(last.clone())
        })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::tables::enumerations::HashingAlgorithm;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::DeriveSubject;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn from(key: &[u8], iv: &[u8], data: &[u8], length: usize) -> DeriveInput {
        let mut input = with_prf(key, with_hash(HashingAlgorithm::SHA_256), data, length);
        input.parameters.initialization_vector = Some(iv.into());
        input
    }

    fn sound(rng: &mut SeededRandom) -> DeriveInput {
        from(&random(rng, 20), &random(rng, 32), &random(rng, 9), 0)
    }

    scheme_conformance!(derive conformance: DeriveSubject {
        entry: FEEDBACK,
        input: sound,
        least: 1,
        most: MOST,
        counts: &[
            |input| input.parameters.derivation_data = vec![b"other"[..].into()],
            |input| input.parameters.initialization_vector = None,
        ],
        refused: &[
            |input| input.parameters.derivation_data.clear(),
            |input| input.parameters.iteration_count = Some(1),
        ],
    });

    /// CAVP, KDF in feedback mode, PRF=HMAC_SHA256, CTRLOCATION=AFTER_ITER, RLEN=32_BITS.
    #[test]
    fn it_gives_the_answer_of_the_cavp() {
        let input = from(
            &bytes("93f698e842eed75394d629d957e2e89c6e741f810b623c8b901e38376d068e7b"),
            &bytes("9f575d9059d3e0c0803f08112f8a806de3c3471912cdf42b095388b14b33508e"),
            &bytes(
                "53b89c18690e2057a1d167822e636de50be0018532c431f7f5e37f77139220d5e042599ebe266af5767ee18cd2c5c19a1f0f80",
            ),
            64,
        );
        check_derive(
            &FEEDBACK,
            &input,
            "bd1476f43a4e315747cf5918e0ea5bc0d98769457477c3ab18b742def0e079a933b756365afb5541f253fee43c6fd788a44041038509e9eeb68f7d65ffbb5f95",
        );
    }

    proptest! {
        #[test]
        fn its_definition_over_openssl_derives_the_same(key in prop::collection::vec(any::<u8>(), 1..100), iv in prop::collection::vec(any::<u8>(), 0..40), data in prop::collection::vec(any::<u8>(), 1..100)) {
            let first = openssl_hmac_sha256(&key, &[&iv[..], &[0, 0, 0, 1], &data].concat());
            let second = openssl_hmac_sha256(&key, &[&first[..], &[0, 0, 0, 2], &data].concat());
            check_derive(&FEEDBACK, &from(&key, &iv, &data, 64), &hex::encode([first, second].concat()));
        }
    }
}
