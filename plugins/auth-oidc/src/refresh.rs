//! Keeping the keys of issuers fresh, in a thread of its own.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use claviger_plugin_sdk::{Error, Result};
use tokio::sync::mpsc;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tracing::{error, info, warn};

use crate::authorities::Authorities;
use crate::configuration::IssuerSettings;
use crate::issuer::Issuer;
use crate::key_set::KeySet;
use crate::key_source::KeySource;

/// Between the end of one look and the next that a token which no known key has signed causes.
const PAUSE: Duration = Duration::from_secs(5);

/// Requests that may wait for the keys of one issuer.
const WAITING: usize = 256;

/// Until the first look after one that failed; it doubles with each that fails.
const FIRST_RETRY: Duration = Duration::from_secs(5);

/// How keys are kept fresh.
pub(crate) struct RefreshOptions {
    /// Between two looks.
    pub(crate) every: Duration,
    /// Who signs the certificates of issuers.
    pub(crate) authorities: Authorities,
}

/// Starts to fetch the keys of these issuers, now and whenever it is time. The thread ends when all issuers are dropped.
///
/// # Errors
/// Internal Server Error: the system gives no thread.
pub(crate) fn start(issuers: Vec<IssuerSettings>, options: RefreshOptions) -> Result<Vec<Issuer>> {
    let options = Arc::new(options);
    let mut keepers = Vec::new();
    let issuers = issuers.into_iter().map(|IssuerSettings { name, audiences, source }| {
        let (refresh, asked) = mpsc::channel(WAITING);
        let keys = Arc::new(ArcSwapOption::empty());
        keepers.push(Keeper {
            issuer: name.clone(),
            source: Arc::new(source),
            keys: keys.clone(),
            asked,
            options: options.clone(),
            failures: 0,
        });
        Issuer { name, audiences, keys, refresh }
    });
    let issuers = issuers.collect();
    let refused =
        |error| Error::server("no thread can be started to fetch the keys of issuers").because(error);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(refused)?;
    let work = move || {
        runtime.block_on(async {
            let mut keeping: JoinSet<()> = keepers.into_iter().map(Keeper::run).collect();
            while let Some(ended) = keeping.join_next().await {
                if let Err(panic) = ended {
                    error!(%panic, "the keys of an issuer are not kept any more, by a defect of the server; please report it");
                }
            }
        });
    };
    thread::Builder::new().name("oidc".to_owned()).spawn(work).map_err(refused)?;
    Ok(issuers)
}

/// Keeps the keys of one issuer.
struct Keeper {
    issuer: String,
    source: Arc<KeySource>,
    keys: Arc<ArcSwapOption<KeySet>>,
    asked: mpsc::Receiver<oneshot::Sender<()>>,
    options: Arc<RefreshOptions>,
    /// Looks that failed since the last good one.
    failures: u32,
}

impl Keeper {
    async fn run(mut self) {
        let mut looked: Option<Instant> = None;
        let mut next = Instant::now();
        loop {
            let waiting = tokio::select! {
                biased;
                () = sleep_until(next) => None,
                asked = self.asked.recv() => match asked {
                    None => return,
                    // Whoever waits looks at what was fetched a moment ago.
                    Some(_) if looked.is_some_and(|looked| looked.elapsed() < PAUSE) => continue,
                    waiting => waiting,
                },
            };
            let pause = self.look().await;
            looked = Some(Instant::now());
            next = Instant::now() + pause;
            drop(waiting);
        }
    }

    /// Fetches the keys. What was known stays when that fails. Says when to look next.
    async fn look(&mut self) -> Duration {
        let (source, options) = (self.source.clone(), self.options.clone());
        match caught(async move { source.fetch(&options.authorities).await }).await {
            Ok(keys) => {
                self.failures = 0;
                self.take(keys);
                self.options.every
            }
            Err(why) => {
                self.failures = self.failures.saturating_add(1);
                let retry = retry(self.failures, self.options.every);
                let consequence = match self.keys.load().is_some() {
                    true => "those that are known stay in use",
                    false => "its tokens are refused until they can be",
                };
                let (issuer, seconds) = (&self.issuer, retry.as_secs());
                warn!(%issuer, %why, seconds, "the keys of an issuer cannot be fetched: {consequence}");
                retry
            }
        }
    }

    fn take(&self, keys: KeySet) {
        let changed = self.keys.load().as_ref().is_none_or(|known| known.names() != keys.names());
        let (issuer, left_out) = (&self.issuer, keys.left_out());
        if keys.is_empty() {
            warn!(%issuer, left_out, "the issuer has no key that verifies tokens: all of them are refused");
        } else if changed {
            info!(%issuer, keys = ?keys.names(), left_out, "the keys of the issuer are new");
        }
        self.keys.store(Some(Arc::new(keys)));
    }
}

/// What the work gives; if it panics, that it did, so that its keeper looks again.
async fn caught<T: Send + 'static>(
    work: impl Future<Output = Result<T, String>> + Send + 'static,
) -> Result<T, String> {
    tokio::spawn(work).await.unwrap_or_else(|panic| {
        error!(%panic, "fetching the keys of an issuer came upon a defect of the server; please report it");
        Err("the server has a defect".to_owned())
    })
}

/// How long to wait after so many failures.
fn retry(failures: u32, every: Duration) -> Duration {
    let doubled = 2_u32.saturating_pow(failures.saturating_sub(1).min(16));
    FIRST_RETRY.saturating_mul(doubled).min(every)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_defect_is_a_look_that_failed() {
        assert_eq!(caught(async { Ok(1) }).await, Ok(1));
        assert_eq!(caught::<()>(async { Err("why".to_owned()) }).await, Err("why".to_owned()));
        assert!(caught::<()>(async { panic!("a defect") }).await.is_err());
    }

    #[test]
    fn an_issuer_that_does_not_answer_is_asked_again_soon_and_then_less_often() {
        let every = Duration::from_secs(600);
        let retries = [1, 2, 3, 7, 8, u32::MAX].map(|failures| retry(failures, every).as_secs());
        assert_eq!(retries, [5, 10, 20, 320, 600, 600]);
        assert_eq!(retry(1, Duration::from_secs(2)).as_secs(), 2);
    }
}
