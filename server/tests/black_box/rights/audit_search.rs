//! What operators read of the audit log of a running server.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::tokens::Tokens;
use crate::client::Answer;
use crate::server_process::ServerProcess;
use crate::symmetric_key::{about, create, field};

/// A server whose users have tokens, and whose operator is Olga.
struct Scene {
    _folder: tempfile::TempDir,
    tokens: Tokens,
    server: ServerProcess,
}

impl Scene {
    fn start(settings: &[&str]) -> Self {
        let (folder, tokens) = (tempfile::tempdir().unwrap(), Tokens::start());
        let of_tokens = tokens.settings();
        let mut all = vec!["--operators", "olga"];
        all.extend(of_tokens.iter().map(String::as_str).chain(settings.iter().copied()));
        let server = ServerProcess::start(folder.path(), &all);
        Self { _folder: folder, tokens, server }
    }

    fn post(&self, user: &str, path: &str, body: &Value) -> Answer {
        let token = self.tokens.header(user, &[]);
        let json = "content-type: application/json";
        self.server.client().send("POST", path, &[json, &token], body.to_string().as_bytes())
    }

    fn search(&self, user: &str, body: &Value) -> Answer {
        self.post(user, "/audit/search", body)
    }

    /// What Olga finds, once there is something: audit is written a moment after the answer.
    fn found(&self, body: &Value) -> Vec<Value> {
        let start = Instant::now();
        loop {
            let answer = self.search("olga", body);
            assert_eq!(answer.status, 200, "{}", answer.text());
            let found = answer.json();
            assert!(found["from"].is_u64(), "{found}");
            let records = found["records"].as_array().unwrap();
            if !records.is_empty() {
                return records.clone();
            }
            assert!(start.elapsed() < Duration::from_secs(20), "nothing is found by {body}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

fn operators_alone_find(scene: &Scene) {
    let key = field(&scene.post("alice", "/kmip/2_1", &create()).json(), "UniqueIdentifier").to_owned();
    let [created] = &scene.found(&json!({"operation": "Create"}))[..] else { panic!("one record") };
    assert_eq!((&created["user"], &created["objects"]), (&json!("alice"), &json!([key])));
    assert_eq!(created["result"], "Success");
    // What is told of a use of the key has nothing of the key.
    let material = scene.post("alice", "/kmip/2_1", &about("Get", &key, Vec::new())).text();
    let material = material.split('"').filter(|word| word.len() == 64).collect::<Vec<_>>();
    assert_eq!(material.len(), 1, "a key of 32 bytes");
    let of_key = scene.found(&json!({"object": key, "operation": "Get", "user": "alice"}));
    assert!(!json!(of_key).to_string().to_lowercase().contains(&material[0].to_lowercase()));
    assert_eq!(scene.search("alice", &json!({})).status, 403);
    // Those who read the log, and those who may not, are in it as well.
    let [refused] = &scene.found(&json!({"operation": "ReadAudit", "result": "failure"}))[..] else {
        panic!("one record")
    };
    assert_eq!((&refused["user"], &refused["reason"]), (&json!("alice"), &json!("PermissionDenied")));
    let asked = json!({"operation": "ReadAudit", "user": "olga", "last": 1});
    let [read] = &scene.found(&asked)[..] else { panic!("one record") };
    assert_eq!((&read["result"], read["details"]["last"].is_string()), (&json!("Success"), true), "{read}");
}

#[test]
fn operators_read_the_audit_log_and_nobody_else_does() {
    let scene = Scene::start(&[]);
    operators_alone_find(&scene);
    let unproven = scene.server.client().send("POST", "/audit/search", &[], b"{}");
    assert_eq!((unproven.status, unproven.body.len()), (401, 0));
    let asked = scene.server.client().send("GET", "/audit/search", &[], b"");
    assert_eq!(asked.status, 405);
    let wrong = scene.search("olga", &json!({"who": "alice"}));
    assert_eq!((wrong.status, &*wrong.text()), (400, "who: nothing of that name can be asked for"));
}

#[test]
fn a_log_in_the_database_is_read_there() {
    operators_alone_find(&Scene::start(&["--audit-file", "none", "--audit-database"]));
}

#[test]
fn a_server_without_a_log_says_so() {
    let scene = Scene::start(&["--audit-file", "none"]);
    let answer = scene.search("olga", &json!({}));
    assert_eq!((answer.status, &*answer.text()), (404, "this server keeps no audit log"));
}
