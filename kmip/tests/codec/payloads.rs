//! The payload of every operation against the field lists of the specification (`tables/operations.tsv`), through all
//! forms. Samples have the types that the specification's tables give their tags.

use claviger_kmip::codec::binary::Checked;
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::codec::rest_json::{KeyMaterialForm, RestBody};
use claviger_kmip::codec::{binary, json, rest_json, xml};
use claviger_kmip::field::{self, DecodeError, Empty, TtlvValue};
use claviger_kmip::payloads::*;
use claviger_kmip::tables::enumerations::{ObjectType, OperationCode};
use claviger_kmip::vocabulary::Vocabulary;
use claviger_kmip::{BigInteger, ItemType, Tag, Ttlv, Value};
use proptest::prelude::*;

const OPERATIONS: &str = include_str!("../../tables/operations.tsv");

/// A payload, read and written again.
pub(crate) type Rewrite = fn(Value) -> Result<Value, DecodeError>;

pub(crate) fn rewrite<T: TtlvValue>(value: Value) -> Result<Value, DecodeError> {
    let by_bytes = rewrite_bytes::<T>(&value);
    let by_tree = T::from_value(Tag::REQUEST_PAYLOAD, value).map(T::into_value);
    assert_eq!(by_bytes, by_tree, "bytes are read and written as trees are");
    by_tree
}

/// The same by way of the bytes of binary TTLV.
fn rewrite_bytes<T: TtlvValue>(value: &Value) -> Result<Value, DecodeError> {
    let limits = Limits::default();
    let encoded = binary::encode(&Ttlv::new(Tag::REQUEST_PAYLOAD, value.clone()));
    let checked = Checked::new(encoded.into(), &limits).unwrap();
    let mut written = Vec::new();
    field::read::<T>(checked.item())?.write(Tag::REQUEST_PAYLOAD, &mut written);
    Ok(binary::decode(&written, &limits).unwrap().value)
}

