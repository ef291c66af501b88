use claviger_plugin_sdk::kmip::Value;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    KeyFormatType, MaskGenerator, ObjectType, ResultReason,
};
use claviger_plugin_sdk::scheme::SignInput;
use claviger_plugin_sdk::scheme_conformance;
use claviger_plugin_sdk::testkit::SeededRandom;
use claviger_plugin_sdk::testkit::scheme::SignSubject;
use openssl::hash::hash;
use openssl::sha::{sha256, sha512};
use openssl::sign::{Signer, Verifier};

use super::super::known_answers::{SIGNATURES_PKCS1, SIGNATURES_PSS, SignatureAnswer};
use super::super::trial_keys::{Trial, facts, hashes, next_pair, padded};
use super::*;

const NONE: &CryptographicParameters = &CryptographicParameters::NONE;

fn prepare(object_type: ObjectType, material: &Material) -> Arc<dyn SignKey> {
    RsaSignatures.prepare(&facts(object_type), material).unwrap()
}

fn pair(trial: &Trial) -> [Arc<dyn SignKey>; 2] {
    [prepare(ObjectType::PRIVATE_KEY, &trial.private), prepare(ObjectType::PUBLIC_KEY, &trial.public)]
}

fn sign(key: &Arc<dyn SignKey>, data: &[u8], parameters: &CryptographicParameters) -> Result<ByteString> {
    key.sign(SignInput::Data(data), parameters, &mut SeededRandom::new(1))
}

fn published(answer: &SignatureAnswer) -> ([Arc<dyn SignKey>; 2], Vec<u8>, Vec<u8>) {
    let keys = pair(&Trial::published(answer.p, answer.q, answer.e));
    (keys, hex::decode(answer.message).unwrap(), hex::decode(answer.signature).unwrap())
}

fn with_salt(salt: i32, parameters: CryptographicParameters) -> CryptographicParameters {
    CryptographicParameters { salt_length: Some(salt), ..parameters }
}

fn subject(padding: PaddingMethod, hash: HashingAlgorithm, digest: fn(&[u8]) -> Vec<u8>) -> SignSubject {
    SignSubject {
        entry: SIGNATURES,
        pair: next_pair,
        parameters: padded(padding, hash, None),
        digest: Some(digest),
        in_parts: true,
        repeats: padding == PaddingMethod::PKCS1_V1_5,
    }
}

scheme_conformance!(sign pkcs1: subject(
    PaddingMethod::PKCS1_V1_5,
    HashingAlgorithm::SHA_512,
    |data| sha512(data).to_vec(),
));
scheme_conformance!(sign pss: subject(
    PaddingMethod::PSS,
    HashingAlgorithm::SHA_256,
    |data| sha256(data).to_vec(),
));
scheme_conformance!(sign pss_with_a_hash_of_openssl: subject(
    PaddingMethod::PSS,
    HashingAlgorithm::SHA3_256,
    |data| hash(MessageDigest::sha3_256(), data).unwrap().to_vec(),
));

#[test]
fn signatures_of_pkcs1_are_those_of_nist() {
    for answer in SIGNATURES_PKCS1 {
        let ([private, public], message, signature) = published(answer);
        let parameters = padded(PaddingMethod::PKCS1_V1_5, answer.hash, None);
        for key in [&private, &public] {
            let verified = key.verify(SignInput::Data(&message), &signature, &parameters).unwrap();
            assert_eq!(verified, answer.valid);
        }
        if answer.valid {
            assert_eq!(*sign(&private, &message, &parameters).unwrap(), *signature);
        }
    }
}

#[test]
fn signatures_of_pss_are_judged_as_nist_does() {
    for answer in SIGNATURES_PSS {
        let ([private, public], message, signature) = published(answer);
        let any = padded(PaddingMethod::PSS, answer.hash, None);
        let exact = with_salt(answer.salt, any.clone());
        for key in [&private, &public] {
            let verify = |parameters: &CryptographicParameters| {
                key.verify(SignInput::Data(&message), &signature, parameters).unwrap()
            };
            assert_eq!((verify(&any), verify(&exact)), (answer.valid, answer.valid));
            assert!(!verify(&with_salt(answer.salt + 1, any.clone())), "another length of the salt");
            let mask = Some(HashingAlgorithm::SHA3_256);
            assert!(!verify(&padded(PaddingMethod::PSS, answer.hash, mask)), "another mask");
        }
    }
}

