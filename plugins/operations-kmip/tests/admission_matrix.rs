//! The admission matrix: every operation on an object × who calls × the object's state, compared with what the
//! specification says. An operation without a row fails the test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use claviger_crypto_standard as _;
use claviger_engine::registry::{Registry, RegistryOptions};
use claviger_engine::{
    AlgorithmPolicy, Authenticators, Engine, EngineOptions, ImpliedRights, Limits, SystemRandom,
};
use claviger_operations_kmip as _;
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::attributes::{Attributes, NewAttribute, RevocationReason, kinds};
use claviger_plugin_sdk::kmip::message::RequestMessage;
use claviger_plugin_sdk::kmip::objects::{
    Certificate, Key, KeyInformation, KeyValue, KeyWrappingData, KeyWrappingSpecification, ManagedObject,
};
use claviger_plugin_sdk::kmip::payloads::access::{
    CHANGE_OWNER, GRANT, LIST_RIGHTS, OBTAINED, OWNED, PURGE, REVOKE_RIGHT,
};
use claviger_plugin_sdk::kmip::payloads::encapsulation::{DECAPSULATE, ENCAPSULATE};
use claviger_plugin_sdk::kmip::payloads::{DerivationParameters, DeriveKeyRequest, ImportRequest};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    CertificateType, DerivationMethod, EncodingOption, KeyWrapType, RevocationReasonCode, WrappingMethod,
};
use claviger_plugin_sdk::plugin::{EntryKind, linked};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::{ChangeSet, Grant, ObjectStore, Subject};
use claviger_plugin_sdk::testkit::{Believing, FakeClock, MemoryStore, RecordBuilder};
use claviger_tags_standard as _;

/// How far a call gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Past admission, whatever the operation says then.
    Past,
    /// As if there were no object.
    NotFound,
    /// The caller may know of the object and not do this.
    Denied,
    /// The state does not allow it.
    WrongState,
    /// The object is destroyed.
    Destroyed,
    /// The object is archived.
    Archived,
    /// The identifier belongs to an object.
    Taken,
}

use Outcome::{Archived, Denied, Destroyed, NotFound, Past, Taken, WrongState};

/// Pre-Active, Active, Deactivated, Compromised, Destroyed, Destroyed Compromised.
type ByState = [Outcome; 6];

const STATES: [State; 6] = [
    State::PRE_ACTIVE,
    State::ACTIVE,
    State::DEACTIVATED,
    State::COMPROMISED,
    State::DESTROYED,
    State::DESTROYED_COMPROMISED,
];

/// Attributes outlive the object (KMIP 2.1 section 6.1.15), and so do the rights on it.
const ALWAYS: ByState = [Past; 6];
/// The material is there until it is destroyed.
const UNTIL_DESTROYED: ByState = [Past, Past, Past, Past, Destroyed, Destroyed];
/// Applying protection: Active alone (section 4.57).
const PROTECTING: ByState = [WrongState, Past, WrongState, WrongState, Destroyed, Destroyed];
/// Processing what is protected: also Deactivated and Compromised (section 4.57).
const PROCESSING: ByState = [WrongState, Past, Past, Past, Destroyed, Destroyed];

/// Who has to hold which right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    /// The owner, or holder of a grant for this operation.
    Operation(OperationCode),
    /// The owner alone; holders of other grants are denied.
    Owner,
}

/// What the specification says of one operation on one object.
struct Row {
    /// The operation, and what of it if it has several rows.
    name: &'static str,
    code: OperationCode,
    right: Right,
    by_state: ByState,
    /// What a caller without any right is told.
    stranger: Outcome,
    /// Whether an archived object is let through.
    archived: bool,
    /// The object in place of an AES key.
    object: Option<fn() -> ManagedObject>,
    request: fn(&str) -> Value,
}

