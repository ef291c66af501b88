//! X25519MLKEM768 (draft-ietf-tls-ecdhe-mlkem): the secret is safe while either ML-KEM-768 or X25519 is.
//!
//! Everything is put side by side, that of ML-KEM first: public keys (1184 and 32 bytes), ciphertext and ephemeral public
//! key (1088 and 32), both secrets (32 and 32). A private key is the seed of ML-KEM (64 bytes) and the X25519 key (32);
//! one with an expanded ML-KEM key (2400 bytes) is taken, too. There is no object identifier for it, hence Raw is its
//! one format.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::objects::{CryptographicParameters, KeyBlock, KeyValue, PlainKeyValue};
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, KeyFormatType, ResultReason};
use claviger_plugin_sdk::kmip::{ByteString, Value};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{
    Cost, EncapsulateKey, EncapsulateScheme, Encapsulated, Encoding, Formats, KeyDescription, Scheme,
    SchemeEntry,
};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use zeroize::Zeroizing;

use super::encapsulation::{MlKemKey, no_ciphertext, no_private_key};
use super::family;
use super::parameter_set::ML_KEM_768_SET;
use crate::ec;
use crate::encoding::{Half, not_a_key};

/// X25519MLKEM768: its number in the vendor range is that of the TLS group.
pub(crate) const X25519_ML_KEM_768: CryptographicAlgorithm = CryptographicAlgorithm(0x8000_11EC);

const NAME: &str = "X25519MLKEM768";
/// The Cryptographic Length: the bits of a public key.
pub(super) const BITS: i32 = 9728;
/// The bytes of an X25519 key, private or public.
const X25519: usize = 32;

struct Hybrid;

const ENCAPSULATION: SchemeEntry = SchemeEntry {
    name: "X25519MLKEM768",
    algorithms: &[X25519_ML_KEM_768],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Encapsulate(&Hybrid),
};
register_scheme!(ENCAPSULATION);

pub(super) const FORMATS: SchemeEntry = SchemeEntry {
    name: "X25519MLKEM768 keys",
    algorithms: &[X25519_ML_KEM_768],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Formats(&Hybrid),
};
register_scheme!(FORMATS);

/// Both keys.
pub(super) struct HybridKey {
    lattice: family::Key,
    curve: ec::Key,
}

impl HybridKey {
    /// Makes a new private key.
    ///
    /// # Errors
    /// Internal Server Error: a library fails.
    pub(super) fn generate(rng: &mut dyn RandomSource) -> Result<Self> {
        let mut seed = Zeroizing::new(vec![0; ML_KEM_768_SET.seed]);
        rng.fill(&mut seed);
        let curve = ec::PrivateKey::generate(ec::Curve::X25519, rng)?;
        Ok(Self { lattice: family::Key::of_seed(ML_KEM_768_SET, &seed)?, curve: ec::Key::Private(curve) })
    }

    /// The key block of the private key.
    pub(super) fn private_block(&self) -> KeyBlock {
        let lattice = self.lattice.private.as_ref().map(family::PrivateKey::bytes).unwrap_or_default();
        let curve = match &self.curve {
            ec::Key::Private(key) => key.secret(),
            ec::Key::Public(_) => &[],
        };
        block(Zeroizing::new([lattice, curve].concat()).as_slice().into())
    }

    /// The key block of the public key.
    pub(super) fn public_block(&self) -> KeyBlock {
        block([self.lattice.public.as_slice(), self.curve.public().bytes()].concat().into())
    }

