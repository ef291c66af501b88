//! The store on real database servers, each test in a database of its own.

mod address;
mod database;
mod large;
mod lost_connections;
mod other_threads;
mod plans;
mod readiness;
mod schema;
mod transport;
mod two_servers;
mod upkeep;

use claviger_plugin_sdk::store_conformance;

use database::Database;

store_conformance!(postgresql, || async { Database::fixture("POSTGRESQL").await });
store_conformance!(mysql, || async { Database::fixture("MYSQL").await });
