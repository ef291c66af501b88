//! The operations that use keys and certificates, or make others from them.

use claviger_kmip::attributes::{Attributes, Link, kinds};
use claviger_kmip::objects::{CryptographicParameters, Key, ManagedObject, SecretData};
use claviger_kmip::payloads::encapsulation::*;
use claviger_kmip::payloads::*;
use claviger_kmip::tables::enumerations::{
    CertificateType, CryptographicAlgorithm, DerivationMethod, HashingAlgorithm, KeyFormatType, LinkType,
    ObjectType, OperationCode as Op, ResultReason, SecretDataType, SplitKeyMethod, ValidityIndicator,
};
use claviger_kmip::tables::masks::CryptographicUsageMask;
use claviger_kmip::{ByteString, Tag, Value};

use super::objects::{DESTROYED, PairFor, Stage, TOO_EARLY, attributes, get, get_as, raw};
use super::scene::{Scene, User, payload, read};
use super::{About, Row, about};

const PLAIN: &[u8] = b"sixteen bytes or more of plain text";
/// RFC 4231 section 4.2: key, data and HMAC-SHA-256.
const MAC_KEY: [u8; 20] = [0x0B; 20];
const MAC_DATA: &[u8] = b"Hi There";
const MAC: [u8; 32] = [
    0xB0, 0x34, 0x4C, 0x61, 0xD8, 0xDB, 0x38, 0x53, 0x5C, 0xA8, 0xAF, 0xCE, 0xAF, 0x0B, 0xF1, 0x2B, 0x88,
    0x1D, 0xC2, 0x00, 0xC9, 0x83, 0x3D, 0xA7, 0x26, 0xE9, 0x37, 0x6C, 0x2E, 0x32, 0xCF, 0xF7,
];

/// The rows.
pub(super) fn rows() -> Vec<Row> {
    let parts =
        [ciphers(), signatures(), macs(), derivations(), replacements(), certificates(), parts_of_keys()];
    parts.into_iter().flatten().collect()
}

fn ciphers() -> Vec<Row> {
    vec![
        about(
            Op::ENCRYPT,
            About::on(
                &[ObjectType::SYMMETRIC_KEY, ObjectType::PUBLIC_KEY, ObjectType::CERTIFICATE],
                |_, _, id| encrypt(id, Some(PLAIN)),
            )
            .made_by(Scene::encrypting)
            .check(|scene, _, id, answer| {
                let made: EncryptResponse = read(answer);
                scene.expect(made.data.as_deref() != Some(PLAIN), "not encrypted");
                let key = scene.partners.get(id).cloned().unwrap_or_else(|| id.to_owned());
                let answer = scene.works(Op::DECRYPT, decrypt(&key, made));
                let plain = answer.map(read::<DecryptResponse>).and_then(|answer| answer.data);
                scene.expect(plain.as_deref() == Some(PLAIN), "not decrypted");
            })
            .refused_in(&[TOO_EARLY, DESTROYED])
            .wrong(|_, _, id| encrypt(id, None), ResultReason::MISSING_DATA),
        ),
        about(
            Op::DECRYPT,
            About::on(&[ObjectType::SYMMETRIC_KEY, ObjectType::PRIVATE_KEY], |scene, object_type, id| {
                let protecting = match object_type {
                    ObjectType::PRIVATE_KEY => scene.partners.get(id).cloned().unwrap_or_default(),
                    _ => id.to_owned(),
                };
                // What the object cannot have made serves as well where it is refused.
                let made = scene.send(User::Alice, Op::ENCRYPT, encrypt(&protecting, Some(PLAIN)));
                decrypt(id, made.map_or_else(|_| nonsense(object_type), read))
            })
            .made_by(Scene::encrypting)
            .check(|scene, _, _, answer| {
                let answer: DecryptResponse = read(answer);
                scene.expect(answer.data.as_deref() == Some(PLAIN), "another plain text");
            })
            .refused_in(&[TOO_EARLY, DESTROYED])
            .wrong(
                |_, object_type, id| decrypt(id, nonsense(object_type)),
                ResultReason::CRYPTOGRAPHIC_FAILURE,
            ),
        ),
        about(
            ENCAPSULATE,
            About::on(&[ObjectType::PUBLIC_KEY], |_, _, id| encapsulate(id))
                .made_by(Scene::encapsulating)
                .check(|scene, _, id, answer| {
                    let made: EncapsulateResponse = read(answer);
                    let private = scene.partners[id].clone();
                    let answer = scene.works(DECAPSULATE, decapsulate(&private, made.data));
                    let Some(taken) = answer.map(read::<DecapsulateResponse>) else { return };
                    scene.expect_same_key(&made.unique_identifier, &taken.unique_identifier);
                })
                .refused_in(&[TOO_EARLY, DESTROYED]),
        ),
        about(
            DECAPSULATE,
            About::on(&[ObjectType::PRIVATE_KEY], |scene, _, id| {
                let public = scene.partners.get(id).cloned().unwrap_or_default();
                let made = scene.send(User::Alice, ENCAPSULATE, encapsulate(&public));
                let data =
                    made.map_or_else(|_| vec![7; 33].into(), |made| read::<EncapsulateResponse>(made).data);
                decapsulate(id, data)
            })
            .made_by(Scene::encapsulating)
            .refused_in(&[TOO_EARLY, DESTROYED])
            .wrong(|_, _, id| decapsulate(id, vec![7; 33].into()), ResultReason::CRYPTOGRAPHIC_FAILURE),
        ),
    ]
}

