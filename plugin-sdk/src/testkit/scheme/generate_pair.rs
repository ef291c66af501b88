//! Rules of [`GeneratePair`](crate::scheme::GeneratePair).

use claviger_kmip::attributes::{Attributes, CryptographicDomainParameters, kinds};
use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::tables::enumerations::{KeyFormatType, ObjectType};

use super::SeededRandom;
use super::trial_key::{TrialKey, formats_of};
use crate::error::Result;
use crate::scheme::{Formats, GeneratePair, KeyDescription, KeyPair, PairTemplates, Scheme, SchemeEntry};

/// A scheme that makes key pairs, and what it should do.
pub struct GeneratePairSubject {
    /// The entry.
    pub entry: SchemeEntry,
    /// The entry that knows the encodings of its keys.
    pub formats: SchemeEntry,
    /// What it makes.
    pub wanted: fn() -> Vec<WantedPair>,
    /// Templates that it refuses.
    pub refused: fn() -> Vec<Attributes>,
}

/// What a template asks for.
pub struct WantedPair {
    /// The template of both keys, without a format.
    pub template: Attributes,
    /// The length that both keys then have, in bits.
    pub length: i32,
    /// The curve or the sizes that both keys then have.
    pub domain: Option<CryptographicDomainParameters>,
}

impl GeneratePairSubject {
    fn scheme(&self) -> &'static dyn GeneratePair {
        match self.entry.scheme {
            Scheme::GeneratePair(scheme) => scheme,
            _ => panic!("{} makes no pairs", self.entry.name),
        }
    }

    fn formats(&self) -> &'static dyn Formats {
        formats_of(&self.formats)
    }

    fn generate(&self, private: &Attributes, public: &Attributes, seed: u64) -> Result<KeyPair> {
        let templates = PairTemplates { private, public };
        self.scheme().cost(templates);
        self.scheme().generate_pair(templates, &mut SeededRandom::new(seed))
    }

    fn describe(&self, key: &TrialKey) -> KeyDescription {
        let recognised = self.formats().recognise(&key.facts(), &key.material());
        recognised.unwrap().expect("a new key is recognised")
    }

    /// Whether the keys are those of one pair.
    fn belong_together(&self, [private, public]: &[TrialKey; 2]) -> bool {
        let block = self.formats().public_key(&private.facts(), &private.material()).unwrap();
        let expected = TrialKey::new(ObjectType::PUBLIC_KEY, &block);
        let given = self.formats().convert(&public.facts(), &public.material(), expected.format.into());
        given.unwrap() == expected.value
    }
}

fn with_format(template: &Attributes, format: KeyFormatType) -> Attributes {
    let mut template = template.clone();
    template.put::<kinds::KeyFormatType>(format);
    template
}

/// The rules.
#[allow(missing_docs)] // each is a sentence
pub mod rules {
    use claviger_kmip::tables::enumerations::ResultReason;

    use super::*;

    pub fn claims_a_key_with_its_parameters(subject: &GeneratePairSubject) {
        let facts = super::super::facts_of_raw_key(&subject.entry, 32);
        assert!((subject.entry.claims)(&facts, &CryptographicParameters::NONE));
    }

    pub fn makes_the_keys_asked_for(subject: &GeneratePairSubject) {
        for WantedPair { template, length, domain } in (subject.wanted)() {
            let pair = subject.generate(&template, &template, 1).expect("the pair is one of its own");
            for key in TrialKey::both(&pair) {
                let algorithm = template.one::<kinds::CryptographicAlgorithm>();
                assert_eq!((key.facts().algorithm, key.facts().length), (algorithm, Some(length)));
                let description = subject.describe(&key);
                assert_eq!(description.object_type, key.object_type);
                assert_eq!(Some(description.algorithm), algorithm);
                assert_eq!((description.length, &description.domain), (length, &domain));
            }
        }
    }

    pub fn makes_keys_that_belong_together(subject: &GeneratePairSubject) {
        for WantedPair { template, .. } in (subject.wanted)() {
            let pair = subject.generate(&template, &template, 1).unwrap();
            assert!(subject.belong_together(&TrialKey::both(&pair)));
        }
    }

    pub fn makes_keys_in_each_format(subject: &GeneratePairSubject) {
        let wanted = (subject.wanted)();
        let template = &wanted[0].template;
        let usual = TrialKey::both(&subject.generate(template, template, 1).unwrap());
        let [private, public] = usual.each_ref().map(|key| subject.formats().formats(&key.facts()));
        assert_eq!(usual.each_ref().map(|key| key.format), [private[0], public[0]], "the usual formats");
        for round in 0..private.len().max(public.len()) {
            let asked = [private[round % private.len()], public[round % public.len()]];
            let [private, public] = asked.map(|format| with_format(template, format));
            let keys = TrialKey::both(&subject.generate(&private, &public, 1).unwrap());
            assert_eq!(keys.each_ref().map(|key| key.format), asked, "the formats asked for");
            assert!(subject.belong_together(&keys), "in {asked:?}");
        }
    }

    pub fn refuses_other_formats(subject: &GeneratePairSubject) {
        let wanted = (subject.wanted)();
        let template = &wanted[0].template;
        for format in [KeyFormatType::OPAQUE, KeyFormatType::PKCS_12, KeyFormatType(u32::MAX)] {
            let other = with_format(template, format);
            for (private, public) in [(&other, template), (template, &other)] {
                let error = subject.generate(private, public, 1).expect_err("there is no such format");
                assert_eq!(error.reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED, "{format:?}");
            }
        }
    }

    pub fn refuses_what_it_does_not_make(subject: &GeneratePairSubject) {
        for template in (subject.refused)() {
            let error = subject.generate(&template, &template, 1).expect_err("the template is refused");
            assert_eq!(error.reason(), ResultReason::INVALID_ATTRIBUTE_VALUE, "{error}");
        }
    }

    pub fn makes_another_pair_each_time(subject: &GeneratePairSubject) {
        let wanted = (subject.wanted)();
        let template = &wanted[0].template;
        let pair = |seed| TrialKey::both(&subject.generate(template, template, seed).unwrap());
        let ([private, public], [other_private, other_public]) = (pair(1), pair(2));
        assert!(private.value != other_private.value && public.value != other_public.value);
        assert!(!subject.belong_together(&[private, other_public]));
    }
}
