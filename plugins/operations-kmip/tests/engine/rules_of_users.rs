//! Set and Get Constraints, Set Defaults (KMIP 2.1 sections 6.1.22, 6.1.52, 6.1.53, 7.6, 7.11).

use claviger_plugin_sdk::kmip::attributes::{Attributes, Link, kinds};
use claviger_plugin_sdk::kmip::payloads::{
    Constraint, Constraints, CreateRequest, CreateResponse, DefaultedTypes, DefaultsInformation,
    GetConstraintsResponse, ImportRequest, ImportResponse, ObjectDefaults, ObjectGroups, ObjectTypes,
    QueryRequest, QueryResponse, SetConstraintsRequest, SetDefaultsRequest,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{LinkType, QueryFunction};
use claviger_plugin_sdk::prelude::*;

use crate::every_type::opaque;
use crate::keys::{EVERY_USE, aes, raw};
use crate::server::Server;

/// Symmetric keys have 256 bits, and encrypt and decrypt at most.
fn strong_keys() -> Constraint {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicLength>(256);
    attributes.put::<kinds::CryptographicUsageMask>(0xC);
    Constraint {
        object_types: Some(ObjectTypes { object_type: vec![ObjectType::SYMMETRIC_KEY] }),
        object_groups: None,
        attributes: Some(attributes),
    }
}

fn of_keys(attributes: Attributes) -> ObjectDefaults {
    ObjectDefaults {
        object_types: DefaultedTypes::One(ObjectType::SYMMETRIC_KEY),
        attributes,
        object_groups: None,
    }
}

fn length(bits: i32) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicLength>(bits);
    attributes
}

impl Server {
    async fn constrain(&self, user: &str, constraint: Vec<Constraint>) -> Result<Empty> {
        let request = SetConstraintsRequest { constraints: Constraints { constraint } };
        self.run_as(user, OperationCode::SET_CONSTRAINTS, request).await
    }

    async fn constraints(&self, user: &str) -> Vec<Constraint> {
        let answer: GetConstraintsResponse =
            self.run_as(user, OperationCode::GET_CONSTRAINTS, Empty {}).await.unwrap();
        answer.constraints.constraint
    }

    pub(crate) async fn assume(&self, user: &str, object_defaults: Vec<ObjectDefaults>) -> Result<Empty> {
        let defaults_information = Some(DefaultsInformation { object_defaults });
        self.run_as(user, OperationCode::SET_DEFAULTS, SetDefaultsRequest { defaults_information }).await
    }

    async fn assumed(&self, object_groups: Option<ObjectGroups>) -> Vec<ObjectDefaults> {
        let query_function = vec![QueryFunction::QUERY_DEFAULTS_INFORMATION];
        let answer: QueryResponse =
            self.run(OperationCode::QUERY, QueryRequest { query_function, object_groups }).await.unwrap();
        answer.defaults_information.unwrap().object_defaults
    }

    async fn creates(&self, user: &str, attributes: Attributes) -> Result<String> {
        let request = CreateRequest {
            object_type: ObjectType::SYMMETRIC_KEY,
            attributes,
            protection_storage_masks: None,
        };
        let created: CreateResponse = self.run_as(user, OperationCode::CREATE, request).await?;
        Ok(created.unique_identifier)
    }

    async fn bits(&self, attributes: Attributes) -> Option<i32> {
        let id = self.create(attributes).await;
        self.attributes(&id).await.one::<kinds::CryptographicLength>()
    }
}

fn reason<T: std::fmt::Debug>(result: Result<T>) -> ResultReason {
    result.unwrap_err().reason()
}

fn aes_of(bits: i32, usage: i32) -> Attributes {
    let mut attributes = aes(usage);
    attributes.put::<kinds::CryptographicLength>(bits);
    attributes
}

#[tokio::test]
async fn what_breaks_a_constraint_is_not_created_registered_or_imported() {
    let server = Server::new();
    server.constrain("alice", vec![strong_keys()]).await.unwrap();
    let violated = ResultReason::CONSTRAINT_VIOLATION;
    server.create(aes_of(256, 0x4)).await;
    assert_eq!(reason(server.try_create(aes_of(128, 0x4)).await), violated);
    assert_eq!(reason(server.try_create(aes_of(256, EVERY_USE)).await), violated);
    let usage = || {
        let mut attributes = Attributes::new();
        attributes.put::<kinds::CryptographicUsageMask>(0xC);
        attributes
    };
    assert_eq!(reason(server.register(raw(&[1; 16]), usage()).await), violated);
    server.register(raw(&[1; 32]), usage()).await.unwrap();
    // The constraint is about symmetric keys.
    server.register(opaque(b"x"), Attributes::new()).await.unwrap();
    let import = |id: &str, bytes: &[u8], replace_existing| ImportRequest {
        unique_identifier: id.into(),
        object_type: ObjectType::SYMMETRIC_KEY,
        replace_existing,
        key_wrap_type: None,
        attributes: usage(),
        object: raw(bytes),
    };
    let imported: Result<ImportResponse> =
        server.run(OperationCode::IMPORT, import("i", &[1; 16], None)).await;
    assert_eq!(reason(imported), violated);
    let imported: Result<ImportResponse> =
        server.run(OperationCode::IMPORT, import("i", &[1; 32], None)).await;
    imported.unwrap();
    let replaced: Result<ImportResponse> =
        server.run(OperationCode::IMPORT, import("i", &[1; 16], Some(true))).await;
    assert_eq!(reason(replaced), violated);
}

