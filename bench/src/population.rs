//! Keys for Locate to choose from: each has a tag, a name and a group of its own, and others that it shares with nine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;
use xtask::Outcome;

use crate::connection::{Connection, Endpoint};
use crate::message::{Ask, Condition, NewKey, WireForm};
use crate::scenario::By;
use crate::ttlv;

const KEYS_A_MESSAGE: usize = 100;

/// Connections that create keys at once, so that commits are shared and the database is never waited for alone.
const CREATORS: usize = 8;

/// How many different things are asked for at most. Evenly spread, they are found in all parts of the database.
const MOST_ASKED: usize = 100_000;

/// What keys are made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marks {
    /// Tags.
    Tags,
    /// Tags, names and groups.
    All,
}

/// The keys that a server holds for this purpose.
pub(crate) struct Population {
    size: usize,
    marks: Marks,
}

impl Population {
    /// No keys yet.
    pub(crate) fn new(marks: Marks) -> Self {
        Self { size: 0, marks }
    }

    /// How many keys there are.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Creates keys until there are this many.
    ///
    /// # Errors
    /// The server refuses one.
    pub(crate) async fn grow(&mut self, endpoint: &Endpoint, form: WireForm, size: usize) -> Outcome {
        let bar = ProgressBar::new(size.saturating_sub(self.size) as u64);
        // It is seen on a terminal alone.
        let style = ProgressStyle::with_template("   creating keys [{bar:40}] {pos} of {len}, {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let next = Arc::new(AtomicUsize::new(self.size));
        let mut creators = JoinSet::new();
        for _ in 0..CREATORS {
            let creator = Creator {
                connection: Connection::open(endpoint).await?,
                form,
                address: endpoint.address,
                marks: self.marks,
                next: Arc::clone(&next),
                size,
                bar: bar.clone(),
            };
            creators.spawn(creator.create());
        }
        while let Some(done) = creators.join_next().await {
            done??;
        }
        bar.finish_and_clear();
        self.size = size.max(self.size);
        Ok(())
    }

    /// What exactly so many keys have: 1 or 10.
    pub(crate) fn conditions(&self, by: By, hits: usize) -> Vec<Condition> {
        let keys = match hits {
            1 => self.size,
            _ => self.size - self.size % 10,
        };
        let step = hits * (keys / hits).div_ceil(MOST_ASKED).max(1);
        let marks = (0..keys).step_by(step).map(|key| if hits == 1 { own(key) } else { shared(key) });
        match by {
            By::Tag => marks.map(Condition::Tag).collect(),
            By::Name => marks.map(Condition::Name).collect(),
            By::Attribute => marks.map(Condition::Group).collect(),
            By::Owner => vec![Condition::Nothing],
        }
    }
}

/// One of the connections that create keys.
struct Creator {
    connection: Connection,
    form: WireForm,
    address: SocketAddr,
    marks: Marks,
    /// The first key that nobody creates yet.
    next: Arc<AtomicUsize>,
    /// How many there are to be.
    size: usize,
    bar: ProgressBar,
}

impl Creator {
    /// Creates keys for as long as there are some to create. The failure is text, since others may not cross threads.
    async fn create(mut self) -> Result<(), String> {
        loop {
            let first = self.next.fetch_add(KEYS_A_MESSAGE, Ordering::Relaxed);
            if first >= self.size {
                return Ok(());
            }
            let end = self.size.min(first + KEYS_A_MESSAGE);
            let keys: Vec<NewKey> = (first..end).map(|key| self.marks.key(key)).collect();
            let body = Ask::CreateMany { keys: &keys }.body(self.form).map_err(|error| error.to_string())?;
            let request = self.form.frame(self.address, &body);
            let answer = self.connection.exchange(&request).await.map_err(|error| error.to_string())?;
            ttlv::check(answer).map_err(|error| error.to_string())?;
            self.bar.inc((end - first) as u64);
        }
    }
}

impl Marks {
    fn key(self, key: usize) -> NewKey {
        let marks = vec![own(key), shared(key)];
        match self {
            Self::Tags => NewKey { tags: marks, ..NewKey::default() },
            Self::All => NewKey { tags: marks.clone(), names: marks.clone(), groups: marks },
        }
    }
}

fn own(key: usize) -> String {
    format!("own-{key}")
}

fn shared(key: usize) -> String {
    format!("shared-{}", key / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn population(size: usize) -> Population {
        Population { size, marks: Marks::All }
    }

    #[test]
    fn what_is_shared_belongs_to_exactly_ten_keys() {
        let population = population(25);
        let tags = ["shared-0", "shared-1"].map(|tag| Condition::Tag(tag.to_owned()));
        assert_eq!(population.conditions(By::Tag, 10), tags);
        let with_it = |key: &usize| population.marks.key(*key).names.contains(&"shared-1".to_owned());
        assert_eq!((0..25).filter(with_it).count(), 10);
        assert_eq!(population.conditions(By::Name, 1).len(), 25);
    }

    #[test]
    fn of_very_many_keys_some_are_asked_for_from_first_to_last() {
        let asked = population(1_000_000).conditions(By::Attribute, 1);
        assert_eq!(asked.len(), MOST_ASKED);
        assert_eq!(asked.last(), Some(&Condition::Group("own-999990".to_owned())));
        assert_eq!(population(1_000_000).conditions(By::Tag, 10).len(), MOST_ASKED);
    }
}
