//! The operations on a real engine with the reference store: what only shows when registry, admission, units of work and
//! handlers work together.

// Tests and what serves them fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod access;
mod attributes;
mod cipher;
mod formats;
mod import;
mod key_pairs;
mod keys;
mod lifecycle;
mod locate;
mod query;
mod response_size;
mod server;
mod toy_pair;
mod wrapping;
