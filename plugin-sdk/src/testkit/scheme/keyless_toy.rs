//! Toys of the schemes that work without a prepared key, sound or with one fault at a time, which proves that the rules
//! of their suites notice.

use std::sync::atomic::{AtomicU64, Ordering};

use claviger_kmip::ByteString;
use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::payloads::DerivationParameters;
use claviger_kmip::tables::enumerations::{DerivationMethod, ObjectType, ResultReason, SplitKeyMethod};

use super::rules::{derive, digest, split};
use super::toy::hash;
use super::{DeriveSubject, DigestSubject, SeededRandom, SplitSubject, base_key};
use crate::error::{Error, ErrorClass, Result};
use crate::random::RandomSource;
use crate::record::KeyFacts;
use crate::scheme::*;
use crate::testkit::assert_broken;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Nothing,
    ClaimsNothing,
    LosesTheLastByte,
    KeepsState,
    IgnoresTheKey,
    IgnoresTheData,
    BeginsAnewInEachPart,
    GivesAnyLength,
    NeedsNoKey,
    TakesAnyParameters,
    PanicsOnShortData,
    ForgetsAPart,
    CountsSharesItself,
    TakesTooFewShares,
    DrawsItsOwnRandomness,
    LeaksTheSecret,
    TakesAnyPlan,
    TakesNoSecret,
    TakesAnyShares,
}

#[derive(Clone, Copy)]
struct Toy(Fault);

static CALLS: AtomicU64 = AtomicU64::new(0);

impl Toy {
    fn is(self, fault: Fault) -> bool {
        self.0 == fault
    }

    fn state(self) -> [u8; 8] {
        let calls = CALLS.fetch_add(1, Ordering::SeqCst);
        if self.is(Fault::KeepsState) { calls.to_le_bytes() } else { [0; 8] }
    }

    fn invalid() -> Error {
        Error::new(ResultReason::INVALID_FIELD, ErrorClass::Request, "the toy refuses this")
    }
}

impl DigestScheme for Toy {
    fn digest(&self, data: &[u8], _: &CryptographicParameters) -> Result<ByteString> {
        let data = if self.is(Fault::IgnoresTheData) { &[] } else { data };
        let digest = hash(&[&self.state(), data]).to_be_bytes();
        Ok(digest[usize::from(self.is(Fault::LosesTheLastByte))..].into())
    }

    fn in_parts(&self, parameters: &CryptographicParameters) -> Result<Box<dyn DigestStream>> {
        Ok(Box::new(ToyDigestStream { toy: *self, parameters: parameters.clone(), data: Vec::new() }))
    }
}

/// Collects everything and works at the end, on the last part alone if that is its fault.
struct ToyDigestStream {
    toy: Toy,
    parameters: CryptographicParameters,
    data: Vec<u8>,
}

impl DigestStream for ToyDigestStream {
    fn update(&mut self, part: &[u8]) -> Result<()> {
        if self.toy.is(Fault::BeginsAnewInEachPart) {
            self.data.clear();
        }
        self.data.extend_from_slice(part);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<ByteString> {
        self.toy.digest(&self.data, &self.parameters)
    }
}

/// What the toy derives at most.
const MOST: usize = 300;

impl DeriveScheme for Toy {
    fn builds_on(&self) -> Option<Capability> {
        None
    }

    fn cost(&self, _: &DeriveInput) -> Cost {
        Cost::Light
    }

    fn derive(&self, input: &DeriveInput) -> Result<ByteString> {
        let data = match &input.parameters.derivation_data[..] {
            [data] => data.to_vec(),
            _ if self.is(Fault::PanicsOnShortData) => input.parameters.derivation_data[0].to_vec(),
            _ if self.is(Fault::TakesAnyParameters) || self.is(Fault::NeedsNoKey) => Vec::new(),
            _ => return Err(Self::invalid()),
        };
        let key = match input.base.first() {
            Some(key) => key.material.symmetric_key()?.to_vec(),
            None if self.is(Fault::NeedsNoKey) => Vec::new(),
            None => return Err(Self::invalid()),
        };
        if !(1..=MOST).contains(&input.length) {
            if self.is(Fault::GivesAnyLength) {
                return Ok(ByteString::default());
            }
            return Err(Error::cryptographic("the toy gives 1 to 300 bytes"));
        }
        let key = if self.is(Fault::IgnoresTheKey) { &[] } else { &key[..] };
        let data = if self.is(Fault::IgnoresTheData) { &[] } else { &data[..] };
        let mut stream = SeededRandom::new(hash(&[key, data, &self.state()]));
        Ok(stream.bytes(input.length - usize::from(self.is(Fault::LosesTheLastByte))))
    }
}

/// Lines modulo 257, a byte of the secret each: two points tell where a line begins.
impl SplitScheme for Toy {
    fn complete(&self, plan: SplitPlan, secret: usize) -> Result<SplitPlan> {
        let possible = plan.threshold == 2 && (2..=200).contains(&plan.parts);
        let sound =
            (possible || self.is(Fault::TakesAnyPlan)) && (secret > 0 || self.is(Fault::TakesNoSecret));
        if sound { Ok(plan) } else { Err(Self::invalid()) }
    }

