//! A scheme that keeps every rule, and the same scheme with one fault at a time, which proves that the rule notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use claviger_kmip::attributes::{Attributes, kinds};
use claviger_kmip::objects::{CryptographicParameters, KeyBlock, KeyValue, PlainKeyValue};
use claviger_kmip::tables::enumerations::{
    BlockCipherMode, CryptographicAlgorithm, KeyFormatType, ResultReason,
};
use claviger_kmip::{ByteString, Tag, Ttlv, Value};

use super::rules::{cipher, generate, mac, wrap};
use super::{
    Authenticity, CipherSubject, GenerateSubject, MacSubject, NonceLengths, SeededRandom, WrapSubject,
};
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
    LosesTheLastByte,
    RepeatsItsNonce,
    DrawsItsOwnRandomness,
    IgnoresRandomIv,
    TakesAnyNonce,
    AssumesANonce,
    TakesAnyData,
    IgnoresTheKey,
    IgnoresTheTag,
    WantsTheTagApart,
    IgnoresAdditionalData,
    BeginsAnewInEachPart,
    ReleasesEarly,
    PretendsToWorkInParts,
    TakesAnyKey,
    PanicsOnShortData,
    KeepsState,
    MakesOtherLengths,
    NamesNoLength,
    MakesRawOnly,
}

/// Encrypts by adding numbers that follow from key and nonce; its tag follows from all of them. Not a cipher.
#[derive(Clone, Copy)]
struct Toy {
    fault: Fault,
    tag: bool,
    in_parts: bool,
    /// Whether its MACs begin with a nonce.
    nonce_in_mac: bool,
}

struct ToyKey {
    toy: Toy,
    key: Vec<u8>,
    calls: AtomicU64,
}

static OWN_RANDOMNESS: AtomicU64 = AtomicU64::new(0);

