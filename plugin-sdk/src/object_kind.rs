//! Object kinds: what one object type demands of its objects.

use claviger_kmip::attributes::Attributes;
use claviger_kmip::objects::{KeyBlock, ManagedObject};
use claviger_kmip::tables::enumerations::{KeyFormatType, ObjectType};

use crate::error::Result;
use crate::plugin::Catalogue;
use crate::record::KeyFacts;
use crate::scheme::{Cost, Encoding};

/// The rules of one object type.
pub trait ObjectKind: Send + Sync {
    /// The type.
    fn object_type(&self) -> ObjectType;

    /// Checks a template from which an object of this type is to be created.
    ///
    /// # Errors
    /// Invalid Attribute Value or Missing Data: an attribute is wrong or lacks.
    fn check_template(&self, attributes: &Attributes) -> Result<()>;

    /// Checks an object that comes from outside, with the attributes that go with it, and completes the attributes
    /// from the object (algorithm, length, format).
    ///
    /// # Errors
    /// Invalid Object Type, Invalid Field: object and attributes contradict one another.
    fn check_object(
        &self,
        catalogue: &dyn Catalogue,
        object: &ManagedObject,
        attributes: &mut Attributes,
    ) -> Result<()>;

    /// What checking such an object or converting its key costs.
    fn cost(&self, catalogue: &dyn Catalogue, object: &ManagedObject) -> Cost;

    /// The formats in which a key may be asked for; the first is the default. Empty when the type has no key, or no
    /// scheme knows the encodings of its algorithm.
    fn formats(&self, catalogue: &dyn Catalogue, key: &KeyFacts<'_>) -> &'static [KeyFormatType];

    /// Brings a key of this type, whose object has these attributes, into another of its encodings.
    ///
    /// # Errors
    /// Key Format Type Not Supported, Key Compression Type Not Supported: the key has no such encoding. Key Value Not Present: the key is wrapped or absent.
    fn convert(
        &self,
        catalogue: &dyn Catalogue,
        block: &mut KeyBlock,
        attributes: &Attributes,
        to: Encoding,
    ) -> Result<()>;

    /// The bytes over which the Digest attribute is computed; `None` when there are none to be had.
    fn digest_input(&self, object: &ManagedObject) -> Option<claviger_kmip::ByteString>;
}

/// Registers an object kind at link time.
#[macro_export]
macro_rules! register_object_kind {
    ($kind:expr) => {
        $crate::inventory::submit! {
            $crate::plugin::Entry::new(
                env!("CARGO_PKG_NAME"),
                $crate::plugin::EntryKind::ObjectKind(&$kind),
            )
        }
    };
}
