//! Rules of [`GenerateFrom`](crate::scheme::GenerateFrom) and [`Rekey`](crate::scheme::Rekey), which go together: the keys
//! that one makes change with what the other changes.

use std::collections::BTreeSet;

use claviger_kmip::Tag;
use claviger_kmip::attributes::{Attributes, kinds};
use claviger_kmip::objects::{CryptographicParameters, KeyBlock, KeyValue};
use claviger_kmip::tables::enumerations::ObjectType;

use super::{ROUNDS, SeededRandom};
use crate::error::Result;
use crate::record::{KeyFacts, Material, ObjectId};
use crate::scheme::{
    Change, Concerned, GenerateFrom, KeyPair, Produced, Rekey, RekeySources, Rekeyed, Scheme, SchemeEntry,
    Skipped, Source,
};

/// Schemes that make keys from a pair and change both, and what they should do.
pub struct RelatedSubject {
    /// The entry that makes keys from the private key of a pair.
    pub generate_from: SchemeEntry,
    /// The entry that changes pairs in their place.
    pub rekey: SchemeEntry,
    /// Makes a pair, another one each time.
    pub pair: fn(&mut SeededRandom) -> KeyPair,
    /// The attributes of either key of a pair, beside those that the pair brings.
    pub attributes: fn() -> Attributes,
    /// Templates of keys that any such pair issues.
    pub templates: fn() -> Vec<Attributes>,
    /// Templates that it refuses.
    pub refused: fn() -> Vec<Attributes>,
    /// What requests state that change a pair and every key that was made from it by one of the templates.
    pub changes: fn() -> Vec<Attributes>,
    /// What requests state that ask for a change that the pair does not allow.
    pub impossible: fn() -> Vec<Attributes>,
    /// What requests state that ask for no change in place.
    pub others: fn() -> Vec<Attributes>,
    /// Whether a key that was made from a pair serves together with the public key as it is now.
    pub serves: fn(key: &Source, public: &Source) -> bool,
}

/// An object as a store would hold it.
#[derive(Clone)]
struct Held {
    id: ObjectId,
    object_type: ObjectType,
    block: KeyBlock,
    attributes: Attributes,
}

impl Held {
    fn new(id: &str, object_type: ObjectType, block: KeyBlock, attributes: Attributes) -> Self {
        assert!(matches!(block.key_value, Some(KeyValue::Plain(_))), "{id} has a plain key value");
        assert_eq!(block.key_wrapping_data, None);
        assert!(block.cryptographic_length.is_some_and(|bits| bits > 0), "{id} has a length");
        let id = ObjectId::new(id).expect("an identifier");
        Self { id, object_type, block, attributes }
    }

    fn source(&self) -> Source {
        let material = Some(Material::of_block(&self.block).expect("the key is plain"));
        Source { material, ..self.wrapped() }
    }

    /// As a store would hold it if its key was wrapped.
    fn wrapped(&self) -> Source {
        Source {
            id: self.id.clone(),
            object_type: self.object_type,
            attributes: self.attributes.clone(),
            material: None,
        }
    }

    fn facts(&self) -> KeyFacts<'_> {
        KeyFacts::of(self.object_type, Some(&self.block), &self.attributes)
    }

    /// Changes it as one of these changes says; tells whether one did.
    fn take(&mut self, changes: &[Change]) -> bool {
        let Some(change) = changes.iter().find(|change| change.id == self.id) else { return false };
        put(&mut self.attributes, &change.attributes);
        if let Some(block) = &change.key {
            let (id, block) = (self.id.to_string(), block.clone());
            *self = Self::new(&id, self.object_type, block, self.attributes.clone());
        }
        true
    }
}

fn put(attributes: &mut Attributes, given: &Attributes) {
    for instance in given {
        let own = instance.tag == Tag::ATTRIBUTE || instance.tag.is_extension();
        assert!(own, "{:?} is an attribute of KMIP's own", instance.tag);
    }
    attributes.retain(|instance| !given.contains(instance.key()));
    attributes.extend(given.clone());
}

