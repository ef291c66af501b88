//! A storage with one object in it, as it was found in another, to be looked at and not changed.

use std::sync::Arc;

use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::{
    ApplyError, ChangeSet, Document, DocumentPage, FoundIds, FoundPage, Grant, GrantQuery, ObjectStore,
    StoreProperties, StoreSource, Stored, Subject,
};
use claviger_plugin_sdk::upkeep::KeptObject;
use claviger_plugin_sdk::{BoxFuture, Error, Result};

/// The storage; clones are the same one.
#[derive(Clone)]
pub(super) struct OneObject {
    namespace: Arc<str>,
    object: Arc<KeptObject>,
}

impl OneObject {
    /// With this object.
    pub(super) fn new(object: KeptObject) -> Self {
        Self { namespace: "one object".into(), object: Arc::new(object) }
    }

    fn stored(&self, subjects: &[Subject]) -> Stored {
        let object = &*self.object;
        Stored {
            id: object.id.clone(),
            revision: object.revision,
            body: object.body.clone(),
            usage_left: object.usage_left,
            grants: object.grants.iter().filter(|grant| subjects.contains(&grant.subject)).cloned().collect(),
        }
    }
}

impl StoreSource for OneObject {
    fn open(&self, _: &ConnectionFacts) -> Result<Arc<dyn ObjectStore>> {
        Ok(Arc::new(self.clone()))
    }
}

fn not_here<T: Send>(what: &'static str) -> BoxFuture<'static, Result<T>> {
    Box::pin(async move { Err(Error::unsupported(format!("{what}: only one object is looked at"))) })
}

impl ObjectStore for OneObject {
    fn namespace(&self) -> &Arc<str> {
        &self.namespace
    }

    fn properties(&self) -> StoreProperties {
        StoreProperties { sole_writer: true }
    }

    fn get<'a>(&'a self, ids: &'a [ObjectId], subjects: &'a [Subject]) -> BoxFuture<'a, Result<Vec<Stored>>> {
        let found = ids.contains(&self.object.id).then(|| self.stored(subjects));
        Box::pin(async move { Ok(found.into_iter().collect()) })
    }

    fn find<'a>(&'a self, _: &'a Filter, _: &'a Page, _: &'a [Subject]) -> BoxFuture<'a, Result<FoundPage>> {
        not_here("searching")
    }

    fn locate<'a>(&'a self, _: &'a Filter, _: &'a Page) -> BoxFuture<'a, Result<FoundIds>> {
        not_here("searching")
    }

    fn grants<'a>(&'a self, query: &'a GrantQuery) -> BoxFuture<'a, Result<Vec<Grant>>> {
        let grants = self.object.grants.iter().filter(|grant| match query {
            GrantQuery::Object(id) => grant.object == *id,
            GrantQuery::Subjects(subjects) => subjects.contains(&grant.subject),
        });
        let grants = grants.cloned().collect();
        Box::pin(async move { Ok(grants) })
    }

    fn document<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        Box::pin(async { Ok(None) })
    }

    fn documents<'a>(
        &'a self,
        _: &'a str,
        _: &'a DocumentPage,
    ) -> BoxFuture<'a, Result<Vec<(String, Document)>>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn document_kinds(&self) -> BoxFuture<'_, Result<Vec<String>>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn apply(&self, _: ChangeSet) -> BoxFuture<'_, Result<(), ApplyError>> {
        Box::pin(async { Err(ApplyError::Failed(Error::unsupported("nothing is changed here"))) })
    }

    fn health(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}
