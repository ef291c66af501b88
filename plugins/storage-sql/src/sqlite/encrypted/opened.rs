//! The databases that are open.
//!
//! So many may be, since each takes files, memory and a thread once it is written to. One that is in use stays open; of
//! the others, the longest unused one makes room. A key is in memory as long as its database is open.
//!
//! A file is never open twice: while a database is opened or closed its place is taken, and whoever wants it waits.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use claviger_plugin_sdk::error::ErrorClass;
use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::{Error, Result};
use tokio::runtime::{Handle, RuntimeFlavor};

use super::folder::Folder;
use super::group::Group;
use super::token::Token;
use crate::sqlite::SqliteStore;

/// All databases of a folder that are open.
pub(super) struct Opened {
    folder: Folder,
    most: usize,
    idle: Duration,
    places: Mutex<HashMap<Group, Place>>,
    /// A place was filled, or is free again.
    changed: Condvar,
}

/// What is known of a group's database.
enum Place {
    /// It is open.
    Open(Open),
    /// Somebody opens or closes it.
    Taken,
}

struct Open {
    store: Arc<SqliteStore>,
    /// When a request came for it.
    used: Instant,
}

impl Open {
    fn is_used(&self) -> bool {
        Arc::strong_count(&self.store) > 1
    }
}

/// How long a place is waited for that is just becoming free.
const PATIENCE: Duration = Duration::from_secs(1);

/// The longest pause between two looks for databases that nobody uses.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

impl Opened {
    /// None is open yet.
    pub(super) fn new(folder: Folder, most: usize, idle: Duration) -> Self {
        Self { folder, most, idle, places: Mutex::default(), changed: Condvar::new() }
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The groups whose databases are open.
    pub(super) fn groups(&self) -> Vec<Group> {
        let places = self.places();
        let open = places.iter().filter(|(_, place)| matches!(place, Place::Open(_)));
        open.map(|(group, _)| *group).collect()
    }

    /// The database of a group, if it is open. No request has come for it by that.
    pub(super) fn store(&self, group: Group) -> Option<Arc<SqliteStore>> {
        match self.places().get(&group)? {
            Place::Open(open) => Some(open.store.clone()),
            Place::Taken => None,
        }
    }

    /// The database of a token, which is opened if it is not open.
    ///
    /// # Errors
    /// Authentication Not Successful: there is none, or the key is wrong; the client is not told which. Server Limit
    /// Exceeded: as many as may be are in use. The storage fails.
    pub(super) fn open(&self, token: Token) -> Result<Arc<SqliteStore>> {
        match self.if_open(&token) {
            Some(store) => Ok(store),
            None => on_a_thread_that_may_wait(|| self.prove_and_open(token)),
        }
    }

    /// Closes the databases for which no request has come for a while.
    pub(super) fn close_idle(&self, now: Instant) {
        let is_due = |open: &Open| now.saturating_duration_since(open.used) >= self.idle;
        let mut places = self.places();
        let due: Vec<Group> = places
            .iter()
            .filter(|(_, place)| matches!(place, Place::Open(open) if is_due(open) && !open.is_used()))
            .map(|(group, _)| *group)
            .collect();
        for group in due {
            if let Some(closing) = self.take_out(&mut places, group) {
                drop(places);
                closing.close();
                places = self.places();
            }
        }
    }

    /// Closes all databases that nobody uses.
    pub(super) fn close_all(&self) {
        self.close_idle(Instant::now() + self.idle);
    }

    /// How often to look for those that are idle.
    pub(super) fn looks_every(&self) -> Duration {
        (self.idle / 4).clamp(Duration::from_millis(250), LONGEST_PAUSE)
    }

    /// The database, if it is open and the key is right.
    fn if_open(&self, token: &Token) -> Option<Arc<SqliteStore>> {
        let mut places = self.places();
        match places.get_mut(&token.group) {
            Some(Place::Open(open)) if open.store.has_key(&token.key) => {
                open.used = Instant::now();
                Some(open.store.clone())
            }
            _ => None,
        }
    }

    /// Every token that is refused is refused here, after the same work.
    fn prove_and_open(&self, token: Token) -> Result<Arc<SqliteStore>> {
        if !self.folder.proves(token.group, &token.key)? {
            return Err(wrong_secret());
        }
        let place = match self.take_place(token.group)? {
            Found::Open(store) => return Ok(store),
            Found::Place(place) => place,
        };
        let store = Arc::new(self.folder.open(token.group, token.key)?);
        tracing::debug!(group = ?token.group, "database opened");
        place.fill(store.clone());
        Ok(store)
    }

    fn take_place(&self, group: Group) -> Result<Found<'_>> {
        let mut places = self.places();
        let begin = Instant::now();
        let oldest = loop {
            match places.get_mut(&group) {
                Some(Place::Open(open)) => {
                    open.used = Instant::now();
                    return Ok(Found::Open(open.store.clone()));
                }
                Some(Place::Taken) => {
                    places = self.changed.wait(places).unwrap_or_else(PoisonError::into_inner);
                    continue;
                }
                None => {}
            }
            if places.len() < self.most {
                break None;
            }
            if let Some(oldest) = self.take_out_oldest(&mut places) {
                break Some(oldest);
            }
            // One that is being closed is about to make room; all others are in use.
            let left = PATIENCE.saturating_sub(begin.elapsed());
            let is_changing = places.values().any(|place| matches!(place, Place::Taken));
            if !is_changing || left.is_zero() {
                return Err(too_many(self.most));
            }
            let waited = self.changed.wait_timeout(places, left);
            places = waited.unwrap_or_else(PoisonError::into_inner).0;
        };
        places.insert(group, Place::Taken);
        drop(places);
        let place = TakenPlace { opened: self, group, filled: None };
        if let Some(oldest) = oldest {
            oldest.close();
        }
        Ok(Found::Place(place))
    }

