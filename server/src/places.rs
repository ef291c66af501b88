//! Room for connections.
//!
//! Where there is none for a further one, a connection goes on which nothing is being worked: first one that has never
//! proved who calls, of the machine that has the most of these; one of a known client only when there is no such, of the
//! machine that has the most of those. Of a machine's, the one goes that has waited longest. So whoever opens many takes
//! the places of his own, and a client that is served keeps its connection. Only when work is done on all of them is a new
//! one refused.
//!
//! A machine that opens connections faster than it may is refused before anything else is done for it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use claviger_plugin_sdk::clock::Clock;
use foldhash::fast::RandomState;

use crate::rate::Rate;
use crate::seat::Seat;
use crate::who::machine;

/// The span of time of which a machine may open all connections at once.
const BURST: u32 = 8;

/// Machines, and connections of each, that are looked at to find one that can be spared.
const LOOKS: usize = 64;

/// All places.
pub(crate) struct Places {
    bounds: Bounds,
    begun: Instant,
    rate: Rate<IpAddr>,
    taken: Mutex<Taken>,
    /// Connections that went to make room.
    displaced: AtomicU64,
    /// Connections for which no room could be made, and those of machines that were too fast.
    refused: AtomicU64,
    too_fast: AtomicU64,
}

/// How many there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// In all.
    pub(crate) most: usize,
    /// For one machine.
    pub(crate) of_a_machine: usize,
    /// New ones of a machine in a second.
    pub(crate) in_a_second: u32,
}

#[derive(Default)]
struct Taken {
    last: u64,
    /// Connections that have never proved who calls.
    strangers: Crowd,
    known: Crowd,
}

/// Connections of one kind, by the machines that they come from.
#[derive(Default)]
struct Crowd {
    all: usize,
    by_machine: HashMap<IpAddr, Row, RandomState>,
    by_size: BTreeSet<(Size, IpAddr)>,
}

/// Connections of one machine, in the order in which they were last seen to be used. That may have been again since, so
/// the first is looked at before it goes.
type Row = BTreeMap<Spot, Arc<Seat>>;

/// When a connection was last seen to be used, and its number.
type Spot = (u64, u64);

/// How many connections a machine has, and where the first of them stands: of equal ones, that is before which has
/// waited longer.
type Size = (usize, Reverse<Spot>);

/// A place of a connection, given back on drop.
pub(crate) struct Place {
    places: Arc<Places>,
    seat: Arc<Seat>,
}

impl Places {
    /// So many places.
    pub(crate) fn new(bounds: Bounds, clock: Arc<dyn Clock>) -> Self {
        let at_once = bounds.in_a_second.saturating_mul(BURST);
        Self {
            bounds,
            begun: Instant::now(),
            rate: Rate::within(Duration::from_secs(BURST.into()), at_once, clock),
            taken: Mutex::default(),
            displaced: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            too_fast: AtomicU64::new(0),
        }
    }

    /// A place for a connection from this address; `None` if none can be made free, or its machine is too fast.
    pub(crate) fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let machine = machine(peer);
        if self.rate.take(machine).is_err() {
            self.too_fast.fetch_add(1, Relaxed);
            return None;
        }
        let now = self.now();
        let mut taken = self.lock();
        let leaves = match taken.is_full_for(machine, &self.bounds) {
            None => None,
            Some(of) => {
                let Some(leaves) = taken.displace(of, now) else {
                    self.refused.fetch_add(1, Relaxed);
                    return None;
                };
                Some(leaves)
            }
        };
        taken.last += 1;
        let seat = Arc::new(Seat::new(self, machine, taken.last, now));
        taken.strangers.add(seat.clone());
        drop(taken);
        if let Some(leaves) = leaves {
            self.displaced.fetch_add(1, Relaxed);
            leaves.end();
        }
        Some(Place { places: self.clone(), seat })
    }

    /// A request on this connection was accepted for the first time.
    pub(crate) fn knows(&self, seat: &Seat) {
        let mut taken = self.lock();
        // It may have been displaced by now.
        if let Some(seat) = taken.strangers.remove(seat) {
            taken.known.add(seat);
        }
    }

    /// Milliseconds since the server began.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// How many are taken.
    pub(crate) fn open(&self) -> u64 {
        self.lock().all() as u64
    }

    /// How many connections went to make room.
    pub(crate) fn displaced(&self) -> u64 {
        self.displaced.load(Relaxed)
    }

    /// How many connections were refused since there was no room.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// How many connections were refused since their machine opened too many in a short time.
    pub(crate) fn too_fast(&self) -> u64 {
        self.too_fast.load(Relaxed)
    }

    /// A panic while the lock is held cannot leave the places half changed, so a poisoned lock is as good as another.
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn all(&self) -> usize {
        self.strangers.all + self.known.all
    }

    /// Whether a connection has to go before a further one of this machine comes: one of its own, or any.
    fn is_full_for(&self, machine: IpAddr, bounds: &Bounds) -> Option<Option<IpAddr>> {
        if self.strangers.of(machine) + self.known.of(machine) >= bounds.of_a_machine {
            return Some(Some(machine));
        }
        (self.all() >= bounds.most).then_some(None)
    }

    /// Takes the place of the connection that can be spared best: of this machine, or of any.
    fn displace(&mut self, of: Option<IpAddr>, now: u64) -> Option<Arc<Seat>> {
        [&mut self.strangers, &mut self.known].into_iter().find_map(|crowd| match of {
            Some(machine) => crowd.spare(machine, now),
            None => crowd.spare_any(now),
        })
    }
}