/// FNV-1a over the parts, each with its length.
pub(super) fn hash(parts: &[&[u8]]) -> u64 {
    let mut hash: u64 = 0xCBF2_9CE4_8422_2325;
    for part in parts {
        for byte in part.iter().copied().chain(part.len().to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
    hash
}

impl Toy {
    fn is(self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn bad(reason: ResultReason) -> Error {
        Error::new(reason, ErrorClass::Request, "the toy refuses this")
    }

    fn key(self, material: &Material) -> Result<ToyKey> {
        let key = material.symmetric_key()?.to_vec();
        if key.len() != 16 && !self.is(Fault::TakesAnyKey) {
            return Err(Error::cryptographic("the toy takes keys of 16 bytes"));
        }
        let key = if self.is(Fault::IgnoresTheKey) { vec![0; 16] } else { key };
        Ok(ToyKey { toy: self, key, calls: AtomicU64::new(0) })
    }
}

impl ToyKey {
    fn keystream(&self, nonce: &[u8], data: &[u8]) -> Vec<u8> {
        let calls = self.calls.fetch_add(1, Ordering::SeqCst);
        let state = if self.toy.is(Fault::KeepsState) { calls.to_le_bytes() } else { [0; 8] };
        let mut stream = SeededRandom::new(hash(&[&self.key, nonce, &state]));
        data.iter().map(|byte| byte ^ stream.next_u64() as u8).collect()
    }

    fn tag(&self, nonce: &[u8], additional_data: &[u8], data: &[u8]) -> Vec<u8> {
        let bytes = |salt: &[u8]| hash(&[salt, &self.key, nonce, additional_data, data]).to_be_bytes();
        [bytes(b"1"), bytes(b"2")].concat()
    }

    fn check_nonce<'a>(&self, nonce: Option<&'a [u8]>) -> Result<&'a [u8]> {
        match nonce {
            Some(nonce) if nonce.len() == 12 || self.toy.is(Fault::TakesAnyNonce) => Ok(nonce),
            Some(_) => Err(Toy::bad(ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS)),
            None if self.toy.is(Fault::AssumesANonce) => Ok(&[0; 12]),
            None => Err(Toy::bad(ResultReason::INVALID_MESSAGE)),
        }
    }

    fn nonce(&self, input: &CipherInput<'_>, rng: &mut dyn RandomSource) -> Result<(Vec<u8>, bool)> {
        if let Some(nonce) = input.nonce {
            return Ok((self.check_nonce(Some(nonce))?.to_vec(), false));
        }
        if input.parameters.random_iv == Some(false) && !self.toy.is(Fault::IgnoresRandomIv) {
            return Err(Toy::bad(ResultReason::INVALID_MESSAGE));
        }
        let mut nonce = vec![0; 12];
        match self.toy.fault {
            Fault::RepeatsItsNonce => {}
            Fault::DrawsItsOwnRandomness => {
                nonce[..8].copy_from_slice(&OWN_RANDOMNESS.fetch_add(1, Ordering::SeqCst).to_le_bytes());
            }
            _ => rng.fill(&mut nonce),
        }
        Ok((nonce, true))
    }

    fn check_authentication(&self, input: &CipherInput<'_>) -> Result<()> {
        let asked = !input.additional_data.is_empty() || input.tag.is_some_and(|tag| !tag.is_empty());
        if !self.toy.tag && asked && !self.toy.is(Fault::IgnoresAdditionalData) {
            return Err(Toy::bad(ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS));
        }
        Ok(())
    }

    fn check_length(&self, length: usize) -> Result<()> {
        if !length.is_multiple_of(4) && !self.toy.is(Fault::TakesAnyData) {
            return Err(Toy::bad(ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS));
        }
        Ok(())
    }
}

impl CipherScheme for Toy {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn CipherKey>> {
        Ok(Arc::new(self.key(material)?))
    }
}

impl CipherKey for ToyKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn encrypt(&self, input: CipherInput<'_>, rng: &mut dyn RandomSource) -> Result<Encrypted> {
        self.check_authentication(&input)?;
        self.check_length(input.data.len())?;
        let (nonce, made) = self.nonce(&input, rng)?;
        let data = self.keystream(&nonce, input.data);
        let tag = self.toy.tag.then(|| self.tag(&nonce, input.additional_data, &data).into());
        Ok(Encrypted { data: data.into(), nonce: made.then(|| nonce.into()), tag })
    }

    fn decrypt(&self, input: CipherInput<'_>) -> Result<ByteString> {
        self.check_authentication(&input)?;
        let nonce = self.check_nonce(input.nonce)?;
        let mut data = input.data;
        if self.toy.tag {
            let tag = match input.tag {
                Some(tag) => tag,
                None if self.toy.is(Fault::PanicsOnShortData) => data.split_off(data.len() - 16..).unwrap(),
                None => {
                    let joined = !self.toy.is(Fault::WantsTheTagApart) && data.len() >= 16;
                    let (front, tag) = data.split_at(if joined { data.len() - 16 } else { data.len() });
                    data = front;
                    tag
                }
            };
            if tag != self.tag(nonce, input.additional_data, data) && !self.toy.is(Fault::IgnoresTheTag) {
                return Err(Error::cryptographic("the toy does not believe the tag"));
            }
        }
        let mut plain = self.keystream(nonce, data);
        if self.toy.is(Fault::LosesTheLastByte) {
            plain.pop();
        }
        Ok(plain.into())
    }

    fn encrypt_in_parts(
        &self,
        input: CipherInput<'_>,
        rng: &mut dyn RandomSource,
    ) -> Result<(Box<dyn CipherStream>, Option<ByteString>)> {
        if !self.toy.in_parts && !self.toy.is(Fault::PretendsToWorkInParts) {
            return Err(Error::unsupported("not in parts"));
        }
        let (nonce, made) = self.nonce(&input, rng)?;
        let stream = self.stream(&input, nonce.clone(), false);
        Ok((Box::new(stream), made.then(|| nonce.into())))
    }

    fn decrypt_in_parts(&self, input: CipherInput<'_>) -> Result<Box<dyn CipherStream>> {
        if !self.toy.in_parts && !self.toy.is(Fault::PretendsToWorkInParts) {
            return Err(Error::unsupported("not in parts"));
        }
        let nonce = self.check_nonce(input.nonce)?.to_vec();
        Ok(Box::new(self.stream(&input, nonce, true)))
    }
}

