//! An object with its attributes, as a server handed it out: in the form of KMIP 2.x, or of 1.x.

use claviger_kmip::tables::enumerations::{LinkType, ObjectType, State};
use claviger_kmip::{Tag, Ttlv, Value};

/// An object with its attributes. It stays in the form in which it came, and is imported in that form.
#[derive(Clone)]
pub(super) struct Fetched {
    object_type: Option<Value>,
    /// One item with all of them in 2.x, one for each in 1.x.
    attributes: Vec<Ttlv>,
    object: Option<Ttlv>,
    /// What had its key wrapped for the way; nothing if it came as it is kept there, which may be wrapped, too.
    wrapping: Option<Ttlv>,
}

/// Attributes that only the server sets, for its own copy: identifier, digest, lease.
const OWN: [Tag; 3] = [Tag::UNIQUE_IDENTIFIER, Tag::DIGEST, Tag::LEASE_TIME];
const OWN_NAMES: [&str; 3] = ["Unique Identifier", "Digest", "Lease Time"];

impl Fetched {
    /// What Export answered.
    pub(super) fn of_export(payload: Vec<Ttlv>) -> Self {
        let mut fetched = Self { object_type: None, attributes: Vec::new(), object: None, wrapping: None };
        for item in payload {
            match item.tag {
                Tag::OBJECT_TYPE => fetched.object_type = Some(item.value),
                Tag::ATTRIBUTES | Tag::ATTRIBUTE => fetched.attributes.push(item),
                Tag::UNIQUE_IDENTIFIER => {}
                _ => fetched.object = Some(item),
            }
        }
        fetched
    }

    /// What Get and Get Attributes answered.
    pub(super) fn of_get(object: Vec<Ttlv>, attributes: Vec<Ttlv>) -> Self {
        Self::of_export(object.into_iter().chain(attributes).collect())
    }

    /// Notes by which Key Wrapping Specification its key was wrapped for the way, if it came wrapped.
    pub(super) fn wrapped_by(mut self, specification: Option<Ttlv>) -> Self {
        self.wrapping = specification.filter(|_| self.is_wrapped());
        self
    }

    /// The Key Wrapping Specification by which its key was wrapped for the way.
    pub(super) fn wrapping(&self) -> Option<&Ttlv> {
        self.wrapping.as_ref()
    }

    /// Whether its attributes say that its key is kept wrapped.
    pub(super) fn is_kept_wrapped(&self) -> bool {
        let wrapping_key = Value::Enumeration(LinkType::WRAPPING_KEY_LINK.0);
        self.all(Tag::LINK, "Link").into_iter().any(|link| match link {
            Value::Structure(fields) => {
                fields.iter().any(|field| field.tag == Tag::LINK_TYPE && field.value == wrapping_key)
            }
            _ => false,
        })
    }

    /// Its type.
    pub(super) fn object_type(&self) -> Option<ObjectType> {
        let value = match &self.object_type {
            Some(value) => Some(value),
            None => self.attribute(Tag::OBJECT_TYPE, "Object Type"),
        };
        match value {
            Some(Value::Enumeration(code)) => Some(ObjectType(*code)),
            _ => None,
        }
    }

    /// Whether its attributes are in the form of 1.x.
    pub(super) fn is_of_1_x(&self) -> bool {
        self.attributes.iter().any(|item| item.tag == Tag::ATTRIBUTE)
    }

    /// Whether there is nothing of it left to copy.
    pub(super) fn is_destroyed(&self) -> bool {
        matches!(
            self.attribute(Tag::STATE, "State"),
            Some(Value::Enumeration(state)) if [State::DESTROYED.0, State::DESTROYED_COMPROMISED.0].contains(state)
        )
    }

    /// Whether its key is wrapped.
    fn is_wrapped(&self) -> bool {
        self.key_block().is_some_and(|block| block.child(Tag::KEY_WRAPPING_DATA).is_some())
    }

