//! Good requests of the operations on certificates.

use claviger_kmip::attributes::{Attributes, kinds};
use claviger_kmip::field::{DateTime, Interval};
use claviger_kmip::message::RequestBatchItem;
use claviger_kmip::objects::{Certificate, CertificateRequest};
use claviger_kmip::payloads::*;
use claviger_kmip::tables::enumerations::{CertificateRequestType, CertificateType, OperationCode as Op};
use claviger_kmip::{Tag, Value};

use super::requests::item;

/// Requests about a key, which is no certificate, and certificates that the requests bring.
pub(super) fn about_certificates(key: &str) -> Vec<RequestBatchItem> {
    let id = || Some(key.into());
    let pkcs_10 = || Some(CertificateRequestType::PKCS_10);
    // A SEQUENCE that ends in the middle.
    let der = || vec![0x30, 0x82, 0x01, 0x00, 0x30, 0x03, 0x02, 0x01, 0x02];
    vec![
        item(
            Op::CERTIFY,
            CertifyRequest {
                unique_identifier: id(),
                certificate_request_type: None,
                certificate_request_value: None,
                attributes: Some(with_subject()),
                protection_storage_masks: None,
            },
        ),
        item(
            Op::CERTIFY,
            CertifyRequest {
                unique_identifier: None,
                certificate_request_type: pkcs_10(),
                certificate_request_value: Some(der().into()),
                attributes: Some(with_subject()),
                protection_storage_masks: None,
            },
        ),
        item(
            Op::RE_CERTIFY,
            ReCertifyRequest {
                unique_identifier: id(),
                certificate_request_unique_identifier: None,
                certificate_request_type: pkcs_10(),
                certificate_request_value: Some(der().into()),
                offset: Some(Interval(60)),
                attributes: Some(with_subject()),
                protection_storage_masks: None,
            },
        ),
        item(
            Op::VALIDATE,
            ValidateRequest {
                certificate: vec![Certificate {
                    certificate_type: CertificateType::X_509,
                    certificate_value: der().into(),
                }],
                unique_identifier: Vec::new(),
                validity_date: Some(DateTime(5)),
            },
        ),
        item(
            Op::RE_PROVISION,
            ReProvisionRequest {
                certificate_request: Some(CertificateRequest {
                    certificate_request_type: CertificateRequestType::PKCS_10,
                    certificate_request_value: der().into(),
                }),
                certificate: None,
            },
        ),
    ]
}

fn with_subject() -> Attributes {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CertificateType>(CertificateType::X_509);
    attributes.put::<kinds::DeactivationDate>(DateTime(4_000_000_000));
    attributes.add(Tag::CERTIFICATE_SUBJECT_CN, Value::TextString("a subject".into()));
    attributes
}
