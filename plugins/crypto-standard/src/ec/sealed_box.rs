//! Sealed boxes of libsodium, for X25519 keys and, through the X25519 key on the same point, for Ed25519 keys.
//!
//! An ephemeral public key of 32 bytes, then XSalsa20-Poly1305 of the data. The nonce is BLAKE2b-192 of the ephemeral
//! and the recipient's public key; the key is HSalsa20 of the agreed point.

use aws_lc_rs::agreement::{self, UnparsedPublicKey, X25519};
use aws_lc_rs::error::Unspecified;
use blake2::digest::consts::U24;
use blake2::{Blake2b, Digest};
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::scheme::Cost;
use claviger_plugin_sdk::{Error, Result};
use crypto_secretbox::aead::Aead;
use crypto_secretbox::cipher::consts::U10;
use crypto_secretbox::{Key as BoxKey, KeyInit, XSalsa20Poly1305};
use zeroize::Zeroizing;

use super::curve::Curve;
use super::edwards;
use super::key::Key;
use crate::public_key_cipher::{Seal, no_private_key};

/// A key to seal to or open with.
pub(super) struct SealedBox {
    recipient: Vec<u8>,
    private: Option<agreement::PrivateKey>,
}

impl SealedBox {
    /// Takes an X25519 or Ed25519 key.
    ///
    /// # Errors
    /// Cryptographic Failure: the library refuses it.
    pub(super) fn new(key: &Key) -> Result<Self> {
        let refused = || Error::cryptographic("the key is none for a sealed box");
        let edwards = key.curve() == Curve::Ed25519;
        let recipient = match key.public().bytes() {
            point if edwards => edwards::x25519_public_key(point).ok_or_else(refused)?.to_vec(),
            point => point.to_vec(),
        };
        let private = match key {
            Key::Private(key) if edwards => Some(private_key(&edwards::x25519_private_key(key.secret()))?),
            Key::Private(key) => Some(private_key(key.secret())?),
            Key::Public(_) => None,
        };
        Ok(Self { recipient, private })
    }
}

/// The length of a public key in bytes.
const POINT: usize = 32;

impl Seal for SealedBox {
    fn name(&self) -> &'static str {
        "the sealed box"
    }

    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn takes_additional_data(&self) -> bool {
        false
    }

    fn seal(
        &self,
        plain: &[u8],
        _: &[u8],
        _: &CryptographicParameters,
        rng: &mut dyn RandomSource,
    ) -> Result<Vec<u8>> {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill(secret.as_mut());
        let ephemeral = private_key(secret.as_ref())?;
        let failed = |_| Error::cryptographic("nobody can open a sealed box for this public key");
        let point = ephemeral.compute_public_key().map_err(failed)?;
        let cipher = cipher(&ephemeral, &self.recipient).map_err(failed)?;
        let sealed = cipher
            .encrypt(&nonce(point.as_ref(), &self.recipient).into(), plain)
            .map_err(|_| Error::cryptographic("the data is too long for a sealed box"))?;
        Ok([point.as_ref(), &sealed].concat())
    }

    fn open(
        &self,
        sealed: &[u8],
        _: &[u8],
        _: &CryptographicParameters,
    ) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let private = self.private.as_ref().ok_or_else(no_private_key)?;
        let Some((point, data)) = sealed.split_at_checked(POINT) else { return Ok(None) };
        let Ok(cipher) = cipher(private, point) else { return Ok(None) };
        let plain = cipher.decrypt(&nonce(point, &self.recipient).into(), data);
        Ok(plain.ok().map(Zeroizing::new))
    }
}

fn private_key(secret: &[u8]) -> Result<agreement::PrivateKey> {
    agreement::PrivateKey::from_private_key(&X25519, secret)
        .map_err(|error| Error::cryptographic("the key is none for a sealed box").because(error))
}

/// Fails where the agreed point is zero, as it is for points of small order.
fn cipher(private: &agreement::PrivateKey, peer: &[u8]) -> Result<XSalsa20Poly1305, Unspecified> {
    agreement::agree(private, UnparsedPublicKey::new(&X25519, peer), Unspecified, |shared| {
        let mut key = salsa20::hsalsa::<U10>(BoxKey::from_slice(shared), &Default::default());
        let cipher = XSalsa20Poly1305::new(&key);
        zeroize::Zeroize::zeroize(key.as_mut_slice());
        Ok(cipher)
    })
}

fn nonce(ephemeral: &[u8], recipient: &[u8]) -> [u8; 24] {
    Blake2b::<U24>::new().chain_update(ephemeral).chain_update(recipient).finalize().into()
}
