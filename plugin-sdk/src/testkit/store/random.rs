//! Random changes and searches, compared with the reference store after each.

use std::time::{SystemTime, UNIX_EPOCH};

use claviger_kmip::Tag;
use claviger_kmip::field::DateTime;
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::tables::enumerations::{ObjectType, OperationCode, State};

use super::Fixture;
use super::scene::*;
use crate::filter::{Compare, Cursor, FieldTest, Filter, IndexValue, Page};
use crate::record::Revision;
use crate::store::{
    ApplyError, ChangeSet, DocumentPage, DocumentPut, FoundPage, Grant, GrantQuery, ObjectStore, Rewrite,
    Rewritten, Subject,
};
use crate::testkit::{MemoryStore, SeededRandom};

const STEPS: usize = 400;

pub(super) async fn random_changes_and_searches_agree_with_the_reference_store(fixture: Fixture) {
    let seed = std::env::var("CLAVIGER_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(time.as_micros()).unwrap_or_default()
    });
    println!("CLAVIGER_TEST_SEED={seed}");
    let scene = Scene::from(fixture);
    let reference = MemoryStore::new();
    let mut random = Generator { random: SeededRandom::new(seed) };
    for step in 0..STEPS {
        let change = random.change(&reference).await;
        let expected = reference.apply(change.clone()).await;
        let result = scene.store.apply(change.clone()).await;
        assert!(agree(&expected, &result), "step {step}: {expected:?}, not {result:?}, for {change:?}");
        compare(step, &mut random, &scene, &reference).await;
    }
}

async fn compare(step: usize, random: &mut Generator, scene: &Scene, reference: &MemoryStore) {
    let subjects = random.subjects();
    let ids = NAMES.map(id);
    let expected = reference.get(&ids, &subjects).await.unwrap();
    let mut records = scene.store.get(&ids, &subjects).await.unwrap();
    records.iter_mut().for_each(|record| record.grants.sort());
    assert_eq!(records, expected, "step {step}");

    let filter = random.filter(3);
    let all = Page { after: None, offset: 0, limit: 100, count: true };
    let expected = reference.find(&filter, &all, &subjects).await.unwrap();
    let found = scene.store.find(&filter, &all, &subjects).await.unwrap();
    assert_eq!(comparable(&found), comparable(&expected), "step {step}: {filter:?}");

    let page = |after: Option<Cursor>, limit, offset| Page { after, offset, limit, count: true };
    let (first, limit, offset) = (random.below(3) as u64, random.below(4) as u64, random.below(3) as u64);
    let expected = reference.find(&filter, &page(None, first, 0), &[]).await.unwrap().last;
    let place = scene.store.find(&filter, &page(None, first, 0), &[]).await.unwrap().last;
    let expected = reference.find(&filter, &page(expected, limit, offset), &subjects).await.unwrap();
    let found = scene.store.find(&filter, &page(place, limit, offset), &subjects).await.unwrap();
    assert_eq!(comparable(&found), comparable(&expected), "step {step}: a page of {filter:?}");
    let expected: Vec<_> = found.records.into_iter().map(|record| record.id).collect();
    let located = scene.store.locate(&filter, &page(place, limit, offset)).await.unwrap();
    assert_eq!((located.ids, located.total), (expected, found.total), "step {step}: {filter:?}");

    let query = GrantQuery::Subjects(subjects);
    let expected = reference.grants(&query).await.unwrap();
    assert_eq!(scene.store.grants(&query).await.unwrap(), expected, "step {step}");
    let document = random.document_name();
    let expected = reference.document("kind", &document).await.unwrap();
    assert_eq!(scene.store.document("kind", &document).await.unwrap(), expected, "step {step}");
    let page = DocumentPage { after: Some(document), limit: random.below(4) as u64 };
    let expected = reference.documents("kind", &page).await.unwrap();
    assert_eq!(scene.store.documents("kind", &page).await.unwrap(), expected, "step {step}: {page:?}");
}

type Comparable = (String, Revision, Vec<Grant>);

/// Cursors are a store's own; all else must agree.
fn comparable(found: &FoundPage) -> (Vec<Comparable>, Option<u64>, bool) {
    let record = |record: &crate::store::Stored| {
        let mut grants = record.grants.clone();
        grants.sort();
        (record.id.to_string(), record.revision, grants)
    };
    (found.records.iter().map(record).collect(), found.total, found.last.is_some())
}

