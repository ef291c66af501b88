//! Certify and Re-certify. OpenSSL verifies what the server makes.

use claviger_plugin_sdk::certificate_attributes::{EXTENSION_TEXT, VALIDITY_PERIOD};
use claviger_plugin_sdk::kmip::attributes::{
    Attributes, CryptographicDomainParameters, Name, UsageLimits, X509CertificateSubject, kinds,
};
use claviger_plugin_sdk::kmip::payloads::{
    CertifyRequest, CertifyResponse, CreateKeyPairRequest, DefaultedTypes, ObjectDefaults, ReCertifyRequest,
    ReCertifyResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    CertificateRequestType, CertificateType, DigitalSignatureAlgorithm, LinkType, NameType, RecommendedCurve,
    UsageLimitsUnit,
};
use claviger_plugin_sdk::prelude::*;
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyParam;
use openssl::x509::{X509, X509StoreContext};

use crate::certificates::{request, request_object};
use crate::pki::{DAY, Party, ec_key, linked, links};
use crate::server::{START, Server};

use CryptographicUsageMask as Mask;

/// A request for a certificate with this subject.
pub(crate) fn for_subject(subject: &str) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CertificateType>(CertificateType::X_509);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    attributes.add(Tag::CERTIFICATE_SUBJECT_CN, Value::TextString(subject.into()));
    attributes
}

pub(crate) fn certify(id: Option<&str>, attributes: Attributes) -> CertifyRequest {
    CertifyRequest {
        unique_identifier: id.map(UniqueIdentifier::from),
        certificate_request_type: None,
        certificate_request_value: None,
        attributes: Some(attributes),
        protection_storage_masks: None,
    }
}

fn with_link(mut attributes: Attributes, link_type: LinkType, to: &str) -> Attributes {
    attributes.extend(linked(link_type, to));
    attributes
}

fn mask(attributes: &mut Attributes, mask: u32) {
    attributes.put::<kinds::CryptographicUsageMask>(mask.cast_signed());
}

/// A request for an active pair on a curve.
fn pair_request(curve: RecommendedCurve, private_uses: u32) -> CreateKeyPairRequest {
    let mut common = Attributes::new();
    common.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::EC);
    common.put::<kinds::ActivationDate>(DateTime(START));
    common.put::<kinds::CryptographicDomainParameters>(CryptographicDomainParameters {
        qlength: None,
        recommended_curve: Some(curve),
    });
    let with_mask = |bits: u32| {
        let mut attributes = Attributes::new();
        mask(&mut attributes, bits);
        Some(attributes)
    };
    CreateKeyPairRequest {
        common_attributes: Some(common),
        private_key_attributes: with_mask(private_uses),
        public_key_attributes: with_mask(Mask::VERIFY.0),
        common_protection_storage_masks: None,
        private_protection_storage_masks: None,
        public_protection_storage_masks: None,
    }
}

/// An active pair of alice's on a curve: its private and its public key.
pub(crate) async fn pair(server: &Server, curve: RecommendedCurve, private_uses: u32) -> (String, String) {
    server.create_pair(pair_request(curve, private_uses)).await.unwrap()
}

impl Server {
    pub(crate) async fn certify(&self, request: CertifyRequest) -> Result<String> {
        let answer: CertifyResponse = self.run(OperationCode::CERTIFY, request).await?;
        Ok(answer.unique_identifier)
    }

    async fn refused_certify(&self, request: CertifyRequest) -> ResultReason {
        self.certify(request).await.unwrap_err().reason()
    }

    /// An authority of alice's: its certificate, its private and its public key.
    async fn authority(&self, subject: &str) -> (String, String, String) {
        let (private, public) = pair(self, RecommendedCurve::P_384, Mask::CERTIFICATE_SIGN.0).await;
        let mut attributes = for_subject(subject);
        mask(&mut attributes, Mask::CERTIFICATE_SIGN.0);
        let certificate = self.certify(certify(Some(&public), attributes)).await.unwrap();
        (certificate, private, public)
    }
}

