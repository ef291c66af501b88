//! Re-Provision (KMIP 2.1 section 6.1.48). OpenSSL makes the certificates of the clients and verifies the new ones.

use std::sync::Arc;

use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::client_certificates::{REPLACED, document_name};
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::message::{RequestBatchItem, RequestMessage};
use claviger_plugin_sdk::kmip::objects::{
    Certificate, CertificateRequest, Key, KeyBlock, KeyValue, ManagedObject, PlainKeyValue,
};
use claviger_plugin_sdk::kmip::payload::Payload;
use claviger_plugin_sdk::kmip::payloads::{
    GetAttributesRequest, GetAttributesResponse, GetRequest, GetResponse, ImportRequest, ImportResponse,
    ReProvisionRequest, ReProvisionResponse, ValidateRequest, ValidateResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    CertificateRequestType, CertificateType, LinkType, RevocationReasonCode, ValidityIndicator,
};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::ObjectStore as _;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::stack::Stack;
use openssl::x509::extension::BasicConstraints;
use openssl::x509::{X509, X509NameBuilder, X509ReqBuilder};

use crate::certificates::request;
use crate::every_type::opaque;
use crate::keys::{bytes, plainly};
use crate::pki::{DAY, Party, ec_key, linked, links, value};
use crate::server::{START, Server};

const KEY: &str = "client-issuer-key";

/// What the certificate of a client says.
const CLIENT: &[(&str, &str)] = &[
    ("basicConstraints", "critical,CA:FALSE"),
    ("keyUsage", "critical,digitalSignature"),
    ("extendedKeyUsage", "clientAuth"),
    ("subjectAltName", "email:bob@example.org"),
];

const NOTHING: ReProvisionRequest = ReProvisionRequest { certificate_request: None, certificate: None };

/// A server of alice's authority, which certifies clients, and bob with a certificate of it.
struct World {
    server: Server,
    authority: Party,
    authority_id: String,
    bob: Party,
}

impl World {
    async fn new() -> Self {
        Self::with_bobs_key(ec_key()).await
    }

    async fn with_bobs_key(key: PKey<Private>) -> Self {
        let server = Server::with_settings(Settings::new("/".into(), [("client-issuer", KEY.to_owned())]));
        let authority = Party::authority("clients", None);
        let authority_id = server.register_certificate(&authority).await;
        let mut attributes = linked(LinkType::CERTIFICATE_LINK, &authority_id);
        attributes.put::<kinds::ActivationDate>(DateTime(START));
        attributes
            .put::<kinds::CryptographicUsageMask>(CryptographicUsageMask::CERTIFICATE_SIGN.0.cast_signed());
        let import = ImportRequest {
            unique_identifier: KEY.into(),
            object_type: ObjectType::PRIVATE_KEY,
            replace_existing: None,
            key_wrap_type: None,
            attributes,
            object: private_key(&authority.key),
        };
        let _: ImportResponse = server.run(OperationCode::IMPORT, import).await.unwrap();
        for id in [KEY, &authority_id] {
            server.grant(id, "bob", OperationCode::RE_PROVISION).await;
        }
        let bob = Party::issued(key, "bob", Some(&authority), CLIENT, 10);
        Self { server, authority, authority_id, bob }
    }

    async fn re_provision(&self, proof: &[u8], request: ReProvisionRequest) -> Result<String> {
        let answer: ReProvisionResponse =
            run(&self.server, "bob", Some(proof), OperationCode::RE_PROVISION, request).await?;
        Ok(answer.unique_identifier.unwrap())
    }

    /// Why bob gets no new certificate.
    async fn refused(&self, proof: &[u8], request: ReProvisionRequest) -> (ResultReason, String) {
        let error = self.re_provision(proof, request).await.unwrap_err();
        (error.reason(), error.message().to_owned())
    }

    async fn is_denied(&self, proof: &[u8], request: ReProvisionRequest, why: &str) {
        let (reason, message) = self.refused(proof, request).await;
        assert!(reason == ResultReason::PERMISSION_DENIED && message.contains(why), "{reason:?} {message}");
    }

    async fn bobs(&self, id: &str) -> (ManagedObject, Attributes) {
        let id = || Some(id.into());
        let get = GetRequest { unique_identifier: id(), ..plainly() };
        let got: GetResponse = self.server.run_as("bob", OperationCode::GET, get).await.unwrap();
        let all = GetAttributesRequest { unique_identifier: id(), attribute_reference: Vec::new() };
        let told: GetAttributesResponse =
            self.server.run_as("bob", OperationCode::GET_ATTRIBUTES, all).await.unwrap();
        (got.object, told.attributes)
    }