impl Row {
    const fn new(
        name: &'static str,
        code: OperationCode,
        by_state: ByState,
        request: fn(&str) -> Value,
    ) -> Self {
        let right = Right::Operation(code);
        Self { name, code, right, by_state, stranger: NotFound, archived: false, object: None, request }
    }

    const fn on(self, object: fn() -> ManagedObject) -> Self {
        Self { object: Some(object), ..self }
    }

    const fn also_archived(self) -> Self {
        Self { archived: true, ..self }
    }

    const fn right(self, right: Right) -> Self {
        Self { right, ..self }
    }

    const fn stranger(self, stranger: Outcome) -> Self {
        Self { stranger, ..self }
    }
}

fn rows() -> Vec<Row> {
    use OperationCode as Op;
    vec![
        // Transition 4 of section 4.57.
        Row::new(
            "Activate",
            Op::ACTIVATE,
            [Past, WrongState, WrongState, WrongState, Destroyed, Destroyed],
            only_id,
        ),
        // Transitions 2, 7 and 9.
        Row::new("Destroy", Op::DESTROY, [Past, WrongState, Past, Past, Destroyed, Destroyed], only_id),
        Row::new("Destroy: remove", Op::DESTROY, [Past, WrongState, Past, Past, Past, Past], remove)
            .right(Right::Owner),
        // Transition 6.
        Row::new("Revoke: superseded", Op::REVOKE, PROTECTING, |id| {
            revoke(id, RevocationReasonCode::SUPERSEDED)
        }),
        // Transitions 3, 5, 8 and 10.
        Row::new("Revoke: compromised", Op::REVOKE, [Past, Past, Past, WrongState, Past, Destroyed], |id| {
            revoke(id, RevocationReasonCode::KEY_COMPROMISE)
        }),
        Row::new("Encrypt", Op::ENCRYPT, PROTECTING, with_data),
        Row::new("Decrypt", Op::DECRYPT, PROCESSING, with_data),
        Row::new("Sign", Op::SIGN, PROTECTING, with_data).on(private_key),
        Row::new("Signature Verify", Op::SIGNATURE_VERIFY, PROCESSING, with_signature).on(private_key),
        // A key is replaced until it is destroyed (section 6.1.46); the matrix has only one key of each pair.
        Row::new("Re-key", Op::RE_KEY, UNTIL_DESTROYED, only_id),
        Row::new("Re-key Key Pair", Op::RE_KEY_KEY_PAIR, UNTIL_DESTROYED, only_private_id).on(private_key),
        // To derive is to apply protection, as the conformance suite of operations has it.
        Row::new("Derive Key", Op::DERIVE_KEY, PROTECTING, derive),
        Row::new("Encapsulate", ENCAPSULATE, PROTECTING, encapsulate)
            .on(public_key)
            .right(Right::Operation(Op::ENCRYPT)),
        Row::new("Decapsulate", DECAPSULATE, PROCESSING, decapsulate)
            .on(private_key)
            .right(Right::Operation(Op::DECRYPT)),
        // What is given up or compromised is not certified anew.
        Row::new("Certify", Op::CERTIFY, [Past, Past, WrongState, WrongState, Destroyed, Destroyed], only_id)
            .on(public_key),
        Row::new("Re-certify", Op::RE_CERTIFY, [Past, Past, Past, WrongState, Destroyed, Destroyed], only_id)
            .on(certificate),
        Row::new("Validate", Op::VALIDATE, UNTIL_DESTROYED, only_id).on(certificate),
        Row::new("MAC", Op::MAC, PROTECTING, with_data),
        Row::new("MAC Verify", Op::MAC_VERIFY, PROCESSING, with_mac),
        Row::new("Get", Op::GET, UNTIL_DESTROYED, only_id),
        // Wrapping is protection, and takes the right to get the wrapping key.
        Row::new("Get: the wrapping key", Op::GET, PROTECTING, get_wrapped_by),
        Row::new("Get: the key that authenticates", Op::GET, PROTECTING, get_authenticated_by),
        // Unwrapping processes what was protected.
        Row::new("Import: the unwrapping key", Op::IMPORT, PROCESSING, import_wrapped_by)
            .right(Right::Operation(Op::GET)),
        Row::new("Import: the key that verifies", Op::IMPORT, PROCESSING, import_authenticated_by)
            .right(Right::Operation(Op::GET)),
        // A destroyed object is exported without its material (section 6.1.18).
        Row::new("Export", Op::EXPORT, ALWAYS, only_id),
        Row::new("Check", Op::CHECK, UNTIL_DESTROYED, only_id),
        Row::new("Get Attributes", Op::GET_ATTRIBUTES, ALWAYS, only_id).also_archived(),
        Row::new("Get Attribute List", Op::GET_ATTRIBUTE_LIST, ALWAYS, only_id).also_archived(),
        Row::new("Add Attribute", Op::ADD_ATTRIBUTE, ALWAYS, with_attribute),
        Row::new("Modify Attribute", Op::MODIFY_ATTRIBUTE, ALWAYS, with_attribute),
        Row::new("Set Attribute", Op::SET_ATTRIBUTE, ALWAYS, with_attribute),
        Row::new("Adjust Attribute", Op::ADJUST_ATTRIBUTE, ALWAYS, adjust_attribute),
        Row::new("Delete Attribute", Op::DELETE_ATTRIBUTE, ALWAYS, delete_attribute),
        Row::new("Import: replace", Op::IMPORT, ALWAYS, import).right(Right::Owner).stranger(Taken),
        // No lease for what is compromised (the case TC-95).
        Row::new(
            "Obtain Lease",
            Op::OBTAIN_LEASE,
            [Past, Past, Past, WrongState, Destroyed, Destroyed],
            only_id,
        ),
        Row::new("Get Usage Allocation", Op::GET_USAGE_ALLOCATION, PROTECTING, allocate),
        Row::new("Create Split Key", Op::CREATE_SPLIT_KEY, UNTIL_DESTROYED, split).right(Right::Owner),
        Row::new("Join Split Key", Op::JOIN_SPLIT_KEY, UNTIL_DESTROYED, join).right(Right::Owner),
        Row::new("Archive", Op::ARCHIVE, UNTIL_DESTROYED, only_id),
        Row::new("Recover", Op::RECOVER, UNTIL_DESTROYED, only_id).also_archived(),
        Row::new("Grant", GRANT, ALWAYS, grant).right(Right::Owner).also_archived(),
        Row::new("Revoke Right", REVOKE_RIGHT, ALWAYS, grant).right(Right::Owner).also_archived(),
        Row::new("Change Owner", CHANGE_OWNER, ALWAYS, change_owner).right(Right::Owner).also_archived(),
        Row::new("List Rights", LIST_RIGHTS, ALWAYS, only_id).right(Right::Owner).also_archived(),
    ]
}

