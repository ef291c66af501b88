//! The operations that bring objects to the server, make them, or find them by their type.

use claviger_kmip::Value;
use claviger_kmip::attributes::{Attributes, kinds};
use claviger_kmip::objects::ManagedObject;
use claviger_kmip::payloads::*;
use claviger_kmip::tables::enumerations::{
    CryptographicAlgorithm, ObjectType, OperationCode as Op, ResultReason, State,
};

use super::objects::{Stage, TYPES, attributes, brought, get};
use super::scene::{Scene, payload, read};
use super::{Cases, Making, Row};

/// The rows.
pub(super) fn rows() -> Vec<Row> {
    let making = |operation, making| Row { operation, cases: Cases::Making(making) };
    vec![
        making(
            Op::CREATE,
            Making {
                types: &[ObjectType::SYMMETRIC_KEY, ObjectType::SECRET_DATA],
                request: |_, object_type| create(object_type, template(object_type)),
                check: |scene, object_type, answer| {
                    let made: CreateResponse = read(answer);
                    scene.expect_made(object_type, &made.unique_identifier);
                },
                other_type: ResultReason::INVALID_OBJECT_TYPE,
                wrong: (
                    |_, object_type| {
                        // The server alone gives an object its state.
                        let mut attributes = template(object_type);
                        attributes.put::<kinds::State>(State::ACTIVE);
                        create(object_type, attributes)
                    },
                    ResultReason::ATTRIBUTE_READ_ONLY,
                ),
            },
        ),
        making(
            Op::REGISTER,
            Making {
                types: &TYPES,
                request: |scene, object_type| {
                    let object = scene.object(object_type);
                    register(object_type, object)
                },
                check: |scene, object_type, answer| {
                    let made: RegisterResponse = read(answer);
                    scene.expect_made(object_type, &made.unique_identifier);
                },
                other_type: ResultReason::INVALID_OBJECT_TYPE,
                wrong: (
                    |scene, object_type| {
                        let object = scene.object(object_type);
                        register(other_than(object_type), object)
                    },
                    ResultReason::INVALID_OBJECT_TYPE,
                ),
            },
        ),
        making(
            Op::IMPORT,
            Making {
                types: &TYPES,
                request: |scene, object_type| {
                    let object = scene.object(object_type);
                    import("", object_type, object)
                },
                check: |scene, object_type, answer| {
                    let made: ImportResponse = read(answer);
                    scene.expect_made(object_type, &made.unique_identifier);
                },
                other_type: ResultReason::INVALID_OBJECT_TYPE,
                wrong: (
                    |scene, object_type| {
                        let id = scene.make(object_type, Stage::PreActive);
                        let object = scene.object(object_type);
                        import(&id, object_type, object)
                    },
                    ResultReason::OBJECT_ALREADY_EXISTS,
                ),
            },
        ),
        making(
            Op::LOCATE,
            Making {
                types: &TYPES,
                request: |scene, object_type| {
                    let id = scene.make(object_type, Stage::Active);
                    scene.kept.insert("located".into(), id);
                    locate(object_type, 2)
                },
                check: |scene, _, answer| {
                    let found: LocateResponse = read(answer);
                    // The newest come first; of a split key there are two parts.
                    let made = scene.kept["located"].clone();
                    scene.expect(found.unique_identifier.contains(&made), "other objects");
                },
                other_type: ResultReason::INVALID_OBJECT_TYPE,
                wrong: (|_, object_type| locate(object_type, -1), ResultReason::INVALID_FIELD),
            },
        ),
    ]
}

/// What is said of an object of 128 bits that the server is to make.
fn template(object_type: ObjectType) -> Attributes {
    let mut attributes = attributes(object_type, Stage::PreActive);
    if object_type == ObjectType::SYMMETRIC_KEY {
        attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::AES);
    }
    attributes.put::<kinds::CryptographicLength>(128);
    attributes
}

fn create(object_type: ObjectType, attributes: Attributes) -> Value {
    payload(CreateRequest { object_type, attributes, protection_storage_masks: None })
}

fn register(object_type: ObjectType, object: ManagedObject) -> Value {
    let attributes = attributes(object_type, Stage::PreActive);
    payload(RegisterRequest { object_type, attributes, object, protection_storage_masks: None })
}

fn import(id: &str, object_type: ObjectType, object: ManagedObject) -> Value {
    payload(ImportRequest {
        unique_identifier: id.into(),
        object_type,
        replace_existing: None,
        key_wrap_type: None,
        attributes: attributes(object_type, Stage::PreActive),
        object,
    })
}

fn locate(object_type: ObjectType, maximum_items: i32) -> Value {
    let mut wanted = Attributes::new();
    wanted.put::<kinds::ObjectType>(object_type);
    payload(LocateRequest {
        maximum_items: Some(maximum_items),
        offset_items: None,
        storage_status_mask: None,
        object_group_member: None,
        attributes: Some(wanted),
    })
}

fn other_than(object_type: ObjectType) -> ObjectType {
    if object_type == ObjectType::OPAQUE_OBJECT {
        ObjectType::SYMMETRIC_KEY
    } else {
        ObjectType::OPAQUE_OBJECT
    }
}

impl Scene {
    /// An object of a type as a client has it who got it from elsewhere.
    fn object(&mut self, object_type: ObjectType) -> ManagedObject {
        brought(self, object_type).unwrap_or_else(|| {
            let id = self.make(object_type, Stage::Active);
            let got: GetResponse = read(self.good(Op::GET, get(&id)));
            got.object
        })
    }

    fn expect_made(&mut self, object_type: ObjectType, id: &str) {
        let made = self.attributes(id).one::<kinds::ObjectType>();
        self.expect(made == Some(object_type), &format!("a {made:?}"));
        let got = self.works(Op::GET, get(id)).map(read::<GetResponse>);
        self.expect(got.is_some_and(|got| got.object.object_type() == object_type), "no object");
    }
}
