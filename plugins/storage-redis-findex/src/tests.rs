//! The store over a real Redis.

mod contract;
mod labels;
mod lists;
mod opening;
mod snapshots;
mod support;
