//! The `/access` routes as clients of either generation know them, beyond what was recorded of them.

use std::path::Path;

use serde_json::{Value, json};

use super::tokens::Tokens;
use crate::client::Answer;
use crate::server_process::ServerProcess;
use crate::symmetric_key::{about, create, field};

const JSON: &str = "content-type: application/json";

struct Scene {
    folder: tempfile::TempDir,
    tokens: Tokens,
    server: ServerProcess,
}

impl Scene {
    fn start() -> Self {
        Self::start_with(&[])
    }

    /// With further settings.
    fn start_with(more: &[&str]) -> Self {
        let (folder, tokens) = (tempfile::tempdir().unwrap(), Tokens::start());
        let server = serve(folder.path(), &tokens, more);
        Self { folder, tokens, server }
    }

    /// Starts the server anew without those settings.
    fn restart(&mut self) {
        self.server.signal("TERM");
        assert!(self.server.wait().success());
        self.server = serve(self.folder.path(), &self.tokens, &[]);
    }

    fn send(&self, user: &str, groups: &[&str], method: &str, path: &str, body: &str) -> Answer {
        let token = self.tokens.header(user, groups);
        self.server.client().send(method, path, &[JSON, &token], body.as_bytes())
    }

    fn get(&self, user: &str, groups: &[&str], path: &str) -> Value {
        let answer = self.send(user, groups, "GET", path, "");
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.head.contains("content-type: application/json"), "{}", answer.head);
        answer.json()
    }

    fn change(&self, user: &str, path: &str, body: &Value) -> Answer {
        self.send(user, &[], "POST", path, &body.to_string())
    }

    fn key(&self) -> String {
        let created = self.change("alice", "/kmip/2_1", &create());
        assert_eq!(created.status, 200, "{}", created.text());
        field(&created.json(), "UniqueIdentifier").to_owned()
    }
}

fn serve(folder: &Path, tokens: &Tokens, more: &[&str]) -> ServerProcess {
    let settings = tokens.settings();
    let settings: Vec<&str> = settings.iter().map(String::as_str).chain(more.iter().copied()).collect();
    ServerProcess::start(folder, &settings)
}

