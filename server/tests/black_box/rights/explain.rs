//! What is explained, by a running server and from its database.

use serde_json::{Value, json};

use super::tokens::Tokens;
use crate::client::Answer;
use crate::server_process::{ServerProcess, command};
use crate::symmetric_key::{about, create, field};

const JSON: &str = "content-type: application/json";

/// A server whose users have tokens.
struct Scene {
    folder: tempfile::TempDir,
    tokens: Tokens,
    server: ServerProcess,
}

impl Scene {
    fn start() -> Self {
        let (folder, tokens) = (tempfile::tempdir().unwrap(), Tokens::start());
        let mut settings = tokens.settings();
        settings.extend(["--operators", "olga"].map(str::to_owned));
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        let server = ServerProcess::start(folder.path(), &settings);
        Self { folder, tokens, server }
    }

    fn post(&self, user: &str, groups: &[&str], path: &str, body: &Value) -> Answer {
        let token = self.tokens.header(user, groups);
        self.server.client().send("POST", path, &[JSON, &token], body.to_string().as_bytes())
    }

    /// A key of alice's.
    fn key(&self) -> String {
        let created = self.post("alice", &[], "/kmip/2_1", &create()).json();
        field(&created, "UniqueIdentifier").to_owned()
    }

    fn grant(&self, id: &str, to: &str, right: &str) {
        let grant = json!({"unique_identifier": id, "user_id": to, "operation_types": [right]});
        let granted = self.post("alice", &[], "/access/grant", &grant);
        assert_eq!(granted.status, 200, "{}", granted.text());
    }

    /// What the command says, without the names.
    fn command(&self, arguments: &[&str]) -> Result<String, String> {
        let output = command(self.folder.path())
            .args(["--operators", "olga", "access", "explain"])
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }
}

#[test]
fn the_server_and_its_database_say_which_rule_decides_and_nothing_is_done() {
    let scene = Scene::start();
    let id = scene.key();
    scene.grant(&id, "group:backup", "get");
    for (user, groups, operation, expected, rule, why) in [
        ("alice", &[][..], "get", true, "archive", "owns the object"),
        ("bob", &[], "get", false, "right", ""),
        ("bob", &["backup"], "get", true, "archive", "Get is granted to group:backup"),
        ("bob", &["backup"], "getattributes", true, "archive", "which implies GetAttributes"),
        ("bob", &["backup"], "destroy", false, "right", ""),
        ("olga", &[], "getattributes", true, "archive", "the user is an operator"),
        ("olga", &[], "get", false, "right", ""),
        ("alice", &[], "destroy", false, "state", ""),
    ] {
        let question =
            json!({"unique_identifier": id, "operation_type": operation, "user_id": user, "groups": groups});
        let told = scene.post("alice", &[], "/access/explain", &question);
        assert_eq!(told.status, 200, "{}", told.text());
        let told = told.json();
        let at = format!("{user} {groups:?} {operation}: {told}");
        assert_eq!(told["allowed"], expected, "{at}");
        let rules = told["rules"].as_array().unwrap().iter();
        let asked: Vec<&str> = rules.map(|rule| rule["rule"].as_str().unwrap()).collect();
        assert!(expected || asked.last() == Some(&rule), "{at}");
        assert!(asked.contains(&rule) && told.to_string().contains(why), "{at}");
        let mut arguments = vec![user, operation, &id];
        arguments.extend(groups.iter().flat_map(|group| ["--group", *group]));
        let answer = scene.command(&arguments).unwrap();
        assert_eq!(answer.contains("MAY NOT"), !expected, "{answer}");
        assert!(answer.contains(why), "{answer}");
    }
    // Everything is as it was.
    let get = about("Get", &id, Vec::new());
    assert_eq!(scene.post("alice", &[], "/kmip/2_1", &get).status, 200);
}

#[test]
fn where_everybody_acts_as_one_user_the_command_says_so() {
    let scene = Scene::start();
    let id = scene.key();
    let output = command(scene.folder.path())
        .args(["--default-username", "alice", "--force-default-username"])
        .args(["access", "explain", "bob", "Get", &id, "--group", "backup"])
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.starts_with("bob acts as alice"), "{told}");
    assert!(told.contains(&format!("\nalice may Get {id}\n")), "{told}");
}

#[test]
fn only_who_may_know_of_an_object_is_told_of_it() {
    let scene = Scene::start();
    let id = scene.key();
    scene.grant(&id, "bob", "encrypt");
    let ask = |caller: &str, about: Option<&str>| {
        let mut question = json!({"unique_identifier": id, "operation_type": "get"});
        if let Some(about) = about {
            question["user_id"] = about.into();
        }
        scene.post(caller, &[], "/access/explain", &question)
    };
    // The owner and an operator, about anybody; a grantee about himself alone.
    for caller in ["alice", "olga"] {
        assert_eq!(ask(caller, Some("bob")).json()["decided_by"], "right", "{caller}");
    }
    for about in [None, Some("bob")] {
        let told = ask("bob", about).json();
        assert_eq!((&told["allowed"], &told["decided_by"]), (&json!(false), &json!("right")));
    }
    let of_others = ask("bob", Some("alice"));
    assert!(of_others.status == 422 && !of_others.text().contains("owns"), "{}", of_others.text());
    // A stranger reads the same as when there is none.
    let (hidden, absent) = (ask("carol", None), {
        let question = json!({"unique_identifier": "none", "operation_type": "get"});
        scene.post("carol", &[], "/access/explain", &question)
    });
    assert_eq!((hidden.status, absent.status), (422, 422));
    assert_eq!(hidden.text().replace(&id, "none"), absent.text());
}

#[test]
fn what_cannot_be_explained_is_said() {
    let scene = Scene::start();
    let id = scene.key();
    let refused = |arguments: &[&str]| scene.command(arguments).unwrap_err();
    assert!(refused(&["bob", "Get", "none"]).contains("there is no object none"));
    assert!(refused(&["bob", "Fly", &id]).contains("no operation `Fly`"));
    assert!(refused(&["bob", "Import", &id]).contains("cannot be told beforehand"));
    assert!(refused(&["*", "Get", &id]).contains("name one user"));
    assert!(scene.command(&["bob", "Create", &id]).unwrap().contains("bob may Create"));
}