proptest! {
    #[test]
    fn a_payload_with_fields_lost_moved_repeated_or_spoilt_is_read_alike_from_bytes_and_tree(
        number in any::<prop::sample::Index>(),
        damages in prop::collection::vec((0..5, any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..4),
    ) {
        let listed = listed();
        let payload = number.get(&listed);
        let mut fields = payload.full();
        for (damage, one, other) in damages {
            spoil(&mut fields, damage, one, other);
        }
        // That it does so is what `rewrite` asserts.
        let _ = payload.read(fields);
    }
}

fn spoil(fields: &mut Vec<Ttlv>, damage: i32, one: prop::sample::Index, other: prop::sample::Index) {
    if fields.is_empty() {
        return;
    }
    let (one, other) = (one.index(fields.len()), other.index(fields.len()));
    match damage {
        0 => drop(fields.remove(one)),
        1 => fields.swap(one, other),
        2 => fields.insert(other, fields[one].clone()),
        3 => fields[one].tag = fields[other].tag,
        _ => match &mut fields[one].value {
            Value::Structure(below) if !below.is_empty() => {
                let place = other % below.len();
                below[place].value = Value::Interval(1);
            }
            value => *value = Value::Boolean(false),
        },
    }
}

macro_rules! payloads {
    ($($name:literal: $request:ident => $response:ident;)*) => {
        /// How request and response of an operation are read and written, by the operation's normalised name.
        pub(crate) fn payloads_of(operation: &str) -> (Rewrite, Rewrite) {
            match operation {
                $($name => (rewrite::<$request>, rewrite::<$response>),)*
                other => panic!("{other} has no payloads"),
            }
        }
    };
}

payloads! {
    "Activate": ActivateRequest => ActivateResponse;
    "AddAttribute": AddAttributeRequest => AddAttributeResponse;
    "AdjustAttribute": AdjustAttributeRequest => AdjustAttributeResponse;
    "Archive": ArchiveRequest => ArchiveResponse;
    "Cancel": CancelRequest => CancelResponse;
    "Certify": CertifyRequest => CertifyResponse;
    "Check": CheckRequest => CheckResponse;
    "Create": CreateRequest => CreateResponse;
    "CreateKeyPair": CreateKeyPairRequest => CreateKeyPairResponse;
    "CreateSplitKey": CreateSplitKeyRequest => CreateSplitKeyResponse;
    "Decrypt": DecryptRequest => DecryptResponse;
    "DelegatedLogin": DelegatedLoginRequest => DelegatedLoginResponse;
    "DeleteAttribute": DeleteAttributeRequest => DeleteAttributeResponse;
    "DeriveKey": DeriveKeyRequest => DeriveKeyResponse;
    "Destroy": DestroyRequest => DestroyResponse;
    "DiscoverVersions": DiscoverVersionsRequest => DiscoverVersionsResponse;
    "Encrypt": EncryptRequest => EncryptResponse;
    "Export": ExportRequest => ExportResponse;
    "Get": GetRequest => GetResponse;
    "GetAttributes": GetAttributesRequest => GetAttributesResponse;
    "GetAttributeList": GetAttributeListRequest => GetAttributeListResponse;
    "GetConstraints": Empty => GetConstraintsResponse;
    "GetUsageAllocation": GetUsageAllocationRequest => GetUsageAllocationResponse;
    "Hash": HashRequest => HashResponse;
    "Import": ImportRequest => ImportResponse;
    "Interop": InteropRequest => Empty;
    "JoinSplitKey": JoinSplitKeyRequest => JoinSplitKeyResponse;
    "Locate": LocateRequest => LocateResponse;
    "Log": LogRequest => Empty;
    "Login": LoginRequest => LoginResponse;
    "Logout": LogoutRequest => Empty;
    "MAC": MacRequest => MacResponse;
    "MACVerify": MacVerifyRequest => MacVerifyResponse;
    "ModifyAttribute": ModifyAttributeRequest => ModifyAttributeResponse;
    "Notify": NotifyRequest => Empty;
    "ObtainLease": ObtainLeaseRequest => ObtainLeaseResponse;
    "Ping": Empty => Empty;
    "PKCS_11": Pkcs11Request => Pkcs11Response;
    "Poll": PollRequest => Empty;
    "Process": ProcessRequest => Empty;
    "Put": PutRequest => Empty;
    "Query": QueryRequest => QueryResponse;
    "QueryAsynchronousRequests": QueryAsynchronousRequestsRequest => QueryAsynchronousRequestsResponse;
    "Recover": RecoverRequest => RecoverResponse;
    "Register": RegisterRequest => RegisterResponse;
    "Revoke": RevokeRequest => RevokeResponse;
    "ReCertify": ReCertifyRequest => ReCertifyResponse;
    "ReKey": ReKeyRequest => ReKeyResponse;
    "ReKeyKeyPair": ReKeyKeyPairRequest => ReKeyKeyPairResponse;
    "ReProvision": ReProvisionRequest => ReProvisionResponse;
    "RNGRetrieve": RngRetrieveRequest => RngRetrieveResponse;
    "RNGSeed": RngSeedRequest => RngSeedResponse;
    "SetAttribute": SetAttributeRequest => SetAttributeResponse;
    "SetConstraints": SetConstraintsRequest => Empty;
    "SetDefaults": SetDefaultsRequest => Empty;
    "SetEndpointRole": SetEndpointRoleRequest => SetEndpointRoleResponse;
    "Sign": SignRequest => SignResponse;
    "SignatureVerify": SignatureVerifyRequest => SignatureVerifyResponse;
    "Validate": ValidateRequest => ValidateResponse;
}

/// Fields that the specification demands and a payload does without.
const FORGIVEN: [(&str, Tag); 2] = [
    // Some clients leave it out when they ask for all objects.
    ("Locate", Tag::ATTRIBUTES),
    // Present if the client asks for it.
    ("Query", Tag::PROTECTION_STORAGE_MASKS),
];

/// Fields of the answer to a Check that failed, which has no payload here.
const CHECK_FAILED: [Tag; 3] = [Tag::USAGE_LIMITS_COUNT, Tag::CRYPTOGRAPHIC_USAGE_MASK, Tag::LEASE_TIME];

/// One payload of the list.
struct Payload {
    name: &'static str,
    operation: OperationCode,
    is_request: bool,
    rewrite: Rewrite,
    fields: Vec<Listed>,
}

/// One field as the specification lists it.
struct Listed {
    item: Ttlv,
    /// Nothing where it depends on the request.
    required: Option<bool>,
    repeated: bool,
}

impl Payload {
    /// Every field once, or twice if it may be repeated.
    fn full(&self) -> Vec<Ttlv> {
        let times = |field: &Listed| if field.repeated { 2 } else { 1 };
        self.fields.iter().flat_map(|field| std::iter::repeat_n(field.item.clone(), times(field))).collect()
    }

    fn read(&self, fields: Vec<Ttlv>) -> Result<Value, DecodeError> {
        (self.rewrite)(Value::Structure(fields))
    }

    fn is_forgiven(&self, field: &Listed) -> bool {
        FORGIVEN.contains(&(self.name, field.item.tag))
    }
}

#[test]
fn every_payload_has_the_fields_of_the_specification_in_its_order() {
    for payload in listed() {
        let read = payload.read(payload.full()).unwrap_or_else(|error| panic!("{}: {error}", payload.name));
        assert_eq!(read, Value::Structure(payload.full()), "{}", payload.name);
        let foreign = Ttlv::new(Tag::COMMENT, Value::TextString("?".into()));
        let unknown = [payload.full(), vec![foreign]].concat();
        assert!(matches!(payload.read(unknown), Err(DecodeError::Unknown { .. })), "{}", payload.name);
    }
}

#[test]
fn a_field_may_be_absent_or_repeated_where_the_specification_says_so_and_nowhere_else() {
    for payload in listed() {
        for (position, field) in payload.fields.iter().enumerate() {
            let tag = field.item.tag;
            let without: Vec<Ttlv> = payload.full().into_iter().filter(|item| item.tag != tag).collect();
            let is_missed = matches!(payload.read(without), Err(DecodeError::Missing { .. }));
            if let Some(required) = field.required {
                let is_demanded = required && !field.repeated && !payload.is_forgiven(field);
                assert_eq!(is_missed, is_demanded, "{} without {tag:?}", payload.name);
            }
            if !field.repeated {
                let mut twice = payload.full();
                twice.insert(position, field.item.clone());
                assert!(payload.read(twice).is_err(), "{} with {tag:?} twice", payload.name);
            }
        }
    }
}

#[test]
fn every_payload_survives_all_four_forms() {
    let (limits, vocabulary) = (Limits::default(), Vocabulary::standard());
    for payload in listed() {
        let tag = if payload.is_request { Tag::REQUEST_PAYLOAD } else { Tag::RESPONSE_PAYLOAD };
        let tree = Ttlv::structure(tag, payload.full());
        assert_eq!(binary::decode(&binary::encode(&tree), &limits).unwrap(), tree, "{}", payload.name);
        assert_eq!(xml::decode(&xml::encode(&tree), &limits, vocabulary).unwrap(), tree, "{}", payload.name);
        assert_eq!(
            json::decode(&json::encode(&tree), &limits, vocabulary).unwrap(),
            tree,
            "{}",
            payload.name
        );
        let body = RestBody::Operation { operation: payload.operation, payload: tree };
        for material in [KeyMaterialForm::Bare, KeyMaterialForm::InStructure] {
            let text = rest_json::encode(&body, material, vocabulary);
            let again = rest_json::decode(&text, &limits, vocabulary);
            assert_eq!(again.as_ref(), Ok(&body), "{}", String::from_utf8_lossy(&text));
        }
    }
}

/// Both payloads of every operation of the list.
fn listed() -> Vec<Payload> {
    let vocabulary = Vocabulary::standard();
    let mut found = Vec::new();
    for line in OPERATIONS.lines().skip(1) {
        let [_, name, _, direction, request, response] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let code = vocabulary.enumeration_value(Tag::OPERATION, name).unwrap();
        let (read_request, read_response) = payloads_of(name);
        for (is_request, rewrite, list) in [(true, read_request, request), (false, read_response, response)] {
            let mut fields = fields(list);
            if name == "Check" && !is_request {
                fields.retain(|field| !CHECK_FAILED.contains(&field.item.tag));
            }
            // A server asks a client for less.
            if name == "Query" && direction == "server-to-client" {
                continue;
            }
            found.push(Payload { name, operation: OperationCode(code), is_request, rewrite, fields });
        }
    }
    assert_eq!(found.len(), 2 * 61, "57 operations of clients and 4 of servers, but for their Query");
    found
}

fn fields(list: &'static str) -> Vec<Listed> {
    list.split("; ")
        .filter(|field| *field != "-")
        .map(|field| {
            let (title, occurs) = field.rsplit_once('=').unwrap();
            let item = match title {
                "Any Object (Section 2)" | "All Objects" => object(),
                _ => sample(Vocabulary::standard().tag(title).unwrap_or_else(|| panic!("{title}"))),
            };
            let required = match occurs.chars().next() {
                _ if occurs.contains(['*', '?']) => None,
                first => Some(first == Some('Y')),
            };
            Listed { item, required, repeated: occurs.contains('+') }
        })
        .collect()
}

fn object() -> Ttlv {
    let key_value = Ttlv::structure(Tag::KEY_VALUE, vec![bytes(Tag::KEY_MATERIAL)]);
    let key_block = vec![
        sample(Tag::KEY_FORMAT_TYPE),
        key_value,
        sample(Tag::CRYPTOGRAPHIC_ALGORITHM),
        sample(Tag::CRYPTOGRAPHIC_LENGTH),
    ];
    Ttlv::structure(Tag::SYMMETRIC_KEY, vec![Ttlv::structure(Tag::KEY_BLOCK, key_block)])
}

fn bytes(tag: Tag) -> Ttlv {
    Ttlv::new(tag, Value::ByteString(vec![1, 2, 3].into()))
}

/// An item of the type that the specification gives its tag.
fn sample(tag: Tag) -> Ttlv {
    let value = match Vocabulary::standard().item_type(tag) {
        _ if tag == Tag::ATTRIBUTE_REFERENCE => Value::Enumeration(Tag::CRYPTOGRAPHIC_LENGTH.0),
        _ if tag == Tag::OBJECT_TYPE => Value::Enumeration(ObjectType::SYMMETRIC_KEY.0),
        Some(ItemType::Structure) => {
            Value::Structure(children(tag).iter().map(|child| sample(*child)).collect())
        }
        Some(ItemType::Integer) | None => Value::Integer(1),
        Some(ItemType::LongInteger) => Value::LongInteger(1 << 40),
        Some(ItemType::BigInteger) => Value::BigInteger(BigInteger::from_unsigned_be(&[0xC0, 1])),
        Some(ItemType::Enumeration) => Value::Enumeration(1),
        Some(ItemType::Boolean) => Value::Boolean(true),
        Some(ItemType::TextString) => Value::TextString("text".into()),
        Some(ItemType::ByteString) => return bytes(tag),
        Some(ItemType::DateTime) => Value::DateTime(1_600_000_000),
        Some(ItemType::Interval) => Value::Interval(3600),
        Some(ItemType::DateTimeExtended) => Value::DateTimeExtended(1_600_000_000_000_000),
    };
    Ttlv::new(tag, value)
}

/// The fields of the structures that stand in payloads (KMIP 2.1 sections 2, 4, 5 and 7); of the longest some.
fn children(tag: Tag) -> &'static [Tag] {
    match tag {
        Tag::ASYNCHRONOUS_CORRELATION_VALUES => &[Tag::ASYNCHRONOUS_CORRELATION_VALUE; 2],
        Tag::ASYNCHRONOUS_REQUEST => &[
            Tag::ASYNCHRONOUS_CORRELATION_VALUE,
            Tag::OPERATION,
            Tag::SUBMISSION_DATE,
            Tag::PROCESSING_STAGE,
        ],
        Tag::ATTRIBUTES
        | Tag::COMMON_ATTRIBUTES
        | Tag::PRIVATE_KEY_ATTRIBUTES
        | Tag::PUBLIC_KEY_ATTRIBUTES
        | Tag::NEW_ATTRIBUTE
        | Tag::CURRENT_ATTRIBUTE => &[Tag::CRYPTOGRAPHIC_LENGTH],
        Tag::CAPABILITY_INFORMATION => &[Tag::STREAMING_CAPABILITY, Tag::DESTROY_ACTION],
        Tag::CERTIFICATE => &[Tag::CERTIFICATE_TYPE, Tag::CERTIFICATE_VALUE],
        Tag::CERTIFICATE_REQUEST => &[Tag::CERTIFICATE_REQUEST_TYPE, Tag::CERTIFICATE_REQUEST_VALUE],
        Tag::CONSTRAINTS => &[Tag::CONSTRAINT; 2],
        Tag::CONSTRAINT => &[Tag::OBJECT_TYPES, Tag::OBJECT_GROUPS, Tag::ATTRIBUTES],
        Tag::CRYPTOGRAPHIC_PARAMETERS => &[Tag::BLOCK_CIPHER_MODE, Tag::RANDOM_IV, Tag::IV_LENGTH],
        Tag::DEFAULTS_INFORMATION => &[Tag::OBJECT_DEFAULTS; 2],
        Tag::DERIVATION_PARAMETERS => &[
            Tag::CRYPTOGRAPHIC_PARAMETERS,
            Tag::INITIALIZATION_VECTOR,
            Tag::DERIVATION_DATA,
            Tag::DERIVATION_DATA,
            Tag::SALT,
            Tag::ITERATION_COUNT,
        ],
        Tag::EXTENSION_INFORMATION => &[Tag::EXTENSION_NAME, Tag::EXTENSION_TAG],
        Tag::KEY_WRAPPING_SPECIFICATION => &[Tag::WRAPPING_METHOD, Tag::ENCODING_OPTION],
        Tag::OBJECT_DEFAULTS => &[Tag::OBJECT_TYPES, Tag::ATTRIBUTES, Tag::OBJECT_GROUPS],
        Tag::OBJECT_GROUPS => &[Tag::OBJECT_GROUP; 2],
        Tag::OBJECT_TYPES => &[Tag::OBJECT_TYPE; 2],
        Tag::OBJECTS => &[Tag::UNIQUE_IDENTIFIER; 2],
        Tag::OPERATIONS => &[Tag::OPERATION; 2],
        Tag::PROFILE_INFORMATION => &[Tag::PROFILE_NAME, Tag::SERVER_URI, Tag::SERVER_PORT],
        Tag::PROTECTION_STORAGE_MASKS
        | Tag::COMMON_PROTECTION_STORAGE_MASKS
        | Tag::PRIVATE_PROTECTION_STORAGE_MASKS
        | Tag::PUBLIC_PROTECTION_STORAGE_MASKS => &[Tag::PROTECTION_STORAGE_MASK],
        Tag::PROTOCOL_VERSION => &[Tag::PROTOCOL_VERSION_MAJOR, Tag::PROTOCOL_VERSION_MINOR],
        Tag::REVOCATION_REASON => &[Tag::REVOCATION_REASON_CODE],
        Tag::RIGHTS => &[Tag::RIGHT; 2],
        Tag::RIGHT => &[Tag::USAGE_LIMITS, Tag::OPERATIONS, Tag::OBJECTS, Tag::OBJECT_GROUPS],
        Tag::RNG_PARAMETERS => &[Tag::RNG_ALGORITHM, Tag::CRYPTOGRAPHIC_LENGTH],
        Tag::SERVER_INFORMATION => &[Tag::SERVER_NAME, Tag::SERVER_VERSION],
        Tag::TICKET => &[Tag::TICKET_TYPE, Tag::TICKET_VALUE],
        Tag::USAGE_LIMITS => &[Tag::USAGE_LIMITS_TOTAL, Tag::USAGE_LIMITS_COUNT, Tag::USAGE_LIMITS_UNIT],
        Tag::VALIDATION_INFORMATION => &[
            Tag::VALIDATION_AUTHORITY_TYPE,
            Tag::VALIDATION_AUTHORITY_COUNTRY,
            Tag::VALIDATION_AUTHORITY_URI,
            Tag::VALIDATION_VERSION_MAJOR,
            Tag::VALIDATION_VERSION_MINOR,
            Tag::VALIDATION_TYPE,
            Tag::VALIDATION_LEVEL,
            Tag::VALIDATION_CERTIFICATE_IDENTIFIER,
            Tag::VALIDATION_CERTIFICATE_URI,
            Tag::VALIDATION_VENDOR_URI,
            Tag::VALIDATION_PROFILE,
            Tag::VALIDATION_PROFILE,
        ],
        other => panic!("the fields of {other:?} are not listed here"),
    }
}
