//! A record and what stands beside it, as they are encrypted.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::filter::{Grants, Index, IndexValue, IndexedValue};
use claviger_plugin_sdk::kmip::Tag;
use claviger_plugin_sdk::kmip::field::DateTime;
use claviger_plugin_sdk::kmip::lifecycle::StateDates;
use claviger_plugin_sdk::kmip::tables::enumerations::{ObjectType, OperationCode, State};
use claviger_plugin_sdk::record::{ObjectId, Revision};
use claviger_plugin_sdk::shared_bytes::SharedBytes;
use claviger_plugin_sdk::store::{Grant, Stored, Subject};
use zeroize::Zeroizing;

use crate::encoding::{Reader, Writer};
use crate::keys::Mac;
use crate::sealed::damaged;

/// A record.
#[derive(Clone, PartialEq)]
pub(crate) struct Object {
    /// Its place in the order of all objects.
    pub(crate) place: i64,
    pub(crate) id: ObjectId,
    pub(crate) revision: Revision,
    pub(crate) index: Index,
    pub(crate) body: SharedBytes,
}

/// Without the body, which may hold a key.
impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, id, revision, index, body: _ } = self;
        let mut shown = f.debug_struct("Object");
        shown.field("place", place).field("id", id).field("revision", revision).field("index", index);
        shown.finish_non_exhaustive()
    }
}

/// What stands beside a record and changes without it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Side {
    /// What is left of the Usage Limits.
    pub(crate) usage_left: Option<i64>,
    pub(crate) grants: BTreeSet<(Subject, OperationCode)>,
    /// Owners and names that the object has claimed.
    pub(crate) claims: BTreeSet<(Arc<str>, String)>,
}

impl Object {
    /// The bytes to encrypt.
    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let index = &self.index;
        let mut to = Writer::with_capacity(self.size());
        to.long(self.place).long(self.revision.0.cast_signed()).text(self.id.as_str()).text(&index.owner);
        to.number(index.object_type.0).number(index.dates.stored.0);
        to.optional(index.dates.activation.map(|date| date.0));
        to.optional(index.dates.deactivation.map(|date| date.0));
        to.byte(index.archived.into()).count(index.tags.len());
        for tag in &index.tags {
            to.text(tag);
        }
        to.count(index.attributes.len());
        for value in &index.attributes {
            to.number(value.tag.0).optional(value.field.map(|field| field.0.into())).number(value.instance);
            match &value.value {
                IndexValue::Integer(n) => to.byte(INTEGER).long(*n),
                IndexValue::Text(text) => to.byte(TEXT).text(text),
                IndexValue::Bytes(bytes) => to.byte(BYTES).bytes(bytes),
            };
        }
        to.bytes(&self.body);
        to.finish()
    }

    /// How many bytes [`Object::encode`] gives at most.
    fn size(&self) -> usize {
        let tags: usize = self.index.tags.iter().map(|tag| tag.len() + 8).sum();
        let value = |value: &IndexedValue| match &value.value {
            IndexValue::Integer(_) => 32,
            IndexValue::Text(text) => 32 + text.len(),
            IndexValue::Bytes(bytes) => 32 + bytes.len(),
        };
        let attributes: usize = self.index.attributes.iter().map(value).sum();
        128 + self.id.as_str().len() + self.index.owner.len() + tags + attributes + self.body.len()
    }

    /// Reads what [`Object::encode`] made.
    ///
    /// # Errors
    /// It is something else.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        let mut from = Reader::new(bytes);
        let (place, revision) = (from.long()?, Revision(from.long()?.cast_unsigned()));
        let id = ObjectId::new(from.text()?).map_err(|_| damaged())?;
        let owner = from.text()?.into();
        let object_type = ObjectType(from.number()?);
        let dates = StateDates {
            stored: State(from.number()?),
            activation: from.optional()?.map(DateTime),
            deactivation: from.optional()?.map(DateTime),
        };
        let archived = from.byte()? != 0;
        let tags = (0..from.count()?).map(|_| from.text().map(str::to_owned)).collect::<Result<_>>()?;
        let attributes = (0..from.count()?).map(|_| attribute(&mut from)).collect::<Result<_>>()?;
        let body = from.bytes()?.into();
        from.end()?;
        let index = Index { owner, object_type, dates, archived, tags, attributes };
        Ok(Self { place, id, revision, index, body })
    }
}

const INTEGER: u8 = 0;
const TEXT: u8 = 1;
const BYTES: u8 = 2;

fn attribute(from: &mut Reader<'_>) -> Result<IndexedValue> {
    let tag = Tag(from.number()?);
    let field =
        from.optional()?.map(|field| u32::try_from(field).map(Tag).map_err(|_| damaged())).transpose()?;
    let instance = from.number()?;
    let value = match from.byte()? {
        INTEGER => IndexValue::Integer(from.long()?),
        TEXT => IndexValue::Text(from.text()?.to_owned()),
        BYTES => IndexValue::Bytes(from.bytes()?.to_vec()),
        _ => return Err(damaged()),
    };
    Ok(IndexedValue { tag, field, instance, value })
}

