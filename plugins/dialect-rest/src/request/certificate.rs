//! Import of certificates by older clients, which hand private keys over in the same way: as PEM.

use claviger_plugin_sdk::certificate_attributes::{KEY_IDENTIFIER, WHOLE_CHAIN_NEEDED};
use claviger_plugin_sdk::kmip::tables::enumerations::{HashingAlgorithm, MaskGenerator, PaddingMethod};
use claviger_plugin_sdk::prelude::*;
use der::Decode;
use der::oid::ObjectIdentifier;
use pkcs8::PrivateKeyInfoRef;
use x509_cert::Certificate;

use crate::fields;
use crate::request::pem::{self, Block};

/// rsaEncryption (RFC 8017 appendix C).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// Makes a private key of what is called a certificate, if it is one, and returns the attributes that the object needs
/// beside those of the request. What is neither is left for the handler to refuse.
///
/// # Errors
/// Invalid Field, as a certificate error: it is a private key in a form of which nothing can be made.
pub(super) fn complete(request: &mut [Ttlv]) -> Result<Vec<Ttlv>> {
    let Some(value) = certificate_value(request) else { return Ok(Vec::new()) };
    match pem::first(&value) {
        Some(block) if block.label.ends_with("PRIVATE KEY") => private_key(request, &block),
        Some(block) => Ok(of_certificate(&block.der)),
        None => Ok(of_certificate(&value)),
    }
}

fn certificate_value(request: &[Ttlv]) -> Option<ByteString> {
    let Some(Value::Structure(certificate)) = fields::get(request, Tag::CERTIFICATE) else { return None };
    fields::bytes(certificate, Tag::CERTIFICATE_VALUE).cloned()
}

/// Whoever encrypts for a certificate wants its whole chain to be known.
fn of_certificate(der: &[u8]) -> Vec<Ttlv> {
    let key = Certificate::from_der(der)
        .map(|certificate| certificate.tbs_certificate().subject_public_key_info().algorithm.oid);
    let whole_chain = Ttlv::new(WHOLE_CHAIN_NEEDED, Value::Boolean(true));
    std::iter::once(whole_chain).chain((key == Ok(RSA)).then(rsa_with_aes)).collect()
}

fn private_key(request: &mut [Ttlv], block: &Block<'_>) -> Result<Vec<Ttlv>> {
    let format = match block.label {
        "PRIVATE KEY" => KeyFormatType::PKCS_8,
        "RSA PRIVATE KEY" => KeyFormatType::PKCS_1,
        "EC PRIVATE KEY" => KeyFormatType::EC_PRIVATE_KEY,
        label => {
            return Err(Error::certificate(format!("a {label} cannot be imported: send it as PRIVATE KEY")));
        }
    };
    let algorithm = PrivateKeyInfoRef::from_der(&block.der).map(|key| key.algorithm.oid);
    let is_rsa = format == KeyFormatType::PKCS_1 || algorithm == Ok(RSA);
    let code = |tag, code: u32| Ttlv::new(tag, Value::Enumeration(code));
    let material = Ttlv::new(Tag::KEY_MATERIAL, Value::ByteString(block.der.as_slice().into()));
    let key_block =
        vec![code(Tag::KEY_FORMAT_TYPE, format.0), Ttlv::structure(Tag::KEY_VALUE, vec![material])];
    for field in request {
        match field.tag {
            Tag::OBJECT_TYPE => field.value = Value::Enumeration(ObjectType::PRIVATE_KEY.0),
            Tag::CERTIFICATE => {
                let object = vec![Ttlv::structure(Tag::KEY_BLOCK, key_block.clone())];
                *field = Ttlv::structure(Tag::PRIVATE_KEY, object);
            }
            _ => {}
        }
    }
    let kept = if is_rsa { KeyFormatType::PKCS_8 } else { KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY };
    let mut attributes = vec![
        code(Tag::KEY_FORMAT_TYPE, kept.0),
        // The key is to be found by the identifier that its certificate states.
        Ttlv::new(KEY_IDENTIFIER, Value::ByteString(ByteString::default())),
    ];
    attributes.extend(is_rsa.then(rsa_with_aes));
    Ok(attributes)
}

