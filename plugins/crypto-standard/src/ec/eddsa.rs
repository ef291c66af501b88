//! EdDSA (RFC 8032), pure: Ed25519 on AWS-LC, Ed448 on OpenSSL. It needs all data at once, and no hash before it.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, ParsedPublicKey};
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::scheme::{Cost, SignInput, SignKey, SignStream};
use claviger_plugin_sdk::{Error, Result};
use openssl::error::ErrorStack;
use openssl::pkey::{Id, PKey, Private, Public};
use openssl::sign::{Signer, Verifier};

use super::key::Key;
use crate::parameters::{all_at_once, bad_parameters};

/// A key for Ed25519.
pub(super) struct Ed25519Key {
    signer: Option<Ed25519KeyPair>,
    verifier: ParsedPublicKey,
}

impl Ed25519Key {
    /// Takes a key on the curve.
    ///
    /// # Errors
    /// Cryptographic Failure: the library refuses it.
    pub(super) fn new(key: &Key) -> Result<Self> {
        let refused = |error: aws_lc_rs::error::KeyRejected| {
            Error::cryptographic("the key is none for Ed25519").because(error)
        };
        let point = key.public().bytes();
        let signer = match key {
            Key::Private(key) => {
                Some(Ed25519KeyPair::from_seed_and_public_key(key.secret(), point).map_err(refused)?)
            }
            Key::Public(_) => None,
        };
        Ok(Self { signer, verifier: ParsedPublicKey::new(&ED25519, point).map_err(refused)? })
    }
}

impl SignKey for Ed25519Key {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn sign(
        &self,
        input: SignInput<'_>,
        parameters: &CryptographicParameters,
        _: &mut dyn RandomSource,
    ) -> Result<ByteString> {
        let data = data(input, parameters)?;
        let signer = self.signer.as_ref().ok_or_else(no_private_key)?;
        let signature = signer.try_sign(data);
        signature
            .map(|signature| signature.as_ref().into())
            .map_err(|error| Error::cryptographic("the signature failed").because(error))
    }

    fn verify(
        &self,
        input: SignInput<'_>,
        signature: &[u8],
        parameters: &CryptographicParameters,
    ) -> Result<bool> {
        Ok(self.verifier.verify_sig(data(input, parameters)?, signature).is_ok())
    }

    fn in_parts(&self, _: &CryptographicParameters) -> Result<Box<dyn SignStream>> {
        Err(all_at_once("Ed25519"))
    }
}

/// A key for Ed448.
pub(super) struct Ed448Key {
    signer: Option<PKey<Private>>,
    verifier: PKey<Public>,
}

impl Ed448Key {
    /// Takes a key on the curve.
    ///
    /// # Errors
    /// Cryptographic Failure: the library refuses it.
    pub(super) fn new(key: &Key, id: Id) -> Result<Self> {
        let refused = |error: ErrorStack| Error::cryptographic("the key is none for Ed448").because(error);
        let signer = match key {
            Key::Private(key) => Some(PKey::private_key_from_raw_bytes(key.secret(), id).map_err(refused)?),
            Key::Public(_) => None,
        };
        Ok(Self {
            signer,
            verifier: PKey::public_key_from_raw_bytes(key.public().bytes(), id).map_err(refused)?,
        })
    }
}

impl SignKey for Ed448Key {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn sign(
        &self,
        input: SignInput<'_>,
        parameters: &CryptographicParameters,
        _: &mut dyn RandomSource,
    ) -> Result<ByteString> {
        let data = data(input, parameters)?;
        let signer = self.signer.as_ref().ok_or_else(no_private_key)?;
        let signature =
            Signer::new_without_digest(signer).and_then(|mut signer| signer.sign_oneshot_to_vec(data));
        signature
            .map(ByteString::from)
            .map_err(|error| Error::cryptographic("the signature failed").because(error))
    }

    fn verify(
        &self,
        input: SignInput<'_>,
        signature: &[u8],
        parameters: &CryptographicParameters,
    ) -> Result<bool> {
        let data = data(input, parameters)?;
        let valid = Verifier::new_without_digest(&self.verifier)
            .and_then(|mut verifier| verifier.verify_oneshot(signature, data));
        Ok(valid.unwrap_or(false))
    }

    fn in_parts(&self, _: &CryptographicParameters) -> Result<Box<dyn SignStream>> {
        Err(all_at_once("Ed448"))
    }
}

/// The data to sign.
///
/// # Errors
/// Bad Cryptographic Parameters: it was hashed before, or is to be.
fn data<'a>(input: SignInput<'a>, parameters: &CryptographicParameters) -> Result<&'a [u8]> {
    if let Some(hash) = parameters.hashing_algorithm {
        return Err(bad_parameters(format!(
            "EdDSA signs the data itself; leave Hashing Algorithm ({hash:?}) out"
        )));
    }
    if let Some(other) = parameters.digital_signature_algorithm {
        return Err(bad_parameters(format!("an EdDSA key makes no signatures {other:?}")));
    }
    match input {
        SignInput::Data(data) => Ok(data),
        SignInput::Digest(_) => {
            Err(bad_parameters("EdDSA signs the data itself; give Data in place of Digested Data".to_owned()))
        }
    }
}

fn no_private_key() -> Error {
    Error::cryptographic("this is a public key; sign with the private one of the pair")
}
