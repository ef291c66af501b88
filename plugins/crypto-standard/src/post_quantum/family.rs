//! Keys of ML-KEM and ML-DSA, and their encodings: PKCS #8 and SubjectPublicKeyInfo (RFC 9935, RFC 9881), and bare bytes.
//!
//! A private key is a seed wherever the seed is known, as it always is in new keys. A key that came in expanded, without its
//! seed, goes out expanded.

use aws_lc_rs::encoding::AsRawBytes;
use aws_lc_rs::signature::{KeyPair, PqdsaKeyPair};
use claviger_plugin_sdk::kmip::Value;
use claviger_plugin_sdk::kmip::tables::enumerations::KeyFormatType;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{Cost, Encoding, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use der::asn1::OctetStringRef;
use der::{Decode, Encode, Header, Length, Reader, SliceReader, Tag, TagMode, TagNumber};
use pkcs8::spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use super::ml_kem_keys::Checked;
use super::parameter_set::{ALGORITHMS, Kind, ParameterSet};
use crate::encoding::{AsFormats, EncodedKey, Half, Inspected, KeyFamily, key_of, not_a_key};

/// Keys of ML-KEM and ML-DSA.
pub(super) struct ModuleLatticeKeys;

pub(super) const FORMATS: SchemeEntry = SchemeEntry {
    name: "ML-KEM and ML-DSA keys",
    algorithms: ALGORITHMS,
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Formats(&AsFormats(ModuleLatticeKeys)),
};
register_scheme!(FORMATS);

/// A checked key.
pub(super) struct Key {
    pub(super) set: &'static ParameterSet,
    pub(super) private: Option<PrivateKey>,
    pub(super) public: Vec<u8>,
}

/// What is known of a private key.
pub(super) struct PrivateKey {
    pub(super) seed: Option<Zeroizing<Vec<u8>>>,
    pub(super) expanded: Zeroizing<Vec<u8>>,
}

impl Key {
    /// The key in the material.
    ///
    /// # Errors
    /// Cryptographic Failure: it is none of the family, or malformed.
    pub(super) fn of(facts: &KeyFacts<'_>, material: &Material) -> Result<Self> {
        let (encoded, _) = key_of(&ModuleLatticeKeys, facts, material)?;
        Self::decode(&encoded)?
            .ok_or_else(|| Error::cryptographic("the material is no key of ML-KEM or ML-DSA"))
    }

    /// The private key of a seed.
    ///
    /// # Errors
    /// Invalid Field: the seed has another length.
    pub(super) fn of_seed(set: &'static ParameterSet, seed: &[u8]) -> Result<Self> {
        Self::private(set, Some(seed), None)
    }

    /// A private key in one of both forms, told apart by their lengths.
    ///
    /// # Errors
    /// Invalid Field: it has another length, or fails the checks of its standard.
    pub(super) fn of_private_bytes(set: &'static ParameterSet, bytes: &[u8]) -> Result<Self> {
        if bytes.len() == set.seed {
            Self::private(set, Some(bytes), None)
        } else {
            Self::private(set, None, Some(bytes))
        }
    }

    /// A public key.
    ///
    /// # Errors
    /// Invalid Field: it has another length, or fails the checks of its standard.
    pub(super) fn of_public_bytes(set: &'static ParameterSet, bytes: &[u8]) -> Result<Self> {
        let checked = match &set.kind {
            Kind::Mechanism { inspect, .. } => inspect(Checked::Public(bytes)).is_some(),
            Kind::Signature { .. } => bytes.len() == set.public,
        };
        if !checked {
            return Err(not_a_key("the public key is none of its algorithm"));
        }
        Ok(Self { set, private: None, public: bytes.to_vec() })
    }

    /// PKCS #8 of a private key, SubjectPublicKeyInfo of a public one.
    ///
    /// # Errors
    /// Internal Server Error: it cannot be encoded.
    pub(super) fn encode(&self) -> Result<EncodedKey> {
        let identifier = AlgorithmIdentifierRef { oid: self.set.oid, parameters: None };
        match &self.private {
            Some(private) => EncodedKey::private(identifier, &private.to_choice().map_err(no_encoding)?),
            None => EncodedKey::public(identifier, &self.public),
        }
    }

    /// The public half.
    pub(super) fn to_public(&self) -> Self {
        Self { set: self.set, private: None, public: self.public.clone() }
    }

    fn decode(encoded: &EncodedKey) -> Result<Option<Self>> {
        let Some(set) = ParameterSet::of_oid(encoded.oid()) else { return Ok(None) };
        if encoded.parameters().is_some() {
            return Err(not_a_key("a key of ML-KEM or ML-DSA has no parameters beside its algorithm"));
        }
        match encoded.half() {
            Half::Public => Self::of_public_bytes(set, encoded.content()).map(Some),
            Half::Private => {
                let (seed, expanded) = from_choice(encoded.content()).map_err(|error| {
                    not_a_key("the private key is neither a seed nor an expanded key").because(error)
                })?;
                Self::private(set, seed, expanded).map(Some)
            }
        }
    }

    fn private(set: &'static ParameterSet, seed: Option<&[u8]>, expanded: Option<&[u8]>) -> Result<Self> {
        let malformed = || not_a_key("the private key is none of its algorithm");
        let of_seed = seed.map(|seed| expand(set, seed).ok_or_else(malformed)).transpose()?;
        let expanded = match (of_seed, expanded) {
            (Some(own), Some(told)) if *own != *told => {
                return Err(not_a_key("the private key comes with a seed that is not its own"));
            }
            (Some(own), _) => own,
            (None, Some(told)) => Zeroizing::new(told.to_vec()),
            (None, None) => return Err(malformed()),
        };
        let public = public_of(set, &expanded).ok_or_else(malformed)?;
        let seed = seed.map(|seed| Zeroizing::new(seed.to_vec()));
        Ok(Self { set, private: Some(PrivateKey { seed, expanded }), public })
    }
}

impl PrivateKey {
    /// The seed if it is known, or the expanded key.
    pub(super) fn bytes(&self) -> &[u8] {
        self.seed.as_deref().unwrap_or(&self.expanded)
    }

    /// The choice of RFC 9935 section 6 and RFC 9881 section 6.
    fn to_choice(&self) -> der::Result<Zeroizing<Vec<u8>>> {
        let encoded = match &self.seed {
            Some(seed) => {
                let tag = Tag::ContextSpecific { constructed: false, number: SEED };
                [Header::new(tag, Length::try_from(seed.len())?).to_der()?.as_slice(), seed].concat()
            }
            None => OctetStringRef::new(&self.expanded)?.to_der()?,
        };
        Ok(Zeroizing::new(encoded))
    }
}

/// The tag of a seed in the choice.
const SEED: TagNumber = TagNumber(0);

/// A seed, an expanded key, or both.
type SeedAndExpanded<'a> = (Option<&'a [u8]>, Option<&'a [u8]>);

/// Seed and expanded key, whichever are there: the seed under its tag, the expanded key alone, or both in a sequence.
fn from_choice(der: &[u8]) -> der::Result<SeedAndExpanded<'_>> {
    let mut reader = SliceReader::new(der)?;
    let choice = match reader.peek_byte() {
        Some(0x04) => (None, Some(<&OctetStringRef>::decode(&mut reader)?.as_bytes())),
        Some(0x30) => reader.sequence(|both| {
            let seed = <&OctetStringRef>::decode(both)?.as_bytes();
            let expanded = <&OctetStringRef>::decode(both)?.as_bytes();
            Ok::<_, der::Error>((Some(seed), Some(expanded)))
        })?,
        _ => {
            let seed: Option<&OctetStringRef> = reader.context_specific(SEED, TagMode::Implicit)?;
            (seed.map(|seed| seed.as_bytes()), None)
        }
    };
    reader.finish()?;
    Ok(choice)
}

