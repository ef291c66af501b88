//! Locking, purging and putting objects.

use std::borrow::Cow;
use std::collections::BTreeSet;

use claviger_plugin_sdk::record::{ObjectId, Revision};
use claviger_plugin_sdk::store::{ApplyError, ChangeSet, Put, Rewritten, UsageLeft};

use super::{Known, Trouble, Writing, scalar_rows};
use crate::remote::failure::is_duplicate;
use crate::remote::statements::{Column, among, values};
use crate::search::{Argument, Dialect, Statement, stored_name};

/// Objects that one statement locks or inserts; MySQL takes so many values.
const AT_ONCE: usize = 1000;

impl Writing<'_> {
    /// Locks the objects that a change is about, in the order of their identifiers, and reads where they are.
    pub(super) async fn lock(&mut self, change: &ChangeSet) -> Result<(), Trouble> {
        let ids: Vec<&str> = about(change).into_iter().map(ObjectId::as_str).collect();
        for ids in ids.chunks(AT_ONCE) {
            let mut select = self.statement();
            select.push("SELECT seq, id, revision FROM ").table("object").push(" WHERE id ");
            among(&mut select, ids.iter().copied());
            select.push(" ORDER BY id FOR UPDATE");
            for row in self.rows(&select).await? {
                let id = ObjectId::new(row.text(1)?).map_err(ApplyError::Failed)?;
                let revision = Revision(u64::try_from(row.number(2)?).unwrap_or(0));
                self.known.insert(id, Known { place: row.number(0)?, revision, is_new: false });
            }
        }
        Ok(())
    }

    /// Compares revisions of objects that are not written.
    pub(super) fn check(&self, unchanged: &[(ObjectId, Revision)]) -> Result<(), Trouble> {
        unchanged.iter().try_for_each(|(id, revision)| self.at(id, *revision).map(drop))
    }

    /// Removes objects with all that belongs to them.
    pub(super) async fn purge(&mut self, purges: &[(ObjectId, Revision)]) -> Result<(), Trouble> {
        for (id, revision) in purges {
            let place = self.at(id, *revision)?;
            self.known.remove(id);
            let mut batch = self.batch();
            for table in ["object", "content", "scalar", "permission", "name"] {
                batch.add(|to| {
                    let column = if table == "object" { "seq" } else { "object" };
                    to.push("DELETE FROM ")
                        .table(table)
                        .push(" WHERE ")
                        .push(column)
                        .push(" = ")
                        .number(place);
                });
            }
            self.run(batch).await?;
        }
        Ok(())
    }

    /// Writes records. Those of one change seldom are of one object; where they are, each follows the one before.
    pub(super) async fn put(&mut self, change: &ChangeSet) -> Result<(), Trouble> {
        let mut rest = change.puts.as_slice();
        while !rest.is_empty() {
            let mut seen = BTreeSet::new();
            let different = rest.iter().take(AT_ONCE).take_while(|put| seen.insert(&put.id)).count();
            let (first, later) = rest.split_at(different);
            self.put_different(first, change).await?;
            rest = later;
        }
        Ok(())
    }

    async fn put_different(&mut self, puts: &[Put], change: &ChangeSet) -> Result<(), Trouble> {
        let mut updated = Vec::new();
        let mut new = Vec::new();
        for put in puts {
            match put.expected {
                Some(expected) => updated.push((self.at(&put.id, expected)?, put)),
                None if self.known.contains_key(&put.id) => {
                    return Err(ApplyError::Exists(put.id.clone()).into());
                }
                None => new.push(put),
            }
        }
        let new = self.insert(new, change).await?;
        let mut batch = self.batch();
        for (place, put) in &updated {
            batch.add(|to| update(to, *place, put));
            batch.add(|to| {
                to.push("UPDATE ").table("content").push(" SET body = ").bind(body(put));
                to.push(" WHERE object = ").number(*place);
            });
            scalar_rows::replace(&mut batch, *place, &put.index);
            let revision = Revision(put.expected.map_or(0, |expected| expected.0) + 1);
            self.known.insert(put.id.clone(), Known { place: *place, revision, is_new: false });
        }
        for (place, put) in &new {
            batch.add(|to| {
                to.push("INSERT INTO ").table("content").push(" (object, body) VALUES (").number(*place);
                to.push(", ").bind(body(put)).push(")");
            });
            self.known.insert(
                put.id.clone(),
                Known { place: *place, revision: change.first_revision(&put.id), is_new: true },
            );
        }
        scalar_rows::insert(&mut batch, new.iter().map(|(place, put)| (*place, &put.index)));
        self.run(batch).await
    }

    /// Inserts objects in their order, so that their places have it; which place each has.
    async fn insert<'p>(
        &mut self,
        puts: Vec<&'p Put>,
        change: &ChangeSet,
    ) -> Result<Vec<(i64, &'p Put)>, Trouble> {
        let mut inserted = Vec::with_capacity(puts.len());
        if self.dialect == Dialect::Mysql {
            for put in puts {
                let insert = insertion(self.statement(), &[put], change);
                let changed = self.connection.execute(&insert).await;
                let taken = changed.as_ref().is_err_and(is_duplicate);
                if taken {
                    return Err(ApplyError::Exists(put.id.clone()).into());
                }
                inserted.push((i64::try_from(changed?.last).unwrap_or(i64::MAX), put));
            }
            return Ok(inserted);
        }
        if puts.is_empty() {
            return Ok(inserted);
        }
        let mut insert = insertion(self.statement(), &puts, change);
        insert.push(" ON CONFLICT DO NOTHING RETURNING seq, id");
        let rows = self.rows(&insert).await?;
        let mut rows = rows.iter().peekable();
        for put in puts {
            match rows.peek() {
                Some(row) if row.text(1)? == put.id.as_str() => inserted.push((row.number(0)?, put)),
                _ => return Err(ApplyError::Exists(put.id.clone()).into()),
            }
            rows.next();
        }
        Ok(inserted)
    }
}

