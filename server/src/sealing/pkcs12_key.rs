//! A server key that is the private key of a certificate, in a PKCS#12 file.
//!
//! PKCS#12 has bags for secrets, but what is in one is nobody's standard, and few tools write them. What every tool writes
//! is a certificate with its private key. With an RSA key a data key is kept by OAEP with SHA-256 (RFC 8017 section 7.1);
//! with an elliptic curve by a Diffie-Hellman agreement with a new key each time (NIST SP 800-56A section 6.2.2.2), whose
//! result goes through the one-step derivation with SHA-256 (NIST SP 800-56C section 4.1).

use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use claviger_engine::sealing::{DATA_KEY, ServerKey};
use claviger_kmip::ByteString;
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::error::{Error, Result};
use openssl::bn::BigNumContext;
use openssl::derive::Deriver;
use openssl::ec::{EcKey, EcPoint, PointConversionForm};
use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::pkey::{HasPublic, Id, PKey, Private, Public};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use zeroize::Zeroizing;

use super::key_encryption_key::{KeyEncryptionKey, altered, parts};
use super::private_file::{self, problem};
use crate::failure::Failure;
use crate::identity::{last_reason, open_pkcs12};

/// The least bits of an RSA key, and of the field of a curve.
const LEAST_RSA: u32 = 2048;
const LEAST_EC: u32 = 256;

/// A private key that keeps data keys.
pub(super) struct Pkcs12Key {
    name: String,
    key: PKey<Private>,
}

/// How a key keeps data keys.
enum Kind {
    Rsa,
    EllipticCurve,
}

impl Pkcs12Key {
    /// Reads the private key of a file.
    ///
    /// # Errors
    /// The file cannot be read, is open to others, does not open by the password, or has no RSA or EC key that is long
    /// enough.
    pub(super) fn read(file: &Path, flag: &str, password: &str, of: &str) -> Result<Self, Failure> {
        let bytes = private_file::read(file, flag)?;
        let parsed = open_pkcs12(&bytes, password).map_err(|error| {
            problem(file, flag, format!("no PKCS#12 file that --{of} opens: {}", last_reason(&error)))
        })?;
        let key = parsed.pkey.ok_or_else(|| problem(file, flag, "it has no private key"))?;
        let unusable =
            || problem(file, flag, "it takes an RSA key of 2048 bits or an EC key of 256, or longer ones");
        let name = match kind(&key) {
            Some(Kind::Rsa) => "rsa",
            Some(Kind::EllipticCurve) => "ec",
            None => return Err(unusable()),
        };
        let public = key.public_key_to_der().map_err(|_| unusable())?;
        let digest = digest(&SHA256, &public);
        let start: String = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { name: format!("{name}:{start}"), key })
    }

    fn wrap(&self, data_key: &[u8; DATA_KEY], context: &[u8]) -> Result<ByteString> {
        let failed = |error: ErrorStack| Error::server("the server key cannot be used").because(error);
        let (key, kept) = match kind(&self.key) {
            Some(Kind::EllipticCurve) => agreed_anew(&self.key).map_err(failed)?,
            _ => {
                let key = KeyEncryptionKey::random();
                let kept = encrypted(&self.key, key.bytes()).map_err(failed)?;
                (key, kept)
            }
        };
        key.wrap(&kept, data_key, context)
    }

    fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<ByteString> {
        let (kept, sealed) = parts(wrapped)?;
        let key = match kind(&self.key) {
            Some(Kind::EllipticCurve) => agreed_again(&self.key, kept),
            _ => decrypted(&self.key, kept),
        };
        key.map_err(|error| altered().because(error))?.open(sealed, context)
    }
}

impl ServerKey for Pkcs12Key {
    fn name(&self) -> &str {
        &self.name
    }

    fn wrap_key<'a>(
        &'a self,
        data_key: &'a [u8; DATA_KEY],
        context: &'a [u8],
    ) -> BoxFuture<'a, Result<ByteString>> {
        Box::pin(async { self.wrap(data_key, context) })
    }

    fn unwrap_key<'a>(&'a self, wrapped: &'a [u8], context: &'a [u8]) -> BoxFuture<'a, Result<ByteString>> {
        Box::pin(async { self.unwrap(wrapped, context) })
    }
}

/// How the key keeps data keys; nothing if it cannot, or is too short.
fn kind(key: &PKey<Private>) -> Option<Kind> {
    match key.id() {
        Id::RSA if key.bits() >= LEAST_RSA => Some(Kind::Rsa),
        Id::EC if key.bits() >= LEAST_EC => Some(Kind::EllipticCurve),
        _ => None,
    }
}

fn encrypted(key: &PKey<Private>, plain: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let mut cipher = PkeyCtx::new(key)?;
    cipher.encrypt_init()?;
    pad(&mut cipher)?;
    let mut encrypted = Vec::new();
    cipher.encrypt_to_vec(plain, &mut encrypted)?;
    Ok(encrypted)
}

fn decrypted(key: &PKey<Private>, encrypted: &[u8]) -> Result<KeyEncryptionKey, ErrorStack> {
    let mut cipher = PkeyCtx::new(key)?;
    cipher.decrypt_init()?;
    pad(&mut cipher)?;
    let mut plain = Zeroizing::new(Vec::new());
    cipher.decrypt_to_vec(encrypted, &mut plain)?;
    KeyEncryptionKey::of(&plain).ok_or_else(ErrorStack::get)
}

