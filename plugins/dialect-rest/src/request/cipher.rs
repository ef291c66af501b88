//! Encrypt and Decrypt: the family's parameters in KMIP's words, what the answer has to repeat, and bulk data.

use claviger_plugin_sdk::dialect::{Completed, Payload};
use claviger_plugin_sdk::kmip::codec::binary;
use claviger_plugin_sdk::kmip::tables::enumerations::BlockCipherMode;
use claviger_plugin_sdk::prelude::*;

use crate::bulk;
use crate::fields;
use crate::vocabulary::NIST_KEY_WRAP;

/// The most items of bulk data.
const ITEMS: usize = 100_000;
/// The most bytes that the requests for the items repeat, all together.
const REPEATED: usize = 64 << 20;

/// Completes an Encrypt.
///
/// # Errors
/// Invalid Field: bulk data with one nonce for all of its items.
pub(crate) fn encrypt(mut request: Vec<Ttlv>) -> Result<Completed> {
    let note = translate(&mut request);
    fields::default(&mut request, Tag::DATA, Value::ByteString(ByteString::default()));
    let Some(items) = fields::bytes(&request, Tag::DATA).and_then(|data| bulk::open(data)) else {
        return Ok(Completed { payload: Payload::One(Value::Structure(request)), note: Some(note) });
    };
    if fields::has(&request, Tag::IV_COUNTER_NONCE) {
        return Err(Error::invalid("bulk data takes no nonce: each of its items gets its own"));
    }
    check_size(&request, items.len())?;
    let payloads = items.iter().map(|item| with_data(&request, item, None)).collect();
    Ok(Completed { payload: Payload::Bulk(payloads), note: Some(note) })
}

/// Completes a Decrypt.
///
/// # Errors
/// Cryptographic Failure: an item of bulk data is too short to hold its nonce and tag.
pub(crate) fn decrypt(mut request: Vec<Ttlv>) -> Result<Completed> {
    let note = translate(&mut request);
    let Some(items) = fields::bytes(&request, Tag::DATA).and_then(|data| bulk::open(data)) else {
        return Ok(Completed { payload: Payload::One(Value::Structure(request)), note: Some(note) });
    };
    check_size(&request, items.len())?;
    let parameters = parameters(&request);
    let (nonce, tag) = bulk::overhead(fields::code(parameters, Tag::BLOCK_CIPHER_MODE).map(BlockCipherMode));
    let payloads = items
        .iter()
        .map(|item| {
            let sealed = bulk::Sealed::of(item, nonce, tag)
                .ok_or_else(|| Error::cryptographic("an item of the bulk data is too short"))?;
            Ok(with_data(&request, sealed.data, Some(&sealed)))
        })
        .collect::<Result<_>>()?;
    Ok(Completed { payload: Payload::Bulk(payloads), note: Some(note) })
}

/// That the requests for so many items of bulk data fit into memory: each repeats what stands beside the data.
///
/// # Errors
/// Invalid Field: they do not.
fn check_size(request: &[Ttlv], items: usize) -> Result<()> {
    let beside: usize = request.iter().filter(|field| field.tag != Tag::DATA).map(binary::length).sum();
    if items > ITEMS {
        return Err(Error::invalid(format!("bulk data has at most {ITEMS} items; send more requests")));
    }
    if items.saturating_mul(beside) > REPEATED {
        return Err(Error::invalid("bulk data with so many items and so much beside it; send more requests"));
    }
    Ok(())
}

/// The request for one item of bulk data.
fn with_data(request: &[Ttlv], data: &[u8], sealed: Option<&bulk::Sealed<'_>>) -> Value {
    let mut one: Vec<Ttlv> = request.iter().filter(|field| field.tag != Tag::DATA).cloned().collect();
    let mut put = |tag, bytes: &[u8]| fields::set(&mut one, tag, Value::ByteString(bytes.into()));
    put(Tag::DATA, data);
    if let Some(sealed) = sealed {
        if !sealed.nonce.is_empty() {
            put(Tag::IV_COUNTER_NONCE, sealed.nonce);
        }
        if !sealed.tag.is_empty() {
            put(Tag::AUTHENTICATED_ENCRYPTION_TAG, sealed.tag);
        }
    }
    Value::Structure(one)
}

/// Puts the parameters into KMIP's words and notes what the answer repeats: the correlation value, the additional data
/// and the nonce, as the client sent them. A correlation value starts no stream here.
fn translate(request: &mut Vec<Ttlv>) -> Value {
    let mut note: Vec<Ttlv> = Vec::new();
    if let Some(correlation) = fields::take(request, Tag::CORRELATION_VALUE) {
        note.push(Ttlv::new(Tag::CORRELATION_VALUE, correlation));
    }
    for tag in [Tag::AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA, Tag::IV_COUNTER_NONCE] {
        note.extend(fields::get(request, tag).map(|value| Ttlv::new(tag, value.clone())));
    }
    if let Some(mut parameters) =
        fields::inner_mut(request, Tag::CRYPTOGRAPHIC_PARAMETERS).map(std::mem::take)
    {
        fields::take(request, Tag::CRYPTOGRAPHIC_PARAMETERS);
        translate_mode(&mut parameters);
        translate_algorithm(&mut parameters);
        if let Some(counter) = take_counter(&mut parameters) {
            append_to_additional_data(request, counter);
        }
        // Parameters that say nothing must not stand before those of the key.
        if !parameters.is_empty() {
            request.push(Ttlv::structure(Tag::CRYPTOGRAPHIC_PARAMETERS, parameters));
        }
    }
    Value::Structure(note)
}

