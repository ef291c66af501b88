//! The contract of stores.

use claviger_plugin_sdk::store_conformance;
use claviger_plugin_sdk::testkit::service;

use super::support::Place;

store_conformance!(redis, || async { Some(Place::at(&service("REDIS")?).fixture().await) });