/// Collects everything and works at the end, or in each part if that is its fault.
struct ToyStream {
    key: ToyKey,
    nonce: Vec<u8>,
    additional_data: Vec<u8>,
    tag: Option<Vec<u8>>,
    data: Vec<u8>,
    decrypts: bool,
}

impl ToyKey {
    fn stream(&self, input: &CipherInput<'_>, nonce: Vec<u8>, decrypts: bool) -> ToyStream {
        ToyStream {
            key: ToyKey { toy: self.toy, key: self.key.clone(), calls: AtomicU64::new(0) },
            nonce,
            additional_data: input.additional_data.to_vec(),
            tag: input.tag.map(<[u8]>::to_vec),
            data: Vec::new(),
            decrypts,
        }
    }
}

impl CipherStream for ToyStream {
    fn update(&mut self, part: &[u8]) -> Result<ByteString> {
        self.data.extend_from_slice(part);
        let early = self.key.toy.is(Fault::BeginsAnewInEachPart)
            || (self.decrypts && self.key.toy.is(Fault::ReleasesEarly));
        Ok(if early { self.key.keystream(&self.nonce, part).into() } else { ByteString::default() })
    }

    fn expect_tag(&mut self, tag: &[u8]) {
        self.tag = Some(tag.to_vec());
    }

    fn finish(self: Box<Self>) -> Result<(ByteString, Option<ByteString>)> {
        if self.key.toy.is(Fault::BeginsAnewInEachPart) {
            return Ok((ByteString::default(), None));
        }
        let input = CipherInput {
            parameters: &CryptographicParameters::NONE,
            data: &self.data,
            nonce: Some(&self.nonce),
            additional_data: &self.additional_data,
            tag: self.tag.as_deref(),
        };
        if self.decrypts {
            return Ok((self.key.decrypt(input)?, None));
        }
        let encrypted = self.key.encrypt(input, &mut SeededRandom::new(0))?;
        Ok((encrypted.data, encrypted.tag))
    }
}

impl WrapScheme for Toy {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn WrapKey>> {
        Ok(Arc::new(self.key(material)?))
    }
}

impl WrapKey for ToyKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn wrap(
        &self,
        plain: &[u8],
        parameters: &CryptographicParameters,
        rng: &mut dyn RandomSource,
    ) -> Result<Wrapped> {
        let input = CipherInput { parameters, data: plain, nonce: None, additional_data: &[], tag: None };
        let encrypted = self.encrypt(input, rng)?;
        let data = [&encrypted.data[..], &encrypted.tag.unwrap_or_default()].concat();
        Ok(Wrapped { data: data.into(), nonce: encrypted.nonce })
    }

    fn unwrap(
        &self,
        wrapped: &[u8],
        parameters: &CryptographicParameters,
        nonce: Option<&[u8]>,
    ) -> Result<ByteString> {
        self.decrypt(CipherInput { parameters, data: wrapped, nonce, additional_data: &[], tag: None })
    }
}

impl MacScheme for Toy {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn MacKey>> {
        Ok(Arc::new(self.key(material)?))
    }
}

impl MacKey for ToyKey {
    fn mac(
        &self,
        data: &[u8],
        parameters: &CryptographicParameters,
        rng: &mut dyn RandomSource,
    ) -> Result<ByteString> {
        let nonce = if self.toy.nonce_in_mac {
            let none = CipherInput { parameters, data: &[], nonce: None, additional_data: &[], tag: None };
            self.nonce(&none, rng)?.0
        } else {
            Vec::new()
        };
        let mut mac = self.mac_with(&nonce, data);
        if self.toy.is(Fault::LosesTheLastByte) {
            mac.pop();
        }
        Ok(mac.into())
    }

    fn verify(&self, data: &[u8], mac: &[u8], _: &CryptographicParameters) -> Result<bool> {
        let nonce = if self.toy.nonce_in_mac { mac.get(..12).unwrap_or_default() } else { &[] };
        Ok(self.toy.is(Fault::IgnoresTheTag) || self.mac_with(nonce, data) == mac)
    }

    fn in_parts(&self, parameters: &CryptographicParameters) -> Result<Box<dyn MacStream>> {
        let key = Self { toy: self.toy, key: self.key.clone(), calls: AtomicU64::new(0) };
        Ok(Box::new(ToyMacStream { key, parameters: parameters.clone(), data: Vec::new() }))
    }
}

