use der::Decode;
use openssl::asn1::Asn1Time;
use openssl::conf::{Conf, ConfMethod};
use openssl::x509::{X509, X509Extension, X509NameBuilder};

use x509_cert::ext::pkix::certpolicy::PolicyInformation;
use x509_cert::ext::pkix::crl::dp::{DistributionPoint, Reasons};

use super::*;

fn content(text: &str) -> Extension {
    let mut asked = read(text, b"\x30\x00").unwrap();
    assert_eq!(asked.extensions.len(), 1, "{text}");
    asked.extensions.remove(0)
}

/// What OpenSSL makes of a line.
#[allow(deprecated)] // the successors take no text; a test's text is trusted
fn of_openssl(name: &str, value: &str) -> Vec<u8> {
    let conf = Conf::new(ConfMethod::default()).unwrap();
    let builder = X509::builder().unwrap();
    let context = builder.x509v3_context(None, Some(&conf));
    let extension = X509Extension::new(Some(&conf), Some(&context), name, value).unwrap();
    let mut certificate = X509::builder().unwrap();
    certificate.append_extension(extension).unwrap();
    certificate.set_version(2).unwrap();
    let key = openssl::pkey::PKey::generate_ed25519().unwrap();
    certificate.set_pubkey(&key).unwrap();
    certificate.set_subject_name(&X509NameBuilder::new().unwrap().build()).unwrap();
    certificate.set_not_before(&Asn1Time::from_unix(0).unwrap()).unwrap();
    certificate.set_not_after(&Asn1Time::from_unix(1).unwrap()).unwrap();
    certificate.sign(&key, openssl::hash::MessageDigest::null()).unwrap();
    let der = certificate.build().to_der().unwrap();
    let signed = super::super::structure::Signed::from_der(&der).unwrap();
    let tbs: super::super::structure::TbsCertificate<'_> = signed.content.decode_as().unwrap();
    tbs.extensions.unwrap()[0].extn_value.as_bytes().to_vec()
}

#[test]
fn extensions_are_encoded_as_openssl_encodes_them() {
    for (name, value) in [
        ("basicConstraints", "CA:TRUE,pathlen:1"),
        ("basicConstraints", "CA:FALSE"),
        ("keyUsage", "digitalSignature, nonRepudiation,keyEncipherment,dataEncipherment,keyAgreement"),
        ("keyUsage", "keyCertSign,cRLSign,encipherOnly,decipherOnly"),
        (
            "extendedKeyUsage",
            "serverAuth,clientAuth,codeSigning,emailProtection,timeStamping,OCSPSigning,1.2.3.4",
        ),
        (
            "subjectAltName",
            "DNS:example.org,DNS:*.example.org,email:a@example.org,URI:https://example.org/,RID:1.2.3",
        ),
        ("subjectAltName", "IP:192.0.2.1,IP:2001:db8::1"),
        ("subjectAltName", "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:ann@example.org"),
        ("issuerAltName", "URI:https://example.org/"),
        ("crlDistributionPoints", "URI:http://example.org/a.crl,URI:http://example.org/b.crl"),
        ("certificatePolicies", "1.2.3.4,anyPolicy"),
        ("authorityInfoAccess", "OCSP;URI:http://ocsp.example.org/,caIssuers;URI:http://example.org/ca.der"),
        (
            "nameConstraints",
            "permitted;DNS:example.org,permitted;IP:192.168.0.0/255.255.0.0,excluded;email:bad.org",
        ),
        ("policyConstraints", "requireExplicitPolicy:3,inhibitPolicyMapping:0"),
        ("inhibitAnyPolicy", "2"),
        ("tlsfeature", "status_request"),
        ("noCheck", "ignored"),
        ("1.2.3.4", "DER:04:02:01:02"),
    ] {
        let made = content(&format!("{name} = {value}"));
        assert_eq!(made.extn_value.as_bytes(), of_openssl(name, value), "{name} = {value}");
        assert!(!made.critical);
    }
}

