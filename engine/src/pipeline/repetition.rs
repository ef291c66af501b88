//! A Unique Identifier that names several objects: the operation is repeated for each of them (KMIP 2.1 section 11.58).

use claviger_kmip::message::RequestBatchItem;
use claviger_kmip::tables::enumerations::{OperationCode, UniqueIdentifier as Which};
use claviger_kmip::{Tag, Ttlv, Value};

use super::batch::BatchState;

/// The item once for each object that an enumerated Unique Identifier stands for; the item itself if that is one object,
/// or none, or more than there is room for, which resolving will refuse.
pub(crate) fn of(request: RequestBatchItem, state: &BatchState, room: usize) -> Vec<RequestBatchItem> {
    let several = match named(&request) {
        Some(Which::LOCATE) => state.identifiers_of(OperationCode::LOCATE),
        Some(Which::CREATE_KEY_PAIR) => state.identifiers_of(OperationCode::CREATE_KEY_PAIR),
        Some(Which::RE_KEY_KEY_PAIR) => state.identifiers_of(OperationCode::RE_KEY_KEY_PAIR),
        Some(Which::CREATE_SPLIT_KEY) => state.identifiers_of(OperationCode::CREATE_SPLIT_KEY),
        _ => None,
    };
    match several {
        Some(identifiers) if (2..=room).contains(&identifiers.len()) => {
            identifiers.iter().map(|identifier| about(&request, identifier)).collect()
        }
        _ => vec![request],
    }
}

fn named(request: &RequestBatchItem) -> Option<Which> {
    let Value::Structure(fields) = &request.request_payload else { return None };
    fields.iter().find_map(|field| match field {
        Ttlv { tag: Tag::UNIQUE_IDENTIFIER, value: Value::Enumeration(code) } => Some(Which(*code)),
        _ => None,
    })
}

fn about(request: &RequestBatchItem, identifier: &str) -> RequestBatchItem {
    let mut request = request.clone();
    if let Value::Structure(fields) = &mut request.request_payload {
        for field in fields.iter_mut().filter(|field| field.tag == Tag::UNIQUE_IDENTIFIER) {
            field.value = Value::TextString(identifier.to_owned());
        }
    }
    request
}