/// Whether OpenSSL finds a certificate valid on the day after the start, with this root and these others.
fn verifies(certificate: &X509, root: &X509, others: &[&X509]) -> bool {
    let mut store = X509StoreBuilder::new().unwrap();
    store.add_cert(root.clone()).unwrap();
    let mut parameters = X509VerifyParam::new().unwrap();
    parameters.set_time(START + DAY);
    store.set_param(&parameters).unwrap();
    let mut chain = Stack::new().unwrap();
    for other in others {
        chain.push((*other).clone()).unwrap();
    }
    X509StoreContext::new()
        .unwrap()
        .init(&store.build(), certificate, &chain, |context| context.verify_cert())
        .unwrap()
}

/// A time in seconds.
fn seconds(time: &Asn1TimeRef) -> i64 {
    let since = Asn1Time::from_unix(0).unwrap().diff(time).unwrap();
    i64::from(since.days) * DAY + i64::from(since.secs)
}

fn text_of(certificate: &X509) -> String {
    String::from_utf8(certificate.to_text().unwrap()).unwrap().replace("CN = ", "CN=")
}

#[tokio::test]
async fn a_key_pair_certifies_itself_and_its_objects_are_linked() {
    let server = Server::new();
    let (private, public) = pair(&server, RecommendedCurve::P_256, Mask::CERTIFICATE_SIGN.0).await;
    for subject in [&public, &private] {
        let id = server.certify(certify(Some(subject), for_subject("self"))).await.unwrap();
        let certificate = server.certificate(&id).await;
        assert!(certificate.verify(&certificate.public_key().unwrap()).unwrap());
        assert_eq!(seconds(certificate.not_before()), START);
        assert_eq!(seconds(certificate.not_after()), START + 365 * DAY);
        let attributes = server.attributes(&id).await;
        assert_eq!(links(&attributes, LinkType::PUBLIC_KEY_LINK), [public.as_str()]);
        assert!(links(&attributes, LinkType::CERTIFICATE_LINK).is_empty());
        assert_eq!(attributes.one::<kinds::State>(), Some(State::ACTIVE));
        for key in [&public, &private] {
            assert!(links(&server.attributes(key).await, LinkType::CERTIFICATE_LINK).contains(&id));
        }
        // The serial number is the identifier.
        let serial = certificate.serial_number().to_bn().unwrap().to_hex_str().unwrap().to_lowercase();
        assert_eq!(serial.trim_start_matches('0'), id.replace('-', "").trim_start_matches('0'));
    }
}

#[tokio::test]
async fn an_authority_is_named_by_its_certificate_or_by_its_key() {
    let server = Server::new();
    let (root, root_key, _) = server.authority("root").await;
    let root_certificate = server.certificate(&root).await;
    let (_, public) = pair(&server, RecommendedCurve::P_256, Mask::SIGN.0).await;
    for (link, to) in [(LinkType::CERTIFICATE_LINK, &root), (LinkType::PRIVATE_KEY_LINK, &root_key)] {
        let asked = with_link(for_subject("leaf"), link, to);
        let id = server.certify(certify(Some(&public), asked)).await.unwrap();
        let leaf = server.certificate(&id).await;
        assert!(verifies(&leaf, &root_certificate, &[]));
        let attributes = server.attributes(&id).await;
        assert_eq!(links(&attributes, LinkType::CERTIFICATE_LINK), [root.as_str()]);
        assert_eq!(
            attributes.one::<kinds::DigitalSignatureAlgorithm>(),
            Some(DigitalSignatureAlgorithm::ECDSA_WITH_SHA384)
        );
    }
}