fn pad<T: HasPublic>(cipher: &mut PkeyCtx<T>) -> Result<(), ErrorStack> {
    cipher.set_rsa_padding(Padding::PKCS1_OAEP)?;
    cipher.set_rsa_oaep_md(Md::sha256())?;
    cipher.set_rsa_mgf1_md(Md::sha256())
}

/// A key that is agreed on with a new key of the curve, and that new key's public point.
fn agreed_anew(key: &PKey<Private>) -> Result<(KeyEncryptionKey, Vec<u8>), ErrorStack> {
    let key = key.ec_key()?;
    let ephemeral = EcKey::generate(key.group())?;
    let public = PKey::from_ec_key(EcKey::from_public_key(key.group(), key.public_key())?)?;
    let point = encoded(&ephemeral)?;
    let own = encoded(&key)?;
    Ok((agreed(&PKey::from_ec_key(ephemeral)?, &public, &point, &own)?, point))
}

/// The same key, from the public point.
fn agreed_again(key: &PKey<Private>, point: &[u8]) -> Result<KeyEncryptionKey, ErrorStack> {
    let own = key.ec_key()?;
    let group = own.group();
    let ephemeral = EcPoint::from_bytes(group, point, &mut *BigNumContext::new()?)?;
    let ephemeral = EcKey::from_public_key(group, &ephemeral)?;
    ephemeral.check_key()?;
    agreed(key, &PKey::from_ec_key(ephemeral)?, point, &encoded(&own)?)
}

fn agreed(
    own: &PKey<Private>,
    other: &PKey<Public>,
    ephemeral: &[u8],
    certified: &[u8],
) -> Result<KeyEncryptionKey, ErrorStack> {
    let mut deriver = Deriver::new(own)?;
    deriver.set_peer(other)?;
    let shared = Zeroizing::new(deriver.derive_to_vec()?);
    let info = [b"claviger server key".as_slice(), ephemeral, certified].concat();
    let input = Zeroizing::new([&1_u32.to_be_bytes(), shared.as_slice(), &info].concat());
    let derived = Zeroizing::new(openssl::sha::sha256(&input));
    KeyEncryptionKey::of(derived.as_slice()).ok_or_else(ErrorStack::get)
}

/// The public point, uncompressed (SEC 1 section 2.3.3).
fn encoded(key: &EcKey<Private>) -> Result<Vec<u8>, ErrorStack> {
    let form = PointConversionForm::UNCOMPRESSED;
    key.public_key().to_bytes(key.group(), form, &mut *BigNumContext::new()?)
}

#[cfg(test)]
mod tests {
    use openssl::nid::Nid;
    use openssl::rsa::Rsa;

    use super::*;

    fn of(key: PKey<Private>) -> Pkcs12Key {
        assert!(kind(&key).is_some());
        Pkcs12Key { name: "test".to_owned(), key }
    }

    fn rsa() -> Pkcs12Key {
        of(PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap())
    }

    fn ec(curve: Nid) -> Pkcs12Key {
        let group = openssl::ec::EcGroup::from_curve_name(curve).unwrap();
        of(PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap())
    }

    #[test]
    fn a_data_key_comes_back_under_its_key_and_context_alone() {
        for make in [rsa as fn() -> _, || ec(Nid::X9_62_PRIME256V1), || ec(Nid::SECP521R1)] {
            let (key, another) = (make(), make());
            let wrapped = key.wrap(&[9; 32], b"context").unwrap();
            assert_eq!(&*key.unwrap(&wrapped, b"context").unwrap(), [9; 32]);
            assert!(key.unwrap(&wrapped, b"another").is_err());
            assert!(another.unwrap(&wrapped, b"context").is_err());
            for place in 0..wrapped.len() {
                let mut altered = wrapped.to_vec();
                altered[place] ^= 1;
                assert!(key.unwrap(&altered, b"context").is_err(), "{place}");
                assert!(key.unwrap(&wrapped[..place], b"context").is_err(), "{place}");
            }
        }
    }

    /// The command line of OpenSSL decrypts what keeps the key.
    #[test]
    fn what_an_rsa_key_keeps_is_oaep_with_sha_256() {
        let folder = tempfile::tempdir().unwrap();
        let key = rsa();
        let wrapped = key.wrap(&[9; 32], b"context").unwrap();
        let (kept, sealed) = parts(&wrapped).unwrap();
        let (pem, input) = (folder.path().join("key.pem"), folder.path().join("kept"));
        std::fs::write(&pem, key.key.private_key_to_pem_pkcs8().unwrap()).unwrap();
        std::fs::write(&input, kept).unwrap();
        let output = std::process::Command::new("openssl")
            .args([
                "pkeyutl",
                "-decrypt",
                "-pkeyopt",
                "rsa_padding_mode:oaep",
                "-pkeyopt",
                "rsa_oaep_md:sha256",
            ])
            .args(["-pkeyopt", "rsa_mgf1_md:sha256", "-inkey"])
            .arg(&pem)
            .arg("-in")
            .arg(&input)
            .output()
            .unwrap();
        let opened = KeyEncryptionKey::of(&output.stdout).unwrap().open(sealed, b"context").unwrap();
        assert_eq!(&*opened, [9; 32]);
    }

    #[test]
    fn keys_that_are_too_short_or_of_another_kind_are_none() {
        let group = openssl::ec::EcGroup::from_curve_name(Nid::SECP224R1).unwrap();
        for key in [
            PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap(),
            PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap(),
            PKey::generate_ed25519().unwrap(),
        ] {
            assert!(kind(&key).is_none());
        }
    }
}
