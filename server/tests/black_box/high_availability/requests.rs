//! The KMIP requests that the tests send, and what they read from the answers.

use claviger_kmip::tables::enumerations::{
    AdjustmentType, BatchErrorContinuationOption, CryptographicAlgorithm, KeyFormatType, NameType,
    ObjectType, OperationCode, ResultStatus, RevocationReasonCode, UsageLimitsUnit,
};
use claviger_kmip::{Tag, Ttlv, Value};

use crate::kmip_forms::message;

/// An operation with its payload.
pub(super) type Item = (OperationCode, Vec<Ttlv>);

/// Encrypt and Decrypt.
const USES: i32 = 0x0C;

/// Makes a key with this name.
pub(super) fn create(name: &str) -> Item {
    (OperationCode::CREATE, vec![symmetric_key(), attributes(vec![named(name)])])
}

/// Makes an active key that is good for so many uses.
pub(super) fn create_limited(total: i64) -> Item {
    let limits = Ttlv::structure(
        Tag::USAGE_LIMITS,
        vec![
            Ttlv::new(Tag::USAGE_LIMITS_TOTAL, Value::LongInteger(total)),
            Ttlv::new(Tag::USAGE_LIMITS_UNIT, Value::Enumeration(UsageLimitsUnit::OBJECT.0)),
        ],
    );
    (OperationCode::CREATE, vec![symmetric_key(), attributes(vec![active(), limits])])
}

/// Makes an active key.
pub(super) fn create_active() -> Item {
    (OperationCode::CREATE, vec![symmetric_key(), attributes(vec![active()])])
}

/// Stores a key with this name whose bytes are [`bytes_of`] it.
pub(super) fn register(name: &str) -> Item {
    let material = Ttlv::new(Tag::KEY_MATERIAL, Value::ByteString(bytes_of(name).into()));
    let block = Ttlv::structure(
        Tag::KEY_BLOCK,
        vec![
            Ttlv::new(Tag::KEY_FORMAT_TYPE, Value::Enumeration(KeyFormatType::RAW.0)),
            Ttlv::structure(Tag::KEY_VALUE, vec![material]),
            algorithm(),
            Ttlv::new(Tag::CRYPTOGRAPHIC_LENGTH, Value::Integer(128)),
        ],
    );
    let key = Ttlv::structure(Tag::SYMMETRIC_KEY, vec![block]);
    (OperationCode::REGISTER, vec![symmetric_key(), attributes(vec![named(name)]), key])
}

/// Sixteen bytes that tell the name: FNV-1a, once and once more.
pub(super) fn bytes_of(name: &str) -> Vec<u8> {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    let first = name.bytes().fold(0xCBF2_9CE4_8422_2325, step);
    let second = name.bytes().fold(first, step);
    [first.to_be_bytes(), second.to_be_bytes()].concat()
}

/// Asks for a key.
pub(super) fn get(id: &str) -> Item {
    (OperationCode::GET, vec![identifier(id)])
}

/// Looks for the keys of this name.
pub(super) fn locate(name: &str) -> Item {
    (OperationCode::LOCATE, vec![Ttlv::structure(Tag::ATTRIBUTES, vec![named(name)])])
}

/// Encrypts eight bytes.
pub(super) fn encrypt(id: &str) -> Item {
    let data = Ttlv::new(Tag::DATA, Value::ByteString(b"claviger".to_vec().into()));
    (OperationCode::ENCRYPT, vec![identifier(id), data])
}

/// Ends the use of a key.
pub(super) fn revoke(id: &str) -> Item {
    let code = Value::Enumeration(RevocationReasonCode::CESSATION_OF_OPERATION.0);
    let reason = Ttlv::structure(Tag::REVOCATION_REASON, vec![Ttlv::new(Tag::REVOCATION_REASON_CODE, code)]);
    (OperationCode::REVOKE, vec![identifier(id), reason])
}

/// Sets the attribute that [`count`] raises to nought.
pub(super) fn start_counting(id: &str) -> Item {
    let nought = Ttlv::new(Tag::PROTECTION_PERIOD, Value::Interval(0));
    let new = Ttlv::structure(Tag::NEW_ATTRIBUTE, vec![nought]);
    (OperationCode::SET_ATTRIBUTE, vec![identifier(id), new])
}

/// Raises the attribute by one.
pub(super) fn count(id: &str) -> Item {
    let increment = Value::Enumeration(AdjustmentType::INCREMENT.0);
    let fields = vec![
        identifier(id),
        Ttlv::new(Tag::ATTRIBUTE_REFERENCE, Value::Enumeration(Tag::PROTECTION_PERIOD.0)),
        Ttlv::new(Tag::ADJUSTMENT_TYPE, increment),
        Ttlv::new(Tag::ADJUSTMENT_VALUE, Value::Interval(1)),
    ];
    (OperationCode::ADJUST_ATTRIBUTE, fields)
}

