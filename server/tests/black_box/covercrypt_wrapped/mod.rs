//! Keys of Covercrypt that go out wrapped and come in again, over REST JSON.

pub(crate) mod requests;

use serde_json::{Value, json};

use crate::client::Client;
use crate::server_process::{ServerProcess, bare_command};
use requests::*;

const STRUCTURE: &str = r#"{"Department":["HR","FIN"],"Level::<":["Low","Top"]}"#;

/// Whether the server has the plugin; says so if not.
pub(crate) fn is_in_this_build() -> bool {
    let listed = bare_command().args(["plugins", "list"]).output().unwrap();
    let is_listed = String::from_utf8(listed.stdout).unwrap().contains("crypto-covercrypt");
    if !is_listed {
        eprintln!("skipped: this build of the server has no Covercrypt");
    }
    is_listed
}

/// A server with a master pair of generation 16.
struct Scene {
    server: ServerProcess,
    private: String,
    public: String,
    _folder: tempfile::TempDir,
}

impl Scene {
    fn start() -> Option<Self> {
        if !is_in_this_build() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let server = ServerProcess::start(folder.path(), &[]);
        let (private, public) = master_pair(&mut server.client(), "cover_crypt_access_structure", STRUCTURE);
        Some(Self { server, private, public, _folder: folder })
    }

    fn user_key(&self, policy: &str) -> String {
        user_key(&mut self.server.client(), &self.private, policy)
    }

    /// Renews the secrets of an attribute by an item of a message; its answer.
    fn renew_in_message(&self, attribute: &str) -> Value {
        let action = json!({"RekeyAccessPolicy": attribute}).to_string();
        let renewal = renewal(&self.private, "cover_crypt_rekey_action", &action);
        let payload = structure_of("RequestPayload", renewal["value"].as_array().unwrap().clone());
        let items = structure_of(
            "Items",
            vec![structure_of("Items", vec![enumeration("Operation", "ReKeyKeyPair"), payload])],
        );
        let version = structure_of(
            "ProtocolVersion",
            vec![integer("ProtocolVersionMajor", 2), integer("ProtocolVersionMinor", 1)],
        );
        let header = structure_of("Header", vec![version, integer("BatchCount", 1)]);
        self.server.client().rest(&structure_of("Message", vec![header, items]))
    }
}

fn integer(tag: &str, value: i32) -> Value {
    json!({"tag": tag, "type": "Integer", "value": value})
}

fn key_encryption_key(client: &mut Client) -> String {
    let attributes = structure_of(
        "Attributes",
        vec![
            enumeration("CryptographicAlgorithm", "AES"),
            integer("CryptographicLength", 256),
            enumeration("KeyFormatType", "TransparentSymmetricKey"),
            enumeration("ObjectType", "SymmetricKey"),
        ],
    );
    let request = vec![enumeration("ObjectType", "SymmetricKey"), attributes];
    text(&client.rest(&structure_of("Create", request)), "UniqueIdentifier")
}

/// The object, wrapped by the key.
fn exported(client: &mut Client, key: &str, kek: &str) -> Value {
    let by = structure_of("EncryptionKeyInformation", vec![string("UniqueIdentifier", kek)]);
    let specification =
        structure_of("KeyWrappingSpecification", vec![enumeration("WrappingMethod", "Encrypt"), by]);
    let answer = client.rest(&structure_of("Export", vec![string("UniqueIdentifier", key), specification]));
    let object = answer["value"].as_array().unwrap().iter().find(|field| field["tag"] == "Object").unwrap();
    object.clone()
}

fn import(client: &mut Client, id: &str, master: &str, policy: &str, wrap_type: &str, object: Value) {
    let request = vec![
        string("UniqueIdentifier", id),
        enumeration("ObjectType", "PrivateKey"),
        json!({"tag": "ReplaceExisting", "type": "Boolean", "value": false}),
        enumeration("KeyWrapType", wrap_type),
        user_key_attributes(master, policy),
        object,
    ];
    assert_eq!(text(&client.rest(&structure_of("Import", request)), "UniqueIdentifier"), id);
}

#[test]
fn keys_go_out_wrapped_and_come_in_unwrapped_or_as_they_are() {
    let Some(scene) = Scene::start() else { return };
    let mut client = scene.server.client();
    let (policy, kek) = ("Department::HR", key_encryption_key(&mut client));
    let key = scene.user_key(policy);
    let object = exported(&mut client, &key, &kek);
    import(&mut client, "plain", &scene.private, policy, "NotWrapped", object.clone());
    import(&mut client, "wrapped", &scene.private, policy, "AsRegistered", object);
    let ciphertext = encrypt(&mut client, &scene.public, policy, b"data");
    for key in [&key, "plain", "wrapped"] {
        assert_eq!(decrypt(&mut client, key, &ciphertext), b"\0data", "{key}");
    }
}

#[test]
fn a_renewal_tells_the_wrapped_keys_that_it_left_out_in_the_result_message() {
    let Some(scene) = Scene::start() else { return };
    let mut client = scene.server.client();
    let (policy, kek) = ("Department::HR", key_encryption_key(&mut client));
    let key = scene.user_key(policy);
    let object = exported(&mut client, &key, &kek);
    import(&mut client, "wrapped", &scene.private, policy, "AsRegistered", object);
    let answer = scene.renew_in_message("Department::HR").to_string();
    assert!(answer.contains(r#""tag":"ResultMessage""#) && answer.contains("wrapped"), "{answer}");
    assert!(!answer.contains(&key), "{answer}");
    let ciphertext = encrypt(&mut client, &scene.public, policy, b"new");
    assert_eq!(decrypt(&mut client, &key, &ciphertext), b"\0new");
    let stale = vec![string("UniqueIdentifier", "wrapped"), bytes("Data", &ciphertext)];
    let stale = structure_of("Decrypt", stale).to_string();
    let refused = client.send("POST", "/kmip_2_1", &["content-type: application/json"], stale.as_bytes());
    assert_eq!(refused.status, 500, "{}", refused.text());
}
