//! Whether the lists of the index have what they should, and what belongs to nothing.
//!
//! Lists have entries more than they should, by design: only what is missing is a fault.

use std::collections::{BTreeSet, HashMap, HashSet};

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::filter::Index;
use redis::cmd;

use crate::database::{Database, Fetched};
use crate::index::{Entry, Keyword, keywords};
use crate::keys::Mac;
use crate::object::Object;
use crate::sealed::{self, Kind};
use crate::search::read_steadily;

/// Lists that were read, since a check asks for the same again and again.
#[derive(Default)]
pub(super) struct Lists {
    read: HashMap<Keyword, HashSet<Entry>>,
}

/// What finds an object and should not, or should and does not.
pub(super) async fn of_object(
    db: &Database,
    lists: &mut Lists,
    name: &Mac,
    fetched: Fetched,
    expected: &Index,
) -> Result<Vec<String>> {
    let Some(whole) = fetched.whole else { return Ok(vec!["it is not there".to_owned()]) };
    let mut faults = that_differ(&whole.object.index, expected);
    let wanted = Object { index: expected.clone(), ..whole.object };
    // The lists are those of now. Of an object that has changed since, they may have lost what it had.
    let now = db.fetch(&[*name]).await?.pop();
    let is_as_it_was = now
        .is_some_and(|now| now.object_stamp == fetched.object_stamp && now.side_stamp == fetched.side_stamp);
    if is_as_it_was {
        let entry = Entry { place: wanted.place, object: *name };
        for keyword in keywords(&wanted, &whole.side) {
            if !lists.have(db, &keyword, &entry).await? {
                faults.push(format!("{} is missing in the index", keyword.what()));
            }
        }
    }
    Ok(faults)
}

impl Lists {
    async fn have(&mut self, db: &Database, keyword: &Keyword, entry: &Entry) -> Result<bool> {
        if let Some(entries) = self.read.get(keyword) {
            return Ok(entries.contains(entry));
        }
        let entries = read_steadily(db, || Box::pin(db.lists.entries(keyword))).await?;
        let has = entries.contains(entry);
        self.read.insert(keyword.clone(), entries);
        Ok(has)
    }
}

fn that_differ(stored: &Index, expected: &Index) -> Vec<String> {
    let values = |index: &Index| index.attributes.iter().cloned().collect::<BTreeSet<_>>();
    [
        (stored.owner != expected.owner, "owner"),
        (stored.object_type != expected.object_type, "type"),
        (stored.dates != expected.dates, "state"),
        (stored.archived != expected.archived, "archived status"),
        (stored.tags != expected.tags, "set of tags"),
        (values(stored) != values(expected), "set of attributes"),
    ]
    .into_iter()
    .filter(|(differs, _)| *differs)
    .map(|(_, what)| format!("it is found by another {what} than it has"))
    .collect()
}

/// What belongs to nothing. What servers write meanwhile is looked at a second time.
pub(super) async fn of_database(db: &Database) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let layout = &db.layout;
    let mut unplaced = 0;
    for name in names_of(db, &layout.object(&Mac([0; 16]))).await? {
        let place: Option<f64> = db.connection.query(cmd("ZSCORE").arg(layout.places()).arg(&name.0)).await?;
        if place.is_none() && has(db, layout.object(&name)).await? {
            unplaced += 1;
        }
    }
    let mut alone = 0;
    for name in names_of(db, &layout.side(&Mac([0; 16]))).await? {
        if !has(db, layout.object(&name)).await? && has(db, layout.side(&name)).await? {
            alone += 1;
        }
    }
    let mut unheld = 0;
    for name in names_of(db, &layout.name(&Mac([0; 16]))).await? {
        let holder: Option<Vec<u8>> = db.connection.query(cmd("GET").arg(layout.name(&name))).await?;
        let Some(holder) = holder else { continue };
        let holder = Mac::read(&sealed::open(&db.keys, Kind::Name, &name, holder)?)?;
        if !has(db, layout.object(&holder)).await? && has(db, layout.name(&name)).await? {
            unheld += 1;
        }
    }
    for (count, what) in [
        (unplaced, "objects without a place in the order"),
        (alone, "grants and Usage Limits of absent objects"),
        (unheld, "names claimed for absent objects"),
    ] {
        if count > 0 {
            faults.push(format!("{count} {what}"));
        }
    }
    Ok(faults)
}

async fn has(db: &Database, key: Vec<u8>) -> Result<bool> {
    db.connection.query(cmd("EXISTS").arg(key)).await
}

/// The names behind all keys that are called like this one.
async fn names_of(db: &Database, like: &[u8]) -> Result<BTreeSet<Mac>> {
    let prefix = like.split_at(like.len() - 16).0;
    let pattern = [prefix, b"*"].concat();
    let (mut names, mut cursor) = (BTreeSet::new(), 0_u64);
    loop {
        let mut scan = cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(&pattern).arg("COUNT").arg(1000);
        let (next, keys): (u64, Vec<Vec<u8>>) = db.connection.query(&scan).await?;
        for key in keys {
            names.extend(key.strip_prefix(prefix).map(Mac::read).transpose()?);
        }
        if next == 0 {
            return Ok(names);
        }
        cursor = next;
    }
}
