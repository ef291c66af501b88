//! Where a test finds a real server of another program, such as a database.

use std::env;
use std::io::{self, Write as _};

/// Where the test finds the server of this name: what the variable `CLAVIGER_TEST_…` holds, which
/// `cargo xtask services up` prints and `cargo xtask test` sets.
///
/// `None` when there is none: then it says on stderr that the test is skipped, as [`skip`] does, and the test has nothing to
/// do.
///
/// # Panics
/// There is none although `CI` is `true` or `CLAVIGER_TEST_SERVICES_REQUIRED` is set: there no test is skipped.
pub fn service(name: &str) -> Option<String> {
    let variable = format!("CLAVIGER_TEST_{name}");
    let address = env::var(&variable).ok().filter(|address| !address.is_empty());
    if address.is_none() {
        skip(&format!("{variable} is not set; `cargo xtask services up` starts the server and prints it"));
    }
    address
}

/// Says that the running test is skipped, since the test run lacks something.
///
/// # Panics
/// `CI` is `true` or `CLAVIGER_TEST_SERVICES_REQUIRED` is set: there no test is skipped.
pub fn skip(why: &str) {
    assert!(!is_required(), "no test may be skipped here, but {why}");
    say_skipped(why);
}

/// Says that the running test has nothing to do, by its nature. It is written past the capture of test output, so that a
/// run in which all tests pass shows it.
pub fn say_skipped(why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // Where nobody can be told, the test is skipped all the same.
    let _ = writeln!(io::stderr().lock(), "skipped: {test}: {why}");
}

fn is_required() -> bool {
    env::var_os("CLAVIGER_TEST_SERVICES_REQUIRED").is_some() || env::var("CI").is_ok_and(|ci| ci == "true")
}