fn signatures() -> Vec<Row> {
    vec![
        about(
            Op::SIGN,
            About::on(&[ObjectType::PRIVATE_KEY], |_, _, id| sign(id, Some(PLAIN)))
                .check(|scene, _, id, answer| {
                    let made: SignResponse = read(answer);
                    let public = scene.partners[id].clone();
                    let answer = scene.works(Op::SIGNATURE_VERIFY, verify(&public, made.signature_data));
                    let told = answer.map(read::<SignatureVerifyResponse>);
                    let told = told.and_then(|told| told.validity_indicator);
                    scene.expect(told == Some(ValidityIndicator::VALID), "not verified");
                })
                .refused_in(&[TOO_EARLY, DESTROYED])
                .wrong(|_, _, id| sign(id, None), ResultReason::MISSING_DATA),
        ),
        about(
            Op::SIGNATURE_VERIFY,
            About::on(
                &[ObjectType::PUBLIC_KEY, ObjectType::PRIVATE_KEY, ObjectType::CERTIFICATE],
                |scene, object_type, id| {
                    let private = match object_type {
                        ObjectType::PRIVATE_KEY => id.to_owned(),
                        _ => scene.partners.get(id).cloned().unwrap_or_default(),
                    };
                    let made = scene.send(User::Alice, Op::SIGN, sign(&private, Some(PLAIN)));
                    let signature = made.ok().and_then(|made| read::<SignResponse>(made).signature_data);
                    verify(id, signature.or(Some(vec![7; 64].into())))
                },
            )
            .check(|scene, _, _, answer| {
                let told: SignatureVerifyResponse = read(answer);
                scene.expect(told.validity_indicator == Some(ValidityIndicator::VALID), "not valid");
            })
            .refused_in(&[TOO_EARLY, DESTROYED])
            .wrong(|_, _, id| verify(id, None), ResultReason::MISSING_DATA),
        ),
    ]
}

