//! `claviger-server db …`, as an operator uses it.

mod backup_content;
mod damage;
mod from_kmip;
mod moving;
mod passwords;
mod refusals;
mod types;

use std::path::Path;
use std::process::Output;

use claviger_kmip::tables::enumerations::{OperationCode, ResultStatus};
use claviger_kmip::{Tag, Ttlv, Value};
use serde_json::json;

use crate::client::Client;
use crate::kmip_forms::{create as create_message, message, statuses};
use crate::server_process::command;
use crate::symmetric_key::create_key;

/// The end of a command: its exit code, what it answered, and what it said besides.
struct Ended {
    code: Option<i32>,
    answer: String,
    said: String,
}

/// Runs `claviger-server db` for the data in a folder.
fn db(folder: &Path, arguments: &[&str]) -> Ended {
    let Output { status, stdout, stderr } = command(folder).arg("db").args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: status.code(), answer: text(stdout), said: text(stderr) }
}

impl Ended {
    /// The answer of a command that succeeded.
    fn succeeded(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.answer, self.said);
        self.answer
    }

    /// What a command that failed said.
    fn failed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}{}", self.answer, self.said);
        self.said
    }
}

/// Makes some of everything: keys, a pair, a name, tags, a grant, uses that are counted and in part taken, a key that is
/// destroyed.
fn fill(client: &mut Client) -> String {
    let key = create_key(client);
    client.rest(&json!({"tag": "CreateKeyPair", "type": "Structure", "value": [
        {"tag": "CommonAttributes", "type": "Structure", "value": [
            {"tag": "CryptographicAlgorithm", "type": "Enumeration", "value": "EC"},
            {"tag": "CryptographicDomainParameters", "type": "Structure", "value": [
                {"tag": "RecommendedCurve", "type": "Enumeration", "value": "P256"}]},
            {"tag": "ObjectType", "type": "Enumeration", "value": "PrivateKey"}]}]}));
    let grant = json!({"unique_identifier": key, "user_id": "ann", "operation_types": ["encrypt", "get"]});
    let answer = client.send(
        "POST",
        "/access/grant",
        &["Content-Type: application/json"],
        grant.to_string().as_bytes(),
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    let gone = create_key(client);
    for (operation, fields) in [
        (
            "Revoke",
            vec![json!({"tag": "RevocationReason", "type": "Structure", "value": [
            {"tag": "RevocationReasonCode", "type": "Enumeration", "value": "CessationOfOperation"}]})],
        ),
        ("Destroy", Vec::new()),
    ] {
        client.rest(&crate::symmetric_key::about(operation, &gone, fields));
    }
    limited(client);
    key
}

/// A key with a name, of whose ten uses four are taken.
fn limited(client: &mut Client) {
    let (operation, mut fields) = create_message();
    let name = Ttlv::structure(
        Tag::NAME,
        vec![
            Ttlv::new(Tag::NAME_VALUE, Value::TextString("limited".into())),
            Ttlv::new(Tag::NAME_TYPE, Value::Enumeration(1)),
        ],
    );
    let limits = Ttlv::structure(
        Tag::USAGE_LIMITS,
        vec![
            Ttlv::new(Tag::USAGE_LIMITS_TOTAL, Value::LongInteger(10)),
            Ttlv::new(Tag::USAGE_LIMITS_UNIT, Value::Enumeration(2)),
        ],
    );
    let active = Ttlv::new(Tag::ACTIVATION_DATE, Value::DateTime(1_000_000_000));
    if let Value::Structure(attributes) = &mut fields.last_mut().unwrap().value {
        attributes.extend([name, limits, active]);
    }
    let answer = client.kmip(&message(vec![(operation, fields)]));
    let made = answer.children()[1].child(Tag::RESPONSE_PAYLOAD).unwrap();
    let id = made.child(Tag::UNIQUE_IDENTIFIER).unwrap().clone();
    let data = Ttlv::new(Tag::DATA, Value::ByteString(vec![7; 16].into()));
    let encrypt = (OperationCode::ENCRYPT, vec![id, data]);
    let answer = client.kmip(&message(vec![encrypt; 4]));
    assert_eq!(statuses(&answer), [ResultStatus::SUCCESS; 4], "{answer:?}");
}

/// Makes so many keys, a multiple of the number in each message.
fn create_many(client: &mut Client, count: usize) {
    const AT_ONCE: usize = 250;
    for _ in 0..count / AT_ONCE {
        let answer = client.kmip(&message(vec![create_message(); AT_ONCE]));
        assert_eq!(statuses(&answer), [ResultStatus::SUCCESS; AT_ONCE]);
    }
}
