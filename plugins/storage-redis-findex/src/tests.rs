//! The store over a real Redis.

mod contract;
mod labels;
mod lists;
mod opening;
mod own_redis;
mod snapshots;
mod support;
