//! The key that stands in JSON text, read straight into what is erased: a tree of JSON would leave its bytes behind.

use std::fmt;
use std::result::Result;

use claviger_plugin_sdk::kmip::BigInteger;
use claviger_plugin_sdk::kmip::ttlv::ItemType;
use claviger_plugin_sdk::prelude::*;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

use crate::direct_json;

/// What is wrapped: the key, and attributes that nobody asks for.
pub(super) struct Wrapped {
    pub(super) material: Value,
}

impl<'de> Deserialize<'de> for Wrapped {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Wrapped;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an object with a key")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Wrapped, A::Error> {
                let mut found = None;
                while let Some(name) = members.next_key::<String>()? {
                    if name != "KeyMaterial" {
                        members.next_value::<IgnoredAny>()?;
                    } else if found.replace(members.next_value::<Material>()?).is_some() {
                        return Err(A::Error::duplicate_field("KeyMaterial"));
                    }
                }
                let Material(material) = found.ok_or_else(|| A::Error::missing_field("KeyMaterial"))?;
                Ok(Wrapped { material })
            }
        }
        from.deserialize_map(Members)
    }
}

/// The bytes of a key, or the fields of a transparent one.
struct Material(Value);

impl<'de> Deserialize<'de> for Material {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Material;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("bytes or fields")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, bytes: A) -> Result<Material, A::Error> {
                bytes_of(bytes).map(Material)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Material, A::Error> {
                let mut fields: Vec<Ttlv> = Vec::new();
                while let Some(name) = members.next_key::<String>()? {
                    let field = field(&name, &mut members)?;
                    if fields.iter().any(|known| known.tag == field.tag) {
                        return Err(A::Error::custom("a field stands there twice"));
                    }
                    fields.push(field);
                }
                Ok(Material(match fields.pop() {
                    Some(Ttlv { tag: Tag::KEY, value }) if fields.is_empty() => value,
                    last => {
                        fields.extend(last);
                        Value::Structure(fields)
                    }
                }))
            }
        }
        from.deserialize_any(Either)
    }
}

/// A field of a transparent key.
fn field<'de, A: MapAccess<'de>>(name: &str, members: &mut A) -> Result<Ttlv, A::Error> {
    let unknown = || A::Error::custom("no field of a key");
    let (tag, item_type) = direct_json::tag(name).ok_or_else(unknown)?;
    let value = match item_type {
        Some(ItemType::BigInteger) => members.next_value::<Digits>()?.0,
        Some(ItemType::ByteString) => members.next_value::<Bytes>()?.0,
        Some(ItemType::Enumeration) => {
            let name = members.next_value::<String>()?;
            Value::Enumeration(direct_json::code(tag, &name).ok_or_else(unknown)?)
        }
        _ => return Err(unknown()),
    };
    Ok(Ttlv::new(tag, value))
}

struct Bytes(Value);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Array;
        impl<'de> Visitor<'de> for Array {
            type Value = Bytes;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("bytes")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, bytes: A) -> Result<Bytes, A::Error> {
                bytes_of(bytes).map(Bytes)
            }
        }
        from.deserialize_seq(Array)
    }
}

fn bytes_of<'de, A: SeqAccess<'de>>(bytes: A) -> Result<Value, A::Error> {
    let mut bytes = gathered(bytes, |byte: u8| [byte])?;
    Ok(Value::ByteString(std::mem::take(&mut *bytes).into()))
}

/// A number in digits of 32 bits, the least significant one first.
struct Digits(Value);

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Array;
        impl<'de> Visitor<'de> for Array {
            type Value = Digits;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("digits")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, digits: A) -> Result<Digits, A::Error> {
                let mut bytes = gathered(digits, u32::to_le_bytes)?;
                bytes.reverse();
                Ok(Digits(Value::BigInteger(BigInteger::from_unsigned_be(&bytes))))
            }
        }
        from.deserialize_seq(Array)
    }
}

/// The bytes of all elements. How many there are shows at the end, so the room grows; what is outgrown is erased.
fn gathered<'de, A: SeqAccess<'de>, T: Deserialize<'de>, const N: usize>(
    mut elements: A,
    bytes: impl Fn(T) -> [u8; N],
) -> Result<Zeroizing<Vec<u8>>, A::Error> {
    let mut gathered = Zeroizing::new(Vec::with_capacity(64));
    while let Some(element) = elements.next_element()? {
        if gathered.len() + N > gathered.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(gathered.capacity() * 2));
            larger.extend_from_slice(&gathered);
            gathered = larger;
        }
        gathered.extend_from_slice(&bytes(element));
    }
    Ok(gathered)
}
