//! Writing the contents of a store anew, page by page, while it is used.
//!
//! A pass looks at every record, newest first, and then at every document. What is not as it is to be is opened and written
//! as a rewrite, which compares the bytes: whoever writes meanwhile is not disturbed and wins. What is created meanwhile is
//! as it is to be. A pass that found nothing to do, and began when no server could still write under earlier keys, ends
//! the rotation; any other is followed by one more. It can be interrupted anywhere, since what a content is under shows in
//! the content, and the place goes into the store together with each page.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::filter::{Cursor, Filter, Page};
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::{
    ApplyError, ChangeSet, DocumentPage, DocumentPut, ObjectStore as _, Rewrite, Rewritten,
};

use super::Sealing;
use super::body::Whose;
use super::cell::Needed;
use super::keys::KIND;
use super::progress::{DocumentPlace, Progress};
use super::ring::Ring;
use super::store::SealedStore;

/// How often the log is told how far it is.
const TELL_EVERY: Duration = Duration::from_secs(10);
/// How many contents are read together at first.
const FIRST_PAGE: u64 = 8;
/// So many bytes are many for one page.
const MANY_BYTES: usize = 4 << 20;
/// How long a pass waits after one that found what it cannot open, which nobody but an operator can help.
const PAUSE_AFTER_UNOPENED: i64 = 60_000;

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// There is more to do at once.
    Made,
    /// There is more to do later, or another server does it.
    Waits,
    /// All contents are as they are to be.
    Finished,
}

