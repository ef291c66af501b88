//! Re-Provision (KMIP 2.1 section 6.1.48).

use crate::objects::{Certificate, CertificateRequest};
use crate::structure;

structure! {
    /// With what the client wants to authenticate from now on; the server makes a key pair and a certificate if no field is
    /// present.
    pub struct ReProvisionRequest {
        /// A request to sign.
        certificate_request: Option<CertificateRequest> = CERTIFICATE_REQUEST,
        /// A certificate in place of that which the client has.
        certificate: Option<Certificate> = CERTIFICATE,
    }
}

structure! {
    /// The client has a new credential, and the old one is no longer good.
    pub struct ReProvisionResponse {
        /// Its certificate, or its private key if the server made it.
        unique_identifier: Option<String> = UNIQUE_IDENTIFIER,
    }
}
