//! Create Key Pair, and the rules of private, public and PGP keys.

use claviger_plugin_sdk::kmip::attributes::{Attributes, CryptographicDomainParameters, Link, Name, kinds};
use claviger_plugin_sdk::kmip::objects::{Key, KeyBlock, KeyValue, ManagedObject, PgpKey, PlainKeyValue};
use claviger_plugin_sdk::kmip::payloads::{
    CreateKeyPairRequest, CreateKeyPairResponse, GetRequest, ProtectionStorageMasks,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{LinkType, NameType, RecommendedCurve};
use claviger_plugin_sdk::prelude::*;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::sha::sha256;

use crate::every_type::pgp_key;
use crate::keys::{EVERY_USE, aes, bytes, plainly};
use crate::server::{START, Server};
use crate::toy_pair::{CURVE, TOY, private, public, toy};

const SIGNS: CryptographicUsageMask = CryptographicUsageMask::SIGN;
const VERIFIES: CryptographicUsageMask = CryptographicUsageMask::VERIFY;

/// A pair that signs and verifies.
pub(crate) fn pair() -> CreateKeyPairRequest {
    let usage = |usage: CryptographicUsageMask| {
        let mut attributes = Attributes::new();
        attributes.put::<kinds::CryptographicUsageMask>(usage.0.cast_signed());
        Some(attributes)
    };
    let mut common = Attributes::new();
    common.put::<kinds::CryptographicAlgorithm>(TOY);
    CreateKeyPairRequest {
        common_attributes: Some(common),
        private_key_attributes: usage(SIGNS),
        public_key_attributes: usage(VERIFIES),
        common_protection_storage_masks: None,
        private_protection_storage_masks: None,
        public_protection_storage_masks: None,
    }
}

fn name(value: &str) -> Name {
    Name { value: value.into(), name_type: NameType::UNINTERPRETED_TEXT_STRING }
}

fn of_private(request: &mut CreateKeyPairRequest) -> &mut Attributes {
    request.private_key_attributes.as_mut().unwrap()
}

fn of_public(request: &mut CreateKeyPairRequest) -> &mut Attributes {
    request.public_key_attributes.as_mut().unwrap()
}

fn of_both(request: &mut CreateKeyPairRequest) -> &mut Attributes {
    request.common_attributes.as_mut().unwrap()
}

impl Server {
    /// Makes a pair of alice's: the identifiers of the private and of the public key.
    pub(crate) async fn create_pair(&self, request: CreateKeyPairRequest) -> Result<(String, String)> {
        let made: CreateKeyPairResponse = self.run(OperationCode::CREATE_KEY_PAIR, request).await?;
        Ok((made.private_key_unique_identifier, made.public_key_unique_identifier))
    }

    async fn refused_pair(&self, request: CreateKeyPairRequest) -> ResultReason {
        self.create_pair(request).await.unwrap_err().reason()
    }
}

#[tokio::test]
async fn a_pair_is_made_with_links_both_ways_names_and_uses_of_each_key() {
    let server = Server::new();
    let mut request = pair();
    of_private(&mut request).push::<kinds::Name>(name("mine"));
    of_public(&mut request).push::<kinds::Name>(name("yours"));
    of_both(&mut request).push::<kinds::ObjectGroup>("pairs".into());
    let (private_id, public_id) = server.create_pair(request).await.unwrap();
    let link = |link_type, id: &str| Link { link_type, linked_object_identifier: id.into() };
    let private = server.attributes(&private_id).await;
    let public = server.attributes(&public_id).await;
    assert_eq!(private.one::<kinds::ObjectType>(), Some(ObjectType::PRIVATE_KEY));
    assert_eq!(public.one::<kinds::ObjectType>(), Some(ObjectType::PUBLIC_KEY));
    assert_eq!(private.one::<kinds::Link>(), Some(link(LinkType::PUBLIC_KEY_LINK, &public_id)));
    assert_eq!(public.one::<kinds::Link>(), Some(link(LinkType::PRIVATE_KEY_LINK, &private_id)));
    assert_eq!(private.one::<kinds::Name>(), Some(name("mine")));
    assert_eq!(public.one::<kinds::Name>(), Some(name("yours")));
    assert_eq!(private.one::<kinds::CryptographicUsageMask>(), Some(1));
    assert_eq!(public.one::<kinds::CryptographicUsageMask>(), Some(2));
    for attributes in [&private, &public] {
        assert_eq!(attributes.one::<kinds::ObjectGroup>(), Some("pairs".into()));
        assert_eq!(attributes.one::<kinds::CryptographicLength>(), Some(128));
        assert_eq!(attributes.one::<kinds::State>(), Some(State::PRE_ACTIVE));
        assert_eq!(attributes.one::<kinds::OriginalCreationDate>(), Some(DateTime(START)));
        assert_eq!(attributes.one::<kinds::Fresh>(), Some(true));
        assert!(attributes.contains(Tag::DIGEST) && attributes.contains(Tag::RANDOM_NUMBER_GENERATOR));
        let domain = attributes.one::<kinds::CryptographicDomainParameters>().unwrap();
        assert_eq!(domain.recommended_curve, Some(CURVE));
    }
}

#[tokio::test]
async fn each_key_is_made_in_the_format_that_is_asked_for() {
    let server = Server::new();
    let mut request = pair();
    of_private(&mut request).put::<kinds::KeyFormatType>(KeyFormatType::RAW);
    let (private_id, public_id) = server.create_pair(request).await.unwrap();
    let secret: [u8; 16] = bytes(&server.get(&private_id).await.unwrap()).try_into().unwrap();
    assert_eq!(server.get(&public_id).await.unwrap(), public(KeyFormatType::X_509, secret));
    let mut request = pair();
    of_public(&mut request).put::<kinds::KeyFormatType>(KeyFormatType::PKCS_8);
    assert_eq!(server.refused_pair(request).await, ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
}

#[tokio::test]
async fn a_client_may_propose_identifiers_and_the_public_keys_follows_from_the_private_keys() {
    let server = Server::new();
    let mut request = pair();
    of_private(&mut request).put::<kinds::UniqueIdentifier>("mine".into());
    assert_eq!(server.create_pair(request.clone()).await.unwrap(), ("mine".into(), "mine_pk".into()));
    assert_eq!(server.refused_pair(request.clone()).await, ResultReason::OBJECT_ALREADY_EXISTS);
    of_private(&mut request).put::<kinds::UniqueIdentifier>("other".into());
    of_public(&mut request).put::<kinds::UniqueIdentifier>("others".into());
    assert_eq!(server.create_pair(request).await.unwrap(), ("other".into(), "others".into()));
}

#[tokio::test]
async fn a_pair_that_cannot_be_is_refused_and_nothing_of_it_is_kept() {
    let server = Server::new();
    let nothing = CreateKeyPairRequest { common_attributes: None, ..pair() };
    assert_eq!(server.refused_pair(nothing).await, ResultReason::INVALID_FIELD);
    let mut wrong_length = pair();
    of_both(&mut wrong_length).put::<kinds::CryptographicLength>(129);
    assert_eq!(server.refused_pair(wrong_length).await, ResultReason::INVALID_ATTRIBUTE_VALUE);
    let mut unlike = pair();
    of_private(&mut unlike).put::<kinds::CryptographicLength>(128);
    of_public(&mut unlike).put::<kinds::CryptographicLength>(256);
    assert_eq!(server.refused_pair(unlike).await, ResultReason::INVALID_ATTRIBUTE_VALUE);
    let mut symmetric = pair();
    of_both(&mut symmetric).put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::AES);
    assert_eq!(server.refused_pair(symmetric).await, ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS);
    let mut read_only = pair();
    of_public(&mut read_only).put::<kinds::State>(State::ACTIVE);
    assert_eq!(server.refused_pair(read_only).await, ResultReason::ATTRIBUTE_READ_ONLY);
    let mut one_name = pair();
    of_both(&mut one_name).push::<kinds::Name>(name("both"));
    of_private(&mut one_name).put::<kinds::UniqueIdentifier>("half".into());
    assert_eq!(server.refused_pair(one_name).await, ResultReason::NON_UNIQUE_NAME_ATTRIBUTE);
    assert_eq!(server.get("half").await.unwrap_err().class(), ErrorClass::NotFound);
    let hardware = Some(ProtectionStorageMasks { protection_storage_mask: vec![2] });
    let public = CreateKeyPairRequest { public_protection_storage_masks: hardware.clone(), ..pair() };
    assert_eq!(server.refused_pair(public).await, ResultReason::PUBLIC_PROTECTION_STORAGE_UNAVAILABLE);
    let common = CreateKeyPairRequest { common_protection_storage_masks: hardware, ..pair() };
    assert_eq!(server.refused_pair(common).await, ResultReason::PRIVATE_PROTECTION_STORAGE_UNAVAILABLE);
}

#[tokio::test]
async fn a_registered_key_tells_what_it_is() {
    let server = Server::new();
    let mut object = private(KeyFormatType::PKCS_8, [7; 16]);
    let block = object.key_block_mut().unwrap();
    (block.cryptographic_algorithm, block.cryptographic_length) = (None, None);
    let id = server.register(object.clone(), Attributes::new()).await.unwrap();
    let attributes = server.attributes(&id).await;
    assert_eq!(attributes.one::<kinds::CryptographicAlgorithm>(), Some(TOY));
    assert_eq!(attributes.one::<kinds::CryptographicLength>(), Some(128));
    assert_eq!(server.get(&id).await.unwrap(), object);
    // Raw bytes do not tell.
    let mut object = private(KeyFormatType::RAW, [7; 16]);
    let block = object.key_block_mut().unwrap();
    (block.cryptographic_algorithm, block.cryptographic_length) = (None, None);
    let refused = server.register(object, Attributes::new()).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_FIELD);
}

