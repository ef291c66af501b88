//! Signatures by keys on curves: ECDSA on curves in Weierstrass form, EdDSA on Edwards curves.

use std::sync::Arc;

use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry, SignKey, SignScheme};
use claviger_plugin_sdk::{Error, Result, register_scheme};

use super::curve::{ALGORITHMS, Curve, Form};
use super::ecdsa::{self, EcdsaKey};
use super::eddsa::{Ed448Key, Ed25519Key};
use super::key::Key;

struct Signatures;

/// It claims its keys with whatever parameters: the OASIS test cases name RSA and PSS for keys on curves, and mean the
/// hash alone.
const SIGNATURES: SchemeEntry = SchemeEntry {
    name: "ECDSA and EdDSA",
    algorithms: ALGORITHMS,
    claims: |_, _| true,
    effective: |facts, parameters| ecdsa::effective(facts, parameters),
    scheme: Scheme::Sign(&Signatures),
};
register_scheme!(SIGNATURES);

impl SignScheme for Signatures {
    fn prepare(&self, facts: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn SignKey>> {
        let key = Key::of(facts, material)?;
        match key.curve().form() {
            Form::Weierstrass(curve) => Ok(Arc::new(EcdsaKey::new(&key, curve)?)),
            Form::Edwards(_) if key.curve() == Curve::Ed25519 => Ok(Arc::new(Ed25519Key::new(&key)?)),
            Form::Edwards(id) => Ok(Arc::new(Ed448Key::new(&key, id)?)),
            Form::Montgomery(_) => Err(Error::unsupported(format!(
                "keys on {} are for agreement; sign with a key on the Edwards curve of the pair",
                key.curve().name()
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
    use claviger_plugin_sdk::kmip::tables::enumerations::{
        CryptographicAlgorithm, DigitalSignatureAlgorithm, HashingAlgorithm, PaddingMethod, ResultReason,
    };
    use claviger_plugin_sdk::scheme::SignInput;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::{DigestFunction, SignSubject};
    use openssl::hash::{MessageDigest, hash};
    use openssl::pkey::PKey;
    use openssl::sign::{Signer, Verifier};

    use super::super::ecdsa::P1363;
    use super::super::trial_keys::*;
    use super::*;

    const NONE: &CryptographicParameters = &CryptographicParameters::NONE;

    fn with_hash(hash: HashingAlgorithm) -> CryptographicParameters {
        CryptographicParameters { hashing_algorithm: Some(hash), ..CryptographicParameters::NONE }
    }

    fn prepared(
        curve: Curve,
        (private, public): (Material, Material),
    ) -> (Arc<dyn SignKey>, Arc<dyn SignKey>) {
        let (private_facts, public_facts) = pair_facts(curve);
        let prepare = |facts, material| Signatures.prepare(facts, material).unwrap();
        (prepare(&private_facts, &private), prepare(&public_facts, &public))
    }

    fn signing_curves() -> impl Iterator<Item = Curve> {
        curves_with_points().chain([Curve::Ed25519, Curve::Ed448])
    }

    macro_rules! suites {
        ($($name:ident: $curve:ident, $parameters:expr, $digest:expr;)*) => {$(
            scheme_conformance!(sign $name: SignSubject {
                entry: SIGNATURES,
                pair: |rng| key_pair(Curve::$curve, rng),
                parameters: $parameters,
                digest: $digest,
                in_parts: $digest.is_some(),
                repeats: $digest.is_none(),
            });
        )*};
    }

    const NO_DIGEST: Option<DigestFunction> = None;
    const SHA_256: Option<DigestFunction> =
        Some(|data| hash(MessageDigest::sha256(), data).unwrap().to_vec());
    const SHA_384: Option<DigestFunction> =
        Some(|data| hash(MessageDigest::sha384(), data).unwrap().to_vec());
    const SHA3_224: Option<DigestFunction> =
        Some(|data| hash(MessageDigest::sha3_224(), data).unwrap().to_vec());

    suites! {
        p_256: P256, CryptographicParameters::NONE, SHA_256;
        p_224: P224, CryptographicParameters::NONE, SHA_256;
        p_384: P384, CryptographicParameters::NONE, SHA_384;
        p_521_with_another_hash: P521, with_hash(HashingAlgorithm::SHA3_224), SHA3_224;
        secp256k1: Secp256k1, CryptographicParameters::NONE, SHA_256;
        p_256_as_p1363:
            P256, CryptographicParameters { padding_method: Some(P1363), ..CryptographicParameters::NONE }, SHA_256;
        ed25519: Ed25519, CryptographicParameters::NONE, NO_DIGEST;
        ed448: Ed448, CryptographicParameters::NONE, NO_DIGEST;
    }

    /// RFC 6979 appendix A.2, each for the message "sample".
    #[test]
    fn signatures_of_rfc_6979_are_valid() {
        use HashingAlgorithm as H;
        let cases = [
            (
                Curve::P192,
                H::SHA_1,
                "6fab034934e4c0fc9ae67f5b5659a9d7d1fefd187ee09fd4",
                "303502190098c6bd12b23eaf5e2a2045132086be3eb8ebd62abf6698ff021857a22b07dea9530f8de9471b1dc6624472e8e2844bc25b64",
            ),
            (
                Curve::P192,
                H::SHA_256,
                "6fab034934e4c0fc9ae67f5b5659a9d7d1fefd187ee09fd4",
                "303502184b0b8ce98a92866a2820e20aa6b75b56382e0f9bfd5ecb55021900ccdb006926ea9565cbadc840829d8c384e06de1f1e381b85",
            ),
            (
                Curve::P224,
                H::SHA_256,
                "f220266e1105bfe3083e03ec7a3a654651f45e37167e88600bf257c1",
                "303d021c61aa3da010e8e8406c656bc477a7a7189895e7e840cdfe8ff42307ba021d00bc814050dab5d23770879494f9e0a680dc1af7161991bde692b10101",
            ),
            (
                Curve::P224,
                H::SHA_512,
                "f220266e1105bfe3083e03ec7a3a654651f45e37167e88600bf257c1",
                "303d021c074bd1d979d5f32bf958ddc61e4fb4872adcafeb2256497cdac30397021d00a4ceca196c3d5a1ff31027b33185dc8ee43f288b21ab342e5d8eb084",
            ),
            (
                Curve::P256,
                H::SHA_1,
                "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
                "3044022061340c88c3aaebeb4f6d667f672ca9759a6ccaa9fa8811313039ee4a35471d3202206d7f147dac089441bb2e2fe8f7a3fa264b9c475098fdcf6e00d7c996e1b8b7eb",
            ),
            (
                Curve::P256,
                H::SHA_256,
                "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
                "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
            ),
            (
                Curve::P256,
                H::SHA_512,
                "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
                "30450221008496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f0002202362ab1adbe2b8adf9cb9edab740ea6049c028114f2460f96554f61fae3302fe",
            ),
            (
                Curve::P384,
                H::SHA_256,
                "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
                "3065023021b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e354b63a21d3daa33bde1e888e63355d92fa2b3c36d8fb2cd023100f3aa443fb107745bf4bd77cb3891674632068a10ca67e3d45db2266fa7d1feebefdc63eccd1ac42ec0cb8668a4fa0ab0",
            ),
            (
                Curve::P384,
                H::SHA_512,
                "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
                "3065023100ed0959d5880ab2d869ae7f6c2915c6d60f96507f9cb3e047c0046861da4a799cfe30f35cc900056d7c99cd78824337090230512c8cceee3890a84058ce1e22dbc2198f42323ce8aca9135329f03c068e5112dc7cc3ef3446defceb01a45c2667fdd5",
            ),
            (
                Curve::P521,
                H::SHA_256,
                "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
                "308187024201511bb4d675114fe266fc4372b87682baecc01d3cc62cf2303c92b3526012659d16876e25c7c1e57648f23b73564d67f61c6f14d527d54972810421e7d87589e1a702414a171143a83163d6df460aaf61522695f207a58b95c0644d87e52aa1a347916e4f7a72930b1bc06dbe22ce3f58264afd23704cbb63b29b931f7de6c9d949a7ecfc",
            ),
            (
                Curve::P521,
                H::SHA_512,
                "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
                "308187024200c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa0241617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a",
            ),
        ];
        for (curve, hash, secret, signature) in cases {
            let (_, public) = prepared(curve, pair(curve, &hex::decode(secret).unwrap()));
            let verify = |data| {
                let signature = hex::decode(signature).unwrap();
                public.verify(SignInput::Data(data), &signature, &with_hash(hash)).unwrap()
            };
            assert!(verify(b"sample"), "{} with {hash:?}", curve.name());
            assert!(!verify(b"Sample"));
        }
    }

    /// RFC 8032 sections 7.1 (tests 1 and 2) and 7.4 (blank).
    #[test]
    fn eddsa_gives_the_answers_of_rfc_8032() {
        let cases = [
            (
                Curve::Ed25519,
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ),
            (
                Curve::Ed25519,
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ),
            (
                Curve::Ed448,
                "6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b",
                "",
                "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600",
            ),
        ];
        for (curve, secret, data, signature) in cases {
            let (private, public) = prepared(curve, pair(curve, &hex::decode(secret).unwrap()));
            let (data, signature) = (hex::decode(data).unwrap(), hex::decode(signature).unwrap());
            let made = private.sign(SignInput::Data(&data), NONE, &mut SeededRandom::new(1)).unwrap();
            assert_eq!(*made, *signature);
            assert!(public.verify(SignInput::Data(&data), &signature, NONE).unwrap());
        }
    }

    /// Each library verifies what the other signed; a digest signs as its data does.
    #[test]
    fn openssl_verifies_and_signs_the_same_with_every_curve_and_hash() {
        let hashes = [
            (HashingAlgorithm::SHA_1, MessageDigest::sha1()),
            (HashingAlgorithm::SHA_224, MessageDigest::sha224()),
            (HashingAlgorithm::SHA_256, MessageDigest::sha256()),
            (HashingAlgorithm::SHA_384, MessageDigest::sha384()),
            (HashingAlgorithm::SHA_512, MessageDigest::sha512()),
            (HashingAlgorithm::SHA_512_256, MessageDigest::from_name("SHA512-256").unwrap()),
            (HashingAlgorithm::SHA3_256, MessageDigest::sha3_256()),
            (HashingAlgorithm::SHA3_512, MessageDigest::sha3_512()),
        ];
        for (round, curve) in curves_with_points().enumerate() {
            let materials = new_pair(curve, round as u64);
            let theirs = PKey::private_key_from_pkcs8(bytes(&materials.0)).unwrap();
            let their_public = PKey::public_key_from_der(bytes(&materials.1)).unwrap();
            let (private, public) = prepared(curve, materials);
            for (named, digest) in hashes {
                let (data, parameters) = (b"some data to sign", &with_hash(named));
                let hashed = hash(digest, data).unwrap();
                for input in [SignInput::Data(data), SignInput::Digest(&hashed)] {
                    let signature = private.sign(input, parameters, &mut SeededRandom::new(1)).unwrap();
                    let mut verifier = Verifier::new(digest, &their_public).unwrap();
                    assert!(verifier.verify_oneshot(&signature, data).unwrap(), "{} {named:?}", curve.name());
                    let signature = Signer::new(digest, &theirs).unwrap().sign_oneshot_to_vec(data).unwrap();
                    assert!(public.verify(input, &signature, parameters).unwrap());
                    assert!(private.verify(input, &signature, parameters).unwrap());
                }
                let mut stream = private.in_parts(parameters).unwrap();
                data.chunks(5).for_each(|part| stream.update(part).unwrap());
                let signature = stream.sign(&mut SeededRandom::new(1)).unwrap();
                assert!(public.verify(SignInput::Data(data), &signature, parameters).unwrap());
                let mut stream = public.in_parts(parameters).unwrap();
                data.chunks(7).for_each(|part| stream.update(part).unwrap());
                assert!(stream.verify(&signature).unwrap());
            }
        }
    }

    fn bytes(material: &Material) -> &[u8] {
        match material.value() {
            claviger_plugin_sdk::kmip::Value::ByteString(bytes) => bytes,
            _ => panic!("bytes"),
        }
    }

    #[test]
    fn what_was_changed_is_not_valid() {
        for (round, curve) in signing_curves().enumerate() {
            let (private, public) = prepared(curve, new_pair(curve, round as u64));
            let (_, other) = prepared(curve, new_pair(curve, 99));
            let data = SignInput::Data(b"data");
            let signature = private.sign(data, NONE, &mut SeededRandom::new(1)).unwrap().to_vec();
            assert!(public.verify(data, &signature, NONE).unwrap());
            assert!(!other.verify(data, &signature, NONE).unwrap(), "another key");
            assert!(!public.verify(SignInput::Data(b"date"), &signature, NONE).unwrap());
            for place in 0..signature.len() {
                let mut changed = signature.clone();
                changed[place] ^= 1;
                assert!(!public.verify(data, &changed, NONE).unwrap(), "{} byte {place}", curve.name());
                assert!(!public.verify(data, &signature[..place], NONE).unwrap());
            }
            let longer = [&signature[..], &[0]].concat();
            assert!(!public.verify(data, &longer, NONE).unwrap());
        }
    }

    /// Zero and the order itself are no parts of a signature, whatever the library.
    #[test]
    fn signatures_of_zeros_are_not_valid() {
        for curve in curves_with_points() {
            let (_, public) = prepared(curve, new_pair(curve, 1));
            let data = SignInput::Data(b"data");
            for hash in [HashingAlgorithm::SHA_256, HashingAlgorithm::SHA3_224] {
                for der in [&[0x30, 6, 2, 1, 0, 2, 1, 0][..], &[0x30, 6, 2, 1, 1, 2, 1, 0], &[0x30, 0], &[]] {
                    assert!(!public.verify(data, der, &with_hash(hash)).unwrap());
                }
            }
        }
    }

    #[test]
    fn signatures_of_ieee_p1363_are_both_numbers_side_by_side() {
        let parameters =
            CryptographicParameters { padding_method: Some(P1363), ..CryptographicParameters::NONE };
        for curve in curves_with_points() {
            let (private, public) = prepared(curve, new_pair(curve, 1));
            let data = SignInput::Data(b"data");
            let signature = private.sign(data, &parameters, &mut SeededRandom::new(1)).unwrap();
            assert_eq!(signature.len(), 2 * curve.size());
            assert!(public.verify(data, &signature, &parameters).unwrap());
            assert!(!public.verify(data, &signature, NONE).unwrap());
            assert!(!public.verify(data, &signature[1..], &parameters).unwrap());
            assert!(!public.verify(data, &[&signature[..], &[0, 0]].concat(), &parameters).unwrap());
            let (r, s) = signature.split_at(curve.size());
            let number = |bytes| openssl::bn::BigNum::from_slice(bytes).unwrap();
            let theirs = openssl::ecdsa::EcdsaSig::from_private_components(number(r), number(s)).unwrap();
            assert!(public.verify(data, &theirs.to_der().unwrap(), NONE).unwrap());
        }
    }

    #[test]
    fn the_oasis_cases_mean_the_hash_alone() {
        let (private, public) = prepared(Curve::Secp256k1, new_pair(Curve::Secp256k1, 1));
        let data = SignInput::Data(b"data");
        let signature = private.sign(data, NONE, &mut SeededRandom::new(1)).unwrap();
        let named = |hash| CryptographicParameters {
            padding_method: Some(PaddingMethod::PSS),
            cryptographic_algorithm: Some(CryptographicAlgorithm::RSA),
            ..with_hash(hash)
        };
        assert!(public.verify(data, &signature, &named(HashingAlgorithm::SHA_256)).unwrap());
        assert!(!public.verify(data, &signature, &named(HashingAlgorithm::SHA_1)).unwrap());
    }

    #[test]
    fn parameters_that_do_not_fit_are_refused() {
        let (private, _) = prepared(Curve::P256, new_pair(Curve::P256, 1));
        let refused = |key: &Arc<dyn SignKey>, input, parameters: &CryptographicParameters| {
            key.sign(input, parameters, &mut SeededRandom::new(1)).expect_err("refused").reason()
        };
        let bad = ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS;
        let data = SignInput::Data(b"data");
        assert_eq!(refused(&private, data, &with_hash(HashingAlgorithm::MD5)), bad);
        let both = CryptographicParameters {
            digital_signature_algorithm: Some(DigitalSignatureAlgorithm::ECDSA_WITH_SHA384),
            ..with_hash(HashingAlgorithm::SHA_256)
        };
        assert_eq!(refused(&private, data, &both), bad);
        let other = CryptographicParameters {
            digital_signature_algorithm: Some(DigitalSignatureAlgorithm::DSA_WITH_SHA256),
            ..CryptographicParameters::NONE
        };
        assert_eq!(refused(&private, data, &other), bad);
        let short = SignInput::Digest(&[0; 20]);
        assert_eq!(refused(&private, short, NONE), ResultReason::CRYPTOGRAPHIC_FAILURE);
        for curve in [Curve::Ed25519, Curve::Ed448] {
            let (private, public) = prepared(curve, new_pair(curve, 1));
            assert_eq!(refused(&private, SignInput::Digest(&[0; 64]), NONE), bad);
            assert_eq!(refused(&private, data, &with_hash(HashingAlgorithm::SHA_256)), bad);
            assert!(private.in_parts(NONE).is_err());
            assert_eq!(refused(&public, data, NONE), ResultReason::CRYPTOGRAPHIC_FAILURE);
        }
    }

    #[test]
    fn a_certificate_verifies_as_its_public_key_does() {
        use claviger_plugin_sdk::kmip::Value;
        use claviger_plugin_sdk::kmip::tables::enumerations::{KeyFormatType, ObjectType};
        for curve in [Curve::P384, Curve::Ed25519] {
            let materials = new_pair(curve, 1);
            let key = PKey::private_key_from_pkcs8(bytes(&materials.0)).unwrap();
            let mut builder = openssl::x509::X509::builder().unwrap();
            let day = |day| openssl::asn1::Asn1Time::days_from_now(day).unwrap();
            builder.set_pubkey(&key).unwrap();
            builder.set_not_before(&day(0)).unwrap();
            builder.set_not_after(&day(1)).unwrap();
            let hash = if curve == Curve::P384 { MessageDigest::sha384() } else { MessageDigest::null() };
            builder.sign(&key, hash).unwrap();
            let der = builder.build().to_der().unwrap();
            let certificate = Material::new(KeyFormatType::X_509, Value::ByteString(der.into()));
            let of_certificate = facts(ObjectType::CERTIFICATE, curve.algorithm());
            let public = Signatures.prepare(&of_certificate, &certificate).unwrap();
            let (private, _) = prepared(curve, materials);
            let data = SignInput::Data(b"data");
            let signature = private.sign(data, NONE, &mut SeededRandom::new(1)).unwrap();
            assert!(public.verify(data, &signature, NONE).unwrap());
        }
    }

    #[test]
    fn public_keys_do_not_sign_and_keys_for_agreement_do_neither() {
        for curve in signing_curves() {
            let (_, public) = prepared(curve, new_pair(curve, 1));
            let error =
                public.sign(SignInput::Data(b"data"), NONE, &mut SeededRandom::new(1)).expect_err("public");
            assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE);
        }
        for curve in [Curve::X25519, Curve::X448] {
            let (private, _) = new_pair(curve, 1);
            assert!(Signatures.prepare(&pair_facts(curve).0, &private).is_err());
        }
    }
}
