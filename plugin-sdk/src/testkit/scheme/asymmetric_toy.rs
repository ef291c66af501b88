//! Toys of the schemes for key pairs, sound or with one fault at a time, which proves that the rules of their suites
//! notice. A private key of the toy is 16 bytes, its public key their hash; whoever knows the public key can sign.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use claviger_kmip::attributes::{Attributes, kinds};
use claviger_kmip::objects::{CryptographicParameters, KeyBlock, KeyValue, PlainKeyValue};
use claviger_kmip::tables::enumerations::{CryptographicAlgorithm, KeyFormatType, ObjectType, ResultReason};
use claviger_kmip::{ByteString, Value};

use super::rules::{formats, generate_pair, sign};
use super::toy::hash;
use super::{FormatsSubject, GeneratePairSubject, SeededRandom, SignSubject, WantedPair};
use crate::error::{Error, ErrorClass, Result};
use crate::random::RandomSource;
use crate::record::{KeyFacts, Material};
use crate::scheme::*;
use crate::testkit::assert_broken;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Nothing,
    ClaimsNothing,
    // Of encodings and pairs.
    TakesPublicForPrivate,
    RecognisesStrangers,
    NamesAFormatTwice,
    LosesTheLastByte,
    GivesAnotherPublicKey,
    PublishesPublicKeys,
    WritesAnyFormat,
    TakesAnyValue,
    PanicsOnShortData,
    NamesAnotherLength,
    IgnoresTheFormat,
    MakesAnyLength,
    RepeatsThePair,
    MakesHalvesOfTwoPairs,
    // Of signatures.
    IgnoresTheData,
    IgnoresTheSignature,
    IgnoresTheKey,
    SignsWithPublicKeys,
    BeginsAnewInEachPart,
    PretendsToWorkInParts,
    HashesDigestsAgain,
    TakesAnyDigest,
    TakesAnyKey,
    KeepsState,
}

#[derive(Clone, Copy)]
struct Toy(Fault);

const PRIVATE_FORMATS: &[KeyFormatType] = &[KeyFormatType::PKCS_8, KeyFormatType::RAW];
const PUBLIC_FORMATS: &[KeyFormatType] = &[KeyFormatType::X_509, KeyFormatType::RAW];
const TWICE: &[KeyFormatType] = &[KeyFormatType::X_509, KeyFormatType::RAW, KeyFormatType::X_509];

/// What stands before the bytes of a key, unless it is raw.
const PRIVATE_MARK: &[u8] = b"private toy ";
const PUBLIC_MARK: &[u8] = b"public toy ";

#[derive(Clone)]
struct Key {
    private: Option<Vec<u8>>,
    public: Vec<u8>,
}

fn public_half(private: &[u8]) -> Vec<u8> {
    [hash(&[private, b"1"]).to_be_bytes(), hash(&[private, b"2"]).to_be_bytes()].concat()
}

fn refusal(reason: ResultReason) -> Error {
    Error::new(reason, ErrorClass::Request, "the toy refuses this")
}

impl Toy {
    fn is(self, fault: Fault) -> bool {
        self.0 == fault
    }

    fn read(self, facts: &KeyFacts<'_>, material: &Material) -> Option<Key> {
        let bytes = match material.value() {
            Value::ByteString(bytes) => &bytes[..],
            _ if self.is(Fault::TakesAnyValue) => &[7; 16],
            _ => return None,
        };
        let private = facts.object_type == ObjectType::PRIVATE_KEY;
        let mark = match material.format() {
            KeyFormatType::RAW => &[][..],
            _ if private => PRIVATE_MARK,
            _ => PUBLIC_MARK,
        };
        if self.is(Fault::PanicsOnShortData) {
            assert!(bytes.len() >= mark.len());
        }
        let takes_any = self.is(Fault::RecognisesStrangers) || self.is(Fault::TakesAnyKey);
        let key = bytes.strip_prefix(mark).or(takes_any.then_some(bytes))?;
        if key.len() != 16 && !takes_any {
            return None;
        }
        Some(match private {
            true => Key { private: Some(key.to_vec()), public: public_half(key) },
            false => Key { private: None, public: key.to_vec() },
        })
    }

    fn write(self, key: &Key, format: KeyFormatType) -> Result<Value> {
        let known = if key.private.is_some() { PRIVATE_FORMATS } else { PUBLIC_FORMATS };
        if !known.contains(&format) && !self.is(Fault::WritesAnyFormat) {
            return Err(refusal(ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED));
        }
        let (mark, bytes) = match &key.private {
            Some(private) => (PRIVATE_MARK, private),
            None => (PUBLIC_MARK, &key.public),
        };
        let mut written = if format == KeyFormatType::RAW { Vec::new() } else { mark.to_vec() };
        written.extend_from_slice(bytes);
        if self.is(Fault::LosesTheLastByte) && format == KeyFormatType::RAW {
            *written.last_mut().unwrap() = 0;
        }
        Ok(Value::ByteString(written.into()))
    }

