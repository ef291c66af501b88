//! The structured attributes as Rust types (KMIP 2.1 section 4).

use crate::field::TtlvValue;
use crate::identifier::UniqueIdentifier;
use crate::structure;
use crate::tables::enumerations::{
    AlternativeNameType, DrbgAlgorithm, Fips186Variation, HashingAlgorithm, KeyFormatType,
    KeyValueLocationType, LinkType, NameType, RecommendedCurve, RevocationReasonCode, RngAlgorithm,
    RotateNameType, UsageLimitsUnit,
};
use crate::ttlv::{ByteString, Value};

structure! {
    /// A name that is unique on the server (section 4.32).
    pub struct Name {
        /// The name.
        value: String = NAME_VALUE,
        /// What kind of name.
        name_type: NameType = NAME_TYPE,
    }
}

structure! {
    /// A name that need not be unique (section 4.2).
    pub struct AlternativeName {
        /// The name.
        value: String = ALTERNATIVE_NAME_VALUE,
        /// What kind of name.
        name_type: AlternativeNameType = ALTERNATIVE_NAME_TYPE,
    }
}

structure! {
    /// The name of a set of rotated objects (section 4.53).
    pub struct RotateName {
        /// The name.
        value: String = ROTATE_NAME_VALUE,
        /// What kind of name.
        name_type: RotateNameType = ROTATE_NAME_TYPE,
    }
}

structure! {
    /// A link to another object (section 4.31).
    pub struct Link {
        /// How the other object relates to this one.
        link_type: LinkType = LINK_TYPE,
        /// The other object.
        linked_object_identifier: UniqueIdentifier = LINKED_OBJECT_IDENTIFIER,
    }
}

structure! {
    /// A digest of the object (section 4.21).
    pub struct Digest {
        /// Which hash.
        hashing_algorithm: HashingAlgorithm = HASHING_ALGORITHM,
        /// The digest; absent if the server has no access to what is digested.
        digest_value: Option<ByteString> = DIGEST_VALUE,
        /// The format of the digested key material; only for keys and secret data.
        key_format_type: Option<KeyFormatType> = KEY_FORMAT_TYPE,
    }
}

structure! {
    /// Data of an application (section 4.4).
    pub struct ApplicationSpecificInformation {
        /// Whose data.
        application_namespace: String = APPLICATION_NAMESPACE,
        /// The data; the server supplies it if the client leaves it out.
        application_data: Option<String> = APPLICATION_DATA,
    }
}

structure! {
    /// Parameters of the group that a key pair belongs to (section 4.14).
    pub struct CryptographicDomainParameters {
        /// Bits of the parameter Q, for DSA and DH.
        qlength: Option<i32> = QLENGTH,
        /// The curve.
        recommended_curve: Option<RecommendedCurve> = RECOMMENDED_CURVE,
    }
}

structure! {
    /// Where a key value is that the server does not have (section 4.27).
    pub struct KeyValueLocation {
        /// The place.
        value: String = KEY_VALUE_LOCATION_VALUE,
        /// How the place is written.
        location_type: KeyValueLocationType = KEY_VALUE_LOCATION_TYPE,
    }
}

structure! {
    /// Why an object was revoked (section 4.47).
    pub struct RevocationReason {
        /// The reason.
        code: RevocationReasonCode = REVOCATION_REASON_CODE,
        /// The reason in words, for logs.
        message: Option<String> = REVOCATION_MESSAGE,
    }
}

structure! {
    /// How much an object may still protect (section 4.59).
    pub struct UsageLimits {
        /// Units over the whole life of the object.
        total: i64 = USAGE_LIMITS_TOTAL,
        /// Units that remain; the server sets it.
        count: Option<i64> = USAGE_LIMITS_COUNT,
        /// What is counted.
        unit: UsageLimitsUnit = USAGE_LIMITS_UNIT,
    }
}