fn expand(set: &ParameterSet, seed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    match &set.kind {
        Kind::Mechanism { expand, .. } => expand(seed),
        Kind::Signature { signing, .. } => {
            let key = PqdsaKeyPair::from_seed(signing, seed).ok()?;
            Some(Zeroizing::new(key.private_key().as_raw_bytes().ok()?.as_ref().to_vec()))
        }
    }
}

fn public_of(set: &ParameterSet, expanded: &[u8]) -> Option<Vec<u8>> {
    match &set.kind {
        _ if expanded.len() != set.expanded => None,
        Kind::Mechanism { inspect, .. } => inspect(Checked::Private(expanded)),
        Kind::Signature { signing, .. } => {
            Some(PqdsaKeyPair::from_raw_private_key(signing, expanded).ok()?.public_key().as_ref().to_vec())
        }
    }
}

impl KeyFamily for ModuleLatticeKeys {
    fn name(&self) -> &'static str {
        "ML-KEM or ML-DSA"
    }

    fn cost(&self, _: &Material) -> Cost {
        Cost::Light
    }

    fn inspect(&self, facts: &KeyFacts<'_>, key: &EncodedKey) -> Result<Option<Inspected>> {
        let Some(key) = Key::decode(key)? else { return Ok(None) };
        let algorithm = key.set.algorithm;
        if facts.algorithm.is_some_and(|named| named != algorithm) {
            return Err(not_a_key("the key is of another algorithm than its Cryptographic Algorithm names"));
        }
        Ok(Some(Inspected { algorithm, length: key.set.bits(), domain: None }))
    }

    fn formats(&self, _: &KeyFacts<'_>, half: Half) -> &'static [KeyFormatType] {
        match half {
            Half::Private => &[KeyFormatType::PKCS_8, KeyFormatType::RAW],
            Half::Public => &[KeyFormatType::X_509, KeyFormatType::RAW],
        }
    }

    fn read(&self, facts: &KeyFacts<'_>, material: &Material) -> Result<Option<EncodedKey>> {
        let Some(set) = facts.algorithm.and_then(ParameterSet::of) else { return Ok(None) };
        let (KeyFormatType::RAW, Value::ByteString(bytes)) = (material.format(), material.value()) else {
            return Ok(None);
        };
        match Half::of(facts.object_type) {
            Half::Private => Key::of_private_bytes(set, bytes)?.encode().map(Some),
            Half::Public => Key::of_public_bytes(set, bytes)?.encode().map(Some),
        }
    }

    fn write(&self, _: &KeyFacts<'_>, key: &EncodedKey, to: Encoding) -> Result<Option<Value>> {
        if to.format != KeyFormatType::RAW || to.compression.is_some() {
            return Ok(None);
        }
        let Some(key) = Key::decode(key)? else { return Ok(None) };
        let bytes = key.private.as_ref().map_or(key.public.as_slice(), PrivateKey::bytes);
        Ok(Some(Value::ByteString(bytes.into())))
    }

    fn public_key(&self, private: &EncodedKey) -> Result<EncodedKey> {
        match Key::decode(private)? {
            Some(key) => key.to_public().encode(),
            None => Err(Error::cryptographic("the private key is none of ML-KEM or ML-DSA")),
        }
    }
}

