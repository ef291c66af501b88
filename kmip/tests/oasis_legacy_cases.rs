//! Every OASIS test case of KMIP 1.0 to 1.4 through the adaptation to 2.1, where the cases are present: in
//! `$CLAVIGER_SHARED`, or in a folder `shared` beside the checkout.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use claviger_kmip::attributes::rules::{self, Making};
use claviger_kmip::attributes::{
    AttributeReference, AttributeTable, Attributes, CurrentAttribute, NewAttribute,
};
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::codec::xml;
use claviger_kmip::field::TtlvValue;
use claviger_kmip::legacy::{request_to_2_1, response_from_2_1};
use claviger_kmip::payloads;
use claviger_kmip::tables::enumerations::{ObjectType, OperationCode, ResultReason};
use claviger_kmip::tables::tags::TAGS;
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::vocabulary::Vocabulary;
use claviger_kmip::{Tag, Ttlv, Value};

/// One message of a case.
struct Message {
    case: String,
    version: ProtocolVersion,
    tree: Ttlv,
}

#[test]
fn every_request_becomes_a_2_1_request_without_anything_of_1_x() {
    for message in messages("RequestMessage").into_iter().filter(is_for_the_server) {
        let Some(adapted) = adapted(&message) else { continue };
        assert_only_2_1(&message.case, &adapted, None);
        for item in adapted.children().iter().filter(|part| part.tag == Tag::BATCH_ITEM) {
            assert_decodes(&message.case, item);
        }
    }
}

#[test]
fn every_attribute_of_a_request_comes_back_as_it_was() {
    for message in messages("RequestMessage") {
        let Some(adapted) = adapted(&message) else { continue };
        let sent = attributes_of(&message.tree);
        let returned = attributes_of(&response_from_2_1(as_response(adapted), message.version));
        assert_eq!(returned, sent, "{}", message.case);
    }
}

#[test]
fn every_attribute_that_a_case_expects_in_an_answer_exists_in_its_version() {
    for message in messages("ResponseMessage") {
        let expected = attributes_of(&message.tree);
        let locate = request_of(OperationCode::LOCATE, expected.clone());
        let adapted =
            request_to_2_1(locate, message.version).unwrap_or_else(|e| panic!("{}: {e}", message.case));
        let returned = attributes_of(&response_from_2_1(as_response(adapted), message.version));
        assert_eq!(returned, expected, "{}", message.case);
    }
}

/// Put and Notify are requests of the server.
fn is_for_the_server(message: &Message) -> bool {
    message
        .tree
        .children()
        .iter()
        .filter(|part| part.tag == Tag::BATCH_ITEM)
        .all(|item| ![OperationCode::PUT, OperationCode::NOTIFY].contains(&operation_of(item)))
}

/// The request in 2.1, or nothing if the case uses templates, which are refused.
fn adapted(message: &Message) -> Option<Ttlv> {
    match request_to_2_1(message.tree.clone(), message.version) {
        Ok(adapted) => Some(adapted),
        Err(refused) => {
            let reason = refused.violation.reason;
            let template =
                [ResultReason::INVALID_OBJECT_TYPE, ResultReason::ITEM_NOT_FOUND].contains(&reason);
            assert!(template && refused.to_string().contains("emplate"), "{}: {refused}", message.case);
            None
        }
    }
}

/// Checks that a 2.1 tree has no tag that 2.0 removed, but for the index of a Current Attribute and the one attribute
/// that is kept for 1.x clients, and that attributes stand under their own tags.
fn assert_only_2_1(case: &str, item: &Ttlv, parent: Option<Tag>) {
    let kept = [Tag::OPERATION_POLICY_NAME].contains(&item.tag)
        || (item.tag == Tag::ATTRIBUTE_INDEX && parent == Some(Tag::CURRENT_ATTRIBUTE));
    let removed = TAGS.iter().any(|entry| entry.tag == item.tag && entry.removed_in_2);
    assert!(kept || !removed, "{case}: {:?} within {parent:?}", item.tag);
    if item.tag == Tag::ATTRIBUTE_NAME {
        let within = [Tag::ATTRIBUTE, Tag::ATTRIBUTE_REFERENCE, Tag::KEY_WRAPPING_SPECIFICATION];
        assert!(parent.is_some_and(|parent| within.contains(&parent)), "{case}: a bare attribute name");
    }
    if item.tag == Tag::ATTRIBUTE {
        assert!(item.child(Tag::VENDOR_IDENTIFICATION).is_some(), "{case}: an attribute without a vendor");
    }
    item.children().iter().for_each(|child| assert_only_2_1(case, child, Some(item.tag)));
}

