//! Keys that leave and enter the server authenticated, wrapped by keys of pairs, or both, and what else than symmetric
//! keys is wrapped.

use claviger_engine::{AlgorithmPolicy, AllowedAlgorithm};
use claviger_plugin_sdk::kmip::attributes::{Attributes, CryptographicDomainParameters, Link, kinds};
use claviger_plugin_sdk::kmip::objects::{
    Key, KeyBlock, KeyInformation, KeyValue, KeyWrappingData, KeyWrappingSpecification, ManagedObject,
};
use claviger_plugin_sdk::kmip::payloads::{GetRequest, ImportRequest, ImportResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    EncodingOption, KeyWrapType, LinkType, RecommendedCurve, WrappingMethod,
};
use claviger_plugin_sdk::prelude::*;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;

use crate::keys::{EVERY_USE, aes, bytes, plainly, raw};
use crate::pki::{Party, certificate};
use crate::server::{START, Server};
use crate::signatures::sign;
use crate::toy_pair::{private, public, toy};

const METHODS: [WrappingMethod; 4] = [
    WrappingMethod::ENCRYPT,
    WrappingMethod::MAC_SIGN,
    WrappingMethod::ENCRYPT_THEN_MAC_SIGN,
    WrappingMethod::MAC_SIGN_THEN_ENCRYPT,
];

fn key(id: &str) -> Option<KeyInformation> {
    Some(KeyInformation { unique_identifier: id.into(), cryptographic_parameters: None })
}

/// A wrapping by these two keys, of which the method may take one only.
fn by(method: WrappingMethod, encrypts: &str, authenticates: &str) -> KeyWrappingSpecification {
    let takes_encryption = method != WrappingMethod::MAC_SIGN;
    let takes_authentication = method != WrappingMethod::ENCRYPT;
    KeyWrappingSpecification {
        wrapping_method: method,
        encryption_key_information: key(encrypts).filter(|_| takes_encryption),
        mac_signature_key_information: key(authenticates).filter(|_| takes_authentication),
        attribute_name: Vec::new(),
        encoding_option: None,
    }
}

fn data(object: &ManagedObject) -> KeyWrappingData {
    object.key_block().unwrap().key_wrapping_data.clone().unwrap()
}

fn active(usage: i32) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicUsageMask>(usage);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    attributes
}

impl Server {
    async fn wrapped(&self, id: &str, by: KeyWrappingSpecification) -> Result<ManagedObject> {
        let (unique_identifier, key_wrapping_specification) = (Some(id.into()), Some(by));
        self.get_as(GetRequest { unique_identifier, key_wrapping_specification, ..plainly() }).await
    }

    /// Imports an object under a new identifier, without its wrapping.
    async fn unwrapped(&self, object: ManagedObject) -> Result<String> {
        self.taken_in(object, KeyWrapType::NOT_WRAPPED).await
    }

    async fn taken_in(&self, object: ManagedObject, key_wrap_type: KeyWrapType) -> Result<String> {
        let request = ImportRequest {
            unique_identifier: "".into(),
            object_type: object.object_type(),
            replace_existing: None,
            key_wrap_type: Some(key_wrap_type),
            attributes: active(EVERY_USE | 1),
            object,
        };
        let answer: ImportResponse = self.run(OperationCode::IMPORT, request).await?;
        Ok(answer.unique_identifier)
    }

    async fn not_unwrapped(&self, object: ManagedObject) -> ResultReason {
        self.unwrapped(object).await.unwrap_err().reason()
    }

    /// A key that makes HMACs: RFC 4231 section 4.2 has the same.
    async fn mac_key(&self) -> String {
        let mut key = raw(&[0x0B; 20]);
        key.key_block_mut().unwrap().cryptographic_algorithm = Some(CryptographicAlgorithm::HMAC_SHA256);
        self.register(key, active(0x180)).await.unwrap()
    }

    /// The private and the public key of a toy pair, which link to one another.
    async fn linked_pair(&self, usage: CryptographicUsageMask) -> (String, String) {
        let mut attributes = toy(usage);
        attributes.put::<kinds::ActivationDate>(DateTime(START));
        let private = private(KeyFormatType::PKCS_8, [9; 16]);
        let private = self.register(private, attributes.clone()).await.unwrap();
        attributes.push::<kinds::Link>(Link {
            link_type: LinkType::PRIVATE_KEY_LINK,
            linked_object_identifier: private.as_str().into(),
        });
        let public = self.register(public(KeyFormatType::X_509, [9; 16]), attributes).await.unwrap();
        (private, public)
    }
}