/// OASIS test case CS-AC-M-2 of KMIP 2.1, whose signature has the longest salt.
#[test]
fn the_signature_of_the_oasis_test_case_is_valid() {
    let public = prepare(
        ObjectType::PUBLIC_KEY,
        &Material::new(KeyFormatType::PKCS_1, Value::ByteString(hex::decode(OASIS_KEY).unwrap().into())),
    );
    let parameters = padded(PaddingMethod::PSS, HashingAlgorithm::SHA_256, None);
    let verify = |data: &str, parameters: &CryptographicParameters| {
        let data = hex::decode(data).unwrap();
        public.verify(SignInput::Data(&data), &hex::decode(OASIS_SIGNATURE).unwrap(), parameters).unwrap()
    };
    assert!(verify("01020304050607080910111213141516", &parameters));
    assert!(verify("01020304050607080910111213141516", &with_salt(222, parameters.clone())));
    assert!(!verify("ff020304050607080910111213141516", &parameters));
}

/// AWS-LC signs the usual ones, OpenSSL all others; OpenSSL judges and makes them all.
#[test]
fn openssl_verifies_and_signs_the_same_with_every_hash_padding_and_salt() {
    for bits in [1024, 2048] {
        let trial = Trial::new(bits);
        let [private, public] = pair(&trial);
        let data = b"some data to sign";
        for (named, digest) in hashes() {
            let pkcs1 = padded(PaddingMethod::PKCS1_V1_5, named, None);
            let theirs = Signer::new(digest, &trial.openssl).unwrap().sign_oneshot_to_vec(data).unwrap();
            assert_eq!(*sign(&private, data, &pkcs1).unwrap(), *theirs, "{bits} {named:?}");

            let longest = bits as usize / 8 - digest.size() - 2;
            for (mask, mask_digest) in [(named, digest), (HashingAlgorithm::SHA_1, MessageDigest::sha1())] {
                for salt in [None, Some(0), Some(7), Some(digest.size()), Some(longest)] {
                    if salt.is_none_or(|salt| salt > longest) && digest.size() > longest {
                        continue;
                    }
                    let parameters = CryptographicParameters {
                        salt_length: salt.map(|salt| salt as i32),
                        ..padded(PaddingMethod::PSS, named, Some(mask))
                    };
                    let length = || RsaPssSaltlen::custom(salt.unwrap_or(digest.size()) as i32);
                    let ours = sign(&private, data, &parameters).unwrap();
                    let mut verifier = Verifier::new(digest, &trial.openssl).unwrap();
                    verifier.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
                    verifier.set_rsa_mgf1_md(mask_digest).unwrap();
                    verifier.set_rsa_pss_saltlen(length()).unwrap();
                    assert!(
                        verifier.verify_oneshot(&ours, data).unwrap(),
                        "{bits} {named:?} {mask:?} {salt:?}"
                    );
                    let mut signer = Signer::new(digest, &trial.openssl).unwrap();
                    signer.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
                    signer.set_rsa_mgf1_md(mask_digest).unwrap();
                    signer.set_rsa_pss_saltlen(length()).unwrap();
                    let theirs = signer.sign_oneshot_to_vec(data).unwrap();
                    assert!(public.verify(SignInput::Data(data), &theirs, &parameters).unwrap());
                }
            }
        }
    }
}

