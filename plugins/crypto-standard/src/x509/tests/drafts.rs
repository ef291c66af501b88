//! Making: OpenSSL signs and verifies what is drafted.

use claviger_plugin_sdk::certificate_attributes::{AUTHORITY_NAME, EXTENSION_TEXT};
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    DigitalSignatureAlgorithm, HashingAlgorithm, PaddingMethod,
};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer};
use openssl::stack::Stack;
use openssl::x509::{self, X509ReqBuilder};

use super::super::examples::{key, name};
use super::super::*;

const SERIAL: [u8; 16] =
    [0xDE, 0x44, 0x12, 0x7A, 0x9F, 0x54, 0x47, 0x58, 0xB0, 0x24, 0, 0x8E, 0xD7, 0xB2, 0x0D, 0xFB];

/// A plan for this key, by itself or by an issuer.
struct Example<'e> {
    key: &'e PKey<Private>,
    attributes: Attributes,
    issuer: Option<(&'e PKey<Private>, &'e CertificateDescription)>,
    request: Option<RequestDescription>,
    renewed: Option<&'e CertificateDescription>,
    parameters: CryptographicParameters,
}

impl<'e> Example<'e> {
    fn new(key: &'e PKey<Private>, subject: &str) -> Self {
        let mut attributes = Attributes::new();
        if !subject.is_empty() {
            attributes.add(Tag::CERTIFICATE_SUBJECT_CN, Value::TextString(subject.into()));
        }
        let parameters = CryptographicParameters::NONE;
        Self { key, attributes, issuer: None, request: None, renewed: None, parameters }
    }

    fn authority(mut self) -> Self {
        self.attributes.set(AUTHORITY_NAME, Value::TextString("authority".into()));
        self
    }

    fn text(mut self, text: &str) -> Self {
        self.attributes.set(EXTENSION_TEXT, Value::TextString(text.into()));
        self
    }

    fn mask(mut self, mask: u32) -> Self {
        self.attributes.put::<kinds::CryptographicUsageMask>(mask.cast_signed());
        self
    }

    fn issued_by(mut self, key: &'e PKey<Private>, issuer: &'e CertificateDescription) -> Self {
        self.issuer = Some((key, issuer));
        self
    }

    fn draft(&self) -> Result<CertificateDraft> {
        let public_key = description::key_block(self.key.public_key_to_der().unwrap());
        X509.draft(&CertificatePlan {
            attributes: &self.attributes,
            request: self.request.as_ref(),
            renewed: self.renewed,
            public_key: &public_key,
            issuer: self.issuer.map(|(_, issuer)| issuer),
            parameters: &self.parameters,
            serial: &SERIAL,
            not_before: DateTime(1_700_000_000),
            not_after: DateTime(2_600_000_000),
        })
    }

    fn made(&self) -> CertificateDescription {
        let draft = self.draft().unwrap();
        let signature = sign(self.issuer.map_or(self.key, |(key, _)| key), &draft);
        let certificate = X509.finish(&draft, &signature).unwrap();
        X509.read(&certificate).unwrap().remove(0)
    }
}

/// What a stored key would do.
fn sign(key: &PKey<Private>, draft: &CertificateDraft) -> Vec<u8> {
    let digest = match draft.parameters.hashing_algorithm {
        None => {
            return Signer::new_without_digest(key)
                .unwrap()
                .sign_oneshot_to_vec(&draft.to_be_signed)
                .unwrap();
        }
        Some(HashingAlgorithm::SHA_256) => MessageDigest::sha256(),
        Some(HashingAlgorithm::SHA_384) => MessageDigest::sha384(),
        Some(HashingAlgorithm::SHA_512) => MessageDigest::sha512(),
        Some(other) => panic!("{other:?}"),
    };
    let mut signer = Signer::new(digest, key).unwrap();
    if draft.parameters.padding_method == Some(PaddingMethod::PSS) {
        signer.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
        signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).unwrap();
    }
    signer.sign_oneshot_to_vec(&draft.to_be_signed).unwrap()
}

fn text_of(certificate: &CertificateDescription) -> String {
    let parsed = x509::X509::from_der(&certificate.value).unwrap();
    // Releases of OpenSSL differ in the spaces of names.
    String::from_utf8(parsed.to_text().unwrap()).unwrap().replace("CN = ", "CN=")
}

