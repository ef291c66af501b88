//! Objects of each type, and the operations that are defined on all of them.

use claviger_kmip::attributes::{
    Attributes, CryptographicDomainParameters, NewAttribute, RevocationReason, UsageLimits, kinds,
};
use claviger_kmip::field::{DateTime, TtlvValue as _};
use claviger_kmip::objects::{
    CertificateRequest, Key, KeyBlock, KeyValue, ManagedObject, OpaqueObject, PgpKey, PlainKeyValue,
    SecretData,
};
use claviger_kmip::payloads::access::*;
use claviger_kmip::payloads::*;
use claviger_kmip::tables::enumerations::{
    CertificateRequestType, CertificateType, CryptographicAlgorithm, KeyFormatType, ObjectType,
    OpaqueDataType, OperationCode as Op, RecommendedCurve, ResultReason, RevocationReasonCode,
    SecretDataType, SplitKeyMethod, State, UsageLimitsUnit,
};
use claviger_kmip::{Tag, Value};

use super::scene::{Scene, User, payload, read};
use super::{About, Row, about};

/// Every type of KMIP 2.1.
pub(super) const TYPES: [ObjectType; 9] = [
    ObjectType::CERTIFICATE,
    ObjectType::CERTIFICATE_REQUEST,
    ObjectType::OPAQUE_OBJECT,
    ObjectType::PGP_KEY,
    ObjectType::PRIVATE_KEY,
    ObjectType::PUBLIC_KEY,
    ObjectType::SECRET_DATA,
    ObjectType::SPLIT_KEY,
    ObjectType::SYMMETRIC_KEY,
];

/// How far an object is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    PreActive,
    Active,
    Deactivated,
    Destroyed,
}

/// Unrestricted.
const EVERY_USE: i32 = 0x0020_0000;
pub(super) const DESTROYED: (Stage, ResultReason) = (Stage::Destroyed, ResultReason::OBJECT_DESTROYED);
/// Before an object is activated nothing is done with it.
pub(super) const TOO_EARLY: (Stage, ResultReason) =
    (Stage::PreActive, ResultReason::WRONG_KEY_LIFECYCLE_STATE);
/// What can have Usage Limits because it protects data.
const LIMITED: &[ObjectType] = &[
    ObjectType::CERTIFICATE,
    ObjectType::PGP_KEY,
    ObjectType::PRIVATE_KEY,
    ObjectType::PUBLIC_KEY,
    ObjectType::SECRET_DATA,
    ObjectType::SPLIT_KEY,
    ObjectType::SYMMETRIC_KEY,
];

