//! The engine with operations, schemes, policies and stores that are made for the test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

mod admission;
mod algorithm_policy;
mod audit;
mod authenticators;
mod batch;
mod binary;
mod cache;
mod commit;
mod databases;
mod dependents;
mod documents;
mod effects;
mod jobs;
mod message;
mod overlay;
mod parents;
mod refused_callers;
mod registry;
mod request_share;
mod sealing;
mod selectors;
mod stored_wrapped;
mod streams;
mod timers;
mod usage_limits;