#[tokio::test]
async fn a_user_constrains_himself_and_an_operator_everybody() {
    let server = Server::new();
    server.constrain("alice", vec![strong_keys()]).await.unwrap();
    server.creates("bob", aes_of(128, 0x4)).await.unwrap();
    assert_eq!(server.constraints("bob").await, []);
    server.constrain("operator", vec![strong_keys()]).await.unwrap();
    let violated = ResultReason::CONSTRAINT_VIOLATION;
    assert_eq!(reason(server.creates("bob", aes_of(128, 0x4)).await), violated);
    assert_eq!(server.constraints("bob").await, [strong_keys()]);
    assert_eq!(server.constraints("alice").await, [strong_keys(), strong_keys()]);
    // What operators laid down is not alice's to lift.
    server.constrain("alice", vec![]).await.unwrap();
    assert_eq!(reason(server.creates("alice", aes_of(128, 0x4)).await), violated);
    server.constrain("operator", vec![]).await.unwrap();
    server.creates("alice", aes_of(128, 0x4)).await.unwrap();
}

#[tokio::test]
async fn constraints_that_make_no_sense_are_refused() {
    let server = Server::new();
    let unknown_type =
        Constraint { object_types: Some(ObjectTypes { object_type: vec![ObjectType(99)] }), ..strong_keys() };
    assert_eq!(
        reason(server.constrain("alice", vec![unknown_type]).await),
        ResultReason::INVALID_OBJECT_TYPE
    );
    let mut attributes = Attributes::new();
    attributes.add(Tag(0x54_1234), Value::Integer(1));
    let unknown_attribute = Constraint { attributes: Some(attributes), ..strong_keys() };
    assert_eq!(reason(server.constrain("alice", vec![unknown_attribute]).await), ResultReason::INVALID_FIELD);
    let many = vec![strong_keys(); 101];
    assert_eq!(reason(server.constrain("alice", many).await), ResultReason::SERVER_LIMIT_EXCEEDED);
    assert_eq!(server.constraints("alice").await, []);
}

#[tokio::test]
async fn what_a_client_leaves_out_is_assumed() {
    let server = Server::new();
    let usual = server.bits(aes_without_length()).await;
    assert_ne!(usual, Some(192));
    server.assume("bob", vec![of_keys(length(192))]).await.unwrap();
    assert_eq!(server.bits(aes_without_length()).await, usual);
    server.assume("alice", vec![of_keys(length(192))]).await.unwrap();
    assert_eq!(server.bits(aes_without_length()).await, Some(192));
    assert_eq!(server.bits(aes_of(128, EVERY_USE)).await, Some(128));
    // A key that is registered tells its length itself.
    let id = server.register(raw(&[1; 32]), aes_without_length()).await.unwrap();
    assert_eq!(server.attributes(&id).await.one::<kinds::CryptographicLength>(), Some(256));
    let none = SetDefaultsRequest { defaults_information: None };
    let _: Empty = server.run(OperationCode::SET_DEFAULTS, none).await.unwrap();
    assert_eq!(server.bits(aes_without_length()).await, usual);
}

fn aes_without_length() -> Attributes {
    let mut attributes = aes(EVERY_USE);
    attributes.remove(Tag::CRYPTOGRAPHIC_LENGTH);
    attributes
}

#[tokio::test]
async fn own_defaults_go_before_those_of_operators_and_query_tells_all() {
    let server = Server::new();
    let grouped = ObjectDefaults {
        object_groups: Some(ObjectGroups { object_group: vec!["tapes".into()] }),
        ..of_keys(length(128))
    };
    server.assume("operator", vec![grouped.clone(), of_keys(length(192))]).await.unwrap();
    assert_eq!(server.bits(aes_without_length()).await, Some(192));
    let mut in_group = aes_without_length();
    in_group.push::<kinds::ObjectGroup>("tapes".into());
    assert_eq!(server.bits(in_group.clone()).await, Some(128));
    server.assume("alice", vec![of_keys(length(256))]).await.unwrap();
    assert_eq!(server.bits(in_group).await, Some(256));
    assert_eq!(server.assumed(None).await, [grouped.clone(), of_keys(length(192)), of_keys(length(256))]);
    let others = Some(ObjectGroups { object_group: vec!["disks".into()] });
    assert_eq!(server.assumed(others).await, [of_keys(length(192)), of_keys(length(256))]);
}

#[tokio::test]
async fn defaults_that_no_client_could_ask_for_are_refused() {
    let server = Server::new();
    let refused = |attributes| async { reason(server.assume("alice", vec![of_keys(attributes)]).await) };
    let mut state = Attributes::new();
    state.put::<kinds::State>(State::ACTIVE);
    assert_eq!(refused(state).await, ResultReason::INVALID_FIELD);
    let mut link = Attributes::new();
    link.push::<kinds::Link>(Link {
        link_type: LinkType::WRAPPING_KEY_LINK,
        linked_object_identifier: "kek".into(),
    });
    assert_eq!(refused(link).await, ResultReason::INVALID_FIELD);
    let unknown =
        ObjectDefaults { object_types: DefaultedTypes::One(ObjectType(99)), ..of_keys(length(256)) };
    assert_eq!(reason(server.assume("alice", vec![unknown]).await), ResultReason::INVALID_OBJECT_TYPE);
    assert_eq!(server.assumed(None).await, []);
}
