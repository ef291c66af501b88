//! The newest generation of Covercrypt over REST JSON, for which there is no published client: a master key, its user keys,
//! and what changes of the master key do to them.

use claviger_kmip::tables::enumerations::{OperationCode, ResultStatus, RevocationReasonCode, State};
use claviger_kmip::{Tag, Ttlv, Value as Kmip};
use serde_json::{Value, json};

use crate::client::Client;
use crate::covercrypt_wrapped::requests::{
    GENERATIONS, decrypt, encrypt, master_pair, secret_key, string, structure_of, user_key, vendor,
};
use crate::kmip_forms::{message, statuses};
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
        let private = self.private.clone();
        let created = self.client.rest(&Self::new_user(&private, policy));
        field(&created, "UniqueIdentifier").to_owned()
    }

    /// The request for a user key of what this names: a master key, or tags.
    fn new_user(parent: &str, policy: &str) -> Value {
        let link = json!([
            item("LinkType", "Enumeration", "ParentLink".into()),
            item("LinkedObjectIdentifier", "TextString", parent.into()),
        ]);
        let link = item("Link", "Structure", json!([item("Link", "Structure", link)]));
        let request = json!([
            item("ObjectType", "Enumeration", "PrivateKey".into()),
            attributes("Attributes", "cover_crypt_access_policy", policy, vec![link]),
        ]);
        item("Create", "Structure", request)
    }

    /// What Locate finds with an access policy.
    fn located(&mut self, policy: &str) -> Vec<String> {
        let policy = attributes("Attributes", "cover_crypt_access_policy", policy, Vec::new());
        let found = self.client.rest(&item("Locate", "Structure", json!([policy])));
        let fields = found["value"].as_array().unwrap().iter();
        let ids = fields.filter(|field| field["tag"] == "UniqueIdentifier");
        let ids = ids.flat_map(|field| field["value"].as_array().unwrap());
        ids.map(|field| field["value"].as_str().unwrap().to_owned()).collect()
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
    assert_eq!(authority.located("Department::FIN"), [fin.as_str()]);
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

#[test]
fn a_user_key_whose_attribute_is_renamed_is_found_by_the_new_name_and_opens_as_before() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let mut authority = Authority::new(&server, STRUCTURE);
    let (user, other) = (authority.user("Department::HR"), authority.user("Department::FIN"));
    let before = authority.encrypt("Department::HR", b"plain", Vec::new()).unwrap();
    authority.change(r#"{"RenameAttribute":[["Department::HR","People"]]}"#);
    assert_eq!(authority.located("Department::People"), [user.as_str()]);
    assert!(authority.located("Department::HR").is_empty());
    assert_eq!(authority.located("Department::FIN"), [other.as_str()]);
    let after = authority.encrypt("Department::People", b"plain", Vec::new()).unwrap();
    assert!(authority.encrypt("Department::HR", b"plain", Vec::new()).is_err());
    for message in [before, after] {
        assert!(authority.opens(&user, &message) && !authority.opens(&other, &message));
    }
}

#[test]
fn additional_data_come_back_as_the_tag_and_metadata_with_the_plaintext() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let mut authority = Authority::new(&server, STRUCTURE);
    let (public, user) = (authority.public.clone(), authority.user("Department::FIN"));
    let policy = "Department::FIN";
    let data = [&[policy.len() as u8], policy.as_bytes(), b"\x08metadata", b"plain"].concat();
    let additional = |data: &[u8]| bytes("AuthenticatedEncryptionAdditionalData", data);
    let request = about("Encrypt", &public, vec![bytes("Data", &data), additional(b"known")]);
    let answer = authority.client.rest(&request);
    assert_eq!(field(&answer, "AuthenticatedEncryptionTag"), hex::encode_upper("known"));
    let has =
        |answer: &Value, tag: &str| answer["value"].as_array().unwrap().iter().any(|it| it["tag"] == tag);
    assert!(!has(&answer, "IvCounterNonce"), "{answer}");
    let message = field(&answer, "Data").to_owned();
    let plain = authority.decrypt(&user, &message, vec![additional(b"known")]).unwrap();
    assert_eq!(plain, b"\x08metadataplain");
    assert!(authority.decrypt(&user, &message, vec![additional(b"other")]).is_err());
    assert!(authority.decrypt(&user, &message, Vec::new()).is_err());
    let without = authority.client.rest(&about("Encrypt", &public, vec![bytes("Data", &data)]));
    assert!(!has(&without, "AuthenticatedEncryptionTag"), "{without}");
}