/// OpenSSL writes both.
#[tokio::test]
async fn a_key_that_comes_as_pem_is_kept_as_the_der_that_its_format_demands() {
    let server = Server::new();
    let rsa = Rsa::generate(2048).unwrap();
    let key = PKey::from_rsa(rsa.clone()).unwrap();
    let cases = [
        (ObjectType::PRIVATE_KEY, KeyFormatType::PKCS_1, rsa.private_key_to_pem(), rsa.private_key_to_der()),
        (
            ObjectType::PRIVATE_KEY,
            KeyFormatType::PKCS_8,
            key.private_key_to_pem_pkcs8(),
            key.private_key_to_pkcs8(),
        ),
        (
            ObjectType::PUBLIC_KEY,
            KeyFormatType::PKCS_1,
            rsa.public_key_to_pem_pkcs1(),
            rsa.public_key_to_der_pkcs1(),
        ),
        (ObjectType::PUBLIC_KEY, KeyFormatType::X_509, key.public_key_to_pem(), key.public_key_to_der()),
    ];
    for (object_type, format, pem, der) in cases {
        let der = der.unwrap();
        let id =
            server.register(encoded(object_type, format, &pem.unwrap()), Attributes::new()).await.unwrap();
        assert_eq!(server.get(&id).await.unwrap(), encoded(object_type, format, &der), "{format:?}");
        let digests: Vec<_> = server.attributes(&id).await.all::<kinds::Digest>().collect();
        let expected = sha256(&der);
        let own = digests.iter().find(|digest| digest.key_format_type == Some(format)).unwrap();
        assert_eq!(own.digest_value.as_deref(), Some(&expected[..]), "{format:?}");
    }
}

