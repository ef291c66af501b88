//! An algorithm that keeps every rule of keys that change with one another, and the same with one fault at a time.

use claviger_kmip::attributes::{Attributes, Link, VendorAttribute, kinds};
use claviger_kmip::objects::{CryptographicParameters, KeyBlock, KeyValue, PlainKeyValue};
use claviger_kmip::tables::enumerations::{
    CryptographicAlgorithm, KeyFormatType, LinkType, ObjectType, OperationCode,
};
use claviger_kmip::{Tag, Value};

use super::SeededRandom;
use super::related::{RelatedSubject, rules};
use crate::error::{Error, Result};
use crate::random::RandomSource;
use crate::record::{KeyFacts, ObjectId};
use crate::scheme::{
    Change, Concerned, Cost, GenerateFrom, Input, KeyPair, Produced, Rekey, RekeySources, Rekeyed, Scheme,
    SchemeEntry, Skipped, Source,
};
use crate::testkit::assert_broken;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Nothing,
    ClaimsNothing,
    NeedsAKeyThatNobodyNames,
    MakesKeysOfAnyPair,
    RepeatsItself,
    TakesAnyTemplate,
    TakesEveryRequest,
    TakesAnyChange,
    ForgetsDependents,
    ForgetsThePair,
    ForgetsThePrivateKey,
    ChangesAStranger,
    PassesOverWrappedKeys,
    BelievesAttributes,
    PanicsOnShortKeys,
    SetsAttributesOfKmip,
}

/// The private key is a root and the number of keys made from it, the public key follows from the root, and a key that was
/// made from them is its number with what follows from number and public key. None of it hides anything.
struct Toy(Fault);

const ROOT: usize = 16;
const NUMBER: usize = 8;