    /// Whether both are the same object: their material is the same, or so is one of their Digests. Keys that are wrapped
    /// under one key by AES Key Wrap, which takes no nonce, are the same if their wrapped bytes are.
    pub(super) fn is_same_object(&self, other: &Self) -> bool {
        let same_type = self.object_type() == other.object_type();
        let (own, others) = (self.material(), other.material());
        let same_material = !own.is_empty() && own == others && self.is_wrapped() == other.is_wrapped();
        let digests = other.all(Tag::DIGEST, "Digest");
        let same_digest = self.all(Tag::DIGEST, "Digest").iter().any(|digest| digests.contains(digest));
        same_type && (same_material || same_digest)
    }

    /// The payload of an Import under an identifier.
    pub(super) fn import(&self, id: &str, unwrap: Option<Ttlv>) -> Vec<Ttlv> {
        let mut payload = vec![Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString(id.to_owned()))];
        // In 1.x, the object alone tells its type.
        let object_type = self.object_type().filter(|_| !self.is_of_1_x());
        let object_type = object_type.map(|object_type| Value::Enumeration(object_type.0));
        payload.extend(object_type.map(|value| Ttlv::new(Tag::OBJECT_TYPE, value)));
        payload.extend(unwrap);
        if self.attributes.is_empty() {
            payload.push(Ttlv::structure(Tag::ATTRIBUTES, Vec::new()));
        }
        for item in &self.attributes {
            match (item.tag, &item.value) {
                (Tag::ATTRIBUTES, Value::Structure(attributes)) => {
                    let kept = attributes.iter().filter(|attribute| !OWN.contains(&attribute.tag));
                    payload.push(Ttlv::structure(Tag::ATTRIBUTES, kept.cloned().collect()));
                }
                _ if OWN_NAMES.iter().any(|name| is_called(item, name)) => {}
                _ => payload.push(item.clone()),
            }
        }
        payload.extend(self.object.clone());
        payload
    }

    fn attribute(&self, tag: Tag, name: &str) -> Option<&Value> {
        self.all(tag, name).into_iter().next()
    }

    /// The values of an attribute, by its tag in 2.x and its name in 1.x.
    fn all(&self, tag: Tag, name: &str) -> Vec<&Value> {
        let mut values = Vec::new();
        for item in &self.attributes {
            if item.tag == Tag::ATTRIBUTES {
                values.extend(
                    item.children().iter().filter(|child| child.tag == tag).map(|child| &child.value),
                );
            } else if is_called(item, name) {
                values.extend(item.child(Tag::ATTRIBUTE_VALUE).map(|value| &value.value));
            }
        }
        values
    }

    fn key_block(&self) -> Option<&Ttlv> {
        self.object.as_ref()?.child(Tag::KEY_BLOCK)
    }

    /// Every byte string and big integer of its material. What a key's structure is called does not count: servers tell a
    /// raw key from a transparent one, and hand out either for the other.
    fn material(&self) -> Vec<&[u8]> {
        let mut bytes = Vec::new();
        let value = self.key_block().and_then(|block| block.child(Tag::KEY_VALUE));
        if let Some(value) = value {
            leaves(value.child(Tag::KEY_MATERIAL).unwrap_or(value), &mut bytes);
        } else if let Some(object) = self.object.as_ref().filter(|_| self.key_block().is_none()) {
            leaves(object, &mut bytes);
        }
        bytes
    }
}

fn is_called(item: &Ttlv, name: &str) -> bool {
    matches!(item.child(Tag::ATTRIBUTE_NAME).map(|child| &child.value), Some(Value::TextString(text)) if text == name)
}

fn leaves<'t>(item: &'t Ttlv, to: &mut Vec<&'t [u8]>) {
    match &item.value {
        Value::Structure(children) => children.iter().for_each(|child| leaves(child, to)),
        Value::ByteString(bytes) => to.push(bytes),
        Value::BigInteger(number) => to.push(number.to_signed_be()),
        _ => {}
    }
}
