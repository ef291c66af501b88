//! New key pairs on curves.

use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, ResultReason};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::scheme::{Cost, GeneratePair, KeyPair, PairTemplates, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Error, ErrorClass, Result, register_scheme};

use super::curve::{ALGORITHMS, Curve};
use super::family::EcKeys;
use super::key::PrivateKey;
use crate::encoding::new_pair;

struct NewPairs;

pub(super) const PAIRS: SchemeEntry = SchemeEntry {
    name: "pairs on elliptic curves",
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
        let private = PrivateKey::generate(curve(templates)?, rng)?;
        new_pair(&EcKeys, &private.encode()?, templates)
    }
}

/// The curve that the templates ask for: by name, or else by length, or else P-256.
fn curve(templates: PairTemplates<'_>) -> Result<Curve> {
    let both = [templates.private, templates.public];
    let algorithm = both
        .iter()
        .find_map(|template| template.one::<kinds::CryptographicAlgorithm>())
        .unwrap_or(CryptographicAlgorithm::EC);
    let mut curves = both
        .iter()
        .filter_map(|template| template.one::<kinds::CryptographicDomainParameters>()?.recommended_curve);
    let bits = both.iter().find_map(|template| template.one::<kinds::CryptographicLength>());
    let Some(name) = curves.next() else {
        return Curve::usual(algorithm, bits).ok_or_else(|| {
            refused(format!("there is no curve for {algorithm:?} keys of {} bits", bits.unwrap_or_default()))
        });
    };
    if curves.any(|other| other != name) {
        return Err(refused("both keys of a pair are on the same curve".to_owned()));
    }
    let curve = Curve::named(algorithm, name)
        .ok_or_else(|| refused(format!("this server makes no {algorithm:?} keys on {name:?}")))?;
    match bits {
        Some(bits) if bits != curve.bits() => Err(refused(format!(
            "keys on {} have a Cryptographic Length of {}, not {bits}; leave it out",
            curve.name(),
            curve.bits()
        ))),
        _ => Ok(curve),
    }
}

