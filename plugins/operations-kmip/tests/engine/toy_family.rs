//! A made-up algorithm whose keys change with one another, so that these tests ask what operations do and not what an
//! algorithm does. A private key is a secret and the number of keys made from it, the public key the complement of the
//! secret, and a key that was made from them is its number and the secret. Nothing of it hides anything.

use claviger_plugin_sdk::inventory;
use claviger_plugin_sdk::kmip::attributes::{Attributes, VendorAttribute};
use claviger_plugin_sdk::kmip::objects::{KeyBlock, KeyValue, PlainKeyValue};
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::plugin::{Entry, EntryKind};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, ObjectId};
use claviger_plugin_sdk::scheme::{
    Change, Concerned, Cost, GenerateFrom, GeneratePair, Input, KeyPair, KeyPurpose, PairTemplates, Produced,
    Rekey, RekeySources, Rekeyed, Scheme, SchemeEntry, Skipped, Source,
};

/// The algorithm, which nobody else makes here.
pub(crate) const FAMILY: CryptographicAlgorithm = CryptographicAlgorithm::TWOFISH;

macro_rules! family_scheme {
    ($($variant:ident),*) => {$(
        inventory::submit! {
            Entry::new("claviger-operations-kmip", EntryKind::Scheme({
                static ENTRY: SchemeEntry = SchemeEntry {
                    name: "toy family",
                    algorithms: &[FAMILY],
                    claims: |_, _| true,
                    effective: SchemeEntry::as_asked,
                    scheme: Scheme::$variant(&Toy),
                };
                &ENTRY
            }))
        }
    )*};
}

family_scheme!(GeneratePair, GenerateFrom, Rekey, Purpose);

struct Toy;

/// A vendor attribute of the toy's.
pub(crate) fn toy_attribute(name: &str, value: &str) -> Attributes {
    let mut attributes = Attributes::new();
    let value = Value::TextString(value.into());
    attributes.add(Tag::ATTRIBUTE, VendorAttribute::value_of("toy", name, value));
    attributes
}

fn block(bytes: &[u8]) -> KeyBlock {
    let plain = PlainKeyValue { key_material: Value::ByteString(bytes.into()), attributes: None };
    KeyBlock {
        key_format_type: KeyFormatType::RAW,
        key_compression_type: None,
        key_value: Some(KeyValue::Plain(plain)),
        cryptographic_algorithm: Some(FAMILY),
        cryptographic_length: i32::try_from(bytes.len() * 8).ok(),
        key_wrapping_data: None,
    }
}

fn secret_and_count(source: &Source) -> Result<([u8; 16], u8)> {
    let bytes = source.material()?.symmetric_key()?;
    let malformed = || Error::cryptographic("a private key of the toy has 17 bytes");
    let (count, secret) = bytes.split_last().ok_or_else(malformed)?;
    Ok((secret.try_into().map_err(|_| malformed())?, *count))
}

fn change(id: &ObjectId, key: &[u8]) -> Change {
    Change { id: id.clone(), key: Some(block(key)), attributes: toy_attribute("changed", "yes") }
}

impl GeneratePair for Toy {
    fn cost(&self, _: PairTemplates<'_>) -> Cost {
        Cost::Light
    }

    fn generate_pair(&self, _: PairTemplates<'_>, random: &mut dyn RandomSource) -> Result<KeyPair> {
        let secret = random.bytes(16);
        let public: Vec<u8> = secret.iter().map(|byte| !byte).collect();
        let private = [&secret[..], &[0]].concat();
        Ok(KeyPair {
            attributes: toy_attribute("made", "as a pair"),
            ..KeyPair::new(block(&private), block(&public))
        })
    }
}

impl GenerateFrom for Toy {
    fn inputs(&self, _: &Attributes) -> Result<Vec<Input>> {
        Ok(vec![Input {
            link: LinkType::PARENT_LINK,
            right: OperationCode::GET,
            types: &[ObjectType::PRIVATE_KEY],
        }])
    }

    fn cost(&self, _: &Attributes) -> Cost {
        Cost::Heavy
    }

    fn generate_from(
        &self,
        template: &Attributes,
        inputs: &[Source],
        _: &mut dyn RandomSource,
    ) -> Result<Produced> {
        let [parent] = inputs else { return Err(Error::server("one parent")) };
        let (secret, count) = secret_and_count(parent)?;
        let stranger = ObjectId::new("stranger")?;
        let changed = match template.vendor("toy", "oversteps").is_some() {
            true => &stranger,
            false => &parent.id,
        };
        Ok(Produced {
            key: block(&[&[count], &secret[..]].concat()),
            attributes: toy_attribute("made", "from another"),
            updated: vec![change(changed, &[&secret[..], &[count + 1]].concat())],
        })
    }
}

impl Rekey for Toy {
    fn concerns(&self, _: &KeyFacts<'_>, asked: &Attributes) -> Result<Option<Concerned>> {
        let is_meant = asked.vendor("toy", "renew").is_some();
        Ok(is_meant.then_some(Concerned { dependents: Some(LinkType::PARENT_LINK) }))
    }

    fn cost(&self, _: &Attributes, _: usize) -> Cost {
        Cost::Heavy
    }

    fn rekey(&self, _: &Attributes, keys: &RekeySources, random: &mut dyn RandomSource) -> Result<Rekeyed> {
        let (old, count) = secret_and_count(&keys.private)?;
        let secret = random.bytes(16);
        let public: Vec<u8> = secret.iter().map(|byte| !byte).collect();
        let mut rekeyed = Rekeyed {
            updated: vec![
                change(&keys.private.id, &[&secret[..], &[count]].concat()),
                change(&keys.public.id, &public),
            ],
            dependents: Vec::new(),
            skipped: Vec::new(),
        };
        for dependent in &keys.dependents {
            let Ok(material) = dependent.material() else {
                rekeyed.skipped.push(Skipped::wrapped(dependent.id.clone()));
                continue;
            };
            // What the pair did not make is left alone.
            if let [number, known @ ..] = &**material.symmetric_key()?
                && known == old
            {
                rekeyed.dependents.push(change(&dependent.id, &[&[*number], &secret[..]].concat()));
            }
        }
        Ok(rekeyed)
    }
}

/// Keys are made from the keys of pairs, not from those that were made from them.
impl KeyPurpose for Toy {
    fn usable_for(&self, operation: OperationCode, key: &KeyFacts<'_>) -> bool {
        let is_made_from_another =
            key.attributes.vendor("toy", "made") == Some(&Value::TextString("from another".into()));
        !(is_made_from_another && matches!(operation, OperationCode::CREATE | OperationCode::RE_KEY_KEY_PAIR))
    }
}
