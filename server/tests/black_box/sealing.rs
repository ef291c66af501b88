//! Everything that the database holds is sealed under a server key, which is given by a file and can be replaced.

mod elsewhere;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Client;
use crate::server_process::{ServerProcess, command};
use crate::symmetric_key::{about, create_key, field};

/// The material of a key that is looked for in files, as bytes and as the wire has it.
pub(crate) const MARKER: &str = "THE MARKER OF THE KEY MATERIAL 1";
/// A tag, which stays readable.
const TAG: &str = "readable-tag";

/// A file with a key, for the server's user alone.
pub(crate) fn key_file(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let file = folder.join(name);
    fs::write(&file, content).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file.display().to_string()
}

/// Waits until everything is sealed as it is to be, and gives the figures.
pub(crate) fn settled(server: &ServerProcess) -> String {
    let started = Instant::now();
    loop {
        let figures = server.client().send("GET", "/metrics", &[], b"").text();
        if figures.contains("\nclaviger_sealing_unfinished_databases 0\n") {
            return figures;
        }
        assert!(started.elapsed() < Duration::from_secs(150), "{figures}\n{}", server.log());
        thread::sleep(Duration::from_millis(20));
    }
}

/// How a start fails.
pub(crate) fn failure(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = command(folder).args(arguments).output().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap().lines().last().unwrap_or_default().to_owned(),
    )
}

/// Imports a key whose material is the marker.
pub(crate) fn import_marker(client: &mut Client, id: &str) {
    let value = |tag: &str, kind: &str, value: Value| json!({"tag": tag, "type": kind, "value": value});
    let structure = |tag: &str, fields: Value| json!({"tag": tag, "type": "Structure", "value": fields});
    let hexadecimal = |text: &str| text.bytes().map(|byte| format!("{byte:02X}")).collect::<String>();
    let tags = structure(
        "VendorAttributes",
        json!([
            value("VendorIdentification", "TextString", json!("cosmian")),
            value("AttributeName", "TextString", json!("tag")),
            value("AttributeValue", "ByteString", json!(hexadecimal(&json!([TAG]).to_string()))),
        ]),
    );
    let attributes = json!([
        value("CryptographicAlgorithm", "Enumeration", json!("AES")),
        value("CryptographicLength", "Integer", json!(256)),
        value("CryptographicUsageMask", "Integer", json!(2108)),
        value("ObjectType", "Enumeration", json!("SymmetricKey")),
        structure("VendorAttributes", json!([tags])),
    ]);
    let block = json!([
        value("KeyFormatType", "Enumeration", json!("TransparentSymmetricKey")),
        structure(
            "KeyValue",
            json!([structure(
                "KeyMaterial",
                json!([value("Key", "ByteString", json!(hexadecimal(MARKER)))])
            )])
        ),
        value("CryptographicAlgorithm", "Enumeration", json!("AES")),
        value("CryptographicLength", "Integer", json!(256)),
    ]);
    client.rest(&about(
        "Import",
        id,
        vec![
            value("ObjectType", "Enumeration", json!("SymmetricKey")),
            value("ReplaceExisting", "Boolean", json!(false)),
            structure("Attributes", attributes),
            structure("SymmetricKey", json!([structure("KeyBlock", block)])),
        ],
    ));
}

/// The files of the database.
pub(crate) fn database_files(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder.join("sqlite-data")).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).collect()
}

/// Whether a file of the database has these bytes.
pub(crate) fn holds(folder: &Path, bytes: &[u8]) -> bool {
    database_files(folder).iter().any(|file| {
        let content = fs::read(file).unwrap();
        content.windows(bytes.len()).any(|window| window == bytes)
    })
}

/// Asks for an object.
pub(crate) fn is_usable(client: &mut Client, id: &str) {
    let answer = client.rest(&about("Get", id, Vec::new()));
    assert_eq!(field(&answer, "UniqueIdentifier"), id);
}

#[test]
fn no_byte_of_a_key_is_in_the_files_of_a_sealed_database_and_its_tags_are() {
    let folder = tempfile::tempdir().unwrap();
    let key = key_file(folder.path(), "server.key", [7; 32]);
    let mut server = ServerProcess::start(folder.path(), &["--server-key-file", &key]);
    import_marker(&mut server.client(), "marked");
    is_usable(&mut server.client(), "marked");
    assert!(!holds(folder.path(), MARKER.as_bytes()), "while the server runs");
    assert!(holds(folder.path(), TAG.as_bytes()), "tags stay readable");
    server.signal("TERM");
    assert!(server.wait().success());
    assert!(!holds(folder.path(), MARKER.as_bytes()));
    // The same without a key, so that the test would see it.
    let plain = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(plain.path(), &[]);
    import_marker(&mut server.client(), "marked");
    assert!(holds(plain.path(), MARKER.as_bytes()));
}

