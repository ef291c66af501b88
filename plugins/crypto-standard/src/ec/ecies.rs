//! ECIES: encryption with a key on a curve, where the parameters ask for nothing else.
//!
//! On curves in Weierstrass form: an ephemeral public key as a compressed point, AES-GCM of the data, and the tag of 16
//! bytes. A SHAKE of the agreed point, compressed, gives the key; one of the ephemeral and the recipient's public key,
//! both compressed, gives the nonce of 12 bytes. On X25519 and Ed25519 it is a [sealed box](super::sealed_box).

use std::sync::Arc;

use aws_lc_rs::aead::{self, AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, HashingAlgorithm};
use claviger_plugin_sdk::kmip::{Tag, Value};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{CipherKey, CipherScheme, Cost, Scheme, SchemeEntry, WrapKey, WrapScheme};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use openssl::ec::{EcGroup, EcPoint, PointConversionForm};
use openssl::hash::{MessageDigest, hash_xof};
use zeroize::Zeroizing;

use super::curve::{ALGORITHMS, Curve, Form};
use super::family::curve_of;
use super::key::{Key, PublicKey, of_library};
use super::sealed_box::SealedBox;
use super::weierstrass::{self, SecretNumber};
use crate::digest::naming_hash;
use crate::parameters::with_mode;
use crate::public_key_cipher::{PublicKeyCipher, Seal, no_private_key};
use crate::shake::{SHAKE_128_HASH, SHAKE_256_HASH};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "ECIES",
    algorithms: ALGORITHMS,
    claims: |_, parameters| claimed(parameters),
    effective,
    scheme: Scheme::Cipher(&WithKeysOnCurves),
};
register_scheme!(CIPHER);

const WRAP: SchemeEntry = SchemeEntry {
    name: "ECIES",
    algorithms: ALGORITHMS,
    claims: |_, parameters| claimed(parameters),
    effective,
    scheme: Scheme::Wrap(&WithKeysOnCurves),
};
register_scheme!(WRAP);

fn claimed(parameters: &CryptographicParameters) -> bool {
    parameters.block_cipher_mode.is_none()
        && parameters.padding_method.is_none()
        && parameters.cryptographic_algorithm.is_none_or(|named| ALGORITHMS.contains(&named))
}

/// The AEAD, and the hash function that keys come from. KMIP has no names for the functions of sealed boxes.
fn effective(facts: &KeyFacts<'_>, parameters: &CryptographicParameters) -> CryptographicParameters {
    match curve_of(facts) {
        Some(Curve::X25519 | Curve::Ed25519) => with_mode(parameters, BlockCipherMode::AEAD),
        curve => {
            let strength = strength(curve.unwrap_or(Curve::P256), was_born_earlier(facts));
            naming_hash(&with_mode(parameters, BlockCipherMode::GCM), strength.hash)
        }
    }
}

struct WithKeysOnCurves;