/// Which of several faults of a change a store reports is its own choice; that it refuses is not.
fn agree(expected: &Result<(), ApplyError>, result: &Result<(), ApplyError>) -> bool {
    match (expected, result) {
        (Ok(()), Ok(())) => true,
        (Err(_), Err(ApplyError::Failed(_))) => false,
        (Err(_), Err(_)) => true,
        _ => false,
    }
}

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "A", "it's"];
const USERS: [&str; 3] = ["alice", "bob", "100%"];
const TAGS: [&str; 4] = ["red", "blue", "r%", "_key"];
const OPERATIONS: [OperationCode; 3] = [OperationCode::GET, OperationCode::ENCRYPT, OperationCode::DECRYPT];
const TYPES: [ObjectType; 2] = [ObjectType::SYMMETRIC_KEY, ObjectType::SECRET_DATA];
const STATES: [State; 6] = [
    State::PRE_ACTIVE,
    State::ACTIVE,
    State::DEACTIVATED,
    State::COMPROMISED,
    State::DESTROYED,
    State::DESTROYED_COMPROMISED,
];

/// Draws changes and filters from few values, so that they meet.
struct Generator {
    random: SeededRandom,
}

impl Generator {
    fn below(&mut self, bound: usize) -> usize {
        self.random.below(bound)
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        *self.random.pick(choices)
    }

