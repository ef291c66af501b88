//! Re-certify (KMIP 2.1 section 6.1.45).

use super::protection_storage_masks::ProtectionStorageMasks;
use crate::attributes::Attributes;
use crate::field::Interval;
use crate::identifier::UniqueIdentifier;
use crate::structure;
use crate::tables::enumerations::CertificateRequestType;
use crate::ttlv::ByteString;

structure! {
    /// Which certificate to renew.
    pub struct ReCertifyRequest {
        /// The certificate; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// A Certificate Request object.
        certificate_request_unique_identifier: Option<UniqueIdentifier> = CERTIFICATE_REQUEST_UNIQUE_IDENTIFIER,
        /// What kind of request the value is; required with a value.
        certificate_request_type: Option<CertificateRequestType> = CERTIFICATE_REQUEST_TYPE,
        /// The encoded request; what it says goes before the attributes.
        certificate_request_value: Option<ByteString> = CERTIFICATE_REQUEST_VALUE,
        /// Seconds from the Initial Date to the Activation Date of the new certificate; its dates are copied if absent.
        offset: Option<Interval> = OFFSET,
        /// The attributes that the client wants the new certificate to have.
        attributes: Option<Attributes> = ATTRIBUTES,
        /// Where it may be kept.
        protection_storage_masks: Option<ProtectionStorageMasks> = PROTECTION_STORAGE_MASKS,
    }
}

structure! {
    /// The certificate was renewed.
    pub struct ReCertifyResponse {
        /// The new certificate.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