/// The operations on objects of all types.
pub(super) fn rows() -> Vec<Row> {
    vec![
        about(Op::GET, About::on(&TYPES, |_, _, id| get(id)).check(is_object).refused_in(&[DESTROYED])),
        // A destroyed object is exported without its material (section 6.1.18).
        about(Op::EXPORT, About::on(&TYPES, |_, _, id| export(id)).check(is_object)),
        about(
            Op::ACTIVATE,
            About::on(&TYPES, |_, _, id| payload(ActivateRequest { unique_identifier: Some(id.into()) }))
                .in_stage(Stage::PreActive)
                .check(|scene, _, id, _| scene.expect_state(id, State::ACTIVE))
                .refused_in(&[(Stage::Active, ResultReason::WRONG_KEY_LIFECYCLE_STATE), DESTROYED]),
        ),
        about(
            Op::REVOKE,
            About::on(&TYPES, |_, _, id| revoke(id))
                .check(|scene, _, id, _| scene.expect_state(id, State::DEACTIVATED))
                .refused_in(&[TOO_EARLY, DESTROYED]),
        ),
        about(
            Op::DESTROY,
            About::on(&TYPES, |_, _, id| destroy(id))
                .in_stage(Stage::Deactivated)
                .check(|scene, _, id, _| {
                    scene.expect_state(id, State::DESTROYED);
                    scene.refused(User::Alice, Op::GET, get(id), ResultReason::OBJECT_DESTROYED, "Get");
                })
                .refused_in(&[(Stage::Active, ResultReason::WRONG_KEY_LIFECYCLE_STATE), DESTROYED]),
        ),
        about(
            Op::ARCHIVE,
            About::on(&TYPES, |_, _, id| archive(id))
                .check(|scene, _, id, _| {
                    scene.refused(User::Alice, Op::GET, get(id), ResultReason::OBJECT_ARCHIVED, "Get");
                })
                .refused_in(&[DESTROYED]),
        ),
        about(
            Op::RECOVER,
            About::on(&TYPES, |scene, _, id| {
                // What is destroyed is not archived either.
                let _ = scene.send(User::Alice, Op::ARCHIVE, archive(id));
                payload(RecoverRequest { unique_identifier: Some(id.into()) })
            })
            .check(|scene, _, id, _| drop(scene.works(Op::GET, get(id))))
            .refused_in(&[DESTROYED]),
        ),
        about(
            Op::OBTAIN_LEASE,
            About::on(&TYPES, |_, _, id| payload(ObtainLeaseRequest { unique_identifier: Some(id.into()) }))
                .check(|scene, _, _, answer| {
                    let lease: ObtainLeaseResponse = read(answer);
                    scene.expect(lease.lease_time.0 > 0, "no time to lease");
                })
                .refused_in(&[DESTROYED]),
        ),
        about(
            Op::CHECK,
            About::on(&TYPES, |_, _, id| check(id))
                .check(|scene, _, id, answer| {
                    let told: CheckResponse = read(answer);
                    scene.expect(told.unique_identifier.as_deref() == Some(id), "another object");
                })
                .refused_in(&[DESTROYED]),
        ),
        about(
            GRANT,
            About::on(&TYPES, |_, _, id| grant(id, User::Bob))
                .check(|scene, _, id, _| {
                    let got = scene.send(User::Bob, Op::GET, get(id));
                    scene.expect(got.is_ok(), "a grant that gives nothing");
                })
                .wrong(|_, _, id| grant(id, User::Alice), ResultReason::PERMISSION_DENIED),
        ),
        about(
            REVOKE_RIGHT,
            About::on(&TYPES, |scene, _, id| {
                scene.good(GRANT, grant(id, User::Bob));
                payload(RevokeRightRequest {
                    unique_identifier: Some(id.into()),
                    username: User::Bob.name().into(),
                    operation: vec![Op::GET],
                })
            })
            // He knows of it, since he holds another right.
            .stranger(ResultReason::PERMISSION_DENIED)
            .check(|scene, _, id, _| {
                scene.refused(User::Bob, Op::GET, get(id), ResultReason::OBJECT_NOT_FOUND, "Get");
            }),
        ),
        about(
            LIST_RIGHTS,
            About::on(&TYPES, |scene, _, id| {
                scene.good(GRANT, grant(id, User::Bob));
                payload(ListRightsRequest { unique_identifier: Some(id.into()) })
            })
            .stranger(ResultReason::PERMISSION_DENIED)
            .check(|scene, _, _, answer| {
                let told: ListRightsResponse = read(answer);
                let all: Vec<_> =
                    told.right.iter().map(|right| (&*right.username, &right.operation[..])).collect();
                scene.expect(all == [("bob", &[Op::GET][..])], "other rights");
            }),
        ),
        about(
            EXPLAIN,
            About::on(&TYPES, |scene, _, id| {
                scene.good(GRANT, grant(id, User::Bob));
                payload(ExplainRequest {
                    unique_identifier: Some(id.into()),
                    operation: Op::DESTROY,
                    username: vec![User::Bob.name().into()],
                })
            })
            .stranger(ResultReason::PERMISSION_DENIED)
            .check(|scene, _, _, answer| {
                let told: ExplainResponse = read(answer);
                let last = told.right.last().map(|rule| (&*rule.name, rule.result_reason));
                let expected = Some(("right", Some(ResultReason::PERMISSION_DENIED)));
                scene.expect(last == expected, "another rule decides");
            }),
        ),
        about(
            CHANGE_OWNER,
            About::on(&TYPES, |_, _, id| {
                payload(ChangeOwnerRequest { unique_identifier: Some(id.into()), username: "bob".into() })
            })
            .check(|scene, _, id, _| {
                let got = scene.send(User::Bob, Op::GET, get(id));
                scene.expect(got.is_ok(), "an owner without rights");
                scene.refused(User::Alice, Op::GET, get(id), ResultReason::OBJECT_NOT_FOUND, "Get");
            }),
        ),
        about(
            Op::GET_USAGE_ALLOCATION,
            About::on(LIMITED, |scene, kind, id| {
                if LIMITED.contains(&kind) {
                    // An object that is destroyed or not Active takes them, too.
                    scene.limit(id);
                }
                allocate(id, 4)
            })
            .check(|scene, _, id, _| {
                let left = scene.attributes(id).one::<kinds::UsageLimits>().and_then(|limits| limits.count);
                scene.expect(left == Some(6), "another number is left");
            })
            .refused_in(&[TOO_EARLY, DESTROYED])
            .wrong(
                |scene, _, id| {
                    scene.limit(id);
                    allocate(id, 11)
                },
                ResultReason::USAGE_LIMIT_EXCEEDED,
            ),
        ),
    ]
}

