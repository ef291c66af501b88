//! Certificates, certificate requests and revocation lists that clients hand over.

use claviger_plugin_sdk::kmip::attributes::{Attributes, Name, kinds};
use claviger_plugin_sdk::kmip::objects::{
    Certificate, CertificateRequest, CryptographicParameters, ManagedObject,
};
use claviger_plugin_sdk::kmip::payloads::{EncryptRequest, EncryptResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    CertificateRequestType, CertificateType, DigitalSignatureAlgorithm, HashingAlgorithm, LinkType, NameType,
    PaddingMethod,
};
use claviger_plugin_sdk::prelude::*;
use openssl::encrypt::Decrypter;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::{Padding, Rsa};
use openssl::x509::{X509NameBuilder, X509Req, X509ReqBuilder};

use crate::every_type::opaque;
use crate::pki::{DAY, Party, certificate, ec_key, links, value};
use crate::server::{START, Server};

/// A request of OpenSSL's.
pub(crate) fn request(key: &PKey<openssl::pkey::Private>, subject: &str) -> X509Req {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", subject).unwrap();
    let mut builder = X509ReqBuilder::new().unwrap();
    builder.set_subject_name(&name.build()).unwrap();
    builder.set_pubkey(key).unwrap();
    builder.sign(key, MessageDigest::sha256()).unwrap();
    builder.build()
}

pub(crate) fn request_object(kind: CertificateRequestType, value: &[u8]) -> ManagedObject {
    ManagedObject::CertificateRequest(CertificateRequest {
        certificate_request_type: kind,
        certificate_request_value: value.into(),
    })
}

fn text(attributes: &Attributes, tag: Tag) -> Option<String> {
    match attributes.get(tag) {
        Some(Value::TextString(text)) => Some(text.clone()),
        _ => None,
    }
}

#[tokio::test]
async fn the_attributes_of_a_certificate_follow_from_it() {
    let server = Server::new();
    let root = Party::authority("root", None);
    let id = server.register(certificate(&root.der()), Attributes::new()).await.unwrap();
    let attributes = server.attributes(&id).await;
    assert_eq!(attributes.one::<kinds::CertificateType>(), Some(CertificateType::X_509));
    assert_eq!(attributes.one::<kinds::CertificateLength>(), i32::try_from(root.der().len()).ok());
    assert_eq!(attributes.one::<kinds::CryptographicAlgorithm>(), Some(CryptographicAlgorithm::EC));
    assert_eq!(attributes.one::<kinds::CryptographicLength>(), Some(256));
    assert_eq!(
        attributes.one::<kinds::DigitalSignatureAlgorithm>(),
        Some(DigitalSignatureAlgorithm::ECDSA_WITH_SHA256)
    );
    assert_eq!(text(&attributes, Tag::CERTIFICATE_SUBJECT_CN).as_deref(), Some("root"));
    assert_eq!(text(&attributes, Tag::CERTIFICATE_ISSUER_CN).as_deref(), Some("root"));
    let subject = attributes.one::<kinds::X509CertificateSubject>().unwrap();
    assert_eq!(*subject.subject_distinguished_name, *root.certificate.subject_name().to_der().unwrap());
    assert_eq!(attributes.one::<kinds::State>(), Some(State::PRE_ACTIVE));
    let digest = attributes.one::<kinds::Digest>().unwrap().digest_value.unwrap();
    assert_eq!(*digest, openssl::sha::sha256(&root.der()));
    // What only the server uses stays there.
    assert!(attributes.iter().all(|instance| !instance.tag.is_extension()));
    assert_eq!(value(&server.get(&id).await.unwrap()), root.der());
}

#[tokio::test]
async fn pem_is_taken_and_der_given_back() {
    let server = Server::new();
    let root = Party::authority("root", None);
    let pem = root.certificate.to_pem().unwrap();
    let id = server.register(certificate(&pem), Attributes::new()).await.unwrap();
    assert_eq!(value(&server.get(&id).await.unwrap()), root.der());
}