#[tokio::test]
async fn an_intermediate_authority_issues_and_the_chain_verifies() {
    let server = Server::new();
    let (root, ..) = server.authority("root").await;
    let (_, sub_public) = pair(&server, RecommendedCurve::P_256, Mask::CERTIFICATE_SIGN.0).await;
    let mut asked = with_link(for_subject("sub"), LinkType::CERTIFICATE_LINK, &root);
    mask(&mut asked, Mask::CERTIFICATE_SIGN.0);
    let sub = server.certify(certify(Some(&sub_public), asked)).await.unwrap();
    let (_, public) = pair(&server, RecommendedCurve::P_256, Mask::SIGN.0).await;
    let asked = with_link(for_subject("leaf"), LinkType::CERTIFICATE_LINK, &sub);
    let leaf = server.certify(certify(Some(&public), asked)).await.unwrap();
    let (root, sub, leaf) =
        (server.certificate(&root).await, server.certificate(&sub).await, server.certificate(&leaf).await);
    assert!(verifies(&leaf, &root, &[&sub]));
    assert!(!verifies(&leaf, &root, &[]));
}

#[tokio::test]
async fn a_request_is_certified_as_it_stands_and_as_an_object() {
    let server = Server::new();
    let (root, ..) = server.authority("root").await;
    let made = request(&ec_key(), "requester");
    let asked = || with_link(for_subject("ignored"), LinkType::CERTIFICATE_LINK, &root);
    let mut ids = Vec::new();
    for (kind, value) in [
        (CertificateRequestType::PKCS_10, made.to_der().unwrap()),
        (CertificateRequestType::PEM, made.to_pem().unwrap()),
    ] {
        let request = CertifyRequest {
            certificate_request_type: Some(kind),
            certificate_request_value: Some(value.into()),
            ..certify(None, asked())
        };
        ids.push(server.certify(request).await.unwrap());
    }
    let object = request_object(CertificateRequestType::PKCS_10, &made.to_der().unwrap());
    let object = server.register(object, Attributes::new()).await.unwrap();
    ids.push(server.certify(certify(Some(&object), asked())).await.unwrap());
    for id in ids {
        let certificate = server.certificate(&id).await;
        assert!(verifies(&certificate, &server.certificate(&root).await, &[]));
        assert!(certificate.public_key().unwrap().public_eq(&made.public_key().unwrap()));
        assert!(text_of(&certificate).contains("Subject: CN=requester"));
    }
}

#[tokio::test]
async fn a_bare_subject_gets_a_key_pair_of_its_own() {
    let server = Server::new();
    let (root, ..) = server.authority("root").await;
    let mut asked = with_link(for_subject("device"), LinkType::CERTIFICATE_LINK, &root);
    asked.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::ED25519);
    asked.push::<kinds::ObjectGroup>("devices".into());
    let id = server.certify(certify(None, asked)).await.unwrap();
    assert!(verifies(&server.certificate(&id).await, &server.certificate(&root).await, &[]));
    let public = links(&server.attributes(&id).await, LinkType::PUBLIC_KEY_LINK).remove(0);
    let private = links(&server.attributes(&public).await, LinkType::PRIVATE_KEY_LINK).remove(0);
    for key in [&public, &private] {
        let attributes = server.attributes(key).await;
        assert_eq!(links(&attributes, LinkType::CERTIFICATE_LINK), [id.as_str()]);
        assert_eq!(attributes.one::<kinds::CryptographicAlgorithm>(), Some(CryptographicAlgorithm::ED25519));
        assert_eq!(attributes.one::<kinds::ObjectGroup>(), Some("devices".into()));
        assert_eq!(attributes.one::<kinds::State>(), Some(State::ACTIVE));
    }
    // Without an issuer the new key signs.
    let mut asked = for_subject("alone");
    asked.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::ED25519);
    let id = server.certify(certify(None, asked)).await.unwrap();
    let alone = server.certificate(&id).await;
    assert!(alone.verify(&alone.public_key().unwrap()).unwrap());
}

