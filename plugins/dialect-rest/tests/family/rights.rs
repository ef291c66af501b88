//! Two users and the `/access` routes.

use serde_json::{Value, json};

use crate::requests::{about, bytes, create, text_at};
use crate::server::Server;

#[tokio::test]
async fn a_grant_lets_another_user_do_what_it_names_and_nothing_else() {
    let server = Server::new();
    let id = text_at(&server.post("ann", &create(false, "[]")).await.json(), &["UniqueIdentifier"]);
    let encrypt = about("Encrypt", &id, vec![bytes("Data", "00")]);
    let absent = format!("Item not found: {id}");
    assert_eq!(server.post("bob", &encrypt).await.body, absent);
    let grant = json!({"unique_identifier": id, "user_id": "bob", "operation_type": "encrypt"});
    let granted = server.access("ann", "POST", "/access/grant", "", &grant).await.json();
    assert_eq!(granted, json!({"success": "Access for bob successfully added"}));
    server.post("bob", &encrypt).await.json();
    assert!(server.post("bob", &about("Get", &id, vec![])).await.body.starts_with("Item not found: "));
    let obtained = server.access("bob", "GET", "/access/obtained", "", &Value::Null).await.json();
    let expected =
        json!([{"object_id": id, "owner_id": "ann", "state": "Active", "operations": ["encrypt"]}]);
    assert_eq!(obtained, expected);
    let revoked = server.access("ann", "POST", "/access/revoke", "", &grant).await.json();
    assert_eq!(revoked, json!({"success": "Access for bob successfully deleted"}));
    assert_eq!(server.post("bob", &encrypt).await.body, absent);
}

#[tokio::test]
async fn only_the_owner_sees_and_changes_rights() {
    let server = Server::new();
    let id = text_at(&server.post("ann", &create(false, "[]")).await.json(), &["UniqueIdentifier"]);
    let grant = json!({"unique_identifier": id, "user_id": "carol", "operation_types": ["get", "encrypt"]});
    server.access("ann", "POST", "/access/grant", "", &grant).await.json();
    let listed = server.access("ann", "GET", "/access/list/{}", &id, &Value::Null).await.json();
    assert_eq!(listed, json!([{"user_id": "carol", "operations": ["encrypt", "get"]}]));
    let denied = format!("Access denied: Object with uid `{id}` is not owned by owner `bob`");
    let answer = server.access("bob", "GET", "/access/list/{}", &id, &Value::Null).await;
    assert_eq!((answer.status, &answer.body), (401, &denied));
    let answer = server.access("bob", "POST", "/access/grant", "", &grant).await;
    assert_eq!((answer.status, &answer.body), (401, &denied));
}

#[tokio::test]
async fn owned_objects_are_told_with_their_attributes() {
    let server = Server::new();
    let id = text_at(&server.post("ann", &create(false, "[]")).await.json(), &["UniqueIdentifier"]);
    let owned = server.access("ann", "GET", "/access/owned", "", &Value::Null).await.json();
    // The contract's example of the older generation, which knows no Sensitive.
    let expected = json!({
        "object_id": id, "state": "Active", "is_wrapped": false,
        "attributes": {
            "CryptographicAlgorithm": "AES", "CryptographicLength": 256, "CryptographicUsageMask": 2108,
            "KeyFormatType": "TransparentSymmetricKey", "ObjectType": "SymmetricKey",
        },
    });
    assert_eq!(owned[0], expected);
    assert_eq!(server.access("bob", "GET", "/access/owned", "", &Value::Null).await.json(), json!([]));
}

#[tokio::test]
async fn each_owned_object_is_told_as_the_generation_that_made_it_expects_it() {
    let server = Server::new();
    for is_newer in [false, true] {
        server.post("ann", &create(is_newer, "[]")).await.json();
    }
    let owned = server.access("ann", "GET", "/access/owned", "", &Value::Null).await.json();
    let sensitive: Vec<_> =
        owned.as_array().unwrap().iter().map(|one| &one["attributes"]["Sensitive"]).collect();
    // The newest comes first.
    assert_eq!(sensitive, [&json!(false), &Value::Null]);
}