/// Pseudo-random bytes that follow from the parts.
fn follow(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash: u64 = 0xCBF2_9CE4_8422_2325;
    for part in parts {
        for byte in part.iter().copied().chain(part.len().to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
    SeededRandom::new(hash).bytes(ROOT).into_vec()
}

fn block(bytes: &[u8]) -> KeyBlock {
    let plain = PlainKeyValue { key_material: Value::ByteString(bytes.into()), attributes: None };
    KeyBlock {
        key_format_type: KeyFormatType::RAW,
        key_compression_type: None,
        key_value: Some(KeyValue::Plain(plain)),
        cryptographic_algorithm: Some(CryptographicAlgorithm::EC),
        cryptographic_length: i32::try_from(bytes.len() * 8).ok(),
        key_wrapping_data: None,
    }
}

fn bytes(source: &Source) -> Result<&[u8]> {
    Ok(source.material()?.symmetric_key()?)
}

impl Toy {
    fn private<'k>(&self, source: &'k Source) -> Result<(&'k [u8], u64)> {
        let bytes = bytes(source)?;
        if self.0 == Fault::PanicsOnShortKeys {
            assert_eq!(bytes.len(), ROOT + NUMBER);
        }
        match bytes.split_at_checked(ROOT) {
            Some((root, number)) if number.len() == NUMBER => {
                Ok((root, u64::from_le_bytes(number.try_into().map_err(|_| malformed())?)))
            }
            _ => Err(malformed()),
        }
    }

    fn change(&self, id: &ObjectId, key: &[u8]) -> Change {
        let mut attributes = vendor("changed");
        if self.0 == Fault::SetsAttributesOfKmip {
            attributes.put::<kinds::CryptographicLength>(1);
        }
        Change { id: id.clone(), key: Some(block(key)), attributes }
    }
}

fn malformed() -> Error {
    Error::cryptographic("the toy's private keys have 24 bytes")
}

fn key_of(number: u64, public: &[u8]) -> Vec<u8> {
    let number = number.to_le_bytes();
    [&number[..], &follow(&[public, &number])].concat()
}

/// Whether a key was made from the pair of this public key.
fn is_of(key: &[u8], public: &[u8]) -> bool {
    key.split_at_checked(NUMBER).is_some_and(|(number, proof)| proof == follow(&[public, number]))
}

impl GenerateFrom for Toy {
    fn inputs(&self, template: &Attributes) -> Result<Vec<Input>> {
        if template.vendor("toy", "kind").is_none() && self.0 != Fault::TakesAnyTemplate {
            return Err(Error::invalid("the toy's templates have a kind"));
        }
        let link = match self.0 {
            Fault::NeedsAKeyThatNobodyNames => LinkType::NEXT_LINK,
            _ => LinkType::PARENT_LINK,
        };
        Ok(vec![Input { link, right: OperationCode::GET, types: &[ObjectType::PRIVATE_KEY] }])
    }

    fn cost(&self, _: &Attributes) -> Cost {
        Cost::Light
    }

    fn generate_from(&self, _: &Attributes, inputs: &[Source], _: &mut dyn RandomSource) -> Result<Produced> {
        let [parent] = inputs else { return Err(malformed()) };
        let (root, count) = self.private(parent)?;
        let public = match self.0 {
            Fault::MakesKeysOfAnyPair => b"any".to_vec(),
            _ => follow(&[root]),
        };
        let next = if self.0 == Fault::RepeatsItself { count } else { count + 1 };
        let changed = [root, &next.to_le_bytes()].concat();
        Ok(Produced {
            key: block(&key_of(count, &public)),
            attributes: vendor("issued"),
            updated: vec![self.change(&parent.id, &changed)],
        })
    }
}

impl Rekey for Toy {
    fn concerns(&self, _: &KeyFacts<'_>, asked: &Attributes) -> Result<Option<Concerned>> {
        let is_meant = asked.vendor("toy", "action").is_some() || self.0 == Fault::TakesEveryRequest;
        Ok(is_meant.then_some(Concerned { dependents: Some(LinkType::PARENT_LINK) }))
    }

    fn cost(&self, _: &Attributes, dependents: usize) -> Cost {
        if dependents == 0 { Cost::Light } else { Cost::Heavy }
    }

    fn rekey(&self, asked: &Attributes, keys: &RekeySources, rng: &mut dyn RandomSource) -> Result<Rekeyed> {
        let known = asked.vendor("toy", "action") == Some(&Value::TextString("renew".into()));
        if !known && self.0 != Fault::TakesAnyChange {
            return Err(Error::invalid("the toy does not do that"));
        }
        let (root, count) = self.private(&keys.private)?;
        let (old, new_root) = (follow(&[root]), rng.bytes(ROOT));
        let public = follow(&[&new_root]);
        let private = [&new_root[..], &count.to_le_bytes()].concat();
        let mut changed = Rekeyed { updated: Vec::new(), dependents: Vec::new(), skipped: Vec::new() };
        if self.0 != Fault::ForgetsThePair {
            changed.updated =
                vec![self.change(&keys.private.id, &private), self.change(&keys.public.id, &public)];
        }
        if self.0 == Fault::ForgetsThePrivateKey {
            changed.updated.remove(0);
        }
        if self.0 == Fault::ChangesAStranger {
            changed.updated.push(self.change(&ObjectId::new("stranger")?, &public));
        }
        for dependent in &keys.dependents {
            match bytes(dependent) {
                Err(_) if self.0 == Fault::PassesOverWrappedKeys => {}
                Err(_) => changed.skipped.push(Skipped::wrapped(dependent.id.clone())),
                Ok(_) if self.0 == Fault::ForgetsDependents => {}
                Ok(key) if is_of(key, &old) || self.0 == Fault::BelievesAttributes => {
                    let number = key.get(..NUMBER).and_then(|number| number.try_into().ok());
                    let number = number.map(u64::from_le_bytes).unwrap_or_default();
                    changed.dependents.push(self.change(&dependent.id, &key_of(number, &public)));
                }
                Ok(_) => {}
            }
        }
        Ok(changed)
    }
}

fn vendor(name: &str) -> Attributes {
    with(name, "yes")
}

fn with(name: &str, value: &str) -> Attributes {
    let mut attributes = Attributes::new();
    let value = Value::TextString(value.into());
    attributes.add(Tag::ATTRIBUTE, VendorAttribute::value_of("toy", name, value));
    attributes
}

fn algorithm() -> Attributes {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::EC);
    attributes
}

