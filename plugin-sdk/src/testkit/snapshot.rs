//! The contract of [`Snapshot`](crate::upkeep::Snapshot) as tests, one a rule.
//!
//! `snapshot_conformance!(name, || async { … })` makes a module with one named test for each rule. The closure gives a new
//! and empty store, and the way to take snapshots of it: an [`Observed`], or `None` where the test run lacks the server that the
//! store needs and has said so.

use std::collections::BTreeSet;
use std::sync::Arc;

use claviger_kmip::tables::enumerations::OperationCode;

use super::RecordBuilder;
use crate::BoxFuture;
use crate::error::Result;
use crate::filter::Index;
use crate::record::{ObjectId, Record, Revision};
use crate::store::{
    ChangeSet, Document, DocumentPut, Grant, NameClaims, ObjectStore, Put, Subject, UsageLeft,
};
use crate::upkeep::{KeptDocument, KeptObject, Snapshot, SnapshotCounts};

/// Takes a snapshot of a store under test. What the store lies in, such as a temporary folder, belongs into the closure.
pub type Take = Box<dyn Fn() -> BoxFuture<'static, Result<Box<dyn Snapshot>>> + Send + Sync>;

/// A store under test and the way to take snapshots of it.
pub struct Observed {
    /// The store, which stays open.
    pub store: Arc<dyn ObjectStore>,
    /// Takes a snapshot.
    pub take: Take,
}

/// Runs one rule, by name, against a new store; used by [`snapshot_conformance!`](crate::snapshot_conformance).
///
/// # Panics
/// The snapshots break the rule.
pub fn check<F, T>(rule: &str, make: impl Fn() -> F)
where
    F: Future<Output = T>,
    T: Into<Option<Observed>>,
{
    let (_, run) = RULES.iter().find(|(name, _)| *name == rule).expect("the rule is in the list");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        if let Some(observed) = make().await.into() {
            run(observed).await;
        }
    });
}

/// A rule of the contract.
type Rule = fn(Observed) -> BoxFuture<'static, ()>;

macro_rules! rules {
    ($($rule:ident,)*) => {
        /// Every rule by name.
        pub const RULES: &[(&str, Rule)] = &[$((stringify!($rule), |observed| Box::pin($rule(observed)))),*];
    };
}
crate::snapshot_rules!(rules);

/// Every rule, given to a macro.
#[doc(hidden)]
#[macro_export]
macro_rules! snapshot_rules {
    ($with:ident $(, $make:expr)?) => {
        $with! {
            $($make;)?
            everything_that_is_kept_is_given_oldest_first,
            an_empty_store_gives_nothing,
            what_is_written_later_is_not_in_a_snapshot,
            no_change_set_is_split,
            what_is_absent_is_told,
            an_index_that_is_right_has_no_fault_and_one_that_is_not_has,
        }
    };
}

/// Tests the snapshots of a store: `snapshot_conformance!(name, || async { … })` makes a module with one test a rule. See
/// [`testkit::snapshot`](crate::testkit::snapshot).
#[macro_export]
macro_rules! snapshot_conformance {
    ($name:ident, $make:expr) => {
        #[cfg(test)]
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            #[allow(unused_imports)]
            use $crate::snapshot_tests;

            $crate::snapshot_rules!(snapshot_tests, $make);
        }
    };
}

/// One test for each rule.
#[doc(hidden)]
#[macro_export]
macro_rules! snapshot_tests {
    ($make:expr; $($rule:ident,)*) => {$(
        #[test]
        fn $rule() {
            $crate::testkit::snapshot::check(stringify!($rule), $make);
        }
    )*};
}

/// Long before and long after any test runs.
const PAST: Option<i64> = Some(1_000_000_000);
const FUTURE: Option<i64> = Some(100_000_000_000);