impl Crowd {
    fn of(&self, machine: IpAddr) -> usize {
        self.by_machine.get(&machine).map_or(0, Row::len)
    }

    fn add(&mut self, seat: Arc<Seat>) {
        let (machine, spot) = (seat.machine, spot(&seat));
        self.change(machine, |row| row.insert(spot, seat));
    }

    fn remove(&mut self, seat: &Seat) -> Option<Arc<Seat>> {
        self.change(seat.machine, |row| row.remove(&spot(seat)))
    }

    /// The same as [`Crowd::spare`], of the machine with the most, or else of one that has less.
    fn spare_any(&mut self, now: u64) -> Option<Arc<Seat>> {
        let (_, largest) = *self.by_size.last()?;
        self.spare(largest, now).or_else(|| {
            let others: Vec<_> = self.by_size.iter().rev().take(LOOKS).map(|(_, machine)| *machine).collect();
            others
                .into_iter()
                .filter(|machine| *machine != largest)
                .find_map(|machine| self.spare(machine, now))
        })
    }

    /// Takes out the connection of the machine on which nothing is being worked, and that has waited longest.
    fn spare(&mut self, machine: IpAddr, now: u64) -> Option<Arc<Seat>> {
        for _ in 0..LOOKS {
            let seat = self.by_machine.get(&machine)?.first_key_value()?.1.clone();
            let waits_since = seat.waits_since();
            let seat = self.remove(&seat)?;
            match waits_since {
                Some(since) if since <= seat.listed.load(Relaxed) => return Some(seat),
                // It was used since it was listed, or is being used now.
                since => seat.listed.store(since.unwrap_or(now), Relaxed),
            }
            self.add(seat);
        }
        None
    }

    fn change<T>(&mut self, machine: IpAddr, change: impl FnOnce(&mut Row) -> T) -> T {
        let row = self.by_machine.entry(machine).or_default();
        let before = row.len();
        if let Some(size) = size(row) {
            self.by_size.remove(&(size, machine));
        }
        let changed = change(row);
        self.all = self.all + row.len() - before;
        match size(row) {
            Some(size) => {
                self.by_size.insert((size, machine));
            }
            None => {
                self.by_machine.remove(&machine);
            }
        }
        changed
    }
}

fn spot(seat: &Seat) -> Spot {
    (seat.listed.load(Relaxed), seat.number)
}

/// `None` if there are none.
fn size(row: &Row) -> Option<Size> {
    let (first, _) = row.first_key_value()?;
    Some((row.len(), Reverse(*first)))
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
        let mut taken = self.places.lock();
        if taken.strangers.remove(&self.seat).is_none() {
            taken.known.remove(&self.seat);
        }
    }
}

#[cfg(test)]
mod tests {
    use claviger_engine::SystemClock;

    use super::*;

