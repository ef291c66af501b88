//! Key material and objects that leave the server, for operations that declare it.

use claviger_kmip::objects::{KeyValue, ManagedObject, PlainKeyValue};

use super::{Authorized, Context};
use crate::error::Result;
use crate::record::Material;

/// How an object that leaves the server is protected on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// As stored.
    Plain,
    /// It is wrapped before it leaves.
    Wrapped,
    /// It is stored wrapped and leaves in plain.
    Unwrapped,
}

impl Context<'_> {
    /// The plain material of a key, to be used on the server. A key that is stored wrapped is unwrapped for its
    /// owner.
    ///
    /// # Errors
    /// Internal Server Error: the operation's spec declares no use of material. Key Value Not Present, or what
    /// unwrapping says.
    pub async fn material(&mut self, target: &Authorized) -> Result<Material> {
        self.host.material(target).await
    }

    /// The object with its material as stored, to be handed to the client.
    ///
    /// # Errors
    /// Sensitive, Not Extractable: it must not leave the server like that. Internal Server Error: the spec does
    /// not declare it.
    pub fn reveal(&mut self, target: &Authorized) -> Result<ManagedObject> {
        self.host.reveal(target, Protection::Plain)
    }

    /// The object with its material, on its way into a wrapping: Sensitive objects may leave so.
    ///
    /// # Errors
    /// Not Extractable: it must not leave the server at all.
    pub fn reveal_for_wrapping(&mut self, target: &Authorized) -> Result<ManagedObject> {
        self.host.reveal(target, Protection::Wrapped)
    }

    /// The object in plain although it is stored wrapped: unwrapped for its owner, to be handed to the client.
    ///
    /// # Errors
    /// As [`Context::reveal`] and [`Context::material`].
    pub async fn reveal_unwrapped(&mut self, target: &Authorized) -> Result<ManagedObject> {
        let mut object = self.host.reveal(target, Protection::Unwrapped)?;
        let material = self.host.material(target).await?;
        if let Some(block) = object.key_block_mut() {
            let key_material = material.value().clone();
            block.key_format_type = material.format();
            block.key_value = Some(KeyValue::Plain(PlainKeyValue { key_material, attributes: None }));
            block.key_wrapping_data = None;
        }
        Ok(object)
    }
}
