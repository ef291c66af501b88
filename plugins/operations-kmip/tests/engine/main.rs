//! The operations on a real engine with the reference store: what only shows when registry, admission, units of work and
//! handlers work together.

mod access;
mod attributes;
mod cipher;
mod formats;
mod import;
mod keys;
mod lifecycle;
mod locate;
mod query;
mod server;
mod wrapping;
