//! Diffie-Hellman on curves (SP 800-56A section 5.7.1.2, RFC 7748 section 6) as the derivation method ASYMMETRIC_KEY.
//!
//! What is derived is the agreed secret itself, or its beginning where less is asked for: the X coordinate of the agreed
//! point. No key derivation function is applied; derive again from the result for keys that are to be used directly.

use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::tables::enumerations::DerivationMethod;
use claviger_plugin_sdk::kmip::{ByteString, Tag};
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::scheme::{
    BaseKey, Capability, Cost, DeriveInput, DeriveScheme, Scheme, SchemeEntry,
};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use openssl::derive::Deriver;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private, Public};
use zeroize::Zeroizing;

use super::curve::{ALGORITHMS, Form};
use super::key::{Key, PrivateKey, PublicKey};
use super::weierstrass;

struct Agreement;

const AGREEMENT: SchemeEntry = SchemeEntry {
    name: "ECDH",
    algorithms: ALGORITHMS,
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Derive(DerivationMethod::ASYMMETRIC_KEY, &Agreement),
};
register_scheme!(AGREEMENT);

impl DeriveScheme for Agreement {
    fn builds_on(&self) -> Option<Capability> {
        None
    }

    fn cost(&self, _: &DeriveInput) -> Cost {
        Cost::Light
    }

    fn derive(&self, input: &DeriveInput) -> Result<ByteString> {
        refuse_other_parameters(input)?;
        let two = || {
            Error::invalid("an agreement is derived from two keys: a private one and another's public one")
        };
        let [one, other] = input.base.as_slice() else { return Err(two()) };
        let (private, public) = match (key(one)?, key(other)?) {
            (Key::Private(private), Key::Public(public)) | (Key::Public(public), Key::Private(private)) => {
                (private, public)
            }
            _ => return Err(two()),
        };
        let agreed = agree(&private, &public)?;
        let wanted = agreed.get(..input.length).filter(|wanted| !wanted.is_empty()).ok_or_else(|| {
            Error::cryptographic(format!(
                "an agreement on {} gives {} bytes, not {}",
                private.curve().name(),
                agreed.len(),
                input.length
            ))
        })?;
        Ok(wanted.into())
    }
}

/// The secret that a private key and another's public key agree on.
///
/// # Errors
/// Cryptographic Failure: they are on different curves, or the public key has small order.
pub(crate) fn agree(private: &PrivateKey, public: &PublicKey) -> Result<Zeroizing<Vec<u8>>> {
    if private.curve() != public.curve() {
        return Err(Error::cryptographic(format!(
            "a key on {} and one on {} cannot agree",
            private.curve().name(),
            public.curve().name()
        )));
    }
    let agreed = match private.curve().form() {
        Form::Weierstrass(curve) => {
            let own = weierstrass::private_key(curve, private.secret(), private.public().bytes());
            let peer = weierstrass::public_key(curve, public.bytes());
            own.and_then(PKey::from_ec_key).and_then(|own| derive(own, peer.and_then(PKey::from_ec_key)?))
        }
        Form::Montgomery(id) => PKey::private_key_from_raw_bytes(private.secret(), id)
            .and_then(|own| derive(own, PKey::public_key_from_raw_bytes(public.bytes(), id)?)),
        Form::Edwards(_) => {
            return Err(Error::unsupported(format!(
                "keys on {} are for signatures; agree with keys on the other curve of the pair",
                private.curve().name()
            )));
        }
    };
    agreed
        .map_err(|error| Error::cryptographic("no agreement is possible with this public key").because(error))
}

fn derive(own: PKey<Private>, peer: PKey<Public>) -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
    let mut deriver = Deriver::new(&own)?;
    deriver.set_peer(&peer)?;
    deriver.derive_to_vec().map(Zeroizing::new)
}