async fn everything_that_is_kept_is_given_oldest_first(observed: Observed) {
    let scene = &observed;
    for (name, owner, uses) in
        [("c", "ann", None), ("a", "bob", Some(9)), ("gone", "ann", None), ("b", "ann", None)]
    {
        let mut put = put(&record(name, owner));
        put.usage_left = UsageLeft::Set(uses);
        scene.apply(ChangeSet { puts: vec![put], ..ChangeSet::default() }).await;
    }
    scene.apply(claimed("c", "ann", &["first", "Ärger", "a name"])).await;
    scene.apply(claimed("gone", "ann", &["freed"])).await;
    let grants: Vec<Grant> = grants_on_a().into();
    scene.apply(ChangeSet { grants: grants.clone(), ..ChangeSet::default() }).await;
    scene.apply(ChangeSet { purges: vec![(id("gone"), Revision(1))], ..ChangeSet::default() }).await;
    scene.apply(ChangeSet { consumptions: vec![(id("a"), 4)], ..ChangeSet::default() }).await;
    let update = Put { expected: Some(Revision(1)), ..put(&record("c", "ann")) };
    scene.apply(ChangeSet { puts: vec![update], ..ChangeSet::default() }).await;
    for (kind, name, expires) in
        [("b", "z", None), ("a", "é", FUTURE), ("a", "B", None), ("a", "old", PAST), ("a", "b", None)]
    {
        scene.apply(document(kind, name, expires)).await;
    }
    let mut snapshot = observed.take().await;
    assert_eq!(snapshot.counts().await.unwrap(), SnapshotCounts { objects: 3, documents: 4 });
    let objects = objects(&mut *snapshot, 2).await;
    let of = |name, owner, revision| KeptObject {
        id: id(name),
        revision: Revision(revision),
        body: record(name, owner).to_bytes().into(),
        usage_left: None,
        grants: vec![],
        claims: vec![],
    };
    let claims = claimed("c", "ann", &["a name", "first", "Ärger"]).claims;
    let expected = [
        KeptObject { claims, ..of("c", "ann", 2) },
        KeptObject { usage_left: Some(5), grants, ..of("a", "bob", 1) },
        of("b", "ann", 1),
    ];
    assert_eq!(objects, expected);
    for one in expected {
        assert_eq!(snapshot.object(&one.id).await.unwrap(), Some(one));
    }
    for absent in ["gone", "A"] {
        assert_eq!(snapshot.object(&id(absent)).await.unwrap(), None, "{absent}");
    }
    let names: Vec<_> = [("a", "B", None), ("a", "b", None), ("a", "é", FUTURE), ("b", "z", None)]
        .map(|(kind, id, expires)| kept_document(kind, id, expires))
        .into();
    assert_eq!(documents(&mut *snapshot, 3).await, names);
    assert_eq!(snapshot.document("a", "é").await.unwrap(), Some(kept_document("a", "é", FUTURE).document));
    assert_eq!(snapshot.document("a", "old").await.unwrap(), None);
    assert_eq!(snapshot.document("b", "b").await.unwrap(), None);
    assert_eq!(snapshot.faults().await.unwrap(), [""; 0]);
}

async fn an_empty_store_gives_nothing(observed: Observed) {
    let mut snapshot = observed.take().await;
    assert_eq!(snapshot.counts().await.unwrap(), SnapshotCounts::default());
    assert_eq!(objects(&mut *snapshot, 10).await, []);
    assert_eq!(documents(&mut *snapshot, 10).await, []);
    assert_eq!(snapshot.faults().await.unwrap(), [""; 0]);
}

