//! The newest generation of Covercrypt over REST JSON, for which there is no published client: a master key, its user keys,
//! and what changes of the master key do to them.

use serde_json::{Value, json};

use crate::client::Client;
use crate::server_process::{ServerProcess, bare_command};
use crate::symmetric_key::{about, field};

fn item(tag: &str, kind: &str, value: Value) -> Value {
    json!({"tag": tag, "type": kind, "value": value})
}

fn bytes(tag: &str, data: &[u8]) -> Value {
    item(tag, "ByteString", hex::encode(data).to_uppercase().into())
}

/// Attributes of a key of Covercrypt, with one of the vendor's.
fn attributes(tag: &str, name: &str, value: &str, more: Vec<Value>) -> Value {
    let vendor = json!([
        item("VendorIdentification", "TextString", "cosmian".into()),
        item("AttributeName", "TextString", name.into()),
        bytes("AttributeValue", value.as_bytes()),
    ]);
    let vendor = json!([item("VendorAttributes", "Structure", vendor)]);
    let mut fields = vec![
        item("CryptographicAlgorithm", "Enumeration", "CoverCrypt".into()),
        item("CryptographicUsageMask", "Integer", 0x20_0000.into()),
        item("KeyFormatType", "Enumeration", "CoverCryptSecretKey".into()),
        item("ObjectType", "Enumeration", "PrivateKey".into()),
        item("VendorAttributes", "Structure", vendor),
    ];
    fields.extend(more);
    item(tag, "Structure", fields.into())
}

/// A master key pair and who talks to its server.
struct Authority {
    client: Client,
    private: String,
    public: String,
}

impl Authority {
    fn new(server: &ServerProcess, structure: &str) -> Self {
        let mut client = server.client();
        let common = attributes("CommonAttributes", "cover_crypt_access_structure", structure, Vec::new());
        let pair = client.rest(&item("CreateKeyPair", "Structure", json!([common])));
        let id = |tag| field(&pair, tag).to_owned();
        Self { client, private: id("PrivateKeyUniqueIdentifier"), public: id("PublicKeyUniqueIdentifier") }
    }

    fn user(&mut self, policy: &str) -> String {
        let link = json!([
            item("LinkType", "Enumeration", "ParentLink".into()),
            item("LinkedObjectIdentifier", "TextString", self.private.as_str().into()),
        ]);
        let link = item("Link", "Structure", json!([item("Link", "Structure", link)]));
        let request = json!([
            item("ObjectType", "Enumeration", "PrivateKey".into()),
            attributes("Attributes", "cover_crypt_access_policy", policy, vec![link]),
        ]);
        let created = self.client.rest(&item("Create", "Structure", request));
        field(&created, "UniqueIdentifier").to_owned()
    }

    fn change(&mut self, action: &str) {
        let asked = attributes("PrivateKeyAttributes", "cover_crypt_rekey_action", action, Vec::new());
        let id = item("PrivateKeyUniqueIdentifier", "TextString", self.private.as_str().into());
        let answer = self.client.rest(&item("ReKeyKeyPair", "Structure", json!([id, asked])));
        assert_eq!(field(&answer, "PrivateKeyUniqueIdentifier"), self.private);
        assert_eq!(field(&answer, "PublicKeyUniqueIdentifier"), self.public);
    }

    /// Encrypts for a policy; the server's refusal if it does.
    fn encrypt(&mut self, policy: &str, rest: &[u8], more: Vec<Value>) -> Result<String, String> {
        // Policy and metadata, each behind its length.
        let data = [&[policy.len() as u8], policy.as_bytes(), &[0], rest].concat();
        let public = self.public.clone();
        self.data("Encrypt", &public, bytes("Data", &data), more)
    }

    fn decrypt(&mut self, user: &str, data: &str, more: Vec<Value>) -> Result<Vec<u8>, String> {
        let data = item("Data", "ByteString", data.into());
        self.data("Decrypt", user, data, more).map(|plain| hex::decode(plain).unwrap())
    }

    fn data(
        &mut self,
        operation: &str,
        id: &str,
        data: Value,
        mut more: Vec<Value>,
    ) -> Result<String, String> {
        more.push(data);
        let request = about(operation, id, more).to_string();
        let headers = ["content-type: application/json"];
        let answer = self.client.send("POST", "/kmip/2_1", &headers, request.as_bytes());
        match answer.status {
            200 => Ok(field(&answer.json(), "Data").to_owned()),
            _ => Err(answer.text()),
        }
    }

