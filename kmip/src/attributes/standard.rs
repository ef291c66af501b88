//! The rows of the standard's attributes: KMIP 2.1 section 4, with the versions and the dropped attributes from
//! KMIP 1.4 section 3 and the re-key columns from KMIP 2.1 tables 304 and 309.

use super::rule::{
    AttributeRule, ClientMay, FieldRule, Need, ObjectTypes, Occurs, OnRekey, Presence, Shape, Source,
    Visibility,
};
use crate::tables::enumerations::{ObjectType, OperationCode};
use crate::ttlv::{ItemType, Tag};
use crate::version::ProtocolVersion;

macro_rules! rows {
    ($($tag:ident, $name:literal, $shape:ident, $occurs:ident, $presence:ident, $source:ident, $modify:ident,
       $delete:ident, $rekey:ident, $since:ident $(..= $until:ident)?, $objects:ident, $implicit:ident;)*) => {
        /// The attributes of KMIP 1.0 to 2.1.
        pub(super) const STANDARD: &[AttributeRule] = &[$(
            AttributeRule {
                tag: Tag::$tag,
                name: $name,
                shape: $shape,
                occurs: Occurs::$occurs,
                presence: Presence::$presence,
                source: Source::$source,
                modify: ClientMay::$modify,
                delete: ClientMay::$delete,
                rekey: OnRekey::$rekey,
                since: ProtocolVersion::$since,
                until: rows!(@until $($until)?),
                objects: $objects,
                implicit: $implicit,
                visibility: Visibility::Wire,
            },
        )*];
    };
    (@until) => { None };
    (@until $until:ident) => { Some(ProtocolVersion::$until) };
}