    fn cost(&self, _: &SplitPlan, _: usize) -> Cost {
        Cost::Light
    }

    fn split(&self, secret: &[u8], plan: &SplitPlan, rng: &mut dyn RandomSource) -> Result<Vec<ByteString>> {
        self.complete(plan.clone(), secret.len())?;
        let slopes: Vec<u8> = match self.0 {
            Fault::LeaksTheSecret => vec![0; secret.len()],
            Fault::DrawsItsOwnRandomness => {
                SeededRandom::new(CALLS.fetch_add(1, Ordering::SeqCst)).bytes(secret.len()).to_vec()
            }
            _ => rng.bytes(secret.len()).to_vec(),
        };
        let parts = plan.parts.min(300) - u32::from(self.is(Fault::ForgetsAPart));
        let point = |x: u32| {
            let line = secret.iter().zip(&slopes);
            line.flat_map(|(start, slope)| {
                (((u32::from(*start) + x * u32::from(*slope)) % 257) as u16).to_be_bytes()
            })
            .collect::<Vec<u8>>()
        };
        Ok((1..=parts).map(|x| point(x).into()).collect())
    }

    fn join(&self, shares: &[Share], plan: &SplitPlan) -> Result<ByteString> {
        let [one, other, ..] = shares else {
            let few = shares.first().filter(|_| self.is(Fault::TakesTooFewShares));
            return few
                .map(|share| share.value.clone())
                .ok_or_else(|| Error::cryptographic("too few shares"));
        };
        if self.is(Fault::PanicsOnShortData) {
            drop(one.value[..2].to_vec());
        }
        let mut points = [(one.identifier, &one.value), (other.identifier, &other.value)];
        let sound = points.iter().all(|(x, y)| (1..=plan.parts).contains(x) && !y.is_empty())
            && one.value.len() == other.value.len()
            && one.identifier != other.identifier;
        if !sound && !self.is(Fault::TakesAnyShares) {
            return Err(Error::cryptographic("the shares do not belong together"));
        }
        if self.is(Fault::CountsSharesItself) {
            (points[0].0, points[1].0) = (1, 2);
        }
        let start = |(one, other): (&[u8], &[u8])| {
            let at = |slope: u32, x: u32, start: u32| (start + (x % 257) * slope) % 257;
            let word = |bytes: &[u8]| u32::from(bytes[0]) << 8 | u32::from(bytes[bytes.len() - 1]);
            (0..257)
                .flat_map(|slope| (0..256).map(move |start| (slope, start)))
                .find(|(slope, start)| {
                    at(*slope, points[0].0, *start) == word(one)
                        && at(*slope, points[1].0, *start) == word(other)
                })
                .map_or(0, |(_, start)| start as u8)
        };
        let secret = points[0].1.chunks(2).zip(points[1].1.chunks(2)).map(start).collect::<Vec<u8>>();
        Ok(secret.into())
    }
}

fn entry(fault: Fault, scheme: fn(&'static Toy) -> Scheme) -> SchemeEntry {
    let claims: fn(&KeyFacts<'_>, &CryptographicParameters) -> bool =
        if fault == Fault::ClaimsNothing { |_, _| false } else { |_, _| true };
    SchemeEntry {
        name: "toy",
        algorithms: &[],
        claims,
        effective: SchemeEntry::as_asked,
        scheme: scheme(Box::leak(Box::new(Toy(fault)))),
    }
}

fn toy_digest(fault: Fault) -> DigestSubject {
    let entry = entry(fault, |toy| Scheme::Digest(toy));
    DigestSubject { entry, parameters: CryptographicParameters::NONE, length: 8 }
}

fn toy_derive(fault: Fault) -> DeriveSubject {
    DeriveSubject {
        entry: entry(fault, |toy| Scheme::Derive(DerivationMethod::HMAC, toy)),
        input: |rng| DeriveInput {
            base: vec![base_key(ObjectType::SYMMETRIC_KEY, None, rng.bytes(16))],
            prepared: None,
            parameters: DerivationParameters {
                cryptographic_parameters: None,
                initialization_vector: None,
                derivation_data: vec![rng.bytes(5)],
                salt: None,
                iteration_count: None,
            },
            length: 0,
        },
        least: 1,
        most: MOST,
        counts: &[|input| input.parameters.derivation_data = vec![b"other"[..].into()]],
        refused: &[|input| input.parameters.derivation_data.clear()],
    }
}

fn toy_split(fault: Fault) -> SplitSubject {
    SplitSubject {
        entry: entry(fault, |toy| Scheme::Split(SplitKeyMethod::POLYNOMIAL_SHARING_GF_2_8, toy)),
        plans: || [2, 3, 7].map(|parts| SplitPlan { parts, threshold: 2, prime_field_size: None }).to_vec(),
        refused: || vec![SplitPlan { parts: 3, threshold: 3, prime_field_size: None }],
        lengths: &[1, 3],
    }
}

crate::scheme_conformance!(digest a_sound_hash: toy_digest(Fault::Nothing));
crate::scheme_conformance!(derive a_sound_derivation: toy_derive(Fault::Nothing));
crate::scheme_conformance!(split a_sound_split: toy_split(Fault::Nothing));

#[test]
fn each_fault_of_a_hash_is_found() {
    let broken = |rule: fn(&DigestSubject), fault| assert_broken(|| rule(&toy_digest(fault)));
    broken(digest::claims_its_parameters, Fault::ClaimsNothing);
    broken(digest::gives_digests_of_its_length, Fault::LosesTheLastByte);
    broken(digest::gives_the_same_digest_for_the_same_data, Fault::KeepsState);
    broken(digest::gives_another_digest_for_other_data, Fault::IgnoresTheData);
    broken(digest::gives_in_parts_what_it_gives_at_once, Fault::BeginsAnewInEachPart);
}

#[test]
fn each_fault_of_a_derivation_is_found() {
    let broken = |rule: fn(&DeriveSubject), fault| assert_broken(|| rule(&toy_derive(fault)));
    broken(derive::claims_its_parameters, Fault::ClaimsNothing);
    broken(derive::derives_as_many_bytes_as_are_asked_for, Fault::LosesTheLastByte);
    broken(derive::derives_the_same_from_the_same, Fault::KeepsState);
    broken(derive::derives_something_else_from_other_keys, Fault::IgnoresTheKey);
    broken(derive::every_part_of_the_input_counts, Fault::IgnoresTheData);
    broken(derive::refuses_more_and_less_than_it_gives, Fault::GivesAnyLength);
    broken(derive::refuses_to_derive_from_nothing, Fault::NeedsNoKey);
    broken(derive::refuses_what_it_cannot_honour, Fault::TakesAnyParameters);
    broken(derive::never_panics_on_random_parameters, Fault::PanicsOnShortData);
}

#[test]
fn each_fault_of_a_split_is_found() {
    let broken = |rule: fn(&SplitSubject), fault| assert_broken(|| rule(&toy_split(fault)));
    broken(split::claims_any_key, Fault::ClaimsNothing);
    broken(split::makes_a_share_for_each_part, Fault::ForgetsAPart);
    broken(split::any_threshold_of_shares_restores, Fault::CountsSharesItself);
    broken(split::refuses_fewer_shares, Fault::TakesTooFewShares);
    broken(split::takes_randomness_from_nowhere_else, Fault::DrawsItsOwnRandomness);
    broken(split::a_share_alone_tells_nothing, Fault::LeaksTheSecret);
    broken(split::refuses_impossible_plans, Fault::TakesAnyPlan);
    broken(split::refuses_a_secret_without_bytes, Fault::TakesNoSecret);
    broken(split::refuses_malformed_shares, Fault::TakesAnyShares);
    broken(split::never_panics_on_random_shares, Fault::PanicsOnShortData);
}
