//! Tokens that their holders narrow, from the command that makes them to requests on every transport.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use base64ct::Encoding as _;
use claviger_auth_biscuit::MINT_TOKEN;
use claviger_kmip::codec::{binary, limits::Limits};
use claviger_kmip::field::TtlvValue as _;
use claviger_kmip::message::ResponseMessage;
use claviger_kmip::tables::enumerations::{CredentialType, OperationCode, ResultReason};
use claviger_kmip::{Tag, Ttlv, Value};
use serde_json::{Value as Json, json};

use crate::audit::wait_for;
use crate::certificates::connect;
use crate::client::{Answer, Client};
use crate::credentials::{credential, file_of, file_of_bound, password, reasons, with};
use crate::kmip_forms::{create, message};
use crate::server_process::{ServerProcess, bare_command};
use crate::ttlv_socket::{read, start_with};

const NOBODY: Option<ResultReason> = Some(ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
const DENIED: Option<ResultReason> = Some(ResultReason::PERMISSION_DENIED);

/// A folder with a root key.
struct Place {
    folder: tempfile::TempDir,
    key: String,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("root.key").display().to_string();
        let public = command(&["keygen", &key]);
        assert!(public.starts_with("ed25519/"), "{public}");
        Self { folder, key }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn server(&self, further: &[&str]) -> ServerProcess {
        ServerProcess::start(self.path(), &[&["--biscuit-root-key-file", &self.key], further].concat())
    }

    /// A token of a user.
    fn mint(&self, user: &str, further: &[&str]) -> String {
        let mint = ["mint", "--biscuit-root-key-file", &self.key, "--user", user];
        command(&[&mint, further].concat())
    }
}

/// What `claviger-server token` prints.
pub(crate) fn command(arguments: &[&str]) -> String {
    let output = bare_command().arg("token").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

fn attenuate(token: &str, options: &[&str]) -> String {
    command(&[&["attenuate", token], options].concat())
}

/// Sends items with a bearer token; the response, unless nobody is proven.
fn send(client: &mut Client, token: &str, items: Vec<(OperationCode, Vec<Ttlv>)>) -> Result<Ttlv, u16> {
    let bearer = format!("authorization: Bearer {token}");
    let headers = ["content-type: application/octet-stream", &bearer];
    let answer = client.send("POST", "/kmip", &headers, &binary::encode(&message(items)));
    match answer.status {
        200 => Ok(binary::decode(&answer.body, &Limits::default()).unwrap()),
        status => Err(status),
    }
}

fn outcome(client: &mut Client, token: &str, operation: (OperationCode, Vec<Ttlv>)) -> Option<ResultReason> {
    match send(client, token, vec![operation]) {
        Ok(response) => reasons(response)[0],
        Err(401) => NOBODY,
        Err(status) => panic!("{status}"),
    }
}

fn identifier(id: &str) -> Ttlv {
    Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString(id.to_owned()))
}

fn get(id: &str) -> (OperationCode, Vec<Ttlv>) {
    (OperationCode::GET, vec![identifier(id)])
}

/// The identifiers in the payload of the only item of a response.
fn identifiers(response: Ttlv) -> Vec<String> {
    let response = ResponseMessage::from_value(response.tag, response.value).unwrap();
    let payload = response.batch_item.into_iter().next().unwrap().response_payload.unwrap().into_value();
    let Value::Structure(fields) = payload else { panic!() };
    let fields = fields.into_iter().filter(|field| field.tag == Tag::UNIQUE_IDENTIFIER);
    fields
        .map(|field| match field.value {
            Value::TextString(id) => id,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn made(client: &mut Client, token: &str) -> String {
    identifiers(send(client, token, vec![create()]).unwrap()).remove(0)
}

fn post(client: &mut Client, path: &str, token: Option<&str>, body: &Json) -> Answer {
    let bearer = token.map(|token| format!("authorization: Bearer {token}"));
    let headers: Vec<&str> =
        ["content-type: application/json"].into_iter().chain(bearer.as_deref()).collect();
    client.send("POST", path, &headers, body.to_string().as_bytes())
}

#[test]
fn a_token_acts_as_its_user_and_a_narrowed_one_does_less() {
    let place = Place::new();
    let server = place.server(&[]);
    let mut client = server.client();
    let token = place.mint("alice", &["--groups", "backup"]);
    let (one, other) = (made(&mut client, &token), made(&mut client, &token));
    assert_eq!(outcome(&mut client, &format!("biscuit:{token}"), get(&one)), None);
    assert_eq!(
        outcome(&mut client, &place.mint("bob", &[]), get(&one)),
        Some(ResultReason::OBJECT_NOT_FOUND)
    );

    let narrowed = attenuate(&token, &["--objects", &one]);
    assert_eq!(outcome(&mut client, &narrowed, get(&one)), None);
    assert_eq!(outcome(&mut client, &narrowed, get(&other)), DENIED);
    // It finds no others, makes none, and does nothing without one.
    let found = send(&mut client, &narrowed, vec![(OperationCode::LOCATE, Vec::new())]).unwrap();
    assert_eq!(identifiers(found), [one.as_str()]);
    assert_eq!(outcome(&mut client, &narrowed, create()), DENIED);
    let random = (OperationCode::RNG_RETRIEVE, vec![Ttlv::new(Tag::DATA_LENGTH, Value::Integer(8))]);
    assert_eq!(outcome(&mut client, &narrowed, random.clone()), DENIED);
    assert_eq!(outcome(&mut client, &token, random), None);

    let locates = attenuate(&narrowed, &["--operations", "Locate,Get"]);
    assert_eq!(outcome(&mut client, &locates, get(&one)), None);
    assert_eq!(outcome(&mut client, &locates, get(&other)), DENIED);
    let destroy = (OperationCode::DESTROY, vec![identifier(&one)]);
    assert_eq!(outcome(&mut client, &locates, destroy), DENIED);
    let of_pairs = attenuate(&token, &["--types", "PrivateKey"]);
    assert_eq!(outcome(&mut client, &of_pairs, get(&one)), DENIED);
    assert!(!server.log().contains(&token), "the log has the token");
}

#[test]
fn tags_narrow_what_rest_clients_do() {
    let place = Place::new();
    let server = place.server(&[]);
    let mut client = server.client();
    let token = place.mint("alice", &[]);
    let tagged = attenuate(&token, &["--tags", "blue"]);
    let mut create = |token: &str, tag: &str| {
        let body = json!({"tag": "Create", "type": "Structure", "value": [
            {"tag": "ObjectType", "type": "Enumeration", "value": "SymmetricKey"},
            {"tag": "Attributes", "type": "Structure", "value": [
                {"tag": "CryptographicAlgorithm", "type": "Enumeration", "value": "AES"},
                {"tag": "CryptographicLength", "type": "Integer", "value": 256},
                {"tag": "CryptographicUsageMask", "type": "Integer", "value": 12},
                {"tag": "ObjectType", "type": "Enumeration", "value": "SymmetricKey"},
                {"tag": "VendorAttributes", "type": "Structure", "value": [
                    {"tag": "VendorAttributes", "type": "Structure", "value": [
                        {"tag": "VendorIdentification", "type": "TextString", "value": "cosmian"},
                        {"tag": "AttributeName", "type": "TextString", "value": "tag"},
                        {"tag": "AttributeValue", "type": "TextString", "value": format!("[\"{tag}\"]")}
                    ]}
                ]}
            ]}
        ]});
        post(&mut client, "/kmip_2_1", Some(token), &body)
    };
    let blue = create(&tagged, "blue");
    assert_eq!(blue.status, 200, "{}", blue.text());
    let red = create(&tagged, "red");
    assert_ne!(red.status, 200, "{}", red.text());
    assert_eq!(create(&token, "red").status, 200);
}

#[test]
fn what_is_no_token_of_this_server_is_refused() {
    let (place, elsewhere) = (Place::new(), Place::new());
    let server = place.server(&[]);
    let mut client = server.client();
    let token = place.mint("alice", &[]);
    let over = place.mint("alice", &["--expires", "2001-01-01T00:00:00Z"]);
    let cut_off = &token[..token.len() - 8];
    for wrong in [&elsewhere.mint("alice", &[]), &over, cut_off, "biscuit:", "other"] {
        let answer = send(&mut client, wrong, vec![create()]);
        assert_eq!(answer, Err(401), "{wrong}");
        assert_eq!(post(&mut client, "/kmip_2_1", Some(wrong), &json!({})).status, 401);
        assert_eq!(post(&mut client, "/token", Some(wrong), &json!({})).status, 401);
    }
    // The holder of a token cannot undo what narrows it.
    let narrowed = attenuate(&token, &["--operations", "Get"]);
    let widened = attenuate(&narrowed, &["--operations", "Create,Get"]);
    assert_eq!(outcome(&mut client, &widened, create()), DENIED);
}

#[test]
fn a_count_is_taken_by_each_item_before_it_runs() {
    let place = Place::new();
    let server = place.server(&[]);
    let mut client = server.client();
    let counted = attenuate(&place.mint("alice", &[]), &["--count", "3"]);
    let id = made(&mut client, &counted);
    assert!(send(&mut client, &counted, vec![get(&id), get(&id), get(&id)]).is_ok_and(is_refusal));
    assert_eq!(outcome(&mut client, &counted, get(&id)), None);
    assert_eq!(outcome(&mut client, &counted, get("nothing")), Some(ResultReason::OBJECT_NOT_FOUND));
    drop(server);
    // The count is in the storage.
    let server = place.server(&[]);
    let mut client = server.client();
    assert_eq!(outcome(&mut client, &counted, get(&id)), NOBODY);
    assert_eq!(outcome(&mut client, &attenuate(&counted, &["--count", "9"]), get(&id)), NOBODY);
}

fn is_refusal(response: Ttlv) -> bool {
    reasons(response) == [NOBODY]
}

#[test]
fn a_revoked_token_ends_with_all_that_were_made_from_it() {
    let place = Place::new();
    let server = place.server(&["--operators", "olga"]);
    let mut client = server.client();
    let token = place.mint("alice", &[]);
    let id = made(&mut client, &token);
    let child = attenuate(&token, &["--operations", "Get"]);
    let grandchild = attenuate(&child, &["--objects", &id]);
    // Whoever has it ends it, by itself even.
    let revoked = post(&mut client, "/token/revoke", Some(&child), &json!({ "token": child }));
    assert_eq!(revoked.status, 200, "{}", revoked.text());
    assert_eq!(outcome(&mut client, &child, get(&id)), NOBODY);
    assert_eq!(outcome(&mut client, &grandchild, get(&id)), NOBODY);
    let query = json!({"tag": "Query", "type": "Structure", "value": []});
    for (path, body) in [("/kmip_2_1", &query), ("/token", &json!({}))] {
        let refused = post(&mut client, path, Some(&child), body);
        assert_eq!((refused.status, refused.text().as_str()), (401, ""), "{path}");
        assert!(refused.head.to_ascii_lowercase().contains("www-authenticate: bearer"), "{}", refused.head);
    }
    assert_eq!(outcome(&mut client, &token, get(&id)), None);
    let shown = command(&["inspect", &child]);
    let id_of = |block: &str| {
        let line = shown.lines().find(|line| line.starts_with(block)).unwrap();
        json!({ "revocation_id": line.rsplit(' ').next().unwrap() })
    };
    let record = wait_for(place.path(), |record| record["operation"] == "RevokeToken");
    assert_eq!(record["details"], id_of("block 1"));
    // By its identifier it is for operators.
    let by_id = id_of("block 0");
    assert_eq!(post(&mut client, "/token/revoke", Some(&token), &by_id).status, 403);
    assert_eq!(post(&mut client, "/token/revoke", Some(&place.mint("olga", &[])), &by_id).status, 200);
    let record = wait_for(place.path(), |record| {
        record["operation"] == "RevokeTokenIdentifier" && record["result"] == "Success"
    });
    assert_eq!((&record["user"], &record["details"]), (&"olga".into(), &by_id));
    drop(server);
    let server = place.server(&[]);
    assert_eq!(outcome(&mut server.client(), &token, get(&id)), NOBODY);
    for wrong in [json!({ "token": "En0" }), json!({}), json!({ "revocation_id": "00" })] {
        let answer = post(&mut server.client(), "/token/revoke", Some(&place.mint("alice", &[])), &wrong);
        assert!([400, 403].contains(&answer.status), "{wrong}: {}", answer.text());
    }
}

#[test]
fn the_route_makes_tokens_for_whom_something_else_proves() {
    let place = Place::new();
    let flags =
        ["--biscuit-root-key-file", &place.key, "--biscuit-longest-lifetime", "600", "--auth-require", "any"];
    let (server, certificates) = start_with(place.path(), &flags);
    let mut alice = Client::over(connect(server.http, &certificates, Some("alice"), &[]));
    let asked = json!({"lifetime": 60, "operations": ["Create", "Get"], "uses": 2});
    let answer = post(&mut alice, "/token", None, &asked);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.head.to_ascii_lowercase().contains("cache-control: no-store"), "{}", answer.head);
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    let revocation_id = answer.json()["revocation_id"].as_str().unwrap().to_owned();
    assert!(command(&["inspect", &token]).contains(&revocation_id));
    // An operator can end it.
    let begin = Instant::now();
    while !server.log().contains(&revocation_id) {
        assert!(begin.elapsed() < Duration::from_secs(10), "{}", server.log());
    }
    let minted = wait_for(place.path(), |record| record["operation"] == "MintToken");
    assert_eq!(
        (&minted["user"], &minted["details"]),
        (&"alice".into(), &json!({"revocation_id": revocation_id}))
    );
    assert!(command(&["inspect", &token]).contains(answer.json()["expires"].as_str().unwrap()));
    // It proves alice, without her certificate.
    let mut anybody = Client::over(connect(server.http, &certificates, None, &[]));
    let id = made(&mut anybody, &token);
    assert_eq!(outcome(&mut anybody, &token, (OperationCode::DESTROY, vec![identifier(&id)])), DENIED);
    assert_eq!(outcome(&mut alice, "opaque", get(&id)), NOBODY);
    assert_eq!(send(&mut anybody, &token, vec![get(&id)]).map(is_refusal), Ok(true));

    let whole = post(&mut alice, "/token", None, &json!({})).json()["token"].as_str().unwrap().to_owned();
    assert_eq!(outcome(&mut anybody, &whole, get(&id)), None);
    // No token for a token.
    assert_eq!(post(&mut anybody, "/token", Some(&whole), &json!({})).status, 403);
    assert_eq!(post(&mut anybody, "/token", None, &json!({})).status, 401);
    assert_eq!(post(&mut alice, "/token", None, &json!({"lifetime": 601})).status, 400);
    assert_eq!(post(&mut alice, "/token", None, &json!({"operations": ["get"]})).status, 400);
    assert_eq!(post(&mut alice, "/token", None, &json!({"uses": 0})).status, 400);
    // The key was read at the start.
    std::fs::remove_file(&place.key).unwrap();
    assert_eq!(post(&mut alice, "/token", None, &json!({})).status, 200);
    assert_eq!(post(&mut alice, "/token/revoke", None, &json!({ "token": whole })).status, 200);
}

#[test]
fn whom_nothing_proves_at_a_route_is_refused_audited_and_counted() {
    let place = Place::new();
    let server = place.server(&[]);
    let mut client = server.client();
    let refused = post(&mut client, "/token", None, &json!({}));
    assert_eq!((refused.status, refused.text().as_str()), (401, ""));
    let metrics = client.send("GET", "/metrics", &[], b"").text();
    assert!(metrics.lines().any(|line| line == "claviger_refused_total 1"), "{metrics}");
    let told = wait_for(place.path(), |record| record["reason"] == "AuthenticationNotSuccessful");
    assert!(told["refusal"].as_str().unwrap().contains("no room for credentials"), "{told}");
}

#[test]
fn a_credential_that_is_bound_to_connections_gets_no_token_for_all() {
    for is_bound in [false, true] {
        let place = Place::new();
        let file = match is_bound {
            false => file_of(place.path(), &["Fred"]),
            true => file_of_bound(place.path(), &["Fred"], "alice"),
        };
        let flags = ["--biscuit-root-key-file", &place.key, "--credentials-file", &file];
        let flags = [&flags[..], &["--auth-require", "any"]].concat();
        let (server, certificates) = start_with(place.path(), &flags);
        let mut stream = connect(server.ttlv.unwrap(), &certificates, Some("alice"), &[]);
        let mut ask = |operation: OperationCode, fields: Vec<Ttlv>| {
            let sent = with(vec![password("Fred", "password1")], message(vec![(operation, fields)]));
            stream.write_all(&binary::encode(&sent)).unwrap();
            reasons(read(&mut stream).unwrap())[0]
        };
        assert_eq!(ask(create().0, create().1), None);
        assert_eq!(ask(MINT_TOKEN, Vec::new()), if is_bound { DENIED } else { None });
    }
}

#[test]
fn without_a_root_key_there_are_no_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let answer = post(&mut server.client(), "/token", None, &json!({}));
    assert_eq!(answer.status, 501, "{}", answer.text());
}

#[test]
fn a_token_is_a_credential_of_messages_on_the_socket() {
    let place = Place::new();
    let flags = ["--biscuit-root-key-file", &place.key, "--auth-require", "any"];
    let (server, certificates) = start_with(place.path(), &flags);
    let token = place.mint("alice", &[]);
    let narrowed = attenuate(&token, &["--operations", "Get"]);
    let ticket = |token: &str| {
        let bytes = base64ct::Base64Url::decode_vec(token).unwrap();
        let ticket = vec![
            Ttlv::new(Tag::TICKET_TYPE, Value::Enumeration(0x8000_0C01)),
            Ttlv::new(Tag::TICKET_VALUE, Value::ByteString(bytes.into())),
        ];
        vec![credential(CredentialType::TICKET, vec![Ttlv::structure(Tag::TICKET, ticket)])]
    };
    let as_password = |user: &str, token: &str| vec![password(user, &format!("biscuit:{token}"))];
    let mut stream = connect(server.ttlv.unwrap(), &certificates, None, &[]);
    let mut send = |message: Ttlv| {
        stream.write_all(&binary::encode(&message)).unwrap();
        read(&mut stream).unwrap()
    };
    let id = identifiers(send(with(ticket(&token), message(vec![create()])))).remove(0);
    for credentials in [ticket(&narrowed), as_password("alice", &narrowed), as_password("", &narrowed)] {
        assert_eq!(reasons(send(with(credentials.clone(), message(vec![get(&id)])))), [None]);
        let destroy = (OperationCode::DESTROY, vec![identifier(&id)]);
        assert_eq!(reasons(send(with(credentials, message(vec![destroy])))), [DENIED]);
    }
    for wrong in [as_password("bob", &token), ticket(&Place::new().mint("alice", &[])), Vec::new()] {
        assert_eq!(reasons(send(with(wrong, message(vec![get(&id)])))), [NOBODY]);
    }
}

#[test]
fn the_command_says_what_is_wrong() {
    let place = Place::new();
    let token = place.mint("alice", &[]);
    let refused = |arguments: &[&str]| {
        let output = bare_command().arg("token").args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(&["keygen", &place.key]).contains("cannot write"));
    assert!(refused(&["mint", "--user", "alice"]).contains("--biscuit-root-key-file"));
    assert!(refused(&["mint", "--biscuit-root-key-file", &place.key, "--user", "*"]).contains("nobody"));
    assert!(refused(&["attenuate", &token]).contains("narrowed to"));
    assert!(refused(&["attenuate", &token, "--operations", "get"]).contains("GetAttributes"));
    assert!(refused(&["attenuate", &token, "--types", "Key"]).contains("SymmetricKey"));
    assert!(refused(&["attenuate", &token, "--expires", "soon"]).contains("2030"));
    assert!(refused(&["attenuate", "x", "--count", "1"]).contains("no good"));
    assert!(refused(&["inspect", "x"]).contains("no good"));
}
