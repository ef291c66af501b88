//! The dynamic door: a plugin as a library that a prebuilt server loads.
//!
//! No Rust type crosses the border. TTLV bytes travel through the C table [`abi::PluginTable`], so a plugin needs neither
//! the server's compiler nor its versions of other crates. The same plugin source serves both doors: a shim crate of
//! three lines exports it with [`export_plugin!`](crate::export_plugin).
//!
//! Operations cross this border; other kinds of entries are linked. A handler that runs behind it reaches its targets,
//! the principal, time, randomness, further objects and effects. It reaches no key material and no scheme yet and gets
//! a precise error when it asks.

pub mod abi;
#[cfg(feature = "dynamic")]
mod export;
#[cfg(feature = "dynamic")]
mod remote_host;
#[cfg(feature = "dynamic")]
mod server;
#[cfg(feature = "dynamic")]
mod standard_catalogue;
pub mod wire;

#[cfg(feature = "dynamic")]
pub use export::plugin_table;