impl ToyKey {
    fn mac_with(&self, nonce: &[u8], data: &[u8]) -> Vec<u8> {
        let calls = self.calls.fetch_add(1, Ordering::SeqCst);
        let state = if self.toy.is(Fault::KeepsState) { calls.to_le_bytes() } else { [0; 8] };
        [nonce, &self.tag(nonce, &state, data)].concat()
    }
}

/// Collects everything and works at the end, on the last part alone if that is its fault.
struct ToyMacStream {
    key: ToyKey,
    parameters: CryptographicParameters,
    data: Vec<u8>,
}

impl MacStream for ToyMacStream {
    fn update(&mut self, part: &[u8]) -> Result<()> {
        if self.key.toy.is(Fault::BeginsAnewInEachPart) {
            self.data.clear();
        }
        self.data.extend_from_slice(part);
        Ok(())
    }

    fn finish(self: Box<Self>, rng: &mut dyn RandomSource) -> Result<ByteString> {
        self.key.mac(&self.data, &self.parameters, rng)
    }

    fn verify(self: Box<Self>, mac: &[u8]) -> Result<bool> {
        self.key.verify(&self.data, mac, &self.parameters)
    }
}

impl Generate for Toy {
    fn generate(&self, template: &Attributes, rng: &mut dyn RandomSource) -> Result<KeyBlock> {
        let bits = template.one::<kinds::CryptographicLength>().unwrap_or(128);
        if bits != 128 && !self.is(Fault::MakesOtherLengths) {
            return Err(Toy::bad(ResultReason::INVALID_ATTRIBUTE_VALUE));
        }
        let format = template.one::<kinds::KeyFormatType>().unwrap_or(KeyFormatType::RAW);
        let mut key = match self.fault {
            Fault::RepeatsItsNonce => (0..16).collect::<Vec<u8>>().into(),
            Fault::DrawsItsOwnRandomness => {
                SeededRandom::new(OWN_RANDOMNESS.fetch_add(1, Ordering::SeqCst)).bytes(16)
            }
            _ => rng.bytes(16),
        };
        if self.is(Fault::LosesTheLastByte) {
            key = key[1..].into();
        }
        let key_material = match format {
            KeyFormatType::TRANSPARENT_SYMMETRIC_KEY if !self.is(Fault::MakesRawOnly) => {
                Value::Structure(vec![Ttlv::new(Tag::KEY, Value::ByteString(key))])
            }
            KeyFormatType::RAW | KeyFormatType::TRANSPARENT_SYMMETRIC_KEY => Value::ByteString(key),
            _ => return Err(Toy::bad(ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED)),
        };
        Ok(KeyBlock {
            key_format_type: format,
            key_compression_type: None,
            key_value: Some(KeyValue::Plain(PlainKeyValue { key_material, attributes: None })),
            cryptographic_algorithm: Some(CryptographicAlgorithm::AES),
            cryptographic_length: (!self.is(Fault::NamesNoLength)).then_some(128),
            key_wrapping_data: None,
        })
    }
}

fn entry(fault: Fault, scheme: Scheme) -> SchemeEntry {
    let claims: fn(&crate::record::KeyFacts<'_>, &CryptographicParameters) -> bool =
        if fault == Fault::ClaimsNothing { |_, _| false } else { |_, _| true };
    SchemeEntry {
        name: "toy",
        algorithms: &[CryptographicAlgorithm::AES],
        claims,
        effective: SchemeEntry::as_asked,
        scheme,
    }
}

fn toy(fault: Fault, tag: bool, in_parts: bool) -> &'static Toy {
    Box::leak(Box::new(Toy { fault, tag, in_parts, nonce_in_mac: false }))
}

fn toy_cipher(fault: Fault, tag: bool, in_parts: bool) -> CipherSubject {
    CipherSubject {
        entry: entry(fault, Scheme::Cipher(toy(fault, tag, in_parts))),
        key_lengths: &[16],
        parameters: CryptographicParameters::NONE,
        nonces: Some(NonceLengths { made: 12, fits: |length| length == 12 }),
        encrypts: |length| length % 4 == 0,
        authenticity: if tag { Authenticity::Tag } else { Authenticity::None },
        in_parts,
    }
}