#[tokio::test]
async fn a_mac_is_over_the_key_value_which_stays_readable() {
    let server = Server::new();
    let mac_key = server.mac_key().await;
    let id = server.register(raw(&[0xAB; 16]), Attributes::new()).await.unwrap();
    let object = server.wrapped(&id, by(WrappingMethod::MAC_SIGN, "", &mac_key)).await.unwrap();
    // Key Value { Key Material }, as KMIP 2.1 section 10.1 encodes it.
    let expected = ["42004501000000184200430800000010", &"ab".repeat(16)].concat();
    assert_eq!(hex::encode(bytes(&object)), expected);
    // hmac.new(b'\x0b' * 20, bytes.fromhex(expected), 'sha256') in Python.
    let mac = "97b4114857be39c31636efd9d2af213b0b5ffa08717a71897118ce29180d19a9";
    assert_eq!(hex::encode(&*data(&object).mac_signature.unwrap()), mac);
    assert_eq!(data(&object).mac_signature_key_information, key(&mac_key));
}

#[tokio::test]
async fn a_sensitive_key_does_not_leave_with_a_mac_alone() {
    let server = Server::new();
    let mac_key = server.mac_key().await;
    let kek = server.active().await;
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::Sensitive>(true);
    let id = server.create(attributes).await;
    let refused = server.wrapped(&id, by(WrappingMethod::MAC_SIGN, "", &mac_key)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::SENSITIVE);
    let both = by(WrappingMethod::ENCRYPT_THEN_MAC_SIGN, &kek, &mac_key);
    assert!(server.wrapped(&id, both).await.is_ok());
}

#[tokio::test]
async fn a_sensitive_key_that_is_kept_with_a_mac_alone_does_not_leave() {
    let server = Server::new();
    let mac_key = server.mac_key().await;
    let id = server.register(raw(&[0xAB; 16]), Attributes::new()).await.unwrap();
    let readable = server.wrapped(&id, by(WrappingMethod::MAC_SIGN, "", &mac_key)).await.unwrap();
    let mut sensitive = Attributes::new();
    sensitive.put::<kinds::Sensitive>(true);
    let kept = server.register(readable.clone(), sensitive).await.unwrap();
    assert_eq!(server.get(&kept).await.unwrap_err().reason(), ResultReason::SENSITIVE);
    let kept = server.register(readable.clone(), Attributes::new()).await.unwrap();
    assert_eq!(bytes(&server.get(&kept).await.unwrap()), bytes(&readable));
}

#[tokio::test]
async fn a_key_that_the_policy_does_not_allow_authenticates_nothing() {
    let server = Server::new();
    let mac_key = server.mac_key().await;
    let id = server.register(raw(&[0xAB; 16]), Attributes::new()).await.unwrap();
    let aes = AllowedAlgorithm { algorithm: CryptographicAlgorithm::AES, lengths: vec![128..=256] };
    let policy = AlgorithmPolicy { algorithms: Some(vec![aes]), ..AlgorithmPolicy::default() };
    let strict = server.under_policy(policy);
    let refused = strict.wrapped(&id, by(WrappingMethod::MAC_SIGN, "", &mac_key)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS);
    assert!(server.wrapped(&id, by(WrappingMethod::MAC_SIGN, "", &mac_key)).await.is_ok());
}

