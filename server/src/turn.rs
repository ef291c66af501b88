//! What a request has of the server: its turn among the requests of its user, and memory for body and answer.
//!
//! Its transport has it until the answer is sent. The engine has it, too, and lets go of it when all is done: a message
//! that writes goes on when its client has left, and takes its user's share until then.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use claviger_engine::RequestShare;

use crate::bulk::LARGE;
use crate::shares::{Busy, Large, Memory, Running, Share};

/// A request's turn. Dropping the last of its handles gives everything back.
pub(crate) struct Turn {
    share: Arc<Share>,
    /// Bytes of the body, if it is large.
    body: usize,
    has: Mutex<Has>,
    _running: Running,
}

struct Has {
    memory: Memory,
    large: Option<Large>,
}

impl Turn {
    /// Waits for the turn of a request whose body takes this memory, and takes it then.
    ///
    /// # Errors
    /// Too many of its user wait.
    pub(crate) async fn begin(share: Arc<Share>, memory: &mut Memory) -> Result<Arc<Self>, Busy> {
        let running = share.run().await?;
        let memory = memory.take();
        let body = memory.bytes();
        Ok(Arc::new(Self { share, body, has: Mutex::new(Has { memory, large: None }), _running: running }))
    }

    /// Waits for its turn among the large requests of its user, which it has until it is answered.
    ///
    /// # Errors
    /// The server is ending.
    pub(crate) async fn run_large(&self) -> Result<(), Busy> {
        let large = self.share.run_large().await?;
        self.has().large = Some(large);
        Ok(())
    }

    /// All is done, and the answer has so many bytes: they are what is in memory from now on. Answers that are not large
    /// do not count.
    pub(crate) fn is_answered(&self, bytes: usize) {
        let mut has = self.has();
        has.large = None;
        has.memory.set(if bytes > LARGE { bytes } else { 0 });
    }

    /// A panic while the lock is held leaves nothing half changed.
    fn has(&self) -> MutexGuard<'_, Has> {
        self.has.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RequestShare for Turn {
    fn answer_has(&self, bytes: usize) -> bool {
        if bytes <= LARGE {
            return true;
        }
        let mut has = self.has();
        let more = (self.body + bytes).saturating_sub(has.memory.bytes());
        has.memory.grow(more).is_ok()
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Turn").field("body", &self.body).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shares::{Bounds, Shares};
    use crate::who::Who;

    const MIB: usize = 1 << 20;

    fn shares() -> Shares {
        Shares::new(Bounds { memory: 8 * MIB, requests: 1, large: 1 })
    }

    #[tokio::test]
    async fn an_answer_grows_as_long_as_its_user_leaves_as_much_to_others_and_counts_until_it_is_sent() {
        let shares = shares();
        let mut body = shares.of(Who::Others).memory();
        body.grow(MIB).unwrap();
        let turn = Turn::begin(shares.of(Who::Others), &mut body).await.unwrap();
        assert!(turn.answer_has(LARGE), "it is small");
        assert_eq!(shares.memory(), MIB as u64);
        assert!(turn.answer_has(2 * MIB) && turn.answer_has(2 * MIB), "an item may run again");
        assert_eq!(shares.memory(), 3 * MIB as u64);
        assert!(turn.answer_has(3 * MIB) && !turn.answer_has(4 * MIB));
        assert_eq!(shares.refused(), [1, 0]);
        // Its form may be longer than what was counted.
        turn.is_answered(5 * MIB);
        assert_eq!(shares.memory(), 5 * MIB as u64);
        turn.is_answered(LARGE);
        assert_eq!(shares.memory(), 0);
        turn.is_answered(MIB);
        drop(turn);
        assert_eq!(shares.memory(), 0);
    }

    #[tokio::test]
    async fn a_turn_is_over_when_the_last_who_has_it_lets_go_and_a_large_one_when_it_is_answered() {
        let shares = shares();
        let of_ann = || shares.of(Who::User("ann".into()));
        let turn = Turn::begin(of_ann(), &mut of_ann().memory()).await.unwrap();
        turn.run_large().await.unwrap();
        let of_the_engine = turn.clone();
        drop(turn);
        let soon = std::time::Duration::from_millis(5);
        assert!(tokio::time::timeout(soon, of_ann().run()).await.is_err());
        assert!(tokio::time::timeout(soon, of_ann().run_large()).await.is_err());
        of_the_engine.is_answered(0);
        drop(of_ann().run_large().await.unwrap());
        drop(of_the_engine);
        drop(of_ann().run().await.unwrap());
    }
}