/// A pair with keys that were made from it.
#[derive(Clone)]
struct Issued {
    private: Held,
    public: Held,
    keys: Vec<Held>,
}

impl RelatedSubject {
    fn generator(&self) -> &'static dyn GenerateFrom {
        match self.generate_from.scheme {
            Scheme::GenerateFrom(scheme) => scheme,
            _ => panic!("{} makes no keys from others", self.generate_from.name),
        }
    }

    fn rekeyer(&self) -> &'static dyn Rekey {
        match self.rekey.scheme {
            Scheme::Rekey(scheme) => scheme,
            _ => panic!("{} changes no pairs", self.rekey.name),
        }
    }

    fn new_pair(&self, rng: &mut SeededRandom) -> Issued {
        let pair = (self.pair)(rng);
        let mut attributes = (self.attributes)();
        put(&mut attributes, &pair.attributes);
        let held = |id, object_type, block| Held::new(id, object_type, block, attributes.clone());
        Issued {
            private: held("private", ObjectType::PRIVATE_KEY, pair.private),
            public: held("public", ObjectType::PUBLIC_KEY, pair.public),
            keys: Vec::new(),
        }
    }

    /// Makes a key from a pair, which changes as the scheme says.
    fn issue(
        &self,
        pair: &mut Issued,
        id: &str,
        template: &Attributes,
        rng: &mut SeededRandom,
    ) -> Result<Held> {
        let inputs = self.generator().inputs(template)?;
        self.generator().cost(template);
        let sources: Vec<Source> = inputs.iter().map(|_| pair.private.source()).collect();
        let Produced { key, attributes, updated } =
            self.generator().generate_from(template, &sources, rng)?;
        assert!(
            updated.iter().all(|change| change.id == pair.private.id),
            "it changes what it was not given"
        );
        assert!(updated.len() <= 1, "it changes a key twice");
        pair.private.take(&updated);
        let mut all = template.clone();
        put(&mut all, &attributes);
        Ok(Held::new(id, ObjectType::PRIVATE_KEY, key, all))
    }

    /// A pair with a key for each template.
    fn issued(&self, rng: &mut SeededRandom) -> Issued {
        let mut pair = self.new_pair(rng);
        for (number, template) in (self.templates)().iter().enumerate() {
            let key = self.issue(&mut pair, &format!("key {number}"), template, rng);
            pair.keys.push(key.expect("the pair issues what the template asks for"));
        }
        assert!(!pair.keys.is_empty(), "there is a template");
        pair
    }

    fn concerned(&self, pair: &Issued, asked: &Attributes) -> Result<Option<Concerned>> {
        self.rekeyer().concerns(&pair.private.facts(), asked)
    }

    fn rekey(
        &self,
        pair: &Issued,
        asked: &Attributes,
        dependents: Vec<Source>,
        rng: &mut SeededRandom,
    ) -> Result<Rekeyed> {
        let concerned = self.concerned(pair, asked)?.expect("the request asks for a change in place");
        let dependents = if concerned.dependents.is_some() { dependents } else { Vec::new() };
        self.rekeyer().cost(asked, dependents.len());
        let keys = RekeySources { private: pair.private.source(), public: pair.public.source(), dependents };
        self.rekeyer().rekey(asked, &keys, rng)
    }

    fn serves(&self, key: &Held, public: &Held) -> bool {
        (self.serves)(&key.source(), &public.source())
    }

    /// Tries a rule with each change, and another pair each time.
    fn each_change(&self, mut rule: impl FnMut(Issued, &Attributes, &mut SeededRandom)) {
        for (round, asked) in (self.changes)().iter().enumerate() {
            let mut rng = SeededRandom::new(round as u64);
            let pair = self.issued(&mut rng);
            rule(pair, asked, &mut rng);
        }
    }
}

/// The rules.
#[allow(missing_docs)] // each is a sentence
pub mod rules {
    use super::*;