#[tokio::test]
async fn a_chain_in_one_piece_becomes_linked_objects_of_which_the_leaf_is_answered() {
    let server = Server::new();
    let root = Party::authority("root", None);
    let sub = Party::authority("sub", Some(&root));
    let leaf = Party::end("leaf", &sub, 10);
    let pem: Vec<u8> =
        [&root, &leaf, &sub].iter().flat_map(|one| one.certificate.to_pem().unwrap()).collect();
    let mut attributes = Attributes::new();
    let name_type = NameType::UNINTERPRETED_TEXT_STRING;
    attributes.push::<kinds::Name>(Name { value: "mine".into(), name_type });
    attributes.push::<kinds::ObjectGroup>("chain".into());
    let leaf_id = server.register(certificate(&pem), attributes).await.unwrap();
    assert_eq!(value(&server.get(&leaf_id).await.unwrap()), leaf.der());
    let mut id = leaf_id;
    for issuer in [&sub, &root] {
        let of_issuer = links(&server.attributes(&id).await, LinkType::CERTIFICATE_LINK);
        assert_eq!(of_issuer.len(), 1);
        id = of_issuer[0].clone();
        assert_eq!(value(&server.get(&id).await.unwrap()), issuer.der());
        let attributes = server.attributes(&id).await;
        assert_eq!(attributes.one::<kinds::ObjectGroup>(), Some("chain".into()));
        assert!(!attributes.contains(Tag::NAME));
    }
    assert!(links(&server.attributes(&id).await, LinkType::CERTIFICATE_LINK).is_empty());
}

#[tokio::test]
async fn what_a_client_says_of_a_certificate_must_be_true() {
    let server = Server::new();
    let object = || certificate(&Party::authority("root", None).der());
    let mut wrong_length = Attributes::new();
    wrong_length.put::<kinds::CertificateLength>(5);
    let mut wrong_algorithm = Attributes::new();
    wrong_algorithm.put::<kinds::DigitalSignatureAlgorithm>(DigitalSignatureAlgorithm::RSASSA_PSS);
    let mut wrong_key = Attributes::new();
    wrong_key.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::RSA);
    let mut wrong_type = Attributes::new();
    wrong_type.put::<kinds::CertificateType>(CertificateType::PGP);
    for attributes in [wrong_length, wrong_algorithm, wrong_key, wrong_type] {
        let refused = server.register(object(), attributes).await.unwrap_err();
        assert_eq!(refused.reason(), ResultReason::INVALID_FIELD);
    }
    let mut subject = Attributes::new();
    subject.add(Tag::CERTIFICATE_SUBJECT_CN, Value::TextString("me".into()));
    let refused = server.register(object(), subject).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::ATTRIBUTE_READ_ONLY);
}

#[tokio::test]
async fn what_is_no_certificate_is_refused() {
    let server = Server::new();
    for bytes in [&b""[..], b"plain text", &Party::authority("root", None).der()[1..]] {
        let refused = server.register(certificate(bytes), Attributes::new()).await.unwrap_err();
        assert_eq!(
            (refused.reason(), refused.class()),
            (ResultReason::INVALID_FIELD, ErrorClass::Certificate)
        );
    }
}

#[tokio::test]
async fn a_certificate_of_a_type_that_no_plugin_knows_is_kept_as_it_is() {
    let server = Server::new();
    let object = ManagedObject::Certificate(Certificate {
        certificate_type: CertificateType::PGP,
        certificate_value: b"any bytes".to_vec().into(),
    });
    let id = server.register(object.clone(), Attributes::new()).await.unwrap();
    assert_eq!(server.get(&id).await.unwrap(), object);
    assert_eq!(server.attributes(&id).await.one::<kinds::CertificateLength>(), Some(9));
}