fn macs() -> Vec<Row> {
    const KEYS: &[ObjectType] = &[ObjectType::SYMMETRIC_KEY, ObjectType::SECRET_DATA];
    vec![
        about(
            Op::MAC,
            About::on(KEYS, |_, _, id| mac(id, Some(MAC_DATA)))
                .made_by(Scene::authenticating)
                .check(|scene, _, _, answer| {
                    let made: MacResponse = read(answer);
                    scene.expect(made.mac_data.as_deref() == Some(&MAC), "not the MAC of RFC 4231");
                })
                .refused_in(&[TOO_EARLY, DESTROYED])
                .wrong(|_, _, id| mac(id, None), ResultReason::MISSING_DATA),
        ),
        about(
            Op::MAC_VERIFY,
            About::on(KEYS, |_, _, id| mac_verify(id, Some(&MAC)))
                .made_by(Scene::authenticating)
                .check(|scene, _, id, answer| {
                    let told: MacVerifyResponse = read(answer);
                    scene.expect(told.validity_indicator == Some(ValidityIndicator::VALID), "not valid");
                    let other = scene.works(Op::MAC_VERIFY, mac_verify(id, Some(&[7; 32])));
                    let told = other.map(read::<MacVerifyResponse>).and_then(|told| told.validity_indicator);
                    scene.expect(told == Some(ValidityIndicator::INVALID), "another MAC is valid");
                })
                .refused_in(&[TOO_EARLY, DESTROYED])
                .wrong(|_, _, id| mac_verify(id, None), ResultReason::MISSING_DATA),
        ),
    ]
}

fn derivations() -> Vec<Row> {
    const BASES: &[ObjectType] = &[
        ObjectType::SYMMETRIC_KEY,
        ObjectType::SECRET_DATA,
        ObjectType::PRIVATE_KEY,
        ObjectType::PUBLIC_KEY,
    ];
    vec![about(
        Op::DERIVE_KEY,
        About::on(BASES, |scene, object_type, id| match object_type {
            // Two keys agree.
            ObjectType::PRIVATE_KEY | ObjectType::PUBLIC_KEY => {
                let other = scene.partners[id].clone();
                derive(&[id, &other], DerivationMethod::ASYMMETRIC_KEY, 128)
            }
            _ => derive(&[id], DerivationMethod::HMAC, 128),
        })
        .check(|scene, _, id, answer| {
            let made: DeriveKeyResponse = read(answer);
            let (new, base) = (made.unique_identifier, scene.attributes(id));
            let link = |link_type, to: &str| Link { link_type, linked_object_identifier: to.into() };
            let from = link(LinkType::DERIVATION_BASE_OBJECT_LINK, id);
            let has_from = scene.attributes(&new).all::<kinds::Link>().any(|link| link == from);
            let to = link(LinkType::DERIVED_KEY_LINK, &new);
            scene.expect(has_from && base.all::<kinds::Link>().any(|link| link == to), "links are missing");
        })
        .refused_in(&[TOO_EARLY, DESTROYED])
        .wrong(
            |scene, object_type, id| match object_type {
                ObjectType::PRIVATE_KEY | ObjectType::PUBLIC_KEY => {
                    let other = scene.partners[id].clone();
                    // P-256 agrees on 32 bytes.
                    derive(&[id, &other], DerivationMethod::ASYMMETRIC_KEY, 512)
                }
                // SHA-256 gives no more.
                _ => derive(&[id], DerivationMethod::HASH, 512),
            },
            ResultReason::CRYPTOGRAPHIC_FAILURE,
        ),
    )]
}

fn replacements() -> Vec<Row> {
    vec![
        about(
            Op::RE_KEY,
            About::on(&[ObjectType::SYMMETRIC_KEY], |_, _, id| re_key(id, Attributes::new()))
                .check(|scene, _, id, answer| {
                    let made: ReKeyResponse = read(answer);
                    scene.expect_replaced(id, &made.unique_identifier);
                })
                .refused_in(&[DESTROYED])
                .wrong(|_, _, id| re_key(id, of_server()), ResultReason::ATTRIBUTE_READ_ONLY),
        ),
        about(
            Op::RE_KEY_KEY_PAIR,
            About::on(&[ObjectType::PRIVATE_KEY], |_, _, id| re_key_pair(id, None))
                .check(|scene, _, id, answer| {
                    let made: ReKeyKeyPairResponse = read(answer);
                    scene.expect_replaced(id, &made.private_key_unique_identifier);
                    let public = scene.partners[id].clone();
                    scene.expect_replaced(&public, &made.public_key_unique_identifier);
                })
                .refused_in(&[DESTROYED])
                .wrong(|_, _, id| re_key_pair(id, Some(of_server())), ResultReason::ATTRIBUTE_READ_ONLY),
        ),
    ]
}

