//! The library, loaded as a prebuilt server loads it.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use claviger_engine::dynamic::{LibraryOptions, LoadError, load};
use claviger_engine::registry::{Registry, RegistryOptions};
use claviger_engine::{
    AlgorithmPolicy, Authenticators, Engine, EngineOptions, ImpliedRights, ItemOutcome, Limits,
    RequiredAudit, SystemRandom,
};
use claviger_kmip::field::TtlvValue;
use claviger_kmip::message::RequestMessage;
use claviger_kmip::tables::enumerations::{OperationCode, ResultReason};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{Tag, Ttlv, Value, structure};
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::audit::{AuditRecord, AuditSink, AuditedRequest};
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::store::{ChangeSet, ObjectStore, StoreSource};
use claviger_plugin_sdk::testkit::{FakeClock, MemoryStore, RecordBuilder};
use sha2::{Digest, Sha256};

const HELLO: OperationCode = OperationCode(0x8000_4E10);

structure! {
    /// The request, written by hand: the prebuilt server has no type of the library.
    pub struct Request {
        /// The object.
        unique_identifier: Option<String> = UNIQUE_IDENTIFIER,
    }
}

fn library() -> PathBuf {
    let binary = std::env::current_exe().unwrap();
    let folder = binary.parent().unwrap();
    let name = "libclaviger_hello_library.so";
    let found = [folder.join(name), folder.join("..").join(name)].into_iter().find(|path| path.exists());
    found.expect("cargo built the library beside the test").canonicalize().unwrap()
}

fn hash(path: &Path) -> String {
    Sha256::digest(std::fs::read(path).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn options() -> LibraryOptions {
    let path = library();
    LibraryOptions { sha256: hash(&path), path, required: true }
}

struct OneStore(Arc<MemoryStore>);

impl StoreSource for OneStore {
    fn open(&self, _: &ConnectionFacts) -> Result<Arc<dyn ObjectStore>> {
        Ok(self.0.clone())
    }
}

/// Keeps audit records.
#[derive(Default)]
struct Records(Mutex<Vec<AuditRecord>>);

impl AuditSink for Records {
    fn record(&self, _: &AuditedRequest<'_>, records: &[AuditRecord]) {
        self.0.lock().unwrap().extend_from_slice(records);
    }

    fn intend(&self, _: &AuditedRequest<'_>, _: &AuditRecord) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

async fn say_hello(id: &str) -> ItemOutcome {
    say_hello_audited(id).await.0
}

async fn say_hello_audited(id: &str) -> (ItemOutcome, AuditRecord) {
    let registry = Registry::build(load(&options()).unwrap(), &RegistryOptions::default()).unwrap();
    let store = Arc::new(MemoryStore::new());
    let put = RecordBuilder::new("key-1").owner("alice").put();
    store.apply(ChangeSet { puts: vec![put], ..ChangeSet::default() }).await.unwrap();
    let records = Arc::new(Records::default());
    let engine = Engine::new(
        Arc::new(registry),
        Arc::new(OneStore(store)),
        EngineOptions {
            authenticators: Authenticators {
                configured: Vec::new(),
                require_all: true,
                default_user: "alice".to_owned(),
                force_default_user: false,
                operators: Vec::new(),
                creators: None,
            },
            implied_rights: ImpliedRights::Exact,
            algorithm_policy: AlgorithmPolicy::default(),
            limits: Limits::default(),
            clock: Arc::new(FakeClock::at(1_000_000)),
            random: Arc::new(|| Box::new(SystemRandom)),
            audit: vec![records.clone()],
            required_audit: RequiredAudit::Nothing,
            observer: None,
        },
    );
    let caller = engine.authenticate(Arc::new(ConnectionFacts::internal())).await.unwrap();
    let payload = Request { unique_identifier: Some(id.to_owned()) }.into_value();
    let message = RequestMessage::of_one(ProtocolVersion::V2_1, HELLO, payload);
    let outcome = engine.handle_in(&caller, &Standard, message).await.unwrap().remove(0);
    let record = records.0.lock().unwrap().pop().unwrap();
    (outcome, record)
}

#[tokio::test]
async fn an_operation_of_a_library_answers_like_a_linked_one() {
    let payload = say_hello("key-1").await.result.unwrap();
    let answer = Ttlv::new(Tag::RESPONSE_PAYLOAD, payload.into_value());
    let Some(Ttlv { value: Value::TextString(comment), .. }) = answer.child(Tag::COMMENT) else {
        panic!("no greeting in {answer:?}");
    };
    assert!(comment.starts_with("Hello alice, this is a"), "{comment}");
}

#[tokio::test]
async fn what_an_operation_of_a_library_says_for_audit_is_in_its_record() {
    let (_, record) = say_hello_audited("key-1").await;
    let details: Vec<_> = record.details.iter().map(|detail| (&*detail.name, &*detail.text)).collect();
    assert_eq!((record.operation_name, &details[..]), (Some("Hello"), &[("greeted", "alice")][..]));
}

#[tokio::test]
async fn admission_stands_before_an_operation_of_a_library() {
    let error = say_hello("somebody-elses").await.result.unwrap_err();
    assert_eq!(error.reason(), ResultReason::OBJECT_NOT_FOUND);
}

#[test]
fn a_library_whose_hash_differs_is_refused() {
    let options = LibraryOptions { sha256: "00".repeat(32), ..options() };
    assert!(matches!(load(&options), Err(LoadError::File { .. })));
}

#[test]
fn a_library_that_others_may_write_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.so");
    std::fs::copy(library(), &copy).unwrap();
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o666)).unwrap();
    let options = LibraryOptions { sha256: hash(&copy), path: copy, required: true };
    let Err(LoadError::File { why, .. }) = load(&options) else { panic!("it was loaded") };
    assert!(why.contains("may be written by others"), "{why}");
}

#[test]
fn a_link_is_as_good_as_the_file_it_leads_to() {
    use std::os::unix::fs::PermissionsExt;
    let (places, links) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (copy, link) = (places.path().join("copy.so"), links.path().join("link.so"));
    std::fs::copy(library(), &copy).unwrap();
    std::os::unix::fs::symlink(&copy, &link).unwrap();
    std::fs::set_permissions(places.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let options = LibraryOptions { sha256: hash(&copy), path: link, required: true };
    let Err(LoadError::File { why, .. }) = load(&options) else { panic!("it was loaded") };
    assert!(why.contains("may be written by others"), "{why}");
}

#[test]
fn a_relative_path_is_refused() {
    let options = LibraryOptions { path: "libclaviger_hello_library.so".into(), ..options() };
    assert!(matches!(load(&options), Err(LoadError::File { .. })));
}

#[test]
fn a_library_that_is_no_plugin_is_refused() {
    let library = Path::new("/usr/lib/x86_64-linux-gnu/libssl.so.3").canonicalize();
    let Ok(path) = library else {
        println!("skipped: there is no libssl to load");
        return;
    };
    let options = LibraryOptions { sha256: hash(&path), path, required: true };
    assert!(matches!(load(&options), Err(LoadError::NotAPlugin { .. })));
}
