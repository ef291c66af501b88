//! Rules of [`Formats`](crate::scheme::Formats).

use claviger_kmip::Value;
use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::tables::enumerations::{KeyFormatType, ObjectType};

use super::trial_key::{TrialKey, formats_of};
use super::{ROUNDS, SeededRandom};
use crate::record::Material;
use crate::scheme::{Formats, KeyDescription, KeyPair, SchemeEntry};

/// Encodings of keys, and what they should do.
pub struct FormatsSubject {
    /// The entry.
    pub entry: SchemeEntry,
    /// Makes a pair of its keys, of one algorithm, length or curve after the other.
    pub pair: fn(&mut SeededRandom) -> KeyPair,
    /// Keys of other algorithms, each with the type of its object.
    pub strangers: fn() -> Vec<(ObjectType, Material)>,
}

impl FormatsSubject {
    fn scheme(&self) -> &'static dyn Formats {
        formats_of(&self.entry)
    }

    fn describe(&self, key: &TrialKey) -> KeyDescription {
        let recognised = self.scheme().recognise(&key.facts(), &key.material());
        recognised.unwrap().unwrap_or_else(|| panic!("its key is recognised in {:?}", key.format))
    }

    fn convert(&self, key: &TrialKey, to: KeyFormatType) -> TrialKey {
        let value = self.scheme().convert(&key.facts(), &key.material(), to.into());
        key.with(to, value.unwrap_or_else(|error| panic!("from {:?} to {to:?}: {error}", key.format)))
    }

    fn formats(&self, key: &TrialKey) -> &'static [KeyFormatType] {
        self.scheme().formats(&key.facts())
    }

    /// Tries a rule with both keys of several pairs.
    fn each(&self, rule: impl FnMut([TrialKey; 2], &mut SeededRandom)) {
        self.some(ROUNDS, rule);
    }

    fn some(&self, rounds: u64, mut rule: impl FnMut([TrialKey; 2], &mut SeededRandom)) {
        for round in 0..rounds {
            let mut rng = SeededRandom::new(round);
            let keys = TrialKey::both(&(self.pair)(&mut rng)).map(|key| {
                let description = self.describe(&key);
                key.described(&description)
            });
            rule(keys, &mut rng);
        }
    }
}

/// The rules.
#[allow(missing_docs)] // each is a sentence
pub mod rules {
    use claviger_kmip::tables::enumerations::ResultReason;

    use super::*;
    use crate::random::RandomSource;

    pub fn claims_its_keys(subject: &FormatsSubject) {
        subject.each(|keys, _| {
            for key in keys {
                assert!((subject.entry.claims)(&key.facts(), &CryptographicParameters::NONE));
            }
        });
    }

    pub fn recognises_its_keys(subject: &FormatsSubject) {
        subject.each(|keys, _| {
            let [private, public] = &keys;
            for key in &keys {
                let description = subject.describe(key);
                assert_eq!(description.object_type, key.object_type);
                assert!(subject.entry.algorithms.contains(&description.algorithm));
                assert!(description.length > 0);
            }
            let [private, public] = [private, public].map(|key| subject.describe(key));
            assert_eq!(KeyDescription { object_type: ObjectType::PUBLIC_KEY, ..private }, public);
        });
    }

    pub fn recognises_no_others(subject: &FormatsSubject) {
        for (object_type, material) in (subject.strangers)() {
            let pair = (subject.pair)(&mut SeededRandom::new(1));
            for key in TrialKey::both(&pair).iter().filter(|key| key.object_type == object_type) {
                let recognised = subject.scheme().recognise(&key.facts(), &material);
                assert_eq!(recognised.unwrap(), None, "a stranger in {:?}", material.format());
                let error = subject.scheme().convert(&key.facts(), &material, key.format.into());
                assert_eq!(error.unwrap_err().reason(), ResultReason::CRYPTOGRAPHIC_FAILURE);
            }
        }
    }

    pub fn has_each_format_once(subject: &FormatsSubject) {
        subject.each(|keys, _| {
            for key in keys {
                let mut formats = subject.formats(&key).to_vec();
                assert!(!formats.is_empty(), "there is a usual format");
                formats.sort();
                formats.dedup();
                assert_eq!(formats.len(), subject.formats(&key).len(), "no format stands twice");
            }
        });
    }

