use super::*;
use crate::codec::error::{CodecError, CodecErrorKind};
use crate::codec::limits::Limits;
use crate::field::{DateTime, TtlvValue};
use crate::payloads::ValidateRequest;
use crate::tables::enumerations::{
    CertificateType, CryptographicAlgorithm, KeyFormatType, ObjectType, RevocationReasonCode,
};
use crate::ttlv::{BigInteger, Tag, Value};
use crate::vocabulary::Vocabulary;

fn read(text: &str) -> Result<RestBody, CodecError> {
    decode(text.as_bytes(), &Limits::default(), Vocabulary::standard())
}

fn payload(text: &str) -> Ttlv {
    match read(text) {
        Ok(RestBody::Operation { payload, .. }) => payload,
        other => panic!("{other:?}"),
    }
}

fn written(operation: OperationCode, payload: Ttlv) -> String {
    let body = RestBody::Operation { operation, payload };
    String::from_utf8(encode(&body, KeyMaterialForm::Bare, Vocabulary::standard())).unwrap()
}

fn text(tag: Tag, text: &str) -> Ttlv {
    Ttlv::new(tag, Value::TextString(text.into()))
}

fn enumeration(tag: Tag, value: u32) -> Ttlv {
    Ttlv::new(tag, Value::Enumeration(value))
}

fn bytes(tag: Tag, bytes: &[u8]) -> Ttlv {
    Ttlv::new(tag, Value::ByteString(bytes.into()))
}

/// Without the blanks and line ends that make the examples readable.
fn dense(text: &str) -> String {
    text.lines().map(str::trim).collect()
}

const CREATE: &str = r#"{"tag":"Create","type":"Structure","value":[
    {"tag":"ObjectType","type":"Enumeration","value":"SymmetricKey"},
    {"tag":"Attributes","type":"Structure","value":[
        {"tag":"CryptographicAlgorithm","type":"Enumeration","value":"AES"},
        {"tag":"CryptographicLength","type":"Integer","value":256},
        {"tag":"CryptographicUsageMask","type":"Integer","value":2108},
        {"tag":"VendorAttributes","type":"Structure","value":[
            {"tag":"VendorAttributes","type":"Structure","value":[
                {"tag":"VendorIdentification","type":"TextString","value":"acme"},
                {"tag":"AttributeName","type":"TextString","value":"tag"},
                {"tag":"AttributeValue","type":"ByteString","value":"5B226D79225D"}]}]}]}]}"#;

