//! Encodings of keys in finite fields.

use claviger_plugin_sdk::kmip::attributes::CryptographicDomainParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, KeyFormatType};
use claviger_plugin_sdk::kmip::{BigInteger, Value};
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{Cost, Encoding};
use claviger_plugin_sdk::{Error, Result};
use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Encode, Tag, Tagged};
use pkcs8::spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use super::group::Group;
use crate::encoding::{EncodedKey, Half, Inspected, KeyFamily, not_a_key};

/// A family of keys in finite fields.
pub(super) struct FiniteField {
    /// The family, as errors name it.
    pub(super) name: &'static str,
    pub(super) algorithm: CryptographicAlgorithm,
    /// The formats of private keys: the transparent one and PKCS #8.
    pub(super) private_formats: &'static [KeyFormatType],
    /// The formats of public keys: the transparent one and X.509.
    pub(super) public_formats: &'static [KeyFormatType],
    /// The group that the numbers beside an object identifier are; nothing if they are none of this family.
    pub(super) group: fn(ObjectIdentifier, Vec<BigInteger>) -> Option<Group>,
    /// The object identifier of a group, and the numbers beside it.
    pub(super) parameters: fn(&Group) -> (ObjectIdentifier, Vec<&BigInteger>),
    /// Reads the transparent format of one half.
    pub(super) read: fn(Half, Value) -> Result<Key>,
    /// Writes the transparent format; nothing if a number for it is missing.
    pub(super) write: fn(Key) -> Option<Value>,
}

/// A key in a group: its exponent if it is private, its element of the group if it is public.
pub(super) struct Key {
    pub(super) half: Half,
    pub(super) group: Group,
    pub(super) number: BigInteger,
}

impl FiniteField {
    /// The key; nothing if it is of another family.
    ///
    /// # Errors
    /// Invalid Field: it is malformed.
    fn key(&self, key: &EncodedKey) -> Result<Option<Key>> {
        let numbers = key.parameters().and_then(read_sequence).unwrap_or_default();
        let Some(group) = (self.group)(key.oid(), numbers) else { return Ok(None) };
        let number = AnyRef::from_der(key.content()).ok().and_then(read_number);
        let number = number.ok_or_else(|| not_a_key("a key in a finite field is one number"))?;
        Ok(Some(Key { half: key.half(), group, number }))
    }

    fn encode(&self, key: &Key) -> Result<EncodedKey> {
        let failed = |error: der::Error| Error::server("a key cannot be encoded").because(error);
        let (oid, numbers) = (self.parameters)(&key.group);
        let numbers: Vec<AnyRef<'_>> =
            numbers.into_iter().map(integer).collect::<der::Result<_>>().map_err(failed)?;
        let parameters = numbers.to_der().map_err(failed)?;
        let algorithm =
            AlgorithmIdentifierRef { oid, parameters: Some(AnyRef::from_der(&parameters).map_err(failed)?) };
        let content =
            Zeroizing::new(integer(&key.number).and_then(|number| number.to_der()).map_err(failed)?);
        match key.half {
            Half::Private => EncodedKey::private(algorithm, &content),
            Half::Public => EncodedKey::public(algorithm, &content),
        }
    }
}

impl KeyFamily for FiniteField {
    fn name(&self) -> &'static str {
        self.name
    }

    /// Powers in a field of thousands of bits.
    fn cost(&self, _: &Material) -> Cost {
        Cost::Heavy
    }

    fn inspect(&self, _: &KeyFacts<'_>, key: &EncodedKey) -> Result<Option<Inspected>> {
        let Some(Key { half, group, number }) = self.key(key)? else { return Ok(None) };
        let length = group.check(half, &number)?;
        let domain = group
            .q
            .as_ref()
            .map(|q| CryptographicDomainParameters { qlength: Some(bits(q)), recommended_curve: None });
        Ok(Some(Inspected { algorithm: self.algorithm, length, domain }))
    }

    fn formats(&self, _: &KeyFacts<'_>, half: Half) -> &'static [KeyFormatType] {
        match half {
            Half::Private => self.private_formats,
            Half::Public => self.public_formats,
        }
    }

    fn read(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Option<EncodedKey>> {
        let half = match material.format() {
            format if self.private_formats.first() == Some(&format) => Half::Private,
            format if self.public_formats.first() == Some(&format) => Half::Public,
            _ => return Ok(None),
        };
        let Value::Structure(_) = material.value() else { return Ok(None) };
        let key = (self.read)(half, material.value().clone())?;
        if key.group.q.is_none() && key.group.j.is_some() {
            return Err(not_a_key("a cofactor says nothing without the order; give Q, too, or leave J out"));
        }
        self.encode(&key).map(Some)
    }

    fn write(&self, _: &KeyFacts<'_>, key: &EncodedKey, to: Encoding) -> Result<Option<Value>> {
        let transparent =
            [self.private_formats.first(), self.public_formats.first()].contains(&Some(&to.format));
        if !transparent || to.compression.is_some() {
            return Ok(None);
        }
        Ok(self.key(key)?.and_then(self.write))
    }

    fn public_key(&self, private: &EncodedKey) -> Result<EncodedKey> {
        let key = self.key(private)?.ok_or_else(|| Error::server("a key is of another family"))?;
        let number = key.group.public_key(&key.number)?;
        self.encode(&Key { half: Half::Public, number, ..key })
    }
}

/// The length of a number that is not negative, in bits.
fn bits(number: &BigInteger) -> i32 {
    let magnitude = number.to_unsigned_be().unwrap_or_default();
    let zeros = magnitude.first().map_or(0, |first| first.leading_zeros() as usize);
    i32::try_from(magnitude.len() * 8 - zeros).unwrap_or(i32::MAX)
}

fn integer(number: &BigInteger) -> der::Result<AnyRef<'_>> {
    AnyRef::new(Tag::Integer, number.to_signed_be())
}

/// The numbers that a sequence begins with; nothing if it is no sequence.
fn read_sequence(sequence: AnyRef<'_>) -> Option<Vec<BigInteger>> {
    let items: Vec<AnyRef<'_>> = sequence.decode_as().ok()?;
    Some(items.into_iter().map_while(read_number).collect())
}

fn read_number(item: AnyRef<'_>) -> Option<BigInteger> {
    (item.tag() == Tag::Integer && !item.value().is_empty()).then(|| BigInteger::from_signed_be(item.value()))
}
