//! How keys of Covercrypt come and go: as the bytes of their library, in formats of their own.

use claviger_plugin_sdk::kmip::Value;
use claviger_plugin_sdk::kmip::objects::KeyBlock;
use claviger_plugin_sdk::kmip::tables::enumerations::{KeyFormatType, ObjectType, ResultReason};
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{Cost, Encoding, Formats, KeyDescription, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Error, Result, register_scheme};

use crate::generation::KeyKind;
use crate::key::{self, COVERCRYPT, PUBLIC_KEY, SECRET_KEY};

const FORMATS: SchemeEntry = SchemeEntry {
    name: "Covercrypt",
    algorithms: &[COVERCRYPT],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Formats(&OwnFormats),
};
register_scheme!(FORMATS);

struct OwnFormats;

impl Formats for OwnFormats {
    fn cost(&self, _: &KeyFacts<'_>, _: &Material) -> Cost {
        Cost::Heavy
    }

    fn recognise(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Option<KeyDescription>> {
        let (object_type, kinds): (_, &[KeyKind]) = match material.format() {
            SECRET_KEY => (ObjectType::PRIVATE_KEY, &[KeyKind::User, KeyKind::MasterPrivate]),
            PUBLIC_KEY => (ObjectType::PUBLIC_KEY, &[KeyKind::MasterPublic]),
            _ => return Ok(None),
        };
        let bytes = key::bytes(material).map_err(|_| not_a_key())?;
        if !kinds.iter().any(|kind| key::generation_by_form(*kind, bytes).is_some()) {
            return Err(not_a_key());
        }
        Ok(Some(KeyDescription {
            object_type,
            algorithm: COVERCRYPT,
            length: key::length(bytes),
            domain: None,
        }))
    }

    fn bare(&self, _: &Material) -> Option<Value> {
        None
    }

    fn formats(&self, key: &KeyFacts<'_>) -> &'static [KeyFormatType] {
        match key.object_type {
            ObjectType::PUBLIC_KEY => &[PUBLIC_KEY],
            _ => &[SECRET_KEY],
        }
    }

    fn convert(&self, facts: &KeyFacts<'_>, material: &Material, to: Encoding) -> Result<Value> {
        if to.compression.is_some() {
            return Err(Error::unsupported("keys of Covercrypt are not compressed")
                .with_reason(ResultReason::KEY_COMPRESSION_TYPE_NOT_SUPPORTED));
        }
        match self.formats(facts).contains(&to.format) || to.format == KeyFormatType::RAW {
            true => Ok(Value::ByteString(key::bytes(material)?.clone())),
            false => Err(Error::unsupported("keys of Covercrypt come in the formats of their own alone")
                .with_reason(ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED)),
        }
    }

    fn public_key(&self, _: &KeyFacts<'_>, _: &Material) -> Result<KeyBlock> {
        Err(Error::cryptographic("a private key of Covercrypt does not tell the public one"))
    }
}

fn not_a_key() -> Error {
    Error::invalid("the key material is no key of Covercrypt in any of its generations")
}
