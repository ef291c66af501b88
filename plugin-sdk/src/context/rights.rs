//! Who may do what with an object: its owner, grants, and why somebody is let through or not.

use claviger_kmip::tables::enumerations::OperationCode;

use super::{Authorized, Context, Effect};
use crate::error::Result;
use crate::explanation::{AskedAbout, Explanation};
use crate::store::{Grant, Subject};

/// Whose grants are asked for.
#[derive(Clone, Copy, Debug)]
pub enum GrantsOf<'a> {
    /// All grants on an object.
    Object(&'a Authorized),
    /// All grants that the principal's subjects hold.
    Principal,
}

impl Context<'_> {
    /// The grants on an object, for its owner.
    ///
    /// # Errors
    /// The store fails.
    pub async fn grants(&mut self, query: GrantsOf<'_>) -> Result<Vec<Grant>> {
        self.host.grants(query).await
    }

    /// Records grants on an object.
    ///
    /// # Errors
    /// Internal Server Error: the spec does not declare it.
    pub fn grant(
        &mut self,
        target: &Authorized,
        subject: Subject,
        operations: &[OperationCode],
    ) -> Result<()> {
        self.host.change_grants(target, subject, operations, true)
    }

    /// Records the end of grants on an object.
    ///
    /// # Errors
    /// Internal Server Error: the spec does not declare it.
    pub fn revoke_grant(
        &mut self,
        target: &Authorized,
        subject: Subject,
        operations: &[OperationCode],
    ) -> Result<()> {
        self.host.change_grants(target, subject, operations, false)
    }

    /// Records that an object has another owner from now on. The one who had it keeps no right on it but what is granted.
    ///
    /// # Errors
    /// Internal Server Error: the spec does not declare changes of rights.
    pub fn change_owner(&mut self, target: &Authorized, to: &str) -> Result<()> {
        self.host.edit(target, Effect::Owner)?.owner = to.into();
        Ok(())
    }

    /// Whether somebody may call an operation on an object, and which rule says so, as things are now. Nothing is done.
    ///
    /// # Errors
    /// Operation Not Supported: it is not in this server. Feature Not Supported: what the operation needs of an object
    /// depends on more of its request.
    pub async fn explain(
        &mut self,
        target: &Authorized,
        about: &AskedAbout,
        operation: OperationCode,
    ) -> Result<Explanation> {
        self.host.explain(target, about, operation).await
    }
}