    fn block(self, key: &Key, format: KeyFormatType) -> Result<KeyBlock> {
        Ok(KeyBlock {
            key_format_type: format,
            key_compression_type: None,
            key_value: Some(KeyValue::Plain(PlainKeyValue {
                key_material: self.write(key, format)?,
                attributes: None,
            })),
            cryptographic_algorithm: Some(CryptographicAlgorithm::DSA),
            cryptographic_length: Some(if self.is(Fault::NamesAnotherLength) { 64 } else { 128 }),
            key_wrapping_data: None,
        })
    }
}

impl Formats for Toy {
    fn cost(&self, _: &KeyFacts<'_>, _: &Material) -> Cost {
        Cost::Light
    }

    fn recognise(&self, facts: &KeyFacts<'_>, material: &Material) -> Result<Option<KeyDescription>> {
        Ok(self.read(facts, material).map(|_| KeyDescription {
            object_type: if self.is(Fault::TakesPublicForPrivate) {
                ObjectType::PRIVATE_KEY
            } else {
                facts.object_type
            },
            algorithm: CryptographicAlgorithm::DSA,
            length: 128,
            domain: None,
        }))
    }

    fn bare(&self, _: &Material) -> Option<Value> {
        None
    }

    fn formats(&self, facts: &KeyFacts<'_>) -> &'static [KeyFormatType] {
        match facts.object_type {
            ObjectType::PRIVATE_KEY => PRIVATE_FORMATS,
            _ if self.is(Fault::NamesAFormatTwice) => TWICE,
            _ => PUBLIC_FORMATS,
        }
    }

    fn convert(&self, facts: &KeyFacts<'_>, material: &Material, to: Encoding) -> Result<Value> {
        let key = self.read(facts, material).ok_or_else(|| refusal(ResultReason::CRYPTOGRAPHIC_FAILURE))?;
        self.write(&key, to.format)
    }

    fn public_key(&self, facts: &KeyFacts<'_>, private: &Material) -> Result<KeyBlock> {
        let key = self.read(facts, private).ok_or_else(|| refusal(ResultReason::CRYPTOGRAPHIC_FAILURE))?;
        if key.private.is_none() && !self.is(Fault::PublishesPublicKeys) {
            return Err(refusal(ResultReason::CRYPTOGRAPHIC_FAILURE));
        }
        let public = if self.is(Fault::GivesAnotherPublicKey) { vec![1; 16] } else { key.public };
        self.block(&Key { private: None, public }, KeyFormatType::X_509)
    }
}

impl GeneratePair for Toy {
    fn cost(&self, _: PairTemplates<'_>) -> Cost {
        Cost::Light
    }

    fn generate_pair(&self, templates: PairTemplates<'_>, rng: &mut dyn RandomSource) -> Result<KeyPair> {
        let length = templates.private.one::<kinds::CryptographicLength>().unwrap_or(128);
        if length != 128 && !self.is(Fault::MakesAnyLength) {
            return Err(refusal(ResultReason::INVALID_ATTRIBUTE_VALUE));
        }
        let private = if self.is(Fault::RepeatsThePair) { vec![5; 16] } else { rng.bytes(16).to_vec() };
        let public = if self.is(Fault::MakesHalvesOfTwoPairs) { vec![6; 16] } else { public_half(&private) };
        let format = |template: &Attributes, usual| match template.one::<kinds::KeyFormatType>() {
            Some(asked) if !self.is(Fault::IgnoresTheFormat) => asked,
            _ => usual,
        };
        let private_key = Key { private: Some(private), public: public.clone() };
        Ok(KeyPair::new(
            self.block(&private_key, format(templates.private, KeyFormatType::PKCS_8))?,
            self.block(&Key { private: None, public }, format(templates.public, KeyFormatType::X_509))?,
        ))
    }
}

static CALLS: AtomicU64 = AtomicU64::new(0);

struct ToyKey {
    toy: Toy,
    key: Key,
}

impl SignScheme for Toy {
    fn prepare(&self, facts: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn SignKey>> {
        let key = self.read(facts, material).ok_or_else(|| refusal(ResultReason::CRYPTOGRAPHIC_FAILURE))?;
        Ok(Arc::new(ToyKey { toy: *self, key }))
    }
}

fn digest(data: &[u8]) -> Vec<u8> {
    hash(&[data]).to_be_bytes().to_vec()
}

impl ToyKey {
    fn is(&self, fault: Fault) -> bool {
        self.toy.is(fault)
    }

