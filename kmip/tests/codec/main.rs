//! The wire forms against one another, against recorded messages, and against nonsense.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod examples;
mod forms;
mod mutations;
mod oasis_cases;
mod oasis_legacy_cases;
mod oasis_payloads;
mod payloads;
mod properties;
mod recorded_exchanges;
mod shared_material;
mod trees;
