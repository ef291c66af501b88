//! The operations that have to do with no object.

use claviger_auth_biscuit::{
    MINT_TOKEN, MintTokenRequest, MintTokenResponse, REVOKE_TOKEN, REVOKE_TOKEN_IDENTIFIER,
    RevokeTokenIdentifierRequest, RevokeTokenRequest, TICKET_TYPE,
};
use claviger_kmip::attributes::{Attributes, kinds};
use claviger_kmip::field::{DateTime, Empty, Interval};
use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::payloads::access::*;
use claviger_kmip::payloads::*;
use claviger_kmip::tables::enumerations::{
    CancellationResult, CryptographicAlgorithm, EndpointRole, HashingAlgorithm, InteropFunction, ObjectType,
    OperationCode as Op, Pkcs11Function, Pkcs11ReturnCode, QueryFunction, ResultReason, TicketType,
};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{ByteString, Tag, Ttlv, Value};

use super::objects::{Stage, destroy};
use super::scene::{Scene, User, payload, read};
use super::{Cases, Free, Row};
use crate::re_provision;

/// SHA-256 of `abc` (FIPS 180-4).
const ABC: [u8; 32] = [
    0xBA, 0x78, 0x16, 0xBF, 0x8F, 0x01, 0xCF, 0xEA, 0x41, 0x41, 0x40, 0xDE, 0x5D, 0xAE, 0x22, 0x23, 0xB0,
    0x03, 0x61, 0xA3, 0x96, 0x17, 0x7A, 0x9C, 0xB4, 0x10, 0xFF, 0x61, 0xF2, 0x00, 0x15, 0xAD,
];

/// The rows.
pub(super) fn rows() -> Vec<Row> {
    [cryptography(), of_server(), tickets(), jobs(), rules(), rights(), tokens(), of_connection()]
        .into_iter()
        .flatten()
        .collect()
}

fn free(
    operation: Op,
    request: fn(&mut Scene) -> Value,
    check: fn(&mut Scene, Value),
    wrong: (User, fn(&mut Scene) -> Value, ResultReason),
) -> Row {
    Row { operation, cases: Cases::Free(Free { request, check, wrong }) }
}

fn cryptography() -> Vec<Row> {
    vec![
        free(
            Op::CREATE_KEY_PAIR,
            |_| create_pair(Some(CryptographicAlgorithm::RSA), 2048),
            |scene, answer| {
                let made: CreateKeyPairResponse = read(answer);
                for (id, expected) in [
                    (made.private_key_unique_identifier, ObjectType::PRIVATE_KEY),
                    (made.public_key_unique_identifier, ObjectType::PUBLIC_KEY),
                ] {
                    let found = scene.attributes(&id).one::<kinds::ObjectType>();
                    scene.expect(found == Some(expected), "another type");
                }
            },
            (User::Alice, |_| create_pair(None, 2048), ResultReason::INVALID_FIELD),
        ),
        free(
            Op::HASH,
            |_| hash(Some(b"abc")),
            |scene, answer| {
                let made: HashResponse = read(answer);
                scene.expect(made.data.as_deref() == Some(&ABC), "not the digest of FIPS 180-4");
            },
            (User::Alice, |_| hash(None), ResultReason::MISSING_DATA),
        ),
        free(
            Op::RNG_RETRIEVE,
            |_| payload(RngRetrieveRequest { data_length: 33 }),
            |scene, answer| {
                let made: RngRetrieveResponse = read(answer);
                scene.expect(made.data.len() == 33, "another length");
            },
            (User::Alice, |_| payload(RngRetrieveRequest { data_length: -1 }), ResultReason::INVALID_FIELD),
        ),
        free(
            Op::RNG_SEED,
            |_| payload(RngSeedRequest { data: vec![7; 33].into() }),
            |scene, answer| {
                let taken: RngSeedResponse = read(answer);
                scene.expect((0..=33).contains(&taken.data_length), "more than there was");
            },
            (User::Alice, |_| Value::Structure(Vec::new()), ResultReason::INVALID_MESSAGE),
        ),
        free(
            Op::PKCS_11,
            |_| pkcs_11(Pkcs11Function::C_INITIALIZE, "PKCS 11"),
            |scene, answer| {
                let done: Pkcs11Response = read(answer);
                scene.expect(done.pkcs_11_return_code == Pkcs11ReturnCode::OK, "not initialized");
            },
            (
                User::Alice,
                |_| pkcs_11(Pkcs11Function::C_INITIALIZE, "another interface"),
                ResultReason::PKCS_11_INVALID_INTERFACE,
            ),
        ),
    ]
}

