//! Objects are born Active, are seen while they are, and are still there for other clients.

use claviger_plugin_sdk::kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::kmip::{Tag, Ttlv, Value as Kmip};
use serde_json::json;

use crate::requests::{about, at, bytes, create, name, structure, text, text_at, vendor};
use crate::server::Server;

#[tokio::test]
async fn a_key_is_active_from_birth_and_gone_from_sight_when_it_is_revoked() {
    let server = Server::new();
    let id = text_at(&server.post("ann", &create(false, "[\"mine\"]")).await.json(), &["UniqueIdentifier"]);
    let encrypt = about("Encrypt", &id, vec![bytes("Data", "00")]);
    server.post("ann", &encrypt).await.json();
    let refused = server.post("ann", &about("Destroy", &id, vec![])).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.starts_with("Invalid Request: "), "{}", refused.body);
    let revoke = about("Revoke", "[\"mine\"]", vec![text("RevocationReason", "left")]);
    assert_eq!(text_at(&server.post("ann", &revoke).await.json(), &["UniqueIdentifier"]), "[\"mine\"]");
    for request in
        [&encrypt, &about("Get", &id, vec![]), &about("Revoke", &id, vec![text("RevocationReason", "left")])]
    {
        let answer = server.post("ann", request).await;
        assert_eq!((answer.status, answer.body), (422, format!("Item not found: {id}")), "{request}");
    }
}

#[tokio::test]
async fn a_destroyed_key_is_exported_with_empty_material() {
    let server = Server::new();
    for is_newer in [false, true] {
        let id = text_at(&server.post("ann", &create(is_newer, "[]")).await.json(), &["UniqueIdentifier"]);
        server.post("ann", &about("Revoke", &id, vec![text("RevocationReason", "left")])).await.json();
        let revoked = server.post("ann", &about("Export", &id, vec![])).await.json();
        assert!(at(&revoked, &["Attributes"]).is_some());
        server.post("ann", &about("Destroy", &id, vec![])).await.json();
        let destroyed = server.post("ann", &about("Export", &id, vec![])).await.json();
        let mut material = vec!["Object", "KeyBlock", "KeyValue", "KeyMaterial"];
        material.extend(is_newer.then_some("ByteString"));
        assert_eq!(text_at(&destroyed, &material), "");
        let again = server.post("ann", &about("Destroy", &id, vec![])).await;
        assert_eq!(again.status, 422, "{}", again.body);
    }
}

#[tokio::test]
async fn an_oasis_client_sees_a_correct_object() {
    let server = Server::new();
    let id = text_at(&server.post("ann", &create(true, "[]")).await.json(), &["UniqueIdentifier"]);
    let payload = Kmip::Structure(vec![Ttlv::new(Tag::UNIQUE_IDENTIFIER, Kmip::TextString(id))]);
    let answer = server.oasis("ann", OperationCode::GET_ATTRIBUTES, payload).await;
    let payload = answer.child(Tag::BATCH_ITEM).unwrap().child(Tag::RESPONSE_PAYLOAD).unwrap();
    let attributes = payload.child(Tag::ATTRIBUTES).unwrap();
    // KMIP 2.1 section 11.57: Active is 2.
    assert_eq!(attributes.child(Tag::STATE).unwrap().value, Kmip::Enumeration(2));
    assert_eq!(attributes.child(Tag::ACTIVATION_DATE).unwrap().value, Kmip::DateTime(1_700_000_000));
    assert!(attributes.children().iter().all(|attribute| !attribute.tag.is_extension()));
}

#[tokio::test]
async fn locate_finds_active_objects_by_user_and_system_tags() {
    let server = Server::new();
    let id = text_at(&server.post("ann", &create(false, "[\"mine\"]")).await.json(), &["UniqueIdentifier"]);
    for (tags, count) in [("[\"mine\"]", 1), ("[\"mine\",\"_kk\"]", 1), ("[\"other\"]", 0)] {
        let locate = structure("Locate", vec![structure("Attributes", vec![vendor("tag", tags)])]);
        let located = server.post("ann", &locate).await.json();
        assert_eq!(at(&located, &["LocatedItems"]).unwrap()["value"], count, "{tags}");
        assert_eq!(at(&located, &["UniqueIdentifier"]).is_some(), count > 0);
    }
    server.post("ann", &about("Revoke", &id, vec![text("RevocationReason", "left")])).await.json();
    let locate =
        structure("Locate", vec![structure("Attributes", vec![name("CryptographicAlgorithm", "AES")])]);
    assert_eq!(at(&server.post("ann", &locate).await.json(), &["LocatedItems"]).unwrap()["value"], 0);
}

