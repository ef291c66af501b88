//! Building the index anew under another label.
//!
//! The keys of the index depend on the label and on a generation, which has a random name. A server that starts with
//! another label begins a new generation, lists every object in it, and then makes it the current one in one step, all
//! the while servers with the old label go on: they note which objects they have listed anew, and those are listed again.
//! It can stop at any time: the next server with that label goes on where it stood.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use claviger_plugin_sdk::{Error, Result};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use redis::cmd;

use crate::connection::Connection;
use crate::database::{Fetched, fetch, remove_matching};
use crate::header::{self, Fields};
use crate::index::{Entry, FindexLists, Keyword, keywords};
use crate::keys::{Keys, Mac};
use crate::layout::Layout;
use crate::sealed::damaged;
use crate::search::placed;
use crate::transaction::Transaction;
use builder::Builder;

mod builder;

/// How many objects are listed at once.
const AT_ONCE: usize = 500;
/// How many lists are written at once.
const LISTS: usize = 16;
/// How long to wait before looking again whether another server has finished.
const PAUSE: Duration = Duration::from_millis(200);

/// The index of a label; built first, if it is another one than before.
///
/// # Errors
/// Redis fails.
pub(crate) async fn settle(
    connection: &Connection,
    layout: &Layout,
    keys: &Keys,
    label: &str,
) -> Result<FindexLists> {
    let rotation = Rotation { connection, layout, keys, label };
    let mut has_waited = false;
    loop {
        let (generation, is_mine) = rotation.current().await?;
        if is_mine && !rotation.has_abandoned().await? {
            return rotation.lists(&generation);
        }
        let Some(builder) = Builder::take(connection, layout).await? else {
            if is_mine {
                // Another server tidies up.
                return rotation.lists(&generation);
            }
            if !has_waited {
                tracing::info!("another server builds the index anew; waiting for it");
                has_waited = true;
            }
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let done = rotation.run(&builder, is_mine).await;
        builder.end().await?;
        done?;
    }
}

/// The index of a label, which must be the current one.
///
/// # Errors
/// It is another label's. Redis fails.
pub(crate) async fn current(
    connection: &Connection,
    layout: &Layout,
    keys: &Keys,
    label: &str,
) -> Result<FindexLists> {
    let rotation = Rotation { connection, layout, keys, label };
    match rotation.current().await? {
        (generation, true) => rotation.lists(&generation),
        (_, false) => {
            Err(Error::invalid("--redis-findex-label is not that of the index; give that of the servers"))
        }
    }
}

/// A label and the database whose index it is to have.
struct Rotation<'r> {
    connection: &'r Connection,
    layout: &'r Layout,
    keys: &'r Keys,
    label: &'r str,
}

