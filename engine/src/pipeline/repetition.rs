//! A Unique Identifier that names several objects: the operation is repeated for each of them (KMIP 2.1 section 11.58).

use claviger_kmip::message::RequestBatchItem;
use claviger_kmip::payload::Payload;
use claviger_kmip::tables::enumerations::{OperationCode, UniqueIdentifier as Which};
use claviger_kmip::{Tag, Ttlv, Value};

use super::batch::BatchState;

/// The item once for each object that an enumerated Unique Identifier stands for; the item itself if that is one object,
/// or none, or more than there is room for, which resolving will refuse.
pub(crate) fn of(request: RequestBatchItem, state: &BatchState, room: usize) -> Repeated {
    let several = match named(&request) {
        Some(Which::LOCATE) => state.identifiers_of(OperationCode::LOCATE),
        Some(Which::CREATE_KEY_PAIR) => state.identifiers_of(OperationCode::CREATE_KEY_PAIR),
        Some(Which::RE_KEY_KEY_PAIR) => state.identifiers_of(OperationCode::RE_KEY_KEY_PAIR),
        Some(Which::CREATE_SPLIT_KEY) => state.identifiers_of(OperationCode::CREATE_SPLIT_KEY),
        _ => None,
    };
    let several = several.filter(|identifiers| (2..=room).contains(&identifiers.len()));
    let identifiers = several.map(<[String]>::to_vec).unwrap_or_default();
    Repeated { request: Some(request), identifiers: identifiers.into_iter() }
}

/// The items that stand for one. Each is made when its turn comes: an item may hold megabytes, and stand for thousands.
pub(crate) struct Repeated {
    request: Option<RequestBatchItem>,
    identifiers: std::vec::IntoIter<String>,
}

impl Repeated {
    /// How many items there are beside the one that stands for them.
    pub(crate) fn further(&self) -> usize {
        self.identifiers.len().saturating_sub(1)
    }

    /// The item itself.
    pub(crate) fn once(self) -> Self {
        Self { identifiers: Vec::new().into_iter(), ..self }
    }
}

impl Iterator for Repeated {
    type Item = RequestBatchItem;

    fn next(&mut self) -> Option<RequestBatchItem> {
        let Some(identifier) = self.identifiers.next() else { return self.request.take() };
        let is_last = self.identifiers.len() == 0;
        let request = if is_last { self.request.take() } else { self.request.clone() };
        request.map(|request| about(request, identifier))
    }
}

fn named(request: &RequestBatchItem) -> Option<Which> {
    // What stays encoded names no object so.
    let Payload::Tree(Value::Structure(fields)) = &request.request_payload else { return None };
    fields.iter().find_map(|field| match field {
        Ttlv { tag: Tag::UNIQUE_IDENTIFIER, value: Value::Enumeration(code) } => Some(Which(*code)),
        _ => None,
    })
}

fn about(mut request: RequestBatchItem, identifier: String) -> RequestBatchItem {
    if let Payload::Tree(Value::Structure(fields)) = &mut request.request_payload {
        for field in fields.iter_mut().filter(|field| field.tag == Tag::UNIQUE_IDENTIFIER) {
            field.value = Value::TextString(identifier.clone());
        }
    }
    request
}
