//! A plugin in a library, loaded into the server as it is released.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::json;

use crate::server_process::{ServerProcess, command};
use crate::symmetric_key::{about, create_key, field};

/// The library of the example plugin, which cargo builds beside this test.
fn library() -> PathBuf {
    let binary = std::env::current_exe().unwrap();
    let folder = binary.parent().unwrap();
    let name = "libclaviger_hello_library.so";
    let found = [folder.join(name), folder.join("..").join(name)].into_iter().find(|path| path.exists());
    found.expect("cargo builds the library beside the test").canonicalize().unwrap()
}

fn sha256(path: &Path) -> String {
    let digest = openssl::sha::sha256(&std::fs::read(path).unwrap());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A configuration file that names the library.
fn configuration(folder: &Path, sha256: &str, required: bool) -> String {
    let file = folder.join("claviger.toml");
    let path = library();
    let text = format!(
        "[[plugins.libraries]]\npath = {:?}\nsha256 = \"{sha256}\"\nrequired = {required}\n",
        path.display().to_string()
    );
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

fn plugins_list(folder: &Path, file: &str) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        command(folder).args(["--config", file, "plugins", "list"]).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn an_operation_of_a_library_is_listed_and_answers_like_a_linked_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = configuration(folder.path(), &sha256(&library()), true);
    let (code, text, problem) = plugins_list(folder.path(), &file);
    assert_eq!(code, Some(0), "{problem}");
    assert!(text.contains("claviger-hello ") && text.contains("  operation Hello\n"), "{text}");

    let server = ServerProcess::start(folder.path(), &["--config", &file]);
    // The example has a tag policy, too.
    assert!(server.log().contains("and nothing else that its plugin has"), "{}", server.log());
    let mut client = server.client();
    let id = create_key(&mut client);
    let answer = client.rest(&about("Hello", &id, vec![]));
    assert_eq!(field(&answer, "UniqueIdentifier"), id);
    assert_eq!(field(&answer, "Comment"), "Hello admin, this is a SymmetricKey in state Active");
    let absent = about("Hello", "absent", vec![]).to_string();
    let answer = client.send("POST", "/kmip_2_1", &["content-type: application/json"], absent.as_bytes());
    assert_eq!(answer.status, 422, "{}", answer.text());
}

#[test]
fn the_server_does_not_start_without_a_required_library() {
    let folder = tempfile::tempdir().unwrap();
    let file = configuration(folder.path(), &"0".repeat(64), true);
    let output = command(folder.path()).args(["--config", &file]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let problem = String::from_utf8(output.stderr).unwrap();
    assert!(problem.contains("its SHA-256 is"), "{problem}");
}

#[test]
fn the_server_says_that_it_starts_without_a_library_that_is_not_required() {
    let folder = tempfile::tempdir().unwrap();
    let file = configuration(folder.path(), &"0".repeat(64), false);
    let server = ServerProcess::start(folder.path(), &["--config", &file]);
    assert!(server.log().contains("going on without a plugin"), "{}", server.log());
    let request = json!({"tag": "Hello", "type": "Structure", "value": []}).to_string();
    let answer =
        server.client().send("POST", "/kmip_2_1", &["content-type: application/json"], request.as_bytes());
    assert_ne!(answer.status, 200, "{}", answer.text());
}
