//! Making keys.

use claviger_kmip::attributes::Attributes;
use claviger_kmip::objects::KeyBlock;

use super::Cost;
use crate::error::Result;
use crate::random::RandomSource;

/// Makes symmetric keys.
pub trait Generate: Send + Sync {
    /// Makes a key block for a template that holds at least the Cryptographic Algorithm.
    ///
    /// # Errors
    /// Invalid Attribute Value: the length is none of the algorithm's.
    fn generate(&self, template: &Attributes, rng: &mut dyn RandomSource) -> Result<KeyBlock>;
}

/// Makes key pairs.
pub trait GeneratePair: Send + Sync {
    /// What making a pair costs.
    fn cost(&self, templates: PairTemplates<'_>) -> Cost;

    /// Makes a pair for templates that both hold at least the Cryptographic Algorithm. The blocks have the formats that
    /// the templates ask for, or the usual ones of the algorithm. A library may draw on its own generator, seeded by
    /// the operating system.
    ///
    /// # Errors
    /// Invalid Attribute Value: the algorithm has no keys of this length or on this curve. Key Format Type Not
    /// Supported.
    fn generate_pair(&self, templates: PairTemplates<'_>, rng: &mut dyn RandomSource) -> Result<KeyPair>;
}

/// What the client wants of each key of a pair; what it wants of both stands in both.
#[derive(Clone, Copy, Debug)]
pub struct PairTemplates<'a> {
    /// Of the private key.
    pub private: &'a Attributes,
    /// Of the public key.
    pub public: &'a Attributes,
}

/// A new key pair.
#[derive(Debug)]
pub struct KeyPair {
    /// The private key.
    pub private: KeyBlock,
    /// The public key.
    pub public: KeyBlock,
    /// Attributes that both objects have beside those of their templates, in the place of those of the same name. None for
    /// most algorithms.
    pub attributes: Attributes,
}

impl KeyPair {
    /// A pair whose objects have the attributes of their templates and no others.
    pub fn new(private: KeyBlock, public: KeyBlock) -> Self {
        Self { private, public, attributes: Attributes::new() }
    }
}
