//! Answers that wait to be taken.
//!
//! A large answer, and each on HTTP/2, where a client has many at a time, keeps what its request has of the server until
//! it was sent. So whoever takes no answers gets no more of them.

use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Body as _;

use super::activity::{Activity, Taking};
use super::answer::Answer;
use crate::bulk::{Bulk, LARGE};
use crate::seat::Large;
use crate::turn::Turn;

/// The same answer, which keeps the turn of its request until it is taken.
pub(super) async fn until_taken(
    answer: Answer,
    turn: Option<Arc<Turn>>,
    activity: &Arc<Activity>,
    bulk: &Bulk,
) -> Answer {
    let length = usize::try_from(answer.body().size_hint().lower()).unwrap_or(usize::MAX);
    if let Some(turn) = &turn {
        turn.is_answered(length);
    }
    if length == 0 || (length <= LARGE && !activity.is_multiplexed()) {
        return answer;
    }
    let (head, body) = answer.into_parts();
    // It is at hand, and cannot fail.
    let Ok(body) = body.collect().await;
    let bytes = body.to_bytes();
    let is_large = length > LARGE;
    let erased = is_large.then(|| (bulk.clone(), activity.clone()));
    let large = if is_large { activity.large().await } else { None };
    let untaken = Untaken { bytes, turn, _taking: activity.takes(length), erased, _large: large };
    Response::from_parts(head, Full::new(Bytes::from_owner(untaken)))
}

/// Bytes with what is kept until they are sent.
struct Untaken {
    bytes: Bytes,
    turn: Option<Arc<Turn>>,
    _taking: Option<Taking>,
    /// What erases them if they are many, and who is told.
    erased: Option<(Bulk, Arc<Activity>)>,
    /// Has them sent where that holds up no others.
    _large: Option<Large>,
}

impl AsRef<[u8]> for Untaken {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Untaken {
    fn drop(&mut self) {
        if let Some((bulk, activity)) = &self.erased {
            activity.erases(bulk.dispose((mem::take(&mut self.bytes), self.turn.take())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulk::BulkThreads;
    use crate::http::answer::{JSON, ok};
    use crate::shares::{Bounds, Shares};
    use crate::who::Who;

    /// Whether the request of an answer of so many bytes keeps its turn until it is taken.
    async fn keeps_its_turn(length: usize, http2: bool) -> bool {
        let shares = Shares::new(Bounds { memory: 1 << 30, requests: 1, large: 1 });
        let share = shares.of(Who::Others);
        let turn = Turn::begin(share.clone(), &mut share.memory()).await.unwrap();
        let answer = ok(JSON, vec![b'a'; length]);
        let threads = BulkThreads::start().unwrap();
        let activity = Arc::new(if http2 { Activity::on_http_2() } else { Activity::default() });
        let answer = until_taken(answer, Some(turn), &activity, &threads.bulk().unwrap()).await;
        let soon = std::time::Duration::from_millis(5);
        let kept = tokio::time::timeout(soon, share.run()).await.is_err();
        assert_eq!(shares.memory(), if length > LARGE { length as u64 } else { 0 });
        let Ok(body) = answer.into_body().collect().await;
        assert_eq!(body.to_bytes().len(), length);
        // Large ones are erased elsewhere, before the next request of the connection.
        activity.erased().await;
        assert_eq!(shares.memory(), 0);
        // They may not be waited for in here.
        tokio::task::spawn_blocking(move || drop(threads)).await.unwrap();
        kept
    }

    #[tokio::test]
    async fn large_answers_and_all_on_http_2_keep_the_turn_of_their_request() {
        assert!(!keeps_its_turn(1_000, false).await);
        assert!(keeps_its_turn(LARGE + 1, false).await);
        assert!(keeps_its_turn(1_000, true).await);
        assert!(!keeps_its_turn(0, true).await);
    }
}
