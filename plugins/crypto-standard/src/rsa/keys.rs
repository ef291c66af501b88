//! Encodings of RSA keys.

use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::key_material::{TransparentRsaPrivateKey, TransparentRsaPublicKey};
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, KeyFormatType};
use claviger_plugin_sdk::kmip::{Tag, Value};
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{Cost, Encoding, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use der::asn1::AnyRef;
use openssl::bn::BigNumRef;
use openssl::error::ErrorStack;
use openssl::pkey::{Private, Public};
use openssl::rsa::Rsa;
use pkcs8::spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use super::components::{belong_together, complete};
use crate::encoding::{
    AsFormats, EncodedKey, Half, Inspected, KeyFamily, RSA, big_integer, not_a_key, number,
};

pub(super) const FORMATS: SchemeEntry = SchemeEntry {
    name: "RSA key formats",
    algorithms: &[CryptographicAlgorithm::RSA],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Formats(&AsFormats(RsaKeys)),
};
register_scheme!(FORMATS);

/// Shorter moduli can be factored in an afternoon.
const SHORTEST: i32 = 512;

/// Longer ones serve nobody and let one request take the server's time.
pub(super) const LONGEST: i32 = 8192;

/// The keys of RSA.
pub(crate) struct RsaKeys;

impl KeyFamily for RsaKeys {
    fn name(&self) -> &'static str {
        "RSA"
    }

    /// A private key that leaves its primes out is factored.
    fn cost(&self, material: &Material) -> Cost {
        match (material.format(), material.value()) {
            (KeyFormatType::TRANSPARENT_RSA_PRIVATE_KEY, Value::Structure(_)) => Cost::Heavy,
            _ => Cost::Light,
        }
    }

    fn inspect(&self, _: &KeyFacts<'_>, key: &EncodedKey) -> Result<Option<Inspected>> {
        if key.oid() != RSA {
            return Ok(None);
        }
        let length = match key.half() {
            Half::Private => {
                let rsa = private(key)?;
                let length = check_public(rsa.n(), rsa.e())?;
                if !belong_together(&rsa).unwrap_or(false) {
                    return Err(not_a_key("the numbers of this RSA private key do not belong together"));
                }
                length
            }
            Half::Public => {
                let rsa = public(key)?;
                check_public(rsa.n(), rsa.e())?
            }
        };
        Ok(Some(Inspected { algorithm: CryptographicAlgorithm::RSA, length, domain: None }))
    }

    /// Raw is what PKCS #8 and SubjectPublicKeyInfo hold, which is PKCS #1.
    fn formats(&self, _: &KeyFacts<'_>, half: Half) -> &'static [KeyFormatType] {
        match half {
            Half::Private => &[
                KeyFormatType::PKCS_1,
                KeyFormatType::PKCS_8,
                KeyFormatType::TRANSPARENT_RSA_PRIVATE_KEY,
                KeyFormatType::RAW,
            ],
            Half::Public => &[
                KeyFormatType::PKCS_1,
                KeyFormatType::X_509,
                KeyFormatType::TRANSPARENT_RSA_PUBLIC_KEY,
                KeyFormatType::RAW,
            ],
        }
    }

    fn read(&self, facts: &KeyFacts<'_>, material: &Material) -> Result<Option<EncodedKey>> {
        match (material.format(), material.value()) {
            (KeyFormatType::RAW, Value::ByteString(_))
                if facts.algorithm == Some(CryptographicAlgorithm::RSA) =>
            {
                let material = Material::new(KeyFormatType::PKCS_1, material.value().clone());
                Ok(EncodedKey::read(facts.object_type, &material))
            }
            (KeyFormatType::TRANSPARENT_RSA_PRIVATE_KEY, Value::Structure(_)) => {
                let key = TransparentRsaPrivateKey::from_value(Tag::KEY_MATERIAL, material.value().clone())?;
                encode_private(&complete(&key)?).map(Some)
            }
            (KeyFormatType::TRANSPARENT_RSA_PUBLIC_KEY, Value::Structure(_)) => {
                let key = TransparentRsaPublicKey::from_value(Tag::KEY_MATERIAL, material.value().clone())?;
                let unusable = |error: ErrorStack| not_a_key("this is no RSA public key").because(error);
                let (modulus, exponent) = (number(&key.modulus)?, number(&key.public_exponent)?);
                let rsa = modulus
                    .into_inner()
                    .and_then(|modulus| Rsa::from_public_components(modulus, exponent.into_inner()?));
                encode_public(&rsa.map_err(unusable)?).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn write(&self, _: &KeyFacts<'_>, key: &EncodedKey, to: Encoding) -> Result<Option<Value>> {
        if to.compression.is_some() {
            return Ok(None);
        }
        Ok(match to.format {
            KeyFormatType::RAW => Some(Value::ByteString(key.content().into())),
            KeyFormatType::TRANSPARENT_RSA_PRIVATE_KEY => Some(transparent(&private(key)?).into_value()),
            KeyFormatType::TRANSPARENT_RSA_PUBLIC_KEY => {
                let rsa = public(key)?;
                let key = TransparentRsaPublicKey {
                    modulus: big_integer(rsa.n()),
                    public_exponent: big_integer(rsa.e()),
                };
                Some(key.into_value())
            }
            _ => None,
        })
    }

    fn public_key(&self, private_key: &EncodedKey) -> Result<EncodedKey> {
        let rsa = private(private_key)?;
        let parts = || Rsa::from_public_components(rsa.n().to_owned()?, rsa.e().to_owned()?);
        encode_public(&parts().map_err(|error| Error::server("an RSA key cannot be copied").because(error))?)
    }
}

/// PKCS #8 with the key.
pub(super) fn encode_private(rsa: &Rsa<Private>) -> Result<EncodedKey> {
    let der =
        rsa.private_key_to_der().map_err(|error| not_a_key("this is no RSA private key").because(error))?;
    EncodedKey::private(ALGORITHM, &Zeroizing::new(der))
}

fn encode_public(rsa: &Rsa<Public>) -> Result<EncodedKey> {
    let der = rsa
        .public_key_to_der_pkcs1()
        .map_err(|error| not_a_key("this is no RSA public key").because(error))?;
    EncodedKey::public(ALGORITHM, &der)
}

const ALGORITHM: AlgorithmIdentifierRef<'static> =
    AlgorithmIdentifierRef { oid: RSA, parameters: Some(AnyRef::NULL) };

fn private(key: &EncodedKey) -> Result<Rsa<Private>> {
    Rsa::private_key_from_der(key.content())
        .map_err(|error| not_a_key("this is no RSAPrivateKey of PKCS #1").because(error))
}

fn public(key: &EncodedKey) -> Result<Rsa<Public>> {
    Rsa::public_key_from_der_pkcs1(key.content())
        .map_err(|error| not_a_key("this is no RSAPublicKey of PKCS #1").because(error))
}

/// The length of the modulus in bits.
fn check_public(modulus: &BigNumRef, exponent: &BigNumRef) -> Result<i32> {
    let length = modulus.num_bits();
    if !(SHORTEST..=LONGEST).contains(&length) || !modulus.is_odd() || modulus.is_negative() {
        return Err(not_a_key("the modulus of an RSA key is odd and has 512 to 8192 bits"));
    }
    if !exponent.is_odd() || exponent.is_negative() || exponent.num_bits() < 2 || exponent >= modulus {
        return Err(not_a_key("the public exponent of an RSA key is odd, 3 or more, and below the modulus"));
    }
    Ok(length)
}

pub(super) fn transparent(rsa: &Rsa<Private>) -> TransparentRsaPrivateKey {
    TransparentRsaPrivateKey {
        modulus: big_integer(rsa.n()),
        private_exponent: Some(big_integer(rsa.d())),
        public_exponent: Some(big_integer(rsa.e())),
        p: rsa.p().map(big_integer),
        q: rsa.q().map(big_integer),
        prime_exponent_p: rsa.dmp1().map(big_integer),
        prime_exponent_q: rsa.dmq1().map(big_integer),
        crt_coefficient: rsa.iqmp().map(big_integer),
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::BigInteger;
    use claviger_plugin_sdk::kmip::attributes::Attributes;
    use claviger_plugin_sdk::kmip::tables::enumerations::{KeyCompressionType, ObjectType, ResultReason};
    use claviger_plugin_sdk::scheme::{Formats, KeyDescription};
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::scheme::FormatsSubject;
    use openssl::asn1::Asn1Time;
    use openssl::hash::MessageDigest;
    use openssl::pkey::PKey;
    use openssl::x509::X509;

    use super::super::trial_keys::{Trial, next_pair};
    use super::*;

    scheme_conformance!(formats suite: FormatsSubject { entry: FORMATS, pair: next_pair, strangers });

    fn strangers() -> Vec<(ObjectType, Material)> {
        let ec = PKey::ec_gen("prime256v1").unwrap();
        vec![
            (ObjectType::PRIVATE_KEY, bytes(KeyFormatType::PKCS_8, &ec.private_key_to_pkcs8().unwrap())),
            (ObjectType::PRIVATE_KEY, bytes(KeyFormatType::RAW, &[7; 128])),
            (ObjectType::PRIVATE_KEY, bytes(KeyFormatType::OPAQUE, &[1; 32])),
            (ObjectType::PUBLIC_KEY, bytes(KeyFormatType::X_509, &ec.public_key_to_der().unwrap())),
            (ObjectType::PUBLIC_KEY, bytes(KeyFormatType::PKCS_1, &[])),
        ]
    }

    static NONE: Attributes = Attributes::new();

    fn facts(object_type: ObjectType) -> KeyFacts<'static> {
        let algorithm = Some(CryptographicAlgorithm::RSA);
        KeyFacts { object_type, algorithm, length: None, format: None, attributes: &NONE }
    }

    fn bytes(format: KeyFormatType, bytes: &[u8]) -> Material {
        Material::new(format, Value::ByteString(bytes.into()))
    }

    fn recognised(object_type: ObjectType, material: &Material) -> Option<KeyDescription> {
        AsFormats(RsaKeys).recognise(&facts(object_type), material).unwrap()
    }

    fn description(object_type: ObjectType, length: i32) -> Option<KeyDescription> {
        Some(KeyDescription { object_type, algorithm: CryptographicAlgorithm::RSA, length, domain: None })
    }

    #[test]
    fn openssl_and_this_crate_write_the_same_bytes_in_every_format() {
        let rsa = Trial::new(1024).openssl.rsa().unwrap();
        let pkey = PKey::from_rsa(rsa.clone()).unwrap();
        let private = [
            (KeyFormatType::PKCS_1, rsa.private_key_to_der().unwrap()),
            (KeyFormatType::PKCS_8, pkey.private_key_to_pkcs8().unwrap()),
            (KeyFormatType::RAW, rsa.private_key_to_der().unwrap()),
        ];
        let public = [
            (KeyFormatType::PKCS_1, rsa.public_key_to_der_pkcs1().unwrap()),
            (KeyFormatType::X_509, rsa.public_key_to_der().unwrap()),
            (KeyFormatType::RAW, rsa.public_key_to_der_pkcs1().unwrap()),
        ];
        for (object_type, encodings) in [(ObjectType::PRIVATE_KEY, private), (ObjectType::PUBLIC_KEY, public)]
        {
            let facts = facts(object_type);
            let transparent = match object_type {
                ObjectType::PRIVATE_KEY => KeyFormatType::TRANSPARENT_RSA_PRIVATE_KEY,
                _ => KeyFormatType::TRANSPARENT_RSA_PUBLIC_KEY,
            };
            for (from, der) in &encodings {
                let from = bytes(*from, der);
                assert_eq!(recognised(object_type, &from), description(object_type, 1024));
                let value = AsFormats(RsaKeys).convert(&facts, &from, transparent.into()).unwrap();
                let through = Material::new(transparent, value);
                assert_eq!(recognised(object_type, &through), description(object_type, 1024));
                for (to, der) in &encodings {
                    for from in [&from, &through] {
                        let value = AsFormats(RsaKeys).convert(&facts, from, (*to).into()).unwrap();
                        assert_eq!(value, Value::ByteString(der.as_slice().into()));
                    }
                }
            }
        }
    }

    #[test]
    fn pem_is_read_where_der_is_expected() {
        let rsa = Trial::new(1024).openssl.rsa().unwrap();
        let pkey = PKey::from_rsa(rsa.clone()).unwrap();
        let private = description(ObjectType::PRIVATE_KEY, 1024);
        let public = description(ObjectType::PUBLIC_KEY, 1024);
        let cases = [
            (KeyFormatType::PKCS_1, rsa.private_key_to_pem().unwrap(), &private),
            (KeyFormatType::PKCS_8, pkey.private_key_to_pem_pkcs8().unwrap(), &private),
            (KeyFormatType::PKCS_1, rsa.public_key_to_pem_pkcs1().unwrap(), &public),
            (KeyFormatType::X_509, rsa.public_key_to_pem().unwrap(), &public),
        ];
        for (format, pem, expected) in cases {
            let object_type = expected.as_ref().unwrap().object_type;
            assert_eq!(&recognised(object_type, &bytes(format, &pem)), expected);
        }
    }

    #[test]
    fn a_certificate_stands_for_its_public_key() {
        let rsa = Trial::new(2048).openssl.rsa().unwrap();
        let pkey = PKey::from_rsa(rsa.clone()).unwrap();
        let mut certificate = X509::builder().unwrap();
        certificate.set_version(2).unwrap();
        certificate.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
        certificate.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
        certificate.set_pubkey(&pkey).unwrap();
        certificate.sign(&pkey, MessageDigest::sha256()).unwrap();
        let certificate = bytes(KeyFormatType::X_509, &certificate.build().to_der().unwrap());
        for object_type in [ObjectType::CERTIFICATE, ObjectType::PUBLIC_KEY] {
            assert_eq!(recognised(object_type, &certificate), description(ObjectType::PUBLIC_KEY, 2048));
        }
        let facts = facts(ObjectType::CERTIFICATE);
        let spki = AsFormats(RsaKeys).convert(&facts, &certificate, KeyFormatType::X_509.into()).unwrap();
        assert_eq!(spki, Value::ByteString(rsa.public_key_to_der().unwrap().into()));
    }

    #[test]
    fn clients_of_the_rest_family_send_bytes_under_transparent_formats() {
        let rsa = Trial::new(1024).openssl.rsa().unwrap();
        let pkey = PKey::from_rsa(rsa.clone()).unwrap();
        let private = KeyFormatType::TRANSPARENT_RSA_PRIVATE_KEY;
        for der in [pkey.private_key_to_pkcs8().unwrap(), rsa.private_key_to_der().unwrap()] {
            let expected = description(ObjectType::PRIVATE_KEY, 1024);
            assert_eq!(recognised(ObjectType::PRIVATE_KEY, &bytes(private, &der)), expected);
        }
        let public = KeyFormatType::TRANSPARENT_RSA_PUBLIC_KEY;
        for der in [rsa.public_key_to_der().unwrap(), rsa.public_key_to_der_pkcs1().unwrap()] {
            let expected = description(ObjectType::PUBLIC_KEY, 1024);
            assert_eq!(recognised(ObjectType::PUBLIC_KEY, &bytes(public, &der)), expected);
        }
    }

    #[test]
    fn a_private_key_under_the_type_of_a_public_one_is_called_what_it_is() {
        let pkey = Trial::new(1024).openssl;
        let pkcs8 = bytes(KeyFormatType::PKCS_8, &pkey.private_key_to_pkcs8().unwrap());
        assert_eq!(recognised(ObjectType::PUBLIC_KEY, &pkcs8), description(ObjectType::PRIVATE_KEY, 1024));
        let spki = bytes(KeyFormatType::X_509, &pkey.public_key_to_der().unwrap());
        assert_eq!(recognised(ObjectType::PRIVATE_KEY, &spki), description(ObjectType::PUBLIC_KEY, 1024));
    }

    #[test]
    fn a_key_under_a_passphrase_is_what_the_client_says_and_stays_as_it_is() {
        let pkey = Trial::new(1024).openssl;
        let cipher = openssl::symm::Cipher::aes_256_cbc();
        let der = pkey.private_key_to_pkcs8_passphrase(cipher, b"secret").unwrap();
        let pem = pkey.private_key_to_pem_pkcs8_passphrase(cipher, b"secret").unwrap();
        for encrypted in [der, pem] {
            let material = bytes(KeyFormatType::PKCS_8, &encrypted);
            let facts = KeyFacts { length: Some(1024), ..facts(ObjectType::PRIVATE_KEY) };
            let recognise = |facts: &KeyFacts<'_>| AsFormats(RsaKeys).recognise(facts, &material);
            assert_eq!(recognise(&facts).unwrap(), description(ObjectType::PRIVATE_KEY, 1024));
            assert_eq!(recognise(&KeyFacts { algorithm: None, ..facts }).unwrap(), None);
            let error = recognise(&KeyFacts { length: None, ..facts }).unwrap_err();
            assert_eq!(error.reason(), ResultReason::INVALID_FIELD);
            let error =
                AsFormats(RsaKeys).convert(&facts, &material, KeyFormatType::PKCS_1.into()).unwrap_err();
            assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE);
            assert!(error.message().contains("passphrase"));
        }
    }

    #[test]
    fn keys_of_no_use_are_refused() {
        let public = |modulus: &[u8], exponent: &[u8]| {
            let key = TransparentRsaPublicKey {
                modulus: BigInteger::from_unsigned_be(modulus),
                public_exponent: BigInteger::from_unsigned_be(exponent),
            };
            let material = Material::new(KeyFormatType::TRANSPARENT_RSA_PUBLIC_KEY, key.into_value());
            AsFormats(RsaKeys).recognise(&facts(ObjectType::PUBLIC_KEY), &material)
        };
        assert!(public(&[0xFF; 128], &[3]).is_ok());
        let even = [&[0xFF; 127][..], &[0xFE]].concat();
        for (modulus, exponent) in [
            (&[0xFF; 63][..], &[3][..]),
            (&[0xFF; 1025], &[3]),
            (&even, &[3]),
            (&[0xFF; 128], &[1]),
            (&[0xFF; 128], &[4]),
            (&[0xFF; 128], &[]),
            (&[], &[3]),
            (&[0xFF; 128], &[0xFF; 128]),
        ] {
            let error = public(modulus, exponent).expect_err("the key is refused");
            assert_eq!(error.reason(), ResultReason::INVALID_FIELD);
        }
    }

    #[test]
    fn a_private_key_whose_numbers_do_not_belong_together_is_refused() {
        let [one, other] = [(); 2].map(|()| Trial::new(1024).openssl.rsa().unwrap());
        let mixed = Rsa::from_private_components(
            one.n().to_owned().unwrap(),
            one.e().to_owned().unwrap(),
            one.d().to_owned().unwrap(),
            one.p().unwrap().to_owned().unwrap(),
            one.q().unwrap().to_owned().unwrap(),
            other.dmp1().unwrap().to_owned().unwrap(),
            one.dmq1().unwrap().to_owned().unwrap(),
            one.iqmp().unwrap().to_owned().unwrap(),
        );
        let material = bytes(KeyFormatType::PKCS_1, &mixed.unwrap().private_key_to_der().unwrap());
        let error = AsFormats(RsaKeys).recognise(&facts(ObjectType::PRIVATE_KEY), &material).unwrap_err();
        assert_eq!(error.reason(), ResultReason::INVALID_FIELD);
    }

    #[test]
    fn formats_that_rsa_keys_do_not_have_are_refused() {
        let rsa = Trial::new(1024).openssl.rsa().unwrap();
        let private = bytes(KeyFormatType::PKCS_1, &rsa.private_key_to_der().unwrap());
        let convert = |to| {
            let error = AsFormats(RsaKeys).convert(&facts(ObjectType::PRIVATE_KEY), &private, to);
            error.expect_err("there is no such format").reason()
        };
        for format in [KeyFormatType::X_509, KeyFormatType::EC_PRIVATE_KEY, KeyFormatType::PKCS_12] {
            assert_eq!(convert(format.into()), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
        }
        let compression = Some(KeyCompressionType::EC_PUBLIC_KEY_TYPE_UNCOMPRESSED);
        assert_eq!(
            convert(Encoding { format: KeyFormatType::PKCS_8, compression }),
            ResultReason::KEY_COMPRESSION_TYPE_NOT_SUPPORTED
        );
    }
}
