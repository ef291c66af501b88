//! Decapsulate.

use crate::attributes::Attributes;
use crate::identifier::UniqueIdentifier;
use crate::objects::CryptographicParameters;
use crate::payloads::ProtectionStorageMasks;
use crate::structure;
use crate::ttlv::ByteString;

structure! {
    /// Which shared secret to take out of its ciphertext.
    pub struct DecapsulateRequest {
        /// The private key; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// How; as the attributes of the key say if absent.
        cryptographic_parameters: Option<CryptographicParameters> = CRYPTOGRAPHIC_PARAMETERS,
        /// The ciphertext.
        data: ByteString = DATA,
        /// The attributes of the symmetric key that the shared secret becomes; its algorithm among them.
        attributes: Attributes = ATTRIBUTES,
        /// Where that key may be kept.
        protection_storage_masks: Option<ProtectionStorageMasks> = PROTECTION_STORAGE_MASKS,
    }
}

structure! {
    /// The shared secret was taken in.
    pub struct DecapsulateResponse {
        /// The new symmetric key.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
