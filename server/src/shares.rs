//! What users share: memory for the bodies of requests and answers, and how many requests of one are worked on at a time.
//!
//! Nobody takes more memory than he leaves for all others together: one user at most half of it, and a second one, while
//! the first has that, a quarter. So there is always some for whoever comes next, and no user's part is kept free in vain.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::fast::RandomState;
use tokio::sync::{Semaphore, TryAcquireError};

use crate::who::Who;

/// Users who are remembered before those are looked for who have gone.
const REMEMBERED: usize = 1_024;

/// How many requests may wait for each that is worked on.
const WAITING: usize = 4;

/// What there is for all.
pub(crate) struct Shares {
    bounds: Bounds,
    pool: Arc<Pool>,
    users: Mutex<Users>,
}

/// How much of everything there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Bytes of all bodies together.
    pub(crate) memory: usize,
    /// Requests of a user that are worked on at a time.
    pub(crate) requests: usize,
    /// Of these, large ones.
    pub(crate) large: usize,
}

struct Users {
    by_name: HashMap<Who, Arc<Share>, RandomState>,
    looked_at: usize,
}

/// The memory of all.
struct Pool {
    bytes: usize,
    taken: AtomicUsize,
    no_memory: AtomicU64,
    too_many: AtomicU64,
}

/// What one user has of it.
pub(crate) struct Share {
    pool: Arc<Pool>,
    taken: AtomicUsize,
    requests: Semaphore,
    waiting: AtomicUsize,
    most_waiting: usize,
    large: Semaphore,
}

/// Why a request goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Busy {
    /// There is no memory for its body.
    NoMemory,
    /// Too many of the same user wait.
    TooManyRequests,
}

/// Memory of a body, given back on drop.
pub(crate) struct Memory {
    share: Arc<Share>,
    bytes: usize,
}

/// A request that is worked on while it lives.
pub(crate) struct Running(Arc<Share>);

/// A large request that is worked on while it lives.
pub(crate) struct Large(Arc<Share>);

impl Shares {
    /// Shares of so much.
    pub(crate) fn new(bounds: Bounds) -> Self {
        let pool = Pool {
            bytes: bounds.memory,
            taken: AtomicUsize::new(0),
            no_memory: AtomicU64::new(0),
            too_many: AtomicU64::new(0),
        };
        let users = Users { by_name: HashMap::default(), looked_at: REMEMBERED };
        Self { bounds, pool: Arc::new(pool), users: Mutex::new(users) }
    }

    /// What this user has.
    pub(crate) fn of(&self, who: Who) -> Arc<Share> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = users.by_name.get(&who) {
            return share.clone();
        }
        if users.by_name.len() >= users.looked_at {
            users.by_name.retain(|_, share| Arc::strong_count(share) > 1);
            users.looked_at = REMEMBERED.max(2 * users.by_name.len());
        }
        let share = Arc::new(Share::new(&self.bounds, self.pool.clone()));
        users.by_name.insert(who, share.clone());
        share
    }

    /// Bytes of bodies now.
    pub(crate) fn memory(&self) -> u64 {
        self.pool.taken.load(Relaxed) as u64
    }

    /// How often there was no memory, and how often a user had too many requests.
    pub(crate) fn refused(&self) -> [u64; 2] {
        [&self.pool.no_memory, &self.pool.too_many].map(|count| count.load(Relaxed))
    }
}

impl Pool {
    /// Whether a user may have so much of what all have together.
    fn check(&self, own: usize, all: usize) -> Result<(), Busy> {
        if own <= self.bytes.saturating_sub(all) {
            return Ok(());
        }
        self.no_memory.fetch_add(1, Relaxed);
        Err(Busy::NoMemory)
    }
}

impl Share {
    fn new(bounds: &Bounds, pool: Arc<Pool>) -> Self {
        Self {
            pool,
            taken: AtomicUsize::new(0),
            requests: Semaphore::new(bounds.requests),
            waiting: AtomicUsize::new(0),
            most_waiting: bounds.requests.saturating_mul(WAITING),
            large: Semaphore::new(bounds.large),
        }
    }

    /// A place among the requests that are worked on, when it is the turn of this one.
    ///
    /// # Errors
    /// Too many wait.
    pub(crate) async fn run(self: &Arc<Self>) -> Result<Running, Busy> {
        match self.requests.try_acquire() {
            Ok(place) => place.forget(),
            Err(TryAcquireError::Closed) => return Err(Busy::TooManyRequests),
            Err(TryAcquireError::NoPermits) => self.wait().await?,
        }
        Ok(Running(self.clone()))
    }

    async fn wait(&self) -> Result<(), Busy> {
        let _waiting = Waiting::new(self)?;
        let place = self.requests.acquire().await.map_err(|_| Busy::TooManyRequests)?;
        place.forget();
        Ok(())
    }

    /// A place among the large requests that are worked on, when it is the turn of this one.
    pub(crate) async fn run_large(self: &Arc<Self>) -> Result<Large, Busy> {
        let place = self.large.acquire().await.map_err(|_| Busy::TooManyRequests)?;
        place.forget();
        Ok(Large(self.clone()))
    }

    /// Memory for a body of which nothing has come.
    pub(crate) fn memory(self: &Arc<Self>) -> Memory {
        Memory { share: self.clone(), bytes: 0 }
    }

    fn give_back(&self, bytes: usize) {
        self.taken.fetch_sub(bytes, Relaxed);
        self.pool.taken.fetch_sub(bytes, Relaxed);
    }
}

/// Counts who waits.
struct Waiting<'s>(&'s Share);

