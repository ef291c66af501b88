//! The store over a real Redis.

mod contract;
mod support;
