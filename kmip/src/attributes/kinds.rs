//! The attributes that the server's own code reads and writes, as types: `attributes.one::<kinds::State>()`.

use crate::field::{DateTime, Interval, TtlvValue};
use crate::identifier::UniqueIdentifier as Identifier;
use crate::objects;
use crate::tables::enumerations;
use crate::ttlv::{ByteString, Tag};

use super::structures;

/// A kind of attribute: its tag and the type of its values.
pub trait AttributeType {
    /// The attribute's tag.
    const TAG: Tag;
    /// The type of its values.
    type Value: TtlvValue;
}

macro_rules! kinds {
    ($($kind:ident = $tag:ident: $value:ty;)*) => {$(
        #[doc = concat!("The attribute `Tag::", stringify!($tag), "`.")]
        #[derive(Clone, Copy, Debug)]
        pub enum $kind {}

        impl AttributeType for $kind {
            const TAG: Tag = Tag::$tag;
            type Value = $value;
        }
    )*};
}

kinds! {
    ActivationDate = ACTIVATION_DATE: DateTime;
    AlternativeName = ALTERNATIVE_NAME: structures::AlternativeName;
    AlwaysSensitive = ALWAYS_SENSITIVE: bool;
    ApplicationSpecificInformation = APPLICATION_SPECIFIC_INFORMATION: structures::ApplicationSpecificInformation;
    ArchiveDate = ARCHIVE_DATE: DateTime;
    CertificateIdentifier = CERTIFICATE_IDENTIFIER: structures::CertificateIdentifier;
    CertificateIssuer = CERTIFICATE_ISSUER: structures::CertificateIssuer;
    CertificateLength = CERTIFICATE_LENGTH: i32;
    CertificateSubject = CERTIFICATE_SUBJECT: structures::CertificateSubject;
    CertificateType = CERTIFICATE_TYPE: enumerations::CertificateType;
    Comment = COMMENT: String;
    CompromiseDate = COMPROMISE_DATE: DateTime;
    CompromiseOccurrenceDate = COMPROMISE_OCCURRENCE_DATE: DateTime;
    ContactInformation = CONTACT_INFORMATION: String;
    CryptographicAlgorithm = CRYPTOGRAPHIC_ALGORITHM: enumerations::CryptographicAlgorithm;
    CryptographicDomainParameters = CRYPTOGRAPHIC_DOMAIN_PARAMETERS: structures::CryptographicDomainParameters;
    CryptographicLength = CRYPTOGRAPHIC_LENGTH: i32;
    CryptographicParameters = CRYPTOGRAPHIC_PARAMETERS: objects::CryptographicParameters;
    CryptographicUsageMask = CRYPTOGRAPHIC_USAGE_MASK: i32;
    DeactivationDate = DEACTIVATION_DATE: DateTime;
    Description = DESCRIPTION: String;
    DestroyDate = DESTROY_DATE: DateTime;
    Digest = DIGEST: structures::Digest;
    DigitalSignatureAlgorithm = DIGITAL_SIGNATURE_ALGORITHM: enumerations::DigitalSignatureAlgorithm;
    Extractable = EXTRACTABLE: bool;
    Fresh = FRESH: bool;
    InitialDate = INITIAL_DATE: DateTime;
    KeyFormatType = KEY_FORMAT_TYPE: enumerations::KeyFormatType;
    KeyValueLocation = KEY_VALUE_LOCATION: structures::KeyValueLocation;
    KeyValuePresent = KEY_VALUE_PRESENT: bool;
    LastChangeDate = LAST_CHANGE_DATE: DateTime;
    LeaseTime = LEASE_TIME: Interval;
    Link = LINK: structures::Link;
    Name = NAME: structures::Name;
    NeverExtractable = NEVER_EXTRACTABLE: bool;
    ObjectGroup = OBJECT_GROUP: String;
    ObjectType = OBJECT_TYPE: enumerations::ObjectType;
    OpaqueDataType = OPAQUE_DATA_TYPE: enumerations::OpaqueDataType;
    OriginalCreationDate = ORIGINAL_CREATION_DATE: DateTime;
    ProcessStartDate = PROCESS_START_DATE: DateTime;
    ProtectStopDate = PROTECT_STOP_DATE: DateTime;
    ProtectionLevel = PROTECTION_LEVEL: enumerations::ProtectionLevel;
    ProtectionPeriod = PROTECTION_PERIOD: Interval;
    ProtectionStorageMask = PROTECTION_STORAGE_MASK: i32;
    QuantumSafe = QUANTUM_SAFE: bool;
    RandomNumberGenerator = RANDOM_NUMBER_GENERATOR: structures::RngParameters;
    RevocationReason = REVOCATION_REASON: structures::RevocationReason;
    RotateAutomatic = ROTATE_AUTOMATIC: bool;
    RotateDate = ROTATE_DATE: DateTime;
    RotateGeneration = ROTATE_GENERATION: i32;
    RotateInterval = ROTATE_INTERVAL: Interval;
    RotateLatest = ROTATE_LATEST: bool;
    RotateName = ROTATE_NAME: structures::RotateName;
    RotateOffset = ROTATE_OFFSET: Interval;
    Sensitive = SENSITIVE: bool;
    ShortUniqueIdentifier = SHORT_UNIQUE_IDENTIFIER: ByteString;
    State = STATE: enumerations::State;
    UniqueIdentifier = UNIQUE_IDENTIFIER: Identifier;
    UsageLimits = USAGE_LIMITS: structures::UsageLimits;
    VendorAttribute = ATTRIBUTE: structures::VendorAttribute;
    X509CertificateIdentifier = X_509_CERTIFICATE_IDENTIFIER: structures::X509CertificateIdentifier;
    X509CertificateIssuer = X_509_CERTIFICATE_ISSUER: structures::X509CertificateIssuer;
    X509CertificateSubject = X_509_CERTIFICATE_SUBJECT: structures::X509CertificateSubject;
}
