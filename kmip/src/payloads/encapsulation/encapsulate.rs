//! Encapsulate.

use crate::attributes::Attributes;
use crate::identifier::UniqueIdentifier;
use crate::objects::CryptographicParameters;
use crate::payloads::ProtectionStorageMasks;
use crate::structure;
use crate::ttlv::ByteString;

structure! {
    /// For whose private key to make a shared secret.
    pub struct EncapsulateRequest {
        /// The public key; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// How; as the attributes of the key say if absent.
        cryptographic_parameters: Option<CryptographicParameters> = CRYPTOGRAPHIC_PARAMETERS,
        /// The attributes of the symmetric key that the shared secret becomes; its algorithm among them.
        attributes: Attributes = ATTRIBUTES,
        /// Where that key may be kept.
        protection_storage_masks: Option<ProtectionStorageMasks> = PROTECTION_STORAGE_MASKS,
    }
}

structure! {
    /// A shared secret was made.
    pub struct EncapsulateResponse {
        /// The new symmetric key.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// The ciphertext, from which the holder of the private key gets the same secret.
        data: ByteString = DATA,
    }
}