pub(super) fn get(id: &str) -> Value {
    get_as(id, None)
}

pub(super) fn get_as(id: &str, key_format_type: Option<KeyFormatType>) -> Value {
    payload(GetRequest {
        unique_identifier: Some(id.into()),
        key_format_type,
        key_wrap_type: None,
        key_compression_type: None,
        key_wrapping_specification: None,
    })
}

fn export(id: &str) -> Value {
    payload(ExportRequest {
        unique_identifier: Some(id.into()),
        key_format_type: None,
        key_wrap_type: None,
        key_compression_type: None,
        key_wrapping_specification: None,
    })
}

fn revoke(id: &str) -> Value {
    payload(RevokeRequest {
        unique_identifier: Some(id.into()),
        revocation_reason: RevocationReason { code: RevocationReasonCode::SUPERSEDED, message: None },
        compromise_occurrence_date: None,
    })
}

pub(super) fn destroy(id: &str) -> Value {
    payload(DestroyRequest { unique_identifier: Some(id.into()), remove: None })
}

fn archive(id: &str) -> Value {
    payload(ArchiveRequest { unique_identifier: Some(id.into()) })
}

fn check(id: &str) -> Value {
    payload(CheckRequest {
        unique_identifier: Some(id.into()),
        usage_limits_count: None,
        cryptographic_usage_mask: None,
        lease_time: None,
    })
}

fn grant(id: &str, to: User) -> Value {
    payload(GrantRequest {
        unique_identifier: Some(id.into()),
        username: to.name().into(),
        operation: vec![Op::GET],
    })
}

fn allocate(id: &str, usage_limits_count: i64) -> Value {
    payload(GetUsageAllocationRequest { unique_identifier: Some(id.into()), usage_limits_count })
}

fn is_object(scene: &mut Scene, object_type: ObjectType, id: &str, answer: Value) {
    // Get and Export begin alike.
    let Value::Structure(fields) = answer else { panic!("a payload is a structure") };
    let field = |tag| fields.iter().find(|field| field.tag == tag).map(|field| &field.value);
    scene.expect(field(Tag::OBJECT_TYPE) == Some(&Value::Enumeration(object_type.0)), "another type");
    scene.expect(field(Tag::UNIQUE_IDENTIFIER) == Some(&Value::TextString(id.into())), "another object");
    let object = fields.into_iter().find_map(|field| ManagedObject::from_item(field).ok());
    scene.expect(object.is_some_and(|object| object.object_type() == object_type), "no object of its type");
}

/// An object of a type that clients bring.
pub(super) fn brought(scene: &Scene, object_type: ObjectType) -> Option<ManagedObject> {
    Some(match object_type {
        ObjectType::CERTIFICATE_REQUEST => ManagedObject::CertificateRequest(CertificateRequest {
            certificate_request_type: CertificateRequestType::PEM,
            certificate_request_value: scene.pem_of_alice("csr").into(),
        }),
        ObjectType::OPAQUE_OBJECT => ManagedObject::OpaqueObject(OpaqueObject {
            opaque_data_type: OpaqueDataType(0x8000_0001),
            opaque_data_value: vec![7; 9].into(),
        }),
        ObjectType::PGP_KEY => {
            let text = b"-----BEGIN PGP PUBLIC KEY BLOCK-----".to_vec();
            ManagedObject::PgpKey(PgpKey { pgp_key_version: 4, key_block: raw(text, None) })
        }
        ObjectType::SECRET_DATA => ManagedObject::SecretData(SecretData {
            secret_data_type: SecretDataType::PASSWORD,
            key_block: raw(b"a password".to_vec(), None),
        }),
        ObjectType::SYMMETRIC_KEY => {
            let aes = Some(CryptographicAlgorithm::AES);
            ManagedObject::SymmetricKey(Key { key_block: raw(vec![7; 32], aes) })
        }
        _ => return None,
    })
}

