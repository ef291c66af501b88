//! The curves, and how KMIP names them.

use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, RecommendedCurve};
use der::asn1::ObjectIdentifier;
use openssl::nid::Nid;
use openssl::pkey::Id;

/// The algorithms of keys on these curves.
pub(crate) const ALGORITHMS: &[CryptographicAlgorithm] = &[
    CryptographicAlgorithm::EC,
    CryptographicAlgorithm::ECDSA,
    CryptographicAlgorithm::ECDH,
    CryptographicAlgorithm::ECMQV,
    CryptographicAlgorithm::ED25519,
    CryptographicAlgorithm::ED448,
];

/// Edwards curves in the vendor range, as clients of the REST family name them. KMIP has one name for both curves of a
/// pair, which tells them apart only in a key whose algorithm is Ed25519 or Ed448.
pub(crate) const CURVE_ED25519: RecommendedCurve = RecommendedCurve(0x8000_0001);
/// See [`CURVE_ED25519`].
pub(crate) const CURVE_ED448: RecommendedCurve = RecommendedCurve(0x8000_0002);

/// What kind of arithmetic a curve has, and the name by which OpenSSL knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Points of SEC 1, for signatures and agreement. All have cofactor 1: a point on the curve other than infinity
    /// is a public key.
    Weierstrass(Nid),
    /// X coordinates of RFC 7748, for agreement alone.
    Montgomery(Id),
    /// Points of RFC 8032, for signatures alone.
    Edwards(Id),
}

struct Facts {
    name: &'static str,
    recommended: RecommendedCurve,
    bits: i32,
    size: usize,
    oid: ObjectIdentifier,
    form: Form,
}

macro_rules! curves {
    ($($curve:ident = $name:literal, $recommended:expr, $bits:literal, $size:literal, $oid:literal, $form:expr;)*) => {
        /// A curve.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Curve { $($curve),* }

        impl Curve {
            /// All of them. Of two with the same length, the usual one comes first.
            pub(crate) const ALL: &[Self] = &[$(Self::$curve),*];

            fn facts(self) -> &'static Facts {
                match self {
                    $(Self::$curve => {
                        const FACTS: Facts = Facts {
                            name: $name,
                            recommended: $recommended,
                            bits: $bits,
                            size: $size,
                            oid: ObjectIdentifier::new_unwrap($oid),
                            form: $form,
                        };
                        &FACTS
                    })*
                }
            }
        }
    };
}

// Object identifiers: RFC 5480 section 2.1.1.1, SEC 2 appendix A.2, RFC 5639 section 4.1, RFC 8410 section 3.
curves! {
    P192 = "P-192", RecommendedCurve::P_192, 192, 24, "1.2.840.10045.3.1.1", Form::Weierstrass(Nid::X9_62_PRIME192V1);
    P224 = "P-224", RecommendedCurve::P_224, 224, 28, "1.3.132.0.33", Form::Weierstrass(Nid::SECP224R1);
    P256 = "P-256", RecommendedCurve::P_256, 256, 32, "1.2.840.10045.3.1.7", Form::Weierstrass(Nid::X9_62_PRIME256V1);
    P384 = "P-384", RecommendedCurve::P_384, 384, 48, "1.3.132.0.34", Form::Weierstrass(Nid::SECP384R1);
    P521 = "P-521", RecommendedCurve::P_521, 521, 66, "1.3.132.0.35", Form::Weierstrass(Nid::SECP521R1);
    Secp256k1 = "secp256k1", RecommendedCurve::SECP256K1, 256, 32, "1.3.132.0.10", Form::Weierstrass(Nid::SECP256K1);
    BrainpoolP192r1 = "brainpoolP192r1", RecommendedCurve::BRAINPOOLP192R1, 192, 24, "1.3.36.3.3.2.8.1.1.3", Form::Weierstrass(Nid::BRAINPOOL_P192R1);
    BrainpoolP224r1 = "brainpoolP224r1", RecommendedCurve::BRAINPOOLP224R1, 224, 28, "1.3.36.3.3.2.8.1.1.5", Form::Weierstrass(Nid::BRAINPOOL_P224R1);
    BrainpoolP256r1 = "brainpoolP256r1", RecommendedCurve::BRAINPOOLP256R1, 256, 32, "1.3.36.3.3.2.8.1.1.7", Form::Weierstrass(Nid::BRAINPOOL_P256R1);
    BrainpoolP320r1 = "brainpoolP320r1", RecommendedCurve::BRAINPOOLP320R1, 320, 40, "1.3.36.3.3.2.8.1.1.9", Form::Weierstrass(Nid::BRAINPOOL_P320R1);
    BrainpoolP384r1 = "brainpoolP384r1", RecommendedCurve::BRAINPOOLP384R1, 384, 48, "1.3.36.3.3.2.8.1.1.11", Form::Weierstrass(Nid::BRAINPOOL_P384R1);
    BrainpoolP512r1 = "brainpoolP512r1", RecommendedCurve::BRAINPOOLP512R1, 512, 64, "1.3.36.3.3.2.8.1.1.13", Form::Weierstrass(Nid::BRAINPOOL_P512R1);
    X25519 = "X25519", RecommendedCurve::CURVE25519, 256, 32, "1.3.101.110", Form::Montgomery(Id::X25519);
    X448 = "X448", RecommendedCurve::CURVE448, 448, 56, "1.3.101.111", Form::Montgomery(Id::X448);
    Ed25519 = "Ed25519", CURVE_ED25519, 256, 32, "1.3.101.112", Form::Edwards(Id::ED25519);
    Ed448 = "Ed448", CURVE_ED448, 448, 57, "1.3.101.113", Form::Edwards(Id::ED448);
}

