//! What works on keys and data: schemes, and where their work is done.

use std::future::ready;
use std::sync::Arc;

use claviger_kmip::objects::CryptographicParameters;
use futures_util::future::Either;

use super::{Authorized, Context};
use crate::BoxFuture;
use crate::error::{Error, Result};
use crate::random::RandomSource;
use crate::record::KeyFacts;
use crate::scheme::{Capability, Cost, PreparedKey, Scheme};

/// Work for the pool of heavy work, given randomness of its own.
pub type HeavyWork = Box<dyn FnOnce(&mut dyn RandomSource) + Send>;

impl<'h> Context<'h> {
    /// The parsed key for a capability, from the engine's cache when the key was used before.
    ///
    /// # Errors
    /// Unsupported Cryptographic Parameters: no registered scheme claims the key with these parameters; and
    /// whatever [`Context::material`] says.
    pub fn prepared<'a>(
        &'a mut self,
        target: &'a Authorized,
        capability: Capability,
        parameters: &'a CryptographicParameters,
    ) -> BoxFuture<'a, Result<PreparedKey>> {
        self.host.prepared(target, capability, parameters)
    }

    /// The scheme for work that needs no parsed key: making, hashing, deriving, splitting, converting. The facts are
    /// those of the key to be made or worked on; for a hash function they tell nothing.
    ///
    /// # Errors
    /// Unsupported Cryptographic Parameters: no registered scheme claims it.
    pub fn scheme(
        &self,
        capability: Capability,
        facts: &KeyFacts<'_>,
        parameters: &CryptographicParameters,
    ) -> Result<&'static Scheme> {
        self.host.scheme(capability, facts, parameters)
    }

    /// What working through this many bytes of data costs.
    pub fn cost_of_data(&self, bytes: usize) -> Cost {
        if bytes < self.limits().heavy_from { Cost::Light } else { Cost::Heavy }
    }

    /// Runs cryptographic work: at once when it is light, on the bounded pool when it is heavy.
    ///
    /// # Errors
    /// What the work returns; Server Limit Exceeded when the pool's queue is full.
    pub fn compute<T, F>(
        &mut self,
        cost: Cost,
        work: F,
    ) -> impl Future<Output = Result<T>> + Send + use<'_, 'h, T, F>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn RandomSource) -> Result<T> + Send + 'static,
    {
        // Light work is done by the call: a future that holds it would be copied with every future around it.
        match cost {
            Cost::Light => Either::Left(ready(work(self.host.rng()))),
            Cost::Heavy => Either::Right(Box::pin(self.compute_heavy(work))),
        }
    }

    async fn compute_heavy<T, F>(&mut self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn RandomSource) -> Result<T> + Send + 'static,
    {
        let slot = Arc::new(std::sync::Mutex::new(None));
        let out = slot.clone();
        self.host
            .heavy(Box::new(move |rng| {
                let result = work(rng);
                *out.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(result);
            }))
            .await?;
        let result = slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        result.unwrap_or_else(|| Err(Error::server("cryptographic work did not finish")))
    }
}
