//! PKCS#12, PKCS#7 and encrypted PKCS#8, in and out. OpenSSL makes what comes in and reads what goes out.

use claviger_engine::AlgorithmPolicy;
use claviger_plugin_sdk::kmip::attributes::{Attributes, Link, kinds};
use claviger_plugin_sdk::kmip::objects::{Key, KeyBlock, KeyValue, ManagedObject, PlainKeyValue};
use claviger_plugin_sdk::kmip::payloads::{ExportRequest, ExportResponse, GetRequest};
use claviger_plugin_sdk::kmip::payloads::{ImportRequest, ImportResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::{HashingAlgorithm, LinkType};
use claviger_plugin_sdk::prelude::*;
use openssl::pkcs7::Pkcs7;
use openssl::pkcs12::{ParsedPkcs12_2, Pkcs12};
use openssl::pkey::PKey;
use openssl::stack::Stack;
use openssl::symm::Cipher;
use openssl::x509::X509;

use crate::every_type::password;
use crate::keys::{bytes, plainly};
use crate::pki::{Party, certificate, links, value};
use crate::server::{START, Server};
use crate::signatures::sign;

const PKCS_12_LEGACY: KeyFormatType = KeyFormatType(0x8880_0001);
const PKCS_7: KeyFormatType = KeyFormatType(0x8880_0002);
const PKCS_8_ENCRYPTED: KeyFormatType = KeyFormatType(0x8C1A_0001);

fn private(format: KeyFormatType, material: &[u8]) -> ManagedObject {
    ManagedObject::PrivateKey(Key {
        key_block: KeyBlock {
            key_format_type: format,
            key_compression_type: None,
            key_value: Some(KeyValue::Plain(PlainKeyValue {
                key_material: Value::ByteString(material.into()),
                attributes: None,
            })),
            cryptographic_algorithm: None,
            cryptographic_length: None,
            key_wrapping_data: None,
        },
    })
}

fn active() -> Attributes {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    attributes.put::<kinds::CryptographicUsageMask>(1);
    attributes
}

fn with_password(id: &str) -> Attributes {
    let mut attributes = active();
    attributes.push::<kinds::Link>(Link {
        link_type: LinkType::PKCS_12_PASSWORD_LINK,
        linked_object_identifier: id.into(),
    });
    attributes
}

/// A chain: root, authority, end.
fn chain() -> [Party; 3] {
    let root = Party::authority("root", None);
    let middle = Party::authority("middle", Some(&root));
    let end = Party::end("end", &middle, 10);
    [root, middle, end]
}

fn container([root, middle, end]: &[Party; 3]) -> Vec<u8> {
    let mut issuers = Stack::new().unwrap();
    issuers.push(root.certificate.clone()).unwrap();
    issuers.push(middle.certificate.clone()).unwrap();
    let mut builder = Pkcs12::builder();
    builder.name("mine").pkey(&end.key).cert(&end.certificate).ca(issuers);
    builder.build2("secret").unwrap().to_der().unwrap()
}

fn opened(container: &[u8]) -> ParsedPkcs12_2 {
    Pkcs12::from_der(container).unwrap().parse2("secret").unwrap()
}

fn chain_of(opened: &ParsedPkcs12_2) -> Vec<Vec<u8>> {
    opened.ca.iter().flatten().map(|one: &openssl::x509::X509Ref| one.to_der().unwrap()).collect()
}

impl Server {
    /// The password `secret`, as Active Secret Data.
    async fn password(&self) -> String {
        self.register(password(b"secret"), active()).await.unwrap()
    }

    async fn get_in(&self, id: &str, format: KeyFormatType) -> Result<ManagedObject> {
        let key_format_type = Some(format);
        self.get_as(GetRequest { unique_identifier: Some(id.into()), key_format_type, ..plainly() }).await
    }

    async fn key_in_container(&self, parties: &[Party; 3], attributes: Attributes) -> Result<String> {
        self.register(private(KeyFormatType::PKCS_12, &container(parties)), attributes).await
    }
}

#[tokio::test]
async fn a_container_is_not_made_with_what_the_policy_does_not_allow() {
    let server = Server::new();
    let attributes = with_password(&server.password().await);
    let id = server.key_in_container(&chain(), attributes).await.unwrap();
    for (policy, refused, made) in [
        (
            AlgorithmPolicy {
                refused_algorithms: vec![CryptographicAlgorithm::THREE_DES],
                ..AlgorithmPolicy::default()
            },
            PKCS_12_LEGACY,
            KeyFormatType::PKCS_12,
        ),
        (
            AlgorithmPolicy { hashes: Some(vec![HashingAlgorithm::SHA_1]), ..AlgorithmPolicy::default() },
            PKCS_8_ENCRYPTED,
            PKCS_12_LEGACY,
        ),
    ] {
        let strict = server.under_policy(policy);
        let error = strict.get_in(&id, refused).await.unwrap_err();
        assert_eq!(error.reason(), ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS);
        strict.get_in(&id, made).await.unwrap();
    }
}

#[tokio::test]
async fn a_key_comes_out_of_its_container_with_its_certificates_linked_to_one_another() {
    let server = Server::new();
    let parties = chain();
    let attributes = with_password(&server.password().await);
    let id = server.key_in_container(&parties, attributes).await.unwrap();
    let key = server.get(&id).await.unwrap();
    assert_eq!(key.key_block().unwrap().key_format_type, KeyFormatType::PKCS_8);
    let [root, middle, end] = &parties;
    assert_eq!(bytes(&key), end.key.private_key_to_pkcs8().unwrap());
    let attributes = server.attributes(&id).await;
    assert_eq!(attributes.get(Tag::PKCS_12_FRIENDLY_NAME), Some(&Value::TextString("mine".into())));
    let linked = links(&attributes, LinkType::PKCS_12_CERTIFICATE_LINK);
    assert_eq!(linked, links(&attributes, LinkType::CERTIFICATE_LINK));
    let mut holder = linked[0].clone();
    assert_eq!(links(&server.attributes(&holder).await, LinkType::PRIVATE_KEY_LINK), [id.as_str()]);
    for (party, last) in [(end, false), (middle, false), (root, true)] {
        assert_eq!(value(&server.get(&holder).await.unwrap()), party.der());
        let issuers = links(&server.attributes(&holder).await, LinkType::CERTIFICATE_LINK);
        assert_eq!(issuers.is_empty(), last);
        holder = issuers.into_iter().next().unwrap_or_default();
    }
    assert!(server.sign(sign(&id, b"data")).await.is_ok());
}

#[tokio::test]
async fn a_key_leaves_in_either_kind_of_container_with_its_chain_name_and_password() {
    let server = Server::new();
    let parties = chain();
    let attributes = with_password(&server.password().await);
    let id = server.key_in_container(&parties, attributes).await.unwrap();
    let [root, middle, end] = &parties;
    for format in [KeyFormatType::PKCS_12, PKCS_12_LEGACY] {
        let object = server.get_in(&id, format).await.unwrap();
        assert_eq!(object.key_block().unwrap().key_format_type, format);
        let opened = opened(&bytes(&object));
        assert!(opened.pkey.as_ref().unwrap().public_eq(&end.key));
        let certificate = opened.cert.as_ref().unwrap();
        assert_eq!((certificate.to_der().unwrap(), certificate.alias()), (end.der(), Some(&b"mine"[..])));
        assert_eq!(chain_of(&opened), [middle.der(), root.der()]);
    }
    let request = ExportRequest {
        unique_identifier: Some(id.as_str().into()),
        key_format_type: Some(KeyFormatType::PKCS_12),
        key_wrap_type: None,
        key_compression_type: None,
        key_wrapping_specification: None,
    };
    let exported: ExportResponse = server.run(OperationCode::EXPORT, request).await.unwrap();
    // What is exported is imported again, with all that is in it.
    let request = ImportRequest {
        unique_identifier: "again".into(),
        object_type: ObjectType::PRIVATE_KEY,
        replace_existing: None,
        key_wrap_type: None,
        attributes: with_password(&server.password().await),
        object: exported.object,
    };
    let _: ImportResponse = server.run(OperationCode::IMPORT, request.clone()).await.unwrap();
    assert_eq!(server.get("again").await.unwrap(), server.get(&id).await.unwrap());
    let request = ImportRequest { replace_existing: Some(true), ..request };
    let _: ImportResponse = server.run(OperationCode::IMPORT, request).await.unwrap();
    let linked = links(&server.attributes("again").await, LinkType::CERTIFICATE_LINK);
    assert_eq!(value(&server.get(&linked[0]).await.unwrap()), end.der());
    let back = server.get_in("again", KeyFormatType::PKCS_12).await.unwrap();
    assert_eq!(chain_of(&opened(&bytes(&back))), [middle.der(), root.der()]);
}

#[tokio::test]
async fn the_certificate_of_the_public_key_goes_before_that_of_the_private_one() {
    let server = Server::new();
    let [root, _, end] = chain();
    let other = Party::issued(end.key.clone(), "other", Some(&root), &[], 10);
    let certificates = [server.register_certificate(&end).await, server.register_certificate(&other).await];
    let link = |link_type, id: &str| Link { link_type, linked_object_identifier: id.into() };
    let mut attributes = active();
    attributes.push::<kinds::Link>(link(LinkType::CERTIFICATE_LINK, &certificates[0]));
    attributes.push::<kinds::Link>(link(LinkType::PKCS_12_CERTIFICATE_LINK, &certificates[1]));
    let spki = end.key.public_key_to_der().unwrap();
    let ManagedObject::PrivateKey(key) = private(KeyFormatType::X_509, &spki) else { panic!("a key") };
    let public = server.register(ManagedObject::PublicKey(key), attributes).await.unwrap();
    let mut attributes = with_password(&server.password().await);
    attributes.push::<kinds::Link>(link(LinkType::PUBLIC_KEY_LINK, &public));
    attributes.push::<kinds::Link>(link(LinkType::CERTIFICATE_LINK, &certificates[0]));
    let pkcs8 = end.key.private_key_to_pkcs8().unwrap();
    let id = server.register(private(KeyFormatType::PKCS_8, &pkcs8), attributes).await.unwrap();
    let opened = opened(&bytes(&server.get_in(&id, KeyFormatType::PKCS_12).await.unwrap()));
    assert_eq!(opened.cert.as_ref().unwrap().to_der().unwrap(), other.der());
    // "If this attribute is absent … the server SHOULD use an alias/friendly name of “alias”."
    assert_eq!(opened.cert.unwrap().alias(), Some(&b"alias"[..]));
}

#[tokio::test]
async fn a_key_with_several_certificates_needs_to_be_told_which_one_is_meant() {
    let server = Server::new();
    let [root, _, end] = chain();
    let other = Party::issued(end.key.clone(), "other", Some(&root), &[], 10);
    let mut attributes = with_password(&server.password().await);
    for party in [&end, &other] {
        attributes.push::<kinds::Link>(Link {
            link_type: LinkType::CERTIFICATE_LINK,
            linked_object_identifier: server.register_certificate(party).await.as_str().into(),
        });
    }
    let pkcs8 = end.key.private_key_to_pkcs8().unwrap();
    let id = server.register(private(KeyFormatType::PKCS_8, &pkcs8), attributes).await.unwrap();
    let refused = server.get_in(&id, KeyFormatType::PKCS_12).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_FIELD);
}

