//! A store whose contents are sealed.

use std::sync::Arc;

use claviger_kmip::ByteString;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::shared_bytes::SharedBytes;
use claviger_plugin_sdk::store::{
    ApplyError, ChangeSet, Document, DocumentPage, FoundPage, ObjectStore, Rewrite, Rewritten, Stored,
    Subject,
};
use claviger_plugin_sdk::{BoxFuture, forward_to_store};

use super::Shared;
use super::body::Whose;
use super::cell::{Cell, Needed};
use super::keys::KIND;
use super::ring::{Ring, Unopened};

/// A store whose contents are sealed. Searches for identifiers, and whatever else needs no content, go to the store as they
/// are.
pub(super) struct SealedStore {
    pub(super) inner: Arc<dyn ObjectStore>,
    pub(super) cell: Arc<Cell>,
    pub(super) shared: Arc<Shared>,
}

impl SealedStore {
    pub(super) async fn ring(&self, needed: Needed<'_>) -> Result<Arc<Ring>> {
        self.cell.ring(&self.shared, &*self.inner, needed).await
    }

    /// The data keys to write with.
    pub(super) async fn ring_for_writing(&self) -> Result<Arc<Ring>> {
        if self.inner.properties().sole_writer {
            return self.ring(Needed::Known).await;
        }
        self.ring(Needed::Within(self.shared.options.pace.reread)).await
    }

    /// Opens a content. When the data keys do not do, another server may have changed them since they were read.
    pub(super) async fn opened(
        &self,
        ring: &mut Arc<Ring>,
        whose: Whose<'_>,
        body: &[u8],
    ) -> Result<ByteString> {
        let unopened = match ring.open_body(whose, body) {
            Ok(content) => return Ok(content),
            Err(unopened) => unopened,
        };
        let newer = match unopened {
            Unopened::Altered(_) => ring.clone(),
            Unopened::UnknownKey(_) | Unopened::NotSealed => self.ring(Needed::NewerThan(ring)).await?,
        };
        let opened = match Arc::ptr_eq(&newer, ring) {
            true => Err(unopened),
            false => newer.open_body(whose, body),
        };
        *ring = newer;
        opened.map_err(|unopened| unopened.into_error(whose))
    }

    async fn open_records(&self, records: &mut [Stored]) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let mut ring = self.ring(Needed::Known).await?;
        for stored in records {
            let content = self.opened(&mut ring, Whose::Record(&stored.id), &stored.body).await?;
            stored.body = content.into();
        }
        Ok(())
    }

    /// The change set as it is written.
    async fn sealed(&self, mut change: ChangeSet) -> Result<ChangeSet, ApplyError> {
        if change.puts.is_empty() && change.documents.is_empty() && change.rewrites.is_empty() {
            return Ok(change);
        }
        let ring = self.ring_for_writing().await?;
        let mut written = Written::for_rewrites(&change);
        let mut random = (self.shared.options.random)();
        for put in &mut change.puts {
            let sealed: SharedBytes = ring.seal(Whose::Record(&put.id), &put.body, &mut *random)?.into();
            written.note(|| Rewritten::Record(put.id.clone()), Some((&put.body, &sealed)));
            put.body = sealed;
        }
        for put in &mut change.documents {
            refuse_own(&put.kind)?;
            let of = || Rewritten::Document { kind: put.kind.clone(), id: put.id.clone() };
            match &mut put.content {
                None => written.note(of, None),
                Some((body, _)) => {
                    let whose = Whose::Document { kind: &put.kind, id: &put.id };
                    let sealed = ring.seal(whose, body, &mut *random)?;
                    written.note(of, Some((body, &sealed)));
                    *body = sealed.into();
                }
            }
        }
        drop(random);
        for rewrite in &mut change.rewrites {
            self.seal_rewrite(&ring, &mut written, rewrite).await?;
        }
        Ok(change)
    }

    /// A rewrite names contents that are not sealed; the store knows them as they are sealed.
    async fn seal_rewrite(
        &self,
        ring: &Ring,
        written: &mut Written,
        rewrite: &mut Rewrite,
    ) -> Result<(), ApplyError> {
        let whose = match &rewrite.of {
            Rewritten::Record(id) => Whose::Record(id),
            Rewritten::Document { kind, id } => {
                refuse_own(kind)?;
                Whose::Document { kind, id }
            }
        };
        let (plain, from) = match written.last(&rewrite.of) {
            Some(last) => last.ok_or(ApplyError::Conflict)?,
            None => self.stored(whose).await?.ok_or(ApplyError::Conflict)?,
        };
        if *plain != *rewrite.from {
            return Err(ApplyError::Conflict);
        }
        let sealed: SharedBytes = ring.seal(whose, &rewrite.to, &mut *(self.shared.options.random)())?.into();
        written.note(|| rewrite.of.clone(), Some((&rewrite.to, &sealed)));
        (rewrite.from, rewrite.to) = (from, sealed);
        Ok(())
    }

    /// The content of a record or document.
    async fn stored(&self, whose: Whose<'_>) -> Result<Option<Content>> {
        let body: Option<SharedBytes> = match whose {
            Whose::Record(id) => {
                self.inner.get(std::slice::from_ref(id), &[]).await?.pop().map(|stored| stored.body)
            }
            Whose::Document { kind, id } => {
                self.inner.document(kind, id).await?.map(|document| document.body.into())
            }
        };
        let Some(body) = body else { return Ok(None) };
        let content = self.opened(&mut self.ring(Needed::Known).await?, whose, &body).await?;
        Ok(Some((content, body)))
    }
}

