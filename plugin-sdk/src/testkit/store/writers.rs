//! Many writers at once.

use super::Fixture;
use super::scene::*;
use crate::store::{ApplyError, ChangeSet};

const WRITERS: usize = 8;
const TURNS: usize = 20;

/// Runs the same work in parallel, each with its number, and gathers what it gives.
async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    work: impl Fn(usize) -> F,
) -> Vec<T> {
    let tasks: Vec<_> = (0..WRITERS).map(|number| tokio::spawn(work(number))).collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.expect("no writer panics"));
    }
    results
}

pub(super) async fn writers_at_once_lose_no_update(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("counter").body("0")]).await;
    at_once(|_| {
        let scene = scene.clone();
        async move {
            for _ in 0..TURNS {
                loop {
                    let current = scene.get("counter").await.expect("the counter is there");
                    // Others write between reading and writing, even in a store that never waits.
                    tokio::task::yield_now().await;
                    let count: u64 = std::str::from_utf8(&current.body).unwrap().parse().unwrap();
                    let next = draft("counter").body(&(count + 1).to_string()).expecting(current.revision.0);
                    match scene.store.apply(next.into()).await {
                        Ok(()) => break,
                        Err(ApplyError::Conflict) => tokio::task::yield_now().await,
                        Err(other) => panic!("{other:?}"),
                    }
                }
            }
        }
    })
    .await;
    let counter = scene.get("counter").await.unwrap();
    assert_eq!(&*counter.body, (WRITERS * TURNS).to_string().as_bytes());
    assert_eq!(counter.revision.0, 1 + (WRITERS * TURNS) as u64);
}

pub(super) async fn uses_taken_at_once_add_up(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene.put([draft("limited").uses(Some(100))]).await;
    let taken: usize = at_once(|_| {
        let scene = scene.clone();
        async move {
            let mut taken = 0;
            for _ in 0..TURNS {
                match scene.store.apply(consumed("limited", 1)).await {
                    Ok(()) => taken += 1,
                    Err(ApplyError::UsageExceeded(_)) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            taken
        }
    })
    .await
    .iter()
    .sum();
    assert_eq!(taken, 100);
    assert_eq!(scene.usage_left("limited").await, Some(0));
    assert_eq!(scene.revision("limited").await, Some(1));
}

pub(super) async fn one_of_many_that_create_at_once_wins(fixture: Fixture) {
    let scene = Scene::from(fixture);
    for turn in 0..TURNS {
        let name = format!("k{turn}");
        let results = at_once(|number| {
            let (store, name) = (scene.store.clone(), name.clone());
            async move {
                let own = format!("{name} of {number}");
                let mut change: ChangeSet = draft(&own).into();
                change.puts.push(draft(&name).0);
                change.claims = vec![claim(&own, "owner", &[&name])];
                store.apply(change).await
            }
        })
        .await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        let lost = results.iter().filter(|result| matches!(result, Err(ApplyError::Exists(_)))).count();
        assert_eq!(lost, WRITERS - 1, "{results:?}");
    }
    let all = scene.find(crate::filter::Filter::All(vec![])).await;
    assert_eq!(all.len(), 2 * TURNS, "the losers left nothing");
}
