//! What tests of plugins and of the engine need: the reference store, a clock that stands still, randomness that
//! repeats, and the suites that hold each extension point to its contract.
//!
//! Behind the feature `testkit`; never part of a server.

// Suites report by panicking, as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub mod authenticator;
pub mod believing;
pub mod catalogue;
pub mod clock;
pub mod credential;
pub mod dialect;
pub mod memory_store;
pub mod operation;
pub mod random;
pub mod record;
pub mod rules;
pub mod scheme;
pub mod service;
pub mod snapshot;
pub mod store;
pub mod tag_policy;

pub use believing::Believing;
pub use catalogue::TestCatalogue;
pub use clock::FakeClock;
pub use memory_store::MemoryStore;
pub use random::SeededRandom;
pub use record::RecordBuilder;
pub use rules::assert_broken;
pub use service::{say_skipped, service, skip};
