//! What a Claviger plugin depends on.
//!
//! A plugin is a crate that implements one or more of the traits here and registers them with the macro of the
//! same name; naming the crate in a server (`use my_plugin as _;`) is all that a custom build needs. Start with
//! [`operation::Operation`] and the cookbook.
//!
//! Bytes and KMIP types alone cross this border: no type of a cryptographic, random or database library appears
//! in a public signature.

pub mod attempts;
pub mod audit;
pub mod authentication;
pub mod certificate_attributes;
pub mod client_certificates;
pub mod clock;
pub mod context;
pub mod credentials;
pub mod databases;
pub mod dialect;
pub mod dynamic;
pub mod error;
pub mod explanation;
pub mod filter;
mod forward_to_store;
pub mod key_value_encoding;
pub mod new_object_rule;
pub mod object_kind;
pub mod operation;
pub mod plugin;
pub mod prelude;
pub mod private_file;
pub mod random;
pub mod record;
pub mod routes;
pub mod scheme;
pub mod settings;
pub mod shared_bytes;
pub mod store;
pub mod tag_policy;
pub mod target;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod timer;
pub mod upkeep;
pub mod wrapped_key;

pub use claviger_kmip as kmip;
pub use error::{Error, ErrorClass, Result};
#[doc(hidden)]
pub use inventory;

/// A boxed future, for the traits that must be object-safe.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Compiles what the cookbook shows.
#[cfg(doctest)]
#[doc = include_str!("../../docs/cookbook/an-operation-of-your-own.md")]
struct Cookbook;