impl CipherScheme for WithKeysOnCurves {
    fn prepare(&self, facts: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn CipherKey>> {
        let key = Key::of(facts, material)?;
        match key.curve() {
            Curve::X25519 | Curve::Ed25519 => Ok(Arc::new(PublicKeyCipher(SealedBox::new(&key)?))),
            _ => Ok(Arc::new(PublicKeyCipher(EciesKey::new(&key, was_born_earlier(facts))?))),
        }
    }
}

impl WrapScheme for WithKeysOnCurves {
    fn prepare(&self, facts: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn WrapKey>> {
        let key = Key::of(facts, material)?;
        match key.curve() {
            Curve::X25519 | Curve::Ed25519 => Ok(Arc::new(PublicKeyCipher(SealedBox::new(&key)?))),
            _ => Ok(Arc::new(PublicKeyCipher(EciesKey::new(&key, was_born_earlier(facts))?))),
        }
    }
}

/// Whether a client of an earlier generation made the key: such clients know AES-128 and SHAKE128 alone. A dialect keeps
/// the generation in this attribute when the key is born; every other key is of the later one.
fn was_born_earlier(facts: &KeyFacts<'_>) -> bool {
    const GENERATION: Tag = Tag(0x54_5201);
    matches!(facts.attributes.get(GENERATION), Some(Value::Enumeration(1 | 2)))
}

/// A key on a curve in Weierstrass form.
struct EciesKey {
    group: EcGroup,
    curve: Curve,
    strength: Strength,
    /// The public key and its compressed form.
    recipient: EcPoint,
    compressed: Vec<u8>,
    private: Option<SecretNumber>,
}

/// The functions that go with a curve.
#[derive(Clone, Copy)]
struct Strength {
    cipher: &'static aead::Algorithm,
    hash: HashingAlgorithm,
    shake: fn() -> MessageDigest,
}

const STRONG: Strength =
    Strength { cipher: &AES_128_GCM, hash: SHAKE_128_HASH, shake: MessageDigest::shake_128 };
const STRONGER: Strength =
    Strength { cipher: &AES_256_GCM, hash: SHAKE_256_HASH, shake: MessageDigest::shake_256 };

fn strength(curve: Curve, born_earlier: bool) -> Strength {
    let strong = curve.bits() <= 256 || born_earlier && curve.bits() <= 384;
    if strong { STRONG } else { STRONGER }
}

const TAG: usize = 16;

impl EciesKey {
    fn new(key: &Key, born_earlier: bool) -> Result<Self> {
        let curve = key.curve();
        let Form::Weierstrass(nid) = curve.form() else {
            return Err(Error::unsupported(format!("nothing is encrypted with keys on {}", curve.name())));
        };
        let group = weierstrass::group(nid).map_err(of_library)?;
        let point = |key: &PublicKey| weierstrass::read_point(&group, key.bytes());
        let recipient =
            point(key.public()).ok_or_else(|| Error::server("a public key has lost its point"))?;
        let private = match key {
            Key::Private(key) => Some(weierstrass::secret_number(key.secret()).map_err(of_library)?),
            Key::Public(_) => None,
        };
        Ok(Self {
            strength: strength(curve, born_earlier),
            compressed: key.public().in_form(PointConversionForm::COMPRESSED)?,
            curve,
            group,
            recipient,
            private,
        })
    }

    /// The cipher for an agreed point, and the nonce for an ephemeral public key.
    fn cipher(&self, agreed: &EcPoint, ephemeral: &[u8]) -> Result<(LessSafeKey, Nonce)> {
        let Strength { cipher, shake, .. } = self.strength;
        let agreed = Zeroizing::new(self.compress(agreed)?);
        let mut key = Zeroizing::new(vec![0; cipher.key_len()]);
        hash_xof(shake(), &agreed, &mut key).map_err(of_library)?;
        let mut nonce = [0; aead::NONCE_LEN];
        hash_xof(shake(), &[ephemeral, &self.compressed].concat(), &mut nonce).map_err(of_library)?;
        let key = UnboundKey::new(cipher, &key).map_err(|error| {
            Error::server("a key of ECIES has another length than its cipher").because(error)
        })?;
        Ok((LessSafeKey::new(key), Nonce::assume_unique_for_key(nonce)))
    }

    fn compress(&self, point: &EcPoint) -> Result<Vec<u8>> {
        weierstrass::write_point(&self.group, point, PointConversionForm::COMPRESSED).map_err(of_library)
    }

    fn open(&self, sealed: &[u8], private: &SecretNumber) -> Option<Zeroizing<Vec<u8>>> {
        let (ephemeral, data) = sealed.split_at_checked(1 + self.curve.size())?;
        let length = data.len().checked_sub(TAG)?;
        let point = weierstrass::read_point(&self.group, ephemeral)?;
        let agreed = weierstrass::multiply(&self.group, &point, private).ok()?;
        let (cipher, nonce) = self.cipher(&agreed, ephemeral).ok()?;
        let (data, tag) = data.split_at_checked(length)?;
        let mut plain = Zeroizing::new(vec![0; length]);
        cipher.open_separate_gather(nonce, Aad::empty(), data, tag, &mut plain).ok()?;
        Some(plain)
    }
}

impl Seal for EciesKey {
    fn name(&self) -> &'static str {
        "ECIES"
    }

    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn takes_additional_data(&self) -> bool {
        false
    }

