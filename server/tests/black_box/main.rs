//! The server from outside: a process, its sockets, its files, its signals.

// A test that meets what it does not expect is to fail right there, in a function of the test's own, too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod answering;
mod attacks;
mod audit;
mod bad_input;
mod certificates;
mod client;
mod client_certificates;
mod commands;
mod covercrypt;
mod covercrypt_parents;
mod covercrypt_races;
mod covercrypt_wrapped;
mod crash;
mod credentials;
mod databases;
mod encrypted_databases;
mod ending;
mod every_operation;
mod high_availability;
mod http2;
mod http_errors;
mod https;
mod kmip_forms;
mod libraries;
mod process_protection;
mod profiles;
mod re_provision;
mod recorded_exchanges;
mod redis_at_rest;
mod request_ids;
mod rights;
mod sealing;
mod server_process;
mod symmetric_key;
mod tls_versions;
mod tokens;
mod ttlv_socket;
