//! The family's requests through the engine, with the plugins of the standard and the reference store: everything but
//! sockets and SQL.

// A test that meets what it does not expect is to fail right there, in a function of the test's own, too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bulk;
mod certificates;
mod generations;
mod lifecycle;
mod messages;
mod requests;
mod rights;
mod server;
mod wrapping;
