//! Where things are in the checkout.

use std::env;
use std::path::{Path, PathBuf};

/// The root of the checkout.
pub fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// Cargo's output folder.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The server binary that a build with this profile makes.
pub fn server_binary(profile: &str) -> PathBuf {
    target().join(profile).join("claviger-server")
}

/// The variable that names the folder with material that is not the project's own: conformance cases, acceptance
/// scripts, recorded exchanges.
pub const SHARED: &str = "CLAVIGER_SHARED";

/// That folder, if it is present: what [`SHARED`] names, or `shared` beside the checkout.
pub fn shared() -> Option<PathBuf> {
    let folder = match env::var_os(SHARED) {
        Some(folder) => PathBuf::from(folder),
        None => root().parent()?.join("shared"),
    };
    Some(folder).filter(|folder| folder.is_dir())
}

/// A file in that folder, if it is present.
pub fn shared_file(path: &str) -> Option<PathBuf> {
    Some(shared()?.join(path)).filter(|file| file.is_file())
}
