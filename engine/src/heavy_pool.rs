//! Bounded threads for cryptographic work that would hold up other requests, fair between users.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use tokio::sync::oneshot;

/// Runs heavy work on blocking threads, so many at a time, and refuses more than may wait. Users take turns: whoever
/// asks for much waits for himself, not the others for him.
pub(crate) struct HeavyPool {
    waiting: Arc<Waiting>,
    most: usize,
    most_per_user: usize,
}

/// Who waits, and how many threads are free.
struct Waiting(Mutex<Queues>);

struct Queues {
    free: usize,
    /// The users who wait, in the order of their turns, each with his work in the order in which it came.
    users: VecDeque<(Arc<str>, VecDeque<oneshot::Sender<Turn>>)>,
}

impl HeavyPool {
    /// A pool of so many threads, with room for `most` pieces of work that wait, and for so many of one user.
    pub(crate) fn new(threads: usize, most: usize, most_per_user: usize) -> Self {
        let queues = Queues { free: threads, users: VecDeque::new() };
        Self { waiting: Arc::new(Waiting(Mutex::new(queues))), most, most_per_user }
    }

    /// Runs the work of a user and waits for it.
    ///
    /// # Errors
    /// Server Limit Exceeded: too much work waits. Internal Server Error: the work panicked.
    pub(crate) async fn run(&self, user: &Arc<str>, work: impl FnOnce() + Send + 'static) -> Result<()> {
        let turn = self.take_turn(user)?;
        let failed = || Error::server("cryptographic work was interrupted");
        let turn = turn.await.map_err(|error| failed().because(error))?;
        tokio::task::spawn_blocking(move || {
            work();
            drop(turn);
        })
        .await
        .map_err(|error| failed().because(error))
    }

    fn take_turn(&self, user: &Arc<str>) -> Result<oneshot::Receiver<Turn>> {
        let (give, turn) = oneshot::channel();
        let mut queues = self.waiting.lock();
        let all = queues.waiting();
        let own = queues.users.iter_mut().find(|(waiting, _)| waiting == user).map(|(_, work)| work);
        let of_user = own.as_ref().map_or(0, |work| work.len());
        if all >= self.most || of_user >= self.most_per_user {
            return Err(Error::new(
                ResultReason::SERVER_LIMIT_EXCEEDED,
                ErrorClass::Unsupported,
                "too much cryptographic work is waiting; try again later",
            ));
        }
        match own {
            Some(work) => work.push_back(give),
            None => queues.users.push_back((user.clone(), VecDeque::from([give]))),
        }
        drop(queues);
        self.waiting.give_turns();
        Ok(turn)
    }
}

impl Waiting {
    /// A panic while the lock is held cannot leave the queues half changed, so a poisoned lock is as good as another.
    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the threads that are free to those whose turn it is.
    fn give_turns(self: &Arc<Self>) {
        loop {
            let next = self.lock().next();
            let Some(next) = next else { return };
            // Whoever left meanwhile gives his turn back, outside of the lock.
            drop(next.send(Turn(self.clone())));
        }
    }
}

impl Queues {
    /// How many pieces of work wait.
    fn waiting(&mut self) -> usize {
        for (_, work) in &mut self.users {
            // Nobody waits for it any more.
            work.retain(|give| !give.is_closed());
        }
        self.users.retain(|(_, work)| !work.is_empty());
        self.users.iter().map(|(_, work)| work.len()).sum()
    }

    /// Takes a free thread for the first user's oldest work; he goes to the end of the row.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        self.free.checked_sub(1)?;
        let (user, mut work) = self.users.pop_front()?;
        let next = work.pop_front();
        if !work.is_empty() {
            self.users.push_back((user, work));
        }
        self.free -= usize::from(next.is_some());
        next
    }
}