macro_rules! read_payload {
    ($operation:expr, $case:expr, $payload:expr; $($name:ident => $request:ident,)*) => {
        match $operation {
            $(OperationCode::$name => drop(read::<payloads::$request>($case, $payload.tag, $payload.value.clone())),)*
            _ => {}
        }
    };
}

/// Checks that what the adaptation made is read as 2.1, and that the rules let a client say it.
fn assert_decodes(case: &str, item: &Ttlv) {
    let operation = operation_of(item);
    let Some(payload) = item.child(Tag::REQUEST_PAYLOAD) else { return };
    read_payload! { operation, case, payload;
        ACTIVATE => ActivateRequest,
        ADD_ATTRIBUTE => AddAttributeRequest,
        CHECK => CheckRequest,
        CREATE => CreateRequest,
        DECRYPT => DecryptRequest,
        DELETE_ATTRIBUTE => DeleteAttributeRequest,
        DESTROY => DestroyRequest,
        DISCOVER_VERSIONS => DiscoverVersionsRequest,
        ENCRYPT => EncryptRequest,
        EXPORT => ExportRequest,
        GET => GetRequest,
        GET_ATTRIBUTES => GetAttributesRequest,
        GET_ATTRIBUTE_LIST => GetAttributeListRequest,
        IMPORT => ImportRequest,
        LOCATE => LocateRequest,
        MODIFY_ATTRIBUTE => ModifyAttributeRequest,
        QUERY => QueryRequest,
        REGISTER => RegisterRequest,
        REVOKE => RevokeRequest,
        RNG_RETRIEVE => RngRetrieveRequest,
    }
    let table = AttributeTable::standard();
    let object_type = match payload.child(Tag::OBJECT_TYPE) {
        Some(Ttlv { value: Value::Enumeration(code), .. }) => ObjectType(*code),
        _ => ObjectType::PRIVATE_KEY,
    };
    for field in payload.children() {
        let value = field.value.clone();
        match field.tag {
            Tag::NEW_ATTRIBUTE => drop(read::<NewAttribute>(case, field.tag, value)),
            Tag::CURRENT_ATTRIBUTE => drop(read::<CurrentAttribute>(case, field.tag, value)),
            Tag::ATTRIBUTE_REFERENCE => {
                let reference = read::<AttributeReference>(case, field.tag, value);
                rules::check_reference(table, &reference).unwrap_or_else(|e| panic!("{case}: {e}"));
            }
            Tag::ATTRIBUTES if operation == OperationCode::LOCATE => {
                let searched = read::<Attributes>(case, field.tag, value);
                rules::check_search(table, &searched).unwrap_or_else(|e| panic!("{case}: {e}"));
            }
            Tag::ATTRIBUTES
            | Tag::COMMON_ATTRIBUTES
            | Tag::PRIVATE_KEY_ATTRIBUTES
            | Tag::PUBLIC_KEY_ATTRIBUTES => {
                let given = read::<Attributes>(case, field.tag, value);
                rules::check_new_object(table, Making::Registered, object_type, &given)
                    .unwrap_or_else(|e| panic!("{case}: {e}"));
            }
            _ => {}
        }
    }
}

fn read<T: TtlvValue>(case: &str, tag: Tag, value: Value) -> T {
    T::from_value(tag, value).unwrap_or_else(|error| panic!("{case}: {error}"))
}

fn operation_of(item: &Ttlv) -> OperationCode {
    match item.child(Tag::OPERATION) {
        Some(Ttlv { value: Value::Enumeration(code), .. }) => OperationCode(*code),
        other => panic!("no operation: {other:?}"),
    }
}

/// The Attribute structures of a 1.x message, less their indices, in order.
fn attributes_of(message: &Ttlv) -> Vec<Ttlv> {
    let mut found = Vec::new();
    for child in message.children() {
        if child.tag == Tag::ATTRIBUTE {
            let fields = child.children().iter().filter(|field| field.tag != Tag::ATTRIBUTE_INDEX);
            found.push(Ttlv::structure(Tag::ATTRIBUTE, fields.cloned().collect()));
        } else {
            found.extend(attributes_of(child));
        }
    }
    found
}

