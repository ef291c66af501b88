//! Data that one item of a batch passes on to a later one: Ephemeral, and Data given as an enumeration
//! (KMIP 2.1 sections 8.3, 11.12).

use claviger_kmip::payload::Payload;
use claviger_kmip::tables::enumerations::{Data, OperationCode, ResultReason};
use claviger_kmip::{ByteString, ItemType, Tag, Ttlv, Value};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};

use super::batch::BatchState;

/// Which operation an enumeration value of Data names, and the field of its response that holds the data.
const SOURCES: [(Data, OperationCode, Tag); 6] = [
    (Data::DECRYPT, OperationCode::DECRYPT, Tag::DATA),
    (Data::ENCRYPT, OperationCode::ENCRYPT, Tag::DATA),
    (Data::HASH, OperationCode::HASH, Tag::DATA),
    (Data::MAC_MAC_DATA, OperationCode::MAC, Tag::MAC_DATA),
    (Data::RNG_RETRIEVE, OperationCode::RNG_RETRIEVE, Tag::DATA),
    (Data::SIGN_SIGNATURE_DATA, OperationCode::SIGN, Tag::SIGNATURE_DATA),
];

/// Whether a payload names the data of an earlier item.
pub(crate) fn is_in(payload: &Payload) -> bool {
    // What stays encoded names none.
    let Payload::Tree(Value::Structure(fields)) = payload else { return false };
    fields.iter().any(|field| is_reference(field.tag, field.value.item_type()))
}

/// Whether an item of a payload names the data of an earlier one.
pub(crate) fn is_reference(tag: Tag, item_type: ItemType) -> bool {
    tag == Tag::DATA && matches!(item_type, ItemType::Enumeration | ItemType::Integer)
}

/// Replaces a Data field that names an earlier item by that item's data: an enumeration names the last item of that
/// operation, an integer the nth item with data from 0, or from the last one with -1 downwards.
///
/// # Errors
/// Invalid Field: no earlier item gave such data.
pub(crate) fn replace(payload: &mut Value, earlier: &[(OperationCode, ByteString)]) -> Result<()> {
    let Value::Structure(fields) = payload else { return Ok(()) };
    for field in fields.iter_mut().filter(|field| field.tag == Tag::DATA) {
        let found = match field.value {
            Value::Enumeration(code) => of_operation(Data(code), earlier),
            Value::Integer(n) => nth(n, earlier),
            _ => continue,
        };
        let Some(data) = found else {
            return Err(Error::new(
                ResultReason::INVALID_FIELD,
                ErrorClass::Request,
                "Data names an earlier item of the batch, and no such item gave data",
            ));
        };
        field.value = Value::ByteString(data.clone());
    }
    Ok(())
}

fn of_operation(source: Data, earlier: &[(OperationCode, ByteString)]) -> Option<&ByteString> {
    let (_, operation, _) = SOURCES.iter().find(|(known, _, _)| *known == source)?;
    earlier.iter().rev().find(|(known, _)| known == operation).map(|(_, data)| data)
}

fn nth(n: i32, earlier: &[(OperationCode, ByteString)]) -> Option<&ByteString> {
    let position = match usize::try_from(n) {
        Ok(position) => position,
        Err(_) => earlier.len().checked_sub(usize::try_from(n.unsigned_abs()).ok()?)?,
    };
    earlier.get(position).map(|(_, data)| data)
}

/// Keeps the data that an item returns for later items that name it, and takes that of an ephemeral item out of the
/// response.
pub(crate) fn remember(
    operation: OperationCode,
    payload: &mut Value,
    ephemeral: bool,
    state: &mut BatchState,
) {
    if !ephemeral && !state.wants_data {
        return;
    }
    let Some((_, _, tag)) = SOURCES.iter().find(|(_, known, _)| *known == operation) else { return };
    let Value::Structure(fields) = payload else { return };
    let Some(position) = fields.iter().position(|field| field.tag == *tag) else { return };
    if let Some(Ttlv { value: Value::ByteString(data), .. }) = fields.get(position)
        && state.wants_data
    {
        state.data.push((operation, data.clone()));
    }
    if ephemeral {
        fields.remove(position);
    }
}
