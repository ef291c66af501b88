//! One issuer: its name, its audiences, and its keys as they are now.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use tokio::sync::{mpsc, oneshot};

use crate::key_set::KeySet;
use crate::token::Token;

/// Letters of the name of a key that the log shows.
const SHOWN: usize = 64;

/// An issuer whose tokens count.
pub(crate) struct Issuer {
    pub(crate) name: String,
    pub(crate) audiences: Vec<String>,
    /// None until they were fetched for the first time.
    pub(crate) keys: Arc<ArcSwapOption<KeySet>>,
    /// Whoever fetches the keys drops what is sent here when it has looked again, or need not.
    pub(crate) refresh: mpsc::Sender<oneshot::Sender<()>>,
}

impl Issuer {
    /// Its name, exactly as its tokens have it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// For whom its tokens must be; for anybody, if there are none.
    pub(crate) fn audiences(&self) -> &[String] {
        &self.audiences
    }

    /// Verifies the signature of a token. Only a token that no known key has signed waits, for as long as the keys take to
    /// be fetched once more: its key may be new, or have replaced another of its name. That is done now and then alone,
    /// however many such tokens come.
    ///
    /// # Errors
    /// The issuer has no such key, or it has not made the signature.
    pub(crate) async fn verify(&self, token: &Token<'_>) -> Result<(), String> {
        if self.try_known(token).is_some_and(|verified| verified.is_ok()) {
            return Ok(());
        }
        self.refreshed().await;
        self.try_known(token).unwrap_or_else(|| {
            let key: String = token.key().chars().take(SHOWN).collect();
            Err(match self.keys.load().is_some() {
                true => format!("its issuer has no key {key:?} for {}", token.algorithm().name()),
                false => "the keys of its issuer could not be fetched yet".to_owned(),
            })
        })
    }

    /// Whether a known key made the signature; `None` if none has that name.
    fn try_known(&self, token: &Token<'_>) -> Option<Result<(), String>> {
        let keys = self.keys.load();
        let mut named = keys.as_ref()?.find(token.key(), token.algorithm()).peekable();
        named.peek()?;
        let verified = named.any(|key| token.is_signed_by(key));
        Some(verified.then_some(()).ok_or_else(|| "its signature is wrong".to_owned()))
    }

    /// Returns when the keys were fetched again, or were a moment ago, or when too many wait for that already.
    async fn refreshed(&self) {
        let (done, wait) = oneshot::channel();
        if self.refresh.try_send(done).is_ok() {
            // What is waited for is that the other end is dropped.
            let _ = wait.await;
        }
    }
}