#[tokio::test]
async fn dates_validity_and_extensions_are_those_that_are_asked_for() {
    let server = Server::new();
    let (_, public) = pair(&server, RecommendedCurve::P_256, Mask::CERTIFICATE_SIGN.0).await;
    let mut asked = for_subject("dated");
    asked.put::<kinds::ActivationDate>(DateTime(START + DAY));
    asked.put::<kinds::DeactivationDate>(DateTime(START + 3 * DAY));
    let id = server.certify(certify(Some(&public), asked.clone())).await.unwrap();
    let certificate = server.certificate(&id).await;
    assert_eq!(seconds(certificate.not_before()), START + DAY);
    assert_eq!(seconds(certificate.not_after()), START + 3 * DAY);
    assert_eq!(server.state(&id).await, State::PRE_ACTIVE);
    asked.put::<kinds::DeactivationDate>(DateTime(START));
    assert_eq!(server.refused_certify(certify(Some(&public), asked)).await, ResultReason::INVALID_FIELD);
    // Alternative names and other extensions.
    let mut named = for_subject("dated");
    named.put::<kinds::X509CertificateSubject>(X509CertificateSubject {
        // openssl asn1parse: the common name "dated".
        subject_distinguished_name: b"\x30\x10\x31\x0e\x30\x0c\x06\x03\x55\x04\x03\x0c\x05dated"
            .to_vec()
            .into(),
        subject_alternative_name: vec![b"\x82\x09a.example".to_vec().into()],
    });
    named.set_vendor("Claviger", "X.509 Extensions", Value::TextString("extendedKeyUsage=serverAuth".into()));
    let id = server.certify(certify(Some(&public), named.clone())).await.unwrap();
    let text = text_of(&server.certificate(&id).await);
    for part in ["Subject: CN=dated", "DNS:a.example", "TLS Web Server Authentication"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!server.attributes(&id).await.contains(Tag::ATTRIBUTE));
    for nonsense in [Value::Integer(1), Value::TextString("nonsense=1".into())] {
        named.set_vendor("Claviger", "X.509 Extensions", nonsense);
        assert!(server.certify(certify(Some(&public), named.clone())).await.is_err());
    }
    // Nobody but the server can say these.
    for tag in [VALIDITY_PERIOD, EXTENSION_TEXT] {
        let mut asked = for_subject("me");
        asked.add(tag, Value::TextString("basicConstraints=CA:TRUE".into()));
        assert!(server.certify(certify(Some(&public), asked)).await.is_err());
    }
}