    fn digest(&self, input: SignInput<'_>) -> Result<Vec<u8>> {
        match input {
            SignInput::Data(_) if self.is(Fault::IgnoresTheData) => Ok(digest(&[])),
            SignInput::Data(data) => Ok(digest(data)),
            SignInput::Digest(given) if self.is(Fault::HashesDigestsAgain) => Ok(digest(given)),
            SignInput::Digest(given) if given.len() == 8 || self.is(Fault::TakesAnyDigest) => {
                Ok(given.to_vec())
            }
            SignInput::Digest(_) => Err(refusal(ResultReason::CRYPTOGRAPHIC_FAILURE)),
        }
    }

    fn signature(&self, digest: &[u8]) -> Vec<u8> {
        let public: &[u8] = if self.is(Fault::IgnoresTheKey) { &[] } else { &self.key.public };
        let half = |salt: &[u8]| hash(&[salt, public, digest]).to_be_bytes();
        [half(b"1"), half(b"2")].concat()
    }
}

impl SignKey for ToyKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn sign(
        &self,
        input: SignInput<'_>,
        _: &CryptographicParameters,
        _: &mut dyn RandomSource,
    ) -> Result<ByteString> {
        if self.key.private.is_none() && !self.is(Fault::SignsWithPublicKeys) {
            return Err(refusal(ResultReason::CRYPTOGRAPHIC_FAILURE));
        }
        let mut signature = self.signature(&self.digest(input)?);
        if self.is(Fault::KeepsState) && CALLS.fetch_add(1, Ordering::SeqCst) % 7 == 5 {
            signature[0] ^= 1;
        }
        if self.is(Fault::LosesTheLastByte) {
            signature.pop();
        }
        Ok(signature.into())
    }

    fn verify(&self, input: SignInput<'_>, signature: &[u8], _: &CryptographicParameters) -> Result<bool> {
        if self.is(Fault::PanicsOnShortData) {
            assert_eq!(signature.len(), 16);
        }
        let digest = self.digest(input).unwrap_or_default();
        Ok(self.is(Fault::IgnoresTheSignature)
            || (self.is(Fault::TakesAnyDigest) && digest.len() != 8)
            || *signature == *self.signature(&digest))
    }

    fn in_parts(&self, parameters: &CryptographicParameters) -> Result<Box<dyn SignStream>> {
        if self.is(Fault::PretendsToWorkInParts) {
            return Err(Error::unsupported("not in parts"));
        }
        let key = Self { toy: self.toy, key: self.key.clone() };
        Ok(Box::new(ToyStream { key, parameters: parameters.clone(), data: Vec::new() }))
    }
}

/// Collects everything and works at the end, on the last part alone if that is its fault.
struct ToyStream {
    key: ToyKey,
    parameters: CryptographicParameters,
    data: Vec<u8>,
}

impl SignStream for ToyStream {
    fn update(&mut self, part: &[u8]) -> Result<()> {
        if self.key.is(Fault::BeginsAnewInEachPart) {
            self.data.clear();
        }
        self.data.extend_from_slice(part);
        Ok(())
    }

    fn sign(self: Box<Self>, rng: &mut dyn RandomSource) -> Result<ByteString> {
        self.key.sign(SignInput::Data(&self.data), &self.parameters, rng)
    }

    fn verify(self: Box<Self>, signature: &[u8]) -> Result<bool> {
        self.key.verify(SignInput::Data(&self.data), signature, &self.parameters)
    }
}

fn entry(fault: Fault, scheme: Scheme) -> SchemeEntry {
    SchemeEntry {
        name: "toy",
        algorithms: &[CryptographicAlgorithm::DSA],
        claims: if fault == Fault::ClaimsNothing { |_, _| false } else { |_, _| true },
        effective: SchemeEntry::as_asked,
        scheme,
    }
}

fn toy(fault: Fault) -> &'static Toy {
    Box::leak(Box::new(Toy(fault)))
}

fn pair(rng: &mut SeededRandom) -> KeyPair {
    let template = Attributes::new();
    let templates = PairTemplates { private: &template, public: &template };
    Toy(Fault::Nothing).generate_pair(templates, rng).unwrap()
}

fn toy_formats(fault: Fault) -> FormatsSubject {
    FormatsSubject {
        entry: entry(fault, Scheme::Formats(toy(fault))),
        pair,
        strangers: || {
            let stranger =
                |bytes: &[u8]| Material::new(KeyFormatType::PKCS_8, Value::ByteString(bytes.into()));
            vec![(ObjectType::PRIVATE_KEY, stranger(b"another toy")), (ObjectType::PUBLIC_KEY, stranger(&[]))]
        },
    }
}