    fn seal(
        &self,
        plain: &[u8],
        _: &[u8],
        _: &CryptographicParameters,
        rng: &mut dyn RandomSource,
    ) -> Result<Vec<u8>> {
        let drawn = weierstrass::random_scalar(&self.group, self.curve.size(), |buffer| rng.fill(buffer));
        let scalar = drawn.ok_or_else(|| Error::server("no ephemeral key could be drawn"))?;
        let scalar = weierstrass::secret_number(&scalar).map_err(of_library)?;
        let ephemeral = weierstrass::multiply_generator(&self.group, &scalar).map_err(of_library)?;
        let agreed = weierstrass::multiply(&self.group, &self.recipient, &scalar).map_err(of_library)?;
        let mut sealed = self.compress(&ephemeral)?;
        let (cipher, nonce) = self.cipher(&agreed, &sealed)?;
        let mut data = plain.to_vec();
        cipher
            .seal_in_place_append_tag(nonce, Aad::empty(), &mut data)
            .map_err(|_| Error::cryptographic("the data is too long for ECIES"))?;
        sealed.extend_from_slice(&data);
        Ok(sealed)
    }

    fn open(
        &self,
        sealed: &[u8],
        _: &[u8],
        _: &CryptographicParameters,
    ) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let private = self.private.as_ref().ok_or_else(no_private_key)?;
        Ok(self.open(sealed, private))
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::ByteString;
    use claviger_plugin_sdk::kmip::attributes::Attributes;
    use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
    use claviger_plugin_sdk::scheme::CipherInput;
    use claviger_plugin_sdk::testkit::SeededRandom;

    use super::super::trial_keys::*;
    use super::*;

    const NONE: &CryptographicParameters = &CryptographicParameters::NONE;

    fn input(data: &[u8]) -> CipherInput<'_> {
        CipherInput { parameters: NONE, data, nonce: None, additional_data: &[], tag: None }
    }

    fn cipher(facts: &KeyFacts<'_>, material: &Material) -> Arc<dyn CipherKey> {
        CipherScheme::prepare(&WithKeysOnCurves, facts, material).unwrap()
    }

    fn wrap(facts: &KeyFacts<'_>, material: &Material) -> Arc<dyn WrapKey> {
        WrapScheme::prepare(&WithKeysOnCurves, facts, material).unwrap()
    }

    fn encrypting_curves() -> impl Iterator<Item = Curve> {
        curves_with_points().chain([Curve::X25519, Curve::Ed25519])
    }

    /// Attributes of a key that a client of an earlier generation made.
    fn born_earlier() -> Attributes {
        let mut attributes = Attributes::new();
        attributes.add(Tag(0x54_5201), Value::Enumeration(1));
        attributes
    }

