//! What a plugin library exports: its linked entries behind the C table.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context as TaskContext, Poll, Waker};

use claviger_kmip::codec::{binary, limits::Limits};
use claviger_kmip::payload::Form;
use claviger_kmip::version::ProtocolVersion;
use futures_util::FutureExt;

use super::abi::{ABI_VERSION, Bytes, Callback, HostTable, PluginTable, Status};
use super::remote_host::RemoteHost;
use super::server::Server;
use super::wire;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::operation::{ErasedOperation, Run};
use crate::plugin::{EntryKind, Manifest, linked};

/// The table of this library. Its functions may be called from any thread.
pub fn plugin_table() -> *const PluginTable {
    static TABLE: PluginTable = PluginTable {
        version: ABI_VERSION,
        size: size_of::<PluginTable>() as u32,
        describe,
        prepare,
        run,
        abandon,
    };
    &TABLE
}

/// Exports a plugin crate from a library crate of the type `cdylib`: the whole source of the shim.
///
/// ```ignore
/// claviger_plugin_sdk::export_plugin!(my_plugin);
/// ```
#[macro_export]
macro_rules! export_plugin {
    ($plugin:ident) => {
        use $plugin as _;

        /// The entry point of the library.
        #[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        pub extern "C" fn claviger_plugin_v1() -> *const $crate::dynamic::abi::PluginTable {
            $crate::dynamic::plugin_table()
        }
    };
}

/// Operations that this library links, by code, so that their numbers do not depend on the linker.
fn operations() -> &'static [&'static dyn ErasedOperation] {
    static OPERATIONS: OnceLock<Vec<&'static dyn ErasedOperation>> = OnceLock::new();
    OPERATIONS.get_or_init(|| {
        let mut operations: Vec<_> = linked()
            .into_iter()
            .filter_map(
                |entry| if let EntryKind::Operation(operation) = entry.kind { Some(operation) } else { None },
            )
            .collect();
        operations.sort_by_key(|operation| operation.spec().code.0);
        operations
    })
}

fn library() -> Result<wire::Library> {
    let manifests: Vec<&Manifest> = linked()
        .iter()
        .filter_map(
            |entry| if let EntryKind::Manifest(manifest) = entry.kind { Some(manifest) } else { None },
        )
        .collect();
    let [manifest] = manifests.as_slice() else {
        return Err(Error::server("a plugin library holds exactly one plugin"));
    };
    let version = |(major, minor): (u16, u16)| ProtocolVersion { major: major.into(), minor: minor.into() };
    Ok(wire::Library {
        name: manifest.name.to_owned(),
        version: manifest.version.to_owned(),
        api: version(manifest.api),
        licence: manifest.licence.to_owned(),
        summary: manifest.summary.to_owned(),
        operations: operations()
            .iter()
            .map(|operation| {
                wire::Operation::new(operation.name(), operation.spec(), operation.request_fields())
            })
            .collect(),
    })
}

/// Where a result goes. It is given exactly once: if nothing else, then that the plugin panicked, or the server would wait
/// for ever.
struct Answer(Option<(*mut c_void, Callback)>);

// SAFETY: the server takes a result from any thread (see `Callback`).
#[allow(unsafe_code)]
unsafe impl Send for Answer {}

impl Answer {
    fn new(user: *mut c_void, callback: Callback) -> Self {
        Self(Some((user, callback)))
    }

    fn give(mut self, result: std::thread::Result<Result<Vec<u8>>>) {
        match result {
            Ok(Ok(bytes)) => self.send(Status::Done, &bytes),
            Ok(Err(error)) => self.send(Status::Failed, &wire::encode(wire::Failure::from(&error))),
            Err(_) => self.send(Status::Panicked, &[]),
        }
    }

