//! What a snapshot of a sealed storage gives, opened: backups and copies hold contents that are not sealed, so that they fit
//! every storage.

use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::filter::Index;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::Document;
use claviger_plugin_sdk::upkeep::{KeptDocument, KeptObject, Snapshot, SnapshotCounts};

use super::SealingOptions;
use super::body::Whose;
use super::keys::{KIND, Keys};
use super::ring::{Ring, Unopened};

/// Opens what a snapshot gives, under the server keys of the options. One of a storage that is not sealed stays as it is, but
/// for the documents of sealing, which belong to the storage alone.
///
/// # Errors
/// The storage is under a server key that the options do not have, or its document of keys was altered.
pub async fn open_snapshot(
    options: Option<&SealingOptions>,
    mut snapshot: Box<dyn Snapshot>,
) -> Result<Box<dyn Snapshot>> {
    let Some(read) = Keys::read_from(&mut *snapshot).await? else { return Ok(snapshot) };
    let ring = match options {
        Some(options) => Ring::open(options, read.content, read.revision, None).await?,
        None => {
            read.content.refuse_sealed()?;
            Ring::of_plain(read.content)
        }
    };
    Ok(Box::new(OpenedSnapshot { inner: snapshot, ring }))
}

struct OpenedSnapshot {
    inner: Box<dyn Snapshot>,
    ring: Ring,
}

impl OpenedSnapshot {
    /// A content that does not open, because it was altered, is given as it is: nobody can read it, and whoever looks at
    /// it finds that out and can go on with the others.
    fn object_opened(&self, kept: &mut KeptObject) -> Result<()> {
        let whose = Whose::Record(&kept.id);
        match self.ring.open_body(whose, &kept.body) {
            Ok(body) => kept.body = body.into(),
            Err(Unopened::Altered(_) | Unopened::UnknownKey(_)) => {}
            // It could be read, and must not be: somebody without a data key wrote it.
            Err(unopened @ Unopened::NotSealed) => return Err(unopened.into_error(whose)),
        }
        Ok(())
    }

    fn document_opened(&self, kept: &mut KeptDocument) -> Result<()> {
        let whose = Whose::Document { kind: &kept.kind, id: &kept.id };
        let opened = self.ring.open_body(whose, &kept.document.body);
        kept.document.body = opened.map_err(|unopened| unopened.into_error(whose))?;
        Ok(())
    }
}

impl Snapshot for OpenedSnapshot {
    /// Counts the few documents of sealing, too.
    fn counts(&mut self) -> BoxFuture<'_, Result<SnapshotCounts>> {
        self.inner.counts()
    }

    fn document<'a>(&'a mut self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        Box::pin(async move {
            if kind == KIND {
                return Ok(None);
            }
            let Some(document) = self.inner.document(kind, id).await? else { return Ok(None) };
            let mut kept = KeptDocument { kind: kind.to_owned(), id: id.to_owned(), document };
            self.document_opened(&mut kept)?;
            Ok(Some(kept.document))
        })
    }

    fn objects(&mut self, limit: usize) -> BoxFuture<'_, Result<Vec<KeptObject>>> {
        Box::pin(async move {
            let mut objects = self.inner.objects(limit).await?;
            objects.iter_mut().try_for_each(|kept| self.object_opened(kept))?;
            Ok(objects)
        })
    }

    fn object<'a>(&'a mut self, id: &'a ObjectId) -> BoxFuture<'a, Result<Option<KeptObject>>> {
        Box::pin(async move {
            let mut object = self.inner.object(id).await?;
            object.iter_mut().try_for_each(|kept| self.object_opened(kept))?;
            Ok(object)
        })
    }

    fn documents(&mut self, limit: usize) -> BoxFuture<'_, Result<Vec<KeptDocument>>> {
        Box::pin(async move {
            loop {
                let mut documents = self.inner.documents(limit).await?;
                let ended = documents.is_empty();
                documents.retain(|kept| kept.kind != KIND);
                for kept in &mut documents {
                    self.document_opened(kept)?;
                }
                if ended || !documents.is_empty() {
                    return Ok(documents);
                }
            }
        })
    }

    fn absent<'a>(&'a mut self, ids: &'a [ObjectId]) -> BoxFuture<'a, Result<Vec<ObjectId>>> {
        self.inner.absent(ids)
    }

    fn index_faults<'a>(
        &'a mut self,
        id: &'a ObjectId,
        expected: &'a Index,
    ) -> BoxFuture<'a, Result<Vec<String>>> {
        self.inner.index_faults(id, expected)
    }

    fn faults(&mut self) -> BoxFuture<'_, Result<Vec<String>>> {
        self.inner.faults()
    }
}
