//! The audit log of a running server, and callers who are refused too often.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use claviger_kmip::codec::binary;
use claviger_kmip::tables::enumerations::{AsynchronousIndicator, ResultReason};
use claviger_kmip::{Tag, Ttlv, Value};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value as Json, json};
use xtask::certificates::Certificates;

use crate::certificates::{client_config, connect, connect_with, make, pem_settings};
use crate::client::Client;
use crate::credentials::{file_of, password, reasons, with};
use crate::high_availability::ledger::Ledger;
use crate::kmip_forms::{create, message, query};
use crate::server_process::{ServerProcess, command};
use crate::ttlv_socket::{read, start_with};

/// What `claviger-server audit …` says of the log in a folder.
fn audit(folder: &Path, arguments: &[&str]) -> Output {
    command(folder).arg("audit").args(arguments).output().unwrap()
}

fn verify(folder: &Path) -> Result<String, String> {
    let output = audit(folder, &["verify"]);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    match output.status.code() {
        Some(0) => Ok(text(output.stdout)),
        Some(1) => Err(text(output.stderr)),
        _ => panic!("{output:?}"),
    }
}

fn records(folder: &Path) -> Vec<Json> {
    let text = fs::read_to_string(folder.join("audit.jsonl")).unwrap();
    text.lines().flat_map(|line| of_line(serde_json::from_str(line).unwrap())).collect()
}

/// The records that share a line, as the manual says how to read them.
fn of_line(mut line: Json) -> Vec<Json> {
    let more = line.as_object_mut().unwrap().remove("more").unwrap_or(json!([]));
    let mut records = vec![line.clone()];
    for other in more.as_array().unwrap() {
        let mut record = line.clone();
        record.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        records.push(record);
    }
    records
}