fn certificates() -> Vec<Row> {
    const CERTIFIED: &[ObjectType] = &[
        ObjectType::PUBLIC_KEY,
        ObjectType::PRIVATE_KEY,
        ObjectType::CERTIFICATE,
        ObjectType::CERTIFICATE_REQUEST,
    ];
    const NOT_ANEW: (Stage, ResultReason) = (Stage::Deactivated, ResultReason::WRONG_KEY_LIFECYCLE_STATE);
    vec![
        about(
            Op::CERTIFY,
            About::on(CERTIFIED, |scene, _, id| {
                let issuer = scene.issuer();
                certify(id, with_issuer(&issuer))
            })
            .check(|scene, _, _, answer| {
                let made: CertifyResponse = read(answer);
                scene.expect_valid(&made.unique_identifier);
            })
            .refused_in(&[NOT_ANEW, DESTROYED])
            .wrong(
                |scene, _, id| {
                    let no_authority = scene.make(ObjectType::CERTIFICATE, Stage::Active);
                    certify(id, with_issuer(&no_authority))
                },
                ResultReason::INVALID_ATTRIBUTE_VALUE,
            ),
        ),
        about(
            Op::RE_CERTIFY,
            About::on(&[ObjectType::CERTIFICATE], |_, _, id| re_certify(id, None))
                .check(|scene, _, id, answer| {
                    let made: ReCertifyResponse = read(answer);
                    scene.expect_replaced(id, &made.unique_identifier);
                    scene.expect_valid(&made.unique_identifier);
                })
                .refused_in(&[DESTROYED])
                .wrong(
                    |scene, _, id| {
                        // It is for another key.
                        let request = scene.make(ObjectType::CERTIFICATE_REQUEST, Stage::Active);
                        re_certify(id, Some(request))
                    },
                    ResultReason::INVALID_CSR,
                ),
        ),
        about(
            Op::VALIDATE,
            About::on(&[ObjectType::CERTIFICATE], |_, _, id| validate(id))
                .check(|scene, _, id, _| scene.expect_valid(id))
                .refused_in(&[DESTROYED]),
        ),
    ]
}

fn parts_of_keys() -> Vec<Row> {
    const DIVISIBLE: &[ObjectType] =
        &[ObjectType::SYMMETRIC_KEY, ObjectType::PRIVATE_KEY, ObjectType::SECRET_DATA];
    vec![
        about(
            Op::CREATE_SPLIT_KEY,
            About::on(DIVISIBLE, |_, _, id| split(id, 2))
                .check(|scene, object_type, id, answer| {
                    let made: CreateSplitKeyResponse = read(answer);
                    let parts: Vec<&str> = made.unique_identifier.iter().map(String::as_str).collect();
                    let answer = scene.works(Op::JOIN_SPLIT_KEY, join(object_type, &parts));
                    let Some(joined) = answer.map(read::<JoinSplitKeyResponse>) else { return };
                    scene.expect_same_key(id, &joined.unique_identifier);
                })
                .refused_in(&[DESTROYED])
                .wrong(|_, _, id| split(id, 0), ResultReason::INVALID_FIELD),
        ),
        about(
            Op::JOIN_SPLIT_KEY,
            About::on(&[ObjectType::SPLIT_KEY], |scene, _, id| {
                let other = scene.partners.get(id).cloned();
                let parts: Vec<&str> = std::iter::once(id).chain(other.as_deref()).collect();
                join(ObjectType::SYMMETRIC_KEY, &parts)
            })
            .check(|scene, _, _, answer| {
                let made: JoinSplitKeyResponse = read(answer);
                let length = scene.attributes(&made.unique_identifier).one::<kinds::CryptographicLength>();
                scene.expect(length == Some(128), "another key");
            })
            .refused_in(&[DESTROYED])
            .wrong(|_, _, id| join(ObjectType::SYMMETRIC_KEY, &[id]), ResultReason::CRYPTOGRAPHIC_FAILURE),
        ),
    ]
}