rows! {
    // tag                             name in 1.x                          shape                     occurs  presence  source    client modifies  client deletes  re-key    versions    objects       set implicitly by
    UNIQUE_IDENTIFIER,                 "Unique Identifier",                 IDENTIFIER,               Once,   Always,   Proposed, Never,           Never,          Anew,     V1_0,       ALL,          MAKING;
    NAME,                              "Name",                              NAME,                     Many,   Maybe,    Client,   Always,          Always,         Moved,    V1_0,       ALL,          REPLACING;
    OBJECT_TYPE,                       "Object Type",                       ENUMERATION,              Once,   Always,   Proposed, Never,           Never,          Copied,   V1_0,       ALL,          MAKING;
    CRYPTOGRAPHIC_ALGORITHM,           "Cryptographic Algorithm",           ENUMERATION,              Once,   Maybe,    Proposed, Never,           Never,          Copied,   V1_0,       ALL,          MAKING;
    CRYPTOGRAPHIC_LENGTH,              "Cryptographic Length",              INTEGER,                  Once,   Maybe,    Proposed, Never,           Never,          Copied,   V1_0,       ALL,          MAKING;
    CRYPTOGRAPHIC_PARAMETERS,          "Cryptographic Parameters",          CRYPTOGRAPHIC_PARAMETERS, Many,   Maybe,    Client,   Always,          Always,         Copied,   V1_0,       ALL,          REPLACING;
    CRYPTOGRAPHIC_DOMAIN_PARAMETERS,   "Cryptographic Domain Parameters",   DOMAIN_PARAMETERS,        Once,   Maybe,    Client,   Never,           Never,          Copied,   V1_0,       KEY_PAIRS,    REKEYING;
    CERTIFICATE_TYPE,                  "Certificate Type",                  ENUMERATION,              Once,   Always,   Proposed, Never,           Never,          Copied,   V1_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_LENGTH,                "Certificate Length",                INTEGER,                  Once,   Always,   Proposed, Never,           Never,          Anew,     V1_1,       CERTIFICATES, CERTIFYING;
    X_509_CERTIFICATE_IDENTIFIER,      "X.509 Certificate Identifier",      X509_IDENTIFIER,          Once,   Maybe,    Server,   Never,           Never,          Anew,     V1_1,       CERTIFICATES, CERTIFYING;
    X_509_CERTIFICATE_SUBJECT,         "X.509 Certificate Subject",         X509_SUBJECT,             Once,   Maybe,    Server,   Never,           Never,          Anew,     V1_1,       CERTIFICATES, CERTIFYING;
    X_509_CERTIFICATE_ISSUER,          "X.509 Certificate Issuer",          X509_ISSUER,              Once,   Maybe,    Server,   Never,           Never,          Anew,     V1_1,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_IDENTIFIER,            "Certificate Identifier",            IDENTIFIER_1_0,           Once,   Maybe,    Server,   Never,           Never,          Anew,     V1_0..=V1_4, CERTIFICATES, CERTIFYING;
    CERTIFICATE_SUBJECT,               "Certificate Subject",               SUBJECT_1_0,              Once,   Maybe,    Server,   Never,           Never,          Anew,     V1_0..=V1_4, CERTIFICATES, CERTIFYING;
    CERTIFICATE_ISSUER,                "Certificate Issuer",                ISSUER_1_0,               Once,   Maybe,    Server,   Never,           Never,          Anew,     V1_0..=V1_4, CERTIFICATES, CERTIFYING;
    DIGITAL_SIGNATURE_ALGORITHM,       "Digital Signature Algorithm",       ENUMERATION,              Many,   Maybe,    Proposed, Never,           Never,          Anew,     V1_1,       SIGNED,       CERTIFYING;
    DIGEST,                            "Digest",                            DIGEST,                   Many,   Maybe,    Server,   Never,           Never,          Anew,     V1_0,       ALL,          MAKING;
    OPERATION_POLICY_NAME,             "Operation Policy Name",             TEXT,                     Once,   Maybe,    Either,   Never,           Never,          Copied,   V1_0..=V1_4, ALL,          MAKING;
    CRYPTOGRAPHIC_USAGE_MASK,          "Cryptographic Usage Mask",          INTEGER,                  Once,   Maybe,    Either,   Never,           Never,          Copied,   V1_0,       ALL,          MAKING;
    LEASE_TIME,                        "Lease Time",                        INTERVAL,                 Once,   Maybe,    Server,   Never,           Never,          Copied,   V1_0,       ALL,          MAKING;
    USAGE_LIMITS,                      "Usage Limits",                      USAGE_LIMITS,             Once,   Maybe,    Either,   UntilAllocated,  UntilAllocated, Refilled, V1_0,       ALL,          LIMITING;
    STATE,                             "State",                             ENUMERATION,              Once,   Always,   Server,   Never,           Never,          Anew,     V1_0,       ALL,          MOVING;
    INITIAL_DATE,                      "Initial Date",                      DATE_TIME,                Once,   Always,   Server,   Never,           Never,          Anew,     V1_0,       ALL,          MAKING;
    ACTIVATION_DATE,                   "Activation Date",                   DATE_TIME,                Once,   Maybe,    Either,   WhilePreActive,  Never,          Shifted,  V1_0,       ALL,          ACTIVATING;
    PROCESS_START_DATE,                "Process Start Date",                DATE_TIME,                Once,   Maybe,    Either,   UntilReached,    Never,          Shifted,  V1_0,       ALL,          DATING;
    PROTECT_STOP_DATE,                 "Protect Stop Date",                 DATE_TIME,                Once,   Maybe,    Either,   UntilReached,    Never,          Shifted,  V1_0,       ALL,          DATING;
    DEACTIVATION_DATE,                 "Deactivation Date",                 DATE_TIME,                Once,   Maybe,    Either,   WhileUsable,     Never,          Shifted,  V1_0,       ALL,          DEACTIVATING;
    DESTROY_DATE,                      "Destroy Date",                      DATE_TIME,                Once,   Maybe,    Server,   Never,           Never,          Dropped,  V1_0,       ALL,          DESTROYING;
    COMPROMISE_OCCURRENCE_DATE,        "Compromise Occurrence Date",        DATE_TIME,                Once,   Maybe,    Server,   Never,           Never,          Dropped,  V1_0,       ALL,          REVOKING;
    COMPROMISE_DATE,                   "Compromise Date",                   DATE_TIME,                Once,   Maybe,    Server,   Never,           Never,          Dropped,  V1_0,       ALL,          REVOKING;
    REVOCATION_REASON,                 "Revocation Reason",                 REVOCATION_REASON,        Once,   Maybe,    Server,   Never,           Never,          Dropped,  V1_0,       ALL,          REVOKING;
    ARCHIVE_DATE,                      "Archive Date",                      DATE_TIME,                Once,   Maybe,    Server,   Never,           Never,          Dropped,  V1_0,       ALL,          ARCHIVING;
    OBJECT_GROUP,                      "Object Group",                      TEXT,                     Many,   Maybe,    Either,   Always,          Always,         Copied,   V1_0,       ALL,          MAKING;
    FRESH,                             "Fresh",                             BOOLEAN,                  Once,   Always,   Either,   Never,           Never,          Anew,     V1_1,       ALL,          MAKING;
    LINK,                              "Link",                              LINK,                     Many,   Maybe,    Either,   Always,          Always,         Anew,     V1_0,       ALL,          LINKING;
    APPLICATION_SPECIFIC_INFORMATION,  "Application Specific Information",  APPLICATION,              Many,   Maybe,    Either,   Always,          Always,         Copied,   V1_0,       ALL,          REPLACING;
    CONTACT_INFORMATION,               "Contact Information",               TEXT,                     Once,   Maybe,    Either,   Always,          Always,         Copied,   V1_0,       ALL,          MAKING;
    LAST_CHANGE_DATE,                  "Last Change Date",                  DATE_TIME,                Once,   Always,   Server,   Never,           Never,          Anew,     V1_0,       ALL,          CHANGING;
    ATTRIBUTE,                         "Custom Attribute",                  VENDOR,                   Many,   Maybe,    Either,   Always,          Always,         Copied,   V1_0,       ALL,          NEVER;
    ALTERNATIVE_NAME,                  "Alternative Name",                  ALTERNATIVE_NAME,         Many,   Maybe,    Client,   Always,          Always,         Copied,   V1_2,       ALL,          NEVER;
    KEY_VALUE_PRESENT,                 "Key Value Present",                 BOOLEAN,                  Once,   Maybe,    Server,   Never,           Never,          Dropped,  V1_2,       ALL,          REGISTERING;
    KEY_VALUE_LOCATION,                "Key Value Location",                KEY_VALUE_LOCATION,       Many,   Maybe,    Client,   Always,          Always,         Dropped,  V1_2,       ALL,          NEVER;
    ORIGINAL_CREATION_DATE,            "Original Creation Date",            DATE_TIME,                Once,   Maybe,    Either,   Never,           Never,          Anew,     V1_2,       ALL,          GENERATING;
    RANDOM_NUMBER_GENERATOR,           "Random Number Generator",           RNG,                      Once,   Maybe,    Either,   Never,           Never,          Anew,     V1_3,       ALL,          GENERATING;
    PKCS_12_FRIENDLY_NAME,             "PKCS#12 Friendly Name",             TEXT,                     Once,   Maybe,    Either,   Always,          Always,         Copied,   V1_4,       ALL,          NEVER;
    DESCRIPTION,                       "Description",                       TEXT,                     Once,   Maybe,    Either,   Always,          Always,         Copied,   V1_4,       ALL,          NEVER;
    COMMENT,                           "Comment",                           TEXT,                     Once,   Maybe,    Either,   Always,          Always,         Copied,   V1_4,       ALL,          NEVER;
    SENSITIVE,                         "Sensitive",                         BOOLEAN,                  Once,   Always,   Either,   Always,          Never,          Copied,   V1_4,       ALL,          MAKING;
    ALWAYS_SENSITIVE,                  "Always Sensitive",                  BOOLEAN,                  Once,   Always,   Server,   Never,           Never,          Anew,     V1_4,       ALL,          MAKING;
    EXTRACTABLE,                       "Extractable",                       BOOLEAN,                  Once,   Always,   Either,   Always,          Never,          Copied,   V1_4,       ALL,          MAKING;
    NEVER_EXTRACTABLE,                 "Never Extractable",                 BOOLEAN,                  Once,   Always,   Server,   Never,           Never,          Anew,     V1_4,       ALL,          MAKING;
    KEY_FORMAT_TYPE,                   "Key Format Type",                   ENUMERATION,              Once,   Always,   Proposed, Never,           Never,          Copied,   V2_0,       ALL,          NEVER;
    NIST_KEY_TYPE,                     "NIST Key Type",                     ENUMERATION,              Many,   Maybe,    Client,   Never,           Never,          Copied,   V2_0,       ALL,          NEVER;
    OPAQUE_DATA_TYPE,                  "Opaque Data Type",                  ENUMERATION,              Once,   Always,   Server,   Never,           Never,          Copied,   V2_0,       OPAQUE,       REGISTERING;
    PROTECTION_LEVEL,                  "Protection Level",                  ENUMERATION,              Once,   Maybe,    Client,   Always,          Always,         Copied,   V2_0,       ALL,          NEVER;
    PROTECTION_PERIOD,                 "Protection Period",                 INTERVAL,                 Once,   Maybe,    Client,   Always,          Always,         Copied,   V2_0,       ALL,          NEVER;
    PROTECTION_STORAGE_MASK,           "Protection Storage Mask",           INTEGER,                  Once,   Always,   Server,   Never,           Never,          Anew,     V2_0,       ALL,          MAKING;
    QUANTUM_SAFE,                      "Quantum Safe",                      BOOLEAN,                  Once,   Maybe,    Client,   Always,          Always,         Copied,   V2_0,       ALL,          NEVER;
    SHORT_UNIQUE_IDENTIFIER,           "Short Unique Identifier",           BYTES,                    Once,   Always,   Server,   Never,           Never,          Anew,     V2_0,       ALL,          MAKING;
    CERTIFICATE_SUBJECT_CN,            "Certificate Subject CN",            TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_SUBJECT_O,             "Certificate Subject O",             TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_SUBJECT_OU,            "Certificate Subject OU",            TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_SUBJECT_EMAIL,         "Certificate Subject Email",         TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_SUBJECT_C,             "Certificate Subject C",             TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_SUBJECT_ST,            "Certificate Subject ST",            TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_SUBJECT_L,             "Certificate Subject L",             TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_SUBJECT_UID,           "Certificate Subject UID",           TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_SUBJECT_SERIAL_NUMBER, "Certificate Subject Serial Number", TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_SUBJECT_TITLE,         "Certificate Subject Title",         TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_SUBJECT_DC,            "Certificate Subject DC",            TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_SUBJECT_DN_QUALIFIER,  "Certificate Subject DN Qualifier",  TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_ISSUER_CN,             "Certificate Issuer CN",             TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_ISSUER_O,              "Certificate Issuer O",              TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_ISSUER_OU,             "Certificate Issuer OU",             TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_ISSUER_EMAIL,          "Certificate Issuer Email",          TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_ISSUER_C,              "Certificate Issuer C",              TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_ISSUER_ST,             "Certificate Issuer ST",             TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_ISSUER_L,              "Certificate Issuer L",              TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_ISSUER_UID,            "Certificate Issuer UID",            TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_ISSUER_SERIAL_NUMBER,  "Certificate Issuer Serial Number",  TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_ISSUER_TITLE,          "Certificate Issuer Title",          TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_ISSUER_DC,             "Certificate Issuer DC",             TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    CERTIFICATE_ISSUER_DN_QUALIFIER,   "Certificate Issuer DN Qualifier",   TEXT,                     Many,   Maybe,    Server,   Never,           Never,          Anew,     V2_0,       CERTIFICATES, CERTIFYING;
    ROTATE_AUTOMATIC,                  "Rotate Automatic",                  BOOLEAN,                  Once,   Maybe,    Either,   Never,           Never,          Copied,   V2_1,       ALL,          NEVER;
    ROTATE_DATE,                       "Rotate Date",                       DATE_TIME,                Once,   Maybe,    Server,   Never,           Never,          Anew,     V2_1,       ALL,          REPLACING;
    ROTATE_GENERATION,                 "Rotate Generation",                 INTEGER,                  Once,   Maybe,    Server,   Never,           Never,          Anew,     V2_1,       ALL,          REPLACING;
    ROTATE_INTERVAL,                   "Rotate Interval",                   INTERVAL,                 Once,   Maybe,    Either,   Never,           Never,          Copied,   V2_1,       ALL,          MAKING;
    ROTATE_LATEST,                     "Rotate Latest",                     BOOLEAN,                  Once,   Maybe,    Server,   Never,           Never,          Anew,     V2_1,       ALL,          REPLACING;
    ROTATE_NAME,                       "Rotate Name",                       ROTATE_NAME,              Once,   Maybe,    Client,   Always,          Always,         Copied,   V2_1,       ALL,          NEVER;
    ROTATE_OFFSET,                     "Rotate Offset",                     INTERVAL,                 Once,   Maybe,    Either,   Never,           Never,          Copied,   V2_1,       ALL,          MAKING;
}

