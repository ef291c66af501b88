//! Schemes: what one algorithm can do.
//!
//! A scheme is synchronous and pure. It claims keys and parameters; the engine asks the registry for the scheme
//! that claims a key and never matches on an algorithm itself. Parsed keys are cached by the engine. Each capability
//! is a small trait in a file of its own.

mod certificates;
mod cipher;
mod container;
mod derive;
mod digest;
mod encapsulate;
mod formats;
mod generate;
mod mac;
mod purpose;
mod related;
mod sign;
mod split;
mod wrap;

use std::fmt;
use std::sync::Arc;

use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::tables::enumerations::{
    CertificateType, CryptographicAlgorithm, DerivationMethod, SplitKeyMethod,
};

use crate::record::KeyFacts;

pub use certificates::{
    CertificateDescription, CertificateDraft, CertificatePlan, CertificateScheme, ChainQuestion,
    RequestDescription, RevocationList, Verdict,
};
pub use cipher::{CipherInput, CipherKey, CipherScheme, CipherStream, Encrypted};
pub use container::{ContainerScheme, Contents};
pub use derive::{BaseKey, DeriveInput, DeriveScheme};
pub use digest::{DigestScheme, DigestStream};
pub use encapsulate::{EncapsulateKey, EncapsulateScheme, Encapsulated};
pub use formats::{Encoding, Formats, KeyDescription};
pub use generate::{Generate, GeneratePair, KeyPair, PairTemplates};
pub use mac::{MacKey, MacScheme, MacStream};
pub use purpose::KeyPurpose;
pub use related::{
    Change, Concerned, GenerateFrom, Input, Produced, Rekey, RekeySources, Rekeyed, Skipped, Source,
};
pub use sign::{SignInput, SignKey, SignScheme, SignStream};
pub use split::{Share, SplitPlan, SplitScheme};
pub use wrap::{WrapKey, WrapScheme, Wrapped};

/// What a scheme may be able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Capability {
    /// Make symmetric keys.
    Generate,
    /// Make key pairs.
    GeneratePair,
    /// Make keys from keys that are there.
    GenerateFrom,
    /// Change key pairs in their place.
    Rekey,
    /// Encrypt and decrypt.
    Cipher,
    /// Wrap and unwrap keys.
    Wrap,
    /// Make and verify MACs.
    Mac,
    /// Make and verify signatures.
    Sign,
    /// Encapsulate and decapsulate shared secrets.
    Encapsulate,
    /// Hash.
    Digest,
    /// Derive keys by a method.
    Derive(DerivationMethod),
    /// Split and join keys by a method.
    Split(SplitKeyMethod),
    /// Read and write encodings of keys.
    Formats,
    /// Read, make and judge certificates of a type.
    Certificates(CertificateType),
    /// Put keys and certificates into containers and take them out.
    Container,
    /// Say what keys are for.
    Purpose,
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Generate => "make keys",
            Self::GeneratePair => "make key pairs",
            Self::GenerateFrom => "make keys from others",
            Self::Rekey => "change key pairs in their place",
            Self::Cipher => "encrypt or decrypt",
            Self::Wrap => "wrap keys",
            Self::Mac => "make MACs",
            Self::Sign => "sign or verify",
            Self::Encapsulate => "encapsulate secrets",
            Self::Digest => "hash",
            Self::Derive(_) => "derive keys by this method",
            Self::Split(_) => "split keys by this method",
            Self::Formats => "convert keys",
            Self::Certificates(_) => "read or make certificates of this type",
            Self::Container => "make or open containers of this format",
            Self::Purpose => "tell what keys are for",
        })
    }
}