fn no_encoding(error: der::Error) -> Error {
    Error::server("a key cannot be encoded").because(error)
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, ObjectType, ResultReason};
    use claviger_plugin_sdk::scheme::{Formats, KeyDescription};
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::scheme::FormatsSubject;
    use openssl::sha::sha256;

    use super::super::parameter_set::*;
    use super::super::trial_keys::*;
    use super::*;

    const KEYS: AsFormats<ModuleLatticeKeys> = AsFormats(ModuleLatticeKeys);

    scheme_conformance!(formats suite: FormatsSubject {
        entry: FORMATS,
        pair: |rng| made_pair(*rng.pick(ALGORITHMS), None, rng.next_u64()).unwrap(),
        strangers: || {
            let key = openssl::pkey::PKey::generate_ed25519().unwrap();
            let private = encoded(KeyFormatType::PKCS_8, &key.private_key_to_pkcs8().unwrap());
            let public = encoded(KeyFormatType::X_509, &key.public_key_to_der().unwrap());
            vec![(ObjectType::PRIVATE_KEY, private), (ObjectType::PUBLIC_KEY, public)]
        },
    });

    fn private_facts(algorithm: CryptographicAlgorithm) -> KeyFacts<'static> {
        facts(ObjectType::PRIVATE_KEY, algorithm)
    }

    fn public_facts(algorithm: CryptographicAlgorithm) -> KeyFacts<'static> {
        facts(ObjectType::PUBLIC_KEY, algorithm)
    }

    /// The seeds of the examples of RFC 9881 appendix C and RFC 9935 appendix C: bytes that count from zero.
    fn example(algorithm: CryptographicAlgorithm) -> Material {
        let length = if MECHANISMS.contains(&algorithm) { 64 } else { 32 };
        let seed: Vec<u8> = (0..length).collect();
        encoded(KeyFormatType::RAW, &seed)
    }

    fn converted(facts: &KeyFacts<'_>, key: &Material, to: KeyFormatType) -> Vec<u8> {
        bytes(&KEYS.convert(facts, key, to.into()).unwrap()).to_vec()
    }

    /// PKCS #8 as the RFCs print it. SHA-256 of SubjectPublicKeyInfo as OpenSSL 4.0 makes it of the same seeds; for
    /// ML-KEM-512, the end of the example in RFC 9935 appendix C.2.
    #[test]
    fn it_makes_the_keys_of_the_examples_of_the_rfcs() {
        let digests = [
            (ML_KEM_768, "c23e23dd3d485a9256cda09358a4a286e00b373db10761eadf99f710649ca31c"),
            (ML_KEM_1024, "d2b7480ae006a14b37c1e8a8e45ea39022e32a9b1a7b90d594c84d869c6ac420"),
            (ML_DSA_44, "837832708c5236d951581f1fddf2b79991b3424a0486d16da1ddad0fd69701be"),
            (ML_DSA_65, "b8b62131bfbe84433efb2273d7f5b87f7a22854a2cfd366fc2aead86d837c52d"),
            (ML_DSA_87, "07e57c4f14dbad1267f621ec3777b4e2e6c4fbc4c22fbb87510ff8e0b3c6a642"),
        ];
        let spki = |algorithm| {
            let block = KEYS.public_key(&private_facts(algorithm), &example(algorithm)).unwrap();
            assert_eq!(block.key_format_type, KeyFormatType::X_509);
            material(&block).to_vec()
        };
        for (algorithm, digest) in digests {
            assert_eq!(hex::encode(sha256(&spki(algorithm))), digest);
        }
        let end = "9cc5c41dfe830a1b162e0b324334362f084a14467723344badd000f8d8c537c48f998f05307cebd1ede0b81c3bc59a065a1b6d63b26c";
        assert!(hex::encode(spki(ML_KEM_512)).ends_with(end));
        let pkcs8 = |algorithm| {
            hex::encode(converted(&private_facts(algorithm), &example(algorithm), KeyFormatType::PKCS_8))
        };
        let thirty_two = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        let sixty_four =
            format!("{thirty_two}202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f");
        assert_eq!(pkcs8(ML_KEM_512), format!("3054020100300b060960864801650304040104428040{sixty_four}"));
        assert_eq!(pkcs8(ML_KEM_1024), format!("3054020100300b060960864801650304040304428040{sixty_four}"));
        assert_eq!(pkcs8(ML_DSA_44), format!("3034020100300b060960864801650304031104228020{thirty_two}"));
        assert_eq!(pkcs8(ML_DSA_87), format!("3034020100300b060960864801650304031304228020{thirty_two}"));
    }

    #[test]
    fn every_format_is_read_and_written() {
        for algorithm in ALGORITHMS.iter().copied() {
            let pair = made_pair(algorithm, None, 1).unwrap();
            for (facts, block) in
                [(private_facts(algorithm), &pair.private), (public_facts(algorithm), &pair.public)]
            {
                let original = key(block);
                for format in KEYS.formats(&facts) {
                    let written = encoded(*format, &converted(&facts, &original, *format));
                    let described = KeyDescription {
                        object_type: facts.object_type,
                        algorithm,
                        length: block.cryptographic_length.unwrap(),
                        domain: None,
                    };
                    assert_eq!(KEYS.recognise(&facts, &written).unwrap(), Some(described.clone()));
                    if *format != KeyFormatType::RAW {
                        let unknown = KeyFacts { algorithm: None, ..facts };
                        assert_eq!(KEYS.recognise(&unknown, &written).unwrap(), Some(described));
                    }
                    for other in KEYS.formats(&facts) {
                        assert_eq!(converted(&facts, &written, *other), converted(&facts, &original, *other));
                    }
                }
            }
        }
    }

    /// The three forms of the choice: a seed, an expanded key, and both.
    #[test]
    fn expanded_keys_are_taken_and_a_seed_must_be_their_own() {
        for algorithm in ALGORITHMS.iter().copied() {
            let facts = private_facts(algorithm);
            let set = ParameterSet::of(algorithm).unwrap();
            let own = Key::of(&facts, &example(algorithm)).unwrap();
            let private = own.private.as_ref().unwrap();
            let seed = private.seed.as_ref().unwrap();
            let public = |key: &Material| material(&KEYS.public_key(&facts, key).unwrap()).to_vec();
            let expected = public(&example(algorithm));
            let expanded = encoded(KeyFormatType::RAW, &private.expanded);
            assert_eq!(public(&expanded), expected);
            let pkcs8 = converted(&facts, &expanded, KeyFormatType::PKCS_8);
            assert!(pkcs8.len() > set.expanded, "a key without its seed goes out expanded");
            assert_eq!(public(&encoded(KeyFormatType::PKCS_8, &pkcs8)), expected);
            let both = |seed: &[u8]| {
                let octets = |bytes: &[u8]| OctetStringRef::new(bytes).unwrap().to_der().unwrap();
                let content = [octets(seed), octets(&private.expanded)].concat();
                let header = Header::new(Tag::Sequence, Length::try_from(content.len()).unwrap());
                let choice = [header.to_der().unwrap(), content].concat();
                let identifier = AlgorithmIdentifierRef { oid: set.oid, parameters: None };
                let encoded_key = EncodedKey::private(identifier, &choice).unwrap();
                encoded(KeyFormatType::PKCS_8, encoded_key.envelope())
            };
            assert_eq!(public(&both(seed)), expected);
            assert_eq!(converted(&facts, &both(seed), KeyFormatType::RAW), **seed);
            let error = KEYS.recognise(&facts, &both(&vec![9; seed.len()])).expect_err("another's seed");
            assert_eq!(error.reason(), ResultReason::INVALID_FIELD);
        }
    }

    #[test]
    fn malformed_keys_are_refused() {
        for algorithm in ALGORITHMS.iter().copied() {
            let pair = made_pair(algorithm, None, 1).unwrap();
            for (facts, block) in
                [(private_facts(algorithm), &pair.private), (public_facts(algorithm), &pair.public)]
            {
                let whole = material(block);
                let format = block.key_format_type;
                for length in (0..whole.len()).step_by(1 + whole.len() / 40) {
                    let shorter = KEYS.recognise(&facts, &encoded(format, &whole[..length]));
                    assert!(!matches!(shorter, Ok(Some(_))));
                    let mut damaged = whole.to_vec();
                    damaged[length] ^= 0x55;
                    // A seed may be any bytes, hence another key; that it returns is the rule.
                    let _ = KEYS.recognise(&facts, &encoded(format, &damaged));
                }
                let raw = converted(&facts, &key(block), KeyFormatType::RAW);
                let longer = encoded(KeyFormatType::RAW, &[&raw[..], &[0]].concat());
                assert_eq!(
                    KEYS.recognise(&facts, &longer).expect_err("longer").reason(),
                    ResultReason::INVALID_FIELD
                );
            }
            let other = ALGORITHMS.iter().copied().find(|other| *other != algorithm).unwrap();
            assert!(KEYS.recognise(&public_facts(other), &key(&pair.public)).is_err(), "another algorithm's");
        }
        // FIPS 203 section 7.2: coefficients are below the modulus; section 7.3: the hash of the public key fits.
        let facts = public_facts(ML_KEM_768);
        assert!(KEYS.recognise(&facts, &encoded(KeyFormatType::RAW, &[0xFF; 1184])).is_err());
        let mut expanded = Key::of(&private_facts(ML_KEM_768), &example(ML_KEM_768)).unwrap();
        let expanded = &mut expanded.private.as_mut().unwrap().expanded;
        expanded[2400 - 64] ^= 1;
        assert!(KEYS.recognise(&private_facts(ML_KEM_768), &encoded(KeyFormatType::RAW, expanded)).is_err());
    }
}
