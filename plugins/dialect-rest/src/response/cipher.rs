//! Answers of Encrypt and Decrypt.

use claviger_plugin_sdk::prelude::*;

use crate::bulk;
use crate::fields;
use crate::generation::Generation;

/// Repeats what the family expects to read again: its correlation value or, to older clients, the additional data in
/// place of one; and the nonce of an encryption, whoever chose it.
pub(crate) fn repeat(
    response: &mut Vec<Ttlv>,
    operation: OperationCode,
    note: Option<Value>,
    generation: Generation,
) {
    fields::take(response, Tag::CORRELATION_VALUE);
    let Some(Value::Structure(mut sent)) = note else { return };
    if operation == OperationCode::ENCRYPT
        && let Some(nonce) = fields::take(&mut sent, Tag::IV_COUNTER_NONCE)
    {
        fields::default(response, Tag::IV_COUNTER_NONCE, nonce);
    }
    let additional = fields::take(&mut sent, Tag::AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA)
        .filter(|_| generation == Generation::Older)
        .filter(|data| !matches!(data, Value::ByteString(bytes) if bytes.is_empty()));
    if let Some(value) = fields::take(&mut sent, Tag::CORRELATION_VALUE).or(additional) {
        response.push(Ttlv::new(Tag::CORRELATION_VALUE, value));
    }
}

/// Older clients read a length of metadata before what a private key decrypted; the keys that KMIP knows have none.
pub(crate) fn prefix_metadata(response: &mut [Ttlv]) {
    let Some(data) = response.iter_mut().find(|field| field.tag == Tag::DATA) else { return };
    if let Value::ByteString(bytes) = &data.value {
        data.value = Value::ByteString([&[0][..], bytes].concat().into());
    }
}

/// The answers to bulk data as one: its Data is an envelope again, of nonce, ciphertext and tag when encrypting.
///
/// # Errors
/// Internal Server Error: a handler answered with something that is no payload.
pub(crate) fn close_bulk(operation: OperationCode, payloads: Vec<Value>) -> Result<Value> {
    let mut identifier = None;
    let mut items: Vec<ByteString> = Vec::with_capacity(payloads.len());
    for payload in payloads {
        let mut response = fields::children(payload)?;
        let mut item = Vec::new();
        for tag in parts(operation) {
            item.extend_from_slice(fields::bytes(&response, *tag).map_or(&[][..], |bytes| bytes));
        }
        items.push(item.into());
        identifier = fields::take(&mut response, Tag::UNIQUE_IDENTIFIER);
    }
    let items: Vec<&[u8]> = items.iter().map(|item| &item[..]).collect();
    let mut answer: Vec<Ttlv> =
        identifier.map(|id| Ttlv::new(Tag::UNIQUE_IDENTIFIER, id)).into_iter().collect();
    answer.push(Ttlv::new(Tag::DATA, Value::ByteString(bulk::close(&items).into())));
    Ok(Value::Structure(answer))
}

fn parts(operation: OperationCode) -> &'static [Tag] {
    match operation {
        OperationCode::ENCRYPT => &[Tag::IV_COUNTER_NONCE, Tag::DATA, Tag::AUTHENTICATED_ENCRYPTION_TAG],
        _ => &[Tag::DATA],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(tag: Tag, value: &[u8]) -> Ttlv {
        Ttlv::new(tag, Value::ByteString(value.into()))
    }

    #[test]
    fn older_clients_read_their_additional_data_as_correlation_value() {
        let note =
            || Some(Value::Structure(vec![bytes(Tag::AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA, b"aad")]));
        let mut response = vec![];
        repeat(&mut response, OperationCode::DECRYPT, note(), Generation::Older);
        assert_eq!(response, [bytes(Tag::CORRELATION_VALUE, b"aad")]);
        let mut response = vec![];
        repeat(&mut response, OperationCode::DECRYPT, note(), Generation::Newer);
        assert_eq!(response, []);
    }

    #[test]
    fn what_a_private_key_decrypted_has_an_empty_metadata_before_it() {
        let mut response = vec![bytes(Tag::DATA, b"data")];
        prefix_metadata(&mut response);
        assert_eq!(response, [bytes(Tag::DATA, b"\0data")]);
    }

    #[test]
    fn encrypted_bulk_data_holds_nonce_ciphertext_and_tag() {
        let one = Value::Structure(vec![
            Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString("k".into())),
            bytes(Tag::DATA, b"data"),
            bytes(Tag::IV_COUNTER_NONCE, b"nonce"),
            bytes(Tag::AUTHENTICATED_ENCRYPTION_TAG, b"tag"),
        ]);
        let Value::Structure(answer) = close_bulk(OperationCode::ENCRYPT, vec![one]).unwrap() else {
            panic!()
        };
        let data = fields::bytes(&answer, Tag::DATA).unwrap();
        assert_eq!(bulk::open(data), Some(vec![&b"noncedatatag"[..]]));
        assert_eq!(answer.len(), 2);
    }
}