fn encrypt(id: &str, data: Option<&[u8]>) -> Value {
    payload(EncryptRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: None,
        data: data.map(Into::into),
        iv_counter_nonce: None,
        correlation_value: None,
        init_indicator: None,
        final_indicator: None,
        authenticated_encryption_additional_data: None,
    })
}

fn decrypt(id: &str, encrypted: EncryptResponse) -> Value {
    payload(DecryptRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: None,
        data: encrypted.data,
        iv_counter_nonce: encrypted.iv_counter_nonce,
        correlation_value: None,
        init_indicator: None,
        final_indicator: None,
        authenticated_encryption_additional_data: None,
        authenticated_encryption_tag: encrypted.authenticated_encryption_tag,
    })
}

/// What nobody encrypted.
fn nonsense(object_type: ObjectType) -> EncryptResponse {
    let is_symmetric = object_type == ObjectType::SYMMETRIC_KEY;
    EncryptResponse {
        unique_identifier: String::new(),
        data: Some(vec![7; 33].into()),
        iv_counter_nonce: is_symmetric.then(|| vec![7; 12].into()),
        correlation_value: None,
        authenticated_encryption_tag: is_symmetric.then(|| vec![7; 16].into()),
    }
}

/// Attributes of a key that comes of another one.
fn aes_256() -> Attributes {
    let mut aes = attributes(ObjectType::SYMMETRIC_KEY, Stage::Active);
    aes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::AES);
    aes.put::<kinds::CryptographicLength>(256);
    aes
}

/// Attributes that the server alone gives.
fn of_server() -> Attributes {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::AlwaysSensitive>(true);
    attributes
}

fn encapsulate(id: &str) -> Value {
    payload(EncapsulateRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: None,
        attributes: aes_256(),
        protection_storage_masks: None,
    })
}

fn decapsulate(id: &str, data: ByteString) -> Value {
    payload(DecapsulateRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: None,
        data,
        attributes: aes_256(),
        protection_storage_masks: None,
    })
}

fn sign(id: &str, data: Option<&[u8]>) -> Value {
    payload(SignRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: Some(sha_256()),
        data: data.map(Into::into),
        digested_data: None,
        correlation_value: None,
        init_indicator: None,
        final_indicator: None,
    })
}

fn verify(id: &str, signature_data: Option<ByteString>) -> Value {
    payload(SignatureVerifyRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: Some(sha_256()),
        data: Some(PLAIN.into()),
        digested_data: None,
        signature_data,
        correlation_value: None,
        init_indicator: None,
        final_indicator: None,
    })
}

fn sha_256() -> CryptographicParameters {
    CryptographicParameters {
        hashing_algorithm: Some(HashingAlgorithm::SHA_256),
        ..CryptographicParameters::NONE
    }
}

fn hmac() -> Option<CryptographicParameters> {
    Some(CryptographicParameters {
        cryptographic_algorithm: Some(CryptographicAlgorithm::HMAC_SHA256),
        ..CryptographicParameters::NONE
    })
}

fn mac(id: &str, data: Option<&[u8]>) -> Value {
    payload(MacRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: hmac(),
        data: data.map(Into::into),
        correlation_value: None,
        init_indicator: None,
        final_indicator: None,
    })
}