#[tokio::test]
async fn what_cannot_be_certified_is_refused() {
    let server = Server::new();
    let (root, root_key, root_public) = server.authority("root").await;
    let (plain_private, public) = pair(&server, RecommendedCurve::P_256, Mask::SIGN.0).await;
    let refused = |request| server.refused_certify(request);
    let by_root = |subject| with_link(for_subject(subject), LinkType::CERTIFICATE_LINK, &root);
    // Neither object nor request, and no placeholder.
    assert_eq!(refused(certify(None, by_root("a"))).await, ResultReason::ITEM_NOT_FOUND);
    assert_eq!(refused(certify(Some("nothing"), by_root("a"))).await, ResultReason::OBJECT_NOT_FOUND);
    // No subject.
    let mut nobody = by_root("a");
    nobody.remove(Tag::CERTIFICATE_SUBJECT_CN);
    assert_eq!(refused(certify(Some(&public), nobody)).await, ResultReason::INVALID_FIELD);
    // Keys that must not sign certificates, the pair's own among them.
    let mask = ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK;
    assert_eq!(refused(certify(Some(&public), for_subject("a"))).await, mask);
    let by_plain = with_link(for_subject("a"), LinkType::PRIVATE_KEY_LINK, &plain_private);
    assert_eq!(refused(certify(Some(&root_public), by_plain)).await, mask);
    // An issuer that is no authority, and one whose certificate is another's.
    let leaf = server.certify(certify(Some(&public), by_root("leaf"))).await.unwrap();
    let by_leaf = with_link(for_subject("a"), LinkType::CERTIFICATE_LINK, &leaf);
    assert_eq!(refused(certify(Some(&root_public), by_leaf.clone())).await, mask);
    let by_both = with_link(by_leaf, LinkType::PRIVATE_KEY_LINK, &root_key);
    assert_eq!(refused(certify(Some(&public), by_both)).await, ResultReason::INVALID_ATTRIBUTE_VALUE);
    let (other, ..) = server.authority("other").await;
    let mixed = with_link(for_subject("a"), LinkType::CERTIFICATE_LINK, &other);
    let mixed = with_link(mixed, LinkType::PRIVATE_KEY_LINK, &root_key);
    let mixed = refused(certify(Some(&public), mixed)).await;
    assert_eq!(mixed, ResultReason::CRYPTOGRAPHIC_FAILURE);
    // Requests that are none, or lack their type, or are for another key.
    let der = request(&ec_key(), "requester").to_der().unwrap();
    let with_value = |kind, value: &[u8]| CertifyRequest {
        certificate_request_type: kind,
        certificate_request_value: Some(value.into()),
        ..certify(None, by_root("a"))
    };
    let pkcs_10 = Some(CertificateRequestType::PKCS_10);
    assert_eq!(refused(with_value(pkcs_10, b"plain text")).await, ResultReason::INVALID_CSR);
    assert_eq!(refused(with_value(None, &der)).await, ResultReason::INVALID_FIELD);
    let crmf = with_value(Some(CertificateRequestType::CRMF), &der);
    assert_eq!(refused(crmf).await, ResultReason::FEATURE_NOT_SUPPORTED);
    let other_key =
        CertifyRequest { unique_identifier: Some(public.as_str().into()), ..with_value(pkcs_10, &der) };
    assert_eq!(refused(other_key).await, ResultReason::INVALID_CSR);
    // Other types of certificates.
    let mut pgp = by_root("a");
    pgp.put::<kinds::CertificateType>(CertificateType::PGP);
    assert_eq!(refused(certify(Some(&public), pgp)).await, ResultReason::FEATURE_NOT_SUPPORTED);
    // An expired issuer.
    server.clock.advance(366 * DAY);
    assert_eq!(refused(certify(Some(&public), by_root("a"))).await, ResultReason::INVALID_FIELD);
}

#[tokio::test]
async fn an_imported_authority_issues_with_its_registered_key() {
    let server = Server::new();
    let root = Party::authority("imported", None);
    let root_id = server.register_certificate(&root).await;
    let mut attributes = linked(LinkType::CERTIFICATE_LINK, &root_id);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    mask(&mut attributes, Mask::CERTIFICATE_SIGN.0);
    let mut key = crate::keys::raw(&root.key.private_key_to_pkcs8().unwrap()).key_block().unwrap().clone();
    key.key_format_type = KeyFormatType::PKCS_8;
    key.cryptographic_algorithm = None;
    key.cryptographic_length = None;
    let key = claviger_plugin_sdk::kmip::objects::ManagedObject::PrivateKey(
        claviger_plugin_sdk::kmip::objects::Key { key_block: key },
    );
    server.register(key, attributes).await.unwrap();
    let (_, public) = pair(&server, RecommendedCurve::P_256, Mask::SIGN.0).await;
    let asked = with_link(for_subject("leaf"), LinkType::CERTIFICATE_LINK, &root_id);
    let id = server.certify(certify(Some(&public), asked)).await.unwrap();
    assert!(verifies(&server.certificate(&id).await, &root.certificate, &[]));
}

#[tokio::test]
async fn nobody_issues_with_the_key_of_another() {
    let server = Server::new();
    let (root, ..) = server.authority("root").await;
    let mut asked = with_link(for_subject("a"), LinkType::CERTIFICATE_LINK, &root);
    asked.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::ED25519);
    let refused: Result<CertifyResponse> =
        server.run_as("bob", OperationCode::CERTIFY, certify(None, asked)).await;
    assert_eq!(refused.unwrap_err().reason(), ResultReason::OBJECT_NOT_FOUND);
}

