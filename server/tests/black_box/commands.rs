//! The commands and the configuration, as an operator sees them.

use std::process::Output;

use crate::server_process::{ServerProcess, bare_command};

fn output(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = bare_command().args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn plugins_list_shows_every_plugin_with_its_licence() {
    let (code, text, _) = output(&["plugins", "list"]);
    assert_eq!(code, Some(0));
    for plugin in [
        "auth-biscuit",
        "auth-credentials",
        "auth-mtls",
        "auth-oidc",
        "crypto-standard",
        "dialect-rest",
        "operations-kmip",
        "pkcs11",
        "storage-sql",
        "tags-standard",
    ] {
        assert!(text.contains(&format!("claviger-{plugin} ")), "{plugin} is missing in\n{text}");
    }
    assert!(text.contains("Apache-2.0") && text.contains("operation Encrypt"), "{text}");
}

#[test]
fn plugins_list_tells_the_licences_that_are_not_permissive() {
    let (_, text, _) = output(&["plugins", "list"]);
    // What NOTICE says of each; a build may leave these out.
    let restricted = [
        ("claviger-crypto-covercrypt ", "Apache-2.0 AND AGPL-3.0-only AND BUSL-1.1"),
        ("claviger-storage-redis-findex ", "Apache-2.0 AND BUSL-1.1"),
    ];
    for line in text.lines().filter(|line| line.starts_with("claviger-")) {
        let licence =
            restricted.iter().find(|(plugin, _)| line.starts_with(plugin)).map(|(_, licence)| *licence);
        match licence {
            Some(licence) => assert!(line.contains(licence), "{line}"),
            None => assert!(line.contains("Apache-2.0") && !line.contains(" AND "), "{line}"),
        }
    }
}

#[test]
fn plugins_check_finds_every_plugin_of_the_build() {
    let (code, text, problem) = output(&["plugins", "check"]);
    assert_eq!(code, Some(0), "{problem}");
    assert!(text.contains("have registered"), "{text}");
}

#[test]
fn every_entry_can_be_switched_off_by_the_name_that_the_list_has() {
    let (_, text, _) = output(&["plugins", "list"]);
    let entries: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    assert!(entries.iter().any(|entry| entry.starts_with("scheme ")), "{text}");
    let (code, text, problem) = output(&["--plugins-disable", &entries.join(","), "plugins", "list"]);
    assert_eq!(code, Some(0), "{problem}");
    let left = text.lines().filter(|line| line.starts_with("  ") && !line.contains("disabled"));
    assert_eq!(left.count(), 0, "{text}");
}

#[test]
fn plugins_explain_tells_what_switched_an_operation_off() {
    let (code, text, _) =
        output(&["--plugins-disable", "operation Encrypt", "plugins", "explain", "operation Encrypt"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("disabled by the configuration"), "{text}");
    let (code, _, problem) = output(&["plugins", "explain", "perpetual motion"]);
    assert_eq!(code, Some(1));
    assert!(problem.contains("plugins list"), "{problem}");
}

#[test]
fn the_example_configuration_is_sound() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("claviger.toml");
    let (code, text, _) = output(&["config", "example"]);
    assert_eq!(code, Some(0));
    std::fs::write(&file, text).unwrap();
    let (code, text, problem) = output(&["--config", file.to_str().unwrap(), "config", "check"]);
    assert_eq!(code, Some(0), "{problem}");
    assert!(text.contains("sound"), "{text}");
}

#[test]
fn what_is_wrong_with_a_configuration_is_said_with_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("claviger.toml");
    std::fs::write(&file, "[server]\nprot = 1\n").unwrap();
    let (code, _, problem) = output(&["--config", file.to_str().unwrap(), "config", "check"]);
    assert_eq!(code, Some(2));
    assert!(problem.contains("did you mean `port`?"), "{problem}");
    for arguments in [
        ["--prot", "1"],
        ["--port", "65536"],
        ["--database-type", "oracle"],
        ["--ttlv-port", "5696"],
        ["--default-group-key", "AES"],
    ] {
        let (code, _, problem) = output(&arguments);
        assert_eq!(code, Some(2), "{problem}");
        assert!(problem.starts_with("claviger-server: "), "{problem}");
        let (code, _, checked) = output(&[arguments[0], arguments[1], "config", "check"]);
        assert_eq!((code, checked), (Some(2), problem), "the check finds what the start finds");
    }
}

#[test]
fn a_flag_wins_over_a_variable_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("claviger.toml");
    std::fs::write(&file, "[server]\nroot_data_path = \"/from/file\"\n").unwrap();
    let root = |variable: Option<&str>, flag: Option<&str>| {
        let mut command = bare_command();
        command.env("KMS_CONFIG", &file).args(["config", "check"]);
        variable.map(|value| command.env("KMS_ROOT_DATA_PATH", value));
        flag.map(|value| command.args(["--root-data-path", value]));
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    assert!(root(None, None).contains("below /from/file."));
    assert!(root(Some("/from/variable"), None).contains("below /from/variable."));
    assert!(root(Some("/from/variable"), Some("/from/flag")).contains("below /from/flag."));
}

#[test]
fn an_open_server_that_others_can_reach_says_so_loudly() {
    let folder = tempfile::tempdir().unwrap();
    let open = ServerProcess::start(folder.path(), &["--hostname", "0.0.0.0"]);
    assert!(open.log().contains("NO AUTHENTICATION IS CONFIGURED"));
    drop(open);
    let closed = ServerProcess::start(folder.path(), &[]);
    assert!(!closed.log().contains("NO AUTHENTICATION"));
}

#[test]
fn help_shows_examples_and_every_variable() {
    let (code, text, _) = output(&["--help"]);
    assert_eq!(code, Some(0));
    for word in ["Examples:", "KMS_PORT", "--ttlv-port", "--audit-file", "claviger-server plugins list"] {
        assert!(text.contains(word), "{word} is missing in\n{text}");
    }
}