#[test]
fn a_bare_operation_is_its_code_and_its_payload() {
    let vendor = Ttlv::structure(
        Tag::ATTRIBUTE,
        vec![
            text(Tag::VENDOR_IDENTIFICATION, "acme"),
            text(Tag::ATTRIBUTE_NAME, "tag"),
            bytes(Tag::ATTRIBUTE_VALUE, br#"["my"]"#),
        ],
    );
    let attributes = vec![
        enumeration(Tag::CRYPTOGRAPHIC_ALGORITHM, CryptographicAlgorithm::AES.0),
        Ttlv::new(Tag::CRYPTOGRAPHIC_LENGTH, Value::Integer(256)),
        Ttlv::new(Tag::CRYPTOGRAPHIC_USAGE_MASK, Value::Integer(2108)),
        vendor,
    ];
    let payload = Ttlv::structure(
        Tag::REQUEST_PAYLOAD,
        vec![
            enumeration(Tag::OBJECT_TYPE, ObjectType::SYMMETRIC_KEY.0),
            Ttlv::structure(Tag::ATTRIBUTES, attributes),
        ],
    );
    let body = RestBody::Operation { operation: OperationCode::CREATE, payload };
    assert_eq!(read(CREATE).unwrap(), body);
    let written = encode(&body, KeyMaterialForm::Bare, Vocabulary::standard());
    assert_eq!(String::from_utf8(written).unwrap(), dense(CREATE));
}

#[test]
fn an_array_is_read_nested_or_as_repeated_siblings_or_empty() {
    let link = r#"{"tag":"Link","type":"Structure","value":[
        {"tag":"LinkType","type":"Enumeration","value":"PublicKeyLink"},
        {"tag":"LinkedObjectIdentifier","type":"TextString","value":"6a1e"}]}"#;
    let read = |links: &str| {
        payload(&format!(
            r#"{{"tag":"Locate","value":[{{"tag":"Attributes","type":"Structure","value":[{links}]}}]}}"#
        ))
    };
    let nested = read(&format!(r#"{{"tag":"Link","type":"Structure","value":[{link},{link}]}}"#));
    let links = nested.child(Tag::ATTRIBUTES).unwrap().children();
    assert_eq!(links.len(), 2);
    assert_eq!(
        links[0].child(Tag::LINKED_OBJECT_IDENTIFIER).unwrap(),
        &text(Tag::LINKED_OBJECT_IDENTIFIER, "6a1e")
    );
    assert_eq!(read(&format!("{link},{link}")), nested);
    assert_eq!(read(r#"{"tag":"Link","value":[]}"#).child(Tag::ATTRIBUTES).unwrap().children(), []);
    assert!(
        written(OperationCode::LOCATE, nested)
            .contains(r#"{"tag":"Link","type":"Structure","value":[{"tag":"Link","#)
    );
}

#[test]
fn the_identifiers_that_locate_finds_are_an_array() {
    let response = dense(
        r#"{"tag":"LocateResponse","type":"Structure","value":[
            {"tag":"LocatedItems","type":"Integer","value":2},
            {"tag":"UniqueIdentifier","type":"Structure","value":[
                {"tag":"UniqueIdentifier","type":"TextString","value":"a"},
                {"tag":"UniqueIdentifier","type":"TextString","value":"b"}]}]}"#,
    );
    let found = Ttlv::structure(
        Tag::RESPONSE_PAYLOAD,
        vec![
            Ttlv::new(Tag::LOCATED_ITEMS, Value::Integer(2)),
            text(Tag::UNIQUE_IDENTIFIER, "a"),
            text(Tag::UNIQUE_IDENTIFIER, "b"),
        ],
    );
    assert_eq!(payload(&response), found);
    assert_eq!(written(OperationCode::LOCATE, found), response);
}

#[test]
fn the_nonce_has_two_names() {
    let nonce = bytes(Tag::IV_COUNTER_NONCE, &[1, 2]);
    let encrypt = Ttlv::structure(Tag::REQUEST_PAYLOAD, vec![nonce.clone()]);
    assert!(
        written(OperationCode::ENCRYPT, encrypt)
            .contains(r#"{"tag":"IvCounterNonce","type":"ByteString","value":"0102"}"#)
    );
    let wrapping = Ttlv::structure(Tag::KEY_WRAPPING_DATA, vec![nonce]);
    let get = Ttlv::structure(Tag::RESPONSE_PAYLOAD, vec![wrapping]);
    assert!(
        written(OperationCode::GET, get)
            .contains(r#"{"tag":"IVCounterNonce","type":"ByteString","value":"0102"}"#)
    );
}

#[test]
fn an_object_takes_the_tag_of_the_object_type_beside_it() {
    let response = dense(
        r#"{"tag":"GetResponse","type":"Structure","value":[
            {"tag":"Object","type":"Structure","value":[
                {"tag":"KeyBlock","type":"Structure","value":[
                    {"tag":"KeyFormatType","type":"Enumeration","value":"Raw"},
                    {"tag":"KeyValue","type":"Structure","value":[
                        {"tag":"KeyMaterial","type":"ByteString","value":"00FF"}]}]}]},
            {"tag":"ObjectType","type":"Enumeration","value":"SymmetricKey"}]}"#,
    );
    let get = payload(&response);
    let key_block = get.child(Tag::SYMMETRIC_KEY).unwrap().child(Tag::KEY_BLOCK).unwrap();
    assert_eq!(key_block.children()[0], enumeration(Tag::KEY_FORMAT_TYPE, KeyFormatType::RAW.0));
    assert_eq!(written(OperationCode::GET, get.clone()), response);

    let in_structure = response.replace(
        r#"{"tag":"KeyMaterial","type":"ByteString","value":"00FF"}"#,
        r#"{"tag":"KeyMaterial","type":"Structure","value":[{"tag":"ByteString","type":"ByteString","value":"00FF"}]}"#,
    );
    assert_eq!(payload(&in_structure), get);
    let body = RestBody::Operation { operation: OperationCode::GET, payload: get };
    let written = encode(&body, KeyMaterialForm::InStructure, Vocabulary::standard());
    assert_eq!(String::from_utf8(written).unwrap(), in_structure);
}

#[test]
fn an_object_without_its_type_is_refused() {
    let error =
        read(r#"{"tag":"Import","value":[{"tag":"Object","value":[{"tag":"KeyBlock","value":[]}]}]}"#)
            .unwrap_err();
    assert!(error.to_string().starts_with("RequestPayload: ObjectType beside Object is missing"), "{error}");
}

#[test]
fn a_revocation_reason_is_a_code_or_a_text() {
    let revoke = |reason: &str| {
        let body = format!(
            r#"{{"tag":"Revoke","type":"Structure","value":[{{"tag":"RevocationReason",{reason}}}]}}"#
        );
        (payload(&body).children()[0].clone(), written(OperationCode::REVOKE, payload(&body)) == body)
    };
    let reason = |code: RevocationReasonCode, message: Option<&str>| {
        let message = message.map(|message| text(Tag::REVOCATION_MESSAGE, message));
        let code = enumeration(Tag::REVOCATION_REASON_CODE, code.0);
        Ttlv::structure(Tag::REVOCATION_REASON, [Some(code), message].into_iter().flatten().collect())
    };
    let compromise = reason(RevocationReasonCode::KEY_COMPROMISE, None);
    assert_eq!(revoke(r#""type":"Enumeration","value":"KeyCompromise""#), (compromise.clone(), true));
    assert_eq!(revoke(r#""type":"TextString","value":"KeyCompromise""#), (compromise, false));
    for message in ["left", "key compromise"] {
        let unspecified = reason(RevocationReasonCode::UNSPECIFIED, Some(message));
        assert_eq!(revoke(&format!(r#""type":"TextString","value":"{message}""#)), (unspecified, true));
    }
}

#[test]
fn long_integers_become_what_kmip_has_and_go_back() {
    let body = dense(
        r#"{"tag":"Create","type":"Structure","value":[
            {"tag":"ActivationDate","type":"LongInteger","value":"0x000000005F5E1000"},
            {"tag":"IvLength","type":"LongInteger","value":"0x000000000000000C"},
            {"tag":"UsageLimitsTotal","type":"LongInteger","value":"0x0000000000000005"},
            {"tag":"D","type":"BigInteger","value":"0xFF00"},
            {"tag":"QLength","type":"Integer","value":256}]}"#,
    );
    let payload = payload(&body);
    assert_eq!(payload.child(Tag::ACTIVATION_DATE).unwrap().value, Value::DateTime(1_600_000_000));
    assert_eq!(payload.child(Tag::IV_LENGTH).unwrap().value, Value::Integer(12));
    assert_eq!(payload.child(Tag::USAGE_LIMITS_TOTAL).unwrap().value, Value::LongInteger(5));
    assert_eq!(
        payload.child(Tag::D).unwrap().value,
        Value::BigInteger(BigInteger::from_unsigned_be(&[0xFF, 0]))
    );
    assert_eq!(payload.child(Tag::QLENGTH).unwrap().value, Value::Integer(256));
    assert_eq!(written(OperationCode::CREATE, payload), body);
    let too_long =
        r#"{"tag":"Create","value":[{"tag":"IvLength","type":"LongInteger","value":"0x0000000100000000"}]}"#;
    assert!(read(too_long).is_err());
}

#[test]
fn what_the_contract_calls_tolerances_is_read() {
    let payload = payload(
        r#"{"value":[
            {"value":"0x00000003","type":"Enumeration","tag":"CryptographicAlgorithm"},
            {"value":3,"type":"Enumeration","tag":"CryptographicAlgorithm"},
            {"value":"HMAC_SHA256","type":"Enumeration","tag":"CryptographicAlgorithm"},
            {"value":"HMACSHA256","type":"Enumeration","tag":"CryptographicAlgorithm"},
            {"value":"0x0000083C","type":"Integer","tag":"CryptographicUsageMask"},
            {"tag":"NeverHeardOf","type":"Integer","value":1}
        ],"type":"Structure","tag":"Create"}"#,
    );
    let values: Vec<&Value> = payload.children().iter().map(|item| &item.value).collect();
    let (aes, hmac) = (CryptographicAlgorithm::AES.0, CryptographicAlgorithm::HMAC_SHA256.0);
    assert_eq!(
        values,
        [
            &Value::Enumeration(aes),
            &Value::Enumeration(aes),
            &Value::Enumeration(hmac),
            &Value::Enumeration(hmac),
            &Value::Integer(2108)
        ]
    );
}

#[test]
fn import_alone_refuses_fields_that_it_does_not_know() {
    let with = |operation: &str| {
        read(&format!(
            r#"{{"tag":"{operation}","value":[{{"tag":"Colour","type":"TextString","value":"red"}}]}}"#
        ))
    };
    assert!(with("Get").is_ok());
    assert_eq!(with("Import").unwrap_err().kind(), &CodecErrorKind::UnknownTag { name: "Colour".into() });
    let nested = r#"{"tag":"Import","value":[{"value":[{"tag":"Colour","type":"TextString","value":""}],"tag":"Attributes"}]}"#;
    assert!(read(nested).is_ok());
}

#[test]
fn an_operation_that_is_not_known_is_told_by_name() {
    let error = read(r#"{"tag":"Fly","type":"Structure","value":[]}"#).unwrap_err();
    assert_eq!(error.kind(), &CodecErrorKind::UnknownOperation { name: "Fly".into() });
    assert!(read(r#"{"tag":"Create","type":"Structure","value":[],"more":1}"#).is_err());
}

#[test]
fn a_message_is_a_request_or_a_response_message() {
    let request = dense(
        r#"{"tag":"Message","type":"Structure","value":[
            {"tag":"Header","type":"Structure","value":[
                {"tag":"ProtocolVersion","type":"Structure","value":[
                    {"tag":"ProtocolVersionMajor","type":"Integer","value":2},
                    {"tag":"ProtocolVersionMinor","type":"Integer","value":1}]},
                {"tag":"BatchCount","type":"Integer","value":1}]},
            {"tag":"Items","type":"Structure","value":[
                {"tag":"Items","type":"Structure","value":[
                    {"tag":"Operation","type":"Enumeration","value":"Locate"},
                    {"tag":"UniqueBatchItemId","type":"Integer","value":7},
                    {"tag":"RequestPayload","type":"Structure","value":[
                        {"tag":"MaximumItems","type":"Integer","value":1}]}]}]}]}"#,
    );
    let RestBody::Message(message) = read(&request).unwrap() else { panic!("a message") };
    assert_eq!(message.tag, Tag::REQUEST_MESSAGE);
    assert!(message.child(Tag::REQUEST_HEADER).is_some());
    let item = message.child(Tag::BATCH_ITEM).unwrap();
    assert_eq!(item.child(Tag::OPERATION).unwrap(), &enumeration(Tag::OPERATION, OperationCode::LOCATE.0));
    assert_eq!(
        item.child(Tag::UNIQUE_BATCH_ITEM_ID).unwrap(),
        &bytes(Tag::UNIQUE_BATCH_ITEM_ID, &[0, 0, 0, 7])
    );
    let written = encode(&RestBody::Message(message), KeyMaterialForm::Bare, Vocabulary::standard());
    assert_eq!(String::from_utf8(written).unwrap(), request);

    let response = dense(
        r#"{"tag":"Message","type":"Structure","value":[
            {"tag":"Header","type":"Structure","value":[
                {"tag":"Timestamp","type":"LongInteger","value":"0x000000005F5E1000"},
                {"tag":"BatchCount","type":"Integer","value":1}]},
            {"tag":"Items","type":"Structure","value":[
                {"tag":"Items","type":"Structure","value":[
                    {"tag":"Operation","type":"Enumeration","value":"Locate"},
                    {"tag":"ResultStatus","type":"Enumeration","value":"OperationFailed"},
                    {"tag":"ResultReason","type":"Enumeration","value":"Item_Not_Found"},
                    {"tag":"ResponsePayload","type":"Structure","value":[
                        {"tag":"UniqueIdentifier","type":"Structure","value":[
                            {"tag":"UniqueIdentifier","type":"TextString","value":"a"}]}]}]}]}]}"#,
    );
    let RestBody::Message(message) = read(&response).unwrap() else { panic!("a message") };
    assert_eq!(message.tag, Tag::RESPONSE_MESSAGE);
    assert_eq!(
        message.child(Tag::RESPONSE_HEADER).unwrap().children()[0].value,
        Value::DateTime(1_600_000_000)
    );
    let written = encode(&RestBody::Message(message), KeyMaterialForm::Bare, Vocabulary::standard());
    assert_eq!(String::from_utf8(written).unwrap(), response);
}

#[test]
fn certificate_attributes_stand_in_one_structure_with_all_fields() {
    let attributes = Ttlv::structure(Tag::ATTRIBUTES, vec![text(Tag::CERTIFICATE_SUBJECT_CN, "leaf")]);
    let payload_with = Ttlv::structure(Tag::RESPONSE_PAYLOAD, vec![attributes]);
    let written = written(OperationCode::GET_ATTRIBUTES, payload_with.clone());
    assert_eq!(written.matches("TextString").count(), 24);
    assert!(written.contains(r#"{"tag":"CertificateSubjectCn","type":"TextString","value":"leaf"}"#));
    assert_eq!(payload(&written), payload_with);
}

#[test]
fn one_storage_mask_is_a_number() {
    let body = r#"{"tag":"Create","type":"Structure","value":[{"tag":"ProtectionStorageMasks","type":"Integer","value":3}]}"#;
    let masks = Ttlv::structure(
        Tag::PROTECTION_STORAGE_MASKS,
        vec![Ttlv::new(Tag::PROTECTION_STORAGE_MASK, Value::Integer(3))],
    );
    assert_eq!(payload(body).children(), [masks]);
    assert_eq!(written(OperationCode::CREATE, payload(body)), body);
}

#[test]
fn depth_length_and_number_of_items_are_bounded() {
    let limits = Limits { depth: 4, length: CREATE.len(), items: 11 };
    let refusal =
        |limits| decode(CREATE.as_bytes(), &limits, Vocabulary::standard()).unwrap_err().kind().clone();
    assert!(decode(CREATE.as_bytes(), &limits, Vocabulary::standard()).is_ok());
    assert_eq!(refusal(Limits { depth: 3, ..limits }), CodecErrorKind::TooDeep { limit: 3 });
    assert_eq!(refusal(Limits { length: 100, ..limits }), CodecErrorKind::TooLong { limit: 100 });
    assert_eq!(refusal(Limits { items: 10, ..limits }), CodecErrorKind::TooManyItems { limit: 10 });
}

#[test]
fn validate_has_bare_certificates_and_its_date_as_text() {
    let request = |certificates: &str| {
        payload(&format!(
            r#"{{"tag":"Validate","type":"Structure","value":[
                {{"tag":"Certificate","type":"Structure","value":[{certificates}]}},
                {{"tag":"UniqueIdentifier","type":"Structure","value":[
                    {{"tag":"UniqueIdentifier","type":"TextString","value":"ca"}}]}},
                {{"tag":"ValidityTime","type":"TextString","value":"20010101000000Z"}}]}}"#
        ))
    };
    let bare = r#"{"tag":"Certificate","type":"ByteString","value":"3000"}"#;
    for (certificates, count) in [(String::new(), 0), (format!("{bare},{bare}"), 2)] {
        let payload = request(&certificates);
        let read = ValidateRequest::from_value(payload.tag, payload.value).unwrap();
        assert_eq!(read.certificate.len(), count);
        assert!(read.certificate.iter().all(|one| one.certificate_type == CertificateType::X_509));
        assert_eq!(read.unique_identifier, ["ca".into()]);
        assert_eq!(read.validity_date, Some(DateTime(978_307_200)));
    }
}