/// Asks for that attribute.
pub(super) fn counted(id: &str) -> Item {
    let reference = Value::Enumeration(Tag::PROTECTION_PERIOD.0);
    let reference = Ttlv::new(Tag::ATTRIBUTE_REFERENCE, reference);
    (OperationCode::GET_ATTRIBUTES, vec![identifier(id), reference])
}

/// A message whose items take effect together or not at all.
pub(super) fn all_or_nothing(items: Vec<Item>) -> Ttlv {
    let mut message = message(items);
    let undo = Value::Enumeration(BatchErrorContinuationOption::UNDO.0);
    if let Value::Structure(parts) = &mut message.value
        && let Value::Structure(header) = &mut parts[0].value
    {
        header.insert(1, Ttlv::new(Tag::BATCH_ERROR_CONTINUATION_OPTION, undo));
    }
    message
}

/// The payload of each item of an answer, or what those that failed say.
pub(super) fn payloads(answer: &Ttlv) -> Result<Vec<&Ttlv>, String> {
    let items: Vec<&Ttlv> = answer.children().iter().filter(|child| child.tag == Tag::BATCH_ITEM).collect();
    let success = Value::Enumeration(ResultStatus::SUCCESS.0);
    let failed = |item: &&&Ttlv| item.child(Tag::RESULT_STATUS).is_none_or(|status| status.value != success);
    let told: Vec<String> = items.iter().filter(failed).map(|item| told(item)).collect();
    if !told.is_empty() {
        return Err(told.join("; "));
    }
    Ok(items.into_iter().map(|item| item.child(Tag::RESPONSE_PAYLOAD).unwrap()).collect())
}

fn told(item: &Ttlv) -> String {
    let part = |tag| item.child(tag).map(|part| format!("{:?}", part.value)).unwrap_or_default();
    format!("{} {}", part(Tag::RESULT_REASON), part(Tag::RESULT_MESSAGE))
}

/// The identifiers in a payload.
pub(super) fn identifiers(payload: &Ttlv) -> Vec<String> {
    let fields = payload.children().iter().filter(|field| field.tag == Tag::UNIQUE_IDENTIFIER);
    fields.map(|field| text(&field.value)).collect()
}

/// The bytes of the key in a payload of Get.
pub(super) fn key_bytes(payload: &Ttlv) -> Vec<u8> {
    let path = [Tag::SYMMETRIC_KEY, Tag::KEY_BLOCK, Tag::KEY_VALUE, Tag::KEY_MATERIAL];
    let material = path.iter().try_fold(payload, |part, &tag| part.child(tag));
    match material.map(|material| &material.value) {
        Some(Value::ByteString(bytes)) => bytes.to_vec(),
        other => panic!("no key material but {other:?}"),
    }
}

/// What the attribute of a payload of [`counted`] is.
pub(super) fn value_of_count(payload: &Ttlv) -> u32 {
    let period = payload.child(Tag::ATTRIBUTES).and_then(|all| all.child(Tag::PROTECTION_PERIOD));
    match period.map(|period| &period.value) {
        Some(Value::Interval(seconds)) => *seconds,
        other => panic!("no interval but {other:?}"),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::TextString(text) => text.clone(),
        other => panic!("no text but {other:?}"),
    }
}

fn identifier(id: &str) -> Ttlv {
    Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString(id.into()))
}

fn symmetric_key() -> Ttlv {
    Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(ObjectType::SYMMETRIC_KEY.0))
}

fn algorithm() -> Ttlv {
    Ttlv::new(Tag::CRYPTOGRAPHIC_ALGORITHM, Value::Enumeration(CryptographicAlgorithm::AES.0))
}

fn attributes(more: Vec<Ttlv>) -> Ttlv {
    let mut all = vec![
        algorithm(),
        Ttlv::new(Tag::CRYPTOGRAPHIC_LENGTH, Value::Integer(128)),
        Ttlv::new(Tag::CRYPTOGRAPHIC_USAGE_MASK, Value::Integer(USES)),
    ];
    all.extend(more);
    Ttlv::structure(Tag::ATTRIBUTES, all)
}

fn active() -> Ttlv {
    Ttlv::new(Tag::ACTIVATION_DATE, Value::DateTime(1_000_000_000))
}

fn named(name: &str) -> Ttlv {
    let kind = Value::Enumeration(NameType::UNINTERPRETED_TEXT_STRING.0);
    Ttlv::structure(
        Tag::NAME,
        vec![Ttlv::new(Tag::NAME_VALUE, Value::TextString(name.into())), Ttlv::new(Tag::NAME_TYPE, kind)],
    )
}