/// A key block in format Raw.
pub(super) fn raw(bytes: Vec<u8>, algorithm: Option<CryptographicAlgorithm>) -> KeyBlock {
    KeyBlock {
        key_format_type: KeyFormatType::RAW,
        key_compression_type: None,
        cryptographic_algorithm: algorithm,
        cryptographic_length: algorithm.map(|_| bytes.len() as i32 * 8),
        key_value: Some(KeyValue::Plain(PlainKeyValue {
            key_material: Value::ByteString(bytes.into()),
            attributes: None,
        })),
        key_wrapping_data: None,
    }
}

/// The attributes that an object of a type is made with, to be in a stage; the later ones are reached by operations.
pub(super) fn attributes(object_type: ObjectType, stage: Stage) -> Attributes {
    let mut attributes = Attributes::new();
    if stage == Stage::Active || stage == Stage::Deactivated {
        attributes.put::<kinds::ActivationDate>(DateTime(1));
    }
    if ![ObjectType::OPAQUE_OBJECT, ObjectType::CERTIFICATE_REQUEST].contains(&object_type) {
        attributes.put::<kinds::CryptographicUsageMask>(EVERY_USE);
    }
    attributes
}

/// Its number in the vendor range.
const ML_KEM_768: CryptographicAlgorithm = CryptographicAlgorithm(0x8000_003A);

/// What a pair of keys is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PairFor {
    /// Signing and agreement, on the curve P-256.
    Signing,
    /// Encryption, by RSA.
    Encrypting,
    /// Encapsulation, by ML-KEM-768.
    Encapsulating,
}

impl Scene {
    /// Makes an object of a type in a stage.
    pub(super) fn make(&mut self, object_type: ObjectType, stage: Stage) -> String {
        let id = match object_type {
            ObjectType::PRIVATE_KEY => self.pair(PairFor::Signing, stage).0,
            ObjectType::PUBLIC_KEY => self.pair(PairFor::Signing, stage).1,
            ObjectType::CERTIFICATE => self.certificate(PairFor::Signing, stage),
            ObjectType::SPLIT_KEY => self.parts(stage).remove(0),
            other => {
                let object = brought(self, other).unwrap();
                self.register(object, attributes(other, stage))
            }
        };
        self.bring_to(&id, stage);
        id
    }

    /// Takes an object from the stage that it was made in to a later one.
    pub(super) fn bring_to(&mut self, id: &str, stage: Stage) {
        match stage {
            Stage::PreActive | Stage::Active => {}
            Stage::Deactivated => drop(self.good(Op::REVOKE, revoke(id))),
            Stage::Destroyed => drop(self.good(Op::DESTROY, destroy(id))),
        }
    }

    pub(super) fn register(&mut self, object: ManagedObject, attributes: Attributes) -> String {
        let object_type = object.object_type();
        let request = RegisterRequest { object_type, attributes, object, protection_storage_masks: None };
        let made: RegisterResponse = read(self.good(Op::REGISTER, payload(request)));
        made.unique_identifier
    }

    /// A pair in a stage before it ends: its private and its public key.
    pub(super) fn pair(&mut self, what_for: PairFor, stage: Stage) -> (String, String) {
        let mut common = attributes(ObjectType::PRIVATE_KEY, stage);
        common.put::<kinds::CryptographicAlgorithm>(match what_for {
            PairFor::Signing => CryptographicAlgorithm::EC,
            PairFor::Encrypting => CryptographicAlgorithm::RSA,
            PairFor::Encapsulating => ML_KEM_768,
        });
        match what_for {
            PairFor::Signing => {
                let recommended_curve = Some(RecommendedCurve::P_256);
                let on_curve = CryptographicDomainParameters { qlength: None, recommended_curve };
                common.put::<kinds::CryptographicDomainParameters>(on_curve);
            }
            PairFor::Encrypting => common.put::<kinds::CryptographicLength>(2048),
            PairFor::Encapsulating => {}
        }
        let request = CreateKeyPairRequest {
            common_attributes: Some(common),
            private_key_attributes: None,
            public_key_attributes: None,
            common_protection_storage_masks: None,
            private_protection_storage_masks: None,
            public_protection_storage_masks: None,
        };
        let made: CreateKeyPairResponse = read(self.good(Op::CREATE_KEY_PAIR, payload(request)));
        let (private, public) = (made.private_key_unique_identifier, made.public_key_unique_identifier);
        self.partners.insert(private.clone(), public.clone());
        self.partners.insert(public.clone(), private.clone());
        (private, public)
    }

