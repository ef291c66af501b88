//! Operations that are defined on some object types only, on one object of each type.

use claviger_plugin_sdk::prelude::*;

use crate::server::Server;

/// An operation, the field that names its object, other fields, and the types on which it is defined.
type Row = (OperationCode, Tag, &'static [Tag], &'static [ObjectType]);

const ROWS: &[Row] = &[
    (
        OperationCode::ENCRYPT,
        Tag::UNIQUE_IDENTIFIER,
        &[Tag::DATA],
        &[ObjectType::SYMMETRIC_KEY, ObjectType::PUBLIC_KEY, ObjectType::CERTIFICATE],
    ),
    (
        OperationCode::DECRYPT,
        Tag::UNIQUE_IDENTIFIER,
        &[Tag::DATA],
        &[ObjectType::SYMMETRIC_KEY, ObjectType::PRIVATE_KEY],
    ),
    (OperationCode::SIGN, Tag::UNIQUE_IDENTIFIER, &[Tag::DATA], &[ObjectType::PRIVATE_KEY]),
    (
        OperationCode::SIGNATURE_VERIFY,
        Tag::UNIQUE_IDENTIFIER,
        &[Tag::DATA, Tag::SIGNATURE_DATA],
        &[ObjectType::PUBLIC_KEY, ObjectType::PRIVATE_KEY, ObjectType::CERTIFICATE],
    ),
    (
        OperationCode::MAC,
        Tag::UNIQUE_IDENTIFIER,
        &[Tag::DATA],
        &[ObjectType::SYMMETRIC_KEY, ObjectType::SECRET_DATA],
    ),
    (
        OperationCode::MAC_VERIFY,
        Tag::UNIQUE_IDENTIFIER,
        &[Tag::DATA, Tag::MAC_DATA],
        &[ObjectType::SYMMETRIC_KEY, ObjectType::SECRET_DATA],
    ),
    (OperationCode::RE_KEY, Tag::UNIQUE_IDENTIFIER, &[], &[ObjectType::SYMMETRIC_KEY]),
    (OperationCode::RE_KEY_KEY_PAIR, Tag::PRIVATE_KEY_UNIQUE_IDENTIFIER, &[], &[ObjectType::PRIVATE_KEY]),
];

#[tokio::test]
async fn an_operation_is_refused_on_objects_of_other_types_and_on_no_others() {
    let server = Server::new();
    let objects = server.one_of_each().await;
    for (operation, identifier, more, types) in ROWS {
        for (object_type, id) in &objects {
            let id = Ttlv::new(*identifier, Value::TextString(id.clone()));
            let bytes = |tag: &Tag| Ttlv::new(*tag, Value::ByteString(vec![7; 32].into()));
            let payload = Value::Structure(std::iter::once(id).chain(more.iter().map(bytes)).collect());
            let refused = match server.run_value("alice", *operation, payload).await {
                Ok(_) => false,
                Err(error) => error.reason() == ResultReason::INVALID_OBJECT_TYPE,
            };
            assert_eq!(refused, !types.contains(object_type), "{operation:?} on a {object_type:?}");
        }
    }
}
