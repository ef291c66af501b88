//! What the generations expect of the same request.

use serde_json::json;

use crate::requests::{about, at, bytes, create, name, structure, text_at, vendor};
use crate::server::Server;

const BLOCK: &str = "KeyBlock";
const MATERIAL: &[&str] = &["Object", BLOCK, "KeyValue", "KeyMaterial"];

#[tokio::test]
async fn each_generation_gets_its_key_in_its_own_form() {
    let server = Server::new();
    for (is_newer, format, inside) in [(false, "TransparentSymmetricKey", "Key"), (true, "Raw", "ByteString")]
    {
        let created = server.post("ann", &create(is_newer, "[]")).await.json();
        let id = text_at(&created, &["UniqueIdentifier"]);
        let got = server.post("ann", &about("Get", &id, vec![])).await.json();
        assert_eq!(text_at(&got, &["Object", BLOCK, "KeyFormatType"]), format);
        assert_eq!(text_at(&got, &[MATERIAL, &[inside]].concat()).len(), 64);
        let sensitive = at(&got, &["Object", BLOCK, "KeyValue", "Attributes", "Sensitive"]);
        assert_eq!(sensitive.is_some(), is_newer);
        assert!(at(&got, &["Object", BLOCK, "KeyValue", "Attributes", "VendorAttributes"]).is_none());
    }
}

#[tokio::test]
async fn a_format_that_is_asked_for_is_the_one_that_is_answered() {
    let server = Server::new();
    let created = server.post("ann", &create(true, "[]")).await.json();
    let id = text_at(&created, &["UniqueIdentifier"]);
    let asked = about("Get", &id, vec![name("KeyFormatType", "TransparentSymmetricKey")]);
    let got = server.post("ann", &asked).await.json();
    assert_eq!(text_at(&got, &["Object", BLOCK, "KeyFormatType"]), "TransparentSymmetricKey");
    assert_eq!(text_at(&got, &[MATERIAL, &["Key"]].concat()).len(), 64);
}

#[tokio::test]
async fn several_objects_of_one_tag_are_an_error_to_older_clients_only() {
    let server = Server::new();
    for (is_newer, tag) in [(false, "older"), (true, "newer")] {
        for _ in 0..2 {
            server.post("ann", &create(is_newer, &format!("[\"{tag}\"]"))).await.json();
        }
        let answer = server.post("ann", &about("Get", &format!("[\"{tag}\"]"), vec![])).await;
        if is_newer {
            answer.json();
        } else {
            assert_eq!(answer.status, 422);
            assert!(answer.body.starts_with("Invalid Request: too many objects"), "{}", answer.body);
        }
    }
}

#[tokio::test]
async fn an_absent_object_is_told_as_the_callers_newest_object_would_be() {
    let server = Server::new();
    let get = about("Get", "absent", vec![]);
    let told = |answer: crate::server::Answer| answer.body;
    assert_eq!(told(server.post("ann", &get).await), "Item not found: absent");
    server.post("ann", &create(true, "[]")).await.json();
    assert_eq!(
        told(server.post("ann", &get).await),
        "Object_Not_Found: object not found for identifier absent"
    );
    assert_eq!(told(server.post("bob", &get).await), "Item not found: absent");
    let encrypt = about("Encrypt", "absent", vec![bytes("Data", "00")]);
    assert_eq!(
        told(server.post("ann", &encrypt).await),
        "Invalid Request: Encrypt: failed to retrieve key: absent"
    );
}

#[tokio::test]
async fn older_clients_read_their_additional_data_again() {
    let server = Server::new();
    for (is_newer, correlation) in [(false, Some("616164")), (true, None)] {
        let created = server.post("ann", &create(is_newer, "[]")).await.json();
        let id = text_at(&created, &["UniqueIdentifier"]);
        let request = vec![bytes("Data", "00"), bytes("AuthenticatedEncryptionAdditionalData", "616164")];
        let encrypted = server.post("ann", &about("Encrypt", &id, request)).await.json();
        let repeated = at(&encrypted, &["CorrelationValue"]).map(|field| field["value"].as_str().unwrap());
        assert_eq!(repeated, correlation);
    }
}

#[tokio::test]
async fn chacha20_keys_authenticate() {
    let server = Server::new();
    let attributes = vec![
        name("CryptographicAlgorithm", "ChaCha20"),
        json!({"tag": "Sensitive", "type": "Boolean", "value": false}),
    ];
    let request =
        structure("Create", vec![name("ObjectType", "SymmetricKey"), structure("Attributes", attributes)]);
    let id = text_at(&server.post("ann", &request).await.json(), &["UniqueIdentifier"]);
    let encrypted = server.post("ann", &about("Encrypt", &id, vec![bytes("Data", "00")])).await.json();
    assert_eq!(text_at(&encrypted, &["AuthenticatedEncryptionTag"]).len(), 32);
    let attributes = server.post("ann", &about("GetAttributes", &id, vec![])).await.json();
    assert!(at(&attributes, &["Attributes", "CryptographicParameters"]).is_none());
}

#[tokio::test]
async fn a_new_key_is_wrapped_by_the_key_that_the_client_names() {
    let server = Server::new();
    let kek = text_at(&server.post("ann", &create(true, "[]")).await.json(), &["UniqueIdentifier"]);
    let attributes = vec![
        name("CryptographicAlgorithm", "AES"),
        json!({"tag": "Sensitive", "type": "Boolean", "value": false}),
        vendor("wrapping_key_id", &kek),
    ];
    let request =
        structure("Create", vec![name("ObjectType", "SymmetricKey"), structure("Attributes", attributes)]);
    let id = text_at(&server.post("ann", &request).await.json(), &["UniqueIdentifier"]);
    let got = server.post("ann", &about("Get", &id, vec![name("KeyWrapType", "AsRegistered")])).await.json();
    // RFC 5649 makes 40 bytes of 32.
    assert_eq!(text_at(&got, &[MATERIAL, &["ByteString"]].concat()).len(), 80);
    let by = ["Object", BLOCK, "KeyWrappingData", "EncryptionKeyInformation", "UniqueIdentifier"];
    assert_eq!(text_at(&got, &by), kek);
    server.post("ann", &about("Encrypt", &id, vec![bytes("Data", "00")])).await.json();
}