impl Sealing {
    /// Writes contents anew where they are not as the options ask for, until `ending` is over.
    pub async fn run(&self, ending: impl Future<Output = ()>) {
        let mut ending = pin!(ending);
        let mut told = Instant::now();
        loop {
            let started = Instant::now();
            let is_busy = self.step().await;
            if is_busy && told.elapsed() > TELL_EVERY {
                told = Instant::now();
                let figures = self.figures();
                tracing::info!(
                    objects = figures.objects,
                    seen = figures.objects_seen,
                    rewritten = figures.rewritten,
                    "contents are written anew"
                );
            }
            // Requests have the store for at least half of the time.
            let pause = if is_busy { started.elapsed() } else { self.shared.options.pace.look };
            tokio::select! {
                () = &mut ending => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// One page of each store that is in use; false if there is nothing to do at once.
    pub async fn step(&self) -> bool {
        self.shared.forget_closed();
        let stores = self.shared.stores();
        let stores = stores.inspect_err(|error| tracing::warn!(?error, "the storage cannot be opened"));
        let mut is_busy = false;
        for store in stores.into_iter().flatten() {
            match store.step().await {
                Ok(step) => is_busy |= step == Step::Made,
                Err(error) => {
                    let namespace = store.namespace();
                    tracing::warn!(%namespace, ?error, "contents cannot be written anew now");
                }
            }
        }
        is_busy
    }
}

/// Contents that were looked at, and what is to be written.
#[derive(Default)]
struct Found {
    rewrites: Vec<Rewrite>,
    unopened: i64,
}

impl SealedStore {
    async fn step(&self) -> Result<Step> {
        let ring = self.ring_for_writing().await?;
        if ring.is_finished() {
            return Ok(Step::Finished);
        }
        let now = self.shared.now();
        let read = Progress::read(&*self.inner).await?;
        let revision = read.as_ref().map(|read| read.revision);
        let progress = match read {
            Some(read) if read.content.decided == ring.keys.decided => read.content,
            _ => Progress::first(&ring.keys, now),
        };
        let is_held = progress.holder != self.shared.holder && now < progress.held_until;
        if is_held && !self.inner.properties().sole_writer || now < progress.began {
            return Ok(Step::Waits);
        }
        let lease = i64::try_from(self.shared.options.pace.lease.as_millis()).unwrap_or(i64::MAX);
        let progress = Progress {
            holder: self.shared.holder.clone(),
            held_until: now.saturating_add(lease),
            ..progress
        };
        if progress.after.is_none() && progress.document.is_none() {
            self.count().await?;
        }
        match progress.document.clone() {
            None => self.records(&ring, progress, revision).await,
            Some(place) => self.documents(&ring, progress, place, revision).await,
        }
    }

    /// How many objects there are, for whoever wants to know how far it is.
    async fn count(&self) -> Result<()> {
        let page = Page { count: true, ..Page::first(1) };
        let found = self.inner.locate(&Filter::All(Vec::new()), &page).await?;
        self.cell.figures.objects.store(found.total.unwrap_or_default(), Relaxed);
        Ok(())
    }

    /// A page of records.
    async fn records(
        &self,
        ring: &Arc<Ring>,
        progress: Progress,
        revision: Option<Revision>,
    ) -> Result<Step> {
        let limit = self.page_size();
        let page = Page { after: progress.after.map(Cursor), ..Page::first(limit) };
        let page = self.inner.find(&Filter::All(Vec::new()), &page, &[]).await?;
        let mut found = Found::default();
        for stored in &page.records {
            self.look(ring, Whose::Record(&stored.id), &stored.body, &mut found);
        }
        self.adapt_page(limit, page.records.iter().map(|stored| stored.body.len()).sum());
        let is_last = (page.records.len() as u64) < limit;
        let progress = Progress {
            after: page.last.map(|place| place.0),
            document: is_last.then(|| DocumentPlace { kind: String::new(), id: None }),
            seen: progress.seen.saturating_add_unsigned(page.records.len() as u64),
            ..progress
        };
        self.write(progress, revision, found).await
    }

    /// A page of the documents of a kind, or the end of the pass.
    async fn documents(
        &self,
        ring: &Arc<Ring>,
        progress: Progress,
        place: DocumentPlace,
        revision: Option<Revision>,
    ) -> Result<Step> {
        let limit = self.page_size();
        let mut found = Found::default();
        let page = DocumentPage { after: place.id, limit };
        let documents = match place.kind.is_empty() {
            true => Vec::new(),
            false => self.inner.documents(&place.kind, &page).await?,
        };
        for (id, document) in &documents {
            let whose = Whose::Document { kind: &place.kind, id };
            self.look(ring, whose, &document.body, &mut found);
        }
        self.adapt_page(limit, documents.iter().map(|(_, document)| document.body.len()).sum());
        let next = match documents.last() {
            Some((id, _)) => Some(DocumentPlace { kind: place.kind, id: Some(id.clone()) }),
            None => {
                let kinds = self.inner.document_kinds().await?;
                let next = kinds.into_iter().find(|kind| *kind > place.kind && kind != KIND);
                next.map(|kind| DocumentPlace { kind, id: None })
            }
        };
        match next {
            Some(next) => self.write(Progress { document: Some(next), ..progress }, revision, found).await,
            None => self.end_pass(ring, progress, revision).await,
        }
    }

    /// How many contents are read together.
    fn page_size(&self) -> u64 {
        let most = self.shared.options.pace.page;
        match self.cell.page.load(Relaxed) {
            0 => FIRST_PAGE.min(most),
            known => known.min(most),
        }
    }

    /// Reads fewer together after many bytes, and more after few: contents may be of any length.
    fn adapt_page(&self, limit: u64, bytes: usize) {
        let next = match bytes {
            MANY_BYTES.. => limit / 2,
            bytes if bytes < MANY_BYTES / 4 => limit.saturating_mul(2),
            _ => limit,
        };
        self.cell.page.store(next.clamp(1, self.shared.options.pace.page.max(1)), Relaxed);
    }

    /// Looks at one content.
    fn look(&self, ring: &Ring, whose: Whose<'_>, body: &[u8], found: &mut Found) {
        if ring.is_as_wanted(body) {
            return;
        }
        let content = match ring.open_body(whose, body) {
            Ok(content) => content,
            Err(unopened) => {
                tracing::error!(of = ?whose, %unopened, "a content cannot be written anew");
                found.unopened += 1;
                return;
            }
        };
        match ring.seal(whose, &content, &mut *(self.shared.options.random)()) {
            Ok(to) => {
                let of = match whose {
                    Whose::Record(id) => Rewritten::Record(id.clone()),
                    Whose::Document { kind, id } => {
                        Rewritten::Document { kind: kind.to_owned(), id: id.to_owned() }
                    }
                };
                found.rewrites.push(Rewrite { of, from: body.into(), to: to.into() });
            }
            Err(error) => {
                tracing::error!(of = ?whose, ?error, "a content cannot be written anew");
                found.unopened += 1;
            }
        }
    }

    /// Writes a page and how far the pass is with it.
    async fn write(&self, mut progress: Progress, revision: Option<Revision>, found: Found) -> Result<Step> {
        let Found { rewrites, unopened } = found;
        let count = rewrites.len() as u64;
        progress.found = progress.found.saturating_add_unsigned(count);
        progress.unopened = progress.unopened.saturating_add(unopened);
        progress.rewritten = progress.rewritten.saturating_add_unsigned(count);
        self.cell.figures.seen.store(u64::try_from(progress.seen).unwrap_or_default(), Relaxed);
        let documents = vec![progress.put(revision)];
        let change =
            ChangeSet { rewrites: rewrites.clone(), documents: documents.clone(), ..ChangeSet::default() };
        match self.inner.apply(change).await {
            Ok(()) => {
                self.cell.figures.rewritten.fetch_add(count, Relaxed);
                Ok(Step::Made)
            }
            // Somebody has written one of them since, so it is as it is to be; the others still have to be written.
            Err(ApplyError::Conflict) if !rewrites.is_empty() => {
                self.write_one_by_one(rewrites, documents).await
            }
            Err(ApplyError::Conflict) => Ok(Step::Waits),
            Err(other) => Err(failed(other)),
        }
    }

    async fn write_one_by_one(&self, rewrites: Vec<Rewrite>, documents: Vec<DocumentPut>) -> Result<Step> {
        for rewrite in rewrites {
            match self.inner.apply(ChangeSet { rewrites: vec![rewrite], ..ChangeSet::default() }).await {
                Ok(()) => {
                    self.cell.figures.rewritten.fetch_add(1, Relaxed);
                }
                Err(ApplyError::Conflict) => {}
                Err(other) => return Err(failed(other)),
            }
        }
        match self.inner.apply(ChangeSet { documents, ..ChangeSet::default() }).await {
            Ok(()) => Ok(Step::Made),
            Err(ApplyError::Conflict) => Ok(Step::Waits),
            Err(other) => Err(failed(other)),
        }
    }

    /// Ends a pass, and the rotation if the pass found everything as it is to be.
    async fn end_pass(
        &self,
        ring: &Arc<Ring>,
        progress: Progress,
        revision: Option<Revision>,
    ) -> Result<Step> {
        let settle = match self.inner.properties().sole_writer {
            true => 0,
            false => i64::try_from(self.shared.options.pace.settle.as_millis()).unwrap_or(i64::MAX),
        };
        let settled = ring.keys.decided.saturating_add(settle);
        let unopened = progress.unopened;
        self.cell.figures.unopened.store(u64::try_from(unopened).unwrap_or_default(), Relaxed);
        if progress.found == 0 && unopened == 0 && progress.began >= settled {
            return self.finish(ring, &progress, revision).await;
        }
        let now = self.shared.now();
        let next = if unopened > 0 {
            tracing::error!(
                contents = unopened,
                "contents cannot be opened, so the storage is not as it is to be; the log says which"
            );
            now.saturating_add(PAUSE_AFTER_UNOPENED)
        } else if progress.found > 0 {
            now
        } else {
            settled.max(now)
        };
        self.write(progress.next(next), revision, Found::default()).await
    }

    async fn finish(
        &self,
        ring: &Arc<Ring>,
        progress: &Progress,
        revision: Option<Revision>,
    ) -> Result<Step> {
        let mut keys = ring.keys.clone();
        keys.is_finished = true;
        keys.admits_plain = keys.current.is_none();
        if keys.current.is_none() {
            keys.keys.clear();
            keys.replaced.clear();
        }
        ring.prove(&mut keys, &mut *(self.shared.options.random)())?;
        let under = keys.server_key().map(str::to_owned);
        let mut documents = vec![keys.put(ring.revision)];
        documents.extend(revision.map(Progress::removal));
        match self.inner.apply(ChangeSet { documents, ..ChangeSet::default() }).await {
            Ok(()) => {}
            Err(ApplyError::Conflict) => return Ok(Step::Waits),
            Err(other) => return Err(failed(other)),
        }
        let rewritten = progress.rewritten;
        match under {
            Some(under) => tracing::info!(
                rewritten,
                under,
                "finished: everything that the storage holds is sealed under the current server key, and no other is needed"
            ),
            None => tracing::info!(
                rewritten,
                "finished: nothing that the storage holds is sealed any more, and no server key is needed"
            ),
        }
        self.ring(Needed::NewerThan(ring)).await?;
        Ok(Step::Finished)
    }
}

fn failed(error: ApplyError) -> Error {
    match error {
        ApplyError::Failed(error) => error,
        other => Error::server("contents were not written anew").because(format!("{other:?}")),
    }
}