/// The family's names of block cipher modes: AEAD is GCM, and NIST Key Wrap is the padded one of RFC 5649.
pub(crate) fn translate_mode(parameters: &mut [Ttlv]) {
    let Some(mode) = parameters.iter_mut().find(|field| field.tag == Tag::BLOCK_CIPHER_MODE) else { return };
    let Value::Enumeration(code) = mode.value else { return };
    let translated = match BlockCipherMode(code) {
        BlockCipherMode::AEAD => BlockCipherMode::GCM,
        BlockCipherMode::NIST_KEY_WRAP | BlockCipherMode(NIST_KEY_WRAP) => {
            BlockCipherMode::AES_KEY_WRAP_PADDING
        }
        other => other,
    };
    mode.value = Value::Enumeration(translated.0);
}

/// To the family ChaCha20 always goes with Poly1305.
fn translate_algorithm(parameters: &mut Vec<Ttlv>) {
    if fields::code(parameters, Tag::CRYPTOGRAPHIC_ALGORITHM) == Some(CryptographicAlgorithm::CHACHA20.0) {
        let authenticated = Value::Enumeration(CryptographicAlgorithm::CHACHA20_POLY1305.0);
        fields::set(parameters, Tag::CRYPTOGRAPHIC_ALGORITHM, authenticated);
    }
}

fn parameters(request: &[Ttlv]) -> &[Ttlv] {
    match fields::get(request, Tag::CRYPTOGRAPHIC_PARAMETERS) {
        Some(Value::Structure(parameters)) => parameters,
        _ => &[],
    }
}

/// Takes an Initial Counter Value that GCM would have no use for.
fn take_counter(parameters: &mut Vec<Ttlv>) -> Option<i64> {
    let mode = fields::code(parameters, Tag::BLOCK_CIPHER_MODE).map(BlockCipherMode);
    if !matches!(mode, None | Some(BlockCipherMode::GCM)) {
        return None;
    }
    let counter = fields::number(parameters, Tag::INITIAL_COUNTER_VALUE)?;
    fields::take(parameters, Tag::INITIAL_COUNTER_VALUE);
    Some(counter)
}

/// The counter is authenticated behind the additional data, as 8 bytes, little-endian.
fn append_to_additional_data(request: &mut Vec<Ttlv>, counter: i64) {
    let mut data = fields::bytes(request, Tag::AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA)
        .map(|bytes| bytes.to_vec())
        .unwrap_or_default();
    data.extend_from_slice(&counter.to_le_bytes());
    fields::set(request, Tag::AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA, Value::ByteString(data.into()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(completed: Completed) -> Vec<Ttlv> {
        match completed.payload {
            Payload::One(Value::Structure(fields)) => fields,
            other => panic!("{other:?}"),
        }
    }

    fn bytes(tag: Tag, value: &[u8]) -> Ttlv {
        Ttlv::new(tag, Value::ByteString(value.into()))
    }

    #[test]
    fn the_counter_is_authenticated_behind_the_additional_data() {
        let counter = Ttlv::new(Tag::INITIAL_COUNTER_VALUE, Value::LongInteger(0x0102));
        let request = vec![
            Ttlv::structure(Tag::CRYPTOGRAPHIC_PARAMETERS, vec![counter]),
            bytes(Tag::AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA, b"aad"),
        ];
        let completed = encrypt(request).unwrap();
        // What the answer repeats is what the client sent.
        let Some(Value::Structure(note)) = &completed.note else { panic!("no note") };
        assert_eq!(fields::bytes(note, Tag::AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA).unwrap()[..], *b"aad");
        let request = one(completed);
        assert!(!fields::has(&request, Tag::CRYPTOGRAPHIC_PARAMETERS));
        let additional = fields::bytes(&request, Tag::AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA).unwrap();
        assert_eq!(additional[..], *b"aad\x02\x01\0\0\0\0\0\0");
    }

    #[test]
    fn a_short_request_cannot_ask_for_more_memory_than_there_is() {
        let many = |count: usize, beside: usize| {
            let items = vec![&b""[..]; count];
            vec![
                bytes(Tag::DATA, &bulk::close(&items)),
                bytes(Tag::AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA, &vec![0; beside]),
            ]
        };
        for (count, beside) in [(ITEMS + 1, 0), (15_000, 16_000)] {
            assert!(encrypt(many(count, beside)).is_err(), "{count} items beside {beside} bytes");
            assert!(decrypt(many(count, beside)).is_err(), "{count} items beside {beside} bytes");
        }
        assert!(encrypt(many(10_000, 100)).is_ok());
    }

    #[test]
    fn the_family_s_names_of_modes_become_kmip_s() {
        let mut parameters = [Ttlv::new(Tag::BLOCK_CIPHER_MODE, Value::Enumeration(NIST_KEY_WRAP))];
        translate_mode(&mut parameters);
        assert_eq!(
            fields::code(&parameters, Tag::BLOCK_CIPHER_MODE),
            Some(BlockCipherMode::AES_KEY_WRAP_PADDING.0)
        );
    }

    #[test]
    fn each_item_of_bulk_data_is_decrypted_with_its_own_nonce_and_tag() {
        let item: Vec<u8> = (0..30).collect();
        let request = vec![bytes(Tag::DATA, &bulk::close(&[&item]))];
        let Payload::Bulk(payloads) = decrypt(request).unwrap().payload else { panic!("not bulk") };
        let [Value::Structure(payload)] = &payloads[..] else { panic!("{payloads:?}") };
        assert_eq!(fields::bytes(payload, Tag::IV_COUNTER_NONCE).unwrap()[..], item[..12]);
        assert_eq!(fields::bytes(payload, Tag::DATA).unwrap()[..], item[12..14]);
        assert_eq!(fields::bytes(payload, Tag::AUTHENTICATED_ENCRYPTION_TAG).unwrap()[..], item[14..]);
    }
}