    /// Made with other libraries: the layouts over Python's cryptography and hashlib, sealed boxes with libsodium.
    #[test]
    fn it_reads_what_other_software_wrote() {
        const P384: &str = "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5";
        let earlier = born_earlier();
        let later = Attributes::new();
        let cases = [
            (
                Curve::P192,
                &later,
                "6fab034934e4c0fc9ae67f5b5659a9d7d1fefd187ee09fd4",
                "03178721e07c29a255ce5c465ddc63172f5bf5dcc10a5ee72e0040c1066f56d04efedc5b531d815bc39ce159be56b442c568864ac75b2364",
            ),
            (
                Curve::P224,
                &later,
                "f220266e1105bfe3083e03ec7a3a654651f45e37167e88600bf257c1",
                "02c7a5fee0194fecd4c77da7491c8e9e344c6d5b7ab9fe04cbea6ce47913ba6fc62026c0b852211d91febd26cdfedfcd109bae1e5f762cfeb84c3285",
            ),
            (
                Curve::P256,
                &later,
                "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
                "023ed7a28ec648edce5d5b7e252f6b2aafbb44835114a24b3caa8f710f64993bc20264850aaaf2ea241a22781a7005f41a74c6fb8254cee40ec55de1b6a94032",
            ),
            (
                Curve::P256,
                &earlier,
                "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
                "023ed7a28ec648edce5d5b7e252f6b2aafbb44835114a24b3caa8f710f64993bc20264850aaaf2ea241a22781a7005f41a74c6fb8254cee40ec55de1b6a94032",
            ),
            (
                Curve::P384,
                &earlier,
                P384,
                "02d8a17e55b8e2f47bc369fd9616695ce273dce4e307830a65f5a4a9aa8967c987aeea7ad365677a13bfd65c3fe5a66939b543112dbd70a8e78a3b41164392fbfb151eff1002c5b5945288a42943ae85",
            ),
            (
                Curve::P384,
                &later,
                P384,
                "02d8a17e55b8e2f47bc369fd9616695ce273dce4e307830a65f5a4a9aa8967c987aeea7ad365677a13bfd65c3fe5a66939483e37b19d9797f7d263f91c4ef5adebe6df4ca3c8575c494098c5b6bbfb3f",
            ),
            (
                Curve::P521,
                &later,
                "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
                "0200fac4e7a5fdb90d37d8b6845f48f3c40c3c168b8dce87c471f19e9cd1caa4d9db4036052f5f7a27a29db66d4b0d94d88fe3163a7c22eb44fa325cb5d7a425e9a1e505fa10316d8f1f0c030cd47282070cd96e78ac518c1ec7750f00a8f23704bf",
            ),
            (
                Curve::X25519,
                &later,
                "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
                "fbf9b88f847005b447db3af1f39a01da896db9a0d474e152d1c5c8c5bc483d32ec7247f10ca05184777f859df5f9c4cbd9af7aac3ff798d49f827f8c22a42e",
            ),
            (
                Curve::Ed25519,
                &later,
                "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
                "29d0a666e89c182224512f54216af24ab5745136daf96da4077f89c7af32ba490d3b5c50434fd0814256ea20064456080431cbdae5a62c443bf0bcc4e00ed1",
            ),
        ];
        for (curve, attributes, secret, sealed) in cases {
            let (private, _) = pair(curve, &hex::decode(secret).unwrap());
            let facts = KeyFacts { attributes, ..pair_facts(curve).0 };
            let sealed = hex::decode(sealed).unwrap();
            let plain = cipher(&facts, &private).decrypt(input(&sealed)).unwrap();
            assert_eq!(&plain[..], b"Hello, Claviger", "{}", curve.name());
            assert_eq!(*wrap(&facts, &private).unwrap(&sealed, NONE, None).unwrap(), *plain);
        }
    }

