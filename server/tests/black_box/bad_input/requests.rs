//! Good requests of every operation, to be damaged, and the corpora of the fuzzers, which hold older versions.

use std::path::Path;

use claviger_kmip::attributes::{
    AttributeReference, Attributes, Name, NewAttribute, RevocationReason, UsageLimits, kinds,
};
use claviger_kmip::field::{Interval, Structure, TtlvValue as _};
use claviger_kmip::message::{RequestBatchItem, RequestHeader, RequestMessage};
use claviger_kmip::objects::{Key, KeyBlock, KeyInformation, KeyValue, KeyWrappingSpecification};
use claviger_kmip::objects::{ManagedObject, PlainKeyValue};
use claviger_kmip::payloads::*;
use claviger_kmip::tables::enumerations::{
    AdjustmentType, AsynchronousIndicator, CryptographicAlgorithm, EndpointRole, InteropFunction,
    KeyFormatType, NameType, ObjectType, OperationCode as Op, Pkcs11Function, QueryFunction,
    RevocationReasonCode, SplitKeyMethod, TicketType, UsageLimitsUnit, WrappingMethod,
};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{Tag, Ttlv, Value};
use serde_json::json;

use super::{certificate_requests, key_requests, rights_requests};
use crate::symmetric_key::{about, create};

/// Bare operations and a message of the REST family, about a key and one that may be destroyed.
pub(super) fn rest(key: &str, victim: &str) -> Vec<Vec<u8>> {
    let bytes = |tag: &str, hex: &str| json!({"tag": tag, "type": "ByteString", "value": hex});
    let data = bytes("Data", "00112233");
    let attributes = json!({"tag": "Attributes", "type": "Structure", "value": [
        {"tag": "CryptographicLength", "type": "Integer", "value": 256}]});
    let most = json!({"tag": "MaximumItems", "type": "Integer", "value": 3});
    let locate = json!({"tag": "Locate", "type": "Structure", "value": [most, attributes]});
    let reason = json!({"tag": "RevocationReason", "type": "Enumeration", "value": "Superseded"});
    let nonce = bytes("IvCounterNonce", "000102030405060708090A0B");
    let tag = bytes("AuthenticatedEncryptionTag", "000102030405060708090A0B0C0D0E0F");
    let item = |operation: &str, payload| {
        json!({"tag": "Items", "type": "Structure", "value": [
            {"tag": "Operation", "type": "Enumeration", "value": operation}, payload]})
    };
    let payload = |fields| json!({"tag": "RequestPayload", "type": "Structure", "value": fields});
    let encrypt = about("Encrypt", key, vec![data.clone()]);
    let message = json!({"tag": "Message", "type": "Structure", "value": [
        {"tag": "Header", "type": "Structure", "value": [
            {"tag": "ProtocolVersion", "type": "Structure", "value": [
                {"tag": "ProtocolVersionMajor", "type": "Integer", "value": 2},
                {"tag": "ProtocolVersionMinor", "type": "Integer", "value": 1}]},
            {"tag": "BatchCount", "type": "Integer", "value": 2}]},
        {"tag": "Items", "type": "Structure", "value": [
            item("Encrypt", payload(encrypt["value"].clone())),
            item("Locate", payload(locate["value"].clone()))]}]});
    let requests = [
        create(),
        about("Get", key, vec![]),
        about("Export", key, vec![]),
        about("GetAttributes", key, vec![]),
        about("Decrypt", key, vec![data, nonce, tag]),
        about("Revoke", victim, vec![reason]),
        about("Destroy", victim, vec![]),
        encrypt,
        locate,
        message,
    ];
    let written = requests.iter().map(|request| request.to_string().into_bytes());
    written.chain(corpus("rest_json")).collect()
}

/// A good message of each operation, about a key and one that may be destroyed.
pub(super) fn messages(key: &str, victim: &str) -> Vec<Ttlv> {
    let mut items = about_objects(key, victim);
    items.extend(key_requests::about_keys(key));
    items.extend(about_none());
    items.extend(key_requests::about_none());
    items.extend(certificate_requests::about_certificates(key));
    items.extend(rights_requests::about_rights(key, victim));
    items.extend(about_requests());
    let batch = items.iter().take(4).cloned().collect();
    items.into_iter().map(|item| message(vec![item])).chain([message(batch), later()]).collect()
}