fn refused(message: String) -> Error {
    Error::new(ResultReason::INVALID_ATTRIBUTE_VALUE, ErrorClass::Request, message)
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::{Attributes, CryptographicDomainParameters};
    use claviger_plugin_sdk::kmip::field::TtlvValue;
    use claviger_plugin_sdk::kmip::objects::{KeyBlock, KeyValue};
    use claviger_plugin_sdk::kmip::tables::enumerations::{KeyFormatType, ObjectType, RecommendedCurve};
    use claviger_plugin_sdk::kmip::{Tag, Value};
    use claviger_plugin_sdk::record::{KeyFacts, Material};
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::{GeneratePairSubject, WantedPair};

    use super::super::family::FORMATS;
    use super::super::key::Key;
    use super::*;

    fn template(
        algorithm: CryptographicAlgorithm,
        bits: Option<i32>,
        curve: Option<RecommendedCurve>,
        format: Option<KeyFormatType>,
    ) -> Attributes {
        let mut attributes = Attributes::new();
        attributes.add(Tag::CRYPTOGRAPHIC_ALGORITHM, Value::Enumeration(algorithm.0));
        if let Some(bits) = bits {
            attributes.add(Tag::CRYPTOGRAPHIC_LENGTH, Value::Integer(bits));
        }
        if curve.is_some() {
            let domain = CryptographicDomainParameters { qlength: None, recommended_curve: curve };
            attributes.add(Tag::CRYPTOGRAPHIC_DOMAIN_PARAMETERS, domain.into_value());
        }
        if let Some(format) = format {
            attributes.add(Tag::KEY_FORMAT_TYPE, Value::Enumeration(format.0));
        }
        attributes
    }

    fn made(template: &Attributes, seed: u64) -> Result<KeyPair> {
        let templates = PairTemplates { private: template, public: template };
        NewPairs.generate_pair(templates, &mut SeededRandom::new(seed))
    }

    fn key(object_type: ObjectType, block: KeyBlock) -> Key {
        let none = Attributes::new();
        let facts = KeyFacts::of(object_type, Some(&block), &none);
        let Some(KeyValue::Plain(plain)) = &block.key_value else { panic!("plain") };
        Key::of(&facts, &Material::new(block.key_format_type, plain.key_material.clone())).unwrap()
    }

    scheme_conformance!(generate_pair suite: GeneratePairSubject {
        entry: PAIRS,
        formats: FORMATS,
        wanted: || {
            let wanted = |curve: Curve| {
                let algorithm = curve.algorithm();
                let name = Some(curve.recommended(algorithm));
                WantedPair {
                    template: template(algorithm, None, name, None),
                    length: curve.bits(),
                    domain: Some(CryptographicDomainParameters { qlength: None, recommended_curve: name }),
                }
            };
            // The first is the one that its length alone tells, as keys in the format Raw need it.
            [Curve::P256].iter().chain(Curve::ALL).copied().map(wanted).collect()
        },
        refused: || {
            let ec = CryptographicAlgorithm::EC;
            let length = |bits| template(ec, Some(bits), None, None);
            let curve = |name| template(ec, None, Some(name), None);
            let mut refused: Vec<Attributes> = [i32::MIN, -256, 0, 255, 257, i32::MAX].map(length).into();
            refused.extend([RecommendedCurve::K_163, RecommendedCurve::SECP112R1].map(curve));
            refused.push(template(ec, Some(256), Some(RecommendedCurve::P_384), None));
            refused.push(template(CryptographicAlgorithm::ED25519, Some(448), None, None));
            refused
        },
    });

    #[test]
    fn there_are_pairs_on_every_curve_for_every_algorithm() {
        for curve in Curve::ALL.iter().copied() {
            for algorithm in ALGORITHMS.iter().copied().filter(|algorithm| curve.serves(*algorithm)) {
                let named = template(algorithm, None, Some(curve.recommended(algorithm)), None);
                let pair = made(&named, 1).unwrap();
                for block in [&pair.private, &pair.public] {
                    assert_eq!(block.cryptographic_algorithm, Some(algorithm));
                    assert_eq!(block.cryptographic_length, Some(curve.bits()));
                }
                assert_eq!(pair.private.key_format_type, KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY);
                assert_eq!(pair.public.key_format_type, KeyFormatType::TRANSPARENT_EC_PUBLIC_KEY);
                let private = key(ObjectType::PRIVATE_KEY, pair.private);
                let public = key(ObjectType::PUBLIC_KEY, pair.public);
                assert_eq!(private.curve(), curve);
                assert_eq!(private.public(), public.public());
                let other = key(ObjectType::PUBLIC_KEY, made(&named, 2).unwrap().public);
                assert_ne!(public.public(), other.public(), "each pair is another");
            }
        }
    }

    #[test]
    fn a_length_will_do_and_nothing_means_p_256() {
        let curve = |bits| {
            let pair = made(&template(CryptographicAlgorithm::ECDSA, bits, None, None), 1).unwrap();
            key(ObjectType::PUBLIC_KEY, pair.public).curve()
        };
        assert_eq!(curve(Some(521)), Curve::P521);
        assert_eq!(curve(Some(192)), Curve::P192);
        assert_eq!(curve(None), Curve::P256);
    }

    #[test]
    fn a_format_of_private_keys_stands_for_its_counterpart() {
        let formats = |format| {
            let asked = template(CryptographicAlgorithm::EC, None, None, Some(format));
            let pair = made(&asked, 1).unwrap();
            (pair.private.key_format_type, pair.public.key_format_type)
        };
        assert_eq!(formats(KeyFormatType::PKCS_8), (KeyFormatType::PKCS_8, KeyFormatType::X_509));
        assert_eq!(formats(KeyFormatType::RAW), (KeyFormatType::RAW, KeyFormatType::RAW));
        assert_eq!(
            formats(KeyFormatType::EC_PRIVATE_KEY),
            (KeyFormatType::EC_PRIVATE_KEY, KeyFormatType::X_509)
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let refused = |template: &Attributes, reason| {
            assert_eq!(made(template, 1).expect_err("refused").reason(), reason);
        };
        let value = ResultReason::INVALID_ATTRIBUTE_VALUE;
        let p_384 = Some(RecommendedCurve::P_384);
        refused(&template(CryptographicAlgorithm::EC, Some(256), p_384, None), value);
        refused(&template(CryptographicAlgorithm::EC, Some(255), None, None), value);
        refused(&template(CryptographicAlgorithm::EC, None, Some(RecommendedCurve::K_163), None), value);
        refused(&template(CryptographicAlgorithm::ED25519, None, p_384, None), value);
        let format = Some(KeyFormatType::PKCS_1);
        let unsupported = ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED;
        refused(&template(CryptographicAlgorithm::EC, None, None, format), unsupported);
        let one = template(CryptographicAlgorithm::EC, None, p_384, None);
        let other = template(CryptographicAlgorithm::EC, None, Some(RecommendedCurve::P_256), None);
        let templates = PairTemplates { private: &one, public: &other };
        assert!(NewPairs.generate_pair(templates, &mut SeededRandom::new(1)).is_err());
    }
}
