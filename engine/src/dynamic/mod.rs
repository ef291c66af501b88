//! Libraries that are loaded at start: the server's side of the dynamic door.
//!
//! A loaded plugin has all rights of this process, so a library is named in the configuration with its path and
//! SHA-256; there is no search path, and a file that others may write is refused. A library is never unloaded: threads
//! and thread-local destructors of it may run until the process ends.

mod file;
mod host_link;
mod operation;

use std::path::PathBuf;

use claviger_kmip::vocabulary::Extension;
use claviger_plugin_sdk::dynamic::abi::{ABI_VERSION, ENTRY_POINT, PluginTable, TableHeader};
use claviger_plugin_sdk::dynamic::wire;
use claviger_plugin_sdk::error::Error;
use claviger_plugin_sdk::plugin::{Entry, EntryKind, Manifest};

use operation::LoadedOperation;

/// A library that the configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryOptions {
    /// Where it is: an absolute path.
    pub path: PathBuf,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// Whether the server must not start without it.
    pub required: bool,
}

/// Why a library was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file is not what the configuration says, or is not safe to load.
    #[error("{path}: {why}")]
    File {
        /// The library.
        path: String,
        /// What is wrong and what to do.
        why: String,
    },
    /// The library is no Claviger plugin of this table version.
    #[error("{path} is no plugin for this server: {why}")]
    NotAPlugin {
        /// The library.
        path: String,
        /// Why.
        why: String,
    },
}

/// Loads a library and returns what it registers, for [`Registry::build`](crate::registry::Registry::build).
///
/// # Errors
/// See [`LoadError`].
#[allow(unsafe_code)]
pub fn load(options: &LibraryOptions) -> Result<Vec<Entry>, LoadError> {
    let path = options.path.display().to_string();
    let file = file::check(options).map_err(|why| LoadError::File { path: path.clone(), why })?;
    let refused = |why: String| LoadError::NotAPlugin { path: path.clone(), why };
    // SAFETY: loading runs the library's initialisers. The operator vouches for the file by path and hash, as the
    // documentation demands.
    let library = unsafe { libloading::Library::new(&file) }.map_err(|error| refused(error.to_string()))?;
    let table = {
        // SAFETY: the name is that of the entry point, whose type is fixed by the ABI.
        let entry_point = unsafe { library.get::<extern "C" fn() -> *const PluginTable>(ENTRY_POINT) }
            .map_err(|_| refused(format!("it does not export {ENTRY_POINT}")))?;
        entry_point()
    };
    std::mem::forget(library);
    // SAFETY: the library stays loaded, its table is static, and every version of it starts with the header.
    let header = unsafe { table.cast::<TableHeader>().as_ref() }
        .copied()
        .ok_or_else(|| refused("its table is null".to_owned()))?;
    if header.version != ABI_VERSION || (header.size as usize) < size_of::<PluginTable>() {
        return Err(refused(format!(
            "it has table version {} of {} bytes, this server needs version {ABI_VERSION} of at least {}",
            header.version,
            header.size,
            size_of::<PluginTable>()
        )));
    }
    // SAFETY: as above, and the table has the version and at least the size of the type.
    let table = unsafe { &*table };
    let described = describe(table).map_err(|error| refused(error.to_string()))?;
    entries(table, described).map_err(|error| refused(error.to_string()))
}

#[allow(unsafe_code)]
fn describe(table: &'static PluginTable) -> Result<wire::Library, Error> {
    let bytes = operation::call(|user, result| {
        // SAFETY: the table is valid, and `call` gives a callback with the pointer that belongs to it.
        unsafe { (table.describe)(user, result) }
    })?;
    wire::decode(&bytes)
}

/// The names of a library's own operations, so that the forms with names in them can call them.
fn names(operations: &[wire::Operation]) -> Box<[Extension]> {
    const EXTENSIONS: u32 = 0x8000_0000;
    let own = operations.iter().filter(|operation| operation.code.0 >= EXTENSIONS);
    own.map(|operation| Extension::Value {
        of: "Operation".into(),
        code: operation.code.0,
        name: operation.name.clone().into(),
    })
    .collect()
}

/// Entries live as long as the process, as the library does.
fn entries(table: &'static PluginTable, library: wire::Library) -> Result<Vec<Entry>, Error> {
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let part = |number: i32| u16::try_from(number).unwrap_or(u16::MAX);
    let manifest: &'static Manifest = Box::leak(Box::new(Manifest {
        name: leak(library.name),
        version: leak(library.version),
        api: (part(library.api.major), part(library.api.minor)),
        licence: leak(library.licence),
        summary: leak(library.summary),
        settings: &[],
        vocabulary: Box::leak(names(&library.operations)),
        attributes: &[],
    }));
    let mut entries = vec![Entry::new(manifest.name, EntryKind::Manifest(manifest))];
    for (number, operation) in library.operations.into_iter().enumerate() {
        let operation: &'static LoadedOperation =
            Box::leak(Box::new(LoadedOperation::new(table, number, operation)?));
        entries.push(Entry::new(manifest.name, EntryKind::Operation(operation)));
    }
    Ok(entries)
}