impl Rotation<'_> {
    /// The generation of the current index, and whether the label is its.
    async fn current(&self) -> Result<(String, bool)> {
        let (state, label): (Option<Vec<u8>>, Option<Vec<u8>>) = (
            self.connection.query(cmd("GET").arg(self.layout.index())).await?,
            self.connection.query(cmd("HGET").arg(self.layout.header()).arg("label")).await?,
        );
        let state = state.ok_or_else(damaged)?;
        let generation = header::generation_of(&state)?;
        let is_mine = self.is_mine(generation, label.as_deref())?;
        Ok((generation.to_owned(), is_mine))
    }

    fn is_mine(&self, generation: &str, proof: Option<&[u8]>) -> Result<bool> {
        let mine = self.keys.of_index(self.label, generation.as_bytes())?.proof;
        Ok(proof == Some(mine.0.as_slice()))
    }

    fn lists(&self, generation: &str) -> Result<FindexLists> {
        let keys = self.keys.of_index(self.label, generation.as_bytes())?;
        Ok(FindexLists::new(self.connection.clone(), self.layout.clone(), generation.to_owned(), keys))
    }

    async fn has_abandoned(&self) -> Result<bool> {
        self.connection.query(cmd("EXISTS").arg(self.layout.abandoned())).await
    }

    /// Builds what is to be built, and removes what is left of older generations.
    async fn run(&self, builder: &Builder<'_>, is_mine: bool) -> Result<()> {
        if !is_mine {
            let (current, is_mine) = self.current().await?;
            if !is_mine && !self.build(builder, &current).await? {
                return Ok(());
            }
        }
        let abandoned: Vec<String> =
            self.connection.query(cmd("SMEMBERS").arg(self.layout.abandoned())).await?;
        for generation in abandoned {
            remove_matching(self.connection, &self.layout.words(&generation)).await?;
            let mut forget = cmd("SREM");
            self.connection.query::<i64>(forget.arg(self.layout.abandoned()).arg(generation)).await?;
        }
        Ok(())
    }

    /// Builds the index of the label, and makes it the current one. False if another server has taken over.
    async fn build(&self, builder: &Builder<'_>, current: &str) -> Result<bool> {
        let fields = header::read(self.connection, self.layout).await?;
        let Some((next, mut behind)) = self.next(builder, &fields).await? else { return Ok(false) };
        let lists = self.lists(&next)?;
        tracing::info!(
            "the index is built anew under another --redis-findex-label; servers with the old label go on meanwhile"
        );
        loop {
            let page = self.page(behind).await?;
            let Some(last) = page.last() else { break };
            behind = last.place;
            let names: Vec<Mac> = page.iter().map(|entry| entry.object).collect();
            let fetched = fetch(self.connection, self.layout, self.keys, &names).await?;
            list(&lists, &fetched).await?;
            if !builder.note(behind).await? {
                return Ok(false);
            }
        }
        let proof = self.keys.of_index(self.label, next.as_bytes())?.proof;
        loop {
            if !self.list_changed(builder, &lists, behind).await? {
                return Ok(false);
            }
            match builder.finish(current, &next, &proof).await? {
                builder::Finished::Yes => {
                    tracing::info!("the index of the new --redis-findex-label is in use");
                    return Ok(true);
                }
                builder::Finished::MoreHaveChanged => {}
                builder::Finished::Lost => return Ok(false),
            }
        }
    }

    /// The generation to build and how far it is: one that was begun for this label, or a new one; none if another server
    /// has taken over.
    async fn next(&self, builder: &Builder<'_>, fields: &Fields) -> Result<Option<(String, i64)>> {
        let begun = fields.get("next").and_then(|next| std::str::from_utf8(next).ok());
        if let Some(begun) = begun {
            if self.is_mine(begun, fields.get("next-label").map(Vec::as_slice))? {
                let behind = fields.get("at").and_then(|at| std::str::from_utf8(at).ok()?.parse().ok());
                return Ok(Some((begun.to_owned(), behind.unwrap_or_default())));
            }
            tracing::warn!("the index of a third --redis-findex-label was begun and is given up");
        }
        let next = header::new_generation()?;
        let proof = self.keys.of_index(self.label, next.as_bytes())?.proof;
        Ok(builder.begin(&next, &proof).await?.then_some((next, 0)))
    }

    /// The next objects behind a place, oldest first.
    async fn page(&self, behind: i64) -> Result<Vec<Entry>> {
        let mut range = cmd("ZRANGEBYSCORE");
        range.arg(self.layout.places()).arg(format!("({behind}")).arg("+inf").arg("WITHSCORES");
        placed(self.connection.query(range.arg("LIMIT").arg(0).arg(AT_ONCE)).await?)
    }

    /// Lists objects again that others have changed meanwhile; false if another server has taken over.
    async fn list_changed(&self, builder: &Builder<'_>, lists: &FindexLists, behind: i64) -> Result<bool> {
        loop {
            let mut some = cmd("SRANDMEMBER");
            let some: Vec<Vec<u8>> =
                self.connection.query(some.arg(self.layout.changed()).arg(AT_ONCE)).await?;
            if some.is_empty() {
                return Ok(true);
            }
            if !builder.note(behind).await? {
                return Ok(false);
            }
            let names: Vec<Mac> = some.iter().map(|name| Mac::read(name)).collect::<Result<_>>()?;
            let fetched = fetch(self.connection, self.layout, self.keys, &names).await?;
            list(lists, &fetched).await?;
            for (name, fetched) in names.iter().zip(fetched) {
                // One that has changed again stays noted, and so does what another server is to list by now.
                let mut transaction = Transaction::new();
                transaction.check(self.layout.builder(), builder.stamp());
                transaction.check(self.layout.object(name), fetched.object_stamp);
                transaction.check(self.layout.side(name), fetched.side_stamp);
                transaction.remove(self.layout.changed(), &name.0);
                transaction.run(self.connection, self.layout).await?;
            }
        }
    }
}

/// Lists objects under all their keywords.
async fn list(lists: &FindexLists, objects: &[Fetched]) -> Result<()> {
    let mut entries: BTreeMap<Keyword, BTreeSet<Entry>> = BTreeMap::new();
    for whole in objects.iter().filter_map(|fetched| fetched.whole.as_ref()) {
        let entry = Entry { place: whole.object.place, object: whole.name };
        for keyword in keywords(&whole.object, &whole.side) {
            entries.entry(keyword).or_default().insert(entry);
        }
    }
    stream::iter(entries)
        .map(|(keyword, entries)| async move { lists.insert(&keyword, entries).await })
        .buffer_unordered(LISTS)
        .try_for_each(|_| async { Ok(()) })
        .await
}
