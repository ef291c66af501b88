//! What keys are for, where their attributes do not tell.

use claviger_kmip::tables::enumerations::OperationCode;

use crate::record::KeyFacts;

/// Says which operations keys of some algorithms are for, where one algorithm has several kinds of keys of one object type:
/// a key that issues others, say, and the keys that it issued.
///
/// It is asked about every object that an operation touches, after rights and states. What a key is not for is left out where
/// a selector stands for several objects, and refused where the client names it.
pub trait KeyPurpose: Send + Sync {
    /// Whether a key may be touched by an operation. What only looks at a key, changes its state or hands it out is mostly
    /// allowed.
    fn usable_for(&self, operation: OperationCode, key: &KeyFacts<'_>) -> bool;
}