impl<'s> Waiting<'s> {
    fn new(share: &'s Share) -> Result<Self, Busy> {
        let waiting = Self(share);
        if share.waiting.fetch_add(1, Relaxed) >= share.most_waiting {
            share.pool.too_many.fetch_add(1, Relaxed);
            return Err(Busy::TooManyRequests);
        }
        Ok(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Relaxed);
    }
}

impl Memory {
    /// Takes memory for so many more bytes.
    ///
    /// # Errors
    /// The user would have more than is left.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Busy> {
        let Share { pool, taken, .. } = &*self.share;
        let own = taken.fetch_add(bytes, Relaxed).saturating_add(bytes);
        let all = pool.taken.fetch_add(bytes, Relaxed).saturating_add(bytes);
        pool.check(own, all).inspect_err(|_| self.share.give_back(bytes))?;
        self.bytes += bytes;
        Ok(())
    }

    /// Says whether there is memory for so many more bytes now. None is taken.
    ///
    /// # Errors
    /// As for [`Memory::grow`].
    pub(crate) fn check(&self, bytes: usize) -> Result<(), Busy> {
        let Share { pool, taken, .. } = &*self.share;
        let with_these = |taken: &AtomicUsize| taken.load(Relaxed).saturating_add(bytes);
        pool.check(with_these(taken), with_these(&pool.taken))
    }

    /// All of it, for what has the bytes from now on.
    pub(crate) fn take(&mut self) -> Self {
        Self { share: self.share.clone(), bytes: std::mem::take(&mut self.bytes) }
    }

    /// How many bytes it has.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Has so many bytes from now on. They are taken already, and count whether there are so many or not.
    pub(crate) fn set(&mut self, bytes: usize) {
        let more = bytes.saturating_sub(self.bytes);
        self.share.taken.fetch_add(more, Relaxed);
        self.share.pool.taken.fetch_add(more, Relaxed);
        self.share.give_back(self.bytes.saturating_sub(bytes));
        self.bytes = bytes;
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.share.give_back(self.bytes);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.requests.add_permits(1);
    }
}

impl Drop for Large {
    fn drop(&mut self) {
        self.0.large.add_permits(1);
    }
}

impl Busy {
    /// What the client is told.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::NoMemory => "the server has no memory for this request now; try again later",
            Self::TooManyRequests => "too many requests of yours wait; try again later",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(memory: usize, requests: usize) -> Shares {
        Shares::new(Bounds { memory, requests, large: 1 })
    }

    fn user(name: &str) -> Who {
        Who::User(name.into())
    }

    #[test]
    fn nobody_takes_more_memory_than_he_leaves() {
        let shares = shares(1_000, 1);
        let (ann, bob) = (shares.of(user("ann")), shares.of(user("bob")));
        let mut of_ann = ann.memory();
        assert_eq!(of_ann.grow(500), Ok(()));
        assert_eq!(of_ann.grow(1), Err(Busy::NoMemory));
        assert_eq!(shares.of(user("ann")).memory().grow(1), Err(Busy::NoMemory), "another request of hers");
        let mut of_bob = bob.memory();
        assert_eq!((of_bob.grow(250), of_bob.grow(1)), (Ok(()), Err(Busy::NoMemory)));
        assert_eq!((shares.memory(), shares.refused()), (750, [3, 0]));
        drop(of_ann);
        assert_eq!((of_bob.check(250), of_bob.check(251)), (Ok(()), Err(Busy::NoMemory)));
        assert_eq!(of_bob.grow(250), Ok(()));
        drop(of_bob);
        assert_eq!(shares.memory(), 0);
    }

    #[test]
    fn what_is_taken_already_counts_however_large_it_is() {
        let shares = shares(1_000, 1);
        let ann = shares.of(user("ann"));
        let mut answer = ann.memory();
        answer.set(5_000);
        assert_eq!((ann.memory().grow(1), shares.memory()), (Err(Busy::NoMemory), 5_000));
        answer.set(400);
        assert_eq!(ann.memory().grow(100), Ok(()));
        assert_eq!(shares.memory(), 400);
        drop(answer);
        assert_eq!(shares.memory(), 0);
    }

    #[tokio::test]
    async fn requests_of_a_user_wait_for_one_another_and_not_for_those_of_others() {
        let shares = Arc::new(shares(1, 1));
        let running = shares.of(user("ann")).run().await.unwrap();
        let waiting: Vec<_> = (0..WAITING)
            .map(|_| {
                let ann = shares.of(user("ann"));
                tokio::spawn(async move { ann.run().await.map(drop) })
            })
            .collect();
        tokio::task::yield_now().await;
        assert_eq!(shares.of(user("ann")).run().await.err(), Some(Busy::TooManyRequests));
        assert_eq!(shares.refused(), [0, 1]);
        shares.of(user("bob")).run().await.unwrap();
        drop(running);
        for request in waiting {
            assert_eq!(request.await.unwrap(), Ok(()));
        }
        shares.of(user("ann")).run().await.unwrap();
    }

    #[tokio::test]
    async fn whoever_gives_up_waiting_takes_no_room() {
        let shares = shares(1, 1);
        let ann = shares.of(user("ann"));
        let running = ann.run().await.unwrap();
        for _ in 0..=WAITING {
            let waiting = ann.run();
            assert!(tokio::time::timeout(std::time::Duration::ZERO, waiting).await.is_err());
        }
        drop(running);
        ann.run().await.unwrap();
    }

    #[test]
    fn users_who_have_nothing_are_forgotten() {
        let shares = shares(1_000, 1);
        let stays = shares.of(user("stays"));
        for number in 0..2 * REMEMBERED {
            shares.of(user(&number.to_string()));
        }
        assert!(shares.users.lock().unwrap().by_name.len() <= REMEMBERED + 1);
        assert!(Arc::ptr_eq(&stays, &shares.of(user("stays"))));
    }
}