/// A scheme for one capability of some algorithms.
pub struct SchemeEntry {
    /// Its name, for reports: `AES-GCM`.
    pub name: &'static str,
    /// The algorithms of the keys it works on. Empty for a scheme that works on any key or on none: a hash function,
    /// a way to split.
    pub algorithms: &'static [CryptographicAlgorithm],
    /// Whether it is the one for a key with these parameters. Claims of one algorithm and capability never overlap.
    pub claims: fn(&KeyFacts<'_>, &CryptographicParameters) -> bool,
    /// How it works where it is asked for with these parameters, which it claims: with what they leave out filled in, and
    /// under the names that KMIP has for it. The operator's policy judges this and not what the client says, so whatever
    /// mode, padding, hash function or signature algorithm the scheme will use belongs into it. Where the parameters
    /// contradict each other, it may leave them as they are: the scheme refuses them. [`SchemeEntry::as_asked`] for a
    /// scheme that adds nothing.
    pub effective: fn(&KeyFacts<'_>, &CryptographicParameters) -> CryptographicParameters,
    /// What it does.
    pub scheme: Scheme,
}

impl SchemeEntry {
    /// For [`SchemeEntry::effective`]: the parameters themselves.
    pub fn as_asked(_: &KeyFacts<'_>, parameters: &CryptographicParameters) -> CryptographicParameters {
        parameters.clone()
    }

    /// Whether it has the capability and works on keys of this algorithm.
    pub fn serves(&self, capability: Capability, key: &KeyFacts<'_>) -> bool {
        self.scheme.capability() == capability
            && (self.algorithms.is_empty()
                || key.algorithm.is_some_and(|algorithm| self.algorithms.contains(&algorithm)))
    }
}

/// The implementation of a capability.
#[derive(Clone, Copy)]
pub enum Scheme {
    /// See [`Generate`].
    Generate(&'static dyn Generate),
    /// See [`GeneratePair`].
    GeneratePair(&'static dyn GeneratePair),
    /// See [`GenerateFrom`].
    GenerateFrom(&'static dyn GenerateFrom),
    /// See [`Rekey`].
    Rekey(&'static dyn Rekey),
    /// See [`CipherScheme`].
    Cipher(&'static dyn CipherScheme),
    /// See [`WrapScheme`].
    Wrap(&'static dyn WrapScheme),
    /// See [`MacScheme`].
    Mac(&'static dyn MacScheme),
    /// See [`SignScheme`].
    Sign(&'static dyn SignScheme),
    /// See [`EncapsulateScheme`].
    Encapsulate(&'static dyn EncapsulateScheme),
    /// See [`DigestScheme`].
    Digest(&'static dyn DigestScheme),
    /// See [`DeriveScheme`].
    Derive(DerivationMethod, &'static dyn DeriveScheme),
    /// See [`SplitScheme`].
    Split(SplitKeyMethod, &'static dyn SplitScheme),
    /// See [`Formats`].
    Formats(&'static dyn Formats),
    /// See [`CertificateScheme`].
    Certificates(CertificateType, &'static dyn CertificateScheme),
    /// See [`ContainerScheme`].
    Container(&'static dyn ContainerScheme),
    /// See [`KeyPurpose`].
    Purpose(&'static dyn KeyPurpose),
}

impl Scheme {
    /// Which capability this is.
    pub fn capability(&self) -> Capability {
        match self {
            Self::Generate(_) => Capability::Generate,
            Self::GeneratePair(_) => Capability::GeneratePair,
            Self::GenerateFrom(_) => Capability::GenerateFrom,
            Self::Rekey(_) => Capability::Rekey,
            Self::Cipher(_) => Capability::Cipher,
            Self::Wrap(_) => Capability::Wrap,
            Self::Mac(_) => Capability::Mac,
            Self::Sign(_) => Capability::Sign,
            Self::Encapsulate(_) => Capability::Encapsulate,
            Self::Digest(_) => Capability::Digest,
            Self::Derive(method, _) => Capability::Derive(*method),
            Self::Split(method, _) => Capability::Split(*method),
            Self::Formats(_) => Capability::Formats,
            Self::Certificates(kind, _) => Capability::Certificates(*kind),
            Self::Container(_) => Capability::Container,
            Self::Purpose(_) => Capability::Purpose,
        }
    }
}

/// What a piece of cryptographic work costs, which decides where it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// Below about a millisecond: it runs where it is asked for.
    Light,
    /// More: it runs on the bounded pool of heavy work, so that it delays nobody else.
    Heavy,
}

/// A parsed key, ready for one capability. Cheap to clone.
#[derive(Clone)]
pub enum PreparedKey {
    /// For [`Capability::Cipher`].
    Cipher(Arc<dyn CipherKey>),
    /// For [`Capability::Wrap`].
    Wrap(Arc<dyn WrapKey>),
    /// For [`Capability::Mac`].
    Mac(Arc<dyn MacKey>),
    /// For [`Capability::Sign`].
    Sign(Arc<dyn SignKey>),
    /// For [`Capability::Encapsulate`].
    Encapsulate(Arc<dyn EncapsulateKey>),
}

/// Registers a scheme at link time. The argument is a `SchemeEntry` constant expression.
#[macro_export]
macro_rules! register_scheme {
    ($entry:expr) => {
        $crate::inventory::submit! {
            $crate::plugin::Entry::new(
                env!("CARGO_PKG_NAME"),
                $crate::plugin::EntryKind::Scheme({
                    static ENTRY: $crate::scheme::SchemeEntry = $entry;
                    &ENTRY
                }),
            )
        }
    };
}
