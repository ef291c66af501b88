//! Requests, made by OpenSSL.

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::x509::{X509Req, X509ReqBuilder};

use super::super::examples::{key, name};
use super::super::*;

fn request() -> X509Req {
    let key = key();
    let mut builder = X509ReqBuilder::new().unwrap();
    builder.set_subject_name(&name("requester")).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    builder.build()
}

#[test]
fn a_request_is_read_in_der_and_in_pem_whichever_is_stated() {
    let request = request();
    let der = request.to_der().unwrap();
    for kind in [CertificateRequestType::PKCS_10, CertificateRequestType::PEM] {
        for encoded in [&der, &request.to_pem().unwrap()] {
            let read = X509.read_request(kind, encoded).unwrap();
            assert_eq!(*read.value, *der);
            let key = description::public_key(&read.public_key).unwrap();
            assert!(request.public_key().unwrap().public_eq(&PKey::public_key_from_der(key).unwrap()));
        }
    }
}

#[test]
fn a_request_that_its_key_did_not_sign_is_refused() {
    let der = request().to_der().unwrap();
    for position in [20, der.len() - 1] {
        let mut damaged = der.clone();
        damaged[position] ^= 1;
        let refused = X509.read_request(CertificateRequestType::PKCS_10, &damaged).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::INVALID_CSR);
    }
    for bytes in [
        &b""[..],
        b"plain text",
        &der[..der.len() - 1],
        b"-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----",
    ] {
        let refused = X509.read_request(CertificateRequestType::PEM, bytes).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::INVALID_CSR);
    }
}

#[test]
fn requests_of_other_kinds_are_not_supported() {
    let der = request().to_der().unwrap();
    for kind in [CertificateRequestType::CRMF, CertificateRequestType::PGP] {
        let refused = X509.read_request(kind, &der).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::FEATURE_NOT_SUPPORTED);
    }
}