/// Waits until a record is in the log: audit is written a moment after the answer.
pub(crate) fn wait_for(folder: &Path, wanted: impl Fn(&Json) -> bool) -> Json {
    let start = Instant::now();
    loop {
        if let Some(record) = records(folder).into_iter().find(|record| wanted(record)) {
            return record;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{:#?}", records(folder));
        thread::sleep(Duration::from_millis(20));
    }
}

fn stop(mut server: ServerProcess) {
    server.signal("TERM");
    assert!(server.wait().success());
}

#[test]
fn a_log_is_whole_after_servers_were_killed_under_load() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::default();
    for round in 0..4 {
        let server = ServerProcess::start(folder.path(), &["--audit-required", "writes"]);
        ledger.under_load(
            || Client::try_connect(server.http),
            || {
                ledger.wait_for(10, Duration::from_secs(60));
                thread::sleep(Duration::from_millis(13 * round));
                server.signal("KILL");
            },
        );
    }
    stop(ServerProcess::start(folder.path(), &[]));
    let told = verify(folder.path()).unwrap();
    assert!(told.contains("is whole: lines 1 to") && told.contains("Its last line is signed."), "{told}");
    let starts = records_with_gaps(folder.path(), "start");
    assert_eq!(starts, 4, "and one that began the log");
}

/// How many events of this name there are; a torn line is no JSON.
fn records_with_gaps(folder: &Path, event: &str) -> usize {
    let text = String::from_utf8_lossy(&fs::read(folder.join("audit.jsonl")).unwrap()).into_owned();
    text.lines().filter(|line| line.contains(&format!(",\"event\":\"{event}\","))).count()
}

#[test]
fn the_commands_show_export_and_verify_what_was_done_and_find_what_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let answer = server.client().kmip(&message(vec![create(), query()]));
    assert_eq!(reasons(answer), [None, None]);
    stop(server);
    verify(folder.path()).unwrap();
    let shown = audit(folder.path(), &["show", "--operation", "Create", "--result", "success"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.lines().count() == 1 && shown.contains("admin  from 127.0.0.1  Create"), "{shown}");
    let shown = audit(folder.path(), &["show", "--json", "--last", "1"]);
    assert_eq!(serde_json::from_slice::<Json>(&shown.stdout).unwrap()["event"], "head");
    let part = folder.path().join("part.jsonl").display().to_string();
    let exported = audit(folder.path(), &["export", "--from-line", "3", "--output", &part]);
    assert!(exported.status.success(), "{exported:?}");
    let key = folder.path().join("audit.pub");
    fs::write(&key, audit(folder.path(), &["public-key"]).stdout).unwrap();
    let proof = format!("{part}.proof");
    let key = key.display().to_string();
    let elsewhere = tempfile::tempdir().unwrap();
    let of_part = ["verify", &part, "--partial", "--public-key", &key, "--head", &proof];
    let verified = audit(elsewhere.path(), &of_part);
    assert!(verified.status.success(), "{verified:?}");
    let log = folder.path().join("audit.jsonl");
    let changed = fs::read_to_string(&log).unwrap().replacen("\"Create\"", "\"Decoy\"", 1);
    fs::write(&log, changed).unwrap();
    let found = verify(folder.path()).unwrap_err();
    assert!(found.contains("audit.jsonl line ") && found.contains("that one was changed"), "{found}");
}

#[test]
fn every_item_of_a_message_is_shown_by_itself_with_who_asked_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    assert_eq!(reasons(server.client().kmip(&message(vec![query(); 100]))), [None; 100]);
    stop(server);
    verify(folder.path()).unwrap();
    let text = fs::read_to_string(folder.path().join("audit.jsonl")).unwrap();
    assert!(text.lines().count() < 100 && text.contains(",\"more\":["), "{text}");
    let shown = |arguments: &[&str]| {
        let shown = audit(folder.path(), &[&["show", "--operation", "Query"], arguments].concat());
        String::from_utf8(shown.stdout).unwrap()
    };
    let records: Vec<Json> =
        shown(&["--json"]).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (item, record) in records.iter().enumerate() {
        let who = (&record["item"], &record["user"], &record["peer"]);
        assert_eq!(who, (&json!(item), &json!("admin"), &json!("127.0.0.1")), "{record}");
        let what = (&record["request"], &record["result"], record.get("more"));
        assert_eq!(what, (&records[0]["request"], &json!("Success"), None), "{record}");
    }
    assert_eq!((records.len(), shown(&[]).lines().count()), (100, 100));
    assert!(shown(&["--last", "1"]).contains(".99  admin  from 127.0.0.1  Query"), "{}", shown(&[]));
    let table = folder.path().join("table.csv").display().to_string();
    let exported = audit(folder.path(), &["export", "--format", "csv", "--output", &table]);
    assert!(exported.status.success(), "{exported:?}");
    let table = fs::read_to_string(table).unwrap();
    assert_eq!(table.lines().filter(|row| row.contains(",admin,") && row.contains(",Query,")).count(), 100);
}

#[test]
fn an_asynchronous_request_is_recorded_with_where_it_came_from_also_by_a_server_that_begins_later() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &["--audit-required", "writes"]);
    let mut asked = message(vec![create(), create()]);
    let Value::Structure(parts) = &mut asked.value else { panic!() };
    let Value::Structure(header) = &mut parts[0].value else { panic!() };
    let mandatory = AsynchronousIndicator::MANDATORY.0;
    header.insert(1, Ttlv::new(Tag::ASYNCHRONOUS_INDICATOR, Value::Enumeration(mandatory)));
    let headers = ["content-type: application/octet-stream", "x-request-id: trace-7"];
    assert_eq!(server.client().send("POST", "/kmip", &headers, &binary::encode(&asked)).status, 200);
    stop(server);
    let server = ServerProcess::start(folder.path(), &[]);
    wait_for(folder.path(), |record| record["item"] == 1 && record["result"] == "Success");
    stop(server);
    verify(folder.path()).unwrap();
    let records = records(folder.path());
    let told: Vec<_> = records.iter().filter(|record| record["request_id"] == "trace-7").collect();
    assert_eq!(told[0]["event"], "intent", "{told:#?}");
    for item in [0, 1] {
        let of_item = told.iter().filter(|record| record["item"] == item && record.get("event").is_none());
        let [taken, done] = of_item.collect::<Vec<_>>()[..] else { panic!("{told:#?}") };
        assert_eq!((&taken["result"], &taken["objects"]), (&json!("OperationPending"), &json!([])));
        assert_eq!((&done["result"], &done["asynchronous"]), (&json!("Success"), &taken["asynchronous"]));
        assert_eq!(done["objects"].as_array().unwrap().len(), 1, "{done}");
    }
    for record in told {
        let (peer, transport) = (&record["peer"], &record["transport"]);
        assert_eq!((peer, transport), (&json!("127.0.0.1"), &json!("http")), "{record}");
        assert_eq!(record["asynchronous"].as_str().map(str::len), Some(32), "{record}");
    }
}

