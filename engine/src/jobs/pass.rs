//! Looking for jobs whose turn it is, of this server and of others that left them.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::store::ObjectStore;
use tokio::task::JoinSet;

use super::document::JobHeader;
use super::lease::is_free;
use super::run::run_one;
use crate::{Core, Engine};

/// How often a server looks for jobs that others submitted or left.
const PASS_EVERY: Duration = Duration::from_secs(5);

impl Engine {
    /// Runs asynchronous requests as their turn comes, until `ending` is over. Those that have begun by then are finished.
    pub async fn run_jobs(&self, ending: impl Future<Output = ()>) {
        let mut ending = pin!(ending);
        let mut running = JoinSet::new();
        loop {
            let pause = self.start_due_jobs(&mut running).await.unwrap_or(PASS_EVERY).min(PASS_EVERY);
            while running.try_join_next().is_some() {}
            tokio::select! {
                () = &mut ending => break,
                () = tokio::time::sleep(pause) => {}
                () = self.core.jobs.submitted.notified() => {}
            }
        }
        running.join_all().await;
    }

    /// Runs the asynchronous requests whose turn it is, and waits for their ends.
    pub async fn run_due_jobs(&self) {
        let mut running = JoinSet::new();
        self.start_due_jobs(&mut running).await;
        running.join_all().await;
    }

    /// Starts jobs, and tells how long it is until the turn of the next one.
    async fn start_due_jobs(&self, running: &mut JoinSet<()>) -> Option<Duration> {
        let mut next: Option<Duration> = None;
        for store in self.core.stores_at_hand() {
            match start_in(&self.core, &store, running).await {
                Ok(Some(pause)) => next = Some(next.map_or(pause, |next| next.min(pause))),
                Ok(None) => {}
                Err(error) => tracing::warn!(?error, "asynchronous requests cannot be looked for"),
            }
        }
        next
    }
}

async fn start_in(
    engine: &Arc<Core>,
    store: &Arc<dyn ObjectStore>,
    running: &mut JoinSet<()>,
) -> Result<Option<Duration>> {
    let headers = JobHeader::all(&**store).await?.into_iter().map(|read| read.content);
    let free = headers.filter(|header| is_free(engine, &**store, header));
    let now = engine.options.clock.now_millis();
    let (due, later): (Vec<_>, Vec<_>) = free.partition(|header| header.due <= now);
    for chain in chains(due) {
        let (engine, store) = (engine.clone(), store.clone());
        running.spawn(async move {
            for header in chain {
                if let Err(error) = run_one(&engine, &store, &header.correlation).await {
                    tracing::warn!(?error, "an asynchronous request was not run");
                    return;
                }
            }
        });
    }
    let next = later.iter().map(|header| header.due).min();
    Ok(next.map(|due| Duration::from_millis(due.saturating_sub(now).unsigned_abs())))
}

/// Jobs that wait for one another as one, in the order in which to begin: the users in turns, the oldest of each first.
fn chains(due: Vec<JobHeader>) -> Vec<Vec<JobHeader>> {
    let names: BTreeSet<Vec<u8>> = due.iter().map(|header| header.correlation.to_vec()).collect();
    let mut followers: BTreeMap<Vec<u8>, JobHeader> = BTreeMap::new();
    let mut heads = Vec::new();
    for header in due {
        match header.follows.as_ref().map(|before| before.correlation.to_vec()) {
            Some(before) if names.contains(&before) => drop(followers.insert(before, header)),
            _ => heads.push(header),
        }
    }
    heads.sort_by_key(|header| header.submitted);
    let mut turns: BTreeMap<String, usize> = BTreeMap::new();
    let mut chains: Vec<(usize, Vec<JobHeader>)> = Vec::with_capacity(heads.len());
    for head in heads {
        let turn = turns.entry(head.user.clone()).or_default();
        *turn += 1;
        let mut chain = vec![head];
        while let Some(next) = chain.last().and_then(|last| followers.remove(&*last.correlation)) {
            chain.push(next);
        }
        chains.push((*turn, chain));
    }
    chains.sort_by_key(|(turn, _)| *turn);
    chains.into_iter().map(|(_, chain)| chain).collect()
}
