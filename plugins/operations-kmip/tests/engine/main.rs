//! The operations on a real engine with the reference store: what only shows when registry, admission, units of work and
//! handlers work together.

// Tests and what serves them fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod access;
mod algorithm_policy;
mod archive;
mod asynchronous;
mod attributes;
mod cascade;
mod certificates;
mod certify;
mod cipher;
mod containers;
mod derived_keys;
mod encapsulation;
mod every_type;
mod formats;
mod import;
mod key_pairs;
mod keys;
mod lease;
mod lifecycle;
mod locate;
mod macs;
mod notices;
mod object_types;
mod ownership;
mod pki;
mod query;
mod re_key;
mod re_provision;
mod related_keys;
mod response_size;
mod rules_of_users;
mod server;
mod signatures;
mod split_keys;
mod templates;
mod tickets;
mod timers;
mod toy_family;
mod toy_pair;
mod toy_split;
mod usage_allocation;
mod validate;
mod wrapping;
mod wrapping_methods;