fn encoded(object_type: ObjectType, key_format_type: KeyFormatType, bytes: &[u8]) -> ManagedObject {
    let key = Key {
        key_block: KeyBlock {
            key_format_type,
            key_compression_type: None,
            key_value: Some(KeyValue::Plain(PlainKeyValue {
                key_material: Value::ByteString(bytes.into()),
                attributes: None,
            })),
            cryptographic_algorithm: Some(CryptographicAlgorithm::RSA),
            cryptographic_length: Some(2048),
            key_wrapping_data: None,
        },
    };
    match object_type {
        ObjectType::PRIVATE_KEY => ManagedObject::PrivateKey(key),
        _ => ManagedObject::PublicKey(key),
    }
}

#[tokio::test]
async fn contradictions_between_material_and_request_are_refused() {
    let server = Server::new();
    let register = async |object: ManagedObject, attributes| {
        server.register(object, attributes).await.unwrap_err().reason()
    };
    let key = || public(KeyFormatType::X_509, [7; 16]);
    let mut other_length = key();
    other_length.key_block_mut().unwrap().cryptographic_length = Some(256);
    assert_eq!(register(other_length, toy(VERIFIES)).await, ResultReason::INVALID_FIELD);
    let mut other_curve = toy(VERIFIES);
    other_curve.put::<kinds::CryptographicDomainParameters>(CryptographicDomainParameters {
        qlength: None,
        recommended_curve: Some(RecommendedCurve::P_256),
    });
    assert_eq!(register(key(), other_curve).await, ResultReason::INVALID_FIELD);
    // A private key where a public one is said to be.
    let mut swapped = key();
    swapped.key_block_mut().unwrap().clone_from(private(KeyFormatType::PKCS_8, [7; 16]).key_block().unwrap());
    assert_eq!(register(swapped, toy(VERIFIES)).await, ResultReason::INVALID_FIELD);
    let mut malformed = key();
    malformed.key_block_mut().unwrap().key_value = Some(KeyValue::Plain(PlainKeyValue {
        key_material: Value::ByteString(b"public:short"[..].into()),
        attributes: None,
    }));
    assert_eq!(register(malformed.clone(), toy(VERIFIES)).await, ResultReason::INVALID_FIELD);
    malformed.key_block_mut().unwrap().key_format_type = KeyFormatType::PKCS_12;
    assert_eq!(register(malformed, toy(VERIFIES)).await, ResultReason::INVALID_FIELD);
}