impl Curve {
    /// Its name, for errors.
    pub(crate) fn name(self) -> &'static str {
        self.facts().name
    }

    /// The Cryptographic Length of its keys in bits.
    pub(crate) fn bits(self) -> i32 {
        self.facts().bits
    }

    /// The bytes of a private key, and of a coordinate or public key.
    pub(crate) fn size(self) -> usize {
        self.facts().size
    }

    /// What kind of arithmetic it has.
    pub(crate) fn form(self) -> Form {
        self.facts().form
    }

    /// Its object identifier: of the curve if it has Weierstrass form, of the algorithm otherwise.
    pub(crate) fn oid(self) -> ObjectIdentifier {
        self.facts().oid
    }

    /// The curve with this object identifier.
    pub(crate) fn of_oid(oid: ObjectIdentifier) -> Option<Self> {
        Self::ALL.iter().copied().find(|curve| curve.oid() == oid)
    }

    /// The curve that KMIP names so in a key of this algorithm.
    pub(crate) fn named(algorithm: CryptographicAlgorithm, name: RecommendedCurve) -> Option<Self> {
        match (algorithm, name) {
            (CryptographicAlgorithm::ED25519, RecommendedCurve::CURVE25519) => Some(Self::Ed25519),
            (CryptographicAlgorithm::ED448, RecommendedCurve::CURVE448) => Some(Self::Ed448),
            _ => {
                let named = |curve: &Self| curve.facts().recommended == name && curve.serves(algorithm);
                Self::ALL.iter().copied().find(named)
            }
        }
    }

    /// The usual curve for keys of this algorithm and length; without a length, the usual one of all.
    pub(crate) fn usual(algorithm: CryptographicAlgorithm, bits: Option<i32>) -> Option<Self> {
        let bits = bits.unwrap_or(if algorithm == CryptographicAlgorithm::ED448 { 448 } else { 256 });
        Self::ALL.iter().copied().find(|curve| curve.bits() == bits && curve.serves(algorithm))
    }

    /// Whether there are keys of this algorithm on the curve.
    pub(crate) fn serves(self, algorithm: CryptographicAlgorithm) -> bool {
        match algorithm {
            CryptographicAlgorithm::ED25519 => self == Self::Ed25519,
            CryptographicAlgorithm::ED448 => self == Self::Ed448,
            _ => ALGORITHMS.contains(&algorithm),
        }
    }

    /// The algorithm of a key on the curve that tells no other.
    pub(crate) fn algorithm(self) -> CryptographicAlgorithm {
        match self {
            Self::Ed25519 => CryptographicAlgorithm::ED25519,
            Self::Ed448 => CryptographicAlgorithm::ED448,
            _ => CryptographicAlgorithm::EC,
        }
    }

    /// How KMIP names the curve in a key of this algorithm.
    pub(crate) fn recommended(self, algorithm: CryptographicAlgorithm) -> RecommendedCurve {
        match algorithm {
            CryptographicAlgorithm::ED25519 => RecommendedCurve::CURVE25519,
            CryptographicAlgorithm::ED448 => RecommendedCurve::CURVE448,
            _ => self.facts().recommended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_curve_is_found_by_each_of_its_names() {
        for curve in Curve::ALL.iter().copied() {
            assert_eq!(Curve::of_oid(curve.oid()), Some(curve));
            for algorithm in ALGORITHMS.iter().copied().filter(|algorithm| curve.serves(*algorithm)) {
                assert_eq!(Curve::named(algorithm, curve.recommended(algorithm)), Some(curve));
            }
            assert!(curve.serves(curve.algorithm()));
        }
    }

    /// OpenSSL knows each curve by the same object identifier.
    #[test]
    fn object_identifiers_are_those_of_openssl() {
        for curve in Curve::ALL {
            let object = openssl::asn1::Asn1Object::from_str(&curve.oid().to_string()).unwrap();
            match curve.form() {
                Form::Weierstrass(nid) => assert_eq!(object.nid(), nid, "{}", curve.name()),
                Form::Montgomery(id) | Form::Edwards(id) => assert_eq!(object.nid().as_raw(), id.as_raw()),
            }
        }
    }

    #[test]
    fn the_algorithm_tells_the_curves_of_a_pair_apart() {
        let named = |algorithm| Curve::named(algorithm, RecommendedCurve::CURVE25519);
        assert_eq!(named(CryptographicAlgorithm::ED25519), Some(Curve::Ed25519));
        assert_eq!(named(CryptographicAlgorithm::EC), Some(Curve::X25519));
        assert_eq!(named(CryptographicAlgorithm::RSA), None);
        assert_eq!(Curve::named(CryptographicAlgorithm::ECDH, CURVE_ED448), Some(Curve::Ed448));
        assert_eq!(Curve::named(CryptographicAlgorithm::ED25519, RecommendedCurve::P_256), None);
    }

    #[test]
    fn a_length_alone_means_a_curve_of_the_nist() {
        for (bits, curve) in [(192, Curve::P192), (256, Curve::P256), (521, Curve::P521), (448, Curve::X448)]
        {
            assert_eq!(Curve::usual(CryptographicAlgorithm::ECDSA, Some(bits)), Some(curve));
        }
        assert_eq!(Curve::usual(CryptographicAlgorithm::EC, None), Some(Curve::P256));
        assert_eq!(Curve::usual(CryptographicAlgorithm::ED448, None), Some(Curve::Ed448));
        assert_eq!(Curve::usual(CryptographicAlgorithm::EC, Some(255)), None);
    }
}