fn toy_wrap(fault: Fault) -> WrapSubject {
    WrapSubject {
        entry: entry(fault, Scheme::Wrap(toy(fault, true, false))),
        key_lengths: &[16],
        parameters: CryptographicParameters::NONE,
        wraps: |length| length % 4 == 0,
    }
}

fn toy_mac(fault: Fault, has_nonce: bool) -> MacSubject {
    let toy = Toy { nonce_in_mac: has_nonce, ..*toy(fault, true, false) };
    MacSubject {
        entry: entry(fault, Scheme::Mac(Box::leak(Box::new(toy)))),
        key_lengths: &[16],
        refused_key_lengths: &[0, 15, 17],
        parameters: CryptographicParameters::NONE,
        length: if has_nonce { 28 } else { 16 },
        has_nonce,
    }
}

fn toy_generate(fault: Fault) -> GenerateSubject {
    GenerateSubject {
        entry: entry(fault, Scheme::Generate(toy(fault, false, false))),
        lengths: &[(128, 16)],
        usual: 128,
        refused: &[64, 192],
    }
}

crate::scheme_conformance!(cipher a_sound_cipher_with_tags: toy_cipher(Fault::Nothing, true, true));
crate::scheme_conformance!(cipher a_sound_cipher_without_tags: toy_cipher(Fault::Nothing, false, true));
crate::scheme_conformance!(cipher a_sound_cipher_without_parts: toy_cipher(Fault::Nothing, true, false));
crate::scheme_conformance!(wrap a_sound_wrap: toy_wrap(Fault::Nothing));
crate::scheme_conformance!(mac a_sound_mac: toy_mac(Fault::Nothing, false));
crate::scheme_conformance!(mac a_sound_mac_with_a_nonce: toy_mac(Fault::Nothing, true));
crate::scheme_conformance!(generate a_sound_generator: toy_generate(Fault::Nothing));

#[test]
fn each_fault_of_a_cipher_is_found() {
    let broken = |rule: fn(&CipherSubject), fault| {
        // Tags hide some faults and show others: the rule must find it in one of both.
        assert_broken(|| {
            rule(&toy_cipher(fault, true, true));
            rule(&toy_cipher(fault, false, true));
        });
    };
    broken(cipher::claims_a_key_with_its_parameters, Fault::ClaimsNothing);
    broken(cipher::decrypts_what_it_encrypted, Fault::LosesTheLastByte);
    broken(cipher::makes_a_fresh_nonce_where_the_client_gives_none, Fault::RepeatsItsNonce);
    broken(cipher::takes_randomness_from_nowhere_else, Fault::DrawsItsOwnRandomness);
    broken(cipher::makes_no_nonce_where_random_iv_is_false, Fault::IgnoresRandomIv);
    broken(cipher::refuses_nonces_of_other_lengths, Fault::TakesAnyNonce);
    broken(cipher::needs_the_nonce_to_decrypt, Fault::AssumesANonce);
    broken(cipher::refuses_data_of_other_lengths, Fault::TakesAnyData);
    broken(cipher::needs_the_same_key_and_nonce_to_decrypt, Fault::IgnoresTheKey);
    broken(cipher::refuses_what_was_changed, Fault::IgnoresTheTag);
    broken(cipher::takes_the_tag_at_the_end_of_the_data, Fault::WantsTheTagApart);
    broken(cipher::refuses_to_authenticate_where_it_cannot, Fault::IgnoresAdditionalData);
    broken(cipher::gives_in_parts_what_it_gives_at_once, Fault::BeginsAnewInEachPart);
    broken(cipher::releases_nothing_before_the_end_is_authentic, Fault::ReleasesEarly);
    broken(cipher::refuses_keys_of_other_lengths, Fault::TakesAnyKey);
    broken(cipher::never_panics_on_random_ciphertexts, Fault::PanicsOnShortData);
    broken(cipher::serves_many_threads, Fault::KeepsState);
    let pretender = toy_cipher(Fault::PretendsToWorkInParts, true, false);
    assert_broken(|| cipher::says_that_it_needs_all_data_at_once(&pretender));
}

