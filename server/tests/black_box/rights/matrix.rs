//! The admission matrix through HTTPS: every operation on an object × the right that is held × who calls, each by a token or
//! a certificate. What is expected is what the specification says in the table that the engine is tested by; the states of
//! objects are tested there.

use std::path::Path;
use std::sync::Arc;

use claviger_auth_biscuit::{MINT_TOKEN, REVOKE_TOKEN, REVOKE_TOKEN_IDENTIFIER};
use claviger_kmip::field::TtlvValue as _;
use claviger_kmip::message::ResponseMessage;
use claviger_kmip::tables::enumerations::{OperationCode, State};
use claviger_kmip::{Tag, Ttlv, Value};
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::plugin::{EntryKind, linked};
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::{ChangeSet, Grant, StoreSource, Subject};
use claviger_plugin_sdk::testkit::RecordBuilder;
use claviger_storage_sql as _;

use super::table::{CALLERS, CREATORS, Caller, NO_OBJECT, OPERATOR, Outcome, Row, key, rows, subject};
use super::tokens::Tokens;
use crate::certificates::{connect, make, pem_settings};
use crate::client::Client;
use crate::kmip_forms::{message, query};
use crate::server_process::ServerProcess;

/// The place of Active among the states of the table.
const ACTIVE: usize = 1;

#[test]
fn every_operation_admits_whom_the_specification_says_over_https() {
    let folder = tempfile::tempdir().unwrap();
    let rows = rows();
    fill(folder.path(), &rows);
    let (certificates, tokens) = (make(folder.path()), Tokens::start());
    let mut settings = pem_settings(&certificates);
    settings.extend(tokens.settings());
    let authority = certificates.authority().display().to_string();
    let creators = CREATORS.join(",");
    settings.extend(
        ["--authority-cert-file", &authority, "--auth-require", "any", "--operators", OPERATOR]
            .map(str::to_owned),
    );
    settings.extend(["--creators".to_owned(), creators]);
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let server = ServerProcess::start(folder.path(), &settings);
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for caller in CALLERS {
        // Alice and bob have certificates, all others tokens.
        let certificate = Some(caller.user()).filter(|user| ["alice", "bob"].contains(user));
        let mut client = Client::over(connect(server.http, &certificates, certificate, &["http/1.1"]));
        let token = certificate.is_none().then(|| tokens.header(caller.user(), caller.groups()));
        let headers: Vec<&str> = token.iter().map(String::as_str).collect();
        if caller == Caller::Owner {
            assert_every_operation_has_a_row(&mut client, &headers, &rows);
        }
        for row in &rows {
            let id = id_of(row, caller);
            let found = call(&mut client, &headers, row.code, (row.request)(&id));
            let expected = caller.expected(row, ACTIVE);
            asked += 1;
            if found != expected {
                wrong.push(format!("{id}: {found:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {asked}: {wrong:#?}", wrong.len());
}

fn id_of(row: &Row, caller: Caller) -> String {
    format!("{}-{caller:?}", row.name)
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
        for caller in CALLERS {
            put(subject(row, &id_of(row, caller), State::ACTIVE), caller.holds(row));
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
    let response = send(client, headers, operation, fields);
    response.batch_item[0].result_reason.map_or(Outcome::Past, Outcome::of)
}

fn send(
    client: &mut Client,
    headers: &[&str],
    operation: OperationCode,
    fields: Vec<Ttlv>,
) -> ResponseMessage {
    let request = claviger_kmip::codec::binary::encode(&message(vec![(operation, fields)]));
    let all = [headers, &["content-type: application/octet-stream"]].concat();
    let answer = client.send("POST", "/kmip", &all, &request);
    assert_eq!(answer.status, 200, "{operation:?}: {}", answer.text());
    let limits = claviger_kmip::codec::limits::Limits::default();
    let response = claviger_kmip::codec::binary::decode(&answer.body, &limits).unwrap();
    ResponseMessage::from_value(response.tag, response.value).unwrap()
}

/// The operations are those that the server itself names.
fn assert_every_operation_has_a_row(client: &mut Client, headers: &[&str], rows: &[Row]) {
    let (operation, fields) = query();
    let response = send(client, headers, operation, fields);
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
