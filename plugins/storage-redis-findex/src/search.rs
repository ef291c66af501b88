//! Searching: lists of the index give objects, or the order of all objects does; the filter is evaluated on each of
//! them, decrypted, newest first, until the page is full.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::store::{Grant, Subject};
use claviger_plugin_sdk::{BoxFuture, Error, Result};
use futures_util::future::try_join_all;
use redis::cmd;

use crate::database::{AT_ONCE, Database};
use crate::index::{Entry, Keyword, Source, sources};
use crate::keys::Mac;
use crate::object::Whole;

/// What a search gives.
pub(crate) struct Found {
    /// The page, newest first.
    pub(crate) objects: Vec<Whole>,
    /// How many match in all, if the page asked.
    pub(crate) total: Option<u64>,
}

/// Finds objects.
///
/// # Errors
/// Redis fails, or a value is damaged.
pub(crate) async fn find(db: &Database, filter: &Filter, page: &Page) -> Result<Found> {
    let mut found = Found { objects: Vec::new(), total: page.count.then_some(0) };
    if page.limit == 0 && !page.count {
        return Ok(found);
    }
    let after = page.after.map(|cursor| cursor.0);
    let mut candidates = Candidates::of(db, filter, page).await?;
    if !page.count {
        candidates.begin_behind(after);
    }
    let (mut skip, mut left) = (page.offset, page.limit);
    while left > 0 || page.count {
        let wanted = if page.count { u64::MAX } else { left.saturating_add(skip) };
        let entries = candidates.next(db, wanted).await?;
        if entries.is_empty() {
            break;
        }
        for whole in current(db, &entries).await? {
            if !filter.matches(&whole.object.id, &whole.object.index, &whole.side) {
                continue;
            }
            found.total = found.total.map(|total| total + 1);
            if after.is_some_and(|after| whole.object.place >= after) {
                continue;
            }
            if skip > 0 {
                skip -= 1;
            } else if left > 0 {
                left -= 1;
                found.objects.push(whole);
            }
        }
    }
    Ok(found)
}

/// All grants that some of the subjects hold, ordered.
///
/// # Errors
/// Redis fails, or a value is damaged.
pub(crate) async fn grants_of(db: &Database, subjects: &[Subject]) -> Result<Vec<Grant>> {
    let lists: BTreeSet<Keyword> = subjects.iter().map(Keyword::grantee).collect();
    let listed = read_steadily(db, || Box::pin(entries_of(db, &lists))).await?;
    let mut grants = BTreeSet::new();
    for some in listed.into_iter().collect::<Vec<_>>().chunks(AT_ONCE) {
        for whole in current(db, some).await? {
            grants.extend(whole.side.held(&whole.object.id, subjects));
        }
    }
    Ok(grants.into_iter().collect())
}

/// The objects of entries whose objects are still those, in their order.
async fn current(db: &Database, entries: &[Entry]) -> Result<Vec<Whole>> {
    let names: Vec<Mac> = entries.iter().map(|entry| entry.object).collect();
    let fetched = db.fetch(&names).await?;
    let pairs = fetched.into_iter().zip(entries);
    Ok(pairs
        .filter_map(|(fetched, entry)| fetched.whole.filter(|whole| whole.object.place == entry.place))
        .collect())
}

/// Where a search takes objects from, newest first.
enum Candidates {
    /// From lists, the oldest at the end turned round: the next one is the last.
    Listed(Vec<Entry>),
    /// From the order of all objects, below a place.
    All { below: Option<i64>, ended: bool },
}

impl Candidates {
    async fn of(db: &Database, filter: &Filter, page: &Page) -> Result<Self> {
        let sources = sources(filter);
        if sources.is_empty() {
            return Ok(Self::All { below: None, ended: false });
        }
        let all: i64 = db.connection.query(cmd("ZCARD").arg(db.layout.places())).await?;
        let all = usize::try_from(all).unwrap_or_default();
        let chosen = read_steadily(db, || Box::pin(choose(db, &sources, all, page)));
        let Some((mut entries, source)) = chosen.await? else {
            return Ok(Self::All { below: None, ended: false });
        };
        let names: Vec<Mac> = source.ids.iter().map(|id| db.object_name(id)).collect();
        let named = db.fetch(&names).await?.into_iter().filter_map(|fetched| fetched.whole);
        entries.extend(named.map(|whole| Entry { place: whole.object.place, object: whole.name }));
        Ok(Self::Listed(entries.into_iter().collect()))
    }

    fn begin_behind(&mut self, after: Option<i64>) {
        let Some(after) = after else { return };
        match self {
            Self::Listed(entries) => entries.retain(|entry| entry.place < after),
            Self::All { below, .. } => *below = Some(after),
        }
    }

