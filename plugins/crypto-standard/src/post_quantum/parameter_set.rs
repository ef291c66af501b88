//! The parameter sets of ML-KEM and ML-DSA.

use aws_lc_rs::kem;
use aws_lc_rs::signature::{
    self, ML_DSA_44_SIGNING, ML_DSA_65_SIGNING, ML_DSA_87_SIGNING, PqdsaSigningAlgorithm,
    PqdsaVerificationAlgorithm,
};
use claviger_plugin_sdk::kmip::tables::enumerations::CryptographicAlgorithm;
use der::asn1::ObjectIdentifier;

use super::ml_kem_keys::{self, Expand, Inspect};

// The numbers of KMIP 3.0 in the vendor range.

/// ML-KEM-512, a key encapsulation mechanism of security category 1.
pub(crate) const ML_KEM_512: CryptographicAlgorithm = CryptographicAlgorithm(0x8000_0039);
/// ML-KEM-768, a key encapsulation mechanism of security category 3.
pub(crate) const ML_KEM_768: CryptographicAlgorithm = CryptographicAlgorithm(0x8000_003A);
/// ML-KEM-1024, a key encapsulation mechanism of security category 5.
pub(crate) const ML_KEM_1024: CryptographicAlgorithm = CryptographicAlgorithm(0x8000_003B);
/// ML-DSA-44, a signature algorithm of security category 2.
pub(crate) const ML_DSA_44: CryptographicAlgorithm = CryptographicAlgorithm(0x8000_003C);
/// ML-DSA-65, a signature algorithm of security category 3.
pub(crate) const ML_DSA_65: CryptographicAlgorithm = CryptographicAlgorithm(0x8000_003D);
/// ML-DSA-87, a signature algorithm of security category 5.
pub(crate) const ML_DSA_87: CryptographicAlgorithm = CryptographicAlgorithm(0x8000_003E);

/// The algorithms of the family.
pub(super) const ALGORITHMS: &[CryptographicAlgorithm] =
    &[ML_KEM_512, ML_KEM_768, ML_KEM_1024, ML_DSA_44, ML_DSA_65, ML_DSA_87];
/// Those that encapsulate.
pub(super) const MECHANISMS: &[CryptographicAlgorithm] = &[ML_KEM_512, ML_KEM_768, ML_KEM_1024];
/// Those that sign.
pub(super) const SIGNATURES: &[CryptographicAlgorithm] = &[ML_DSA_44, ML_DSA_65, ML_DSA_87];

/// A parameter set. Sizes are in bytes.
pub(super) struct ParameterSet {
    pub(super) algorithm: CryptographicAlgorithm,
    /// The name, for errors.
    pub(super) name: &'static str,
    pub(super) oid: ObjectIdentifier,
    pub(super) seed: usize,
    /// Of a private key without its seed.
    pub(super) expanded: usize,
    pub(super) public: usize,
    pub(super) kind: Kind,
}

/// What the algorithm does, and the libraries' names for it.
pub(super) enum Kind {
    Mechanism { algorithm: &'static kem::Algorithm, expand: Expand, inspect: Inspect },
    Signature { signing: &'static PqdsaSigningAlgorithm, verifying: &'static PqdsaVerificationAlgorithm },
}

impl ParameterSet {
    /// The set of an algorithm.
    pub(super) fn of(algorithm: CryptographicAlgorithm) -> Option<&'static Self> {
        SETS.iter().find(|set| set.algorithm == algorithm)
    }

    /// The set with an object identifier.
    pub(super) fn of_oid(oid: ObjectIdentifier) -> Option<&'static Self> {
        SETS.iter().find(|set| set.oid == oid)
    }

    /// The Cryptographic Length of its keys in bits.
    pub(super) fn bits(&self) -> i32 {
        i32::try_from(self.public * 8).unwrap_or(i32::MAX)
    }
}

/// The set that the hybrid is made of.
pub(super) static ML_KEM_768_SET: &ParameterSet = &ML_KEM_768_PARAMETERS;

const ML_KEM_768_PARAMETERS: ParameterSet = ParameterSet {
    algorithm: ML_KEM_768,
    name: "ML-KEM-768",
    oid: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.2"),
    seed: 64,
    expanded: 2400,
    public: 1184,
    kind: Kind::Mechanism {
        algorithm: &kem::ML_KEM_768,
        expand: ml_kem_keys::expand_768,
        inspect: ml_kem_keys::inspect_768,
    },
};

static SETS: &[ParameterSet] = &[
    ParameterSet {
        algorithm: ML_KEM_512,
        name: "ML-KEM-512",
        oid: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.1"),
        seed: 64,
        expanded: 1632,
        public: 800,
        kind: Kind::Mechanism {
            algorithm: &kem::ML_KEM_512,
            expand: ml_kem_keys::expand_512,
            inspect: ml_kem_keys::inspect_512,
        },
    },
    ML_KEM_768_PARAMETERS,
    ParameterSet {
        algorithm: ML_KEM_1024,
        name: "ML-KEM-1024",
        oid: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.3"),
        seed: 64,
        expanded: 3168,
        public: 1568,
        kind: Kind::Mechanism {
            algorithm: &kem::ML_KEM_1024,
            expand: ml_kem_keys::expand_1024,
            inspect: ml_kem_keys::inspect_1024,
        },
    },
    ParameterSet {
        algorithm: ML_DSA_44,
        name: "ML-DSA-44",
        oid: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17"),
        seed: 32,
        expanded: 2560,
        public: 1312,
        kind: Kind::Signature { signing: &ML_DSA_44_SIGNING, verifying: &signature::ML_DSA_44 },
    },
    ParameterSet {
        algorithm: ML_DSA_65,
        name: "ML-DSA-65",
        oid: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18"),
        seed: 32,
        expanded: 4032,
        public: 1952,
        kind: Kind::Signature { signing: &ML_DSA_65_SIGNING, verifying: &signature::ML_DSA_65 },
    },
    ParameterSet {
        algorithm: ML_DSA_87,
        name: "ML-DSA-87",
        oid: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19"),
        seed: 32,
        expanded: 4896,
        public: 2592,
        kind: Kind::Signature { signing: &ML_DSA_87_SIGNING, verifying: &signature::ML_DSA_87 },
    },
];
