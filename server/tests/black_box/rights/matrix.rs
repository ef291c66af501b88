//! The admission matrix through HTTPS: every operation on an object × the right that is held × who calls, each by a token or
//! a certificate × the state of the object; and by tokens that their holders have narrowed. What is expected is what the
//! specification says in the table that the engine is tested by. Beside them stand operations that are about no
//! object and yet not for everybody.

use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use claviger_auth_biscuit::{
    Attenuation, MINT_TOKEN, REVOKE_TOKEN, REVOKE_TOKEN_IDENTIFIER, RevokeTokenIdentifierRequest, mint_token,
};
use claviger_kmip::attributes::{Attributes, kinds};
use claviger_kmip::field::{DateTime, TtlvValue as _};
use claviger_kmip::message::ResponseMessage;
use claviger_kmip::payloads::access::{PURGE, PurgeRequest};
use claviger_kmip::payloads::{CreateKeyPairRequest, CreateRequest, ReProvisionRequest, RegisterRequest};
use claviger_kmip::tables::Enumeration as _;
use claviger_kmip::tables::enumerations::{CryptographicAlgorithm, ObjectType, OperationCode, State};
use claviger_kmip::{Tag, Ttlv, Value};
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::plugin::{EntryKind, linked};
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::{ChangeSet, Grant, StoreSource, Subject};
use claviger_plugin_sdk::testkit::RecordBuilder;
use claviger_storage_sql as _;

use super::table::{
    CALLERS, CREATORS, Caller, NO_OBJECT, OPERATOR, Outcome, Row, STATES, key, rows, subject,
};
use super::tokens::Tokens;
use crate::certificates::{connect, make, pem_settings};
use crate::client::Client;
use crate::kmip_forms::{message, query};
use crate::server_process::ServerProcess;

