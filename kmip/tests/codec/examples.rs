//! Messages of the form's own specification, byte for byte.

use claviger_kmip::codec::limits::Limits;
use claviger_kmip::codec::{binary, json, xml};
use claviger_kmip::tables::enumerations::{ObjectType, OperationCode, QueryFunction};
use claviger_kmip::vocabulary::Vocabulary;
use claviger_kmip::{Tag, Ttlv, Value};

/// The request of the first exchange of MSGENC-XML-M-1-10 (message encoding profile 1.0 section 7.1.1).
const QUERY_XML: &str = concat!(
    "<RequestMessage><RequestHeader><ProtocolVersion>",
    "<ProtocolVersionMajor type=\"Integer\" value=\"1\"/><ProtocolVersionMinor type=\"Integer\" value=\"0\"/>",
    "</ProtocolVersion><MaximumResponseSize type=\"Integer\" value=\"256\"/>",
    "<BatchCount type=\"Integer\" value=\"1\"/></RequestHeader>",
    "<BatchItem><Operation type=\"Enumeration\" value=\"Query\"/><RequestPayload>",
    "<QueryFunction type=\"Enumeration\" value=\"QueryOperations\"/>",
    "<QueryFunction type=\"Enumeration\" value=\"QueryObjects\"/>",
    "</RequestPayload></BatchItem></RequestMessage>",
);

/// The same request as MSGENC-JSON-M-1-10 has it (section 5.1.1), without blanks and types of structures.
const QUERY_JSON: &str = concat!(
    r#"{"tag":"RequestMessage","value":[{"tag":"RequestHeader","value":[{"tag":"ProtocolVersion","value":["#,
    r#"{"tag":"ProtocolVersionMajor","type":"Integer","value":1},{"tag":"ProtocolVersionMinor","type":"Integer","value":0}]},"#,
    r#"{"tag":"MaximumResponseSize","type":"Integer","value":256},{"tag":"BatchCount","type":"Integer","value":1}]},"#,
    r#"{"tag":"BatchItem","value":[{"tag":"Operation","type":"Enumeration","value":"Query"},{"tag":"RequestPayload","value":["#,
    r#"{"tag":"QueryFunction","type":"Enumeration","value":"QueryOperations"},"#,
    r#"{"tag":"QueryFunction","type":"Enumeration","value":"QueryObjects"}]}]}]}"#,
);

fn integer(tag: Tag, value: i32) -> Ttlv {
    Ttlv::new(tag, Value::Integer(value))
}

fn query() -> Ttlv {
    let version = vec![integer(Tag::PROTOCOL_VERSION_MAJOR, 1), integer(Tag::PROTOCOL_VERSION_MINOR, 0)];
    let header = vec![
        Ttlv::structure(Tag::PROTOCOL_VERSION, version),
        integer(Tag::MAXIMUM_RESPONSE_SIZE, 256),
        integer(Tag::BATCH_COUNT, 1),
    ];
    let function = |function: QueryFunction| Ttlv::new(Tag::QUERY_FUNCTION, Value::Enumeration(function.0));
    let functions = vec![function(QueryFunction::QUERY_OPERATIONS), function(QueryFunction::QUERY_OBJECTS)];
    let item = vec![
        Ttlv::new(Tag::OPERATION, Value::Enumeration(OperationCode::QUERY.0)),
        Ttlv::structure(Tag::REQUEST_PAYLOAD, functions),
    ];
    Ttlv::structure(
        Tag::REQUEST_MESSAGE,
        vec![Ttlv::structure(Tag::REQUEST_HEADER, header), Ttlv::structure(Tag::BATCH_ITEM, item)],
    )
}

#[test]
fn the_query_of_the_message_encoding_profile_is_read_and_written() {
    let (limits, vocabulary) = (Limits::default(), Vocabulary::standard());
    assert_eq!(xml::decode(QUERY_XML.as_bytes(), &limits, vocabulary).unwrap(), query());
    assert_eq!(json::decode(QUERY_JSON.as_bytes(), &limits, vocabulary).unwrap(), query());
    assert_eq!(String::from_utf8(xml::encode(&query())).unwrap(), QUERY_XML);
    assert_eq!(String::from_utf8(json::encode(&query())).unwrap(), QUERY_JSON);
}

#[test]
fn a_message_in_binary_starts_with_the_length_that_its_header_tells() {
    let bytes = binary::encode(&query());
    let header = *bytes.first_chunk().unwrap();
    assert_eq!(binary::message_length(header, &Limits::default()).unwrap(), bytes.len());
    assert_eq!(header, [0x42, 0x00, 0x78, 0x01, 0x00, 0x00, 0x00, 0x90]);
}

#[test]
fn names_of_a_vendor_are_read_where_they_are_registered_and_written_as_numbers() {
    use claviger_kmip::vocabulary::Extension;
    let special = Extension::Value { of: "ObjectType".into(), code: 0x8000_0001, name: "Special".into() };
    let vocabulary = Vocabulary::standard().extended(&[special]).unwrap();
    let text = r#"<ObjectType type="Enumeration" value="Special"/>"#;
    let item = xml::decode(text.as_bytes(), &Limits::default(), &vocabulary).unwrap();
    assert_eq!(item, Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(0x8000_0001)));
    assert_eq!(xml::encode(&item), br#"<ObjectType type="Enumeration" value="0x80000001"/>"#);
    let known = Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(ObjectType::PGP_KEY.0));
    assert_eq!(xml::encode(&known), br#"<ObjectType type="Enumeration" value="PGPKey"/>"#);
}
