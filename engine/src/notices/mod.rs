//! Telling clients what has become of objects of theirs: Notify and Put (KMIP 2.1 section 6.2).
//!
//! A client is told on a connection on which it answers and the server asks: one that it opened and turned round by Set
//! Endpoint Role, or one that the server opens to an address that the configuration names. What a client is to be told is a
//! document ([`notice`]) that is written together with the change itself ([`noted`]), so that neither a crash nor a broken
//! connection loses it; there is one for each object, which names what changed since the client was told last. What the
//! attributes are now is read when it is told ([`tell`]), as the owner and through the same door as every request. One
//! connection of a user is told at a time, whatever the number of servers ([`turn`]).

mod channel;
mod noted;
mod notice;
mod tell;
mod turn;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use claviger_kmip::Ttlv;
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::store::ObjectStore;
use tokio::sync::watch;

pub(crate) use noted::note;

/// A client that has taken the server's role: it answers what this server asks.
pub trait Endpoint: Send {
    /// Sends a request message and waits for the response message.
    ///
    /// # Errors
    /// The client has gone, does not answer in time, or answers by what is no message.
    fn ask(&mut self, request: Ttlv) -> BoxFuture<'_, Result<Ttlv>>;

    /// Returns when the client has gone, or has sent what nobody asked for. May be dropped and called again.
    fn gone(&mut self) -> BoxFuture<'_, ()>;

    /// Whether the client still proves the user for whom it is told.
    fn is_proven(&mut self) -> BoxFuture<'_, bool>;
}

/// Opens connections to a client that listens.
pub trait Dialer: Send + Sync {
    /// Opens one.
    ///
    /// # Errors
    /// The client cannot be reached, or is not whom the configuration trusts.
    fn dial(&self) -> BoxFuture<'_, Result<Box<dyn Endpoint>>>;
}

/// A client that the configuration names.
pub struct ConfiguredClient {
    /// The user whose objects it is told of.
    pub user: String,
    /// How it is reached.
    pub dialer: Arc<dyn Dialer>,
}

/// Which end of a connection asks. A transport whose connections can be turned round gives one to its callers by
/// [`Caller::on`](crate::Caller::on).
#[derive(Debug, Default)]
pub struct EndpointRoles {
    turned: AtomicBool,
}

impl EndpointRoles {
    /// The client has asked the server to take the client's role.
    pub(crate) fn turn(&self) {
        self.turned.store(true, Ordering::Relaxed);
    }

    /// Whether the client was answered that the server has the client's role from now on. Tells it once.
    pub fn take_turned(&self) -> bool {
        self.turned.swap(false, Ordering::Relaxed)
    }
}

/// A user in a store.
type Follower = (Arc<str>, Arc<str>);

/// Who is to be told.
pub(crate) struct Notices {
    /// Clients that the configuration names, in the server's own store.
    configured: RwLock<Vec<Arc<ConfiguredClient>>>,
    /// Everybody who is to be told, and in which round that was last seen.
    followers: RwLock<Followers>,
    /// There is something to tell.
    changed: watch::Sender<()>,
}

#[derive(Default)]
struct Followers {
    seen: HashMap<Follower, u64>,
    round: u64,
}

impl Notices {
    pub(crate) fn new() -> Self {
        Self { configured: RwLock::default(), followers: RwLock::default(), changed: watch::Sender::new(()) }
    }

    /// Whether a user is to be told.
    fn follows(&self, store: &dyn ObjectStore, user: &Arc<str>) -> bool {
        let followers = self.followers.read().unwrap_or_else(PoisonError::into_inner);
        !followers.seen.is_empty() && followers.seen.contains_key(&(store.namespace().clone(), user.clone()))
    }

    /// Has a user told from now on.
    fn add(&self, store: &dyn ObjectStore, user: &Arc<str>) {
        let mut followers = self.followers.write().unwrap_or_else(PoisonError::into_inner);
        let round = followers.round;
        followers.seen.insert((store.namespace().clone(), user.clone()), round);
    }

    /// Has the users of a store told who were told before.
    fn keep(&self, store: &dyn ObjectStore) {
        let mut followers = self.followers.write().unwrap_or_else(PoisonError::into_inner);
        let round = followers.round;
        let of_store = followers.seen.iter_mut().filter(|((namespace, _), _)| namespace == store.namespace());
        of_store.for_each(|(_, seen)| *seen = round);
    }

    /// Whoever is added from now on is there after [`Notices::end_round`].
    fn begin_round(&self) {
        self.followers.write().unwrap_or_else(PoisonError::into_inner).round += 1;
    }

    fn end_round(&self) {
        let mut followers = self.followers.write().unwrap_or_else(PoisonError::into_inner);
        let round = followers.round;
        followers.seen.retain(|_, seen| *seen == round);
    }

    fn configured(&self) -> Vec<Arc<ConfiguredClient>> {
        self.configured.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has everybody look who is to tell something.
    pub(crate) fn hurry(&self) {
        self.changed.send_replace(());
    }
}
