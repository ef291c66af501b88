//! Connections on which clients are told.

use std::pin::pin;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use claviger_plugin_sdk::authentication::{ConnectionFacts, Principal};
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::store::ObjectStore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::notice::Notice;
use super::tell::Peer;
use super::turn::{self, Turn, Whose};
use super::{ConfiguredClient, Endpoint};
use crate::{Caller, Core, Engine, document};

/// How often it is looked whether another server has written something to tell.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often a client is asked whether it is there, when there is nothing to tell.
const GREET_EVERY: Duration = Duration::from_secs(300);
/// How long a connection that this server opened stays open when there is nothing to tell.
const LINGER: Duration = Duration::from_secs(10);
/// The longest pause before a client that could not be reached is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Another connection of the user is told from now on.
    Overtaken,
    /// There was nothing more to tell.
    Idle,
    /// The client has gone.
    Gone,
}

impl Engine {
    /// Has clients told what becomes of their users' objects, from now on. [`Engine::run_endpoints`] tells them.
    ///
    /// # Errors
    /// The storage has no store for the server itself.
    pub fn configure_clients(&self, clients: Vec<ConfiguredClient>) -> Result<()> {
        let Core { notices, stores, .. } = &*self.core;
        let mut configured = notices.configured.write().unwrap_or_else(PoisonError::into_inner);
        for client in clients {
            let store = stores.open(&ConnectionFacts::internal())?;
            notices.add(&*store, &client.user.as_str().into());
            configured.push(Arc::new(client));
        }
        Ok(())
    }