fn of_server() -> Vec<Row> {
    vec![
        free(
            Op::QUERY,
            |_| query(QueryFunction::QUERY_SERVER_INFORMATION),
            |scene, answer| {
                let told: QueryResponse = read(answer);
                scene.expect(told.vendor_identification.is_some(), "no vendor");
            },
            (User::Alice, |_| query(QueryFunction(0x7FFF)), ResultReason::INVALID_FIELD),
        ),
        free(
            Op::DISCOVER_VERSIONS,
            |_| versions(vec![ProtocolVersion::V1_2, ProtocolVersion { major: 9, minor: 9 }]),
            |scene, answer| {
                let told: DiscoverVersionsResponse = read(answer);
                scene.expect(told.protocol_version == [ProtocolVersion::V1_2], "other versions");
            },
            (User::Alice, |_| unknown_field(), ResultReason::INVALID_MESSAGE),
        ),
        free(
            Op::PING,
            |_| payload(Empty {}),
            |_, _| {},
            (User::Alice, |_| unknown_field(), ResultReason::INVALID_MESSAGE),
        ),
        free(
            Op::LOG,
            |_| payload(LogRequest { log_message: "a line".into() }),
            |_, _| {},
            (User::Alice, |_| Value::Structure(Vec::new()), ResultReason::INVALID_MESSAGE),
        ),
        free(
            Op::INTEROP,
            |_| interop(InteropFunction::BEGIN),
            |_, _| {},
            (User::Alice, |_| interop(InteropFunction::RESET), ResultReason::FEATURE_NOT_SUPPORTED),
        ),
        free(
            Op::SET_ENDPOINT_ROLE,
            |_| payload(SetEndpointRoleRequest { endpoint_role: EndpointRole::CLIENT }),
            |scene, answer| {
                let told: SetEndpointRoleResponse = read(answer);
                scene.expect(told.endpoint_role == EndpointRole::CLIENT, "another role");
            },
            (
                User::Alice,
                |_| payload(SetEndpointRoleRequest { endpoint_role: EndpointRole(0x7FFF) }),
                ResultReason::INVALID_FIELD,
            ),
        ),
    ]
}

fn tickets() -> Vec<Row> {
    vec![
        free(
            Op::LOGIN,
            |_| login(1),
            |scene, answer| {
                let made: LoginResponse = read(answer);
                scene.expect(made.ticket.ticket_value.len() >= 32, "a ticket that can be guessed");
            },
            (User::Alice, |_| login(0), ResultReason::INVALID_FIELD),
        ),
        free(
            Op::DELEGATED_LOGIN,
            |_| delegated_login(vec![get_only()]),
            |scene, answer| {
                let made: DelegatedLoginResponse = read(answer);
                scene.expect(made.ticket.ticket_value.len() >= 32, "a ticket that can be guessed");
            },
            (User::Alice, |_| delegated_login(Vec::new()), ResultReason::INVALID_FIELD),
        ),
        free(
            Op::LOGOUT,
            |scene| {
                let made: LoginResponse = read(scene.good(Op::LOGIN, login(1)));
                payload(LogoutRequest { ticket: made.ticket })
            },
            |_, _| {},
            (
                User::Alice,
                |_| {
                    let ticket = Ticket { ticket_type: TicketType::LOGIN, ticket_value: vec![7; 48].into() };
                    payload(LogoutRequest { ticket })
                },
                ResultReason::INVALID_TICKET,
            ),
        ),
    ]
}

fn jobs() -> Vec<Row> {
    const UNKNOWN: ResultReason = ResultReason::INVALID_ASYNCHRONOUS_CORRELATION_VALUE;
    vec![
        free(
            Op::POLL,
            |scene| {
                let job = scene.submit(Op::RNG_RETRIEVE, payload(RngRetrieveRequest { data_length: 5 }));
                payload(PollRequest { asynchronous_correlation_value: job })
            },
            |scene, answer| {
                let made: RngRetrieveResponse = read(answer);
                scene.expect(made.data.len() == 5, "another answer");
            },
            (
                User::Bob,
                |scene| {
                    let job = scene.submit(Op::RNG_RETRIEVE, payload(RngRetrieveRequest { data_length: 5 }));
                    payload(PollRequest { asynchronous_correlation_value: job })
                },
                UNKNOWN,
            ),
        ),
        free(
            Op::CANCEL,
            |scene| {
                let job = scene.submit(Op::RNG_RETRIEVE, payload(RngRetrieveRequest { data_length: 5 }));
                payload(CancelRequest { asynchronous_correlation_value: job })
            },
            |scene, answer| {
                let told: CancelResponse = read(answer);
                scene.expect(told.cancellation_result == CancellationResult::CANCELED, "not canceled");
            },
            (User::Alice, |_| Value::Structure(Vec::new()), ResultReason::INVALID_MESSAGE),
        ),
        free(
            Op::PROCESS,
            |scene| {
                let job = scene.submit(Op::RNG_RETRIEVE, payload(RngRetrieveRequest { data_length: 5 }));
                payload(ProcessRequest { asynchronous_correlation_value: job })
            },
            |_, _| {},
            (
                User::Alice,
                |_| payload(ProcessRequest { asynchronous_correlation_value: vec![7; 16].into() }),
                UNKNOWN,
            ),
        ),
        free(
            Op::QUERY_ASYNCHRONOUS_REQUESTS,
            |scene| {
                let job = scene.submit(Op::RNG_RETRIEVE, payload(RngRetrieveRequest { data_length: 5 }));
                requests(Some(job))
            },
            |scene, answer| {
                let told: QueryAsynchronousRequestsResponse = read(answer);
                scene.expect(told.asynchronous_request.len() == 1, "another number of requests");
            },
            (User::Alice, |_| unknown_field(), ResultReason::INVALID_MESSAGE),
        ),
    ]
}