fn mac_verify(id: &str, mac: Option<&[u8]>) -> Value {
    payload(MacVerifyRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: hmac(),
        data: Some(MAC_DATA.into()),
        mac_data: mac.map(Into::into),
        correlation_value: None,
        init_indicator: None,
        final_indicator: None,
    })
}

fn derive(bases: &[&str], derivation_method: DerivationMethod, bits: i32) -> Value {
    let agrees = derivation_method == DerivationMethod::ASYMMETRIC_KEY;
    let mut attributes = attributes(ObjectType::SECRET_DATA, Stage::Active);
    attributes.put::<kinds::CryptographicLength>(bits);
    payload(DeriveKeyRequest {
        object_type: ObjectType::SECRET_DATA,
        unique_identifier: bases.iter().map(|id| (*id).into()).collect(),
        derivation_method,
        derivation_parameters: DerivationParameters {
            cryptographic_parameters: (!agrees).then(sha_256),
            initialization_vector: None,
            derivation_data: match derivation_method {
                DerivationMethod::HMAC => vec![PLAIN.into()],
                _ => Vec::new(),
            },
            salt: None,
            iteration_count: None,
        },
        attributes,
    })
}

fn re_key(id: &str, attributes: Attributes) -> Value {
    payload(ReKeyRequest {
        unique_identifier: Some(id.into()),
        offset: None,
        attributes: Some(attributes),
        protection_storage_masks: None,
    })
}

fn re_key_pair(id: &str, common_attributes: Option<Attributes>) -> Value {
    payload(ReKeyKeyPairRequest {
        private_key_unique_identifier: Some(id.into()),
        offset: None,
        common_attributes,
        private_key_attributes: None,
        public_key_attributes: None,
        common_protection_storage_masks: None,
        private_protection_storage_masks: None,
        public_protection_storage_masks: None,
    })
}

/// The attributes of a certificate that another one's key is to sign.
fn with_issuer(issuer: &str) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CertificateType>(CertificateType::X_509);
    attributes.add(Tag::CERTIFICATE_SUBJECT_CN, Value::TextString("a subject".into()));
    attributes.push::<kinds::Link>(Link {
        link_type: LinkType::CERTIFICATE_LINK,
        linked_object_identifier: issuer.into(),
    });
    attributes
}

fn certify(id: &str, attributes: Attributes) -> Value {
    payload(CertifyRequest {
        unique_identifier: Some(id.into()),
        certificate_request_type: None,
        certificate_request_value: None,
        attributes: Some(attributes),
        protection_storage_masks: None,
    })
}

fn re_certify(id: &str, request: Option<String>) -> Value {
    payload(ReCertifyRequest {
        unique_identifier: Some(id.into()),
        certificate_request_unique_identifier: request.map(|id| id.as_str().into()),
        certificate_request_type: None,
        certificate_request_value: None,
        offset: None,
        attributes: None,
        protection_storage_masks: None,
    })
}

fn validate(id: &str) -> Value {
    payload(ValidateRequest {
        certificate: Vec::new(),
        unique_identifier: vec![id.into()],
        validity_date: None,
    })
}

fn split(id: &str, split_key_threshold: i32) -> Value {
    payload(CreateSplitKeyRequest {
        object_type: ObjectType::SPLIT_KEY,
        unique_identifier: Some(id.into()),
        split_key_parts: 2,
        split_key_threshold,
        split_key_method: SplitKeyMethod::XOR,
        prime_field_size: None,
        attributes: Attributes::new(),
        protection_storage_masks: None,
    })
}

fn join(object_type: ObjectType, parts: &[&str]) -> Value {
    payload(JoinSplitKeyRequest {
        object_type,
        unique_identifier: parts.iter().map(|id| (*id).into()).collect(),
        secret_data_type: (object_type == ObjectType::SECRET_DATA).then_some(SecretDataType::PASSWORD),
        attributes: None,
        protection_storage_masks: None,
    })
}

