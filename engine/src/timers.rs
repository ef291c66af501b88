//! Timers: looking for objects whose time has come, and making asynchronous requests for their owners.
//!
//! A timer has no way to a store or an object of its own. It says which objects to look for and which of its operations to
//! call for one; the engine makes the call a job, which runs with the rights of the owner like any other.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use claviger_kmip::ByteString;
use claviger_kmip::field::DateTime;
use claviger_kmip::message::RequestBatchItem;
use claviger_plugin_sdk::context::Authorized;
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::filter::Page;
use claviger_plugin_sdk::store::{DocumentPut, ObjectStore, Stored};
use claviger_plugin_sdk::timer::Timer;

use crate::{Core, Engine, document, jobs};

/// How often it is seen whether a timer's time has come, at most.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Objects that are looked at together.
const PAGE: u64 = 200;
/// Requests that one look makes at most; the next one makes the others.
const MOST: usize = 1_000;
/// The kind of the documents that tell when a timer has looked.
const LOOKED: &str = "timer";

impl Engine {
    /// Makes the requests of timers when their time has come, until `ending` is over. [`Engine::run_jobs`] runs them.
    pub async fn run_timers(&self, timers: &[Arc<dyn Timer>], ending: impl Future<Output = ()>) {
        let mut ending = pin!(ending);
        let pause = timers.iter().map(|timer| timer.every()).min().unwrap_or(LOOK_EVERY).min(LOOK_EVERY);
        loop {
            self.run_due_timers(timers).await;
            tokio::select! {
                () = &mut ending => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Makes the requests of the timers whose time has come.
    pub async fn run_due_timers(&self, timers: &[Arc<dyn Timer>]) {
        for store in self.core.stores_at_hand() {
            for timer in timers {
                if let Err(error) = look(&self.core, &*store, &**timer).await {
                    tracing::warn!(timer = timer.name(), ?error, "a timer could not do its work");
                }
            }
        }
    }
}

async fn look(engine: &Core, store: &dyn ObjectStore, timer: &dyn Timer) -> Result<()> {
    let now = DateTime(engine.options.clock.now_millis().div_euclid(1000));
    if !is_turn(store, timer, now).await? {
        return Ok(());
    }
    let filter = timer.due(now);
    let mut page = Page::first(PAGE);
    let mut made = 0;
    loop {
        let found = store.find(&filter, &page, &[]).await?;
        let is_last = (found.records.len() as u64) < PAGE;
        for stored in found.records {
            made += usize::from(request(engine, store, timer, stored, now).await?);
        }
        page.after = found.last;
        if is_last || made >= MOST {
            break;
        }
    }
    if made > 0 {
        tracing::debug!(timer = timer.name(), made, "requests of a timer");
        engine.jobs.hurry();
    }
    Ok(())
}

/// Whether no server has looked lately. A document says so until the next time; writing it lets the store remove all
/// that have expired, too.
async fn is_turn(store: &dyn ObjectStore, timer: &dyn Timer, now: DateTime) -> Result<bool> {
    if store.document(LOOKED, timer.name()).await?.is_some() {
        return Ok(false);
    }
    let until = now.0.saturating_add_unsigned(timer.every().as_secs()).saturating_sub(1);
    let looked = DocumentPut {
        kind: LOOKED.to_owned(),
        id: timer.name().to_owned(),
        expected: None,
        content: Some((ByteString::default(), Some(until))),
    };
    document::write(store, vec![looked]).await
}

/// Makes the request for one object; false if there is one already, or nothing to do.
async fn request(
    engine: &Core,
    store: &dyn ObjectStore,
    timer: &dyn Timer,
    stored: Stored,
    now: DateTime,
) -> Result<bool> {
    let id = stored.id.clone();
    let loaded = match engine.objects.take_found(store, stored) {
        Ok(loaded) => loaded,
        Err(error) => {
            // One record that cannot be read must not keep the others from what is due.
            tracing::error!(object = %id, ?error, "a timer cannot read an object");
            return Ok(false);
        }
    };
    let record = loaded.entry.record.clone();
    let state = record.state_dates().at(now);
    let object = Authorized::engine_only(record, loaded.entry.revision, state);
    let Some((operation, payload)) = timer.request(&object) else { return Ok(false) };
    if !timer.operations().contains(&operation) {
        tracing::error!(
            timer = timer.name(),
            ?operation,
            "a timer calls an operation that it does not declare"
        );
        return Ok(false);
    }
    if engine.registry.operation(operation).is_none() {
        tracing::debug!(
            timer = timer.name(),
            ?operation,
            "a timer calls an operation that is not in this server"
        );
        return Ok(false);
    }
    let item = RequestBatchItem::new(operation, payload);
    jobs::submit_for_owner(engine, store, timer.name(), &object, item).await
}