fn rules() -> Vec<Row> {
    vec![
        free(
            Op::SET_CONSTRAINTS,
            |_| constraints(12),
            |_, _| {},
            (User::Alice, |_| Value::Structure(Vec::new()), ResultReason::INVALID_MESSAGE),
        ),
        free(
            Op::GET_CONSTRAINTS,
            |_| payload(Empty {}),
            |scene, answer| {
                let told: GetConstraintsResponse = read(answer);
                scene.expect(told.constraints.constraint.len() == 1, "not the one constraint that was set");
            },
            (User::Alice, |_| unknown_field(), ResultReason::INVALID_MESSAGE),
        ),
        free(
            Op::SET_DEFAULTS,
            |_| defaults(4),
            |_, _| {},
            (User::Alice, |_| unknown_field(), ResultReason::INVALID_MESSAGE),
        ),
    ]
}

/// What is last: alice's certificate is good for nothing afterwards.
fn of_connection() -> Vec<Row> {
    vec![free(
        Op::RE_PROVISION,
        |scene| {
            for (operation, request) in re_provision::authority(&scene.certificates) {
                scene.good(operation, request);
            }
            Value::Structure(Vec::new())
        },
        |scene, answer| {
            let made: ReProvisionResponse = read(answer);
            scene.expect(made.unique_identifier.is_some(), "no private key");
        },
        (
            User::Bob,
            |scene| payload(re_provision::certificate_request(&scene.certificates, "alice")),
            ResultReason::PERMISSION_DENIED,
        ),
    )]
}

fn rights() -> Vec<Row> {
    vec![
        free(
            OWNED,
            |_| payload(Empty {}),
            |scene, answer| {
                let told: OwnedResponse = read(answer);
                scene.expect(!told.objects.is_empty(), "nothing is owned");
            },
            (User::Alice, |_| unknown_field(), ResultReason::INVALID_MESSAGE),
        ),
        free(
            OBTAINED,
            |_| payload(Empty {}),
            |_, answer| drop(read::<ObtainedResponse>(answer)),
            (User::Alice, |_| unknown_field(), ResultReason::INVALID_MESSAGE),
        ),
        free(
            PURGE,
            |scene| {
                let id = scene.make(ObjectType::SYMMETRIC_KEY, Stage::PreActive);
                scene.good(Op::DESTROY, destroy(&id));
                // All that is destroyed by now or in a minute.
                purge(scene)
            },
            |scene, answer| {
                let told: PurgeResponse = read(answer);
                scene.expect(told.located_items > 0, "nothing was purged");
            },
            // He is no operator.
            (User::Bob, purge, ResultReason::PERMISSION_DENIED),
        ),
    ]
}

/// Tokens that their holders narrow.
fn tokens() -> Vec<Row> {
    let revoke = |_: &mut Scene| payload(RevokeTokenIdentifierRequest { identifier: vec![7; 64].into() });
    vec![
        free(
            MINT_TOKEN,
            |_| mint(60),
            |scene, answer| {
                let made: MintTokenResponse = read(answer);
                scene.expect(made.ticket.ticket_type == TICKET_TYPE, "another type of ticket");
            },
            (User::Alice, |_| mint(0), ResultReason::INVALID_FIELD),
        ),
        free(
            REVOKE_TOKEN,
            |scene| {
                let made: MintTokenResponse = read(scene.good(MINT_TOKEN, mint(60)));
                payload(RevokeTokenRequest { ticket: made.ticket })
            },
            |_, _| {},
            (
                User::Alice,
                |_| {
                    let ticket = Ticket { ticket_type: TICKET_TYPE, ticket_value: vec![7; 64].into() };
                    payload(RevokeTokenRequest { ticket })
                },
                ResultReason::INVALID_TICKET,
            ),
        ),
        // Bob is no operator.
        free(
            REVOKE_TOKEN_IDENTIFIER,
            revoke,
            |_, _| {},
            (User::Bob, revoke, ResultReason::PERMISSION_DENIED),
        ),
    ]
}