    pub fn claims_its_keys(subject: &RelatedSubject) {
        let pair = subject.new_pair(&mut SeededRandom::new(1));
        let facts = pair.private.facts();
        assert!(subject.rekey.serves(subject.rekey.scheme.capability(), &facts));
        assert!((subject.rekey.claims)(&facts, &CryptographicParameters::NONE));
        for template in (subject.templates)() {
            let facts = KeyFacts::of(ObjectType::PRIVATE_KEY, None, &template);
            let entry = &subject.generate_from;
            assert!(entry.serves(entry.scheme.capability(), &facts));
            assert!((entry.claims)(&facts, &CryptographicParameters::NONE));
        }
    }

    pub fn needs_keys_that_the_template_names(subject: &RelatedSubject) {
        for template in (subject.templates)() {
            let inputs = subject.generator().inputs(&template).unwrap();
            let links: BTreeSet<u32> = inputs.iter().map(|input| input.link.0).collect();
            assert!(!links.is_empty() && links.len() == inputs.len(), "a link names a key, and one only");
            for input in inputs {
                let mut named = template.all::<kinds::Link>().filter(|link| link.link_type == input.link);
                assert!(named.next().is_some(), "the template has a {:?}", input.link);
                assert!(!input.types.is_empty(), "the key may be of some type");
            }
        }
    }

    pub fn makes_keys_that_serve_with_the_pair(subject: &RelatedSubject) {
        let pair = subject.issued(&mut SeededRandom::new(1));
        for key in &pair.keys {
            assert!(subject.serves(key, &pair.public), "{}", key.id);
        }
        let other = subject.new_pair(&mut SeededRandom::new(2));
        assert!(!pair.keys.iter().any(|key| subject.serves(key, &other.public)), "of another pair");
    }

    pub fn makes_another_key_each_time(subject: &RelatedSubject) {
        let mut rng = SeededRandom::new(1);
        let mut pair = subject.new_pair(&mut rng);
        let template = (subject.templates)().remove(0);
        let mut seen: Vec<Option<KeyValue>> = Vec::new();
        for round in 0..ROUNDS {
            let key = subject.issue(&mut pair, &format!("key {round}"), &template, &mut rng).unwrap();
            assert!(!seen.contains(&key.block.key_value), "the same key again");
            seen.push(key.block.key_value);
        }
    }

    pub fn refuses_templates_of_no_such_key(subject: &RelatedSubject) {
        let mut rng = SeededRandom::new(1);
        for template in (subject.refused)() {
            let mut pair = subject.new_pair(&mut rng);
            assert!(subject.issue(&mut pair, "key", &template, &mut rng).is_err(), "{template:?}");
        }
    }

    pub fn leaves_other_requests_to_kmip(subject: &RelatedSubject) {
        let pair = subject.new_pair(&mut SeededRandom::new(1));
        for asked in (subject.others)() {
            assert_eq!(subject.concerned(&pair, &asked).unwrap(), None, "{asked:?}");
        }
    }

    pub fn refuses_changes_that_the_pair_does_not_allow(subject: &RelatedSubject) {
        let mut rng = SeededRandom::new(1);
        for asked in (subject.impossible)() {
            let pair = subject.issued(&mut rng);
            assert!(subject.rekey(&pair, &asked, Vec::new(), &mut rng).is_err(), "{asked:?}");
        }
    }

    pub fn changes_the_keys_of_a_pair_with_it(subject: &RelatedSubject) {
        subject.each_change(|mut pair, asked, rng| {
            let before = pair.clone();
            let dependents = pair.keys.iter().map(Held::source).collect();
            let changed = subject.rekey(&pair, asked, dependents, rng).unwrap();
            assert!(
                pair.private.take(&changed.updated) | pair.public.take(&changed.updated),
                "the pair changes"
            );
            for key in &mut pair.keys {
                assert!(key.take(&changed.dependents), "{} changes with its pair", key.id);
                assert!(subject.serves(key, &pair.public), "{} serves with the changed pair", key.id);
            }
            for old in &before.keys {
                assert!(!subject.serves(old, &pair.public), "{} is stale and serves", old.id);
            }
            assert!(changed.skipped.is_empty());
        });
    }