#[test]
fn the_database_keeps_the_head_where_the_files_were_rolled_back() {
    let folder = tempfile::tempdir().unwrap();
    stop(ServerProcess::start(folder.path(), &[]));
    let path = |name: &str| folder.path().join(name);
    let (log, head) = (path("audit.jsonl"), path("audit.jsonl.head"));
    let early = (fs::read(&log).unwrap(), fs::read(&head).unwrap());
    let server = ServerProcess::start(folder.path(), &[]);
    server.client().kmip(&message(vec![create()]));
    stop(server);
    fs::write(&log, early.0).unwrap();
    fs::write(&head, early.1).unwrap();
    verify(folder.path()).unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    assert!(server.log().contains("THE AUDIT LOG WAS CUT OFF"), "{}", server.log());
    stop(server);
    assert!(verify(folder.path()).unwrap_err().contains("the log was cut off here"));
}

#[test]
fn a_log_in_the_database_is_verified_shown_and_exported_beside_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let in_database = ["--audit-database", "--audit-required", "writes", "--audit-file", "none"];
    let server = ServerProcess::start(folder.path(), &in_database);
    assert_eq!(reasons(server.client().kmip(&message(vec![create(), query()]))), [None, None]);
    let said = |arguments: &[&str]| {
        let mut command = command(folder.path());
        let output = command.args(["--audit-file", "none", "audit"]).args(arguments).output().unwrap();
        match output.status.success() {
            true => Ok(String::from_utf8(output.stdout).unwrap()),
            false => Err(String::from_utf8(output.stderr).unwrap()),
        }
    };
    let told = said(&["verify", "--database"]).unwrap();
    assert!(told.contains("is whole: lines 1 to"), "{told}");
    let shown = said(&["show", "--database", "--operation", "Create", "--json"]).unwrap();
    assert!(shown.contains("\"event\":\"intent\""), "{shown}");
    assert!(said(&["show", "--database", "--follow"]).unwrap_err().contains("--follow is for files"));
    stop(server);
    let part = folder.path().join("part.jsonl").display().to_string();
    said(&["export", "--database", "--from-line", "2", "--output", &part]).unwrap();
    let proof = format!("{part}.proof");
    let verified = said(&["verify", &part, "--partial", "--head", &proof]).unwrap();
    assert!(verified.contains("is whole: lines 2 to"), "{verified}");
    // The newest document is removed: that with the last head.
    let log = fs::read_to_string(folder.path().join("audit.instance")).unwrap().trim().to_owned();
    let kept = folder.path().join("kept").display().to_string();
    fs::copy(folder.path().join("audit.instance.head"), &kept).unwrap();
    let file = folder.path().join("sqlite-data").join("claviger.db");
    let database = rusqlite::Connection::open(&file).unwrap();
    let sql = "DELETE FROM document WHERE kind = 'audit' AND id = (SELECT max(id) FROM document WHERE kind = 'audit')";
    assert_eq!(database.execute(sql, []).unwrap(), 1);
    drop(database);
    let found = said(&["verify", "--database"]).unwrap_err();
    assert!(found.contains("the log was cut off"), "{found}");
    // All of it, and the database names it nowhere any more: the head in the data folder does.
    let all = "DELETE FROM document WHERE kind LIKE 'audit%'";
    assert!(rusqlite::Connection::open(&file).unwrap().execute(all, []).unwrap() > 1);
    let found = said(&["verify", "--database"]).unwrap_err();
    assert!(found.contains(&log) && found.contains("there is nothing in it"), "{found}");
    fs::remove_file(folder.path().join("audit.instance.head")).unwrap();
    let found = said(&["verify", "--database"]).unwrap_err();
    assert!(found.contains("there is no audit log in the database"), "{found}");
    // Whoever kept the name, and a head elsewhere, misses it by these.
    let found = said(&["verify", "--database", "--log", &log, "--head", &kept]).unwrap_err();
    assert!(found.contains(&log) && found.contains("there is nothing in it"), "{found}");
}

