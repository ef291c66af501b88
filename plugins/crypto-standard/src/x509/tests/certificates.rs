//! Reading: the expected values are those of OASIS test cases, or what OpenSSL wrote.

use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::tables::enumerations::DigitalSignatureAlgorithm;

use super::super::examples::{AUTHORITY, Party, Terms, self_signed};
use super::super::*;

/// The certificate of the OASIS test cases TC-ECC-3, but for the end of its signature.
const SECP256K1: &str = "308201d53082017aa003020102020900ec0b7402196d5295300a06082a8648ce3d0403023048310b3009060355040613025553310d300b060355040a0c0454455354310e300c060355040b0c054f41534953311a301806035504030c114b4d49502d45432d736563703235366b31301e170d3133303632353130333331315a170d3233303632333130333331315a3048310b3009060355040613025553310d300b060355040a0c0454455354310e300c060355040b0c054f41534953311a301806035504030c114b4d49502d45432d736563703235366b313056301006072a8648ce3d020106052b8104000a03420004dab5d3c253113db414abfc1c0ebf5a02559e656aa1c8b0aa8d870aa0324cda4899925ea1e6dbc259a6c7825cf46592ac7594cc40bd604b728d88b636f317d366a350304e301d0603551d0e04160414a098d4bba8817f7e95068c875fbec850b3e177a0301f0603551d23041830168014a098d4bba8817f7e95068c875fbec850b3e177a0300c0603551d13040530030101ff300a06082a8648ce3d04030203490030460221";

fn read(bytes: &[u8]) -> CertificateDescription {
    X509.read(bytes).unwrap().remove(0)
}

#[test]
fn the_attributes_are_those_of_the_oasis_test_case() {
    // Only the first bytes of the signature are here, which nothing looks at.
    let mut der = hex::decode(SECP256K1).unwrap();
    der.resize(4 + 0x1D5, 1);
    let described = read(&der);
    let name = hex::decode("3048310b3009060355040613025553310d300b060355040a0c0454455354310e300c060355040b0c054f41534953311a301806035504030c114b4d49502d45432d736563703235366b31").unwrap();
    let attributes = &described.attributes;
    assert_eq!(
        attributes.one::<kinds::DigitalSignatureAlgorithm>(),
        Some(DigitalSignatureAlgorithm::ECDSA_WITH_SHA256)
    );
    let identifier = attributes.one::<kinds::X509CertificateIdentifier>().unwrap();
    assert_eq!(*identifier.issuer_distinguished_name, *name);
    assert_eq!(hex::encode(&*identifier.certificate_serial_number), "020900ec0b7402196d5295");
    assert_eq!(*attributes.one::<kinds::X509CertificateSubject>().unwrap().subject_distinguished_name, *name);
    assert_eq!(attributes.one::<kinds::CertificateLength>(), Some(4 + 0x1D5));
    assert_eq!(
        attributes.get(Tag::CERTIFICATE_SUBJECT_CN),
        Some(&Value::TextString("KMIP-EC-secp256k1".into()))
    );
    assert_eq!(attributes.get(Tag::CERTIFICATE_ISSUER_O), Some(&Value::TextString("TEST".into())));
    assert_eq!(hex::encode(&*described.key_identifier), "a098d4bba8817f7e95068c875fbec850b3e177a0");
    assert_eq!(described.issuer_key_identifier, Some(described.key_identifier.clone()));
    // 2013-06-25 10:33:11 and 2023-06-23 10:33:11.
    assert_eq!((described.not_before.0, described.not_after.0), (1_372_156_391, 1_687_516_391));
    assert_eq!(described.authority.as_deref(), Some("KMIP-EC-secp256k1"));
    assert!(described.is_self_issued());
}

#[test]
fn alternative_names_are_given_encoded_and_in_text() {
    let extensions = &[("subjectAltName", "DNS:a.example,IP:192.0.2.1,email:a@example.org")];
    let party = Party::new(&Terms { extensions, ..Terms::default() }, None);
    let attributes = read(&party.der()).attributes;
    let names = attributes.one::<kinds::X509CertificateSubject>().unwrap().subject_alternative_name;
    // Tags of RFC 5280 section 4.2.1.6: [2] for a host name, [7] for an address.
    assert_eq!(*names[0], *b"\x82\x09a.example");
    assert_eq!(*names[1], *b"\x87\x04\xC0\x00\x02\x01");
    let text = attributes.one::<kinds::CertificateSubject>().unwrap();
    assert_eq!(text.distinguished_name, "CN=someone");
    assert_eq!(text.alternative_name, ["a.example", "a@example.org"]);
}