/// The corpus of a fuzzer.
pub(super) fn corpus(form: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(form);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

fn message(items: Vec<RequestBatchItem>) -> Ttlv {
    let header = RequestHeader::new(ProtocolVersion::V2_1, items.len() as i32);
    let message = RequestMessage { request_header: header, batch_item: items };
    Ttlv::new(Tag::REQUEST_MESSAGE, message.into_value())
}

pub(super) fn item(operation: Op, payload: impl Structure) -> RequestBatchItem {
    RequestBatchItem::new(operation, payload.into_value())
}

fn about_objects(key: &str, victim: &str) -> Vec<RequestBatchItem> {
    let id = || Some(key.into());
    let new = || NewAttribute { tag: Tag::COMMENT, value: Value::TextString("new".into()) };
    let reference = || AttributeReference::Tagged(Tag::COMMENT);
    let reason = RevocationReason { code: RevocationReasonCode::SUPERSEDED, message: None };
    vec![
        item(Op::ENCRYPT, encrypt(key)),
        item(Op::DECRYPT, decrypt(key)),
        item(Op::GET, get(key)),
        item(Op::EXPORT, export(key)),
        item(Op::CHECK, check(key)),
        item(
            Op::GET_ATTRIBUTES,
            GetAttributesRequest { unique_identifier: id(), attribute_reference: vec![reference()] },
        ),
        item(Op::GET_ATTRIBUTE_LIST, GetAttributeListRequest { unique_identifier: id() }),
        item(Op::ADD_ATTRIBUTE, AddAttributeRequest { unique_identifier: id(), new_attribute: new() }),
        item(Op::SET_ATTRIBUTE, SetAttributeRequest { unique_identifier: id(), new_attribute: new() }),
        item(
            Op::MODIFY_ATTRIBUTE,
            ModifyAttributeRequest { unique_identifier: id(), current_attribute: None, new_attribute: new() },
        ),
        item(
            Op::DELETE_ATTRIBUTE,
            DeleteAttributeRequest {
                unique_identifier: id(),
                current_attribute: None,
                attribute_reference: Some(reference()),
            },
        ),
        item(
            Op::ADJUST_ATTRIBUTE,
            AdjustAttributeRequest {
                unique_identifier: id(),
                attribute_reference: AttributeReference::Tagged(Tag::PROTECTION_PERIOD),
                adjustment_type: AdjustmentType::INCREMENT,
                adjustment_value: Some(Value::Interval(5)),
            },
        ),
        item(
            Op::JOIN_SPLIT_KEY,
            JoinSplitKeyRequest {
                object_type: ObjectType::SYMMETRIC_KEY,
                unique_identifier: vec![key.into(), victim.into()],
                secret_data_type: None,
                attributes: Some(attributes()),
                protection_storage_masks: None,
            },
        ),
        item(Op::OBTAIN_LEASE, ObtainLeaseRequest { unique_identifier: id() }),
        item(
            Op::GET_USAGE_ALLOCATION,
            GetUsageAllocationRequest { unique_identifier: id(), usage_limits_count: 1 },
        ),
        item(Op::ARCHIVE, ArchiveRequest { unique_identifier: Some(victim.into()) }),
        item(Op::RECOVER, RecoverRequest { unique_identifier: Some(victim.into()) }),
        item(Op::ACTIVATE, ActivateRequest { unique_identifier: Some(victim.into()) }),
        item(
            Op::REVOKE,
            RevokeRequest {
                unique_identifier: Some(victim.into()),
                revocation_reason: reason,
                compromise_occurrence_date: None,
            },
        ),
        item(Op::DESTROY, DestroyRequest { unique_identifier: Some(victim.into()), remove: Some(false) }),
    ]
}

fn about_none() -> Vec<RequestBatchItem> {
    let versions = vec![ProtocolVersion::V1_4, ProtocolVersion::V2_1];
    let begin =
        InteropRequest { interop_function: InteropFunction::BEGIN, interop_identifier: "case".into() };
    vec![
        item(
            Op::CREATE,
            CreateRequest {
                object_type: ObjectType::SYMMETRIC_KEY,
                attributes: attributes(),
                protection_storage_masks: None,
            },
        ),
        item(
            Op::REGISTER,
            RegisterRequest {
                object_type: ObjectType::SYMMETRIC_KEY,
                attributes: attributes(),
                object: key(),
                protection_storage_masks: None,
            },
        ),
        item(
            Op::IMPORT,
            ImportRequest {
                unique_identifier: "".into(),
                object_type: ObjectType::SYMMETRIC_KEY,
                replace_existing: Some(false),
                key_wrap_type: None,
                attributes: attributes(),
                object: key(),
            },
        ),
        item(
            Op::CREATE_SPLIT_KEY,
            CreateSplitKeyRequest {
                object_type: ObjectType::SPLIT_KEY,
                unique_identifier: None,
                split_key_parts: 3,
                split_key_threshold: 3,
                split_key_method: SplitKeyMethod::XOR,
                prime_field_size: None,
                attributes: attributes(),
                protection_storage_masks: None,
            },
        ),
        item(
            Op::SET_CONSTRAINTS,
            SetConstraintsRequest { constraints: Constraints { constraint: vec![constraint()] } },
        ),
        item(Op::GET_CONSTRAINTS, claviger_kmip::field::Empty {}),
        item(
            Op::SET_DEFAULTS,
            SetDefaultsRequest {
                defaults_information: Some(DefaultsInformation {
                    object_defaults: vec![ObjectDefaults {
                        object_types: DefaultedTypes::One(ObjectType::PGP_KEY),
                        attributes: attributes(),
                        object_groups: Some(ObjectGroups { object_group: vec!["g".into()] }),
                    }],
                }),
            },
        ),
        item(Op::LOCATE, locate()),
        item(
            Op::QUERY,
            QueryRequest { query_function: vec![QueryFunction::QUERY_OPERATIONS], object_groups: None },
        ),
        item(Op::DISCOVER_VERSIONS, DiscoverVersionsRequest { protocol_version: versions }),
        item(Op::RNG_RETRIEVE, RngRetrieveRequest { data_length: 16 }),
        item(Op::INTEROP, begin),
        item(Op::LOG, LogRequest { log_message: "a line".into() }),
        item(Op::PING, claviger_kmip::field::Empty {}),
        item(Op::SET_ENDPOINT_ROLE, SetEndpointRoleRequest { endpoint_role: EndpointRole::SERVER }),
    ]
}

fn about_requests() -> Vec<RequestBatchItem> {
    let value = || vec![7; 16].into();
    let asked = QueryAsynchronousRequestsRequest {
        asynchronous_correlation_values: Some(AsynchronousCorrelationValues {
            asynchronous_correlation_value: vec![value()],
        }),
        operations: Some(Operations { operation: vec![Op::LOCATE] }),
    };
    let usage = || Some(UsageLimits { total: 9, count: None, unit: UsageLimitsUnit::OBJECT });
    let lease = Some(TicketLease::For(Interval(60)));
    let ticket = Ticket { ticket_type: TicketType::LOGIN, ticket_value: vec![7; 48].into() };
    let right = Right {
        usage_limits: usage(),
        operations: Some(Operations { operation: vec![Op::GET] }),
        objects: Some(Objects { unique_identifier: vec!["absent".into()] }),
        object_groups: Some(ObjectGroups { object_group: vec!["g".into()] }),
    };
    vec![
        item(Op::POLL, PollRequest { asynchronous_correlation_value: value() }),
        item(Op::CANCEL, CancelRequest { asynchronous_correlation_value: value() }),
        item(Op::PROCESS, ProcessRequest { asynchronous_correlation_value: value() }),
        item(Op::QUERY_ASYNCHRONOUS_REQUESTS, asked),
        item(Op::LOGIN, LoginRequest { lease_time: lease, request_count: Some(1), usage_limits: usage() }),
        item(Op::LOGOUT, LogoutRequest { ticket }),
        item(
            Op::DELEGATED_LOGIN,
            DelegatedLoginRequest {
                lease_time: lease,
                request_count: Some(1),
                usage_limits: usage(),
                rights: Rights { right: vec![right] },
            },
        ),
        item(Op::PKCS_11, pkcs_11(1, None, &[1])),
        item(Op::PKCS_11, pkcs_11(31, Some(&[7; 16]), &[0; 17])),
    ]
}

fn pkcs_11(function: u32, correlation: Option<&[u8]>, parameters: &[u8]) -> Pkcs11Request {
    Pkcs11Request {
        pkcs_11_interface: Some("PKCS 11".into()),
        pkcs_11_function: Pkcs11FunctionId::Standard(Pkcs11Function(function)),
        correlation_value: correlation.map(|correlation| correlation.to_vec().into()),
        pkcs_11_input_parameters: Some(parameters.to_vec().into()),
    }
}

/// A message whose items are processed later.
fn later() -> Ttlv {
    let items =
        vec![item(Op::LOCATE, locate()), item(Op::RNG_RETRIEVE, RngRetrieveRequest { data_length: 16 })];
    let mut header = RequestHeader::new(ProtocolVersion::V2_1, items.len() as i32);
    header.asynchronous_indicator = Some(Value::Enumeration(AsynchronousIndicator::MANDATORY.0));
    let message = RequestMessage { request_header: header, batch_item: items };
    Ttlv::new(Tag::REQUEST_MESSAGE, message.into_value())
}

pub(super) fn attributes() -> Attributes {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::AES);
    attributes.put::<kinds::CryptographicLength>(128);
    attributes.put::<kinds::CryptographicUsageMask>(0x0C);
    attributes
}