fn toy_generate_pair(fault: Fault) -> GeneratePairSubject {
    GeneratePairSubject {
        entry: entry(fault, Scheme::GeneratePair(toy(fault))),
        formats: entry(Fault::Nothing, Scheme::Formats(toy(Fault::Nothing))),
        wanted: || vec![WantedPair { template: template(128), length: 128, domain: None }],
        refused: || vec![template(64), template(0)],
    }
}

fn template(length: i32) -> Attributes {
    let mut template = Attributes::new();
    template.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::DSA);
    template.put::<kinds::CryptographicLength>(length);
    template
}

fn toy_sign(fault: Fault) -> SignSubject {
    SignSubject {
        entry: entry(fault, Scheme::Sign(toy(fault))),
        pair,
        parameters: CryptographicParameters::NONE,
        digest: Some(digest),
        in_parts: true,
        repeats: true,
    }
}

mod sound {
    use super::*;
    use crate::scheme_conformance;

    scheme_conformance!(formats its_encodings: toy_formats(Fault::Nothing));
    scheme_conformance!(generate_pair its_pairs: toy_generate_pair(Fault::Nothing));
    scheme_conformance!(sign its_signatures: toy_sign(Fault::Nothing));
}

#[test]
fn each_fault_of_encodings_is_found() {
    let broken = |rule: fn(&FormatsSubject), fault| assert_broken(|| rule(&toy_formats(fault)));
    broken(formats::claims_its_keys, Fault::ClaimsNothing);
    broken(formats::recognises_its_keys, Fault::TakesPublicForPrivate);
    broken(formats::recognises_no_others, Fault::RecognisesStrangers);
    broken(formats::has_each_format_once, Fault::NamesAFormatTwice);
    broken(formats::converts_every_format_to_every_other_and_back, Fault::LosesTheLastByte);
    broken(formats::gives_the_public_key_whatever_the_format, Fault::GivesAnotherPublicKey);
    broken(formats::gives_no_public_key_of_a_public_key, Fault::PublishesPublicKeys);
    broken(formats::refuses_other_formats, Fault::WritesAnyFormat);
    broken(formats::refuses_material_of_another_type, Fault::TakesAnyValue);
    broken(formats::never_panics_on_damaged_material, Fault::PanicsOnShortData);
}

#[test]
fn each_fault_of_a_maker_of_pairs_is_found() {
    let broken = |rule: fn(&GeneratePairSubject), fault| assert_broken(|| rule(&toy_generate_pair(fault)));
    broken(generate_pair::claims_a_key_with_its_parameters, Fault::ClaimsNothing);
    broken(generate_pair::makes_the_keys_asked_for, Fault::NamesAnotherLength);
    broken(generate_pair::makes_keys_that_belong_together, Fault::MakesHalvesOfTwoPairs);
    broken(generate_pair::makes_keys_in_each_format, Fault::IgnoresTheFormat);
    broken(generate_pair::refuses_other_formats, Fault::WritesAnyFormat);
    broken(generate_pair::refuses_what_it_does_not_make, Fault::MakesAnyLength);
    broken(generate_pair::makes_another_pair_each_time, Fault::RepeatsThePair);
}

#[test]
fn each_fault_of_a_signer_is_found() {
    let broken = |rule: fn(&SignSubject), fault| assert_broken(|| rule(&toy_sign(fault)));
    broken(sign::claims_a_key_with_its_parameters, Fault::ClaimsNothing);
    broken(sign::verifies_what_it_signed, Fault::LosesTheLastByte);
    broken(sign::verifies_what_it_signed, Fault::KeepsState);
    broken(sign::refuses_what_was_changed, Fault::IgnoresTheData);
    broken(sign::refuses_what_was_changed, Fault::IgnoresTheSignature);
    broken(sign::needs_the_same_key_to_verify, Fault::IgnoresTheKey);
    broken(sign::signs_nothing_with_a_public_key, Fault::SignsWithPublicKeys);
    broken(sign::gives_in_parts_what_it_gives_at_once, Fault::BeginsAnewInEachPart);
    broken(sign::gives_in_parts_what_it_gives_at_once, Fault::PretendsToWorkInParts);
    broken(sign::signs_a_digest_as_its_data, Fault::HashesDigestsAgain);
    broken(sign::refuses_digests_of_other_lengths, Fault::TakesAnyDigest);
    broken(sign::refuses_what_is_no_key, Fault::TakesAnyKey);
    broken(sign::never_panics_on_random_signatures, Fault::PanicsOnShortData);
    broken(sign::serves_many_threads, Fault::KeepsState);
    let pretender = SignSubject { in_parts: false, ..toy_sign(Fault::Nothing) };
    assert_broken(|| sign::gives_in_parts_what_it_gives_at_once(&pretender));
    let secretive = SignSubject { digest: None, ..toy_sign(Fault::TakesAnyDigest) };
    assert_broken(|| sign::signs_a_digest_as_its_data(&secretive));
}
