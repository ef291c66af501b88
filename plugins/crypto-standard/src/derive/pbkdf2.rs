//! PBKDF2 (RFC 8018 section 5.2): from a password.

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::tables::enumerations::{DerivationMethod, HashingAlgorithm};
use claviger_plugin_sdk::scheme::{Capability, Cost, DeriveInput, DeriveScheme, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use openssl::pkcs5::pbkdf2_hmac;
use zeroize::Zeroizing;

use super::input::{Field, ambiguous, check_length, effective, named_hash, only_key, takes_only};
use crate::digest;
use crate::parameters::bad_parameters;

struct Pbkdf2;

/// The default of RFC 8018 appendix B.1.1.
const USUAL: HashingAlgorithm = HashingAlgorithm::SHA_1;

const PBKDF2: SchemeEntry = SchemeEntry {
    name: "PBKDF2",
    algorithms: &[],
    claims: |_, _| true,
    effective: |_, parameters| effective(parameters, Some(USUAL)),
    scheme: Scheme::Derive(DerivationMethod::PBKDF2, &Pbkdf2),
};
register_scheme!(PBKDF2);

/// The most bytes that are derived.
const MOST: usize = 1 << 10;

/// The most rounds of the hash function in one request: some seconds.
const MOST_ROUNDS: usize = 10_000_000;

impl DeriveScheme for Pbkdf2 {
    fn builds_on(&self) -> Option<Capability> {
        None
    }

    fn cost(&self, input: &DeriveInput) -> Cost {
        // A block has 20 bytes or more.
        let blocks = i32::try_from(input.length / 20 + 1).unwrap_or(i32::MAX);
        let rounds = input.parameters.iteration_count.unwrap_or_default().saturating_mul(blocks);
        if rounds < 1000 { Cost::Light } else { Cost::Heavy }
    }

    /// Derivation data would stand for the password; but there is always an object that does.
    fn derive(&self, input: &DeriveInput) -> Result<ByteString> {
        if !input.parameters.derivation_data.is_empty() {
            return Err(ambiguous());
        }
        takes_only(input, "PBKDF2", &[Field::IterationCount, Field::Salt])?;
        let password = only_key(input, "PBKDF2")?;
        let salt = input.parameters.salt.as_deref().filter(|salt| !salt.is_empty());
        let salt = salt.ok_or_else(|| Error::invalid("PBKDF2 needs a Salt"))?;
        check_length(input.length, 1, MOST, "PBKDF2")?;
        let hash = named_hash(input)?.unwrap_or(USUAL);
        let function = digest::openssl(hash)
            .ok_or_else(|| bad_parameters(format!("nothing is derived with {hash:?}")))?;
        let iterations = iterations(input, function.size())?;
        let mut derived = Zeroizing::new(vec![0; input.length]);
        pbkdf2_hmac(password, salt, iterations, function, &mut derived)
            .map_err(|error| Error::cryptographic("the key could not be derived").because(error))?;
        Ok(std::mem::take(&mut *derived).into())
    }
}

/// The iterations, which are not so many that the request would take minutes.
fn iterations(input: &DeriveInput, block: usize) -> Result<usize> {
    let given = input.parameters.iteration_count.and_then(|count| usize::try_from(count).ok());
    let blocks = input.length.div_ceil(block.max(1));
    let most = MOST_ROUNDS / blocks.max(1);
    given.filter(|count| (1..=most).contains(count)).ok_or_else(|| {
        Error::invalid(format!("PBKDF2 for a key of this length needs an Iteration Count of 1 to {most}"))
    })
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use aws_lc_rs::pbkdf2;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::DeriveSubject;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn from(password: &[u8], salt: &[u8], iterations: i32, length: usize) -> DeriveInput {
        let mut input = derive_input(password, length);
        input.parameters.salt = Some(salt.into());
        input.parameters.iteration_count = Some(iterations);
        input
    }

    fn sound(rng: &mut SeededRandom) -> DeriveInput {
        from(&random(rng, 20), &random(rng, 8), 3, 0)
    }

    scheme_conformance!(derive conformance: DeriveSubject {
        entry: PBKDF2,
        input: sound,
        least: 1,
        most: MOST,
        counts: &[
            |input| input.parameters.cryptographic_parameters = Some(with_hash(HashingAlgorithm::SHA3_256)),
            |input| input.parameters.salt = Some(b"other"[..].into()),
            |input| input.parameters.iteration_count = Some(4),
        ],
        refused: &[
            |input| input.parameters.cryptographic_parameters = Some(with_hash(HashingAlgorithm::MD2)),
            |input| input.parameters.derivation_data.push(b"more"[..].into()),
            |input| input.parameters.salt = None,
            |input| input.parameters.salt = Some(ByteString::default()),
            |input| input.parameters.iteration_count = None,
            |input| input.parameters.iteration_count = Some(0),
            |input| input.parameters.iteration_count = Some(-1),
            |input| input.parameters.iteration_count = Some(i32::MAX),
            |input| input.parameters.initialization_vector = Some(vec![0; 16].into()),
        ],
    });

    /// RFC 6070 section 2, all but the one with 16777216 iterations.
    #[test]
    fn it_gives_the_answers_of_rfc_6070() {
        let answers: [(&[u8], &[u8], i32, &str); 5] = [
            (b"password", b"salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
            (b"password", b"salt", 2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
            (b"password", b"salt", 4096, "4b007901b765489abead49d926f721d065a429c1"),
            (
                b"passwordPASSWORDpassword",
                b"saltSALTsaltSALTsaltSALTsaltSALTsalt",
                4096,
                "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
            ),
            (b"pass\0word", b"sa\0lt", 4096, "56fa6aa75548099dcc37d7f03425e0c3"),
        ];
        for (password, salt, iterations, derived) in answers {
            check_derive(&PBKDF2, &from(password, salt, iterations, derived.len() / 2), derived);
        }
    }

    #[test]
    fn many_iterations_are_heavy_work_and_too_many_are_refused() {
        let cost = |iterations, length| Pbkdf2.cost(&from(b"password", b"salt", iterations, length));
        assert_eq!(cost(100, 32), Cost::Light);
        assert_eq!(cost(100, MOST), Cost::Heavy);
        assert_eq!(cost(100_000, 32), Cost::Heavy);
        assert_eq!(cost(i32::MAX, usize::MAX), Cost::Heavy);
        assert!(Pbkdf2.derive(&from(b"password", b"salt", 10_000_001, 16)).is_err());
        assert!(Pbkdf2.derive(&from(b"password", b"salt", 1_000_000, MOST)).is_err());
    }

    proptest! {
        #[test]
        fn aws_lc_derives_the_same(password in prop::collection::vec(any::<u8>(), 0..100), salt in prop::collection::vec(any::<u8>(), 1..100), iterations in 1_u32..20, length in 1_usize..200) {
            let theirs = [(pbkdf2::PBKDF2_HMAC_SHA256, HashingAlgorithm::SHA_256), (pbkdf2::PBKDF2_HMAC_SHA512, HashingAlgorithm::SHA_512)];
            for (algorithm, hash) in theirs {
                let mut expected = vec![0; length];
                pbkdf2::derive(algorithm, NonZeroU32::new(iterations).unwrap(), &salt, &password, &mut expected);
                let mut input = from(&password, &salt, iterations as i32, length);
                input.parameters.cryptographic_parameters = Some(with_hash(hash));
                check_derive(&PBKDF2, &input, &hex::encode(expected));
            }
        }
    }
}