    /// A certificate of bob's that the authority signed, which says what the old one said.
    async fn check_new(&self, id: &str) -> X509 {
        let (object, attributes) = self.bobs(id).await;
        let new = X509::from_der(&value(&object)).unwrap();
        assert!(new.verify(&self.authority.key).unwrap());
        assert_eq!(links(&attributes, LinkType::CERTIFICATE_LINK), [&*self.authority_id]);
        assert_eq!(attributes.one::<kinds::State>(), Some(State::ACTIVE));
        let old = &self.bob.certificate;
        assert_eq!(new.subject_name().to_der().unwrap(), old.subject_name().to_der().unwrap());
        let duration = |of: &X509| of.not_before().diff(of.not_after()).unwrap();
        assert_eq!(duration(&new), duration(old));
        assert_eq!(new.not_before(), &*openssl::asn1::Asn1Time::from_unix(START).unwrap());
        let text = String::from_utf8(new.to_text().unwrap()).unwrap();
        for said in
            ["CA:FALSE", "TLS Web Client Authentication", "email:bob@example.org", "Digital Signature"]
        {
            assert!(text.contains(said), "{text}");
        }
        assert!(!text.contains("CA:TRUE") && !text.contains("Certificate Sign"), "{text}");
        new
    }

    async fn is_replaced(&self, certificate: &[u8]) -> bool {
        self.server
            .store
            .document(REPLACED, &document_name(openssl::sha::sha256(certificate)))
            .await
            .unwrap()
            .is_some()
    }
}

fn private_key(key: &PKey<Private>) -> ManagedObject {
    let key_material = Value::ByteString(key.private_key_to_pkcs8().unwrap().into());
    ManagedObject::PrivateKey(Key {
        key_block: KeyBlock {
            key_format_type: KeyFormatType::PKCS_8,
            key_compression_type: None,
            key_value: Some(KeyValue::Plain(PlainKeyValue { key_material, attributes: None })),
            cryptographic_algorithm: None,
            cryptographic_length: None,
            key_wrapping_data: None,
        },
    })
}

fn by_request(value: Vec<u8>) -> ReProvisionRequest {
    let certificate_request = Some(CertificateRequest {
        certificate_request_type: CertificateRequestType::PKCS_10,
        certificate_request_value: value.into(),
    });
    ReProvisionRequest { certificate_request, certificate: None }
}

fn by_certificate(value: Vec<u8>) -> ReProvisionRequest {
    let certificate =
        Some(Certificate { certificate_type: CertificateType::X_509, certificate_value: value.into() });
    ReProvisionRequest { certificate_request: None, certificate }
}

/// What a user gets on a connection with a certificate.
async fn run<R: Structure, A: TtlvValue>(
    server: &Server,
    user: &str,
    proof: Option<&[u8]>,
    operation: OperationCode,
    request: R,
) -> Result<A> {
    let message = RequestMessage::of_one(ProtocolVersion::V2_1, operation, request.into_value());
    let payload = answers(server, user, proof, message).await?.remove(0)?;
    Ok(A::from_value(Tag::RESPONSE_PAYLOAD, payload)?)
}

async fn answers(
    server: &Server,
    user: &str,
    proof: Option<&[u8]>,
    message: RequestMessage,
) -> Result<Vec<Result<Value>>> {
    let headers = vec![("user".to_owned(), user.to_owned())];
    let certificates: Arc<[Vec<u8>]> = proof.map(<[u8]>::to_vec).into_iter().collect();
    let facts = ConnectionFacts { headers, certificates, ..ConnectionFacts::internal() };
    let caller = server.engine.authenticate(Arc::new(facts)).await?;
    let outcomes = server.engine.handle_in(&caller, &Standard, message).await?;
    Ok(outcomes.into_iter().map(|outcome| outcome.result.map(Payload::into_value)).collect())
}

#[tokio::test]
async fn the_server_makes_a_pair_and_a_certificate_like_the_old_ones() {
    let keys =
        [ec_key(), PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap(), PKey::generate_ed25519().unwrap()];
    for key in keys {
        let world = World::with_bobs_key(key).await;
        let private = world.re_provision(&world.bob.der(), NOTHING).await.unwrap();
        let (_, attributes) = world.bobs(&private).await;
        assert_eq!(attributes.one::<kinds::State>(), Some(State::ACTIVE));
        let certificate = &links(&attributes, LinkType::CERTIFICATE_LINK)[0];
        let public = &links(&attributes, LinkType::PUBLIC_KEY_LINK)[0];
        let new = world.check_new(certificate).await;
        assert_eq!(links(&world.bobs(certificate).await.1, LinkType::PUBLIC_KEY_LINK), [public.as_str()]);
        assert_eq!(links(&world.bobs(public).await.1, LinkType::CERTIFICATE_LINK), [certificate.as_str()]);
        let get = GetRequest {
            unique_identifier: Some(private.as_str().into()),
            key_format_type: Some(KeyFormatType::PKCS_8),
            ..plainly()
        };
        let got: GetResponse = world.server.run_as("bob", OperationCode::GET, get).await.unwrap();
        let key = PKey::private_key_from_pkcs8(&bytes(&got.object)).unwrap();
        assert!(new.public_key().unwrap().public_eq(&key));
        assert_eq!((key.id(), key.bits()), (world.bob.key.id(), world.bob.key.bits()));
        assert!(!key.public_eq(&world.bob.key));
    }
}