fn mint(seconds: u32) -> Value {
    payload(MintTokenRequest {
        lifetime: Some(Interval(seconds)),
        operation: vec![Op::GET],
        object: Vec::new(),
        tag: Vec::new(),
        object_type: Vec::new(),
        uses: None,
    })
}

/// A field that no payload has: nothing that a client asks for is passed over in silence.
fn login(requests: i32) -> Value {
    payload(LoginRequest { lease_time: None, request_count: Some(requests), usage_limits: None })
}

fn delegated_login(right: Vec<Right>) -> Value {
    let rights = Rights { right };
    payload(DelegatedLoginRequest { lease_time: None, request_count: None, usage_limits: None, rights })
}

fn get_only() -> Right {
    let operations = Some(Operations { operation: vec![Op::GET] });
    Right { usage_limits: None, operations, objects: None, object_groups: None }
}

fn unknown_field() -> Value {
    Value::Structure(vec![Ttlv::new(Tag(0x54_FFFF), Value::Integer(0))])
}

fn create_pair(algorithm: Option<CryptographicAlgorithm>, bits: i32) -> Value {
    let mut common = Attributes::new();
    if let Some(algorithm) = algorithm {
        common.put::<kinds::CryptographicAlgorithm>(algorithm);
    }
    common.put::<kinds::CryptographicLength>(bits);
    common.put::<kinds::CryptographicUsageMask>(3);
    payload(CreateKeyPairRequest {
        common_attributes: Some(common),
        private_key_attributes: None,
        public_key_attributes: None,
        common_protection_storage_masks: None,
        private_protection_storage_masks: None,
        public_protection_storage_masks: None,
    })
}

fn hash(data: Option<&[u8]>) -> Value {
    payload(HashRequest {
        cryptographic_parameters: CryptographicParameters {
            hashing_algorithm: Some(HashingAlgorithm::SHA_256),
            ..CryptographicParameters::NONE
        },
        data: data.map(Into::into),
        correlation_value: None,
        init_indicator: None,
        final_indicator: None,
    })
}

fn pkcs_11(function: Pkcs11Function, interface: &str) -> Value {
    payload(Pkcs11Request {
        pkcs_11_interface: Some(interface.into()),
        pkcs_11_function: Pkcs11FunctionId::Standard(function),
        correlation_value: None,
        pkcs_11_input_parameters: Some(vec![1].into()),
    })
}

fn query(function: QueryFunction) -> Value {
    payload(QueryRequest { query_function: vec![function], object_groups: None })
}

fn versions(protocol_version: Vec<ProtocolVersion>) -> Value {
    payload(DiscoverVersionsRequest { protocol_version })
}

fn interop(interop_function: InteropFunction) -> Value {
    payload(InteropRequest { interop_function, interop_identifier: "a case".into() })
}

fn requests(job: Option<ByteString>) -> Value {
    let values = job.map(|job| AsynchronousCorrelationValues { asynchronous_correlation_value: vec![job] });
    payload(QueryAsynchronousRequestsRequest { asynchronous_correlation_values: values, operations: None })
}

/// Of a group that no other object belongs to.
fn group() -> Option<ObjectGroups> {
    Some(ObjectGroups { object_group: vec!["a group".into()] })
}

fn uses(mask: i32) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicUsageMask>(mask);
    attributes
}

fn constraints(mask: i32) -> Value {
    let constraint = Constraint {
        object_types: Some(ObjectTypes { object_type: vec![ObjectType::SYMMETRIC_KEY] }),
        object_groups: group(),
        attributes: Some(uses(mask)),
    };
    payload(SetConstraintsRequest { constraints: Constraints { constraint: vec![constraint] } })
}

fn defaults(mask: i32) -> Value {
    let object_types = DefaultedTypes::One(ObjectType::SYMMETRIC_KEY);
    let of_group = ObjectDefaults { object_types, attributes: uses(mask), object_groups: group() };
    let defaults_information = Some(DefaultsInformation { object_defaults: vec![of_group] });
    payload(SetDefaultsRequest { defaults_information })
}

fn purge(_: &mut Scene) -> Value {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    payload(PurgeRequest { destroy_date: DateTime(since.as_secs() as i64 + 60), maximum_items: None })
}