const BOOLEAN: Shape = Shape::OneOf(&[ItemType::Boolean]);
const BYTES: Shape = Shape::OneOf(&[ItemType::ByteString]);
const DATE_TIME: Shape = Shape::OneOf(&[ItemType::DateTime]);
const ENUMERATION: Shape = Shape::OneOf(&[ItemType::Enumeration]);
const IDENTIFIER: Shape = Shape::OneOf(&[ItemType::TextString, ItemType::Enumeration, ItemType::Integer]);
const INTEGER: Shape = Shape::OneOf(&[ItemType::Integer]);
const INTERVAL: Shape = Shape::OneOf(&[ItemType::Interval]);
const LONG_INTEGER: Shape = Shape::OneOf(&[ItemType::LongInteger]);
const TEXT: Shape = Shape::OneOf(&[ItemType::TextString]);

macro_rules! structures {
    ($($name:ident { $($tag:ident: $shape:ident, $need:ident;)* })*) => {$(
        const $name: Shape = Shape::Structure(&[
            $(FieldRule { tag: Tag::$tag, shape: $shape, need: Need::$need },)*
        ]);
    )*};
}

structures! {
    NAME {
        NAME_VALUE: TEXT, Required;
        NAME_TYPE: ENUMERATION, Required;
    }
    ALTERNATIVE_NAME {
        ALTERNATIVE_NAME_VALUE: TEXT, Required;
        ALTERNATIVE_NAME_TYPE: ENUMERATION, Required;
    }
    ROTATE_NAME {
        ROTATE_NAME_VALUE: TEXT, Required;
        ROTATE_NAME_TYPE: ENUMERATION, Required;
    }
    LINK {
        LINK_TYPE: ENUMERATION, Required;
        LINKED_OBJECT_IDENTIFIER: IDENTIFIER, Required;
    }
    DIGEST {
        HASHING_ALGORITHM: ENUMERATION, Required;
        DIGEST_VALUE: BYTES, Optional;
        KEY_FORMAT_TYPE: ENUMERATION, Optional;
    }
    APPLICATION {
        APPLICATION_NAMESPACE: TEXT, Required;
        APPLICATION_DATA: TEXT, Optional;
    }
    DOMAIN_PARAMETERS {
        QLENGTH: INTEGER, Optional;
        RECOMMENDED_CURVE: ENUMERATION, Optional;
    }
    CRYPTOGRAPHIC_PARAMETERS {
        BLOCK_CIPHER_MODE: ENUMERATION, Optional;
        PADDING_METHOD: ENUMERATION, Optional;
        HASHING_ALGORITHM: ENUMERATION, Optional;
        KEY_ROLE_TYPE: ENUMERATION, Optional;
        DIGITAL_SIGNATURE_ALGORITHM: ENUMERATION, Optional;
        CRYPTOGRAPHIC_ALGORITHM: ENUMERATION, Optional;
        RANDOM_IV: BOOLEAN, Optional;
        IV_LENGTH: INTEGER, Optional;
        TAG_LENGTH: INTEGER, Optional;
        FIXED_FIELD_LENGTH: INTEGER, Optional;
        INVOCATION_FIELD_LENGTH: INTEGER, Optional;
        COUNTER_LENGTH: INTEGER, Optional;
        INITIAL_COUNTER_VALUE: INTEGER, Optional;
        SALT_LENGTH: INTEGER, Optional;
        MASK_GENERATOR: ENUMERATION, Optional;
        MASK_GENERATOR_HASHING_ALGORITHM: ENUMERATION, Optional;
        P_SOURCE: BYTES, Optional;
        TRAILER_FIELD: INTEGER, Optional;
    }
    USAGE_LIMITS {
        USAGE_LIMITS_TOTAL: LONG_INTEGER, Required;
        USAGE_LIMITS_COUNT: LONG_INTEGER, Optional;
        USAGE_LIMITS_UNIT: ENUMERATION, Required;
    }
    REVOCATION_REASON {
        REVOCATION_REASON_CODE: ENUMERATION, Required;
        REVOCATION_MESSAGE: TEXT, Optional;
    }
    KEY_VALUE_LOCATION {
        KEY_VALUE_LOCATION_VALUE: TEXT, Required;
        KEY_VALUE_LOCATION_TYPE: ENUMERATION, Required;
    }
    RNG {
        RNG_ALGORITHM: ENUMERATION, Required;
        CRYPTOGRAPHIC_ALGORITHM: ENUMERATION, Optional;
        CRYPTOGRAPHIC_LENGTH: INTEGER, Optional;
        HASHING_ALGORITHM: ENUMERATION, Optional;
        DRBG_ALGORITHM: ENUMERATION, Optional;
        RECOMMENDED_CURVE: ENUMERATION, Optional;
        FIPS186_VARIATION: ENUMERATION, Optional;
        PREDICTION_RESISTANCE: BOOLEAN, Optional;
    }
    VENDOR {
        VENDOR_IDENTIFICATION: TEXT, Required;
        ATTRIBUTE_NAME: TEXT, Required;
        ATTRIBUTE_VALUE: ANY, Required;
    }
    X509_IDENTIFIER {
        ISSUER_DISTINGUISHED_NAME: BYTES, Required;
        CERTIFICATE_SERIAL_NUMBER: BYTES, Required;
    }
    X509_SUBJECT {
        SUBJECT_DISTINGUISHED_NAME: BYTES, Required;
        SUBJECT_ALTERNATIVE_NAME: BYTES, Repeated;
    }
    X509_ISSUER {
        ISSUER_DISTINGUISHED_NAME: BYTES, Required;
        ISSUER_ALTERNATIVE_NAME: BYTES, Repeated;
    }
    IDENTIFIER_1_0 {
        ISSUER: TEXT, Required;
        SERIAL_NUMBER: TEXT, Optional;
    }
    SUBJECT_1_0 {
        CERTIFICATE_SUBJECT_DISTINGUISHED_NAME: TEXT, Required;
        CERTIFICATE_SUBJECT_ALTERNATIVE_NAME: TEXT, Repeated;
    }
    ISSUER_1_0 {
        CERTIFICATE_ISSUER_DISTINGUISHED_NAME: TEXT, Required;
        CERTIFICATE_ISSUER_ALTERNATIVE_NAME: TEXT, Repeated;
    }
}