    pub fn issues_keys_from_a_changed_pair(subject: &RelatedSubject) {
        subject.each_change(|mut pair, asked, rng| {
            let changed = subject.rekey(&pair, asked, Vec::new(), rng).unwrap();
            pair.private.take(&changed.updated);
            pair.public.take(&changed.updated);
            let template = (subject.templates)().remove(0);
            let key = subject.issue(&mut pair, "new", &template, rng).unwrap();
            assert!(subject.serves(&key, &pair.public));
        });
    }

    pub fn changes_only_what_it_was_given_and_once(subject: &RelatedSubject) {
        subject.each_change(|pair, asked, rng| {
            let dependents = pair.keys.iter().map(Held::source).collect();
            let changed = subject.rekey(&pair, asked, dependents, rng).unwrap();
            let given = |changes: &[Change], known: &[&Held]| {
                let ids: BTreeSet<&ObjectId> = changes.iter().map(|change| &change.id).collect();
                ids.len() == changes.len() && ids.iter().all(|id| known.iter().any(|held| held.id == **id))
            };
            assert!(given(&changed.updated, &[&pair.private, &pair.public]));
            assert!(given(&changed.dependents, &pair.keys.iter().collect::<Vec<_>>()));
        });
    }

    pub fn names_the_wrapped_keys_that_it_cannot_change(subject: &RelatedSubject) {
        subject.each_change(|pair, asked, rng| {
            let dependents = pair.keys.iter().map(Held::wrapped).collect();
            let changed = subject.rekey(&pair, asked, dependents, rng).unwrap();
            assert!(changed.dependents.is_empty(), "it changes a key that it cannot see");
            let skipped: BTreeSet<&ObjectId> = changed.skipped.iter().map(|skipped| &skipped.id).collect();
            assert_eq!(skipped, pair.keys.iter().map(|key| &key.id).collect());
            assert!(changed.skipped.iter().all(|skipped| skipped.why == Skipped::WRAPPED));
        });
    }

    pub fn changes_no_key_that_the_pair_did_not_issue(subject: &RelatedSubject) {
        subject.each_change(|mut pair, asked, rng| {
            let stranger = subject.issued(rng);
            // Its attributes are what anybody may write: those of a key of the pair.
            let forged: Vec<Held> = stranger
                .keys
                .iter()
                .zip(&pair.keys)
                .map(|(stranger, key)| Held { attributes: key.attributes.clone(), ..stranger.clone() })
                .collect();
            let changed =
                subject.rekey(&pair, asked, forged.iter().map(Held::source).collect(), rng).unwrap();
            pair.public.take(&changed.updated);
            for mut key in forged {
                key.take(&changed.dependents);
                assert!(!subject.serves(&key, &pair.public), "a key that the pair did not issue serves");
            }
        });
    }

    pub fn never_panics_on_damaged_keys(subject: &RelatedSubject) {
        subject.each_change(|pair, asked, rng| {
            let damaged = |held: &Held, rng: &mut SeededRandom| damaged(held.source(), rng);
            for _ in 0..ROUNDS {
                let keys = RekeySources {
                    private: damaged(&pair.private, rng),
                    public: damaged(&pair.public, rng),
                    dependents: pair.keys.iter().map(|key| damaged(key, rng)).collect(),
                };
                // Refused, or of no use to anybody; that it returns is the rule.
                let _ = subject.rekeyer().rekey(asked, &keys, rng);
                let template = (subject.templates)().remove(0);
                let _ = subject.generator().generate_from(&template, &[damaged(&pair.private, rng)], rng);
            }
        });
    }

    /// The object with some bits of its key changed, or a part of it alone.
    fn damaged(source: Source, rng: &mut SeededRandom) -> Source {
        use claviger_kmip::Value;
        let material = source.material.as_ref().map(|material| {
            let value = match material.value() {
                Value::ByteString(bytes) if !bytes.is_empty() => {
                    let mut bytes = super::super::changed(bytes, rng);
                    if rng.one_in(3) {
                        bytes.truncate(rng.below(bytes.len()));
                    }
                    Value::ByteString(bytes.into())
                }
                _ => Value::ByteString(Default::default()),
            };
            Material::new(material.format(), value)
        });
        Source { material, ..source }
    }
}
