//! What a handler makes, changes and removes: recorded, and written together when the item succeeds.

use claviger_kmip::attributes::{Attributes, kinds};
use claviger_kmip::objects::ManagedObject;
use claviger_kmip::tables::enumerations::{LinkType, State};

use super::{Authorized, Context};
use crate::error::Result;
use crate::record::ObjectId;

/// An object that is to be created.
#[derive(Clone, Debug)]
pub struct NewObject {
    /// The identifier that the client chose, if the operation lets it.
    pub id: Option<ObjectId>,
    /// The object.
    pub object: ManagedObject,
    /// Its attributes; user tags are read from them by the tag policies.
    pub attributes: Attributes,
}

/// What a handler does to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Changes attributes.
    Update,
    /// Changes the state.
    Transition,
    /// Removes the material.
    Destroy,
    /// Removes the object.
    Purge,
    /// Gives the object to another owner.
    Owner,
    /// Changes the key, as a scheme says.
    Rekey,
}

impl Context<'_> {
    /// Records a new object. The engine gives it an identifier (unless it brings one), tags, Unique Identifier, Short
    /// Unique Identifier, Object Type, State by its dates, Initial Date and Last Change Date; the principal owns it.
    ///
    /// # Errors
    /// Object Already Exists, Non Unique Name Attribute, or a tag that a policy refuses.
    pub async fn create(&mut self, object: NewObject) -> Result<ObjectId> {
        self.host.create(object).await
    }

    /// Records a new object in the place of an existing one: as [`Context::create`], but it belongs to the owner of that
    /// one, and the grants on that one hold for it, too.
    ///
    /// # Errors
    /// As [`Context::create`].
    pub async fn create_in_place_of(&mut self, target: &Authorized, object: NewObject) -> Result<ObjectId> {
        self.host.create_in_place_of(target, object).await
    }

    /// Records the replacement of an object and its attributes; identifier and owner stay.
    ///
    /// # Errors
    /// As [`Context::create`].
    pub async fn replace(&mut self, target: &Authorized, object: NewObject) -> Result<()> {
        self.host.replace(target, object).await
    }

    /// Records a change of attributes. The engine sets Last Change Date.
    ///
    /// # Errors
    /// What `edit` returns.
    pub fn update(
        &mut self,
        target: &Authorized,
        edit: impl FnOnce(&mut Attributes) -> Result<()>,
    ) -> Result<()> {
        edit(&mut self.host.edit(target, Effect::Update)?.attributes)
    }

    /// Records a change of state, with the attributes that change with it.
    ///
    /// # Errors
    /// What `edit` returns.
    pub fn transition(
        &mut self,
        target: &Authorized,
        to: State,
        edit: impl FnOnce(&mut Attributes) -> Result<()>,
    ) -> Result<()> {
        let record = self.host.edit(target, Effect::Transition)?;
        record.attributes.put::<kinds::State>(to);
        edit(&mut record.attributes)
    }

    /// Records a destruction: the material goes, attributes stay, State becomes `to`.
    ///
    /// # Errors
    /// What `edit` returns.
    pub fn destroy(
        &mut self,
        target: &Authorized,
        to: State,
        edit: impl FnOnce(&mut Attributes) -> Result<()>,
    ) -> Result<()> {
        let record = self.host.edit(target, Effect::Destroy)?;
        crate::record::erase_material(&mut record.object);
        record.attributes.put::<kinds::State>(to);
        edit(&mut record.attributes)
    }

    /// Records the removal of an object without a trace.
    ///
    /// # Errors
    /// Internal Server Error: the spec does not declare writes to targets.
    pub fn purge(&mut self, target: &Authorized) -> Result<()> {
        self.host.edit(target, Effect::Purge).map(|_| ())
    }

    /// Records what a scheme changed of a key, with the attributes that change with it. The engine sets Last Change Date.
    ///
    /// # Errors
    /// What `edit` returns.
    pub fn rekey(
        &mut self,
        target: &Authorized,
        edit: impl FnOnce(&mut ManagedObject, &mut Attributes) -> Result<()>,
    ) -> Result<()> {
        let record = self.host.edit(target, Effect::Rekey)?;
        edit(&mut record.object, &mut record.attributes)
    }

    /// The Pre-Active and Active objects of its algorithm that name an admitted one by a link of this type, whoever owns them:
    /// what a scheme changes together with that one. The caller was admitted for what they depend on. They count as named by the scheme.
    ///
    /// # Errors
    /// Internal Server Error: the spec does not let schemes change keys. Server Limit Exceeded: there are too many to
    /// change them at once. The store fails.
    pub async fn dependents(&mut self, of: &Authorized, link: LinkType) -> Result<Vec<Authorized>> {
        self.host.dependents(of, link).await
    }

    /// Notes that the chosen scheme named an object as one that it may change. The engine compares what is changed with it. Also
    /// if it is left as it is, nothing is written when somebody else has changed it meanwhile: the operation begins again.
    ///
    /// # Errors
    /// Internal Server Error: the spec does not let schemes change keys.
    pub fn named_by_scheme(&mut self, target: &Authorized) -> Result<()> {
        self.host.named_by_scheme(target)
    }
}