/// Operations that are about no object that exists.
const NO_OBJECT: &[OperationCode] = &[
    OperationCode::CREATE,
    OperationCode::CREATE_KEY_PAIR,
    OperationCode::REGISTER,
    OperationCode::LOCATE,
    OperationCode::QUERY,
    OperationCode::DISCOVER_VERSIONS,
    OperationCode::RNG_RETRIEVE,
    OperationCode::RNG_SEED,
    OperationCode::HASH,
    OperationCode::INTEROP,
    OperationCode::LOG,
    // About tickets, which are no objects.
    OperationCode::LOGIN,
    OperationCode::LOGOUT,
    OperationCode::DELEGATED_LOGIN,
    OperationCode::PING,
    OperationCode::SET_ENDPOINT_ROLE,
    // About the certificate of the connection; the issuer's key is loaded as any object is.
    OperationCode::RE_PROVISION,
    // About requests of the caller, which are no objects.
    OperationCode::POLL,
    OperationCode::CANCEL,
    OperationCode::PROCESS,
    OperationCode::QUERY_ASYNCHRONOUS_REQUESTS,
    OperationCode::GET_CONSTRAINTS,
    OperationCode::SET_CONSTRAINTS,
    OperationCode::SET_DEFAULTS,
    OWNED,
    OBTAINED,
    PURGE,
];