fn re_certify(id: &str) -> ReCertifyRequest {
    ReCertifyRequest {
        unique_identifier: Some(id.into()),
        certificate_request_unique_identifier: None,
        certificate_request_type: None,
        certificate_request_value: None,
        offset: None,
        attributes: None,
        protection_storage_masks: None,
    }
}

async fn renewed(server: &Server, request: ReCertifyRequest) -> Result<String> {
    let answer: ReCertifyResponse = server.run(OperationCode::RE_CERTIFY, request).await?;
    Ok(answer.unique_identifier)
}

#[tokio::test]
async fn a_renewed_certificate_takes_over_key_subject_names_and_links() {
    let server = Server::new();
    let (root, ..) = server.authority("root").await;
    let (private, public) = pair(&server, RecommendedCurve::P_256, Mask::SIGN.0).await;
    let mut asked = with_link(for_subject("leaf"), LinkType::CERTIFICATE_LINK, &root);
    let name = Name { value: "mine".into(), name_type: NameType::UNINTERPRETED_TEXT_STRING };
    asked.push::<kinds::Name>(name.clone());
    let old = server.certify(certify(Some(&public), asked)).await.unwrap();
    server.clock.advance(100 * DAY);
    let new = renewed(&server, re_certify(&old)).await.unwrap();
    let (before, after) = (server.certificate(&old).await, server.certificate(&new).await);
    assert!(verifies(&before, &server.certificate(&root).await, &[]));
    assert!(after.verify(&server.certificate(&root).await.public_key().unwrap()).unwrap());
    assert!(after.public_key().unwrap().public_eq(&before.public_key().unwrap()));
    assert!(text_of(&after).contains("Subject: CN=leaf"));
    // As long as before, from now on.
    assert_eq!(seconds(after.not_before()), START + 100 * DAY);
    assert_eq!(seconds(after.not_after()), START + 465 * DAY);
    let (of_old, of_new) = (server.attributes(&old).await, server.attributes(&new).await);
    assert_eq!(links(&of_old, LinkType::REPLACEMENT_OBJECT_LINK), [new.as_str()]);
    assert_eq!(links(&of_new, LinkType::REPLACED_OBJECT_LINK), [old.as_str()]);
    assert_eq!(links(&of_new, LinkType::CERTIFICATE_LINK), [root.as_str()]);
    assert_eq!(links(&of_new, LinkType::PUBLIC_KEY_LINK), [public.as_str()]);
    assert_eq!(of_new.one::<kinds::Name>(), Some(name));
    assert!(!of_old.contains(Tag::NAME));
    assert_eq!(of_new.one::<kinds::InitialDate>(), Some(DateTime(START + 100 * DAY)));
    // Without an Offset the Activation Date is copied.
    assert_eq!(of_new.one::<kinds::ActivationDate>(), Some(DateTime(START)));
    assert_ne!(of_new.one::<kinds::Digest>(), of_old.one::<kinds::Digest>());
    for key in [&public, &private] {
        assert_eq!(links(&server.attributes(key).await, LinkType::CERTIFICATE_LINK), [new.as_str()]);
    }
}

#[tokio::test]
async fn certificates_get_the_defaults_that_are_laid_down_for_them() {
    let server = Server::new();
    let (before, ..) = server.authority("before").await;
    let mut attributes = Attributes::new();
    attributes.push::<kinds::ObjectGroup>("certificates".into());
    let object_types = DefaultedTypes::One(ObjectType::CERTIFICATE);
    let defaults = ObjectDefaults { object_types, attributes, object_groups: None };
    server.assume("alice", vec![defaults]).await.unwrap();
    let (certified, ..) = server.authority("certified").await;
    let renewed = renewed(&server, re_certify(&before)).await.unwrap();
    for (id, groups) in [(before, 0), (certified, 1), (renewed, 1)] {
        assert_eq!(server.attributes(&id).await.all::<kinds::ObjectGroup>().count(), groups);
    }
}