impl Side {
    /// The bytes to encrypt; `None` if there is nothing to keep.
    pub(crate) fn encode(&self) -> Option<Zeroizing<Vec<u8>>> {
        if *self == Self::default() {
            return None;
        }
        let mut to = Writer::with_capacity(64 + 64 * (self.grants.len() + self.claims.len()));
        to.optional(self.usage_left).count(self.grants.len());
        for (subject, operation) in &self.grants {
            to.text(&subject.to_stored()).number(operation.0);
        }
        to.count(self.claims.len());
        for (owner, name) in &self.claims {
            to.text(owner).text(name);
        }
        Some(to.finish())
    }

    /// Reads what [`Side::encode`] made.
    ///
    /// # Errors
    /// It is something else.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        let mut from = Reader::new(bytes);
        let usage_left = from.optional()?;
        let grant = |from: &mut Reader<'_>| {
            let subject = Subject::from_stored(from.text()?).ok_or_else(damaged)?;
            Ok((subject, OperationCode(from.number()?)))
        };
        let grants = (0..from.count()?).map(|_| grant(&mut from)).collect::<Result<_>>()?;
        let claim = |from: &mut Reader<'_>| Ok((from.text()?.into(), from.text()?.to_owned()));
        let claims = (0..from.count()?).map(|_| claim(&mut from)).collect::<Result<_>>()?;
        from.end()?;
        Ok(Self { usage_left, grants, claims })
    }

    /// The grants that some of the subjects hold on an object.
    pub(crate) fn held<'s>(
        &'s self,
        object: &'s ObjectId,
        subjects: &'s [Subject],
    ) -> impl Iterator<Item = Grant> + 's {
        let held = self.grants.iter().filter(|(subject, _)| subjects.contains(subject));
        held.map(|(subject, operation)| Grant {
            object: object.clone(),
            subject: subject.clone(),
            operation: *operation,
        })
    }
}

impl Grants for Side {
    fn holds(&self, wanted: &Subject, operations: Option<&[OperationCode]>) -> bool {
        self.grants.iter().any(|(subject, operation)| {
            subject == wanted && operations.is_none_or(|operations| operations.contains(operation))
        })
    }
}

/// A record with what stands beside it.
#[derive(Clone, Debug)]
pub(crate) struct Whole {
    /// What stands for its identifier.
    pub(crate) name: Mac,
    pub(crate) object: Object,
    pub(crate) side: Side,
}

impl Whole {
    /// The record as a store returns it.
    pub(crate) fn into_stored(self, subjects: &[Subject]) -> Stored {
        let grants = self.side.held(&self.object.id, subjects).collect();
        Stored {
            grants,
            id: self.object.id,
            revision: self.object.revision,
            body: self.object.body,
            usage_left: self.side.usage_left,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object() -> Object {
        let value = |field, value| IndexedValue { tag: Tag::LINK, field, instance: 1, value };
        let index = Index {
            owner: "ann".into(),
            object_type: ObjectType::SYMMETRIC_KEY,
            dates: StateDates { stored: State::ACTIVE, activation: Some(DateTime(-1)), deactivation: None },
            archived: true,
            tags: ["red", ""].map(str::to_owned).into(),
            attributes: vec![
                value(None, IndexValue::Integer(i64::MIN)),
                value(Some(Tag::LINK_TYPE), IndexValue::Text("é".into())),
                value(None, IndexValue::Bytes(vec![0, 255])),
            ],
        };
        let (id, body) = (ObjectId::new("k").unwrap(), b"body".as_slice().into());
        Object { place: 7, id, revision: Revision(u64::MAX), index, body }
    }

    fn side() -> Side {
        let subjects = [Subject::User("u:x".into()), Subject::Group("g".into()), Subject::Everyone];
        let grants = subjects.map(|subject| (subject, OperationCode::GET)).into();
        let claims = [("ann".into(), "name".to_owned())].into();
        Side { usage_left: Some(-3), grants, claims }
    }

    #[test]
    fn what_is_encoded_is_decoded_and_nothing_shorter_or_longer_is() {
        let (object, side) = (object(), side());
        let (encoded, encoded_side) = (object.encode(), side.encode().unwrap());
        assert!(encoded.len() <= object.size(), "{} bytes are reserved for {}", object.size(), encoded.len());
        assert_eq!(Object::decode(&encoded).unwrap(), object);
        assert_eq!(Side::decode(&encoded_side).unwrap(), side);
        for length in 0..encoded.len() {
            assert!(Object::decode(&encoded[..length]).is_err(), "{length} bytes");
        }
        for length in 0..encoded_side.len() {
            assert!(Side::decode(&encoded_side[..length]).is_err(), "{length} bytes");
        }
        assert!(Object::decode(&[&**encoded, &[0]].concat()).is_err());
        assert!(Side::decode(&[&**encoded_side, &[0]].concat()).is_err());
        assert!(Side::default().encode().is_none());
    }

    #[test]
    fn damaged_bytes_are_refused_or_read_and_never_a_panic() {
        let (encoded, encoded_side) = (object().encode(), side().encode().unwrap());
        for (position, bit) in (0..encoded.len()).flat_map(|position| (0..8).map(move |bit| (position, bit)))
        {
            let mut damaged = encoded.to_vec();
            damaged[position] ^= 1 << bit;
            let _ = Object::decode(&damaged);
            if position < encoded_side.len() {
                let mut damaged = encoded_side.to_vec();
                damaged[position] ^= 1 << bit;
                let _ = Side::decode(&damaged);
            }
        }
    }
}
