//! What a client has between calls: sessions, handles of objects, and what each session is about to do.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{MutexGuard, PoisonError};

use claviger_plugin_sdk::record::ObjectId;

use crate::Shared;
use crate::code::{Fault, Rv};
use crate::work::Active;

/// Sessions that a library may have at a time.
const MOST_SESSIONS: usize = 256;

/// A library that was initialised.
#[derive(Default)]
pub(crate) struct Library {
    sessions: BTreeMap<u64, Session>,
    last: u64,
    /// Objects by their handles, from 1.
    objects: Vec<ObjectId>,
    handles: BTreeMap<ObjectId, u64>,
}

/// A session.
pub(crate) struct Session {
    pub(crate) may_write: bool,
    active: BTreeMap<Kind, Active>,
    /// The handles that C_FindObjects has not told yet.
    found: Option<VecDeque<u64>>,
}

/// What a session does; each once at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Encrypt,
    Decrypt,
    Digest,
    Sign,
    Verify,
}

impl Library {
    /// The library, while no other call looks at it.
    pub(crate) fn of(shared: &Shared) -> MutexGuard<'_, Self> {
        shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a session.
    pub(crate) fn open(&mut self, may_write: bool) -> Result<u64, Fault> {
        if self.sessions.len() >= MOST_SESSIONS {
            return Err(Rv::SESSION_COUNT.into());
        }
        self.last += 1;
        self.sessions.insert(self.last, Session { may_write, active: BTreeMap::new(), found: None });
        Ok(self.last)
    }

    /// Closes a session.
    pub(crate) fn close(&mut self, session: u64) -> Result<(), Fault> {
        self.sessions.remove(&session).map(drop).ok_or_else(|| Rv::SESSION_HANDLE_INVALID.into())
    }

    /// Closes all sessions.
    pub(crate) fn close_all(&mut self) {
        self.sessions.clear();
    }

    /// The number of sessions, and of those that may write.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.sessions.len(), self.sessions.values().filter(|session| session.may_write).count())
    }

    /// A session.
    pub(crate) fn session(&mut self, session: u64) -> Result<&mut Session, Fault> {
        self.sessions.get_mut(&session).ok_or_else(|| Rv::SESSION_HANDLE_INVALID.into())
    }

    /// The handle of an object; the same each time.
    pub(crate) fn handle(&mut self, id: &ObjectId) -> u64 {
        if let Some(handle) = self.handles.get(id) {
            return *handle;
        }
        self.objects.push(id.clone());
        let handle = self.objects.len() as u64;
        self.handles.insert(id.clone(), handle);
        handle
    }

    /// The object with a handle.
    pub(crate) fn object(&self, handle: u64) -> Option<ObjectId> {
        let place = usize::try_from(handle.checked_sub(1)?).ok()?;
        self.objects.get(place).cloned()
    }
}

impl Session {
    /// Begins something.
    pub(crate) fn begin(&mut self, kind: Kind, active: Active) -> Result<(), Fault> {
        if self.active.contains_key(&kind) {
            return Err(Rv::OPERATION_ACTIVE.into());
        }
        self.active.insert(kind, active);
        Ok(())
    }

    /// Whether something has begun.
    pub(crate) fn is_busy(&self, kind: Kind) -> bool {
        self.active.contains_key(&kind)
    }

    /// Takes what has begun, to go on or to end.
    pub(crate) fn take(&mut self, kind: Kind) -> Result<Active, Fault> {
        self.active.remove(&kind).ok_or_else(|| Rv::OPERATION_NOT_INITIALIZED.into())
    }

    /// Puts back what goes on.
    pub(crate) fn put_back(&mut self, kind: Kind, active: Active) {
        self.active.insert(kind, active);
    }

    /// Begins to tell what was found.
    pub(crate) fn begin_found(&mut self, found: VecDeque<u64>) -> Result<(), Fault> {
        if self.found.is_some() {
            return Err(Rv::OPERATION_ACTIVE.into());
        }
        self.found = Some(found);
        Ok(())
    }

    /// The next handles of what was found.
    pub(crate) fn next_found(&mut self, most: usize) -> Result<Vec<u64>, Fault> {
        let found = self.found.as_mut().ok_or(Rv::OPERATION_NOT_INITIALIZED)?;
        let count = most.min(found.len());
        Ok(found.drain(..count).collect())
    }

    /// Tells no more.
    pub(crate) fn end_found(&mut self) -> Result<(), Fault> {
        self.found.take().map(drop).ok_or_else(|| Rv::OPERATION_NOT_INITIALIZED.into())
    }
}