/// A thread of the pool, given back on drop: also when the work panics, or nobody waits for it any more.
struct Turn(Arc<Waiting>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.lock().free += 1;
        self.0.give_turns();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    fn user(name: &str) -> Arc<str> {
        name.into()
    }

    /// Work that ends when it is told to, which begins before this returns.
    async fn held(pool: &Arc<HeavyPool>) -> (Sender<()>, tokio::task::JoinHandle<Result<()>>) {
        let (let_go, wait) = channel::<()>();
        let (begun, begins) = oneshot::channel();
        let pool = pool.clone();
        let running = tokio::spawn(async move {
            let work = move || {
                begun.send(()).unwrap();
                wait.recv().unwrap();
            };
            pool.run(&user("holder"), work).await
        });
        begins.await.unwrap();
        (let_go, running)
    }

    /// Work of a user that tells its name when it runs, and waits by now.
    async fn waiting(
        pool: &Arc<HeavyPool>,
        name: &'static str,
        told: &Sender<&'static str>,
    ) -> tokio::task::JoinHandle<Result<()>> {
        let before = pool.waiting.lock().waiting();
        let (own, told) = (pool.clone(), told.clone());
        let task = tokio::spawn(async move { own.run(&user(name), move || told.send(name).unwrap()).await });
        while pool.waiting.lock().waiting() == before {
            tokio::task::yield_now().await;
        }
        task
    }

    #[tokio::test]
    async fn work_runs_and_is_waited_for() {
        let pool = HeavyPool::new(1, 4, 4);
        let (done, results) = channel();
        pool.run(&user("ann"), move || done.send(7).unwrap()).await.unwrap();
        assert_eq!(results.try_recv().unwrap(), 7);
    }

    #[tokio::test]
    async fn users_take_turns_however_much_one_of_them_asks_for() {
        let pool = Arc::new(HeavyPool::new(1, 9, 9));
        let (let_go, holder) = held(&pool).await;
        let (told, order): (_, Receiver<&str>) = channel();
        let mut tasks = Vec::new();
        for name in ["ann", "ann", "ann", "bob", "bob", "eve"] {
            tasks.push(waiting(&pool, name, &told).await);
        }
        let_go.send(()).unwrap();
        holder.await.unwrap().unwrap();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        drop(told);
        assert_eq!(order.iter().collect::<Vec<_>>(), ["ann", "bob", "eve", "ann", "bob", "ann"]);
    }

    #[tokio::test]
    async fn more_than_the_queue_takes_is_refused_and_room_comes_back() {
        let pool = Arc::new(HeavyPool::new(1, 2, 1));
        let (let_go, holder) = held(&pool).await;
        let (told, _order) = channel();
        let ann = waiting(&pool, "ann", &told).await;
        let refused = |name: &'static str| {
            let pool = pool.clone();
            async move { pool.run(&user(name), || {}).await.unwrap_err().reason() }
        };
        assert_eq!(refused("ann").await, ResultReason::SERVER_LIMIT_EXCEEDED, "one of a user");
        let bob = waiting(&pool, "bob", &told).await;
        assert_eq!(refused("eve").await, ResultReason::SERVER_LIMIT_EXCEEDED, "two in all");
        // Whoever does not wait any more takes no room.
        bob.abort();
        assert!(bob.await.unwrap_err().is_cancelled());
        let eve = waiting(&pool, "eve", &told).await;
        let_go.send(()).unwrap();
        for task in [holder, ann, eve] {
            task.await.unwrap().unwrap();
        }
        pool.run(&user("ann"), || {}).await.unwrap();
    }

    #[tokio::test]
    async fn work_that_panics_fails_its_item_and_gives_its_thread_back() {
        let pool = HeavyPool::new(1, 1, 1);
        let failed = pool.run(&user("ann"), || panic!("a scheme is wrong")).await.unwrap_err();
        assert_eq!(failed.reason(), ResultReason::INTERNAL_SERVER_ERROR);
        pool.run(&user("ann"), || {}).await.unwrap();
    }
}