#[tokio::test]
async fn an_offset_moves_dates_and_validity() {
    let server = Server::new();
    let (_, public) = pair(&server, RecommendedCurve::P_256, Mask::CERTIFICATE_SIGN.0).await;
    let mut asked = for_subject("self");
    asked.put::<kinds::DeactivationDate>(DateTime(START + 10 * DAY));
    let old = server.certify(certify(Some(&public), asked)).await.unwrap();
    server.clock.advance(DAY);
    let request = ReCertifyRequest { offset: Some(Interval(3600)), ..re_certify(&old) };
    let new = renewed(&server, request).await.unwrap();
    // Table 298: AT2 = IT2 + Offset; DT2 = DT1 + (AT2 - AT1).
    let begin = START + DAY + 3600;
    let attributes = server.attributes(&new).await;
    assert_eq!(attributes.one::<kinds::ActivationDate>(), Some(DateTime(begin)));
    assert_eq!(attributes.one::<kinds::DeactivationDate>(), Some(DateTime(begin + 10 * DAY)));
    let certificate = server.certificate(&new).await;
    assert_eq!(seconds(certificate.not_before()), begin);
    assert_eq!(seconds(certificate.not_after()), begin + 10 * DAY);
    assert!(certificate.verify(&certificate.public_key().unwrap()).unwrap());
}

#[tokio::test]
async fn a_certificate_is_renewed_by_a_request_for_the_same_key_only() {
    let server = Server::new();
    let (root, ..) = server.authority("root").await;
    let key = ec_key();
    let by_root = with_link(Attributes::new(), LinkType::CERTIFICATE_LINK, &root);
    let value = |request: openssl::x509::X509Req| CertifyRequest {
        certificate_request_type: Some(CertificateRequestType::PKCS_10),
        certificate_request_value: Some(request.to_der().unwrap().into()),
        ..certify(None, by_root.clone())
    };
    let old = server.certify(value(request(&key, "first"))).await.unwrap();
    let with = |request: openssl::x509::X509Req| ReCertifyRequest {
        certificate_request_type: Some(CertificateRequestType::PKCS_10),
        certificate_request_value: Some(request.to_der().unwrap().into()),
        ..re_certify(&old)
    };
    let new = renewed(&server, with(request(&key, "second"))).await.unwrap();
    assert!(text_of(&server.certificate(&new).await).contains("Subject: CN=second"));
    let refused = renewed(&server, with(request(&ec_key(), "third"))).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_CSR);
    let object = request_object(CertificateRequestType::PKCS_10, &request(&key, "object").to_der().unwrap());
    let object = server.register(object, Attributes::new()).await.unwrap();
    let by_object = ReCertifyRequest {
        certificate_request_unique_identifier: Some(object.as_str().into()),
        ..re_certify(&new)
    };
    let newest = renewed(&server, by_object.clone()).await.unwrap();
    assert!(text_of(&server.certificate(&newest).await).contains("Subject: CN=object"));
    let both = ReCertifyRequest {
        certificate_request_unique_identifier: Some(object.as_str().into()),
        ..with(request(&key, "x"))
    };
    assert_eq!(renewed(&server, both).await.unwrap_err().reason(), ResultReason::INVALID_FIELD);
}

#[tokio::test]
async fn what_cannot_be_renewed_is_refused() {
    let server = Server::new();
    let root = Party::authority("root", None);
    let orphan = server.register_certificate(&Party::end("orphan", &root, 10)).await;
    let refused = renewed(&server, re_certify(&orphan)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_FIELD);
    let (_, public) = pair(&server, RecommendedCurve::P_256, Mask::SIGN.0).await;
    let refused = renewed(&server, re_certify(&public)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_OBJECT_TYPE);
    assert_eq!(
        renewed(&server, re_certify("nothing")).await.unwrap_err().reason(),
        ResultReason::OBJECT_NOT_FOUND
    );
}