/// To older clients RSA always wraps an AES key, which encrypts the data.
fn rsa_with_aes() -> Ttlv {
    let code = |tag, code| Ttlv::new(tag, Value::Enumeration(code));
    let parameters = vec![
        code(Tag::PADDING_METHOD, PaddingMethod::OAEP.0),
        code(Tag::HASHING_ALGORITHM, HashingAlgorithm::SHA_256.0),
        code(Tag::CRYPTOGRAPHIC_ALGORITHM, CryptographicAlgorithm::AES.0),
        code(Tag::MASK_GENERATOR, MaskGenerator::MGF1.0),
        code(Tag::MASK_GENERATOR_HASHING_ALGORITHM, HashingAlgorithm::SHA_256.0),
    ];
    Ttlv::structure(Tag::CRYPTOGRAPHIC_PARAMETERS, parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn import(value: &str) -> Vec<Ttlv> {
        let value = Ttlv::new(Tag::CERTIFICATE_VALUE, Value::ByteString(value.as_bytes().into()));
        vec![
            Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(ObjectType::CERTIFICATE.0)),
            Ttlv::structure(Tag::CERTIFICATE, vec![value]),
        ]
    }

    fn block(label: &str) -> String {
        format!("-----BEGIN {label}-----\nAQID\n-----END {label}-----\n")
    }

    #[test]
    fn a_private_key_in_pem_becomes_one_in_the_format_of_its_label() {
        for (label, format, kept) in [
            ("PRIVATE KEY", KeyFormatType::PKCS_8, KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY),
            ("EC PRIVATE KEY", KeyFormatType::EC_PRIVATE_KEY, KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY),
            ("RSA PRIVATE KEY", KeyFormatType::PKCS_1, KeyFormatType::PKCS_8),
        ] {
            let mut request = import(&block(label));
            let attributes = complete(&mut request).unwrap();
            assert_eq!(fields::code(&request, Tag::OBJECT_TYPE), Some(ObjectType::PRIVATE_KEY.0));
            assert!(!fields::has(&request, Tag::CERTIFICATE));
            let key_block = crate::request::import::key_block(&mut request).unwrap();
            assert_eq!(fields::code(key_block, Tag::KEY_FORMAT_TYPE), Some(format.0), "{label}");
            let value = fields::inner_mut(key_block, Tag::KEY_VALUE).unwrap();
            assert_eq!(fields::bytes(value, Tag::KEY_MATERIAL).unwrap()[..], [1, 2, 3]);
            assert_eq!(fields::code(&attributes, Tag::KEY_FORMAT_TYPE), Some(kept.0), "{label}");
            assert!(fields::has(&attributes, KEY_IDENTIFIER));
            assert_eq!(
                fields::has(&attributes, Tag::CRYPTOGRAPHIC_PARAMETERS),
                kept == KeyFormatType::PKCS_8,
                "{label}"
            );
        }
    }

    #[test]
    fn an_encrypted_private_key_is_a_certificate_error() {
        let refused = complete(&mut import(&block("ENCRYPTED PRIVATE KEY"))).unwrap_err();
        assert_eq!(refused.class(), ErrorClass::Certificate);
    }

    #[test]
    fn anything_else_stays_a_certificate_whose_chain_is_needed() {
        for value in [block("CERTIFICATE"), "garbage".to_owned(), String::new()] {
            let mut request = import(&value);
            let sent = request.clone();
            let attributes = complete(&mut request).unwrap();
            assert_eq!(attributes, [Ttlv::new(WHOLE_CHAIN_NEEDED, Value::Boolean(true))]);
            assert_eq!(request, sent);
        }
    }
}
