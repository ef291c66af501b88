//! The requests for Covercrypt keys that the tests send, and what they read from the answers.

use serde_json::{Value, json};

use crate::client::Client;

pub(crate) fn master_pair(client: &mut Client, name: &str, structure: &str) -> (String, String) {
    let attributes = secret_key(vec![vendor(name, structure)]);
    let made =
        client.rest(&structure_of("CreateKeyPair", vec![structure_of("CommonAttributes", attributes)]));
    (text(&made, "PrivateKeyUniqueIdentifier"), text(&made, "PublicKeyUniqueIdentifier"))
}

pub(crate) fn user_key(client: &mut Client, master: &str, policy: &str) -> String {
    let request = vec![enumeration("ObjectType", "PrivateKey"), user_key_attributes(master, policy)];
    text(&client.rest(&structure_of("Create", request)), "UniqueIdentifier")
}

/// The attributes of a user key of a master key.
pub(crate) fn user_key_attributes(master: &str, policy: &str) -> Value {
    let link = structure_of(
        "Link",
        vec![structure_of(
            "Link",
            vec![enumeration("LinkType", "ParentLink"), string("LinkedObjectIdentifier", master)],
        )],
    );
    let mut attributes = secret_key(vec![vendor("cover_crypt_access_policy", policy)]);
    attributes.push(link);
    structure_of("Attributes", attributes)
}

pub(crate) fn renew(client: &mut Client, master: &str, name: &str, asked: &str) {
    client.rest(&renewal(master, name, asked));
}

/// The request that changes a master key.
pub(crate) fn renewal(master: &str, name: &str, asked: &str) -> Value {
    let attributes = structure_of("PrivateKeyAttributes", secret_key(vec![vendor(name, asked)]));
    structure_of("ReKeyKeyPair", vec![string("PrivateKeyUniqueIdentifier", master), attributes])
}

/// The contract's layout: the policy and the metadata behind their lengths, then the plaintext.
pub(crate) fn encrypt(client: &mut Client, public: &str, policy: &str, plaintext: &[u8]) -> String {
    let data = [&[policy.len() as u8], policy.as_bytes(), &[0], plaintext].concat();
    let request = vec![string("UniqueIdentifier", public), bytes("Data", &hex::encode(data))];
    text(&client.rest(&structure_of("Encrypt", request)), "Data")
}

pub(crate) fn decrypt(client: &mut Client, key: &str, ciphertext: &str) -> Vec<u8> {
    let request = vec![string("UniqueIdentifier", key), bytes("Data", ciphertext)];
    hex::decode(text(&client.rest(&structure_of("Decrypt", request)), "Data")).unwrap()
}

/// The attributes of a secret key of Covercrypt, with these vendor attributes.
pub(crate) fn secret_key(vendor_attributes: Vec<Value>) -> Vec<Value> {
    vec![
        enumeration("CryptographicAlgorithm", "CoverCrypt"),
        enumeration("KeyFormatType", "CoverCryptSecretKey"),
        enumeration("ObjectType", "PrivateKey"),
        structure_of("VendorAttributes", vendor_attributes),
    ]
}

pub(crate) fn vendor(name: &str, value: &str) -> Value {
    structure_of(
        "VendorAttributes",
        vec![
            string("VendorIdentification", "cosmian"),
            string("AttributeName", name),
            bytes("AttributeValue", &hex::encode(value)),
        ],
    )
}

pub(crate) fn structure_of(tag: &str, fields: Vec<Value>) -> Value {
    json!({"tag": tag, "type": "Structure", "value": fields})
}

pub(crate) fn string(tag: &str, value: &str) -> Value {
    json!({"tag": tag, "type": "TextString", "value": value})
}

pub(crate) fn enumeration(tag: &str, value: &str) -> Value {
    json!({"tag": tag, "type": "Enumeration", "value": value})
}

pub(crate) fn bytes(tag: &str, hexadecimal: &str) -> Value {
    json!({"tag": tag, "type": "ByteString", "value": hexadecimal.to_uppercase()})
}

pub(crate) fn text(answer: &Value, tag: &str) -> String {
    let field = answer["value"].as_array().unwrap().iter().find(|field| field["tag"] == tag).unwrap();
    field["value"].as_str().unwrap().to_owned()
}