#[tokio::test]
async fn a_key_is_handed_out_in_each_of_its_formats_and_digested_in_the_usual_one_and_its_own() {
    let server = Server::new();
    let id = server.register(private(KeyFormatType::RAW, [7; 16]), toy(SIGNS)).await.unwrap();
    let get = async |format| {
        let unique_identifier = Some(id.as_str().into());
        server.get_as(GetRequest { unique_identifier, key_format_type: Some(format), ..plainly() }).await
    };
    let usual = get(KeyFormatType::PKCS_8).await.unwrap();
    assert_eq!(usual, private(KeyFormatType::PKCS_8, [7; 16]));
    assert_eq!(get(KeyFormatType::RAW).await.unwrap(), private(KeyFormatType::RAW, [7; 16]));
    let refused = get(KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
    let attributes = server.attributes(&id).await;
    let digests: Vec<_> = attributes
        .all::<kinds::Digest>()
        .map(|digest| (digest.key_format_type.unwrap(), hex::encode(&*digest.digest_value.unwrap())))
        .collect();
    // printf 'private:\x07...' | sha256sum, and without "private:".
    let of_pkcs_8 = "fba5a44ebc5d418429f296ecfd9eb9b49baf4560c1f9dcd2521e36e94c25a9d5".to_owned();
    let of_raw = "d761d406af2a4a5a15f67c924378ed88d1f85c13f1a37fc7366f59789b3bcd65".to_owned();
    assert_eq!(digests, [(KeyFormatType::PKCS_8, of_pkcs_8), (KeyFormatType::RAW, of_raw)]);
}

#[tokio::test]
async fn a_pgp_key_comes_back_as_it_was_and_is_never_made() {
    let server = Server::new();
    let object = pgp_key(b"-----BEGIN PGP PUBLIC KEY BLOCK-----");
    let id = server.register(object.clone(), Attributes::new()).await.unwrap();
    assert_eq!(server.get(&id).await.unwrap(), object);
    let key_block = object.key_block().unwrap().clone();
    let old = ManagedObject::PgpKey(PgpKey { pgp_key_version: 2, key_block });
    let refused = server.register(old, Attributes::new()).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_FIELD);
}

#[tokio::test]
async fn a_key_of_a_pair_is_not_made_alone() {
    let server = Server::new();
    for object_type in [ObjectType::PRIVATE_KEY, ObjectType::PUBLIC_KEY, ObjectType::PGP_KEY] {
        let request = claviger_plugin_sdk::kmip::payloads::CreateRequest {
            object_type,
            attributes: aes(EVERY_USE),
            protection_storage_masks: None,
        };
        let refused: Result<Empty> = server.run(OperationCode::CREATE, request).await;
        assert_eq!(refused.unwrap_err().reason(), ResultReason::INVALID_OBJECT_TYPE);
    }
}
