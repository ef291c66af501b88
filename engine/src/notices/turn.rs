//! Whose turn it is to tell a user: of all connections, to all servers of a store, one.

use std::sync::Arc;
use std::time::Duration;

use claviger_kmip::structure;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::{DocumentPage, DocumentPut, ObjectStore};

use super::notice::short;
use crate::Core;
use crate::document::{self, Read};

const KIND: &str = "endpoint";
const PAGE: u64 = 1_000;
/// How long a turn belongs to a server that is not heard of.
pub(super) const LEASE: Duration = Duration::from_secs(60);

structure! {
    /// Who tells a user. It stays for a while when nobody does, so that what happens meanwhile can be told later.
    pub struct Holding {
        /// The user.
        user: String = USERNAME,
        /// The server that tells it.
        holder: Option<String> = MACHINE_IDENTIFIER,
        /// The milliseconds since 1970 until which it does.
        held_until: i64 = PROTECT_STOP_DATE,
    }
}

/// The right to tell a user.
pub(super) struct Turn {
    store: Arc<dyn ObjectStore>,
    user: Arc<str>,
    revision: Revision,
    renewed: i64,
}

/// What to do with a turn that somebody else has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Leave it.
    Free,
    /// Take it: the user has opened another connection.
    Anybodys,
}

impl Turn {
    /// Takes the turn; nothing if somebody else has it.
    ///
    /// # Errors
    /// The store fails.
    pub(super) async fn take(
        engine: &Core,
        store: &Arc<dyn ObjectStore>,
        user: &Arc<str>,
        whose: Whose,
    ) -> Result<Option<Self>> {
        const ATTEMPTS: usize = 5;
        for _ in 0..ATTEMPTS {
            let read = document::read::<Holding>(&**store, KIND, &short(user)).await?;
            let is_free = read.as_ref().is_none_or(|read| is_free(engine, &**store, &read.content));
            if !is_free && whose == Whose::Free {
                return Ok(None);
            }
            let before = read.map(|read| read.revision);
            let mut turn = Self {
                store: store.clone(),
                user: user.clone(),
                revision: before.unwrap_or(Revision(0)),
                renewed: 0,
            };
            if turn.write(engine, before, true).await? {
                engine.notices.add(&**store, user);
                return Ok(Some(turn));
            }
        }
        Err(Error::new(
            claviger_kmip::tables::enumerations::ResultReason::GENERAL_FAILURE,
            ErrorClass::Conflict,
            "too many connections want to be told at once",
        ))
    }

    /// The user who is told.
    pub(super) fn user(&self) -> &Arc<str> {
        &self.user
    }

    /// Keeps the turn; false if somebody else has taken it.
    ///
    /// # Errors
    /// The store fails.
    pub(super) async fn renew(&mut self, engine: &Core) -> Result<bool> {
        let third = i64::try_from(LEASE.as_millis() / 3).unwrap_or(i64::MAX);
        if engine.options.clock.now_millis() < self.renewed.saturating_add(third) {
            return Ok(true);
        }
        self.write(engine, Some(self.revision), true).await
    }

    /// Whether nobody has taken the turn.
    ///
    /// # Errors
    /// The store fails.
    pub(super) async fn is_held(&self) -> Result<bool> {
        let read = document::read::<Holding>(&*self.store, KIND, &short(&self.user)).await?;
        Ok(read.is_some_and(|read| read.revision == self.revision))
    }

    /// Leaves the turn to others.
    pub(super) async fn leave(mut self, engine: &Core) {
        let expected = Some(self.revision);
        if let Err(error) = self.write(engine, expected, false).await {
            tracing::debug!(user = %self.user, ?error, "a turn to tell a client was not left");
        }
    }

    async fn write(&mut self, engine: &Core, expected: Option<Revision>, hold: bool) -> Result<bool> {
        let now = engine.options.clock.now_millis();
        let lease = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
        let holding = Holding {
            user: self.user.to_string(),
            holder: hold.then(|| engine.jobs.holder.clone()),
            held_until: now.saturating_add(lease),
        };
        let kept = engine.options.limits.notices_kept.max(LEASE);
        let expires = now.div_euclid(1000).saturating_add_unsigned(kept.as_secs());
        let put = DocumentPut {
            kind: KIND.to_owned(),
            id: short(&self.user),
            expected,
            content: Some((document::encode(holding), Some(expires))),
        };
        let written = document::write(&*self.store, vec![put]).await?;
        if written {
            self.revision = Revision(expected.map_or(0, |before| before.0) + 1);
            self.renewed = now;
        }
        Ok(written)
    }
}

/// Everybody who is told, or was of late.
///
/// # Errors
/// The store fails.
pub(super) async fn users(store: &dyn ObjectStore) -> Result<Vec<Arc<str>>> {
    let mut users = Vec::new();
    let mut page = DocumentPage::first(PAGE);
    loop {
        let documents = store.documents(KIND, &page).await?;
        let is_last = (documents.len() as u64) < PAGE;
        page.after = documents.last().map(|(name, _)| name.clone());
        for (_, document) in documents {
            let Read { content: Holding { user, .. }, .. } = document::decode(document)?;
            users.push(user.into());
        }
        if is_last {
            return Ok(users);
        }
    }
}

/// Whether nobody tells the user. In a storage that is this server's alone others are gone.
fn is_free(engine: &Core, store: &dyn ObjectStore, holding: &Holding) -> bool {
    let is_here = holding.holder.as_ref() == Some(&engine.jobs.holder);
    let lapsed = holding.held_until < engine.options.clock.now_millis();
    holding.holder.is_none() || lapsed || store.properties().sole_writer && !is_here
}