#[test]
fn rights_are_given_and_told_as_both_generations_of_clients_have_it() {
    let scene = Scene::start();
    let id = scene.key();
    // The older generation names one right, the newer a list; giving twice and taking what was not given is no failure.
    for body in [
        json!({"unique_identifier": id, "user_id": "bob@example.org", "operation_type": "decrypt"}),
        json!({"unique_identifier": id, "user_id": "bob@example.org", "operation_types": ["decrypt", "get"]}),
    ] {
        let granted = scene.change("alice", "/access/grant", &body);
        assert_eq!(granted.text(), r#"{"success":"Access for bob@example.org successfully added"}"#);
    }
    let listed = scene.get("alice", &[], &format!("/access/list/{id}"));
    assert_eq!(listed, json!([{"user_id": "bob@example.org", "operations": ["decrypt", "get"]}]));
    let obtained = scene.get("bob@example.org", &[], "/access/obtained");
    assert_eq!(
        obtained,
        json!([{"object_id": id, "owner_id": "alice", "state": "Active", "operations": ["decrypt", "get"]}])
    );
    for _ in 0..2 {
        let body =
            json!({"unique_identifier": id, "user_id": "bob@example.org", "operation_type": "decrypt"});
        let revoked = scene.change("alice", "/access/revoke", &body);
        assert_eq!(revoked.text(), r#"{"success":"Access for bob@example.org successfully deleted"}"#);
    }
    let listed = scene.get("alice", &[], &format!("/access/list/{id}"));
    assert_eq!(listed, json!([{"user_id": "bob@example.org", "operations": ["get"]}]));
    // A superset of what either generation reads.
    let owned = scene.get("alice", &[], "/access/owned");
    assert_eq!(owned[0]["object_id"], json!(id));
    assert_eq!((&owned[0]["state"], &owned[0]["is_wrapped"]), (&json!("Active"), &json!(false)));
    assert_eq!(owned[0]["attributes"]["CryptographicAlgorithm"], "AES");
}

#[test]
fn what_a_group_or_everyone_holds_is_told_to_whom_it_is_for() {
    let scene = Scene::start();
    let id = scene.key();
    for (to, right) in [("group:backup", "get"), ("*", "encrypt")] {
        let body = json!({"unique_identifier": id, "user_id": to, "operation_type": right});
        assert_eq!(scene.change("alice", "/access/grant", &body).status, 200, "{to}");
    }
    let listed = scene.get("alice", &[], &format!("/access/list/{id}"));
    let expected = json!([
        {"user_id": "*", "operations": ["encrypt"]}, {"user_id": "group:backup", "operations": ["get"]},
    ]);
    assert_eq!(listed, expected);
    let operations = |groups: &[&str]| scene.get("bob", groups, "/access/obtained")[0]["operations"].clone();
    assert_eq!(operations(&["backup"]), json!(["encrypt", "get"]));
    assert_eq!(operations(&["other"]), json!(["encrypt"]));
    let get = about("Get", &id, Vec::new()).to_string();
    let status = |user: &str, groups: &[&str]| scene.send(user, groups, "POST", "/kmip/2_1", &get).status;
    assert_eq!(status("bob", &["backup"]), 200);
    assert_eq!(status("bob", &["other"]), 422);
    // Who calls himself so is not the group, and nobody at all.
    assert_eq!(status("backup", &[]), 422);
    assert_eq!(status("group:backup", &[]), 401);
    assert_eq!(status("*", &[]), 401);
}

#[test]
fn errors_of_the_access_routes_are_those_of_the_contract() {
    let scene = Scene::start();
    let id = scene.key();
    let grant = |user: &str, body: &str| scene.send(user, &[], "POST", "/access/grant", body);
    let of = |id: &str, to: &str| {
        json!({"unique_identifier": id, "user_id": to, "operation_type": "get"}).to_string()
    };
    for (answer, status, text) in [
        (
            grant("bob", &of(&id, "carol")),
            401,
            format!("Access denied: Object with uid `{id}` is not owned by owner `bob`"),
        ),
        (
            grant("alice", &of("none", "bob")),
            401,
            "Access denied: Object with uid `none` is not owned by owner `alice`".to_owned(),
        ),
        (grant("alice", &of(&id, "alice")), 401, "Access denied: ".to_owned()),
        (
            grant("alice", r#"{"user_id":"bob","operation_type":"get"}"#),
            422,
            "This KMIP server does not yet support place holder id".to_owned(),
        ),
        (grant("alice", "{"), 400, "Json deserialize error: ".to_owned()),
        (
            scene.send("bob", &[], "GET", &format!("/access/list/{id}"), ""),
            401,
            format!("Access denied: Object with uid `{id}` is not owned by owner `bob`"),
        ),
    ] {
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(answer.text().starts_with(&text), "{}", answer.text());
        assert!(answer.head.contains("content-type: text/html; charset=utf-8"), "{}", answer.head);
    }
    let nobody = scene.server.client().send("GET", "/access/owned", &[], b"");
    assert_eq!((nobody.status, nobody.body.len()), (401, 0));
}

#[test]
fn where_everybody_acts_as_one_user_he_owns_what_is_made_and_everybody_has_to_prove_himself() {
    let mut scene = Scene::start_with(&["--default-username", "carl", "--force-default-username"]);
    let body = create().to_string();
    let nobody = scene.server.client().send("POST", "/kmip/2_1", &[JSON], body.as_bytes());
    assert_eq!((nobody.status, nobody.body.len()), (401, 0));
    let id = scene.key();
    assert_eq!(scene.get("bob", &[], "/access/owned")[0]["object_id"], json!(id));
    // Where everybody is himself again it is seen who that was.
    scene.restart();
    assert_eq!(scene.get("carl", &[], "/access/owned")[0]["object_id"], json!(id));
    assert_eq!(scene.get("alice", &[], "/access/owned"), json!([]));
}