    #[test]
    fn it_decrypts_what_it_encrypted_and_nothing_that_was_changed() {
        for curve in encrypting_curves() {
            let (private_facts, public_facts) = pair_facts(curve);
            let (private, public) = new_pair(curve, 1);
            let (other, _) = new_pair(curve, 2);
            let (private, public) = (cipher(&private_facts, &private), cipher(&public_facts, &public));
            let other = cipher(&private_facts, &other);
            for length in [0, 1, 32, 1000] {
                let data = vec![7; length];
                let sealed = public.encrypt(input(&data), &mut SeededRandom::new(3)).unwrap().data.to_vec();
                assert_eq!(sealed.len(), length + overhead(curve));
                assert_eq!(&private.decrypt(input(&sealed)).unwrap()[..], &data[..], "{}", curve.name());
                let refused = |key: &Arc<dyn CipherKey>, sealed: &[u8]| {
                    let error = key.decrypt(input(sealed)).expect_err("damaged");
                    assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE);
                    error.message().to_owned()
                };
                let message = refused(&other, &sealed);
                for place in (0..sealed.len()).step_by(if length > 100 { 53 } else { 1 }) {
                    let mut changed = sealed.clone();
                    changed[place] ^= 1;
                    assert_eq!(refused(&private, &changed), message, "one error for all");
                    assert_eq!(refused(&private, &sealed[..place]), message);
                }
                assert_eq!(refused(&private, &[&sealed[..], &[0]].concat()), message);
            }
        }
    }

    fn overhead(curve: Curve) -> usize {
        if matches!(curve, Curve::X25519 | Curve::Ed25519) { 48 } else { 1 + curve.size() + 16 }
    }

    #[test]
    fn each_encryption_is_another_and_comes_from_the_randomness_given() {
        for curve in encrypting_curves() {
            let (_, public) = new_pair(curve, 1);
            let key = wrap(&pair_facts(curve).1, &public);
            let wrapped = |seed| key.wrap(b"a key", NONE, &mut SeededRandom::new(seed)).unwrap();
            assert_eq!(wrapped(1), wrapped(1));
            assert_ne!(wrapped(1), wrapped(2));
            assert_eq!(wrapped(1).nonce, None);
        }
    }

    #[test]
    fn a_public_key_does_not_decrypt_and_what_it_cannot_honour_is_refused() {
        for curve in encrypting_curves() {
            let (_, public) = new_pair(curve, 1);
            let key = cipher(&pair_facts(curve).1, &public);
            let sealed = key.encrypt(input(b"data"), &mut SeededRandom::new(1)).unwrap().data;
            assert_eq!(
                key.decrypt(input(&sealed)).expect_err("public").reason(),
                ResultReason::CRYPTOGRAPHIC_FAILURE
            );
            let bad = |input| {
                let error = key.encrypt(input, &mut SeededRandom::new(1)).expect_err("refused");
                assert_eq!(error.reason(), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
            };
            bad(CipherInput { additional_data: b"aad", ..input(b"data") });
            bad(CipherInput { nonce: Some(&[0; 12]), ..input(b"data") });
            assert!(key.encrypt_in_parts(input(b""), &mut SeededRandom::new(1)).is_err());
            assert!(key.decrypt_in_parts(input(b"")).is_err());
        }
        for curve in [Curve::X448, Curve::Ed448] {
            assert!(
                CipherScheme::prepare(&WithKeysOnCurves, &pair_facts(curve).1, &new_pair(curve, 1).1)
                    .is_err()
            );
        }
    }

    /// RFC 7748 section 6.1 tells to look for zeros: these points give them.
    #[test]
    fn points_of_small_order_and_beside_the_curve_are_refused() {
        let (private, _) = new_pair(Curve::X25519, 1);
        let key = cipher(&pair_facts(Curve::X25519).0, &private);
        let small = [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ];
        for point in small.map(|point| hex::decode(point).unwrap()) {
            let sealed: ByteString = [&point[..], &[0; 40]].concat().into();
            assert!(key.decrypt(input(&sealed)).is_err());
            let public = Material::new(
                claviger_plugin_sdk::kmip::tables::enumerations::KeyFormatType::X_509,
                Value::ByteString(
                    PublicKey::new(Curve::X25519, &point).unwrap().encode().unwrap().envelope().into(),
                ),
            );
            let error = cipher(&pair_facts(Curve::X25519).1, &public)
                .encrypt(input(b"data"), &mut SeededRandom::new(1))
                .expect_err("nobody could decrypt this alone");
            assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE);
        }
        let (private, _) = new_pair(Curve::P256, 1);
        let key = cipher(&pair_facts(Curve::P256).0, &private);
        for first in [0, 2, 3, 4, 6] {
            let sealed: ByteString = [&[first][..], &[0xFF; 32], &[0; 40]].concat().into();
            assert!(key.decrypt(input(&sealed)).is_err());
        }
    }
}