#[test]
fn aws_lc_verifies_what_the_parameters_of_jose_ask_for() {
    let trial = Trial::new(2048);
    let [private, _] = pair(&trial);
    let rsa = trial.openssl.rsa().unwrap().public_key_to_der_pkcs1().unwrap();
    let cases: [(PaddingMethod, HashingAlgorithm, &'static dyn signature::VerificationAlgorithm); 4] = [
        (PaddingMethod::PKCS1_V1_5, HashingAlgorithm::SHA_256, &signature::RSA_PKCS1_2048_8192_SHA256),
        (PaddingMethod::PKCS1_V1_5, HashingAlgorithm::SHA_512, &signature::RSA_PKCS1_2048_8192_SHA512),
        (PaddingMethod::PSS, HashingAlgorithm::SHA_256, &signature::RSA_PSS_2048_8192_SHA256),
        (PaddingMethod::PSS, HashingAlgorithm::SHA_384, &signature::RSA_PSS_2048_8192_SHA384),
    ];
    for (padding, hash, theirs) in cases {
        let made = sign(&private, b"data", &padded(padding, hash, None)).unwrap();
        signature::UnparsedPublicKey::new(theirs, &rsa).verify(b"data", &made).unwrap();
    }
}

#[test]
fn where_nothing_is_named_it_is_pss_with_sha_256_and_a_salt_as_long() {
    let trial = Trial::new(2048);
    let [private, public] = pair(&trial);
    let made = sign(&private, b"data", NONE).unwrap();
    let parameters = with_salt(32, padded(PaddingMethod::PSS, HashingAlgorithm::SHA_256, None));
    assert!(public.verify(SignInput::Data(b"data"), &made, &parameters).unwrap());
}

#[test]
fn a_digital_signature_algorithm_tells_padding_and_hash() {
    let trial = Trial::new(1024);
    let [private, public] = pair(&trial);
    let named = |algorithm, hash, padding| CryptographicParameters {
        digital_signature_algorithm: Some(algorithm),
        hashing_algorithm: hash,
        padding_method: padding,
        ..CryptographicParameters::NONE
    };
    for (algorithm, hash) in PKCS1 {
        let made = sign(&private, b"data", &named(*algorithm, None, None)).unwrap();
        let parameters = padded(PaddingMethod::PKCS1_V1_5, *hash, None);
        assert!(public.verify(SignInput::Data(b"data"), &made, &parameters).unwrap(), "{algorithm:?}");
    }
    let pss = DigitalSignatureAlgorithm::RSASSA_PSS;
    let made = sign(&private, b"data", &named(pss, Some(HashingAlgorithm::SHA_384), None)).unwrap();
    let parameters = padded(PaddingMethod::PSS, HashingAlgorithm::SHA_384, None);
    assert!(public.verify(SignInput::Data(b"data"), &made, &parameters).unwrap());

    let sha256 = DigitalSignatureAlgorithm::SHA_256_WITH_RSA_ENCRYPTION;
    for contradiction in [
        named(pss, None, Some(PaddingMethod::PKCS1_V1_5)),
        named(sha256, Some(HashingAlgorithm::SHA_384), None),
        named(DigitalSignatureAlgorithm::ECDSA_WITH_SHA256, None, None),
        named(sha256, None, Some(PaddingMethod::OAEP)),
        padded(PaddingMethod::NONE, HashingAlgorithm::SHA_256, None),
        padded(PaddingMethod::PSS, HashingAlgorithm::MD5, None),
    ] {
        let error = sign(&private, b"data", &contradiction).expect_err("the parameters are refused");
        assert_eq!(error.reason(), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
        let error = public.verify(SignInput::Data(b"data"), &made, &contradiction).unwrap_err();
        assert_eq!(error.reason(), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
    }
}

#[test]
fn what_pss_does_not_have_is_refused() {
    let trial = Trial::new(1024);
    let [private, _] = pair(&trial);
    let pss = padded(PaddingMethod::PSS, HashingAlgorithm::SHA_256, None);
    let refused = |parameters: &CryptographicParameters| {
        sign(&private, b"data", parameters).expect_err("the parameters are refused").reason()
    };
    for salt in [i32::MIN, -1, 95, 1000, i32::MAX] {
        assert_eq!(refused(&with_salt(salt, pss.clone())), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
    }
    assert!(sign(&private, b"data", &with_salt(94, pss.clone())).is_ok());
    let trailer = CryptographicParameters { trailer_field: Some(2), ..pss.clone() };
    assert_eq!(refused(&trailer), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
    assert!(
        sign(&private, b"data", &CryptographicParameters { trailer_field: Some(1), ..pss.clone() }).is_ok()
    );
    let mask = CryptographicParameters { mask_generator: Some(MaskGenerator(7)), ..pss };
    assert_eq!(refused(&mask), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
    let too_long = padded(PaddingMethod::PSS, HashingAlgorithm::SHA_512, None);
    assert_eq!(refused(&too_long), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
}

/// Blocks that a lax reader takes for the padding of RFC 8017 section 9.2, signed without any padding.
#[test]
fn blocks_that_are_padded_in_another_way_are_not_valid() {
    let trial = Trial::new(2048);
    let [_, public] = pair(&trial);
    let digest = hash(MessageDigest::sha256(), b"data").unwrap();
    let prefix = hex::decode("3031300d060960864801650304020105000420").unwrap();
    let without_null = hex::decode("302f300b0609608648016503040201").unwrap();
    let without_null = [&without_null[..], &[4, 32], &digest].concat();
    let info = [&prefix[..], &digest].concat();
    let other_info = [&hex::decode("3031300d060960864801650304020305000440").unwrap()[..], &digest].concat();
    let padded_with = |start: &[u8], filler: u8, end: &[u8]| {
        let mut block = start.to_vec();
        block.resize(256 - 1 - end.len(), filler);
        [&block[..], &[0], end].concat()
    };
    let garbage = [&info[..], &[0xAA; 100]].concat();
    let verify = |block: &[u8]| {
        let mut signature = vec![0; 256];
        trial.openssl.rsa().unwrap().private_encrypt(block, &mut signature, Padding::NONE).unwrap();
        let parameters = padded(PaddingMethod::PKCS1_V1_5, HashingAlgorithm::SHA_256, None);
        public.verify(SignInput::Data(b"data"), &signature, &parameters).unwrap()
    };
    assert!(verify(&padded_with(&[0, 1], 0xFF, &info)));
    for block in [
        padded_with(&[0, 1], 0xFF, &garbage),
        padded_with(&[0, 1], 0xFF, &without_null),
        padded_with(&[0, 1], 0xFF, &other_info),
        padded_with(&[0, 1], 0xFF, &digest),
        padded_with(&[0, 1], 0xFE, &info),
        padded_with(&[0, 1, 0xFE], 0xFF, &info),
        padded_with(&[0, 2], 0xFF, &info),
        padded_with(&[0, 0], 0xFF, &info),
        padded_with(&[0, 1], 0, &info),
    ] {
        assert!(!verify(&block), "{}", hex::encode(&block));
    }
}

#[test]
fn signatures_of_any_other_shape_are_not_valid() {
    let trial = Trial::new(2048);
    let [private, public] = pair(&trial);
    for padding in [PaddingMethod::PSS, PaddingMethod::PKCS1_V1_5] {
        let parameters = padded(padding, HashingAlgorithm::SHA_256, None);
        let made = sign(&private, b"data", &parameters).unwrap();
        let modulus = trial.openssl.rsa().unwrap().n().to_vec();
        let shapes: [&[u8]; 7] = [
            &[],
            &made[1..],
            &[&made[..], &[0]].concat(),
            &[&[0], &made[..]].concat(),
            &[0; 256],
            &[0xFF; 256],
            &modulus,
        ];
        for signature in shapes {
            assert!(!public.verify(SignInput::Data(b"data"), signature, &parameters).unwrap());
        }
    }
}

#[test]
fn keys_that_take_longer_than_a_millisecond_are_heavy() {
    let cost = |bits| pair(&Trial::new(bits)).map(|key| key.cost());
    assert_eq!(cost(2048), [Cost::Light, Cost::Light]);
    assert_eq!(cost(3072), [Cost::Heavy, Cost::Light]);
}

const OASIS_KEY: &str = "3082010a0282010100ab7f161c0042496ccd6c6d4dadb919973435357776003acf54b7af1e440afb80b64a8755f8002cfeba6b184540a2d66086d74648346d75b8d71812b205387c0f6583bc4d7dc7ec114f3b176b7957c422e7d03fc6267fa2a6f89b9bee9e60a1d7c2d833e5a5f4bb0b1434f4e795a41100f8aa214900df8b65089f98135b1c67b701675abdbc7d5721aac9d14a7f081fcec80b64e8a0ecc8295353c795328abf70e1b42e7bb8b7f4e8ac8c810cdb66e3d21126eba8da7d0ca34142cb76f91f013da809e9c1b7ae64c54130fbc21d80e9c2cb06c5c8d7cce8946a9ac99b1c2815c3612a29a82d73a1f99374fe30e54951662a6eda29c6fc411335d5dc7426b0f6050203010001";

const OASIS_SIGNATURE: &str = "2925ebf8c6c9d0585c36a44491dd28f8ffd1098d2275a505a0eba7af452e9496472fd5c4a515d1c0db16c7c59ef76863b571cbf498fb8178ffeb75667e6e51b9b9bbf09d55bba54b42acb947aa5a81dc62751727d7cad4616c0c0bf1dd666f8266f24262c5fa9cbbdc424ef5f5e345e633d111e66eb4afc4001bb02e158b2d5d4573c614655f21a688bee0e9dbde6a58324c08f42ae69697e0c51803f9de6b3df242d2915d9b1a8110ad28143ab7855ef92ede48971b484172de3b0b8957f493a74b3372ee2200f2233607735f90d0b180968ab20d74841fd3dba4fb1f225ea5c6c87f99c2a238db72a536e68be202a092cd032337d451477e568f9a48b638cb";