    pub fn converts_every_format_to_every_other_and_back(subject: &FormatsSubject) {
        subject.each(|keys, _| {
            for key in keys {
                let description = subject.describe(&key);
                for from in subject.formats(&key) {
                    let from = subject.convert(&key, *from);
                    assert_eq!(subject.describe(&from), description, "as {:?}", from.format);
                    for to in subject.formats(&key) {
                        let to = subject.convert(&from, *to);
                        assert_eq!(subject.describe(&to), description, "as {:?}", to.format);
                        let back = subject.convert(&to, from.format);
                        assert!(back.value == from.value, "{:?} by way of {:?}", from.format, to.format);
                    }
                }
            }
        });
    }

    pub fn gives_the_public_key_whatever_the_format(subject: &FormatsSubject) {
        subject.each(|[private, public], _| {
            let usual = subject.formats(&public)[0];
            let expected = subject.convert(&public, usual);
            for format in subject.formats(&private) {
                let private = subject.convert(&private, *format);
                let block = subject.scheme().public_key(&private.facts(), &private.material()).unwrap();
                let given = TrialKey::new(ObjectType::PUBLIC_KEY, &block);
                assert_eq!(given.format, usual, "the usual format");
                assert!(given.value == expected.value, "the public key of the pair");
                let facts = (given.facts().algorithm, given.facts().length);
                assert_eq!(facts, (public.facts().algorithm, public.facts().length));
            }
        });
    }

    pub fn gives_no_public_key_of_a_public_key(subject: &FormatsSubject) {
        subject.each(|[_, public], _| {
            let error = subject.scheme().public_key(&public.facts(), &public.material());
            assert_eq!(error.unwrap_err().reason(), ResultReason::CRYPTOGRAPHIC_FAILURE);
        });
    }

    pub fn refuses_other_formats(subject: &FormatsSubject) {
        subject.each(|keys, _| {
            for key in keys {
                let known = subject.formats(&key);
                let other = |format: &KeyFormatType| !known.contains(format);
                for format in (0..=0x1A).map(KeyFormatType).chain([KeyFormatType(u32::MAX)]).filter(other) {
                    let error = subject.scheme().convert(&key.facts(), &key.material(), format.into());
                    let reason = error.expect_err("there is no such format").reason();
                    assert_eq!(reason, ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED, "{format:?}");
                }
            }
        });
    }

    pub fn refuses_material_of_another_type(subject: &FormatsSubject) {
        subject.each(|keys, _| {
            for key in keys {
                for format in subject.formats(&key) {
                    for value in
                        [Value::Integer(1), Value::TextString("key".into()), Value::Structure(vec![])]
                    {
                        let material = Material::new(*format, value);
                        assert!(!matches!(subject.scheme().recognise(&key.facts(), &material), Ok(Some(_))));
                        assert!(subject.scheme().convert(&key.facts(), &material, (*format).into()).is_err());
                        assert!(subject.scheme().public_key(&key.facts(), &material).is_err());
                    }
                }
            }
        });
    }

    pub fn never_panics_on_damaged_material(subject: &FormatsSubject) {
        subject.some(3, |keys, rng| {
            for key in keys {
                for format in subject.formats(&key) {
                    let encoded = subject.convert(&key, *format);
                    let Value::ByteString(bytes) = &encoded.value else { continue };
                    let ends = (0..bytes.len()).step_by(1 + bytes.len() / 60);
                    let mut damaged: Vec<Vec<u8>> = ends.map(|end| bytes[..end].to_vec()).collect();
                    damaged.push([&bytes[..], &[0]].concat());
                    for _ in 0..40 {
                        damaged.push(super::super::changed(bytes, rng));
                        let length = rng.below(200);
                        damaged.push(rng.bytes(length).to_vec());
                    }
                    for bytes in damaged {
                        // Whatever comes of it; that it returns is the rule.
                        let material = encoded.replaced(&bytes);
                        let _ = subject.scheme().recognise(&encoded.facts(), &material);
                        let _ = subject.scheme().public_key(&encoded.facts(), &material);
                        let to = *rng.pick(subject.formats(&key));
                        let _ = subject.scheme().convert(&encoded.facts(), &material, to.into());
                    }
                }
            }
        });
    }
}