#[tokio::test]
async fn a_certificate_verifies_what_its_private_key_signed() {
    use claviger_plugin_sdk::kmip::payloads::{SignRequest, SignatureVerifyRequest};
    use claviger_plugin_sdk::kmip::tables::enumerations::ValidityIndicator;
    let server = Server::new();
    let (private, public) =
        pair(&server, RecommendedCurve::P_256, Mask::SIGN.0 | Mask::CERTIFICATE_SIGN.0).await;
    let id = server.certify(certify(Some(&public), for_subject("signer"))).await.unwrap();
    let signed = server
        .sign(SignRequest {
            unique_identifier: Some(private.as_str().into()),
            cryptographic_parameters: None,
            data: Some(b"data".to_vec().into()),
            digested_data: None,
            correlation_value: None,
            init_indicator: None,
            final_indicator: None,
        })
        .await
        .unwrap();
    let verify = |data: &[u8]| SignatureVerifyRequest {
        unique_identifier: Some(id.as_str().into()),
        cryptographic_parameters: None,
        data: Some(data.into()),
        digested_data: None,
        signature_data: signed.signature_data.clone(),
        correlation_value: None,
        init_indicator: None,
        final_indicator: None,
    };
    let verdict = server.verify(verify(b"data")).await.unwrap().validity_indicator;
    assert_eq!(verdict, Some(ValidityIndicator::VALID));
    let verdict = server.verify(verify(b"other")).await.unwrap().validity_indicator;
    assert_eq!(verdict, Some(ValidityIndicator::INVALID));
}

/// Sections 4.41 and 4.59: signing a certificate applies protection.
#[tokio::test]
async fn the_bytes_of_certificates_are_taken_from_the_issuers_limits_and_its_protect_stop_date_counts() {
    let server = Server::new();
    let pair_with = async |change: &dyn Fn(&mut Attributes)| {
        let (private, _) = server
            .create_pair({
                let mut request = pair_request(RecommendedCurve::P_256, Mask::CERTIFICATE_SIGN.0);
                change(request.private_key_attributes.as_mut().unwrap());
                request
            })
            .await
            .unwrap();
        private
    };
    let unit = UsageLimitsUnit::BYTE;
    let limited = pair_with(&|attributes| {
        attributes.put::<kinds::UsageLimits>(UsageLimits { total: 700, count: None, unit });
    })
    .await;
    let first = server.certify(certify(Some(&limited), for_subject("self"))).await.unwrap();
    let signed = server.certificate(&first).await;
    let der = signed.to_der().unwrap();
    // A certificate is a sequence of what is signed, an algorithm and a signature.
    let to_be_signed = &der[4..];
    let length = 4 + usize::from(u16::from_be_bytes([to_be_signed[2], to_be_signed[3]]));
    assert_eq!(to_be_signed[..2], [0x30, 0x82]);
    assert_eq!(server.left(&limited).await, 700 - i64::try_from(length).unwrap());
    let mut refused = None;
    for _ in 0..3 {
        let answer = server.certify(certify(Some(&limited), for_subject("self"))).await;
        refused = answer.err().map(|error| error.reason()).or(refused);
    }
    assert_eq!(refused, Some(ResultReason::USAGE_LIMIT_EXCEEDED));
    let stopping = pair_with(&|attributes| {
        attributes.put::<kinds::ProtectStopDate>(DateTime(START + 10));
    })
    .await;
    server.certify(certify(Some(&stopping), for_subject("self"))).await.unwrap();
    server.clock.advance(10);
    let refused = server.refused_certify(certify(Some(&stopping), for_subject("self"))).await;
    assert_eq!(refused, ResultReason::WRONG_KEY_LIFECYCLE_STATE);
}
