//! Derive Key (KMIP 2.1 section 6.1.14).

use crate::attributes::Attributes;
use crate::identifier::UniqueIdentifier;
use crate::objects::CryptographicParameters;
use crate::structure;
use crate::tables::enumerations::{DerivationMethod, ObjectType};
use crate::ttlv::ByteString;

structure! {
    /// What to derive, and from what.
    pub struct DeriveKeyRequest {
        /// The type of the new object: a symmetric key or secret data.
        object_type: ObjectType = OBJECT_TYPE,
        /// The keys and secret data to derive from, at least one; the ID Placeholder does not stand in for them.
        unique_identifier: Vec<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// How.
        derivation_method: DerivationMethod = DERIVATION_METHOD,
        /// What the method needs.
        derivation_parameters: DerivationParameters = DERIVATION_PARAMETERS,
        /// The attributes that the client wants the new object to have; its length among them.
        attributes: Attributes = ATTRIBUTES,
    }
}

structure! {
    /// What a derivation method needs (section 7.12).
    pub struct DerivationParameters {
        /// The pseudo-random function, or its mode of operation.
        cryptographic_parameters: Option<CryptographicParameters> = CRYPTOGRAPHIC_PARAMETERS,
        /// The initialisation vector; empty if absent.
        initialization_vector: Option<ByteString> = INITIALIZATION_VECTOR,
        /// What is encrypted, hashed or authenticated; for NIST SP 800-108 label, zero byte and context; for AWS Signature
        /// Version 4 date, region and service, one field each; for HKDF the optional information.
        derivation_data: Vec<ByteString> = DERIVATION_DATA,
        /// The salt of PBKDF2 and of HKDF.
        salt: Option<ByteString> = SALT,
        /// The iterations of PBKDF2.
        iteration_count: Option<i32> = ITERATION_COUNT,
    }
}

structure! {
    /// The object was derived.
    pub struct DeriveKeyResponse {
        /// The new object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
