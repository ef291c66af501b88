//! Room for connections.
//!
//! Where there is none for a further one, a connection goes on which nothing is being worked, of the machine that has the
//! most: first one that has never proved who calls, and of these the one that has waited longest. So whoever opens many
//! takes the places of his own, and a client that is served keeps its connection. Only when work is done on all of them is
//! a new one refused.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use foldhash::fast::RandomState;
use tokio::task::AbortHandle;

use crate::who::machine;

/// All places.
pub(crate) struct Places {
    most: usize,
    most_of_a_machine: usize,
    taken: Mutex<Taken>,
    /// Connections that went to make room.
    displaced: AtomicU64,
    /// Connections for which no room could be made.
    refused: AtomicU64,
}

#[derive(Default)]
struct Taken {
    all: usize,
    last: u64,
    by_machine: HashMap<IpAddr, BTreeMap<u64, Arc<Seat>>, RandomState>,
}

/// What is known of a connection that has a place.
#[derive(Debug)]
pub(crate) struct Seat {
    since: Instant,
    /// Requests that are being worked on.
    working: AtomicU32,
    /// When the last of them ended, in milliseconds since the connection was opened.
    waiting_since: AtomicU64,
    /// Whether a request on it was accepted.
    known: AtomicBool,
    /// Ends it.
    end: OnceLock<AbortHandle>,
}

/// A place of a connection, given back on drop.
pub(crate) struct Place {
    places: Arc<Places>,
    machine: IpAddr,
    number: u64,
    seat: Arc<Seat>,
}

/// A request is being worked on while it lives.
pub(crate) struct Working(Arc<Seat>);

impl Places {
    /// So many places, and so many for one machine.
    pub(crate) fn new(most: usize, most_of_a_machine: usize) -> Self {
        Self {
            most,
            most_of_a_machine,
            taken: Mutex::default(),
            displaced: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    /// A place for a connection from this address; `None` if none can be made free.
    pub(crate) fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let machine = machine(peer);
        let mut taken = self.lock();
        let leaves = match taken.full_of(machine, self.most, self.most_of_a_machine) {
            None => None,
            Some(crowd) => {
                let Some(leaves) = taken.displace(crowd) else {
                    self.refused.fetch_add(1, Relaxed);
                    return None;
                };
                Some(leaves)
            }
        };
        taken.all += 1;
        taken.last += 1;
        let (number, seat) = (taken.last, Arc::new(Seat::new()));
        taken.by_machine.entry(machine).or_default().insert(number, seat.clone());
        drop(taken);
        if let Some(leaves) = leaves {
            self.displaced.fetch_add(1, Relaxed);
            leaves.abort();
        }
        Some(Place { places: self.clone(), machine, number, seat })
    }

    /// How many are taken.
    pub(crate) fn open(&self) -> u64 {
        self.lock().all as u64
    }

    /// How many connections went to make room.
    pub(crate) fn displaced(&self) -> u64 {
        self.displaced.load(Relaxed)
    }

    /// How many connections were refused.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// A panic while the lock is held cannot leave the places half changed, so a poisoned lock is as good as another.
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// The machine of which a connection has to go before a further one of this machine comes.
    fn full_of(&self, machine: IpAddr, most: usize, most_of_a_machine: usize) -> Option<IpAddr> {
        let own = self.by_machine.get(&machine).map_or(0, BTreeMap::len);
        if own >= most_of_a_machine {
            return Some(machine);
        }
        if self.all < most {
            return None;
        }
        let largest = self.by_machine.iter().max_by_key(|(_, seats)| seats.len());
        largest.map(|(machine, _)| *machine)
    }

    /// Takes the place of the machine's connection that can be spared best.
    fn displace(&mut self, machine: IpAddr) -> Option<AbortHandle> {
        let seats = self.by_machine.get(&machine)?;
        let spare = seats.iter().filter_map(|(number, seat)| Some((seat.rank()?, *number)));
        let (_, number) = spare.min()?;
        let seat = self.remove(machine, number)?;
        seat.end.get().cloned()
    }

    fn remove(&mut self, machine: IpAddr, number: u64) -> Option<Arc<Seat>> {
        let seats = self.by_machine.get_mut(&machine)?;
        let seat = seats.remove(&number)?;
        if seats.is_empty() {
            self.by_machine.remove(&machine);
        }
        self.all -= 1;
        Some(seat)
    }
}

impl Seat {
    /// Of a connection that was opened now.
    pub(crate) fn new() -> Self {
        Self {
            since: Instant::now(),
            working: AtomicU32::new(0),
            waiting_since: AtomicU64::new(0),
            known: AtomicBool::new(false),
            end: OnceLock::new(),
        }
    }

    /// Says how the connection is ended.
    pub(crate) fn ends_by(&self, end: AbortHandle) {
        // It is said once.
        let _ = self.end.set(end);
    }