    fn some<T>(&mut self, most: usize, mut draw: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| draw(self)).collect()
    }

    fn text(&mut self, choices: &[&'static str]) -> &'static str {
        self.pick(choices)
    }

    fn document_name(&mut self) -> String {
        self.text(&["x", "y"]).to_owned()
    }

    fn subject(&mut self) -> Subject {
        let name = self.text(&USERS);
        match self.below(4) {
            0 => Subject::Everyone,
            1 => group(name),
            _ => user(name),
        }
    }

    fn subjects(&mut self) -> Vec<Subject> {
        let mut subjects = self.some(3, Self::subject);
        subjects.sort();
        subjects.dedup();
        subjects
    }

    fn grant(&mut self) -> Grant {
        grant(self.text(&NAMES), self.subject(), self.pick(&OPERATIONS))
    }

    /// The revision that an object has, and now and then another one.
    async fn revision(&mut self, reference: &MemoryStore, name: &str) -> Option<Revision> {
        let current = reference.get(&[id(name)], &[]).await.unwrap().pop().map(|stored| stored.revision);
        if self.random.one_in(12) { Some(Revision(9)) } else { current }
    }

    async fn change(&mut self, reference: &MemoryStore) -> ChangeSet {
        let mut change = ChangeSet::default();
        for _ in 0..=self.below(2) {
            let put = self.put(reference).await;
            change.puts.push(put);
        }
        if self.random.one_in(4) {
            let name = self.text(&NAMES);
            if let Some(revision) = self.revision(reference, name).await {
                change.purges.push((id(name), revision));
            }
        }
        if self.random.one_in(4) {
            let name = self.text(&NAMES);
            if let Some(revision) = self.revision(reference, name).await {
                change.unchanged.push((id(name), revision));
            }
        }
        let put: Vec<_> = change.puts.iter().map(|put| put.id.as_str().to_owned()).collect();
        if self.random.one_in(2) {
            let names = self.some(2, |draw| draw.text(&["one", "two", "it's"]));
            let object = if self.random.one_in(4) { self.text(&NAMES) } else { put[0].as_str() };
            change.claims.push(claim(object, self.text(&USERS), &names));
        }
        if self.random.one_in(2) {
            change.grants = vec![Grant { object: id(&put[0]), ..self.grant() }];
        }
        change.revocations = self.some(1, Self::grant);
        if self.random.one_in(4) {
            change.consumptions.push((id(&put[0]), self.below(3) as u64));
        }
        if self.random.one_in(3) {
            let document = self.document(reference).await;
            change.documents.push(document);
        }
        if self.random.one_in(4) {
            let rewrite = self.rewrite(reference).await;
            change.rewrites.extend(rewrite);
        }
        change
    }

    /// Other bytes for what is there; it is a conflict if the change set itself puts it or takes it away.
    async fn rewrite(&mut self, reference: &MemoryStore) -> Option<Rewrite> {
        let to = self.random.next_u64().to_be_bytes().into();
        if self.random.one_in(3) {
            let name = self.document_name();
            let from = (&*reference.document("kind", &name).await.unwrap()?.body).into();
            return Some(Rewrite { of: Rewritten::Document { kind: "kind".into(), id: name }, from, to });
        }
        let stored = reference.get(&[id(self.text(&NAMES))], &[]).await.unwrap().pop()?;
        Some(Rewrite { of: Rewritten::Record(stored.id), from: stored.body, to })
    }

    async fn put(&mut self, reference: &MemoryStore) -> crate::store::Put {
        let name = self.text(&NAMES);
        let mut draft = draft(name).owner(self.text(&USERS)).object_type(self.pick(&TYPES));
        let dates = [None, Some(5), Some(10)];
        draft = draft.dates(self.pick(&STATES), self.pick(&dates), self.pick(&dates));
        draft.0.expected = self.revision(reference, name).await;
        draft.0.index.archived = self.random.one_in(4);
        draft.0.body = self.random.next_u64().to_be_bytes().into();
        for tag in self.some(3, |draw| draw.text(&TAGS)) {
            draft = draft.tag(tag);
        }
        for _ in 0..self.below(4) {
            let (tag, field) = self.attribute();
            draft = draft.field(tag, self.pick(&[0, 1]), field, self.value());
        }
        if self.random.one_in(3) {
            draft = draft.uses(self.pick(&[None, Some(0), Some(2), Some(3)]));
        }
        draft.0
    }

    async fn document(&mut self, reference: &MemoryStore) -> DocumentPut {
        let name = self.document_name();
        let current = reference.document("kind", &name).await.unwrap().map(|document| document.revision);
        let expected = if self.random.one_in(5) { Some(Revision(9)) } else { current };
        let body = vec![self.random.next_u64().to_be_bytes()[0]];
        let expires = self.pick(&[None, Some(1_000_000_000), Some(100_000_000_000)]);
        let content = if self.random.one_in(4) { None } else { Some((body.into(), expires)) };
        DocumentPut { kind: "kind".into(), id: name, expected, content }
    }

    fn attribute(&mut self) -> (Tag, Option<Tag>) {
        self.pick(&[
            (Tag::COMMENT, None),
            (Tag::LINK, Some(Tag::LINK_TYPE)),
            (Tag::LINK, Some(Tag::LINKED_OBJECT_IDENTIFIER)),
        ])
    }

    fn value(&mut self) -> IndexValue {
        match self.below(5) {
            0 => text(self.text(&["1", "x", "it's"])),
            1 => IndexValue::Bytes(self.pick(&[b"1".as_slice(), b"x"]).to_vec()),
            _ => integer(self.pick(&[0, 1, 2, 3])),
        }
    }

    fn test(&mut self, field: Option<Tag>) -> FieldTest {
        let compare = match self.below(4) {
            0 => Compare::Between(self.pick(&[0, 1, 2]), self.pick(&[1, 2, 3])),
            1 => Compare::HasBits(self.pick(&[0, 1, 2, 3])),
            _ => Compare::Equal(self.value()),
        };
        FieldTest { field, compare }
    }

    fn attribute_filter(&mut self) -> Filter {
        let (tag, _) = self.attribute();
        let fields = if tag == Tag::LINK {
            [Some(Tag::LINK_TYPE), Some(Tag::LINKED_OBJECT_IDENTIFIER)]
        } else {
            [None; 2]
        };
        let tests = self.some(2, |draw| {
            let field = draw.pick(&fields);
            draw.test(field)
        });
        Filter::Attribute { tag, tests }
    }

    fn state_filter(&mut self) -> Filter {
        let any_of = self.some(3, |draw| draw.pick(&STATES));
        Filter::State { any_of: StateSet::of(&any_of), at: DateTime(self.pick(&[0, 5, 7, 10])) }
    }

    fn filter(&mut self, depth: usize) -> Filter {
        match self.below(if depth == 0 { 8 } else { 14 }) {
            0 => Filter::Id(id(self.text(&NAMES))),
            1 => Filter::Type(self.some(2, |draw| draw.pick(&TYPES))),
            2 => Filter::Tag(self.text(&TAGS).to_owned()),
            3 => Filter::Owner(self.text(&USERS).into()),
            4 => {
                let operations = self.random.one_in(2).then(|| self.some(2, |draw| draw.pick(&OPERATIONS)));
                Filter::VisibleTo { subjects: self.subjects(), operations }
            }
            5 => self.state_filter(),
            6 => Filter::StorageStatus(self.below(8) as u32),
            7 => self.attribute_filter(),
            8 | 9 => Filter::Not(Box::new(self.filter(depth - 1))),
            10 => Filter::Any(self.some(3, |draw| draw.filter(depth - 1))),
            _ => Filter::All(self.some(3, |draw| draw.filter(depth - 1))),
        }
    }
}
