//! What the process asks of the system: no core dumps, locked memory, files enough.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::server_process::{ServerProcess, command};

/// KiB that libraries lock by themselves, at most: SQLCipher does.
const LIBRARIES: u64 = 1_024;

/// Lets a process write as large a dump as it likes, if that may be allowed.
const UNLIMITED: [&str; 3] = ["sh", "-c", "ulimit -c unlimited 2>/dev/null; exec \"$0\" \"$@\""];

/// The server, started by another program that changes what it may do.
fn started_by(program: &[&str], folder: &Path, arguments: &[&str]) -> Command {
    let server = command(folder);
    let mut outer = Command::new(program[0]);
    outer.args(&program[1..]).arg(server.get_program()).args(arguments).env_clear();
    outer.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    outer.envs(server.get_envs().filter_map(|(name, value)| Some((name, value?))));
    outer.stdin(std::process::Stdio::null());
    outer.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    outer
}

/// The soft and the hard limit of this name.
fn limits(server: &ServerProcess, name: &str) -> [String; 2] {
    limits_of(server.pid(), name)
}

fn limits_of(pid: u32, name: &str) -> [String; 2] {
    let text = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let mut words = line.split_whitespace().map(str::to_owned);
    [words.next().unwrap(), words.next().unwrap()]
}

fn locked_memory(server: &ServerProcess) -> u64 {
    let text = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmLck:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Whether this process has CAP_IPC_LOCK, which its children inherit if it is root.
fn may_lock() -> bool {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("CapEff:")).unwrap();
    u64::from_str_radix(line.trim(), 16).unwrap() >> 14 & 1 == 1
}

#[test]
fn a_crash_writes_no_memory_to_a_file_unless_the_operator_wants_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::spawn(started_by(&UNLIMITED, folder.path(), &[]));
    assert_eq!(limits(&server, "Max core file size"), ["0", "0"]);
    drop(server);
    let before = ["sh", "-c", "ulimit -c"];
    let before = Command::new(before[0]).args(&before[1..]).output().unwrap().stdout;
    let server = ServerProcess::start(folder.path(), &["--core-dumps"]);
    let [soft, _] = limits(&server, "Max core file size");
    assert_eq!(soft == "0", before.starts_with(b"0"), "it is left as it was");
    assert!(server.log().contains("keys included"), "{}", server.log());
}

/// Whom the system has own what it shows of a process: root, if nobody else may look into it (proc(5), PR_SET_DUMPABLE).
fn owner(server: &ServerProcess) -> u32 {
    fs::metadata(format!("/proc/{}/environ", server.pid())).unwrap().uid()
}

#[test]
fn nobody_but_root_looks_into_the_process_unless_the_operator_wants_it() {
    let folder = tempfile::tempdir().unwrap();
    // Root would see no difference, so it lets the server be somebody else.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let (own, nobody) = (fs::metadata("/proc/self").unwrap().uid(), 65_534);
    let as_nobody = ["setpriv", "--reuid", "65534", "--clear-groups"];
    let as_self = ["sh", "-c", "exec \"$0\" \"$@\""];
    let (by, user) = if own == 0 { (&as_nobody[..], nobody) } else { (&as_self[..], own) };
    let can = Command::new(by[0])
        .args(&by[1..])
        .arg(env!("CARGO_BIN_EXE_claviger-server"))
        .arg("--version")
        .output();
    if !can.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: the server cannot be started as another user");
        return;
    }
    let server = ServerProcess::spawn(started_by(by, folder.path(), &[]));
    assert_eq!(owner(&server), 0);
    drop(server);
    let server = ServerProcess::spawn(started_by(by, folder.path(), &["--core-dumps"]));
    assert_eq!(owner(&server), user);
}

#[test]
fn no_command_can_be_dumped_while_it_reads_its_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = folder.path().join("configuration");
    // It waits for a configuration that does not come.
    assert!(Command::new("mkfifo").arg(&configuration).status().unwrap().success());
    for arguments in [
        &[][..],
        &["audit", "verify"],
        &["access", "explain", "bob", "Decrypt", "1"],
        &["db", "check"],
        &["plugins", "list"],
    ] {
        let all = [&["--config", configuration.to_str().unwrap()], arguments].concat();
        let mut server = started_by(&UNLIMITED, folder.path(), &all);
        let mut server = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begin = Instant::now();
        let name = || fs::read_to_string(format!("/proc/{}/comm", server.id())).unwrap();
        while name().trim() != "claviger-server" || limits_of(server.id(), "Max core file size")[0] != "0" {
            assert!(begin.elapsed() < Duration::from_secs(10), "{arguments:?}");
        }
        assert_eq!(server.try_wait().unwrap(), None, "{arguments:?}");
        server.kill().unwrap();
        server.wait().unwrap();
    }
}

#[test]
fn the_server_takes_all_files_that_it_may_have_and_says_when_they_are_too_few() {
    let folder = tempfile::tempdir().unwrap();
    let few = ["sh", "-c", "ulimit -Sn 300; ulimit -Hn 2000; exec \"$0\" \"$@\""];
    let server = ServerProcess::spawn(started_by(&few, folder.path(), &[]));
    assert_eq!(limits(&server, "Max open files"), ["2000", "2000"]);
    assert!(server.log().contains("1744 connections open, and not the 8192"), "{}", server.log());
}

#[test]
fn memory_is_locked_where_the_system_allows_it_and_takes_no_more_for_that() {
    let folder = tempfile::tempdir().unwrap();
    let unlocked = ServerProcess::start(folder.path(), &["--memory-lock", "off"]);
    assert!(locked_memory(&unlocked) < LIBRARIES);
    let usual = unlocked.resident_memory();
    drop(unlocked);
    let server = ServerProcess::start(folder.path(), &[]);
    if !may_lock() {
        assert!(server.log().contains("memory is not locked"), "{}", server.log());
        return;
    }
    assert!(server.log().contains("memory is locked"), "{}", server.log());
    assert!(locked_memory(&server) > LIBRARIES);
    // What is only reserved is not filled.
    assert!(server.resident_memory() < usual + (16 << 20), "{} {usual}", server.resident_memory());
    assert_eq!(server.client().send("GET", "/health/ready", &[], b"").status, 200);
}

#[test]
fn where_memory_cannot_be_locked_the_server_says_so_and_does_not_start_if_it_must_be() {
    let folder = tempfile::tempdir().unwrap();
    let without =
        ["setpriv", "--bounding-set", "-ipc_lock", "sh", "-c", "ulimit -l 8192; exec \"$0\" \"$@\""];
    let can = Command::new(without[0]).args(&without[1..4]).args(["-c", "ulimit -l 8192"]).output();
    if !can.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: a process cannot be started without the right to lock memory");
        return;
    }
    let server = ServerProcess::spawn(started_by(&without, folder.path(), &[]));
    assert!(server.log().contains("LimitMEMLOCK=infinity or CAP_IPC_LOCK"), "{}", server.log());
    assert!(locked_memory(&server) < LIBRARIES);
    drop(server);
    let output = started_by(&without, folder.path(), &["--memory-lock", "required"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("memory cannot be locked"), "{output:?}");
}