/// As x509v3_config tells what each of these asks for.
#[test]
fn the_issuer_is_identified_by_its_key_and_by_its_certificate_as_the_text_asks() {
    /// Whether the identifier of the issuer's key is there, and the issuer's name and serial number.
    fn parts(certificate: &CertificateDescription) -> (bool, Option<(String, Vec<u8>)>) {
        let parsed = x509::X509::from_der(&certificate.value).unwrap();
        let name = parsed.authority_issuer().map(|names| {
            let directory_name = names.get(0).unwrap().directory_name().unwrap();
            let entry = directory_name.entries().next().unwrap();
            String::from_utf8(entry.data().as_slice().to_vec()).unwrap()
        });
        let serial = parsed.authority_serial().map(|serial| serial.to_bn().unwrap().to_vec());
        assert_eq!(name.is_some(), serial.is_some());
        (parsed.authority_key_id().is_some(), name.zip(serial))
    }
    let (root_key, leaf_key) = (key(), key());
    let root = Example::new(&root_key, "root").authority().made();
    let certificate = Some(("root".to_owned(), SERIAL.to_vec()));
    for (value, of_key, of_certificate) in [
        ("keyid", true, None),
        ("keyid,issuer", true, None),
        ("keyid:always,issuer", true, None),
        ("issuer", false, certificate.clone()),
        ("keyid,issuer:always", true, certificate.clone()),
        ("issuer:always", false, certificate.clone()),
        ("none", false, None),
    ] {
        let text = format!("authorityKeyIdentifier={value}");
        let leaf = Example::new(&leaf_key, "leaf").text(&text).issued_by(&root_key, &root).made();
        assert_eq!(parts(&leaf), (of_key, of_certificate), "{value}");
    }
    for (value, of_key, of_certificate) in [
        ("keyid,issuer", false, None),
        ("keyid:always,issuer", true, None),
        ("keyid:always,issuer:always", true, certificate),
    ] {
        let text = format!("authorityKeyIdentifier={value}");
        let own = Example::new(&root_key, "root").authority().text(&text).made();
        assert_eq!(parts(&own), (of_key, of_certificate), "{value}");
    }
}

#[test]
fn a_key_has_the_identifier_that_the_text_gives_it() {
    let own_key = key();
    let made = Example::new(&own_key, "root").text("subjectKeyIdentifier=0A:0B:0C").made();
    assert_eq!(made.key_identifier[..], [10, 11, 12]);
    assert_eq!(made.issuer_key_identifier.unwrap()[..], [10, 11, 12]);
}

#[test]
fn keys_of_every_algorithm_sign_certificates_that_openssl_verifies() {
    let rsa = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let (p256, ed25519, ed448) = (key(), PKey::generate_ed25519().unwrap(), PKey::generate_ed448().unwrap());
    let pss =
        CryptographicParameters { padding_method: Some(PaddingMethod::PSS), ..CryptographicParameters::NONE };
    let sha_384 = CryptographicParameters {
        hashing_algorithm: Some(HashingAlgorithm::SHA_384),
        ..CryptographicParameters::NONE
    };
    let none = CryptographicParameters::NONE;
    for (key, parameters, named) in [
        (&rsa, none.clone(), "sha256WithRSAEncryption"),
        (&rsa, sha_384.clone(), "sha384WithRSAEncryption"),
        (&rsa, pss, "rsassaPss"),
        (&p256, none.clone(), "ecdsa-with-SHA256"),
        (&p256, sha_384, "ecdsa-with-SHA384"),
        (&ed25519, none.clone(), "ED25519"),
        (&ed448, none, "ED448"),
    ] {
        let mut example = Example::new(key, "root").authority();
        example.parameters = parameters;
        let made = example.made();
        let parsed = x509::X509::from_der(&made.value).unwrap();
        assert!(parsed.verify(key).unwrap(), "{named}");
        let text = String::from_utf8(parsed.to_text().unwrap()).unwrap();
        assert!(text.contains(&format!("Signature Algorithm: {named}")), "{text}");
        let question = ChainQuestion {
            chain: &[made.value],
            known: &[],
            revocation_lists: &[],
            at: DateTime(1_800_000_000),
        };
        assert_eq!(X509.judge(&question).unwrap(), Verdict::Valid, "{named}");
    }
}

