//! The parts of a change set about objects.

use std::collections::{BTreeMap, BTreeSet};

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::record::{ObjectId, Revision};
use claviger_plugin_sdk::shared_bytes::SharedBytes;
use claviger_plugin_sdk::store::{ApplyError, Grant, NameClaims, Put, UsageLeft};

use super::{Plan, State};
use crate::database::{Database, Fetched};
use crate::index::{Entry, Keyword, keywords};
use crate::keys::Mac;
use crate::layout::claimed_name;
use crate::object::{Object, Side};
use crate::sealed::{Kind, seal};

/// Objects and names, as the change set has left them so far.
pub(super) struct Objects<'s> {
    db: &'s Database,
    state: &'s State,
    touched: BTreeMap<Mac, Touched>,
    /// Names that get another holder.
    holders: BTreeMap<Mac, Option<Mac>>,
    places: std::slice::Iter<'s, i64>,
}

/// An object that a change set touches.
struct Touched {
    object: Option<Object>,
    side: Side,
    /// Whether it has to be as it was read, and not only be there.
    is_used: bool,
    is_changed: bool,
    side_is_used: bool,
    side_is_changed: bool,
}

impl<'s> Objects<'s> {
    pub(super) fn of(db: &'s Database, state: &'s State) -> Self {
        let touched = |fetched: &Fetched| Touched {
            object: fetched.whole.as_ref().map(|whole| whole.object.clone()),
            side: fetched.whole.as_ref().map(|whole| whole.side.clone()).unwrap_or_default(),
            is_used: false,
            is_changed: false,
            side_is_used: false,
            side_is_changed: false,
        };
        let touched = state.objects.iter().map(|(name, fetched)| (*name, touched(fetched))).collect();
        Self { db, state, touched, holders: BTreeMap::new(), places: state.places.iter() }
    }

    /// The object has this revision.
    pub(super) fn expect(&mut self, id: &ObjectId, revision: Revision) -> Result<(), ApplyError> {
        match self.existing(id)?.object.as_ref() {
            Some(object) if object.revision == revision => Ok(()),
            _ => Err(ApplyError::Conflict),
        }
    }

    /// Removes an object with its grants and names.
    pub(super) fn purge(&mut self, id: &ObjectId) {
        let name = self.db.object_name(id);
        self.release(&name);
        if let Some(touched) = self.touched.get_mut(&name) {
            touched.object = None;
            touched.side = Side::default();
            touched.is_changed = true;
            touched.side_is_used = true;
            touched.side_is_changed = true;
        }
    }

    /// Writes a record; a new one begins with this revision.
    pub(super) fn put(&mut self, put: &Put, first: Revision) -> Result<(), ApplyError> {
        match put.expected {
            Some(expected) => {
                self.expect(&put.id, expected)?;
                let touched = self.existing(&put.id)?;
                let Some(object) = &mut touched.object else { return Err(ApplyError::Conflict) };
                object.revision = Revision(expected.0 + 1);
                object.body = put.body.clone();
                object.index = put.index.clone();
                touched.is_changed = true;
                if let UsageLeft::Set(left) = put.usage_left {
                    touched.set_usage(left);
                }
            }
            None => {
                let name = self.db.object_name(&put.id);
                let touched = self.touched.get_mut(&name).ok_or(ApplyError::Conflict)?;
                if touched.object.is_some() {
                    return Err(ApplyError::Exists(put.id.clone()));
                }
                let place = *self.places.next().ok_or(ApplyError::Conflict)?;
                touched.object = Some(Object {
                    place,
                    id: put.id.clone(),
                    revision: first,
                    index: put.index.clone(),
                    body: put.body.clone(),
                });
                touched.is_changed = true;
                if let UsageLeft::Set(left) = put.usage_left {
                    touched.set_usage(left);
                }
            }
        }
        Ok(())
    }

    /// Writes a record in other bytes that mean the same.
    pub(super) fn rewrite(&mut self, id: &ObjectId, from: &[u8], to: &SharedBytes) -> Result<(), ApplyError> {
        let touched = self.existing(id)?;
        match &mut touched.object {
            Some(object) if *object.body == *from => {
                object.body = to.clone();
                touched.is_changed = true;
                Ok(())
            }
            _ => Err(ApplyError::Conflict),
        }
    }

    /// Gives objects their names. All earlier ones are released before the first is given.
    pub(super) fn claim(&mut self, claims: &[NameClaims]) -> Result<(), ApplyError> {
        for claim in claims {
            self.existing(&claim.object)?;
            let name = self.db.object_name(&claim.object);
            self.release(&name);
        }
        for claim in claims {
            let object = self.db.object_name(&claim.object);
            for name in &claim.names {
                let claimed = claimed_name(&self.db.keys, &claim.owner, name);
                if self.holder(&claimed).is_some_and(|holder| holder != object) {
                    return Err(ApplyError::NameTaken(name.clone()));
                }
                self.holders.insert(claimed, Some(object));
                self.existing(&claim.object)?.side.claims.insert((claim.owner.clone(), name.clone()));
            }
        }
        Ok(())
    }

    pub(super) fn grant(&mut self, grant: &Grant) -> Result<(), ApplyError> {
        let touched = self.existing(&grant.object)?;
        touched.side_is_used = true;
        touched.side_is_changed |= touched.side.grants.insert((grant.subject.clone(), grant.operation));
        Ok(())
    }