/// Of objects that no other request makes.
fn constraint() -> Constraint {
    Constraint {
        object_types: Some(ObjectTypes { object_type: vec![ObjectType::PGP_KEY] }),
        object_groups: Some(ObjectGroups { object_group: vec!["g".into()] }),
        attributes: Some(attributes()),
    }
}

fn key() -> ManagedObject {
    let key_material = Value::ByteString(vec![7; 16].into());
    ManagedObject::SymmetricKey(Key {
        key_block: KeyBlock {
            key_format_type: KeyFormatType::RAW,
            key_compression_type: None,
            key_value: Some(KeyValue::Plain(PlainKeyValue { key_material, attributes: None })),
            cryptographic_algorithm: Some(CryptographicAlgorithm::AES),
            cryptographic_length: Some(128),
            key_wrapping_data: None,
        },
    })
}

fn locate() -> LocateRequest {
    let mut wanted = attributes();
    wanted
        .push::<kinds::Name>(Name { value: "a name".into(), name_type: NameType::UNINTERPRETED_TEXT_STRING });
    LocateRequest {
        maximum_items: Some(3),
        offset_items: Some(1),
        storage_status_mask: Some(1),
        object_group_member: None,
        attributes: Some(wanted),
    }
}

fn encrypt(id: &str) -> EncryptRequest {
    EncryptRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: None,
        data: Some(vec![7; 33].into()),
        iv_counter_nonce: None,
        correlation_value: None,
        init_indicator: Some(true),
        final_indicator: Some(true),
        authenticated_encryption_additional_data: Some(vec![1; 5].into()),
    }
}

