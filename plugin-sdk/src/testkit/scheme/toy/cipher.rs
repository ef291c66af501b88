//! The toy as a cipher.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use claviger_kmip::ByteString;
use claviger_kmip::objects::CryptographicParameters;

use super::super::rules::cipher as rules;
use super::super::{Authenticity, CipherSubject, NonceLengths, SeededRandom};
use super::{Fault, Toy, ToyKey, entry, toy};
use crate::error::{Error, Result};
use crate::random::RandomSource;
use crate::record::{KeyFacts, Material};
use crate::scheme::*;
use crate::testkit::assert_broken;

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

crate::scheme_conformance!(cipher a_sound_cipher_with_tags: toy_cipher(Fault::Nothing, true, true));
crate::scheme_conformance!(cipher a_sound_cipher_without_tags: toy_cipher(Fault::Nothing, false, true));
crate::scheme_conformance!(cipher a_sound_cipher_without_parts: toy_cipher(Fault::Nothing, true, false));

#[test]
fn each_fault_of_a_cipher_is_found() {
    let broken = |rule: fn(&CipherSubject), fault| {
        // Tags hide some faults and show others: the rule must find it in one of both.
        assert_broken(|| {
            rule(&toy_cipher(fault, true, true));
            rule(&toy_cipher(fault, false, true));
        });
    };
    broken(rules::claims_a_key_with_its_parameters, Fault::ClaimsNothing);
    broken(rules::decrypts_what_it_encrypted, Fault::LosesTheLastByte);
    broken(rules::makes_a_fresh_nonce_where_the_client_gives_none, Fault::RepeatsItsNonce);
    broken(rules::takes_randomness_from_nowhere_else, Fault::DrawsItsOwnRandomness);
    broken(rules::makes_no_nonce_where_random_iv_is_false, Fault::IgnoresRandomIv);
    broken(rules::refuses_nonces_of_other_lengths, Fault::TakesAnyNonce);
    broken(rules::needs_the_nonce_to_decrypt, Fault::AssumesANonce);
    broken(rules::refuses_data_of_other_lengths, Fault::TakesAnyData);
    broken(rules::needs_the_same_key_and_nonce_to_decrypt, Fault::IgnoresTheKey);
    broken(rules::refuses_what_was_changed, Fault::IgnoresTheTag);
    broken(rules::takes_the_tag_at_the_end_of_the_data, Fault::WantsTheTagApart);
    broken(rules::refuses_to_authenticate_where_it_cannot, Fault::IgnoresAdditionalData);
    broken(rules::gives_in_parts_what_it_gives_at_once, Fault::BeginsAnewInEachPart);
    broken(rules::releases_nothing_before_the_end_is_authentic, Fault::ReleasesEarly);
    broken(rules::refuses_keys_of_other_lengths, Fault::TakesAnyKey);
    broken(rules::never_panics_on_random_ciphertexts, Fault::PanicsOnShortData);
    broken(rules::serves_many_threads, Fault::KeepsState);
    let pretender = toy_cipher(Fault::PretendsToWorkInParts, true, false);
    assert_broken(|| rules::says_that_it_needs_all_data_at_once(&pretender));
}