    /// Takes out the database that was used the longest time ago, if there is one that nobody uses.
    fn take_out_oldest<'o>(&'o self, places: &mut HashMap<Group, Place>) -> Option<Closing<'o>> {
        let mut unused: Vec<(Instant, Group)> = places
            .iter()
            .filter_map(|(group, place)| match place {
                Place::Open(open) if !open.is_used() => Some((open.used, *group)),
                _ => None,
            })
            .collect();
        unused.sort_unstable_by_key(|(used, _)| *used);
        unused.into_iter().find_map(|(_, group)| self.take_out(places, group))
    }

    /// Takes a database out, unless somebody has begun to use it.
    fn take_out<'o>(&'o self, places: &mut HashMap<Group, Place>, group: Group) -> Option<Closing<'o>> {
        let place = places.get_mut(&group)?;
        let Place::Open(Open { store, used }) = std::mem::replace(place, Place::Taken) else { return None };
        match Arc::try_unwrap(store) {
            Ok(store) => Some(Closing { store, _place: TakenPlace { opened: self, group, filled: None } }),
            Err(store) => {
                *place = Place::Open(Open { store, used });
                None
            }
        }
    }

    /// A panic while the lock is held leaves every place as it was or taken.
    fn places(&self) -> MutexGuard<'_, HashMap<Group, Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Found<'o> {
    Open(Arc<SqliteStore>),
    Place(TakenPlace<'o>),
}

/// A place that is free again when this is dropped, unless it was filled.
struct TakenPlace<'o> {
    opened: &'o Opened,
    group: Group,
    filled: Option<Arc<SqliteStore>>,
}

impl TakenPlace<'_> {
    fn fill(mut self, store: Arc<SqliteStore>) {
        self.filled = Some(store);
    }
}

impl Drop for TakenPlace<'_> {
    fn drop(&mut self) {
        let mut places = self.opened.places();
        match self.filled.take() {
            Some(store) => {
                places.insert(self.group, Place::Open(Open { store, used: Instant::now() }));
            }
            None => {
                places.remove(&self.group);
            }
        }
        drop(places);
        self.opened.changed.notify_all();
    }
}

/// A database that nobody uses, on its way out.
struct Closing<'o> {
    // Closed before its place is free.
    store: SqliteStore,
    _place: TakenPlace<'o>,
}

impl Closing<'_> {
    fn close(self) {
        tracing::debug!(group = ?self._place.group, "database closed");
        let Self { store, _place } = self;
        drop(store);
    }
}

/// Opening a database takes a millisecond or more, which should hold up no other request.
fn on_a_thread_that_may_wait<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// The same whether there is no such database or its key is another one.
pub(super) fn wrong_secret() -> Error {
    Error::new(
        ResultReason::AUTHENTICATION_NOT_SUCCESSFUL,
        ErrorClass::Cryptographic,
        "Database secret is wrong",
    )
}

fn too_many(most: usize) -> Error {
    Error::new(
        ResultReason::SERVER_LIMIT_EXCEEDED,
        ErrorClass::Unsupported,
        format!("{most} databases are in use, and no more may be open at a time; try again later"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(opened: &Opened, name: u8) -> Result<TakenPlace<'_>> {
        match opened.take_place(Group::of([name; Group::LENGTH]))? {
            Found::Place(place) => Ok(place),
            Found::Open(_) => panic!("it is open"),
        }
    }

    #[test]
    fn a_place_that_is_becoming_free_is_waited_for() {
        let folder = tempfile::TempDir::new().unwrap();
        let folder = Folder::take(folder.path().to_owned(), false).unwrap();
        let opened = Opened::new(folder, 1, Duration::from_secs(600));
        let closing = taken(&opened, 1).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                std::thread::sleep(Duration::from_millis(100));
                drop(closing);
            });
            let begin = Instant::now();
            let place = taken(&opened, 2).unwrap();
            assert!(begin.elapsed() >= Duration::from_millis(50));
            // Not for ever.
            let error = taken(&opened, 3).err().unwrap();
            assert_eq!(error.reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
            drop(place);
            assert!(taken(&opened, 3).is_ok());
        });
    }
}
