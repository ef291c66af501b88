//! NIST800-108-DPI: SP 800-108 in double-pipeline iteration mode.
//!
//! One row of MACs begins with the derivation data, and each is the MAC of the one before it. A block is the MAC of one of
//! them, its number in 32 bits and the derivation data. SP 800-108 leaves the number to choice; with it, blocks never
//! repeat.

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

struct DoublePipeline;

const DOUBLE_PIPELINE: SchemeEntry = SchemeEntry {
    name: "SP 800-108 double-pipeline iteration mode",
    algorithms: &[],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Derive(DerivationMethod::NIST800_108_DPI, &DoublePipeline),
};
register_scheme!(DOUBLE_PIPELINE);

impl DeriveScheme for DoublePipeline {
    fn builds_on(&self) -> Option<Capability> {
        Some(Capability::Mac)
    }

    fn cost(&self, input: &DeriveInput) -> Cost {
        hkdf::cost(input)
    }

    fn derive(&self, input: &DeriveInput) -> Result<ByteString> {
        let method = "SP 800-108 in double-pipeline iteration mode";
        takes_only(input, method, &[Field::DerivationData])?;
        let (_, data) = key_and_data(input, method)?;
        let data = needed(data, method)?;
        check_length(input.length, 1, MOST, method)?;
        let prf = Prf::of(input)?;
        let mut first_row = Zeroizing::new(data.to_vec());
        in_blocks(input.length, |number| {
            first_row = prf.at(&[&first_row])?;
            prf.at(&[&first_row, &number.to_be_bytes(), data])
        })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, HashingAlgorithm};
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::DeriveSubject;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn from(key: &[u8], data: &[u8], length: usize) -> DeriveInput {
        with_prf(key, with_hash(HashingAlgorithm::SHA_256), data, length)
    }

    fn sound(rng: &mut SeededRandom) -> DeriveInput {
        from(&random(rng, 20), &random(rng, 9), 0)
    }

    scheme_conformance!(derive conformance: DeriveSubject {
        entry: DOUBLE_PIPELINE,
        input: sound,
        least: 1,
        most: MOST,
        counts: &[|input| input.parameters.derivation_data = vec![b"other"[..].into()]],
        refused: &[
            |input| input.parameters.derivation_data.clear(),
            |input| input.parameters.initialization_vector = Some(vec![0; 16].into()),
        ],
    });

    /// CAVP, KDF in double-pipeline iteration mode, PRF=CMAC_AES256, CTRLOCATION=AFTER_ITER, RLEN=32_BITS.
    #[test]
    fn it_gives_the_answer_of_the_cavp() {
        let input = with_prf(
            &bytes("2451975a33ab0c7535e00abe7b57982335b0471ad857a093c6765e6c58443852"),
            in_mode(BlockCipherMode::CMAC),
            &bytes(
                "fb95eb3c47dcad3b783b045b29bcb6f5aefc0389735843b92b4d8fab97d61350b76b2a83442d7c5aa497aa1cf441760281a08b",
            ),
            64,
        );
        check_derive(
            &DOUBLE_PIPELINE,
            &input,
            "2f157687f782c8b64325826e3c755194c70abffd9d78c4678924b9d73dcced86dcaf7dfa3bf56cf03fa45c7fca05ca1092c41bbd934131e95db2b204241a9d02",
        );
    }

    proptest! {
        #[test]
        fn its_definition_over_openssl_derives_the_same(key in prop::collection::vec(any::<u8>(), 1..100), data in prop::collection::vec(any::<u8>(), 1..100)) {
            let one = openssl_hmac_sha256(&key, &data);
            let two = openssl_hmac_sha256(&key, &one);
            let first = openssl_hmac_sha256(&key, &[&one[..], &[0, 0, 0, 1], &data].concat());
            let second = openssl_hmac_sha256(&key, &[&two[..], &[0, 0, 0, 2], &data].concat());
            check_derive(&DOUBLE_PIPELINE, &from(&key, &data, 64), &hex::encode([first, second].concat()));
        }
    }
}