fn decrypt(id: &str) -> DecryptRequest {
    DecryptRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: None,
        data: Some(vec![7; 33].into()),
        iv_counter_nonce: Some(vec![1; 12].into()),
        correlation_value: None,
        init_indicator: Some(true),
        final_indicator: None,
        authenticated_encryption_additional_data: None,
        authenticated_encryption_tag: Some(vec![2; 16].into()),
    }
}

fn get(id: &str) -> GetRequest {
    GetRequest {
        unique_identifier: Some(id.into()),
        key_format_type: None,
        key_wrap_type: None,
        key_compression_type: None,
        key_wrapping_specification: Some(KeyWrappingSpecification {
            wrapping_method: WrappingMethod::ENCRYPT,
            encryption_key_information: Some(KeyInformation {
                unique_identifier: id.into(),
                cryptographic_parameters: None,
            }),
            mac_signature_key_information: None,
            attribute_name: vec!["Cryptographic Length".into()],
            encoding_option: None,
        }),
    }
}

fn export(id: &str) -> ExportRequest {
    ExportRequest {
        unique_identifier: Some(id.into()),
        key_format_type: Some(KeyFormatType::TRANSPARENT_SYMMETRIC_KEY),
        key_wrap_type: None,
        key_compression_type: None,
        key_wrapping_specification: None,
    }
}

fn check(id: &str) -> CheckRequest {
    CheckRequest {
        unique_identifier: Some(id.into()),
        usage_limits_count: Some(1),
        cryptographic_usage_mask: Some(4),
        lease_time: None,
    }
}