#[tokio::test]
async fn a_password_is_one_active_secret_of_the_callers() {
    let server = Server::new();
    let parties = chain();
    let good = server.password().await;
    let id = server.key_in_container(&parties, with_password(&good)).await.unwrap();
    let pre_active = server.register(password(b"secret"), Attributes::new()).await.unwrap();
    let other = server.register(password(b"Secret"), active()).await.unwrap();
    let mut two = with_password(&good);
    two.push::<kinds::Link>(Link {
        link_type: LinkType::PKCS_12_PASSWORD_LINK,
        linked_object_identifier: other.as_str().into(),
    });
    for attributes in [
        active(),
        with_password(&pre_active),
        with_password(&other),
        with_password(&id),
        with_password("nothing"),
        two,
    ] {
        let refused = server.key_in_container(&parties, attributes.clone()).await.unwrap_err();
        assert_eq!(refused.reason(), ResultReason::BAD_PASSWORD, "{attributes:?}");
    }
    let pkcs8 = parties[2].key.private_key_to_pkcs8().unwrap();
    for attributes in [active(), with_password(&pre_active)] {
        let id = server.register(private(KeyFormatType::PKCS_8, &pkcs8), attributes).await.unwrap();
        let refused = server.get_in(&id, KeyFormatType::PKCS_12).await.unwrap_err();
        assert_eq!(refused.reason(), ResultReason::BAD_PASSWORD);
    }
}