#[test]
fn an_authority_and_a_leaf_are_as_recorded_ones() {
    let (root_key, leaf_key) = (PKey::generate_ed25519().unwrap(), PKey::generate_x25519().unwrap());
    let root = Example::new(&root_key, "root").authority().made();
    let text = text_of(&root);
    for line in ["CA:TRUE", "Certificate Sign, CRL Sign", "X509v3 Subject Key Identifier", "Issuer: CN=root"]
    {
        assert!(text.contains(line), "{line} in {text}");
    }
    use CryptographicUsageMask as Mask;
    let mask = Mask::VERIFY.0
        | Mask::CONTENT_COMMITMENT_NON_REPUDIATION.0
        | Mask::WRAP_KEY.0
        | Mask::KEY_AGREEMENT.0;
    let leaf = Example::new(&leaf_key, "leaf").mask(mask).issued_by(&root_key, &root).made();
    let text = text_of(&leaf);
    for line in [
        "CA:FALSE",
        "Digital Signature, Non Repudiation, Key Encipherment, Key Agreement",
        "Public Key Algorithm: X25519",
        "de:44:12:7a:9f:54:47:58:b0:24:00:8e:d7:b2:0d:fb",
        "Issuer: CN=root",
        "Subject: CN=leaf",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert_eq!(leaf.issuer_key_identifier, Some(root.key_identifier.clone()));
    assert_eq!(leaf.issuing_authority.as_deref(), Some("root"));
    assert_eq!((leaf.authority.as_deref(), root.authority.as_deref()), (None, Some("root")));
    let chain = [leaf.value, root.value];
    let question =
        ChainQuestion { chain: &chain, known: &[], revocation_lists: &[], at: DateTime(1_800_000_000) };
    assert_eq!(X509.judge(&question).unwrap(), Verdict::Valid);
}

#[test]
fn without_a_mask_the_key_usage_follows_from_the_key() {
    let root_key = key();
    let root = Example::new(&root_key, "root").authority().made();
    let rsa = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    for (key, usage) in [
        (&rsa, "Digital Signature, Non Repudiation, Key Encipherment, Data Encipherment\n"),
        (&key(), "Digital Signature, Non Repudiation, Key Agreement\n"),
        (&PKey::generate_ed25519().unwrap(), "Digital Signature, Non Repudiation\n"),
        (&PKey::generate_x25519().unwrap(), " Key Agreement\n"),
    ] {
        let unrestricted = CryptographicUsageMask::UNRESTRICTED.0;
        let text = text_of(&Example::new(key, "leaf").mask(unrestricted).issued_by(&root_key, &root).made());
        assert!(text.contains(usage), "{usage} in {text}");
    }
}

#[test]
fn a_request_goes_before_the_attributes_and_the_extension_text_before_both() {
    let (requester, root_key) = (key(), key());
    let mut builder = X509ReqBuilder::new().unwrap();
    builder.set_subject_name(&name("requester")).unwrap();
    builder.set_pubkey(&requester).unwrap();
    let mut extensions = Stack::new().unwrap();
    extensions
        .push(
            x509::extension::SubjectAlternativeName::new()
                .dns("asked.example")
                .build(&builder.x509v3_context(None))
                .unwrap(),
        )
        .unwrap();
    extensions.push(x509::extension::BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    builder.add_extensions(&extensions).unwrap();
    builder.sign(&requester, MessageDigest::sha256()).unwrap();
    let request =
        X509.read_request(CertificateRequestType::PKCS_10, &builder.build().to_der().unwrap()).unwrap();
    let root = Example::new(&root_key, "root").authority().made();
    let mut example = Example::new(&requester, "ignored").issued_by(&root_key, &root);
    example.request = Some(request);
    let text = text_of(&example.made());
    for line in ["Subject: CN=requester", "DNS:asked.example", "CA:TRUE"] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let text =
        text_of(&example.text("[v3_ca]\nbasicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth").made());
    for line in ["DNS:asked.example", "CA:FALSE", "TLS Web Client Authentication"] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn a_renewed_certificate_keeps_what_the_request_does_not_change() {
    let (own, root_key) = (key(), key());
    let root = Example::new(&root_key, "root").authority().made();
    let first = Example::new(&own, "first")
        .text("subjectAltName=DNS:kept.example")
        .issued_by(&root_key, &root)
        .made();
    let mut renewal = Example::new(&own, "").issued_by(&root_key, &root);
    renewal.renewed = Some(&first);
    let text = text_of(&renewal.made());
    assert!(text.contains("Subject: CN=first") && text.contains("DNS:kept.example"), "{text}");
    renewal.attributes.add(Tag::CERTIFICATE_SUBJECT_CN, Value::TextString("second".into()));
    let text = text_of(&renewal.made());
    assert!(text.contains("Subject: CN=second") && text.contains("DNS:kept.example"), "{text}");
}

#[test]
fn a_subject_that_is_empty_needs_an_alternative_name_which_is_critical() {
    use claviger_plugin_sdk::kmip::attributes::X509CertificateSubject;
    let own = key();
    let mut example = Example::new(&own, "");
    let subject = |names: Vec<ByteString>| X509CertificateSubject {
        subject_distinguished_name: ByteString::default(),
        subject_alternative_name: names,
    };
    example
        .attributes
        .put::<kinds::X509CertificateSubject>(subject(vec![b"\x82\x09a.example".to_vec().into()]));
    let text = text_of(&example.made());
    assert!(
        text.contains("X509v3 Subject Alternative Name: critical\n                DNS:a.example"),
        "{text}"
    );
    example.attributes.put::<kinds::X509CertificateSubject>(subject(vec![]));
    assert!(example.draft().is_err());
    assert!(Example::new(&own, "").draft().is_err());
}

#[test]
fn dates_from_2050_on_have_four_digits_of_the_year() {
    let own = key();
    let text = text_of(&Example::new(&own, "long").made());
    // 2_600_000_000 is in 2052.
    assert!(text.contains("Not After : May 22 14:13:20 2052 GMT"), "{text}");
}

#[test]
fn a_signature_of_another_key_is_refused() {
    let (own, other) = (key(), key());
    let draft = Example::new(&own, "root").draft().unwrap();
    let refused = X509.finish(&draft, &sign(&other, &draft)).unwrap_err();
    assert_eq!(refused.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE);
    assert!(X509.finish(&draft, &[]).is_err());
}

#[test]
fn an_issuer_that_must_not_issue_it_is_refused() {
    let (own, root_key) = (key(), key());
    let no_authority = Example::new(&root_key, "leaf").made();
    let refused = Example::new(&own, "a").issued_by(&root_key, &no_authority).draft().unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_ATTRIBUTE_VALUE);
    let last = Example::new(&root_key, "last").text("basicConstraints=critical,CA:TRUE,pathlen:0").made();
    assert!(Example::new(&own, "a").issued_by(&root_key, &last).draft().is_ok());
    let refused = Example::new(&own, "a").authority().issued_by(&root_key, &last).draft().unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_ATTRIBUTE_VALUE);
}

#[test]
fn what_contradicts_itself_is_refused() {
    let own = key();
    for text in [
        "keyUsage=keyCertSign\nbasicConstraints=CA:FALSE",
        "basicConstraints=CA:FALSE,pathlen:1",
        "keyUsage=DER:00",
    ] {
        assert!(Example::new(&own, "a").text(text).draft().is_err(), "{text}");
    }
    let mut wrong = Example::new(&own, "a");
    wrong
        .attributes
        .put::<kinds::DigitalSignatureAlgorithm>(DigitalSignatureAlgorithm::SHA_256_WITH_RSA_ENCRYPTION);
    assert_eq!(wrong.draft().unwrap_err().reason(), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
    wrong.attributes.put::<kinds::DigitalSignatureAlgorithm>(DigitalSignatureAlgorithm::ECDSA_WITH_SHA_1);
    assert_eq!(wrong.draft().unwrap_err().reason(), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
    let agreement = PKey::generate_x25519().unwrap();
    assert_eq!(
        Example::new(&agreement, "a").draft().unwrap_err().reason(),
        ResultReason::FEATURE_NOT_SUPPORTED
    );
}