#[tokio::test]
async fn a_certificate_request_is_verified_when_it_comes() {
    let server = Server::new();
    let made = request(&ec_key(), "requester");
    let der = made.to_der().unwrap();
    let id = server
        .register(request_object(CertificateRequestType::PKCS_10, &der), Attributes::new())
        .await
        .unwrap();
    let attributes = server.attributes(&id).await;
    assert_eq!(attributes.one::<kinds::CryptographicAlgorithm>(), Some(CryptographicAlgorithm::EC));
    assert_eq!(attributes.one::<kinds::ObjectType>(), Some(ObjectType::CERTIFICATE_REQUEST));
    let pem = request_object(CertificateRequestType::PEM, &made.to_pem().unwrap());
    let id = server.register(pem.clone(), Attributes::new()).await.unwrap();
    assert_eq!(server.get(&id).await.unwrap(), pem);
    let mut damaged = der.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let damaged = request_object(CertificateRequestType::PKCS_10, &damaged);
    let refused = server.register(damaged, Attributes::new()).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_CSR);
    let other_kind = request_object(CertificateRequestType::CRMF, b"any bytes");
    assert!(server.register(other_kind, Attributes::new()).await.is_ok());
}

fn encrypt(id: &str) -> EncryptRequest {
    EncryptRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: Some(CryptographicParameters {
            padding_method: Some(PaddingMethod::OAEP),
            hashing_algorithm: Some(HashingAlgorithm::SHA_256),
            ..CryptographicParameters::NONE
        }),
        data: Some(b"data".to_vec().into()),
        iv_counter_nonce: None,
        correlation_value: None,
        init_indicator: None,
        final_indicator: None,
        authenticated_encryption_additional_data: None,
    }
}

/// What Encrypt with a certificate of alice's says.
async fn encrypted(server: &Server, id: &str) -> Result<EncryptResponse> {
    server.run(OperationCode::ENCRYPT, encrypt(id)).await
}

fn rsa_party(issuer: &Party, days: i64) -> Party {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    Party::issued(key, "rsa", Some(issuer), &[], days)
}

#[tokio::test]
async fn data_are_encrypted_for_a_certificate_that_is_valid_as_far_as_is_known() {
    let server = Server::new();
    let root = Party::authority("root", None);
    let party = rsa_party(&root, 10);
    let id = server.register_certificate(&party).await;
    // Without its issuer, and with it.
    encrypted(&server, &id).await.unwrap();
    server.register_certificate(&root).await;
    let sealed = encrypted(&server, &id).await.unwrap().data.unwrap();
    let mut decrypter = Decrypter::new(&party.key).unwrap();
    decrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
    decrypter.set_rsa_oaep_md(MessageDigest::sha256()).unwrap();
    decrypter.set_rsa_mgf1_md(MessageDigest::sha256()).unwrap();
    let mut plain = vec![0; decrypter.decrypt_len(&sealed).unwrap()];
    let length = decrypter.decrypt(&sealed, &mut plain).unwrap();
    assert_eq!(plain[..length], *b"data");
    server.clock.advance(11 * DAY);
    let refused = encrypted(&server, &id).await.unwrap_err();
    assert_eq!(refused.class(), ErrorClass::Certificate);
    assert!(refused.message().contains("expired"), "{refused}");
}

#[tokio::test]
async fn data_are_not_encrypted_for_a_certificate_of_another_issuer_or_a_revoked_one() {
    let server = Server::new();
    let (root, other) = (Party::authority("root", None), Party::authority("root", None));
    let id = server.register_certificate(&rsa_party(&other, 10)).await;
    server.register_certificate(&root).await;
    assert_eq!(encrypted(&server, &id).await.unwrap_err().class(), ErrorClass::Certificate);
    server.register_certificate(&other).await;
    encrypted(&server, &id).await.unwrap();
    let revoked = rsa_party(&other, 10);
    let list = other.revokes(&[&revoked]).to_pem().unwrap();
    let mut attributes = Attributes::new();
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    server.register(opaque(&list), attributes).await.unwrap();
    let id = server.register_certificate(&revoked).await;
    let refused = encrypted(&server, &id).await.unwrap_err();
    assert!(refused.message().contains("revoked"), "{refused}");
}

#[tokio::test]
async fn the_key_usage_of_a_certificate_limits_its_use() {
    let server = Server::new();
    let root = Party::authority("root", None);
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let signs = Party::issued(key, "signs", Some(&root), &[("keyUsage", "digitalSignature")], 10);
    let id = server.register_certificate(&signs).await;
    let refused = encrypted(&server, &id).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK);
}
