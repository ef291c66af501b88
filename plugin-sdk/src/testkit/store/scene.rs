//! Short ways to say what a rule puts into a store and reads back.

use std::collections::BTreeSet;
use std::sync::Arc;

use claviger_kmip::Tag;
use claviger_kmip::field::DateTime;
use claviger_kmip::lifecycle::StateDates;
use claviger_kmip::tables::enumerations::{ObjectType, OperationCode, State};

use super::{Fixture, Reopen};
use crate::filter::{Filter, Index, IndexValue, IndexedValue, Page};
use crate::record::{ObjectId, Revision};
use crate::store::{
    ApplyError, ChangeSet, Grant, GrantQuery, NameClaims, ObjectStore, Put, Stored, Subject, UsageLeft,
};

/// A store, asked in the words of the rules. Whatever should not fail panics when it does.
#[derive(Clone)]
pub(super) struct Scene {
    // Dropped before what it lies in.
    pub(super) store: Arc<dyn ObjectStore>,
    /// What the store lies in, which goes with the last scene.
    pub(super) _lies_in: Option<Arc<Reopen>>,
}

impl From<Fixture> for Scene {
    fn from(fixture: Fixture) -> Self {
        Self { store: fixture.store, _lies_in: fixture.reopen.map(Arc::new) }
    }
}

impl Scene {
    pub(super) async fn apply(&self, change: ChangeSet) {
        self.store.apply(change).await.expect("the change is written");
    }

    pub(super) async fn refused(&self, change: ChangeSet) -> ApplyError {
        self.store.apply(change).await.expect_err("the change is refused")
    }

    pub(super) async fn put(&self, objects: impl IntoIterator<Item = Draft>) {
        for object in objects {
            self.apply(object.into()).await;
        }
    }

    pub(super) async fn get(&self, name: &str) -> Option<Stored> {
        self.get_for(name, &[]).await
    }

    pub(super) async fn get_for(&self, name: &str, subjects: &[Subject]) -> Option<Stored> {
        self.store.get(&[id(name)], subjects).await.expect("the store answers").pop()
    }

    pub(super) async fn revision(&self, name: &str) -> Option<u64> {
        self.get(name).await.map(|stored| stored.revision.0)
    }

    pub(super) async fn usage_left(&self, name: &str) -> Option<i64> {
        self.get(name).await.expect("the object is there").usage_left
    }

    pub(super) async fn find(&self, filter: Filter) -> Vec<String> {
        let found = self.store.find(&filter, &Page::first(1000), &[]).await.expect("the store answers");
        names(&found.records)
    }

    pub(super) async fn grants_on(&self, name: &str) -> Vec<Grant> {
        self.store.grants(&GrantQuery::Object(id(name))).await.expect("the store answers")
    }
}

pub(super) fn names(records: &[Stored]) -> Vec<String> {
    records.iter().map(|record| record.id.as_str().to_owned()).collect()
}

pub(super) fn id(name: &str) -> ObjectId {
    ObjectId::new(name).expect("a test's identifiers are valid")
}

pub(super) fn user(name: &str) -> Subject {
    Subject::User(name.into())
}

pub(super) fn group(name: &str) -> Subject {
    Subject::Group(name.into())
}

pub(super) fn grant(object: &str, subject: Subject, operation: OperationCode) -> Grant {
    Grant { object: id(object), subject, operation }
}

pub(super) fn granted(grants: impl IntoIterator<Item = Grant>) -> ChangeSet {
    ChangeSet { grants: grants.into_iter().collect(), ..ChangeSet::default() }
}

pub(super) fn revoked(grant: Grant) -> ChangeSet {
    ChangeSet { revocations: vec![grant], ..ChangeSet::default() }
}

pub(super) fn claim(object: &str, owner: &str, names: &[&str]) -> NameClaims {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    NameClaims { object: id(object), owner: owner.into(), names }
}

pub(super) fn claimed(claims: impl IntoIterator<Item = NameClaims>) -> ChangeSet {
    ChangeSet { claims: claims.into_iter().collect(), ..ChangeSet::default() }
}

pub(super) fn purged(object: &str, revision: u64) -> ChangeSet {
    ChangeSet { purges: vec![(id(object), Revision(revision))], ..ChangeSet::default() }
}

pub(super) fn consumed(object: &str, uses: u64) -> ChangeSet {
    ChangeSet { consumptions: vec![(id(object), uses)], ..ChangeSet::default() }
}

/// A record to write: an Active symmetric key of `owner`, until said otherwise.
#[derive(Clone)]
pub(super) struct Draft(pub(super) Put);

pub(super) fn draft(name: &str) -> Draft {
    let dates = StateDates { stored: State::ACTIVE, activation: None, deactivation: None };
    let index = Index {
        owner: "owner".into(),
        object_type: ObjectType::SYMMETRIC_KEY,
        dates,
        archived: false,
        tags: BTreeSet::new(),
        attributes: Vec::new(),
    };
    let body = format!("body of {name}").into_bytes().into();
    Draft(Put { id: id(name), expected: None, body, index, usage_left: UsageLeft::Keep })
}

impl Draft {
    pub(super) fn expecting(mut self, revision: u64) -> Self {
        self.0.expected = Some(Revision(revision));
        self
    }

    pub(super) fn body(mut self, body: &str) -> Self {
        self.0.body = body.as_bytes().into();
        self
    }

    pub(super) fn owner(mut self, owner: &str) -> Self {
        self.0.index.owner = owner.into();
        self
    }

    pub(super) fn object_type(mut self, object_type: ObjectType) -> Self {
        self.0.index.object_type = object_type;
        self
    }

    pub(super) fn tag(mut self, tag: &str) -> Self {
        self.0.index.tags.insert(tag.to_owned());
        self
    }

    pub(super) fn dates(mut self, stored: State, activation: Option<i64>, deactivation: Option<i64>) -> Self {
        self.0.index.dates = StateDates {
            stored,
            activation: activation.map(DateTime),
            deactivation: deactivation.map(DateTime),
        };
        self
    }

    pub(super) fn archived(mut self) -> Self {
        self.0.index.archived = true;
        self
    }

    pub(super) fn uses(mut self, left: Option<i64>) -> Self {
        self.0.usage_left = UsageLeft::Set(left);
        self
    }

    /// One scalar of the first instance of an attribute.
    pub(super) fn value(self, tag: Tag, value: IndexValue) -> Self {
        self.field(tag, 0, None, value)
    }

    /// One field of an instance of a structured attribute.
    pub(super) fn field(mut self, tag: Tag, instance: u32, field: Option<Tag>, value: IndexValue) -> Self {
        self.0.index.attributes.push(IndexedValue { tag, field, instance, value });
        self
    }
}

impl From<Draft> for ChangeSet {
    fn from(draft: Draft) -> Self {
        Self { puts: vec![draft.0], ..Self::default() }
    }
}

pub(super) fn integer(n: i64) -> IndexValue {
    IndexValue::Integer(n)
}

pub(super) fn text(text: &str) -> IndexValue {
    IndexValue::Text(text.to_owned())
}
