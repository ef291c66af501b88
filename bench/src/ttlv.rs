//! Requests in binary TTLV, KMIP 2.1.

use claviger_kmip::codec::binary;
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::tables::Enumeration;
use claviger_kmip::tables::Mask;
use claviger_kmip::tables::enumerations::{
    BatchErrorContinuationOption, BlockCipherMode, CryptographicAlgorithm, DigitalSignatureAlgorithm,
    NameType, ObjectType, OperationCode, RecommendedCurve, ResultStatus,
};
use claviger_kmip::tables::masks::CryptographicUsageMask;
use claviger_kmip::{Tag, Ttlv, Value};
use xtask::Outcome;

use crate::message::{Ask, Condition, NewKey, PairOf};

/// Some moment in the past: a key with this activation date is active at once.
const LONG_AGO: i64 = 1_000_000_000;

/// The body of a request.
pub(crate) fn body(ask: &Ask<'_>) -> Outcome<Vec<u8>> {
    let items = match ask {
        Ask::Version | Ask::Json(_) => return Err("there is no such request in TTLV".into()),
        Ask::Create { tags } => {
            let key = NewKey { tags: tags.to_vec(), ..NewKey::default() };
            vec![(OperationCode::CREATE, create(&key)?)]
        }
        Ask::CreateMany { keys } => {
            keys.iter().map(|key| Ok((OperationCode::CREATE, create(key)?))).collect::<Outcome<_>>()?
        }
        Ask::Encrypt { key, data, times } => {
            (0..*times).map(|_| (OperationCode::ENCRYPT, encrypt(key, data))).collect()
        }
        Ask::CreatePair { of } => vec![(OperationCode::CREATE_KEY_PAIR, create_pair(*of))],
        Ask::Sign { key, of, data, times } => {
            (0..*times).map(|_| (OperationCode::SIGN, sign(key, *of, data))).collect()
        }
        Ask::Get { key } => vec![(OperationCode::GET, vec![identifier_field(key)])],
        Ask::Locate { by } => vec![(OperationCode::LOCATE, locate(by)?)],
    };
    Ok(binary::encode(&message(minor_version(ask), items)))
}

/// Checks that the first item of an answer is a success; a message with one failed item of many is not found out.
pub(crate) fn check(answer: &[u8]) -> Outcome {
    let success = encoded_status(ResultStatus::SUCCESS);
    let head = answer.get(..answer.len().min(512)).unwrap_or_default();
    match crate::rest::find(head, &success) {
        Some(_) => Ok(()),
        None => Err(format!("an operation failed: {:?}", binary::decode(answer, &Limits::default())).into()),
    }
}

/// The identifier in an answer.
pub(crate) fn identifier(answer: &[u8]) -> Outcome<String> {
    let message = binary::decode(answer, &Limits::default())?;
    let payload = message.child(Tag::BATCH_ITEM).and_then(|item| item.child(Tag::RESPONSE_PAYLOAD));
    let named = |tag| payload.and_then(|payload| payload.child(tag)).map(|field| &field.value);
    match named(Tag::UNIQUE_IDENTIFIER).or(named(Tag::PRIVATE_KEY_UNIQUE_IDENTIFIER)) {
        Some(Value::TextString(identifier)) => Ok(identifier.clone()),
        _ => Err(format!("the answer has no identifier: {message:?}").into()),
    }
}

/// How many objects an answer names.
pub(crate) fn hits(answer: &[u8]) -> Outcome<usize> {
    let message = binary::decode(answer, &Limits::default())?;
    let payload = message.child(Tag::BATCH_ITEM).and_then(|item| item.child(Tag::RESPONSE_PAYLOAD));
    let fields = payload.ok_or("the answer has no payload")?.children();
    Ok(fields.iter().filter(|field| field.tag == Tag::UNIQUE_IDENTIFIER).count())
}

/// Clients of 2.1 claim their names; ten keys of an owner have one name because a client of 2.0 made them.
fn minor_version(ask: &Ask<'_>) -> i32 {
    match ask {
        Ask::CreateMany { .. } => 0,
        _ => 1,
    }
}