    /// Tells configured clients what there is to tell, and learns which users are told by other servers, until `ending` is
    /// over.
    pub async fn run_endpoints(&self, ending: impl Future<Output = ()>) {
        let mut ending = pin!(ending);
        let mut telling = JoinSet::new();
        for client in self.core.notices.configured() {
            let core = self.core.clone();
            telling.spawn(async move { keep_telling(&core, &client).await });
        }
        loop {
            self.look_for_endpoints().await;
            tokio::select! {
                () = &mut ending => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// Learns which users are told by other servers, so that what this server changes is noted for them.
    pub async fn look_for_endpoints(&self) {
        let core = &self.core;
        core.notices.begin_round();
        for store in core.stores_at_hand() {
            match turn::users(&*store).await {
                Ok(users) => users.iter().for_each(|user| core.notices.add(&*store, user)),
                Err(error) => {
                    tracing::warn!(?error, "it cannot be seen which clients are to be told");
                    core.notices.keep(&*store);
                }
            }
        }
        if let Ok(own) = core.stores.open(&ConnectionFacts::internal()) {
            let configured = core.notices.configured();
            configured.iter().for_each(|client| core.notices.add(&*own, &client.user.as_str().into()));
        }
        core.notices.end_round();
    }

    /// Tells configured clients what there is to tell now.
    pub async fn tell_configured_clients(&self) {
        for client in self.core.notices.configured() {
            if let Err(error) = tell_configured(&self.core, &client, Duration::ZERO).await {
                tracing::debug!(user = client.user, ?error, "a client was not told");
            }
        }
    }

    /// Has the client's role on a connection of a caller: tells the client what becomes of the user's objects. Returns when
    /// the client has gone (false) or has its role again (true), which it is given when another connection of the user is
    /// told from then on.
    pub async fn act_as_client(&self, caller: &Caller, endpoint: &mut dyn Endpoint) -> bool {
        match act(&self.core, caller, endpoint).await {
            Ok(is_client_again) => is_client_again,
            Err(error) => {
                tracing::debug!(user = caller.user(), ?error, "a client that answers was not told");
                false
            }
        }
    }
}

async fn act(engine: &Arc<Core>, caller: &Caller, endpoint: &mut dyn Endpoint) -> Result<bool> {
    let store = engine.stores.open(&caller.facts)?;
    let Some(principal) = caller.principal.clone() else { return Ok(false) };
    let (user, caller) = (&principal.user, Caller::internal(caller.facts.clone(), principal.clone()));
    let Some(mut turn) = Turn::take(engine, &store, user, Whose::Anybodys).await? else { return Ok(false) };
    let greeted = Peer::greet(endpoint).await;
    let mut peer = match greeted {
        Ok(peer) => peer,
        Err(error) => {
            turn.leave(engine).await;
            return Err(error);
        }
    };
    match converse(engine, &*store, &caller, &mut peer, &mut turn, None).await {
        Ok(End::Overtaken) => Ok(peer.give_back().await),
        end => {
            turn.leave(engine).await;
            end.map(|_| false)
        }
    }
}

/// Tells a configured client, again and again.
async fn keep_telling(engine: &Arc<Core>, client: &ConfiguredClient) {
    let mut pause = LOOK_EVERY;
    let mut changed = engine.notices.changed.subscribe();
    loop {
        match tell_configured(engine, client, LINGER).await {
            Ok(()) => {
                pause = LOOK_EVERY;
                tokio::select! {
                    _ = changed.changed() => {}
                    () = tokio::time::sleep(pause) => {}
                }
            }
            Err(error) => {
                tracing::warn!(
                    user = client.user,
                    ?error,
                    seconds = pause.as_secs(),
                    "a client was not told"
                );
                tokio::time::sleep(pause).await;
                pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Opens a connection to a configured client if there is something to tell and nobody else tells it.
async fn tell_configured(engine: &Arc<Core>, client: &ConfiguredClient, linger: Duration) -> Result<()> {
    let facts = Arc::new(ConnectionFacts::internal());
    let store = engine.stores.open(&facts)?;
    let user: Arc<str> = client.user.as_str().into();
    if Notice::of(&*store, &user).await?.is_empty() {
        return Ok(());
    }
    let Some(mut turn) = Turn::take(engine, &store, &user, Whose::Free).await? else { return Ok(()) };
    let principal = Arc::new(Principal::user(&user, Some("configured client")));
    let caller = Caller::internal(facts, principal);
    let told: Result<End> = async {
        let mut endpoint = client.dialer.dial().await?;
        let mut peer = Peer::greet(&mut *endpoint).await?;
        converse(engine, &*store, &caller, &mut peer, &mut turn, Some(linger)).await
    }
    .await;
    turn.leave(engine).await;
    told.map(drop)
}

/// Tells a client what there is, and what comes. With `linger` ends when nothing has come for so long.
///
/// # Errors
/// The store fails, or the connection breaks.
async fn converse(
    engine: &Arc<Core>,
    store: &dyn ObjectStore,
    caller: &Caller,
    peer: &mut Peer<'_>,
    turn: &mut Turn,
    linger: Option<Duration>,
) -> Result<End> {
    let mut changed = engine.notices.changed.subscribe();
    let mut spoken = Instant::now();
    loop {
        changed.mark_unchanged();
        if !turn.renew(engine).await? || !turn.is_held().await? {
            return Ok(End::Overtaken);
        }
        if !peer.is_proven().await {
            return Ok(End::Gone);
        }
        let notices = Notice::of(store, turn.user()).await?;
        if !notices.is_empty() {
            for (name, notice) in notices {
                if !turn.renew(engine).await? {
                    return Ok(End::Overtaken);
                }
                peer.tell(engine, caller, &notice.content).await?;
                // If something has been added since, all of it is told again.
                document::write(store, vec![Notice::removal(name, notice.revision)]).await?;
            }
            spoken = Instant::now();
            continue;
        }
        if linger.is_some_and(|linger| spoken.elapsed() >= linger) {
            return Ok(End::Idle);
        }
        if spoken.elapsed() >= GREET_EVERY {
            peer.is_there().await?;
            spoken = Instant::now();
        }
        tokio::select! {
            () = peer.gone() => return Ok(End::Gone),
            _ = changed.changed() => {}
            () = tokio::time::sleep(LOOK_EVERY.min(linger.unwrap_or(LOOK_EVERY))) => {}
        }
    }
}