    #[allow(unsafe_code)]
    fn send(&mut self, status: Status, bytes: &[u8]) {
        if let Some((user, callback)) = self.0.take() {
            // SAFETY: the callback is called once, with its own pointer, and the bytes live until it returns.
            unsafe { callback(user, status as u32, Bytes::lend(bytes)) }
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.send(Status::Panicked, &[]);
    }
}

#[allow(unsafe_code)]
unsafe extern "C" fn describe(user: *mut c_void, callback: Callback) {
    Answer::new(user, callback).give(catch_unwind(|| library().map(wire::encode)));
}

#[allow(unsafe_code)]
unsafe extern "C" fn prepare(
    operation: usize,
    payload: Bytes,
    prepared: *mut *mut c_void,
    user: *mut c_void,
    callback: Callback,
) {
    // SAFETY: the server lends the payload for the length of this call.
    let payload = unsafe { payload.to_vec() };
    let result = catch_unwind(|| {
        let operation =
            operations().get(operation).ok_or_else(|| Error::server("there is no such operation"))?;
        let tree = binary::decode(&payload, &Limits::default())
            .map_err(|error| Error::server("a payload did not reach a plugin whole").because(error))?;
        let ready = operation.prepare(tree.value.into())?;
        let targets = ready.targets.into_iter().map(wire::WireTarget::from).collect();
        Ok((wire::encode(wire::PreparedTargets { targets }), ready.run))
    });
    let result = result.map(|result| {
        result.map(|(targets, run)| {
            let handle: Box<Box<dyn Run>> = Box::new(run);
            // SAFETY: the server gives a pointer to a place for the handle.
            unsafe { *prepared = Box::into_raw(handle).cast() };
            targets
        })
    });
    Answer::new(user, callback).give(result);
}

#[allow(unsafe_code)]
unsafe extern "C" fn abandon(prepared: *mut c_void) {
    // SAFETY: the handle comes from `prepare` and is given back once, here or to `run`.
    let run = unsafe { Box::from_raw(prepared.cast::<Box<dyn Run>>()) };
    // A destructor that panics must not cross the border.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(run)));
}

#[allow(unsafe_code)]
unsafe extern "C" fn run(
    prepared: *mut c_void,
    facts: Bytes,
    host: *const HostTable,
    host_user: *mut c_void,
    user: *mut c_void,
    callback: Callback,
) {
    // SAFETY: the handle comes from `prepare` and is given back once, here or to `abandon`.
    let run = unsafe { *Box::from_raw(prepared.cast::<Box<dyn Run>>()) };
    // SAFETY: the server lends the facts for the length of this call.
    let facts = unsafe { facts.to_vec() };
    let server = Server { table: host, user: host_user };
    let answer = Answer::new(user, callback);
    let work = async move {
        let mut host = RemoteHost::new(server, wire::decode(&facts)?)?;
        let payload = run.run(&mut Context::new(&mut host), Form::Tree).await?;
        Ok(wire::encode(host.finish(payload.into_value())))
    };
    drive(Box::pin(work), answer);
}

type Work = Pin<Box<dyn Future<Output = Result<Vec<u8>>> + Send>>;

/// Polls once on the caller's thread, since most operations are ready then; what is not goes to this library's own
/// runtime, which polls it again with a waker of its own.
fn drive(mut work: Work, answer: Answer) {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return answer.give(Ok(Err(error))),
    };
    let entered = runtime.enter();
    let first =
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut TaskContext::from_waker(Waker::noop()))));
    drop(entered);
    match first {
        Ok(Poll::Ready(result)) => answer.give(Ok(result)),
        Err(panic) => answer.give(Err(panic)),
        Ok(Poll::Pending) => {
            runtime.spawn(async move {
                let result = AssertUnwindSafe(work).catch_unwind().await;
                answer.give(result);
            });
        }
    }
}

/// This library's own runtime: a tokio of another library cannot be shared.
fn runtime() -> Result<&'static tokio::runtime::Runtime> {
    static RUNTIME: OnceLock<std::io::Result<tokio::runtime::Runtime>> = OnceLock::new();
    RUNTIME
        .get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build())
        .as_ref()
        .map_err(|error| Error::server("a plugin's runtime could not be started").because(error.to_string()))
}
