//! The toy as a generator of keys.

use std::sync::atomic::Ordering;

use claviger_kmip::attributes::{Attributes, kinds};
use claviger_kmip::objects::{KeyBlock, KeyValue, PlainKeyValue};
use claviger_kmip::tables::enumerations::{CryptographicAlgorithm, KeyFormatType, ResultReason};
use claviger_kmip::{Tag, Ttlv, Value};

use super::super::rules::generate as rules;
use super::super::{GenerateSubject, SeededRandom};
use super::{Fault, OWN_RANDOMNESS, Toy, entry, toy};
use crate::error::Result;
use crate::random::RandomSource;
use crate::scheme::*;
use crate::testkit::assert_broken;

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

fn toy_generate(fault: Fault) -> GenerateSubject {
    GenerateSubject {
        entry: entry(fault, Scheme::Generate(toy(fault, false, false))),
        lengths: &[(128, 16)],
        usual: 128,
        refused: &[64, 192],
    }
}

crate::scheme_conformance!(generate a_sound_generator: toy_generate(Fault::Nothing));

#[test]
fn each_fault_of_a_generator_is_found() {
    let broken = |rule: fn(&GenerateSubject), fault| assert_broken(|| rule(&toy_generate(fault)));
    broken(rules::claims_a_key_with_its_parameters, Fault::ClaimsNothing);
    broken(rules::makes_keys_of_the_lengths_asked_for, Fault::LosesTheLastByte);
    broken(rules::makes_keys_of_the_usual_length_where_none_is_asked_for, Fault::NamesNoLength);
    broken(rules::refuses_other_lengths, Fault::MakesOtherLengths);
    broken(rules::makes_another_key_each_time, Fault::RepeatsItsNonce);
    broken(rules::takes_randomness_from_nowhere_else, Fault::DrawsItsOwnRandomness);
    broken(rules::makes_both_formats_of_symmetric_keys_and_no_other, Fault::MakesRawOnly);
}