    /// Takes a grant; that of an absent object is none.
    pub(super) fn revoke(&mut self, grant: &Grant) {
        if let Ok(touched) = self.existing(&grant.object) {
            touched.side_is_used = true;
            touched.side_is_changed |= touched.side.grants.remove(&(grant.subject.clone(), grant.operation));
        }
    }

    pub(super) fn consume(&mut self, id: &ObjectId, uses: u64) -> Result<(), ApplyError> {
        let touched = self.existing(id)?;
        touched.side_is_used = true;
        if let Some(left) = touched.side.usage_left {
            let uses = i64::try_from(uses).ok().filter(|uses| *uses <= left);
            let uses = uses.ok_or_else(|| ApplyError::UsageExceeded(id.clone()))?;
            touched.set_usage(Some(left - uses));
        }
        Ok(())
    }

    /// Adds what has to be compared and written.
    pub(super) fn write(self, plan: &mut Plan) -> Result<()> {
        let (db, layout) = (self.db, &self.db.layout);
        for (name, touched) in &self.touched {
            let Some(before) = self.state.objects.get(name) else { continue };
            if touched.is_used || touched.is_changed || touched.side_is_used {
                plan.transaction.check(layout.object(name), before.object_stamp.clone());
            }
            if touched.side_is_used {
                plan.transaction.check(layout.side(name), before.side_stamp.clone());
            }
            if touched.is_changed {
                self.write_object(plan, name, touched, before)?;
            }
            if touched.side_is_changed {
                match touched.side.encode() {
                    Some(side) => {
                        plan.transaction.set(layout.side(name), seal(&db.keys, Kind::Side, name, &side)?)
                    }
                    None => plan.transaction.delete(layout.side(name)),
                }
            }
            if touched.is_changed || touched.side_is_changed {
                self.list(plan, name, touched, before);
            }
        }
        for (name, (stamp, _)) in &self.state.names {
            plan.transaction.check(layout.name(name), stamp.clone());
        }
        for (name, holder) in &self.holders {
            match holder {
                Some(holder) => {
                    let sealed = seal(&db.keys, Kind::Name, name, &holder.0)?;
                    plan.transaction.set(layout.name(name), sealed);
                }
                None => plan.transaction.delete(layout.name(name)),
            }
        }
        Ok(())
    }

    fn write_object(&self, plan: &mut Plan, name: &Mac, touched: &Touched, before: &Fetched) -> Result<()> {
        let layout = &self.db.layout;
        let place_before = before.whole.as_ref().map(|whole| whole.object.place);
        match &touched.object {
            Some(object) => {
                let sealed = seal(&self.db.keys, Kind::Object, name, &object.encode())?;
                plan.transaction.set(layout.object(name), sealed);
                if place_before != Some(object.place) {
                    plan.transaction.place(layout.places(), object.place, name);
                }
            }
            None => {
                plan.transaction.delete(layout.object(name));
                plan.transaction.displace(layout.places(), name);
            }
        }
        Ok(())
    }

    /// What has to be listed anew, and what is listed in vain from now on.
    fn list(&self, plan: &mut Plan, name: &Mac, touched: &Touched, before: &Fetched) {
        let of = |object: Option<&Object>, side: &Side| match object {
            Some(object) => keywords(object, side),
            None => BTreeSet::new(),
        };
        let whole = before.whole.as_ref();
        let listed: BTreeSet<Keyword> =
            whole.map(|whole| of(Some(&whole.object), &whole.side)).unwrap_or_default();
        let wanted = of(touched.object.as_ref(), &touched.side);
        let place = touched.object.as_ref().map(|object| object.place);
        let stays = place.is_some() && place == whole.map(|whole| whole.object.place);
        plan.removals.extend(listed.iter().filter(|keyword| !stays || !wanted.contains(keyword)).cloned());
        let Some(place) = place else { return };
        let entry = Entry { place, object: *name };
        let missing = wanted.into_iter().filter(|keyword| !stays || !listed.contains(keyword));
        let mut is_listed_anew = false;
        for keyword in missing {
            is_listed_anew = true;
            plan.additions.entry(keyword).or_default().insert(entry);
        }
        if is_listed_anew {
            plan.transaction.changed(self.db.layout.changed(), name);
        }
    }

    /// The object, which must be there.
    fn existing(&mut self, id: &ObjectId) -> Result<&mut Touched, ApplyError> {
        let touched = self.touched.get_mut(&self.db.object_name(id)).ok_or(ApplyError::Conflict)?;
        touched.is_used = true;
        if touched.object.is_some() { Ok(touched) } else { Err(ApplyError::Conflict) }
    }

    /// Takes all names from an object.
    fn release(&mut self, object: &Mac) {
        if let Some(touched) = self.touched.get_mut(object) {
            touched.side_is_used = true;
            touched.side_is_changed = true;
            for (owner, name) in std::mem::take(&mut touched.side.claims) {
                self.holders.insert(claimed_name(&self.db.keys, &owner, &name), None);
            }
        }
    }

    fn holder(&self, name: &Mac) -> Option<Mac> {
        match self.holders.get(name) {
            Some(holder) => *holder,
            None => self.state.names.get(name).and_then(|(_, holder)| *holder),
        }
    }
}

impl Touched {
    fn set_usage(&mut self, left: Option<i64>) {
        self.side_is_used = true;
        self.side_is_changed |= self.side.usage_left != left;
        self.side.usage_left = left;
    }
}