/// A response whose payloads hold the attributes of a 2.1 request.
fn as_response(request: Ttlv) -> Ttlv {
    let Value::Structure(parts) = request.value else { panic!("a request is a structure") };
    let items = parts.into_iter().filter(|part| part.tag == Tag::BATCH_ITEM).map(|item| {
        let fields = item.children().iter().map(|field| match field.tag {
            Tag::REQUEST_PAYLOAD => Ttlv::structure(Tag::RESPONSE_PAYLOAD, payload(field)),
            _ => field.clone(),
        });
        Ttlv::structure(Tag::BATCH_ITEM, fields.collect())
    });
    Ttlv::structure(Tag::RESPONSE_MESSAGE, items.collect())
}

fn payload(request: &Ttlv) -> Vec<Ttlv> {
    let attributes = |field: &Ttlv| match field.tag {
        Tag::COMMON_ATTRIBUTES
        | Tag::PRIVATE_KEY_ATTRIBUTES
        | Tag::PUBLIC_KEY_ATTRIBUTES
        | Tag::NEW_ATTRIBUTE => Some(Ttlv::new(Tag::ATTRIBUTES, field.value.clone())),
        Tag::CURRENT_ATTRIBUTE => None,
        _ => Some(field.clone()),
    };
    request.children().iter().filter_map(attributes).collect()
}

fn request_of(operation: OperationCode, fields: Vec<Ttlv>) -> Ttlv {
    let item = vec![
        Ttlv::new(Tag::OPERATION, operation.into_value()),
        Ttlv::structure(Tag::REQUEST_PAYLOAD, fields),
    ];
    Ttlv::structure(Tag::REQUEST_MESSAGE, vec![Ttlv::structure(Tag::BATCH_ITEM, item)])
}

/// Every message of a kind in the 1.x cases; none, with a note, where the cases are absent.
fn messages(kind: &str) -> Vec<Message> {
    let Some(folder) = cases() else {
        eprintln!("skipped: the OASIS cases are not here; $CLAVIGER_SHARED names the folder that has them");
        return Vec::new();
    };
    let mut files = Vec::new();
    collect(&folder, &mut files);
    files.sort();
    let messages: Vec<Message> = files.iter().flat_map(|file| read_case(file, kind)).collect();
    assert!(messages.len() > 1000, "only {} messages in {}", messages.len(), folder.display());
    messages
}

fn cases() -> Option<PathBuf> {
    let shared = match std::env::var_os("CLAVIGER_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.parent()?.join("shared"),
    };
    Some(shared.join("conformance/suites")).filter(|folder| folder.exists())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let later = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("v2"));
            if !later {
                collect(&path, files);
            }
        } else if path.extension().is_some_and(|extension| extension == "xml") {
            files.push(path);
        }
    }
}

fn read_case(file: &Path, kind: &str) -> Vec<Message> {
    let text = std::fs::read_to_string(file).unwrap();
    let case = file.file_stem().unwrap().to_string_lossy().into_owned();
    let (open, close) = (format!("<{kind}>"), format!("</{kind}>"));
    let bodies = text.split(&open).skip(1).filter_map(|rest| rest.split_once(&close)).map(|(body, _)| body);
    bodies
        .map(|body| {
            let xml = with_values(&format!("{open}{body}{close}"));
            let tree = xml::decode(xml.as_bytes(), &Limits::default(), Vocabulary::standard())
                .unwrap_or_else(|error| panic!("{case}: {error}"));
            Message { case: case.clone(), version: version_of(&tree), tree }
        })
        .collect()
}

fn version_of(message: &Ttlv) -> ProtocolVersion {
    let header = message.children().first().unwrap();
    let version = header.child(Tag::PROTOCOL_VERSION).unwrap().clone();
    ProtocolVersion::from_value(version.tag, version.value).unwrap()
}

/// The cases write `$NAME` for values that arise in the course of a case; here any value of the type will do.
fn with_values(xml: &str) -> String {
    let mut filled = String::with_capacity(xml.len());
    let mut rest = xml;
    while let Some((before, variable)) = rest.split_once("value=\"$") {
        let (name, after) = variable.split_once('"').unwrap();
        let value = match before.rsplit_once("type=\"").and_then(|(_, kind)| kind.split_once('"')) {
            Some(("DateTime", _)) => "2020-01-01T00:00:00+00:00",
            Some(("ByteString", _)) => "00",
            Some(("TextString", _)) => name,
            _ => "1",
        };
        filled.push_str(before);
        filled.push_str(&format!("value=\"{value}\""));
        rest = after;
    }
    filled.push_str(rest);
    filled
}
