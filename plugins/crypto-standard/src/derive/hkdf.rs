//! HKDF (RFC 5869): extract and expand.

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::tables::enumerations::{DerivationMethod, HashingAlgorithm};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Capability, Cost, DeriveInput, DeriveScheme, Scheme, SchemeEntry};

use super::input::{Field, check_length, effective, key_and_data, named_hash, takes_only};
use super::prf::{Block, Prf, in_blocks};

struct Hkdf;

/// The default of KMIP 2.1 section 7.12.
const USUAL: HashingAlgorithm = HashingAlgorithm::SHA_256;

const HKDF: SchemeEntry = SchemeEntry {
    name: "HKDF",
    algorithms: &[],
    claims: |_, _| true,
    effective: |_, parameters| effective(parameters, Some(USUAL)),
    scheme: Scheme::Derive(DerivationMethod::HKDF, &Hkdf),
};
register_scheme!(HKDF);

impl DeriveScheme for Hkdf {
    fn builds_on(&self) -> Option<Capability> {
        None
    }

    fn cost(&self, input: &DeriveInput) -> Cost {
        cost(input)
    }

    fn derive(&self, input: &DeriveInput) -> Result<ByteString> {
        takes_only(input, "HKDF", &[Field::DerivationData, Field::Salt])?;
        let (key, info) = key_and_data(input, "HKDF")?;
        let hash = named_hash(input)?.unwrap_or(USUAL);
        let salt = input.parameters.salt.as_deref().unwrap_or_default();
        hkdf(hash, key, salt, info.unwrap_or_default(), input.length)
    }
}

/// What some thousand hashes cost.
pub(super) fn cost(input: &DeriveInput) -> Cost {
    if input.length <= 8 << 10 { Cost::Light } else { Cost::Heavy }
}

/// The bytes that HKDF gives; no salt is an empty one.
///
/// # Errors
/// Bad Cryptographic Parameters: there is no HMAC with this hash. Cryptographic Failure: HKDF gives less.
pub(super) fn hkdf(
    hash: HashingAlgorithm,
    key: &[u8],
    salt: &[u8],
    info: &[u8],
    length: usize,
) -> Result<ByteString> {
    // HMAC fills its key with zeros, so that one zero is as good as none; not every library takes none.
    let salt = if salt.is_empty() { &[0] } else { salt };
    let extracted = Prf::hmac(hash, salt)?.at(&[key])?;
    check_length(length, 1, extracted.len() * 255, "HKDF with this hash")?;
    let prf = Prf::hmac(hash, &extracted)?;
    let mut last = Block::default();
    in_blocks(length, |number| {
        last = prf.at(&[&last, info, &[u8::try_from(number).unwrap_or(u8::MAX)]])?;
        Ok(last.clone())
    })
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hkdf::{HKDF_SHA256, HKDF_SHA512, KeyType, Salt};
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::DeriveSubject;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn from(key: &[u8], salt: Option<&[u8]>, info: &[u8], length: usize) -> DeriveInput {
        let mut input = derive_input(key, length);
        input.parameters.salt = salt.map(Into::into);
        input.parameters.derivation_data = vec![info.into()];
        input
    }

    fn sound(rng: &mut SeededRandom) -> DeriveInput {
        from(&random(rng, 20), Some(&random(rng, 8)), &random(rng, 9), 0)
    }

    scheme_conformance!(derive conformance: DeriveSubject {
        entry: HKDF,
        input: sound,
        least: 1,
        most: 255 * 32,
        counts: &[
            |input| input.parameters.cryptographic_parameters = Some(with_hash(HashingAlgorithm::SHA3_256)),
            |input| input.parameters.derivation_data.clear(),
            |input| input.parameters.salt = None,
        ],
        refused: &[
            |input| input.parameters.cryptographic_parameters = Some(with_hash(HashingAlgorithm::WHIRLPOOL)),
            |input| input.parameters.derivation_data.push(b"more"[..].into()),
            |input| input.parameters.iteration_count = Some(1),
        ],
    });

    /// RFC 5869 appendices A.1 to A.4 and A.7.
    #[test]
    fn it_gives_the_answers_of_rfc_5869() {
        let sequence = |range: std::ops::Range<u8>| range.collect::<Vec<u8>>();
        let salt = sequence(0..0x0D);
        let info = sequence(0xF0..0xFA);
        let basic = from(&[0x0B; 22], Some(&salt), &info, 42);
        check_derive(
            &HKDF,
            &basic,
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        );
        let long =
            from(&sequence(0..0x50), Some(&sequence(0x60..0xB0)), &(0xB0..=0xFF).collect::<Vec<u8>>(), 82);
        check_derive(
            &HKDF,
            &long,
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
        );
        let mut bare = from(&[0x0B; 22], None, b"", 42);
        let expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
        check_derive(&HKDF, &bare, expected);
        bare.parameters.derivation_data.clear();
        bare.parameters.salt = Some(ByteString::default());
        check_derive(&HKDF, &bare, expected);
        let with_sha1 = |mut input: DeriveInput| {
            input.parameters.cryptographic_parameters = Some(with_hash(HashingAlgorithm::SHA_1));
            input
        };
        check_derive(
            &HKDF,
            &with_sha1(from(&[0x0B; 11], Some(&salt), &info, 42)),
            "085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2c22e422478d305f3f896",
        );
        check_derive(
            &HKDF,
            &with_sha1(from(&[0x0C; 22], None, b"", 42)),
            "2c91117204d745f3500d636a62f64f0ab3bae548aa53d423b0d1f27ebba6f5e5673a081d70cce7acfc48",
        );
    }

    struct Length(usize);

    impl KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }

    proptest! {
        #[test]
        fn aws_lc_derives_the_same(key in prop::collection::vec(any::<u8>(), 0..100), salt in prop::collection::vec(any::<u8>(), 0..100), info in prop::collection::vec(any::<u8>(), 0..100), length in 1_usize..300) {
            for (theirs, hash) in [(HKDF_SHA256, HashingAlgorithm::SHA_256), (HKDF_SHA512, HashingAlgorithm::SHA_512)] {
                let extracted = Salt::new(theirs, &salt).extract(&key);
                let info = [&info[..]];
                let mut expected = vec![0; length];
                extracted.expand(&info, Length(length)).unwrap().fill(&mut expected).unwrap();
                let mut input = from(&key, Some(&salt), info[0], length);
                input.parameters.cryptographic_parameters = Some(with_hash(hash));
                check_derive(&HKDF, &input, &hex::encode(expected));
            }
        }
    }
}