#[tokio::test]
async fn the_old_certificate_is_good_for_no_other_and_is_not_valid_any_more() {
    let world = World::new().await;
    let old = world.bob.der();
    assert!(!world.is_replaced(&old).await);
    let private = world.re_provision(&old, NOTHING).await.unwrap();
    assert!(world.is_replaced(&old).await);
    world.is_denied(&old, NOTHING, "replaced").await;
    world.is_denied(&old, by_request(request(&ec_key(), "bob").to_der().unwrap()), "replaced").await;
    let certificate = links(&world.bobs(&private).await.1, LinkType::CERTIFICATE_LINK).remove(0);
    let new = value(&world.bobs(&certificate).await.0);
    for (certificate, at, expected) in [
        (&old, None, ValidityIndicator::INVALID),
        (&old, Some(DateTime(START - 1)), ValidityIndicator::VALID),
        (&new, None, ValidityIndicator::VALID),
    ] {
        let given = [certificate.clone(), world.authority.der()];
        let given = given.map(|value| by_certificate(value).certificate.unwrap());
        let validate =
            ValidateRequest { certificate: given.to_vec(), unique_identifier: Vec::new(), validity_date: at };
        let told: ValidateResponse = world.server.run(OperationCode::VALIDATE, validate).await.unwrap();
        assert_eq!(told.validity_indicator, expected);
    }
    // The new one can be replaced in its turn.
    world.re_provision(&new, NOTHING).await.unwrap();
    assert!(world.is_replaced(&new).await);
}

#[tokio::test]
async fn the_key_can_be_had_in_the_same_batch_and_the_second_item_finds_the_certificate_replaced() {
    let world = World::new().await;
    let item = |operation, payload: Value| RequestBatchItem::new(operation, payload);
    let items = vec![
        item(OperationCode::RE_PROVISION, NOTHING.into_value()),
        item(OperationCode::GET, plainly().into_value()),
        item(OperationCode::RE_PROVISION, NOTHING.into_value()),
    ];
    let first = items[0].clone();
    let mut message = RequestMessage::of_one(ProtocolVersion::V2_1, first.operation, first.request_payload);
    message.request_header.batch_count = 3;
    message.batch_item = items;
    let answers = answers(&world.server, "bob", Some(&world.bob.der()), message).await.unwrap();
    let got = GetResponse::from_value(Tag::RESPONSE_PAYLOAD, answers[1].as_ref().unwrap().clone()).unwrap();
    assert_eq!(got.object_type, ObjectType::PRIVATE_KEY);
    assert_eq!(answers[2].as_ref().unwrap_err().reason(), ResultReason::PERMISSION_DENIED);
}

#[tokio::test]
async fn a_request_of_the_client_gives_the_key_and_none_of_its_wishes() {
    let world = World::new().await;
    let key = ec_key();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "bob").unwrap();
    let mut builder = X509ReqBuilder::new().unwrap();
    builder.set_subject_name(&name.build()).unwrap();
    builder.set_pubkey(&key).unwrap();
    let mut wishes = Stack::new().unwrap();
    wishes.push(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    builder.add_extensions(&wishes).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    let id =
        world.re_provision(&world.bob.der(), by_request(builder.build().to_der().unwrap())).await.unwrap();
    let new = world.check_new(&id).await;
    assert!(new.public_key().unwrap().public_eq(&key));
    assert!(world.is_replaced(&world.bob.der()).await);
}

#[tokio::test]
async fn a_bad_request_changes_nothing() {
    let world = World::new().await;
    let old = world.bob.der();
    let of_stranger = request(&ec_key(), "carol").to_der().unwrap();
    world.is_denied(&old, by_request(of_stranger), "another subject").await;
    let mut forged = request(&ec_key(), "bob").to_der().unwrap();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(world.refused(&old, by_request(forged)).await.0, ResultReason::INVALID_CSR);
    let good = Party::issued(ec_key(), "bob", Some(&world.authority), CLIENT, 10).der();
    let both = ReProvisionRequest {
        certificate: by_certificate(good).certificate,
        ..by_request(request(&ec_key(), "bob").to_der().unwrap())
    };
    assert_eq!(world.refused(&old, both).await.0, ResultReason::INVALID_FIELD);
    assert!(!world.is_replaced(&old).await);
}

