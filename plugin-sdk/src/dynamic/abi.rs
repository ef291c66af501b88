//! The C table between server and plugin.
//!
//! A table starts with its version and size and grows only at its end, so an older side reads the part that it knows.
//! A [`Bytes`] is borrowed for the length of a call: each side copies what it keeps and frees its own memory. Panics are
//! caught on both sides and never cross.

use std::ffi::c_void;

/// The version of this table. A server refuses a plugin with another one.
pub const ABI_VERSION: u32 = 1;

/// The name of the function that a plugin library exports: `extern "C" fn() -> *const PluginTable`.
pub const ENTRY_POINT: &str = "claviger_plugin_v1";

/// Bytes that are borrowed for the length of a call.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    /// The first byte; may be anything when `length` is 0.
    pub start: *const u8,
    /// How many there are.
    pub length: usize,
}

/// How a call went. The bytes beside it are the result, or a [`wire::Failure`](super::wire::Failure).
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The bytes are the result.
    Done = 0,
    /// The bytes are a failure.
    Failed = 1,
    /// The other side panicked; there are no bytes.
    Panicked = 2,
}

impl Status {
    /// Reads a status from a number, since the other side may be newer.
    pub fn of(number: u32) -> Self {
        match number {
            0 => Self::Done,
            1 => Self::Failed,
            _ => Self::Panicked,
        }
    }
}

/// Takes a result: called exactly once, from any thread, with the pointer that was given beside it.
pub type Callback = unsafe extern "C" fn(user: *mut c_void, status: u32, bytes: Bytes);

/// How every table starts, whatever its version: to be read before the rest is believed to be there.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct TableHeader {
    /// The version of the table.
    pub version: u32,
    /// The size of the table in bytes.
    pub size: u32,
}

/// What a plugin library exports.
#[repr(C)]
pub struct PluginTable {
    /// [`ABI_VERSION`].
    pub version: u32,
    /// The size of this table in bytes.
    pub size: u32,
    /// Gives the [`wire::Library`](super::wire::Library): manifest and operations.
    pub describe: unsafe extern "C" fn(user: *mut c_void, result: Callback),
    /// Decodes a request payload of the operation with this number and gives its
    /// [`wire::PreparedTargets`](super::wire::PreparedTargets). On success `prepared` is set to a handle for `run` or
    /// `abandon`.
    pub prepare: unsafe extern "C" fn(
        operation: usize,
        payload: Bytes,
        prepared: *mut *mut c_void,
        user: *mut c_void,
        result: Callback,
    ),
    /// Runs a prepared operation, given [`wire::Facts`](super::wire::Facts), and frees the handle. `result` gets
    /// [`wire::RunResult`](super::wire::RunResult): at once, or later from a thread of the plugin.
    pub run: unsafe extern "C" fn(
        prepared: *mut c_void,
        facts: Bytes,
        host: *const HostTable,
        host_user: *mut c_void,
        user: *mut c_void,
        result: Callback,
    ),
    /// Frees a prepared operation that is not run.
    pub abandon: unsafe extern "C" fn(prepared: *mut c_void),
}

/// What the server offers a running operation. `host_user` of `run` is its first argument everywhere; it is valid until
/// `result` was called.
#[repr(C)]
pub struct HostTable {
    /// [`ABI_VERSION`].
    pub version: u32,
    /// The size of this table in bytes.
    pub size: u32,
    /// Fills a buffer with random bytes fit for keys.
    pub random: unsafe extern "C" fn(host_user: *mut c_void, start: *mut u8, length: usize),
    /// Writes a line to the server's log: level 1 error, 2 warning, 3 information, 4 detail.
    pub log: unsafe extern "C" fn(host_user: *mut c_void, level: u32, text: Bytes),
    /// Asks for something that may take time: a [`wire::Question`](super::wire::Question) in, and the answer of that
    /// question out.
    pub ask:
        unsafe extern "C" fn(host_user: *mut c_void, question: Bytes, user: *mut c_void, result: Callback),
}

impl Bytes {
    /// Lends a slice.
    pub fn lend(slice: &[u8]) -> Self {
        Self { start: slice.as_ptr(), length: slice.len() }
    }

    /// No bytes.
    pub const EMPTY: Self = Self { start: std::ptr::null(), length: 0 };

    /// Copies the bytes.
    ///
    /// # Safety
    /// `start` points to `length` readable bytes, or `length` is 0.
    #[allow(unsafe_code)]
    pub unsafe fn to_vec(self) -> Vec<u8> {
        if self.length == 0 || self.start.is_null() {
            return Vec::new();
        }
        // SAFETY: the caller promises that the range is readable, and it was checked not to be null.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }.to_vec()
    }
}