/// What a change set writes before its rewrites take effect, for them to refer to.
struct Written {
    is_needed: bool,
    contents: Vec<(Rewritten, Option<Content>)>,
}

/// A content, and how it is stored.
type Content = (ByteString, SharedBytes);

impl Written {
    fn for_rewrites(change: &ChangeSet) -> Self {
        Self { is_needed: !change.rewrites.is_empty(), contents: Vec::new() }
    }

    /// Takes note of a content; of none, if it is removed.
    fn note(&mut self, of: impl FnOnce() -> Rewritten, content: Option<(&[u8], &[u8])>) {
        if self.is_needed {
            self.contents.push((of(), content.map(|(plain, sealed)| (plain.into(), sealed.into()))));
        }
    }

    /// The last content that was noted.
    fn last(&self, of: &Rewritten) -> Option<Option<Content>> {
        self.contents.iter().rfind(|(known, _)| known == of).map(|(_, content)| content.clone())
    }
}

/// Nobody reaches the documents of sealing but sealing itself.
fn refuse_own(kind: &str) -> Result<()> {
    match kind == KIND {
        true => Err(Error::server("documents of the kind `sealing` are the server's own")),
        false => Ok(()),
    }
}

impl ObjectStore for SealedStore {
    forward_to_store!(inner: namespace, properties, locate, grants, health);

    fn get<'a>(&'a self, ids: &'a [ObjectId], subjects: &'a [Subject]) -> BoxFuture<'a, Result<Vec<Stored>>> {
        Box::pin(async move {
            let mut records = self.inner.get(ids, subjects).await?;
            self.open_records(&mut records).await?;
            Ok(records)
        })
    }

    fn find<'a>(
        &'a self,
        filter: &'a Filter,
        page: &'a Page,
        subjects: &'a [Subject],
    ) -> BoxFuture<'a, Result<FoundPage>> {
        Box::pin(async move {
            let mut found = self.inner.find(filter, page, subjects).await?;
            self.open_records(&mut found.records).await?;
            Ok(found)
        })
    }

    fn document<'a>(&'a self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        Box::pin(async move {
            if kind == KIND {
                return Ok(None);
            }
            let Some(mut document) = self.inner.document(kind, id).await? else { return Ok(None) };
            let whose = Whose::Document { kind, id };
            document.body = self.opened(&mut self.ring(Needed::Known).await?, whose, &document.body).await?;
            Ok(Some(document))
        })
    }

    fn documents<'a>(
        &'a self,
        kind: &'a str,
        page: &'a DocumentPage,
    ) -> BoxFuture<'a, Result<Vec<(String, Document)>>> {
        Box::pin(async move {
            if kind == KIND {
                return Ok(Vec::new());
            }
            let mut documents = self.inner.documents(kind, page).await?;
            let mut ring = self.ring(Needed::Known).await?;
            for (id, document) in &mut documents {
                let whose = Whose::Document { kind, id };
                document.body = self.opened(&mut ring, whose, &document.body).await?;
            }
            Ok(documents)
        })
    }

    fn document_kinds(&self) -> BoxFuture<'_, Result<Vec<String>>> {
        Box::pin(async move {
            let mut kinds = self.inner.document_kinds().await?;
            kinds.retain(|kind| kind != KIND);
            Ok(kinds)
        })
    }

    fn apply(&self, change: ChangeSet) -> BoxFuture<'_, Result<(), ApplyError>> {
        Box::pin(async move { self.inner.apply(self.sealed(change).await?).await })
    }
}
