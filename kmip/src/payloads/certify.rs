//! Certify (KMIP 2.1 section 6.1.6).

use super::protection_storage_masks::ProtectionStorageMasks;
use crate::attributes::Attributes;
use crate::identifier::UniqueIdentifier;
use crate::structure;
use crate::tables::enumerations::CertificateRequestType;
use crate::ttlv::ByteString;

structure! {
    /// What to certify.
    pub struct CertifyRequest {
        /// The public key or the Certificate Request object; the ID Placeholder if absent and there is no request value.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// What kind of request the value is; required with a value.
        certificate_request_type: Option<CertificateRequestType> = CERTIFICATE_REQUEST_TYPE,
        /// The encoded request; what it says goes before the attributes.
        certificate_request_value: Option<ByteString> = CERTIFICATE_REQUEST_VALUE,
        /// The attributes that the client wants the certificate to have.
        attributes: Option<Attributes> = ATTRIBUTES,
        /// Where it may be kept.
        protection_storage_masks: Option<ProtectionStorageMasks> = PROTECTION_STORAGE_MASKS,
    }
}

structure! {
    /// The certificate was made.
    pub struct CertifyResponse {
        /// The certificate.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