#[tokio::test]
async fn a_certificate_is_had_as_x_509_in_pkcs_7_and_in_pkcs_12_with_its_chain() {
    let server = Server::new();
    let parties = chain();
    let [root, middle, end] = &parties;
    let attributes = with_password(&server.password().await);
    let pem: Vec<u8> = parties.iter().flat_map(|one| one.certificate.to_pem().unwrap()).collect();
    let id = server.register(certificate(&pem), attributes).await.unwrap();
    assert_eq!(value(&server.get_in(&id, KeyFormatType::X_509).await.unwrap()), end.der());
    let bundle = Pkcs7::from_der(&value(&server.get_in(&id, PKCS_7).await.unwrap())).unwrap();
    let bundled: Vec<_> =
        bundle.signed().unwrap().certificates().unwrap().iter().map(|one| one.to_der().unwrap()).collect();
    assert_eq!(bundled, [end.der(), middle.der(), root.der()]);
    let opened = opened(&value(&server.get_in(&id, KeyFormatType::PKCS_12).await.unwrap()));
    assert!(opened.pkey.is_none());
    let mut found: Vec<_> = chain_of(&opened);
    found.extend(opened.cert.map(|one: X509| one.to_der().unwrap()));
    for party in &parties {
        assert!(found.contains(&party.der()));
    }
    for format in [KeyFormatType::PKCS_1, PKCS_8_ENCRYPTED] {
        let refused = server.get_in(&id, format).await.unwrap_err();
        assert_eq!(refused.reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
    }
}

#[tokio::test]
async fn an_encrypted_key_is_opened_by_its_password_and_handed_out_under_it() {
    let server = Server::new();
    let [_, _, end] = chain();
    let encrypted = end.key.private_key_to_pkcs8_passphrase(Cipher::aes_256_cbc(), b"secret").unwrap();
    let attributes = with_password(&server.password().await);
    for format in [KeyFormatType::PKCS_8, PKCS_8_ENCRYPTED] {
        let id = server.register(private(format, &encrypted), attributes.clone()).await.unwrap();
        let plain = bytes(&server.get_in(&id, KeyFormatType::PKCS_8).await.unwrap());
        assert_eq!(plain, end.key.private_key_to_pkcs8().unwrap());
        assert!(server.sign(sign(&id, b"data")).await.is_ok());
        let sealed = bytes(&server.get_in(&id, PKCS_8_ENCRYPTED).await.unwrap());
        assert!(PKey::private_key_from_pkcs8_passphrase(&sealed, b"secret").unwrap().public_eq(&end.key));
        assert!(PKey::private_key_from_pkcs8_passphrase(&sealed, b"Secret").is_err());
    }
    let other = server.register(password(b"Secret"), active()).await.unwrap();
    let refused =
        server.register(private(KeyFormatType::PKCS_8, &encrypted), with_password(&other)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::BAD_PASSWORD);
}

#[tokio::test]
async fn a_sensitive_key_leaves_in_no_container_and_pkcs_7_takes_no_key() {
    let server = Server::new();
    let parties = chain();
    let mut attributes = with_password(&server.password().await);
    let id = server.key_in_container(&parties, attributes.clone()).await.unwrap();
    let refused = server.get_in(&id, PKCS_7).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
    attributes.put::<kinds::Sensitive>(true);
    let id = server.key_in_container(&parties, attributes).await.unwrap();
    for format in [KeyFormatType::PKCS_12, PKCS_8_ENCRYPTED] {
        let refused = server.get_in(&id, format).await.unwrap_err();
        assert_eq!(refused.reason(), ResultReason::SENSITIVE);
    }
}