#[test]
fn a_database_that_has_keys_is_sealed_rotated_and_unsealed_while_it_serves() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    import_marker(&mut server.client(), "marked");
    let ids: Vec<String> = (0..120).map(|_| create_key(&mut server.client())).collect();
    assert!(holds(folder.path(), MARKER.as_bytes()));
    drop(server);
    let hex = "07".repeat(32) + "\n";
    let first = key_file(folder.path(), "first.key", &hex);
    // 32 bytes of Base64, as `openssl rand -base64 32` writes them.
    let second = key_file(folder.path(), "second.key", "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=\n");
    let rounds: [&[&str]; 3] = [
        &["--server-key-file", &first],
        &["--server-key-file", &second, "--server-key-previous-file", &first],
        &["--server-key-previous-file", &second, "--server-key-unseal"],
    ];
    for (round, arguments) in rounds.into_iter().enumerate() {
        let mut server = ServerProcess::start(folder.path(), arguments);
        let mut client = server.client();
        ids.iter().for_each(|id| is_usable(&mut client, id));
        let figures = settled(&server);
        assert!(figures.contains("\nclaviger_sealing_unopened 0\n"), "{figures}");
        assert!(server.log().contains("finished: "), "{}", server.log());
        ids.iter().for_each(|id| is_usable(&mut client, id));
        drop(client);
        server.signal("TERM");
        assert!(server.wait().success());
        let is_plain = round == 2;
        assert_eq!(
            holds(folder.path(), MARKER.as_bytes()),
            is_plain,
            "nothing is left of what was there before"
        );
    }
    let server = ServerProcess::start(folder.path(), &[]);
    ids.iter().for_each(|id| is_usable(&mut server.client(), id));
}

#[test]
fn a_rotation_that_is_killed_again_and_again_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let keys: Vec<String> =
        (1..=6_u8).map(|n| key_file(folder.path(), &format!("{n}.key"), [n; 32])).collect();
    let server = ServerProcess::start(folder.path(), &["--server-key-file", &keys[0]]);
    let ids: Vec<String> = thread::scope(|scope| {
        let creating = (0..4).map(|_| {
            scope.spawn(|| {
                let mut client = server.client();
                (0..100).map(|_| create_key(&mut client)).collect::<Vec<_>>()
            })
        });
        let creating: Vec<_> = creating.collect();
        creating.into_iter().flat_map(|creating| creating.join().unwrap()).collect()
    });
    drop(server);
    let mut made = Vec::new();
    for (round, keys) in keys.windows(2).enumerate() {
        let arguments = ["--server-key-file", &keys[1], "--server-key-previous-file", &keys[0]];
        for kill in 0..3 {
            let server = ServerProcess::start(folder.path(), &arguments);
            made.push(create_key(&mut server.client()));
            thread::sleep(Duration::from_millis((round as u64 * 3 + kill) * 7 % 40));
            server.signal("KILL");
        }
    }
    let server = ServerProcess::start(folder.path(), &["--server-key-file", &keys[5]]);
    let mut client = server.client();
    ids.iter().chain(&made).for_each(|id| is_usable(&mut client, id));
    let figures = settled(&server);
    assert!(figures.contains("\nclaviger_sealing_unopened 0\n"), "{figures}");
    ids.iter().chain(&made).for_each(|id| is_usable(&mut client, id));
}

#[test]
fn what_is_wrong_with_a_server_key_is_said_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = [1, 2].map(|n| key_file(folder.path(), &format!("{n}.key"), [n; 32]));
    let server = ServerProcess::start(folder.path(), &["--server-key-file", &first]);
    import_marker(&mut server.client(), "marked");
    drop(server);
    // As `(printf 'claviger server key '; cat 1.key) | sha256sum` begins.
    let names = ["key:1bcb79fe2a595956", "key:f7d5c3649a07084c"];
    let (code, text) = failure(folder.path(), &["--server-key-file", &second]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("sealed under a server key that this server was not given"), "{text}");
    assert!(text.contains(&format!("it is under `{}`; given: `{}`", names[0], names[1])), "{text}");
    let (code, text) = failure(folder.path(), &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("the storage is sealed") && text.contains("give it by --server-key-file"),
        "{text}"
    );

    let open = key_file(folder.path(), "open.key", [1; 32]);
    fs::set_permissions(&open, fs::Permissions::from_mode(0o604)).unwrap();
    let short = key_file(folder.path(), "short.key", [1; 31]);
    let letters = key_file(folder.path(), "letters.key", "zz".repeat(32));
    let absent = folder.path().join("absent.key").display().to_string();
    for (arguments, code, what) in [
        (vec!["--server-key-file", &open], 1, "others may read it"),
        (vec!["--server-key-file", &short], 1, "no key of 256 bits"),
        (vec!["--server-key-file", &letters], 1, "no key of 256 bits"),
        (vec!["--server-key-file", &absent], 1, "No such file"),
        (vec!["--server-key-file", &first, "--server-key-previous-file", &first], 2, "are the same"),
        (vec!["--server-key-file", &first, "--server-key-unseal"], 2, "takes the seal off"),
        (vec!["--server-key-unseal"], 2, "needs the key"),
    ] {
        let (found, text) = failure(folder.path(), &arguments);
        assert!(text.contains(what), "{arguments:?}: {text}");
        assert_eq!(found, Some(code), "{text}");
        let check: Vec<&str> = arguments.iter().copied().chain(["config", "check"]).collect();
        assert_eq!(failure(folder.path(), &check), (found, text), "the check finds what the start finds");
    }
    let server = ServerProcess::start(folder.path(), &["--server-key-file", &first]);
    is_usable(&mut server.client(), "marked");
}
