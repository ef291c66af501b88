//! Keys for tests, as a store has them.

use claviger_plugin_sdk::kmip::Value;
use claviger_plugin_sdk::kmip::attributes::{Attributes, CryptographicDomainParameters, kinds};
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, KeyFormatType, ObjectType};
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{KeyPair, PairTemplates, Scheme};
use claviger_plugin_sdk::testkit::SeededRandom;

use super::curve::Curve;
use super::key::PrivateKey;
use super::pairs::PAIRS;

/// The facts of a key that tells its algorithm alone.
pub(super) fn facts(object_type: ObjectType, algorithm: CryptographicAlgorithm) -> KeyFacts<'static> {
    static NONE: Attributes = Attributes::new();
    KeyFacts { object_type, algorithm: Some(algorithm), length: None, format: None, attributes: &NONE }
}

/// The facts of the private and the public key of a curve.
pub(super) fn pair_facts(curve: Curve) -> (KeyFacts<'static>, KeyFacts<'static>) {
    let of = |object_type| facts(object_type, curve.algorithm());
    (of(ObjectType::PRIVATE_KEY), of(ObjectType::PUBLIC_KEY))
}

/// A private key of these bytes in PKCS #8, and its public key as SubjectPublicKeyInfo.
pub(super) fn pair(curve: Curve, secret: &[u8]) -> (Material, Material) {
    materials(&PrivateKey::new(curve, secret).unwrap())
}

/// A new pair.
pub(super) fn new_pair(curve: Curve, seed: u64) -> (Material, Material) {
    materials(&PrivateKey::generate(curve, &mut SeededRandom::new(seed)).unwrap())
}

fn materials(key: &PrivateKey) -> (Material, Material) {
    let material = |format, bytes: &[u8]| Material::new(format, Value::ByteString(bytes.into()));
    (
        material(KeyFormatType::PKCS_8, key.encode().unwrap().envelope()),
        material(KeyFormatType::X_509, key.public().encode().unwrap().envelope()),
    )
}

/// All curves of Weierstrass form.
pub(super) fn curves_with_points() -> impl Iterator<Item = Curve> {
    Curve::ALL.iter().copied().filter(|curve| super::key::has_points(*curve))
}

/// A new pair as a client has it made.
pub(super) fn key_pair(curve: Curve, rng: &mut SeededRandom) -> KeyPair {
    let algorithm = curve.algorithm();
    let domain = CryptographicDomainParameters {
        qlength: None,
        recommended_curve: Some(curve.recommended(algorithm)),
    };
    let mut template = Attributes::new();
    template.put::<kinds::CryptographicAlgorithm>(algorithm);
    template.put::<kinds::CryptographicDomainParameters>(domain);
    let Scheme::GeneratePair(scheme) = PAIRS.scheme else { panic!("pairs") };
    scheme.generate_pair(PairTemplates { private: &template, public: &template }, rng).unwrap()
}