fn key(base: &BaseKey) -> Result<Key> {
    let mut attributes = Attributes::new();
    if let Some(domain) = &base.domain {
        attributes.set(Tag::CRYPTOGRAPHIC_DOMAIN_PARAMETERS, domain.clone().into_value());
    }
    let facts = KeyFacts {
        object_type: base.object_type,
        algorithm: base.algorithm,
        length: None,
        format: Some(base.material.format()),
        attributes: &attributes,
    };
    Key::of(&facts, &base.material)
}

fn refuse_other_parameters(input: &DeriveInput) -> Result<()> {
    let parameters = &input.parameters;
    let others = parameters.initialization_vector.is_some()
        || parameters.salt.is_some()
        || parameters.iteration_count.is_some()
        || !parameters.derivation_data.is_empty();
    if others {
        return Err(Error::invalid(
            "an agreement takes no derivation data, salt, IV or iteration count; leave them out",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521, X25519};
    use claviger_plugin_sdk::kmip::Value;
    use claviger_plugin_sdk::kmip::payloads::DerivationParameters;
    use claviger_plugin_sdk::kmip::tables::enumerations::{KeyFormatType, ObjectType, ResultReason};
    use claviger_plugin_sdk::record::Material;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::DeriveSubject;

    use super::super::curve::Curve;
    use super::super::trial_keys::*;
    use super::*;

    const NO_PARAMETERS: DerivationParameters = DerivationParameters {
        cryptographic_parameters: None,
        initialization_vector: None,
        derivation_data: Vec::new(),
        salt: None,
        iteration_count: None,
    };

    fn base(object_type: ObjectType, curve: Curve, material: Material) -> BaseKey {
        BaseKey { object_type, algorithm: Some(curve.algorithm()), domain: None, material }
    }

    fn derived(curve: Curve, private: Material, public: Material, length: usize) -> Result<ByteString> {
        Agreement.derive(&DeriveInput {
            base: vec![
                base(ObjectType::PUBLIC_KEY, curve, public),
                base(ObjectType::PRIVATE_KEY, curve, private),
            ],
            prepared: None,
            parameters: NO_PARAMETERS,
            length,
        })
    }

    fn public_material(curve: Curve, bytes: &[u8]) -> Material {
        let encoded = PublicKey::new(curve, bytes).unwrap().encode().unwrap();
        Material::new(KeyFormatType::X_509, Value::ByteString(encoded.envelope().into()))
    }

    /// RFC 7748 sections 6.1 and 6.2.
    #[test]
    fn x25519_and_x448_agree_as_rfc_7748_says() {
        let cases = [
            (
                Curve::X25519,
                "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
                "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
                "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
            ),
            (
                Curve::X448,
                "9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28dd9c9baf574a9419744897391006382a6f127ab1d9ac2d8c0a598726b",
                "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609",
                "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936521c24403085d59a449a5037514a879d",
            ),
        ];
        for (curve, secret, public, agreed) in cases {
            let (private, _) = pair(curve, &hex::decode(secret).unwrap());
            let public = public_material(curve, &hex::decode(public).unwrap());
            assert_eq!(hex::encode(&*derived(curve, private, public, curve.size()).unwrap()), agreed);
        }
    }

    #[test]
    fn both_sides_agree_on_every_curve_and_aws_lc_agrees() {
        for curve in Curve::ALL.iter().copied().filter(|curve| !matches!(curve.form(), Form::Edwards(_))) {
            let key = |seed| PrivateKey::generate(curve, &mut SeededRandom::new(seed)).unwrap();
            let (one, other) = (key(1), key(2));
            let agreed = agree(&one, other.public()).unwrap();
            assert_eq!(agreed, agree(&other, one.public()).unwrap());
            assert_eq!(agreed.len(), curve.size());
            let (private, _) = new_pair(curve, 1);
            let (_, public) = new_pair(curve, 2);
            assert_eq!(*derived(curve, private, public, curve.size()).unwrap(), **agreed);
            let (private, _) = new_pair(curve, 1);
            let (_, public) = new_pair(curve, 2);
            assert_eq!(*derived(curve, private, public, 16).unwrap(), agreed[..16]);
            let theirs = match curve {
                Curve::P256 => &ECDH_P256,
                Curve::P384 => &ECDH_P384,
                Curve::P521 => &ECDH_P521,
                Curve::X25519 => &X25519,
                _ => continue,
            };
            let private = agreement::PrivateKey::from_private_key(theirs, one.secret()).unwrap();
            let public = agreement::UnparsedPublicKey::new(theirs, other.public().bytes());
            let theirs = agreement::agree(&private, public, (), |secret| Ok(secret.to_vec())).unwrap();
            assert_eq!(*agreed, theirs);
        }
    }

    scheme_conformance!(derive conformance: DeriveSubject {
        entry: AGREEMENT,
        input: |rng| {
            let curve = Curve::P384;
            let (private, _) = new_pair(curve, rng.next_u64());
            let (_, public) = new_pair(curve, rng.next_u64());
            let base = vec![
                base(ObjectType::PRIVATE_KEY, curve, private),
                base(ObjectType::PUBLIC_KEY, curve, public),
            ];
            DeriveInput { base, prepared: None, parameters: NO_PARAMETERS, length: 32 }
        },
        least: 1,
        most: 48,
        counts: &[|input| {
            let (_, other) = new_pair(Curve::P384, 1000);
            input.base[1] = base(ObjectType::PUBLIC_KEY, Curve::P384, other);
        }],
        refused: &[
            |input| input.parameters.salt = Some(vec![1].into()),
            |input| input.parameters.initialization_vector = Some(vec![1].into()),
            |input| input.parameters.derivation_data = vec![vec![1].into()],
            |input| input.parameters.iteration_count = Some(1),
            |input| {
                input.base.pop();
            },
        ],
    });

    #[test]
    fn points_of_small_order_are_refused() {
        let zeros = [(Curve::X25519, vec![0; 32]), (Curve::X448, vec![0; 56])];
        let ones = zeros.clone().map(|(curve, mut point)| {
            point[0] = 1;
            (curve, point)
        });
        let of_order_8 = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800";
        let points = zeros.into_iter().chain(ones).chain([(Curve::X25519, hex::decode(of_order_8).unwrap())]);
        for (curve, point) in points {
            let (private, _) = new_pair(curve, 1);
            let error =
                derived(curve, private, public_material(curve, &point), 32).expect_err("zero is no secret");
            assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE);
        }
    }

    #[test]
    fn other_keys_and_parameters_are_refused() {
        let curve = Curve::P256;
        let (private, public) = new_pair(curve, 1);
        assert!(derived(curve, private, public, 33).is_err(), "more than there is");
        let (private, _) = new_pair(curve, 1);
        let (_, public) = new_pair(Curve::Secp256k1, 1);
        assert!(derived(curve, private, public, 32).is_err(), "another curve");
        for curve in [Curve::Ed25519, Curve::Ed448] {
            let (private, public) = new_pair(curve, 1);
            assert!(derived(curve, private, public, 32).is_err(), "keys for signatures");
        }
        let keys = || {
            let (private, public) = new_pair(curve, 1);
            (base(ObjectType::PRIVATE_KEY, curve, private), base(ObjectType::PUBLIC_KEY, curve, public))
        };
        let derive = |base, parameters| {
            Agreement.derive(&DeriveInput { base, prepared: None, parameters, length: 32 })
        };
        assert!(derive(vec![keys().0], NO_PARAMETERS).is_err());
        assert!(derive(vec![keys().0, keys().0], NO_PARAMETERS).is_err());
        assert!(derive(vec![keys().1, keys().1], NO_PARAMETERS).is_err());
        let (private, public) = keys();
        let salted = DerivationParameters { salt: Some(vec![1].into()), ..NO_PARAMETERS };
        assert!(derive(vec![private, public], salted).is_err());
    }
}