    /// A request on the connection was accepted.
    pub(crate) fn is_known(&self) {
        // Most often it is known already, and reading does not take the line from other processors.
        if !self.known.load(Relaxed) {
            self.known.store(true, Relaxed);
        }
    }

    /// A request was read, and is being worked on.
    pub(crate) fn work(self: &Arc<Self>) -> Working {
        self.working.fetch_add(1, Relaxed);
        Working(self.clone())
    }

    /// What goes first; `None` if it does not go.
    fn rank(&self) -> Option<(bool, Instant)> {
        if self.working.load(Relaxed) > 0 || self.end.get().is_none() {
            return None;
        }
        let waited = std::time::Duration::from_millis(self.waiting_since.load(Relaxed));
        Some((self.known.load(Relaxed), self.since + waited))
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        let now = u64::try_from(self.0.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.waiting_since.store(now, Relaxed);
        self.0.working.fetch_sub(1, Relaxed);
    }
}

impl Place {
    /// What is known of the connection.
    pub(crate) fn seat(&self) -> &Arc<Seat> {
        &self.seat
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // It may have been given to another by now.
        self.places.lock().remove(self.machine, self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const ONE: &str = "192.0.2.1";
    const OTHER: &str = "192.0.2.2";

    /// A connection that lasts until it is ended, and whether it has ended.
    struct Connection {
        place: Arc<Mutex<Option<Place>>>,
        seat: Arc<Seat>,
        task: tokio::task::JoinHandle<()>,
    }

    fn connect(places: &Arc<Places>, from: &str) -> Option<Connection> {
        let place = places.take(from.parse().unwrap())?;
        let seat = place.seat().clone();
        let place = Arc::new(Mutex::new(Some(place)));
        let task = tokio::spawn(std::future::pending());
        seat.ends_by(task.abort_handle());
        Some(Connection { place, seat, task })
    }

    impl Connection {
        async fn is_open(&self) -> bool {
            tokio::task::yield_now().await;
            !self.task.is_finished()
        }

        fn close(self) {
            self.place.lock().unwrap().take();
        }
    }

    async fn are_open(connections: &[Connection]) -> Vec<bool> {
        let mut open = Vec::new();
        for connection in connections {
            open.push(connection.is_open().await);
        }
        open
    }

    #[tokio::test]
    async fn whoever_opens_too_many_loses_those_that_have_waited_longest_without_being_known() {
        let places = Arc::new(Places::new(10, 3));
        let connections: Vec<_> = (0..3).map(|_| connect(&places, ONE).unwrap()).collect();
        connections[0].seat.is_known();
        let _fourth = connect(&places, ONE).unwrap();
        assert_eq!(are_open(&connections).await, [true, false, true]);
        assert_eq!((places.open(), places.displaced()), (3, 1));
    }

    #[tokio::test]
    async fn the_machine_with_the_most_makes_room_for_another() {
        let places = Arc::new(Places::new(3, 3));
        let other = connect(&places, OTHER).unwrap();
        let many: Vec<_> = (0..2).map(|_| connect(&places, ONE).unwrap()).collect();
        let new = connect(&places, OTHER).unwrap();
        assert_eq!(are_open(&many).await, [false, true]);
        assert!(other.is_open().await && new.is_open().await);
    }

    #[tokio::test]
    async fn what_is_worked_on_stays_and_when_there_is_nothing_else_nobody_comes() {
        let places = Arc::new(Places::new(2, 2));
        let connections: Vec<_> = (0..2).map(|_| connect(&places, ONE).unwrap()).collect();
        let working: Vec<_> = connections.iter().map(|connection| connection.seat.work()).collect();
        assert!(connect(&places, ONE).is_none() && connect(&places, OTHER).is_none());
        assert_eq!((are_open(&connections).await, places.refused()), (vec![true, true], 2));
        drop(working);
        assert!(connect(&places, OTHER).is_some());
    }

    #[tokio::test]
    async fn of_known_connections_that_goes_whose_last_request_is_longest_ago() {
        let places = Arc::new(Places::new(2, 2));
        let connections: Vec<_> = (0..2).map(|_| connect(&places, ONE).unwrap()).collect();
        for connection in &connections {
            connection.seat.is_known();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
        drop(connections[0].seat.work());
        let _third = connect(&places, ONE).unwrap();
        assert_eq!(are_open(&connections).await, [true, false]);
    }

    #[tokio::test]
    async fn a_place_that_was_given_back_is_free_and_is_given_back_once() {
        let places = Arc::new(Places::new(2, 1));
        let first = connect(&places, ONE).unwrap();
        let second = connect(&places, ONE).unwrap();
        assert!(!first.is_open().await);
        first.close();
        assert_eq!(places.open(), 1);
        second.close();
        assert_eq!(places.open(), 0);
    }
}