    fn read(half: Half, material: &Material) -> Result<Self> {
        let (KeyFormatType::RAW, Value::ByteString(bytes)) = (material.format(), material.value()) else {
            return Err(not_a_key("keys of X25519MLKEM768 come Raw"));
        };
        let split = bytes.len().checked_sub(X25519).and_then(|lattice| bytes.split_at_checked(lattice));
        let (lattice, curve) = split.ok_or_else(|| not_a_key("the key is too short for X25519MLKEM768"))?;
        Ok(match half {
            Half::Private => Self {
                lattice: family::Key::of_private_bytes(ML_KEM_768_SET, lattice)?,
                curve: ec::Key::Private(ec::PrivateKey::new(ec::Curve::X25519, curve)?),
            },
            Half::Public => Self {
                lattice: family::Key::of_public_bytes(ML_KEM_768_SET, lattice)?,
                curve: ec::Key::Public(ec::PublicKey::new(ec::Curve::X25519, curve)?),
            },
        })
    }

    fn of(facts: &KeyFacts<'_>, material: &Material) -> Result<Self> {
        Self::read(Half::of(facts.object_type), material)
            .map_err(|error| error.with_reason(ResultReason::CRYPTOGRAPHIC_FAILURE))
    }
}

impl Formats for Hybrid {
    fn cost(&self, _: &KeyFacts<'_>, _: &Material) -> Cost {
        Cost::Light
    }

