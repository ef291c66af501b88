//! The server as a loaded plugin asks it, over the C table.

use std::ffi::c_void;

use tokio::sync::oneshot;

use super::abi::{Bytes, HostTable, Status};
use super::wire;
use crate::error::{Error, Result};

/// The server's table with its first argument, valid until the result was given.
#[derive(Clone, Copy)]
pub(super) struct Server {
    pub(super) table: *const HostTable,
    pub(super) user: *mut c_void,
}

// SAFETY: the server's functions may be called from any thread until the result was given (see `HostTable`).
#[allow(unsafe_code)]
unsafe impl Send for Server {}
// SAFETY: as above.
#[allow(unsafe_code)]
unsafe impl Sync for Server {}

impl Server {
    /// Fills the buffer from the server's random numbers.
    #[allow(unsafe_code)]
    pub(super) fn random(self, buffer: &mut [u8]) {
        // SAFETY: the table is valid while the operation runs, and the buffer is writable for its length.
        unsafe { ((*self.table).random)(self.user, buffer.as_mut_ptr(), buffer.len()) }
    }

    /// Asks a question and waits for the bytes of the answer.
    #[allow(unsafe_code)]
    pub(super) async fn ask(self, question: Vec<u8>) -> Result<Vec<u8>> {
        let (sender, receiver) = oneshot::channel::<(Status, Vec<u8>)>();
        {
            let sender = Box::into_raw(Box::new(sender)).cast::<c_void>();
            // SAFETY: the table is valid while the operation runs; `answered` takes the sender back exactly once.
            unsafe { ((*self.table).ask)(self.user, Bytes::lend(&question), sender, answered) }
        }
        match receiver.await {
            Ok((Status::Done, bytes)) => Ok(bytes),
            Ok((Status::Failed, bytes)) => Err(wire::decode::<wire::Failure>(&bytes)?.into()),
            Ok((Status::Panicked, _)) | Err(_) => Err(Error::server("the server did not answer a plugin")),
        }
    }
}

/// The callback of a question.
#[allow(unsafe_code)]
unsafe extern "C" fn answered(user: *mut c_void, status: u32, bytes: Bytes) {
    // SAFETY: `user` is the box that `ask` leaked, and the server calls this exactly once.
    let sender = unsafe { Box::from_raw(user.cast::<oneshot::Sender<(Status, Vec<u8>)>>()) };
    // SAFETY: the server lends the bytes for the length of this call.
    let bytes = unsafe { bytes.to_vec() };
    // The operation may have been given up; then nobody waits.
    let _ = sender.send((Status::of(status), bytes));
}