/// All items or none are carried out, so that many keys are stored with one commit.
fn message(minor: i32, items: Vec<(OperationCode, Vec<Ttlv>)>) -> Ttlv {
    let version = vec![integer(Tag::PROTOCOL_VERSION_MAJOR, 2), integer(Tag::PROTOCOL_VERSION_MINOR, minor)];
    let mut header = vec![Ttlv::structure(Tag::PROTOCOL_VERSION, version)];
    let creates = items.len() > 1 && items.iter().all(|(operation, _)| *operation == OperationCode::CREATE);
    if creates {
        header.push(enumeration(Tag::BATCH_ERROR_CONTINUATION_OPTION, BatchErrorContinuationOption::UNDO));
    }
    header.push(integer(Tag::BATCH_COUNT, items.len() as i32));
    let many = items.len() > 1;
    let mut children = vec![Ttlv::structure(Tag::REQUEST_HEADER, header)];
    children.extend(items.into_iter().enumerate().map(|(number, (operation, payload))| {
        let mut item = vec![enumeration(Tag::OPERATION, operation)];
        if many {
            let identifier = (number as u32).to_be_bytes().to_vec();
            item.push(Ttlv::new(Tag::UNIQUE_BATCH_ITEM_ID, Value::ByteString(identifier.into())));
        }
        item.push(Ttlv::structure(Tag::REQUEST_PAYLOAD, payload));
        Ttlv::structure(Tag::BATCH_ITEM, item)
    }));
    Ttlv::structure(Tag::REQUEST_MESSAGE, children)
}

fn create(key: &NewKey) -> Outcome<Vec<Ttlv>> {
    let usage = CryptographicUsageMask::ENCRYPT.bits() | CryptographicUsageMask::DECRYPT.bits();
    let mut attributes = vec![
        enumeration(Tag::CRYPTOGRAPHIC_ALGORITHM, CryptographicAlgorithm::AES),
        integer(Tag::CRYPTOGRAPHIC_LENGTH, 256),
        integer(Tag::CRYPTOGRAPHIC_USAGE_MASK, usage as i32),
        Ttlv::new(Tag::ACTIVATION_DATE, Value::DateTime(LONG_AGO)),
    ];
    attributes.extend(key.names.iter().map(|name| name_attribute(name)));
    attributes.extend(key.groups.iter().map(|group| text(Tag::OBJECT_GROUP, group)));
    if !key.tags.is_empty() {
        attributes.push(vendor_attribute(&key.tags)?);
    }
    let object_type = enumeration(Tag::OBJECT_TYPE, ObjectType::SYMMETRIC_KEY);
    Ok(vec![object_type, Ttlv::structure(Tag::ATTRIBUTES, attributes)])
}

fn locate(by: &Condition) -> Outcome<Vec<Ttlv>> {
    let attributes = match by {
        Condition::Tag(tag) => vec![vendor_attribute(std::slice::from_ref(tag))?],
        Condition::Name(name) => vec![name_attribute(name)],
        Condition::Group(group) => {
            vec![integer(Tag::CRYPTOGRAPHIC_LENGTH, 256), text(Tag::OBJECT_GROUP, group)]
        }
        Condition::Nothing => Vec::new(),
    };
    Ok(vec![Ttlv::structure(Tag::ATTRIBUTES, attributes)])
}

fn name_attribute(name: &str) -> Ttlv {
    let kind = enumeration(Tag::NAME_TYPE, NameType::UNINTERPRETED_TEXT_STRING);
    Ttlv::structure(Tag::NAME, vec![text(Tag::NAME_VALUE, name), kind])
}

fn encrypt(key: &str, data: &[u8]) -> Vec<Ttlv> {
    let parameters = vec![
        enumeration(Tag::BLOCK_CIPHER_MODE, BlockCipherMode::GCM),
        Ttlv::new(Tag::RANDOM_IV, Value::Boolean(true)),
        integer(Tag::TAG_LENGTH, 16),
    ];
    vec![
        identifier_field(key),
        Ttlv::structure(Tag::CRYPTOGRAPHIC_PARAMETERS, parameters),
        Ttlv::new(Tag::DATA, Value::ByteString(data.into())),
    ]
}