#[test]
fn sections_and_critical_are_understood() {
    let text = "[v3_ca]\nsubjectAltName = critical, @names\n[names]\nDNS.1 = a.example\nDNS.2 = b.example\nIP = 192.0.2.1\n";
    let made = content(text);
    assert!(made.critical);
    assert_eq!(
        made.extn_value.as_bytes(),
        of_openssl("subjectAltName", "DNS:a.example,DNS:b.example,IP:192.0.2.1")
    );

    let text = "[v3_ca]\ncrlDistributionPoints=point\n[point]\nfullname=URI:http://example.org/a.crl\nreasons=keyCompromise\n";
    let with_reasons = content(text);
    let points = Vec::<DistributionPoint>::from_der(with_reasons.extn_value.as_bytes()).unwrap();
    assert_eq!(points[0].reasons, Some(Reasons::KeyCompromise.into()));
}

#[test]
fn policies_with_qualifiers_are_read_back() {
    let text = "[v3_ca]\ncertificatePolicies=1.2.3,@policy\n[policy]\npolicyIdentifier=1.3.5.8\nCPS.1=http://example.org/cps\n\
                userNotice.1=@notice\n[notice]\nexplicitText=UTF8:Read this";
    let policies = Vec::<PolicyInformation>::from_der(content(text).extn_value.as_bytes()).unwrap();
    assert_eq!(policies[1].policy_identifier.to_string(), "1.3.5.8");
    let qualifiers = policies[1].policy_qualifiers.as_ref().unwrap();
    assert_eq!(
        qualifiers.iter().map(|one| one.policy_qualifier_id).collect::<Vec<_>>(),
        [oids::CPS, oids::USER_NOTICE]
    );
}

#[test]
fn identifiers_of_keys_are_asked_for_part_by_part() {
    let asked =
        read("subjectKeyIdentifier=none\nauthorityKeyIdentifier=keyid:always,issuer", b"\x30\x00").unwrap();
    assert_eq!(asked.own_key, Some(OwnKey::Absent));
    let both = IssuerKey { key: Presence::Always, certificate: Presence::IfUseful };
    assert_eq!(asked.issuer_key, Some(both));
    let asked = read("subjectKeyIdentifier=01:AB\nauthorityKeyIdentifier=none", b"\x30\x00").unwrap();
    assert_eq!(asked.own_key, Some(OwnKey::Given(vec![1, 0xAB])));
    assert_eq!(asked.issuer_key, Some(IssuerKey::default()));
    let asked = read("subjectKeyIdentifier=hash", b"\x30\x00").unwrap();
    assert_eq!((asked.own_key, asked.issuer_key), (Some(OwnKey::Hash), None));
}

#[test]
fn what_would_read_files_or_is_malformed_is_refused() {
    for text in [
        "proxyCertInfo = critical,language:id-ppl-anyLanguage,pathlen:3,policy:file:/etc/passwd",
        "1.2.3 = ASN1:UTF8String:a",
        "basicConstraints = CA:MAYBE",
        "basicConstraints = pathlen:-1",
        "keyUsage = everything",
        "extendedKeyUsage = 9.9",
        "subjectAltName = IP:300.0.0.1",
        "subjectAltName = DNS:",
        "subjectAltName = @nowhere",
        "subjectAltName = dirName:nowhere",
        "subjectAltName = DNS:a\nsubjectAltName = DNS:b",
        "nameConstraints = DNS:a",
        "nameConstraints = permitted;IP:192.0.2.1",
        "authorityInfoAccess = http://example.org",
        "certificatePolicies = @p\n[p]\nCPS = http://example.org",
        "1.2.3.4 = DER:0",
        "nonsense = 1",
        "authorityKeyIdentifier = keyid:sometimes",
        "authorityKeyIdentifier = everything",
        "authorityKeyIdentifier =",
        "authorityKeyIdentifier = keyid\nauthorityKeyIdentifier = issuer",
        "subjectKeyIdentifier = hexadecimal",
        "subjectKeyIdentifier = hash\nsubjectKeyIdentifier = none",
    ] {
        assert!(read(text, b"\x30\x00").is_err(), "{text}");
    }
}
