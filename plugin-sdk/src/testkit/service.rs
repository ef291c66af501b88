//! Where a test finds a real server of another program, such as a database.

use std::env;

/// Where the test finds the server of this name: what the variable `CLAVIGER_TEST_…` holds, which
/// `cargo xtask services up` prints and `cargo xtask test` sets.
///
/// `None` when there is none: then it says on stderr that the test is skipped, and the test has nothing to do.
///
/// # Panics
/// There is none although `CI` is `true` or `CLAVIGER_TEST_SERVICES_REQUIRED` is set: there no test is skipped.
pub fn service(name: &str) -> Option<String> {
    let variable = format!("CLAVIGER_TEST_{name}");
    let address = env::var(&variable).ok().filter(|address| !address.is_empty());
    if address.is_none() {
        assert!(!is_required(), "{variable} is not set: `cargo xtask test` starts the servers and sets it");
        eprintln!(
            "skipped: {variable} is not set; `cargo xtask services up` starts the server and prints it"
        );
    }
    address
}

fn is_required() -> bool {
    env::var_os("CLAVIGER_TEST_SERVICES_REQUIRED").is_some() || env::var("CI").is_ok_and(|ci| ci == "true")
}