fn create_pair(of: PairOf) -> Vec<Ttlv> {
    let (algorithm, length, curve) = match of {
        PairOf::Rsa2048 => (CryptographicAlgorithm::RSA, Some(2048), None),
        PairOf::Rsa4096 => (CryptographicAlgorithm::RSA, Some(4096), None),
        PairOf::P256 => (CryptographicAlgorithm::EC, None, Some(RecommendedCurve::P_256)),
        PairOf::Ed25519 => (CryptographicAlgorithm::ED25519, None, None),
    };
    let mut common = vec![
        enumeration(Tag::CRYPTOGRAPHIC_ALGORITHM, algorithm),
        Ttlv::new(Tag::ACTIVATION_DATE, Value::DateTime(LONG_AGO)),
    ];
    common.extend(length.map(|length| integer(Tag::CRYPTOGRAPHIC_LENGTH, length)));
    common.extend(curve.map(|curve| {
        let curve = enumeration(Tag::RECOMMENDED_CURVE, curve);
        Ttlv::structure(Tag::CRYPTOGRAPHIC_DOMAIN_PARAMETERS, vec![curve])
    }));
    let usage = |mask: CryptographicUsageMask| {
        vec![integer(Tag::CRYPTOGRAPHIC_USAGE_MASK, mask.bits().cast_signed())]
    };
    vec![
        Ttlv::structure(Tag::COMMON_ATTRIBUTES, common),
        Ttlv::structure(Tag::PRIVATE_KEY_ATTRIBUTES, usage(CryptographicUsageMask::SIGN)),
        Ttlv::structure(Tag::PUBLIC_KEY_ATTRIBUTES, usage(CryptographicUsageMask::VERIFY)),
    ]
}

fn sign(key: &str, of: PairOf, data: &[u8]) -> Vec<Ttlv> {
    let parameters = match of {
        PairOf::Rsa2048 | PairOf::Rsa4096 => Some(DigitalSignatureAlgorithm::SHA_256_WITH_RSA_ENCRYPTION),
        PairOf::P256 => Some(DigitalSignatureAlgorithm::ECDSA_WITH_SHA256),
        PairOf::Ed25519 => None,
    };
    let mut fields = vec![identifier_field(key)];
    fields.extend(parameters.map(|algorithm| {
        let algorithm = enumeration(Tag::DIGITAL_SIGNATURE_ALGORITHM, algorithm);
        Ttlv::structure(Tag::CRYPTOGRAPHIC_PARAMETERS, vec![algorithm])
    }));
    fields.push(Ttlv::new(Tag::DATA, Value::ByteString(data.into())));
    fields
}

/// User tags travel as the JSON text of a list in a vendor attribute.
fn vendor_attribute(tags: &[String]) -> Outcome<Ttlv> {
    let list = serde_json::to_vec(tags)?;
    let fields = vec![
        text(Tag::VENDOR_IDENTIFICATION, "cosmian"),
        text(Tag::ATTRIBUTE_NAME, "tag"),
        Ttlv::new(Tag::ATTRIBUTE_VALUE, Value::ByteString(list.into())),
    ];
    Ok(Ttlv::structure(Tag::ATTRIBUTE, fields))
}

fn identifier_field(key: &str) -> Ttlv {
    text(Tag::UNIQUE_IDENTIFIER, key)
}

fn text(tag: Tag, value: &str) -> Ttlv {
    Ttlv::new(tag, Value::TextString(value.to_owned()))
}

fn integer(tag: Tag, value: i32) -> Ttlv {
    Ttlv::new(tag, Value::Integer(value))
}

fn enumeration(tag: Tag, value: impl Enumeration) -> Ttlv {
    Ttlv::new(tag, Value::Enumeration(value.code()))
}

fn encoded_status(status: ResultStatus) -> Vec<u8> {
    binary::encode(&enumeration(Tag::RESULT_STATUS, status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_get_is_the_message_of_the_specification() {
        // KMIP 2.1 section 10.1: tag, type, length, value padded to eight bytes.
        let body = body(&Ask::Get { key: "f7c1" }).unwrap();
        assert_eq!(body.get(..8).unwrap(), [0x42, 0x00, 0x78, 0x01, 0, 0, 0, (body.len() - 8) as u8]);
        assert!(body.ends_with(&[0x42, 0x00, 0x94, 0x07, 0, 0, 0, 4, b'f', b'7', b'c', b'1', 0, 0, 0, 0]));
    }

    #[test]
    fn a_name_is_asked_for_as_the_specification_has_it() {
        // KMIP 2.1 section 4.32: Name is a structure of Name Value and Name Type; 11.31: the type of a text is 1.
        let body = body(&Ask::Locate { by: &Condition::Name("key7".into()) }).unwrap();
        let name = [
            &[0x42, 0x00, 0x53, 0x01, 0, 0, 0, 32][..],
            &[0x42, 0x00, 0x55, 0x07, 0, 0, 0, 4, b'k', b'e', b'y', b'7', 0, 0, 0, 0],
            &[0x42, 0x00, 0x54, 0x05, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0],
        ];
        assert!(body.ends_with(&name.concat()), "{body:02x?}");
    }

    #[test]
    fn only_a_success_passes_the_check() {
        assert!(check(&encoded_status(ResultStatus::SUCCESS)).is_ok());
        assert!(check(&encoded_status(ResultStatus::OPERATION_FAILED)).is_err());
    }
}