#[test]
fn every_operation_admits_whom_and_when_the_specification_says_over_https() {
    let folder = tempfile::tempdir().unwrap();
    let rows = rows();
    fill(folder.path(), &rows);
    let (certificates, tokens) = (make(folder.path()), Tokens::start());
    let biscuits = Biscuits::new(folder.path());
    let mut settings = pem_settings(&certificates);
    settings.extend(tokens.settings());
    let authority = certificates.authority().display().to_string();
    let creators = CREATORS.join(",");
    settings.extend(
        ["--authority-cert-file", &authority, "--auth-require", "any", "--operators", OPERATOR]
            .map(str::to_owned),
    );
    // Tokens that are over are shown more often than an address may.
    settings.extend(["--auth-failures-per-minute", "0"].map(str::to_owned));
    settings.extend(["--creators".to_owned(), creators]);
    settings.extend(["--biscuit-root-key-file".to_owned(), biscuits.key.clone()]);
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let server = ServerProcess::start(folder.path(), &settings);
    let (mut wrong, mut asked) = (Vec::new(), 0);
    let mut compare = |at: &str, found: Outcome, expected: Outcome| {
        asked += 1;
        if found != expected {
            wrong.push(format!("{at}: {found:?}, not {expected:?}"));
        }
    };
    for caller in CALLERS {
        // Alice and bob have certificates, all others tokens.
        let certificate = Some(caller.user()).filter(|user| ["alice", "bob"].contains(user));
        let mut client = Client::over(connect(server.http, &certificates, certificate, &["http/1.1"]));
        let token = certificate.is_none().then(|| tokens.header(caller.user(), caller.groups()));
        let headers: Vec<&str> = token.iter().map(String::as_str).collect();
        if caller == Caller::Owner {
            assert_every_operation_has_a_row(&mut client, &headers, &rows);
        }
        for (row, number) in rows.iter().flat_map(|row| (0..STATES.len()).map(move |number| (row, number))) {
            let id = id_of(row, &format!("{caller:?}"), STATES[number]);
            let found = call(&mut client, &headers, row.code, (row.request)(&id));
            compare(&id, found, caller.expected(row, number));
        }
        for (code, request, is_for) in about_no_object() {
            let expected = if is_for(caller) { Outcome::Past } else { Outcome::Denied };
            let found = call(&mut client, &headers, code, request);
            compare(&format!("{code:?}-{caller:?}"), found, expected);
        }
    }
    let mut client = Client::over(connect(server.http, &certificates, None, &["http/1.1"]));
    for row in &rows {
        for narrowed in NARROWED {
            let token = biscuits.header(row.code, narrowed);
            for (number, state) in STATES.into_iter().enumerate() {
                let id = id_of(row, narrowed.name(), state);
                let found = call(&mut client, &[&token], row.code, (row.request)(&id));
                compare(&id, found, narrowed.expected(row, number));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {asked}: {wrong:#?}", wrong.len());
}

/// Whether an operation is for a caller.
type IsFor = fn(Caller) -> bool;

/// Requests about no object that exists, of operations that are not for everybody, and whom they are for: those that
/// make objects for creators, the others for operators.
fn about_no_object() -> [(OperationCode, Value, IsFor); 6] {
    let creators: IsFor = |caller| caller != Caller::NotCreator;
    let operators: IsFor = |caller| caller == Caller::Operator;
    let usable = |algorithm, uses| {
        let mut attributes = Attributes::new();
        attributes.put::<kinds::CryptographicAlgorithm>(algorithm);
        attributes.put::<kinds::CryptographicLength>(256);
        attributes.put::<kinds::CryptographicUsageMask>(uses);
        attributes
    };
    let create = CreateRequest {
        object_type: ObjectType::SYMMETRIC_KEY,
        attributes: usable(CryptographicAlgorithm::AES, 12),
        protection_storage_masks: None,
    };
    let create_key_pair = CreateKeyPairRequest {
        common_attributes: Some(usable(CryptographicAlgorithm::EC, 3)),
        private_key_attributes: None,
        public_key_attributes: None,
        common_protection_storage_masks: None,
        private_protection_storage_masks: None,
        public_protection_storage_masks: None,
    };
    let register = RegisterRequest {
        object_type: ObjectType::SYMMETRIC_KEY,
        attributes: usable(CryptographicAlgorithm::AES, 12),
        object: RecordBuilder::new("any").build().object,
        protection_storage_masks: None,
    };
    // Whoever may make objects is told that the server has no issuer for it.
    let re_provision = ReProvisionRequest { certificate_request: None, certificate: None };
    // Nothing was destroyed that long ago.
    let purge = PurgeRequest { destroy_date: DateTime(0), maximum_items: None };
    let revoke = RevokeTokenIdentifierRequest { identifier: vec![7; 64].into() };
    [
        (OperationCode::CREATE, create.into_value(), creators),
        (OperationCode::CREATE_KEY_PAIR, create_key_pair.into_value(), creators),
        (OperationCode::REGISTER, register.into_value(), creators),
        (OperationCode::RE_PROVISION, re_provision.into_value(), creators),
        (PURGE, purge.into_value(), operators),
        (REVOKE_TOKEN_IDENTIFIER, revoke.into_value(), operators),
    ]
}

/// What a token of the owner is narrowed to.
#[derive(Clone, Copy, Debug)]
enum Narrowed {
    /// The operation, and Create, which all operations need that make objects.
    It,
    /// Other operations.
    Others,
    /// Other objects.
    OtherObjects,
    /// What is over. It is good for nothing.
    ThePast,
}

const NARROWED: [Narrowed; 4] = [Narrowed::It, Narrowed::Others, Narrowed::OtherObjects, Narrowed::ThePast];

impl Narrowed {
    fn name(self) -> &'static str {
        match self {
            Self::It => "narrowed to it",
            Self::Others => "narrowed to others",
            Self::OtherObjects => "narrowed to other objects",
            Self::ThePast => "narrowed to the past",
        }
    }

    fn expected(self, row: &Row, state: usize) -> Outcome {
        match self {
            Self::It => Caller::Owner.expected(row, state),
            Self::Others | Self::OtherObjects => Outcome::Denied,
            Self::ThePast => Outcome::Nobody,
        }
    }
}

/// Makes tokens by a root key.
struct Biscuits {
    key: String,
    settings: Settings,
}

impl Biscuits {
    fn new(folder: &Path) -> Self {
        let key = folder.join("root.key");
        claviger_auth_biscuit::keygen(&key).unwrap();
        let key = key.display().to_string();
        let settings = Settings::new(folder.to_owned(), [("biscuit-root-key-file", key.clone())]);
        Self { key, settings }
    }

    /// The header line with a token of alice's, about an operation.
    fn header(&self, operation: OperationCode, narrowed: Narrowed) -> String {
        let name = |operation: OperationCode| {
            let known = OperationCode::VALUES.iter().find(|(code, _)| *code == operation.0);
            known.map_or_else(|| format!("{:#010X}", operation.0), |(_, name)| (*name).to_owned())
        };
        let now = i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
        let whole = Attenuation::default();
        let to = match narrowed {
            Narrowed::It => {
                Attenuation { operations: vec![name(operation), name(OperationCode::CREATE)], ..whole }
            }
            Narrowed::Others => Attenuation { operations: vec!["Query".into(), "Locate".into()], ..whole },
            Narrowed::OtherObjects => Attenuation { objects: vec!["another".into()], ..whole },
            Narrowed::ThePast => Attenuation { until: Some(now - 1), ..whole },
        };
        let token = mint_token(&self.settings, "alice", &[], Attenuation::default(), now).unwrap();
        format!("authorization: Bearer {}", to.narrow(&token).unwrap())
    }
}

fn id_of(row: &Row, whose: &str, state: State) -> String {
    format!("{}-{whose}-{state:?}", row.name)
}

/// Puts the objects of the matrix and the grants on them into the database, as others may have made them.
fn fill(folder: &Path, rows: &[Row]) {
    let mut change = ChangeSet::default();
    let mut put = |object: RecordBuilder, grant: Option<(Subject, OperationCode)>| {
        let put = object.put();
        let object: ObjectId = put.id.clone();
        change.grants.extend(grant.map(|(subject, operation)| Grant { object, subject, operation }));
        change.puts.push(put);
    };
    put(key("wrapped", State::ACTIVE), Some((Subject::Everyone, OperationCode::GET)));
    for row in rows {
        for state in STATES {
            for caller in CALLERS {
                put(subject(row, &id_of(row, &format!("{caller:?}"), state), state), caller.holds(row));
            }
            for narrowed in NARROWED {
                put(subject(row, &id_of(row, narrowed.name(), state), state), None);
            }
        }
    }
    let sqlite = linked().iter().find_map(|entry| match entry.kind {
        EntryKind::Store(factory) if factory.name() == "sqlite" => Some(factory),
        _ => None,
    });
    let settings = Settings::new(folder.to_owned(), [("sqlite-path", "./sqlite-data".to_owned())]);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let source: Arc<dyn StoreSource> = sqlite.unwrap().start(&settings, false).await.unwrap();
        source.open(&ConnectionFacts::internal()).unwrap().apply(change).await.unwrap();
    });
}

fn call(client: &mut Client, headers: &[&str], operation: OperationCode, request: Value) -> Outcome {
    let Value::Structure(fields) = request else { panic!("a payload is a structure") };
    match send(client, headers, operation, fields) {
        Some(response) => response.batch_item[0].result_reason.map_or(Outcome::Past, Outcome::of),
        None => Outcome::Nobody,
    }
}

/// The response, unless nobody is proven.
fn send(
    client: &mut Client,
    headers: &[&str],
    operation: OperationCode,
    fields: Vec<Ttlv>,
) -> Option<ResponseMessage> {
    let request = claviger_kmip::codec::binary::encode(&message(vec![(operation, fields)]));
    let all = [headers, &["content-type: application/octet-stream"]].concat();
    let answer = client.send("POST", "/kmip", &all, &request);
    if answer.status == 401 {
        return None;
    }
    assert_eq!(answer.status, 200, "{operation:?}: {}", answer.text());
    let limits = claviger_kmip::codec::limits::Limits::default();
    let response = claviger_kmip::codec::binary::decode(&answer.body, &limits).unwrap();
    Some(ResponseMessage::from_value(response.tag, response.value).unwrap())
}

/// The operations are those that the server itself names.
fn assert_every_operation_has_a_row(client: &mut Client, headers: &[&str], rows: &[Row]) {
    let (operation, fields) = query();
    let response = send(client, headers, operation, fields).unwrap();
    let Value::Structure(told) = response.batch_item[0].response_payload.clone().unwrap().into_value() else {
        panic!("a payload is a structure")
    };
    let codes: Vec<OperationCode> = told
        .iter()
        .filter(|field| field.tag == Tag::OPERATION)
        .map(|field| match field.value {
            Value::Enumeration(code) => OperationCode(code),
            ref other => panic!("{other:?}"),
        })
        .collect();
    assert!(codes.len() > 50, "{}", codes.len());
    for code in codes {
        let has_row = rows.iter().any(|row| row.code == code);
        // PKCS#11 names its objects within its own payload; tokens are none.
        let others =
            [OperationCode::PKCS_11, MINT_TOKEN, REVOKE_TOKEN, REVOKE_TOKEN_IDENTIFIER].contains(&code);
        let is_elsewhere = NO_OBJECT.contains(&code) || others;
        assert!(has_row || is_elsewhere, "{code:?} needs a row in the table");
    }
}