#[tokio::test]
async fn every_method_gives_back_what_it_wrapped_and_nothing_that_was_changed() {
    let server = Server::new();
    let (kek, mac_key) = (server.active().await, server.mac_key().await);
    let (signer, _) = server.linked_pair(CryptographicUsageMask::SIGN).await;
    let id = server.register(raw(&[0xAB; 16]), Attributes::new()).await.unwrap();
    for method in METHODS {
        for authenticates in [&mac_key, &signer] {
            let object = server.wrapped(&id, by(method, &kek, authenticates)).await.unwrap();
            let back = server.unwrapped(object.clone()).await.unwrap();
            assert_eq!(server.get(&back).await.unwrap(), raw(&[0xAB; 16]), "{method:?}");
            let mut other_value = object.clone();
            let mut changed = bytes(&object);
            changed[30] ^= 1;
            other_value.key_block_mut().unwrap().key_value = Some(KeyValue::Wrapped(changed.into()));
            let reason = server.not_unwrapped(other_value).await;
            assert_eq!(reason, ResultReason::CRYPTOGRAPHIC_FAILURE, "{method:?}");
            if method == WrappingMethod::ENCRYPT {
                continue;
            }
            for mac in [None, Some(ByteString::from(vec![1; 32]))] {
                let mut other_mac = object.clone();
                let block = other_mac.key_block_mut().unwrap();
                block.key_wrapping_data.as_mut().unwrap().mac_signature = mac;
                let reason = server.not_unwrapped(other_mac).await;
                assert_eq!(reason, ResultReason::CRYPTOGRAPHIC_FAILURE, "{method:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_method_takes_its_keys_and_no_others() {
    let server = Server::new();
    let (kek, mac_key) = (server.active().await, server.mac_key().await);
    let id = server.active().await;
    let refused = async |method, encrypts, authenticates| {
        let specification = KeyWrappingSpecification {
            encryption_key_information: encrypts,
            mac_signature_key_information: authenticates,
            ..by(method, "", "")
        };
        server.wrapped(&id, specification).await.unwrap_err().reason()
    };
    let invalid = ResultReason::INVALID_FIELD;
    assert_eq!(refused(WrappingMethod::ENCRYPT, key(&kek), key(&mac_key)).await, invalid);
    assert_eq!(refused(WrappingMethod::MAC_SIGN, key(&kek), key(&mac_key)).await, invalid);
    assert_eq!(refused(WrappingMethod::ENCRYPT_THEN_MAC_SIGN, key(&kek), None).await, invalid);
    assert_eq!(refused(WrappingMethod::MAC_SIGN_THEN_ENCRYPT, None, key(&mac_key)).await, invalid);
    let tr_31 = refused(WrappingMethod::TR_31, key(&kek), None).await;
    assert_eq!(tr_31, ResultReason::FEATURE_NOT_SUPPORTED);
    // A key that encrypts makes no MAC.
    let wrong_use = refused(WrappingMethod::MAC_SIGN, None, key(&kek)).await;
    assert_eq!(wrong_use, ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK);
    let absent = refused(WrappingMethod::MAC_SIGN, None, key("nobody")).await;
    assert_eq!(absent, ResultReason::WRAPPING_OBJECT_NOT_FOUND);
}

#[tokio::test]
async fn what_a_public_key_wrapped_the_private_key_unwraps() {
    let server = Server::new();
    let uses = CryptographicUsageMask::WRAP_KEY | CryptographicUsageMask::UNWRAP_KEY;
    let (private_id, public_id) = server.linked_pair(uses).await;
    let id = server.register(raw(&[0xAB; 16]), Attributes::new()).await.unwrap();
    let object = server.wrapped(&id, by(WrappingMethod::ENCRYPT, &public_id, "")).await.unwrap();
    assert_eq!(data(&object).encryption_key_information, key(&public_id));
    // The key information names the public key, which leads to the private one; or the private key itself.
    for named in [&public_id, &private_id] {
        let mut object = object.clone();
        let block = object.key_block_mut().unwrap();
        block.key_wrapping_data.as_mut().unwrap().encryption_key_information = key(named);
        let back = server.unwrapped(object).await.unwrap();
        assert_eq!(bytes(&server.get(&back).await.unwrap()), [0xAB; 16]);
    }
    let refused = server.wrapped(&id, by(WrappingMethod::ENCRYPT, &private_id, "")).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_OBJECT_TYPE);
    let mut alone = toy(uses);
    alone.put::<kinds::ActivationDate>(DateTime(START));
    let alone = server.register(public(KeyFormatType::X_509, [9; 16]), alone).await.unwrap();
    let object = server.wrapped(&id, by(WrappingMethod::ENCRYPT, &alone, "")).await.unwrap();
    assert_eq!(server.not_unwrapped(object).await, ResultReason::WRAPPING_OBJECT_NOT_FOUND);
}

#[tokio::test]
async fn a_signature_is_verified_with_either_key_of_the_pair() {
    let server = Server::new();
    let uses = CryptographicUsageMask::SIGN | CryptographicUsageMask::VERIFY;
    let (signer, verifier) = server.linked_pair(uses).await;
    let id = server.register(raw(&[0xAB; 16]), Attributes::new()).await.unwrap();
    let object = server.wrapped(&id, by(WrappingMethod::MAC_SIGN, "", &signer)).await.unwrap();
    for named in [&signer, &verifier] {
        let mut object = object.clone();
        let block = object.key_block_mut().unwrap();
        block.key_wrapping_data.as_mut().unwrap().mac_signature_key_information = key(named);
        assert!(server.unwrapped(object).await.is_ok());
    }
    let refused = server.wrapped(&id, by(WrappingMethod::MAC_SIGN, "", &verifier)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_OBJECT_TYPE);
}

/// Section 4.41: the date ends protection, and verifying processes what is protected.
#[tokio::test]
async fn what_a_key_signed_before_its_protect_stop_date_is_unwrapped_after_it() {
    let server = Server::new();
    let mut attributes = toy(CryptographicUsageMask::SIGN);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    attributes.put::<kinds::ProtectStopDate>(DateTime(START + 10));
    let signer = server.register(private(KeyFormatType::PKCS_8, [9; 16]), attributes).await.unwrap();
    let id = server.register(raw(&[0xAB; 16]), Attributes::new()).await.unwrap();
    let object = server.wrapped(&id, by(WrappingMethod::MAC_SIGN, "", &signer)).await.unwrap();
    server.clock.advance(10);
    server.unwrapped(object).await.unwrap();
    let refused = server.wrapped(&id, by(WrappingMethod::MAC_SIGN, "", &signer)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
}

#[tokio::test]
async fn whatever_has_a_key_block_is_wrapped_and_comes_back() {
    let server = Server::new();
    let kek = server.active().await;
    for (object_type, id) in server.one_of_each().await {
        for encoding_option in [None, Some(EncodingOption::NO_ENCODING)] {
            let specification =
                KeyWrappingSpecification { encoding_option, ..by(WrappingMethod::ENCRYPT, &kek, "") };
            // Key wrap without padding takes whole blocks of 8 bytes, so the mode is one that takes anything.
            let wrapped = server.wrapped(&id, specification).await;
            if [ObjectType::OPAQUE_OBJECT, ObjectType::CERTIFICATE].contains(&object_type) {
                assert_eq!(wrapped.unwrap_err().reason(), ResultReason::INVALID_OBJECT_TYPE);
                continue;
            }
            let back = server.unwrapped(wrapped.unwrap()).await.unwrap();
            assert_eq!(server.get(&back).await.unwrap(), server.get(&id).await.unwrap(), "{object_type:?}");
        }
    }
}

#[tokio::test]
async fn a_private_key_that_is_stored_wrapped_signs_as_if_it_were_not() {
    let server = Server::new();
    let (kek, mac_key) = (server.active().await, server.mac_key().await);
    let mut attributes = toy(CryptographicUsageMask::SIGN);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    let plain = private(KeyFormatType::PKCS_8, [7; 16]);
    let id = server.register(plain.clone(), attributes.clone()).await.unwrap();
    let expected = server.sign(sign(&id, b"data")).await.unwrap().signature_data;
    for method in METHODS {
        let object = server.wrapped(&id, by(method, &kek, &mac_key)).await.unwrap();
        let stored = server.register(object.clone(), attributes.clone()).await.unwrap();
        assert_eq!(server.get(&stored).await.unwrap(), object, "{method:?}");
        let signed = server.sign(sign(&stored, b"data")).await.unwrap().signature_data;
        assert_eq!(signed, expected, "{method:?}");
        let request = GetRequest {
            unique_identifier: Some(stored.as_str().into()),
            key_wrap_type: Some(KeyWrapType::NOT_WRAPPED),
            ..plainly()
        };
        assert_eq!(server.get_as(request).await.unwrap(), plain, "{method:?}");
    }
}

#[tokio::test]
async fn a_key_that_is_stored_wrapped_is_wrapped_again_and_comes_back_through_both() {
    let server = Server::new();
    let (kek, mac_key) = (server.active().await, server.mac_key().await);
    let (other_kek, other_mac_key) = (server.active().await, server.mac_key().await);
    let mut attributes = toy(CryptographicUsageMask::SIGN);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    let plain = private(KeyFormatType::PKCS_8, [7; 16]);
    let id = server.register(plain.clone(), attributes.clone()).await.unwrap();
    let expected = server.sign(sign(&id, b"data")).await.unwrap().signature_data;
    for inner in METHODS {
        let once = server.wrapped(&id, by(inner, &kek, &mac_key)).await.unwrap();
        let stored = server.register(once.clone(), attributes.clone()).await.unwrap();
        for outer in METHODS {
            let twice = server.wrapped(&stored, by(outer, &other_kek, &other_mac_key)).await.unwrap();
            assert_eq!(data(&twice).wrapping_method, outer);
            assert_ne!(bytes(&twice), bytes(&once), "{inner:?} {outer:?}");
            let back = server.unwrapped(twice.clone()).await.unwrap();
            assert_eq!(server.get(&back).await.unwrap(), plain, "{inner:?} {outer:?}");
            let kept = server.register(twice.clone(), attributes.clone()).await.unwrap();
            let signed = server.sign(sign(&kept, b"data")).await.unwrap().signature_data;
            assert_eq!(signed, expected, "{inner:?} {outer:?}");
        }
        let bare = KeyWrappingSpecification {
            encoding_option: Some(EncodingOption::NO_ENCODING),
            ..by(WrappingMethod::ENCRYPT, &other_kek, "")
        };
        let refused = server.wrapped(&stored, bare).await.unwrap_err();
        assert_eq!(refused.reason(), ResultReason::ENCODING_OPTION_ERROR);
    }
}

#[tokio::test]
async fn a_key_comes_back_through_four_wrappings_and_not_through_five() {
    let server = Server::new();
    let kek = server.active().await;
    let mut id = server.register(raw(&[0xAB; 16]), Attributes::new()).await.unwrap();
    for wrappings in 1..=5 {
        let object = server.wrapped(&id, by(WrappingMethod::ENCRYPT, &kek, "")).await.unwrap();
        id = server.taken_in(object.clone(), KeyWrapType::AS_REGISTERED).await.unwrap();
        match server.unwrapped(object).await {
            Ok(back) => {
                assert!(wrappings <= 4);
                assert_eq!(bytes(&server.get(&back).await.unwrap()), [0xAB; 16]);
            }
            Err(error) => {
                assert_eq!((wrappings, error.reason()), (5, ResultReason::FEATURE_NOT_SUPPORTED));
            }
        }
    }
}

#[tokio::test]
async fn a_stored_key_whose_mac_is_wrong_is_not_used() {
    let server = Server::new();
    let mac_key = server.mac_key().await;
    let mut attributes = toy(CryptographicUsageMask::SIGN);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    let id = server.register(private(KeyFormatType::PKCS_8, [7; 16]), attributes.clone()).await.unwrap();
    let mut object = server.wrapped(&id, by(WrappingMethod::MAC_SIGN, "", &mac_key)).await.unwrap();
    let block = object.key_block_mut().unwrap();
    block.key_wrapping_data.as_mut().unwrap().mac_signature = Some(vec![0; 32].into());
    let stored = server.taken_in(object, KeyWrapType::AS_REGISTERED).await.unwrap();
    let refused = server.sign(sign(&stored, b"data")).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE);
}

#[tokio::test]
async fn a_transparent_key_is_wrapped_as_its_raw_form_and_comes_back_transparent() {
    let server = Server::new();
    let kek = server.active().await;
    let mut request = crate::key_pairs::pair();
    let common = request.common_attributes.as_mut().unwrap();
    common.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::EC);
    common.put::<kinds::CryptographicDomainParameters>(CryptographicDomainParameters {
        qlength: None,
        recommended_curve: Some(RecommendedCurve::P_256),
    });
    let of_private = request.private_key_attributes.as_mut().unwrap();
    of_private.put::<kinds::KeyFormatType>(KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY);
    let (id, _) = server.create_pair(request).await.unwrap();
    let specification = KeyWrappingSpecification {
        encoding_option: Some(EncodingOption::NO_ENCODING),
        ..by(WrappingMethod::ENCRYPT, &kek, "")
    };
    let object = server.wrapped(&id, specification).await.unwrap();
    let block = object.key_block().unwrap();
    assert_eq!(block.key_format_type, KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY);
    let back = server.unwrapped(object).await.unwrap();
    assert_eq!(server.get(&back).await.unwrap(), server.get(&id).await.unwrap());
}

#[tokio::test]
async fn what_a_certificate_wrapped_its_private_key_unwraps() {
    let server = Server::new();
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let der = key.private_key_to_pkcs8().unwrap();
    let party = Party::issued(key, "anyone", None, &[], 365);
    let certificate_id = server.register(certificate(&party.der()), active(0x10)).await.unwrap();
    let id = server.register(raw(&[0xAB; 16]), Attributes::new()).await.unwrap();
    let object = server.wrapped(&id, by(WrappingMethod::ENCRYPT, &certificate_id, "")).await.unwrap();
    // Nothing leads to the private key yet.
    assert_eq!(server.not_unwrapped(object.clone()).await, ResultReason::WRAPPING_OBJECT_NOT_FOUND);
    let mut private = raw(&der);
    let block = private.key_block().unwrap().clone();
    let (cryptographic_algorithm, cryptographic_length) = (None, None);
    let key_format_type = KeyFormatType::PKCS_8;
    let key_block = KeyBlock { cryptographic_algorithm, cryptographic_length, key_format_type, ..block };
    private = ManagedObject::PrivateKey(Key { key_block });
    let mut attributes = active(0x20);
    attributes.push::<kinds::Link>(Link {
        link_type: LinkType::CERTIFICATE_LINK,
        linked_object_identifier: certificate_id.as_str().into(),
    });
    server.register(private, attributes).await.unwrap();
    let back = server.unwrapped(object).await.unwrap();
    assert_eq!(bytes(&server.get(&back).await.unwrap()), [0xAB; 16]);
}