async fn what_is_written_later_is_not_in_a_snapshot(observed: Observed) {
    let scene = &observed;
    for name in ["a", "b", "c"] {
        scene.apply(ChangeSet { puts: vec![put(&record(name, "ann"))], ..ChangeSet::default() }).await;
    }
    scene.apply(document("kind", "before", None)).await;
    let mut snapshot = observed.take().await;
    let mut found = snapshot.objects(1).await.unwrap();
    let mut later = put(&record("c", "bob"));
    later.expected = Some(Revision(1));
    let change = ChangeSet {
        puts: vec![later, put(&record("d", "ann"))],
        purges: vec![(id("b"), Revision(1))],
        grants: vec![grant("c", Subject::Everyone)],
        ..ChangeSet::default()
    };
    scene.apply(change).await;
    scene.apply(claimed("a", "ann", &["later"])).await;
    scene.apply(document("kind", "after", None)).await;
    found.extend(objects(&mut *snapshot, 10).await);
    for one in &found {
        assert_eq!(snapshot.object(&one.id).await.unwrap().as_ref(), Some(one));
    }
    assert_eq!(snapshot.object(&id("d")).await.unwrap(), None);
    let names: Vec<&str> = found.iter().map(|object| object.id.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert!(found.iter().all(|object| object.revision == Revision(1)), "{found:?}");
    assert!(found.iter().all(|object| object.grants.is_empty() && object.claims.is_empty()), "{found:?}");
    assert_eq!(documents(&mut *snapshot, 10).await, [kept_document("kind", "before", None)]);
    assert_eq!(snapshot.document("kind", "after").await.unwrap(), None);
}

async fn no_change_set_is_split(observed: Observed) {
    const PAIRS: usize = 60;
    let store = observed.store.clone();
    let writing = tokio::spawn(async move {
        for pair in 0..PAIRS {
            let puts =
                ["private", "public"].map(|half| put(&record(&format!("{half} {pair}"), "ann"))).into();
            store.apply(ChangeSet { puts, ..ChangeSet::default() }).await.expect("the change is written");
        }
    });
    let mut ended = false;
    while !ended {
        ended = writing.is_finished();
        let mut snapshot = observed.take().await;
        let ids: BTreeSet<String> =
            objects(&mut *snapshot, 7).await.iter().map(|object| object.id.to_string()).collect();
        for name in &ids {
            let other = match name.strip_prefix("private") {
                Some(pair) => format!("public{pair}"),
                None => name.replace("public", "private"),
            };
            assert!(ids.contains(&other), "{name} stands alone");
        }
        assert_eq!(snapshot.counts().await.unwrap().objects, ids.len() as u64);
    }
    writing.await.unwrap();
    assert_eq!(objects(&mut *observed.take().await, 1000).await.len(), 2 * PAIRS);
}

async fn what_is_absent_is_told(observed: Observed) {
    for name in ["a", "b"] {
        observed.apply(ChangeSet { puts: vec![put(&record(name, "ann"))], ..ChangeSet::default() }).await;
    }
    let mut snapshot = observed.take().await;
    let asked = ["b", "c", "a", "A"].map(id);
    let mut absent = snapshot.absent(&asked).await.unwrap();
    absent.sort();
    assert_eq!(absent, ["A", "c"].map(id));
    assert_eq!(snapshot.absent(&[]).await.unwrap(), []);
}

async fn an_index_that_is_right_has_no_fault_and_one_that_is_not_has(observed: Observed) {
    let right = RecordBuilder::new("k").owner("ann").tag("red").tag("large").name("n").build();
    observed.apply(ChangeSet { puts: vec![put(&right)], ..ChangeSet::default() }).await;
    let mut snapshot = observed.take().await;
    assert_eq!(snapshot.index_faults(&right.id, &Index::of(&right)).await.unwrap(), [""; 0]);
    let builder = || RecordBuilder::new("k").tag("red").tag("large").name("n");
    for wrong in [
        builder().build(),
        builder().owner("ann").tag("more").build(),
        RecordBuilder::new("k").owner("ann").tag("red").name("n").build(),
        RecordBuilder::new("k").owner("ann").tag("red").tag("large").name("m").build(),
    ] {
        let faults = snapshot.index_faults(&wrong.id, &Index::of(&wrong)).await.unwrap();
        assert!(!faults.is_empty(), "{wrong:?}");
    }
}

impl Observed {
    async fn apply(&self, change: ChangeSet) {
        self.store.apply(change).await.expect("the change is written");
    }

    async fn take(&self) -> Box<dyn Snapshot> {
        (self.take)().await.expect("a snapshot is taken")
    }
}

async fn objects(snapshot: &mut dyn Snapshot, limit: usize) -> Vec<KeptObject> {
    let mut all = Vec::new();
    loop {
        let some = snapshot.objects(limit).await.expect("the store answers");
        assert!(some.len() <= limit, "{} instead of {limit}", some.len());
        if some.is_empty() {
            return all;
        }
        all.extend(some);
    }
}

async fn documents(snapshot: &mut dyn Snapshot, limit: usize) -> Vec<KeptDocument> {
    let mut all = Vec::new();
    loop {
        let some = snapshot.documents(limit).await.expect("the store answers");
        assert!(some.len() <= limit, "{} instead of {limit}", some.len());
        if some.is_empty() {
            return all;
        }
        all.extend(some);
    }
}

fn id(name: &str) -> ObjectId {
    ObjectId::new(name).expect("a test's identifiers are valid")
}

fn record(name: &str, owner: &str) -> Record {
    RecordBuilder::new(name).owner(owner).tag("red").build()
}

fn put(record: &Record) -> Put {
    Put {
        id: record.id.clone(),
        expected: None,
        body: record.to_bytes().into(),
        index: Index::of(record),
        usage_left: UsageLeft::Keep,
    }
}

fn claimed(object: &str, owner: &str, names: &[&str]) -> ChangeSet {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    let claims = vec![NameClaims { object: id(object), owner: owner.into(), names }];
    ChangeSet { claims, ..ChangeSet::default() }
}

fn grant(object: &str, subject: Subject) -> Grant {
    Grant { object: id(object), subject, operation: OperationCode::GET }
}

/// In their order.
fn grants_on_a() -> [Grant; 4] {
    let user = Subject::User("cleo".into());
    [
        Grant { object: id("a"), subject: user.clone(), operation: OperationCode::LOCATE },
        grant("a", user),
        grant("a", Subject::Group("staff: east".into())),
        grant("a", Subject::Everyone),
    ]
}

fn document(kind: &str, name: &str, expires: Option<i64>) -> ChangeSet {
    let content = Some((body_of(kind, name).into(), expires));
    let put = DocumentPut { kind: kind.into(), id: name.into(), expected: None, content };
    ChangeSet { documents: vec![put], ..ChangeSet::default() }
}

fn kept_document(kind: &str, name: &str, expires: Option<i64>) -> KeptDocument {
    let document = Document { revision: Revision(1), expires, body: body_of(kind, name).into() };
    KeptDocument { kind: kind.into(), id: name.into(), document }
}

fn body_of(kind: &str, name: &str) -> Vec<u8> {
    format!("{kind}/{name}").into_bytes()
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::testkit::MemoryStore;

    fn memory(spoil: fn(Box<dyn Snapshot>, MemoryStore) -> Box<dyn Snapshot>) -> Observed {
        let store = MemoryStore::new();
        let kept = store.clone();
        let take = Box::new(move || -> BoxFuture<'static, _> {
            let snapshot = spoil(kept.snapshot(), kept.clone());
            Box::pin(async { Ok(snapshot) })
        });
        Observed { store: Arc::new(store), take }
    }

    snapshot_conformance!(of_memory, || async { memory(|snapshot, _| snapshot) });

    /// A snapshot that is taken anew for each look, and so is none.
    struct Moving {
        store: MemoryStore,
        objects: usize,
        documents: usize,
    }

    impl Snapshot for Moving {
        fn counts(&mut self) -> BoxFuture<'_, Result<SnapshotCounts>> {
            Box::pin(async { self.store.snapshot().counts().await })
        }

        fn objects(&mut self, limit: usize) -> BoxFuture<'_, Result<Vec<KeptObject>>> {
            Box::pin(async move {
                let mut all = self.store.snapshot().objects(usize::MAX).await?;
                let mut some = all.split_off(self.objects.min(all.len()));
                some.truncate(limit);
                self.objects += some.len();
                Ok(some)
            })
        }

        fn object<'a>(&'a mut self, id: &'a ObjectId) -> BoxFuture<'a, Result<Option<KeptObject>>> {
            Box::pin(async move { self.store.snapshot().object(id).await })
        }

        fn documents(&mut self, limit: usize) -> BoxFuture<'_, Result<Vec<KeptDocument>>> {
            Box::pin(async move {
                let mut all = self.store.snapshot().documents(usize::MAX).await?;
                let mut some = all.split_off(self.documents.min(all.len()));
                some.truncate(limit);
                self.documents += some.len();
                Ok(some)
            })
        }

        fn document<'a>(&'a mut self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
            self.store.document(kind, id)
        }

        fn absent<'a>(&'a mut self, _: &'a [ObjectId]) -> BoxFuture<'a, Result<Vec<ObjectId>>> {
            Box::pin(async { Ok(Vec::new()) })
        }

        fn index_faults<'a>(
            &'a mut self,
            _: &'a ObjectId,
            _: &'a Index,
        ) -> BoxFuture<'a, Result<Vec<String>>> {
            Box::pin(async { Ok(Vec::new()) })
        }

        fn faults(&mut self) -> BoxFuture<'_, Result<Vec<String>>> {
            Box::pin(async { Ok(Vec::new()) })
        }
    }

    #[test]
    fn the_suite_fails_for_what_is_no_snapshot() {
        let moving = |_, store| Box::new(Moving { store, objects: 0, documents: 0 }) as Box<dyn Snapshot>;
        for rule in [
            "what_is_written_later_is_not_in_a_snapshot",
            "what_is_absent_is_told",
            "an_index_that_is_right_has_no_fault_and_one_that_is_not_has",
        ] {
            let broken = || check(rule, || async { memory(moving) });
            assert!(catch_unwind(AssertUnwindSafe(broken)).is_err(), "{rule}");
        }
    }
}
