//! What the engine itself costs an item: Encrypt of 64 bytes with a known key and a cipher that does next to nothing.
//!
//! `cargo bench -p claviger-engine`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    unused_imports
)]

#[path = "../tests/engine/support/mod.rs"]
mod support;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use claviger_engine::registry::{Registry, RegistryOptions};
use claviger_engine::{
    AlgorithmPolicy, Authenticators, Caller, Engine, EngineOptions, ImpliedRights, Limits, RequiredAudit,
    SystemClock, SystemRandom,
};
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::{ChangeSet, ObjectStore};
use claviger_plugin_sdk::testkit::{MemoryStore, RecordBuilder};

use support::Ask;
use support::world::{entries, item, message};

const ITEMS: usize = 200_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let store = MemoryStore::new();
    let mask = CryptographicUsageMask::UNRESTRICTED.0 as i32;
    let key = RecordBuilder::new("k").owner("alice").with::<kinds::CryptographicUsageMask>(mask);
    store.apply(ChangeSet { puts: vec![key.put()], ..ChangeSet::default() }).await.unwrap();
    let engine = engine(store);
    let caller = engine.authenticate(Arc::new(ConnectionFacts::internal())).await.unwrap();
    for batch in [1, 100] {
        run(&engine, &caller, batch).await;
        let started = Instant::now();
        run(&engine, &caller, batch).await;
        let nanos = started.elapsed().as_nanos() / ITEMS as u128;
        println!("messages of {batch} items: {nanos} ns an item");
    }
}

async fn run(engine: &Engine, caller: &Caller, batch: usize) {
    for _ in 0..ITEMS / batch {
        let ask = || item(OperationCode::ENCRYPT, Ask::of("k").data(&[7; 64]));
        let message = message((0..batch).map(|_| ask()).collect());
        let outcomes = engine.handle_in(caller, &Standard, message).await.unwrap();
        assert!(black_box(outcomes).iter().all(|outcome| outcome.result.is_ok()));
    }
}

fn engine(store: MemoryStore) -> Engine {
    Engine::new(
        Arc::new(Registry::build(entries(), &RegistryOptions::default()).unwrap()),
        Arc::new(store),
        EngineOptions {
            authenticators: Authenticators {
                configured: Vec::new(),
                require_all: true,
                default_user: "alice".to_owned(),
                force_default_user: false,
                operators: Vec::new(),
                creators: None,
            },
            implied_rights: ImpliedRights::Exact,
            algorithm_policy: AlgorithmPolicy::default(),
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
            random: Arc::new(|| Box::new(SystemRandom)),
            audit: Vec::new(),
            required_audit: RequiredAudit::Nothing,
            observer: None,
        },
    )
}