#[test]
fn a_parent_link_may_name_the_master_key_by_its_tags() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let tagged = |tag: &str| {
        let vendor = [vendor("cover_crypt_access_structure", STRUCTURE), vendor("tag", tag)];
        let common = structure_of("CommonAttributes", secret_key(vendor.to_vec()));
        let pair = server.client().rest(&structure_of("CreateKeyPair", vec![common]));
        let id = |tag| field(&pair, tag).to_owned();
        let (private, public) = (id("PrivateKeyUniqueIdentifier"), id("PublicKeyUniqueIdentifier"));
        Authority { client: server.client(), private, public }
    };
    let (mut mine, mut other) = (tagged(r#"["mine"]"#), tagged(r#"["other"]"#));
    // The public key has the tags, too; it issues no keys.
    for _ in 0..2 {
        let created = mine.client.rest(&Authority::new_user(r#"["mine"]"#, "Department::FIN"));
        let user = field(&created, "UniqueIdentifier").to_owned();
        let attributes = mine.client.rest(&about("GetAttributes", &user, Vec::new())).to_string();
        assert!(attributes.contains(&mine.private), "the link names the key itself: {attributes}");
        let message = mine.encrypt("Department::FIN", b"plain", Vec::new()).unwrap();
        let foreign = other.encrypt("Department::FIN", b"plain", Vec::new()).unwrap();
        assert!(mine.opens(&user, &message) && !mine.opens(&user, &foreign));
        mine.change(r#"{"RekeyAccessPolicy":"Department::FIN"}"#);
        let message = mine.encrypt("Department::FIN", b"plain", Vec::new()).unwrap();
        assert!(mine.opens(&user, &message), "it is refreshed");
    }
    let nobody = Authority::new_user(r#"["nobody"]"#, "Department::FIN").to_string();
    let headers = ["content-type: application/json"];
    let refused = mine.client.send("POST", "/kmip/2_1", &headers, nobody.as_bytes());
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().starts_with("Item not found"), "{}", refused.text());
}

/// The answer to an operation of KMIP itself on an object, which must be a success.
fn kmip(server: &ServerProcess, operation: OperationCode, id: &str, more: Vec<Ttlv>) -> Ttlv {
    let mut payload = vec![Ttlv::new(Tag::UNIQUE_IDENTIFIER, Kmip::TextString(id.to_owned()))];
    payload.extend(more);
    let answer = server.client().kmip(&message(vec![(operation, payload)]));
    assert_eq!(statuses(&answer), [ResultStatus::SUCCESS], "{answer:?}");
    answer
}

fn is_destroyed(server: &ServerProcess, id: &str) -> bool {
    let answer = kmip(server, OperationCode::GET_ATTRIBUTES, id, Vec::new());
    let payload = answer.child(Tag::BATCH_ITEM).unwrap().child(Tag::RESPONSE_PAYLOAD).unwrap();
    let state = &payload.child(Tag::ATTRIBUTES).unwrap().child(Tag::STATE).unwrap().value;
    *state == Kmip::Enumeration(State::DESTROYED.0)
}

#[test]
fn no_user_key_outlives_its_master_key() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let mut client = server.client();
    let reason = || {
        let code = Kmip::Enumeration(RevocationReasonCode::CESSATION_OF_OPERATION.0);
        let code = Ttlv::new(Tag::REVOCATION_REASON_CODE, code);
        vec![Ttlv::structure(Tag::REVOCATION_REASON, vec![code])]
    };
    for (name, structure, _, _) in GENERATIONS {
        // One that its owner archives.
        let (private, _) = master_pair(&mut client, name, structure);
        let archived = user_key(&mut client, &private, "Department::HR");
        kmip(&server, OperationCode::ARCHIVE, &archived, Vec::new());
        let why = string("RevocationReason", "left");
        client.rest(&about("Revoke", &private, vec![why]));
        client.rest(&about("Destroy", &private, Vec::new()));

        // One that is Active, since a client of KMIP revoked the master key alone.
        let (private, public) = master_pair(&mut client, name, structure);
        let active = user_key(&mut client, &private, "Department::HR");
        let sealed = encrypt(&mut client, &public, "Department::HR", b"plain");
        kmip(&server, OperationCode::REVOKE, &private, reason());
        assert_eq!(decrypt(&mut client, &active, &sealed), b"\0plain");
        client.rest(&about("Destroy", &private, Vec::new()));
        for id in [&archived, &private, &active, &public] {
            assert!(is_destroyed(&server, id), "{id} of {structure}");
        }
    }
}