#[test]
fn a_change_that_cannot_be_audited_fails_where_that_is_required_and_nowhere_else() {
    for (required, fails) in [("writes", true), ("nothing", false)] {
        let folder = tempfile::tempdir().unwrap();
        let server = ServerProcess::start(folder.path(), &["--audit-required", required]);
        let mut client = server.client();
        let mut make = || reasons(client.kmip(&message(vec![create()])))[0];
        assert_eq!(make(), None);
        fs::remove_file(folder.path().join("audit.jsonl")).unwrap();
        let expected = fails.then_some(ResultReason::GENERAL_FAILURE);
        assert_eq!(make(), expected, "{required}");
        // A new file is begun.
        let start = Instant::now();
        while make().is_some() {
            assert!(start.elapsed() < Duration::from_secs(20));
            thread::sleep(Duration::from_millis(100));
        }
        stop(server);
        if fails {
            assert!(verify(folder.path()).unwrap_err().contains("those before are missing"));
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let refused =
        command(folder.path()).args(["--audit-required", "writes", "--audit-file", "none"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
}

#[test]
fn an_address_that_shows_too_many_wrong_tokens_is_told_when_to_come_again() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody has to be asked to see that these are no tokens.
    let settings = [
        "--jwt-issuer-uri",
        "http://127.0.0.1:9",
        "--jwt-audience",
        "kms",
        "--auth-failures-per-minute",
        "5",
    ];
    let server = ServerProcess::start(folder.path(), &settings);
    let mut client = server.client();
    let mut status = |headers: &[&str]| {
        let answer = client.send("POST", "/kmip_2_1", headers, b"{}");
        assert_eq!(answer.body.len(), 0);
        (answer.status, answer.head.to_ascii_lowercase().contains("retry-after: "))
    };
    for _ in 0..20 {
        assert_eq!(status(&[]), (401, false), "who shows nothing guesses nothing");
    }
    for _ in 0..5 {
        assert_eq!(status(&["authorization: Bearer guess"]), (401, false));
    }
    let more: Vec<_> = (0..500).map(|_| status(&["authorization: Bearer guess"])).collect();
    let held_off = more.iter().filter(|told| **told == (429, true)).count();
    let looked_at = more.iter().filter(|told| **told == (401, false)).count();
    assert!(looked_at < 20 && held_off + looked_at == 500, "{looked_at} were looked at");
    let refused = wait_for(folder.path(), |record| {
        record["refusal"]
            .as_str()
            .is_some_and(|why| why.contains("a bearer token of a form that it does not read"))
    });
    assert_eq!((&refused["peer"], &refused["user"]), (&json!("127.0.0.1"), &Json::Null));
    stop(server);
    let records = records(folder.path());
    let refused = records.iter().filter(|record| record.get("refusal").is_some()).count();
    assert!(refused < 60, "{refused} records of refused callers");
    let counted: u64 = records.iter().filter_map(|record| record["repeated"].as_u64()).sum();
    assert_eq!(counted, held_off as u64);
    assert!(!format!("{records:?}").contains("guess"));
}

#[test]
fn who_was_accepted_before_is_let_in_beside_somebody_who_guesses() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_of(folder.path(), &["Fred", "Ginger"]);
    let server = ServerProcess::start(
        folder.path(),
        &["--credentials-file", &file, "--auth-failures-per-minute", "10"],
    );
    let mut client = server.client();
    let mut ask = |user: &str, secret: &str| {
        reasons(client.kmip(&with(vec![password(user, secret)], message(vec![query()]))))[0]
    };
    let nobody = Some(ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
    assert_eq!(ask("Fred", "password1"), None);
    for guess in 0..10 {
        assert_eq!(ask(&format!("user{guess}"), "guess"), nobody);
    }
    assert_eq!(ask("Ginger", "password1"), nobody, "the address has to wait");
    assert_eq!(ask("Fred", "password1"), None);
    let ginger = binary::encode(&with(vec![password("Ginger", "password1")], message(vec![query()])));
    let told = client.send("POST", "/kmip", &["content-type: application/octet-stream"], &ginger);
    assert!(told.head.to_ascii_lowercase().contains("retry-after: "), "{}", told.head);
    let mut ask = |user: &str, secret: &str| {
        reasons(client.kmip(&with(vec![password(user, secret)], message(vec![query()]))))[0]
    };
    let start = Instant::now();
    while ask("Ginger", "password1").is_some() {
        assert!(start.elapsed() < Duration::from_secs(30));
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn on_the_socket_the_answer_waits_to_whoever_has_to_wait() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_of(folder.path(), &["Fred"]);
    let settings = ["--credentials-file", &file, "--auth-require", "any", "--auth-failures-per-minute", "3"];
    let (server, certificates) = start_with(folder.path(), &settings);
    let mut stream = connect(server.ttlv.unwrap(), &certificates, None, &[]);
    let mut ask = |secret: &str| {
        let start = Instant::now();
        let sent = binary::encode(&with(vec![password("Fred", secret)], message(vec![query()])));
        stream.write_all(&sent).unwrap();
        (reasons(read(&mut stream).unwrap())[0], start.elapsed())
    };
    let nobody = Some(ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
    for guess in 0..3 {
        assert_eq!(ask(&guess.to_string()).0, nobody);
    }
    let (answer, took) = ask("password1");
    assert_eq!(answer, nobody, "it is not looked at");
    assert!(took > Duration::from_millis(500), "{took:?}");
    // The connection goes on, and so does the client, who has waited.
    let start = Instant::now();
    while ask("password1").0.is_some() {
        assert!(start.elapsed() < Duration::from_secs(30));
    }
}

#[test]
fn a_certificate_that_is_not_good_is_audited() {
    let folder = tempfile::tempdir().unwrap();
    let (own, other) = (folder.path().join("own"), folder.path().join("other"));
    fs::create_dir_all(&own).unwrap();
    fs::create_dir_all(&other).unwrap();
    let (own, other) = (make(&own), make(&other));
    let mut settings = pem_settings(&own);
    settings.extend(["--authority-cert-file".to_owned(), own.authority().display().to_string()]);
    let arguments: Vec<&str> = settings.iter().map(String::as_str).collect();
    let server = ServerProcess::start(folder.path(), &arguments);
    for (place, transport) in [(server.http, "https"), (server.ttlv.unwrap(), "ttlv")] {
        for (config, why) in [
            (client_config(&own, None, &[]), "peer sent no certificates"),
            (of_stranger(&own, &other), "invalid peer certificate"),
        ] {
            // The client may hear of it, or not yet.
            let _ = connect_with(place, config.into()).write_all(b"x");
            let told = wait_for(folder.path(), |record| {
                let refusal = record["refusal"].as_str().unwrap_or_default();
                record["transport"] == transport && refusal.contains(why)
            });
            assert!(
                told["refusal"].as_str().unwrap().starts_with("refused by TLS: client certificate"),
                "{told}"
            );
            assert_eq!((&told["peer"], &told["result"]), (&json!("127.0.0.1"), &json!("OperationFailed")));
        }
    }
}

/// A client with a certificate that another authority has signed.
fn of_stranger(own: &Certificates, other: &Certificates) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(own.authority()).unwrap()).unwrap();
    let identity = other.user("alice");
    let chain = vec![CertificateDer::from_pem_file(identity.certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_file(identity.key).unwrap();
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .unwrap()
}
