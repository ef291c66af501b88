//! What a running operation of a library can call, from any thread, and how its calls reach the item that waits.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

use claviger_plugin_sdk::dynamic::abi::{ABI_VERSION, Bytes, Callback, HostTable, Status};
use claviger_plugin_sdk::dynamic::wire;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::random::RandomSource;
use tokio::sync::mpsc::UnboundedSender;

use crate::SystemRandom;

/// What a library says while one of its operations runs.
pub(super) enum Event {
    /// It asks something.
    Asked(Question),
    /// The operation is over.
    Over(Result<Vec<u8>>),
}

/// A question, to be answered once. One that is dropped is answered with a failure, so a plugin never waits for an item
/// that was given up.
pub(super) struct Question {
    pub(super) bytes: Vec<u8>,
    reply: Option<Reply>,
}

struct Reply {
    user: *mut c_void,
    callback: Callback,
}

// SAFETY: a plugin takes an answer from any thread (see `Callback`).
#[allow(unsafe_code)]
unsafe impl Send for Reply {}

impl Question {
    /// Answers it.
    pub(super) fn answer(mut self, result: Result<Vec<u8>>) {
        if let Some(reply) = self.reply.take() {
            reply.give(result);
        }
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        if let Some(reply) = self.reply.take() {
            reply.give(Err(Error::server("the request was given up")));
        }
    }
}

impl Reply {
    #[allow(unsafe_code)]
    fn give(self, result: Result<Vec<u8>>) {
        let (status, bytes) = match result {
            Ok(bytes) => (Status::Done, bytes),
            Err(error) => (Status::Failed, wire::encode(wire::Failure::from(&error))),
        };
        // SAFETY: the callback is called once with its own pointer; the bytes live until it returns.
        unsafe { (self.callback)(self.user, status as u32, Bytes::lend(&bytes)) }
    }
}

/// The server's side of one running operation; the plugin holds a pointer to it until it gives the result.
pub(super) struct HostLink {
    pub(super) events: UnboundedSender<Event>,
}

/// The functions that a plugin may call.
pub(super) static HOST: HostTable =
    HostTable { version: ABI_VERSION, size: size_of::<HostTable>() as u32, random, log, ask };

#[allow(unsafe_code)]
unsafe extern "C" fn random(_: *mut c_void, start: *mut u8, length: usize) {
    if length == 0 || start.is_null() {
        return;
    }
    // SAFETY: the plugin lends a writable buffer of this length.
    let buffer = unsafe { std::slice::from_raw_parts_mut(start, length) };
    SystemRandom.fill(buffer);
}

#[allow(unsafe_code)]
unsafe extern "C" fn log(_: *mut c_void, level: u32, text: Bytes) {
    // SAFETY: the plugin lends the text for the length of this call.
    let text = String::from_utf8_lossy(&unsafe { text.to_vec() }).into_owned();
    contained(|| match level {
        1 => tracing::error!(target: "plugin", "{text}"),
        2 => tracing::warn!(target: "plugin", "{text}"),
        3 => tracing::info!(target: "plugin", "{text}"),
        _ => tracing::debug!(target: "plugin", "{text}"),
    });
}

#[allow(unsafe_code)]
unsafe extern "C" fn ask(host_user: *mut c_void, question: Bytes, user: *mut c_void, callback: Callback) {
    // SAFETY: the plugin has not given its result, so the link is still there.
    let link = unsafe { &*host_user.cast::<HostLink>() };
    // SAFETY: the plugin lends the question for the length of this call.
    let bytes = unsafe { question.to_vec() };
    let question = Question { bytes, reply: Some(Reply { user, callback }) };
    // A question that nobody waits for is dropped, which answers it.
    contained(|| drop(link.events.send(Event::Asked(question))));
}

/// The callback of a running operation: gives the link back and ends the item's waiting.
#[allow(unsafe_code)]
pub(super) unsafe extern "C" fn over(user: *mut c_void, status: u32, bytes: Bytes) {
    // SAFETY: `user` is the box that was leaked for this run, and the plugin calls this exactly once.
    let link = unsafe { Box::from_raw(user.cast::<HostLink>()) };
    // SAFETY: the plugin lends the bytes for the length of this call.
    let bytes = unsafe { bytes.to_vec() };
    contained(|| drop(link.events.send(Event::Over(outcome(status, bytes)))));
}

/// A panic must not cross the border. The item that waits sees its channel close.
fn contained(work: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(work));
}

/// The result that a status and bytes stand for.
pub(super) fn outcome(status: u32, bytes: Vec<u8>) -> Result<Vec<u8>> {
    match Status::of(status) {
        Status::Done => Ok(bytes),
        Status::Failed => Err(wire::decode::<wire::Failure>(&bytes)?.into()),
        Status::Panicked => Err(Error::server("a loaded plugin panicked; the operation had no effect")),
    }
}
