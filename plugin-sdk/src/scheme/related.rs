//! Keys that are made from others and change with them.
//!
//! Some algorithms have keys that belong together for life: one key issues others, issuing changes it, and a change of it
//! reaches all that it issued. A scheme of such an algorithm never loads or stores anything: it says which objects it needs,
//! gets them, and gives back what has become of them. Whoever runs it writes all of that in one change set, so that it is
//! stored together or not at all, and runs it again with newer objects where another writer was faster.

use std::fmt;

use claviger_kmip::attributes::Attributes;
use claviger_kmip::objects::KeyBlock;
use claviger_kmip::tables::enumerations::{LinkType, ObjectType, OperationCode};

use super::Cost;
use crate::error::Result;
use crate::random::RandomSource;
use crate::record::{KeyFacts, Material, ObjectId};

/// Makes keys from keys that are there already.
pub trait GenerateFrom: Send + Sync {
    /// The keys from which it makes one for this template.
    ///
    /// # Errors
    /// Invalid Attribute Value, Missing Data: the template cannot be that of such a key.
    fn inputs(&self, template: &Attributes) -> Result<Vec<Input>>;

    /// What making a key costs.
    fn cost(&self, template: &Attributes) -> Cost;

    /// Makes a key of the template's object type. `inputs` are those that [`GenerateFrom::inputs`] asked for, in that order,
    /// all with their material.
    ///
    /// # Errors
    /// Invalid Attribute Value: the inputs cannot issue what the template asks for. Cryptographic Failure: an input is
    /// malformed.
    fn generate_from(
        &self,
        template: &Attributes,
        inputs: &[Source],
        rng: &mut dyn RandomSource,
    ) -> Result<Produced>;
}

/// Changes a key pair in its place: both keys keep their identifiers, and the keys that the private one issued change with
/// them.
///
/// Re-key Key Pair asks it first. Where it does not take the request for its own, both keys are replaced by new ones, as
/// KMIP has it.
pub trait Rekey: Send + Sync {
    /// Whether the request asks for such a change, and which keys are concerned beside the private key and the public key
    /// to which that links. `asked` are the attributes that the request states for the private key.
    ///
    /// # Errors
    /// Invalid Attribute Value: the request asks for a change that there is not.
    fn concerns(&self, private: &KeyFacts<'_>, asked: &Attributes) -> Result<Option<Concerned>>;

    /// What the change costs, with so many dependent keys.
    fn cost(&self, asked: &Attributes, dependents: usize) -> Cost;

    /// Makes the change.
    ///
    /// Whoever may get the private key may link an object to it, and owners write what they like into attributes. A dependent
    /// key is changed only if its material proves that the pair issued it, and gets no more than its material had.
    ///
    /// # Errors
    /// Unsupported Cryptographic Parameters, Invalid Attribute Value, Invalid Field: the pair does not allow the change.
    /// Cryptographic Failure: a key of the pair is malformed, or they are no pair.
    fn rekey(&self, asked: &Attributes, keys: &RekeySources, rng: &mut dyn RandomSource) -> Result<Rekeyed>;
}

/// A key that a scheme needs. It is admitted for the caller as any object of an operation is, must be Active, and must not
/// be stored wrapped, since it is stored again if it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// The link of the template that names it, by identifier or by whatever else the client's dialect lets stand for one.
    /// The new key keeps the link, to the identifier that the key really has.
    pub link: LinkType,
    /// What the caller must be allowed to do with it.
    pub right: OperationCode,
    /// The types that it may have.
    pub types: &'static [ObjectType],
}

/// What a change in place reaches beyond the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concerned {
    /// Every Pre-Active or Active object that names the private key by a link of this type, whoever owns it.
    pub dependents: Option<LinkType>,
}

/// An object that a scheme works from.
pub struct Source {
    /// Its identifier.
    pub id: ObjectId,
    /// Its type.
    pub object_type: ObjectType,
    /// Its attributes.
    pub attributes: Attributes,
    /// Its key; nothing if that is stored wrapped, which only a dependent key is.
    pub material: Option<Material>,
}

impl Source {
    /// The key.
    ///
    /// # Errors
    /// Key Value Not Present: it is stored wrapped.
    pub fn material(&self) -> Result<&Material> {
        self.material.as_ref().ok_or_else(|| {
            use crate::error::{Error, ErrorClass};
            use claviger_kmip::tables::enumerations::ResultReason;
            Error::new(ResultReason::KEY_VALUE_NOT_PRESENT, ErrorClass::State, "the key is stored wrapped")
        })
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?}, {:?})", self.id, self.object_type)
    }
}

/// What a change in place works from.
#[derive(Debug)]
pub struct RekeySources {
    /// The private key, with its material.
    pub private: Source,
    /// The public key, with its material.
    pub public: Source,
    /// The dependent keys; those without material cannot be changed.
    pub dependents: Vec<Source>,
}

/// A new key, and what became of the keys that it was made from.
#[derive(Debug)]
pub struct Produced {
    /// The new key.
    pub key: KeyBlock,
    /// Attributes that it has beside those of its template, in the place of those of the same name.
    pub attributes: Attributes,
    /// The inputs that changed. An input that later changes with all that was made from it is among them each time, though
    /// nothing of it changes: who changes it at the same moment has looked for those keys without the new one, and has to
    /// look again.
    pub updated: Vec<Change>,
}

/// What became of a pair and of the keys that depend on it.
#[derive(Debug)]
pub struct Rekeyed {
    /// The keys of the pair that changed.
    pub updated: Vec<Change>,
    /// The dependent keys that changed with them.
    pub dependents: Vec<Change>,
    /// Dependent keys that should have changed and could not. The client is told their names, and why.
    pub skipped: Vec<Skipped>,
}

/// A dependent key that should have changed with its pair and could not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The key.
    pub id: ObjectId,
    /// Why, as the client reads it before "and therefore not refreshed".
    pub why: &'static str,
}

impl Skipped {
    /// Why a key is skipped of which the scheme gets no material.
    pub const WRAPPED: &'static str = "stored wrapped";

    /// A key that is stored wrapped.
    #[must_use]
    pub fn wrapped(id: ObjectId) -> Self {
        Self { id, why: Self::WRAPPED }
    }
}

/// What a scheme changes of an object that it was given.
#[derive(Debug)]
pub struct Change {
    /// The object.
    pub id: ObjectId,
    /// Its key from now on, with format and length; as before if absent.
    pub key: Option<KeyBlock>,
    /// Attributes that take the place of those of the same name: vendor attributes and those of the scheme's plugin.
    pub attributes: Attributes,
}
