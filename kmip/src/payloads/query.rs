//! Query (KMIP 2.1 section 6.1.40).

use super::constraints::ObjectTypes;
use super::protection_storage_masks::ProtectionStorageMasks;
use crate::attributes::{Attributes, RngParameters};
use crate::field::{DecodeError, Field, Fields};
use crate::structure;
use crate::tables::enumerations::{
    AttestationType, ClientRegistrationMethod, DestroyAction, ObjectType, OperationCode, ProfileName,
    QueryFunction, RngMode, ShreddingAlgorithm, UnwrapMode, ValidationAuthorityType, ValidationType,
};
use crate::ttlv::{Tag, Ttlv, Value};

structure! {
    /// What the client wants to know of the server.
    pub struct QueryRequest {
        /// One question.
        query_function: Vec<QueryFunction> = QUERY_FUNCTION,
        /// The object groups for which it asks.
        object_groups: Option<ObjectGroups> = OBJECT_GROUPS,
    }
}

structure! {
    /// Object groups (section 7.23).
    pub struct ObjectGroups {
        /// One group.
        object_group: Vec<String> = OBJECT_GROUP,
    }
}

structure! {
    /// What the server is and can do.
    pub struct QueryResponse {
        /// Operations.
        operation: Vec<OperationCode> = OPERATION,
        /// Object types.
        object_type: Vec<ObjectType> = OBJECT_TYPE,
        /// Who made the server.
        vendor_identification: Option<String> = VENDOR_IDENTIFICATION,
        /// The server, in standard and vendors' fields.
        server_information: Option<Value> = SERVER_INFORMATION,
        /// Application namespaces for which the server generates data.
        application_namespace: Vec<String> = APPLICATION_NAMESPACE,
        /// Extension tags.
        extension_information: Vec<ExtensionInformation> = EXTENSION_INFORMATION,
        /// Attestations that the server can check.
        attestation_type: Vec<AttestationType> = ATTESTATION_TYPE,
        /// Random number generators.
        rng_parameters: Vec<RngParameters> = RNG_PARAMETERS,
        /// Profiles.
        profile_information: Vec<ProfileInformation> = PROFILE_INFORMATION,
        /// Formal validations.
        validation_information: Vec<ValidationInformation> = VALIDATION_INFORMATION,
        /// Capabilities.
        capability_information: Vec<CapabilityInformation> = CAPABILITY_INFORMATION,
        /// How clients may register.
        client_registration_method: Vec<ClientRegistrationMethod> = CLIENT_REGISTRATION_METHOD,
        /// What the server assumes where a client says nothing.
        defaults_information: Option<DefaultsInformation> = DEFAULTS_INFORMATION,
        /// Where the server keeps objects.
        protection_storage_masks: Option<ProtectionStorageMasks> = PROTECTION_STORAGE_MASKS,
    }
}

structure! {
    /// An extension tag (section 7.13).
    pub struct ExtensionInformation {
        /// Its name.
        extension_name: String = EXTENSION_NAME,
        /// Its number.
        extension_tag: Option<i32> = EXTENSION_TAG,
        /// The type of its items, as binary TTLV numbers types: an Enumeration, before 2.1 an Integer.
        extension_type: Option<Value> = EXTENSION_TYPE,
    }
}

structure! {
    /// A profile that the server supports (section 7.31).
    pub struct ProfileInformation {
        /// Which one.
        profile_name: ProfileName = PROFILE_NAME,
        /// In which version.
        profile_version: Option<ProfileVersion> = PROFILE_VERSION,
        /// Where, if not here.
        server_uri: Option<String> = SERVER_URI,
        /// On which port, if not on this one.
        server_port: Option<i32> = SERVER_PORT,
    }
}

structure! {
    /// The version of a profile (section 7.32).
    pub struct ProfileVersion {
        /// The first number.
        major: i32 = PROFILE_VERSION_MAJOR,
        /// The second number.
        minor: i32 = PROFILE_VERSION_MINOR,
    }
}

