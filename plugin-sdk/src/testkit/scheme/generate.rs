//! Rules of [`Generate`](crate::scheme::Generate).

use claviger_kmip::Value;
use claviger_kmip::attributes::{Attributes, kinds};
use claviger_kmip::objects::{KeyBlock, KeyValue};
use claviger_kmip::tables::enumerations::KeyFormatType;

use super::SeededRandom;
use crate::error::Result;
use crate::record::Material;
use crate::scheme::{Generate, Scheme, SchemeEntry};

/// A scheme that makes symmetric keys, and what it should do.
pub struct GenerateSubject {
    /// The entry.
    pub entry: SchemeEntry,
    /// Lengths that it makes: the Cryptographic Length in bits, and the bytes of the key.
    pub lengths: &'static [(i32, usize)],
    /// The length where the template names none, in bits.
    pub usual: i32,
    /// Lengths that it refuses, in bits, besides those that no key can have.
    pub refused: &'static [i32],
}

impl GenerateSubject {
    fn scheme(&self) -> &'static dyn Generate {
        match self.entry.scheme {
            Scheme::Generate(scheme) => scheme,
            _ => panic!("{} does not generate keys", self.entry.name),
        }
    }

    fn template(&self, bits: Option<i32>) -> Attributes {
        let mut template = Attributes::new();
        template.put::<kinds::CryptographicAlgorithm>(self.entry.algorithms[0]);
        if let Some(bits) = bits {
            template.put::<kinds::CryptographicLength>(bits);
        }
        template
    }

    fn generate(&self, template: &Attributes, seed: u64) -> Result<KeyBlock> {
        self.scheme().generate(template, &mut SeededRandom::new(seed))
    }
}

fn material(block: &KeyBlock) -> Vec<u8> {
    let Some(KeyValue::Plain(plain)) = &block.key_value else { panic!("a new key has a plain key value") };
    let material = Material::new(block.key_format_type, plain.key_material.clone());
    material.symmetric_key().expect("a new key has material").to_vec()
}

/// The rules.
#[allow(missing_docs)] // each is a sentence
pub mod rules {
    use claviger_kmip::tables::enumerations::ResultReason;

    use super::*;

    pub fn claims_a_key_with_its_parameters(subject: &GenerateSubject) {
        let facts = super::super::facts_of_raw_key(&subject.entry, 32);
        assert!((subject.entry.claims)(&facts, &claviger_kmip::objects::CryptographicParameters::NONE));
    }

    pub fn makes_keys_of_the_lengths_asked_for(subject: &GenerateSubject) {
        for (bits, bytes) in subject.lengths {
            let block =
                subject.generate(&subject.template(Some(*bits)), 1).expect("the length is one of its own");
            assert_eq!(material(&block).len(), *bytes, "bytes of a key of {bits} bits");
            assert_eq!(block.cryptographic_length, Some(*bits));
            assert_eq!(block.cryptographic_algorithm, Some(subject.entry.algorithms[0]));
            assert_eq!(block.key_wrapping_data, None);
        }
    }

    pub fn makes_keys_of_the_usual_length_where_none_is_asked_for(subject: &GenerateSubject) {
        let block =
            subject.generate(&subject.template(None), 1).expect("a template without a length is enough");
        assert_eq!(block.cryptographic_length, Some(subject.usual));
    }

    pub fn refuses_other_lengths(subject: &GenerateSubject) {
        for bits in subject.refused.iter().copied().chain([i32::MIN, -128, -8, -1, 0, 1, 7, i32::MAX]) {
            let error =
                subject.generate(&subject.template(Some(bits)), 1).expect_err("the length is refused");
            assert_eq!(error.reason(), ResultReason::INVALID_ATTRIBUTE_VALUE, "{bits} bits: {error}");
        }
    }

    pub fn makes_another_key_each_time(subject: &GenerateSubject) {
        let mut rng = SeededRandom::new(1);
        let mut next = || {
            subject
                .scheme()
                .generate(&subject.template(None), &mut rng)
                .map(|block| material(&block))
                .unwrap()
        };
        let (one, other) = (next(), next());
        assert_ne!(one, other);
        assert!(one.iter().any(|byte| *byte != one[0]), "the key is random");
    }

    pub fn takes_randomness_from_nowhere_else(subject: &GenerateSubject) {
        let generate = |seed| subject.generate(&subject.template(None), seed).unwrap();
        assert_eq!(generate(1), generate(1));
        assert_ne!(generate(1), generate(2));
    }

    pub fn makes_both_formats_of_symmetric_keys_and_no_other(subject: &GenerateSubject) {
        let generate = |format| {
            let mut template = subject.template(None);
            template.put::<kinds::KeyFormatType>(format);
            subject.generate(&template, 1)
        };
        let raw = generate(KeyFormatType::RAW).unwrap();
        let transparent = generate(KeyFormatType::TRANSPARENT_SYMMETRIC_KEY).unwrap();
        assert_eq!(raw.key_format_type, KeyFormatType::RAW);
        assert_eq!(transparent.key_format_type, KeyFormatType::TRANSPARENT_SYMMETRIC_KEY);
        assert_eq!(material(&raw), material(&transparent));
        let is_structure = |block: &KeyBlock| matches!(&block.key_value, Some(KeyValue::Plain(plain)) if matches!(plain.key_material, Value::Structure(_)));
        assert!(is_structure(&transparent) && !is_structure(&raw));
        let error = generate(KeyFormatType::PKCS_8).expect_err("PKCS #8 is no format of symmetric keys");
        assert_eq!(error.reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
    }
}