#[test]
fn key_usage_becomes_a_usage_mask() {
    use CryptographicUsageMask as Mask;
    let mask = |usage: &str| {
        let extensions = &[("keyUsage", usage)];
        read(&Party::new(&Terms { extensions, ..Terms::default() }, None).der()).usage.cast_unsigned()
    };
    assert_eq!(mask("digitalSignature"), Mask::VERIFY.0);
    assert_eq!(mask("keyEncipherment"), Mask::WRAP_KEY.0 | Mask::ENCRYPT.0);
    assert_eq!(mask("keyCertSign,cRLSign"), Mask::CERTIFICATE_SIGN.0 | Mask::CRL_SIGN.0 | Mask::VERIFY.0);
    let without = read(&Party::new(&Terms::default(), None).der()).usage.cast_unsigned();
    assert_eq!(without, Mask::VERIFY.0 | Mask::ENCRYPT.0 | Mask::WRAP_KEY.0);
}

#[test]
fn the_identifier_of_a_key_is_the_one_that_openssl_gives_it() {
    let extensions = &[("subjectKeyIdentifier", "hash")];
    let party = Party::new(&Terms { extensions, ..Terms::default() }, None);
    let described = read(&party.der());
    let stated = party.certificate.subject_key_id().unwrap().as_slice().to_vec();
    assert_eq!(*described.key_identifier, *stated);
    assert_eq!(*X509.key_identifier(&described.public_key).unwrap(), *stated);
    assert_eq!(read(&Party::new(&Terms::default(), None).der()).key_identifier.len(), 20);
}

#[test]
fn lists_in_pem_and_bundles_in_pkcs_7_are_read_in_their_order() {
    let parties = [Party::authority("a", None), Party::authority("b", None)];
    let ders: Vec<ByteString> = parties.iter().map(Party::der).collect();
    let pem: Vec<u8> = parties.iter().flat_map(|party| party.certificate.to_pem().unwrap()).collect();
    let bundle = bundle(&ders).unwrap();
    let pkcs_7 =
        format!("-----BEGIN PKCS7-----\n{}\n-----END PKCS7-----\n", openssl::base64::encode_block(&bundle));
    for encoded in [pem, bundle, pkcs_7.into_bytes()] {
        let read: Vec<ByteString> = X509.read(&encoded).unwrap().into_iter().map(|one| one.value).collect();
        assert_eq!(read, ders);
    }
}

#[test]
fn a_list_with_text_around_its_certificates_is_read_and_one_with_a_broken_block_is_not() {
    let pem = String::from_utf8(Party::authority("a", None).certificate.to_pem().unwrap()).unwrap();
    // As browsers publish their roots: a title, or quotes around each.
    let list = format!("Example Root\n============\n'{}'\r\nAnother\n{pem}", pem.trim_end());
    assert_eq!(X509.read(list.as_bytes()).unwrap().len(), 2);
    for broken in [
        list.replacen("-----END CERTIFICATE-----", "", 1),
        list.replacen("MII", "!!!", 1),
        format!("{list}-----BEGIN "),
    ] {
        assert!(X509.read(broken.as_bytes()).is_err(), "{broken}");
    }
}

#[test]
fn revocation_lists_are_told_from_other_bytes() {
    assert!(X509.read_revocation_list(b"plain text").is_none());
    assert!(X509.read_revocation_list(b"").is_none());
    assert!(X509.read_revocation_list(&self_signed("a")).is_none());
}

#[test]
fn what_is_no_certificate_is_refused() {
    let certificate = self_signed("a");
    let mut followed = certificate.to_vec();
    followed.push(0);
    for bytes in [&b""[..], b"plain text", b"0\x00", &certificate[..certificate.len() - 1], &followed] {
        let refused = X509.read(bytes).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::INVALID_FIELD);
        assert_eq!(refused.class(), claviger_plugin_sdk::ErrorClass::Certificate);
    }
    let empty = b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----";
    assert!(X509.read(empty).is_err());
}

#[test]
fn damage_is_never_a_panic() {
    let extensions: Vec<_> = AUTHORITY
        .iter()
        .copied()
        .chain([("subjectAltName", "DNS:a.example"), ("authorityKeyIdentifier", "keyid:always")])
        .collect();
    let issuer = Party::authority("root", None);
    let der = Party::new(&Terms { extensions: &extensions[..3], ..Terms::default() }, Some(&issuer)).der();
    for position in 0..der.len() {
        for change in [0x01, 0x80, 0xFF] {
            let mut damaged = der.to_vec();
            damaged[position] ^= change;
            if let Ok(found) = X509.read(&damaged) {
                let chain = [found[0].value.clone()];
                let question = ChainQuestion {
                    chain: &chain,
                    known: &[issuer.der()],
                    revocation_lists: &[],
                    at: DateTime(2_000_000_000),
                };
                let judged = X509.judge(&question);
                assert!(!matches!(judged, Ok(Verdict::Valid)) || damaged == *der, "byte {position}");
            }
        }
    }
}
