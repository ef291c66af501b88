//! HMAC: the HMAC of the derivation data with the base key.
//!
//! The standard has no salt for it. Where there is one, widely used clients and servers mean HKDF by this method.

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::tables::enumerations::{DerivationMethod, HashingAlgorithm};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Capability, Cost, DeriveInput, DeriveScheme, Scheme, SchemeEntry};

use super::hkdf::{self, hkdf};
use super::input::{Field, beginning, effective, key_and_data, named_hash, needed, takes_only};
use super::prf::Prf;
use crate::digest::naming_hash;
use crate::hmac::hash_of;
use crate::parameters::bad_parameters;

struct Hmac;

const HMAC: SchemeEntry = SchemeEntry {
    name: "HMAC",
    algorithms: &[],
    claims: |_, _| true,
    effective: |facts, parameters| match facts.algorithm.and_then(hash_of) {
        // A key of an HMAC has the last word.
        Some(hash) => naming_hash(parameters, hash),
        None => effective(parameters, None),
    },
    scheme: Scheme::Derive(DerivationMethod::HMAC, &Hmac),
};
register_scheme!(HMAC);

impl DeriveScheme for Hmac {
    fn builds_on(&self) -> Option<Capability> {
        None
    }

    fn cost(&self, input: &DeriveInput) -> Cost {
        hkdf::cost(input)
    }

    fn derive(&self, input: &DeriveInput) -> Result<ByteString> {
        takes_only(input, "HMAC", &[Field::DerivationData, Field::Salt])?;
        let (key, data) = key_and_data(input, "HMAC")?;
        let hash = hash(input)?;
        match &input.parameters.salt {
            Some(salt) => hkdf(hash, key, salt, data.unwrap_or_default(), input.length),
            None => beginning(
                &Prf::hmac(hash, key)?.at(&[needed(data, "HMAC")?])?,
                input.length,
                "HMAC with this hash",
            ),
        }
    }
}

/// The hash of the key, if it is one for HMAC, whatever the parameters say (KMIP 2.1 section 7.12); else theirs.
fn hash(input: &DeriveInput) -> Result<HashingAlgorithm> {
    let of_key = input.base.first().and_then(|key| key.algorithm).and_then(hash_of);
    let named = match of_key {
        Some(hash) => Some(hash),
        None => named_hash(input)?,
    };
    named.ok_or_else(|| bad_parameters("HMAC needs a Hashing Algorithm, or a key of an HMAC".to_owned()))
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, ObjectType};
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::{DeriveSubject, base_key};
    use openssl::hash::MessageDigest;
    use openssl::pkey::PKey;
    use openssl::sign::Signer;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn from(key: &[u8], data: &[u8], length: usize) -> DeriveInput {
        let mut input = derive_input(key, length);
        input.parameters.cryptographic_parameters = Some(with_hash(HashingAlgorithm::SHA_256));
        input.parameters.derivation_data = vec![data.into()];
        input
    }

    fn sound(rng: &mut SeededRandom) -> DeriveInput {
        from(&random(rng, 20), &random(rng, 9), 0)
    }

    fn salted(rng: &mut SeededRandom) -> DeriveInput {
        let mut input = sound(rng);
        input.parameters.salt = Some(b"salt"[..].into());
        input
    }

    scheme_conformance!(derive plain: DeriveSubject {
        entry: HMAC,
        input: sound,
        least: 1,
        most: 32,
        counts: &[
            |input| input.parameters.cryptographic_parameters = Some(with_hash(HashingAlgorithm::SHA3_256)),
            |input| input.parameters.derivation_data = vec![b"other"[..].into()],
            |input| input.parameters.salt = Some(b"salt"[..].into()),
            |input| input.base[0].algorithm = Some(CryptographicAlgorithm::HMAC_SHA512),
        ],
        refused: &[
            |input| input.parameters.cryptographic_parameters = None,
            |input| input.parameters.cryptographic_parameters = Some(with_hash(HashingAlgorithm::MD5)),
            |input| input.parameters.derivation_data.clear(),
            |input| input.parameters.derivation_data.push(b"more"[..].into()),
            |input| input.parameters.iteration_count = Some(1),
            |input| input.base.push(base_key(ObjectType::SECRET_DATA, None, &b"data"[..])),
            |input| input.base.push(base_key(ObjectType::SYMMETRIC_KEY, None, &b"data"[..])),
            |input| input.base[0].object_type = ObjectType::PRIVATE_KEY,
        ],
    });
    scheme_conformance!(derive with_a_salt: DeriveSubject {
        entry: HMAC,
        input: salted,
        least: 1,
        most: 255 * 32,
        counts: &[
            |input| input.parameters.salt = Some(b"other"[..].into()),
            |input| input.parameters.derivation_data.clear(),
        ],
        refused: &[|input| input.parameters.initialization_vector = Some(vec![0; 16].into())],
    });

    /// RFC 4231 section 4.2.
    #[test]
    fn it_gives_the_answer_of_rfc_4231() {
        let mac = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        check_derive(&HMAC, &from(&[0x0B; 20], b"Hi There", 32), mac);
    }

    #[test]
    fn the_hash_of_an_hmac_key_goes_before_the_parameters() {
        let mut input = from(&[0x0B; 20], b"Hi There", 20);
        input.base[0].algorithm = Some(CryptographicAlgorithm::HMAC_SHA1);
        // RFC 2202 section 3, test case 1.
        check_derive(&HMAC, &input, "b617318655057264e28bc0b6fb378c8ef146be00");
    }

    #[test]
    fn secret_data_may_stand_for_the_derivation_data() {
        let mut input = from(&[0x0B; 20], b"", 32);
        input.parameters.derivation_data.clear();
        input.base.push(base_key(ObjectType::SECRET_DATA, None, &b"Hi There"[..]));
        check_derive(&HMAC, &input, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    }

    /// RFC 5869 appendix A.1.
    #[test]
    fn with_a_salt_it_is_hkdf() {
        let mut input = from(&[0x0B; 22], &bytes("f0f1f2f3f4f5f6f7f8f9"), 42);
        input.parameters.salt = Some(bytes("000102030405060708090a0b0c").into());
        let derived = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
        check_derive(&HMAC, &input, derived);
    }

    proptest! {
        #[test]
        fn openssl_derives_the_same(key in prop::collection::vec(any::<u8>(), 1..100), data in prop::collection::vec(any::<u8>(), 0..100)) {
            let theirs = PKey::hmac(&key).unwrap();
            let mac = Signer::new(MessageDigest::sha256(), &theirs).unwrap().sign_oneshot_to_vec(&data).unwrap();
            check_derive(&HMAC, &from(&key, &data, 32), &hex::encode(mac));
        }
    }
}