structure! {
    /// How random bytes are made (section 7.32; the Random Number Generator attribute, section 4.46).
    pub struct RngParameters {
        /// The kind of generator.
        rng_algorithm: RngAlgorithm = RNG_ALGORITHM,
        /// Its cipher.
        cryptographic_algorithm: Option<crate::tables::enumerations::CryptographicAlgorithm> = CRYPTOGRAPHIC_ALGORITHM,
        /// The length of the cipher's key in bits.
        cryptographic_length: Option<i32> = CRYPTOGRAPHIC_LENGTH,
        /// Its hash.
        hashing_algorithm: Option<HashingAlgorithm> = HASHING_ALGORITHM,
        /// Its construction.
        drbg_algorithm: Option<DrbgAlgorithm> = DRBG_ALGORITHM,
        /// Its curve.
        recommended_curve: Option<RecommendedCurve> = RECOMMENDED_CURVE,
        /// Which FIPS 186 generator.
        fips186_variation: Option<Fips186Variation> = FIPS186_VARIATION,
        /// Whether fresh entropy goes into each request.
        prediction_resistance: Option<bool> = PREDICTION_RESISTANCE,
    }
}

structure! {
    /// Which X.509 certificate it is (section 4.61).
    pub struct X509CertificateIdentifier {
        /// The issuer, in DER.
        issuer_distinguished_name: ByteString = ISSUER_DISTINGUISHED_NAME,
        /// The serial number.
        certificate_serial_number: ByteString = CERTIFICATE_SERIAL_NUMBER,
    }
}

structure! {
    /// Who issued an X.509 certificate (section 4.62).
    pub struct X509CertificateIssuer {
        /// The issuer, in DER.
        issuer_distinguished_name: ByteString = ISSUER_DISTINGUISHED_NAME,
        /// Another name of the issuer, a General Name in DER.
        issuer_alternative_name: Vec<ByteString> = ISSUER_ALTERNATIVE_NAME,
    }
}

structure! {
    /// Whom an X.509 certificate is for (section 4.63).
    pub struct X509CertificateSubject {
        /// The subject, in DER; empty if the certificate has alternative names alone.
        subject_distinguished_name: ByteString = SUBJECT_DISTINGUISHED_NAME,
        /// Another name of the subject, a General Name in DER.
        subject_alternative_name: Vec<ByteString> = SUBJECT_ALTERNATIVE_NAME,
    }
}

structure! {
    /// Which certificate it is, in text: an attribute of KMIP 1.0, deprecated since 1.1 and gone in 2.0 (KMIP 1.4
    /// section 3.13).
    pub struct CertificateIdentifier {
        /// The issuer.
        issuer: String = ISSUER,
        /// The serial number; required for X.509.
        serial_number: Option<String> = SERIAL_NUMBER,
    }
}

structure! {
    /// Whom a certificate is for, in text: as [`CertificateIdentifier`] (KMIP 1.4 section 3.14).
    pub struct CertificateSubject {
        /// The subject.
        distinguished_name: String = CERTIFICATE_SUBJECT_DISTINGUISHED_NAME,
        /// Another name of the subject.
        alternative_name: Vec<String> = CERTIFICATE_SUBJECT_ALTERNATIVE_NAME,
    }
}

structure! {
    /// Who issued a certificate, in text: as [`CertificateIdentifier`] (KMIP 1.4 section 3.15).
    pub struct CertificateIssuer {
        /// The issuer.
        distinguished_name: String = CERTIFICATE_ISSUER_DISTINGUISHED_NAME,
        /// Another name of the issuer.
        alternative_name: Vec<String> = CERTIFICATE_ISSUER_ALTERNATIVE_NAME,
    }
}

structure! {
    /// An attribute of a vendor (section 4.60).
    pub struct VendorAttribute {
        /// Whose attribute: letters, digits, underscore and period.
        vendor_identification: String = VENDOR_IDENTIFICATION,
        /// Its name.
        attribute_name: String = ATTRIBUTE_NAME,
        /// Its value.
        attribute_value: Value = ATTRIBUTE_VALUE,
    }
}

impl VendorAttribute {
    /// The value of a `Tag::ATTRIBUTE` item for this vendor and name.
    pub fn value_of(vendor: &str, name: &str, value: Value) -> Value {
        Self { vendor_identification: vendor.into(), attribute_name: name.into(), attribute_value: value }
            .into_value()
    }
}