#[test]
fn each_fault_of_a_wrap_is_found() {
    let broken = |rule: fn(&WrapSubject), fault| assert_broken(|| rule(&toy_wrap(fault)));
    broken(wrap::claims_a_key_with_its_parameters, Fault::ClaimsNothing);
    broken(wrap::unwraps_what_it_wrapped, Fault::LosesTheLastByte);
    broken(wrap::takes_randomness_from_nowhere_else, Fault::DrawsItsOwnRandomness);
    broken(wrap::refuses_what_was_changed, Fault::IgnoresTheTag);
    broken(wrap::needs_the_same_key_to_unwrap, Fault::IgnoresTheKey);
    broken(wrap::refuses_data_of_other_lengths, Fault::TakesAnyData);
    broken(wrap::refuses_keys_of_other_lengths, Fault::TakesAnyKey);
    broken(wrap::never_panics_on_random_data, Fault::PanicsOnShortData);
}

#[test]
fn each_fault_of_a_mac_is_found() {
    let broken = |rule: fn(&MacSubject), fault| {
        assert_broken(|| rule(&toy_mac(fault, false)));
        assert_broken(|| rule(&toy_mac(fault, true)));
    };
    broken(mac::claims_a_key_with_its_parameters, Fault::ClaimsNothing);
    broken(mac::verifies_what_it_made, Fault::LosesTheLastByte);
    broken(mac::refuses_what_was_changed, Fault::IgnoresTheTag);
    broken(mac::needs_the_same_key_to_verify, Fault::IgnoresTheKey);
    broken(mac::is_made_of_key_data_and_nonce_alone, Fault::KeepsState);
    broken(mac::gives_in_parts_what_it_gives_at_once, Fault::BeginsAnewInEachPart);
    broken(mac::refuses_in_parts_what_was_changed, Fault::IgnoresTheTag);
    broken(mac::refuses_keys_of_other_lengths, Fault::TakesAnyKey);
    for fault in [Fault::RepeatsItsNonce, Fault::DrawsItsOwnRandomness] {
        assert_broken(|| mac::is_made_of_key_data_and_nonce_alone(&toy_mac(fault, true)));
    }
}

#[test]
fn each_fault_of_a_generator_is_found() {
    let broken = |rule: fn(&GenerateSubject), fault| assert_broken(|| rule(&toy_generate(fault)));
    broken(generate::claims_a_key_with_its_parameters, Fault::ClaimsNothing);
    broken(generate::makes_keys_of_the_lengths_asked_for, Fault::LosesTheLastByte);
    broken(generate::makes_keys_of_the_usual_length_where_none_is_asked_for, Fault::NamesNoLength);
    broken(generate::refuses_other_lengths, Fault::MakesOtherLengths);
    broken(generate::makes_another_key_each_time, Fault::RepeatsItsNonce);
    broken(generate::takes_randomness_from_nowhere_else, Fault::DrawsItsOwnRandomness);
    broken(generate::makes_both_formats_of_symmetric_keys_and_no_other, Fault::MakesRawOnly);
}

#[test]
fn overlapping_claims_are_found_whatever_parameter_they_share() {
    let claim = |claims| SchemeEntry {
        claims,
        ..entry(Fault::Nothing, Scheme::Cipher(toy(Fault::Nothing, true, true)))
    };
    let gcm = claim(|_, parameters| parameters.block_cipher_mode == Some(BlockCipherMode::GCM));
    let long = claim(|facts, _| facts.length == Some(512));
    let none = claim(|_, parameters| parameters.block_cipher_mode.is_none());
    super::claims_do_not_overlap([&gcm, &none]);
    assert_broken(|| super::claims_do_not_overlap([&gcm, &none, &long]));
    let elsewhere = SchemeEntry { algorithms: &[CryptographicAlgorithm::CHACHA20], ..claim(|_, _| true) };
    super::claims_do_not_overlap([&gcm, &elsewhere]);
    let of_any_key = SchemeEntry { algorithms: &[], ..claim(|_, _| true) };
    assert_broken(|| super::claims_do_not_overlap([&elsewhere, &of_any_key]));
}
