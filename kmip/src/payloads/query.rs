//! Query (KMIP 2.1 section 6.1.40).

use super::protection_storage_masks::ProtectionStorageMasks;
use crate::attributes::{Attributes, RngParameters};
use crate::structure;
use crate::tables::enumerations::{
    AttestationType, ClientRegistrationMethod, DestroyAction, ObjectType, OperationCode, ProfileName,
    QueryFunction, RngMode, ShreddingAlgorithm, UnwrapMode,
};
use crate::ttlv::Value;

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
        validation_information: Vec<Value> = VALIDATION_INFORMATION,
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
    /// Default attributes of one type of object (section 7.22).
    pub struct ObjectDefaults {
        /// The type.
        object_type: ObjectType = OBJECT_TYPE,
        /// Its default attributes.
        attributes: Attributes = ATTRIBUTES,
    }
}
