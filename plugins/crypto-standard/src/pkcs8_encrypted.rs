//! PKCS #8 under a password (EncryptedPrivateKeyInfo, RFC 5958 section 3): a container with a private key alone.

use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::Material;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{ContainerScheme, Contents, Cost, Scheme, SchemeEntry};
use der::asn1::{AnyRef, OctetStringRef};
use der::{Decode, Encode, Sequence};
use pkcs8::spki::AlgorithmIdentifierRef;

use crate::encoding::{EncodedKey, pem};
use crate::password_encryption::{self as encryption, Effort, Password, bad_password};

/// The Key Format Type of PKCS #8 under a password: KMIP does not tell it from that without.
pub(crate) const PKCS_8_ENCRYPTED: KeyFormatType = KeyFormatType(0x8C1A_0001);

/// PKCS #8 under a password.
struct Pkcs8Encrypted;

register_scheme!(SchemeEntry {
    name: "PKCS#8 encrypted",
    algorithms: &[],
    claims: |key, _| key.format == Some(PKCS_8_ENCRYPTED),
    effective: |_, _| encryption::MODERN,
    scheme: Scheme::Container(&Pkcs8Encrypted),
});

impl ContainerScheme for Pkcs8Encrypted {
    fn cost(&self) -> Cost {
        Cost::Heavy
    }

    fn is_hidden_in(&self, material: &Material) -> bool {
        EncodedKey::is_encrypted(material)
    }

    fn seal(
        &self,
        contents: &Contents,
        password: Option<&str>,
        rng: &mut dyn RandomSource,
    ) -> Result<ByteString> {
        let password = password.ok_or_else(|| bad_password("an encrypted key needs a password"))?;
        let key = contents.private_key.as_ref().ok_or_else(|| {
            Error::unsupported("PKCS #8 holds a private key, and no certificates")
                .with_reason(ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED)
        })?;
        let (algorithm, encrypted) = encryption::seal(key, password, rng)?;
        let unencodable = |error: der::Error| Error::server("a key cannot be encoded").because(error);
        let encrypted = EncryptedKey {
            algorithm: AnyRef::from_der(&algorithm).map_err(unencodable)?,
            encrypted: OctetStringRef::new(&encrypted).map_err(unencodable)?,
        };
        encrypted.to_der().map(ByteString::from).map_err(unencodable)
    }

    fn open(&self, container: &[u8], password: Option<&str>, _: Option<&str>) -> Result<Contents> {
        let malformed = || Error::invalid("the Key Material is no PKCS #8 key under a password");
        let der = pem::der(container).ok_or_else(malformed)?;
        let parsed = EncryptedKey::from_der(&der).map_err(|error| malformed().because(error))?;
        let algorithm: AlgorithmIdentifierRef<'_> =
            parsed.algorithm.decode_as().map_err(|error| malformed().because(error))?;
        let password = password.ok_or_else(|| bad_password("the key is under a password: name it"))?;
        let mut effort = Effort::of_one_container();
        let mut key =
            encryption::open(algorithm, parsed.encrypted.as_bytes(), &Password::new(password), &mut effort)?;
        if EncodedKey::from_pkcs8(&key).is_none() {
            return Err(bad_password("the password is another one, or the key is damaged"));
        }
        let private_key = Some(std::mem::take(&mut *key).into());
        Ok(Contents { private_key, ..Contents::default() })
    }
}

#[derive(Sequence)]
struct EncryptedKey<'a> {
    algorithm: AnyRef<'a>,
    encrypted: &'a OctetStringRef,
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::testkit::SeededRandom;
    use openssl::pkey::PKey;
    use openssl::symm::Cipher;

    use super::*;
    use crate::x509::examples;

    #[test]
    fn openssl_opens_what_is_sealed_and_the_reverse() {
        let key = examples::key();
        let der = key.private_key_to_pkcs8().unwrap();
        let contents = Contents { private_key: Some(der.as_slice().into()), ..Contents::default() };
        let sealed = Pkcs8Encrypted.seal(&contents, Some("secret"), &mut SeededRandom::new(1)).unwrap();
        let theirs = PKey::private_key_from_pkcs8_passphrase(&sealed, b"secret").unwrap();
        assert!(theirs.public_eq(&key));
        for cipher in [Cipher::aes_128_cbc(), Cipher::aes_256_cbc(), Cipher::des_ede3_cbc()] {
            let sealed = key.private_key_to_pkcs8_passphrase(cipher, b"secret").unwrap();
            let opened = Pkcs8Encrypted.open(&sealed, Some("secret"), None).unwrap();
            assert_eq!(opened.private_key.unwrap()[..], der);
        }
        let pem = key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"secret").unwrap();
        assert_eq!(Pkcs8Encrypted.open(&pem, Some("secret"), None).unwrap().private_key.unwrap()[..], der);
    }

    #[test]
    fn a_wrong_password_damage_and_none_at_all_are_told_apart_from_nothing_but_one_another() {
        let key = examples::key();
        let sealed = key.private_key_to_pkcs8_passphrase(Cipher::aes_256_cbc(), b"secret").unwrap();
        for password in [None, Some(""), Some("Secret")] {
            let refused = Pkcs8Encrypted.open(&sealed, password, None).unwrap_err();
            assert_eq!(refused.reason(), ResultReason::BAD_PASSWORD, "{password:?}");
        }
        let plain = key.private_key_to_pkcs8().unwrap();
        assert!(Pkcs8Encrypted.open(&plain, Some("secret"), None).is_err());
        for length in (0..sealed.len()).step_by(7) {
            assert!(Pkcs8Encrypted.open(&sealed[..length], Some("secret"), None).is_err());
        }
    }

    #[test]
    fn certificates_have_no_place_in_it() {
        let contents = Contents { certificate: Some(examples::self_signed("a")), ..Contents::default() };
        let refused = Pkcs8Encrypted.seal(&contents, Some("secret"), &mut SeededRandom::new(1)).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
    }
}