fn template(kind: bool) -> Attributes {
    let mut template = if kind { vendor("kind") } else { Attributes::new() };
    template.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::EC);
    template.push::<kinds::Link>(Link {
        link_type: LinkType::PARENT_LINK,
        linked_object_identifier: "private".into(),
    });
    template
}

fn pair(rng: &mut SeededRandom) -> KeyPair {
    let root = rng.bytes(ROOT);
    let private = [&root[..], &[0; NUMBER]].concat();
    KeyPair { attributes: vendor("pair"), ..KeyPair::new(block(&private), block(&follow(&[&root]))) }
}

fn toy(fault: Fault) -> RelatedSubject {
    let toy: &'static Toy = Box::leak(Box::new(Toy(fault)));
    let claims: fn(&KeyFacts<'_>, &CryptographicParameters) -> bool =
        if fault == Fault::ClaimsNothing { |_, _| false } else { |_, _| true };
    let entry = |scheme| SchemeEntry {
        name: "toy",
        algorithms: &[CryptographicAlgorithm::EC],
        claims,
        effective: SchemeEntry::as_asked,
        scheme,
    };
    RelatedSubject {
        generate_from: entry(Scheme::GenerateFrom(toy)),
        rekey: entry(Scheme::Rekey(toy)),
        pair,
        attributes: algorithm,
        templates: || vec![template(true), template(true)],
        refused: || vec![template(false)],
        changes: || vec![with("action", "renew")],
        impossible: || vec![with("action", "rest")],
        others: || vec![Attributes::new(), vendor("other")],
        serves: |key, public| match (bytes(key), bytes(public)) {
            (Ok(key), Ok(public)) => is_of(key, public),
            _ => false,
        },
    }
}

crate::scheme_conformance!(related without_a_fault: toy(Fault::Nothing));

#[test]
fn each_fault_of_related_keys_is_found() {
    let broken = |rule: fn(&RelatedSubject), fault| assert_broken(|| rule(&toy(fault)));
    broken(rules::claims_its_keys, Fault::ClaimsNothing);
    broken(rules::needs_keys_that_the_template_names, Fault::NeedsAKeyThatNobodyNames);
    broken(rules::makes_keys_that_serve_with_the_pair, Fault::MakesKeysOfAnyPair);
    broken(rules::makes_another_key_each_time, Fault::RepeatsItself);
    broken(rules::refuses_templates_of_no_such_key, Fault::TakesAnyTemplate);
    broken(rules::leaves_other_requests_to_kmip, Fault::TakesEveryRequest);
    broken(rules::refuses_changes_that_the_pair_does_not_allow, Fault::TakesAnyChange);
    broken(rules::changes_the_keys_of_a_pair_with_it, Fault::ForgetsDependents);
    broken(rules::changes_the_keys_of_a_pair_with_it, Fault::ForgetsThePair);
    broken(rules::changes_the_keys_of_a_pair_with_it, Fault::SetsAttributesOfKmip);
    broken(rules::changes_only_what_it_was_given_and_once, Fault::ChangesAStranger);
    broken(rules::names_the_wrapped_keys_that_it_cannot_change, Fault::PassesOverWrappedKeys);
    broken(rules::changes_no_key_that_the_pair_did_not_issue, Fault::BelievesAttributes);
    broken(rules::issues_keys_from_a_changed_pair, Fault::ForgetsThePrivateKey);
    broken(rules::never_panics_on_damaged_keys, Fault::PanicsOnShortKeys);
}
