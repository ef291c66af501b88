//! The right to run a job: taken for a while, kept alive by whoever works, and lost to others when it lapses.

use std::pin::{Pin, pin};
use std::sync::Arc;

use claviger_kmip::tables::enumerations::ProcessingStage;
use claviger_plugin_sdk::context::JobEnd;
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::ObjectStore;
use tokio::sync::Mutex;
use tokio::time::Sleep;

use super::document::{JobBody, JobHeader, UNTOUCHED, body_removal};
use super::left::Left;
use crate::Core;
use crate::document::{Read, write};
use crate::pipeline::commit::{self, Failure};
use crate::pipeline::message::Message;
use crate::unit_of_work::UnitOfWork;

/// A job that this server runs.
pub(super) struct Lease {
    pub(super) store: Arc<dyn ObjectStore>,
    /// The header as it was taken.
    pub(super) header: JobHeader,
    expires: Option<i64>,
    /// The revision of the header, which only this server knows how to overwrite. Held while somebody writes.
    revision: Mutex<Revision>,
}

/// Whether nobody runs a job that has not ended. In a storage that is this server's alone others are gone.
pub(super) fn is_free(engine: &Core, store: &dyn ObjectStore, header: &JobHeader) -> bool {
    let holder = header.holder.as_deref();
    let is_here = holder == Some(&*engine.jobs.holder);
    let lapsed = header.held_until < engine.options.clock.now_millis();
    !header.has_ended() && (holder.is_none() || lapsed || store.properties().sole_writer && !is_here)
}

impl Lease {
    /// Takes the lease, if the job is free and nobody is faster.
    pub(super) async fn take(
        engine: &Core,
        store: &Arc<dyn ObjectStore>,
        read: Read<JobHeader>,
    ) -> Result<Option<Self>> {
        let Read { content: mut header, revision, expires } = read;
        if !is_free(engine, &**store, &header) {
            return Ok(None);
        }
        header.stage = ProcessingStage::IN_PROCESS;
        header.holder = Some(engine.jobs.holder.clone());
        header.held_until = until(engine);
        header.attempts = header.attempts.saturating_add(1);
        if !write(&**store, vec![header.put(Some(revision), expires)]).await? {
            return Ok(None);
        }
        let revision = Mutex::new(Revision(revision.0 + 1));
        Ok(Some(Self { store: store.clone(), header, expires, revision }))
    }

    /// Keeps the lease alive for as long as it is polled. Returns when it is lost, or the job was canceled: at once if
    /// that was on this server.
    pub(super) async fn keep(&self, engine: &Core) {
        loop {
            let renewal = pin!(tokio::time::sleep(engine.options.limits.jobs.lease / 3));
            if self.is_lost_before(engine, renewal).await {
                return;
            }
            let mut revision = self.revision.lock().await;
            let mut header = self.header.clone();
            header.held_until = until(engine);
            match write(&*self.store, vec![header.put(Some(*revision), self.expires)]).await {
                Ok(true) => *revision = Revision(revision.0 + 1),
                Ok(false) => return,
                // While the store fails nobody else can take the job either.
                Err(error) => tracing::warn!(?error, "the lease of a job was not renewed"),
            }
        }
    }

    /// Waits until the time is up, or the job is not this server's any more.
    async fn is_lost_before(&self, engine: &Core, mut renewal: Pin<&mut Sleep>) -> bool {
        loop {
            let mut changed = pin!(engine.jobs.changed.notified());
            changed.as_mut().enable();
            // While the store fails nobody else can take the job either.
            if !self.is_held().await.unwrap_or(true) {
                return true;
            }
            tokio::select! {
                () = &mut renewal => return false,
                () = changed => {}
            }
        }
    }

    /// Whether nobody has taken the job since, or canceled it.
    pub(super) async fn is_held(&self) -> Result<bool> {
        let revision = self.revision.lock().await;
        let read = JobHeader::read(&*self.store, &self.header.correlation).await?;
        Ok(read.is_some_and(|read| read.revision == *revision))
    }

    /// Forgets the job, unless it is somebody else's by now.
    pub(super) async fn forget(&self) -> Result<()> {
        let revision = self.revision.lock().await;
        let documents = vec![self.header.removal(*revision), body_removal(&self.header.correlation)];
        write(&*self.store, documents).await.map(drop)
    }

    /// Ends the job and writes the effects of its operation, both or neither.
    pub(super) async fn end(
        &self,
        message: &Message<'_>,
        mut unit: UnitOfWork,
        result: &Result<claviger_kmip::payload::Payload>,
        remark: Option<String>,
        left: Option<Left>,
    ) -> Result<(), Failure> {
        let revision = self.revision.lock().await;
        let mut header = self.header.clone();
        header.end_as(if result.is_ok() { JobEnd::Completed } else { JobEnd::Failed });
        let kept = message.engine.options.limits.jobs.results_kept;
        let expires = Some(message.now.0.saturating_add_unsigned(kept.as_secs()));
        // Nobody asks for what a timer did; what failed is kept, so that it is not tried again at once.
        let puts = if header.about.is_some() && result.is_ok() {
            [header.removal(*revision), body_removal(&header.correlation)]
        } else {
            let body = JobBody::answered(result, remark, left);
            let body = body.put(&header.correlation, Some(UNTOUCHED), expires);
            [header.put(Some(*revision), expires), body]
        };
        for put in puts {
            unit.documents.record(put, message.now).map_err(Failure::Final)?;
        }
        commit::commit(message, unit).await
    }
}

fn until(engine: &Core) -> i64 {
    let lease = i64::try_from(engine.options.limits.jobs.lease.as_millis()).unwrap_or(i64::MAX);
    engine.options.clock.now_millis().saturating_add(lease)
}
