//! Material that is not the project's own: test cases and recorded exchanges.

use std::path::PathBuf;

/// A part of the folder `$CLAVIGER_SHARED`, or of `shared` beside the checkout. Where it is absent, the test
/// that asks for it says so and passes.
pub(crate) fn part(name: &str) -> Option<PathBuf> {
    let beside = || Some(PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent()?.parent()?.join("shared"));
    let folder = std::env::var_os("CLAVIGER_SHARED").map(PathBuf::from).or_else(beside)?;
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {name} is not present; set CLAVIGER_SHARED to the folder that has it");
    None
}