    fn places(most: usize, of_a_machine: usize) -> Arc<Places> {
        let bounds = Bounds { most, of_a_machine, in_a_second: 1_000 };
        Arc::new(Places::new(bounds, Arc::new(SystemClock)))
    }

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
        let places = places(10, 3);
        let connections: Vec<_> = (0..3).map(|_| connect(&places, ONE).unwrap()).collect();
        connections[0].seat.is_known();
        let _fourth = connect(&places, ONE).unwrap();
        assert_eq!(are_open(&connections).await, [true, false, true]);
        assert_eq!((places.open(), places.displaced()), (3, 1));
    }

    #[tokio::test]
    async fn the_machine_with_the_most_makes_room_for_another() {
        let places = places(3, 3);
        let other = connect(&places, OTHER).unwrap();
        let many: Vec<_> = (0..2).map(|_| connect(&places, ONE).unwrap()).collect();
        let new = connect(&places, OTHER).unwrap();
        assert_eq!(are_open(&many).await, [false, true]);
        assert!(other.is_open().await && new.is_open().await);
    }

    #[tokio::test]
    async fn what_is_worked_on_stays_and_when_there_is_nothing_else_nobody_comes() {
        let places = places(2, 2);
        let connections: Vec<_> = (0..2).map(|_| connect(&places, ONE).unwrap()).collect();
        let working: Vec<_> = connections.iter().map(|connection| connection.seat.work()).collect();
        assert!(connect(&places, ONE).is_none() && connect(&places, OTHER).is_none());
        assert_eq!((are_open(&connections).await, places.refused()), (vec![true, true], 2));
        drop(working);
        assert!(connect(&places, OTHER).is_some());
    }

    #[tokio::test]
    async fn of_known_connections_that_goes_whose_last_request_is_longest_ago() {
        let places = places(2, 2);
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
    async fn a_known_client_that_sends_or_takes_in_parts_keeps_its_place_and_a_stranger_does_not() {
        for known in [true, false] {
            let places = places(2, 2);
            let connections: Vec<_> = (0..2).map(|_| connect(&places, ONE).unwrap()).collect();
            for connection in connections.iter().filter(|_| known) {
                connection.seat.is_known();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
            connections[0].seat.goes_on();
            let _third = connect(&places, ONE).unwrap();
            assert_eq!(are_open(&connections).await, [known, !known]);
        }
    }

    #[tokio::test]
    async fn a_place_that_was_given_back_is_free_and_is_given_back_once() {
        let places = places(2, 1);
        let first = connect(&places, ONE).unwrap();
        let second = connect(&places, ONE).unwrap();
        assert!(!first.is_open().await);
        first.close();
        assert_eq!(places.open(), 1);
        second.close();
        assert_eq!(places.open(), 0);
    }

    #[tokio::test]
    async fn strangers_go_before_known_clients_of_the_machine_with_the_most() {
        let places = places(4, 4);
        let known: Vec<_> = (0..3).map(|_| connect(&places, ONE).unwrap()).collect();
        for connection in &known {
            connection.seat.is_known();
        }
        let stranger = connect(&places, OTHER).unwrap();
        let _new = connect(&places, "192.0.2.3").unwrap();
        assert_eq!(are_open(&known).await, [true; 3]);
        assert!(!stranger.is_open().await);
        assert_eq!(places.open(), 4);
    }

    #[tokio::test]
    async fn of_machines_with_equally_many_that_one_loses_which_has_waited_longest() {
        let places = places(64, 64);
        let from = |number: usize| format!("192.0.2.{}", 255 - number);
        let mut connections = Vec::new();
        for number in 0..64 {
            connections.push(connect(&places, &from(number)).unwrap());
        }
        let _later: Vec<_> = (64..96).map(|number| connect(&places, &from(number)).unwrap()).collect();
        let open = are_open(&connections).await;
        assert_eq!(open, [vec![false; 32], vec![true; 32]].concat());
    }

    #[tokio::test]
    async fn where_the_largest_is_all_at_work_another_machine_makes_room() {
        let places = places(3, 3);
        let busy: Vec<_> = (0..2).map(|_| connect(&places, ONE).unwrap()).collect();
        let _working: Vec<_> = busy.iter().map(|connection| connection.seat.work()).collect();
        let idle = connect(&places, OTHER).unwrap();
        let _new = connect(&places, "192.0.2.3").unwrap();
        assert_eq!((are_open(&busy).await, idle.is_open().await), (vec![true; 2], false));
    }

    #[tokio::test]
    async fn a_machine_that_opens_too_many_in_a_short_time_is_refused_and_others_are_not() {
        let bounds = Bounds { most: 100, of_a_machine: 100, in_a_second: 1 };
        let places = Arc::new(Places::new(bounds, Arc::new(SystemClock)));
        let at_once = (0..100).filter(|_| places.take(ONE.parse().unwrap()).is_some()).count();
        // A second may have passed meanwhile.
        assert!((8..11).contains(&at_once), "{at_once}");
        assert_eq!(places.too_fast(), 100 - at_once as u64);
        assert!(connect(&places, OTHER).is_some());
    }

    #[tokio::test]
    async fn whoever_becomes_known_after_his_place_was_taken_does_not_get_it_back() {
        let places = places(1, 1);
        let first = connect(&places, ONE).unwrap();
        let second = connect(&places, ONE).unwrap();
        first.seat.is_known();
        assert_eq!(places.open(), 1);
        first.close();
        second.close();
        assert_eq!(places.open(), 0);
    }
}