const ANY: Shape = Shape::Any;

const ALL: ObjectTypes = ObjectTypes::All;
const CERTIFICATES: ObjectTypes = ObjectTypes::Only(&[ObjectType::CERTIFICATE]);
const SIGNED: ObjectTypes = ObjectTypes::Only(&[ObjectType::CERTIFICATE, ObjectType::PGP_KEY]);
const KEY_PAIRS: ObjectTypes = ObjectTypes::Only(&[ObjectType::PUBLIC_KEY, ObjectType::PRIVATE_KEY]);
const OPAQUE: ObjectTypes = ObjectTypes::Only(&[ObjectType::OPAQUE_OBJECT]);

macro_rules! operations {
    ($($name:ident = $($operation:ident)*;)*) => {
        $(const $name: &[OperationCode] = &[$(OperationCode::$operation,)*];)*
    };
}

operations! {
    NEVER = ;
    MAKING = CREATE CREATE_KEY_PAIR REGISTER DERIVE_KEY CERTIFY RE_CERTIFY RE_KEY RE_KEY_KEY_PAIR;
    GENERATING = CREATE CREATE_KEY_PAIR DERIVE_KEY RE_KEY RE_KEY_KEY_PAIR;
    REGISTERING = REGISTER;
    CERTIFYING = REGISTER CERTIFY RE_CERTIFY;
    REPLACING = RE_KEY RE_KEY_KEY_PAIR RE_CERTIFY;
    REKEYING = RE_KEY RE_KEY_KEY_PAIR;
    DATING = CREATE REGISTER DERIVE_KEY RE_KEY;
    LIMITING = CREATE CREATE_KEY_PAIR REGISTER DERIVE_KEY RE_KEY RE_KEY_KEY_PAIR GET_USAGE_ALLOCATION;
    LINKING = CREATE_KEY_PAIR DERIVE_KEY CERTIFY RE_CERTIFY RE_KEY RE_KEY_KEY_PAIR REGISTER;
    ACTIVATING = CREATE CREATE_KEY_PAIR REGISTER DERIVE_KEY ACTIVATE CERTIFY RE_CERTIFY RE_KEY RE_KEY_KEY_PAIR;
    DEACTIVATING = CREATE CREATE_KEY_PAIR REGISTER DERIVE_KEY REVOKE CERTIFY RE_CERTIFY RE_KEY RE_KEY_KEY_PAIR;
    MOVING = CREATE CREATE_KEY_PAIR REGISTER DERIVE_KEY ACTIVATE REVOKE DESTROY CERTIFY RE_CERTIFY RE_KEY RE_KEY_KEY_PAIR;
    CHANGING = CREATE CREATE_KEY_PAIR REGISTER DERIVE_KEY ACTIVATE REVOKE DESTROY ARCHIVE RECOVER CERTIFY RE_CERTIFY RE_KEY
        RE_KEY_KEY_PAIR ADD_ATTRIBUTE MODIFY_ATTRIBUTE DELETE_ATTRIBUTE GET_USAGE_ALLOCATION;
    REVOKING = REVOKE;
    DESTROYING = DESTROY;
    ARCHIVING = ARCHIVE;
}
