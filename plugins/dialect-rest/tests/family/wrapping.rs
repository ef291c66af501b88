//! Keys that leave and enter wrapped.

use serde_json::{Value, json};

use crate::requests::{about, at, bytes, create, name, structure, text, text_at, vendor};
use crate::server::Server;

const DATA: &[&str] = &["Object", "KeyBlock", "KeyWrappingData", "EncodingOption"];

async fn created(server: &Server, is_newer: bool) -> String {
    text_at(&server.post("ann", &create(is_newer, "[]")).await.json(), &["UniqueIdentifier"])
}

/// Get of a key, wrapped by another.
fn wrapped(id: &str, by: &str, encoding: &str) -> Value {
    let key = structure("EncryptionKeyInformation", vec![text("UniqueIdentifier", by)]);
    let specification = vec![name("WrappingMethod", "Encrypt"), key, name("EncodingOption", encoding)];
    about("Get", id, vec![structure("KeyWrappingSpecification", specification)])
}

/// Import of an object as it was answered, to be unwrapped.
fn unwrapping(id: &str, object: &Value) -> Value {
    let attributes =
        vec![name("CryptographicAlgorithm", "AES"), name("ObjectType", "SymmetricKey"), vendor("tag", "[]")];
    structure(
        "Import",
        vec![
            text("UniqueIdentifier", id),
            name("ObjectType", "SymmetricKey"),
            json!({"tag": "ReplaceExisting", "type": "Boolean", "value": false}),
            name("KeyWrapType", "NotWrapped"),
            structure("Attributes", attributes),
            object.clone(),
        ],
    )
}

/// The bytes of a key, however the generation shows them.
async fn material(server: &Server, id: &str) -> String {
    let got = server.post("ann", &about("Get", id, vec![])).await.json();
    let material = at(&got, &["Object", "KeyBlock", "KeyValue", "KeyMaterial"]).unwrap();
    material["value"][0]["value"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn ttlv_encoding_is_json_text_to_the_family_and_comes_back() {
    let server = Server::new();
    for is_newer in [false, true] {
        let (key, kek) = (created(&server, is_newer).await, created(&server, is_newer).await);
        let answer = server.post("ann", &wrapped(&key, &kek, "TTLVEncoding")).await.json();
        assert_eq!(text_at(&answer, DATA), "TTLVEncoding");
        let material =
            at(&answer, &["Object", "KeyBlock", "KeyValue", "KeyMaterial"]).unwrap()["value"].clone();
        let sealed = material.as_str().or_else(|| material[0]["value"].as_str()).unwrap();
        // RFC 5649 is what Decrypt undoes in this mode.
        let parameters = structure("CryptographicParameters", vec![name("BlockCipherMode", "NISTKeyWrap")]);
        let opened = about("Decrypt", &kek, vec![parameters, bytes("Data", sealed)]);
        let opened = text_at(&server.post("ann", &opened).await.json(), &["Data"]);
        let opened: Vec<u8> = hex(&opened);
        let json: Value = serde_json::from_slice(&opened).unwrap();
        let plain = self::material(&server, &key).await;
        let in_json = &json["KeyMaterial"]["Key"];
        assert_eq!(*in_json, json!(hex(&plain)), "{json}");
        assert_eq!(json["Attributes"]["CryptographicLength"], 256);
        let object = at(&answer, &["Object"]).unwrap();
        let id = format!("back {is_newer}");
        server.post("ann", &unwrapping(&id, object)).await.json();
        assert_eq!(self::material(&server, &id).await, plain);
    }
}

/// The JSON holds all attributes of the key, so a choice of them would be ignored.
#[tokio::test]
async fn attributes_are_not_named_for_the_familys_encoding() {
    let server = Server::new();
    let (key, kek) = (created(&server, false).await, created(&server, false).await);
    let mut request = wrapped(&key, &kek, "TTLVEncoding");
    let fields = request["value"].as_array_mut().unwrap();
    let specification = fields.iter_mut().find(|field| field["tag"] == "KeyWrappingSpecification").unwrap();
    let fields = specification["value"].as_array_mut().unwrap();
    fields.insert(fields.len() - 1, text("AttributeName", "Cryptographic Usage Mask"));
    let answer = server.post("ann", &request).await;
    assert_ne!(answer.status, 200);
    assert!(answer.body.contains("attribute names"), "{}", answer.body);
}

#[tokio::test]
async fn no_encoding_is_the_bare_key_and_comes_back() {
    let server = Server::new();
    let (key, kek) = (created(&server, false).await, created(&server, false).await);
    let answer = server.post("ann", &wrapped(&key, &kek, "NoEncoding")).await.json();
    assert_eq!(text_at(&answer, DATA), "NoEncoding");
    server.post("ann", &unwrapping("back", at(&answer, &["Object"]).unwrap())).await.json();
    assert_eq!(material(&server, "back").await, material(&server, &key).await);
}

fn hex(digits: &str) -> Vec<u8> {
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