#[tokio::test]
async fn a_certificate_of_the_client_is_kept_if_it_is_a_good_one_of_the_same_authority() {
    let world = World::new().await;
    let old = world.bob.der();
    let issued = |subject, issuer, days| Party::issued(ec_key(), subject, Some(issuer), CLIENT, days).der();
    world.is_denied(&old, by_certificate(issued("carol", &world.authority, 10)), "another subject").await;
    let other = Party::authority("others", None);
    world.is_denied(&old, by_certificate(issued("bob", &other, 10)), "another authority").await;
    // It calls itself as the authority does, and has another key.
    let namesake = Party::authority("clients", None);
    let invalid = [issued("bob", &namesake, 10), old.clone(), b"no certificate".to_vec()];
    for certificate in invalid {
        let (reason, message) = world.refused(&old, by_certificate(certificate)).await;
        assert_eq!(reason, ResultReason::INVALID_FIELD, "{message}");
    }
    assert!(!world.is_replaced(&old).await);
    let good = issued("bob", &world.authority, 10);
    let id = world.re_provision(&old, by_certificate(good.clone())).await.unwrap();
    let (object, attributes) = world.bobs(&id).await;
    assert_eq!(value(&object), good);
    assert_eq!(links(&attributes, LinkType::CERTIFICATE_LINK), [&*world.authority_id]);
    assert!(world.is_replaced(&old).await);
    // What was replaced is not put back.
    let (reason, message) = world.refused(&good, by_certificate(old)).await;
    assert!(reason == ResultReason::INVALID_FIELD && message.contains("replaced"), "{message}");
}

#[tokio::test]
async fn only_a_good_certificate_of_a_client_is_replaced() {
    let world = World::new().await;
    let other = Party::authority("others", None);
    let of_others = Party::issued(ec_key(), "bob", Some(&other), CLIENT, 10);
    world.is_denied(&of_others.der(), NOTHING, "another authority").await;
    let authority = Party::authority("bob", Some(&world.authority));
    world.is_denied(&authority.der(), NOTHING, "of an authority").await;
    let nobody: Result<ReProvisionResponse> =
        run(&world.server, "bob", None, OperationCode::RE_PROVISION, NOTHING).await;
    assert_eq!(nobody.unwrap_err().reason(), ResultReason::PERMISSION_DENIED);
    world.server.clock.advance(10 * DAY + 1);
    world.is_denied(&world.bob.der(), NOTHING, "expired").await;
}

#[tokio::test]
async fn a_revoked_certificate_is_not_replaced() {
    // By Revoke, by the authority that holds it and lets bob see it.
    let world = World::new().await;
    let id = world.server.register_certificate(&world.bob).await;
    world.server.grant(&id, "bob", OperationCode::GET).await;
    world.server.revoke(&id, RevocationReasonCode::KEY_COMPROMISE).await.unwrap();
    world.is_denied(&world.bob.der(), NOTHING, "revoked").await;
    // By a list that bob can see.
    let world = World::new().await;
    let list = world.authority.revokes(&[&world.bob]).to_der().unwrap();
    let id = world.server.register(opaque(&list), Attributes::new()).await.unwrap();
    world.server.grant(&id, "bob", OperationCode::GET).await;
    world.is_denied(&world.bob.der(), NOTHING, "revoked").await;
    assert!(!world.is_replaced(&world.bob.der()).await);
}

#[tokio::test]
async fn the_issuer_is_configured_and_for_those_who_hold_a_grant() {
    let world = World::new().await;
    let dave = Party::issued(ec_key(), "dave", Some(&world.authority), CLIENT, 10).der();
    let denied: Result<ReProvisionResponse> =
        run(&world.server, "dave", Some(&dave), OperationCode::RE_PROVISION, NOTHING).await;
    let denied = denied.unwrap_err();
    assert_eq!(denied.reason(), ResultReason::PERMISSION_DENIED);
    assert!(denied.message().contains("grant"), "{denied}");
    let unable: Result<ReProvisionResponse> =
        run(&Server::new(), "bob", Some(&world.bob.der()), OperationCode::RE_PROVISION, NOTHING).await;
    let unable = unable.unwrap_err();
    assert_eq!(unable.reason(), ResultReason::FEATURE_NOT_SUPPORTED);
    assert!(unable.message().contains("--client-issuer"), "{unable}");
}

#[tokio::test]
async fn the_issuer_may_be_named_by_its_certificate() {
    let mut world = World::new().await;
    let settings = Settings::new("/".into(), [("client-issuer", world.authority_id.clone())]);
    world.server = world.server.with_other_settings(settings);
    let private = world.re_provision(&world.bob.der(), NOTHING).await.unwrap();
    let certificate = links(&world.bobs(&private).await.1, LinkType::CERTIFICATE_LINK).remove(0);
    world.check_new(&certificate).await;
}