impl Scene {
    /// An object that encrypts or decrypts. Pairs of RSA take their time, so those that nothing changes serve again.
    fn encrypting(&mut self, object_type: ObjectType, stage: Stage) -> String {
        if object_type == ObjectType::SYMMETRIC_KEY {
            return self.make(object_type, stage);
        }
        let kept = format!("{object_type:?} {stage:?}");
        if let Some(id) = self.kept.get(&kept) {
            return id.clone();
        }
        let id = match object_type {
            ObjectType::CERTIFICATE => self.certificate(PairFor::Encrypting, stage),
            ObjectType::PUBLIC_KEY => self.pair(PairFor::Encrypting, stage).1,
            _ => self.pair(PairFor::Encrypting, stage).0,
        };
        self.bring_to(&id, stage);
        self.kept.insert(kept, id.clone());
        id
    }

    fn encapsulating(&mut self, object_type: ObjectType, stage: Stage) -> String {
        let (private, public) = self.pair(PairFor::Encapsulating, stage);
        let id = if object_type == ObjectType::PRIVATE_KEY { private } else { public };
        self.bring_to(&id, stage);
        id
    }

    /// The key of the RFC's example.
    fn authenticating(&mut self, object_type: ObjectType, stage: Stage) -> String {
        let object = match object_type {
            ObjectType::SYMMETRIC_KEY => {
                let hmac = Some(CryptographicAlgorithm::HMAC_SHA256);
                ManagedObject::SymmetricKey(Key { key_block: raw(MAC_KEY.to_vec(), hmac) })
            }
            _ => ManagedObject::SecretData(SecretData {
                secret_data_type: SecretDataType::SEED,
                key_block: raw(MAC_KEY.to_vec(), None),
            }),
        };
        let id = self.register(object, attributes(object_type, stage));
        self.bring_to(&id, stage);
        id
    }

    /// The certificate of an authority.
    fn issuer(&mut self) -> String {
        if let Some(id) = self.kept.get("issuer") {
            return id.clone();
        }
        let certificate_sign = CryptographicUsageMask::CERTIFICATE_SIGN.0.cast_signed();
        let id = self.certificate_with(PairFor::Signing, Stage::Active, certificate_sign);
        self.kept.insert("issuer".into(), id.clone());
        id
    }

    fn expect_valid(&mut self, certificate: &str) {
        let answer = self.works(Op::VALIDATE, validate(certificate));
        let told = answer.map(|answer| read::<ValidateResponse>(answer).validity_indicator);
        self.expect(told == Some(ValidityIndicator::VALID), &format!("the certificate is {told:?}"));
    }

    fn expect_replaced(&mut self, old: &str, new: &str) {
        let link = |link_type, to: &str| Link { link_type, linked_object_identifier: to.into() };
        let to = link(LinkType::REPLACEMENT_OBJECT_LINK, new);
        let from = link(LinkType::REPLACED_OBJECT_LINK, old);
        let has_to = self.attributes(old).all::<kinds::Link>().any(|link| link == to);
        let has_from = self.attributes(new).all::<kinds::Link>().any(|link| link == from);
        self.expect(has_to && has_from, "links to replacement and replaced are missing");
    }

    fn expect_same_key(&mut self, one: &str, other: &str) {
        let material = |scene: &mut Self, id: &str| {
            // Both in one form, if there are several.
            let in_pkcs_8 = scene.send(User::Alice, Op::GET, get_as(id, Some(KeyFormatType::PKCS_8)));
            let got: GetResponse = read(in_pkcs_8.unwrap_or_else(|_| scene.good(Op::GET, get(id))));
            got.object.key_block().and_then(|block| block.key_value.clone())
        };
        let (one, other) = (material(self, one), material(self, other));
        self.expect(one.is_some() && one == other, "two different keys");
    }
}
