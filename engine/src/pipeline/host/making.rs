//! New objects: who may make them, and what holds for them.

use std::sync::Arc;

use claviger_kmip::tables::enumerations::{OperationCode, ResultReason};
use claviger_plugin_sdk::context::{Authorized, Context, Effect, Host as _, NewObject};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::operation::Access;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::{Grant, GrantQuery};

use super::ItemHost;
use crate::pipeline::new_object;

/// Records a new object in the place of an existing one: for its owner, with the grants on it.
pub(super) async fn create_in_place_of(
    host: &mut ItemHost<'_, '_>,
    target: &Authorized,
    object: NewObject,
) -> Result<ObjectId> {
    let predecessor = host.entry_of(target)?.record.clone();
    let stored = host.message.store.grants(&GrantQuery::Object(predecessor.id.clone())).await?;
    let grants = host.unit.all_grants(&predecessor.id, stored);
    let id = host.create_for(predecessor.owner.clone(), object).await?;
    for grant in grants {
        host.unit.change_grant(Grant { object: id.clone(), ..grant }, true);
    }
    Ok(id)
}

/// Records the replacement of an object; identifier and owner stay.
pub(super) async fn replace(
    host: &mut ItemHost<'_, '_>,
    target: &Authorized,
    object: NewObject,
) -> Result<()> {
    host.hold_to_rules(&object).await?;
    let new = NewObject { id: Some(target.id().clone()), ..object };
    let mut record = new_object::record(host.message, new, &mut *host.random)?;
    record.owner = target.owner().clone();
    *host.edit(target, Effect::Update)? = record;
    Ok(())
}

impl ItemHost<'_, '_> {
    /// Records a new object for an owner.
    pub(super) async fn create_for(&mut self, owner: Arc<str>, object: NewObject) -> Result<ObjectId> {
        self.check_may_create()?;
        self.hold_to_rules(&object).await?;
        if let Some(id) = &object.id {
            self.check_free(id).await?;
        }
        let mut record = new_object::record(self.message, object, &mut *self.random)?;
        record.owner = owner;
        let id = record.id.clone();
        self.log.created.push(id.clone());
        self.unit.create(record);
        Ok(id)
    }

    /// An operation that is for everybody makes objects for those alone who may make some, and whose credentials allow
    /// Create.
    fn check_may_create(&self) -> Result<()> {
        if !self.message.principal().creator {
            return Err(Error::denied("you may not make objects on this server"));
        }
        let restriction = self.message.principal().restriction.as_ref();
        if self.spec.access == Access::Authenticated
            && restriction.is_some_and(|restriction| !restriction.allows(OperationCode::CREATE))
        {
            return Err(Error::denied("these credentials do not allow to create objects"));
        }
        Ok(())
    }

    /// Asks the rules that plugins have for new objects.
    async fn hold_to_rules(&mut self, object: &NewObject) -> Result<()> {
        for rule in self.message.engine.registry.new_object_rules() {
            rule.check(&mut Context::new(self), object).await?;
        }
        Ok(())
    }

    /// Checks that a chosen identifier is free, also for objects that the caller may not see.
    async fn check_free(&self, id: &ObjectId) -> Result<()> {
        if self.load_id(id).await?.is_none() {
            return Ok(());
        }
        Err(Error::new(
            ResultReason::OBJECT_ALREADY_EXISTS,
            ErrorClass::Conflict,
            format!("an object with the identifier {id} exists"),
        ))
    }
}