    /// A certificate of a pair, signed by the pair itself.
    pub(super) fn certificate(&mut self, what_for: PairFor, stage: Stage) -> String {
        self.certificate_with(what_for, stage, EVERY_USE)
    }

    /// The same for these uses; that of an authority signs certificates.
    pub(super) fn certificate_with(&mut self, what_for: PairFor, stage: Stage, uses: i32) -> String {
        let (private, public) = self.pair(what_for, Stage::Active);
        let mut attributes = Attributes::new();
        attributes.put::<kinds::CryptographicUsageMask>(uses);
        if stage == Stage::Active || stage == Stage::Deactivated {
            // From when the certificate is valid.
            attributes.put::<kinds::ActivationDate>(DateTime(now()));
        }
        attributes.put::<kinds::CertificateType>(CertificateType::X_509);
        attributes.add(Tag::CERTIFICATE_SUBJECT_CN, Value::TextString(format!("of {public}")));
        let request = CertifyRequest {
            unique_identifier: Some(public.into()),
            certificate_request_type: None,
            certificate_request_value: None,
            attributes: Some(attributes),
            protection_storage_masks: None,
        };
        let made: CertifyResponse = read(self.good(Op::CERTIFY, payload(request)));
        self.partners.insert(made.unique_identifier.clone(), private);
        made.unique_identifier
    }

    /// The two parts of a new AES key.
    pub(super) fn parts(&mut self, stage: Stage) -> Vec<String> {
        let mut attributes = attributes(ObjectType::SPLIT_KEY, stage);
        attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::AES);
        attributes.put::<kinds::CryptographicLength>(128);
        let request = CreateSplitKeyRequest {
            object_type: ObjectType::SPLIT_KEY,
            unique_identifier: None,
            split_key_parts: 2,
            split_key_threshold: 2,
            split_key_method: SplitKeyMethod::XOR,
            prime_field_size: None,
            attributes,
            protection_storage_masks: None,
        };
        let made: CreateSplitKeyResponse = read(self.good(Op::CREATE_SPLIT_KEY, payload(request)));
        let parts = made.unique_identifier;
        self.partners.insert(parts[0].clone(), parts[1].clone());
        parts
    }

    /// Gives an object a limit of ten uses, if it may have one.
    fn limit(&mut self, id: &str) {
        let limits = UsageLimits { total: 10, count: None, unit: UsageLimitsUnit::OBJECT };
        let new_attribute = NewAttribute { tag: Tag::USAGE_LIMITS, value: limits.into_value() };
        let request = AddAttributeRequest { unique_identifier: Some(id.into()), new_attribute };
        self.good(Op::ADD_ATTRIBUTE, payload(request));
    }

    pub(super) fn attributes(&mut self, id: &str) -> Attributes {
        let request =
            GetAttributesRequest { unique_identifier: Some(id.into()), attribute_reference: Vec::new() };
        let answer: GetAttributesResponse = read(self.good(Op::GET_ATTRIBUTES, payload(request)));
        answer.attributes
    }

    pub(super) fn expect_state(&mut self, id: &str, expected: State) {
        let state = self.attributes(id).one::<kinds::State>();
        self.expect(state == Some(expected), &format!("the state is {state:?}, not {expected:?}"));
    }

    /// A file of alice's in PEM.
    pub(super) fn pem_of_alice(&self, ending: &str) -> Vec<u8> {
        std::fs::read(self.certificates.user("alice").certificate.with_extension(ending)).unwrap()
    }
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    since.as_secs() as i64
}