/// Who calls, and what he holds.
#[derive(Clone, Copy, Debug)]
enum Caller {
    Owner,
    /// Holds a grant for just this operation.
    Grantee,
    /// Holds a grant for another operation, which implies nothing.
    GranteeOfAnother,
    Stranger,
    /// Everyone holds a grant for just this operation.
    Everyone,
}

const CALLERS: [Caller; 5] =
    [Caller::Owner, Caller::Grantee, Caller::GranteeOfAnother, Caller::Stranger, Caller::Everyone];

impl Caller {
    fn user(self) -> &'static str {
        match self {
            Self::Owner => "alice",
            Self::Grantee | Self::GranteeOfAnother => "bob",
            Self::Stranger | Self::Everyone => "carol",
        }
    }

    fn holds(self, row: &Row) -> Option<(Subject, OperationCode)> {
        let right = match row.right {
            Right::Operation(code) => code,
            Right::Owner => row.code,
        };
        match self {
            Self::Owner | Self::Stranger => None,
            Self::Grantee => Some((Subject::User("bob".into()), right)),
            Self::GranteeOfAnother => Some((Subject::User("bob".into()), OperationCode::NOTIFY)),
            Self::Everyone => Some((Subject::Everyone, right)),
        }
    }

    fn expected(self, row: &Row, state: usize) -> Outcome {
        match (self, row.right) {
            (Self::Owner, _) | (Self::Grantee | Self::Everyone, Right::Operation(_)) => row.by_state[state],
            (Self::Grantee | Self::Everyone, Right::Owner) | (Self::GranteeOfAnother, _) => Denied,
            (Self::Stranger, _) => row.stranger,
        }
    }
}

