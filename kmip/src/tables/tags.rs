// Written by `cargo xtask tables` from kmip/tables/*.tsv. Do not edit.

//! Every tag of KMIP 1.0 to 2.1 (KMIP 2.1 section 11.60).

use super::TagEntry;
use crate::ttlv::{ItemType, Tag};

impl Tag {
    /// Activation Date.
    pub const ACTIVATION_DATE: Tag = Tag(0x420001);
    /// Application Data.
    pub const APPLICATION_DATA: Tag = Tag(0x420002);
    /// Application Namespace.
    pub const APPLICATION_NAMESPACE: Tag = Tag(0x420003);
    /// Application Specific Information.
    pub const APPLICATION_SPECIFIC_INFORMATION: Tag = Tag(0x420004);
    /// Archive Date.
    pub const ARCHIVE_DATE: Tag = Tag(0x420005);
    /// Asynchronous Correlation Value.
    pub const ASYNCHRONOUS_CORRELATION_VALUE: Tag = Tag(0x420006);
    /// Asynchronous Indicator.
    pub const ASYNCHRONOUS_INDICATOR: Tag = Tag(0x420007);
    /// Attribute.
    pub const ATTRIBUTE: Tag = Tag(0x420008);
    /// Attribute Index.
    pub const ATTRIBUTE_INDEX: Tag = Tag(0x420009);
    /// Attribute Name.
    pub const ATTRIBUTE_NAME: Tag = Tag(0x42000A);
    /// Attribute Value.
    pub const ATTRIBUTE_VALUE: Tag = Tag(0x42000B);
    /// Authentication.
    pub const AUTHENTICATION: Tag = Tag(0x42000C);
    /// Batch Count.
    pub const BATCH_COUNT: Tag = Tag(0x42000D);
    /// Batch Error Continuation Option.
    pub const BATCH_ERROR_CONTINUATION_OPTION: Tag = Tag(0x42000E);
    /// Batch Item.
    pub const BATCH_ITEM: Tag = Tag(0x42000F);
    /// Batch Order Option.
    pub const BATCH_ORDER_OPTION: Tag = Tag(0x420010);
    /// Block Cipher Mode.
    pub const BLOCK_CIPHER_MODE: Tag = Tag(0x420011);
    /// Cancellation Result.
    pub const CANCELLATION_RESULT: Tag = Tag(0x420012);
    /// Certificate.
    pub const CERTIFICATE: Tag = Tag(0x420013);
    /// Certificate Identifier.
    pub const CERTIFICATE_IDENTIFIER: Tag = Tag(0x420014);
    /// Certificate Issuer.
    pub const CERTIFICATE_ISSUER: Tag = Tag(0x420015);
    /// Certificate Issuer Alternative Name.
    pub const CERTIFICATE_ISSUER_ALTERNATIVE_NAME: Tag = Tag(0x420016);
    /// Certificate Issuer Distinguished Name.
    pub const CERTIFICATE_ISSUER_DISTINGUISHED_NAME: Tag = Tag(0x420017);
    /// Certificate Request.
    pub const CERTIFICATE_REQUEST: Tag = Tag(0x420018);
    /// Certificate Request Type.
    pub const CERTIFICATE_REQUEST_TYPE: Tag = Tag(0x420019);
    /// Certificate Subject.
    pub const CERTIFICATE_SUBJECT: Tag = Tag(0x42001A);
    /// Certificate Subject Alternative Name.
    pub const CERTIFICATE_SUBJECT_ALTERNATIVE_NAME: Tag = Tag(0x42001B);
    /// Certificate Subject Distinguished Name.
    pub const CERTIFICATE_SUBJECT_DISTINGUISHED_NAME: Tag = Tag(0x42001C);
    /// Certificate Type.
    pub const CERTIFICATE_TYPE: Tag = Tag(0x42001D);
    /// Certificate Value.
    pub const CERTIFICATE_VALUE: Tag = Tag(0x42001E);
    /// Common Template-Attribute.
    pub const COMMON_TEMPLATE_ATTRIBUTE: Tag = Tag(0x42001F);
    /// Compromise Date.
    pub const COMPROMISE_DATE: Tag = Tag(0x420020);
    /// Compromise Occurrence Date.
    pub const COMPROMISE_OCCURRENCE_DATE: Tag = Tag(0x420021);
    /// Contact Information.
    pub const CONTACT_INFORMATION: Tag = Tag(0x420022);
    /// Credential.
    pub const CREDENTIAL: Tag = Tag(0x420023);
    /// Credential Type.
    pub const CREDENTIAL_TYPE: Tag = Tag(0x420024);
    /// Credential Value.
    pub const CREDENTIAL_VALUE: Tag = Tag(0x420025);
    /// Criticality Indicator.
    pub const CRITICALITY_INDICATOR: Tag = Tag(0x420026);
    /// CRT Coefficient.
    pub const CRT_COEFFICIENT: Tag = Tag(0x420027);
    /// Cryptographic Algorithm.
    pub const CRYPTOGRAPHIC_ALGORITHM: Tag = Tag(0x420028);
    /// Cryptographic Domain Parameters.
    pub const CRYPTOGRAPHIC_DOMAIN_PARAMETERS: Tag = Tag(0x420029);
    /// Cryptographic Length.
    pub const CRYPTOGRAPHIC_LENGTH: Tag = Tag(0x42002A);
    /// Cryptographic Parameters.
    pub const CRYPTOGRAPHIC_PARAMETERS: Tag = Tag(0x42002B);
    /// Cryptographic Usage Mask.
    pub const CRYPTOGRAPHIC_USAGE_MASK: Tag = Tag(0x42002C);
    /// Custom Attribute.
    pub const CUSTOM_ATTRIBUTE: Tag = Tag(0x42002D);
    /// D.
    pub const D: Tag = Tag(0x42002E);
    /// Deactivation Date.
    pub const DEACTIVATION_DATE: Tag = Tag(0x42002F);
    /// Derivation Data.
    pub const DERIVATION_DATA: Tag = Tag(0x420030);
    /// Derivation Method.
    pub const DERIVATION_METHOD: Tag = Tag(0x420031);
    /// Derivation Parameters.
    pub const DERIVATION_PARAMETERS: Tag = Tag(0x420032);
    /// Destroy Date.
    pub const DESTROY_DATE: Tag = Tag(0x420033);
    /// Digest.
    pub const DIGEST: Tag = Tag(0x420034);
    /// Digest Value.
    pub const DIGEST_VALUE: Tag = Tag(0x420035);
    /// Encryption Key Information.
    pub const ENCRYPTION_KEY_INFORMATION: Tag = Tag(0x420036);
    /// G.
    pub const G: Tag = Tag(0x420037);
    /// Hashing Algorithm.
    pub const HASHING_ALGORITHM: Tag = Tag(0x420038);
    /// Initial Date.
    pub const INITIAL_DATE: Tag = Tag(0x420039);
    /// Initialization Vector.
    pub const INITIALIZATION_VECTOR: Tag = Tag(0x42003A);
    /// Issuer.
    pub const ISSUER: Tag = Tag(0x42003B);
    /// Iteration Count.
    pub const ITERATION_COUNT: Tag = Tag(0x42003C);
    /// IV/Counter/Nonce.
    pub const IV_COUNTER_NONCE: Tag = Tag(0x42003D);
    /// J.
    pub const J: Tag = Tag(0x42003E);
    /// Key.
    pub const KEY: Tag = Tag(0x42003F);
    /// Key Block.
    pub const KEY_BLOCK: Tag = Tag(0x420040);
    /// Key Compression Type.
    pub const KEY_COMPRESSION_TYPE: Tag = Tag(0x420041);
    /// Key Format Type.
    pub const KEY_FORMAT_TYPE: Tag = Tag(0x420042);
    /// Key Material.
    pub const KEY_MATERIAL: Tag = Tag(0x420043);
    /// Key Part Identifier.
    pub const KEY_PART_IDENTIFIER: Tag = Tag(0x420044);
    /// Key Value.
    pub const KEY_VALUE: Tag = Tag(0x420045);
    /// Key Wrapping Data.
    pub const KEY_WRAPPING_DATA: Tag = Tag(0x420046);
    /// Key Wrapping Specification.
    pub const KEY_WRAPPING_SPECIFICATION: Tag = Tag(0x420047);
    /// Last Change Date.
    pub const LAST_CHANGE_DATE: Tag = Tag(0x420048);
    /// Lease Time.
    pub const LEASE_TIME: Tag = Tag(0x420049);
    /// Link.
    pub const LINK: Tag = Tag(0x42004A);
    /// Link Type.
    pub const LINK_TYPE: Tag = Tag(0x42004B);
    /// Linked Object Identifier.
    pub const LINKED_OBJECT_IDENTIFIER: Tag = Tag(0x42004C);
    /// MAC/Signature.
    pub const MAC_SIGNATURE: Tag = Tag(0x42004D);
    /// MAC/Signature Key Information.
    pub const MAC_SIGNATURE_KEY_INFORMATION: Tag = Tag(0x42004E);
    /// Maximum Items.
    pub const MAXIMUM_ITEMS: Tag = Tag(0x42004F);
    /// Maximum Response Size.
    pub const MAXIMUM_RESPONSE_SIZE: Tag = Tag(0x420050);
    /// Message Extension.
    pub const MESSAGE_EXTENSION: Tag = Tag(0x420051);
    /// Modulus.
    pub const MODULUS: Tag = Tag(0x420052);
    /// Name.
    pub const NAME: Tag = Tag(0x420053);
    /// Name Type.
    pub const NAME_TYPE: Tag = Tag(0x420054);
    /// Name Value.
    pub const NAME_VALUE: Tag = Tag(0x420055);
    /// Object Group.
    pub const OBJECT_GROUP: Tag = Tag(0x420056);
    /// Object Type.
    pub const OBJECT_TYPE: Tag = Tag(0x420057);
    /// Offset.
    pub const OFFSET: Tag = Tag(0x420058);
    /// Opaque Data Type.
    pub const OPAQUE_DATA_TYPE: Tag = Tag(0x420059);
    /// Opaque Data Value.
    pub const OPAQUE_DATA_VALUE: Tag = Tag(0x42005A);
    /// Opaque Object.
    pub const OPAQUE_OBJECT: Tag = Tag(0x42005B);
    /// Operation.
    pub const OPERATION: Tag = Tag(0x42005C);
    /// Operation Policy Name.
    pub const OPERATION_POLICY_NAME: Tag = Tag(0x42005D);
    /// P.
    pub const P: Tag = Tag(0x42005E);
    /// Padding Method.
    pub const PADDING_METHOD: Tag = Tag(0x42005F);
    /// Prime Exponent P.
    pub const PRIME_EXPONENT_P: Tag = Tag(0x420060);
    /// Prime Exponent Q.
    pub const PRIME_EXPONENT_Q: Tag = Tag(0x420061);
    /// Prime Field Size.
    pub const PRIME_FIELD_SIZE: Tag = Tag(0x420062);
    /// Private Exponent.
    pub const PRIVATE_EXPONENT: Tag = Tag(0x420063);
    /// Private Key.
    pub const PRIVATE_KEY: Tag = Tag(0x420064);
    /// Private Key Template-Attribute.
    pub const PRIVATE_KEY_TEMPLATE_ATTRIBUTE: Tag = Tag(0x420065);
    /// Private Key Unique Identifier.
    pub const PRIVATE_KEY_UNIQUE_IDENTIFIER: Tag = Tag(0x420066);
    /// Process Start Date.
    pub const PROCESS_START_DATE: Tag = Tag(0x420067);
    /// Protect Stop Date.
    pub const PROTECT_STOP_DATE: Tag = Tag(0x420068);
    /// Protocol Version.
    pub const PROTOCOL_VERSION: Tag = Tag(0x420069);
    /// Protocol Version Major.
    pub const PROTOCOL_VERSION_MAJOR: Tag = Tag(0x42006A);
    /// Protocol Version Minor.
    pub const PROTOCOL_VERSION_MINOR: Tag = Tag(0x42006B);
    /// Public Exponent.
    pub const PUBLIC_EXPONENT: Tag = Tag(0x42006C);
    /// Public Key.
    pub const PUBLIC_KEY: Tag = Tag(0x42006D);
    /// Public Key Template-Attribute.
    pub const PUBLIC_KEY_TEMPLATE_ATTRIBUTE: Tag = Tag(0x42006E);
    /// Public Key Unique Identifier.
    pub const PUBLIC_KEY_UNIQUE_IDENTIFIER: Tag = Tag(0x42006F);
    /// Put Function.
    pub const PUT_FUNCTION: Tag = Tag(0x420070);
    /// Q.
    pub const Q: Tag = Tag(0x420071);
    /// Q String.
    pub const Q_STRING: Tag = Tag(0x420072);
    /// Qlength.
    pub const QLENGTH: Tag = Tag(0x420073);
    /// Query Function.
    pub const QUERY_FUNCTION: Tag = Tag(0x420074);
    /// Recommended Curve.
    pub const RECOMMENDED_CURVE: Tag = Tag(0x420075);
    /// Replaced Unique Identifier.
    pub const REPLACED_UNIQUE_IDENTIFIER: Tag = Tag(0x420076);
    /// Request Header.
    pub const REQUEST_HEADER: Tag = Tag(0x420077);
    /// Request Message.
    pub const REQUEST_MESSAGE: Tag = Tag(0x420078);
    /// Request Payload.
    pub const REQUEST_PAYLOAD: Tag = Tag(0x420079);
    /// Response Header.
    pub const RESPONSE_HEADER: Tag = Tag(0x42007A);
    /// Response Message.
    pub const RESPONSE_MESSAGE: Tag = Tag(0x42007B);
    /// Response Payload.
    pub const RESPONSE_PAYLOAD: Tag = Tag(0x42007C);
    /// Result Message.
    pub const RESULT_MESSAGE: Tag = Tag(0x42007D);
    /// Result Reason.
    pub const RESULT_REASON: Tag = Tag(0x42007E);
    /// Result Status.
    pub const RESULT_STATUS: Tag = Tag(0x42007F);
    /// Revocation Message.
    pub const REVOCATION_MESSAGE: Tag = Tag(0x420080);
    /// Revocation Reason.
    pub const REVOCATION_REASON: Tag = Tag(0x420081);
    /// Revocation Reason Code.
    pub const REVOCATION_REASON_CODE: Tag = Tag(0x420082);
    /// Key Role Type.
    pub const KEY_ROLE_TYPE: Tag = Tag(0x420083);
    /// Salt.
    pub const SALT: Tag = Tag(0x420084);
    /// Secret Data.
    pub const SECRET_DATA: Tag = Tag(0x420085);
    /// Secret Data Type.
    pub const SECRET_DATA_TYPE: Tag = Tag(0x420086);
    /// Serial Number.
    pub const SERIAL_NUMBER: Tag = Tag(0x420087);
    /// Server Information.
    pub const SERVER_INFORMATION: Tag = Tag(0x420088);
    /// Split Key.
    pub const SPLIT_KEY: Tag = Tag(0x420089);
    /// Split Key Method.
    pub const SPLIT_KEY_METHOD: Tag = Tag(0x42008A);
    /// Split Key Parts.
    pub const SPLIT_KEY_PARTS: Tag = Tag(0x42008B);
    /// Split Key Threshold.
    pub const SPLIT_KEY_THRESHOLD: Tag = Tag(0x42008C);
    /// State.
    pub const STATE: Tag = Tag(0x42008D);
    /// Storage Status Mask.
    pub const STORAGE_STATUS_MASK: Tag = Tag(0x42008E);
    /// Symmetric Key.
    pub const SYMMETRIC_KEY: Tag = Tag(0x42008F);
    /// Template.
    pub const TEMPLATE: Tag = Tag(0x420090);
    /// Template-Attribute.
    pub const TEMPLATE_ATTRIBUTE: Tag = Tag(0x420091);
    /// Time Stamp.
    pub const TIME_STAMP: Tag = Tag(0x420092);
    /// Unique Batch Item ID.
    pub const UNIQUE_BATCH_ITEM_ID: Tag = Tag(0x420093);
    /// Unique Identifier.
    pub const UNIQUE_IDENTIFIER: Tag = Tag(0x420094);
    /// Usage Limits.
    pub const USAGE_LIMITS: Tag = Tag(0x420095);
    /// Usage Limits Count.
    pub const USAGE_LIMITS_COUNT: Tag = Tag(0x420096);
    /// Usage Limits Total.
    pub const USAGE_LIMITS_TOTAL: Tag = Tag(0x420097);
    /// Usage Limits Unit.
    pub const USAGE_LIMITS_UNIT: Tag = Tag(0x420098);
    /// Username.
    pub const USERNAME: Tag = Tag(0x420099);
    /// Validity Date.
    pub const VALIDITY_DATE: Tag = Tag(0x42009A);
    /// Validity Indicator.
    pub const VALIDITY_INDICATOR: Tag = Tag(0x42009B);
    /// Vendor Extension.
    pub const VENDOR_EXTENSION: Tag = Tag(0x42009C);
    /// Vendor Identification.
    pub const VENDOR_IDENTIFICATION: Tag = Tag(0x42009D);
    /// Wrapping Method.
    pub const WRAPPING_METHOD: Tag = Tag(0x42009E);
    /// X.
    pub const X: Tag = Tag(0x42009F);
    /// Y.
    pub const Y: Tag = Tag(0x4200A0);
    /// Password.
    pub const PASSWORD: Tag = Tag(0x4200A1);
    /// Device Identifier.
    pub const DEVICE_IDENTIFIER: Tag = Tag(0x4200A2);
    /// Encoding Option.
    pub const ENCODING_OPTION: Tag = Tag(0x4200A3);
    /// Extension Information.
    pub const EXTENSION_INFORMATION: Tag = Tag(0x4200A4);
    /// Extension Name.
    pub const EXTENSION_NAME: Tag = Tag(0x4200A5);
    /// Extension Tag.
    pub const EXTENSION_TAG: Tag = Tag(0x4200A6);
    /// Extension Type.
    pub const EXTENSION_TYPE: Tag = Tag(0x4200A7);
    /// Fresh.
    pub const FRESH: Tag = Tag(0x4200A8);
    /// Machine Identifier.
    pub const MACHINE_IDENTIFIER: Tag = Tag(0x4200A9);
    /// Media Identifier.
    pub const MEDIA_IDENTIFIER: Tag = Tag(0x4200AA);
    /// Network Identifier.
    pub const NETWORK_IDENTIFIER: Tag = Tag(0x4200AB);
    /// Object Group Member.
    pub const OBJECT_GROUP_MEMBER: Tag = Tag(0x4200AC);
    /// Certificate Length.
    pub const CERTIFICATE_LENGTH: Tag = Tag(0x4200AD);
    /// Digital Signature Algorithm.
    pub const DIGITAL_SIGNATURE_ALGORITHM: Tag = Tag(0x4200AE);
    /// Certificate Serial Number.
    pub const CERTIFICATE_SERIAL_NUMBER: Tag = Tag(0x4200AF);
    /// Device Serial Number.
    pub const DEVICE_SERIAL_NUMBER: Tag = Tag(0x4200B0);
    /// Issuer Alternative Name.
    pub const ISSUER_ALTERNATIVE_NAME: Tag = Tag(0x4200B1);
    /// Issuer Distinguished Name.
    pub const ISSUER_DISTINGUISHED_NAME: Tag = Tag(0x4200B2);
    /// Subject Alternative Name.
    pub const SUBJECT_ALTERNATIVE_NAME: Tag = Tag(0x4200B3);
    /// Subject Distinguished Name.
    pub const SUBJECT_DISTINGUISHED_NAME: Tag = Tag(0x4200B4);
    /// X.509 Certificate Identifier.
    pub const X_509_CERTIFICATE_IDENTIFIER: Tag = Tag(0x4200B5);
    /// X.509 Certificate Issuer.
    pub const X_509_CERTIFICATE_ISSUER: Tag = Tag(0x4200B6);
    /// X.509 Certificate Subject.
    pub const X_509_CERTIFICATE_SUBJECT: Tag = Tag(0x4200B7);
    /// Key Value Location.
    pub const KEY_VALUE_LOCATION: Tag = Tag(0x4200B8);
    /// Key Value Location Value.
    pub const KEY_VALUE_LOCATION_VALUE: Tag = Tag(0x4200B9);
    /// Key Value Location Type.
    pub const KEY_VALUE_LOCATION_TYPE: Tag = Tag(0x4200BA);
    /// Key Value Present.
    pub const KEY_VALUE_PRESENT: Tag = Tag(0x4200BB);
    /// Original Creation Date.
    pub const ORIGINAL_CREATION_DATE: Tag = Tag(0x4200BC);
    /// PGP Key.
    pub const PGP_KEY: Tag = Tag(0x4200BD);
    /// PGP Key Version.
    pub const PGP_KEY_VERSION: Tag = Tag(0x4200BE);
    /// Alternative Name.
    pub const ALTERNATIVE_NAME: Tag = Tag(0x4200BF);
    /// Alternative Name Value.
    pub const ALTERNATIVE_NAME_VALUE: Tag = Tag(0x4200C0);
    /// Alternative Name Type.
    pub const ALTERNATIVE_NAME_TYPE: Tag = Tag(0x4200C1);
    /// Data.
    pub const DATA: Tag = Tag(0x4200C2);
    /// Signature Data.
    pub const SIGNATURE_DATA: Tag = Tag(0x4200C3);
    /// Data Length.
    pub const DATA_LENGTH: Tag = Tag(0x4200C4);
    /// Random IV.
    pub const RANDOM_IV: Tag = Tag(0x4200C5);
    /// MAC Data.
    pub const MAC_DATA: Tag = Tag(0x4200C6);
    /// Attestation Type.
    pub const ATTESTATION_TYPE: Tag = Tag(0x4200C7);
    /// Nonce.
    pub const NONCE: Tag = Tag(0x4200C8);
    /// Nonce ID.
    pub const NONCE_ID: Tag = Tag(0x4200C9);
    /// Nonce Value.
    pub const NONCE_VALUE: Tag = Tag(0x4200CA);
    /// Attestation Measurement.
    pub const ATTESTATION_MEASUREMENT: Tag = Tag(0x4200CB);
    /// Attestation Assertion.
    pub const ATTESTATION_ASSERTION: Tag = Tag(0x4200CC);
    /// IV Length.
    pub const IV_LENGTH: Tag = Tag(0x4200CD);
    /// Tag Length.
    pub const TAG_LENGTH: Tag = Tag(0x4200CE);
    /// Fixed Field Length.
    pub const FIXED_FIELD_LENGTH: Tag = Tag(0x4200CF);
    /// Counter Length.
    pub const COUNTER_LENGTH: Tag = Tag(0x4200D0);
    /// Initial Counter Value.
    pub const INITIAL_COUNTER_VALUE: Tag = Tag(0x4200D1);
    /// Invocation Field Length.
    pub const INVOCATION_FIELD_LENGTH: Tag = Tag(0x4200D2);
    /// Attestation Capable Indicator.
    pub const ATTESTATION_CAPABLE_INDICATOR: Tag = Tag(0x4200D3);
    /// Offset Items.
    pub const OFFSET_ITEMS: Tag = Tag(0x4200D4);
    /// Located Items.
    pub const LOCATED_ITEMS: Tag = Tag(0x4200D5);
    /// Correlation Value.
    pub const CORRELATION_VALUE: Tag = Tag(0x4200D6);
    /// Init Indicator.
    pub const INIT_INDICATOR: Tag = Tag(0x4200D7);
    /// Final Indicator.
    pub const FINAL_INDICATOR: Tag = Tag(0x4200D8);
    /// RNG Parameters.
    pub const RNG_PARAMETERS: Tag = Tag(0x4200D9);
    /// RNG Algorithm.
    pub const RNG_ALGORITHM: Tag = Tag(0x4200DA);
    /// DRBG Algorithm.
    pub const DRBG_ALGORITHM: Tag = Tag(0x4200DB);
    /// FIPS186 Variation.
    pub const FIPS186_VARIATION: Tag = Tag(0x4200DC);
    /// Prediction Resistance.
    pub const PREDICTION_RESISTANCE: Tag = Tag(0x4200DD);
    /// Random Number Generator.
    pub const RANDOM_NUMBER_GENERATOR: Tag = Tag(0x4200DE);
    /// Validation Information.
    pub const VALIDATION_INFORMATION: Tag = Tag(0x4200DF);
    /// Validation Authority Type.
    pub const VALIDATION_AUTHORITY_TYPE: Tag = Tag(0x4200E0);
    /// Validation Authority Country.
    pub const VALIDATION_AUTHORITY_COUNTRY: Tag = Tag(0x4200E1);
    /// Validation Authority URI.
    pub const VALIDATION_AUTHORITY_URI: Tag = Tag(0x4200E2);
    /// Validation Version Major.
    pub const VALIDATION_VERSION_MAJOR: Tag = Tag(0x4200E3);
    /// Validation Version Minor.
    pub const VALIDATION_VERSION_MINOR: Tag = Tag(0x4200E4);
    /// Validation Type.
    pub const VALIDATION_TYPE: Tag = Tag(0x4200E5);
    /// Validation Level.
    pub const VALIDATION_LEVEL: Tag = Tag(0x4200E6);
    /// Validation Certificate Identifier.
    pub const VALIDATION_CERTIFICATE_IDENTIFIER: Tag = Tag(0x4200E7);
    /// Validation Certificate URI.
    pub const VALIDATION_CERTIFICATE_URI: Tag = Tag(0x4200E8);
    /// Validation Vendor URI.
    pub const VALIDATION_VENDOR_URI: Tag = Tag(0x4200E9);
    /// Validation Profile.
    pub const VALIDATION_PROFILE: Tag = Tag(0x4200EA);
    /// Profile Information.
    pub const PROFILE_INFORMATION: Tag = Tag(0x4200EB);
    /// Profile Name.
    pub const PROFILE_NAME: Tag = Tag(0x4200EC);
    /// Server URI.
    pub const SERVER_URI: Tag = Tag(0x4200ED);
    /// Server Port.
    pub const SERVER_PORT: Tag = Tag(0x4200EE);
    /// Streaming Capability.
    pub const STREAMING_CAPABILITY: Tag = Tag(0x4200EF);
    /// Asynchronous Capability.
    pub const ASYNCHRONOUS_CAPABILITY: Tag = Tag(0x4200F0);
    /// Attestation Capability.
    pub const ATTESTATION_CAPABILITY: Tag = Tag(0x4200F1);
    /// Unwrap Mode.
    pub const UNWRAP_MODE: Tag = Tag(0x4200F2);
    /// Destroy Action.
    pub const DESTROY_ACTION: Tag = Tag(0x4200F3);
    /// Shredding Algorithm.
    pub const SHREDDING_ALGORITHM: Tag = Tag(0x4200F4);
    /// RNG Mode.
    pub const RNG_MODE: Tag = Tag(0x4200F5);
    /// Client Registration Method.
    pub const CLIENT_REGISTRATION_METHOD: Tag = Tag(0x4200F6);
    /// Capability Information.
    pub const CAPABILITY_INFORMATION: Tag = Tag(0x4200F7);
    /// Key Wrap Type.
    pub const KEY_WRAP_TYPE: Tag = Tag(0x4200F8);
    /// Batch Undo Capability.
    pub const BATCH_UNDO_CAPABILITY: Tag = Tag(0x4200F9);
    /// Batch Continue Capability.
    pub const BATCH_CONTINUE_CAPABILITY: Tag = Tag(0x4200FA);
    /// PKCS#12 Friendly Name.
    pub const PKCS_12_FRIENDLY_NAME: Tag = Tag(0x4200FB);
    /// Description.
    pub const DESCRIPTION: Tag = Tag(0x4200FC);
    /// Comment.
    pub const COMMENT: Tag = Tag(0x4200FD);
    /// Authenticated Encryption Additional Data.
    pub const AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA: Tag = Tag(0x4200FE);
    /// Authenticated Encryption Tag.
    pub const AUTHENTICATED_ENCRYPTION_TAG: Tag = Tag(0x4200FF);
    /// Salt Length.
    pub const SALT_LENGTH: Tag = Tag(0x420100);
    /// Mask Generator.
    pub const MASK_GENERATOR: Tag = Tag(0x420101);
    /// Mask Generator Hashing Algorithm.
    pub const MASK_GENERATOR_HASHING_ALGORITHM: Tag = Tag(0x420102);
    /// P Source.
    pub const P_SOURCE: Tag = Tag(0x420103);
    /// Trailer Field.
    pub const TRAILER_FIELD: Tag = Tag(0x420104);
    /// Client Correlation Value.
    pub const CLIENT_CORRELATION_VALUE: Tag = Tag(0x420105);
    /// Server Correlation Value.
    pub const SERVER_CORRELATION_VALUE: Tag = Tag(0x420106);
    /// Digested Data.
    pub const DIGESTED_DATA: Tag = Tag(0x420107);
    /// Certificate Subject CN.
    pub const CERTIFICATE_SUBJECT_CN: Tag = Tag(0x420108);
    /// Certificate Subject O.
    pub const CERTIFICATE_SUBJECT_O: Tag = Tag(0x420109);
    /// Certificate Subject OU.
    pub const CERTIFICATE_SUBJECT_OU: Tag = Tag(0x42010A);
    /// Certificate Subject Email.
    pub const CERTIFICATE_SUBJECT_EMAIL: Tag = Tag(0x42010B);
    /// Certificate Subject C.
    pub const CERTIFICATE_SUBJECT_C: Tag = Tag(0x42010C);
    /// Certificate Subject ST.
    pub const CERTIFICATE_SUBJECT_ST: Tag = Tag(0x42010D);
    /// Certificate Subject L.
    pub const CERTIFICATE_SUBJECT_L: Tag = Tag(0x42010E);
    /// Certificate Subject UID.
    pub const CERTIFICATE_SUBJECT_UID: Tag = Tag(0x42010F);
    /// Certificate Subject Serial Number.
    pub const CERTIFICATE_SUBJECT_SERIAL_NUMBER: Tag = Tag(0x420110);
    /// Certificate Subject Title.
    pub const CERTIFICATE_SUBJECT_TITLE: Tag = Tag(0x420111);
    /// Certificate Subject DC.
    pub const CERTIFICATE_SUBJECT_DC: Tag = Tag(0x420112);
    /// Certificate Subject DN Qualifier.
    pub const CERTIFICATE_SUBJECT_DN_QUALIFIER: Tag = Tag(0x420113);
    /// Certificate Issuer CN.
    pub const CERTIFICATE_ISSUER_CN: Tag = Tag(0x420114);
    /// Certificate Issuer O.
    pub const CERTIFICATE_ISSUER_O: Tag = Tag(0x420115);
    /// Certificate Issuer OU.
    pub const CERTIFICATE_ISSUER_OU: Tag = Tag(0x420116);
    /// Certificate Issuer Email.
    pub const CERTIFICATE_ISSUER_EMAIL: Tag = Tag(0x420117);
    /// Certificate Issuer C.
    pub const CERTIFICATE_ISSUER_C: Tag = Tag(0x420118);
    /// Certificate Issuer ST.
    pub const CERTIFICATE_ISSUER_ST: Tag = Tag(0x420119);
    /// Certificate Issuer L.
    pub const CERTIFICATE_ISSUER_L: Tag = Tag(0x42011A);
    /// Certificate Issuer UID.
    pub const CERTIFICATE_ISSUER_UID: Tag = Tag(0x42011B);
    /// Certificate Issuer Serial Number.
    pub const CERTIFICATE_ISSUER_SERIAL_NUMBER: Tag = Tag(0x42011C);
    /// Certificate Issuer Title.
    pub const CERTIFICATE_ISSUER_TITLE: Tag = Tag(0x42011D);
    /// Certificate Issuer DC.
    pub const CERTIFICATE_ISSUER_DC: Tag = Tag(0x42011E);
    /// Certificate Issuer DN Qualifier.
    pub const CERTIFICATE_ISSUER_DN_QUALIFIER: Tag = Tag(0x42011F);
    /// Sensitive.
    pub const SENSITIVE: Tag = Tag(0x420120);
    /// Always Sensitive.
    pub const ALWAYS_SENSITIVE: Tag = Tag(0x420121);
    /// Extractable.
    pub const EXTRACTABLE: Tag = Tag(0x420122);
    /// Never Extractable.
    pub const NEVER_EXTRACTABLE: Tag = Tag(0x420123);
    /// Replace Existing.
    pub const REPLACE_EXISTING: Tag = Tag(0x420124);
    /// Attributes.
    pub const ATTRIBUTES: Tag = Tag(0x420125);
    /// Common Attributes.
    pub const COMMON_ATTRIBUTES: Tag = Tag(0x420126);
    /// Private Key Attributes.
    pub const PRIVATE_KEY_ATTRIBUTES: Tag = Tag(0x420127);
    /// Public Key Attributes.
    pub const PUBLIC_KEY_ATTRIBUTES: Tag = Tag(0x420128);
    /// Extension Enumeration.
    pub const EXTENSION_ENUMERATION: Tag = Tag(0x420129);
    /// Extension Attribute.
    pub const EXTENSION_ATTRIBUTE: Tag = Tag(0x42012A);
    /// Extension Parent Structure Tag.
    pub const EXTENSION_PARENT_STRUCTURE_TAG: Tag = Tag(0x42012B);
    /// Extension Description.
    pub const EXTENSION_DESCRIPTION: Tag = Tag(0x42012C);
    /// Server Name.
    pub const SERVER_NAME: Tag = Tag(0x42012D);
    /// Server Serial Number.
    pub const SERVER_SERIAL_NUMBER: Tag = Tag(0x42012E);
    /// Server Version.
    pub const SERVER_VERSION: Tag = Tag(0x42012F);
    /// Server Load.
    pub const SERVER_LOAD: Tag = Tag(0x420130);
    /// Product Name.
    pub const PRODUCT_NAME: Tag = Tag(0x420131);
    /// Build Level.
    pub const BUILD_LEVEL: Tag = Tag(0x420132);
    /// Build Date.
    pub const BUILD_DATE: Tag = Tag(0x420133);
    /// Cluster Info.
    pub const CLUSTER_INFO: Tag = Tag(0x420134);
    /// Alternate Failover Endpoints.
    pub const ALTERNATE_FAILOVER_ENDPOINTS: Tag = Tag(0x420135);
    /// Short Unique Identifier.
    pub const SHORT_UNIQUE_IDENTIFIER: Tag = Tag(0x420136);
    /// Reserved.
    pub const RESERVED: Tag = Tag(0x420137);
    /// Tag.
    pub const TAG: Tag = Tag(0x420138);
    /// Certificate Request Unique Identifier.
    pub const CERTIFICATE_REQUEST_UNIQUE_IDENTIFIER: Tag = Tag(0x420139);
    /// NIST Key Type.
    pub const NIST_KEY_TYPE: Tag = Tag(0x42013A);
    /// Attribute Reference.
    pub const ATTRIBUTE_REFERENCE: Tag = Tag(0x42013B);
    /// Current Attribute.
    pub const CURRENT_ATTRIBUTE: Tag = Tag(0x42013C);
    /// New Attribute.
    pub const NEW_ATTRIBUTE: Tag = Tag(0x42013D);
    /// Certificate Request Value.
    pub const CERTIFICATE_REQUEST_VALUE: Tag = Tag(0x420140);
    /// Log Message.
    pub const LOG_MESSAGE: Tag = Tag(0x420141);
    /// Profile Version.
    pub const PROFILE_VERSION: Tag = Tag(0x420142);
    /// Profile Version Major.
    pub const PROFILE_VERSION_MAJOR: Tag = Tag(0x420143);
    /// Profile Version Minor.
    pub const PROFILE_VERSION_MINOR: Tag = Tag(0x420144);
    /// Protection Level.
    pub const PROTECTION_LEVEL: Tag = Tag(0x420145);
    /// Protection Period.
    pub const PROTECTION_PERIOD: Tag = Tag(0x420146);
    /// Quantum Safe.
    pub const QUANTUM_SAFE: Tag = Tag(0x420147);
    /// Quantum Safe Capability.
    pub const QUANTUM_SAFE_CAPABILITY: Tag = Tag(0x420148);
    /// Ticket.
    pub const TICKET: Tag = Tag(0x420149);
    /// Ticket Type.
    pub const TICKET_TYPE: Tag = Tag(0x42014A);
    /// Ticket Value.
    pub const TICKET_VALUE: Tag = Tag(0x42014B);
    /// Request Count.
    pub const REQUEST_COUNT: Tag = Tag(0x42014C);
    /// Rights.
    pub const RIGHTS: Tag = Tag(0x42014D);
    /// Objects.
    pub const OBJECTS: Tag = Tag(0x42014E);
    /// Operations.
    pub const OPERATIONS: Tag = Tag(0x42014F);
    /// Right.
    pub const RIGHT: Tag = Tag(0x420150);
    /// Endpoint Role.
    pub const ENDPOINT_ROLE: Tag = Tag(0x420151);
    /// Defaults Information.
    pub const DEFAULTS_INFORMATION: Tag = Tag(0x420152);
    /// Object Defaults.
    pub const OBJECT_DEFAULTS: Tag = Tag(0x420153);
    /// Ephemeral.
    pub const EPHEMERAL: Tag = Tag(0x420154);
    /// Server Hashed Password.
    pub const SERVER_HASHED_PASSWORD: Tag = Tag(0x420155);
    /// One Time Password.
    pub const ONE_TIME_PASSWORD: Tag = Tag(0x420156);
    /// Hashed Password.
    pub const HASHED_PASSWORD: Tag = Tag(0x420157);
    /// Adjustment Type.
    pub const ADJUSTMENT_TYPE: Tag = Tag(0x420158);
    /// PKCS#11 Interface.
    pub const PKCS_11_INTERFACE: Tag = Tag(0x420159);
    /// PKCS#11 Function.
    pub const PKCS_11_FUNCTION: Tag = Tag(0x42015A);
    /// PKCS#11 Input Parameters.
    pub const PKCS_11_INPUT_PARAMETERS: Tag = Tag(0x42015B);
    /// PKCS#11 Output Parameters.
    pub const PKCS_11_OUTPUT_PARAMETERS: Tag = Tag(0x42015C);
    /// PKCS#11 Return Code.
    pub const PKCS_11_RETURN_CODE: Tag = Tag(0x42015D);
    /// Protection Storage Mask.
    pub const PROTECTION_STORAGE_MASK: Tag = Tag(0x42015E);
    /// Protection Storage Masks.
    pub const PROTECTION_STORAGE_MASKS: Tag = Tag(0x42015F);
    /// Interop Function.
    pub const INTEROP_FUNCTION: Tag = Tag(0x420160);
    /// Interop Identifier.
    pub const INTEROP_IDENTIFIER: Tag = Tag(0x420161);
    /// Adjustment Value.
    pub const ADJUSTMENT_VALUE: Tag = Tag(0x420162);
    /// Common Protection Storage Masks.
    pub const COMMON_PROTECTION_STORAGE_MASKS: Tag = Tag(0x420163);
    /// Private Protection Storage Masks.
    pub const PRIVATE_PROTECTION_STORAGE_MASKS: Tag = Tag(0x420164);
    /// Public Protection Storage Masks.
    pub const PUBLIC_PROTECTION_STORAGE_MASKS: Tag = Tag(0x420165);
    /// Object Groups.
    pub const OBJECT_GROUPS: Tag = Tag(0x420166);
    /// Object Types.
    pub const OBJECT_TYPES: Tag = Tag(0x420167);
    /// Constraints.
    pub const CONSTRAINTS: Tag = Tag(0x420168);
    /// Constraint.
    pub const CONSTRAINT: Tag = Tag(0x420169);
    /// Rotate Interval.
    pub const ROTATE_INTERVAL: Tag = Tag(0x42016A);
    /// Rotate Automatic.
    pub const ROTATE_AUTOMATIC: Tag = Tag(0x42016B);
    /// Rotate Offset.
    pub const ROTATE_OFFSET: Tag = Tag(0x42016C);
    /// Rotate Date.
    pub const ROTATE_DATE: Tag = Tag(0x42016D);
    /// Rotate Generation.
    pub const ROTATE_GENERATION: Tag = Tag(0x42016E);
    /// Rotate Name.
    pub const ROTATE_NAME: Tag = Tag(0x42016F);
    /// Rotate Name Value.
    pub const ROTATE_NAME_VALUE: Tag = Tag(0x420170);
    /// Rotate Name Type.
    pub const ROTATE_NAME_TYPE: Tag = Tag(0x420171);
    /// Rotate Latest.
    pub const ROTATE_LATEST: Tag = Tag(0x420172);
    /// Asynchronous Request.
    pub const ASYNCHRONOUS_REQUEST: Tag = Tag(0x420173);
    /// Submission Date.
    pub const SUBMISSION_DATE: Tag = Tag(0x420174);
    /// Processing Stage.
    pub const PROCESSING_STAGE: Tag = Tag(0x420175);
    /// Asynchronous Correlation Values.
    pub const ASYNCHRONOUS_CORRELATION_VALUES: Tag = Tag(0x420176);
}