/// KMIP 2.1 section 6.1.28: the count of all objects that satisfy the criteria, of which Maximum Items takes some.
#[tokio::test]
async fn locate_tells_how_many_objects_there_are_though_the_answer_holds_fewer() {
    let server = Server::new();
    for _ in 0..3 {
        server.post("ann", &create(false, "[\"mine\"]")).await.json();
    }
    let most = json!({"tag": "MaximumItems", "type": "Integer", "value": 2});
    let locate = structure("Locate", vec![most, structure("Attributes", vec![vendor("tag", "[\"mine\"]")])]);
    let located = server.post("ann", &locate).await.json();
    assert_eq!(at(&located, &["LocatedItems"]).unwrap()["value"], 3);
    assert_eq!(at(&located, &["UniqueIdentifier"]).unwrap()["value"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_import_shows_its_tags_again_to_an_older_client() {
    let server = Server::new();
    let block = vec![
        name("KeyFormatType", "TransparentSymmetricKey"),
        structure("KeyValue", vec![structure("KeyMaterial", vec![bytes("Key", &"AB".repeat(32))])]),
        name("CryptographicAlgorithm", "AES"),
        json!({"tag": "CryptographicLength", "type": "Integer", "value": 256}),
    ];
    let fields = vec![
        name("ObjectType", "SymmetricKey"),
        structure("Attributes", vec![name("CryptographicAlgorithm", "AES"), vendor("tag", "[\"mine\"]")]),
        structure("Object", vec![structure("KeyBlock", block)]),
    ];
    let id = text_at(
        &server.post("ann", &about("Import", "", fields.clone())).await.json(),
        &["UniqueIdentifier"],
    );
    let got = server.post("ann", &about("Get", &id, vec![])).await.json();
    assert!(at(&got, &["Object", "KeyBlock", "KeyValue", "Attributes", "VendorAttributes"]).is_some());
    let again = server.post("ann", &about("Import", &id, fields)).await;
    assert_eq!(again.status, 500);
    assert!(again.body.starts_with("Unexpected server error: creation of object failed: "), "{}", again.body);
}

#[tokio::test]
async fn no_client_marks_an_object_as_one_of_another_generation() {
    let server = Server::new();
    let mark = Ttlv::new(Tag(0x54_5201), Kmip::Enumeration(1));
    let algorithm = Ttlv::new(Tag::CRYPTOGRAPHIC_ALGORITHM, Kmip::Enumeration(3));
    let payload = Kmip::Structure(vec![
        Ttlv::new(Tag::OBJECT_TYPE, Kmip::Enumeration(2)),
        Ttlv::structure(Tag::ATTRIBUTES, vec![algorithm, mark]),
    ]);
    let answer = server.oasis("ann", OperationCode::CREATE, payload).await;
    // KMIP 2.1 section 11.49: Operation Failed is 1.
    assert_eq!(
        answer.child(Tag::BATCH_ITEM).unwrap().child(Tag::RESULT_STATUS).unwrap().value,
        Kmip::Enumeration(1)
    );
}

#[tokio::test]
async fn a_key_that_is_destroyed_with_remove_is_gone_for_everybody() {
    let server = Server::new();
    let id = text_at(&server.post("ann", &create(true, "[]")).await.json(), &["UniqueIdentifier"]);
    server.post("ann", &about("Revoke", &id, vec![text("RevocationReason", "left")])).await.json();
    let remove = json!({"tag": "Remove", "type": "Boolean", "value": true});
    let answer = server.post("ann", &about("Destroy", &id, vec![remove])).await.json();
    assert_eq!(text_at(&answer, &["UniqueIdentifier"]), id);
    let payload = Kmip::Structure(vec![Ttlv::new(Tag::UNIQUE_IDENTIFIER, Kmip::TextString(id))]);
    let answer = server.oasis("ann", OperationCode::GET_ATTRIBUTES, payload).await;
    let reason = answer.child(Tag::BATCH_ITEM).unwrap().child(Tag::RESULT_REASON).unwrap();
    // KMIP 2.1 section 11.48: Object Not Found is 0x37.
    assert_eq!(reason.value, Kmip::Enumeration(0x37));
}

/// Contract of the family: candidates of Revoke are Active and Pre-Active objects, whatever the reason.
#[tokio::test]
async fn a_key_that_is_not_active_yet_is_deactivated_by_a_client_of_the_family_and_by_no_other() {
    let server = Server::new();
    for selector in [None, Some("[\"mine\"]")] {
        let id = not_active_yet(&server).await;
        let identifier = || Ttlv::new(Tag::UNIQUE_IDENTIFIER, Kmip::TextString(id.clone()));
        let code = Ttlv::new(Tag::REVOCATION_REASON_CODE, Kmip::Enumeration(1)); // Unspecified
        let reason = Ttlv::structure(Tag::REVOCATION_REASON, vec![code]);
        let payload = Kmip::Structure(vec![identifier(), reason]);
        let answer = server.oasis("ann", OperationCode::REVOKE, payload).await;
        let item = answer.child(Tag::BATCH_ITEM).unwrap();
        // Wrong Key Lifecycle State.
        assert_eq!(item.child(Tag::RESULT_REASON).unwrap().value, Kmip::Enumeration(0x43));
        let revoke = about("Revoke", selector.unwrap_or(&id), vec![text("RevocationReason", "left")]);
        server.post("ann", &revoke).await.json();
        assert_eq!(state(&server, &id).await, DEACTIVATED);
        assert_eq!(server.post("ann", &revoke).await.status, 422, "it is so for good");
    }
}

#[tokio::test]
async fn a_pair_that_is_not_active_yet_is_deactivated_as_a_whole() {
    let server = Server::new();
    let mask = |mask| vec![Ttlv::new(Tag::CRYPTOGRAPHIC_USAGE_MASK, Kmip::Integer(mask))];
    let common = vec![
        Ttlv::new(Tag::CRYPTOGRAPHIC_ALGORITHM, Kmip::Enumeration(4)), // RSA
        Ttlv::new(Tag::CRYPTOGRAPHIC_LENGTH, Kmip::Integer(2048)),
    ];
    let payload = Kmip::Structure(vec![
        Ttlv::structure(Tag::COMMON_ATTRIBUTES, common),
        Ttlv::structure(Tag::PRIVATE_KEY_ATTRIBUTES, mask(1)), // Sign
        Ttlv::structure(Tag::PUBLIC_KEY_ATTRIBUTES, mask(2)),  // Verify
    ]);
    let answer = server.oasis("ann", OperationCode::CREATE_KEY_PAIR, payload).await;
    let private = identifier(&answer, Tag::PRIVATE_KEY_UNIQUE_IDENTIFIER);
    let public = identifier(&answer, Tag::PUBLIC_KEY_UNIQUE_IDENTIFIER);
    let revoke = about("Revoke", &private, vec![text("RevocationReason", "left")]);
    server.post("ann", &revoke).await.json();
    assert_eq!([state(&server, &private).await, state(&server, &public).await], [DEACTIVATED; 2]);
}

/// KMIP 2.1 section 11.57.
const DEACTIVATED: u32 = 3;

async fn state(server: &Server, id: &str) -> u32 {
    let payload = Kmip::Structure(vec![Ttlv::new(Tag::UNIQUE_IDENTIFIER, Kmip::TextString(id.into()))]);
    let answer = server.oasis("ann", OperationCode::GET_ATTRIBUTES, payload).await;
    let payload = answer.child(Tag::BATCH_ITEM).unwrap().child(Tag::RESPONSE_PAYLOAD).unwrap();
    match payload.child(Tag::ATTRIBUTES).unwrap().child(Tag::STATE).unwrap().value {
        Kmip::Enumeration(state) => state,
        ref other => panic!("{other:?}"),
    }
}

/// An identifier that an answer has.
fn identifier(answer: &Ttlv, tag: Tag) -> String {
    let payload = answer.child(Tag::BATCH_ITEM).unwrap().child(Tag::RESPONSE_PAYLOAD).unwrap();
    match &payload.child(tag).unwrap().value {
        Kmip::TextString(id) => id.clone(),
        other => panic!("{other:?}"),
    }
}

/// A key of ann's with the tag `mine`, which a client of KMIP made.
async fn not_active_yet(server: &Server) -> String {
    let tags = Ttlv::structure(
        Tag::ATTRIBUTE,
        vec![
            Ttlv::new(Tag::VENDOR_IDENTIFICATION, Kmip::TextString("cosmian".into())),
            Ttlv::new(Tag::ATTRIBUTE_NAME, Kmip::TextString("tag".into())),
            Ttlv::new(Tag::ATTRIBUTE_VALUE, Kmip::ByteString(b"[\"mine\"]".to_vec().into())),
        ],
    );
    let attributes = vec![
        Ttlv::new(Tag::CRYPTOGRAPHIC_ALGORITHM, Kmip::Enumeration(3)), // AES
        Ttlv::new(Tag::CRYPTOGRAPHIC_LENGTH, Kmip::Integer(256)),
        Ttlv::new(Tag::CRYPTOGRAPHIC_USAGE_MASK, Kmip::Integer(0xC)),
        tags,
    ];
    let payload = Kmip::Structure(vec![
        Ttlv::new(Tag::OBJECT_TYPE, Kmip::Enumeration(2)), // Symmetric Key
        Ttlv::structure(Tag::ATTRIBUTES, attributes),
    ]);
    let answer = server.oasis("ann", OperationCode::CREATE, payload).await;
    identifier(&answer, Tag::UNIQUE_IDENTIFIER)
}