structure! {
    /// What the server can do (section 7.5).
    pub struct CapabilityInformation {
        /// Multi-part cryptographic operations.
        streaming_capability: Option<bool> = STREAMING_CAPABILITY,
        /// Asynchronous operations.
        asynchronous_capability: Option<bool> = ASYNCHRONOUS_CAPABILITY,
        /// Attestation.
        attestation_capability: Option<bool> = ATTESTATION_CAPABILITY,
        /// Batches that are undone as a whole.
        batch_undo_capability: Option<bool> = BATCH_UNDO_CAPABILITY,
        /// Batches that go on after a failed item.
        batch_continue_capability: Option<bool> = BATCH_CONTINUE_CAPABILITY,
        /// What happens to wrapped keys that are registered.
        unwrap_mode: Option<UnwrapMode> = UNWRAP_MODE,
        /// What Destroy removes.
        destroy_action: Option<DestroyAction> = DESTROY_ACTION,
        /// How it is removed.
        shredding_algorithm: Option<ShreddingAlgorithm> = SHREDDING_ALGORITHM,
        /// Whether clients share a random number generator.
        rng_mode: Option<RngMode> = RNG_MODE,
        /// Whether quantum-safe objects can be demanded.
        quantum_safe_capability: Option<bool> = QUANTUM_SAFE_CAPABILITY,
    }
}

structure! {
    /// What the server assumes where a client says nothing (section 7.11).
    pub struct DefaultsInformation {
        /// For one type of object.
        object_defaults: Vec<ObjectDefaults> = OBJECT_DEFAULTS,
    }
}

structure! {
    /// Default attributes of some types of object (section 7.22).
    pub struct ObjectDefaults {
        /// The types.
        object_types: DefaultedTypes = OBJECT_TYPES,
        /// Their default attributes.
        attributes: Attributes = ATTRIBUTES,
        /// In which groups; in all if absent.
        object_groups: Option<ObjectGroups> = OBJECT_GROUPS,
    }
}

/// The object types that defaults are for: one as Object Type, several as Object Types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultedTypes {
    /// One type.
    One(ObjectType),
    /// Several types.
    Several(ObjectTypes),
}

impl DefaultedTypes {
    /// Each of the types.
    pub fn as_slice(&self) -> &[ObjectType] {
        match self {
            Self::One(object_type) => std::slice::from_ref(object_type),
            Self::Several(types) => &types.object_type,
        }
    }
}

/// Either form stands under a tag of its own, so the tag that the field declares is not used.
impl Field for DefaultedTypes {
    type Read = ();

    fn take(fields: &mut Fields, _: Tag) -> Result<Self, DecodeError> {
        let one = <Option<ObjectType> as Field>::take(fields, Tag::OBJECT_TYPE)?;
        let several = <Option<ObjectTypes> as Field>::take(fields, Tag::OBJECT_TYPES)?;
        match (one, several) {
            (Some(one), None) => Ok(Self::One(one)),
            (None, Some(several)) => Ok(Self::Several(several)),
            (None, None) => {
                Err(DecodeError::Missing { structure: fields.structure(), field: Tag::OBJECT_TYPE })
            }
            (Some(_), Some(_)) => Err(DecodeError::BadValue {
                field: Tag::OBJECT_TYPES,
                why: "must not stand beside an Object Type".into(),
            }),
        }
    }

    fn put(self, _: Tag, children: &mut Vec<Ttlv>) {
        match self {
            Self::One(object_type) => object_type.put(Tag::OBJECT_TYPE, children),
            Self::Several(types) => types.put(Tag::OBJECT_TYPES, children),
        }
    }
}

structure! {
    /// A formal validation of the server (section 7.41).
    pub struct ValidationInformation {
        /// Who validated.
        validation_authority_type: ValidationAuthorityType = VALIDATION_AUTHORITY_TYPE,
        /// In which country, as ISO 3166 has it in two letters.
        validation_authority_country: Option<String> = VALIDATION_AUTHORITY_COUNTRY,
        /// Where to find the authority.
        validation_authority_uri: Option<String> = VALIDATION_AUTHORITY_URI,
        /// The first number of the version of the standard against which it validated.
        validation_version_major: i32 = VALIDATION_VERSION_MAJOR,
        /// The second number.
        validation_version_minor: Option<i32> = VALIDATION_VERSION_MINOR,
        /// What was validated.
        validation_type: ValidationType = VALIDATION_TYPE,
        /// At which level.
        validation_level: i32 = VALIDATION_LEVEL,
        /// The certificate of validation.
        validation_certificate_identifier: Option<String> = VALIDATION_CERTIFICATE_IDENTIFIER,
        /// Where to find the certificate.
        validation_certificate_uri: Option<String> = VALIDATION_CERTIFICATE_URI,
        /// Where to find the vendor.
        validation_vendor_uri: Option<String> = VALIDATION_VENDOR_URI,
        /// Profiles that were validated.
        validation_profile: Vec<String> = VALIDATION_PROFILE,
    }
}
