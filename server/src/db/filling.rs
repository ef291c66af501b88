//! Filling an empty store with what another one had.

use std::sync::Arc;

use claviger_plugin_sdk::filter::Index;
use claviger_plugin_sdk::record::{ObjectId, Record};
use claviger_plugin_sdk::store::{
    ApplyError, ChangeSet, DocumentPut, GrantQuery, ObjectStore, Put, Stored, UsageLeft,
};
use claviger_plugin_sdk::upkeep::{KeptDocument, KeptObject};

use super::incomplete::Mark;
use crate::failure::Failure;

/// A store that is being filled, and that bears the mark of an incomplete one until it is whole.
///
/// Objects keep identifier, revision, order, owner, grants, names and what is left of their Usage Limits; documents keep
/// everything but their revision: it begins at 1, so whoever still holds a job from before is too late with it.
pub(super) struct Filling {
    store: Arc<dyn ObjectStore>,
    mark: Mark,
}

impl Filling {
    /// Marks an empty store as incomplete.
    ///
    /// # Errors
    /// The storage fails, or the store has the mark: something else is filling it.
    pub(super) async fn begin(store: Arc<dyn ObjectStore>, origin: &str) -> Result<Self, Failure> {
        let mark = Mark::set(&store, origin).await.map_err(|error| not_written("the mark", &error))?;
        Ok(Self { store, mark })
    }

    /// Goes on with the same store in another form, such as behind a seal.
    pub(super) fn over(self, store: Arc<dyn ObjectStore>) -> Self {
        Self { store, ..self }
    }

    /// A change that is made only as long as the store has this mark: whoever clears the store and fills it with
    /// something else ends this filling.
    fn change(&self) -> ChangeSet {
        ChangeSet { rewrites: vec![self.mark.is_there()], ..ChangeSet::default() }
    }

    /// Writes objects, older ones before newer ones, reads them back and compares.
    ///
    /// # Errors
    /// One cannot be read, or was not written as it is.
    pub(super) async fn objects(&self, objects: &[KeptObject]) -> Result<(), Failure> {
        let mut change = self.change();
        for object in objects {
            let record = decoded(object)?;
            change.puts.push(Put {
                id: object.id.clone(),
                expected: None,
                body: object.body.clone(),
                index: Index::of(&record),
                usage_left: UsageLeft::Set(object.usage_left),
            });
            change.first_revisions.insert(object.id.clone(), object.revision);
            change.grants.extend(object.grants.iter().cloned());
            change.claims.extend(object.claims.iter().cloned());
        }
        self.store.apply(change).await.map_err(|error| not_written("objects", &error))?;
        self.compare(objects).await
    }

    async fn compare(&self, objects: &[KeptObject]) -> Result<(), Failure> {
        let ids: Vec<ObjectId> = objects.iter().map(|object| object.id.clone()).collect();
        let found = self.store.get(&ids, &[]).await.map_err(|error| not_read(&error))?;
        let mut found = found.into_iter();
        for object in objects {
            let is_same = found.next().is_some_and(|stored| is_same(object, &stored));
            if !is_same || !self.has_grants(object).await? {
                return Err(Failure::new(format!(
                    "object {} is not what was written when it is read back; the database stays incomplete",
                    object.id
                )));
            }
        }
        Ok(())
    }

    async fn has_grants(&self, object: &KeptObject) -> Result<bool, Failure> {
        if object.grants.is_empty() {
            return Ok(true);
        }
        let query = GrantQuery::Object(object.id.clone());
        Ok(self.store.grants(&query).await.map_err(|error| not_read(&error))? == object.grants)
    }

    /// Writes documents, reads them back and compares.
    ///
    /// # Errors
    /// One was not written as it is.
    pub(super) async fn documents(&self, documents: &[KeptDocument]) -> Result<(), Failure> {
        let put = |kept: &KeptDocument| DocumentPut {
            kind: kept.kind.clone(),
            id: kept.id.clone(),
            expected: None,
            content: Some((kept.document.body.clone(), kept.document.expires)),
        };
        let change = ChangeSet { documents: documents.iter().map(put).collect(), ..self.change() };
        self.store.apply(change).await.map_err(|error| not_written("documents", &error))?;
        for kept in documents {
            let found = self.store.document(&kept.kind, &kept.id).await.map_err(|error| not_read(&error))?;
            // One that expired in these moments may be gone.
            if found.is_some_and(|found| {
                found.body != kept.document.body || found.expires != kept.document.expires
            }) {
                return Err(Failure::new(format!(
                    "a document of kind {} is not what was written when it is read back",
                    kept.kind
                )));
            }
        }
        Ok(())
    }

    /// Takes the mark away: the store is whole.
    ///
    /// # Errors
    /// The storage fails, or somebody else has begun to fill the store.
    pub(super) async fn finish(self) -> Result<(), Failure> {
        let removed = self.mark.remove(&self.store).await;
        removed.map_err(|error| not_written("that the database is whole", &error))
    }
}

/// The record of an object.
///
/// # Errors
/// It cannot be read, or is that of another object.
pub(super) fn decoded(object: &KeptObject) -> Result<Record, Failure> {
    match Record::from_bytes(&object.body) {
        Ok(record) if record.id == object.id => Ok(record),
        Ok(record) => {
            Err(Failure::new(format!("object {} has the record of object {}", object.id, record.id)))
        }
        Err(error) => Err(Failure::from_error(&format!("object {}", object.id), &error)),
    }
}

fn is_same(object: &KeptObject, stored: &Stored) -> bool {
    stored.id == object.id
        && stored.revision == object.revision
        && stored.usage_left == object.usage_left
        && stored.body == object.body
}

fn not_read(error: &claviger_plugin_sdk::Error) -> Failure {
    Failure::from_error("the database that is filled cannot be read", error)
}

fn not_written(what: &str, error: &ApplyError) -> Failure {
    let what = format!("{what} cannot be written");
    match error {
        ApplyError::Conflict => Failure::new(format!(
            "{what}: something else fills the database or writes to it; stop it, and every server that uses the database, \
             and run this again"
        )),
        ApplyError::Exists(id) => Failure::new(format!("{what}: there is an object {id} already")),
        ApplyError::NameTaken(name) => {
            Failure::new(format!("{what}: two objects of one owner have the name `{name}`"))
        }
        ApplyError::UsageExceeded(id) => Failure::new(format!("{what}: object {id} has no uses left")),
        ApplyError::Failed(error) => Failure::from_error(&what, error),
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::testkit::MemoryStore;

    use super::*;

    #[tokio::test]
    async fn who_fills_a_store_ends_when_somebody_else_begins_to() {
        let store: Arc<dyn ObjectStore> = Arc::new(MemoryStore::new());
        let first = Filling::begin(store.clone(), "backup a").await.ok().unwrap();
        assert!(first.objects(&[]).await.is_ok());
        assert!(Filling::begin(store.clone(), "backup a").await.is_err(), "it has the mark");
        // What clearing the database does.
        let again = first.mark.remove(&store).await;
        assert!(again.is_ok());
        let second = Filling::begin(store.clone(), "backup a").await.ok().unwrap();
        let refused = first.objects(&[]).await.unwrap_err().to_string();
        assert!(refused.contains("something else fills the database"), "{refused}");
        assert!(first.documents(&[]).await.is_err() && first.finish().await.is_err());
        assert!(second.objects(&[]).await.is_ok() && second.finish().await.is_ok());
    }
}
