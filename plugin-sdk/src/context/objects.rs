//! The objects that a handler works on, and finding others.

use claviger_kmip::tables::enumerations::OperationCode;

use super::{Authorized, Context};
use crate::error::{Error, Result};
use crate::filter::{Cursor, Filter, Page};
use crate::store::FoundIds;
use crate::target::{Cardinality, Consumption, Right, Role, Target};

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The page, newest first.
    pub objects: Vec<Authorized>,
    /// How many there are in all, when the page asked for it.
    pub total: Option<u64>,
    /// The place of the last of them, to go on from; nothing if none was found, or while the message has effects that are not
    /// written: then the next page has an offset.
    pub last: Option<Cursor>,
}

impl Context<'_> {
    /// The one object of a role.
    ///
    /// # Errors
    /// Internal Server Error: the operation did not declare such a target, or it resolved to several objects.
    pub fn target(&self, role: Role) -> Result<Authorized> {
        match self.host.targets(role) {
            [only] => Ok(only.clone()),
            _ => Err(Error::server("an operation uses a target that it did not declare as one object")),
        }
    }

    /// The one object that the operation is about.
    ///
    /// # Errors
    /// As [`Context::target`].
    pub fn subject(&self) -> Result<Authorized> {
        self.target(Role::SUBJECT)
    }

    /// All objects of a role.
    pub fn targets(&self, role: Role) -> Vec<Authorized> {
        self.host.targets(role).to_vec()
    }

    /// Resolves and admits further objects, by the same rules as declared targets.
    ///
    /// # Errors
    /// As for a declared target.
    pub async fn load(&mut self, target: Target) -> Result<Vec<Authorized>> {
        self.host.load(target).await
    }

    /// Resolves and admits one further object.
    ///
    /// # Errors
    /// As [`Context::load`].
    pub async fn load_one(&mut self, target: Target) -> Result<Authorized> {
        let found = self.host.load(target.cardinality(Cardinality::One)).await?;
        found.into_iter().next().ok_or_else(|| Error::server("a target resolved to no object"))
    }

    /// Finds objects that the principal may see, newest first, for the handler itself: also in states in which the
    /// client's dialect does not let them be used. [`Context::load`] admits what is to be used.
    ///
    /// # Errors
    /// The store fails.
    pub async fn search(&mut self, filter: Filter, page: Page) -> Result<Found> {
        self.host.search(filter, page).await
    }

    /// Finds what [`Context::search`] finds, as far as the client's dialect lets it be seen, and tells the identifiers
    /// only, which costs far less.
    ///
    /// # Errors
    /// The store fails.
    pub async fn locate(&mut self, filter: Filter, page: Page) -> Result<FoundIds> {
        self.host.locate(filter, page).await
    }

    /// Finds objects whoever owns them, newest first, and tells their identifiers; for operations that only operators may
    /// call.
    ///
    /// # Errors
    /// Internal Server Error: the spec lets others call the operation. The store fails.
    pub async fn locate_everywhere(&mut self, filter: Filter, page: Page) -> Result<FoundIds> {
        self.host.locate_everywhere(filter, page).await
    }

    /// Takes bytes from the Usage Limits of an admitted object, beside those that its [`Target`] named: the bytes of what
    /// the handler has only made just now, such as a key that is to be wrapped. A ticket counts them, too, whatever counts
    /// the uses of the object.
    ///
    /// # Errors
    /// Usage Limit Exceeded.
    pub async fn consume_bytes(&mut self, target: &Authorized, bytes: usize) -> Result<()> {
        if bytes == 0 {
            return Ok(());
        }
        // The handler holds the object, so its right and state were seen to; what is left is what counts here.
        let again = Target {
            right: Right::Any,
            consumes: Some(Consumption { bytes: bytes as u64, objects: 0 }),
            ..Target::subject(Some(target.id().as_str().into()), OperationCode::GET_USAGE_ALLOCATION)
        };
        self.load_one(again).await.map(|_| ())
    }
}
