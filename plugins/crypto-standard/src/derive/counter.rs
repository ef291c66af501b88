//! NIST800-108-C: SP 800-108 in counter mode.
//!
//! A block is the MAC of its number in 32 bits and the derivation data, which is Label, zero byte and Context as the
//! client wants them. The length of the key is not appended: a client that wants it there puts it there.

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::tables::enumerations::DerivationMethod;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Capability, Cost, DeriveInput, DeriveScheme, Scheme, SchemeEntry};

use super::hkdf;
use super::input::{Field, check_length, key_and_data, needed, takes_only};
use super::prf::{Prf, in_blocks};

struct Counter;

const COUNTER: SchemeEntry = SchemeEntry {
    name: "SP 800-108 counter mode",
    algorithms: &[],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Derive(DerivationMethod::NIST800_108_C, &Counter),
};
register_scheme!(COUNTER);

/// The most bytes that SP 800-108 derives here, in any mode. Its own limit is far beyond what a key needs.
pub(super) const MOST: usize = 64 << 10;

impl DeriveScheme for Counter {
    fn builds_on(&self) -> Option<Capability> {
        Some(Capability::Mac)
    }

    fn cost(&self, input: &DeriveInput) -> Cost {
        hkdf::cost(input)
    }

    fn derive(&self, input: &DeriveInput) -> Result<ByteString> {
        let method = "SP 800-108 in counter mode";
        takes_only(input, method, &[Field::DerivationData])?;
        let (_, data) = key_and_data(input, method)?;
        let data = needed(data, method)?;
        check_length(input.length, 1, MOST, method)?;
        let prf = Prf::of(input)?;
        in_blocks(input.length, |number| prf.at(&[&number.to_be_bytes(), data]))
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::kdf::{KbkdfCtrHmacAlgorithmId, get_kbkdf_ctr_hmac_algorithm, kbkdf_ctr_hmac};
    use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
    use claviger_plugin_sdk::kmip::tables::enumerations::{
        BlockCipherMode, CryptographicAlgorithm, HashingAlgorithm,
    };
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::DeriveSubject;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn sound(rng: &mut SeededRandom) -> DeriveInput {
        with_prf(&random(rng, 20), with_hash(HashingAlgorithm::SHA_256), &random(rng, 9), 0)
    }

    scheme_conformance!(derive conformance: DeriveSubject {
        entry: COUNTER,
        input: sound,
        least: 1,
        most: MOST,
        counts: &[|input| input.parameters.derivation_data = vec![b"other"[..].into()]],
        refused: &[
            |input| input.parameters.derivation_data.clear(),
            |input| input.parameters.initialization_vector = Some(vec![0; 16].into()),
            |input| input.parameters.salt = Some(b"salt"[..].into()),
        ],
    });

    /// CAVP, KDF in counter mode, RLEN=32_BITS, CTRLOCATION=BEFORE_FIXED: HMAC_SHA256, CMAC_AES128 (two) and CMAC_AES256.
    #[test]
    fn it_gives_the_answers_of_the_cavp() {
        let cmac = || in_mode(BlockCipherMode::CMAC);
        let answers = [
            (
                with_hash(HashingAlgorithm::SHA_256),
                "dd1d91b7d90b2bd3138533ce92b272fbf8a369316aefe242e659cc0ae238afe0",
                "01322b96b30acd197979444e468e1c5c6859bf1b1cf951b7e725303e237e46b864a145fab25e517b08f8683d0315bb2911d80a0e8aba17f3b413faac",
                "10621342bfb0fd40046c0e29f2cfdbf0",
            ),
            (
                cmac(),
                "c10b152e8c97b77e18704e0f0bd38305",
                "98cd4cbbbebe15d17dc86e6dbad800a2dcbd64f7c7ad0e78e9cf94ffdba89d03e97eadf6c4f7b806caf52aa38f09d0eb71d71f497bcc6906b48d36c4",
                "26faf61908ad9ee881b8305c221db53f",
            ),
            (
                cmac(),
                "695f1b1a16c949cea51cdf2554ec9d42",
                "4fce5942832a390aa1cbe8a0bf9d202cb799e986c9d6b51f45e4d597a6b57f06a4ebfec6467335d116b7f5f9c5b954062f661820f5db2a5bbb3e0625",
                "d34b601ec18c34dfa0f9e0b7523e218bdddb9befe8d08b6c0202d75ace0dba89",
            ),
            (
                cmac(),
                "d0b1b3b70b2393c48ca05159e7e28cbeadea93f28a7cdae964e5136070c45d5c",
                "dd2f151a3f173492a6fbbb602189d51ddf8ef79fc8e96b8fcbe6dabe73a35b48104f9dff2d63d48786d2b3af177091d646a9efae005bdfacb61a1214",
                "8c449fb474d1c1d4d2a33827103b656a",
            ),
        ];
        for (parameters, key, data, derived) in answers {
            let input = with_prf(&bytes(key), parameters, &bytes(data), derived.len() / 2);
            check_derive(&COUNTER, &input, derived);
        }
    }

    #[test]
    fn a_mac_with_a_nonce_is_no_pseudo_random_function() {
        let input = with_prf(&[7; 16], in_mode(BlockCipherMode::GCM), b"data", 16);
        assert!(Counter.derive(&input).is_err());
    }

    #[test]
    fn a_key_of_an_hmac_needs_no_parameters() {
        let mut named = with_prf(&[7; 32], with_hash(HashingAlgorithm::SHA_256), b"data", 40);
        let derived = Counter.derive(&named).unwrap();
        named.parameters.cryptographic_parameters = None;
        named.prepared = Some(prepared(
            Capability::Mac,
            CryptographicAlgorithm::HMAC_SHA256,
            &CryptographicParameters::NONE,
            &[7; 32],
        ));
        assert_eq!(Counter.derive(&named).unwrap(), derived);
    }

    proptest! {
        #[test]
        fn aws_lc_derives_the_same(key in prop::collection::vec(any::<u8>(), 1..100), data in prop::collection::vec(any::<u8>(), 1..100), length in 1_usize..200) {
            let theirs = [(KbkdfCtrHmacAlgorithmId::Sha256, HashingAlgorithm::SHA_256), (KbkdfCtrHmacAlgorithmId::Sha512, HashingAlgorithm::SHA_512)];
            for (algorithm, hash) in theirs {
                let mut expected = vec![0; length];
                kbkdf_ctr_hmac(get_kbkdf_ctr_hmac_algorithm(algorithm).unwrap(), &key, &data, &mut expected).unwrap();
                check_derive(&COUNTER, &with_prf(&key, with_hash(hash), &data, length), &hex::encode(expected));
            }
        }
    }
}
