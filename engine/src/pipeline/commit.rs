//! Writing what a unit recorded, and trying again when another writer was faster.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use claviger_kmip::tables::enumerations::ResultReason;
use claviger_kmip::version::ProtocolVersion;
use claviger_plugin_sdk::error::{Error, ErrorClass};
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::{ApplyError, ObjectStore};
use tokio::sync::MutexGuard;

use super::message::Message;
use crate::unit_of_work::{Claiming, UnitOfWork};
use crate::{Core, jobs, notices};

/// Why a unit was not written.
pub(crate) enum Failure {
    /// Another writer of these objects was faster: run again from resolve.
    Again(BTreeSet<ObjectId>),
    /// It cannot be written.
    Final(Error),
}

impl Failure {
    /// The error for the client.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Again(_) => Error::new(
                ResultReason::GENERAL_FAILURE,
                ErrorClass::Conflict,
                "others keep changing the same object; try again",
            ),
            Self::Final(error) => error,
        }
    }
}

/// Writes a unit and brings the cache up to date before anybody is told.
pub(crate) async fn commit(message: &Message<'_>, mut unit: UnitOfWork) -> Result<(), Failure> {
    if unit.is_empty() {
        return Ok(());
    }
    let is_of_jobs = unit.documents.touches(jobs::HEADER);
    let is_told = notices::note(message, &mut unit).await.map_err(Failure::Final)?;
    let objects = &message.engine.objects;
    let store = &*message.store;
    let changed = unit.changed_ids();
    // Section 4.32 wants names to be unique, yet a widespread client of older versions calls all of its objects alike.
    let claiming = match message.version >= ProtocolVersion::V2_1 {
        true => Claiming::All,
        false => Claiming::NoneAnew { besides: &[] },
    };
    let change = unit.change_set(claiming);
    let created = change.puts.iter().filter(|put| put.expected.is_none());
    let creating: Vec<_> = created.map(|put| objects.before_creating(store, put)).collect();
    let mut result = store.apply(change).await;
    if let (Err(ApplyError::NameTaken(name)), Claiming::NoneAnew { .. }) = (&result, claiming) {
        result = Box::pin(apply_besides(store, &unit, name.clone())).await;
    }
    // Also after a failure: a conflict means that the cached records are old.
    objects.forget(store, &changed);
    match result {
        Ok(()) => {
            if is_of_jobs {
                message.engine.jobs.changed();
            }
            if is_told {
                message.engine.notices.hurry();
            }
            if store.properties().sole_writer {
                for (created, (record, usage_left)) in creating.into_iter().zip(unit.into_created()) {
                    objects.keep_new(created, record, usage_left);
                }
            }
            Ok(())
        }
        Err(ApplyError::Conflict) => {
            let relied_on: BTreeSet<_> = unit.unchanged().map(|(id, _)| id.clone()).collect();
            objects.forget(store, &relied_on);
            Err(Failure::Again(changed.into_iter().chain(relied_on).collect()))
        }
        Err(ApplyError::Exists(id)) => Err(Failure::Final(Error::new(
            ResultReason::OBJECT_ALREADY_EXISTS,
            ErrorClass::Conflict,
            format!("an object with the identifier {id} exists"),
        ))),
        Err(ApplyError::NameTaken(name)) => Err(Failure::Final(Error::new(
            ResultReason::NON_UNIQUE_NAME_ATTRIBUTE,
            ErrorClass::Conflict,
            format!("another object of this owner has the name {name:?}"),
        ))),
        // What the client calls the object is not known here.
        Err(ApplyError::UsageExceeded(_)) => Err(Failure::Final(usage_exceeded("the object"))),
        Err(ApplyError::Failed(error)) => Err(Failure::Final(error)),
    }
}

/// Writes a unit of a client that claims no names, although another object claims one that an object has and keeps: so that
/// object never claimed it. A unit that is not written has changed nothing, so it can be tried again.
async fn apply_besides(store: &dyn ObjectStore, unit: &UnitOfWork, name: String) -> Result<(), ApplyError> {
    let mut besides = vec![name];
    loop {
        match store.apply(unit.change_set(Claiming::NoneAnew { besides: &besides })).await {
            Err(ApplyError::NameTaken(name)) if !besides.contains(&name) => besides.push(name),
            result => return result,
        }
    }
}

/// The error for a key whose Usage Limits are used up. The text of Encrypt and Sign (KMIP 2.1 sections 6.1.17 and 6.1.55)
/// says Permission Denied where no allocation can be had; their error tables have Usage Limit Exceeded, which section
/// 11.46 defines for just this and which tells the client what to do. That one is given; clients of 1.x, which do not
/// have it, get Permission Denied.
pub(crate) fn usage_exceeded(asked: &str) -> Error {
    Error::new(
        ResultReason::USAGE_LIMIT_EXCEEDED,
        ErrorClass::State,
        format!("the usage limits of {asked} do not allow this use any more"),
    )
}

/// Attempts of one item until its deadline. From the second on the locks of the objects that it wanted to write are
/// held, and growing, jittered pauses part writers in different processes.
pub(crate) struct Attempts<'e> {
    engine: &'e Core,
    deadline: Instant,
    count: u32,
    held: Vec<MutexGuard<'e, ()>>,
}

impl<'e> Attempts<'e> {
    pub(crate) fn new(engine: &'e Core) -> Self {
        Self {
            engine,
            deadline: Instant::now() + engine.options.limits.retry_for,
            count: 0,
            held: Vec::new(),
        }
    }

    /// Gets ready to run again; false when there is no time left.
    pub(crate) async fn again(&mut self, message: &Message<'_>, overtaken: &BTreeSet<ObjectId>) -> bool {
        if Instant::now() >= self.deadline {
            return false;
        }
        self.held.clear();
        self.held = self.engine.contention.hold(message.store.namespace(), overtaken).await;
        if self.count > 0 {
            let mut jitter = [0];
            (self.engine.options.random)().fill(&mut jitter);
            let most = 1_u32 << self.count.min(7);
            tokio::time::sleep(Duration::from_micros(200) * (1 + u32::from(jitter[0]) * most / 256)).await;
        }
        self.count += 1;
        true
    }
}