/// The objects that a change is about and that may be there already. For those that are only used, the condition of
/// the use is enough.
fn about(change: &ChangeSet) -> BTreeSet<&ObjectId> {
    let puts = change.puts.iter().filter(|put| put.expected.is_some()).map(|put| &put.id);
    let purged = change.purges.iter().map(|(id, _)| id);
    let unchanged = change.unchanged.iter().map(|(id, _)| id);
    let named = change.claims.iter().map(|claim| &claim.object);
    let granted = change.grants.iter().chain(&change.revocations).map(|grant| &grant.object);
    let rewritten = change.rewrites.iter().filter_map(|rewrite| match &rewrite.of {
        Rewritten::Record(id) => Some(id),
        Rewritten::Document { .. } => None,
    });
    let mut ids: BTreeSet<_> =
        puts.chain(purged).chain(unchanged).chain(named).chain(granted).chain(rewritten).collect();
    // What is new is locked by being inserted.
    for put in change.puts.iter().filter(|put| put.expected.is_none()) {
        if !change.purges.iter().any(|(id, _)| *id == put.id) {
            ids.remove(&put.id);
        }
    }
    ids
}

fn body(put: &Put) -> Argument<'_> {
    Argument::One(crate::search::Parameter::Bytes(&put.body))
}

fn update<'f>(to: &mut Statement<'f>, place: i64, put: &'f Put) {
    let (index, dates) = (&put.index, &put.index.dates);
    to.push("UPDATE ").table("object").push(" SET revision = revision + 1, owner = ").name(&index.owner);
    to.push(", type = ").number(index.object_type.0).push(", state = ").number(dates.stored.0);
    to.push(", activation = ").bind(Argument::Optional(dates.activation.map(|date| date.0)));
    to.push(", deactivation = ").bind(Argument::Optional(dates.deactivation.map(|date| date.0)));
    to.push(", archived = ").number(index.archived);
    if let UsageLeft::Set(left) = put.usage_left {
        to.push(", usage_left = ").bind(Argument::Optional(left));
    }
    to.push(" WHERE seq = ").number(place);
}

fn insertion<'f>(mut insert: Statement<'f>, puts: &[&'f Put], change: &ChangeSet) -> Statement<'f> {
    let numbers =
        |of: &dyn Fn(&Put) -> Option<i64>| Column::Numbers(puts.iter().map(|put| of(put)).collect());
    insert.push("INSERT INTO ").table("object");
    insert.push(" (id, revision, owner, type, state, activation, deactivation, archived, usage_left) ");
    let columns = vec![
        Column::Bytes(puts.iter().map(|put| Cow::Borrowed(put.id.as_str().as_bytes())).collect()),
        numbers(&|put| i64::try_from(change.first_revision(&put.id).0).ok()),
        Column::Bytes(puts.iter().map(|put| Cow::Owned(stored_name(&put.index.owner))).collect()),
        numbers(&|put| Some(put.index.object_type.0.into())),
        numbers(&|put| Some(put.index.dates.stored.0.into())),
        numbers(&|put| put.index.dates.activation.map(|date| date.0)),
        numbers(&|put| put.index.dates.deactivation.map(|date| date.0)),
        numbers(&|put| Some(put.index.archived.into())),
        numbers(&|put| match put.usage_left {
            UsageLeft::Set(left) => left,
            UsageLeft::Keep => None,
        }),
    ];
    values(&mut insert, columns);
    insert
}
