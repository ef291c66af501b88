//! The requests for Covercrypt keys that the tests send, and what they read from the answers.

use serde_json::{Value, json};

use crate::client::Client;

/// Structures of master keys, a generation of Covercrypt each, with the request that renews the secrets of an attribute.
pub(crate) const GENERATIONS: [(&str, &str, &str, &str); 3] = [
    (
        "cover_crypt_policy",
        r#"{"version":"V1","last_attribute_value":2,"max_attribute_creations":100,"axes":{"Department":{"attribute_names":["HR","FIN"],"is_hierarchical":false}},"attributes":{"Department::HR":{"values":[1],"encryption_hint":"Classic"},"Department::FIN":{"values":[2],"encryption_hint":"Classic"}}}"#,
        "cover_crypt_attributes",
        r#"["Department::HR"]"#,
    ),
    (
        "cover_crypt_policy",
        r#"{"version":"V2","last_attribute_value":2,"dimensions":{"Department":{"Unordered":{"HR":{"id":1,"encryption_hint":"Classic","write_status":"EncryptDecrypt"},"FIN":{"id":2,"encryption_hint":"Classic","write_status":"EncryptDecrypt"}}}}}"#,
        "cover_crypt_rekey_action",
        r#"{"RekeyAccessPolicy":"Department::HR"}"#,
    ),
    (
        "cover_crypt_access_structure",
        r#"{"Department":["HR","FIN"]}"#,
        "cover_crypt_rekey_action",
        r#"{"RekeyAccessPolicy":"Department::HR"}"#,
    ),
];

pub(crate) fn master_pair(client: &mut Client, name: &str, structure: &str) -> (String, String) {
    let made = client.rest(&new_master_pair(name, structure));
    (text(&made, "PrivateKeyUniqueIdentifier"), text(&made, "PublicKeyUniqueIdentifier"))
}

/// The request for a master key pair.
pub(crate) fn new_master_pair(name: &str, structure: &str) -> Value {
    let attributes = secret_key(vec![vendor(name, structure)]);
    structure_of("CreateKeyPair", vec![structure_of("CommonAttributes", attributes)])
}

pub(crate) fn user_key(client: &mut Client, master: &str, policy: &str) -> String {
    text(&client.rest(&new_user_key(master, policy)), "UniqueIdentifier")
}

/// The request for a user key.
pub(crate) fn new_user_key(master: &str, policy: &str) -> Value {
    structure_of("Create", vec![enumeration("ObjectType", "PrivateKey"), user_key_attributes(master, policy)])
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