/// The tags in the order of their codes.
pub static TAGS: &[TagEntry] = &[
    TagEntry { tag: Tag::ACTIVATION_DATE, name: "ActivationDate", title: "Activation Date", item_type: Some(ItemType::DateTime), removed_in_2: false },
    TagEntry { tag: Tag::APPLICATION_DATA, name: "ApplicationData", title: "Application Data", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::APPLICATION_NAMESPACE, name: "ApplicationNamespace", title: "Application Namespace", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::APPLICATION_SPECIFIC_INFORMATION, name: "ApplicationSpecificInformation", title: "Application Specific Information", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::ARCHIVE_DATE, name: "ArchiveDate", title: "Archive Date", item_type: Some(ItemType::DateTime), removed_in_2: false },
    TagEntry { tag: Tag::ASYNCHRONOUS_CORRELATION_VALUE, name: "AsynchronousCorrelationValue", title: "Asynchronous Correlation Value", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::ASYNCHRONOUS_INDICATOR, name: "AsynchronousIndicator", title: "Asynchronous Indicator", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::ATTRIBUTE, name: "Attribute", title: "Attribute", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::ATTRIBUTE_INDEX, name: "AttributeIndex", title: "Attribute Index", item_type: Some(ItemType::Integer), removed_in_2: true },
    TagEntry { tag: Tag::ATTRIBUTE_NAME, name: "AttributeName", title: "Attribute Name", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::ATTRIBUTE_VALUE, name: "AttributeValue", title: "Attribute Value", item_type: None, removed_in_2: false },
    TagEntry { tag: Tag::AUTHENTICATION, name: "Authentication", title: "Authentication", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::BATCH_COUNT, name: "BatchCount", title: "Batch Count", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::BATCH_ERROR_CONTINUATION_OPTION, name: "BatchErrorContinuationOption", title: "Batch Error Continuation Option", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::BATCH_ITEM, name: "BatchItem", title: "Batch Item", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::BATCH_ORDER_OPTION, name: "BatchOrderOption", title: "Batch Order Option", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::BLOCK_CIPHER_MODE, name: "BlockCipherMode", title: "Block Cipher Mode", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::CANCELLATION_RESULT, name: "CancellationResult", title: "Cancellation Result", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE, name: "Certificate", title: "Certificate", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_IDENTIFIER, name: "CertificateIdentifier", title: "Certificate Identifier", item_type: Some(ItemType::Structure), removed_in_2: true },
    TagEntry { tag: Tag::CERTIFICATE_ISSUER, name: "CertificateIssuer", title: "Certificate Issuer", item_type: Some(ItemType::Structure), removed_in_2: true },
    TagEntry { tag: Tag::CERTIFICATE_ISSUER_ALTERNATIVE_NAME, name: "CertificateIssuerAlternativeName", title: "Certificate Issuer Alternative Name", item_type: Some(ItemType::TextString), removed_in_2: true },
    TagEntry { tag: Tag::CERTIFICATE_ISSUER_DISTINGUISHED_NAME, name: "CertificateIssuerDistinguishedName", title: "Certificate Issuer Distinguished Name", item_type: Some(ItemType::TextString), removed_in_2: true },
    TagEntry { tag: Tag::CERTIFICATE_REQUEST, name: "CertificateRequest", title: "Certificate Request", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_REQUEST_TYPE, name: "CertificateRequestType", title: "Certificate Request Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_SUBJECT, name: "CertificateSubject", title: "Certificate Subject", item_type: Some(ItemType::Structure), removed_in_2: true },
    TagEntry { tag: Tag::CERTIFICATE_SUBJECT_ALTERNATIVE_NAME, name: "CertificateSubjectAlternativeName", title: "Certificate Subject Alternative Name", item_type: Some(ItemType::TextString), removed_in_2: true },
    TagEntry { tag: Tag::CERTIFICATE_SUBJECT_DISTINGUISHED_NAME, name: "CertificateSubjectDistinguishedName", title: "Certificate Subject Distinguished Name", item_type: Some(ItemType::TextString), removed_in_2: true },
    TagEntry { tag: Tag::CERTIFICATE_TYPE, name: "CertificateType", title: "Certificate Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_VALUE, name: "CertificateValue", title: "Certificate Value", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::COMMON_TEMPLATE_ATTRIBUTE, name: "CommonTemplateAttribute", title: "Common Template-Attribute", item_type: Some(ItemType::Structure), removed_in_2: true },
    TagEntry { tag: Tag::COMPROMISE_DATE, name: "CompromiseDate", title: "Compromise Date", item_type: Some(ItemType::DateTime), removed_in_2: false },
    TagEntry { tag: Tag::COMPROMISE_OCCURRENCE_DATE, name: "CompromiseOccurrenceDate", title: "Compromise Occurrence Date", item_type: Some(ItemType::DateTime), removed_in_2: false },
    TagEntry { tag: Tag::CONTACT_INFORMATION, name: "ContactInformation", title: "Contact Information", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CREDENTIAL, name: "Credential", title: "Credential", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::CREDENTIAL_TYPE, name: "CredentialType", title: "Credential Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::CREDENTIAL_VALUE, name: "CredentialValue", title: "Credential Value", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::CRITICALITY_INDICATOR, name: "CriticalityIndicator", title: "Criticality Indicator", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::CRT_COEFFICIENT, name: "CRTCoefficient", title: "CRT Coefficient", item_type: Some(ItemType::BigInteger), removed_in_2: false },
    TagEntry { tag: Tag::CRYPTOGRAPHIC_ALGORITHM, name: "CryptographicAlgorithm", title: "Cryptographic Algorithm", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::CRYPTOGRAPHIC_DOMAIN_PARAMETERS, name: "CryptographicDomainParameters", title: "Cryptographic Domain Parameters", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::CRYPTOGRAPHIC_LENGTH, name: "CryptographicLength", title: "Cryptographic Length", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::CRYPTOGRAPHIC_PARAMETERS, name: "CryptographicParameters", title: "Cryptographic Parameters", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::CRYPTOGRAPHIC_USAGE_MASK, name: "CryptographicUsageMask", title: "Cryptographic Usage Mask", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::CUSTOM_ATTRIBUTE, name: "CustomAttribute", title: "Custom Attribute", item_type: Some(ItemType::Structure), removed_in_2: true },
    TagEntry { tag: Tag::D, name: "D", title: "D", item_type: Some(ItemType::BigInteger), removed_in_2: false },
    TagEntry { tag: Tag::DEACTIVATION_DATE, name: "DeactivationDate", title: "Deactivation Date", item_type: Some(ItemType::DateTime), removed_in_2: false },
    TagEntry { tag: Tag::DERIVATION_DATA, name: "DerivationData", title: "Derivation Data", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::DERIVATION_METHOD, name: "DerivationMethod", title: "Derivation Method", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::DERIVATION_PARAMETERS, name: "DerivationParameters", title: "Derivation Parameters", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::DESTROY_DATE, name: "DestroyDate", title: "Destroy Date", item_type: Some(ItemType::DateTime), removed_in_2: false },
    TagEntry { tag: Tag::DIGEST, name: "Digest", title: "Digest", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::DIGEST_VALUE, name: "DigestValue", title: "Digest Value", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::ENCRYPTION_KEY_INFORMATION, name: "EncryptionKeyInformation", title: "Encryption Key Information", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::G, name: "G", title: "G", item_type: Some(ItemType::BigInteger), removed_in_2: false },
    TagEntry { tag: Tag::HASHING_ALGORITHM, name: "HashingAlgorithm", title: "Hashing Algorithm", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::INITIAL_DATE, name: "InitialDate", title: "Initial Date", item_type: Some(ItemType::DateTime), removed_in_2: false },
    TagEntry { tag: Tag::INITIALIZATION_VECTOR, name: "InitializationVector", title: "Initialization Vector", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::ISSUER, name: "Issuer", title: "Issuer", item_type: Some(ItemType::TextString), removed_in_2: true },
    TagEntry { tag: Tag::ITERATION_COUNT, name: "IterationCount", title: "Iteration Count", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::IV_COUNTER_NONCE, name: "IVCounterNonce", title: "IV/Counter/Nonce", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::J, name: "J", title: "J", item_type: Some(ItemType::BigInteger), removed_in_2: false },
    TagEntry { tag: Tag::KEY, name: "Key", title: "Key", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::KEY_BLOCK, name: "KeyBlock", title: "Key Block", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::KEY_COMPRESSION_TYPE, name: "KeyCompressionType", title: "Key Compression Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::KEY_FORMAT_TYPE, name: "KeyFormatType", title: "Key Format Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::KEY_MATERIAL, name: "KeyMaterial", title: "Key Material", item_type: None, removed_in_2: false },
    TagEntry { tag: Tag::KEY_PART_IDENTIFIER, name: "KeyPartIdentifier", title: "Key Part Identifier", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::KEY_VALUE, name: "KeyValue", title: "Key Value", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::KEY_WRAPPING_DATA, name: "KeyWrappingData", title: "Key Wrapping Data", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::KEY_WRAPPING_SPECIFICATION, name: "KeyWrappingSpecification", title: "Key Wrapping Specification", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::LAST_CHANGE_DATE, name: "LastChangeDate", title: "Last Change Date", item_type: Some(ItemType::DateTime), removed_in_2: false },
    TagEntry { tag: Tag::LEASE_TIME, name: "LeaseTime", title: "Lease Time", item_type: Some(ItemType::Interval), removed_in_2: false },
    TagEntry { tag: Tag::LINK, name: "Link", title: "Link", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::LINK_TYPE, name: "LinkType", title: "Link Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::LINKED_OBJECT_IDENTIFIER, name: "LinkedObjectIdentifier", title: "Linked Object Identifier", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::MAC_SIGNATURE, name: "MACSignature", title: "MAC/Signature", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::MAC_SIGNATURE_KEY_INFORMATION, name: "MACSignatureKeyInformation", title: "MAC/Signature Key Information", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::MAXIMUM_ITEMS, name: "MaximumItems", title: "Maximum Items", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::MAXIMUM_RESPONSE_SIZE, name: "MaximumResponseSize", title: "Maximum Response Size", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::MESSAGE_EXTENSION, name: "MessageExtension", title: "Message Extension", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::MODULUS, name: "Modulus", title: "Modulus", item_type: Some(ItemType::BigInteger), removed_in_2: false },
    TagEntry { tag: Tag::NAME, name: "Name", title: "Name", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::NAME_TYPE, name: "NameType", title: "Name Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::NAME_VALUE, name: "NameValue", title: "Name Value", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::OBJECT_GROUP, name: "ObjectGroup", title: "Object Group", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::OBJECT_TYPE, name: "ObjectType", title: "Object Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::OFFSET, name: "Offset", title: "Offset", item_type: Some(ItemType::Interval), removed_in_2: false },
    TagEntry { tag: Tag::OPAQUE_DATA_TYPE, name: "OpaqueDataType", title: "Opaque Data Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::OPAQUE_DATA_VALUE, name: "OpaqueDataValue", title: "Opaque Data Value", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::OPAQUE_OBJECT, name: "OpaqueObject", title: "Opaque Object", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::OPERATION, name: "Operation", title: "Operation", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::OPERATION_POLICY_NAME, name: "OperationPolicyName", title: "Operation Policy Name", item_type: Some(ItemType::TextString), removed_in_2: true },
    TagEntry { tag: Tag::P, name: "P", title: "P", item_type: Some(ItemType::BigInteger), removed_in_2: false },
    TagEntry { tag: Tag::PADDING_METHOD, name: "PaddingMethod", title: "Padding Method", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::PRIME_EXPONENT_P, name: "PrimeExponentP", title: "Prime Exponent P", item_type: Some(ItemType::BigInteger), removed_in_2: false },
    TagEntry { tag: Tag::PRIME_EXPONENT_Q, name: "PrimeExponentQ", title: "Prime Exponent Q", item_type: Some(ItemType::BigInteger), removed_in_2: false },
    TagEntry { tag: Tag::PRIME_FIELD_SIZE, name: "PrimeFieldSize", title: "Prime Field Size", item_type: Some(ItemType::BigInteger), removed_in_2: false },
    TagEntry { tag: Tag::PRIVATE_EXPONENT, name: "PrivateExponent", title: "Private Exponent", item_type: Some(ItemType::BigInteger), removed_in_2: false },
    TagEntry { tag: Tag::PRIVATE_KEY, name: "PrivateKey", title: "Private Key", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::PRIVATE_KEY_TEMPLATE_ATTRIBUTE, name: "PrivateKeyTemplateAttribute", title: "Private Key Template-Attribute", item_type: Some(ItemType::Structure), removed_in_2: true },
    TagEntry { tag: Tag::PRIVATE_KEY_UNIQUE_IDENTIFIER, name: "PrivateKeyUniqueIdentifier", title: "Private Key Unique Identifier", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::PROCESS_START_DATE, name: "ProcessStartDate", title: "Process Start Date", item_type: Some(ItemType::DateTime), removed_in_2: false },
    TagEntry { tag: Tag::PROTECT_STOP_DATE, name: "ProtectStopDate", title: "Protect Stop Date", item_type: Some(ItemType::DateTime), removed_in_2: false },
    TagEntry { tag: Tag::PROTOCOL_VERSION, name: "ProtocolVersion", title: "Protocol Version", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::PROTOCOL_VERSION_MAJOR, name: "ProtocolVersionMajor", title: "Protocol Version Major", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::PROTOCOL_VERSION_MINOR, name: "ProtocolVersionMinor", title: "Protocol Version Minor", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::PUBLIC_EXPONENT, name: "PublicExponent", title: "Public Exponent", item_type: Some(ItemType::BigInteger), removed_in_2: false },
    TagEntry { tag: Tag::PUBLIC_KEY, name: "PublicKey", title: "Public Key", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::PUBLIC_KEY_TEMPLATE_ATTRIBUTE, name: "PublicKeyTemplateAttribute", title: "Public Key Template-Attribute", item_type: Some(ItemType::Structure), removed_in_2: true },
    TagEntry { tag: Tag::PUBLIC_KEY_UNIQUE_IDENTIFIER, name: "PublicKeyUniqueIdentifier", title: "Public Key Unique Identifier", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::PUT_FUNCTION, name: "PutFunction", title: "Put Function", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::Q, name: "Q", title: "Q", item_type: Some(ItemType::BigInteger), removed_in_2: false },
    TagEntry { tag: Tag::Q_STRING, name: "QString", title: "Q String", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::QLENGTH, name: "Qlength", title: "Qlength", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::QUERY_FUNCTION, name: "QueryFunction", title: "Query Function", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::RECOMMENDED_CURVE, name: "RecommendedCurve", title: "Recommended Curve", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::REPLACED_UNIQUE_IDENTIFIER, name: "ReplacedUniqueIdentifier", title: "Replaced Unique Identifier", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::REQUEST_HEADER, name: "RequestHeader", title: "Request Header", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::REQUEST_MESSAGE, name: "RequestMessage", title: "Request Message", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::REQUEST_PAYLOAD, name: "RequestPayload", title: "Request Payload", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::RESPONSE_HEADER, name: "ResponseHeader", title: "Response Header", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::RESPONSE_MESSAGE, name: "ResponseMessage", title: "Response Message", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::RESPONSE_PAYLOAD, name: "ResponsePayload", title: "Response Payload", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::RESULT_MESSAGE, name: "ResultMessage", title: "Result Message", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::RESULT_REASON, name: "ResultReason", title: "Result Reason", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::RESULT_STATUS, name: "ResultStatus", title: "Result Status", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::REVOCATION_MESSAGE, name: "RevocationMessage", title: "Revocation Message", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::REVOCATION_REASON, name: "RevocationReason", title: "Revocation Reason", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::REVOCATION_REASON_CODE, name: "RevocationReasonCode", title: "Revocation Reason Code", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::KEY_ROLE_TYPE, name: "KeyRoleType", title: "Key Role Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::SALT, name: "Salt", title: "Salt", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::SECRET_DATA, name: "SecretData", title: "Secret Data", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::SECRET_DATA_TYPE, name: "SecretDataType", title: "Secret Data Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::SERIAL_NUMBER, name: "SerialNumber", title: "Serial Number", item_type: Some(ItemType::TextString), removed_in_2: true },
    TagEntry { tag: Tag::SERVER_INFORMATION, name: "ServerInformation", title: "Server Information", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::SPLIT_KEY, name: "SplitKey", title: "Split Key", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::SPLIT_KEY_METHOD, name: "SplitKeyMethod", title: "Split Key Method", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::SPLIT_KEY_PARTS, name: "SplitKeyParts", title: "Split Key Parts", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::SPLIT_KEY_THRESHOLD, name: "SplitKeyThreshold", title: "Split Key Threshold", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::STATE, name: "State", title: "State", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::STORAGE_STATUS_MASK, name: "StorageStatusMask", title: "Storage Status Mask", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::SYMMETRIC_KEY, name: "SymmetricKey", title: "Symmetric Key", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::TEMPLATE, name: "Template", title: "Template", item_type: Some(ItemType::Structure), removed_in_2: true },
    TagEntry { tag: Tag::TEMPLATE_ATTRIBUTE, name: "TemplateAttribute", title: "Template-Attribute", item_type: Some(ItemType::Structure), removed_in_2: true },
    TagEntry { tag: Tag::TIME_STAMP, name: "TimeStamp", title: "Time Stamp", item_type: Some(ItemType::DateTime), removed_in_2: false },
    TagEntry { tag: Tag::UNIQUE_BATCH_ITEM_ID, name: "UniqueBatchItemID", title: "Unique Batch Item ID", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::UNIQUE_IDENTIFIER, name: "UniqueIdentifier", title: "Unique Identifier", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::USAGE_LIMITS, name: "UsageLimits", title: "Usage Limits", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::USAGE_LIMITS_COUNT, name: "UsageLimitsCount", title: "Usage Limits Count", item_type: Some(ItemType::LongInteger), removed_in_2: false },
    TagEntry { tag: Tag::USAGE_LIMITS_TOTAL, name: "UsageLimitsTotal", title: "Usage Limits Total", item_type: Some(ItemType::LongInteger), removed_in_2: false },
    TagEntry { tag: Tag::USAGE_LIMITS_UNIT, name: "UsageLimitsUnit", title: "Usage Limits Unit", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::USERNAME, name: "Username", title: "Username", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::VALIDITY_DATE, name: "ValidityDate", title: "Validity Date", item_type: Some(ItemType::DateTime), removed_in_2: false },
    TagEntry { tag: Tag::VALIDITY_INDICATOR, name: "ValidityIndicator", title: "Validity Indicator", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::VENDOR_EXTENSION, name: "VendorExtension", title: "Vendor Extension", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::VENDOR_IDENTIFICATION, name: "VendorIdentification", title: "Vendor Identification", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::WRAPPING_METHOD, name: "WrappingMethod", title: "Wrapping Method", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::X, name: "X", title: "X", item_type: Some(ItemType::BigInteger), removed_in_2: false },
    TagEntry { tag: Tag::Y, name: "Y", title: "Y", item_type: Some(ItemType::BigInteger), removed_in_2: false },
    TagEntry { tag: Tag::PASSWORD, name: "Password", title: "Password", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::DEVICE_IDENTIFIER, name: "DeviceIdentifier", title: "Device Identifier", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::ENCODING_OPTION, name: "EncodingOption", title: "Encoding Option", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::EXTENSION_INFORMATION, name: "ExtensionInformation", title: "Extension Information", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::EXTENSION_NAME, name: "ExtensionName", title: "Extension Name", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::EXTENSION_TAG, name: "ExtensionTag", title: "Extension Tag", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::EXTENSION_TYPE, name: "ExtensionType", title: "Extension Type", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::FRESH, name: "Fresh", title: "Fresh", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::MACHINE_IDENTIFIER, name: "MachineIdentifier", title: "Machine Identifier", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::MEDIA_IDENTIFIER, name: "MediaIdentifier", title: "Media Identifier", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::NETWORK_IDENTIFIER, name: "NetworkIdentifier", title: "Network Identifier", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::OBJECT_GROUP_MEMBER, name: "ObjectGroupMember", title: "Object Group Member", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_LENGTH, name: "CertificateLength", title: "Certificate Length", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::DIGITAL_SIGNATURE_ALGORITHM, name: "DigitalSignatureAlgorithm", title: "Digital Signature Algorithm", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_SERIAL_NUMBER, name: "CertificateSerialNumber", title: "Certificate Serial Number", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::DEVICE_SERIAL_NUMBER, name: "DeviceSerialNumber", title: "Device Serial Number", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::ISSUER_ALTERNATIVE_NAME, name: "IssuerAlternativeName", title: "Issuer Alternative Name", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::ISSUER_DISTINGUISHED_NAME, name: "IssuerDistinguishedName", title: "Issuer Distinguished Name", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::SUBJECT_ALTERNATIVE_NAME, name: "SubjectAlternativeName", title: "Subject Alternative Name", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::SUBJECT_DISTINGUISHED_NAME, name: "SubjectDistinguishedName", title: "Subject Distinguished Name", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::X_509_CERTIFICATE_IDENTIFIER, name: "X_509CertificateIdentifier", title: "X.509 Certificate Identifier", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::X_509_CERTIFICATE_ISSUER, name: "X_509CertificateIssuer", title: "X.509 Certificate Issuer", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::X_509_CERTIFICATE_SUBJECT, name: "X_509CertificateSubject", title: "X.509 Certificate Subject", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::KEY_VALUE_LOCATION, name: "KeyValueLocation", title: "Key Value Location", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::KEY_VALUE_LOCATION_VALUE, name: "KeyValueLocationValue", title: "Key Value Location Value", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::KEY_VALUE_LOCATION_TYPE, name: "KeyValueLocationType", title: "Key Value Location Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::KEY_VALUE_PRESENT, name: "KeyValuePresent", title: "Key Value Present", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::ORIGINAL_CREATION_DATE, name: "OriginalCreationDate", title: "Original Creation Date", item_type: Some(ItemType::DateTime), removed_in_2: false },
    TagEntry { tag: Tag::PGP_KEY, name: "PGPKey", title: "PGP Key", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::PGP_KEY_VERSION, name: "PGPKeyVersion", title: "PGP Key Version", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::ALTERNATIVE_NAME, name: "AlternativeName", title: "Alternative Name", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::ALTERNATIVE_NAME_VALUE, name: "AlternativeNameValue", title: "Alternative Name Value", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::ALTERNATIVE_NAME_TYPE, name: "AlternativeNameType", title: "Alternative Name Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::DATA, name: "Data", title: "Data", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::SIGNATURE_DATA, name: "SignatureData", title: "Signature Data", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::DATA_LENGTH, name: "DataLength", title: "Data Length", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::RANDOM_IV, name: "RandomIV", title: "Random IV", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::MAC_DATA, name: "MACData", title: "MAC Data", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::ATTESTATION_TYPE, name: "AttestationType", title: "Attestation Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::NONCE, name: "Nonce", title: "Nonce", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::NONCE_ID, name: "NonceID", title: "Nonce ID", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::NONCE_VALUE, name: "NonceValue", title: "Nonce Value", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::ATTESTATION_MEASUREMENT, name: "AttestationMeasurement", title: "Attestation Measurement", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::ATTESTATION_ASSERTION, name: "AttestationAssertion", title: "Attestation Assertion", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::IV_LENGTH, name: "IVLength", title: "IV Length", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::TAG_LENGTH, name: "TagLength", title: "Tag Length", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::FIXED_FIELD_LENGTH, name: "FixedFieldLength", title: "Fixed Field Length", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::COUNTER_LENGTH, name: "CounterLength", title: "Counter Length", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::INITIAL_COUNTER_VALUE, name: "InitialCounterValue", title: "Initial Counter Value", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::INVOCATION_FIELD_LENGTH, name: "InvocationFieldLength", title: "Invocation Field Length", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::ATTESTATION_CAPABLE_INDICATOR, name: "AttestationCapableIndicator", title: "Attestation Capable Indicator", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::OFFSET_ITEMS, name: "OffsetItems", title: "Offset Items", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::LOCATED_ITEMS, name: "LocatedItems", title: "Located Items", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::CORRELATION_VALUE, name: "CorrelationValue", title: "Correlation Value", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::INIT_INDICATOR, name: "InitIndicator", title: "Init Indicator", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::FINAL_INDICATOR, name: "FinalIndicator", title: "Final Indicator", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::RNG_PARAMETERS, name: "RNGParameters", title: "RNG Parameters", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::RNG_ALGORITHM, name: "RNGAlgorithm", title: "RNG Algorithm", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::DRBG_ALGORITHM, name: "DRBGAlgorithm", title: "DRBG Algorithm", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::FIPS186_VARIATION, name: "FIPS186Variation", title: "FIPS186 Variation", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::PREDICTION_RESISTANCE, name: "PredictionResistance", title: "Prediction Resistance", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::RANDOM_NUMBER_GENERATOR, name: "RandomNumberGenerator", title: "Random Number Generator", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::VALIDATION_INFORMATION, name: "ValidationInformation", title: "Validation Information", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::VALIDATION_AUTHORITY_TYPE, name: "ValidationAuthorityType", title: "Validation Authority Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::VALIDATION_AUTHORITY_COUNTRY, name: "ValidationAuthorityCountry", title: "Validation Authority Country", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::VALIDATION_AUTHORITY_URI, name: "ValidationAuthorityURI", title: "Validation Authority URI", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::VALIDATION_VERSION_MAJOR, name: "ValidationVersionMajor", title: "Validation Version Major", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::VALIDATION_VERSION_MINOR, name: "ValidationVersionMinor", title: "Validation Version Minor", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::VALIDATION_TYPE, name: "ValidationType", title: "Validation Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::VALIDATION_LEVEL, name: "ValidationLevel", title: "Validation Level", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::VALIDATION_CERTIFICATE_IDENTIFIER, name: "ValidationCertificateIdentifier", title: "Validation Certificate Identifier", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::VALIDATION_CERTIFICATE_URI, name: "ValidationCertificateURI", title: "Validation Certificate URI", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::VALIDATION_VENDOR_URI, name: "ValidationVendorURI", title: "Validation Vendor URI", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::VALIDATION_PROFILE, name: "ValidationProfile", title: "Validation Profile", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::PROFILE_INFORMATION, name: "ProfileInformation", title: "Profile Information", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::PROFILE_NAME, name: "ProfileName", title: "Profile Name", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::SERVER_URI, name: "ServerURI", title: "Server URI", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::SERVER_PORT, name: "ServerPort", title: "Server Port", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::STREAMING_CAPABILITY, name: "StreamingCapability", title: "Streaming Capability", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::ASYNCHRONOUS_CAPABILITY, name: "AsynchronousCapability", title: "Asynchronous Capability", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::ATTESTATION_CAPABILITY, name: "AttestationCapability", title: "Attestation Capability", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::UNWRAP_MODE, name: "UnwrapMode", title: "Unwrap Mode", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::DESTROY_ACTION, name: "DestroyAction", title: "Destroy Action", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::SHREDDING_ALGORITHM, name: "ShreddingAlgorithm", title: "Shredding Algorithm", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::RNG_MODE, name: "RNGMode", title: "RNG Mode", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::CLIENT_REGISTRATION_METHOD, name: "ClientRegistrationMethod", title: "Client Registration Method", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::CAPABILITY_INFORMATION, name: "CapabilityInformation", title: "Capability Information", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::KEY_WRAP_TYPE, name: "KeyWrapType", title: "Key Wrap Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::BATCH_UNDO_CAPABILITY, name: "BatchUndoCapability", title: "Batch Undo Capability", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::BATCH_CONTINUE_CAPABILITY, name: "BatchContinueCapability", title: "Batch Continue Capability", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::PKCS_12_FRIENDLY_NAME, name: "PKCS_12FriendlyName", title: "PKCS#12 Friendly Name", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::DESCRIPTION, name: "Description", title: "Description", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::COMMENT, name: "Comment", title: "Comment", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA, name: "AuthenticatedEncryptionAdditionalData", title: "Authenticated Encryption Additional Data", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::AUTHENTICATED_ENCRYPTION_TAG, name: "AuthenticatedEncryptionTag", title: "Authenticated Encryption Tag", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::SALT_LENGTH, name: "SaltLength", title: "Salt Length", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::MASK_GENERATOR, name: "MaskGenerator", title: "Mask Generator", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::MASK_GENERATOR_HASHING_ALGORITHM, name: "MaskGeneratorHashingAlgorithm", title: "Mask Generator Hashing Algorithm", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::P_SOURCE, name: "PSource", title: "P Source", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::TRAILER_FIELD, name: "TrailerField", title: "Trailer Field", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::CLIENT_CORRELATION_VALUE, name: "ClientCorrelationValue", title: "Client Correlation Value", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::SERVER_CORRELATION_VALUE, name: "ServerCorrelationValue", title: "Server Correlation Value", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::DIGESTED_DATA, name: "DigestedData", title: "Digested Data", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_SUBJECT_CN, name: "CertificateSubjectCN", title: "Certificate Subject CN", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_SUBJECT_O, name: "CertificateSubjectO", title: "Certificate Subject O", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_SUBJECT_OU, name: "CertificateSubjectOU", title: "Certificate Subject OU", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_SUBJECT_EMAIL, name: "CertificateSubjectEmail", title: "Certificate Subject Email", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_SUBJECT_C, name: "CertificateSubjectC", title: "Certificate Subject C", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_SUBJECT_ST, name: "CertificateSubjectST", title: "Certificate Subject ST", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_SUBJECT_L, name: "CertificateSubjectL", title: "Certificate Subject L", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_SUBJECT_UID, name: "CertificateSubjectUID", title: "Certificate Subject UID", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_SUBJECT_SERIAL_NUMBER, name: "CertificateSubjectSerialNumber", title: "Certificate Subject Serial Number", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_SUBJECT_TITLE, name: "CertificateSubjectTitle", title: "Certificate Subject Title", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_SUBJECT_DC, name: "CertificateSubjectDC", title: "Certificate Subject DC", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_SUBJECT_DN_QUALIFIER, name: "CertificateSubjectDNQualifier", title: "Certificate Subject DN Qualifier", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_ISSUER_CN, name: "CertificateIssuerCN", title: "Certificate Issuer CN", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_ISSUER_O, name: "CertificateIssuerO", title: "Certificate Issuer O", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_ISSUER_OU, name: "CertificateIssuerOU", title: "Certificate Issuer OU", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_ISSUER_EMAIL, name: "CertificateIssuerEmail", title: "Certificate Issuer Email", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_ISSUER_C, name: "CertificateIssuerC", title: "Certificate Issuer C", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_ISSUER_ST, name: "CertificateIssuerST", title: "Certificate Issuer ST", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_ISSUER_L, name: "CertificateIssuerL", title: "Certificate Issuer L", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_ISSUER_UID, name: "CertificateIssuerUID", title: "Certificate Issuer UID", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_ISSUER_SERIAL_NUMBER, name: "CertificateIssuerSerialNumber", title: "Certificate Issuer Serial Number", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_ISSUER_TITLE, name: "CertificateIssuerTitle", title: "Certificate Issuer Title", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_ISSUER_DC, name: "CertificateIssuerDC", title: "Certificate Issuer DC", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_ISSUER_DN_QUALIFIER, name: "CertificateIssuerDNQualifier", title: "Certificate Issuer DN Qualifier", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::SENSITIVE, name: "Sensitive", title: "Sensitive", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::ALWAYS_SENSITIVE, name: "AlwaysSensitive", title: "Always Sensitive", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::EXTRACTABLE, name: "Extractable", title: "Extractable", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::NEVER_EXTRACTABLE, name: "NeverExtractable", title: "Never Extractable", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::REPLACE_EXISTING, name: "ReplaceExisting", title: "Replace Existing", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::ATTRIBUTES, name: "Attributes", title: "Attributes", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::COMMON_ATTRIBUTES, name: "CommonAttributes", title: "Common Attributes", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::PRIVATE_KEY_ATTRIBUTES, name: "PrivateKeyAttributes", title: "Private Key Attributes", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::PUBLIC_KEY_ATTRIBUTES, name: "PublicKeyAttributes", title: "Public Key Attributes", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::EXTENSION_ENUMERATION, name: "ExtensionEnumeration", title: "Extension Enumeration", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::EXTENSION_ATTRIBUTE, name: "ExtensionAttribute", title: "Extension Attribute", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::EXTENSION_PARENT_STRUCTURE_TAG, name: "ExtensionParentStructureTag", title: "Extension Parent Structure Tag", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::EXTENSION_DESCRIPTION, name: "ExtensionDescription", title: "Extension Description", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::SERVER_NAME, name: "ServerName", title: "Server Name", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::SERVER_SERIAL_NUMBER, name: "ServerSerialNumber", title: "Server Serial Number", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::SERVER_VERSION, name: "ServerVersion", title: "Server Version", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::SERVER_LOAD, name: "ServerLoad", title: "Server Load", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::PRODUCT_NAME, name: "ProductName", title: "Product Name", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::BUILD_LEVEL, name: "BuildLevel", title: "Build Level", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::BUILD_DATE, name: "BuildDate", title: "Build Date", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::CLUSTER_INFO, name: "ClusterInfo", title: "Cluster Info", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::ALTERNATE_FAILOVER_ENDPOINTS, name: "AlternateFailoverEndpoints", title: "Alternate Failover Endpoints", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::SHORT_UNIQUE_IDENTIFIER, name: "ShortUniqueIdentifier", title: "Short Unique Identifier", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::RESERVED, name: "Reserved", title: "Reserved", item_type: None, removed_in_2: false },
    TagEntry { tag: Tag::TAG, name: "Tag", title: "Tag", item_type: None, removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_REQUEST_UNIQUE_IDENTIFIER, name: "CertificateRequestUniqueIdentifier", title: "Certificate Request Unique Identifier", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::NIST_KEY_TYPE, name: "NISTKeyType", title: "NIST Key Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::ATTRIBUTE_REFERENCE, name: "AttributeReference", title: "Attribute Reference", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::CURRENT_ATTRIBUTE, name: "CurrentAttribute", title: "Current Attribute", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::NEW_ATTRIBUTE, name: "NewAttribute", title: "New Attribute", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::CERTIFICATE_REQUEST_VALUE, name: "CertificateRequestValue", title: "Certificate Request Value", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::LOG_MESSAGE, name: "LogMessage", title: "Log Message", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::PROFILE_VERSION, name: "ProfileVersion", title: "Profile Version", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::PROFILE_VERSION_MAJOR, name: "ProfileVersionMajor", title: "Profile Version Major", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::PROFILE_VERSION_MINOR, name: "ProfileVersionMinor", title: "Profile Version Minor", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::PROTECTION_LEVEL, name: "ProtectionLevel", title: "Protection Level", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::PROTECTION_PERIOD, name: "ProtectionPeriod", title: "Protection Period", item_type: Some(ItemType::Interval), removed_in_2: false },
    TagEntry { tag: Tag::QUANTUM_SAFE, name: "QuantumSafe", title: "Quantum Safe", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::QUANTUM_SAFE_CAPABILITY, name: "QuantumSafeCapability", title: "Quantum Safe Capability", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::TICKET, name: "Ticket", title: "Ticket", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::TICKET_TYPE, name: "TicketType", title: "Ticket Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::TICKET_VALUE, name: "TicketValue", title: "Ticket Value", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::REQUEST_COUNT, name: "RequestCount", title: "Request Count", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::RIGHTS, name: "Rights", title: "Rights", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::OBJECTS, name: "Objects", title: "Objects", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::OPERATIONS, name: "Operations", title: "Operations", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::RIGHT, name: "Right", title: "Right", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::ENDPOINT_ROLE, name: "EndpointRole", title: "Endpoint Role", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::DEFAULTS_INFORMATION, name: "DefaultsInformation", title: "Defaults Information", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::OBJECT_DEFAULTS, name: "ObjectDefaults", title: "Object Defaults", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::EPHEMERAL, name: "Ephemeral", title: "Ephemeral", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::SERVER_HASHED_PASSWORD, name: "ServerHashedPassword", title: "Server Hashed Password", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::ONE_TIME_PASSWORD, name: "OneTimePassword", title: "One Time Password", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::HASHED_PASSWORD, name: "HashedPassword", title: "Hashed Password", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::ADJUSTMENT_TYPE, name: "AdjustmentType", title: "Adjustment Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::PKCS_11_INTERFACE, name: "PKCS_11Interface", title: "PKCS#11 Interface", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::PKCS_11_FUNCTION, name: "PKCS_11Function", title: "PKCS#11 Function", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::PKCS_11_INPUT_PARAMETERS, name: "PKCS_11InputParameters", title: "PKCS#11 Input Parameters", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::PKCS_11_OUTPUT_PARAMETERS, name: "PKCS_11OutputParameters", title: "PKCS#11 Output Parameters", item_type: Some(ItemType::ByteString), removed_in_2: false },
    TagEntry { tag: Tag::PKCS_11_RETURN_CODE, name: "PKCS_11ReturnCode", title: "PKCS#11 Return Code", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::PROTECTION_STORAGE_MASK, name: "ProtectionStorageMask", title: "Protection Storage Mask", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::PROTECTION_STORAGE_MASKS, name: "ProtectionStorageMasks", title: "Protection Storage Masks", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::INTEROP_FUNCTION, name: "InteropFunction", title: "Interop Function", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::INTEROP_IDENTIFIER, name: "InteropIdentifier", title: "Interop Identifier", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::ADJUSTMENT_VALUE, name: "AdjustmentValue", title: "Adjustment Value", item_type: None, removed_in_2: false },
    TagEntry { tag: Tag::COMMON_PROTECTION_STORAGE_MASKS, name: "CommonProtectionStorageMasks", title: "Common Protection Storage Masks", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::PRIVATE_PROTECTION_STORAGE_MASKS, name: "PrivateProtectionStorageMasks", title: "Private Protection Storage Masks", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::PUBLIC_PROTECTION_STORAGE_MASKS, name: "PublicProtectionStorageMasks", title: "Public Protection Storage Masks", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::OBJECT_GROUPS, name: "ObjectGroups", title: "Object Groups", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::OBJECT_TYPES, name: "ObjectTypes", title: "Object Types", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::CONSTRAINTS, name: "Constraints", title: "Constraints", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::CONSTRAINT, name: "Constraint", title: "Constraint", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::ROTATE_INTERVAL, name: "RotateInterval", title: "Rotate Interval", item_type: Some(ItemType::Interval), removed_in_2: false },
    TagEntry { tag: Tag::ROTATE_AUTOMATIC, name: "RotateAutomatic", title: "Rotate Automatic", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::ROTATE_OFFSET, name: "RotateOffset", title: "Rotate Offset", item_type: Some(ItemType::Interval), removed_in_2: false },
    TagEntry { tag: Tag::ROTATE_DATE, name: "RotateDate", title: "Rotate Date", item_type: Some(ItemType::DateTime), removed_in_2: false },
    TagEntry { tag: Tag::ROTATE_GENERATION, name: "RotateGeneration", title: "Rotate Generation", item_type: Some(ItemType::Integer), removed_in_2: false },
    TagEntry { tag: Tag::ROTATE_NAME, name: "RotateName", title: "Rotate Name", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::ROTATE_NAME_VALUE, name: "RotateNameValue", title: "Rotate Name Value", item_type: Some(ItemType::TextString), removed_in_2: false },
    TagEntry { tag: Tag::ROTATE_NAME_TYPE, name: "RotateNameType", title: "Rotate Name Type", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::ROTATE_LATEST, name: "RotateLatest", title: "Rotate Latest", item_type: Some(ItemType::Boolean), removed_in_2: false },
    TagEntry { tag: Tag::ASYNCHRONOUS_REQUEST, name: "AsynchronousRequest", title: "Asynchronous Request", item_type: Some(ItemType::Structure), removed_in_2: false },
    TagEntry { tag: Tag::SUBMISSION_DATE, name: "SubmissionDate", title: "Submission Date", item_type: Some(ItemType::DateTimeExtended), removed_in_2: false },
    TagEntry { tag: Tag::PROCESSING_STAGE, name: "ProcessingStage", title: "Processing Stage", item_type: Some(ItemType::Enumeration), removed_in_2: false },
    TagEntry { tag: Tag::ASYNCHRONOUS_CORRELATION_VALUES, name: "AsynchronousCorrelationValues", title: "Asynchronous Correlation Values", item_type: Some(ItemType::Structure), removed_in_2: false },
];