    fn opens(&mut self, user: &str, message: &str) -> bool {
        self.decrypt(user, message, Vec::new()).is_ok_and(|plain| plain == b"\0plain")
    }
}

/// Whether this build of the server knows Covercrypt.
fn is_there() -> bool {
    let listed = bare_command().args(["plugins", "list"]).output().unwrap();
    let there = String::from_utf8(listed.stdout).unwrap().contains("crypto-covercrypt");
    if !there {
        eprintln!("skipped: this build of the server has no Covercrypt");
    }
    there
}

const STRUCTURE: &str = r#"{"Level::<":["Low","Top"],"Department":["FIN","HR","IT"]}"#;

#[test]
fn user_keys_of_generation_16_follow_the_changes_of_their_master_key() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let mut authority = Authority::new(&server, STRUCTURE);
    let both = authority.user("Department::FIN || Department::HR");
    let low = authority.user("Level::Low && Department::FIN");
    let earlier = authority.encrypt("Department::FIN", b"plain", Vec::new()).unwrap();
    let top = authority.encrypt("Level::Top && Department::FIN", b"plain", Vec::new()).unwrap();
    assert!(authority.opens(&both, &top) && authority.opens(&low, &earlier) && !authority.opens(&low, &top));

    // The published library alone does not open the earlier message with the first key now.
    authority.change(r#"{"RekeyAccessPolicy":"Department::FIN && Level::Low"}"#);
    let later = authority.encrypt("Department::FIN", b"plain", Vec::new()).unwrap();
    let new = authority.user("Department::FIN || Department::HR");
    for (user, opens_earlier) in [(&both, true), (&low, true), (&new, false)] {
        assert_eq!(authority.opens(user, &earlier), opens_earlier);
        assert!(authority.opens(user, &later));
    }

    authority.change(r#"{"PruneAccessPolicy":"Department::FIN && Level::Low"}"#);
    assert!(!authority.opens(&both, &earlier) && authority.opens(&both, &later));

    authority.change(r#"{"DeleteAttribute":["Department::IT"]}"#);
    authority.change(r#"{"AddAttribute":[["Level::Middle","Classic","Low"]]}"#);
    let middle = authority.user("Level::Middle && Department::HR");
    let for_low = authority.encrypt("Level::Low && Department::HR", b"plain", Vec::new()).unwrap();
    let for_top = authority.encrypt("Level::Top && Department::HR", b"plain", Vec::new()).unwrap();
    assert!(authority.opens(&middle, &for_low) && !authority.opens(&middle, &for_top));

    authority.change(r#"{"DisableAttribute":["Department::HR"]}"#);
    assert!(authority.encrypt("Department::HR", b"plain", Vec::new()).is_err());
    assert!(authority.opens(&middle, &for_low));
}

#[test]
fn keys_of_covercrypt_are_found_by_policy_and_by_their_own_tag() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let mut authority = Authority::new(&server, STRUCTURE);
    let fin = authority.user("Department::FIN");
    authority.user("Department::HR");
    let policy = attributes("Attributes", "cover_crypt_access_policy", "Department::FIN", Vec::new());
    let found = authority.client.rest(&item("Locate", "Structure", json!([policy])));
    let (found, text) = (&found["value"], found.to_string());
    assert!(text.contains(&fin), "{text}");
    assert_eq!(found[0]["value"], 1, "{text}");
    let message = authority.encrypt("Department::FIN", b"plain", Vec::new()).unwrap();
    // The master key is no candidate, and the user keys are tagged otherwise.
    let refused = authority.decrypt("[\"_sk\"]", &message, Vec::new()).unwrap_err();
    assert!(refused.starts_with("Item not found"), "{refused}");
    authority.client.rest(&about("Get", &fin, Vec::new()));
}

#[test]
fn bulk_data_is_encrypted_under_one_header() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let mut authority = Authority::new(&server, STRUCTURE);
    let user = authority.user("Department::FIN");
    let bulk = || {
        let algorithm = item("CryptographicAlgorithm", "Enumeration", "CoverCryptBulk".into());
        vec![item("CryptographicParameters", "Structure", json!([algorithm]))]
    };
    let parts = [&[2, 3][..], b"one", &[3], b"two"].concat();
    let encrypted = authority.encrypt("Department::FIN", &parts, bulk()).unwrap();
    assert_eq!(authority.decrypt(&user, &encrypted, bulk()).unwrap(), [&[0][..], &parts].concat());
    assert!(authority.decrypt(&user, &encrypted, Vec::new()).is_err());
}