    /// The next objects to look at, none at the end.
    async fn next(&mut self, db: &Database, wanted: u64) -> Result<Vec<Entry>> {
        let most = usize::try_from(wanted).unwrap_or(usize::MAX).clamp(16, AT_ONCE);
        match self {
            Self::Listed(entries) => {
                let mut next = entries.split_off(entries.len().saturating_sub(most));
                next.reverse();
                Ok(next)
            }
            Self::All { ended: true, .. } => Ok(vec![]),
            Self::All { below, ended } => {
                let next = places_below(db, *below, most).await?;
                *ended = next.len() < most;
                *below = next.last().map(|entry| entry.place);
                Ok(next)
            }
        }
    }
}

/// The newest objects below a place.
async fn places_below(db: &Database, below: Option<i64>, most: usize) -> Result<Vec<Entry>> {
    let from = below.map_or_else(|| "+inf".to_owned(), |below| format!("({below}"));
    let mut range = cmd("ZREVRANGEBYSCORE");
    range.arg(db.layout.places()).arg(from).arg("-inf").arg("WITHSCORES").arg("LIMIT").arg(0).arg(most);
    placed(db.connection.query(&range).await?)
}

/// Objects and their places, as a sorted set gives them.
///
/// # Errors
/// One of them is none.
pub(crate) fn placed(found: Vec<(Vec<u8>, f64)>) -> Result<Vec<Entry>> {
    let found = found.into_iter();
    found
        .map(|(object, place)| Ok(Entry { place: whole_number(place), object: Mac::read(&object)? }))
        .collect()
}

/// A score as the number that it is: places are far below 2⁵³.
#[allow(clippy::cast_possible_truncation)] // a place is a whole number, and Redis keeps it as a float
fn whole_number(score: f64) -> i64 {
    score as i64
}

/// The entries of the source that costs least; none if looking at all objects costs less.
async fn choose<'s>(
    db: &Database,
    sources: &'s [Source],
    all: usize,
    page: &Page,
) -> Result<Option<(BTreeSet<Entry>, &'s Source)>> {
    let Some(source) = cheapest(db, sources, all, page).await? else { return Ok(None) };
    Ok(Some((entries_of(db, &source.lists).await?, source)))
}

/// The source that costs least, unless looking at all objects costs less: it ends when the page is full.
async fn cheapest<'s>(
    db: &Database,
    sources: &'s [Source],
    all: usize,
    page: &Page,
) -> Result<Option<&'s Source>> {
    let lists: BTreeSet<&Keyword> = sources.iter().flat_map(|source| &source.lists).collect();
    let length = |list| async move { Ok::<_, Error>((list, db.lists.length(list).await?)) };
    let lengths = try_join_all(lists.into_iter().map(length)).await?;
    let lengths: BTreeMap<&Keyword, usize> = lengths.into_iter().collect();
    let cost = |source: &Source| {
        let listed: usize = source.lists.iter().filter_map(|list| lengths.get(list)).sum();
        listed + source.ids.len()
    };
    let best = sources.iter().map(|source| (cost(source), source)).min_by_key(|(cost, _)| *cost);
    Ok(best.filter(|(cost, _)| reads_lists(*cost, all, page)).map(|(_, source)| source))
}

/// Lists of this many words are read whole, at about a tenth of what a record costs; in the order of all objects the
/// page is full after so many records as the lists are rarer than objects.
fn reads_lists(words: usize, all: usize, page: &Page) -> bool {
    const FEW: usize = 256;
    const WORDS_A_RECORD: u128 = 10;
    if words <= FEW || page.count {
        return words <= FEW.max(all);
    }
    let wanted = u128::from(page.limit.saturating_add(page.offset));
    (words as u128).pow(2) <= WORDS_A_RECORD.saturating_mul(wanted).saturating_mul(all as u128)
}

async fn entries_of(db: &Database, lists: &BTreeSet<Keyword>) -> Result<BTreeSet<Entry>> {
    let lists = try_join_all(lists.iter().map(|list| db.lists.entries(list))).await?;
    Ok(lists.into_iter().flatten().collect())
}

/// How often lists are read again because one of them has become shorter meanwhile.
const READS: usize = 10;
/// How long after the first time, twice as long after the next, and at most.
const PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// Reads lists while none of them becomes shorter: what moves from the end of a list to its middle could be missed.
///
/// # Errors
/// They cannot be read; or one of them becomes shorter each time.
pub(crate) async fn read_steadily<'a, T>(
    db: &Database,
    read: impl Fn() -> BoxFuture<'a, Result<T>>,
) -> Result<T> {
    let mut pause = PAUSE;
    for _ in 0..READS {
        let before = db.index_state().await?;
        let result = read().await?;
        if db.index_state().await? == before {
            return Ok(result);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    Err(Error::storage("the index of the storage changes too quickly to be read; try again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_read_where_they_still_leave_out_most() {
        let first = |limit| Page::first(limit);
        assert!(reads_lists(100, 1_000_000, &first(1)));
        assert!(reads_lists(1_000, 1_000_000, &first(1)));
        assert!(!reads_lists(100_000, 100_000, &first(10)));
        assert!(reads_lists(50_000, 100_000, &Page { count: true, ..first(10) }));
        assert!(!reads_lists(300_000, 100_000, &Page { count: true, ..first(10) }));
        assert!(reads_lists(100_000, 100_000, &first(u64::MAX)));
    }
}