#[tokio::test]
async fn every_operation_admits_whom_and_when_the_specification_says() {
    let (engine, store) = server();
    put(&store, key("wrapped", State::ACTIVE), Some((Subject::Everyone, OperationCode::GET))).await;
    let mut wrong = Vec::new();
    for row in rows() {
        for caller in CALLERS {
            for (number, state) in STATES.into_iter().enumerate() {
                let id = format!("{}-{caller:?}-{state:?}", row.name);
                put(&store, subject(&row, &id, state), caller.holds(&row)).await;
                let (expected, found) =
                    (caller.expected(&row, number), call(&engine, caller, &row, &id).await);
                if expected != found {
                    wrong.push(format!("{id}: {found:?}, not {expected:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// An archived object is recovered before an operation is about it (section 6.1); its attributes and the rights on it
/// are to be had all the same.
#[tokio::test]
async fn only_attributes_and_rights_of_an_archived_object_are_at_hand() {
    let (engine, store) = server();
    put(&store, key("wrapped", State::ACTIVE), Some((Subject::Everyone, OperationCode::GET))).await;
    for row in rows() {
        for (number, state) in STATES.into_iter().enumerate() {
            let id = format!("{}-archived-{state:?}", row.name);
            let archived = subject(&row, &id, state).with::<kinds::ArchiveDate>(DateTime(9));
            put(&store, archived, None).await;
            let expected = match row.by_state[number] {
                Past if !row.archived => Archived,
                otherwise => otherwise,
            };
            assert_eq!(call(&engine, Caller::Owner, &row, &id).await, expected, "{id}");
        }
    }
}

#[test]
fn every_operation_has_a_row() {
    let rows = rows();
    for entry in linked() {
        if let EntryKind::Operation(operation) = entry.kind {
            let code = operation.spec().code;
            let has_row = rows.iter().any(|row| row.code == code);
            let name = operation.name();
            assert_ne!(
                has_row,
                NO_OBJECT.contains(&code),
                "{name} needs a row here, or a place in NO_OBJECT"
            );
        }
    }
}

/// The object that a row is about.
fn subject(row: &Row, id: &str, state: State) -> RecordBuilder {
    match row.object {
        Some(object) => key(id, state).object(object()),
        None => key(id, state),
    }
}

fn key(id: &str, state: State) -> RecordBuilder {
    let unrestricted = CryptographicUsageMask::UNRESTRICTED.0.cast_signed();
    let key = RecordBuilder::new(id).owner("alice").state(state);
    let key = key.with::<kinds::CryptographicUsageMask>(unrestricted);
    // Time is not to change the state.
    if state == State::PRE_ACTIVE { key.without::<kinds::ActivationDate>() } else { key }
}

/// A private key of an algorithm that no scheme knows.
fn private_key() -> ManagedObject {
    ManagedObject::PrivateKey(unknown_key())
}

/// A public key of an algorithm that no scheme knows.
fn public_key() -> ManagedObject {
    ManagedObject::PublicKey(unknown_key())
}

fn unknown_key() -> Key {
    let mut key_block = RecordBuilder::new("any").build().object.key_block().unwrap().clone();
    key_block.cryptographic_algorithm = Some(CryptographicAlgorithm::MCELIECE);
    Key { key_block }
}

/// A certificate that no scheme reads.
fn certificate() -> ManagedObject {
    ManagedObject::Certificate(Certificate {
        certificate_type: CertificateType::X_509,
        certificate_value: vec![1].into(),
    })
}

async fn put(store: &MemoryStore, key: RecordBuilder, grant: Option<(Subject, OperationCode)>) {
    let put = key.put();
    let object: ObjectId = put.id.clone();
    let grants = grant.map(|(subject, operation)| Grant { object, subject, operation });
    let change = ChangeSet { puts: vec![put], grants: grants.into_iter().collect(), ..ChangeSet::default() };
    store.apply(change).await.unwrap();
}

async fn call(engine: &Engine, caller: Caller, row: &Row, id: &str) -> Outcome {
    let headers = vec![("user".to_owned(), caller.user().to_owned())];
    let facts = Arc::new(ConnectionFacts { headers, ..ConnectionFacts::internal() });
    let caller = engine.authenticate(facts).await.unwrap();
    let message = RequestMessage::of_one(ProtocolVersion::V2_1, row.code, (row.request)(id));
    let mut outcomes = engine.handle_in(&caller, &Standard, message).await.unwrap();
    match outcomes.remove(0).result {
        Ok(_) => Past,
        Err(error) => match error.reason() {
            ResultReason::OBJECT_NOT_FOUND | ResultReason::WRAPPING_OBJECT_NOT_FOUND => NotFound,
            ResultReason::PERMISSION_DENIED => Denied,
            ResultReason::WRONG_KEY_LIFECYCLE_STATE => WrongState,
            ResultReason::OBJECT_DESTROYED | ResultReason::WRAPPING_OBJECT_DESTROYED => Destroyed,
            ResultReason::OBJECT_ARCHIVED | ResultReason::WRAPPING_OBJECT_ARCHIVED => Archived,
            ResultReason::OBJECT_ALREADY_EXISTS => Taken,
            _ => {
                assert_ne!(
                    error.class(),
                    ErrorClass::Malformed,
                    "the matrix asks {} wrongly: {error}",
                    row.name
                );
                Past
            }
        },
    }
}

fn server() -> (Engine, MemoryStore) {
    let store = MemoryStore::new();
    let options = EngineOptions {
        authenticators: Authenticators {
            configured: vec![("header".to_owned(), Arc::new(Believing))],
            require_all: true,
            default_user: "admin".to_owned(),
            force_default_user: false,
            operators: Vec::new(),
        },
        implied_rights: ImpliedRights::Exact,
        algorithm_policy: AlgorithmPolicy::default(),
        limits: Limits::default(),
        clock: Arc::new(FakeClock::at(1_700_000_000)),
        random: Arc::new(|| Box::new(SystemRandom)),
        audit: Vec::new(),
        observer: None,
    };
    let registry = Registry::from_linked(&RegistryOptions::default()).unwrap();
    (Engine::new(Arc::new(registry), Arc::new(store.clone()), options), store)
}

fn fields(id: &str, more: impl IntoIterator<Item = Ttlv>) -> Value {
    let id = Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString(id.to_owned()));
    Value::Structure(std::iter::once(id).chain(more).collect())
}

fn only_id(id: &str) -> Value {
    fields(id, [])
}

fn only_private_id(id: &str) -> Value {
    Value::Structure(vec![Ttlv::new(Tag::PRIVATE_KEY_UNIQUE_IDENTIFIER, Value::TextString(id.to_owned()))])
}

fn remove(id: &str) -> Value {
    fields(id, [Ttlv::new(Tag::REMOVE, Value::Boolean(true))])
}

fn change_owner(id: &str) -> Value {
    fields(id, [Ttlv::new(Tag::USERNAME, Value::TextString("dave".to_owned()))])
}

fn with_data(id: &str) -> Value {
    fields(id, [Ttlv::new(Tag::DATA, Value::ByteString(vec![0; 32].into()))])
}

fn with_signature(id: &str) -> Value {
    let bytes = |tag| Ttlv::new(tag, Value::ByteString(vec![0; 32].into()));
    fields(id, [bytes(Tag::DATA), bytes(Tag::SIGNATURE_DATA)])
}

fn with_mac(id: &str) -> Value {
    let bytes = |tag| Ttlv::new(tag, Value::ByteString(vec![0; 32].into()));
    fields(id, [bytes(Tag::DATA), bytes(Tag::MAC_DATA)])
}

fn aes_256() -> Ttlv {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::AES);
    attributes.put::<kinds::CryptographicLength>(256);
    Ttlv::new(Tag::ATTRIBUTES, attributes.into_value())
}

fn derive(id: &str) -> Value {
    let request = DeriveKeyRequest {
        object_type: ObjectType::SYMMETRIC_KEY,
        unique_identifier: vec![id.into()],
        derivation_method: DerivationMethod::HASH,
        derivation_parameters: DerivationParameters {
            cryptographic_parameters: None,
            initialization_vector: None,
            derivation_data: Vec::new(),
            salt: None,
            iteration_count: None,
        },
        attributes: Attributes::new(),
    };
    request.into_value()
}

fn encapsulate(id: &str) -> Value {
    fields(id, [aes_256()])
}

fn decapsulate(id: &str) -> Value {
    fields(id, [Ttlv::new(Tag::DATA, Value::ByteString(vec![0; 32].into())), aes_256()])
}

fn revoke(id: &str, code: RevocationReasonCode) -> Value {
    let reason = RevocationReason { code, message: None };
    fields(id, [Ttlv::new(Tag::REVOCATION_REASON, reason.into_value())])
}

fn named_key(id: &str) -> Option<KeyInformation> {
    Some(KeyInformation { unique_identifier: id.into(), cryptographic_parameters: None })
}

fn get_wrapped_by(id: &str) -> Value {
    let wrapping = KeyWrappingSpecification {
        wrapping_method: WrappingMethod::ENCRYPT,
        encryption_key_information: named_key(id),
        mac_signature_key_information: None,
        attribute_name: Vec::new(),
        encoding_option: Some(EncodingOption::NO_ENCODING),
    };
    fields("wrapped", [Ttlv::new(Tag::KEY_WRAPPING_SPECIFICATION, wrapping.into_value())])
}

fn get_authenticated_by(id: &str) -> Value {
    let wrapping = KeyWrappingSpecification {
        wrapping_method: WrappingMethod::MAC_SIGN,
        encryption_key_information: None,
        mac_signature_key_information: named_key(id),
        attribute_name: Vec::new(),
        encoding_option: Some(EncodingOption::NO_ENCODING),
    };
    fields("wrapped", [Ttlv::new(Tag::KEY_WRAPPING_SPECIFICATION, wrapping.into_value())])
}

fn import_wrapped_by(id: &str) -> Value {
    import_unwrapping(KeyWrappingData {
        wrapping_method: WrappingMethod::ENCRYPT,
        encryption_key_information: named_key(id),
        mac_signature_key_information: None,
        mac_signature: None,
        iv_counter_nonce: None,
        encoding_option: None,
    })
}

fn import_authenticated_by(id: &str) -> Value {
    import_unwrapping(KeyWrappingData {
        wrapping_method: WrappingMethod::MAC_SIGN,
        encryption_key_information: None,
        mac_signature_key_information: named_key(id),
        mac_signature: Some(vec![0; 32].into()),
        iv_counter_nonce: None,
        encoding_option: None,
    })
}

fn import_unwrapping(data: KeyWrappingData) -> Value {
    let mut object = RecordBuilder::new("any").build().object;
    let block = object.key_block_mut().unwrap();
    block.key_value = Some(KeyValue::Wrapped(vec![0; 40].into()));
    block.key_wrapping_data = Some(data);
    let request = ImportRequest {
        unique_identifier: "".into(),
        object_type: ObjectType::SYMMETRIC_KEY,
        replace_existing: None,
        key_wrap_type: Some(KeyWrapType::NOT_WRAPPED),
        attributes: Attributes::new(),
        object,
    };
    request.into_value()
}

fn comment() -> Value {
    NewAttribute { tag: Tag::COMMENT, value: Value::TextString("new".to_owned()) }.into_value()
}

fn with_attribute(id: &str) -> Value {
    fields(id, [Ttlv::new(Tag::NEW_ATTRIBUTE, comment())])
}

fn delete_attribute(id: &str) -> Value {
    let reference = Value::Enumeration(Tag::COMMENT.0);
    fields(id, [Ttlv::new(Tag::ATTRIBUTE_REFERENCE, reference)])
}

fn adjust_attribute(id: &str) -> Value {
    fields(
        id,
        [
            Ttlv::new(Tag::ATTRIBUTE_REFERENCE, Value::Enumeration(Tag::PROTECTION_PERIOD.0)),
            Ttlv::new(Tag::ADJUSTMENT_TYPE, Value::Enumeration(1)),
        ],
    )
}

fn allocate(id: &str) -> Value {
    fields(id, [Ttlv::new(Tag::USAGE_LIMITS_COUNT, Value::LongInteger(5))])
}

fn split(id: &str) -> Value {
    fields(
        id,
        [
            Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(ObjectType::SPLIT_KEY.0)),
            Ttlv::new(Tag::SPLIT_KEY_PARTS, Value::Integer(2)),
            Ttlv::new(Tag::SPLIT_KEY_THRESHOLD, Value::Integer(2)),
            Ttlv::new(Tag::SPLIT_KEY_METHOD, Value::Enumeration(1)),
            Ttlv::new(Tag::ATTRIBUTES, Value::Structure(Vec::new())),
        ],
    )
}

fn join(id: &str) -> Value {
    fields(id, [Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(ObjectType::SYMMETRIC_KEY.0))])
}

fn import(id: &str) -> Value {
    let record = RecordBuilder::new(id).build();
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicUsageMask>(12);
    fields(
        id,
        [
            Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(ObjectType::SYMMETRIC_KEY.0)),
            Ttlv::new(Tag::REPLACE_EXISTING, Value::Boolean(true)),
            Ttlv::new(Tag::ATTRIBUTES, attributes.into_value()),
            record.object.into_item(),
        ],
    )
}

fn grant(id: &str) -> Value {
    fields(
        id,
        [
            Ttlv::new(Tag::USERNAME, Value::TextString("dave".to_owned())),
            Ttlv::new(Tag::OPERATION, Value::Enumeration(OperationCode::ENCRYPT.0)),
        ],
    )
}