    fn recognise(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Option<KeyDescription>> {
        // The bytes do not tell what they are.
        if key.algorithm != Some(X25519_ML_KEM_768) {
            return Ok(None);
        }
        let half = Half::of(key.object_type);
        HybridKey::read(half, material)?;
        Ok(Some(KeyDescription {
            object_type: half.object_type(),
            algorithm: X25519_ML_KEM_768,
            length: BITS,
            domain: None,
        }))
    }

    fn bare(&self, _: &Material) -> Option<Value> {
        None
    }

    fn formats(&self, _: &KeyFacts<'_>) -> &'static [KeyFormatType] {
        &[KeyFormatType::RAW]
    }

    fn convert(&self, key: &KeyFacts<'_>, material: &Material, to: Encoding) -> Result<Value> {
        HybridKey::of(key, material)?;
        let refused = |what: &str, reason| {
            Error::unsupported(format!("{NAME} keys {what}; ask for them Raw")).with_reason(reason)
        };
        if to.format != KeyFormatType::RAW {
            return Err(refused(
                "have no other format than Raw",
                ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED,
            ));
        }
        if to.compression.is_some() {
            return Err(refused(
                "have no points to compress",
                ResultReason::KEY_COMPRESSION_TYPE_NOT_SUPPORTED,
            ));
        }
        Ok(material.value().clone())
    }

    fn public_key(&self, key: &KeyFacts<'_>, private: &Material) -> Result<KeyBlock> {
        let key = HybridKey::of(key, private)?;
        if key.lattice.private.is_none() {
            return Err(Error::cryptographic("this is a public key already"));
        }
        Ok(key.public_block())
    }
}

impl EncapsulateScheme for Hybrid {
    fn prepare(&self, facts: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn EncapsulateKey>> {
        let key = HybridKey::of(facts, material)?;
        Ok(Arc::new(PreparedHybrid { lattice: MlKemKey::new(&key.lattice)?, curve: key.curve }))
    }
}

struct PreparedHybrid {
    lattice: MlKemKey,
    curve: ec::Key,
}

impl EncapsulateKey for PreparedHybrid {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn encapsulate(
        &self,
        parameters: &CryptographicParameters,
        rng: &mut dyn RandomSource,
    ) -> Result<Encapsulated> {
        let lattice = self.lattice.encapsulate(parameters, rng)?;
        let ephemeral = ec::PrivateKey::generate(ec::Curve::X25519, rng)?;
        let agreed = ec::agree(&ephemeral, self.curve.public())?;
        Ok(Encapsulated {
            secret: joined(&lattice.secret, &agreed),
            ciphertext: joined(&lattice.ciphertext, ephemeral.public().bytes()),
        })
    }

    fn decapsulate(&self, ciphertext: &[u8], parameters: &CryptographicParameters) -> Result<ByteString> {
        let ec::Key::Private(private) = &self.curve else { return Err(no_private_key()) };
        let split =
            ciphertext.len().checked_sub(X25519).and_then(|lattice| ciphertext.split_at_checked(lattice));
        let (lattice, curve) = split.ok_or_else(|| no_ciphertext(NAME))?;
        let no_ciphertext = |error: Error| no_ciphertext(NAME).because(error);
        let secret = self.lattice.decapsulate(lattice, parameters).map_err(no_ciphertext)?;
        let agreed = ec::PublicKey::new(ec::Curve::X25519, curve)
            .and_then(|public| ec::agree(private, &public))
            .map_err(no_ciphertext)?;
        Ok(joined(&secret, &agreed))
    }
}

fn joined(lattice: &[u8], curve: &[u8]) -> ByteString {
    [lattice, curve].concat().into()
}

fn block(bytes: ByteString) -> KeyBlock {
    KeyBlock {
        key_format_type: KeyFormatType::RAW,
        key_compression_type: None,
        key_value: Some(KeyValue::Plain(PlainKeyValue {
            key_material: Value::ByteString(bytes),
            attributes: None,
        })),
        cryptographic_algorithm: Some(X25519_ML_KEM_768),
        cryptographic_length: Some(BITS),
        key_wrapping_data: None,
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::agreement;
    use claviger_plugin_sdk::kmip::tables::enumerations::ObjectType;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::{EncapsulateSubject, FormatsSubject};
    use ml_kem::kem::{Decapsulate, KeyExport};
    use rustls::crypto::aws_lc_rs::kx_group::X25519MLKEM768;

    use super::super::trial_keys::*;
    use super::*;

    const NONE: &CryptographicParameters = &CryptographicParameters::NONE;

    scheme_conformance!(encapsulate conformance: EncapsulateSubject {
        entry: ENCAPSULATION,
        pair: |rng| raw_pair(X25519_ML_KEM_768, rng),
        parameters: CryptographicParameters::NONE,
        secret_length: 64,
        ciphertext_length: 1120,
    });

    scheme_conformance!(formats suite: FormatsSubject {
        entry: FORMATS,
        pair: |rng| raw_pair(X25519_ML_KEM_768, rng),
        strangers: Vec::new,
    });

    /// The draft's order, taken apart by hand and by other libraries: ML-KEM first, X25519 second, everywhere.
    #[test]
    fn keys_ciphertexts_and_secrets_are_those_of_both_parts_side_by_side() {
        let pair = raw_pair(X25519_ML_KEM_768, &mut SeededRandom::new(1));
        let (private, public) = (material(&pair.private), material(&pair.public));
        assert_eq!((private.len(), public.len()), (96, 1216));
        let lattice = ml_kem::ml_kem_768::DecapsulationKey::from_seed(private[..64].try_into().unwrap());
        assert_eq!(lattice.encapsulation_key().to_bytes()[..], public[..1184]);
        let curve = agreement::PrivateKey::from_private_key(&agreement::X25519, &private[64..]).unwrap();
        assert_eq!(curve.compute_public_key().unwrap().as_ref(), &public[1184..]);

        let key =
            Hybrid.prepare(&facts(ObjectType::PUBLIC_KEY, X25519_ML_KEM_768), &key(&pair.public)).unwrap();
        let made = key.encapsulate(NONE, &mut SeededRandom::new(2)).unwrap();
        let secret = lattice.decapsulate(made.ciphertext[..1088].try_into().unwrap());
        assert_eq!(secret[..], made.secret[..32]);
        let peer = agreement::UnparsedPublicKey::new(&agreement::X25519, &made.ciphertext[1088..]);
        let agreed = agreement::agree(&curve, peer, (), |secret| Ok(secret.to_vec())).unwrap();
        assert_eq!(agreed[..], made.secret[32..]);
    }

    /// TLS has the same mechanism: rustls as the client of our server, and as the server of our client.
    #[test]
    fn rustls_agrees_on_either_side() {
        let of_public = facts(ObjectType::PUBLIC_KEY, X25519_ML_KEM_768);
        let client = X25519MLKEM768.start().unwrap();
        let share = encoded(KeyFormatType::RAW, client.pub_key());
        let ours = Hybrid.prepare(&of_public, &share).unwrap();
        let made = ours.encapsulate(NONE, &mut SeededRandom::new(1)).unwrap();
        let secret = client.complete(&made.ciphertext).unwrap();
        assert_eq!(secret.secret_bytes(), &made.secret[..]);

        let pair = raw_pair(X25519_ML_KEM_768, &mut SeededRandom::new(2));
        let server = X25519MLKEM768.start_and_complete(material(&pair.public)).unwrap();
        let of_private = facts(ObjectType::PRIVATE_KEY, X25519_ML_KEM_768);
        let ours = Hybrid.prepare(&of_private, &key(&pair.private)).unwrap();
        let secret = ours.decapsulate(&server.pub_key, NONE).unwrap();
        assert_eq!(server.secret.secret_bytes(), &secret[..]);
    }

    #[test]
    fn an_expanded_key_is_taken_and_a_zero_point_refused() {
        let pair = raw_pair(X25519_ML_KEM_768, &mut SeededRandom::new(1));
        let of_private = facts(ObjectType::PRIVATE_KEY, X25519_ML_KEM_768);
        let of_public = facts(ObjectType::PUBLIC_KEY, X25519_ML_KEM_768);
        let bytes = material(&pair.private);
        let seed = family::Key::of_seed(ML_KEM_768_SET, &bytes[..64]).unwrap();
        let expanded = [&seed.private.as_ref().unwrap().expanded[..], &bytes[64..]].concat();
        let expanded = encoded(KeyFormatType::RAW, &expanded);
        assert_eq!(Hybrid.public_key(&of_private, &expanded).unwrap(), pair.public);
        let public = Hybrid.prepare(&of_public, &key(&pair.public)).unwrap();
        let private = Hybrid.prepare(&of_private, &expanded).unwrap();
        let made = public.encapsulate(NONE, &mut SeededRandom::new(2)).unwrap();
        assert_eq!(private.decapsulate(&made.ciphertext, NONE).unwrap(), made.secret);
        let zero = [&made.ciphertext[..1088], &[0; 32]].concat();
        assert!(private.decapsulate(&zero, NONE).is_err());
        let no_point = [&material(&pair.public)[..1184], &[0; 32]].concat();
        let no_point = Hybrid.prepare(&of_public, &encoded(KeyFormatType::RAW, &no_point)).unwrap();
        assert!(no_point.encapsulate(NONE, &mut SeededRandom::new(2)).is_err());
    }

    #[test]
    fn raw_is_the_one_format() {
        let pair = raw_pair(X25519_ML_KEM_768, &mut SeededRandom::new(1));
        let facts = facts(ObjectType::PUBLIC_KEY, X25519_ML_KEM_768);
        let public = key(&pair.public);
        let description = Hybrid.recognise(&facts, &public).unwrap().unwrap();
        assert_eq!((description.length, description.object_type), (BITS, ObjectType::PUBLIC_KEY));
        let unknown = KeyFacts { algorithm: None, ..facts };
        assert_eq!(Hybrid.recognise(&unknown, &public).unwrap(), None);
        assert_eq!(&Hybrid.convert(&facts, &public, KeyFormatType::RAW.into()).unwrap(), public.value());
        let error = Hybrid.convert(&facts, &public, KeyFormatType::X_509.into()).expect_err("no such format");
        assert_eq!(error.reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
        let longer = encoded(KeyFormatType::RAW, &[material(&pair.public), &[0]].concat());
        assert_eq!(
            Hybrid.recognise(&facts, &longer).expect_err("longer").reason(),
            ResultReason::INVALID_FIELD
        );
    }
}
