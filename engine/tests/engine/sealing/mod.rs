//! Sealing: what it keeps from a reader of the storage, and rotations that are interrupted, raced and shared.

mod databases;
mod keys;
mod rotation;
mod scene;
mod tampering;

use std::sync::Arc;

use claviger_plugin_sdk::store::ObjectStore;
use claviger_plugin_sdk::store_conformance;

use scene::Scene;

store_conformance!(sealed_memory, || async { Scene::new().sealed("a").await as Arc<dyn ObjectStore> });
store_conformance!(unsealed_memory, || async { Scene::new().unsealing("a").await as Arc<dyn ObjectStore> });
