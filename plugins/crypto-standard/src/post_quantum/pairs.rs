//! New key pairs of ML-KEM, ML-DSA and X25519MLKEM768.

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::tables::enumerations::{KeyFormatType, ResultReason};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::scheme::{Cost, GeneratePair, KeyPair, PairTemplates, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Error, ErrorClass, Result, register_scheme};
use zeroize::Zeroizing;

use super::family::{Key, ModuleLatticeKeys};
use super::hybrid::{BITS, HybridKey, X25519_ML_KEM_768};
use super::parameter_set::{ALGORITHMS, ParameterSet};
use crate::encoding::new_pair;

struct NewPairs;

const PAIRS: SchemeEntry = SchemeEntry {
    name: "pairs of ML-KEM and ML-DSA",
    algorithms: ALGORITHMS,
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::GeneratePair(&NewPairs),
};
register_scheme!(PAIRS);

impl GeneratePair for NewPairs {
    fn cost(&self, _: PairTemplates<'_>) -> Cost {
        Cost::Light
    }

    fn generate_pair(&self, templates: PairTemplates<'_>, rng: &mut dyn RandomSource) -> Result<KeyPair> {
        let set = templates
            .private
            .one::<kinds::CryptographicAlgorithm>()
            .and_then(ParameterSet::of)
            .ok_or_else(|| Error::server("a template names no algorithm of this scheme"))?;
        check_length(templates, set.bits(), set.name)?;
        let mut seed = Zeroizing::new(vec![0; set.seed]);
        rng.fill(&mut seed);
        new_pair(&ModuleLatticeKeys, &Key::of_seed(set, &seed)?.encode()?, templates)
    }
}

struct NewHybridPairs;

const HYBRID_PAIRS: SchemeEntry = SchemeEntry {
    name: "pairs of X25519MLKEM768",
    algorithms: &[X25519_ML_KEM_768],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::GeneratePair(&NewHybridPairs),
};
register_scheme!(HYBRID_PAIRS);

impl GeneratePair for NewHybridPairs {
    fn cost(&self, _: PairTemplates<'_>) -> Cost {
        Cost::Light
    }

    fn generate_pair(&self, templates: PairTemplates<'_>, rng: &mut dyn RandomSource) -> Result<KeyPair> {
        check_length(templates, BITS, "X25519MLKEM768")?;
        for format in both(templates).filter_map(|template| template.one::<kinds::KeyFormatType>()) {
            if format != KeyFormatType::RAW {
                return Err(Error::unsupported(format!(
                    "X25519MLKEM768 keys may be had Raw, not as {format:?}"
                ))
                .with_reason(ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED));
            }
        }
        let key = HybridKey::generate(rng)?;
        Ok(KeyPair::new(key.private_block(), key.public_block()))
    }
}

fn both(templates: PairTemplates<'_>) -> impl Iterator<Item = &Attributes> {
    [templates.private, templates.public].into_iter()
}

/// The algorithm tells the length; a template need not, and must tell no other.
fn check_length(templates: PairTemplates<'_>, bits: i32, name: &str) -> Result<()> {
    match both(templates).find_map(|template| template.one::<kinds::CryptographicLength>()) {
        Some(asked) if asked != bits => Err(Error::new(
            ResultReason::INVALID_ATTRIBUTE_VALUE,
            ErrorClass::Request,
            format!("{name} keys have a Cryptographic Length of {bits}, not {asked}; leave it out"),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::tables::enumerations::CryptographicAlgorithm;
    use claviger_plugin_sdk::kmip::tables::enumerations::ObjectType;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::{GeneratePairSubject, WantedPair};

    use super::super::trial_keys::*;
    use super::super::{family, hybrid};
    use super::*;

    fn subject(entry: SchemeEntry, formats: SchemeEntry) -> GeneratePairSubject {
        let wanted: fn() -> Vec<WantedPair>;
        let refused: fn() -> Vec<Attributes>;
        if entry.algorithms == ALGORITHMS {
            wanted = || ALGORITHMS.iter().map(|algorithm| wanted_pair(*algorithm)).collect();
            refused = || ALGORITHMS.iter().map(|algorithm| template(*algorithm, Some(256))).collect();
        } else {
            wanted = || vec![wanted_pair(X25519_ML_KEM_768)];
            refused = || vec![template(X25519_ML_KEM_768, Some(9472))];
        }
        GeneratePairSubject { entry, formats, wanted, refused }
    }

    fn wanted_pair(algorithm: CryptographicAlgorithm) -> WantedPair {
        let length = ParameterSet::of(algorithm).map_or(BITS, ParameterSet::bits);
        WantedPair { template: template(algorithm, None), length, domain: None }
    }

    scheme_conformance!(generate_pair suite: subject(PAIRS, family::FORMATS));
    scheme_conformance!(generate_pair of_the_hybrid: subject(HYBRID_PAIRS, hybrid::FORMATS));

    #[test]
    fn each_pair_is_another_and_its_halves_belong_together() {
        for algorithm in ALGORITHMS.iter().chain(&[X25519_ML_KEM_768]).copied() {
            let (one, other) =
                (made_pair(algorithm, None, 1).unwrap(), made_pair(algorithm, None, 2).unwrap());
            assert_ne!(material(&one.public), material(&other.public));
            for block in [&one.private, &one.public] {
                assert_eq!(block.cryptographic_algorithm, Some(algorithm));
                let bits = block.cryptographic_length.unwrap();
                assert!(made_pair(algorithm, Some(bits), 1).is_ok());
                assert!(made_pair(algorithm, Some(bits + 8), 1).is_err(), "another length");
            }
            let formats = formats(algorithm);
            let private = key(&one.private);
            let public = formats.public_key(&facts(ObjectType::PRIVATE_KEY, algorithm), &private).unwrap();
            assert_eq!(material(&public), material(&one.public));
        }
    }

    /// FIPS 203 table 3 and FIPS 204 table 2; the hybrid's are both parts together.
    #[test]
    fn lengths_are_those_of_the_public_keys() {
        let sizes = [800, 1184, 1568, 1312, 1952, 2592, 1216];
        for (algorithm, size) in ALGORITHMS.iter().chain(&[X25519_ML_KEM_768]).copied().zip(sizes) {
            let pair = made_pair(algorithm, None, 1).unwrap();
            assert_eq!(pair.private.cryptographic_length, Some(size * 8));
            assert_eq!(pair.public.cryptographic_length, Some(size * 8));
        }
    }

    #[test]
    fn formats_are_those_asked_for() {
        let formats = |algorithm, format| {
            let mut template = template(algorithm, None);
            template.add(claviger_plugin_sdk::kmip::Tag::KEY_FORMAT_TYPE, format_value(format));
            let templates = PairTemplates { private: &template, public: &template };
            let pair = generator(algorithm).generate_pair(templates, &mut SeededRandom::new(1))?;
            Ok::<_, Error>((pair.private.key_format_type, pair.public.key_format_type))
        };
        let ml_dsa = super::super::ML_DSA_65;
        assert_eq!(formats(ml_dsa, KeyFormatType::RAW).unwrap(), (KeyFormatType::RAW, KeyFormatType::RAW));
        assert_eq!(
            formats(ml_dsa, KeyFormatType::PKCS_8).unwrap(),
            (KeyFormatType::PKCS_8, KeyFormatType::X_509)
        );
        for (algorithm, format) in
            [(ml_dsa, KeyFormatType::PKCS_1), (X25519_ML_KEM_768, KeyFormatType::PKCS_8)]
        {
            let error = formats(algorithm, format).expect_err("no such format");
            assert_eq!(error.reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
        }
    }
}
